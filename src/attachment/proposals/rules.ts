import {
  addMinutes,
  dateText,
  toInstant,
  toLocal,
  yearOf,
  type LocalDate,
  type Zone,
} from '../../kernel/civil.ts'
import type { Actor } from '../../kernel/ctx.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import { DAY, MINUTE, plus, type Instant } from '../../kernel/time.ts'
import type { PriorityClass } from '../vocabulary.ts'
import { REFUSAL_REASONS, type AgeBand, type ProposalState, type RefusalReason } from './vocabulary.ts'

/**
 * What happens to a proposal; `none` is no row. A practitioner answers while it is open; the patient may say no to it as
 * long as nothing is declared. The code and the diagram read this table.
 */
export const PROPOSAL_TRANSITIONS = {
  send: { from: ['none'], to: 'open' },
  accept: { from: ['open'], to: 'accepted' },
  refuse: { from: ['open'], to: 'refused' },
  expire: { from: ['open'], to: 'expired' },
  decline: { from: ['open', 'accepted'], to: 'declined' },
  lose: { from: ['open', 'accepted'], to: 'unreachable' },
  withdraw: { from: ['open', 'accepted'], to: 'withdrawn' },
  declare: { from: ['accepted'], to: 'declared' },
} as const satisfies Record<string, { from: readonly (ProposalState | 'none')[]; to: ProposalState }>

export type ProposalStep = keyof typeof PROPOSAL_TRANSITIONS

/** States in which somebody is not free for another proposal. */
export const HOLDING_STATES: readonly ProposalState[] = ['open', 'accepted', 'declared']

interface Answerable {
  readonly state: ProposalState
  readonly answerBy: Instant
}

/** A proposal's state at an instant: one that nobody answered in time has expired, whether or not the tick has said so. */
export const stateOf = ({ state, answerBy }: Answerable, now: Instant): ProposalState =>
  state === 'open' && answerBy <= now ? 'expired' : state

const NEVER_ACCEPTED: readonly ProposalState[] = ['open', 'refused', 'expired']

const notAccepted = (state: ProposalState): Refusal => ({
  code: 'proposal_not_accepted',
  detail: 'Le médecin n’a pas accepté cette proposition.',
  facts: { state },
})

/** Refuses a step that the state does not allow: too late for an answer, too early for a declaration, or closed. */
export const refuseStep = (state: ProposalState, step: ProposalStep): Refusal | null => {
  const from: readonly string[] = PROPOSAL_TRANSITIONS[step].from
  if (from.includes(state)) return null
  if (!from.includes('open') && NEVER_ACCEPTED.includes(state)) return notAccepted(state)
  if (state === 'expired')
    return {
      code: 'proposal_expired',
      detail: 'Le délai de réponse est passé ; le patient est de nouveau en attente.',
      facts: { state },
    }
  return {
    code: 'proposal_closed',
    detail: 'Cette proposition n’attend plus cette réponse.',
    facts: { state },
  }
}

/** Refuses what is done with a patient whom nobody accepted yet, or any more. */
export const refuseUnaccepted = (state: ProposalState): Refusal | null => refuseStep(state, 'declare')

/** Refuses a practitioner who is not of the CPTS any more: its patients are for its members. They may still say no. */
export const refuseLeaver = (
  { communityId }: { readonly communityId: string },
  communityIds: readonly string[],
): Refusal | null =>
  communityIds.includes(communityId)
    ? null
    : {
        code: 'proposal_closed',
        detail: 'Vous n’êtes plus membre de la CPTS qui vous a fait cette proposition.',
        facts: { communityId },
      }

/** Refuses a reason that is not of the closed list (code de la santé publique R4127-47, L1110-3). */
export const refuseReason = (reason: string): Refusal | null =>
  (REFUSAL_REASONS as readonly string[]).includes(reason)
    ? null
    : {
        code: 'unlawful_reason',
        detail: `Un refus se motive par l’un de : ${REFUSAL_REASONS.join(', ')}.`,
        facts: { reasons: REFUSAL_REASONS },
        path: ['reason'],
      }

/** A reason that `refuseReason` let pass. */
export const isLawful = (reason: string): reason is RefusalReason => refuseReason(reason) === null

/** Refuses a declaration of a day to come, or of one before the proposal was sent. */
export const refuseDeclaredOn = (
  at: LocalDate,
  { sentOn, today }: { readonly sentOn: LocalDate; readonly today: LocalDate },
): Refusal | null =>
  at >= sentOn && at <= today
    ? null
    : {
        code: 'invalid_interval',
        detail: `La déclaration est datée entre le ${dateText(sentOn)}, jour de la proposition, et aujourd’hui.`,
        facts: { from: sentOn, to: today },
        path: ['at'],
      }

/** The same time on the clock, to the millisecond, `days` later. */
const daysLater = (now: Instant, days: number, zone: Zone): Instant =>
  plus(toInstant(addMinutes(toLocal(now, zone), days * 1440), zone, 'forward'), now % MINUTE)

/** How long a practitioner has to answer, and when they are reminded, in days: data of the CPTS. */
export interface AnswerTimes {
  readonly answerDays: number
  readonly reminderDays: number
}

export const timesOf = (
  { answerDays, reminderDays }: AnswerTimes,
  now: Instant,
  zone: Zone,
): { answerBy: Instant; remindAt: Instant } => ({
  answerBy: daysLater(now, answerDays, zone),
  remindAt: daysLater(now, reminderDays, zone),
})

/** Days after which an accepted patient who is not declared is brought to the coordinator: product decision. */
const ACCEPTED_FOR = 60

/** Accepted before this instant and not declared since: somebody has to look. */
export const staleBefore = (now: Instant): Instant => plus(now, -ACCEPTED_FOR * DAY)

export const isStale = (
  { state, answeredAt }: { readonly state: ProposalState; readonly answeredAt: Instant | null },
  now: Instant,
): boolean => state === 'accepted' && answeredAt !== null && answeredAt <= staleBefore(now)

/** Whole years from a day of birth, or the first of its month, to a day. */
const yearsBetween = (bornIn: LocalDate, today: LocalDate): number =>
  yearOf(today) - yearOf(bornIn) - (today.slice(5) < bornIn.slice(5) ? 1 : 0)

export const ageBandOf = (bornIn: LocalDate, today: LocalDate): AgeBand => {
  const age = yearsBetween(bornIn, today)
  if (age < 3) return '0-2'
  if (age < 18) return '3-17'
  if (age < 70) return '18-69'
  return age < 80 ? '70-79' : '80+'
}

interface Concerned {
  readonly practitionerId: string
  readonly communityId: string
}

/** Whether somebody sees a proposal: who is asked, a coordinator of the CPTS of the request, an admin. */
export const maySeeProposal = (actor: Actor, { practitionerId, communityId }: Concerned): boolean => {
  if (actor.kind === 'system') return true
  switch (actor.role) {
    case 'admin':
      return true
    case 'coordinator':
      return actor.communityIds.includes(communityId)
    case 'practitioner':
      return actor.practitionerId === practitionerId
    default:
      return false
  }
}

/**
 * Whether somebody is shown by a proposal who the patients are: the practitioner who accepted them, as long as they are
 * theirs (DOMAIN §6). The coordinator sees them by the request.
 */
export const maySeeHousehold = (actor: Actor, { practitionerId }: Concerned, state: ProposalState): boolean =>
  actor.kind === 'key' &&
  actor.role === 'practitioner' &&
  actor.practitionerId === practitionerId &&
  (state === 'accepted' || state === 'declared')

/**
 * Whether the pair is never proposed again after a step: somebody said no or nothing, or accepted and left it at that. A
 * proposal taken back before any answer was nobody's no.
 */
export const isExcludedBy = (step: ProposalStep, state: ProposalState): boolean =>
  ['refuse', 'expire', 'decline'].includes(step) || (step === 'withdraw' && state === 'accepted')

/** Whether a step counts towards the refusals after which a person looks at the request: a silence is one too. */
export const isRefusal = (step: ProposalStep): boolean => step === 'refuse' || step === 'expire'

/** Classes of which a practitioner has to take their part (DOMAIN §4, against skimming). */
export const isPriority = (priority: PriorityClass): boolean => priority <= 2
