import type { Ctx } from '../../../db/db.ts'
import type { Api } from '../../../edge/http.ts'
import { formatInstant } from '../../../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const rulesOut = (ctx: Ctx, communityId: string, view: actions.RulesShown) => {
  const { grid, classThresholds, ...rules } = view.rules
  return {
    communityId,
    version: view.version,
    ...(view.setAt === null ? {} : { setAt: formatInstant(view.setAt, ctx.territory.zone) }),
    ...rules,
    grid: grid.map((line) => ({ ...line })),
    classThresholds: [...classThresholds] as [number, number, number, number],
    weeksToClass1: view.weeksToClass1,
  }
}

export const gridRoutes = (api: Api): void => {
  api.on(contract.getRules, (ctx, { params, query }) =>
    rulesOut(ctx, params.id, actions.getRules(ctx, params.id, query.version)),
  )
  api.on(contract.setRules, (ctx, { params, body, ifMatch }) =>
    rulesOut(ctx, params.id, actions.setRules(ctx, params.id, body, ifMatch)),
  )
}
