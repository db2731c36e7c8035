import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bring, Model, proposalsStage, steps, type Planted } from '../support/proposals-model.ts'
import { nodeGround } from '../support/node-ground.ts'
import { makeWorld } from '../support/world.ts'

/** Returns what requests and proposals came to. */
const check = async (runs: number, planted?: Planted): Promise<Set<string>> => {
  const ground = nodeGround()
  const ends = new Set<string>()
  try {
    // Where the hour never changes, seven days are seven times 24 hours.
    const world = await makeWorld(ground, { info: { zone: 'Indian/Reunion' } })
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 50, size: 'max' }), async (commands) => {
        const real = await proposalsStage(world)
        const model = new Model(world.clock.now(), planted)
        for (const members of [1, 2]) await bring(model, real, members)
        await fc.asyncModelRun(() => ({ model, real }), commands)
        for (const { state } of model.requests) ends.add(`request ${state}`)
        for (const { state } of model.proposals) ends.add(`proposal ${state}`)
      }),
      { seed: 4, numRuns: runs, endOnFailure: true },
    )
  } finally {
    await ground.close()
  }
  return ends
}

describe('requests, proposals, answers, calls, ticks and time, in any order', () => {
  it('[PROP-17] nobody is lost, nobody is twice, no seniority moves: as a model has it', async () => {
    // Ends that no run came to would prove nothing.
    expect([...(await check(80))].sort()).toEqual(
      [
        ...['waiting', 'proposed', 'accepted', 'placed', 'withdrawn', 'unreachable', 'escalated'].map(
          (state) => `request ${state}`,
        ),
        ...['open', 'accepted', 'declared', 'refused', 'expired', 'declined', 'unreachable', 'withdrawn'].map(
          (state) => `proposal ${state}`,
        ),
      ].sort(),
    )
  }, 120_000)

  it.each<Planted>([
    'a silent GP keeps the patient',
    'a silence is no refusal',
    'a pair may be proposed again',
    'a refusal costs the seniority',
    'the patient’s no is a refusal',
    'two vain attempts are enough',
    'a proposal taken back is never made again',
    'a declaration frees',
    'who left is waited for',
    'one GP’s vain attempts are everybody’s',
    'a change leaves what was proposed',
  ])(
    '[PROP-17] the model finds a planted fault: %s',
    async (planted) => {
      await expect(check(80, planted)).rejects.toThrow()
    },
    60_000,
  )
})
