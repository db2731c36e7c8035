import type { Ctx } from '../../db/db.ts'
import { append } from '../../events/actions.ts'
import { noteShown } from '../../identities/actions.ts'
import { distanceKm } from '../../kernel/geo.ts'
import { absent, orAbsent, Refused, refuseStale, unlessRefused } from '../../kernel/refusal.ts'
import { open, seal } from '../../kernel/sealing.ts'
import { MINUTE, plus, type Instant } from '../../kernel/time.ts'
import {
  communitiesOfPractitioner,
  findPractitionerByRpps,
  getCommune,
  getPractitioner,
  getSiteOf,
  practitionersAmong,
  sitesNear,
  type CommuneRow,
} from '../../members/actions.ts'
import { refuseRpps } from '../../members/rules.ts'
import { completeOffer, getStandingSlot, placeSlot } from '../../slots/actions.ts'
import type { Modality } from '../../slots/vocabulary.ts'
import { bookSeat, type BookingView, type CallInput } from '../actions.ts'
import type { RequestedDelay } from '../vocabulary.ts'
import {
  DEFAULT_MINUTES,
  DEFAULT_RULES,
  defaultStart,
  expiryOf,
  hurryOf,
  latestStart,
  LISTED,
  mayKnowCall,
  nearestFirst,
  planCascade,
  readerOf,
  refuseEnSus,
  refuseStart,
  stateAt,
  type Askable,
  type CascadeRules,
  type EnSusReader,
} from './rules.ts'
import * as store from './store.ts'
import type { EnSusAnswer, EnSusClosing, EnSusExpiry, EnSusState, MtAnswer } from './vocabulary.ts'

const WHAT = 'Demande en sus'

// The territory's rules

export interface RulesView extends CascadeRules {
  /** 0 as long as nobody has set any. */
  readonly version: number
}

export const getRules = (ctx: Ctx): RulesView => {
  const row = store.findRules(ctx.db, ctx.territory.code)
  return row ?? { ...DEFAULT_RULES, version: 0 }
}

/** Sets how requests are asked from now on; those that are being asked keep the waves that they have. */
export const setRules = (ctx: Ctx, rules: CascadeRules, ifMatch: number | undefined): RulesView => {
  const { version } = getRules(ctx)
  unlessRefused(refuseStale(version, ifMatch))
  const { code } = ctx.territory
  store.setRules(ctx.db, { ...rules, territory: code, version: version + 1 })
  append(ctx, { type: 'en_sus_rules.set', subject: code, data: { ...rules } })
  return getRules(ctx)
}

// What is seen

/** A request as one actor may see it. */
export interface EnSusView extends store.Found {
  readonly state: EnSusState
  readonly reader: EnSusReader
  /** Why it ended, when it was time that ended it. */
  readonly expiry: EnSusExpiry | undefined
  /** Whether the file of the call may be shown. */
  readonly isCallShown: boolean
  /** How the GP who reads was asked. */
  readonly ask: { readonly km: number; readonly answer: EnSusAnswer | null } | undefined
}

const practitionerOf = ({ actor }: Ctx): string | null => (actor.kind === 'key' ? actor.practitionerId : null)

const seenAs = (ctx: Ctx, found: store.Found, ask: store.AskRow | undefined): EnSusView | undefined => {
  const isAsked = ask !== undefined && ask.askedFrom <= ctx.now
  const { acceptedBy } = found.request
  const reader = readerOf(ctx.actor, { acceptedBy, isAsked })
  const state = stateAt(found.request, ctx.now)
  return (
    reader && {
      ...found,
      state,
      reader,
      expiry: state === 'expired' ? expiryOf({ ...found, acceptedBy }) : undefined,
      isCallShown: mayKnowCall(reader, found.request, ctx.now),
      ask: isAsked ? ask : undefined,
    }
  )
}

/** A request that exists for the actor; to a GP who was not asked yet it is an absent one. */
const getVisible = (ctx: Ctx, id: string): EnSusView => {
  const found = orAbsent(store.findRequest(ctx.db, id, ctx.now), WHAT)
  const me = practitionerOf(ctx)
  return orAbsent(seenAs(ctx, found, me === null ? undefined : store.findAsk(ctx.db, id, me)), WHAT)
}

const textOf = (ctx: Ctx, { request, state }: EnSusView): string | undefined =>
  request.sealKeyId === null || request.sealed === null || (state !== 'asking' && state !== 'accepted')
    ? undefined
    : open(ctx.keyRing, request.id, { keyId: request.sealKeyId, sealed: request.sealed })

/** A request with the words of the call for those who may know them, which writes the access log. */
export const getEnSus = (ctx: Ctx, id: string): EnSusView & { readonly text: string | undefined } => {
  const view = getVisible(ctx, id)
  const text = view.isCallShown ? textOf(ctx, view) : undefined
  if (text !== undefined) noteShown(ctx, id, view.request.acceptedBy)
  return { ...view, text }
}

/** Requests of the actor's, the newest first, without the words of the call; one more than `limit` when there are more. */
export const listEnSus = (
  ctx: Ctx,
  state: EnSusState | undefined,
  after: { start: Instant; id: string } | undefined,
  limit: number,
): EnSusView[] => {
  const me = practitionerOf(ctx)
  const scope: store.Scope =
    me === null
      ? { kind: 'all' }
      : { kind: 'practitioner', practitionerId: me, since: plus(ctx.now, -LISTED) }
  const found = store.listRequests(ctx.db, scope, state, ctx.now, after, limit + 1)
  const asks =
    me === null
      ? undefined
      : store.asksOf(
          ctx.db,
          me,
          found.map(({ request }) => request.id),
        )
  return found.flatMap((one) => seenAs(ctx, one, asks?.get(one.request.id)) ?? [])
}

// The life of a request

export interface EnSusInput {
  readonly commune: string
  readonly modality: Modality
  readonly motive: CallInput['motive']
  readonly requestedDelay: RequestedDelay
  readonly regulationRef: string
  readonly medecinTraitantRpps?: string | undefined
}

/** What the journal and those who are asked learn: where, how, why in a code, how soon, and who is asked. */
const toldOf = (request: store.RequestRow, wave: number, asks: readonly store.AskRow[]) => ({
  commune: request.commune,
  modality: request.modality,
  motive: request.motiveCode,
  requestedDelay: request.requestedDelay,
  wave,
  practitionerIds: asks.filter((ask) => ask.wave === wave).map(({ practitionerId }) => practitionerId),
  expiresAt: request.expiresAt,
})

/** GPs who take patients en sus with a site around a commune, nearest first. */
const askableAround = (ctx: Ctx, commune: CommuneRow, radiusKm: number): Askable[] => {
  const places = nearestFirst(
    sitesNear(ctx, commune, radiusKm).map(({ site, km }) => ({ practitionerId: site.practitionerId, km })),
  )
  const willing = new Set(
    practitionersAmong(
      ctx,
      places.map(({ practitionerId }) => practitionerId),
    )
      .filter(isWilling)
      .map(({ id }) => id),
  )
  return places.filter(({ practitionerId }) => willing.has(practitionerId))
}

const isWilling = (practitioner: { readonly profession: string; readonly acceptsOverbooking: boolean }) =>
  practitioner.profession === 'GP' && practitioner.acceptsOverbooking

/** The patient's own GP, wherever they practise, if they take patients en sus. */
const askMt = (
  ctx: Ctx,
  commune: CommuneRow,
  rpps: string,
): { answer: MtAnswer; mt: Askable | undefined } => {
  unlessRefused(refuseRpps(rpps, 'medecinTraitantRpps'))
  const practitioner = findPractitionerByRpps(ctx, rpps)
  if (!practitioner) return { answer: 'unknown', mt: undefined }
  if (!isWilling(practitioner)) return { answer: 'not_opted_in', mt: undefined }
  const [mt] = nearestFirst(
    practitioner.sites.map((site) => ({ practitionerId: practitioner.id, km: distanceKm(commune, site) })),
  )
  return { answer: 'asked', mt }
}

/**
 * Asks GPs to take a patient on top of their agenda, wave after wave. Whom, and from when on, is decided here once;
 * time does the rest. With nobody to ask it has expired at once, and says so.
 */
export const requestEnSus = (
  ctx: Ctx,
  input: EnSusInput,
): EnSusView & { readonly medecinTraitant: MtAnswer | undefined } => {
  const { actor } = ctx
  if (actor.kind !== 'key') throw new Error('a request is made by the holder of a key')
  const commune = getCommune(ctx, input.commune)
  const own = input.medecinTraitantRpps
  const { answer, mt } = own === undefined ? { answer: undefined, mt: undefined } : askMt(ctx, commune, own)
  const rules = getRules(ctx)
  const cascade = planCascade(mt, askableAround(ctx, commune, rules.radiusKm), rules, ctx.now)
  const [first] = cascade.asks
  const id = ctx.newId('enSus')
  const { text } = input.motive
  const sealed =
    first === undefined || text === undefined ? undefined : seal(ctx.keyRing, ctx.random, id, text)
  const request: store.RequestRow = {
    id,
    state: first === undefined ? 'expired' : 'asking',
    commune: commune.insee,
    modality: input.modality,
    motiveCode: input.motive.code,
    sealKeyId: sealed?.keyId ?? null,
    sealed: sealed?.sealed ?? null,
    requestedDelay: input.requestedDelay,
    regulationRef: input.regulationRef,
    keyId: actor.keyId,
    waveTold: first?.wave ?? 0,
    expiresAt: cascade.expiresAt,
    acceptedBy: null,
    acceptedAt: null,
    siteId: null,
    start: null,
    end: null,
    bookingId: null,
    version: 1,
    createdAt: ctx.now,
  }
  const asks = cascade.asks.map((ask) => ({ ...ask, requestId: id, answer: null, answeredAt: null }))
  store.insertRequest(ctx.db, request, asks)
  append(ctx, {
    type: first === undefined ? 'en_sus.expired' : 'en_sus.requested',
    subject: id,
    data: {
      ...toldOf(request, request.waveTold, asks),
      ...(first === undefined ? { because: 'nobody_to_ask', asked: 0, at: request.expiresAt } : {}),
    },
  })
  return { ...getVisible(ctx, id), medecinTraitant: answer }
}

/** Tells of each wave that began and that the journal does not know yet. */
const tellWaves = (ctx: Ctx, { request, wave }: store.Found): void => {
  if (wave <= request.waveTold) return
  const asks = store.listAsks(ctx.db, request.id)
  const begun = new Set(asks.map((ask) => ask.wave).filter((one) => one > request.waveTold && one <= wave))
  for (const one of begun)
    append(ctx, { type: 'en_sus.wave_started', subject: request.id, data: toldOf(request, one, asks) })
  store.setWaveTold(ctx.db, request.id, wave)
}

const expire = (ctx: Ctx, { request, asked, declined }: store.Found): void => {
  const because = expiryOf({ acceptedBy: request.acceptedBy, asked, declined })
  store.setExpired(ctx.db, request.id)
  append(ctx, {
    type: 'en_sus.expired',
    subject: request.id,
    ...(request.acceptedBy === null ? {} : { practitionerId: request.acceptedBy }),
    data: { because, asked, at: request.expiresAt },
  })
}

/** Writes what time has done to a request, and tells of it. What anybody is shown stays as it was. */
const settle = (ctx: Ctx, id: string): void => {
  const found = orAbsent(store.findRequest(ctx.db, id, ctx.now), WHAT)
  const state = stateAt(found.request, ctx.now)
  if (state === 'asking') tellWaves(ctx, found)
  else if (state === 'expired' && found.request.state !== 'expired') expire(ctx, found)
}

/** Settles up to `limit` requests for which a wave began or time ran out; returns how many. */
export const settleEnSus = (ctx: Ctx, limit: number): number => {
  const due = store.listDue(ctx.db, ctx.now, limit)
  for (const id of due) settle(ctx, id)
  return due.length
}

/** When `settleEnSus` is next of use; undefined while nothing is asked. */
export const nextEnSus = (ctx: Ctx): Instant | undefined => store.nextDue(ctx.db)

/** A request that the GP who acts was asked for, and how. */
const getAsked = (ctx: Ctx, id: string) => {
  const view = getVisible(ctx, id)
  const practitionerId = practitionerOf(ctx)
  if (view.ask === undefined || practitionerId === null) throw new Refused(absent(WHAT))
  return { ...view, ask: view.ask, practitionerId }
}

/**
 * A GP says no. They may still say yes as long as it is asked. When everybody asked has said no, the next wave begins
 * at once, or the request is over when there is none.
 */
export const declineEnSus = (ctx: Ctx, id: string): EnSusView => {
  const { request, state, wave, ask, practitionerId } = getAsked(ctx, id)
  unlessRefused(refuseEnSus('decline', state))
  if (ask.answer === 'declined') return getVisible(ctx, id)
  store.setAnswer(ctx.db, id, practitionerId, 'declined', ctx.now)
  const hurry = hurryOf(store.listAsks(ctx.db, id), request.expiresAt, ctx.now)
  if (hurry !== undefined) {
    store.hastenAsks(ctx.db, id, ctx.now, hurry)
    store.updateRequest(ctx.db, id, { expiresAt: plus(request.expiresAt, -hurry) })
  }
  append(ctx, { type: 'en_sus.declined', subject: id, practitionerId, data: { wave } })
  settle(ctx, id)
  return getVisible(ctx, id)
}

export interface AcceptInput {
  readonly siteId?: string | undefined
  readonly start?: Instant | undefined
  readonly durationMinutes?: number | undefined
}

const nearestSite = (ctx: Ctx, practitionerId: string, insee: string): string => {
  const commune = getCommune(ctx, insee)
  const kmOf = new Map(
    getPractitioner(ctx, practitionerId).sites.map((site) => [site.id, distanceKm(commune, site)]),
  )
  const [nearest] = [...kmOf].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
  return orAbsent(nearest, 'Cabinet')[0]
}

/**
 * A GP takes the patient: the first one who does. Said again by the same one it changes nothing. From then on the
 * request waits for the SAS to complete the booking, until the hour agreed.
 */
export const acceptEnSus = (ctx: Ctx, id: string, input: AcceptInput): EnSusView => {
  const { request, state, wave, reader, practitionerId } = getAsked(ctx, id)
  if (state === 'accepted' && reader === 'taker') return getVisible(ctx, id)
  unlessRefused(refuseEnSus('accept', state))
  const siteId = input.siteId ?? nearestSite(ctx, practitionerId, request.commune)
  getSiteOf(ctx, practitionerId, siteId)
  const start = input.start ?? defaultStart(ctx.now)
  const latest = latestStart(request.requestedDelay, request.createdAt, ctx.territory.zone)
  unlessRefused(refuseStart(start, ctx.now, latest))
  const end = plus(start, (input.durationMinutes ?? DEFAULT_MINUTES) * MINUTE)
  store.setAnswer(ctx.db, id, practitionerId, 'accepted', ctx.now)
  store.dropAsksAfter(ctx.db, id, ctx.now)
  store.updateRequest(ctx.db, id, {
    state: 'accepted',
    acceptedBy: practitionerId,
    acceptedAt: ctx.now,
    siteId,
    start,
    end,
    expiresAt: start,
  })
  append(ctx, { type: 'en_sus.accepted', subject: id, practitionerId, data: { wave, siteId, start, end } })
  return getVisible(ctx, id)
}

/** The SAS ends a request: the patient is seen elsewhere, or not at all. Whoever had taken them is told by the event. */
export const closeEnSus = (ctx: Ctx, id: string, reason: EnSusClosing): EnSusView => {
  const { request, state } = getVisible(ctx, id)
  unlessRefused(refuseEnSus('close', state))
  store.dropAsksAfter(ctx.db, id, ctx.now)
  store.updateRequest(ctx.db, id, { state: 'closed', expiresAt: ctx.now, sealKeyId: null, sealed: null })
  append(ctx, {
    type: 'en_sus.closed',
    subject: id,
    ...(request.acceptedBy === null ? {} : { practitionerId: request.acceptedBy }),
    data: { reason, before: state },
  })
  return getVisible(ctx, id)
}

export type EnSusBooking = Omit<CallInput, 'motive' | 'regulationRef' | 'requestedDelay'> & {
  readonly motive?: CallInput['motive'] | undefined
}

/**
 * Completes what a GP accepted: the slot is made together with its booking, in one transaction, so that a free slot
 * for a patient en sus never is.
 */
export const bookEnSus = (ctx: Ctx, id: string, input: EnSusBooking): BookingView => {
  const view = getVisible(ctx, id)
  unlessRefused(refuseEnSus('book', view.state))
  const { acceptedBy, siteId, start, end, modality, motiveCode, regulationRef, requestedDelay } = view.request
  if (acceptedBy === null || siteId === null || start === null || end === null)
    throw new Error(`${id} was accepted by nobody`)
  const offer = completeOffer(ctx, communitiesOfPractitioner(ctx, acceptedBy), { modalities: [modality] })
  const slotId = placeSlot(ctx, offer, {
    practitionerId: acceptedBy,
    siteId,
    start,
    end,
    origin: 'en_sus',
    seriesId: null,
    occurrence: null,
  })
  const booked = bookSeat(
    ctx,
    { slot: getStandingSlot(ctx, slotId), seat: 1, modality, origin: 'en_sus' },
    {
      ...input,
      motive: input.motive ?? { code: motiveCode, text: textOf(ctx, view) },
      regulationRef,
      requestedDelay,
    },
    { enSusId: id },
  )
  store.updateRequest(ctx.db, id, {
    state: 'booked',
    bookingId: booked.row.id,
    sealKeyId: null,
    sealed: null,
  })
  return booked
}

/** Seals again those of the next `limit` requests that another key than the current one sealed. */
export const resealEnSus = (ctx: Ctx, after: number, limit: number) => {
  const rows = store.listSealed(ctx.db, after, limit)
  let resealed = 0
  for (const { id, keyId, sealed } of rows) {
    if (keyId === null || sealed === null || keyId === ctx.keyRing.current) continue
    const again = seal(ctx.keyRing, ctx.random, id, open(ctx.keyRing, id, { keyId, sealed }))
    store.updateSealed(ctx.db, id, again.keyId, again.sealed)
    resealed++
  }
  return { seen: rows.length, last: rows.at(-1)?.rowid ?? after, resealed }
}
