import type { Api } from '../../../edge/http.ts'
import { listOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const memberOut = (member: actions.SectorMemberRow) => ({
  practitionerId: member.practitionerId,
  share: member.share,
  from: member.from,
  to: member.to,
  roles: member.roles,
  phone: member.phone,
  maxPer7Days: member.maxPer7Days,
  maxPer28Days: member.maxPer28Days,
  maxPerRota: member.maxPerRota,
})

export const sectorPeopleRoutes = (api: Api): void => {
  api.on(contract.setSectorMembers, (ctx, { params, body, ifMatch }) =>
    listOut(actions.setMembers(ctx, params.id, body, ifMatch), memberOut),
  )
  api.on(contract.listSectorMembers, (ctx, { params }) =>
    listOut(actions.listMembers(ctx, params.id), memberOut),
  )
}
