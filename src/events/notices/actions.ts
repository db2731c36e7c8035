import { practitionerOfKey } from '../../access/actions.ts'
import type { Ctx } from '../../db/db.ts'
import { Refused } from '../../kernel/refusal.ts'
import type { Instant } from '../../kernel/time.ts'
import { getManagedPractitioner } from '../../members/actions.ts'
import { advance, append, findPlace, lastSeq, readNext } from '../actions.ts'
import { nextAttempt } from '../webhooks/rules.ts'
import { isStale, isTooLate, messageOf, noticesOf, TRIED_FOR } from './rules.ts'
import * as store from './store.ts'
import { NOTICE_SUBJECTS, type NoticeChannel, type NoticeSubject } from './vocabulary.ts'

export interface PreferencesView {
  readonly email: string | null
  readonly phone: string | null
  readonly subjects: readonly NoticeSubject[]
  /** When a message was last given up; null again once one has gone out since. */
  readonly lastFailureAt: Instant | null
  readonly version: number
}

const NOWHERE = { email: null, phone: null, subjects: [] as NoticeSubject[], version: 0 }

const load = (ctx: Ctx, practitionerId: string): PreferencesView => {
  const { email, phone, subjects, version } = store.findPreferences(ctx.db, practitionerId) ?? NOWHERE
  return { email, phone, subjects, version, lastFailureAt: store.findLastFailure(ctx.db, practitionerId) }
}

/** Where a practitioner wants to be told, and of what: nowhere and of nothing as long as they did not say. */
export const getPreferences = (ctx: Ctx, practitionerId: string): PreferencesView => {
  getManagedPractitioner(ctx, practitionerId)
  return load(ctx, practitionerId)
}

/** Sets where a practitioner wants to be told, and of what. What is still to be sent goes by what is said last. */
export const setPreferences = (
  ctx: Ctx,
  practitionerId: string,
  wanted: {
    readonly email?: string | null | undefined
    readonly phone?: string | null | undefined
    readonly subjects: readonly NoticeSubject[]
  },
  ifMatch: number | undefined,
): PreferencesView => {
  getManagedPractitioner(ctx, practitionerId)
  const { version } = load(ctx, practitionerId)
  if (ifMatch !== undefined && ifMatch !== version)
    throw new Refused({
      code: 'stale_version',
      detail: `La version actuelle est ${version}.`,
      facts: { version },
    })
  const { email = null, phone = null } = wanted
  const subjects = NOTICE_SUBJECTS.filter((subject) => wanted.subjects.includes(subject))
  store.savePreferences(ctx.db, { practitionerId, email, phone, subjects, version: version + 1 })
  // An address says where somebody can be found: the journal, which is for ever, has only that there is one.
  append(ctx, {
    type: 'notice_preferences.set',
    subject: practitionerId,
    practitionerId,
    data: { email: email !== null, phone: phone !== null, subjects },
  })
  return load(ctx, practitionerId)
}

// What the tick does: from the journal into the outbox, from the outbox to the messenger.

const READER = 'notices'
const EVENTS_AT_A_TIME = 200

/** Whether something happened that nobody was told of yet. */
export const isNoticeBehind = (ctx: Ctx): boolean => (findPlace(ctx, READER) ?? -1) < lastSeq(ctx)

const addressOf = (
  channel: NoticeChannel,
  { email, phone }: { email: string | null; phone: string | null },
) => (channel === 'email' ? email : phone)

const actingPractitioner = (ctx: Ctx, actor: string): string | null => {
  const keyId = /^practitioner:(.+)$/.exec(actor)?.[1]
  return keyId === undefined ? null : practitionerOfKey(ctx, keyId)
}

/**
 * Reads the journal on and queues a message for each practitioner who wants to be told, by each channel that there is
 * and that they gave an address for. The first time it only notes where the journal ends: the past is not announced.
 */
export const queueNotices = (ctx: Ctx, channels: readonly NoticeChannel[]): void => {
  if (findPlace(ctx, READER) === undefined) {
    advance(ctx, READER, lastSeq(ctx))
    return
  }
  const events = readNext(ctx, READER, EVENTS_AT_A_TIME)
  const last = events.at(-1)
  if (!last) return
  const told = events
    .filter(({ at }) => !isStale(at, ctx.now))
    .flatMap((event) =>
      noticesOf(event, actingPractitioner(ctx, event.actor)).map((notice) => ({ ...notice, seq: event.seq })),
    )
  const preferences = new Map(
    store
      .preferencesAmong(ctx.db, [...new Set(told.map(({ practitionerId }) => practitionerId))])
      .map((row) => [row.practitionerId, row]),
  )
  const rows = told.flatMap(({ practitionerId, subject, seq }) => {
    const wanted = preferences.get(practitionerId)
    if (!wanted?.subjects.includes(subject)) return []
    return channels
      .filter((channel) => addressOf(channel, wanted) !== null)
      .map((channel) => ({
        id: ctx.newId('notice'),
        practitionerId,
        channel,
        subject,
        seq,
        attempts: 0,
        nextAt: ctx.now,
        failedAt: null,
        createdAt: ctx.now,
      }))
  })
  store.insertNotices(ctx.db, rows)
  advance(ctx, READER, last.seq)
}

/** When the next message is due; null when none is. */
export const nextNotice = (ctx: Ctx): Instant | null => store.findNext(ctx.db)

export interface Message {
  readonly notice: store.NoticeRow
  readonly channel: NoticeChannel
  readonly to: string
  readonly subject: string
  readonly text: string
}

const MESSAGES_A_ROUND = 50

/** Messages to send now, to the address that each practitioner gave last; and those that nobody waits for any more. */
export const takeNotices = (
  ctx: Ctx,
  channels: readonly NoticeChannel[],
  publicUrl: string | undefined,
): { readonly messages: readonly Message[]; readonly unwanted: readonly string[] } => {
  const messages: Message[] = []
  const unwanted: string[] = []
  for (const { notice, preferences } of store.listDue(ctx.db, ctx.now, MESSAGES_A_ROUND)) {
    const { id, channel, subject, createdAt } = notice
    const to = preferences?.subjects.includes(subject) ? addressOf(channel, preferences) : null
    if (to === null || !channels.includes(channel) || isTooLate(createdAt, ctx.now)) unwanted.push(id)
    else messages.push({ notice, channel, to, ...messageOf(subject, publicUrl) })
  }
  return { messages, unwanted }
}

/** Notes which messages went out: they are forgotten, the others are tried again later or given up. */
export const recordNotices = (
  ctx: Ctx,
  sent: readonly { readonly notice: store.NoticeRow; readonly isSent: boolean }[],
  unwanted: readonly string[],
): void => {
  for (const id of unwanted) store.deleteNotice(ctx.db, id)
  for (const { notice, isSent } of sent) {
    const { id, practitionerId, channel, createdAt } = notice
    const attempts = notice.attempts + 1
    const next = isSent ? undefined : nextAttempt(attempts, createdAt, TRIED_FOR, ctx.now, ctx.random)
    // Of those given up only the last is kept, until a newer one goes out.
    if (next === undefined) store.forgetFailures(ctx.db, practitionerId, channel)
    if (isSent) store.deleteNotice(ctx.db, id)
    else
      store.updateNotice(ctx.db, id, {
        attempts,
        ...(next === undefined ? { failedAt: ctx.now } : { nextAt: next }),
      })
  }
}
