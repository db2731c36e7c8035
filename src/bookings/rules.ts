import type { Actor } from '../kernel/ctx.ts'
import type { LocalDate } from '../kernel/civil.ts'
import type { Refusal } from '../kernel/refusal.ts'
import { DAY, plus, type Instant } from '../kernel/time.ts'
import { isOfferedTo, settle, type Seats, type SlotState } from '../slots/rules.ts'
import { SERIES_ENDED, type Modality, type Offer } from '../slots/vocabulary.ts'
import { DUTY_REASONS, type AttentionReason, type BookingOrigin, type SeatStatus } from './vocabulary.ts'

export type Bookable = SlotState & Pick<Offer, 'communityIds'>

/**
 * Whether an actor could book a seat of this slot now, or why not. The one decision behind search, booking and lists:
 * what a search shows is what it does not refuse. A hold of the actor's own is not in their way, and keeps open for them
 * what closes for others.
 */
export const refuseBooking = (actor: Actor, slot: Bookable, seats: Seats, now: Instant): Refusal | null => {
  const { status, audiences } = settle(slot, seats, now)
  if (status === 'withdrawn') return { code: 'slot_withdrawn', detail: 'Ce créneau a été retiré.' }
  if (status === 'past') return { code: 'slot_started', detail: 'Ce créneau a déjà commencé.' }
  if (!isOfferedTo(actor, { audiences, communityIds: slot.communityIds }))
    return { code: 'slot_not_for_caller', detail: 'Ce créneau n’est pas ouvert à ce demandeur.' }
  return status === 'full' ? SLOT_TAKEN : null
}

export const SLOT_TAKEN: Refusal = { code: 'slot_taken', detail: 'Ce créneau vient d’être pris.' }

/**
 * Who is booked by a hold that outlived the end or the edit of a series, or the duty of who is on call, comes to a slot
 * that was given up: told so.
 */
export const attentionTo = (slot: Pick<SlotState, 'withdrawnReason'>): AttentionReason | null =>
  ([SERIES_ENDED, ...DUTY_REASONS] as const).find((reason) => reason === slot.withdrawnReason) ?? null

/** How the patient will be seen: as asked, else at the practice where offered. Undefined when not offered. */
export const findModality = (
  offered: readonly Modality[],
  asked: Modality | undefined,
): Modality | undefined => {
  if (asked !== undefined) return offered.includes(asked) ? asked : undefined
  return offered.includes('AMB') ? 'AMB' : offered[0]
}

/** A home visit needs somewhere to go. */
export const refuseWithoutAddress = (modality: Modality, address: string | undefined): Refusal | null =>
  modality === 'HH' && address === undefined
    ? {
        code: 'address_required',
        detail: 'L’adresse est requise pour une visite à domicile.',
        path: ['patient', 'address'],
      }
    : null

/** Age in whole years on a date. */
export const ageOn = (birthDate: LocalDate, date: LocalDate): number => {
  const years = Number(date.slice(0, 4)) - Number(birthDate.slice(0, 4))
  return date.slice(5) < birthDate.slice(5) ? years - 1 : years
}

/** Nobody who is to be seen was born after today. */
export const refuseBirthDate = (birthDate: LocalDate, today: LocalDate): Refusal | null =>
  birthDate > today
    ? {
        code: 'invalid_birth_date',
        detail: 'La date de naissance est dans le futur.',
        path: ['patient', 'birthDate'],
      }
    : null

/** Whether an age is outside of what the practitioner sees. Told to the regulator, who decides: never a lock. */
export const isAgeOutOfRange = (offer: Pick<Offer, 'minAge' | 'maxAge'>, age: number): boolean =>
  (offer.minAge !== null && age < offer.minAge) || (offer.maxAge !== null && age > offer.maxAge)

/** Same person within 48 h, before or after: told, never blocked (BOOK-5). */
export const DUPLICATE_WINDOW = 2 * DAY

/** A booking's identity is erased three months after the appointment, counted as 92 days (RGPD article 5.1.e; default). */
export const IDENTITY_KEPT = 92 * DAY

/** The SAS sees whom it sent until seven days after the appointment (BOOK-10). */
export const REGULATOR_SEES = 7 * DAY

export interface BookingScope {
  readonly practitionerId: string
  readonly bookedByPractitionerId: string | null
  readonly origin: BookingOrigin
  readonly end: Instant
}

/** Whether the SAS sent the patient: to a slot, or to a GP who took them en sus. A GP's own patients are the GP's. */
const isOfTheSas = (booking: { readonly origin: BookingOrigin }): boolean => booking.origin !== 'practitioner'

/**
 * Whether the booking exists for this actor: the SAS for those it made, a GP for their own slots and for those they
 * booked elsewhere, a coordinator for the members of their CPTS, an admin for all.
 */
export const maySeeBooking = (
  actor: Actor,
  booking: BookingScope,
  practitionerCommunities: readonly string[],
): boolean => {
  if (actor.kind === 'system') return true
  switch (actor.role) {
    case 'admin':
      return true
    case 'regulator':
      return isOfTheSas(booking)
    case 'practitioner':
      return (
        actor.practitionerId === booking.practitionerId ||
        actor.practitionerId === booking.bookedByPractitionerId
      )
    case 'coordinator':
      return practitionerCommunities.some((id) => actor.communityIds.includes(id))
    default:
      return false
  }
}

/** Whether the actor may know who the patient is and why they come: the care team of this appointment only. */
export const maySeePatient = (actor: Actor, booking: BookingScope, now: Instant): boolean =>
  actor.kind === 'key' &&
  ((actor.role === 'regulator' && isOfTheSas(booking) && now <= plus(booking.end, REGULATOR_SEES)) ||
    (actor.role === 'practitioner' && actor.practitionerId === booking.practitionerId))

/** What can be done to a seat, from which state to which; `none` is no row. The code and the diagram read this table. */
export const SEAT_TRANSITIONS = {
  hold: { from: ['none'], to: 'held' },
  extend: { from: ['held'], to: 'held' },
  release: { from: ['held'], to: 'none' },
  expire: { from: ['held'], to: 'none' },
  book: { from: ['none', 'held'], to: 'booked' },
  move: { from: ['booked'], to: 'booked' },
  acknowledge: { from: ['booked'], to: 'booked' },
  cancel: { from: ['booked'], to: 'cancelled' },
  fulfil: { from: ['booked', 'noshow', 'fulfilled'], to: 'fulfilled' },
  miss: { from: ['booked', 'fulfilled', 'noshow'], to: 'noshow' },
} as const satisfies Record<string, { from: readonly (SeatStatus | 'none')[]; to: SeatStatus | 'none' }>

export type SeatAction = keyof typeof SEAT_TRANSITIONS

/** Refuses what cannot be done to a booking in its present state. */
export const refuseTransition = (action: SeatAction, status: SeatStatus): Refusal | null =>
  (SEAT_TRANSITIONS[action].from as readonly string[]).includes(status)
    ? null
    : { code: 'not_active', detail: 'Ce rendez-vous n’est plus actif.' }

/** An appointment that has begun stays where it was. */
export const refuseMoveOf = (
  booking: { readonly start: Instant; readonly slotId: string },
  slotId: string,
  now: Instant,
): Refusal | null => {
  if (booking.slotId === slotId)
    return { code: 'same_slot', detail: 'Le rendez-vous est déjà sur ce créneau.' }
  return booking.start <= now
    ? { code: 'slot_started', detail: 'Ce rendez-vous a déjà commencé : il ne se déplace plus.' }
    : null
}

/** An outcome may be corrected for seven days after the appointment (OUTCOME-1). */
const OUTCOME_OPEN = 7 * DAY

/** Whether the patient came is known from the start of the appointment on, and may be corrected for seven days. */
export const refuseOutcome = (
  booking: { readonly start: Instant; readonly end: Instant },
  now: Instant,
): Refusal | null => {
  if (now < booking.start) return { code: 'too_early', detail: 'Le rendez-vous n’a pas encore commencé.' }
  return now > plus(booking.end, OUTCOME_OPEN)
    ? { code: 'outcome_final', detail: 'L’issue ne se corrige plus, sept jours après le rendez-vous.' }
    : null
}
