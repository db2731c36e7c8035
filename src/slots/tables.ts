import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { instantColumn } from '../db/columns.ts'
import { shifts } from '../gardes/rotas/tables.ts'
import { practitioners, sites } from '../members/tables.ts'
import type { LocalDateTime } from '../kernel/civil.ts'
import { offerColumns } from './offer-columns.ts'
import { series } from './series/tables.ts'
import type { SlotOrigin } from './vocabulary.ts'

/** One place and time to be seen. Free seats are counted from `bookings`, never stored. */
export const slots = sqliteTable(
  'slots',
  {
    id: text('id').primaryKey(),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    siteId: text('site_id')
      .notNull()
      .references(() => sites.id, { onDelete: 'restrict' }),
    start: instantColumn('start').notNull(),
    end: instantColumn('end').notNull(),
    ...offerColumns(),
    origin: text('origin').$type<SlotOrigin>().notNull(),
    seriesId: text('series_id').references(() => series.id, { onDelete: 'restrict' }),
    /** Civil start of the occurrence of the series that this slot is a piece of. */
    occurrence: text('occurrence').$type<LocalDateTime>(),
    /** The place on duty that this slot is a piece of. */
    shiftId: text('shift_id').references(() => shifts.id, { onDelete: 'restrict' }),
    shiftPlace: integer('shift_place'),
    withdrawnAt: instantColumn('withdrawn_at'),
    withdrawnReason: text('withdrawn_reason'),
    /** When the tick noted that the slot was released; released it is from its instant on, noted or not. */
    releasedAt: instantColumn('released_at'),
    version: integer('version').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [
    check('slots_interval', sql`${t.end} > ${t.start} and ${t.end} - ${t.start} <= 86400000`),
    check('slots_capacity', sql`${t.capacity} between 1 and 100`),
    check('slots_offer', sql`${t.audiences} > 0 and ${t.modalities} > 0`),
    check(
      'slots_series',
      sql`(${t.origin} = 'series') = (${t.seriesId} is not null and ${t.occurrence} is not null)`,
    ),
    index('slots_practitioner_start').on(t.practitionerId, t.start),
    index('slots_start').on(t.start),
    index('slots_open_site_start')
      .on(t.siteId, t.start)
      .where(sql`${t.withdrawnAt} is null`),
    index('slots_shift')
      .on(t.shiftId)
      .where(sql`${t.shiftId} is not null`),
    index('slots_to_release')
      .on(t.start)
      .where(sql`${t.release} is not null and ${t.releasedAt} is null and ${t.withdrawnAt} is null`),
    uniqueIndex('slots_series_start')
      .on(t.seriesId, t.start)
      .where(sql`${t.seriesId} is not null`),
  ],
)
