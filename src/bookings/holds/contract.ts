import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { id, instantOut } from '../../edge/schemas.ts'

const tag = 'Recherche'
const roles = ['admin', 'practitioner', 'regulator'] as const

const Hold = z.strictObject({ id: id('hold'), slotId: id('slot'), expiresAt: instantOut }).openapi('Hold')

export const holdSlot = operation({
  id: 'holdSlot',
  method: 'post',
  path: '/slots/{id}/holds',
  tag,
  summary: 'Garder une place trois minutes',
  roles,
  effect: 'mutate',
  params: z.object({ id: id('slot') }),
  body: z.strictObject({}),
  success: { status: 201, schema: Hold },
  refusals: [
    'not_found',
    'slot_taken',
    'slot_withdrawn',
    'slot_started',
    'slot_not_for_caller',
    'too_many_holds',
  ],
})

export const extendHold = operation({
  id: 'extendHold',
  method: 'post',
  path: '/holds/{id}/extend',
  tag,
  summary: 'Prolonger une fois',
  roles,
  effect: 'mutate',
  params: z.object({ id: id('hold') }),
  body: z.strictObject({}),
  success: { status: 200, schema: Hold },
  refusals: ['not_found', 'hold_invalid'],
})

export const releaseHold = operation({
  id: 'releaseHold',
  method: 'delete',
  path: '/holds/{id}',
  tag,
  summary: 'Rendre une place gardée',
  roles,
  effect: 'mutate',
  params: z.object({ id: id('hold') }),
  success: { status: 204 },
  refusals: ['not_found'],
})
