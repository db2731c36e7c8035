import type { Api } from '../../../edge/http.ts'
import { requestOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const closingRoutes = (api: Api): void => {
  api.on(contract.withdrawRequest, (ctx, { params, body, ifMatch }) =>
    requestOut(ctx, actions.withdrawRequest(ctx, params.id, body.reason, ifMatch)),
  )
  api.on(contract.eraseRequest, (ctx, { params, body }) =>
    requestOut(ctx, actions.eraseRequest(ctx, params.id, body.requestedBy ?? 'patient')),
  )
}
