import { findHolder } from '../../access/actions.ts'
import type { Ctx } from '../../db/db.ts'
import { formatInstant } from '../../kernel/civil.ts'
import type { Actor } from '../../kernel/ctx.ts'
import { absent, Refused, unlessRefused } from '../../kernel/refusal.ts'
import { open, seal } from '../../kernel/sealing.ts'
import { DAY, plus, type Instant } from '../../kernel/time.ts'
import {
  advance,
  append,
  findPlace,
  findVisible,
  forgetPlaces,
  lastSeq,
  listVisible,
  type VisibleEvent,
} from '../actions.ts'
import type { WebhookType } from '../vocabulary.ts'
import {
  isDelivered,
  isGone,
  isSubscribed,
  newSigningSecret,
  nextAttempt,
  refuseTooMany,
  refuseUrl,
  signedHeaders,
  TRIED_FOR,
  type Sent,
} from './rules.ts'
import * as store from './store.ts'

export { isDelivered } from './rules.ts'

export interface WebhookView extends store.ShownRow {
  /** Deliveries still to be made. */
  readonly pending: number
  /** Deliveries given up. */
  readonly failed: number
}

const placeOf = (id: string) => `webhook/${id}`

const keyOf = (ctx: Ctx): Actor & { kind: 'key' } => {
  if (ctx.actor.kind !== 'key') throw new Error('a webhook belongs to a key')
  return ctx.actor
}

const viewsOf = (ctx: Ctx, rows: readonly store.ShownRow[]): WebhookView[] => {
  const counts = store.countDeliveries(
    ctx.db,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => {
    const { all = 0, failed = 0 } = counts.find(({ id }) => id === row.id) ?? {}
    return { ...row, pending: all - failed, failed }
  })
}

/** The caller's own webhook, and an admin's any; somebody else's is absent. */
export const getWebhook = (ctx: Ctx, id: string): WebhookView => {
  const actor = keyOf(ctx)
  const row = store.findShown(ctx.db, id, ctx.now)
  if (!row || (row.keyId !== actor.keyId && actor.role !== 'admin')) throw new Refused(absent('Webhook'))
  const [view] = viewsOf(ctx, [row])
  if (!view) throw new Error('a row has a view')
  return view
}

/** The caller's webhooks, an admin's all, one more than `limit` when there are more. */
export const listWebhooks = (ctx: Ctx, after: string | undefined, limit: number): WebhookView[] => {
  const { keyId, role } = keyOf(ctx)
  return viewsOf(
    ctx,
    store.listShown(ctx.db, role === 'admin' ? undefined : keyId, after ?? '', limit + 1, ctx.now),
  )
}

/** Makes a webhook of the caller's key, told of what happens from now on, and returns its signing secret. */
export const createWebhook = (
  ctx: Ctx,
  input: { readonly url: string; readonly types: readonly WebhookType[] },
): { row: WebhookView; secret: string } => {
  const { keyId } = keyOf(ctx)
  unlessRefused(refuseUrl(input.url))
  unlessRefused(refuseTooMany(store.countWebhooks(ctx.db, keyId)))
  const id = ctx.newId('webhook')
  const types = [...new Set(input.types)]
  const secret = newSigningSecret(ctx.random)
  const sealed = seal(ctx.keyRing, ctx.random, id, secret)
  store.insertWebhook(ctx.db, {
    id,
    keyId,
    url: new URL(input.url).href,
    types,
    sealKeyId: sealed.keyId,
    sealed: sealed.sealed,
    version: 1,
    createdAt: ctx.now,
  })
  // Of the address only the host: the rest may hold what lets its bearer in.
  append(ctx, { type: 'webhook.created', subject: id, data: { host: new URL(input.url).host, types } })
  advance(ctx, placeOf(id), lastSeq(ctx))
  return { row: getWebhook(ctx, id), secret }
}

/** Ends a webhook, with all that it was still to be told. */
export const deleteWebhook = (ctx: Ctx, id: string): void => {
  getWebhook(ctx, id)
  store.deleteWebhook(ctx.db, id)
  forgetPlaces(ctx, placeOf(id))
  append(ctx, { type: 'webhook.deleted', subject: id })
}

/** Deliveries given up, one more than `limit` when there are more. */
export const listFailures = (ctx: Ctx, id: string, after: number, limit: number) => {
  getWebhook(ctx, id)
  return store.listFailures(ctx.db, id, after, limit + 1)
}

/** An object is told of in the order of its events: not before those that are still to be told. */
const notBefore = (ctx: Ctx, id: string, event: { subject: string; seq: number }): Instant => {
  const earlier = store.findEarlier(ctx.db, id, event.subject, event.seq)
  return earlier !== null && earlier > ctx.now ? earlier : ctx.now
}

/** Makes deliveries that were given up due again for another day, all or those named; returns how many. */
export const replayFailures = (ctx: Ctx, id: string, seqs: readonly number[] | undefined): number => {
  getWebhook(ctx, id)
  const replayed = store.replay(ctx.db, id, seqs, ctx.now)
  if (replayed.length > 0)
    append(ctx, { type: 'webhook.replayed', subject: id, data: { count: replayed.length } })
  return replayed.length
}

/** Seals again those of the next `limit` signing secrets that another key than the current one sealed. */
export const resealWebhooks = (ctx: Ctx, after: number, limit: number) => {
  const rows = store.listSealed(ctx.db, after, limit)
  const old = rows.filter(({ keyId }) => keyId !== ctx.keyRing.current)
  for (const row of old) {
    const { keyId, sealed } = seal(ctx.keyRing, ctx.random, row.id, open(ctx.keyRing, row.id, row))
    store.updateSealed(ctx.db, row.id, keyId, sealed)
  }
  return { seen: rows.length, last: rows.at(-1)?.rowid ?? after, resealed: old.length }
}

// What the tick does: from the journal into the outbox, from the outbox to the address.

/** Whether something happened that a webhook has not been asked about. */
export const isWebhookBehind = (ctx: Ctx): boolean => store.listBehind(ctx.db, ctx.now, 1).length > 0

/** Webhooks brought forward by one commit, and how far each. */
const WEBHOOKS_AT_A_TIME = 10
const EVENTS_AT_A_TIME = 100

/** Reads the journal on for webhooks that are behind, as their owners may see it, and notes what each is to be told. */
export const queueDeliveries = (ctx: Ctx): void => {
  for (const id of store.listBehind(ctx.db, ctx.now, WEBHOOKS_AT_A_TIME)) {
    const webhook = store.findWebhook(ctx.db, id)
    const holder = webhook && findHolder(ctx, webhook.keyId)
    if (!holder) continue
    const after = findPlace(ctx, placeOf(id)) ?? 0
    const { events, through } = listVisible({ ...ctx, actor: holder }, { after, limit: EVENTS_AT_A_TIME })
    const wanted = events.filter(({ type }) => isSubscribed(webhook.types, type))
    store.insertDeliveries(
      ctx.db,
      wanted.map((event) => ({
        webhookId: id,
        seq: event.seq,
        attempts: 0,
        firstAt: ctx.now,
        nextAt: notBefore(ctx, id, event),
        lastStatus: null,
        lastError: null,
        failedAt: null,
      })),
    )
    advance(ctx, placeOf(id), through)
  }
}

/** Webhooks that something is due for. */
export const webhooksDue = (ctx: Ctx): string[] => store.listDue(ctx.db, ctx.now)

/** When something is next due for a webhook that is not among these; null when nothing is. */
export const nextDelivery = (ctx: Ctx, busy: readonly string[]): Instant | null =>
  store.findNext(ctx.db, busy)

export interface Delivery {
  readonly seq: number
  readonly subject: string
  readonly eventId: string
  readonly attempts: number
  readonly firstAt: Instant
  readonly body: string
}

export interface Round {
  readonly webhookId: string
  readonly url: string
  readonly secret: string
  readonly deliveries: readonly Delivery[]
  /** Due, but no longer the owner's to see. */
  readonly hidden: readonly number[]
}

/** The event as `GET /events` shows it, and the territory that it is of. */
const bodyOf = (ctx: Ctx, event: VisibleEvent): string =>
  JSON.stringify({
    seq: event.seq,
    id: event.id,
    type: event.type,
    at: formatInstant(event.at, ctx.territory.zone),
    actor: event.actor,
    subject: event.subject,
    data: event.data,
    territory: ctx.territory.code,
  })

const DELIVERIES_A_ROUND = 100

/**
 * What a webhook is to be told now, in the order of the journal, each event as its owner may see it at this moment.
 * Undefined when the owner's key no longer opens: then nothing is sent ever again.
 */
export const takeRound = (ctx: Ctx, webhookId: string): Round | undefined => {
  const webhook = store.findWebhook(ctx.db, webhookId)
  const holder = webhook && findHolder(ctx, webhook.keyId)
  if (!holder) return undefined
  const hidden: number[] = []
  const deliveries: Delivery[] = []
  for (const due of store.listDueOf(ctx.db, webhookId, ctx.now, DELIVERIES_A_ROUND)) {
    const event = findVisible({ ...ctx, actor: holder }, due.seq)
    if (event) deliveries.push({ ...due, eventId: event.id, body: bodyOf(ctx, event) })
    else hidden.push(due.seq)
  }
  const sealed = { keyId: webhook.sealKeyId, sealed: webhook.sealed }
  return { webhookId, url: webhook.url, secret: open(ctx.keyRing, webhookId, sealed), deliveries, hidden }
}

/** How one delivery is sent at an instant. */
export const requestOf = ({ url, secret }: Round, { eventId, body }: Delivery, now: Instant) => ({
  url,
  body,
  headers: {
    'content-type': 'application/json',
    'user-agent': 'urgence-du-jour',
    ...signedHeaders(secret, eventId, now, body),
  },
})

export interface Tried {
  readonly delivery: Delivery
  readonly sent: Sent
}

/** Gives up all that a webhook was to be told, when its owner's key no longer opens. */
export const stopDeliveries = (ctx: Ctx, webhookId: string): void => store.deletePending(ctx.db, webhookId)

/** Notes what came of a round: what was delivered is forgotten, the rest is tried again later or given up. */
export const recordRound = (ctx: Ctx, round: Round, tried: readonly Tried[]): void => {
  const { webhookId } = round
  for (const seq of round.hidden) store.deleteDelivery(ctx.db, webhookId, seq)
  for (const { delivery, sent } of tried) {
    const { seq, subject } = delivery
    if (isDelivered(sent)) {
      store.deleteDelivery(ctx.db, webhookId, seq)
      continue
    }
    const attempts = delivery.attempts + 1
    const next = isGone(sent)
      ? undefined
      : nextAttempt(attempts, delivery.firstAt, TRIED_FOR, ctx.now, ctx.random)
    const row = store.updateDelivery(ctx.db, webhookId, seq, {
      attempts,
      lastStatus: 'status' in sent ? sent.status : null,
      lastError: 'error' in sent ? sent.error : null,
      ...(next === undefined ? { failedAt: ctx.now } : { nextAt: next }),
    })
    if (!row) continue
    if (next === undefined)
      append(ctx, { type: 'webhook.delivery_failed', subject: webhookId, data: { seq, attempts } })
    else store.holdBack(ctx.db, webhookId, subject, seq, next)
  }
}

/** How long what was given up can be replayed. */
export const FAILURES_KEPT = 30 * DAY

/** Forgets deliveries given up long ago, up to `limit` of each webhook; returns how many. */
export const forgetFailures = (ctx: Ctx, limit: number): number =>
  store.forgetFailures(ctx.db, plus(ctx.now, -FAILURES_KEPT), limit)
