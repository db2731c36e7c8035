import type { Api } from '../../../edge/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const seriesEditRoutes = (api: Api): void => {
  api.on(contract.editSeries, (ctx, { params, body }) => {
    const { keptBooked, ...counts } = actions.editSeries(ctx, params.id, body)
    return { ...counts, keptBooked: [...keptBooked] }
  })
}
