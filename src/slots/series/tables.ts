import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { instantColumn, jsonColumn } from '../../db/columns.ts'
import { practitioners, sites } from '../../members/tables.ts'
import type { LocalDate, LocalDateTime } from '../../kernel/civil.ts'
import { offerColumns } from '../offer-columns.ts'

/** A recurring offer. Its slots are rows of `slots`, made up to `materialisedTo` and extended by the tick. */
export const series = sqliteTable(
  'series',
  {
    id: text('id').primaryKey(),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    siteId: text('site_id')
      .notNull()
      .references(() => sites.id, { onDelete: 'restrict' }),
    rrule: text('rrule').notNull(),
    localStart: text('local_start').$type<LocalDateTime>().notNull(),
    durationMinutes: integer('duration_minutes').notNull(),
    slotMinutes: integer('slot_minutes').notNull(),
    ...offerColumns(),
    exdates: jsonColumn<LocalDate[]>()('exdates').notNull(),
    skipHolidays: integer('skip_holidays', { mode: 'boolean' }).notNull(),
    /** Occurrences that start before this civil time have been dealt with, once and for all. */
    materialisedTo: text('materialised_to').$type<LocalDateTime>().notNull(),
    /** The series that this one goes on from, after an edit of what follows a date. */
    follows: text('follows'),
    endedFrom: text('ended_from').$type<LocalDate>(),
    version: integer('version').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [
    check('series_pieces', sql`${t.slotMinutes} > 0 and ${t.durationMinutes} >= ${t.slotMinutes}`),
    index('series_practitioner').on(t.practitionerId),
    index('series_to_extend').on(t.materialisedTo),
  ],
)
