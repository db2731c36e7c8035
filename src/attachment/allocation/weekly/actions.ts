import type { Ctx } from '../../../db/db.ts'
import { rulesOf } from '../../grid/actions.ts'
import {
  finishSimulation,
  prepareSimulation,
  think,
  type Prepared,
  type Thought,
} from '../simulation/actions.ts'
import { isRun, nextRun } from './rules.ts'
import * as store from './store.ts'

export type { Prepared } from '../simulation/actions.ts'

/** Brings the plan of runs up to the rules in force: counted from when they were set, so that a late tick misses none. */
export const planRuns = (ctx: Ctx): void => {
  const { zone } = ctx.territory
  for (const { communityId, rules, since, nextAt } of store.rulesInForce(ctx.db)) {
    const { weeklyRun } = rules
    if (weeklyRun === null) {
      if (nextAt !== null) store.deleteRun(ctx.db, communityId)
    } else if (nextAt === null || !isRun(weeklyRun, nextAt, zone))
      store.setRun(ctx.db, communityId, nextRun(weeklyRun, since, zone))
  }
}

/** CPTS whose simulation of the week is to be made now. */
export const dueRuns = (ctx: Ctx): string[] => store.dueRuns(ctx.db, ctx.now)

/** Reads what the simulation of the week is made from. */
export const prepareRun = (ctx: Ctx, communityId: string): Prepared => prepareSimulation(ctx, { communityId })

export const thinkRun = (prepared: Prepared, pause: () => Promise<unknown>): Promise<Thought> =>
  think(prepared, pause, () => undefined)

/**
 * Keeps the simulation of the week, and plans the next: however late this one is, it is one. Nothing is done when somebody
 * else was sooner. Nobody is proposed to anybody: that is for a person to decide.
 */
export const finishRun = (ctx: Ctx, thought: Thought): void => {
  const { communityId } = thought.prepared
  if (!store.isDue(ctx.db, communityId, ctx.now)) return
  finishSimulation(ctx, thought, { origin: 'weekly' })
  const { weeklyRun } = rulesOf(ctx, communityId).rules
  if (weeklyRun === null) store.deleteRun(ctx.db, communityId)
  else store.setRun(ctx.db, communityId, nextRun(weeklyRun, ctx.now, ctx.territory.zone))
}
