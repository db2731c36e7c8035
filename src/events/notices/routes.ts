import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { formatInstant } from '../../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const preferencesOut = (
  ctx: Ctx,
  { email, phone, subjects, lastFailureAt, version }: actions.PreferencesView,
) => ({
  email,
  phone,
  subjects: [...subjects],
  lastFailureAt: lastFailureAt === null ? null : formatInstant(lastFailureAt, ctx.territory.zone),
  version,
})

export const noticeRoutes = (api: Api): void => {
  api.on(contract.getNotices, (ctx, { params }) =>
    preferencesOut(ctx, actions.getPreferences(ctx, params.id)),
  )
  api.on(contract.setNotices, (ctx, { params, body, ifMatch }) =>
    preferencesOut(ctx, actions.setPreferences(ctx, params.id, body, ifMatch)),
  )
}
