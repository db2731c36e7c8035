import { append } from '../events/actions.ts'
import type { Ctx } from '../db/db.ts'
import {
  amendIdentity,
  blindIndexOf,
  keepIdentity,
  keepIdentityUntil,
  reveal,
  type Identity,
} from '../identities/actions.ts'
import { toLocalDate, type LocalDate } from '../kernel/civil.ts'
import { absent, orAbsent, Refused, unlessRefused } from '../kernel/refusal.ts'
import { plus, type Instant } from '../kernel/time.ts'
import { communitiesOfPractitioner, getSiteOf, managesPractitioner } from '../members/actions.ts'
import { getSlot, type SlotView } from '../slots/actions.ts'
import { closeIfGivenUp } from '../slots/release/actions.ts'
import type { Seats } from '../slots/rules.ts'
import type { Modality } from '../slots/vocabulary.ts'
import { findAlternatives } from './availability/actions.ts'
import {
  ageOn,
  attentionTo,
  DUPLICATE_WINDOW,
  findModality,
  IDENTITY_KEPT,
  isAgeOutOfRange,
  maySeeBooking,
  maySeePatient,
  refuseBirthDate,
  refuseBooking,
  refuseMoveOf,
  refuseOutcome,
  refuseTransition,
  refuseWithoutAddress,
  SLOT_TAKEN,
} from './rules.ts'
import { findHoldFor, takeHold } from './holds/actions.ts'
import { findFreeSeat, occupySeat } from './seats/actions.ts'
import * as store from './store.ts'
import type {
  BookingOrigin,
  BookingWarning,
  CancelReason,
  Motive,
  Outcome,
  RequestedDelay,
} from './vocabulary.ts'

export type { BookingFilter } from './store.ts'

/** What the call said: of whom, why, how soon, and who took it. */
export interface CallInput {
  readonly patient: Omit<Identity, 'birthDate' | 'motiveText' | 'cancelNote'> & {
    readonly birthDate: LocalDate
  }
  readonly motive: { readonly code: Motive; readonly text?: string | undefined }
  readonly regulationRef: string
  readonly requestedDelay: RequestedDelay
  readonly calledAt?: Instant | undefined
  readonly operator: { readonly id: string; readonly name: string }
}

export interface BookingInput extends CallInput {
  readonly slotId: string
  readonly holdId?: string | undefined
  readonly modality?: Modality | undefined
}

/** A booking as one actor may see it. */
export interface BookingView {
  readonly row: store.BookingRow
  /** Whether motive and regulation file may be shown. */
  readonly isCareTeam: boolean
  /** Absent when the actor may not see it, or once erased. */
  readonly identity: Identity | undefined
  readonly warnings: readonly BookingWarning[]
}

const viewOf = (ctx: Ctx, row: store.BookingRow, warnings: readonly BookingWarning[] = []): BookingView => {
  const isCareTeam = maySeePatient(ctx.actor, row, ctx.now)
  const identity =
    isCareTeam && row.identityId !== null
      ? reveal(ctx, row.identityId, { subject: row.id, practitionerId: row.practitionerId })
      : undefined
  return { row, isCareTeam, identity, warnings }
}

const warningsOf = (ctx: Ctx, slot: SlotView, patient: CallInput['patient']): BookingWarning[] => {
  const warnings: BookingWarning[] = []
  const [from, to] = [plus(slot.start, -DUPLICATE_WINDOW), plus(slot.start, DUPLICATE_WINDOW)]
  if (store.hasBooking(ctx.db, blindIndexOf(ctx, patient), from, to)) warnings.push('possible_duplicate')
  if (isAgeOutOfRange(slot, ageOn(patient.birthDate, toLocalDate(slot.start, ctx.territory.zone))))
    warnings.push('age_out_of_range')
  return warnings
}

/** Refused because another was faster: says what else is free around. */
const slotTaken = (ctx: Ctx, slot: SlotView, asked: Modality | undefined): Refused =>
  new Refused({
    ...SLOT_TAKEN,
    facts: {
      alternatives: findAlternatives(
        ctx,
        slot,
        getSiteOf(ctx, slot.practitionerId, slot.siteId),
        findModality(slot.modalities, asked),
      ),
    },
  })

/** A seat that was won, and for whom it is taken. */
interface Seat {
  readonly slot: SlotView
  readonly seat: number
  readonly modality: Modality
  readonly origin: BookingOrigin
}

/** Writes the booking of a seat that was won, keeps who it is for, and tells of it with `how` it came about. */
export const bookSeat = (
  ctx: Ctx,
  { slot, seat, modality, origin }: Seat,
  call: CallInput,
  how: Readonly<Record<string, string>>,
): BookingView => {
  const { actor } = ctx
  if (actor.kind !== 'key') throw new Error('a booking is made by the holder of a key')
  unlessRefused(refuseWithoutAddress(modality, call.patient.address))
  unlessRefused(refuseBirthDate(call.patient.birthDate, toLocalDate(ctx.now, ctx.territory.zone)))
  const warnings = warningsOf(ctx, slot, call.patient)
  const row: store.BookingRow = {
    id: ctx.newId('booking'),
    slotId: slot.id,
    seat,
    status: 'booked',
    practitionerId: slot.practitionerId,
    siteId: slot.siteId,
    start: slot.start,
    end: slot.end,
    modality,
    identityId: keepIdentity(
      ctx,
      { ...call.patient, motiveText: call.motive.text },
      plus(slot.end, IDENTITY_KEPT),
    ),
    motiveCode: call.motive.code,
    regulationRef: call.regulationRef,
    requestedDelay: call.requestedDelay,
    calledAt: call.calledAt ?? null,
    operatorId: call.operator.id,
    operatorName: call.operator.name,
    origin,
    keyId: actor.keyId,
    bookedByPractitionerId: actor.practitionerId,
    cancelledAt: null,
    cancelReason: null,
    cancelledBy: null,
    expiresAt: null,
    isExtended: false,
    outcomeAt: null,
    needsAttention: attentionTo(slot),
    version: 1,
    createdAt: ctx.now,
  }
  occupySeat(ctx, row)
  append(ctx, {
    type: 'booking.created',
    subject: row.id,
    practitionerId: row.practitionerId,
    data: {
      slotId: row.slotId,
      start: row.start,
      modality: row.modality,
      origin: row.origin,
      requestedDelay: row.requestedDelay,
      ...how,
    },
  })
  return viewOf(ctx, row, warnings)
}

/** The seats of a slot as the holder of a hold counts them: without their own. */
const seatsFor = (slot: SlotView, hold: unknown): Seats =>
  hold === undefined ? { taken: slot.taken } : { taken: slot.taken - 1, isHolder: true }

/** Takes a seat for a patient. Everything is decided here, inside the transaction; the seat's index is the net. */
export const book = (ctx: Ctx, input: BookingInput): BookingView => {
  const { actor } = ctx
  const slot = getSlot(ctx, input.slotId)
  const hold = findHoldFor(ctx, slot.id, input.holdId)
  // One's own hold is not in one's way.
  const refusal = refuseBooking(actor, slot, seatsFor(slot, hold), ctx.now)
  if (refusal?.code === 'slot_taken') throw slotTaken(ctx, slot, input.modality)
  unlessRefused(refusal)
  const modality = findModality(slot.modalities, input.modality)
  if (modality === undefined)
    throw new Refused({
      code: 'modality_not_offered',
      detail: `Ce créneau propose : ${slot.modalities.join(', ')}.`,
      path: ['modality'],
    })
  if (hold) takeHold(ctx, hold.id)
  const seat = hold?.seat ?? findFreeSeat(ctx, slot.id, slot.capacity)
  if (seat === undefined) throw slotTaken(ctx, slot, input.modality)
  const isOwnPatient = actor.kind === 'key' && actor.role === 'practitioner'
  return bookSeat(
    ctx,
    { slot, seat, modality, origin: isOwnPatient ? 'practitioner' : 'regulation' },
    input,
    hold ? { holdId: hold.id } : {},
  )
}

/** A booking of the actor's, without its patient. */
export const getVisible = (ctx: Ctx, id: string): store.BookingRow => {
  const row = orAbsent(store.findBooking(ctx.db, id), 'Rendez-vous')
  if (!maySeeBooking(ctx.actor, row, communitiesOfPractitioner(ctx, row.practitionerId)))
    throw new Refused(absent('Rendez-vous'))
  return row
}

/** A booking of the actor's, with the patient for the care team; writes the access log. */
export const getBooking = (ctx: Ctx, id: string): BookingView => viewOf(ctx, getVisible(ctx, id))

const scopeOf = (ctx: Ctx): store.Scope => {
  const { actor } = ctx
  if (actor.kind === 'system' || actor.role === 'admin') return { kind: 'all' }
  if (actor.role === 'coordinator') return { kind: 'communities', communityIds: actor.communityIds }
  if (actor.role === 'practitioner' && actor.practitionerId !== null)
    return { kind: 'practitioner', practitionerId: actor.practitionerId }
  return { kind: 'regulation' }
}

/** Bookings of the actor's, one more than `limit` when there are more; writes the access log for those shown. */
export const listBookings = (
  ctx: Ctx,
  filter: store.BookingFilter,
  after: { start: Instant; id: string } | undefined,
  limit: number,
): { row: store.BookingRow; show: () => BookingView }[] =>
  store
    .listBookings(ctx.db, scopeOf(ctx), filter, after, limit + 1)
    .map((row) => ({ row, show: () => viewOf(ctx, row) }))

/** Gives the seat back, in the same transaction, and says who cancelled and why. */
export const cancelBooking = (
  ctx: Ctx,
  id: string,
  input: { readonly reason: CancelReason; readonly note?: string | undefined },
): BookingView => {
  const { actor } = ctx
  if (actor.kind !== 'key') throw new Error('a booking is cancelled by the holder of a key')
  const before = getVisible(ctx, id)
  unlessRefused(refuseTransition('cancel', before.status))
  if (input.note !== undefined && before.identityId !== null)
    amendIdentity(ctx, before.identityId, { cancelNote: input.note })
  const row = store.updateBooking(ctx.db, id, {
    status: 'cancelled',
    cancelledAt: ctx.now,
    cancelReason: input.reason,
    cancelledBy: actor.role,
    needsAttention: null,
  })
  append(ctx, {
    type: 'booking.cancelled',
    subject: id,
    practitionerId: row.practitionerId,
    data: { slotId: row.slotId, reason: input.reason, by: actor.role },
  })
  closeIfGivenUp(ctx, row.slotId)
  return viewOf(ctx, row)
}

/**
 * Moves a booking to another slot: the old seat is given back only because the new one is won, in one transaction.
 * Whoever manages the other slot may move a patient there; others need it open to them.
 */
export const moveBooking = (ctx: Ctx, id: string, slotId: string): BookingView => {
  const before = getVisible(ctx, id)
  unlessRefused(refuseTransition('move', before.status))
  unlessRefused(refuseMoveOf(before, slotId, ctx.now))
  const slot = getSlot(ctx, slotId)
  const hold = findHoldFor(ctx, slot.id, undefined)
  const refusal = refuseBooking(ctx.actor, slot, seatsFor(slot, hold), ctx.now)
  if (refusal?.code === 'slot_taken') throw slotTaken(ctx, slot, before.modality ?? undefined)
  if (refusal?.code !== 'slot_not_for_caller' || !managesPractitioner(ctx, slot.practitionerId))
    unlessRefused(refusal)
  if (before.modality !== null && !slot.modalities.includes(before.modality))
    throw new Refused({
      code: 'modality_not_offered',
      detail: `Ce créneau propose : ${slot.modalities.join(', ')}.`,
    })
  if (hold) takeHold(ctx, hold.id)
  const seat = hold?.seat ?? findFreeSeat(ctx, slot.id, slot.capacity)
  if (seat === undefined) throw slotTaken(ctx, slot, before.modality ?? undefined)
  const row = store.updateBooking(ctx.db, id, {
    slotId: slot.id,
    seat,
    practitionerId: slot.practitionerId,
    siteId: slot.siteId,
    start: slot.start,
    end: slot.end,
    needsAttention: attentionTo(slot),
  })
  if (row.identityId !== null) keepIdentityUntil(ctx, row.identityId, plus(row.end, IDENTITY_KEPT))
  append(ctx, {
    type: 'booking.moved',
    subject: id,
    practitionerId: row.practitionerId,
    data: { from: before.slotId, to: row.slotId, fromPractitionerId: before.practitionerId },
  })
  closeIfGivenUp(ctx, before.slotId)
  return viewOf(ctx, row)
}

/** Says whether the patient came. Said again, it changes nothing; said otherwise, it is corrected. */
export const recordOutcome = (ctx: Ctx, id: string, outcome: Outcome): BookingView => {
  const before = getVisible(ctx, id)
  unlessRefused(refuseTransition(outcome === 'fulfilled' ? 'fulfil' : 'miss', before.status))
  unlessRefused(refuseOutcome(before, ctx.now))
  if (before.status === outcome) return viewOf(ctx, before)
  const row = store.updateBooking(ctx.db, id, { status: outcome, outcomeAt: ctx.now, needsAttention: null })
  append(ctx, {
    type: 'booking.outcome_recorded',
    subject: id,
    practitionerId: row.practitionerId,
    data: { outcome, before: before.status },
  })
  return viewOf(ctx, row)
}

/** Says that a flagged booking has been seen to: the patient comes all the same, or knows. */
export const acknowledgeBooking = (ctx: Ctx, id: string): BookingView => {
  const before = getVisible(ctx, id)
  unlessRefused(refuseTransition('acknowledge', before.status))
  if (before.needsAttention === null) return viewOf(ctx, before)
  const row = store.updateBooking(ctx.db, id, { needsAttention: null })
  append(ctx, {
    type: 'booking.acknowledged',
    subject: id,
    practitionerId: row.practitionerId,
    data: { reason: before.needsAttention },
  })
  return viewOf(ctx, row)
}
