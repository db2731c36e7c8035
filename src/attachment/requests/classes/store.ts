import { and, asc, eq, inArray, lte, ne, or, sql } from 'drizzle-orm'
import { prepared, type Db } from '../../../db/db.ts'
import type { Instant } from '../../../kernel/time.ts'
import { mtRequests } from '../tables.ts'

type RequestRow = typeof mtRequests.$inferSelect

const OPEN_STATES = ['to_qualify', 'waiting', 'proposed', 'accepted', 'unreachable', 'escalated'] as const

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
  dueIn: db
    .select()
    .from(mtRequests)
    .where(
      and(
        eq(mtRequests.communityId, p('communityId')),
        inArray(mtRequests.state, OPEN_STATES),
        or(lte(mtRequests.classDueAt, p('now')), ne(mtRequests.rulesVersion, p('rulesVersion'))),
      ),
    )
    .orderBy(asc(mtRequests.id))
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

/** Open requests of a CPTS whose points change now, or were given by other rules. */
export const listDueIn = (
  db: Db,
  communityId: string,
  by: { readonly now: Instant; readonly rulesVersion: number },
): RequestRow[] => queries(db).dueIn.all({ communityId, ...by })

/** Requests that are to be brought to mind, the first due first. */
export const listToRemind = (db: Db, now: Instant, limit: number): RequestRow[] =>
  queries(db).toRemind.all({ now, limit })

/** Says that the requests of a CPTS that are not closed are to be classed anew. */
export const markDue = (db: Db, communityId: string, now: Instant): void => {
  db.update(mtRequests)
    .set({ classDueAt: now })
    .where(and(eq(mtRequests.communityId, communityId), inArray(mtRequests.state, OPEN_STATES)))
    .run()
}

/** Writes what waiting and the rules make of a request, which is given with its version. */
export const updateClass = (db: Db, row: RequestRow): void => {
  queries(db).classed.run({ ...row })
}
