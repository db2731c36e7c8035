import type { Api } from '../../../edge/http.ts'
import { contactOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const contactRoutes = (api: Api): void => {
  api.on(contract.recordContact, (ctx, { params, body }) => {
    const { state, contacts } = actions.recordContact(ctx, params.id, body)
    return { id: params.id, state, contacts: contacts.map((contact) => contactOut(ctx, contact)) }
  })
}
