import {
  and,
  asc,
  count,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  min,
  or,
  sql,
  type SQL,
} from 'drizzle-orm'
import { keys } from '../../access/tables.ts'
import { chunksFor, inJson, prepared, type Db } from '../../db/db.ts'
import type { Instant } from '../../kernel/time.ts'
import { cursors, events } from '../tables.ts'
import { webhookDeliveries, webhooks } from './tables.ts'

export type WebhookRow = typeof webhooks.$inferSelect
export type DeliveryRow = typeof webhookDeliveries.$inferSelect

const p = sql.placeholder

// Written out, not bound: with a parameter SQLite could not use the index of what is due.
const isPending = sql`${webhookDeliveries.failedAt} is null`

const isOpening = (now: unknown): SQL =>
  sql`(${isNull(keys.revokedAt)} and ${or(isNull(keys.expiresAt), gt(keys.expiresAt, now as Instant))})`

const place = sql`'webhook/' || ${webhooks.id}`
const head = sql`(select max(${events.seq}) from ${events})`

const queries = prepared((db: Db) => ({
  /** Webhooks whose owner's key opens and that have not been told of the last event. */
  behind: db
    .select({ id: webhooks.id })
    .from(webhooks)
    .innerJoin(keys, eq(keys.id, webhooks.keyId))
    .innerJoin(cursors, sql`${cursors.reader} = ${place}`)
    .where(and(isOpening(p('now')), sql`${cursors.seq} < ${head}`))
    .orderBy(asc(cursors.seq))
    .limit(p('limit'))
    .prepare(),
  due: db
    .selectDistinct({ id: webhookDeliveries.webhookId })
    .from(webhookDeliveries)
    .where(and(isPending, lte(webhookDeliveries.nextAt, p('now'))))
    .prepare(),
  dueOf: db
    .select({
      seq: webhookDeliveries.seq,
      attempts: webhookDeliveries.attempts,
      firstAt: webhookDeliveries.firstAt,
      subject: events.subject,
    })
    .from(webhookDeliveries)
    .innerJoin(events, eq(events.seq, webhookDeliveries.seq))
    .where(and(eq(webhookDeliveries.webhookId, p('id')), isPending, lte(webhookDeliveries.nextAt, p('now'))))
    .orderBy(asc(webhookDeliveries.seq))
    .limit(p('limit'))
    .prepare(),
  next: db
    .select({ at: min(webhookDeliveries.nextAt) })
    .from(webhookDeliveries)
    .where(
      and(isPending, sql`${webhookDeliveries.webhookId} not in (select value from json_each(${p('busy')}))`),
    )
    .prepare(),
  /** When the last of the object's earlier deliveries that are still to be made is next tried. */
  earlier: db
    .select({ at: sql<Instant | null>`max(${webhookDeliveries.nextAt})` })
    .from(events)
    // A cross join is read in this order: by the object's events, which are few, and not by all that waits.
    .crossJoin(webhookDeliveries)
    .where(
      and(
        eq(events.subject, p('subject')),
        lt(events.seq, p('seq')),
        eq(webhookDeliveries.webhookId, p('id')),
        eq(webhookDeliveries.seq, events.seq),
        isPending,
      ),
    )
    .prepare(),
  deliver: db
    .delete(webhookDeliveries)
    .where(and(eq(webhookDeliveries.webhookId, p('id')), eq(webhookDeliveries.seq, p('seq'))))
    .prepare(),
}))

export const insertWebhook = (db: Db, row: WebhookRow): void => {
  db.insert(webhooks).values(row).run()
}

const shown = (db: Db, now: Instant) =>
  db
    .select({
      id: webhooks.id,
      keyId: webhooks.keyId,
      url: webhooks.url,
      types: webhooks.types,
      createdAt: webhooks.createdAt,
      version: webhooks.version,
      isStopped: sql<number>`not ${isOpening(now)}`,
    })
    .from(webhooks)
    .innerJoin(keys, eq(keys.id, webhooks.keyId))

export type ShownRow = NonNullable<ReturnType<typeof findShown>>

export const findShown = (db: Db, id: string, now: Instant) => shown(db, now).where(eq(webhooks.id, id)).get()

/** Webhooks of a key, or of all keys, in the order of their making. */
export const listShown = (db: Db, keyId: string | undefined, after: string, limit: number, now: Instant) =>
  shown(db, now)
    .where(and(keyId === undefined ? undefined : eq(webhooks.keyId, keyId), gt(webhooks.id, after)))
    .orderBy(asc(webhooks.id))
    .limit(limit)
    .all()

/** How many deliveries of each webhook are still to be made, and how many were given up. */
export const countDeliveries = (db: Db, ids: readonly string[]) =>
  db
    .select({
      id: webhookDeliveries.webhookId,
      failed: count(webhookDeliveries.failedAt),
      all: count(),
    })
    .from(webhookDeliveries)
    .where(inJson(webhookDeliveries.webhookId, 'ids'))
    .groupBy(webhookDeliveries.webhookId)
    .prepare()
    .all({ ids: JSON.stringify(ids) })

export const countWebhooks = (db: Db, keyId: string): number =>
  db.select({ n: count() }).from(webhooks).where(eq(webhooks.keyId, keyId)).get()?.n ?? 0

export const findWebhook = (db: Db, id: string): WebhookRow | undefined =>
  db.select().from(webhooks).where(eq(webhooks.id, id)).get()

export const deleteWebhook = (db: Db, id: string): void => {
  db.delete(webhookDeliveries).where(eq(webhookDeliveries.webhookId, id)).run()
  db.delete(webhooks).where(eq(webhooks.id, id)).run()
}

const rowid = sql<number>`rowid`

/** What is sealed in the rows after a given one, in the order of the table. */
export const listSealed = (db: Db, after: number, limit: number) =>
  db
    .select({ rowid, id: webhooks.id, keyId: webhooks.sealKeyId, sealed: webhooks.sealed })
    .from(webhooks)
    .where(gt(rowid, after))
    .orderBy(asc(rowid))
    .limit(limit)
    .all()

export const updateSealed = (db: Db, id: string, sealKeyId: string, sealed: Uint8Array): void => {
  db.update(webhooks).set({ sealKeyId, sealed }).where(eq(webhooks.id, id)).run()
}

export const listBehind = (db: Db, now: Instant, limit: number): string[] =>
  queries(db)
    .behind.all({ now, limit })
    .map(({ id }) => id)

export const insertDeliveries = (db: Db, rows: readonly DeliveryRow[]): void => {
  for (const chunk of chunksFor(rows, 8))
    db.insert(webhookDeliveries).values(chunk).onConflictDoNothing().run()
}

/** Webhooks that something is due for. */
export const listDue = (db: Db, now: Instant): string[] =>
  queries(db)
    .due.all({ now })
    .map(({ id }) => id)

/** What is due for one webhook, in the order of the journal. */
export const listDueOf = (db: Db, id: string, now: Instant, limit: number) =>
  queries(db).dueOf.all({ id, now, limit })

/** When something is next due for a webhook that is not among these. */
export const findNext = (db: Db, busy: readonly string[]): Instant | null =>
  queries(db).next.get({ busy: JSON.stringify(busy) })?.at ?? null

export const findEarlier = (db: Db, id: string, subject: string, seq: number): Instant | null =>
  queries(db).earlier.get({ id, subject, seq })?.at ?? null

export const deleteDelivery = (db: Db, id: string, seq: number): void => {
  queries(db).deliver.run({ id, seq })
}

export const deletePending = (db: Db, id: string): void => {
  db.delete(webhookDeliveries)
    .where(and(eq(webhookDeliveries.webhookId, id), isPending))
    .run()
}

/** Undefined when the delivery is gone, as with its webhook. */
export const updateDelivery = (
  db: Db,
  id: string,
  seq: number,
  change: Partial<DeliveryRow>,
): DeliveryRow | undefined =>
  db
    .update(webhookDeliveries)
    .set(change)
    .where(and(eq(webhookDeliveries.webhookId, id), eq(webhookDeliveries.seq, seq), isPending))
    .returning()
    .get()

/** Puts off what is to be told of an object after one of its events, until that one is tried again. */
export const holdBack = (db: Db, id: string, subject: string, after: number, until: Instant): void => {
  db.update(webhookDeliveries)
    .set({ nextAt: until })
    .where(
      and(
        eq(webhookDeliveries.webhookId, id),
        isPending,
        lt(webhookDeliveries.nextAt, until),
        sql`${webhookDeliveries.seq} in (select ${events.seq} from ${events} where ${eq(events.subject, subject)} and ${gt(events.seq, after)})`,
      ),
    )
    .run()
}

/** Deliveries that were given up, in the order of the journal. */
export const listFailures = (db: Db, id: string, after: number, limit: number) =>
  db
    .select({
      seq: webhookDeliveries.seq,
      eventId: events.id,
      type: events.type,
      subject: events.subject,
      attempts: webhookDeliveries.attempts,
      firstAt: webhookDeliveries.firstAt,
      failedAt: sql<Instant>`${webhookDeliveries.failedAt}`,
      lastStatus: webhookDeliveries.lastStatus,
      lastError: webhookDeliveries.lastError,
    })
    .from(webhookDeliveries)
    .innerJoin(events, eq(events.seq, webhookDeliveries.seq))
    .where(
      and(
        eq(webhookDeliveries.webhookId, id),
        isNotNull(webhookDeliveries.failedAt),
        gt(webhookDeliveries.seq, after),
      ),
    )
    .orderBy(asc(webhookDeliveries.seq))
    .limit(limit)
    .all()

/** When the object's earlier deliveries of the same webhook are all due, from inside a statement over its deliveries. */
const afterEarlier = (now: Instant): SQL =>
  sql`max(${now}, coalesce((
    select max(earlier.next_at) from events as own
    cross join events as before
    cross join webhook_deliveries as earlier
    where own.seq = webhook_deliveries.seq
      and before.subject = own.subject and before.seq < own.seq
      and earlier.webhook_id = webhook_deliveries.webhook_id and earlier.seq = before.seq
      and earlier.failed_at is null
  ), 0))`

/** Makes failed deliveries due again, all of them or those named; of one object, not before those still to be made. */
export const replay = (db: Db, id: string, seqs: readonly number[] | undefined, now: Instant): number[] =>
  db
    .update(webhookDeliveries)
    .set({
      attempts: 0,
      firstAt: now,
      nextAt: afterEarlier(now),
      failedAt: null,
      lastStatus: null,
      lastError: null,
    })
    .where(
      and(
        eq(webhookDeliveries.webhookId, id),
        isNotNull(webhookDeliveries.failedAt),
        seqs === undefined ? undefined : inJson(webhookDeliveries.seq, 'seqs'),
      ),
    )
    .returning({ seq: webhookDeliveries.seq })
    .prepare()
    .all({ seqs: JSON.stringify(seqs ?? []) })
    .map(({ seq }) => seq)

/**
 * Forgets what was given up at `until` or before, up to `limit` of each webhook. The oldest of a webhook come first in
 * the journal too, but for replays, which are looked at again later.
 */
export const forgetFailures = (db: Db, until: Instant, limit: number): number => {
  let forgotten = 0
  for (const { id } of db.select({ id: webhooks.id }).from(webhooks).all()) {
    const oldest = db
      .select({ seq: webhookDeliveries.seq, failedAt: webhookDeliveries.failedAt })
      .from(webhookDeliveries)
      .where(and(eq(webhookDeliveries.webhookId, id), isNotNull(webhookDeliveries.failedAt)))
      .orderBy(asc(webhookDeliveries.seq))
      .limit(limit)
      .as('oldest')
    forgotten += db
      .delete(webhookDeliveries)
      .where(
        and(
          eq(webhookDeliveries.webhookId, id),
          inArray(
            webhookDeliveries.seq,
            db.select({ seq: oldest.seq }).from(oldest).where(lte(oldest.failedAt, until)),
          ),
        ),
      )
      .returning({ seq: webhookDeliveries.seq })
      .all().length
  }
  return forgotten
}
