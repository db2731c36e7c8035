import type { Api } from '../../../edge/http.ts'
import { formatInstant } from '../../../kernel/civil.ts'
import type { Instant } from '../../../kernel/time.ts'
import { allocationOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

interface Running extends actions.Progress {
  readonly startedAt: Instant
}

export const simulationRoutes = (api: Api): void => {
  // A territory is served by one process, and what it was about when it died is not running any more.
  const running = new Map<string, Running>()

  const thinking = async <P extends actions.Prepared>(prepared: P, pause: () => Promise<Instant>) => {
    const { communityId, startedAt } = prepared
    const report = (progress: actions.Progress) => {
      running.set(communityId, { ...progress, startedAt })
    }
    report({ done: 0, of: 0 })
    try {
      return { ...(await actions.think(prepared, pause, report)), prepared }
    } finally {
      running.delete(communityId)
    }
  }

  api.onLong(contract.createAllocation, {
    prepare: (ctx, { body }) => actions.prepareSimulation(ctx, body),
    think: (prepared, pause) => thinking(prepared, pause),
    finish: (ctx, { body }, thought) =>
      allocationOut(
        ctx,
        actions.finishSimulation(ctx, thought, { origin: 'asked', keepLocksOf: body.keepLocksOf }),
      ),
  })

  api.onLong(contract.adjustAllocation, {
    prepare: (ctx, { params, body, ifMatch }) => actions.prepareAdjustment(ctx, params.id, body, ifMatch),
    think: (prepared, pause) => thinking(prepared, pause),
    finish: (ctx, { params, body }, thought) => {
      const view = actions.finishAdjustment(ctx, params.id, body, thought)
      return view && allocationOut(ctx, view)
    },
  })

  api.on(contract.getAllocationProgress, (ctx, { params }) => {
    actions.assertAllocates(ctx, params.id)
    const now = running.get(params.id)
    if (!now) return { state: 'idle' as const, done: 0, of: 0 }
    return {
      state: 'running' as const,
      done: now.done,
      of: now.of,
      startedAt: formatInstant(now.startedAt, ctx.territory.zone),
    }
  })
}
