import { and, asc, eq, gt, gte, inArray, isNotNull, isNull, lt, ne, or, sql, type SQL } from 'drizzle-orm'
import { prepared, type Db } from '../db/db.ts'
import { identities } from '../identities/tables.ts'
import { practitionerCommunities } from '../members/tables.ts'
import type { Instant } from '../kernel/time.ts'
import { bookings } from './tables.ts'
import type { BookingStatus } from './vocabulary.ts'

export type BookingRow = typeof bookings.$inferSelect

const p = sql.placeholder
const queries = prepared((db: Db) => ({
  find: db
    .select()
    .from(bookings)
    .where(and(eq(bookings.id, p('id')), ne(bookings.status, 'held')))
    .prepare(),
  samePerson: db
    .select({ id: bookings.id })
    .from(identities)
    .innerJoin(bookings, eq(bookings.identityId, identities.id))
    .where(
      and(
        eq(identities.blindIndex, p('blindIndex')),
        eq(bookings.status, 'booked'),
        gt(bookings.start, p('from')),
        lt(bookings.start, p('to')),
      ),
    )
    .limit(1)
    .prepare(),
}))

export const findBooking = (db: Db, id: string): BookingRow | undefined => queries(db).find.get({ id })

export const updateBooking = (db: Db, id: string, change: Partial<BookingRow>): BookingRow =>
  db
    .update(bookings)
    .set({ ...change, version: sql`${bookings.version} + 1` })
    .where(eq(bookings.id, id))
    .returning()
    .get()

/** Whether the person has an active booking that starts strictly between the two instants. */
export const hasBooking = (db: Db, blindIndex: Uint8Array, from: Instant, to: Instant): boolean =>
  queries(db).samePerson.get({ blindIndex, from, to }) !== undefined

/** Whose bookings a reader may list. */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'regulation' }
  | { readonly kind: 'practitioner'; readonly practitionerId: string }
  | { readonly kind: 'communities'; readonly communityIds: readonly string[] }

const scopeFilter = (db: Db, scope: Scope): SQL | undefined => {
  switch (scope.kind) {
    case 'all':
      return undefined
    case 'regulation':
      return ne(bookings.origin, 'practitioner')
    case 'practitioner':
      return or(
        eq(bookings.practitionerId, scope.practitionerId),
        eq(bookings.bookedByPractitionerId, scope.practitionerId),
      )
    case 'communities':
      return inArray(
        bookings.practitionerId,
        db
          .select({ id: practitionerCommunities.practitionerId })
          .from(practitionerCommunities)
          .where(
            sql`${practitionerCommunities.communityId} in (select value from json_each(${JSON.stringify(scope.communityIds)}))`,
          ),
      )
  }
}

export interface BookingFilter {
  readonly practitioner?: string | undefined
  readonly from?: Instant | undefined
  readonly to?: Instant | undefined
  readonly status?: BookingStatus | undefined
  readonly needsAttention?: boolean | undefined
}

/** Bookings by start, then id, after a given one. */
export const listBookings = (
  db: Db,
  scope: Scope,
  filter: BookingFilter,
  after: { start: Instant; id: string } | undefined,
  limit: number,
): BookingRow[] =>
  db
    .select()
    .from(bookings)
    .where(
      and(
        ne(bookings.status, 'held'),
        scopeFilter(db, scope),
        filter.practitioner === undefined ? undefined : eq(bookings.practitionerId, filter.practitioner),
        filter.from === undefined ? undefined : gte(bookings.start, filter.from),
        filter.to === undefined ? undefined : lt(bookings.start, filter.to),
        filter.status === undefined ? undefined : eq(bookings.status, filter.status),
        filter.needsAttention === undefined
          ? undefined
          : filter.needsAttention
            ? isNotNull(bookings.needsAttention)
            : isNull(bookings.needsAttention),
        after &&
          or(
            gt(bookings.start, after.start),
            and(eq(bookings.start, after.start), gt(bookings.id, after.id)),
          ),
      ),
    )
    .orderBy(asc(bookings.start), asc(bookings.id))
    .limit(limit)
    .all()
