import type { Api } from '../../../edge/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const rulesOut = ({ waveSeconds, nearestCount, radiusKm, version }: actions.RulesView) => ({
  waveSeconds,
  nearestCount,
  radiusKm,
  version,
})

export const cascadeRoutes = (api: Api): void => {
  api.on(contract.getEnSusRules, (ctx) => rulesOut(actions.getRules(ctx)))
  api.on(contract.setEnSusRules, (ctx, { body, ifMatch }) => rulesOut(actions.setRules(ctx, body, ifMatch)))
}
