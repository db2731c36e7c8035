import { and, asc, eq, lte, sql } from 'drizzle-orm'
import type { Db } from '../../../db/db.ts'
import type { Instant } from '../../../kernel/time.ts'
import { allocationRules } from '../../grid/tables.ts'
import { weeklyRuns } from '../tables.ts'

/** The rules in force of each CPTS that has set some, and its next run if one is planned. */
export const rulesInForce = (db: Db) =>
  db
    .select({
      communityId: allocationRules.communityId,
      rules: allocationRules.rules,
      since: allocationRules.createdAt,
      nextAt: weeklyRuns.nextAt,
    })
    .from(allocationRules)
    .leftJoin(weeklyRuns, eq(weeklyRuns.communityId, allocationRules.communityId))
    .where(
      eq(
        allocationRules.version,
        sql`(select max(version) from ${allocationRules} as later where later.community_id = ${allocationRules.communityId})`,
      ),
    )
    .orderBy(asc(allocationRules.communityId))
    .all()

export const isDue = (db: Db, communityId: string, now: Instant): boolean =>
  db
    .select()
    .from(weeklyRuns)
    .where(and(eq(weeklyRuns.communityId, communityId), lte(weeklyRuns.nextAt, now)))
    .get() !== undefined

/** CPTS whose run is due, the first due first. */
export const dueRuns = (db: Db, now: Instant): string[] =>
  db
    .select({ communityId: weeklyRuns.communityId })
    .from(weeklyRuns)
    .where(lte(weeklyRuns.nextAt, now))
    .orderBy(asc(weeklyRuns.nextAt), asc(weeklyRuns.communityId))
    .all()
    .map(({ communityId }) => communityId)

export const setRun = (db: Db, communityId: string, nextAt: Instant): void => {
  db.insert(weeklyRuns)
    .values({ communityId, nextAt })
    .onConflictDoUpdate({ target: weeklyRuns.communityId, set: { nextAt } })
    .run()
}

export const deleteRun = (db: Db, communityId: string): void => {
  db.delete(weeklyRuns).where(eq(weeklyRuns.communityId, communityId)).run()
}
