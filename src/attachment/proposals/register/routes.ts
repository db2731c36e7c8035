import type { Api } from '../../../edge/http.ts'
import { paged, pageOf } from '../../../edge/paging.ts'
import { formatInstant } from '../../../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const registerRoutes = (api: Api): void => {
  api.on(contract.listRefusals, (ctx, { params, query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listRefusals(ctx, params.id, query, after, limit),
      limit,
      ({ id }) => id,
      (row) => ({
        proposalId: row.id,
        requestId: row.requestId,
        practitionerId: row.practitionerId,
        kind: row.kind,
        at: formatInstant(row.at, ctx.territory.zone),
        ...(row.reason === null ? {} : { reason: row.reason }),
        class: row.class,
        people: row.members.length,
      }),
    )
  })
  api.on(contract.getPriorityShares, (ctx, { params, query }) => {
    const { byPractitioner, community } = actions.getShares(ctx, params.id, query)
    return { byPractitioner: [...byPractitioner], community }
  })
}
