import type { Api } from '../../../edge/http.ts'
import { enSusOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const enSusAnswerRoutes = (api: Api): void => {
  api.on(contract.acceptEnSus, (ctx, { params, body }) =>
    enSusOut(ctx, actions.acceptEnSus(ctx, params.id, body)),
  )
  api.on(contract.declineEnSus, (ctx, { params }) => enSusOut(ctx, actions.declineEnSus(ctx, params.id)))
}
