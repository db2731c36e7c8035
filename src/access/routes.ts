import type { Api } from '../edge/http.ts'
import { paged, pageOf } from '../edge/paging.ts'
import { formatInstant } from '../kernel/civil.ts'
import type { Ctx } from '../db/db.ts'
import type { Instant } from '../kernel/time.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const keyOut = (ctx: Ctx, key: actions.KeyView) => {
  const at = (instant: Instant | null) =>
    instant === null ? null : formatInstant(instant, ctx.territory.zone)
  return {
    id: key.id,
    role: key.role,
    label: key.label,
    communityIds: [...key.communityIds],
    practitionerId: key.practitionerId,
    createdAt: formatInstant(key.createdAt, ctx.territory.zone),
    expiresAt: at(key.expiresAt),
    revokedAt: at(key.revokedAt),
    lastUsedAt: at(key.lastUsedAt),
    version: key.version,
  }
}

export const accessRoutes = (api: Api): void => {
  api.on(contract.createKey, (ctx, { body }) => actions.createKey(ctx, body))
  api.on(contract.listKeys, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listKeys(ctx, after, limit),
      limit,
      (key) => key.id,
      (key) => keyOut(ctx, key),
    )
  })
  api.on(contract.rotateKey, (ctx, { params, body }) =>
    actions.rotateKey(ctx, params.id, body.overlapHours ?? actions.DEFAULT_OVERLAP_HOURS),
  )
  api.on(contract.revokeKey, (ctx, { params }) => actions.revokeKey(ctx, params.id))
}
