import { addDays, startOfDay, toLocalDate, type Zone } from '../../kernel/civil.ts'
import type { Actor } from '../../kernel/ctx.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import { DAY, HOUR, instant, MINUTE, plus, type Instant } from '../../kernel/time.ts'
import { REGULATOR_SEES } from '../rules.ts'
import type { RequestedDelay } from '../vocabulary.ts'
import type { EnSusAnswer, EnSusExpiry, EnSusState } from './vocabulary.ts'

/**
 * How much sooner what is still to come comes (milliseconds), because everybody asked so far has declined: the next
 * wave, or the end when there is none (ENSUS-4). Undefined while somebody asked may still accept.
 */
export const hurryOf = (
  asks: readonly { readonly askedFrom: Instant; readonly answer: EnSusAnswer | null }[],
  expiresAt: Instant,
  now: Instant,
): number | undefined => {
  if (asks.some(({ askedFrom, answer }) => askedFrom <= now && answer !== 'declined')) return undefined
  const next = asks.reduce(
    (first, { askedFrom }) => (askedFrom > now && askedFrom < first ? askedFrom : first),
    expiresAt,
  )
  return next - now
}

export interface Lived {
  readonly state: EnSusState
  /** Until when the state holds by itself: the end of the last wave, or the hour that a GP agreed to. */
  readonly expiresAt: Instant
}

/** The state at an instant: what has run out is expired from that very instant on, noted by a tick or not (ENSUS-3). */
export const stateAt = ({ state, expiresAt }: Lived, now: Instant): EnSusState =>
  (state === 'asking' || state === 'accepted') && now >= expiresAt ? 'expired' : state

/** What can be done to a request, from which state to which; `none` is no row. The code and the diagram read this table. */
export const EN_SUS_TRANSITIONS = {
  request: { from: ['none'], to: 'asking' },
  decline: { from: ['asking'], to: 'asking' },
  accept: { from: ['asking'], to: 'accepted' },
  book: { from: ['accepted'], to: 'booked' },
  close: { from: ['asking', 'accepted'], to: 'closed' },
  expire: { from: ['asking', 'accepted'], to: 'expired' },
} as const satisfies Record<string, { from: readonly (EnSusState | 'none')[]; to: EnSusState }>

export type EnSusAction = keyof typeof EN_SUS_TRANSITIONS

/** Refuses what cannot be done to a request in its state at this instant; a GP who comes second learns that they do. */
export const refuseEnSus = (action: EnSusAction, state: EnSusState): Refusal | null => {
  if ((EN_SUS_TRANSITIONS[action].from as readonly string[]).includes(state)) return null
  if (state === 'asking')
    return { code: 'en_sus_not_accepted', detail: 'Aucun médecin n’a encore accepté cette demande.' }
  if ((action === 'accept' || action === 'decline') && (state === 'accepted' || state === 'booked'))
    return { code: 'already_taken', detail: 'Cette demande est déjà prise.' }
  return { code: 'en_sus_closed', detail: 'Cette demande est close.' }
}

/** Why a request ended by time: each that ends says why (ENSUS-6). */
export const expiryOf = (request: {
  readonly acceptedBy: string | null
  readonly asked: number
  readonly declined: number
}): EnSusExpiry => {
  if (request.acceptedBy !== null) return 'not_booked'
  if (request.asked === 0) return 'nobody_to_ask'
  return request.declined === request.asked ? 'all_declined' : 'no_answer'
}

/** A GP who takes a patient without saying when does so in half an hour, on a round five minutes (product decision). */
const NOTICE = 30 * MINUTE
const ROUND = 5 * MINUTE

/** When a GP who says nothing of the hour sees the patient: in half an hour, rounded up to five minutes. */
export const defaultStart = (now: Instant): Instant => instant(Math.ceil((now + NOTICE) / ROUND) * ROUND)

/** How long the patient is seen unless the GP says otherwise, in minutes. */
export const DEFAULT_MINUTES = 15

/** A call late in the day is still one of the same day: longer than three waves of an hour and the half hour after. */
const SAME_DAY_AT_LEAST = 4 * HOUR

/**
 * The last instant at which a patient may be seen for the delay that was asked, counted from the call: the end of that
 * civil day, but no less than four hours (product decision), or 24 or 48 hours.
 */
export const latestStart = (delay: RequestedDelay, createdAt: Instant, zone: Zone): Instant => {
  if (delay !== 'same_day') return plus(createdAt, delay === '24h' ? DAY : 2 * DAY)
  const midnight = startOfDay(addDays(toLocalDate(createdAt, zone), 1), zone)
  const least = plus(createdAt, SAME_DAY_AT_LEAST)
  return least > midnight ? least : plus(midnight, -1)
}

/** Refuses an hour that has passed, or that comes later than what the SAS asked for (ENSUS-8). */
export const refuseStart = (start: Instant, now: Instant, latest: Instant): Refusal | null => {
  if (start <= now) return { code: 'invalid_interval', detail: 'Le début est passé.', path: ['start'] }
  return start > latest
    ? {
        code: 'invalid_interval',
        detail: 'Le début dépasse le délai demandé par la régulation.',
        path: ['start'],
      }
    : null
}

/** As what somebody reads a request: the SAS, an admin, the GP who took it, or one who was asked. */
export type EnSusReader = 'regulation' | 'admin' | 'taker' | 'asked'

/** Who reads: a GP who was not asked yet, or any other role, is nobody to this request. Undefined: it is absent. */
export const readerOf = (
  actor: Actor,
  request: { readonly acceptedBy: string | null; readonly isAsked: boolean },
): EnSusReader | undefined => {
  if (actor.kind === 'system' || actor.role === 'admin') return 'admin'
  if (actor.role === 'regulator') return 'regulation'
  if (actor.role !== 'practitioner' || actor.practitionerId === null || !request.isAsked) return undefined
  return request.acceptedBy === actor.practitionerId ? 'taker' : 'asked'
}

/**
 * Whether the file and the words of the call may be shown: to the SAS until seven days after the request ended or the
 * patient was seen, and to the GP who took it. Anonymous to all others (ENSUS-7).
 */
export const mayKnowCall = (
  reader: EnSusReader,
  request: { readonly expiresAt: Instant; readonly end: Instant | null },
  now: Instant,
): boolean =>
  reader === 'taker' ||
  (reader === 'regulation' && now <= plus(request.end ?? request.expiresAt, REGULATOR_SEES))

/** A GP's list goes back two days; what they took stays in it. */
export const LISTED = 2 * DAY
