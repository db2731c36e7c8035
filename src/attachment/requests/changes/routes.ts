import type { Api } from '../../../edge/http.ts'
import { requestOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const changeRoutes = (api: Api): void => {
  api.on(contract.updateRequest, (ctx, { params, body, ifMatch }) =>
    requestOut(ctx, actions.updateRequest(ctx, params.id, body, ifMatch)),
  )
}
