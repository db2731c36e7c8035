import { it } from 'vitest'
import { nodeGround } from '../support/node-ground.ts'
import type { Rule } from '../support/runtime.ts'
import { makeWorld } from '../support/world.ts'
import { suites } from './suites.ts'

const rule: Rule = (title, fn, options) =>
  it(title, async () => {
    const ground = nodeGround()
    try {
      await fn(await makeWorld(ground, options))
    } finally {
      await ground.close()
    }
  })

for (const suite of suites) suite(rule)
