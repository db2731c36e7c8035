import { describe, expect } from 'vitest'
import { check } from '../../src/attachment/allocation/solver/certificate.ts'
import { open } from '../../src/attachment/allocation/solver/session.ts'
import { solveAll } from '../../src/attachment/allocation/solver/solve.ts'
import { drawProblem, RICH_SIZE } from '../attachment/problems.ts'
import type { Suite } from '../support/runtime.ts'

/** Of the allocation of one problem with all there is, on every machine and runtime. */
const HASH = '27b1d74d0d0cea100d6f5b72c238ef66e3df8e0539c9c68d1b37f9f9a1ee5c9d'

const sha256 = async (text: string): Promise<string> => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export const allocationEngineSuite: Suite = (rule) => {
  describe('the allocation engine', () => {
    rule('[ALLOC-9] the same problem gives the same bytes on every runtime', async () => {
      const problem = drawProblem(92, { ...RICH_SIZE, households: 400, doctors: 40, places: 8, side: 40 })
      const solution = solveAll(problem)
      expect(check(problem, solution)).toEqual([])
      const session = open(problem, solution)
      const answers = problem.households
        .slice(0, 20)
        .map(({ id }, i) => [session.explain(id), session.whatIf(id, problem.doctors[i]!.id)])
      expect(await sha256(JSON.stringify([solution, answers]))).toBe(HASH)
    })
  })
}
