import { and, asc, eq, lte, sql } from 'drizzle-orm'
import { prepared, type Db } from '../../../db/db.ts'
import type { Instant } from '../../../kernel/time.ts'
import { proposals } from '../tables.ts'

type ProposalRow = typeof proposals.$inferSelect

const p = sql.placeholder

const queries = prepared((db: Db) => ({
  toFollow: db
    .select()
    .from(proposals)
    .where(
      and(
        // Written out, not bound: with a parameter SQLite could not use the index.
        sql`${proposals.state} = 'accepted'`,
        sql`${proposals.staleToldAt} is null`,
        lte(proposals.answeredAt, p('before')),
      ),
    )
    .orderBy(asc(proposals.answeredAt))
    .limit(p('limit'))
    .prepare(),
}))

/** Accepted at this instant or before, and nobody was told yet that nothing followed; the first to wait first. */
export const listToFollow = (db: Db, before: Instant, limit: number): ProposalRow[] =>
  queries(db).toFollow.all({ before, limit })

export const noteTold = (db: Db, id: string, staleToldAt: Instant): void => {
  db.update(proposals)
    .set({ staleToldAt, version: sql`${proposals.version} + 1` })
    .where(eq(proposals.id, id))
    .run()
}
