import type { Api } from '../../../edge/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const mtImportRoutes = (api: Api): void => {
  api.on(contract.importRequests, (ctx, { query, body }) => {
    const { created, people, duplicates, rejected } = actions.importRequests(
      ctx,
      body,
      query.community,
      query.dryRun ?? false,
    )
    return { created, people, duplicates: [...duplicates], rejected: [...rejected] }
  })
}
