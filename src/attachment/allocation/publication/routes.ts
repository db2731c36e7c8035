import type { Api } from '../../../edge/http.ts'
import { allocationOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const publicationRoutes = (api: Api): void => {
  api.onLong(contract.publishAllocation, {
    prepare: (ctx, { params, ifMatch }) => actions.preparePublication(ctx, params.id, ifMatch),
    think: (prepared, pause) => actions.think(prepared, pause),
    finish: (ctx, { params, ifMatch }, thought) => {
      const view = actions.finishPublication(ctx, params.id, ifMatch, thought)
      return view && allocationOut(ctx, view)
    },
  })
}
