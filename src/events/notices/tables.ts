import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { instantColumn, jsonColumn } from '../../db/columns.ts'
import { practitioners } from '../../members/tables.ts'
import type { NoticeChannel, NoticeSubject } from './vocabulary.ts'

/** Where a practitioner wants to be told, and of what. No row: nowhere. */
export const noticePreferences = sqliteTable('notice_preferences', {
  practitionerId: text('practitioner_id')
    .primaryKey()
    .references(() => practitioners.id, { onDelete: 'restrict' }),
  email: text('email'),
  phone: text('phone'),
  subjects: jsonColumn<NoticeSubject[]>()('subjects').notNull(),
  version: integer('version').notNull(),
})

/** A message still to be sent, or given up; one that was sent has no row. */
export const notices = sqliteTable(
  'notices',
  {
    id: text('id').primaryKey(),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    channel: text('channel').$type<NoticeChannel>().notNull(),
    subject: text('subject').$type<NoticeSubject>().notNull(),
    /** The event that it tells of: one message for each, whatever is read again. */
    seq: integer('seq').notNull(),
    attempts: integer('attempts').notNull(),
    nextAt: instantColumn('next_at').notNull(),
    failedAt: instantColumn('failed_at'),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [
    uniqueIndex('notices_once').on(t.practitionerId, t.channel, t.seq),
    index('notices_due')
      .on(t.nextAt)
      .where(sql`${t.failedAt} is null`),
  ],
)
