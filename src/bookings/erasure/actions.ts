import type { Ctx } from '../../db/db.ts'
import { dueIdentities, eraseIdentity, isErased, type Erasure } from '../../identities/actions.ts'
import { absent, Refused, unlessRefused } from '../../kernel/refusal.ts'
import { getBooking, getVisible, type BookingView } from '../actions.ts'
import { mayErase, refuseErasure } from './rules.ts'
import * as store from './store.ts'
import type { ErasureRequester } from './vocabulary.ts'

/** Takes the patient out of the answers that the edge keeps of a booking, in the same transaction. */
export type EraseAnswers = (ctx: Ctx, bookingId: string) => void

const erase = (
  ctx: Ctx,
  identityId: string,
  why: Pick<Erasure, 'reason' | 'requestedBy'>,
  eraseAnswers: EraseAnswers,
) => {
  const bookings = store.renewBookings(ctx.db, identityId)
  for (const { id } of bookings) eraseAnswers(ctx, id)
  eraseIdentity(ctx, identityId, {
    ...why,
    bookings: bookings.map(({ id }) => id),
    practitionerId: bookings[0]?.practitionerId,
  })
}

/** Erases up to `limit` identities past their time; returns how many. */
export const eraseDue = (ctx: Ctx, limit: number, eraseAnswers: EraseAnswers): number => {
  const due = dueIdentities(ctx, limit)
  for (const id of due) erase(ctx, id, { reason: 'retention' }, eraseAnswers)
  return due.length
}

/** Erases the patient of a booking at once, as they may ask; the booking stays, without them. */
export const eraseBookingPatient = (
  ctx: Ctx,
  id: string,
  requestedBy: ErasureRequester,
  eraseAnswers: EraseAnswers,
): BookingView => {
  const { identityId, ...booking } = getVisible(ctx, id)
  if (!mayErase(ctx.actor, booking)) throw new Refused(absent('Rendez-vous'))
  if (identityId === null) throw new Error(`booking ${id} has no identity`)
  unlessRefused(refuseErasure(booking, isErased(ctx, identityId), ctx.now))
  erase(ctx, identityId, { reason: 'request', requestedBy }, eraseAnswers)
  return getBooking(ctx, id)
}
