import type { World, WorldOptions } from './world.ts'

/**
 * Declares one test of the contract: `fn` gets a fresh territory, made in whatever runtime runs the suite. Suites are
 * functions of this, so that every runtime runs every one of them whole.
 */
export type Rule = (title: string, fn: (world: World) => Promise<void>, options?: WorldOptions) => void

export type Suite = (rule: Rule) => void
