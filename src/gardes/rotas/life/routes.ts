import type { Api } from '../../../edge/http.ts'
import { rotaOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const rotaLifeRoutes = (api: Api): void => {
  api.on(contract.transitionRota, (ctx, { params, body }) => {
    const { rota, warnings } = actions.transitionRota(ctx, params.id, body.to, body.note)
    return { ...rotaOut(rota), warnings }
  })
}
