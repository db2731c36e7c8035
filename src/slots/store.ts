import { and, asc, eq, gt, gte, isNotNull, isNull, lt, lte, ne, not, or, sql, type SQL } from 'drizzle-orm'
import { takenSeats } from '../bookings/tables.ts'
import { maskOf } from '../db/columns.ts'
import { prepared, type Db } from '../db/db.ts'
import { practitionerCommunities } from '../members/tables.ts'
import { DAY, type Instant, type Interval } from '../kernel/time.ts'
import { hasAudience, isClosed, isStanding } from './release/tables.ts'
import { slots } from './tables.ts'
import { AUDIENCES, SERIES_ENDED, type Audience, type SlotStatus } from './vocabulary.ts'

export type SlotRow = typeof slots.$inferSelect
export interface SlotWithTaken {
  readonly slot: SlotRow
  readonly taken: number
}

const p = sql.placeholder
const queries = prepared((db: Db) => ({
  find: db
    .select({ slot: slots, taken: takenSeats(p('now')) })
    .from(slots)
    .where(eq(slots.id, p('id')))
    .prepare(),
  overlapping: db
    .select({ id: slots.id, start: slots.start, end: slots.end })
    .from(slots)
    .where(
      and(
        eq(slots.practitionerId, p('practitionerId')),
        isStanding(p('now')),
        // A patient taken en sus is seen on top of the agenda.
        sql`${slots.origin} <> 'en_sus'`,
        gt(slots.start, p('earliest')),
        lt(slots.start, p('end')),
        gt(slots.end, p('start')),
      ),
    )
    .orderBy(asc(slots.start))
    .limit(p('limit'))
    .prepare(),
  insert: db
    .insert(slots)
    .values({
      id: p('id'),
      practitionerId: p('practitionerId'),
      siteId: p('siteId'),
      start: p('start'),
      end: p('end'),
      capacity: p('capacity'),
      audiences: p('audiences'),
      communityIds: p('communityIds'),
      modalities: p('modalities'),
      appointmentType: p('appointmentType'),
      motives: p('motives'),
      minAge: p('minAge'),
      maxAge: p('maxAge'),
      release: p('release'),
      origin: p('origin'),
      seriesId: p('seriesId'),
      occurrence: p('occurrence'),
      shiftId: p('shiftId'),
      shiftPlace: p('shiftPlace'),
      withdrawnAt: p('withdrawnAt'),
      withdrawnReason: p('withdrawnReason'),
      releasedAt: p('releasedAt'),
      version: p('version'),
      createdAt: p('createdAt'),
    })
    .prepare(),
}))

export const findSlot = (db: Db, id: string, now: Instant): SlotWithTaken | undefined =>
  queries(db).find.get({ id, now })

export const insertSlot = (db: Db, row: SlotRow): void => {
  queries(db).insert.run({ ...row })
}

/** Slots of a practitioner, not withdrawn, that share time with the interval, by start. */
export const overlapping = (
  db: Db,
  practitionerId: string,
  interval: Interval,
  now: Instant,
  limit: number,
) =>
  queries(db).overlapping.all({
    practitionerId,
    now,
    // No slot is longer than a day, so the index is read over a bounded range.
    earliest: interval.start - DAY,
    start: interval.start,
    end: interval.end,
    limit,
  })

export const withdrawSlot = (db: Db, id: string, at: Instant, reason: string | null): void => {
  db.update(slots)
    .set({ withdrawnAt: at, withdrawnReason: reason, version: sql`${slots.version} + 1` })
    .where(eq(slots.id, id))
    .run()
}

/** Whose slots a reader may list. */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'practitioner'; readonly practitionerId: string }
  | { readonly kind: 'communities'; readonly communityIds: readonly string[] }
  | { readonly kind: 'audiences'; readonly audiences: readonly Audience[] }

const scopeFilter = (db: Db, scope: Scope, now: Instant): SQL | undefined => {
  switch (scope.kind) {
    case 'all':
      return undefined
    case 'practitioner':
      return eq(slots.practitionerId, scope.practitionerId)
    case 'communities':
      return sql`${slots.practitionerId} in ${db
        .select({ id: practitionerCommunities.practitionerId })
        .from(practitionerCommunities)
        .where(
          sql`${practitionerCommunities.communityId} in (select value from json_each(${JSON.stringify(scope.communityIds)}))`,
        )}`
    case 'audiences':
      return hasAudience(sql`${now}`, maskOf(AUDIENCES, scope.audiences), JSON.stringify(scope.audiences))
  }
}

const statusFilter = (status: SlotStatus | undefined, at: Instant): SQL | undefined => {
  const now = sql`${at}`
  const future = and(isStanding(now), gt(slots.start, at))
  switch (status) {
    case undefined:
      return undefined
    case 'withdrawn':
      return not(isStanding(now))
    case 'past':
      return and(isStanding(now), lte(slots.start, at))
    case 'full':
      return and(future, sql`(${isClosed(now)} or ${takenSeats(now)} >= ${slots.capacity})`)
    case 'open':
      return and(future, sql`not ${isClosed(now)} and ${takenSeats(now)} < ${slots.capacity}`)
  }
}

export interface SlotFilter {
  readonly practitioner?: string | undefined
  readonly from?: Instant | undefined
  readonly to?: Instant | undefined
  readonly status?: SlotStatus | undefined
}

/** Slots by start, then id, after a given one. */
export const listSlots = (
  db: Db,
  scope: Scope,
  filter: SlotFilter,
  now: Instant,
  after: { start: Instant; id: string } | undefined,
  limit: number,
): SlotWithTaken[] =>
  db
    .select({ slot: slots, taken: takenSeats(sql`${now}`) })
    .from(slots)
    .where(
      and(
        scopeFilter(db, scope, now),
        filter.practitioner === undefined ? undefined : eq(slots.practitionerId, filter.practitioner),
        filter.from === undefined ? undefined : gte(slots.start, filter.from),
        filter.to === undefined ? undefined : lt(slots.start, filter.to),
        statusFilter(filter.status, now),
        after && or(gt(slots.start, after.start), and(eq(slots.start, after.start), gt(slots.id, after.id))),
      ),
    )
    .orderBy(asc(slots.start), asc(slots.id))
    .limit(limit)
    .all()

/**
 * Withdraws the future slots of a series from a civil date on that nobody booked, and gives up those that somebody did;
 * returns the ids of these.
 */
export const withdrawSeriesSlots = (
  db: Db,
  seriesId: string,
  from: string,
  now: Instant,
): { removed: number; keptBooked: string[] } => {
  const concerned = and(
    eq(slots.seriesId, seriesId),
    gt(slots.start, now),
    gte(slots.occurrence, from as never),
    isNull(slots.withdrawnAt),
  )
  const keptBooked = db
    .select({ id: slots.id })
    .from(slots)
    .where(and(concerned, sql`${takenSeats(sql`${now}`)} > 0`))
    .orderBy(asc(slots.start))
    .all()
    .map((row) => row.id)
  const removed = db
    .update(slots)
    .set({ withdrawnAt: now, withdrawnReason: SERIES_ENDED, version: sql`${slots.version} + 1` })
    .where(and(concerned, not(isClosed(sql`${now}`)), sql`${takenSeats(sql`${now}`)} = 0`))
    .returning({ id: slots.id })
    .all().length
  giveUpSlots(db, keptBooked)
  return { removed, keptBooked }
}

/**
 * Marks slots that stand as given up: kept for the patients they have, and for nobody else. Terms and seats are what they
 * were, so the version stays.
 */
export const giveUpSlots = (db: Db, ids: readonly string[], reason: string = SERIES_ENDED): void => {
  db.update(slots)
    .set({ withdrawnReason: reason })
    .where(
      sql`${slots.id} in (select value from json_each(${JSON.stringify(ids)})) and ${slots.withdrawnAt} is null`,
    )
    .run()
}

/** Slots of these series from an instant on, withdrawn or not, by start. */
export const listSeriesSlots = (db: Db, seriesIds: readonly string[], from: Instant, now: Instant) =>
  db
    .select({ slot: slots, taken: takenSeats(sql`${now}`) })
    .from(slots)
    .where(
      and(
        sql`${slots.seriesId} in (select value from json_each(${JSON.stringify(seriesIds)}))`,
        gte(slots.start, from),
      ),
    )
    .orderBy(asc(slots.start), asc(slots.id))
    .all()

export const withdrawSlots = (db: Db, ids: readonly string[], at: Instant, reason: string): void => {
  db.update(slots)
    .set({ withdrawnAt: at, withdrawnReason: reason, version: sql`${slots.version} + 1` })
    .where(sql`${slots.id} in (select value from json_each(${JSON.stringify(ids)}))`)
    .run()
}

/** Slots to come of these shifts, withdrawn or not, by start. */
export const listShiftSlots = (db: Db, shiftIds: readonly string[], now: Instant) =>
  db
    .select({ slot: slots, taken: takenSeats(sql`${now}`) })
    .from(slots)
    .where(
      and(
        isNotNull(slots.shiftId),
        sql`${slots.shiftId} in (select value from json_each(${JSON.stringify(shiftIds)}))`,
        gt(slots.start, now),
      ),
    )
    .orderBy(asc(slots.start), asc(slots.id))
    .all()

/** Opens again slots that stand and were given up. */
export const reopenSlots = (db: Db, ids: readonly string[]): void => {
  db.update(slots)
    .set({ withdrawnReason: null })
    .where(
      sql`${slots.id} in (select value from json_each(${JSON.stringify(ids)})) and ${slots.withdrawnAt} is null`,
    )
    .run()
}

/** Gives a slot to another practitioner, at a site of theirs; nothing when it is theirs already. */
export const handOverSlot = (db: Db, id: string, practitionerId: string, siteId: string): void => {
  db.update(slots)
    .set({ practitionerId, siteId, version: sql`${slots.version} + 1` })
    .where(and(eq(slots.id, id), ne(slots.practitionerId, practitionerId)))
    .run()
}
