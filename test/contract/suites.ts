import type { Suite } from '../support/runtime.ts'
import { flowSuite } from './flow.suite.ts'
import { slotsSuite } from './slots.suite.ts'
import { idempotencySuite } from './idempotency.suite.ts'

/** The whole contract, in the order of the page that states it. Each runtime runs all of it. */
export const suites: readonly Suite[] = [flowSuite, slotsSuite, idempotencySuite]
