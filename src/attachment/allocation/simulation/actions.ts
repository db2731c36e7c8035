import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { absent, Refused, refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import type { Instant } from '../../../kernel/time.ts'
import {
  assertAllocates,
  findLastDraft,
  findProblem,
  getAllocationRow,
  getSolution,
  keepAllocation,
  locksOf,
  replaceOutcome,
  type AllocationRow,
  type AllocationSummary,
  type AllocationView,
  type Outcome,
  type StandingLock,
} from '../actions.ts'
import { shownOf, totalsOf, type Shown } from '../outcome/rules.ts'
import { loadMaterial } from '../problem/actions.ts'
import {
  inputHash,
  isSameState,
  lastOf,
  problemOf,
  withLast,
  type Last,
  type Lock,
} from '../problem/rules.ts'
import { NOT_IN_RUN, refuseAllocationStep, refuseLock } from '../rules.ts'
import { checking } from '../solver/certificate.ts'
import type { Problem } from '../solver/model.ts'
import type { Progress, Solution } from '../solver/solution.ts'
import { solve } from '../solver/solve.ts'
import type { AllocationOrigin } from '../vocabulary.ts'

export { assertAllocates } from '../actions.ts'
export type { Progress } from '../solver/solution.ts'

// Preparing

/** A problem to be thought about, with where it comes from. */
export interface Prepared {
  readonly communityId: string
  readonly rulesVersion: number
  readonly problem: Problem
  readonly toQualify: number
  readonly startedAt: Instant
}

const prepare = (
  ctx: Ctx,
  communityId: string,
  asked: { readonly seed: number; readonly locks: ReadonlyMap<string, Lock> },
  lastFor: (present: Problem) => Last,
): Prepared => {
  const { material, rulesVersion, toQualify } = loadMaterial(ctx, communityId)
  const present = problemOf(material, { ...asked, last: new Map() })
  return {
    communityId,
    rulesVersion,
    problem: withLast(present, lastFor(present)),
    toQualify,
    startedAt: ctx.now,
  }
}

const byRequest = (locks: readonly StandingLock[]): Map<string, Lock> =>
  new Map(locks.map(({ requestId, practitionerId }) => [requestId, { practitionerId }] as const))

const placementsOf = ({ placements }: Solution): Last => {
  const last = new Map<string, { member: number; practitionerId: string }[]>()
  for (const { householdId, member, practitionerId } of placements)
    last.set(householdId, [...(last.get(householdId) ?? []), { member, practitionerId }])
  return last
}

/**
 * With whom the last draft of the CPTS had each. When nothing has changed since that draft was made, what it was itself made
 * to stay near to: so simulating again gives the same again.
 */
const lastDraftOf =
  (ctx: Ctx, communityId: string) =>
  (present: Problem): Last => {
    const draft = findLastDraft(ctx, communityId)
    if (!draft) return new Map()
    const { problem, solution } = draft
    return problem && isSameState(problem, present) ? lastOf(problem) : placementsOf(solution)
  }

export interface SimulationInput {
  readonly communityId: string
  readonly seed?: number | undefined
  /** An allocation whose locks stand in this one as well. */
  readonly keepLocksOf?: string | undefined
}

const keptLocks = (
  ctx: Ctx,
  { communityId, keepLocksOf }: Pick<SimulationInput, 'communityId' | 'keepLocksOf'>,
): StandingLock[] => {
  if (keepLocksOf === undefined) return []
  if (getAllocationRow(ctx, keepLocksOf).communityId !== communityId) throw new Refused(absent('Répartition'))
  return locksOf(ctx, keepLocksOf)
}

/** Reads all that an allocation is made from. */
export const prepareSimulation = (ctx: Ctx, input: SimulationInput): Prepared => {
  const { communityId, seed = 0 } = input
  assertAllocates(ctx, communityId)
  const locks = byRequest(keptLocks(ctx, input))
  return prepare(ctx, communityId, { seed, locks }, lastDraftOf(ctx, communityId))
}

export interface AdjustmentInput {
  readonly requestId: string
  /** With whom; null: with nobody in this run. */
  readonly practitionerId: string | null
  /** False: the engine decides again. */
  readonly lock: boolean
  readonly reason: string
}

export interface PreparedAdjustment extends Prepared {
  readonly row: AllocationRow
}

/**
 * Reads the present state around the locks that stand and the new one. What it stays near to is what the simulation was made
 * to stay near to, so that a lock taken away leaves no trace.
 */
export const prepareAdjustment = (
  ctx: Ctx,
  id: string,
  { requestId, practitionerId, lock }: AdjustmentInput,
  ifMatch: number | undefined,
): PreparedAdjustment => {
  const row = getAllocationRow(ctx, id)
  unlessRefused(refuseStale(row.version, ifMatch))
  unlessRefused(refuseAllocationStep(row.state, 'adjust'))
  const before = findProblem(ctx, id)
  const locks = byRequest(locksOf(ctx, id))
  if (lock) locks.set(requestId, { practitionerId })
  else locks.delete(requestId)
  const prepared = prepare(ctx, row.communityId, { seed: row.seed, locks }, () =>
    before ? lastOf(before) : placementsOf(getSolution(ctx, id)),
  )
  const { households, doctors } = prepared.problem
  if (!households.some((one) => one.id === requestId)) throw new Refused(NOT_IN_RUN)
  if (practitionerId !== null && !doctors.some((one) => one.id === practitionerId))
    throw new Refused(absent('Praticien'))
  return { ...prepared, row }
}

// Thinking

export interface Thought {
  readonly prepared: Prepared
  readonly solution: Solution
  readonly shown: Shown
  readonly faults: readonly string[]
}

/** Solves, and checks what was found, a slice at a time, with a pause after each. */
export const think = async (
  prepared: Prepared,
  pause: () => Promise<unknown>,
  report: (progress: Progress) => void,
): Promise<Thought> => {
  const { problem } = prepared
  const all = async <T>(slices: Generator<Progress | void, T, void>): Promise<T> => {
    for (;;) {
      const slice = slices.next()
      if (slice.done) return slice.value
      if (slice.value) report(slice.value)
      await pause()
    }
  }
  const solution = await all(solve(problem))
  const shown = await all(shownOf(problem, solution))
  return { prepared, solution, shown, faults: await all(checking(problem, solution)) }
}

// Keeping

const outcomeOf = ({ prepared, solution, shown, faults }: Thought): Outcome => {
  const { problem, rulesVersion, toQualify } = prepared
  const totals = totalsOf(problem, solution, shown, { toQualify, optimal: faults.length === 0 })
  return {
    problem,
    solution,
    shown,
    row: { rulesVersion, inputHash: inputHash(problem), totals: { ...totals } },
  }
}

const countsOf = ({ totals }: AllocationSummary) => ({
  people: totals.people,
  placed: totals.placed,
  proposals: totals.proposals,
  unplaced: totals.unplaced,
})

/** Keeps what was found as a simulation, which has no effect on anything. */
export const finishSimulation = (
  ctx: Ctx,
  thought: Thought,
  { origin, keepLocksOf }: { readonly origin: AllocationOrigin; readonly keepLocksOf?: string | undefined },
): AllocationView => {
  const { communityId, problem } = thought.prepared
  const made = { communityId, origin, seed: problem.seed }
  const locks = keptLocks(ctx, { communityId, keepLocksOf })
  const view = keepAllocation(ctx, made, outcomeOf(thought), locks)
  const { rulesVersion, inputHash: hash } = view
  append(ctx, {
    type: 'allocation.simulated',
    subject: view.id,
    data: { ...made, rulesVersion, inputHash: hash, ...countsOf(view) },
  })
  return view
}

/**
 * Keeps what was found around the locks in the place of what the simulation was, with the reason. Undefined when the
 * simulation itself has changed meanwhile. Refuses a lock that a hard rule forbids, or that takes another lock's place.
 */
export const finishAdjustment = (
  ctx: Ctx,
  id: string,
  input: AdjustmentInput,
  thought: Thought & { readonly prepared: PreparedAdjustment },
): AllocationView | undefined => {
  const { row, problem } = thought.prepared
  if (getAllocationRow(ctx, id).version !== row.version) return undefined
  const { requestId, lock, reason } = input
  if (lock) unlessRefused(refuseLock(requestId, problem, getSolution(ctx, id), thought.solution))
  const practitionerId = lock ? input.practitionerId : null
  const view = replaceOutcome(ctx, id, outcomeOf(thought), { requestId, lock, practitionerId, reason })
  append(ctx, {
    type: 'allocation.adjusted',
    subject: id,
    // By no name that an event is told by: the practitioner learns of it when it is published.
    data: {
      communityId: view.communityId,
      requestId,
      ...(practitionerId === null ? {} : { to: practitionerId }),
      lock,
      inputHash: view.inputHash,
      ...countsOf(view),
    },
  })
  return view
}
