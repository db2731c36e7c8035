import { and, asc, eq, isNotNull, lte, max, min, sql } from 'drizzle-orm'
import { chunksFor, inJson, prepared, type Db } from '../../db/db.ts'
import type { Instant } from '../../kernel/time.ts'
import { noticePreferences, notices } from './tables.ts'
import type { NoticeChannel } from './vocabulary.ts'

export type PreferencesRow = typeof noticePreferences.$inferSelect
export type NoticeRow = typeof notices.$inferSelect

const p = sql.placeholder

// Written out, not bound: with a parameter SQLite could not use the index of what is due.
const isPending = sql`${notices.failedAt} is null`

const queries = prepared((db: Db) => ({
  due: db
    .select({ notice: notices, preferences: noticePreferences })
    .from(notices)
    .leftJoin(noticePreferences, eq(noticePreferences.practitionerId, notices.practitionerId))
    .where(and(isPending, lte(notices.nextAt, p('now'))))
    .orderBy(asc(notices.nextAt))
    .limit(p('limit'))
    .prepare(),
  next: db
    .select({ at: min(notices.nextAt) })
    .from(notices)
    .where(isPending)
    .prepare(),
}))

export const findPreferences = (db: Db, practitionerId: string): PreferencesRow | undefined =>
  db.select().from(noticePreferences).where(eq(noticePreferences.practitionerId, practitionerId)).get()

/** The preferences of those of these practitioners who have some. */
export const preferencesAmong = (db: Db, practitionerIds: readonly string[]): PreferencesRow[] =>
  db
    .select()
    .from(noticePreferences)
    .where(inJson(noticePreferences.practitionerId, 'ids'))
    .prepare()
    .all({ ids: JSON.stringify(practitionerIds) })

export const savePreferences = (db: Db, row: PreferencesRow): void => {
  const { practitionerId, ...rest } = row
  db.insert(noticePreferences)
    .values(row)
    .onConflictDoUpdate({ target: noticePreferences.practitionerId, set: rest })
    .run()
}

/** Queues messages, but for those that are queued already. */
export const insertNotices = (db: Db, rows: readonly NoticeRow[]): void => {
  for (const chunk of chunksFor(rows, 9)) db.insert(notices).values(chunk).onConflictDoNothing().run()
}

/** Messages to send, the longest due first, each with what its practitioner wants now. */
export const listDue = (db: Db, now: Instant, limit: number) => queries(db).due.all({ now, limit })

export const findNext = (db: Db): Instant | null => queries(db).next.get()?.at ?? null

export const deleteNotice = (db: Db, id: string): void => {
  db.delete(notices).where(eq(notices.id, id)).run()
}

export const updateNotice = (db: Db, id: string, change: Partial<NoticeRow>): void => {
  db.update(notices).set(change).where(eq(notices.id, id)).run()
}

/** Forgets the messages to a practitioner by a channel that were given up: something newer is known of it. */
export const forgetFailures = (db: Db, practitionerId: string, channel: NoticeChannel): void => {
  db.delete(notices)
    .where(
      and(
        eq(notices.practitionerId, practitionerId),
        eq(notices.channel, channel),
        isNotNull(notices.failedAt),
      ),
    )
    .run()
}

/** When a message to this practitioner was last given up with none sent since. */
export const findLastFailure = (db: Db, practitionerId: string): Instant | null =>
  db
    .select({ at: max(notices.failedAt) })
    .from(notices)
    .where(eq(notices.practitionerId, practitionerId))
    .get()?.at ?? null
