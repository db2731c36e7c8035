import type { Api } from '../../../edge/http.ts'
import { placeOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const placeRoutes = (api: Api): void => {
  api.on(contract.setPlace, (ctx, { params, body, ifMatch }) => {
    const place = actions.setPlace(ctx, params.id, params.place, body, ifMatch)
    return { shiftId: place.shiftId, ...placeOut(place, null, true) }
  })
}
