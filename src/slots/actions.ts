import * as seats from '../bookings/seats/actions.ts'
import { append } from '../events/actions.ts'
import type { Ctx } from '../db/db.ts'
import { absent, orAbsent, Refused, unlessRefused } from '../kernel/refusal.ts'
import type { LocalDate } from '../kernel/civil.ts'
import { getInterval, type Instant } from '../kernel/time.ts'
import {
  assertCommunities,
  getManagedPractitioner,
  getSiteOf,
  managesPractitioner,
} from '../members/actions.ts'
import {
  audiencesOf,
  isOfferedTo,
  closedBy,
  refuseInterval,
  refuseOverlap,
  refuseRelease,
  refuseWithdrawal,
  settle,
} from './rules.ts'
import { clearGivenBack } from './release/actions.ts'
import * as store from './store.ts'
import {
  SERIES_EDITED,
  SERIES_ENDED,
  type AppointmentType,
  type Audience,
  type Modality,
  type Offer,
  type Release,
  type SlotStatus,
} from './vocabulary.ts'

export type { SlotFilter } from './store.ts'

/** A slot as it is at this instant: its audiences are those that it has by now. */
export interface SlotView extends store.SlotRow {
  readonly status: SlotStatus
  readonly taken: number
}

/** What a publisher may say of an offer; the rest has a default. */
export interface OfferInput {
  readonly capacity?: number | undefined
  readonly audiences?: readonly Audience[] | undefined
  readonly communityIds?: readonly string[] | undefined
  readonly modalities?: readonly Modality[] | undefined
  readonly appointmentType?: AppointmentType | undefined
  readonly motives?: readonly string[] | undefined
  readonly minAge?: number | undefined
  readonly maxAge?: number | undefined
  readonly release?: Release | undefined
}

export interface SlotInput extends OfferInput {
  readonly practitionerId: string
  readonly siteId: string
  readonly start: Instant
  readonly end: Instant
}

export const viewOf = (ctx: Ctx, { slot, taken }: store.SlotWithTaken): SlotView => {
  const { status, audiences } = settle(slot, { taken }, ctx.now)
  return { ...slot, taken, status, audiences: [...audiences] }
}

/** An offer with its defaults: one seat at the practice, kept for the SAS, named for the practitioner's own CPTS. */
export const completeOffer = (
  ctx: Ctx,
  practitionerCommunities: readonly string[],
  input: OfferInput,
): Offer => {
  if (input.communityIds) assertCommunities(ctx, input.communityIds)
  return {
    capacity: input.capacity ?? 1,
    audiences: input.audiences ?? ['SNP'],
    communityIds: [...new Set(input.communityIds ?? practitionerCommunities)],
    modalities: input.modalities ?? ['AMB'],
    appointmentType: input.appointmentType ?? 'ROUTINE',
    motives: input.motives ?? [],
    minAge: input.minAge ?? null,
    maxAge: input.maxAge ?? null,
    release: input.release ?? null,
  }
}

interface Placed {
  readonly practitionerId: string
  readonly siteId: string
  readonly start: Instant
  readonly end: Instant
  readonly origin: store.SlotRow['origin']
  readonly seriesId: store.SlotRow['seriesId']
  readonly occurrence: store.SlotRow['occurrence']
  readonly shiftId?: string
  readonly shiftPlace?: number
}

/** Writes a slot whose terms and time were judged before. What was given back of that time makes room for it. */
export const placeSlot = (ctx: Ctx, offer: Offer, placed: Placed): string => {
  clearGivenBack(ctx, placed.practitionerId, getInterval(placed.start, placed.end))
  const id = ctx.newId('slot')
  store.insertSlot(ctx.db, {
    ...placed,
    ...offer,
    id,
    audiences: [...offer.audiences],
    communityIds: [...offer.communityIds],
    modalities: [...offer.modalities],
    motives: [...offer.motives],
    withdrawnAt: null,
    withdrawnReason: null,
    shiftId: placed.shiftId ?? null,
    shiftPlace: placed.shiftPlace ?? null,
    releasedAt: null,
    version: 1,
    createdAt: ctx.now,
  })
  return id
}

/** Time of a practitioner that slots already fill within an interval, by start. */
export const busyWithin = (ctx: Ctx, practitionerId: string, interval: { start: Instant; end: Instant }) =>
  store.overlapping(ctx.db, practitionerId, interval, ctx.now, 100_000)

const publish = (ctx: Ctx, input: SlotInput): SlotView => {
  const practitioner = getManagedPractitioner(ctx, input.practitionerId)
  getSiteOf(ctx, input.practitionerId, input.siteId)
  const { practitionerId, siteId, start, end } = input
  unlessRefused(refuseInterval(start, end, ctx.now))
  const offer = completeOffer(ctx, practitioner.communityIds, input)
  unlessRefused(refuseRelease({ start, release: offer.release }, ctx.now))
  unlessRefused(refuseOverlap(store.overlapping(ctx.db, practitionerId, { start, end }, ctx.now, 1)[0]))
  const id = placeSlot(ctx, offer, {
    practitionerId,
    siteId,
    start,
    end,
    origin: 'single',
    seriesId: null,
    occurrence: null,
  })
  return loadView(ctx, id)
}

const loadView = (ctx: Ctx, id: string): SlotView =>
  viewOf(ctx, orAbsent(store.findSlot(ctx.db, id, ctx.now), 'Créneau'))

export const publishSlot = (ctx: Ctx, input: SlotInput): SlotView => {
  const slot = publish(ctx, input)
  append(ctx, {
    type: 'slot.published',
    subject: slot.id,
    practitionerId: slot.practitionerId,
    data: { start: slot.start, end: slot.end, audiences: slot.audiences },
  })
  return slot
}

/** Publishes all of the slots or none; a refusal names the index of the one at fault. */
export const publishSlots = (ctx: Ctx, inputs: readonly SlotInput[]): SlotView[] => {
  const published = inputs.map((input, index) => {
    try {
      return publish(ctx, input)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { refusal } = error
      throw new Refused({
        ...refusal,
        path: ['slots', index, ...(refusal.path ?? [])],
        facts: { ...refusal.facts, index },
      })
    }
  })
  // One event for each practitioner, so that each is told of their own slots and of no other's.
  for (const practitionerId of new Set(published.map((slot) => slot.practitionerId))) {
    const slotIds = published.filter((slot) => slot.practitionerId === practitionerId).map((slot) => slot.id)
    append(ctx, {
      type: 'slots.published',
      subject: orAbsent(slotIds[0], 'Créneau'),
      practitionerId,
      data: { slotIds },
    })
  }
  return published
}

/** A slot that the actor may see: their own, their members', or one offered to them. */
export const getSlot = (ctx: Ctx, id: string): SlotView => {
  const slot = loadView(ctx, id)
  if (!managesPractitioner(ctx, slot.practitionerId) && !isOfferedTo(ctx.actor, slot))
    throw new Refused(absent('Créneau'))
  return slot
}

/** Takes a slot back. Patients already booked keep their appointment, which is flagged for someone to move. */
export const withdrawSlot = (ctx: Ctx, id: string, reason: string | undefined): SlotView => {
  const slot = loadView(ctx, id)
  if (!managesPractitioner(ctx, slot.practitionerId)) throw new Refused(absent('Créneau'))
  unlessRefused(refuseWithdrawal(slot.status))
  store.withdrawSlot(ctx.db, id, ctx.now, reason ?? null)
  const flagged = seats.flagBookings(ctx, id, 'slot_withdrawn')
  append(ctx, {
    type: 'slot.withdrawn',
    subject: id,
    practitionerId: slot.practitionerId,
    data: { needsAttention: flagged },
  })
  return loadView(ctx, id)
}

/** A slot as it stands, for an action that has judged by other means who may ask. */
export const getStandingSlot = (ctx: Ctx, id: string): SlotView => loadView(ctx, id)

const scopeOf = (ctx: Ctx): store.Scope => {
  const { actor } = ctx
  if (actor.kind === 'system' || actor.role === 'admin') return { kind: 'all' }
  if (actor.role === 'coordinator') return { kind: 'communities', communityIds: actor.communityIds }
  if (actor.role === 'practitioner' && actor.practitionerId !== null)
    return { kind: 'practitioner', practitionerId: actor.practitionerId }
  return { kind: 'audiences', audiences: audiencesOf(actor) }
}

export const listSlots = (
  ctx: Ctx,
  filter: store.SlotFilter,
  after: { start: Instant; id: string } | undefined,
  limit: number,
): SlotView[] =>
  store.listSlots(ctx.db, scopeOf(ctx), filter, ctx.now, after, limit + 1).map((found) => viewOf(ctx, found))

/**
 * Withdraws the free future slots of a series from a civil date on, and gives up the others: these keep their patients,
 * whose bookings are flagged. Returns how many, the slots kept and the bookings flagged.
 */
export const endSlots = (ctx: Ctx, seriesId: string, from: LocalDate) => {
  const { removed, keptBooked } = store.withdrawSeriesSlots(ctx.db, seriesId, from, ctx.now)
  return {
    removed,
    keptBooked,
    needsAttention: keptBooked.flatMap((id) => seats.flagBookings(ctx, id, SERIES_ENDED)),
  }
}

/**
 * Slots of these series from an instant on, withdrawn or not, by start, with the seats taken of each. One that time gave
 * back is withdrawn here, written down or not.
 */
export const slotsOfSeries = (ctx: Ctx, seriesIds: readonly string[], from: Instant) =>
  store.listSeriesSlots(ctx.db, seriesIds, from, ctx.now).map(({ slot, taken }) => ({
    ...slot,
    taken,
    ...(slot.withdrawnAt === null && settle(slot, { taken }, ctx.now).status === 'withdrawn'
      ? { withdrawnAt: ctx.now, withdrawnReason: closedBy(slot, ctx.now) }
      : {}),
  }))

/**
 * Withdraws the free slots that an edit of their series, or a change of who is on duty, gives up; the bookings of those
 * that somebody has a seat of are flagged. What stays is for its patients alone, on duty until somebody is again.
 */
export const giveUpSlots = (
  ctx: Ctx,
  given: { readonly free: readonly string[]; readonly kept: readonly string[] },
  reason: Parameters<typeof seats.flagBookings>[2] = SERIES_EDITED,
): string[] => {
  if (given.free.length > 0) store.withdrawSlots(ctx.db, given.free, ctx.now, reason)
  store.giveUpSlots(ctx.db, given.kept, reason === SERIES_EDITED ? SERIES_ENDED : reason)
  return given.kept.flatMap((id) => seats.flagBookings(ctx, id, reason))
}

/** Slots to come of these shifts, withdrawn or not, by start, with the seats taken of each. */
export const slotsOfShifts = (ctx: Ctx, shiftIds: readonly string[]) =>
  store.listShiftSlots(ctx.db, shiftIds, ctx.now).map(({ slot, taken }) => ({ ...slot, taken }))

/** Slots that were given up when nobody was on duty and that somebody sees to again: their free seats are offered again. */
export const reopenSlots = (ctx: Ctx, ids: readonly string[]): void => {
  if (ids.length > 0) store.reopenSlots(ctx.db, ids)
}

/** Gives a slot with its bookings to who is on duty in its time and place. They need nobody's attention any more. */
export const handOverSlot = (ctx: Ctx, id: string, practitionerId: string, siteId: string): void => {
  store.handOverSlot(ctx.db, id, practitionerId, siteId)
  seats.handOverBookings(ctx, id, practitionerId, siteId)
}
