import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { paged, pageOf } from '../../edge/paging.ts'
import { formatInstant } from '../../kernel/civil.ts'
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

export const allocationRoutes = (api: Api): void => {
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
