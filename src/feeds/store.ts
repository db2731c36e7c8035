import { and, asc, count, eq, gt, gte, isNull, or, sql } from 'drizzle-orm'
import { keys } from '../access/tables.ts'
import { bookedSeats } from '../bookings/tables.ts'
import { prepared, type Db } from '../db/db.ts'
import { events } from '../events/tables.ts'
import type { Instant } from '../kernel/time.ts'
import { sites } from '../members/tables.ts'
import { slots } from '../slots/tables.ts'
import { feeds } from './tables.ts'

export type FeedRow = typeof feeds.$inferSelect

const p = sql.placeholder

/** Feeds that are read now, in the words of `isOpen`. */
const isOpen = (now: Instant) =>
  and(isNull(feeds.revokedAt), isNull(keys.revokedAt), or(isNull(keys.expiresAt), gt(keys.expiresAt, now)))

const queries = prepared((db: Db) => ({
  bySecret: db
    .select({ feed: feeds, keyRevokedAt: keys.revokedAt, keyExpiresAt: keys.expiresAt })
    .from(feeds)
    .innerJoin(keys, eq(keys.id, feeds.keyId))
    .where(eq(feeds.sha256, p('sha256')))
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

export const findFeed = (db: Db, id: string): FeedRow | undefined =>
  db.select().from(feeds).where(eq(feeds.id, id)).get()

/** A feed by the hash of its secret, revoked or not, with what may end it besides. */
export const findBySecret = (db: Db, sha256: Uint8Array) => queries(db).bySecret.get({ sha256 })

export const countOpen = (db: Db, practitionerId: string, now: Instant): number =>
  db
    .select({ open: count() })
    .from(feeds)
    .innerJoin(keys, eq(keys.id, feeds.keyId))
    .where(and(eq(feeds.practitionerId, practitionerId), isOpen(now)))
    .get()?.open ?? 0

/** Feeds that are read now, of one practitioner or of all, by id. */
export const listFeeds = (
  db: Db,
  practitionerId: string | undefined,
  now: Instant,
  after: string,
  limit: number,
): FeedRow[] =>
  db
    .select({ feed: feeds })
    .from(feeds)
    .innerJoin(keys, eq(keys.id, feeds.keyId))
    .where(
      and(
        practitionerId === undefined ? undefined : eq(feeds.practitionerId, practitionerId),
        isOpen(now),
        gt(feeds.id, after),
      ),
    )
    .orderBy(asc(feeds.id))
    .limit(limit)
    .all()
    .map(({ feed }) => feed)

export const revokeFeed = (db: Db, id: string, at: Instant): void => {
  db.update(feeds).set({ revokedAt: at }).where(eq(feeds.id, id)).run()
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
