import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, localDate } from '../../../edge/schemas.ts'
import { CONTACT_CHANNELS } from '../../requests/vocabulary.ts'
import { Proposal } from '../contract.ts'

const tag = 'Patients sans médecin traitant'
const roles = ['admin', 'coordinator', 'practitioner'] as const
const params = z.object({ id: id('proposal') })

export const contactHousehold = operation({
  id: 'contactHousehold',
  method: 'post',
  path: '/proposals/{id}/contact',
  tag,
  summary: 'Noter un essai de joindre les patients',
  description:
    'Après trois essais vains par au moins deux voies depuis l’acceptation, la demande est injoignable et les patients ne sont plus retenus ; si un autre médecin a accepté quelqu’un du foyer, seule cette proposition prend fin.',
  roles,
  effect: 'mutate',
  params,
  body: z.strictObject({ channel: z.enum(CONTACT_CHANNELS), reached: z.boolean() }),
  success: { status: 200, schema: Proposal },
  refusals: ['not_found', 'proposal_not_accepted', 'proposal_closed'],
})

export const noteDeclined = operation({
  id: 'noteDeclined',
  method: 'post',
  path: '/proposals/{id}/patient-declined',
  tag,
  summary: 'Noter que les patients ne veulent pas de ce médecin',
  description:
    'Ils gardent leur rang et ne lui seront plus proposés ; après une acceptation, le registre de la CPTS le dit. Le médecin le note une fois qu’il a accepté ; le coordinateur à tout moment.',
  roles,
  effect: 'mutate',
  params,
  body: z.strictObject({}),
  success: { status: 200, schema: Proposal },
  refusals: ['not_found', 'proposal_not_accepted', 'proposal_expired', 'proposal_closed', 'stale_version'],
})

export const declareProposal = operation({
  id: 'declareProposal',
  method: 'post',
  path: '/proposals/{id}/declare',
  tag,
  summary: 'Noter que la déclaration de médecin traitant est faite',
  description:
    'at : le jour de la déclaration. Quand toutes les personnes du foyer sont déclarées, la demande est close.',
  roles,
  effect: 'mutate',
  params,
  body: z.strictObject({ at: localDate }),
  success: { status: 200, schema: Proposal },
  refusals: ['not_found', 'proposal_not_accepted', 'proposal_closed', 'invalid_interval', 'stale_version'],
})

export const withdrawProposal = operation({
  id: 'withdrawProposal',
  method: 'post',
  path: '/proposals/{id}/withdraw',
  tag,
  summary: 'Reprendre une proposition',
  description:
    'Ouverte, elle pourra être refaite ; acceptée et restée sans suite, les patients ne seront plus proposés à ce médecin.',
  roles: ['admin', 'coordinator'],
  effect: 'mutate',
  params,
  body: z.strictObject({}),
  success: { status: 200, schema: Proposal },
  refusals: ['not_found', 'proposal_expired', 'proposal_closed', 'stale_version'],
})
