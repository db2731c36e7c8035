import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, insee, lat, lon, phoneIn } from '../../../edge/schemas.ts'
import { HOUSEHOLD_MODES } from '../../vocabulary.ts'
import { email, FlagsShape, maxKm, NeedsInput, Person, POSITION_WHOLE, Request, rpps } from '../contract.ts'
import { MOST_MEMBERS, MOST_NUMBERS, REQUEST_SOURCES } from '../vocabulary.ts'

const tag = 'Patients sans médecin traitant'
const roles = ['admin', 'coordinator'] as const
const params = z.object({ id: id('mtRequest') })

export const updateRequest = operation({
  id: 'updateMtRequest',
  method: 'patch',
  path: '/mt-requests/{id}',
  tag,
  summary: 'Compléter ou corriger une demande, ou rouvrir celle d’un foyer injoignable',
  description:
    'Ce qui est absent ne change pas ; null vide. Changer de commune sans donner de position efface l’ancienne. La demande est reclassée ; son ancienneté ne change jamais. Ce qui ne change rien n’est pas une version. D’une demande close, noms et coordonnées se corrigent jusqu’à l’effacement. Les propositions sans réponse sont reprises si changent la commune, la position, les besoins, la distance, le foyer, une naissance ou l’ALD : le foyer attend de nouveau, à son rang.',
  roles,
  effect: 'mutate',
  params,
  body: z
    .strictObject({
      source: z.enum(REQUEST_SOURCES).optional(),
      commune: insee.optional(),
      lat: lat.nullable().optional(),
      lon: lon.nullable().optional(),
      contact: z.strictObject({ phone: phoneIn.optional(), email: email.nullable().optional() }).optional(),
      members: z
        .array(
          z.strictObject({
            number: z
              .int()
              .min(0)
              .max(MOST_NUMBERS - 1),
            family: Person.family.optional(),
            given: Person.given.optional(),
            birthDate: Person.birthDate.optional(),
            sex: Person.sex,
            flags: FlagsShape.optional(),
          }),
        )
        .max(MOST_MEMBERS)
        .refine(
          (members) => new Set(members.map(({ number }) => number)).size === members.length,
          'Une personne ne figure qu’une fois',
        )
        .optional(),
      needs: NeedsInput.optional(),
      household: z.enum(HOUSEHOLD_MODES).optional(),
      maxKm: maxKm.nullable().optional(),
      alreadySeenBy: rpps.nullable().optional(),
      state: z.literal('waiting').optional().openapi({ description: 'Rouvrir une demande injoignable.' }),
    })
    .refine(POSITION_WHOLE.test, POSITION_WHOLE.error),
  success: { status: 200, schema: Request },
  refusals: [
    'not_found',
    'stale_version',
    'request_closed',
    'erased',
    'invalid_transition',
    'unknown_commune',
    'invalid_rpps',
    'invalid_birth_date',
  ],
})
