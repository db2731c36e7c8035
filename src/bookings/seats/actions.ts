import type { Ctx } from '../../db/db.ts'
import type { AttentionReason } from '../vocabulary.ts'
import * as store from './store.ts'

/** Marks the active bookings of a slot for the GP and the coordinator to act on; returns their ids. */
export const flagBookings = (ctx: Ctx, slotId: string, reason: AttentionReason): string[] =>
  store.flagBookings(ctx.db, slotId, reason)

/** The lowest seat of a slot that nobody has, or undefined when it is full. */
export const findFreeSeat = (ctx: Ctx, slotId: string, capacity: number): number | undefined => {
  const taken = store.takenSeatNumbers(ctx.db, slotId)
  for (let seat = 1; seat <= capacity; seat++) if (!taken.includes(seat)) return seat
  return undefined
}
