import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { formatInstant } from '../../kernel/civil.ts'
import { Refused } from '../../kernel/refusal.ts'
import { siteOut } from '../../members/routes.ts'
import { slotOut } from '../../slots/routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const availableOut = (ctx: Ctx, found: actions.Available) => ({
  slot: slotOut(ctx, found.slot),
  practitioner: { ...found.practitioner },
  site: siteOut(found.site),
  distanceKm: Math.round(found.distanceKm * 100) / 100,
  heldByOthers: found.heldByOthers,
})

/** Alternatives leave an action as data; here they become what the search would have shown. */
export const showAlternatives = <T>(ctx: Ctx, run: () => T): T => {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'slot_taken') throw error
    const alternatives = (error.refusal.facts?.alternatives ?? []) as actions.Available[]
    throw new Refused({
      ...error.refusal,
      facts: { alternatives: alternatives.map((found) => availableOut(ctx, found)) },
    })
  }
}

export const availabilityRoutes = (api: Api): void => {
  api.on(contract.searchAvailability, (ctx, { query: { commune, lat, lon, ...query } }) => {
    const near = commune === undefined ? { lat: lat ?? 0, lon: lon ?? 0 } : { commune }
    return {
      items: actions.searchAvailability(ctx, { near, ...query }).map((found) => availableOut(ctx, found)),
      asOf: formatInstant(ctx.now, ctx.territory.zone),
    }
  })
}
