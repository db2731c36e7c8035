import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { tag } from '../contract.ts'

const ruleFields = {
  waveSeconds: z.int().min(30).max(3_600),
  nearestCount: z.int().min(1).max(50),
  radiusKm: z.number().min(1).max(100),
}

const EnSusRules = z.strictObject({ ...ruleFields, version: z.int() }).openapi('EnSusRules', {
  description:
    'Durée d’une vague, nombre de médecins de la deuxième, rayon autour de la commune du patient. La version est 0 tant que rien n’est réglé.',
})

export const getEnSusRules = operation({
  id: 'getEnSusRules',
  method: 'get',
  path: '/en-sus/rules',
  tag,
  summary: 'Comment le territoire sollicite les médecins',
  roles: ['admin', 'auditor', 'coordinator', 'practitioner', 'regulator'],
  effect: 'read',
  success: { status: 200, schema: EnSusRules },
  refusals: [],
})

export const setEnSusRules = operation({
  id: 'setEnSusRules',
  method: 'put',
  path: '/en-sus/rules',
  tag,
  summary: 'Régler comment le territoire sollicite les médecins',
  description: 'Vaut pour les demandes à venir ; celles en cours gardent leurs vagues.',
  roles: ['admin'],
  effect: 'mutate',
  body: z.strictObject(ruleFields),
  success: { status: 200, schema: EnSusRules },
  refusals: ['stale_version'],
})
