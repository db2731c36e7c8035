import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, instantOut, text } from '../../../edge/schemas.ts'
import { Allocation } from '../contract.ts'
import { LARGEST_SEED } from '../vocabulary.ts'

const tag = 'Patients sans médecin traitant'
const roles = ['admin', 'coordinator'] as const
const params = z.object({ id: id('allocation') })

export const createAllocation = operation({
  id: 'createAllocation',
  method: 'post',
  path: '/allocations',
  tag,
  summary: 'Simuler une répartition des demandes entre les médecins d’une CPTS',
  description:
    'Sans aucun effet ; autant de fois que l’on veut. Qui est placé suit l’ordre de la classe, de l’attente et des points ; la distance, l’équité et la stabilité ne décident que du lieu. Les mêmes données et la même graine donnent la même répartition. keepLocksOf reprend les choix faits sur une autre. Une simulation qui n’est pas publiée est abandonnée après 90 jours.',
  roles,
  effect: 'mutate',
  body: z.strictObject({
    communityId: id('community'),
    seed: z.int().min(0).max(LARGEST_SEED).optional(),
    keepLocksOf: id('allocation').optional(),
  }),
  success: { status: 201, schema: Allocation },
  refusals: ['not_found'],
})

export const getAllocationProgress = operation({
  id: 'getAllocationProgress',
  method: 'get',
  path: '/communities/{id}/allocation-progress',
  tag,
  summary: 'Où en est la simulation en cours d’une CPTS',
  roles,
  effect: 'read',
  params: z.object({ id: id('community') }),
  success: {
    status: 200,
    schema: z
      .strictObject({
        state: z.enum(['idle', 'running']),
        done: z.int().openapi({ description: 'Personnes examinées.' }),
        of: z.int(),
        startedAt: instantOut.optional(),
      })
      .openapi('AllocationProgress'),
  },
  refusals: ['not_found'],
})

export const adjustAllocation = operation({
  id: 'adjustAllocation',
  method: 'post',
  path: '/allocations/{id}/adjust',
  tag,
  summary: 'Fixer une demande chez un médecin, la mettre de côté, ou la rendre au calcul',
  description:
    'La répartition est calculée à nouveau sur l’état présent, autour de tous les choix faits. lock: true avec un médecin le fixe, avec null met de côté ; lock: false rend la demande au calcul. Une règle dure vaut aussi pour la coordination : lock_refused dit laquelle. Le motif est conservé ; aucune donnée du patient n’y a sa place.',
  roles,
  effect: 'mutate',
  params,
  body: z.strictObject({
    requestId: id('mtRequest'),
    practitionerId: id('practitioner').nullable(),
    lock: z.boolean(),
    reason: text(280).openapi({ description: 'D’organisation ; jamais un nom ni un motif médical.' }),
  }),
  success: { status: 200, schema: Allocation },
  refusals: ['not_found', 'allocation_closed', 'lock_refused', 'stale_version'],
})
