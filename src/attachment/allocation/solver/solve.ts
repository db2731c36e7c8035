import { placeInOrder, placeLocked } from './construct.ts'
import { Flow } from './flow.ts'
import { indexProblem } from './instance.ts'
import type { Problem } from './model.ts'
import { regroup } from './regroup.ts'
import { solutionOf } from './result.ts'
import type { Progress, Solution } from './solution.ts'

/**
 * Proposes a practitioner to as many as can have one, in order of rank: urgency, weeks waited, points, id. Nobody placed is
 * taken away for somebody after them; distance, equity and the last draft decide only where. A slice of work at a time;
 * deterministic: no clock, no chance but the seed, and the order of the problem's lists has no meaning.
 */
export function* solve(problem: Problem): Generator<Progress, Solution, void> {
  const of = problem.households.reduce((sum, { members }) => sum + members.length, 0)
  const flow = new Flow(yield* pausing(indexProblem(problem), { done: 0, of }))
  const decided = placeLocked(flow)
  yield* placeInOrder(flow, decided)
  yield { done: of, of }
  flow.revive()
  const regrouped = yield* pausing(regroup(flow), { done: of, of })
  return yield* pausing(solutionOf(flow, decided, regrouped), { done: of, of })
}

/** A part of the work that says nothing of how far it is. */
function* pausing<T>(slices: Generator<void, T, void>, progress: Progress): Generator<Progress, T, void> {
  for (;;) {
    const slice = slices.next()
    if (slice.done) return slice.value
    yield progress
  }
}

/** The same without a pause. */
export const solveAll = (problem: Problem): Solution => {
  const slices = solve(problem)
  for (;;) {
    const slice = slices.next()
    if (slice.done) return slice.value
  }
}
