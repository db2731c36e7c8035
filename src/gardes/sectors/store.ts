import { and, asc, eq, exists, gt, sql, type SQL } from 'drizzle-orm'
import { chunksFor, inJson, prepared, type Db } from '../../db/db.ts'
import type { RotaKind } from '../vocabulary.ts'
import { sectorCommunes, sectorCommunities, sectors } from './tables.ts'

export type SectorRow = typeof sectors.$inferSelect

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
