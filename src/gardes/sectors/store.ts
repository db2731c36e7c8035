import { and, asc, eq, exists, gt, gte, isNull, lte, or, sql, type SQL } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { chunksFor, inJson, prepared, type Db } from '../../db/db.ts'
import type { LocalDate } from '../../kernel/civil.ts'
import type { RotaKind } from '../vocabulary.ts'
import {
  absences,
  restrictions,
  rotaWishes,
  sectorCommunes,
  sectorCommunities,
  sectorMembers,
  sectors,
  shiftTypes,
} from './tables.ts'

export type SectorRow = typeof sectors.$inferSelect
export type ShiftTypeRow = typeof shiftTypes.$inferSelect
export type SectorMemberRow = typeof sectorMembers.$inferSelect
export type RestrictionRow = typeof restrictions.$inferSelect
export type WishRow = typeof rotaWishes.$inferSelect
export type AbsenceRow = typeof absences.$inferSelect

const id = sql.placeholder('id')
const ids = 'ids'

const queries = prepared((db: Db) => ({
  sector: db.select().from(sectors).where(eq(sectors.id, id)).prepare(),
  communes: db
    .select()
    .from(sectorCommunes)
    .where(inJson(sectorCommunes.sectorId, ids))
    .orderBy(asc(sectorCommunes.insee))
    .prepare(),
  communities: db
    .select()
    .from(sectorCommunities)
    .where(inJson(sectorCommunities.sectorId, ids))
    .orderBy(asc(sectorCommunities.communityId))
    .prepare(),
  types: db
    .select()
    .from(shiftTypes)
    .where(eq(shiftTypes.sectorId, id))
    .orderBy(asc(shiftTypes.position))
    .prepare(),
  members: db
    .select()
    .from(sectorMembers)
    .where(eq(sectorMembers.sectorId, id))
    .orderBy(asc(sectorMembers.practitionerId), asc(sectorMembers.from))
    .prepare(),
}))

// Sectors

export const findSector = (db: Db, sectorId: string): SectorRow | undefined =>
  queries(db).sector.get({ id: sectorId })

export const communesOf = (db: Db, sectorIds: readonly string[]) =>
  queries(db).communes.all({ ids: JSON.stringify(sectorIds) })

export const communitiesOf = (db: Db, sectorIds: readonly string[]) =>
  queries(db).communities.all({ ids: JSON.stringify(sectorIds) })

export interface SectorFilter {
  readonly kind?: RotaKind | undefined
  readonly commune?: string | undefined
  readonly community?: string | undefined
}

export const listSectors = (db: Db, filter: SectorFilter, after: string, limit: number): SectorRow[] => {
  const has = (rows: SQL) => exists(sql`(${rows})`)
  return db
    .select()
    .from(sectors)
    .where(
      and(
        gt(sectors.id, after),
        filter.kind && eq(sectors.kind, filter.kind),
        filter.commune === undefined
          ? undefined
          : has(
              sql`select 1 from ${sectorCommunes} where ${sectorCommunes.sectorId} = ${sectors.id} and ${sectorCommunes.insee} = ${filter.commune}`,
            ),
        filter.community === undefined
          ? undefined
          : has(
              sql`select 1 from ${sectorCommunities} where ${sectorCommunities.sectorId} = ${sectors.id} and ${sectorCommunities.communityId} = ${filter.community}`,
            ),
      ),
    )
    .orderBy(asc(sectors.id))
    .limit(limit)
    .all()
}

export const insertSector = (db: Db, row: SectorRow): void => {
  db.insert(sectors).values(row).run()
}

/** Changes these columns, if any, and counts the version on. */
export const updateSector = (db: Db, sectorId: string, change: Partial<SectorRow>): void => {
  db.update(sectors)
    .set({ ...change, version: sql`${sectors.version} + 1` })
    .where(eq(sectors.id, sectorId))
    .run()
}

export const setCommunes = (db: Db, sectorId: string, inseeCodes: readonly string[]): void => {
  db.delete(sectorCommunes).where(eq(sectorCommunes.sectorId, sectorId)).run()
  for (const chunk of chunksFor(inseeCodes, 2))
    db.insert(sectorCommunes)
      .values(chunk.map((insee) => ({ sectorId, insee })))
      .run()
}

export const setCommunities = (db: Db, sectorId: string, communityIds: readonly string[]): void => {
  db.delete(sectorCommunities).where(eq(sectorCommunities.sectorId, sectorId)).run()
  for (const chunk of chunksFor(communityIds, 2))
    db.insert(sectorCommunities)
      .values(chunk.map((communityId) => ({ sectorId, communityId })))
      .run()
}

// Shift types and members

/** In the order in which they were given. */
export const typesOf = (db: Db, sectorId: string): ShiftTypeRow[] => queries(db).types.all({ id: sectorId })

export const setTypes = (db: Db, sectorId: string, rows: readonly ShiftTypeRow[]): void => {
  db.delete(shiftTypes).where(eq(shiftTypes.sectorId, sectorId)).run()
  for (const chunk of chunksFor(rows, 14)) db.insert(shiftTypes).values(chunk).run()
}

/** By person, each one's stretches of days in order. */
export const membersOf = (db: Db, sectorId: string): SectorMemberRow[] =>
  queries(db).members.all({ id: sectorId })

export const setMembers = (db: Db, sectorId: string, rows: readonly SectorMemberRow[]): void => {
  db.delete(sectorMembers).where(eq(sectorMembers.sectorId, sectorId)).run()
  for (const chunk of chunksFor(rows, 10)) db.insert(sectorMembers).values(chunk).run()
}

// What people cannot, would rather or would rather not do

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
