import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { enSusStage, judgeJournal, Model, steps, type Planted } from '../support/en-sus-model.ts'
import { nodeGround } from '../support/node-ground.ts'
import { makeWorld } from '../support/world.ts'

/** Returns the ways in which requests ended. */
const check = async (runs: number, planted?: Planted): Promise<Set<string>> => {
  const ground = nodeGround()
  const ends = new Set<string>()
  try {
    const real = await enSusStage(await makeWorld(ground))
    await fc.assert(
      fc.asyncProperty(fc.commands(steps(planted), { maxCommands: 40, size: 'max' }), async (commands) => {
        const model = new Model(real.now())
        await fc.asyncModelRun(() => ({ model, real }), commands)
        await judgeJournal(model, real)
        for (const { state, because } of model.requests) ends.add(because ?? state)
      }),
      { seed: 92, numRuns: runs, endOnFailure: true },
    )
  } finally {
    await ground.close()
  }
  return ends
}

describe('request, accept, decline, close, book, tick and time, in any order', () => {
  it('[ENSUS-15] who is asked, who has the patient and how it ended are those of a model', async () => {
    // Ends that no run came to would prove nothing.
    expect(await check(120)).toEqual(new Set(['booked', 'closed', 'not_booked', 'all_declined', 'no_answer']))
  }, 120_000)

  it.each<Planted>([
    'a wave begins late',
    'a no changes nothing',
    'two may accept',
    'accepted is for ever',
    'a late tick shows',
  ])(
    '[ENSUS-15] the model finds a planted fault: %s',
    async (planted) => {
      await expect(check(80, planted)).rejects.toThrow()
    },
    60_000,
  )
})
