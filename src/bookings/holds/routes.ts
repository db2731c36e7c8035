import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { formatInstant } from '../../kernel/civil.ts'
import { showAlternatives } from '../availability/routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const holdOut = (ctx: Ctx, hold: actions.HoldView) => ({
  ...hold,
  expiresAt: formatInstant(hold.expiresAt, ctx.territory.zone),
})

export const holdRoutes = (api: Api): void => {
  api.on(contract.holdSlot, (ctx, { params }) =>
    holdOut(
      ctx,
      showAlternatives(ctx, () => actions.holdSlot(ctx, params.id)),
    ),
  )
  api.on(contract.extendHold, (ctx, { params }) => holdOut(ctx, actions.extendHold(ctx, params.id)))
  api.on(contract.releaseHold, (ctx, { params }) => actions.releaseHold(ctx, params.id))
}
