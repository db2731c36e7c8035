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
  classed: db
    .update(mtRequests)
    .set(
      Object.fromEntries(
        (
          [
            'class',
            'points',
            'total',
            'rulesVersion',
            'classDueAt',
            'state',
            'stateSince',
            'remindAt',
            'version',
          ] as const
        ).map((name) => [name, p(name)]),
      ),
    )
    .where(eq(mtRequests.id, p('id')))
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

/** Writes what waiting and the rules make of a request, which is given with its version. */
export const updateClass = (db: Db, row: RequestRow): void => {
  queries(db).classed.run({ ...row })
}
