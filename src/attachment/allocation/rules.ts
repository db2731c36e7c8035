import type { Actor } from '../../kernel/ctx.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import { DAY } from '../../kernel/time.ts'
import type { Constraint, Problem } from './solver/model.ts'
import type { Solution } from './solver/solution.ts'
import type { AllocationState } from './vocabulary.ts'
import { textOfLockRefused } from './wording/rules.ts'

/** Whether the actor is a person, or acts in the place of one: nothing is published by time alone (RGPD, article 22). */
export const mayPublish = (actor: Actor): boolean =>
  actor.kind === 'key' || (actor.name !== 'tick' && actor.name !== 'link')

export type AllocationStep = 'simulate' | 'adjust' | 'publish' | 'discard'

/** The life of an allocation. Time alone discards one that was not published. */
export const ALLOCATION_TRANSITIONS = {
  simulate: { from: ['none'], to: 'simulated' },
  adjust: { from: ['simulated'], to: 'simulated' },
  publish: { from: ['simulated'], to: 'published' },
  discard: { from: ['simulated'], to: 'discarded' },
} as const satisfies Record<
  AllocationStep,
  { from: readonly (AllocationState | 'none')[]; to: AllocationState }
>

const STATE_TEXTS: Record<AllocationState, string> = {
  simulated: 'n’a encore aucun effet',
  published: 'a été publiée',
  discarded: 'a été abandonnée',
}

/** Refuses to adjust, publish or discard an allocation that is published or discarded already. */
export const refuseAllocationStep = (
  state: AllocationState,
  step: Exclude<AllocationStep, 'simulate'>,
): Refusal | null => {
  const allowed: readonly AllocationState[] = ALLOCATION_TRANSITIONS[step].from
  return allowed.includes(state)
    ? null
    : { code: 'allocation_closed', detail: `Cette répartition ${STATE_TEXTS[state]}.`, facts: { state } }
}

/** A request that took no part in a run says nothing in it. */
export const NOT_IN_RUN: Refusal = {
  code: 'not_found',
  detail:
    'Cette demande n’est pas dans cette répartition : inconnue, à qualifier, close, ou déjà proposée à un médecin.',
}

/** What was thrown away, or forgotten with somebody who was in it, can be asked for no more. */
export const FORGOTTEN: Refusal = {
  code: 'allocation_closed',
  detail:
    'Le détail de cette répartition n’est plus conservé : elle est abandonnée, ancienne, ou une personne qui en était a été effacée.',
}

/** Of what an allocation is made, as one word for all of it. */
export interface Snapshot {
  readonly inputHash: string
  readonly rulesVersion: number
}

/** What was made from a state that is no more is not published. */
export const STALE: Refusal = {
  code: 'stale_simulation',
  detail:
    'Des demandes, des capacités d’accueil ou des règles ont changé depuis cette simulation : simulez à nouveau.',
}

/** Refuses to publish what was made from a state that is no more: who waits, who takes, or the rules changed since. */
export const refuseStaleSimulation = (made: Snapshot, present: Snapshot): Refusal | null =>
  made.inputHash === present.inputHash && made.rulesVersion === present.rulesVersion ? null : STALE

/** Refuses to publish what the independent checker does not find right (SOLVERS, A: gap ≠ 0). */
export const refuseUnproven = (faults: readonly string[]): Refusal | null =>
  faults.length === 0
    ? null
    : {
        code: 'unproven',
        detail: 'La vérification de cette simulation a échoué ; elle ne peut pas être publiée.',
        facts: { faults: faults.slice(0, 20) },
      }

/** A draft that nobody published is thrown away after this long. */
export const DRAFT_KEPT = 90 * DAY

/**
 * What a published allocation was made from is forgotten after this long, as is the identity of who was placed
 * (DOMAIN §6); that it was published, by whom and from which hash, is kept.
 */
export const DETAIL_KEPT = 365 * DAY

/** Households whose lock a solution could not keep, with the rule that forbids it. */
const brokenLocks = ({ unplaced }: Solution): Map<string, Constraint> =>
  new Map(
    unplaced.flatMap(({ householdId, because: [first, second] }) =>
      first?.constraint === 'locked' && second
        ? [[householdId, second.constraint as Constraint] as const]
        : [],
    ),
  )

/**
 * Refuses a lock that a hard rule forbids, or for which another that held would have to go (DOMAIN §4: hard constraints are
 * hard for the coordinator as well). One that could not be kept before is no reason to refuse.
 */
export const refuseLock = (
  requestId: string,
  problem: Problem,
  before: Solution,
  after: Solution,
): Refusal | null => {
  const known = brokenLocks(before)
  for (const [id, constraint] of brokenLocks(after)) {
    if (id !== requestId && known.has(id)) continue
    const lock = problem.households.find((one) => one.id === id)?.lock
    return {
      code: 'lock_refused',
      detail: textOfLockRefused(constraint),
      facts: { constraint, requestId: id, practitionerId: lock?.practitionerId ?? null },
    }
  }
  return null
}
