import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { Booking, callFields } from '../../contract.ts'
import { params, sas, tag } from '../contract.ts'

export const bookEnSus = operation({
  id: 'bookEnSus',
  method: 'post',
  path: '/en-sus/{id}/book',
  tag,
  summary: 'Compléter le rendez-vous d’une demande acceptée',
  description: 'Le créneau est fait avec son rendez-vous. Sans motive, celui de la demande.',
  roles: sas,
  effect: 'mutate',
  params,
  body: z.strictObject({
    patient: callFields.patient,
    motive: callFields.motive.optional(),
    calledAt: callFields.calledAt,
    operator: callFields.operator,
  }),
  success: { status: 201, schema: Booking },
  refusals: ['not_found', 'en_sus_not_accepted', 'en_sus_closed', 'invalid_birth_date', 'address_required'],
})
