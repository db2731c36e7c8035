import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { instantColumn, jsonColumn } from '../db/columns.ts'
import type { EventType } from './vocabulary.ts'

/** One row per change of state, append-only (triggers), each hashed over the one before. No patient data. */
export const events = sqliteTable(
  'events',
  {
    seq: integer('seq').primaryKey(),
    id: text('id').notNull().unique('events_id'),
    type: text('type').$type<EventType>().notNull(),
    at: instantColumn('at').notNull(),
    actor: text('actor').notNull(),
    subject: text('subject').notNull(),
    /** The practitioner concerned, by whom readers of the feed are told what is theirs. */
    practitionerId: text('practitioner_id'),
    data: jsonColumn<Record<string, unknown>>()('data').notNull(),
    prev: text('prev').notNull(),
    hash: text('hash').notNull(),
  },
  (t) => [
    index('events_subject').on(t.subject),
    index('events_practitioner')
      .on(t.practitionerId, t.seq)
      .where(sql`${t.practitionerId} is not null`),
  ],
)

/** How far each reader of the events has come, and each walk through a table. */
export const cursors = sqliteTable('cursors', {
  reader: text('reader').primaryKey(),
  seq: integer('seq').notNull(),
})
