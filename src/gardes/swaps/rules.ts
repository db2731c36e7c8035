import type { Refusal } from '../../kernel/refusal.ts'
import { plus, WEEK, type Instant, type Interval } from '../../kernel/time.ts'
import { doerOf, RUNNING_STATES, type Holding } from '../rotas/rules.ts'
import type { RotaState, ShiftRule } from '../rotas/vocabulary.ts'
import type { SwapKind, SwapState } from './vocabulary.ts'

/**
 * What happens to a change that somebody asks for; `none` is no row. Without approval, acceptance is what does it. An
 * outside person has agreed before: theirs begins where acceptance would have led. The code and the diagram read this table.
 */
export const SWAP_TRANSITIONS = {
  ask: { from: ['none'], to: 'asked' },
  accept: { from: ['none', 'asked'], to: 'accepted' },
  settle: { from: ['none', 'asked'], to: 'done' },
  approve: { from: ['accepted'], to: 'done' },
  decline: { from: ['asked', 'accepted'], to: 'declined' },
  cancel: { from: ['asked', 'accepted'], to: 'cancelled' },
  expire: { from: ['asked', 'accepted'], to: 'expired' },
} as const satisfies Record<string, { from: readonly (SwapState | 'none')[]; to: SwapState }>

export type SwapStep = keyof typeof SWAP_TRANSITIONS

const OPEN_STATES: readonly SwapState[] = ['asked', 'accepted']

/** How long somebody has to answer, at most: product decision. */
const ANSWER_WITHIN = WEEK

/**
 * Until when a change can be agreed on: a week, and no later than the first of its shifts begins. An open call for
 * somebody to take over runs until the shift ends: somebody may take what is left of it ("take now").
 */
export const expiryOf = (kind: SwapKind, shifts: readonly Interval[], now: Instant): Instant =>
  shifts
    .map((shift) => (kind === 'open' ? shift.end : shift.start))
    .reduce((first, at) => (at < first ? at : first), plus(now, ANSWER_WITHIN))

/** A change's state at an instant: one that nobody settled in time has expired, whether or not the tick has said so. */
export const stateOf = (
  swap: { readonly state: SwapState; readonly expiresAt: Instant },
  now: Instant,
): SwapState => (OPEN_STATES.includes(swap.state) && swap.expiresAt <= now ? 'expired' : swap.state)

const closed = (detail: string, facts: Readonly<Record<string, unknown>>): Refusal => ({
  code: 'swap_closed',
  detail,
  facts,
})

/** Refuses a step that the state does not allow: one that comes too late is closed, one that comes too early is out of order. */
export const refuseSwapStep = (state: SwapState, step: SwapStep): Refusal | null => {
  const from: readonly string[] = SWAP_TRANSITIONS[step].from
  if (from.includes(state)) return null
  if (state === 'asked')
    return { code: 'invalid_transition', detail: 'Personne n’a encore accepté.', facts: { state } }
  return closed('Cette demande n’attend plus de réponse.', { state })
}

/** An open call is made to everybody: whoever does not want it leaves it be. `isParty` who took it, or manages the sector. */
export const refuseDeclining = (kind: SwapKind, isParty: boolean): Refusal | null =>
  kind === 'open' && !isParty
    ? {
        code: 'invalid_transition',
        detail: 'Un appel ouvert ne se décline pas.',
        facts: { kind },
      }
    : null

/** Refuses a change of a rota that says nothing yet or no more. Before publication, who makes the rota changes it. */
export const refuseRota = (state: RotaState): Refusal | null =>
  RUNNING_STATES.includes(state)
    ? null
    : {
        code: 'invalid_transition',
        detail: 'Les changements se demandent sur un tableau publié ou en vigueur.',
        facts: { state },
      }

/** Refuses a change of a shift that has begun, or, for an open call, that is over. */
export const refuseTooLate = (kind: SwapKind, shift: Interval, now: Instant): Refusal | null => {
  if (kind === 'open') return shift.end > now ? null : closed('La garde est finie.', { shiftEnd: shift.end })
  return shift.start > now ? null : closed('La garde a commencé.', { shiftStart: shift.start })
}

/** A change is about the person who does the place: once somebody else does, it is about nothing. */
export const refuseOtherDoer = (place: Holding, practitionerId: string | null): Refusal | null =>
  practitionerId !== null && doerOf(place) === practitionerId
    ? null
    : closed('La place a changé de mains.', {})

/** The place of a shift that is meant where none is named: that of who is named, otherwise the first that somebody does. */
export const placeMeant = <T extends Holding & { readonly place: number }>(
  places: readonly T[],
  practitionerId: string | undefined,
): T | undefined => {
  const byNumber = [...places].sort((a, b) => a.place - b.place)
  return byNumber.find((place) =>
    practitionerId === undefined ? doerOf(place) !== null : doerOf(place) === practitionerId,
  )
}

/** Refuses a change with oneself. */
export const refuseSelf = (fromId: string, toId: string | null): Refusal | null =>
  fromId === toId
    ? {
        code: 'rule_broken',
        detail: 'Un changement se fait avec quelqu’un d’autre.',
        facts: { rules: ['one_place'] satisfies ShiftRule[] },
      }
    : null

/** The rules that hold for a kind of change: a colleague who stands in need not be on the sector's list. */
export const rulesThatHold = (kind: SwapKind, rules: readonly ShiftRule[]): ShiftRule[] =>
  kind === 'replacement' ? rules.filter((rule) => rule !== 'membership') : [...rules]

/** Rules that tell of somebody what only they and who manages the sector know (DOMAIN §6). */
const PRIVATE_RULES: readonly ShiftRule[] = ['restriction', 'absence', 'busy', 'personal_cap']

/** The rules that are told to a colleague of the person whom they keep from a shift. */
export const rulesTold = (rules: readonly ShiftRule[], knowsWhy: boolean): ShiftRule[] =>
  knowsWhy ? [...rules] : rules.filter((rule) => !PRIVATE_RULES.includes(rule))

/** Refuses a change by which somebody would break hard rules: those given, of which `text` tells. */
export const refuseBroken = (
  practitionerId: string,
  rules: readonly ShiftRule[],
  told: readonly ShiftRule[],
  text: string,
): Refusal | null =>
  rules.length === 0
    ? null
    : {
        code: 'rule_broken',
        detail: `Cette garde ne peut pas être prise : ${told.length === 0 ? 'praticien indisponible' : text}.`,
        facts: { rules: [...told], practitionerId },
      }

/** Who is written beside a titulaire who does not do their place: nobody when they take it back. */
export const executantOf = (titulaireId: string | null, doerId: string): string | null =>
  titulaireId === doerId ? null : doerId

export interface Parties {
  readonly kind: SwapKind
  readonly fromPractitionerId: string
  readonly toPractitionerId: string | null
}

/**
 * Whether somebody sees a change: who manages the sector, the two sides, and, of an open call, everybody on the sector's
 * list.
 */
export const isSwapShown = (swap: Parties, { practitionerId, isManager, isMember }: SwapReader): boolean =>
  isManager ||
  (practitionerId !== null &&
    (practitionerId === swap.fromPractitionerId ||
      practitionerId === swap.toPractitionerId ||
      (swap.kind === 'open' && isMember)))

export interface SwapReader {
  readonly practitionerId: string | null
  readonly isManager: boolean
  readonly isMember: boolean
}

/** Whether somebody may accept: the one who was asked, or of an open call anybody on the list but who asked. */
export const mayAccept = (swap: Parties, { practitionerId, isMember }: SwapReader): boolean => {
  if (practitionerId === null || practitionerId === swap.fromPractitionerId) return false
  if (swap.kind === 'open') return isMember
  return practitionerId === swap.toPractitionerId
}
