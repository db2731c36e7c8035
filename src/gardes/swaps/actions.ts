import type { Ctx } from '../../db/db.ts'
import { actorName, append } from '../../events/actions.ts'
import type { EventType } from '../../events/vocabulary.ts'
import { toLocalDate } from '../../kernel/civil.ts'
import { absent, orAbsent, Refused, refuseStale, unlessRefused } from '../../kernel/refusal.ts'
import { practitionersAmong } from '../../members/actions.ts'
import { refuseRpps } from '../../members/rules.ts'
import { syncDutySlots } from '../duty-slots/actions.ts'
import {
  getPlace,
  getPlaces,
  getStandingShift,
  recordVersion,
  setHolder,
  type PlaceRow,
  type RotaRow,
  type ShiftRow,
} from '../rotas/actions.ts'
import { textOfRules } from '../rotas/generation/rules.ts'
import { brokenRules } from '../rotas/problem/actions.ts'
import { doerOf } from '../rotas/rules.ts'
import { getSector } from '../sectors/actions.ts'
import { isListed } from '../sectors/people/actions.ts'
import { mayManageSector } from '../sectors/rules.ts'
import {
  executantOf,
  expiryOf,
  isSwapShown,
  mayAccept,
  placeMeant,
  refuseBroken,
  refuseDeclining,
  refuseOtherDoer,
  refuseRota,
  refuseSelf,
  refuseSwapStep,
  refuseTooLate,
  rulesThatHold,
  rulesTold,
  stateOf,
  SWAP_TRANSITIONS,
  type SwapReader,
  type SwapStep,
} from './rules.ts'
import * as store from './store.ts'
import type { SwapKind, SwapState } from './vocabulary.ts'

export type { SwapFilter } from './store.ts'

export interface SwapInput {
  readonly shiftId: string
  readonly place: number
  readonly kind: SwapKind
  readonly withShiftId?: string | undefined
  readonly withPlace?: number | undefined
  readonly toPractitionerId?: string | undefined
  readonly outside?: { readonly name: string; readonly rpps: string; readonly phone: string } | undefined
  readonly reason?: string | undefined
}

/** A change as it stands at this instant. */
export type SwapView = store.SwapRow

const viewOf = (ctx: Ctx, row: store.SwapRow): SwapView => ({ ...row, state: stateOf(row, ctx.now) })

const practitionerOf = ({ actor }: Ctx): string | null =>
  actor.kind === 'key' && actor.role === 'practitioner' ? actor.practitionerId : null

const readerOf = (ctx: Ctx, sectorId: string): SwapReader => {
  const practitionerId = practitionerOf(ctx)
  return {
    practitionerId,
    isManager: mayManageSector(ctx.actor, getSector(ctx, sectorId).communityIds),
    isMember: practitionerId !== null && isListed(ctx, sectorId, practitionerId),
  }
}

// What a change is about

/** A place of a shift, with the rota that it is of. */
interface Spot {
  readonly shift: ShiftRow
  readonly rota: RotaRow
  readonly place: PlaceRow
}

const getSpot = (ctx: Ctx, shiftId: string, place: number): Spot => {
  const { shift, rota } = getStandingShift(ctx, shiftId)
  return { shift, rota, place: getPlace(ctx, shiftId, place) }
}

/** The place given up, and the one had in return. */
interface Spots {
  readonly own: Spot
  readonly other: Spot | undefined
}

const spotsOf = (
  ctx: Ctx,
  swap: Pick<store.SwapRow, 'shiftId' | 'place' | 'withShiftId' | 'withPlace'>,
): Spots => ({
  own: getSpot(ctx, swap.shiftId, swap.place),
  other:
    swap.withShiftId === null || swap.withPlace === null
      ? undefined
      : getSpot(ctx, swap.withShiftId, swap.withPlace),
})

const judgeTime = (ctx: Ctx, kind: SwapKind, spots: Spots): void => {
  for (const spot of [spots.own, spots.other]) {
    if (!spot) continue
    unlessRefused(refuseRota(spot.rota.state))
    unlessRefused(refuseTooLate(kind, spot.shift, ctx.now))
  }
}

/** Refuses a change by which one side, or the other, would break hard rules over all that they do in every sector. */
const judgeRules = (ctx: Ctx, kind: SwapKind, { own, other }: Spots, fromId: string, toId: string): void => {
  const { restHours } = getSector(ctx, own.rota.sectorId)
  const { isManager, practitionerId: ownId } = readerOf(ctx, own.rota.sectorId)
  const judge = (practitionerId: string, taken: Spot, left: Spot | undefined) => {
    const leaving = left ? [left.place] : []
    const rules = rulesThatHold(
      kind,
      brokenRules(ctx, taken.rota.id, taken.shift.id, practitionerId, leaving),
    )
    const knowsWhy = isManager || practitionerId === ownId
    const told = rulesTold(rules, knowsWhy)
    unlessRefused(refuseBroken(practitionerId, rules, told, textOfRules(told, { restHours })))
  }
  judge(toId, own, other)
  if (other) judge(fromId, other, own)
}

/** Everything that must still be as it was when the change was asked for, before it is agreed on or done. */
const judgeAgain = (ctx: Ctx, swap: store.SwapRow, toId: string | null): Spots => {
  const spots = spotsOf(ctx, swap)
  judgeTime(ctx, swap.kind, spots)
  unlessRefused(refuseOtherDoer(spots.own.place, swap.fromPractitionerId))
  if (spots.other) unlessRefused(refuseOtherDoer(spots.other.place, swap.toPractitionerId))
  if (toId !== null) judgeRules(ctx, swap.kind, spots, swap.fromPractitionerId, toId)
  return spots
}

/** Puts each side in the other's place. Who was planned stays titulaire: credit and pay follow who does it. */
const carryOut = (ctx: Ctx, swap: store.SwapRow, { own, other }: Spots): void => {
  const give = ({ shift, place }: Spot, doerId: string) =>
    setHolder(ctx, shift.id, place.place, {
      executantId: executantOf(place.titulaireId, doerId),
      outsideName: null,
      outsideRpps: null,
      outsidePhone: null,
      overrideReason: null,
    })
  if (swap.toPractitionerId !== null) give(own, swap.toPractitionerId)
  else
    setHolder(ctx, own.shift.id, own.place.place, {
      executantId: null,
      outsideName: swap.outsideName,
      outsideRpps: swap.outsideRpps,
      outsidePhone: swap.outsidePhone,
      overrideReason: null,
    })
  if (other) give(other, swap.fromPractitionerId)
  const touched = [own, ...(other ? [other] : [])]
  for (const rotaId of new Set(touched.map(({ rota }) => rota.id))) recordVersion(ctx, rotaId, 'swap')
  syncDutySlots(
    ctx,
    touched.map(({ shift }) => shift.id),
  )
}

const EVENTS: Readonly<Record<SwapState, EventType>> = {
  asked: 'swap.asked',
  accepted: 'swap.accepted',
  done: 'swap.done',
  declined: 'swap.declined',
  cancelled: 'swap.cancelled',
  expired: 'swap.expired',
}

/** Tells both sides, by ids. Who acted in the name of somebody else is in it. */
const tell = (ctx: Ctx, swap: store.SwapRow): void => {
  const { shiftId, place, withShiftId, withPlace, fromPractitionerId, toPractitionerId } = swap
  const actingFor = ctx.actor.kind === 'key' && practitionerOf(ctx) === null
  append(ctx, {
    type: EVENTS[swap.state],
    subject: swap.id,
    practitionerId: toPractitionerId ?? fromPractitionerId,
    data: {
      sectorId: swap.sectorId,
      kind: swap.kind,
      shiftId,
      place,
      ...(withShiftId === null ? {} : { withShiftId, withPlace }),
      fromPractitionerId,
      toPractitionerId,
      practitionerIds: [fromPractitionerId, toPractitionerId].filter((id) => id !== null),
      outside: swap.outsideName !== null,
      ...(actingFor && (swap.state === 'asked' || isFirst(swap)) ? { onBehalfOf: fromPractitionerId } : {}),
    },
  })
}

/** An outside person has agreed before: what is asked for is accepted in the same breath. */
const isFirst = (swap: store.SwapRow): boolean => swap.version === 1

/** How far acceptance takes a change: to its end, unless the sector wants it approved. */
const acceptingStep = (ctx: Ctx, sectorId: string): SwapStep =>
  getSector(ctx, sectorId).approvalForSwaps ? 'accept' : 'settle'

// Asking

/** The place, if it is the actor's own or of a sector that is theirs to manage; another is absent. */
const getOwnSpot = (ctx: Ctx, { shiftId, place }: SwapInput): Spot & { readonly doerId: string } => {
  const { shift, rota } = getStandingShift(ctx, shiftId)
  const reader = readerOf(ctx, rota.sectorId)
  const row = getPlaceOr(ctx, shiftId, place, 'Garde')
  const doerId = doerOf(row)
  if (!reader.isManager && (reader.practitionerId === null || reader.practitionerId !== doerId))
    throw new Refused(absent('Garde'))
  unlessRefused(refuseOtherDoer(row, doerId))
  return { shift, rota, place: row, doerId: orAbsent(doerId ?? undefined, 'Garde') }
}

/** A place that is not there is hidden like one that is somebody else's. */
const getPlaceOr = (ctx: Ctx, shiftId: string, place: number, what: string): PlaceRow => {
  try {
    return getPlace(ctx, shiftId, place)
  } catch (error) {
    throw error instanceof Refused && error.refusal.code === 'not_found' ? new Refused(absent(what)) : error
  }
}

/** The place that is asked for in return: of the same sector, and somebody's, whom the actor may have named. */
const getOtherSpot = (
  ctx: Ctx,
  { withShiftId, withPlace, toPractitionerId }: SwapInput,
  sectorId: string,
): Spot | undefined => {
  if (withShiftId === undefined) return undefined
  const { shift, rota } = getStandingShift(ctx, withShiftId)
  if (rota.sectorId !== sectorId) throw new Refused(absent('Garde'))
  const place =
    withPlace === undefined
      ? orAbsent(placeMeant(getPlaces(ctx, shift.id), toPractitionerId), 'Garde')
      : getPlaceOr(ctx, shift.id, withPlace, 'Garde')
  unlessRefused(refuseOtherDoer(place, toPractitionerId ?? doerOf(place)))
  return { shift, rota, place }
}

/**
 * Asks for a change of a published rota. What is known of the other side is judged at once, so that nobody is asked for
 * what the rules forbid; it is judged again when they agree.
 */
export const askSwap = (ctx: Ctx, input: SwapInput): SwapView => {
  const { doerId: fromId, ...own } = getOwnSpot(ctx, input)
  const { sectorId } = own.rota
  const spots = { own, other: getOtherSpot(ctx, input, sectorId) }
  judgeTime(ctx, input.kind, spots)
  const toId = spots.other ? doerOf(spots.other.place) : (input.toPractitionerId ?? null)
  unlessRefused(refuseSelf(fromId, toId))
  if (toId !== null) {
    if (practitionersAmong(ctx, [toId]).length === 0) throw new Refused(absent('Praticien'))
    judgeRules(ctx, input.kind, spots, fromId, toId)
  }
  const { outside } = input
  if (outside) {
    const refusal = refuseRpps(outside.rpps)
    unlessRefused(refusal && { ...refusal, path: ['outside', 'rpps'] })
  }
  const step = outside ? acceptingStep(ctx, sectorId) : 'ask'
  const row: store.SwapRow = {
    id: ctx.newId('swap'),
    sectorId,
    kind: input.kind,
    state: SWAP_TRANSITIONS[step].to,
    shiftId: own.shift.id,
    place: own.place.place,
    withShiftId: spots.other?.shift.id ?? null,
    withPlace: spots.other?.place.place ?? null,
    fromPractitionerId: fromId,
    toPractitionerId: toId,
    outsideName: outside?.name ?? null,
    outsideRpps: outside?.rpps ?? null,
    outsidePhone: outside?.phone ?? null,
    reason: input.reason ?? null,
    askedBy: actorName(ctx.actor),
    expiresAt: expiryOf(input.kind, [own.shift, ...(spots.other ? [spots.other.shift] : [])], ctx.now),
    decidedAt: step === 'ask' ? null : ctx.now,
    version: 1,
    createdAt: ctx.now,
  }
  store.insertSwap(ctx.db, row)
  if (row.state === 'done') carryOut(ctx, row, spots)
  tell(ctx, row)
  return row
}

// Answering

const getShown = (ctx: Ctx, id: string): { swap: SwapView; reader: SwapReader } => {
  const swap = orAbsent(store.findSwap(ctx.db, id), 'Demande')
  const reader = readerOf(ctx, swap.sectorId)
  if (!isSwapShown(swap, reader)) throw new Refused(absent('Demande'))
  return { swap: viewOf(ctx, swap), reader }
}

export const getSwap = (ctx: Ctx, id: string): SwapView => getShown(ctx, id).swap

/** Changes that concern the actor, and, of the sectors that they manage, all. */
export const listSwaps = (
  ctx: Ctx,
  filter: store.SwapFilter,
  after: string | undefined,
  limit: number,
): SwapView[] => {
  const { actor } = ctx
  const isAll = actor.kind === 'system' || actor.role === 'admin'
  const reach = {
    managedCommunityIds: isAll ? null : actor.role === 'coordinator' ? actor.communityIds : [],
    practitionerId: practitionerOf(ctx),
    today: toLocalDate(ctx.now, ctx.territory.zone),
  }
  return store
    .listSwaps(ctx.db, reach, filter, ctx.now, after ?? '', limit + 1)
    .map((row) => viewOf(ctx, row))
}

const move = (ctx: Ctx, swap: SwapView, step: SwapStep, change: Partial<store.SwapRow> = {}): store.SwapRow =>
  store.updateSwap(ctx.db, swap.id, { ...change, state: SWAP_TRANSITIONS[step].to, decidedAt: ctx.now })

/** The other side agrees. The first to take an open call has it. */
export const acceptSwap = (ctx: Ctx, id: string, ifMatch: number | undefined): SwapView => {
  const { swap, reader } = getShown(ctx, id)
  if (!mayAccept(swap, reader)) throw new Refused(absent('Demande'))
  unlessRefused(refuseStale(swap.version, ifMatch))
  const step = acceptingStep(ctx, swap.sectorId)
  unlessRefused(refuseSwapStep(swap.state, step))
  const toId = reader.practitionerId
  const spots = judgeAgain(ctx, swap, toId)
  const row = move(ctx, swap, step, { toPractitionerId: toId })
  if (row.state === 'done') carryOut(ctx, row, spots)
  tell(ctx, row)
  return row
}

/** Who answers for the sector agrees to what both sides want. */
export const approveSwap = (ctx: Ctx, id: string, ifMatch: number | undefined): SwapView => {
  const { swap, reader } = getShown(ctx, id)
  if (!reader.isManager) throw new Refused(absent('Demande'))
  unlessRefused(refuseStale(swap.version, ifMatch))
  unlessRefused(refuseSwapStep(swap.state, 'approve'))
  const spots = judgeAgain(ctx, swap, swap.toPractitionerId)
  const row = move(ctx, swap, 'approve')
  carryOut(ctx, row, spots)
  tell(ctx, row)
  return row
}

/** The other side does not want it, or who answers for the sector does not agree. */
export const declineSwap = (ctx: Ctx, id: string, ifMatch: number | undefined): SwapView => {
  const { swap, reader } = getShown(ctx, id)
  if (!reader.isManager && reader.practitionerId === swap.fromPractitionerId)
    throw new Refused(absent('Demande'))
  unlessRefused(refuseStale(swap.version, ifMatch))
  unlessRefused(
    refuseDeclining(swap.kind, reader.isManager || reader.practitionerId === swap.toPractitionerId),
  )
  unlessRefused(refuseSwapStep(swap.state, 'decline'))
  const row = move(ctx, swap, 'decline')
  tell(ctx, row)
  return row
}

/** Whoever asked, or who answers for the sector, takes it back. */
export const cancelSwap = (ctx: Ctx, id: string, ifMatch: number | undefined): SwapView => {
  const { swap, reader } = getShown(ctx, id)
  if (!reader.isManager && reader.practitionerId !== swap.fromPractitionerId)
    throw new Refused(absent('Demande'))
  unlessRefused(refuseStale(swap.version, ifMatch))
  unlessRefused(refuseSwapStep(swap.state, 'cancel'))
  const row = move(ctx, swap, 'cancel')
  tell(ctx, row)
  return row
}

/** Notes up to `limit` changes that nobody settled in time; returns how many. They are closed already. */
export const expireSwaps = (ctx: Ctx, limit: number): number => {
  const due = store.dueSwaps(ctx.db, ctx.now, limit)
  for (const swap of due) tell(ctx, move(ctx, swap, 'expire'))
  return due.length
}
