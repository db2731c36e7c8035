import type { Api } from '../../../edge/http.ts'
import { requestOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const arrivalRoutes = (api: Api): void => {
  api.on(contract.createRequest, (ctx, { body }) => requestOut(ctx, actions.createRequest(ctx, body)))
}
