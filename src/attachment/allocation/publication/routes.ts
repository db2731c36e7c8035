import type { Api } from '../../../edge/http.ts'
import { allocationOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const publicationRoutes = (api: Api): void => {
  api.on(contract.publishAllocation, (ctx, { params, ifMatch }) =>
    allocationOut(ctx, actions.publishAllocation(ctx, params.id, ifMatch)),
  )
}
