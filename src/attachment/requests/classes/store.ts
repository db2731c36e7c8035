import { and, asc, eq, inArray, lte, sql } from 'drizzle-orm'
import { prepared, type Db } from '../../../db/db.ts'
import type { Instant } from '../../../kernel/time.ts'
import { mtRequests } from '../tables.ts'

type RequestRow = typeof mtRequests.$inferSelect

const p = sql.placeholder

const queries = prepared((db: Db) => ({
  due: db
    .select()
    .from(mtRequests)
    .where(lte(mtRequests.classDueAt, p('now')))
    .orderBy(asc(mtRequests.classDueAt))
    .limit(p('limit'))
    .prepare(),
  toRemind: db
    .select()
    .from(mtRequests)
    .where(lte(mtRequests.remindAt, p('now')))
    .orderBy(asc(mtRequests.remindAt))
    .limit(p('limit'))
    .prepare(),
}))

/** Requests whose points change now, the first due first. */
export const listDue = (db: Db, now: Instant, limit: number): RequestRow[] =>
  queries(db).due.all({ now, limit })

/** Requests that are to be brought to mind, the first due first. */
export const listToRemind = (db: Db, now: Instant, limit: number): RequestRow[] =>
  queries(db).toRemind.all({ now, limit })

/** Says that the requests of a CPTS that are not closed are to be classed anew. */
export const markDue = (db: Db, communityId: string, now: Instant): void => {
  db.update(mtRequests)
    .set({ classDueAt: now })
    .where(
      and(
        eq(mtRequests.communityId, communityId),
        inArray(mtRequests.state, [
          'to_qualify',
          'waiting',
          'proposed',
          'accepted',
          'unreachable',
          'escalated',
        ]),
      ),
    )
    .run()
}

/** Writes what waiting and the rules make of a request; its version rises with its class and state only. */
export const updateClass = (db: Db, { id, ...row }: RequestRow): void => {
  db.update(mtRequests).set(row).where(eq(mtRequests.id, id)).run()
}
