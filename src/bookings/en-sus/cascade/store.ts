import { eq } from 'drizzle-orm'
import type { Db } from '../../../db/db.ts'
import { enSusRules } from '../tables.ts'

export type RulesRow = typeof enSusRules.$inferSelect

export const findRules = (db: Db, territory: string): RulesRow | undefined =>
  db.select().from(enSusRules).where(eq(enSusRules.territory, territory)).get()

export const setRules = (db: Db, row: RulesRow): void => {
  const { territory, ...set } = row
  db.insert(enSusRules).values(row).onConflictDoUpdate({ target: enSusRules.territory, set }).run()
}
