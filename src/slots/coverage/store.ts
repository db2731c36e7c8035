import { asc, eq, sql } from 'drizzle-orm'
import { bookings, takenSeats } from '../../bookings/tables.ts'
import { chunksFor, prepared, type Db } from '../../db/db.ts'
import { DAY, type Instant, type Interval } from '../../kernel/time.ts'
import { practitionerCommunities, practitioners } from '../../members/tables.ts'
import { isStanding, offeredSeats } from '../release/tables.ts'
import { slots } from '../tables.ts'
import { coverageWishes } from './tables.ts'

type WishRow = typeof coverageWishes.$inferSelect

const p = sql.placeholder

// `cross join` keeps the half-days outermost, then the members of the CPTS: the slots of each are one seek by start.
const queries = prepared((db: Db) => ({
  wishes: db
    .select({
      weekday: coverageWishes.weekday,
      half: coverageWishes.half,
      places: coverageWishes.places,
    })
    .from(coverageWishes)
    .where(eq(coverageWishes.communityId, p('communityId')))
    .orderBy(asc(coverageWishes.weekday), asc(coverageWishes.half))
    .prepare(),
  seats: db
    .select({
      place: sql<number>`half.key`,
      capacity: sql<number>`sum(${offeredSeats(p('now'))})`,
      taken: sql<number>`sum(${takenSeats(p('now'))})`,
    })
    .from(sql`json_each(${p('halves')}) as half`)
    .crossJoin(practitionerCommunities)
    .crossJoin(slots)
    .where(
      sql`${practitionerCommunities.communityId} = ${p('communityId')}
        and ${slots.practitionerId} = ${practitionerCommunities.practitionerId} and ${isStanding(p('now'))}
        and ${slots.start} >= half.value ->> 'start' and ${slots.start} < half.value ->> 'end'`,
    )
    .groupBy(sql`half.key`)
    .prepare(),
  busy: db
    .selectDistinct({ place: sql<number>`half.key`, practitionerId: slots.practitionerId })
    .from(sql`json_each(${p('halves')}) as half`)
    .crossJoin(practitionerCommunities)
    .crossJoin(slots)
    .where(
      // No slot is longer than a day, so the index is read over a bounded range.
      sql`${practitionerCommunities.communityId} = ${p('communityId')}
        and ${slots.practitionerId} = ${practitionerCommunities.practitionerId} and ${isStanding(p('now'))}
        and ${slots.start} > half.value ->> 'start' - ${sql.raw(String(DAY))}
        and ${slots.start} < half.value ->> 'end' and ${slots.end} > half.value ->> 'start'`,
    )
    .prepare(),
  members: db
    .select({
      id: practitioners.id,
      given: practitioners.given,
      family: practitioners.family,
      weeklyTargetMinutes: practitioners.weeklyTargetMinutes,
      bookings: sql<number>`(${sql`select count(*) from ${bookings}
        where ${bookings.practitionerId} = ${practitioners.id}
          and ${bookings.start} >= ${p('from')} and ${bookings.start} < ${p('to')}
          and ${bookings.status} in ('booked', 'fulfilled', 'noshow')`})`,
    })
    .from(practitionerCommunities)
    .crossJoin(practitioners)
    .where(
      sql`${practitionerCommunities.communityId} = ${p('communityId')}
        and ${practitioners.id} = ${practitionerCommunities.practitionerId}`,
    )
    .prepare(),
  openTime: db
    .select({ milliseconds: sql<number>`coalesce(sum(${slots.end} - ${slots.start}), 0)` })
    .from(slots)
    .where(
      sql`${slots.practitionerId} = ${p('practitionerId')} and ${isStanding(p('now'))}
        and ${slots.start} >= ${p('start')} and ${slots.start} < ${p('end')}`,
    )
    .prepare(),
  regulatedActs: db
    .select({ count: sql<number>`count(*)` })
    .from(bookings)
    .where(
      sql`${bookings.practitionerId} = ${p('practitionerId')} and ${bookings.origin} <> 'practitioner'
        and ${bookings.status} in ('booked', 'fulfilled')
        and ${bookings.start} >= ${p('start')} and ${bookings.start} < ${p('end')}`,
    )
    .prepare(),
}))

/** The plan of a CPTS by weekday, mornings first. */
export const listWishes = (db: Db, communityId: string) => queries(db).wishes.all({ communityId })

export const replaceWishes = (
  db: Db,
  communityId: string,
  wishes: readonly Omit<WishRow, 'communityId'>[],
): void => {
  db.delete(coverageWishes).where(eq(coverageWishes.communityId, communityId)).run()
  for (const chunk of chunksFor(wishes, 4))
    db.insert(coverageWishes)
      .values(chunk.map((wish) => ({ ...wish, communityId })))
      .run()
}

const textOf = (halves: readonly Interval[]) =>
  JSON.stringify(halves.map(({ start, end }) => ({ start, end })))

/** Seats of the members' slots, not withdrawn, that start in each half-day, by the half-day's place in the list. */
export const seatsIn = (db: Db, communityId: string, halves: readonly Interval[], now: Instant) =>
  new Map(
    queries(db)
      .seats.all({ communityId, halves: textOf(halves), now })
      .map(({ place, ...seats }) => [place, seats]),
  )

/** Members who have a slot, not withdrawn, that shares time with each half-day, by the half-day's place in the list. */
export const busyIn = (
  db: Db,
  communityId: string,
  halves: readonly Interval[],
  now: Instant,
): Map<number, Set<string>> => {
  const busy = new Map(halves.map((_, place) => [place, new Set<string>()]))
  for (const { place, practitionerId } of queries(db).busy.all({ communityId, halves: textOf(halves), now }))
    busy.get(place)?.add(practitionerId)
  return busy
}

/** Members of a CPTS with their bookings that start in a window, the cancelled left out. */
export const listMembers = (db: Db, communityId: string, from: Instant, to: Instant) =>
  queries(db).members.all({ communityId, from, to })

/** Time of a practitioner's slots, not withdrawn, that start in an interval. */
export const openMilliseconds = (
  db: Db,
  practitionerId: string,
  { start, end }: Interval,
  now: Instant,
): number => queries(db).openTime.get({ practitionerId, start, end, now })?.milliseconds ?? 0

/** Bookings by the SAS, neither cancelled nor missed, that start in an interval. */
export const countRegulatedActs = (db: Db, practitionerId: string, { start, end }: Interval): number =>
  queries(db).regulatedActs.get({ practitionerId, start, end })?.count ?? 0
