import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { prepared, type Db } from '../db/db.ts'
import { cursors, events } from './tables.ts'

export type EventRow = typeof events.$inferSelect

const queries = prepared((db: Db) => ({
  head: db
    .select({ seq: events.seq, hash: events.hash })
    .from(events)
    .where(eq(events.seq, sql`(select max(${events.seq}) from ${events})`))
    .prepare(),
  after: db
    .select()
    .from(events)
    .where(gt(events.seq, sql.placeholder('after')))
    .orderBy(asc(events.seq))
    .limit(sql.placeholder('limit'))
    .prepare(),
  ofSubject: db
    .select()
    .from(events)
    .where(and(eq(events.subject, sql.placeholder('subject')), gt(events.seq, sql.placeholder('after'))))
    .orderBy(asc(events.seq))
    .limit(sql.placeholder('limit'))
    .prepare(),
  insert: db
    .insert(events)
    .values({
      seq: sql.placeholder('seq'),
      id: sql.placeholder('id'),
      type: sql.placeholder('type'),
      at: sql.placeholder('at'),
      actor: sql.placeholder('actor'),
      subject: sql.placeholder('subject'),
      practitionerId: sql.placeholder('practitionerId'),
      data: sql.placeholder('data'),
      prev: sql.placeholder('prev'),
      hash: sql.placeholder('hash'),
    })
    .prepare(),
}))

export const findHead = (db: Db) => queries(db).head.get()

export const insertEvent = (db: Db, event: EventRow): void => {
  queries(db).insert.run({ ...event })
}

/** Events of one subject, or of all, after a place in the chain. */
export const listEvents = (db: Db, after: number, limit: number, subject?: string): EventRow[] =>
  subject === undefined
    ? queries(db).after.all({ after, limit })
    : queries(db).ofSubject.all({ after, limit, subject })

export const findCursor = (db: Db, reader: string): number | undefined =>
  db.select({ seq: cursors.seq }).from(cursors).where(eq(cursors.reader, reader)).get()?.seq

export const setCursor = (db: Db, reader: string, seq: number): void => {
  db.insert(cursors)
    .values({ reader, seq })
    .onConflictDoUpdate({ target: cursors.reader, set: { seq } })
    .run()
}

export const deleteCursors = (db: Db, prefix: string): void => {
  db.delete(cursors)
    .where(sql`substr(${cursors.reader}, 1, ${prefix.length}) = ${prefix}`)
    .run()
}
