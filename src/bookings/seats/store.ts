import { and, asc, eq, inArray, lte, ne, or, sql } from 'drizzle-orm'
import { prepared, type Db } from '../../db/db.ts'
import type { Instant } from '../../kernel/time.ts'
import { bookings, isActive } from '../tables.ts'
import type { AttentionReason } from '../vocabulary.ts'

export type SeatRow = typeof bookings.$inferSelect

const p = sql.placeholder
const queries = prepared((db: Db) => ({
  insert: db
    .insert(bookings)
    .values({
      id: p('id'),
      slotId: p('slotId'),
      seat: p('seat'),
      status: p('status'),
      practitionerId: p('practitionerId'),
      siteId: p('siteId'),
      start: p('start'),
      end: p('end'),
      modality: p('modality'),
      identityId: p('identityId'),
      motiveCode: p('motiveCode'),
      regulationRef: p('regulationRef'),
      requestedDelay: p('requestedDelay'),
      calledAt: p('calledAt'),
      operatorId: p('operatorId'),
      operatorName: p('operatorName'),
      origin: p('origin'),
      keyId: p('keyId'),
      bookedByPractitionerId: p('bookedByPractitionerId'),
      cancelledAt: p('cancelledAt'),
      cancelReason: p('cancelReason'),
      cancelledBy: p('cancelledBy'),
      expiresAt: p('expiresAt'),
      isExtended: p('isExtended'),
      outcomeAt: p('outcomeAt'),
      needsAttention: p('needsAttention'),
      version: p('version'),
      createdAt: p('createdAt'),
    })
    .prepare(),
}))

export const insertSeat = (db: Db, row: SeatRow): void => {
  queries(db).insert.run({ ...row })
}

/** Marks the active bookings of a slot for someone to act on; returns their ids. */
export const flagBookings = (db: Db, slotId: string, reason: AttentionReason): string[] =>
  db
    .update(bookings)
    .set({ needsAttention: reason, version: sql`${bookings.version} + 1` })
    .where(and(eq(bookings.slotId, slotId), isActive, eq(bookings.status, 'booked')))
    .returning({ id: bookings.id })
    .all()
    .map((row) => row.id)

/** Gives the seats held or booked of a slot to another practitioner and site, and takes back flags of these reasons. */
export const handOverBookings = (
  db: Db,
  slotId: string,
  to: { readonly practitionerId: string; readonly siteId: string },
  reasons: readonly AttentionReason[],
): void => {
  const isFlagged = inArray(bookings.needsAttention, [...reasons])
  db.update(bookings)
    .set({
      ...to,
      needsAttention: sql`case when ${isFlagged} then null else ${bookings.needsAttention} end`,
      version: sql`${bookings.version} + 1`,
    })
    .where(
      and(
        eq(bookings.slotId, slotId),
        isActive,
        inArray(bookings.status, ['held', 'booked']),
        or(ne(bookings.practitionerId, to.practitionerId), isFlagged),
      ),
    )
    .run()
}

/** Seats of a slot that have a row, in order: expired holds are swept before this is asked. */
export const takenSeatNumbers = (db: Db, slotId: string): number[] =>
  db
    .select({ seat: bookings.seat })
    .from(bookings)
    .where(and(eq(bookings.slotId, slotId), isActive))
    .orderBy(asc(bookings.seat))
    .all()
    .map((row) => row.seat)

const isExpired = (now: Instant) => and(eq(bookings.status, sql`'held'`), lte(bookings.expiresAt, now))

const HOLD = { id: bookings.id, slotId: bookings.slotId, practitionerId: bookings.practitionerId }

/** Deletes the holds of a slot whose lease has run out. */
export const sweepSlot = (db: Db, slotId: string, now: Instant) =>
  db
    .delete(bookings)
    .where(and(eq(bookings.slotId, slotId), isActive, isExpired(now)))
    .returning(HOLD)
    .all()

/** Deletes up to `limit` holds, of any slot, whose lease has run out. */
export const sweepAll = (db: Db, now: Instant, limit: number) => {
  const due = db
    .select({ id: bookings.id })
    .from(bookings)
    .where(isExpired(now))
    .orderBy(asc(bookings.expiresAt))
    .limit(limit)
  return db.delete(bookings).where(inArray(bookings.id, due)).returning(HOLD).all()
}
