import type { Api } from '../../../edge/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const ledgerRoutes = (api: Api): void => {
  api.on(contract.getLedger, (ctx, { params }) => actions.getLedger(ctx, params.id))
}
