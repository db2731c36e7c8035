import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { formatInstant } from '../../kernel/civil.ts'
import { siteOut } from '../../members/routes.ts'
import { slotOut } from '../../slots/routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const availableOut = (ctx: Ctx, found: actions.Available) => ({
  slot: slotOut(ctx, found.slot),
  practitioner: { ...found.practitioner },
  site: siteOut(found.site),
  distanceKm: Math.round(found.distanceKm * 100) / 100,
  heldByOthers: false,
})

export const availabilityRoutes = (api: Api): void => {
  api.on(contract.searchAvailability, (ctx, { query: { commune, lat, lon, ...query } }) => {
    const near = commune === undefined ? { lat: lat ?? 0, lon: lon ?? 0 } : { commune }
    return {
      items: actions.searchAvailability(ctx, { near, ...query }).map((found) => availableOut(ctx, found)),
      asOf: formatInstant(ctx.now, ctx.territory.zone),
    }
  })
}
