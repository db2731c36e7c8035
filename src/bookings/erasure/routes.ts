import { eraseAnswers } from '../../edge/erasure.ts'
import type { Api } from '../../edge/http.ts'
import { bookingOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const erasureRoutes = (api: Api): void => {
  api.on(contract.eraseBookingPatient, (ctx, { params, body }) =>
    bookingOut(ctx, actions.eraseBookingPatient(ctx, params.id, body.requestedBy, eraseAnswers)),
  )
}
