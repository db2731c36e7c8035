import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { absent, Refused, refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import { rulesOf } from '../../grid/actions.ts'
import { sendProposals } from '../../proposals/actions.ts'
import { findProblem, getAllocationRow, getSolution, markPublished, type AllocationView } from '../actions.ts'
import { proposalsOf } from '../outcome/rules.ts'
import { loadMaterial } from '../problem/actions.ts'
import { inputHash, lastOf, problemOf, waitedAsIn, type Lock } from '../problem/rules.ts'
import { mayPublish, refuseAllocationStep, refuseStaleSimulation, refuseUnproven, STALE } from '../rules.ts'
import { check } from '../solver/certificate.ts'
import type { Problem } from '../solver/model.ts'

/** The problem as it would be made now, around the same locks, near to what it was made near to, on the same day. */
const presentProblem = (ctx: Ctx, communityId: string, made: Problem) => {
  const { material, rulesVersion } = loadMaterial(ctx, communityId)
  const locks = new Map<string, Lock>()
  for (const { id, lock } of made.households) if (lock !== null) locks.set(id, lock)
  const problem = problemOf(material, { seed: made.seed, locks, last: lastOf(made) })
  return { problem: waitedAsIn(problem, made), rulesVersion }
}

/**
 * Sends the proposals of a simulation to the practitioners. A person does so, never time alone (RGPD, article 22); and
 * only what is still true and proven: the state is the one that it was made from, and the checker finds no fault in it.
 */
export const publishAllocation = (ctx: Ctx, id: string, ifMatch: number | undefined): AllocationView => {
  if (!mayPublish(ctx.actor)) throw new Refused(absent('Répartition'))
  const row = getAllocationRow(ctx, id)
  unlessRefused(refuseStale(row.version, ifMatch))
  unlessRefused(refuseAllocationStep(row.state, 'publish'))
  const made = findProblem(ctx, id)
  if (!made) throw new Refused(STALE)
  const { problem, rulesVersion } = presentProblem(ctx, row.communityId, made)
  const solution = getSolution(ctx, id)
  unlessRefused(refuseStaleSimulation(row, { inputHash: inputHash(problem), rulesVersion }))
  unlessRefused(refuseUnproven(check(problem, solution)))
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
