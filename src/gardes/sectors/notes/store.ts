import { and, asc, eq, gt, gte, isNull, lte, or } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { Db } from '../../../db/db.ts'
import type { LocalDate } from '../../../kernel/civil.ts'
import { absences, restrictions, rotaWishes } from '../tables.ts'

export type RestrictionRow = typeof restrictions.$inferSelect
export type WishRow = typeof rotaWishes.$inferSelect
export type AbsenceRow = typeof absences.$inferSelect

/** Which rows of a sector: of one person, and that share a day with these. */
export interface NoteFilter {
  readonly practitionerId?: string | undefined
  readonly from?: LocalDate | undefined
  readonly to?: LocalDate | undefined
}

interface NoteTable {
  readonly sectorId: SQLiteColumn
  readonly practitionerId: SQLiteColumn
  readonly from: SQLiteColumn
  readonly to: SQLiteColumn
  readonly id: SQLiteColumn
}

const notesWhere = (table: NoteTable, sectorId: string, filter: NoteFilter, after = '') =>
  and(
    eq(table.sectorId, sectorId),
    filter.practitionerId === undefined ? undefined : eq(table.practitionerId, filter.practitionerId),
    filter.to === undefined ? undefined : lte(table.from, filter.to),
    filter.from === undefined ? undefined : or(isNull(table.to), gte(table.to, filter.from)),
    gt(table.id, after),
  )

/** More than a sector ever has. */
const ALL = 1_000_000

export const listRestrictions = (
  db: Db,
  sectorId: string,
  filter: NoteFilter,
  after?: string,
  limit = ALL,
): RestrictionRow[] =>
  db
    .select()
    .from(restrictions)
    .where(notesWhere(restrictions, sectorId, filter, after))
    .orderBy(asc(restrictions.id))
    .limit(limit)
    .all()

export const findRestriction = (db: Db, sectorId: string, noteId: string): RestrictionRow | undefined =>
  db
    .select()
    .from(restrictions)
    .where(and(eq(restrictions.id, noteId), eq(restrictions.sectorId, sectorId)))
    .get()

export const insertRestriction = (db: Db, row: RestrictionRow): void => {
  db.insert(restrictions).values(row).run()
}

export const endRestriction = (db: Db, noteId: string, to: LocalDate): RestrictionRow =>
  db.update(restrictions).set({ to }).where(eq(restrictions.id, noteId)).returning().get()

export const listWishes = (
  db: Db,
  sectorId: string,
  filter: NoteFilter,
  after?: string,
  limit = ALL,
): WishRow[] =>
  db
    .select()
    .from(rotaWishes)
    .where(notesWhere(rotaWishes, sectorId, filter, after))
    .orderBy(asc(rotaWishes.id))
    .limit(limit)
    .all()

export const findWish = (db: Db, sectorId: string, noteId: string): WishRow | undefined =>
  db
    .select()
    .from(rotaWishes)
    .where(and(eq(rotaWishes.id, noteId), eq(rotaWishes.sectorId, sectorId)))
    .get()

export const insertWish = (db: Db, row: WishRow): void => {
  db.insert(rotaWishes).values(row).run()
}

export const deleteWish = (db: Db, noteId: string): void => {
  db.delete(rotaWishes).where(eq(rotaWishes.id, noteId)).run()
}

export const listAbsences = (
  db: Db,
  sectorId: string,
  filter: NoteFilter,
  after?: string,
  limit = ALL,
): AbsenceRow[] =>
  db
    .select()
    .from(absences)
    .where(notesWhere(absences, sectorId, filter, after))
    .orderBy(asc(absences.id))
    .limit(limit)
    .all()

export const findAbsence = (db: Db, sectorId: string, noteId: string): AbsenceRow | undefined =>
  db
    .select()
    .from(absences)
    .where(and(eq(absences.id, noteId), eq(absences.sectorId, sectorId)))
    .get()

export const insertAbsence = (db: Db, row: AbsenceRow): void => {
  db.insert(absences).values(row).run()
}

export const deleteAbsence = (db: Db, noteId: string): void => {
  db.delete(absences).where(eq(absences.id, noteId)).run()
}
