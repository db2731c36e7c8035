import type { Ctx } from '../db/db.ts'
import type { Api } from '../edge/http.ts'
import { paged, pageOf } from '../edge/paging.ts'
import { formatInstant } from '../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const feedOut = (ctx: Ctx, feed: actions.FeedView) => ({
  id: feed.id,
  kind: feed.kind,
  ...(feed.sectorId === null ? {} : { sectorId: feed.sectorId }),
  ...(feed.practitionerId === null ? {} : { practitionerId: feed.practitionerId }),
  createdAt: formatInstant(feed.createdAt, ctx.territory.zone),
})

export const feedRoutes = (api: Api): void => {
  api.on(contract.createFeed, (ctx, { body }) => {
    const input =
      body.kind === 'sector' ? { kind: body.kind, sectorId: body.sectorId ?? '' } : { kind: body.kind }
    const { secret, ...feed } = actions.createFeed(ctx, input)
    const { practitionerId: _, ...shown } = feedOut(ctx, feed)
    return { ...shown, url: `/${ctx.territory.code}/v1/feeds/${secret}.ics` }
  })
  api.on(contract.listFeeds, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listFeeds(ctx, after, limit),
      limit,
      (feed) => feed.id,
      (feed) => feedOut(ctx, feed),
    )
  })
  api.on(contract.revokeFeed, (ctx, { params }) => actions.revokeFeed(ctx, params.id))
  api.onLink(contract.readFeed, actions.findOpenFeed)
}
