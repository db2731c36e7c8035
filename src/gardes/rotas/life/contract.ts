import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { text } from '../../../edge/schemas.ts'
import { params, rotaFields, tag } from '../contract.ts'
import { ROTA_WARNINGS, TARGET_STATES } from '../vocabulary.ts'

export const transitionRota = operation({
  id: 'transitionRota',
  method: 'post',
  path: '/rotas/{id}/transition',
  tag,
  summary: 'Faire avancer un tableau, ou le rouvrir',
  description:
    'Un retard sur les délais réglementaires est signalé par warnings, jamais refusé : late_cdom moins de 45 jours avant, late_publication moins de 10 jours avant, late_closing plus de 30 jours après, incomplete s’il reste des places.',
  roles: ['admin', 'coordinator'],
  effect: 'mutate',
  params,
  body: z.strictObject({ to: z.enum(TARGET_STATES), note: text(280).optional() }),
  success: {
    status: 200,
    schema: z
      .strictObject({ ...rotaFields, warnings: z.array(z.enum(ROTA_WARNINGS)) })
      .openapi('RotaTransitioned'),
  },
  refusals: ['not_found', 'invalid_transition'],
})
