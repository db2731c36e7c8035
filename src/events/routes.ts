import type { Ctx } from '../db/db.ts'
import type { Api } from '../edge/http.ts'
import { paged, pageOf } from '../edge/paging.ts'
import { formatInstant } from '../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

type EventRow = ReturnType<typeof actions.listEvents>[number]

const eventOut = (ctx: Ctx, event: EventRow) => ({
  seq: event.seq,
  id: event.id,
  type: event.type,
  at: formatInstant(event.at, ctx.territory.zone),
  actor: event.actor,
  subject: event.subject,
  data: event.data,
})

const eventPage = <T>(
  ctx: Ctx,
  query: { limit?: number | undefined; after?: string | undefined; subject?: string | undefined },
  show: (event: EventRow) => T,
) => {
  const { limit, after } = pageOf(query)
  const rows = actions.listEvents(ctx, {
    after: Number(after ?? 0),
    limit: limit + 1,
    subject: query.subject,
  })
  return paged(rows, limit, (event) => String(event.seq), show)
}

export const eventRoutes = (api: Api): void => {
  api.on(contract.listEvents, (ctx, { query }) => eventPage(ctx, query, (event) => eventOut(ctx, event)))
  api.on(contract.readAudit, (ctx, { query }) =>
    eventPage(ctx, query, (event) => ({
      ...eventOut(ctx, event),
      practitionerId: event.practitionerId,
      prev: event.prev,
      hash: event.hash,
    })),
  )
  api.onSteps(contract.verifyAudit, async (step) => {
    let state = { ...actions.CHAIN_START, done: false }
    while (!state.done) state = await step(({ db }) => actions.verifyNext(db, state))
    const { count, head, brokenAt } = state
    return { ok: brokenAt === undefined, count, head, ...(brokenAt === undefined ? {} : { brokenAt }) }
  })
}
