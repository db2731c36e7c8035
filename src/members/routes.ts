import type { Api } from '../edge/http.ts'
import { paged, pageOf } from '../edge/paging.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const communityOut = (community: actions.CommunityView) => ({
  id: community.id,
  name: community.name,
  finess: community.finess,
  communes: [...community.communes],
  population: community.population,
  size: community.size,
  phone: community.phone,
  contractStart: community.contractStart,
  version: community.version,
})

export const siteOut = (site: actions.SiteRow) => ({
  id: site.id,
  practitionerId: site.practitionerId,
  name: site.name,
  line: site.line,
  postalCode: site.postalCode,
  city: site.city,
  insee: site.insee,
  lat: site.lat,
  lon: site.lon,
  phone: site.phone,
  finess: site.finess,
  siret: site.siret,
  wheelchair: site.wheelchair,
})

const practitionerOut = (practitioner: actions.PractitionerView) => ({
  id: practitioner.id,
  rpps: practitioner.rpps,
  family: practitioner.family,
  given: practitioner.given,
  profession: practitioner.profession as 'GP',
  communityIds: [...practitioner.communityIds],
  specialties: practitioner.specialties,
  sites: practitioner.sites.map(siteOut),
  acceptsOverbooking: practitioner.acceptsOverbooking,
  weeklyTargetMinutes: practitioner.weeklyTargetMinutes,
  version: practitioner.version,
})

const byId = (row: { id: string }) => row.id

export const memberRoutes = (api: Api): void => {
  api.on(contract.listCommunes, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listCommunes(ctx, after, limit),
      limit,
      ({ commune }) => commune.insee,
      ({ commune, communityId }) => ({ ...commune, communityId }),
    )
  })
  api.on(contract.loadCommunes, (ctx, { body }) => actions.loadCommunes(ctx, body.items))

  api.on(contract.createCommunity, (ctx, { body }) => communityOut(actions.createCommunity(ctx, body)))
  api.on(contract.listCommunities, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(actions.listCommunities(ctx, after, limit), limit, byId, communityOut)
  })
  api.on(contract.getCommunity, (ctx, { params }) => communityOut(actions.getCommunity(ctx, params.id)))
  api.on(contract.updateCommunity, (ctx, { params, body, ifMatch }) =>
    communityOut(actions.updateCommunity(ctx, params.id, body, ifMatch)),
  )

  api.on(contract.createPractitioner, (ctx, { body }) =>
    practitionerOut(actions.createPractitioner(ctx, body)),
  )
  api.on(contract.listPractitioners, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(actions.listPractitioners(ctx, query, after, limit), limit, byId, practitionerOut)
  })
  api.on(contract.getPractitioner, (ctx, { params }) =>
    practitionerOut(actions.getPractitioner(ctx, params.id)),
  )
  api.on(contract.updatePractitioner, (ctx, { params, body, ifMatch }) =>
    practitionerOut(actions.updatePractitioner(ctx, params.id, body, ifMatch)),
  )
  api.on(contract.addSite, (ctx, { params, body }) => siteOut(actions.addSite(ctx, params.id, body)))
}
