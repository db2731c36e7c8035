import type { Ctx } from '../db/db.ts'
import type { Api } from '../edge/http.ts'
import { paged, pageOf } from '../edge/paging.ts'
import { formatInstant } from '../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

/** Events that a stream reads at a time. */
const STREAMED = 100

const eventOut = (ctx: Ctx, event: actions.VisibleEvent) => ({
  seq: event.seq,
  id: event.id,
  type: event.type,
  at: formatInstant(event.at, ctx.territory.zone),
  actor: event.actor,
  subject: event.subject,
  data: event.data,
})

export const eventRoutes = (api: Api): void => {
  api.onStream(
    contract.listEvents,
    (ctx, { query }) => {
      const { limit, after } = pageOf(query)
      const page = actions.listVisible(ctx, { after: Number(after ?? 0), limit })
      return {
        items: page.events.map((event) => eventOut(ctx, event)),
        next: page.isEnd ? null : String(page.through),
      }
    },
    {
      start: (ctx, { query: { after } }) => (after === undefined ? actions.lastSeq(ctx) : Number(after)),
      next: (ctx, after) => {
        const { events, ...page } = actions.listVisible(ctx, { after, limit: STREAMED })
        return {
          messages: events.map((event) => ({ seq: event.seq, type: event.type, item: eventOut(ctx, event) })),
          ...page,
        }
      },
    },
  )
  api.on(contract.readAudit, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    const rows = actions.listEvents(ctx, {
      after: Number(after ?? 0),
      limit: limit + 1,
      subject: query.subject,
    })
    return paged(
      rows,
      limit,
      (event) => String(event.seq),
      (event) => ({
        ...eventOut(ctx, event),
        practitionerId: event.practitionerId,
        prev: event.prev,
        hash: event.hash,
      }),
    )
  })
  api.onSteps(contract.verifyAudit, async (step) => {
    let state = { ...actions.CHAIN_START, done: false }
    while (!state.done) state = await step(({ db }) => actions.verifyNext(db, state))
    const { count, head, brokenAt } = state
    return { ok: brokenAt === undefined, count, head, ...(brokenAt === undefined ? {} : { brokenAt }) }
  })
}
