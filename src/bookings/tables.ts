import { sql, type SQL, type SQLWrapper } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { keys } from '../access/tables.ts'
import { instantColumn } from '../db/columns.ts'
import type { Role } from '../kernel/ctx.ts'
import { practitioners, sites } from '../members/tables.ts'
import { slots } from '../slots/tables.ts'
import type { Modality } from '../slots/vocabulary.ts'
import type {
  AttentionReason,
  BookingOrigin,
  CancelReason,
  Motive,
  RequestedDelay,
  SeatStatus,
} from './vocabulary.ts'

/**
 * One seat of one slot, taken. The partial unique index is the promise of the product: two active rows never share a
 * seat. Place and time are those agreed with the patient, so they are the booking's own.
 */
export const bookings = sqliteTable(
  'bookings',
  {
    id: text('id').primaryKey(),
    slotId: text('slot_id')
      .notNull()
      .references(() => slots.id, { onDelete: 'restrict' }),
    seat: integer('seat').notNull(),
    status: text('status').$type<SeatStatus>().notNull(),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    siteId: text('site_id')
      .notNull()
      .references(() => sites.id, { onDelete: 'restrict' }),
    start: instantColumn('start').notNull(),
    end: instantColumn('end').notNull(),
    modality: text('modality').$type<Modality>(),
    /** No foreign key: erasing a person deletes the identity and leaves the booking pseudonymous. */
    identityId: text('identity_id'),
    motiveCode: text('motive_code').$type<Motive>(),
    regulationRef: text('regulation_ref'),
    requestedDelay: text('requested_delay').$type<RequestedDelay>(),
    calledAt: instantColumn('called_at'),
    operatorId: text('operator_id'),
    operatorName: text('operator_name'),
    origin: text('origin').$type<BookingOrigin>().notNull(),
    keyId: text('key_id')
      .notNull()
      .references(() => keys.id, { onDelete: 'restrict' }),
    /** The practitioner who booked for a patient of their own. */
    bookedByPractitionerId: text('booked_by_practitioner_id').references(() => practitioners.id, {
      onDelete: 'restrict',
    }),
    cancelledAt: instantColumn('cancelled_at'),
    cancelReason: text('cancel_reason').$type<CancelReason>(),
    cancelledBy: text('cancelled_by').$type<Role>(),
    /** Until when a held seat is the holder's; later it is anybody's, whether or not a row still says so. */
    expiresAt: instantColumn('expires_at'),
    isExtended: integer('is_extended', { mode: 'boolean' }).notNull().default(false),
    outcomeAt: instantColumn('outcome_at'),
    needsAttention: text('needs_attention').$type<AttentionReason>(),
    version: integer('version').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [
    check('bookings_status', sql`${t.status} in ('held', 'booked', 'fulfilled', 'noshow', 'cancelled')`),
    check('bookings_seat', sql`${t.seat} >= 1`),
    check('bookings_interval', sql`${t.end} > ${t.start}`),
    check(
      'bookings_complete',
      sql`${t.status} = 'held' or (${t.motiveCode} is not null and ${t.regulationRef} is not null and ${t.requestedDelay} is not null and ${t.operatorId} is not null and ${t.modality} is not null)`,
    ),
    check(
      'bookings_cancelled',
      sql`(${t.status} = 'cancelled') = (${t.cancelledAt} is not null and ${t.cancelReason} is not null and ${t.cancelledBy} is not null)`,
    ),
    uniqueIndex('bookings_active_seat')
      .on(t.slotId, t.seat)
      .where(sql`${t.status} <> 'cancelled'`),
    index('bookings_practitioner_start').on(t.practitionerId, t.start),
    index('bookings_start').on(t.start),
    index('bookings_identity').on(t.identityId),
    index('bookings_held')
      .on(t.expiresAt)
      .where(sql`${t.status} = 'held'`),
    index('bookings_attention')
      .on(t.practitionerId)
      .where(sql`${t.needsAttention} is not null`),
  ],
)

/** Whether a row occupies its seat, in the words of the partial index: with a parameter SQLite could not use it. */
export const isActive = sql`${bookings.status} <> 'cancelled'`

/** Seats of a slot counted from the bookings, by the index that keeps them apart. */
const seatsOf = (counted: SQL) =>
  sql<number>`(${
    // Nested, so that drizzle keeps the names of the tables: it drops those it finds right in a field of a select from
    // one table, and `slot_id = id` would count other bookings.
    sql`select count(*) from ${bookings} where ${bookings.slotId} = ${slots.id} and ${isActive} and ${counted}`
  })`

/** Seats taken at an instant: those booked, and those held whose lease has not run out, swept away or not. */
export const takenSeats = (now: SQLWrapper) =>
  seatsOf(sql`(${bookings.status} <> 'held' or ${bookings.expiresAt} > ${now})`)

/** Seats booked, whatever is held. */
export const bookedSeats = seatsOf(sql`${bookings.status} <> 'held'`)

/** Seats that others than the holder of a key hold at an instant. */
export const seatsHeldByOthers = (now: SQLWrapper, keyId: SQLWrapper) =>
  seatsOf(
    sql`${bookings.status} = 'held' and ${bookings.expiresAt} > ${now} and ${bookings.keyId} <> ${keyId}`,
  )
