import type { Api } from '../../../edge/http.ts'
import { formatInstant } from '../../../kernel/civil.ts'
import { absent, Refused } from '../../../kernel/refusal.ts'
import type { Instant } from '../../../kernel/time.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

interface Running extends actions.Progress {
  readonly startedAt: Instant
}

export const generationRoutes = (api: Api): void => {
  // A territory is served by one process, and what it was about when it died is not running any more.
  const running = new Map<string, Running>()

  api.onLong(contract.generateRota, {
    prepare: (ctx, { params, body, ifMatch }) => {
      const prepared = actions.prepareGeneration(ctx, params.id, body, ifMatch)
      if (running.has(params.id)) throw new Refused(actions.GENERATION_RUNNING)
      return { rotaId: params.id, prepared }
    },
    think: async ({ rotaId, prepared }, pause) => {
      const report = (progress: actions.Progress) => {
        running.set(rotaId, { ...progress, startedAt: prepared.startedAt })
      }
      report({ steps: 0, planned: 0, unfilled: 0 })
      try {
        return await actions.think(prepared, pause, report)
      } finally {
        running.delete(rotaId)
      }
    },
    finish: (ctx, { params, body }, thought) => actions.finishGeneration(ctx, params.id, body, thought),
  })

  api.on(contract.getGeneration, (ctx, { params }) => {
    const last = actions.findLastGeneration(ctx, params.id)
    const now = running.get(params.id)
    if (now) {
      const { startedAt, ...progress } = now
      return {
        state: 'running' as const,
        ...progress,
        startedAt: formatInstant(startedAt, ctx.territory.zone),
      }
    }
    if (!last) throw new Refused(absent('Génération'))
    const { startedAt, finishedAt, result, ...progress } = last
    return {
      ...progress,
      startedAt: formatInstant(startedAt, ctx.territory.zone),
      ...(finishedAt === null ? {} : { finishedAt: formatInstant(finishedAt, ctx.territory.zone) }),
      ...(result === null ? {} : { result }),
    }
  })
}
