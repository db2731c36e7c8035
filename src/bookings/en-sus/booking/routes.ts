import type { Api } from '../../../edge/http.ts'
import { bookingOut } from '../../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const enSusBookingRoutes = (api: Api): void => {
  api.on(contract.bookEnSus, (ctx, { params, body }) =>
    bookingOut(ctx, actions.bookEnSus(ctx, params.id, body)),
  )
}
