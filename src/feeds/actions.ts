import { secretHash } from '../access/rules.ts'
import type { Ctx } from '../db/db.ts'
import { append } from '../events/actions.ts'
import { writeCalendar } from '../kernel/ical-writer.ts'
import { absent, orAbsent, Refused, unlessRefused } from '../kernel/refusal.ts'
import { plus, type Instant } from '../kernel/time.ts'
import { managesPractitioner } from '../members/actions.ts'
import { viewOf } from '../slots/actions.ts'
import {
  eventOf,
  isFeedSecret,
  isOpen,
  MOST_EVENTS,
  newFeedSecret,
  refuseTooMany,
  SHOWN_BACK,
} from './rules.ts'
import * as store from './store.ts'
import type { FeedKind } from './vocabulary.ts'

export interface FeedView {
  readonly id: string
  readonly kind: FeedKind
  readonly practitionerId: string
  readonly createdAt: Instant
}

/** Opens a feed of the caller's own slots, and returns the secret of its address, which is not stored. */
export const createFeed = (ctx: Ctx, kind: FeedKind): FeedView & { readonly secret: string } => {
  const { actor } = ctx
  if (actor.kind !== 'key' || actor.practitionerId === null) throw new Error('a feed is a practitioner’s')
  const { keyId, practitionerId } = actor
  unlessRefused(refuseTooMany(store.countOpen(ctx.db, practitionerId, ctx.now)))
  const secret = newFeedSecret(ctx.random)
  const view: FeedView = { id: ctx.newId('feed'), kind, practitionerId, createdAt: ctx.now }
  store.insertFeed(ctx.db, { ...view, keyId, sha256: secretHash(secret), revokedAt: null })
  append(ctx, { type: 'feed.created', subject: view.id, practitionerId, data: { kind } })
  return { ...view, secret }
}

/** Feeds that are read now: those of the caller's practitioner, or all for an admin. */
export const listFeeds = (ctx: Ctx, after: string | undefined, limit: number): FeedView[] => {
  const own = ctx.actor.kind === 'key' ? (ctx.actor.practitionerId ?? undefined) : undefined
  return store.listFeeds(ctx.db, own, ctx.now, after ?? '', limit + 1)
}

/** Closes a feed for good, from the next reading on. Closing it again changes nothing. */
export const revokeFeed = (ctx: Ctx, id: string): void => {
  const feed = orAbsent(store.findFeed(ctx.db, id), 'Flux d’agenda')
  if (!managesPractitioner(ctx, feed.practitionerId)) throw new Refused(absent('Flux d’agenda'))
  if (feed.revokedAt !== null) return
  store.revokeFeed(ctx.db, id, ctx.now)
  append(ctx, { type: 'feed.revoked', subject: id, practitionerId: feed.practitionerId })
}

const calendarOf = (ctx: Ctx, practitionerId: string): string => {
  const changes = new Map(
    store.listSeatChanges(ctx.db, practitionerId).map(({ slotId, ...change }) => [slotId, change]),
  )
  const shown = store.listSlots(ctx.db, practitionerId, plus(ctx.now, -SHOWN_BACK), MOST_EVENTS)
  return writeCalendar({
    name: 'Urgence du jour',
    events: shown.map(({ slot, taken, site }) =>
      eventOf(
        {
          ...viewOf(ctx, { slot, taken }),
          site,
          seatChanges: changes.get(slot.id) ?? { count: 0, lastAt: null },
        },
        ctx.territory.code,
        ctx.now,
      ),
    ),
  })
}

/** The feed that this secret opens now, and its text when asked; undefined for unknown, revoked and ended alike. */
export const findOpenFeed = (
  ctx: Ctx,
  secret: string,
): { readonly id: string; readonly text: () => string } | undefined => {
  const found = isFeedSecret(secret) ? store.findBySecret(ctx.db, secretHash(secret)) : undefined
  if (!found || !isOpen({ ...found, revokedAt: found.feed.revokedAt }, ctx.now)) return undefined
  return { id: found.feed.id, text: () => calendarOf(ctx, found.feed.practitionerId) }
}
