import { asc, eq, sql } from 'drizzle-orm'
import { chunksFor, prepared, type Db } from '../../../db/db.ts'
import { sectorMembers } from '../tables.ts'

export type SectorMemberRow = typeof sectorMembers.$inferSelect

const id = sql.placeholder('id')

const queries = prepared((db: Db) => ({
  members: db
    .select()
    .from(sectorMembers)
    .where(eq(sectorMembers.sectorId, id))
    .orderBy(asc(sectorMembers.practitionerId), asc(sectorMembers.from))
    .prepare(),
}))

/** By person, each one's stretches of days in order. */
export const membersOf = (db: Db, sectorId: string): SectorMemberRow[] =>
  queries(db).members.all({ id: sectorId })

export const setMembers = (db: Db, sectorId: string, rows: readonly SectorMemberRow[]): void => {
  db.delete(sectorMembers).where(eq(sectorMembers.sectorId, sectorId)).run()
  for (const chunk of chunksFor(rows, 10)) db.insert(sectorMembers).values(chunk).run()
}
