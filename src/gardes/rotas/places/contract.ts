import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, queryInteger, text } from '../../../edge/schemas.ts'
import { placeOutFields } from '../contract.ts'

export const setPlace = operation({
  id: 'setShiftPlace',
  method: 'put',
  path: '/shifts/{id}/places/{place}',
  tag: 'Gardes',
  summary: 'Placer quelqu’un à la main, ou vider une place',
  description:
    'La place est verrouillée, sauf locked: false. Une règle enfreinte est refusée par rule_broken et rules, sauf override qui dit pourquoi. Une garde commencée d’un tableau publié garde son titulaire : c’est l’exécutant qui change.',
  roles: ['admin', 'coordinator'],
  effect: 'mutate',
  params: z.object({ id: id('shift'), place: queryInteger(1, 20) }),
  body: z
    .strictObject({
      practitionerId: id('practitioner').nullable(),
      locked: z.boolean().optional(),
      override: text(140).optional(),
    })
    .refine((body) => body.practitionerId !== null || body.locked !== true, {
      message: 'Une place vide ne se verrouille pas',
      path: ['locked'],
    }),
  success: {
    status: 200,
    schema: z.strictObject({ shiftId: id('shift'), ...placeOutFields }).openapi('ShiftPlace'),
  },
  refusals: ['not_found', 'rule_broken', 'invalid_transition', 'stale_version'],
})
