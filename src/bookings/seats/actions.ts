import type { Ctx } from '../../db/db.ts'
import { append } from '../../events/actions.ts'
import { DUTY_REASONS, type AttentionReason } from '../vocabulary.ts'
import * as store from './store.ts'

/** Marks the active bookings of a slot for the GP and the coordinator to act on; returns their ids. */
export const flagBookings = (ctx: Ctx, slotId: string, reason: AttentionReason): string[] =>
  store.flagBookings(ctx.db, slotId, reason)

/** Gives the seats of a slot to another practitioner, at a site of theirs; what needed attention for it needs it no more. */
export const handOverBookings = (ctx: Ctx, slotId: string, practitionerId: string, siteId: string): void =>
  store.handOverBookings(ctx.db, slotId, { practitionerId, siteId }, DUTY_REASONS)

const noteExpired = (ctx: Ctx, swept: ReturnType<typeof store.sweepSlot>): void => {
  for (const hold of swept)
    append(ctx, {
      type: 'hold.expired',
      subject: hold.id,
      practitionerId: hold.practitionerId,
      data: { slotId: hold.slotId },
    })
}

/** Writes a seat that is taken, held or booked; the index refuses what was not decided before. */
export const occupySeat = (ctx: Ctx, row: store.SeatRow): void => store.insertSeat(ctx.db, row)

/** The lowest seat of a slot that nobody has, or undefined when it is full. Leases that have run out are swept first. */
export const findFreeSeat = (ctx: Ctx, slotId: string, capacity: number): number | undefined => {
  noteExpired(ctx, store.sweepSlot(ctx.db, slotId, ctx.now))
  const taken = store.takenSeatNumbers(ctx.db, slotId)
  for (let seat = 1; seat <= capacity; seat++) if (!taken.includes(seat)) return seat
  return undefined
}

/** Sweeps up to `limit` holds whose lease has run out, and returns them. */
export const sweepSeats = (ctx: Ctx, limit: number) => {
  const swept = store.sweepAll(ctx.db, ctx.now, limit)
  noteExpired(ctx, swept)
  return swept
}
