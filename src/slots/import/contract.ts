import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { id, instantOut, localDate, text } from '../../edge/schemas.ts'
import { AGES_IN_ORDER, offerFields } from '../contract.ts'
import { IMPORT_SKIPS } from './vocabulary.ts'

/** Five mebibytes, as the request and so as the file: two months of an agenda are some hundred kilobytes. */
const BODY_LIMIT = 5 * 1024 * 1024

const Match = z
  .strictObject({
    summary: text(80).optional().openapi({ example: 'SNP' }),
    categories: z.array(text(80)).min(1).max(10).optional(),
  })
  .refine((match) => match.summary !== undefined || match.categories !== undefined, {
    message: 'summary ou categories attendu',
  })

const ImportInput = z
  .strictObject({
    practitionerId: id('practitioner'),
    siteId: id('site'),
    calendar: z.string().min(1).max(BODY_LIMIT).openapi({ description: 'Le texte du fichier .ics.' }),
    commit: z.boolean().optional().openapi({ description: 'Publier ; sinon, dire ce qui le serait.' }),
    match: Match.optional().openapi({
      description:
        'Quels événements : ceux dont le titre contient ce texte, et qui portent une de ces catégories.',
    }),
    from: localDate.optional(),
    to: localDate.optional(),
    slotMinutes: z.int().min(5).max(240).optional(),
    ...offerFields,
  })
  .refine(AGES_IN_ORDER.test, AGES_IN_ORDER.error)

const ImportItem = z.strictObject({
  index: z.int().openapi({ description: 'Rang de l’événement dans le fichier, à partir de 0.' }),
  start: instantOut.nullable(),
  end: instantOut.nullable(),
  slots: z.int(),
  skipped: z.enum(IMPORT_SKIPS).optional(),
})

const Import = z
  .strictObject({
    committed: z.boolean(),
    slots: z.int().openapi({ description: 'Créneaux publiés, ou qui le seraient.' }),
    tooManySlots: z.boolean().openapi({ description: 'Publier serait refusé : plus de 500 créneaux.' }),
    events: z.int(),
    unmatched: z.int(),
    outside: z.int(),
    truncated: z
      .boolean()
      .openapi({ description: 'Le fichier contient plus que ce qui est lu en une fois.' }),
    items: z.array(ImportItem),
  })
  .openapi('Import', {
    description: 'Des heures et des raisons, jamais un texte de l’agenda : il peut nommer des patients.',
  })

export const importSlots = operation({
  id: 'importSlots',
  method: 'post',
  path: '/slots/import',
  tag: 'Créneaux',
  summary: 'Publier des créneaux d’après un agenda iCalendar, après en avoir vu l’effet',
  description:
    'Huit semaines à partir d’aujourd’hui, ou de from. Une heure où le praticien a déjà un créneau n’en fait pas ' +
    'd’autre : importer deux fois le même fichier ne change rien.',
  roles: ['admin', 'coordinator', 'practitioner'],
  effect: 'mutate',
  body: ImportInput,
  bodyLimit: BODY_LIMIT,
  success: { status: 200, schema: Import },
  refusals: ['not_found', 'invalid_interval', 'invalid_calendar', 'too_many_slots'],
})
