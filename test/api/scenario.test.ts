import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { nodeGround } from '../support/node-ground.ts'
import { recordScenario, SCENARIO_WORLD } from '../support/scenario.ts'
import { makeWorld } from '../support/world.ts'

const TRANSCRIPT = new URL('../support/scenario.txt', import.meta.url)

it('[CF-5] the recorded scenario gives the same bytes on Node', async () => {
  const { text, count } = await recordScenario(await makeWorld(nodeGround(), SCENARIO_WORLD))
  expect(count).toBeGreaterThanOrEqual(200)
  if (process.env.RECORD === 'scenario') writeFileSync(TRANSCRIPT, text)
  expect(text).toBe(readFileSync(TRANSCRIPT, 'utf8'))
})
