import { asc, eq, sql } from 'drizzle-orm'
import { chunksFor, prepared, type Db } from '../../../db/db.ts'
import { shiftTypes } from '../tables.ts'

export type ShiftTypeRow = typeof shiftTypes.$inferSelect

const id = sql.placeholder('id')

const queries = prepared((db: Db) => ({
  types: db
    .select()
    .from(shiftTypes)
    .where(eq(shiftTypes.sectorId, id))
    .orderBy(asc(shiftTypes.position))
    .prepare(),
}))

/** In the order in which they were given. */
export const typesOf = (db: Db, sectorId: string): ShiftTypeRow[] => queries(db).types.all({ id: sectorId })

export const setTypes = (db: Db, sectorId: string, rows: readonly ShiftTypeRow[]): void => {
  db.delete(shiftTypes).where(eq(shiftTypes.sectorId, sectorId)).run()
  for (const chunk of chunksFor(rows, 14)) db.insert(shiftTypes).values(chunk).run()
}
