import type { Api } from '../../../edge/http.ts'
import { formatInstant } from '../../../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const rightsRoutes = (api: Api): void => {
  api.on(contract.getRights, (ctx, { params, query }) => {
    const { community, sections } = actions.getRights(ctx, params.id, query.member)
    return {
      id: params.id,
      community,
      at: formatInstant(ctx.now, ctx.territory.zone),
      sections: sections.map(({ title, lines }) => ({ title, lines: [...lines] })),
    }
  })
  api.on(contract.printRights, (ctx, { params, query }) => actions.printRights(ctx, params.id, query.member))
}
