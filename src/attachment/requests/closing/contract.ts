import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id } from '../../../edge/schemas.ts'
import { Request } from '../contract.ts'
import { WITHDRAWAL_REASONS } from '../vocabulary.ts'
import { REQUEST_ERASERS } from './vocabulary.ts'

const tag = 'Patients sans médecin traitant'
const roles = ['admin', 'coordinator'] as const
const params = z.object({ id: id('mtRequest') })

export const withdrawRequest = operation({
  id: 'withdrawMtRequest',
  method: 'post',
  path: '/mt-requests/{id}/withdraw',
  tag,
  summary: 'Retirer une demande, avec ses propositions en cours',
  description: 'Un consentement retiré (consent_revoked) efface aussitôt les identités.',
  roles,
  effect: 'mutate',
  params,
  body: z.strictObject({ reason: z.enum(WITHDRAWAL_REASONS) }),
  success: { status: 200, schema: Request },
  refusals: ['not_found', 'request_closed', 'erased', 'stale_version'],
})

export const eraseRequest = operation({
  id: 'eraseMtRequest',
  method: 'post',
  path: '/mt-requests/{id}/erase',
  tag,
  summary: 'Effacer les personnes d’une demande, à leur demande ; une demande en cours est d’abord retirée',
  description: 'La demande reste, sans identité, coordonnées, mois de naissance ni position.',
  roles,
  effect: 'mutate',
  params,
  body: z.strictObject({ requestedBy: z.enum(REQUEST_ERASERS).optional() }),
  success: { status: 200, schema: Request },
  refusals: ['not_found', 'erased'],
})
