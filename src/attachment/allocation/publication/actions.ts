import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { absent, Refused, refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import { rulesOf } from '../../grid/actions.ts'
import { sendProposals } from '../../proposals/actions.ts'
import { bringUpToDate } from '../../requests/classes/actions.ts'
import {
  findProblem,
  getAllocationRow,
  getSolution,
  markPublished,
  type AllocationRow,
  type AllocationView,
  type Detail,
} from '../actions.ts'
import { proposalsOf } from '../outcome/rules.ts'
import { loadMaterial } from '../problem/actions.ts'
import { inputHash, lastOf, problemOf, waitedAsIn, type Lock } from '../problem/rules.ts'
import { mayPublish, refuseAllocationStep, refuseStaleSimulation, refuseUnproven, STALE } from '../rules.ts'
import { checking } from '../solver/certificate.ts'
import type { Problem } from '../solver/model.ts'

/** The problem as it would be made now, around the same locks, near to what it was made near to, on the same day. */
const presentProblem = (ctx: Ctx, communityId: string, made: Problem) => {
  const { material, rulesVersion, weekPoints } = loadMaterial(ctx, communityId)
  const locks = new Map<string, Lock>()
  for (const { id, lock } of made.households) if (lock !== null) locks.set(id, lock)
  const problem = problemOf(material, { seed: made.seed, locks, last: lastOf(made) })
  return { problem: waitedAsIn(problem, made, weekPoints), rulesVersion }
}

/** A simulation that may be published, as it was read. */
export interface Prepared extends Detail {
  readonly row: AllocationRow
}

const getPublishable = (ctx: Ctx, id: string, ifMatch: number | undefined): AllocationRow => {
  if (!mayPublish(ctx.actor)) throw new Refused(absent('Répartition'))
  const row = getAllocationRow(ctx, id)
  unlessRefused(refuseStale(row.version, ifMatch))
  unlessRefused(refuseAllocationStep(row.state, 'publish'))
  return row
}

/** The present state as a problem; refused when it is not the one that the simulation was made from. */
const getPresent = (ctx: Ctx, row: AllocationRow, made: Problem): Problem => {
  const { problem, rulesVersion } = presentProblem(ctx, row.communityId, made)
  unlessRefused(refuseStaleSimulation(row, { inputHash: inputHash(problem), rulesVersion }))
  return problem
}

/** Reads a simulation that is to be published. */
export const preparePublication = (ctx: Ctx, id: string, ifMatch: number | undefined): Prepared => {
  const row = getPublishable(ctx, id, ifMatch)
  const made = findProblem(ctx, id)
  if (!made) throw new Refused(STALE)
  return { row, problem: getPresent(ctx, row, made), solution: getSolution(ctx, id) }
}

export interface Thought extends Prepared {
  readonly faults: readonly string[]
}

/** Checks it again, with a pause after each slice of work. */
export const think = async (prepared: Prepared, pause: () => Promise<unknown>): Promise<Thought> => {
  const slices = checking(prepared.problem, prepared.solution)
  for (;;) {
    const slice = slices.next()
    if (slice.done) return { ...prepared, faults: slice.value }
    await pause()
  }
}

/**
 * Sends the proposals of a simulation to the practitioners. A person does so, never time alone (RGPD, article 22); and
 * only what is still true and proven: the state is the one that it was made from, and the checker found no fault in it.
 * Undefined when the simulation itself has changed since it was checked.
 */
export const finishPublication = (
  ctx: Ctx,
  id: string,
  ifMatch: number | undefined,
  { row: { version }, problem, solution, faults }: Thought,
): AllocationView | undefined => {
  const row = getPublishable(ctx, id, ifMatch)
  if (row.version !== version) return undefined
  getPresent(ctx, row, problem)
  unlessRefused(refuseUnproven(faults))
  bringUpToDate(ctx, row.communityId)
  const { rules } = rulesOf(ctx, row.communityId)
  sendProposals(ctx, { allocationId: id, batch: proposalsOf(problem, solution), rules })
  const view = markPublished(ctx, id)
  append(ctx, {
    type: 'allocation.published',
    subject: id,
    data: {
      communityId: view.communityId,
      proposals: view.totals.proposals,
      people: view.totals.placed,
      practitioners: view.totals.practitioners,
      byClass: view.totals.byClass,
      rulesVersion: view.rulesVersion,
      inputHash: view.inputHash,
    },
  })
  return view
}
