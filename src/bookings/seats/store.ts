import { and, asc, eq, sql } from 'drizzle-orm'
import type { Db } from '../../db/db.ts'
import { bookings, isActive } from '../tables.ts'
import type { AttentionReason } from '../vocabulary.ts'

/** Marks the active bookings of a slot for someone to act on; returns their ids. */
export const flagBookings = (db: Db, slotId: string, reason: AttentionReason): string[] =>
  db
    .update(bookings)
    .set({ needsAttention: reason, version: sql`${bookings.version} + 1` })
    .where(and(eq(bookings.slotId, slotId), isActive, eq(bookings.status, 'booked')))
    .returning({ id: bookings.id })
    .all()
    .map((row) => row.id)

/** Seats of a slot that are taken, in order. */
export const takenSeatNumbers = (db: Db, slotId: string): number[] =>
  db
    .select({ seat: bookings.seat })
    .from(bookings)
    .where(and(eq(bookings.slotId, slotId), isActive))
    .orderBy(asc(bookings.seat))
    .all()
    .map((row) => row.seat)
