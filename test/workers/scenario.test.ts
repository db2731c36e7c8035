import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { migrate } from '../../src/db/migrate.ts'
import { MIGRATIONS } from '../../src/platform/workers/migrations.ts'
import { databaseOf, territoryOver } from '../../src/platform/workers/storage.ts'
import { recordScenario, SCENARIO_WORLD } from '../support/scenario.ts'
import recorded from '../support/scenario.txt?raw'
import { makeWorld } from '../support/world.ts'

it('[CF-5] the recorded scenario gives the same bytes in workerd', async () => {
  await runInDurableObject(env.TERRITORY.get(env.TERRITORY.newUniqueId()), async (_object, { storage }) => {
    migrate(databaseOf(storage), (fn) => storage.transactionSync(fn), MIGRATIONS)
    const world = await makeWorld(
      { territory: (info) => territoryOver(storage, info), close: () => undefined },
      SCENARIO_WORLD,
    )
    const { text } = await recordScenario(world)
    expect(text).toBe(recorded)
  })
})
