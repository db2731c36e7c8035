import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { paged, pageOf } from '../../edge/paging.ts'
import { formatInstant } from '../../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const webhookOut = (ctx: Ctx, webhook: actions.WebhookView) => ({
  id: webhook.id,
  keyId: webhook.keyId,
  url: webhook.url,
  types: webhook.types,
  createdAt: formatInstant(webhook.createdAt, ctx.territory.zone),
  stopped: webhook.isStopped !== 0,
  pending: webhook.pending,
  failed: webhook.failed,
  version: webhook.version,
})

type FailureRow = ReturnType<typeof actions.listFailures>[number]

const failureOut = (ctx: Ctx, failure: FailureRow) => ({
  ...failure,
  firstAt: formatInstant(failure.firstAt, ctx.territory.zone),
  failedAt: formatInstant(failure.failedAt, ctx.territory.zone),
})

export const webhookRoutes = (api: Api): void => {
  api.on(contract.createWebhook, (ctx, { body }) => {
    const { row, secret } = actions.createWebhook(ctx, body)
    return { ...webhookOut(ctx, row), secret }
  })
  api.on(contract.listWebhooks, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listWebhooks(ctx, after, limit),
      limit,
      (webhook) => webhook.id,
      (webhook) => webhookOut(ctx, webhook),
    )
  })
  api.on(contract.getWebhook, (ctx, { params }) => webhookOut(ctx, actions.getWebhook(ctx, params.id)))
  api.on(contract.deleteWebhook, (ctx, { params }) => actions.deleteWebhook(ctx, params.id))
  api.on(contract.listFailures, (ctx, { params, query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listFailures(ctx, params.id, Number(after ?? 0), limit),
      limit,
      (failure) => String(failure.seq),
      (failure) => failureOut(ctx, failure),
    )
  })
  api.on(contract.replayFailures, (ctx, { params, body }) => ({
    replayed: actions.replayFailures(ctx, params.id, body.seqs),
  }))
}
