import type { Actor } from '../kernel/ctx.ts'
import type { Refusal } from '../kernel/refusal.ts'
import { DAY, MINUTE, plus, type Instant } from '../kernel/time.ts'
import {
  AUDIENCES,
  RELEASED,
  type Audience,
  type Offer,
  type Release,
  type SlotOrigin,
  type SlotStatus,
} from './vocabulary.ts'

/** Refuses an interval that is empty, reversed, longer than 24 h, or that starts before now. */
export const refuseInterval = (start: Instant, end: Instant, now: Instant): Refusal | null => {
  if (end <= start) return invalidInterval('La fin doit suivre le début.', 'end')
  if (end - start > DAY) return invalidInterval('Un créneau dure 24 heures au plus.', 'end')
  if (start < now) return invalidInterval('Le début est passé.', 'start')
  return null
}

const invalidInterval = (detail: string, member: string): Refusal => ({
  code: 'invalid_interval',
  detail,
  path: [member],
})

/** Refuses a slot that would share time with another of the same practitioner. */
export const refuseOverlap = (other: { readonly id: string } | undefined): Refusal | null =>
  other
    ? {
        code: 'slot_overlap',
        detail: `Ce praticien a déjà le créneau ${other.id} à cette heure.`,
        facts: { slotId: other.id },
      }
    : null

interface Releasable {
  readonly start: Instant
  readonly release: Release | null
}

/** From when on a release holds: so many minutes of elapsed time before the start of its slot (RELEASE-1). */
export const releaseInstant = (start: Instant, release: Release): Instant =>
  plus(start, -release.minutesBefore * MINUTE)

/** Whether the release of a slot holds, from its instant on. */
export const isReleased = ({ start, release }: Releasable, now: Instant): boolean =>
  release !== null && releaseInstant(start, release) <= now

/** Whether the release of a slot has given its time back to the practitioner. */
export const isGivenBack = (slot: Releasable, now: Instant): boolean =>
  slot.release?.to === 'practitioner' && isReleased(slot, now)

/** Refuses a slot that would go back to its practitioner before anybody could be sent there (RELEASE-7). */
export const refuseRelease = (slot: Releasable, now: Instant): Refusal | null =>
  isGivenBack(slot, now)
    ? {
        code: 'invalid_interval',
        detail: 'Le délai de libération est passé : ce créneau serait aussitôt rendu au praticien.',
        path: ['release', 'minutesBefore'],
      }
    : null

/** A slot as stored: what is true of it at an instant follows from this, the seats taken and the instant alone. */
export interface SlotState extends Releasable {
  readonly capacity: number
  readonly audiences: readonly Audience[]
  readonly origin: SlotOrigin
  readonly withdrawnAt: Instant | null
  /** With `withdrawnAt`, why; without, that the GP gave the slot up and keeps it for the patients it has. */
  readonly withdrawnReason: string | null
}

/**
 * Whether a slot was made for one patient, whom its practitioner took en sus (ENSUS-13): a seat of it that comes free is
 * nobody else's, the slot is closed.
 */
export const isForOnePatient = (slot: { readonly origin: SlotOrigin }): boolean => slot.origin === 'en_sus'

/**
 * Why a slot takes no new patient although nobody withdrew it, or null when it does: its GP gave it up by ending or
 * editing the series, it is for one patient, or its release gave it back.
 */
export const closedBy = (
  slot: Releasable & Pick<SlotState, 'origin' | 'withdrawnReason'>,
  now: Instant,
): string | null => {
  if (slot.withdrawnReason !== null) return slot.withdrawnReason
  if (isForOnePatient(slot)) return slot.origin
  return isGivenBack(slot, now) ? RELEASED : null
}

/** Seats of a slot as somebody counts them. */
export interface Seats {
  /** Booked, or held for a moment. */
  readonly taken: number
  /** Whether the one who asks holds a seat, not counted in `taken`: for its holder a slot does not close. */
  readonly isHolder?: boolean
}

export interface Settled {
  readonly status: SlotStatus
  /** Those typed, and those that a release has added. */
  readonly audiences: readonly Audience[]
}

/**
 * What a slot is at an instant, whether or not the tick has written it down: withdrawn for good; else past once it has
 * started; else full when every seat is taken. A closed slot offers no free seat, and without a patient it is withdrawn.
 * A release to audiences adds them to those typed. The stores say the same in SQL (`src/slots/release/tables.ts`), which
 * a property holds against this function (RELEASE-6).
 */
export const settle = (slot: SlotState, { taken, isHolder = false }: Seats, now: Instant): Settled => {
  const isClosed = !isHolder && closedBy(slot, now) !== null
  const to = isReleased(slot, now) ? slot.release?.to : undefined
  const added = to === undefined || to === 'practitioner' ? [] : to
  const statusOf = (): SlotStatus => {
    if (slot.withdrawnAt !== null || (isClosed && taken === 0)) return 'withdrawn'
    if (slot.start <= now) return 'past'
    return isClosed || taken >= slot.capacity ? 'full' : 'open'
  }
  return {
    status: statusOf(),
    audiences: AUDIENCES.filter((code) => slot.audiences.includes(code) || added.includes(code)),
  }
}

/** What happens to a slot, from which status to which; `none` is no row. The code and the diagram read this table. */
export const SLOT_TRANSITIONS = {
  publish: { from: ['none'], to: 'open' },
  fill: { from: ['open'], to: 'full' },
  free: { from: ['full'], to: 'open' },
  begin: { from: ['open', 'full'], to: 'past' },
  withdraw: { from: ['open', 'full', 'past'], to: 'withdrawn' },
  close: { from: ['open'], to: 'full' },
  give_back: { from: ['open', 'full', 'past'], to: 'withdrawn' },
} as const satisfies Record<string, { from: readonly (SlotStatus | 'none')[]; to: SlotStatus }>

/** A slot is withdrawn once. */
export const refuseWithdrawal = (status: SlotStatus): Refusal | null =>
  (SLOT_TRANSITIONS.withdraw.from as readonly string[]).includes(status)
    ? null
    : { code: 'already_withdrawn', detail: 'Ce créneau est déjà retiré.' }

/** Audiences that include an actor whatever the slot's CPTS; `CPTS` depends on the slot and is judged apart. */
export const audiencesOf = (actor: Actor): readonly Audience[] => {
  if (actor.kind === 'system' || actor.role === 'admin') return ['PUBLIC', 'PRO', 'SNP', 'CPTS']
  switch (actor.role) {
    // A régulateur is a professional too; the CPTS audience is its members' own.
    case 'regulator':
      return ['PUBLIC', 'PRO', 'SNP']
    case 'practitioner':
      return ['PUBLIC', 'PRO']
    default:
      return []
  }
}

/** The CPTS through whose audience an actor sees slots. */
export const communitiesSeenBy = (actor: Actor): readonly string[] =>
  actor.kind === 'key' && actor.role === 'practitioner' ? actor.communityIds : []

/** Whether the offer is open to the actor (ANS TRE_R314: codes add up, `CPTS` means the CPTS named on the slot). */
export const isOfferedTo = (actor: Actor, offer: Pick<Offer, 'audiences' | 'communityIds'>): boolean =>
  offer.audiences.some((audience) => audiencesOf(actor).includes(audience)) ||
  (offer.audiences.includes('CPTS') && offer.communityIds.some((id) => communitiesSeenBy(actor).includes(id)))
