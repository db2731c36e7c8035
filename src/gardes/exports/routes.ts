import type { Api } from '../../edge/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const exportRoutes = (api: Api): void => {
  api.on(contract.exportRota, (ctx, { params, query }) => actions.exportRota(ctx, params.id, query))
}
