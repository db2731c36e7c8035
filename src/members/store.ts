import { and, asc, eq, exists, gt, inArray, sql } from 'drizzle-orm'
import { chunksFor, inJson, prepared, type Db } from '../db/db.ts'
import type { TerritoryInfo } from '../kernel/ctx.ts'
import type { Box } from '../kernel/geo.ts'
import type { Instant } from '../kernel/time.ts'
import {
  communes,
  communities,
  communityCommunes,
  practitionerCommunities,
  practitioners,
  sites,
  territories,
} from './tables.ts'

export type CommuneRow = typeof communes.$inferSelect
export type CommunityRow = typeof communities.$inferSelect
export type PractitionerRow = typeof practitioners.$inferSelect
export type SiteRow = typeof sites.$inferSelect

const id = sql.placeholder('id')
const ids = 'ids'

const queries = prepared((db: Db) => ({
  practitioner: db.select().from(practitioners).where(eq(practitioners.id, id)).prepare(),
  practitioners: db.select().from(practitioners).where(inJson(practitioners.id, ids)).prepare(),
  communitiesOf: db
    .select({ id: practitionerCommunities.communityId })
    .from(practitionerCommunities)
    .where(eq(practitionerCommunities.practitionerId, id))
    .orderBy(asc(practitionerCommunities.communityId))
    .prepare(),
  memberships: db
    .select()
    .from(practitionerCommunities)
    .where(inJson(practitionerCommunities.practitionerId, ids))
    .orderBy(asc(practitionerCommunities.communityId))
    .prepare(),
  sitesOf: db.select().from(sites).where(inJson(sites.practitionerId, ids)).orderBy(asc(sites.id)).prepare(),
  site: db.select().from(sites).where(eq(sites.id, id)).prepare(),
  commune: db.select().from(communes).where(eq(communes.insee, id)).prepare(),
  sitesIn: db
    .select()
    .from(sites)
    .where(
      sql`${sites.lat} between ${sql.placeholder('south')} and ${sql.placeholder('north')} and ${sites.lon} between ${sql.placeholder('west')} and ${sql.placeholder('east')}`,
    )
    .prepare(),
}))

export const findTerritory = (db: Db): TerritoryInfo | undefined => {
  const row = db.select().from(territories).get()
  return (
    row && {
      code: row.code,
      name: row.name,
      zone: row.zone,
      rate: { perSecond: row.ratePerSecond, burst: row.rateBurst },
    }
  )
}

export const insertTerritory = (db: Db, info: TerritoryInfo, createdAt: Instant): void => {
  db.insert(territories)
    .values({
      code: info.code,
      name: info.name,
      zone: info.zone,
      ratePerSecond: info.rate.perSecond,
      rateBurst: info.rate.burst,
      createdAt,
    })
    .run()
}

export const findCommune = (db: Db, insee: string): CommuneRow | undefined =>
  queries(db).commune.get({ id: insee })

export const listCommunes = (db: Db, after: string, limit: number) =>
  db
    .select({ commune: communes, communityId: communityCommunes.communityId })
    .from(communes)
    .leftJoin(communityCommunes, eq(communityCommunes.insee, communes.insee))
    .where(gt(communes.insee, after))
    .orderBy(asc(communes.insee))
    .limit(limit)
    .all()

export const communesAmong = (db: Db, inseeCodes: readonly string[]): CommuneRow[] =>
  db
    .select()
    .from(communes)
    .where(inJson(communes.insee, ids))
    .prepare()
    .all({ ids: JSON.stringify(inseeCodes) })

export const upsertCommunes = (db: Db, rows: readonly CommuneRow[]): void => {
  for (const chunk of chunksFor(rows, 6))
    db.insert(communes)
      .values(chunk)
      .onConflictDoUpdate({
        target: communes.insee,
        set: {
          name: sql`excluded.name`,
          postalCode: sql`excluded.postal_code`,
          population: sql`excluded.population`,
          lat: sql`excluded.lat`,
          lon: sql`excluded.lon`,
        },
      })
      .run()
}

export const findCommunity = (db: Db, communityId: string): CommunityRow | undefined =>
  db.select().from(communities).where(eq(communities.id, communityId)).get()

export const findCommunityByFiness = (db: Db, finess: string): CommunityRow | undefined =>
  db.select().from(communities).where(eq(communities.finess, finess)).get()

export const listCommunities = (db: Db, after: string, limit: number): CommunityRow[] =>
  db
    .select()
    .from(communities)
    .where(gt(communities.id, after))
    .orderBy(asc(communities.id))
    .limit(limit)
    .all()

export const communitiesAmong = (db: Db, wanted: readonly string[]): string[] =>
  db
    .select({ id: communities.id })
    .from(communities)
    .where(inJson(communities.id, ids))
    .prepare()
    .all({ ids: JSON.stringify(wanted) })
    .map((row) => row.id)

export const communesOfCommunities = (db: Db, communityIds: readonly string[]) =>
  db
    .select()
    .from(communityCommunes)
    .where(inJson(communityCommunes.communityId, ids))
    .orderBy(asc(communityCommunes.insee))
    .prepare()
    .all({ ids: JSON.stringify(communityIds) })

export const holdersOf = (db: Db, inseeCodes: readonly string[]) =>
  db
    .select({
      insee: communityCommunes.insee,
      communityId: communityCommunes.communityId,
      communityName: communities.name,
    })
    .from(communityCommunes)
    .innerJoin(communities, eq(communities.id, communityCommunes.communityId))
    .where(inJson(communityCommunes.insee, ids))
    .orderBy(asc(communityCommunes.insee))
    .prepare()
    .all({ ids: JSON.stringify(inseeCodes) })

export const insertCommunity = (db: Db, row: CommunityRow): void => {
  db.insert(communities).values(row).run()
}

export const updateCommunity = (db: Db, communityId: string, change: Partial<CommunityRow>): void => {
  db.update(communities)
    .set({ ...change, version: sql`${communities.version} + 1` })
    .where(eq(communities.id, communityId))
    .run()
}

export const setCommunes = (db: Db, communityId: string, inseeCodes: readonly string[]): void => {
  db.delete(communityCommunes).where(eq(communityCommunes.communityId, communityId)).run()
  for (const chunk of chunksFor(inseeCodes, 2))
    db.insert(communityCommunes)
      .values(chunk.map((insee) => ({ insee, communityId })))
      .run()
}

export const findPractitioner = (db: Db, practitionerId: string): PractitionerRow | undefined =>
  queries(db).practitioner.get({ id: practitionerId })

export const findPractitionerByRpps = (db: Db, rpps: string): PractitionerRow | undefined =>
  db.select().from(practitioners).where(eq(practitioners.rpps, rpps)).get()

export const practitionersAmong = (db: Db, wanted: readonly string[]): PractitionerRow[] =>
  queries(db).practitioners.all({ ids: JSON.stringify(wanted) })

export const communitiesOfPractitioner = (db: Db, practitionerId: string): string[] =>
  queries(db)
    .communitiesOf.all({ id: practitionerId })
    .map((row) => row.id)

export const membershipsOf = (db: Db, practitionerIds: readonly string[]) =>
  queries(db).memberships.all({ ids: JSON.stringify(practitionerIds) })

export const sitesOf = (db: Db, practitionerIds: readonly string[]): SiteRow[] =>
  queries(db).sitesOf.all({ ids: JSON.stringify(practitionerIds) })

export const findSite = (db: Db, siteId: string): SiteRow | undefined => queries(db).site.get({ id: siteId })

export const sitesIn = (db: Db, box: Box): SiteRow[] => queries(db).sitesIn.all({ ...box })

export interface PractitionerFilter {
  readonly community?: string | undefined
  readonly commune?: string | undefined
}

export const listPractitioners = (
  db: Db,
  filter: PractitionerFilter,
  after: string,
  limit: number,
): PractitionerRow[] =>
  db
    .select()
    .from(practitioners)
    .where(
      and(
        gt(practitioners.id, after),
        filter.community === undefined
          ? undefined
          : inArray(
              practitioners.id,
              db
                .select({ id: practitionerCommunities.practitionerId })
                .from(practitionerCommunities)
                .where(eq(practitionerCommunities.communityId, filter.community)),
            ),
        filter.commune === undefined
          ? undefined
          : exists(
              db
                .select({ one: sql`1` })
                .from(sites)
                .where(and(eq(sites.practitionerId, practitioners.id), eq(sites.insee, filter.commune))),
            ),
      ),
    )
    .orderBy(asc(practitioners.id))
    .limit(limit)
    .all()

export const insertPractitioner = (db: Db, row: PractitionerRow, communityIds: readonly string[]): void => {
  db.insert(practitioners).values(row).run()
  insertMemberships(db, row.id, communityIds)
}

const insertMemberships = (db: Db, practitionerId: string, communityIds: readonly string[]) => {
  for (const chunk of chunksFor(communityIds, 2))
    db.insert(practitionerCommunities)
      .values(chunk.map((communityId) => ({ practitionerId, communityId })))
      .run()
}

export const updatePractitioner = (
  db: Db,
  practitionerId: string,
  change: Partial<PractitionerRow>,
): void => {
  db.update(practitioners)
    .set({ ...change, version: sql`${practitioners.version} + 1` })
    .where(eq(practitioners.id, practitionerId))
    .run()
}

export const setMemberships = (db: Db, practitionerId: string, communityIds: readonly string[]): void => {
  db.delete(practitionerCommunities).where(eq(practitionerCommunities.practitionerId, practitionerId)).run()
  insertMemberships(db, practitionerId, communityIds)
}

export const insertSite = (db: Db, row: SiteRow): void => {
  db.insert(sites).values(row).run()
}
