import { describe, expect, it } from 'vitest'
import { solveAll } from '../../src/attachment/allocation/solver/solve.ts'
import { leastByHighs, linearProgram } from './oracles.ts'
import { drawProblem, PLAIN_SIZE, RICH_SIZE, type Size } from './problems.ts'

describe('against HiGHS', () => {
  const sizes: readonly [string, Size][] = [
    ['40 people, 8 practitioners', PLAIN_SIZE],
    ['60 people, all there is', { ...RICH_SIZE, households: 50 }],
    ['200 people, 30 practitioners', { ...PLAIN_SIZE, households: 200, doctors: 30 }],
    ['300 people, 30 practitioners, all there is', { ...RICH_SIZE, households: 200, doctors: 30 }],
    [
      '300 people, limits and reserves',
      {
        ...PLAIN_SIZE,
        households: 300,
        doctors: 30,
        limits: true,
        reserves: true,
        weights: RICH_SIZE.weights,
      },
    ],
  ]

  it.each(sizes)('[ALLOC-6] the cost is that of the linear program: %s', async (_, size) => {
    for (const seed of [1, 2]) {
      const problem = drawProblem(seed, size)
      const solution = solveAll(problem)
      expect(await leastByHighs(linearProgram(problem, solution))).toBe(solution.certificate.cost)
    }
  })

  it('[ALLOC-6] HiGHS knows an allocation that is not the best', async () => {
    const problem = drawProblem(5, PLAIN_SIZE)
    const solution = solveAll(problem)
    const wide = { ...problem, doctors: problem.doctors.map((one) => ({ ...one, places: one.places + 1 })) }
    expect(await leastByHighs(linearProgram(wide, solution))).toBeLessThan(solution.certificate.cost)
  })
})
