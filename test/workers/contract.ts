import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { it } from 'vitest'
import { migrate } from '../../src/db/migrate.ts'
import { MIGRATIONS } from '../../src/platform/workers/migrations.ts'
import { databaseOf, territoryOver } from '../../src/platform/workers/storage.ts'
import { suites } from '../contract/suites.ts'
import type { Rule } from '../support/runtime.ts'
import { makeWorld, type Ground } from '../support/world.ts'

const ground = (storage: DurableObjectStorage): Ground => {
  migrate(databaseOf(storage), (fn) => storage.transactionSync(fn), MIGRATIONS)
  return { territory: (info) => territoryOver(storage, info), close: () => undefined }
}

// Each test has an object of its own: storage is not rolled back between the tests of a file.
const rule: Rule = (title, fn, options) =>
  it(title, async () => {
    const stub = env.TERRITORY.get(env.TERRITORY.newUniqueId())
    await runInDurableObject(stub, async (_object, state) => {
      await fn(await makeWorld(ground(state.storage), options))
    })
  })

/** Runs every so many-th suite: one isolate has not the memory for the apps of all their worlds. */
export const runContract = (part: number, parts: number): void => {
  suites.forEach((suite, i) => {
    if (i % parts === part) suite(rule)
  })
}
