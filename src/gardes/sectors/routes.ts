import type { Api } from '../../edge/http.ts'
import { paged, pageOf } from '../../edge/paging.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const sectorOut = (sector: actions.SectorView) => ({
  id: sector.id,
  kind: sector.kind,
  name: sector.name,
  communes: [...sector.communes],
  communityIds: [...sector.communityIds],
  siteName: sector.siteName,
  address: sector.address,
  postalCode: sector.postalCode,
  city: sector.city,
  insee: sector.insee,
  lat: sector.lat,
  lon: sector.lon,
  phone: sector.phone,
  goodFridayIsHoliday: sector.goodFridayIsHoliday,
  pontDays: {
    mondayBefore: sector.pontMondayBefore,
    fridayAfter: sector.pontFridayAfter,
    saturdayAfter: sector.pontSaturdayAfter,
  },
  extraHolidays: sector.extraHolidays,
  restHours: sector.restHours,
  maxShiftsPer7Days: sector.maxShiftsPer7Days,
  maxShiftsPer28Days: sector.maxShiftsPer28Days,
  approvalForSwaps: sector.approvalForSwaps,
  validFrom: sector.validFrom,
  validTo: sector.validTo,
  version: sector.version,
})

/** A list with the version of its sector. */
export const listOut = <T, U>({ items, version }: actions.Versioned<T>, show: (item: T) => U) => ({
  items: items.map(show),
  version,
})

const byId = (row: { id: string }) => row.id

export const sectorRoutes = (api: Api): void => {
  api.on(contract.createSector, (ctx, { body }) => sectorOut(actions.createSector(ctx, body)))
  api.on(contract.listSectors, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(actions.listSectors(ctx, query, after, limit), limit, byId, sectorOut)
  })
  api.on(contract.getSector, (ctx, { params }) => sectorOut(actions.getSector(ctx, params.id)))
  api.on(contract.updateSector, (ctx, { params, body, ifMatch }) =>
    sectorOut(actions.updateSector(ctx, params.id, body, ifMatch)),
  )
}
