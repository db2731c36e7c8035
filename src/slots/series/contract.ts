import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { CURSORS, id, instantOut, localDate, localDateTime, page, pageQuery } from '../../edge/schemas.ts'
import { AGES_IN_ORDER, offerFields, offerOutFields } from '../contract.ts'

export const tag = 'Séries'
export const minutes = z.int().min(5).max(1440)

const SeriesInput = z
  .strictObject({
    practitionerId: id('practitioner'),
    siteId: id('site'),
    rrule: z.string().min(1).max(2_000).openapi({ example: 'FREQ=WEEKLY;BYDAY=MO,TH' }),
    localStart: localDateTime,
    durationMinutes: minutes,
    slotMinutes: minutes,
    ...offerFields,
    exdates: z.array(localDate).max(400).optional(),
    skipHolidays: z.boolean().optional(),
  })
  .refine((input) => input.slotMinutes <= input.durationMinutes, {
    message: 'slotMinutes dépasse durationMinutes',
    path: ['slotMinutes'],
  })
  .refine((input) => input.durationMinutes % input.slotMinutes === 0, {
    message: 'durationMinutes doit être un multiple de slotMinutes',
    path: ['slotMinutes'],
  })
  .refine(AGES_IN_ORDER.test, AGES_IN_ORDER.error)

const seriesFields = {
  id: id('series'),
  practitionerId: id('practitioner'),
  siteId: id('site'),
  rrule: z.string(),
  localStart: z.string(),
  durationMinutes: z.int(),
  slotMinutes: z.int(),
  ...offerOutFields,
  exdates: z.array(z.string()),
  skipHolidays: z.boolean(),
  endedFrom: z.string().nullable(),
  version: z.int(),
}

const Series = z.strictObject(seriesFields).openapi('Series')

const Created = z
  .strictObject({
    ...seriesFields,
    occurrences: z.strictObject({
      created: z.int(),
      skippedHolidays: z.int(),
      skippedGap: z.int(),
      skippedExdates: z.int(),
      overlapping: z.int(),
    }),
  })
  .openapi('SeriesCreated')

const Occurrence = z
  .strictObject({
    localStart: z.string(),
    start: instantOut.nullable(),
    end: instantOut.nullable(),
    slots: z.int(),
    skipped: z.enum(['holiday', 'dst_gap', 'exdate', 'overlap']).optional(),
  })
  .openapi('Occurrence', { description: 'start et end sont nuls quand l’heure n’existe pas ce jour-là.' })

export const params = z.object({ id: id('series') })
export const publishers = ['admin', 'coordinator', 'practitioner'] as const

export const createSeries = operation({
  id: 'createSeries',
  method: 'post',
  path: '/series',
  tag,
  summary: 'Publier une série de créneaux',
  description:
    'Chaque occurrence est une plage coupée en créneaux ; ils sont créés pour les huit semaines à venir.',
  roles: publishers,
  effect: 'mutate',
  body: SeriesInput,
  success: { status: 201, schema: Created },
  refusals: ['not_found', 'invalid_rrule', 'too_many_slots'],
})

export const previewSeries = operation({
  id: 'previewSeries',
  method: 'post',
  path: '/series/preview',
  tag,
  summary: 'Voir les occurrences d’une série sans rien enregistrer',
  roles: publishers,
  effect: 'read',
  body: SeriesInput,
  success: { status: 200, schema: z.strictObject({ items: z.array(Occurrence) }) },
  refusals: ['not_found', 'invalid_rrule'],
})

export const listSeries = operation({
  id: 'listSeries',
  method: 'get',
  path: '/series',
  tag,
  summary: 'Lister les séries',
  roles: publishers,
  effect: 'read',
  query: z.strictObject({ ...pageQuery(CURSORS.id('series')), practitioner: id('practitioner').optional() }),
  success: { status: 200, schema: page(Series) },
  refusals: ['not_found'],
})

export const getSeries = operation({
  id: 'getSeries',
  method: 'get',
  path: '/series/{id}',
  tag,
  summary: 'Une série',
  roles: publishers,
  effect: 'read',
  params,
  success: { status: 200, schema: Series },
  refusals: ['not_found'],
})

export const endSeries = operation({
  id: 'endSeries',
  method: 'post',
  path: '/series/{id}/end',
  tag,
  summary: 'Terminer une série à partir d’une date ; les créneaux réservés restent',
  roles: publishers,
  effect: 'mutate',
  params,
  body: z.strictObject({ from: localDate }),
  success: {
    status: 200,
    schema: z.strictObject({ ...seriesFields, removed: z.int(), keptBooked: z.array(id('slot')) }),
  },
  refusals: ['not_found', 'series_ended'],
})
