import type { Api } from '../../edge/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const wishOut = ({ weekday, half, places }: actions.Wish) => ({ weekday, half, places })

const itemOut = ({ date, half, wanted, open, booked, missing, couldFill }: actions.CoverageView) => ({
  date,
  half,
  wanted,
  open,
  booked,
  missing,
  ...(couldFill === undefined ? {} : { couldFill: [...couldFill] }),
})

export const coverageRoutes = (api: Api): void => {
  api.on(contract.setCoveragePlan, (ctx, { params, body }) => ({
    wanted: actions.setCoveragePlan(ctx, params.id, body.wanted).map(wishOut),
  }))
  api.on(contract.getCoveragePlan, (ctx, { params }) => ({
    wanted: actions.getCoveragePlan(ctx, params.id).map(wishOut),
  }))
  api.on(contract.getCoverage, (ctx, { params, query }) => {
    const { week, items } = actions.getCoverage(ctx, params.id, query.week)
    return { week, items: items.map(itemOut) }
  })
  api.on(contract.getCounters, (ctx, { params, query }) => actions.getCounters(ctx, params.id, query.week))
}
