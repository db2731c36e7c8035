import type { Ctx } from '../../db/db.ts'
import { append } from '../../events/actions.ts'
import { noteShown } from '../../identities/actions.ts'
import { absent, orAbsent, Refused, unlessRefused } from '../../kernel/refusal.ts'
import { open, seal } from '../../kernel/sealing.ts'
import { plus, type Instant } from '../../kernel/time.ts'
import { getCommune } from '../../members/actions.ts'
import type { Modality } from '../../slots/vocabulary.ts'
import type { CallInput } from '../actions.ts'
import type { RequestedDelay } from '../vocabulary.ts'
import { askableAround, askMt, getRules } from './cascade/actions.ts'
import { planCascade } from './cascade/rules.ts'
import { expiryOf, LISTED, mayKnowCall, readerOf, refuseEnSus, stateAt, type EnSusReader } from './rules.ts'
import * as store from './store.ts'
import type { EnSusAnswer, EnSusClosing, EnSusExpiry, EnSusState, MtAnswer } from './vocabulary.ts'

const WHAT = 'Demande en sus'

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
export const getVisible = (ctx: Ctx, id: string): EnSusView => {
  const found = orAbsent(store.findRequest(ctx.db, id, ctx.now), WHAT)
  const me = practitionerOf(ctx)
  return orAbsent(seenAs(ctx, found, me === null ? undefined : store.findAsk(ctx.db, id, me)), WHAT)
}

/** A request that the GP who acts was asked for, and how. */
export const getAsked = (ctx: Ctx, id: string) => {
  const view = getVisible(ctx, id)
  const practitionerId = practitionerOf(ctx)
  if (view.ask === undefined || practitionerId === null) throw new Refused(absent(WHAT))
  return { ...view, ask: view.ask, practitionerId }
}

/** The words of the call, as long as they are kept. Asks for no right. */
export const textOf = (ctx: Ctx, { request, state }: EnSusView): string | undefined =>
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

/** All who are or will be asked for a patient. Asks for no right. */
export const listAsks = (ctx: Ctx, id: string): store.AskRow[] => store.listAsks(ctx.db, id)

/** Writes what became of a request. Asks for no right and tells nobody: those who call do. */
export const changeRequest = (ctx: Ctx, id: string, change: Partial<store.RequestRow>): void =>
  store.updateRequest(ctx.db, id, change)

/** Whoever was not asked yet never will be. Asks for no right and tells nobody. */
export const endAsking = (ctx: Ctx, id: string): void => store.dropAsksAfter(ctx.db, id, ctx.now)

/** Writes what time has done to a request, and tells of it. What anybody is shown stays as it was. */
export const settle = (ctx: Ctx, id: string): void => {
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

/** The SAS ends a request: the patient is seen elsewhere, or not at all. Whoever had taken them is told by the event. */
export const closeEnSus = (ctx: Ctx, id: string, reason: EnSusClosing): EnSusView => {
  const { request, state } = getVisible(ctx, id)
  unlessRefused(refuseEnSus('close', state))
  endAsking(ctx, id)
  changeRequest(ctx, id, { state: 'closed', expiresAt: ctx.now, sealKeyId: null, sealed: null })
  append(ctx, {
    type: 'en_sus.closed',
    subject: id,
    ...(request.acceptedBy === null ? {} : { practitionerId: request.acceptedBy }),
    data: { reason, before: state },
  })
  return getVisible(ctx, id)
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
