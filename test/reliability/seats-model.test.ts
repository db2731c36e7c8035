import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeGround } from '../support/node-ground.ts'
import { newModel, seatsStage, steps, type Planted } from '../support/seats-model.ts'
import { makeWorld } from '../support/world.ts'

const RUNS = 2_000
const STEPS = 50

const check = async (runs: number, planted?: Planted) => {
  const { fresh } = await seatsStage(await makeWorld(nodeGround()))
  await fc.assert(
    fc.asyncProperty(fc.commands(steps(planted), { maxCommands: STEPS, size: 'max' }), async (commands) => {
      const real = await fresh()
      await fc.asyncModelRun(() => ({ model: newModel(), real }), commands)
    }),
    { seed: 180, numRuns: runs, endOnFailure: true },
  )
}

describe('hold, extend, release, book, cancel, move and time, in any order', () => {
  it('[HOLD-8] seats, refusals and what is shown are those of a model', async () => {
    await check(RUNS)
  }, 240_000)

  it.each<Planted>(['cancel does nothing', 'expired holds stay', 'a move keeps the old seat'])(
    '[HOLD-8] the model finds a planted fault: %s',
    async (planted) => {
      await expect(check(200, planted)).rejects.toThrow()
    },
  )
})
