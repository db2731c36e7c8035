import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { CURSORS, id, instantOut, localDate, page, pageQuery } from '../../../edge/schemas.ts'
import { REFUSAL_REASONS } from '../vocabulary.ts'
import { REGISTER_KINDS } from './vocabulary.ts'

const tag = 'Patients sans médecin traitant'
const roles = ['admin', 'coordinator'] as const
const params = z.object({ id: id('community') })

const period = {
  from: localDate.optional().openapi({ description: 'Premier jour ; il y a un an par défaut' }),
  to: localDate.optional().openapi({ description: 'Dernier jour compris ; aujourd’hui par défaut' }),
}

const Tally = z.strictObject({
  people: z.int(),
  priority: z.int().openapi({ description: 'Dont de classe 1 ou 2' }),
  share: z.number().nullable().openapi({ description: 'De 0 à 1 ; null : personne' }),
})

const ended = Tally.openapi({
  description: 'Acceptés, puis sans suite : refus noté du patient, injoignables, repris',
})

const answers = { proposed: Tally, accepted: Tally, ended, refused: Tally, unanswered: Tally }

export const listRefusals = operation({
  id: 'listRefusals',
  method: 'get',
  path: '/communities/{id}/refusals',
  tag,
  summary: 'Le registre des refus d’une CPTS, et de ce qui prit fin après une acceptation',
  description:
    'kind : refused, avec son motif ; après acceptation, declined (le patient, noté par le médecin ou le coordinateur), unreachable (injoignable) ou withdrawn (repris).',
  roles,
  effect: 'read',
  params,
  query: z.strictObject({ ...pageQuery(CURSORS.id('proposal')), ...period }),
  success: {
    status: 200,
    schema: page(
      z.strictObject({
        proposalId: id('proposal'),
        requestId: id('mtRequest'),
        practitionerId: id('practitioner'),
        kind: z.enum(REGISTER_KINDS),
        at: instantOut,
        reason: z.enum(REFUSAL_REASONS).optional(),
        class: z.int(),
        people: z.int(),
      }),
    ),
  },
  refusals: ['not_found', 'invalid_interval'],
})

export const getPriorityShares = operation({
  id: 'getPriorityShares',
  method: 'get',
  path: '/communities/{id}/priority-shares',
  tag,
  summary: 'La part des patients prioritaires que chaque médecin reçoit et accepte',
  description:
    'De ce qui fut proposé dans la période, en personnes ; community : la CPTS entière, à quoi chacun se compare.',
  roles,
  effect: 'read',
  params,
  query: z.strictObject(period),
  success: {
    status: 200,
    schema: z.strictObject({
      byPractitioner: z.array(z.strictObject({ practitionerId: id('practitioner'), ...answers })),
      community: z.strictObject(answers),
    }),
  },
  refusals: ['not_found', 'invalid_interval'],
})
