import { and, asc, count, eq, gt, gte, isNull, or, sql, type SQL } from 'drizzle-orm'
import { keys } from '../access/tables.ts'
import { bookedSeats } from '../bookings/tables.ts'
import { prepared, type Db } from '../db/db.ts'
import { events } from '../events/tables.ts'
import type { Instant } from '../kernel/time.ts'
import { sites } from '../members/tables.ts'
import { slots } from '../slots/tables.ts'
import { feeds, sectorFeeds } from './tables.ts'
import type { FeedKind } from './vocabulary.ts'

export type FeedRow = typeof feeds.$inferSelect
export type SectorFeedRow = typeof sectorFeeds.$inferSelect

const p = sql.placeholder

/** Feeds that are read now, in the words of `isOpen`. */
const isOpen = (table: typeof feeds | typeof sectorFeeds, now: Instant) =>
  and(isNull(table.revokedAt), isNull(keys.revokedAt), or(isNull(keys.expiresAt), gt(keys.expiresAt, now)))

const queries = prepared((db: Db) => ({
  bySecret: db
    .select({ feed: feeds, keyRevokedAt: keys.revokedAt, keyExpiresAt: keys.expiresAt })
    .from(feeds)
    .innerJoin(keys, eq(keys.id, feeds.keyId))
    .where(eq(feeds.sha256, p('sha256')))
    .prepare(),
  sectorBySecret: db
    .select({ feed: sectorFeeds, keyRevokedAt: keys.revokedAt, keyExpiresAt: keys.expiresAt })
    .from(sectorFeeds)
    .innerJoin(keys, eq(keys.id, sectorFeeds.keyId))
    .where(eq(sectorFeeds.sha256, p('sha256')))
    .prepare(),
  slots: db
    .select({
      slot: slots,
      taken: bookedSeats,
      site: { name: sites.name, line: sites.line, postalCode: sites.postalCode, city: sites.city },
    })
    .from(slots)
    .innerJoin(sites, eq(sites.id, slots.siteId))
    .where(
      and(
        eq(slots.practitionerId, p('practitionerId')),
        gte(slots.start, p('since')),
        or(isNull(slots.withdrawnAt), gt(slots.withdrawnAt, p('since'))),
      ),
    )
    .orderBy(asc(slots.start), asc(slots.id))
    .limit(p('limit'))
    .prepare(),
}))

export const insertFeed = (db: Db, row: FeedRow): void => {
  db.insert(feeds).values(row).run()
}

export const insertSectorFeed = (db: Db, row: SectorFeedRow): void => {
  db.insert(sectorFeeds).values(row).run()
}

export const findFeed = (db: Db, id: string): FeedRow | undefined =>
  db.select().from(feeds).where(eq(feeds.id, id)).get()

export const findSectorFeed = (db: Db, id: string): SectorFeedRow | undefined =>
  db.select().from(sectorFeeds).where(eq(sectorFeeds.id, id)).get()

/** A feed of a practitioner’s own by the hash of its secret, revoked or not, with what may end it besides. */
export const findBySecret = (db: Db, sha256: Uint8Array) => queries(db).bySecret.get({ sha256 })

/** The same of a sector’s. */
export const findSectorBySecret = (db: Db, sha256: Uint8Array) => queries(db).sectorBySecret.get({ sha256 })

/** Whose feeds: a practitioner’s, whatever key made them, or those that a key of nobody’s own made. */
export type Owner = { readonly practitionerId: string } | { readonly keyId: string }

/** Null for a key of nobody’s own, which has no feed of a practitioner’s. */
const isOwn = (owner: Owner): SQL | null =>
  'keyId' in owner ? null : eq(feeds.practitionerId, owner.practitionerId)

const isMadeBy = (owner: Owner): SQL =>
  'keyId' in owner
    ? eq(sectorFeeds.keyId, owner.keyId)
    : sql`${sectorFeeds.keyId} in (select own.id from ${keys} as own where own.practitioner_id = ${owner.practitionerId})`

export const countOpen = (db: Db, owner: Owner, now: Instant): number => {
  const open = (table: typeof feeds | typeof sectorFeeds, whose: SQL | null) =>
    (whose &&
      db
        .select({ open: count() })
        .from(table)
        .innerJoin(keys, eq(keys.id, table.keyId))
        .where(and(whose, isOpen(table, now)))
        .get()?.open) ??
    0
  return open(feeds, isOwn(owner)) + open(sectorFeeds, isMadeBy(owner))
}

/** A feed of either table, with its key’s practitioner. */
export interface ListedFeed {
  readonly id: string
  readonly kind: FeedKind
  readonly practitionerId: string | null
  readonly sectorId: string | null
  readonly createdAt: Instant
}

/** Feeds that are read now, of one owner or of all, by id. */
export const listFeeds = (
  db: Db,
  owner: Owner | undefined,
  now: Instant,
  after: string,
  limit: number,
): ListedFeed[] => {
  const listed = (table: typeof feeds | typeof sectorFeeds, whose: SQL | undefined) =>
    and(whose, isOpen(table, now), gt(table.id, after))
  const whose = owner && isOwn(owner)
  const own =
    whose === null
      ? []
      : db
          .select({
            id: feeds.id,
            kind: feeds.kind,
            practitionerId: feeds.practitionerId,
            createdAt: feeds.createdAt,
          })
          .from(feeds)
          .innerJoin(keys, eq(keys.id, feeds.keyId))
          .where(listed(feeds, whose))
          .orderBy(asc(feeds.id))
          .limit(limit)
          .all()
          .map((row) => ({ ...row, sectorId: null }))
  const ofSectors = db
    .select({
      id: sectorFeeds.id,
      sectorId: sectorFeeds.sectorId,
      practitionerId: keys.practitionerId,
      createdAt: sectorFeeds.createdAt,
    })
    .from(sectorFeeds)
    .innerJoin(keys, eq(keys.id, sectorFeeds.keyId))
    .where(listed(sectorFeeds, owner && isMadeBy(owner)))
    .orderBy(asc(sectorFeeds.id))
    .limit(limit)
    .all()
    .map((row) => ({ ...row, kind: 'sector' as const }))
  return [...own, ...ofSectors].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit)
}

export const revokeFeed = (db: Db, id: string, at: Instant): void => {
  db.update(feeds).set({ revokedAt: at }).where(eq(feeds.id, id)).run()
}

export const revokeSectorFeed = (db: Db, id: string, at: Instant): void => {
  db.update(sectorFeeds).set({ revokedAt: at }).where(eq(sectorFeeds.id, id)).run()
}

/** The soonest slots of a practitioner that start from `since` on, but those withdrawn before it; with their site. */
export const listSlots = (db: Db, practitionerId: string, since: Instant, limit: number) =>
  queries(db).slots.all({ practitionerId, since, limit })

/**
 * How often a seat of each slot of a practitioner was booked or given back, and when last. A move is told of by an
 * event of the practitioner moved to, so that of the one moved from is found by another index.
 */
export const listSeatChanges = (
  db: Db,
  practitionerId: string,
): { slotId: string; count: number; lastAt: Instant }[] =>
  db.all(sql`select slot_id as "slotId", count(*) as "count", max(at) as "lastAt" from (
      select ${events.data} ->> '$.slotId' as slot_id, ${events.at} as at from ${events}
        where ${events.practitionerId} = ${practitionerId}
          and ${events.type} in ('booking.created', 'booking.cancelled')
      union all select ${events.data} ->> '$.to', ${events.at} from ${events}
        where ${events.practitionerId} = ${practitionerId} and ${events.type} = 'booking.moved'
      union all select ${events.data} ->> '$.from', ${events.at} from ${events}
        where ${events.data} ->> '$.fromPractitionerId' = ${practitionerId} and ${events.type} = 'booking.moved'
    ) group by slot_id`)
