import { and, desc, eq, sql } from 'drizzle-orm'
import { prepared, type Db } from '../../db/db.ts'
import { allocationRules } from './tables.ts'

export type RulesRow = typeof allocationRules.$inferSelect

const p = sql.placeholder

const queries = prepared((db: Db) => ({
  last: db
    .select()
    .from(allocationRules)
    .where(eq(allocationRules.communityId, p('communityId')))
    .orderBy(desc(allocationRules.version))
    .limit(1)
    .prepare(),
}))

export const findLastRules = (db: Db, communityId: string): RulesRow | undefined =>
  queries(db).last.get({ communityId })

export const findRules = (db: Db, communityId: string, version: number): RulesRow | undefined =>
  db
    .select()
    .from(allocationRules)
    .where(and(eq(allocationRules.communityId, communityId), eq(allocationRules.version, version)))
    .get()

export const insertRules = (db: Db, row: RulesRow): void => {
  db.insert(allocationRules).values(row).run()
}
