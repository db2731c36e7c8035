import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { prepared, type Db } from '../../db/db.ts'
import type { Instant } from '../../kernel/time.ts'
import { bookings } from '../tables.ts'

export type HoldRow = typeof bookings.$inferSelect

const p = sql.placeholder
// Written out, not bound: with a parameter SQLite could not use the index of held seats.
const isHeld = sql`${bookings.status} = 'held'`

const queries = prepared((db: Db) => ({
  ofKey: db
    .select()
    .from(bookings)
    .where(and(isHeld, gt(bookings.expiresAt, p('now')), eq(bookings.keyId, p('keyId'))))
    .orderBy(asc(bookings.expiresAt), sql`rowid`)
    .prepare(),
}))

export const findHold = (db: Db, id: string): HoldRow | undefined =>
  db
    .select()
    .from(bookings)
    .where(and(eq(bookings.id, id), isHeld))
    .get()

/** Holds of a key whose lease runs, the first to end first. They are few: a key may have only so many. */
export const holdsOfKey = (db: Db, keyId: string, now: Instant): HoldRow[] =>
  queries(db).ofKey.all({ keyId, now })

export const extendHold = (db: Db, id: string, expiresAt: Instant): HoldRow =>
  db
    .update(bookings)
    .set({ expiresAt, isExtended: true, version: sql`${bookings.version} + 1` })
    .where(eq(bookings.id, id))
    .returning()
    .get()

export const deleteHold = (db: Db, id: string): void => {
  db.delete(bookings)
    .where(and(eq(bookings.id, id), isHeld))
    .run()
}
