import type { Ctx, Db } from './db/db.ts'
import { ctxOf, type Territory } from './db/territory.ts'
import type { Messenger, Platform } from './edge/platform.ts'
import {
  isNoticeBehind,
  nextNotice,
  queueNotices,
  recordNotices,
  takeNotices,
  type Message,
} from './events/notices/actions.ts'
import {
  isDelivered,
  isWebhookBehind,
  nextDelivery,
  queueDeliveries,
  recordRound,
  requestOf,
  stopDeliveries,
  takeRound,
  webhooksDue,
  type Delivery,
  type Round,
  type Tried,
} from './events/webhooks/actions.ts'
import type { Actor } from './kernel/ctx.ts'
import { plus, SECOND, type Instant } from './kernel/time.ts'

const OUTWARD: Actor = { kind: 'system', name: 'tick' }

/** Commits that one run may ask for to bring readers of the journal forward; what is left waits for the next. */
const MOST_STEPS = 50

/** Addresses that are sent to at the same time. */
const MOST_AT_ONCE = 8

/** How long an address has to answer. */
const ANSWER_WITHIN = 10 * SECOND

/** How long one run goes on sending to one address, or to the messenger, so that a slow one ends it. */
const SENDS_FOR = 20 * SECOND

const MESSENGER = 'messenger'

/** What each territory is sending to at this moment: an address is told by one run at a time, in order. */
const busyIn = new WeakMap<Territory, Set<string>>()

const busyOf = (territory: Territory): Set<string> => {
  const found = busyIn.get(territory) ?? new Set()
  busyIn.set(territory, found)
  return found
}

const alone = async (territory: Territory, what: string, run: () => Promise<void>): Promise<void> => {
  const busy = busyOf(territory)
  if (busy.has(what)) return
  busy.add(what)
  try {
    await run()
  } finally {
    busy.delete(what)
  }
}

const within = (territory: Territory, platform: Platform) => {
  const ctxWith = (db: Db): Ctx => ctxOf(platform, territory.info, OUTWARD, db)
  return {
    read: <T>(fn: (ctx: Ctx) => T): T => territory.read((db) => fn(ctxWith(db)) as never),
    commit: (fn: (ctx: Ctx) => void): Promise<void> =>
      territory.commit<void>(({ db }) => {
        fn(ctxWith(db))
      }),
  }
}

/** Runs `fn` for each item, so many at a time; one that fails leaves the others their turn, and the first is thrown. */
const eachOf = async (items: readonly string[], fn: (item: string) => Promise<void>): Promise<void> => {
  const waiting = [...items]
  const errors: unknown[] = []
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await fn(item)
      } catch (error) {
        errors.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, work))
  if (errors.length > 0) throw errors[0]
}

/**
 * Sends a round in order. After a failure nothing more is told of the same object; after no answer at all nothing
 * more is sent to the address, and every other object's next delivery has failed in the same way.
 */
const sendRound = async (round: Round, platform: Platform): Promise<Tried[]> => {
  const { clock } = platform.sources
  const stopAt = plus(clock(), SENDS_FOR)
  const tried: Tried[] = []
  const failed = new Set<string>()
  let unanswered: string | undefined
  for (const delivery of round.deliveries) {
    if (platform.stopping?.aborted) break
    if (failed.has(delivery.subject)) continue
    const sent: Tried['sent'] =
      unanswered === undefined ? await send(round, delivery, platform) : { error: unanswered }
    tried.push({ delivery, sent })
    if ('error' in sent) unanswered = sent.error
    if (!isDelivered(sent)) failed.add(delivery.subject)
    if (unanswered === undefined && clock() >= stopAt) break
  }
  return tried
}

const send = (round: Round, delivery: Delivery, platform: Platform) =>
  platform.outgoing.post({
    ...requestOf(round, delivery, platform.sources.clock()),
    timeoutMs: ANSWER_WITHIN,
  })

const tellWebhook = (territory: Territory, platform: Platform, id: string): Promise<void> =>
  alone(territory, id, async () => {
    const { read, commit } = within(territory, platform)
    const round = read((ctx) => takeRound(ctx, id))
    if (!round) return commit((ctx) => stopDeliveries(ctx, id))
    const tried = await sendRound(round, platform)
    const failures = tried.filter(({ sent }) => !isDelivered(sent))
    // Neither the address nor what it answered: both may hold what is not for a log.
    if (failures.length > 0)
      platform.log.warn(
        { webhook: id, territory: territory.info.code, failures: failures.length, first: failures[0]?.sent },
        'webhook not told',
      )
    // If this is lost, the deliveries are made again: at least once, with the same webhook-id.
    return commit((ctx) => recordRound(ctx, round, tried))
  })

/** Tells the webhooks of a territory what happened since they were last told. */
export const tellWebhooks = async (territory: Territory, platform: Platform): Promise<void> => {
  const { read, commit } = within(territory, platform)
  for (let i = 0; i < MOST_STEPS && read(isWebhookBehind); i++) await commit(queueDeliveries)
  await eachOf(read(webhooksDue), (id) => tellWebhook(territory, platform, id))
}

const sendMessages = async (messages: readonly Message[], messenger: Messenger, platform: Platform) => {
  const { clock } = platform.sources
  const stopAt = plus(clock(), SENDS_FOR)
  const sent: { notice: Message['notice']; isSent: boolean }[] = []
  for (const { notice, channel, to, subject, text } of messages) {
    if (platform.stopping?.aborted) break
    try {
      await messenger.send({ channel, to, subject, text })
      sent.push({ notice, isSent: true })
    } catch (error) {
      platform.log.warn({ notice: notice.id, channel, err: error }, 'notice not sent')
      sent.push({ notice, isSent: false })
    }
    if (clock() >= stopAt) break
  }
  return sent
}

/** Tells practitioners who want it to log in. Nothing without a messenger. */
export const sendNotices = (territory: Territory, platform: Platform): Promise<void> =>
  alone(territory, MESSENGER, async () => {
    const { messenger, publicUrl } = platform
    if (!messenger) return
    const { read, commit } = within(territory, platform)
    for (let i = 0; i < MOST_STEPS && read(isNoticeBehind); i++)
      await commit((ctx) => queueNotices(ctx, messenger.channels))
    const { messages, unwanted } = read((ctx) => takeNotices(ctx, messenger.channels, publicUrl))
    if (messages.length + unwanted.length === 0) return
    const sent = await sendMessages(messages, messenger, platform)
    await commit((ctx) => recordNotices(ctx, sent, unwanted))
  })

/** When there is something to send that nobody is sending, now at the earliest; undefined when there is nothing. */
export const nextOutward = (territory: Territory, platform: Platform): Instant | undefined => {
  const busy = busyOf(territory)
  return within(territory, platform).read((ctx) => {
    const writes = platform.messenger !== undefined && !busy.has(MESSENGER)
    if (isWebhookBehind(ctx) || (writes && isNoticeBehind(ctx))) return ctx.now
    const next = [nextDelivery(ctx, [...busy]), writes ? nextNotice(ctx) : null].filter((at) => at !== null)
    return next.length === 0 ? undefined : plus(ctx.now, Math.max(0, Math.min(...next) - ctx.now))
  })
}

/** Everything that goes out, by the name of the job. */
export const OUTWARD_JOBS = [
  { name: 'tell-webhooks', run: tellWebhooks },
  { name: 'send-notices', run: sendNotices },
] as const
