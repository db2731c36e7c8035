import type { LocalDate } from '../../kernel/civil.ts'
import type { Actor } from '../../kernel/ctx.ts'
import { distanceKm, type Position } from '../../kernel/geo.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import { DAY, plus, type Instant } from '../../kernel/time.ts'
import type { AllocationRules } from '../grid/rules.ts'
import type { Flags, PriorityClass, RequestState } from '../vocabulary.ts'
import type { mtRequests } from './tables.ts'
import type { RequestWarning } from './vocabulary.ts'

type RequestRow = typeof mtRequests.$inferSelect

/**
 * What happens to a request; `none` is no row. What is escalated waits like the others and is looked at by a person. One
 * that was lost sight of comes back to where it would stand. The code and the diagram read this table.
 */
export const REQUEST_TRANSITIONS = {
  doubt: { from: ['none', 'waiting', 'escalated', 'proposed', 'accepted', 'unreachable'], to: 'to_qualify' },
  queue: { from: ['none', 'to_qualify', 'escalated', 'proposed', 'accepted', 'unreachable'], to: 'waiting' },
  escalate: { from: ['to_qualify', 'waiting', 'proposed', 'accepted', 'unreachable'], to: 'escalated' },
  propose: { from: ['waiting', 'escalated', 'accepted'], to: 'proposed' },
  accept: { from: ['proposed'], to: 'accepted' },
  // From the queue when whoever still waited leaves, and the others have found.
  place: { from: ['accepted', 'to_qualify', 'waiting', 'escalated', 'unreachable'], to: 'placed' },
  lose: { from: ['to_qualify', 'waiting', 'escalated', 'proposed', 'accepted'], to: 'unreachable' },
  withdraw: {
    from: ['to_qualify', 'waiting', 'escalated', 'proposed', 'accepted', 'unreachable'],
    to: 'withdrawn',
  },
} as const satisfies Record<string, { from: readonly (RequestState | 'none')[]; to: RequestState }>

/** States in which somebody of a request may be proposed to a practitioner. */
export const ALLOCABLE_STATES = [
  'waiting',
  'proposed',
  'accepted',
  'escalated',
] as const satisfies readonly RequestState[]

const CLOSED_STATES: readonly RequestState[] = ['placed', 'withdrawn']

export const isClosed = (request: { readonly state: RequestState }): boolean =>
  CLOSED_STATES.includes(request.state)

/** Refuses what needs to know who asks. */
export const refuseErased = ({ erasedAt }: { readonly erasedAt: Instant | null }): Refusal | null =>
  erasedAt === null ? null : { code: 'erased', detail: 'Les données de cette demande sont déjà effacées.' }

/** Refuses what can only be done with a request that is still looked after. */
export const refuseClosed = (request: {
  readonly state: RequestState
  readonly erasedAt: Instant | null
}): Refusal | null =>
  isClosed(request)
    ? { code: 'request_closed', detail: 'Cette demande est close.', facts: { state: request.state } }
    : refuseErased(request)

/**
 * Refuses a correction: of a closed request who they are and how to reach them can be corrected until that is erased (RGPD
 * article 16), and nothing that it was decided by.
 */
export const refuseCorrection = (
  request: { readonly state: RequestState; readonly erasedAt: Instant | null },
  isOfNames: boolean,
): Refusal | null => (isOfNames ? refuseErased(request) : refuseClosed(request))

/** Only what was lost sight of is brought back by hand. */
export const refuseReopening = ({ state }: { readonly state: RequestState }): Refusal | null =>
  state === 'unreachable'
    ? null
    : {
        code: 'invalid_transition',
        detail: 'Seule une demande injoignable se rouvre.',
        facts: { state },
        path: ['state'],
      }

/** The state `to`, if a step leads there. Throws when there is none: what decides the state is at fault. */
export const moved = (from: RequestState | 'none', to: RequestState): RequestState => {
  const steps: readonly { readonly from: readonly string[]; readonly to: RequestState }[] =
    Object.values(REQUEST_TRANSITIONS)
  if (from !== to && !steps.some((step) => step.to === to && step.from.includes(from)))
    throw new Error(`no step from ${from} to ${to}`)
  return to
}

/** People of a request by what became of them; the others are free. */
export interface Settled {
  readonly proposed: number
  readonly accepted: number
  readonly declared: number
}

const NOBODY: Settled = { proposed: 0, accepted: 0, declared: 0 }

/**
 * Where a request stands: by what became of its people, and where some are free and nobody is being asked or expected, in
 * the queue that its class gives. An unanswered question comes before an accepted one.
 */
export const stateOf = (
  request: { readonly class: PriorityClass | null; readonly escalatedAt: Instant | null },
  members: number,
  { proposed, accepted, declared }: Settled = NOBODY,
): RequestState => {
  if (members > 0 && declared === members) return 'placed'
  if (proposed > 0) return 'proposed'
  if (accepted > 0) return 'accepted'
  if (request.class === null) return 'to_qualify'
  return request.escalatedAt === null ? 'waiting' : 'escalated'
}

/**
 * When a request is next brought to mind: one that lacks something, each so many days; one that waits, when it has waited
 * so long that a person is to look at it. Null: never.
 */
export const remindAtOf = (
  request: {
    readonly state: RequestState
    readonly stateSince: Instant
    readonly waitingSince: Instant
    readonly remindAt: Instant | null
  },
  rules: Pick<AllocationRules, 'qualifyReminderDays' | 'escalationDays'>,
): Instant | null => {
  if (request.state === 'to_qualify')
    return request.remindAt ?? plus(request.stateSince, rules.qualifyReminderDays * DAY)
  return request.state === 'waiting' ? plus(request.waitingSince, rules.escalationDays * DAY) : null
}

/** A request in another state, since now; in the same one it stays as it is. Throws when no step leads there. */
export const inState = (row: RequestRow, state: RequestState, now: Instant): RequestRow =>
  state === row.state ? row : { ...row, state: moved(row.state, state), stateSince: now, remindAt: null }

/** A request with the next reminder that its state asks for. */
export const remindedOf = (
  row: RequestRow,
  rules: Pick<AllocationRules, 'qualifyReminderDays' | 'escalationDays'>,
): RequestRow => ({ ...row, remindAt: remindAtOf(row, rules) })

/** Whether so many refusals are enough for a person to look at a request (DOMAIN §4, escalation). */
export const isRefusedTooOften = (refusals: number, rules: Pick<AllocationRules, 'maxRefusals'>): boolean =>
  refusals >= rules.maxRefusals

/** The identities of a request are kept for a year after it is closed or lost sight of (DOMAIN §6: default). */
export const IDENTITY_KEPT = 365 * DAY

/** The vault asks for an end; of a request's people the request is asked, so theirs is never. */
export const WHILE_REQUESTED = 8.64e15 as Instant

/** The earliest birth of somebody who is to be seen: 130 years, longer than anybody has lived. */
const OLDEST_YEARS = 130

/** Refuses people born after today, or more than 130 years ago. */
export const refuseBirthDate = (
  birthDate: LocalDate,
  today: LocalDate,
  path: readonly (string | number)[],
): Refusal | null => {
  if (birthDate > today)
    return { code: 'invalid_birth_date', detail: 'La date de naissance est dans le futur.', path }
  return Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4)) > OLDEST_YEARS
    ? {
        code: 'invalid_birth_date',
        detail: `La date de naissance remonte à plus de ${OLDEST_YEARS} ans.`,
        path,
      }
    : null
}

/** How long a household may have asked before it came into the census (product decision). */
const ASKED_YEARS = 10

/** Refuses a day since when a household asks that is to come, or more than ten years past. */
export const refuseAskedOn = (askedOn: LocalDate, today: LocalDate): Refusal | null => {
  const path = ['askedOn']
  if (askedOn > today)
    return { code: 'invalid_asked_on', detail: 'La date de la demande est dans le futur.', path }
  return askedOn < `${Number(today.slice(0, 4)) - ASKED_YEARS}${today.slice(4)}`
    ? {
        code: 'invalid_asked_on',
        detail: `La date de la demande remonte à plus de ${ASKED_YEARS} ans.`,
        path,
      }
    : null
}

/** Refuses seniority that somebody else than who looks after the census says of a household. */
export const refuseSeniority = (actor: Actor, communityId: string): Refusal | null =>
  mayCoordinate(actor, communityId)
    ? null
    : {
        code: 'invalid_asked_on',
        detail: 'Seul le coordinateur de la CPTS, ou l’administrateur, dit depuis quand un foyer demande.',
        path: ['askedOn'],
      }

/** Nobody lives further from the middle of their commune, in kilometres: the largest is some 40 km across. */
export const FAR_KM = 50

/** Whether a position is so far from the commune that one of the two is wrong. */
export const isFar = (position: Position, centre: Position): boolean => distanceKm(position, centre) > FAR_KM

/** Outside the care team nothing is shared without prior consent (code de la santé publique, L1110-4). */
export const refuseConsent = (
  consent: { readonly at: Instant } | null | undefined,
  now: Instant,
): Refusal | null => {
  if (!consent)
    return { code: 'consent_required', detail: 'Le consentement du patient est requis.', path: ['consent'] }
  return consent.at > now
    ? { code: 'consent_required', detail: 'Le consentement est daté du futur.', path: ['consent', 'at'] }
    : null
}

/** The month of birth, by which a class is computed without opening the vault. */
export const bornIn = (birthDate: LocalDate): LocalDate => `${birthDate.slice(0, 8)}01` as LocalDate

/** Ages at which a pregnancy is not out of the question (product decision, generous on both sides). */
const FERTILE = { from: 12, to: 55 }

/** Whether somebody has to be asked about a pregnancy: judged on the day that they were brought in. */
export const mayBePregnant = (
  person: { readonly birthDate: LocalDate; readonly sex?: string | undefined },
  today: LocalDate,
): boolean => {
  const years = Number(today.slice(0, 4)) - Number(person.birthDate.slice(0, 4))
  const age = today.slice(5) < person.birthDate.slice(5) ? years - 1 : years
  return person.sex !== 'male' && age >= FERTILE.from && age <= FERTILE.to
}

/** Whether requests of a CPTS are the actor's to look after: its coordinators, and an admin, who sees no identity. */
export const mayCoordinate = (actor: Actor, communityId: string): boolean => {
  if (actor.kind === 'system') return true
  if (actor.role === 'admin') return true
  return actor.role === 'coordinator' && actor.communityIds.includes(communityId)
}

/** Whether the actor may bring a request in: also a practitioner of the CPTS, for a patient of theirs. */
export const mayBringIn = (actor: Actor, communityId: string, ownCommunities: readonly string[]): boolean =>
  mayCoordinate(actor, communityId) ||
  (actor.kind === 'key' && actor.role === 'practitioner' && ownCommunities.includes(communityId))

/** Whether the actor sees who asks: the coordinators of the CPTS only (DOMAIN §6). */
export const maySeeIdentity = (actor: Actor, communityId: string): boolean =>
  actor.kind === 'key' && actor.role === 'coordinator' && actor.communityIds.includes(communityId)

/** An attempt to reach a household. */
export interface Attempt {
  readonly at: Instant
  readonly channel: string
  readonly reached: boolean
}

/** After so many attempts, over so many ways, somebody is out of reach (DOMAIN §4). */
const UNREACHABLE = { attempts: 3, channels: 2 }

/**
 * Attempts that came to nothing since an instant (an acceptance, or where a request stands) and since somebody was last
 * reached, and whether they are enough to give up.
 */
export const vainAttempts = (
  attempts: readonly Attempt[],
  since: Instant,
): { readonly attempts: number; readonly channels: number; readonly isUnreachable: boolean } => {
  const lately = attempts.filter(({ at }) => at >= since)
  const vain = lately.slice(lately.findLastIndex(({ reached }) => reached) + 1)
  const channels = new Set(vain.map(({ channel }) => channel)).size
  return {
    attempts: vain.length,
    channels,
    isUnreachable: vain.length >= UNREACHABLE.attempts && channels >= UNREACHABLE.channels,
  }
}

/** What whoever brings a request in, or looks at it, should know. Nothing is blocked by it. */
export const warningsOf = (
  members: readonly { readonly flags: Flags }[],
  duplicates: readonly string[],
  isPositionFar: boolean,
): RequestWarning[] => [
  ...(duplicates.length > 0 ? (['possible_duplicate'] as const) : []),
  ...(members.some(({ flags }) => flags.palliative === true) ? (['palliative_review'] as const) : []),
  ...(isPositionFar ? (['far_position'] as const) : []),
]
