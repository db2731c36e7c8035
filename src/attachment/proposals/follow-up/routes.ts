import type { Api } from '../../../edge/http.ts'
import { proposalOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const followUpRoutes = (api: Api): void => {
  api.on(contract.contactHousehold, (ctx, { params, body }) =>
    proposalOut(ctx, actions.contactHousehold(ctx, params.id, body)),
  )
  api.on(contract.noteDeclined, (ctx, { params, ifMatch }) =>
    proposalOut(ctx, actions.noteDeclined(ctx, params.id, ifMatch)),
  )
  api.on(contract.declareProposal, (ctx, { params, body, ifMatch }) =>
    proposalOut(ctx, actions.declareProposal(ctx, params.id, body.at, ifMatch)),
  )
  api.on(contract.withdrawProposal, (ctx, { params, ifMatch }) =>
    proposalOut(ctx, actions.withdrawProposal(ctx, params.id, ifMatch)),
  )
}
