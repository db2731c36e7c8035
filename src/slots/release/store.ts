import { and, asc, eq, gt, isNotNull, isNull, lt, lte, sql } from 'drizzle-orm'
import { takenSeats } from '../../bookings/tables.ts'
import { prepared, type Db } from '../../db/db.ts'
import { DAY, WEEK, type Instant, type Interval } from '../../kernel/time.ts'
import { slots } from '../tables.ts'
import { isClosed, isReleased } from './tables.ts'

/** No release is longer before its start than the contract lets anybody type. */
const LONGEST_RELEASE = WEEK

const p = sql.placeholder
const queries = prepared((db: Db) => {
  const slotWithTaken = { slot: slots, taken: takenSeats(p('now')) }
  return {
    find: db
      .select(slotWithTaken)
      .from(slots)
      .where(eq(slots.id, p('id')))
      .prepare(),
    due: db
      .select(slotWithTaken)
      .from(slots)
      .where(
        and(
          // The terms of the partial index, and a range of it: slots further away cannot be due.
          isNotNull(slots.release),
          isNull(slots.releasedAt),
          isNull(slots.withdrawnAt),
          lte(slots.start, p('latest')),
          isReleased(p('now')),
        ),
      )
      .orderBy(asc(slots.start), asc(slots.id))
      .limit(p('limit'))
      .prepare(),
    givenBackWithin: db
      .select(slotWithTaken)
      .from(slots)
      .where(
        and(
          eq(slots.practitionerId, p('practitionerId')),
          isNull(slots.withdrawnAt),
          gt(slots.start, p('earliest')),
          lt(slots.start, p('end')),
          gt(slots.end, p('start')),
          isClosed(p('now')),
          sql`${takenSeats(p('now'))} = 0`,
        ),
      )
      .orderBy(asc(slots.start), asc(slots.id))
      .prepare(),
  }
})

export const findSlot = (db: Db, id: string, now: Instant) => queries(db).find.get({ id, now })

/** Slots whose release holds and was not noted, the first to start first. */
export const listDue = (db: Db, now: Instant, limit: number) =>
  queries(db).due.all({ now, latest: now + LONGEST_RELEASE, limit })

/** Slots of a practitioner that share time with an interval, closed and without a patient, but not yet noted as withdrawn. */
export const listGivenBack = (db: Db, practitionerId: string, interval: Interval, now: Instant) =>
  queries(db).givenBackWithin.all({
    practitionerId,
    // No slot is longer than a day, so the index is read over a bounded range.
    earliest: interval.start - DAY,
    start: interval.start,
    end: interval.end,
    now,
  })

/** Writes down what time did. Nobody sees a difference, so the version stays. */
export const noteSlot = (
  db: Db,
  id: string,
  noted: Partial<Pick<typeof slots.$inferSelect, 'releasedAt' | 'withdrawnAt' | 'withdrawnReason'>>,
): void => {
  db.update(slots).set(noted).where(eq(slots.id, id)).run()
}
