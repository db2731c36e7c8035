import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, instantIn } from '../../../edge/schemas.ts'
import { EnSus, params, tag } from '../contract.ts'

export const acceptEnSus = operation({
  id: 'acceptEnSus',
  method: 'post',
  path: '/en-sus/{id}/accept',
  tag,
  summary: 'Prendre le patient ; le premier l’emporte',
  description:
    'Sans précision : au cabinet le plus proche de la commune, dans une demi-heure, pour un quart d’heure.',
  roles: ['practitioner'],
  effect: 'mutate',
  params,
  body: z.strictObject({
    siteId: id('site').optional(),
    start: instantIn.optional(),
    durationMinutes: z.int().min(5).max(120).optional(),
  }),
  success: { status: 200, schema: EnSus },
  refusals: ['not_found', 'already_taken', 'en_sus_closed', 'invalid_interval'],
})

export const declineEnSus = operation({
  id: 'declineEnSus',
  method: 'post',
  path: '/en-sus/{id}/decline',
  tag,
  summary: 'Dire non ; quand tous l’ont dit, la vague suivante commence aussitôt',
  roles: ['practitioner'],
  effect: 'mutate',
  params,
  body: z.strictObject({}),
  success: { status: 200, schema: EnSus },
  refusals: ['not_found', 'already_taken', 'en_sus_closed'],
})
