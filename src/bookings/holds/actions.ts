import { append } from '../../events/actions.ts'
import type { Ctx } from '../../db/db.ts'
import { absent, Refused, unlessRefused } from '../../kernel/refusal.ts'
import { plus, type Instant } from '../../kernel/time.ts'
import { getSiteOf } from '../../members/actions.ts'
import { getSlot } from '../../slots/actions.ts'
import { closeIfGivenUp } from '../../slots/release/actions.ts'
import { findAlternatives } from '../availability/actions.ts'
import { refuseBooking, SLOT_TAKEN } from '../rules.ts'
import { findFreeSeat, occupySeat, sweepSeats } from '../seats/actions.ts'
import { LEASE, refuseExpired, refuseExtended, refuseTooMany } from './rules.ts'
import * as store from './store.ts'

export interface HoldView {
  readonly id: string
  readonly slotId: string
  readonly expiresAt: Instant
}

const viewOf = ({ id, slotId, expiresAt }: store.HoldRow): HoldView => {
  if (expiresAt === null) throw new Error('a hold has an end')
  return { id, slotId, expiresAt }
}

const keyOf = (ctx: Ctx) => {
  if (ctx.actor.kind !== 'key') throw new Error('a hold belongs to a key')
  return ctx.actor
}

/** Keeps a seat for the caller for three minutes, in the index that keeps bookings apart. */
export const holdSlot = (ctx: Ctx, slotId: string): HoldView => {
  const actor = keyOf(ctx)
  const slot = getSlot(ctx, slotId)
  const refusal = refuseBooking(actor, slot, slot, ctx.now)
  const alternatives = () =>
    findAlternatives(ctx, slot, getSiteOf(ctx, slot.practitionerId, slot.siteId), undefined)
  if (refusal?.code === 'slot_taken')
    throw new Refused({ ...SLOT_TAKEN, facts: { alternatives: alternatives() } })
  unlessRefused(refusal)
  unlessRefused(refuseTooMany(store.holdsOfKey(ctx.db, actor.keyId, ctx.now).length))
  const seat = findFreeSeat(ctx, slot.id, slot.capacity)
  if (seat === undefined) throw new Refused({ ...SLOT_TAKEN, facts: { alternatives: alternatives() } })
  const row: store.HoldRow = {
    id: ctx.newId('hold'),
    slotId: slot.id,
    seat,
    status: 'held',
    practitionerId: slot.practitionerId,
    siteId: slot.siteId,
    start: slot.start,
    end: slot.end,
    modality: null,
    identityId: null,
    motiveCode: null,
    regulationRef: null,
    requestedDelay: null,
    calledAt: null,
    operatorId: null,
    operatorName: null,
    origin: actor.role === 'practitioner' ? 'practitioner' : 'regulation',
    keyId: actor.keyId,
    bookedByPractitionerId: actor.practitionerId,
    cancelledAt: null,
    cancelReason: null,
    cancelledBy: null,
    expiresAt: plus(ctx.now, LEASE),
    isExtended: false,
    outcomeAt: null,
    needsAttention: null,
    version: 1,
    createdAt: ctx.now,
  }
  occupySeat(ctx, row)
  append(ctx, {
    type: 'hold.created',
    subject: row.id,
    practitionerId: row.practitionerId,
    data: { slotId: row.slotId },
  })
  return viewOf(row)
}

/** The caller's own hold; somebody else's is absent. */
const getOwnHold = (ctx: Ctx, id: string): store.HoldRow => {
  const hold = store.findHold(ctx.db, id)
  if (hold?.keyId !== keyOf(ctx).keyId) throw new Refused(absent('Réservation temporaire'))
  return hold
}

/** Three minutes more, from now, once. */
export const extendHold = (ctx: Ctx, id: string): HoldView => {
  const hold = getOwnHold(ctx, id)
  unlessRefused(refuseExpired(hold, ctx.now))
  unlessRefused(refuseExtended(hold))
  const row = store.extendHold(ctx.db, id, plus(ctx.now, LEASE))
  append(ctx, {
    type: 'hold.extended',
    subject: id,
    practitionerId: row.practitionerId,
    data: { slotId: row.slotId },
  })
  return viewOf(row)
}

/** Gives a held seat back before its time. */
export const releaseHold = (ctx: Ctx, id: string): void => {
  const hold = getOwnHold(ctx, id)
  store.deleteHold(ctx.db, id)
  append(ctx, {
    type: 'hold.released',
    subject: id,
    practitionerId: hold.practitionerId,
    data: { slotId: hold.slotId },
  })
  closeIfGivenUp(ctx, hold.slotId)
}

/**
 * The hold by which the caller takes a seat of this slot: the one named, or else the caller's own. Refuses a named one
 * that has run out, is of another slot or is somebody else's. Undefined when the caller holds nothing there.
 */
export const findHoldFor = (
  ctx: Ctx,
  slotId: string,
  named: string | undefined,
): store.HoldRow | undefined => {
  if (ctx.actor.kind !== 'key') return undefined
  const held = store.holdsOfKey(ctx.db, ctx.actor.keyId, ctx.now).filter((hold) => hold.slotId === slotId)
  if (named === undefined) return held[0]
  const found = held.find((hold) => hold.id === named)
  if (!found)
    throw new Refused({ code: 'hold_invalid', detail: 'Cette réservation temporaire n’existe pas ou plus.' })
  return found
}

/**
 * Sweeps up to `limit` holds whose lease has run out, and withdraws what was only kept for their holders; returns how
 * many. Nobody waits for it: the seats are free already, or nobody's.
 */
export const sweepHolds = (ctx: Ctx, limit: number): number => {
  const swept = sweepSeats(ctx, limit)
  for (const slotId of new Set(swept.map((hold) => hold.slotId))) closeIfGivenUp(ctx, slotId)
  return swept.length
}

/** Ends a hold because its seat becomes a booking, in the same transaction. */
export const takeHold = (ctx: Ctx, id: string): void => store.deleteHold(ctx.db, id)
