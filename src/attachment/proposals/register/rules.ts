import type { LocalDate } from '../../../kernel/civil.ts'
import type { Actor } from '../../../kernel/ctx.ts'
import type { Refusal } from '../../../kernel/refusal.ts'

/** Whether the register of a CPTS is the actor's to read: its coordinators, an admin. */
export const mayReadRegister = (actor: Actor, communityId: string): boolean => {
  if (actor.kind === 'system' || actor.role === 'admin') return true
  return actor.role === 'coordinator' && actor.communityIds.includes(communityId)
}

/** Refuses days that end before they begin. */
export const refusePeriod = (from: LocalDate, to: LocalDate): Refusal | null =>
  from <= to
    ? null
    : { code: 'invalid_interval', detail: 'La période finit avant de commencer.', path: ['to'] }

/** People, and those of them of class 1 or 2. */
export interface Tally {
  readonly people: number
  readonly priority: number
}

export interface Share extends Tally {
  /** Part of class 1 or 2, from 0 to 1 in thousandths; null of nobody. */
  readonly share: number | null
}

const shareOf = (tally: Tally): Share => ({
  ...tally,
  share: tally.people === 0 ? null : Math.round((tally.priority / tally.people) * 1000) / 1000,
})

export interface Answers<T = Tally> {
  readonly proposed: T
  /** Those who are still theirs, or declared. */
  readonly accepted: T
  /** Those whom they accepted and who are not theirs any more, with nothing declared. */
  readonly ended: T
  readonly refused: T
  /** Those for whom no answer came. */
  readonly unanswered: T
}

export const sharesOf = ({ proposed, accepted, ended, refused, unanswered }: Answers): Answers<Share> => ({
  proposed: shareOf(proposed),
  accepted: shareOf(accepted),
  ended: shareOf(ended),
  refused: shareOf(refused),
  unanswered: shareOf(unanswered),
})

const NOBODY: Tally = { people: 0, priority: 0 }

const plusTally = (a: Tally, b: Tally): Tally => ({
  people: a.people + b.people,
  priority: a.priority + b.priority,
})

/** What a whole CPTS was proposed and answered: what each of its practitioners is held against. */
export const totalOf = (all: readonly Answers[]): Answers =>
  all.reduce<Answers>(
    (sum, one) => ({
      proposed: plusTally(sum.proposed, one.proposed),
      accepted: plusTally(sum.accepted, one.accepted),
      ended: plusTally(sum.ended, one.ended),
      refused: plusTally(sum.refused, one.refused),
      unanswered: plusTally(sum.unanswered, one.unanswered),
    }),
    { proposed: NOBODY, accepted: NOBODY, ended: NOBODY, refused: NOBODY, unanswered: NOBODY },
  )
