import { findHolder, practitionerOfKey } from '../access/actions.ts'
import { secretHash } from '../access/rules.ts'
import type { Ctx } from '../db/db.ts'
import { append } from '../events/actions.ts'
import { isSectorFollowed, ownCalendar, sectorCalendar } from '../gardes/calendar/actions.ts'
import { writeCalendar } from '../kernel/ical-writer.ts'
import { absent, orAbsent, Refused, unlessRefused } from '../kernel/refusal.ts'
import { plus } from '../kernel/time.ts'
import { viewOf } from '../slots/actions.ts'
import {
  eventOf,
  isFeedSecret,
  isOpen,
  MOST_EVENTS,
  newFeedSecret,
  refuseNobody,
  refuseTooMany,
  SHOWN_BACK,
} from './rules.ts'
import * as store from './store.ts'
import type { OwnFeedKind } from './vocabulary.ts'

export type FeedView = store.ListedFeed

/** Who opens a feed: the holder of a key, for whom it is closed with the key. */
const ownerOf = ({ actor }: Ctx): { readonly keyId: string; readonly practitionerId: string | null } => {
  if (actor.kind !== 'key') throw new Error('a feed is opened by a key')
  return actor
}

/** What they have open: a practitioner’s feeds are theirs, whatever key made them. */
const ownedBy = ({ keyId, practitionerId }: ReturnType<typeof ownerOf>): store.Owner =>
  practitionerId === null ? { keyId } : { practitionerId }

/** What a feed shows: a practitioner’s own, or a sector. */
export type FeedInput =
  { readonly kind: OwnFeedKind } | { readonly kind: 'sector'; readonly sectorId: string }

/** Opens a feed, and returns the secret of its address, which is not stored. */
export const createFeed = (ctx: Ctx, input: FeedInput): FeedView & { readonly secret: string } => {
  const owner = ownerOf(ctx)
  const { keyId, practitionerId } = owner
  if (input.kind !== 'sector') unlessRefused(refuseNobody(practitionerId, input.kind))
  else if (!isSectorFollowed(ctx, input.sectorId)) throw new Refused(absent('Secteur'))
  const open = store.countOpen(ctx.db, ownedBy(owner), ctx.now)
  unlessRefused(refuseTooMany(open, practitionerId !== null))
  const secret = newFeedSecret(ctx.random)
  const id = ctx.newId('feed')
  const row = { id, keyId, sha256: secretHash(secret), createdAt: ctx.now, revokedAt: null }
  const sectorId = input.kind === 'sector' ? input.sectorId : null
  if (input.kind === 'sector') store.insertSectorFeed(ctx.db, { ...row, sectorId: input.sectorId })
  else if (practitionerId !== null) store.insertFeed(ctx.db, { ...row, kind: input.kind, practitionerId })
  append(ctx, {
    type: 'feed.created',
    subject: id,
    ...(practitionerId === null ? {} : { practitionerId }),
    data: { kind: input.kind, ...(sectorId === null ? {} : { sectorId }) },
  })
  return { id, kind: input.kind, practitionerId, sectorId, createdAt: ctx.now, secret }
}

/** Feeds that are read now: those of the caller, or all for an admin. */
export const listFeeds = (ctx: Ctx, after: string | undefined, limit: number): FeedView[] => {
  const { actor } = ctx
  const owner = actor.kind === 'system' || actor.role === 'admin' ? undefined : ownedBy(actor)
  return store.listFeeds(ctx.db, owner, ctx.now, after ?? '', limit + 1)
}

/** Whether a feed is the actor’s to close: their key’s, their practitioner’s, or anybody’s for an admin. */
const isOwn = (
  ctx: Ctx,
  feed: { readonly keyId: string; readonly practitionerId: string | null },
): boolean => {
  const { actor } = ctx
  if (actor.kind === 'system' || actor.role === 'admin' || actor.keyId === feed.keyId) return true
  return feed.practitionerId !== null && feed.practitionerId === actor.practitionerId
}

/** Closes a feed for good, from the next reading on. Closing it again changes nothing. */
export const revokeFeed = (ctx: Ctx, id: string): void => {
  const own = store.findFeed(ctx.db, id)
  const ofSector = own ? undefined : store.findSectorFeed(ctx.db, id)
  const feed = orAbsent(own ?? ofSector, 'Flux d’agenda')
  const practitionerId = own?.practitionerId ?? practitionerOfKey(ctx, feed.keyId)
  if (!isOwn(ctx, { keyId: feed.keyId, practitionerId })) throw new Refused(absent('Flux d’agenda'))
  if (feed.revokedAt !== null) return
  if (own) store.revokeFeed(ctx.db, id, ctx.now)
  else store.revokeSectorFeed(ctx.db, id, ctx.now)
  append(ctx, { type: 'feed.revoked', subject: id, ...(practitionerId === null ? {} : { practitionerId }) })
}

const slotsCalendar = (ctx: Ctx, practitionerId: string): string => {
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

const ownText = (ctx: Ctx, feed: store.FeedRow): string =>
  feed.kind === 'my-slots'
    ? slotsCalendar(ctx, feed.practitionerId)
    : ownCalendar(ctx, feed.practitionerId, plus(ctx.now, -SHOWN_BACK), MOST_EVENTS)

/** A sector’s feed is read in the name of whoever holds the key now, and by their right of this moment. */
const findSectorText = (ctx: Ctx, feed: store.SectorFeedRow): (() => string) | undefined => {
  const holder = findHolder(ctx, feed.keyId)
  const as = holder && { ...ctx, actor: holder }
  if (!as || !isSectorFollowed(as, feed.sectorId)) return undefined
  return () => sectorCalendar(as, feed.sectorId, plus(ctx.now, -SHOWN_BACK), MOST_EVENTS)
}

/** The feed that this secret opens now, and its text when asked; undefined for unknown, revoked and ended alike. */
export const findOpenFeed = (
  ctx: Ctx,
  secret: string,
): { readonly id: string; readonly text: () => string } | undefined => {
  if (!isFeedSecret(secret)) return undefined
  const hash = secretHash(secret)
  const own = store.findBySecret(ctx.db, hash)
  if (own)
    return isOpen({ ...own, revokedAt: own.feed.revokedAt }, ctx.now)
      ? { id: own.feed.id, text: () => ownText(ctx, own.feed) }
      : undefined
  const ofSector = store.findSectorBySecret(ctx.db, hash)
  if (!ofSector || !isOpen({ ...ofSector, revokedAt: ofSector.feed.revokedAt }, ctx.now)) return undefined
  const text = findSectorText(ctx, ofSector.feed)
  return text && { id: ofSector.feed.id, text }
}
