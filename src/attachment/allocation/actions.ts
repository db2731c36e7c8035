import type { Ctx } from '../../db/db.ts'
import { actorName, append } from '../../events/actions.ts'
import { absent, orAbsent, Refused, refuseStale, unlessRefused } from '../../kernel/refusal.ts'
import { plus, type Instant } from '../../kernel/time.ts'
import { getCommunity } from '../../members/actions.ts'
import { mayCoordinate } from '../requests/rules.ts'
import { names, without, type Found, type Shown, type ShownTotals } from './outcome/rules.ts'
import { DETAIL_KEPT, DRAFT_KEPT, FORGOTTEN, refuseAllocationStep } from './rules.ts'
import type { Problem } from './solver/model.ts'
import type { Certificate, Solution } from './solver/solution.ts'
import * as store from './store.ts'
import { wordedOf, type Worded } from './wording/rules.ts'

export type { AllocationFilter, AllocationRow } from './store.ts'

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

/** What an allocation was made from and what it found. */
export interface Detail {
  readonly problem: Problem
  readonly solution: Solution
}

const readPart = (ctx: Ctx, id: string, kind: store.PartKind): unknown => {
  const text = store.findPart(ctx.db, id, kind)
  return text === undefined ? undefined : (JSON.parse(text) as unknown)
}

const kept = <T>(part: T | undefined): T => {
  if (part === undefined) throw new Refused(FORGOTTEN)
  return part
}

/** What an allocation was made from; undefined: no longer kept. */
export const findProblem = (ctx: Ctx, id: string): Problem | undefined =>
  readPart(ctx, id, 'problem') as Problem | undefined

/** What an allocation found; refuses one of which it is no longer kept. */
export const getSolution = (ctx: Ctx, id: string): Solution =>
  kept(readPart(ctx, id, 'solution') as Solution | undefined)

/** Both; refuses an allocation of which either is no longer kept. */
export const getDetail = (ctx: Ctx, id: string): Detail => ({
  problem: kept(findProblem(ctx, id)),
  solution: getSolution(ctx, id),
})

/** The last allocation of a CPTS that was not thrown away, if what it found is kept. */
export const findLastDraft = (
  ctx: Ctx,
  communityId: string,
): { readonly problem: Problem | undefined; readonly solution: Solution } | undefined => {
  const row = store.lastDraft(ctx.db, communityId)
  const solution = row && (readPart(ctx, row.id, 'solution') as Solution | undefined)
  return solution && { problem: findProblem(ctx, row.id), solution }
}

export type StandingLock = Pick<
  store.AdjustmentRow,
  'requestId' | 'practitionerId' | 'reason' | 'actor' | 'createdAt'
>

/** The locks that stand: of each request the last thing decided. */
export const locksOf = (ctx: Ctx, id: string): StandingLock[] => {
  const last = new Map(store.adjustmentsOf(ctx.db, id).map((row) => [row.requestId, row]))
  return [...last.values()].filter(({ lock }) => lock)
}

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
  const shown = readPart(ctx, row.id, 'shown') as Kept | undefined
  return {
    ...summaryOf(row),
    shown: shown ? wordedOf(shown) : null,
    certificate: shown?.certificate ?? null,
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

// Keeping

/** What becomes of a simulation: what its row says, and what is too long for one. */
export interface Outcome extends Found {
  readonly problem: Problem
  readonly row: Pick<store.AllocationRow, 'rulesVersion' | 'inputHash' | 'totals'>
}

const writeFound = (ctx: Ctx, id: string, { solution, shown }: Found): void => {
  const { certificate } = solution
  store.writePart(ctx.db, id, 'solution', JSON.stringify(solution))
  store.writePart(ctx.db, id, 'shown', JSON.stringify({ ...shown, certificate } satisfies Kept))
}

const writeParts = (ctx: Ctx, id: string, { problem, ...found }: Outcome): void => {
  store.writePart(ctx.db, id, 'problem', JSON.stringify(problem))
  writeFound(ctx, id, found)
}

/** Keeps a new simulation. Asks for no right, tells of nothing. */
export const keepAllocation = (
  ctx: Ctx,
  made: Pick<store.AllocationRow, 'communityId' | 'origin' | 'seed'>,
  outcome: Outcome,
  locks: readonly StandingLock[],
): AllocationView => {
  const id = ctx.newId('allocation')
  store.insertAllocation(ctx.db, {
    ...made,
    ...outcome.row,
    id,
    state: 'simulated',
    version: 1,
    actor: actorName(ctx.actor),
    createdAt: ctx.now,
    publishedAt: null,
    publishedBy: null,
  })
  writeParts(ctx, id, outcome)
  store.insertAdjustments(
    ctx.db,
    locks.map((lock, index) => ({ ...lock, allocationId: id, number: index + 1, lock: true })),
  )
  return getAllocation(ctx, id)
}

/** Keeps what was found in the place of what a simulation was, and what was decided. Asks for no right, tells of nothing. */
export const replaceOutcome = (
  ctx: Ctx,
  id: string,
  outcome: Outcome,
  decided: Pick<store.AdjustmentRow, 'requestId' | 'practitionerId' | 'lock' | 'reason'>,
): AllocationView => {
  writeParts(ctx, id, outcome)
  const number = store.adjustmentsOf(ctx.db, id).length + 1
  store.insertAdjustments(ctx.db, [
    { ...decided, allocationId: id, number, actor: actorName(ctx.actor), createdAt: ctx.now },
  ])
  store.updateAllocation(ctx.db, id, outcome.row)
  return getAllocation(ctx, id)
}

/** Notes that an allocation was published. Asks for no right, tells of nothing. */
export const markPublished = (ctx: Ctx, id: string): AllocationView => {
  store.updateAllocation(ctx.db, id, {
    state: 'published',
    publishedAt: ctx.now,
    publishedBy: actorName(ctx.actor),
  })
  return getAllocation(ctx, id)
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

/**
 * Throws away up to `limit` simulations that nobody published, and forgets the detail of as many old published ones;
 * returns how many of whichever are more.
 */
export const forgetAllocations = (ctx: Ctx, limit: number): number => {
  const drafts = store.oldDrafts(ctx.db, plus(ctx.now, -DRAFT_KEPT), limit)
  for (const id of drafts) discard(ctx, getAllocationRow(ctx, id), 'old')
  const details = store.oldDetails(ctx.db, plus(ctx.now, -DETAIL_KEPT), limit)
  store.deleteParts(ctx.db, details)
  return Math.max(drafts.length, details.length)
}

/**
 * Takes a request out of all that allocations of its CPTS made until then say of it, as its household is forgotten (RGPD
 * article 17). What they were made from goes as a whole: nobody can be taken out of it without making another problem of it.
 * Asks for no right, tells of nothing.
 */
export const forgetRequest = (
  ctx: Ctx,
  { id, communityId }: { readonly id: string; readonly communityId: string },
  until: Instant,
): void => {
  for (const allocationId of store.keptUntil(ctx.db, communityId, until)) {
    const shown = readPart(ctx, allocationId, 'shown') as Kept | undefined
    const solution = readPart(ctx, allocationId, 'solution') as Solution | undefined
    if (!shown || !solution || !names(solution, id)) continue
    store.deletePart(ctx.db, allocationId, 'problem')
    writeFound(ctx, allocationId, without(id, { solution, shown }))
    store.emptyReasons(ctx.db, allocationId, id)
    // Another version: nothing that was read of it before answers any more.
    store.updateAllocation(ctx.db, allocationId, {})
  }
}
