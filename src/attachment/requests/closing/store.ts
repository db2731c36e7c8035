import { asc, eq, lte, sql } from 'drizzle-orm'
import { prepared, type Db } from '../../../db/db.ts'
import type { Instant } from '../../../kernel/time.ts'
import { mtMembers, mtRequests } from '../tables.ts'

type RequestRow = typeof mtRequests.$inferSelect

const queries = prepared((db: Db) => ({
  due: db
    .select()
    .from(mtRequests)
    .where(lte(mtRequests.eraseAfter, sql.placeholder('now')))
    .orderBy(asc(mtRequests.eraseAfter))
    .limit(sql.placeholder('limit'))
    .prepare(),
}))

/** Requests whose people are to be forgotten, the first due first. */
export const listErasable = (db: Db, now: Instant, limit: number): RequestRow[] =>
  queries(db).due.all({ now, limit })

/** Takes out of a request what could still tell who, how and where they are. Of its class nothing but the number stays. */
export const forget = (db: Db, id: string, now: Instant): RequestRow => {
  db.update(mtMembers).set({ bornIn: null, flags: {} }).where(eq(mtMembers.requestId, id)).run()
  return db
    .update(mtRequests)
    .set({
      lat: null,
      lon: null,
      alreadySeenBy: null,
      points: [],
      classDueAt: null,
      remindAt: null,
      eraseAfter: null,
      erasedAt: now,
      version: sql`${mtRequests.version} + 1`,
    })
    .where(eq(mtRequests.id, id))
    .returning()
    .get()
}
