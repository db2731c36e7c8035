import type { Api } from '../../../edge/http.ts'
import { requestOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const householdRoutes = (api: Api): void => {
  api.on(contract.addMember, (ctx, { params, body, ifMatch }) =>
    requestOut(ctx, actions.addMember(ctx, params.id, body, ifMatch)),
  )
  api.on(contract.takeOutMember, (ctx, { params, body, ifMatch }) =>
    requestOut(ctx, actions.takeOutMember(ctx, params.id, params.number, body.reason, ifMatch)),
  )
}
