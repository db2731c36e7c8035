import type { Ctx } from '../../db/db.ts'
import { actorName, append } from '../../events/actions.ts'
import { absent, orAbsent, Refused, refuseStale, unlessRefused } from '../../kernel/refusal.ts'
import { plus, type Instant } from '../../kernel/time.ts'
import { getCommunity } from '../../members/actions.ts'
import { mayCoordinate } from '../requests/rules.ts'
import { shownOf, totalsOf, type Shown, type ShownTotals } from './outcome/rules.ts'
import { loadMaterial } from './problem/actions.ts'
import { inputHash, isSameState, lastOf, problemOf, withLast, type Last, type Lock } from './problem/rules.ts'
import { DETAIL_KEPT, DRAFT_KEPT, refuseAllocationStep, refuseForgotten, refuseLock } from './rules.ts'
import { check } from './solver/certificate.ts'
import type { Problem } from './solver/model.ts'
import type { Certificate, Progress, Solution } from './solver/solution.ts'
import { solve } from './solver/solve.ts'
import * as store from './store.ts'
import type { AllocationOrigin } from './vocabulary.ts'
import { wordedOf, type Worded } from './wording/rules.ts'

export type { AllocationFilter, AllocationRow } from './store.ts'
export type { Progress } from './solver/solution.ts'

// Who may, and what is there

export const assertAllocates = (ctx: Ctx, communityId: string): void => {
  if (!mayCoordinate(ctx.actor, communityId)) throw new Refused(absent('CPTS'))
  getCommunity(ctx, communityId)
}

/** The allocation, if it is of a CPTS that is the actor's; otherwise the refusal of an absent one. */
export const getAllocationRow = (ctx: Ctx, id: string): store.AllocationRow => {
  const row = orAbsent(store.findAllocation(ctx.db, id), 'Répartition')
  if (!mayCoordinate(ctx.actor, row.communityId)) throw new Refused(absent('Répartition'))
  return row
}

const readPart = (ctx: Ctx, id: string, kind: store.PartKind): unknown => {
  const text = store.findPart(ctx.db, id, kind)
  return text === undefined ? undefined : (JSON.parse(text) as unknown)
}

/** What an allocation was made from and what it found. Refuses one of which that is no longer kept. */
export const getDetail = (
  ctx: Ctx,
  id: string,
): { readonly problem: Problem; readonly solution: Solution } => {
  const problem = readPart(ctx, id, 'problem') as Problem | undefined
  const solution = readPart(ctx, id, 'solution') as Solution | undefined
  if (problem === undefined || solution === undefined) {
    unlessRefused(refuseForgotten(true))
    throw new Error('refused above')
  }
  return { problem, solution }
}

/** The locks that stand: of each request the last thing decided. */
export interface StandingLock extends Lock {
  readonly requestId: string
  readonly reason: string
  readonly actor: string
  readonly createdAt: Instant
}

const locksAmong = (ctx: Ctx, ids: readonly string[]): Map<string, StandingLock[]> => {
  const last = new Map<string, store.AdjustmentRow>()
  for (const row of store.adjustmentsOf(ctx.db, ids)) last.set(`${row.allocationId}/${row.requestId}`, row)
  const standing = new Map<string, StandingLock[]>()
  for (const { allocationId, lock, ...row } of last.values())
    if (lock) standing.set(allocationId, [...(standing.get(allocationId) ?? []), row])
  return standing
}

export const locksOf = (ctx: Ctx, id: string): StandingLock[] => locksAmong(ctx, [id]).get(id) ?? []

const byRequest = (locks: readonly StandingLock[]): Map<string, Lock> =>
  new Map(locks.map(({ requestId, practitionerId }) => [requestId, { practitionerId }] as const))

/** An allocation in a list. */
export interface AllocationSummary extends Omit<store.AllocationRow, 'totals'> {
  readonly totals: ShownTotals
}

export interface AllocationView extends AllocationSummary {
  /** Null: no longer kept. */
  readonly shown: Worded | null
  readonly certificate: Certificate | null
  readonly locks: readonly StandingLock[]
}

/** An allocation without its detail. */
export const summaryOf = (row: store.AllocationRow): AllocationSummary => ({
  ...row,
  totals: row.totals as unknown as ShownTotals,
})

interface Kept extends Shown {
  readonly certificate: Certificate
}

const viewOf = (ctx: Ctx, row: store.AllocationRow): AllocationView => {
  const kept = readPart(ctx, row.id, 'shown') as Kept | undefined
  return {
    ...summaryOf(row),
    shown: kept ? wordedOf(kept) : null,
    certificate: kept?.certificate ?? null,
    locks: locksOf(ctx, row.id),
  }
}

export const getAllocation = (ctx: Ctx, id: string): AllocationView => viewOf(ctx, getAllocationRow(ctx, id))

/** Allocations that are the actor's to see, the last made first. */
export const listAllocations = (
  ctx: Ctx,
  filter: store.AllocationFilter,
  before: string | undefined,
  limit: number,
): AllocationSummary[] => {
  const { actor } = ctx
  const isAll = actor.kind === 'system' || actor.role === 'admin'
  const reach = isAll ? null : actor.role === 'coordinator' ? actor.communityIds : []
  return store.listAllocations(ctx.db, reach, filter, before, limit + 1).map(summaryOf)
}

// Simulating

/** A problem to be thought about, with where it comes from. */
export interface Prepared {
  readonly communityId: string
  readonly seed: number
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
  const { material, rulesVersion } = loadMaterial(ctx, communityId)
  const present = problemOf(material, { ...asked, last: new Map() })
  return {
    communityId,
    seed: asked.seed,
    rulesVersion,
    problem: withLast(present, lastFor(present)),
    toQualify: store.countToQualify(ctx.db, communityId),
    startedAt: ctx.now,
  }
}

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
    const row = store.lastDraft(ctx.db, communityId)
    const problem = row && (readPart(ctx, row.id, 'problem') as Problem | undefined)
    if (!row || !problem) return new Map()
    if (isSameState(problem, present)) return lastOf(problem)
    return placementsOf(readPart(ctx, row.id, 'solution') as Solution)
  }

export interface SimulationInput {
  readonly communityId: string
  readonly seed?: number | undefined
  /** An allocation whose locks stand in this one as well. */
  readonly keepLocksOf?: string | undefined
}

/** Reads all that an allocation is made from. */
export const prepareSimulation = (ctx: Ctx, input: SimulationInput): Prepared => {
  const { communityId, seed = 0 } = input
  assertAllocates(ctx, communityId)
  return prepare(
    ctx,
    communityId,
    { seed, locks: byRequest(keptLocks(ctx, input)) },
    lastDraftOf(ctx, communityId),
  )
}

const keptLocks = (ctx: Ctx, { communityId, keepLocksOf }: SimulationInput): StandingLock[] => {
  if (keepLocksOf === undefined) return []
  if (getAllocationRow(ctx, keepLocksOf).communityId !== communityId) throw new Refused(absent('Répartition'))
  return locksOf(ctx, keepLocksOf)
}

export interface Thought {
  readonly prepared: Prepared
  readonly solution: Solution
  readonly shown: Shown
  readonly faults: readonly string[]
}

/** Solves a slice at a time, with a pause after each. */
export const think = async (
  prepared: Prepared,
  pause: () => Promise<unknown>,
  report: (progress: Progress) => void,
): Promise<Thought> => {
  const { problem } = prepared
  const all = async <T>(slices: Generator<Progress, T, void>): Promise<T> => {
    for (;;) {
      const slice = slices.next()
      if (slice.done) return slice.value
      report(slice.value)
      await pause()
    }
  }
  const solution = await all(solve(problem))
  const shown = await all(shownOf(problem, solution))
  await pause()
  return { prepared, solution, shown, faults: check(problem, solution) }
}

/** What a row says of what was thought. */
const madeOf = ({ prepared, solution, shown, faults }: Thought) => {
  const { problem, toQualify } = prepared
  const totals = totalsOf(problem, solution, shown, { toQualify, optimal: faults.length === 0 })
  return {
    rulesVersion: prepared.rulesVersion,
    inputHash: inputHash(problem),
    totals: { ...totals },
  }
}

const writeParts = (ctx: Ctx, id: string, { prepared, solution, shown }: Thought): void => {
  const kept: Kept = { ...shown, certificate: solution.certificate }
  store.writePart(ctx.db, id, 'problem', JSON.stringify(prepared.problem))
  store.writePart(ctx.db, id, 'solution', JSON.stringify(solution))
  store.writePart(ctx.db, id, 'shown', JSON.stringify(kept))
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
  const { prepared } = thought
  const { communityId } = prepared
  const id = ctx.newId('allocation')
  store.insertAllocation(ctx.db, {
    id,
    communityId,
    state: 'simulated',
    origin,
    seed: prepared.seed,
    ...madeOf(thought),
    version: 1,
    actor: actorName(ctx.actor),
    createdAt: ctx.now,
    publishedAt: null,
    publishedBy: null,
  })
  writeParts(ctx, id, thought)
  store.insertAdjustments(
    ctx.db,
    keptLocks(ctx, { communityId, keepLocksOf }).map((lock, index) => ({
      ...lock,
      allocationId: id,
      number: index + 1,
      lock: true,
    })),
  )
  const view = getAllocation(ctx, id)
  append(ctx, {
    type: 'allocation.simulated',
    subject: id,
    data: {
      communityId,
      origin,
      seed: view.seed,
      rulesVersion: view.rulesVersion,
      inputHash: view.inputHash,
      ...countsOf(view),
    },
  })
  return view
}

// Adjusting

export interface AdjustmentInput {
  readonly requestId: string
  /** With whom; null: with nobody in this run. */
  readonly practitionerId: string | null
  /** False: the engine decides again. */
  readonly lock: boolean
  readonly reason: string
}

export interface PreparedAdjustment extends Prepared {
  readonly row: store.AllocationRow
  readonly locks: ReadonlyMap<string, Lock>
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
  const before = getDetail(ctx, id).problem
  const locks = byRequest(locksOf(ctx, id))
  if (lock) locks.set(requestId, { practitionerId })
  else locks.delete(requestId)
  const prepared = prepare(ctx, row.communityId, { seed: row.seed, locks }, () => lastOf(before))
  const { households, doctors } = prepared.problem
  if (!households.some((one) => one.id === requestId)) throw new Refused(absent('Demande'))
  if (practitionerId !== null && !doctors.some((one) => one.id === practitionerId))
    throw new Refused(absent('Praticien'))
  return { ...prepared, row, locks }
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
  const present = getAllocationRow(ctx, id)
  if (present.version !== row.version) return undefined
  const before = getDetail(ctx, id).solution
  if (input.lock) unlessRefused(refuseLock(input.requestId, problem, before, thought.solution))
  writeParts(ctx, id, thought)
  const number = store.adjustmentsOf(ctx.db, [id]).length + 1
  const { requestId, lock, reason } = input
  const practitionerId = lock ? input.practitionerId : null
  store.insertAdjustments(ctx.db, [
    {
      allocationId: id,
      number,
      requestId,
      lock,
      practitionerId,
      reason,
      actor: actorName(ctx.actor),
      createdAt: ctx.now,
    },
  ])
  store.updateAllocation(ctx.db, id, madeOf(thought))
  const view = getAllocation(ctx, id)
  append(ctx, {
    type: 'allocation.adjusted',
    subject: id,
    // Told to nobody whom it names: it has no effect yet.
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

// Throwing away

const discard = (ctx: Ctx, row: store.AllocationRow, reason: 'asked' | 'old'): store.AllocationRow => {
  store.deleteParts(ctx.db, [row.id])
  const discarded = store.updateAllocation(ctx.db, row.id, { state: 'discarded' })
  append(ctx, {
    type: 'allocation.discarded',
    subject: row.id,
    data: { communityId: row.communityId, reason },
  })
  return discarded
}

/** Throws a simulation away, with all that it was made from. */
export const discardAllocation = (ctx: Ctx, id: string, ifMatch: number | undefined): AllocationView => {
  const row = getAllocationRow(ctx, id)
  unlessRefused(refuseStale(row.version, ifMatch))
  unlessRefused(refuseAllocationStep(row.state, 'discard'))
  return viewOf(ctx, discard(ctx, row, 'asked'))
}

/** Throws away up to `limit` simulations that nobody published, and forgets the detail of old published ones; returns how many. */
export const forgetAllocations = (ctx: Ctx, limit: number): number => {
  const drafts = store.oldDrafts(ctx.db, plus(ctx.now, -DRAFT_KEPT), limit)
  for (const id of drafts) discard(ctx, getAllocationRow(ctx, id), 'old')
  const details = store.oldDetails(ctx.db, plus(ctx.now, -DETAIL_KEPT), limit)
  store.deleteParts(ctx.db, details)
  return Math.max(drafts.length, details.length)
}

/** Notes that an allocation was published. */
export const markPublished = (ctx: Ctx, id: string): AllocationView => {
  store.updateAllocation(ctx.db, id, {
    state: 'published',
    publishedAt: ctx.now,
    publishedBy: actorName(ctx.actor),
  })
  return getAllocation(ctx, id)
}
