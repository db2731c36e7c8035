import { sql } from 'drizzle-orm'
import { maskOf } from '../../db/columns.ts'
import { prepared, type Db } from '../../db/db.ts'
import type { Instant } from '../../kernel/time.ts'
import { hasAudience, isClosed } from '../../slots/release/tables.ts'
import { slots } from '../../slots/tables.ts'
import {
  AUDIENCES,
  MODALITIES,
  type AppointmentType,
  type Audience,
  type Modality,
} from '../../slots/vocabulary.ts'
import { bookedSeats, bookings, seatsHeldByOthers, takenSeats } from '../tables.ts'

const p = sql.placeholder

// `cross join` keeps the sites outermost: each is then one seek in the index of open slots by site and start.
const queries = prepared((db: Db) => ({
  free: db
    .select({
      slot: slots,
      booked: bookedSeats.as('booked'),
      heldByOthers: seatsHeldByOthers(p('now'), p('keyId')).as('held_by_others'),
      taken: takenSeats(p('now')).as('taken'),
      km: sql<number>`near.value ->> 'km'`.as('km'),
    })
    .from(sql`json_each(${p('sites')}) as near`)
    .crossJoin(slots)
    .where(
      sql`${slots.siteId} = near.value ->> 'id' and ${slots.withdrawnAt} is null
        and ${slots.start} >= ${p('from')} and ${slots.start} < ${p('to')} and ${slots.start} > ${p('now')}
        and booked < ${slots.capacity}
        and (not ${isClosed(p('now'))} or booked + held_by_others < taken)
        and (${p('freeOnly')} = 0 or booked + held_by_others < ${slots.capacity})
        and (${hasAudience(p('now'), p('audiences'), p('audienceCodes'))}
          or (${hasAudience(p('now'), maskOf(AUDIENCES, ['CPTS']), JSON.stringify(['CPTS']))} and exists (
            select 1 from json_each(${slots.communityIds}) as named
            where named.value in (select value from json_each(${p('communities')})))))
        and (${p('modality')} = 0 or ${slots.modalities} & ${p('modality')} <> 0)
        and (${p('appointmentType')} is null or ${slots.appointmentType} = ${p('appointmentType')})
        and (${p('age')} is null or (coalesce(${slots.minAge}, 0) <= ${p('age')} and coalesce(${slots.maxAge}, 999) >= ${p('age')}))
        and ${slots.id} <> ${p('except')}`,
    )
    .orderBy(sql`near.value ->> 'rank', ${slots.start}, km, ${slots.id}`)
    .limit(p('limit'))
    .prepare(),
  bookingsSince: db
    .select({ practitionerId: bookings.practitionerId, count: sql<number>`count(*)` })
    .from(bookings)
    .where(
      sql`${bookings.practitionerId} in (select value from json_each(${p('practitioners')}))
        and ${bookings.start} >= ${p('from')} and ${bookings.start} < ${p('to')}
        and ${bookings.status} in ('booked', 'fulfilled', 'noshow')`,
    )
    .groupBy(bookings.practitionerId)
    .prepare(),
}))

export interface RankedSite {
  readonly id: string
  readonly km: number
  /** What slots are ordered by before their start. */
  readonly rank: number
}

export interface FreeFilter {
  readonly sites: readonly RankedSite[]
  readonly from: Instant
  readonly to: Instant
  readonly now: Instant
  /** Whose holds are not in their own way. */
  readonly keyId: string
  readonly audiences: readonly Audience[]
  readonly communityIds: readonly string[]
  readonly modality: Modality | undefined
  readonly appointmentType: AppointmentType | undefined
  readonly age: number | undefined
  /** Leaves out what others hold. */
  readonly freeOnly: boolean
  /** A slot that is not wanted back. */
  readonly except: string | undefined
  readonly limit: number
}

export interface FreeSlot {
  readonly slot: typeof slots.$inferSelect
  /** Seats booked. */
  readonly booked: number
  /** Seats that others hold. */
  readonly heldByOthers: number
  /** Seats booked or held. */
  readonly taken: number
  readonly km: number
}

/** Slots with a seat that is not booked, and that are not closed to the caller, by rank of their site, start, distance and id. */
export const listFree = (db: Db, filter: FreeFilter): FreeSlot[] =>
  queries(db).free.all({
    sites: JSON.stringify(filter.sites),
    from: filter.from,
    to: filter.to,
    now: filter.now,
    keyId: filter.keyId,
    audiences: maskOf(AUDIENCES, filter.audiences),
    audienceCodes: JSON.stringify(filter.audiences),
    communities: JSON.stringify(filter.communityIds),
    modality: maskOf(MODALITIES, filter.modality === undefined ? [] : [filter.modality]),
    appointmentType: filter.appointmentType ?? null,
    age: filter.age ?? null,
    freeOnly: filter.freeOnly ? 1 : 0,
    except: filter.except ?? '',
    limit: filter.limit,
  })

/** Bookings of each practitioner that start in a window, the cancelled left out. */
export const countBookings = (db: Db, practitionerIds: readonly string[], from: Instant, to: Instant) =>
  new Map(
    queries(db)
      .bookingsSince.all({ practitioners: JSON.stringify(practitionerIds), from, to })
      .map((row) => [row.practitionerId, row.count]),
  )
