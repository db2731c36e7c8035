import type { CalendarEvent } from '../kernel/ical-writer.ts'
import type { RandomBytes } from '../kernel/ids.ts'
import type { Refusal } from '../kernel/refusal.ts'
import { DAY, type Instant } from '../kernel/time.ts'
import { isGivenBack, releaseInstant } from '../slots/rules.ts'
import type { Release, SlotStatus } from '../slots/vocabulary.ts'
import type { FeedKind } from './vocabulary.ts'

/** Feeds that one practitioner may have open: a telephone, a computer, a secretary, and some to spare. */
export const MOST_FEEDS = 5

/** Feeds of sectors that a key which is nobody’s own may have open: more than a territory has sectors. */
export const MOST_SECTOR_FEEDS = 50

/** How far back a feed shows, and for how long after its withdrawal it shows that a slot is cancelled. */
export const SHOWN_BACK = 30 * DAY

/** Slots that one feed shows at most, the soonest; more than a practice fills. */
export const MOST_EVENTS = 5_000

const SECRET_BYTES = 32

/** A new secret for the address of a feed: 256 random bits, as text that an address can hold. */
export const newFeedSecret = (random: RandomBytes): string =>
  Buffer.from(random(SECRET_BYTES)).toString('base64url')

/** Whether a text has the shape of a feed's secret; spares the database what cannot be one. */
export const isFeedSecret = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text)

/** Refuses one more feed to a practitioner, or to a key that is nobody’s own. */
export const refuseTooMany = (open: number, isPractitioner: boolean): Refusal | null => {
  const most = isPractitioner ? MOST_FEEDS : MOST_SECTOR_FEEDS
  if (open < most) return null
  const who = isPractitioner ? 'Un praticien' : 'Une clé'
  return {
    code: 'too_many_feeds',
    detail: `${who} a ${most} flux d’agenda au plus ; révoquez-en un d’abord.`,
    facts: { most },
  }
}

/** Refuses a feed of somebody’s own to a key that is nobody’s. */
export const refuseNobody = (practitionerId: string | null, kind: FeedKind): Refusal | null =>
  practitionerId === null
    ? {
        code: 'invalid_key_scope',
        detail: `Un flux « ${kind} » s’ouvre avec la clé d’un praticien.`,
        path: ['kind'],
      }
    : null

export interface FeedState {
  readonly revokedAt: Instant | null
  /** Of the key that made it. */
  readonly keyRevokedAt: Instant | null
  readonly keyExpiresAt: Instant | null
}

/** Whether a feed is read now: neither it nor the key that made it was revoked, and that key has not ended. */
export const isOpen = (feed: FeedState, now: Instant): boolean =>
  feed.revokedAt === null &&
  feed.keyRevokedAt === null &&
  (feed.keyExpiresAt === null || feed.keyExpiresAt > now)

/** A slot as its practitioner's feed knows it; seats taken are those booked, whatever is held. */
export interface FeedSlot {
  readonly id: string
  readonly start: Instant
  readonly end: Instant
  readonly status: SlotStatus
  readonly capacity: number
  readonly taken: number
  readonly version: number
  readonly createdAt: Instant
  readonly withdrawnAt: Instant | null
  readonly release: Release | null
  readonly site: {
    readonly name: string
    readonly line: string
    readonly postalCode: string
    readonly city: string
  }
  /** How often a seat of it was booked or given back since it exists, and when last: facts of the journal. */
  readonly seatChanges: { readonly count: number; readonly lastAt: Instant | null }
}

const takenText = (taken: number, capacity: number): string =>
  taken === 1 ? `1 place prise sur ${capacity}` : `${taken} places prises sur ${capacity}`

const seatsText = ({ status, taken, capacity }: FeedSlot): string => {
  if (status === 'withdrawn')
    return taken === 0 ? 'retiré' : `retiré, ${takenText(taken, capacity)}, à revoir`
  if (taken === 0) return 'libre'
  return taken >= capacity ? 'complet' : takenText(taken, capacity)
}

/** When anything shown of a slot last changed, whether or not the tick has written down what time did to it. */
const changedAt = (slot: FeedSlot, now: Instant): Instant => {
  const givenBackAt =
    slot.release !== null && isGivenBack(slot, now) ? releaseInstant(slot.start, slot.release) : null
  return [slot.withdrawnAt, givenBackAt, slot.seatChanges.lastAt].reduce<Instant>(
    (latest, at) => (at !== null && at > latest ? at : latest),
    slot.createdAt,
  )
}

/**
 * What a feed shows of a slot: when, where, and how many of its seats are booked; nothing of who comes, or why.
 * A withdrawn slot is cancelled once nobody has a seat of it: until then a patient may still come.
 * SEQUENCE rises with every change of what is shown and never falls: versions only rise, events are never deleted, and
 * one more counts for what time alone cancels, such as a release; only a booked seat brings a cancelled one back.
 */
export const eventOf = (slot: FeedSlot, territory: string, now: Instant): CalendarEvent => {
  const isCancelled = slot.status === 'withdrawn' && slot.taken === 0
  return {
    uid: `${slot.id}@${territory.toLowerCase()}.urgence-du-jour`,
    createdAt: slot.createdAt,
    changedAt: changedAt(slot, now),
    sequence: 2 * (slot.version - 1 + slot.seatChanges.count) + (isCancelled ? 1 : 0),
    status: isCancelled ? 'CANCELLED' : 'CONFIRMED',
    start: slot.start,
    end: slot.end,
    summary: `Urgence du jour · ${seatsText(slot)}`,
    location: `${slot.site.name}, ${slot.site.line}, ${slot.site.postalCode} ${slot.site.city}`,
    categories: ['Urgence du jour'],
  }
}
