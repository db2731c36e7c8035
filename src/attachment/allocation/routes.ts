import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { paged, pageOf } from '../../edge/paging.ts'
import { formatInstant } from '../../kernel/civil.ts'
import type { Instant } from '../../kernel/time.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const totalsOut = ({
  totals: { toQualify: _, optimal: __, ...totals },
}: actions.AllocationSummary) => ({
  ...totals,
  byClass: [...totals.byClass],
})

const summaryOut = (ctx: Ctx, row: actions.AllocationSummary) => {
  const { toQualify, optimal } = row.totals
  return {
    id: row.id,
    communityId: row.communityId,
    state: row.state,
    origin: row.origin,
    seed: row.seed,
    totals: totalsOut(row),
    toQualify,
    optimal,
    rulesVersion: row.rulesVersion,
    inputHash: row.inputHash,
    createdAt: formatInstant(row.createdAt, ctx.territory.zone),
    ...(row.publishedAt === null ? {} : { publishedAt: formatInstant(row.publishedAt, ctx.territory.zone) }),
    version: row.version,
  }
}

export const allocationOut = (ctx: Ctx, view: actions.AllocationView) => ({
  ...summaryOut(ctx, view),
  ...(view.shown === null
    ? {}
    : {
        proposals: view.shown.proposals.map((one) => ({ ...one, members: [...one.members] })),
        unplaced: view.shown.unplaced.map((one) => ({
          ...one,
          members: [...one.members],
          because: [...one.because],
        })),
      }),
  ...(view.certificate === null
    ? {}
    : {
        certificate: {
          cost: view.certificate.cost,
          prices: view.certificate.prices.map((price) => ({ ...price })),
          regrouped: [...view.certificate.regrouped],
        },
      }),
  locks: view.locks.map(({ requestId, practitionerId, reason, actor, createdAt }) => ({
    requestId,
    practitionerId,
    reason,
    by: actor,
    at: formatInstant(createdAt, ctx.territory.zone),
  })),
})

interface Running extends actions.Progress {
  readonly startedAt: Instant
}

export const allocationRoutes = (api: Api): void => {
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

  api.on(contract.listAllocations, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listAllocations(ctx, query, after, limit),
      limit,
      (row) => row.id,
      (row) => summaryOut(ctx, row),
    )
  })
  api.on(contract.getAllocation, (ctx, { params }) =>
    allocationOut(ctx, actions.getAllocation(ctx, params.id)),
  )
  api.on(contract.discardAllocation, (ctx, { params, ifMatch }) =>
    allocationOut(ctx, actions.discardAllocation(ctx, params.id, ifMatch)),
  )
}
