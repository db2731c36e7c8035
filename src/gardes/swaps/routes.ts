import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { paged, pageOf } from '../../edge/paging.ts'
import { formatInstant } from '../../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const swapOut = (ctx: Ctx, swap: actions.SwapView) => ({
  id: swap.id,
  sectorId: swap.sectorId,
  kind: swap.kind,
  state: swap.state,
  shiftId: swap.shiftId,
  place: swap.place,
  ...(swap.withShiftId === null ? {} : { withShiftId: swap.withShiftId }),
  ...(swap.withPlace === null ? {} : { withPlace: swap.withPlace }),
  fromPractitionerId: swap.fromPractitionerId,
  ...(swap.toPractitionerId === null ? {} : { toPractitionerId: swap.toPractitionerId }),
  ...(swap.outsideName === null || swap.outsideRpps === null || swap.outsidePhone === null
    ? {}
    : { outside: { name: swap.outsideName, rpps: swap.outsideRpps, phone: swap.outsidePhone } }),
  ...(swap.reason === null ? {} : { reason: swap.reason }),
  askedBy: swap.askedBy,
  askedAt: formatInstant(swap.createdAt, ctx.territory.zone),
  expiresAt: formatInstant(swap.expiresAt, ctx.territory.zone),
  ...(swap.decidedAt === null ? {} : { decidedAt: formatInstant(swap.decidedAt, ctx.territory.zone) }),
  version: swap.version,
})

export const swapRoutes = (api: Api): void => {
  api.on(contract.askSwap, (ctx, { body }) => swapOut(ctx, actions.askSwap(ctx, body)))
  api.on(contract.listSwaps, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listSwaps(ctx, query, after, limit),
      limit,
      (swap) => swap.id,
      (swap) => swapOut(ctx, swap),
    )
  })
  api.on(contract.getSwap, (ctx, { params }) => swapOut(ctx, actions.getSwap(ctx, params.id)))
  api.on(contract.acceptSwap, (ctx, { params, ifMatch }) =>
    swapOut(ctx, actions.acceptSwap(ctx, params.id, ifMatch)),
  )
  api.on(contract.declineSwap, (ctx, { params, ifMatch }) =>
    swapOut(ctx, actions.declineSwap(ctx, params.id, ifMatch)),
  )
  api.on(contract.approveSwap, (ctx, { params, ifMatch }) =>
    swapOut(ctx, actions.approveSwap(ctx, params.id, ifMatch)),
  )
  api.on(contract.cancelSwap, (ctx, { params, ifMatch }) =>
    swapOut(ctx, actions.cancelSwap(ctx, params.id, ifMatch)),
  )
}
