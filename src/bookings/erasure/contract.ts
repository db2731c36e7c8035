import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { id } from '../../edge/schemas.ts'
import { Booking } from '../contract.ts'
import { ERASURE_REQUESTERS } from './vocabulary.ts'

export const eraseBookingPatient = operation({
  id: 'eraseBookingPatient',
  method: 'post',
  path: '/bookings/{id}/erase',
  tag: 'Rendez-vous',
  summary: 'Effacer le patient d’un rendez-vous passé ou annulé, à sa demande',
  description:
    'Le rendez-vous reste, sans le patient ni le texte du motif. Les réponses conservées pour répétition sont remplacées par `erased`.',
  roles: ['admin', 'coordinator', 'practitioner'],
  effect: 'mutate',
  params: z.object({ id: id('booking') }),
  body: z.strictObject({ requestedBy: z.enum(ERASURE_REQUESTERS) }),
  success: { status: 200, schema: Booking },
  refusals: ['not_found', 'booking_active', 'erased'],
})
