import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id } from '../../../edge/schemas.ts'
import { Allocation } from '../contract.ts'

export const publishAllocation = operation({
  id: 'publishAllocation',
  method: 'post',
  path: '/allocations/{id}/publish',
  tag: 'Patients sans médecin traitant',
  summary: 'Publier une simulation : les propositions partent aux médecins',
  description:
    'Une personne publie ; rien n’est décidé par la machine seule (RGPD, article 22). Si des demandes, des capacités ou des règles ont changé depuis la simulation : stale_simulation. La preuve est vérifiée à nouveau avant l’envoi.',
  roles: ['admin', 'coordinator'],
  effect: 'mutate',
  params: z.object({ id: id('allocation') }),
  body: z.strictObject({}),
  success: { status: 200, schema: Allocation },
  refusals: ['not_found', 'allocation_closed', 'stale_simulation', 'unproven', 'stale_version'],
})
