import { describe, expect, it } from 'vitest'
import { drawProblem, RICH_SIZE } from '../../../../test/attachment/problems.ts'
import { solveAll } from '../solver/solve.ts'
import { names, proposalsOf, shownOf, totalsOf, without } from './rules.ts'

const shownAll = (...given: Parameters<typeof shownOf>) => {
  const slices = shownOf(...given)
  for (;;) {
    const slice = slices.next()
    if (slice.done) return slice.value
  }
}

const drawn = Array.from({ length: 40 }, (_, seed) => {
  const problem = drawProblem(seed, RICH_SIZE)
  const solution = solveAll(problem)
  return { problem, solution, shown: shownAll(problem, solution) }
})

describe('what is shown of an allocation', () => {
  it('[ALLOC-40] everybody is in one proposal or in one reason, with the counts that the engine gives', () => {
    for (const { problem, solution, shown } of drawn) {
      const named = [...shown.proposals, ...shown.unplaced].flatMap(({ requestId, members }) =>
        members.map((member) => `${requestId}/${member}`),
      )
      const all = problem.households.flatMap(({ id, members }) =>
        members.map(({ number }) => `${id}/${number}`),
      )
      expect(named.sort()).toEqual(all.sort())
      const ranks = shown.proposals.map(({ why }) => why.rank)
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
      for (const { why } of shown.proposals) expect(why.nearer).toBeLessThan(Math.max(1, why.candidates))
      const totals = totalsOf(problem, solution, shown, { toQualify: 0, optimal: true })
      expect(totals.placed).toBe(shown.proposals.reduce((sum, { members }) => sum + members.length, 0))
      expect(totals.byClass.reduce((sum, one) => sum + one.people, 0)).toBe(all.length)
      expect(shown.proposals.map(({ why: _, ...one }) => one)).toEqual(
        expect.arrayContaining(proposalsOf(problem, solution)),
      )
    }
  })

  it('[ALLOC-66] who is forgotten is nowhere in it, and nothing of the others changes', () => {
    for (const { problem, ...found } of drawn)
      for (const { id } of problem.households) {
        expect(names(found.solution, id)).toBe(true)
        const left = without(id, found)
        expect(names(left.solution, id)).toBe(false)
        expect(JSON.stringify(left)).not.toContain(`"${id}"`)
        expect(left.shown.proposals.length + left.shown.unplaced.length).toBe(
          [...found.shown.proposals, ...found.shown.unplaced].filter(({ requestId }) => requestId !== id)
            .length,
        )
      }
  })
})
