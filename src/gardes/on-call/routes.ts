import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { formatInstant } from '../../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const shiftOut = (ctx: Ctx, shift: actions.OnDuty['shift']) => ({
  id: shift.id,
  rotaId: shift.rotaId,
  code: shift.code,
  label: shift.label,
  category: shift.category,
  role: shift.role,
  start: formatInstant(shift.start, ctx.territory.zone),
  end: formatInstant(shift.end, ctx.territory.zone),
  headcount: shift.headcount,
})

const onDutyOut = (ctx: Ctx, { sector, shift, people, showsPhones }: actions.OnDuty) => ({
  sector: { id: sector.id, name: sector.name },
  shift: shiftOut(ctx, shift),
  people: people.map((person) => ({
    name: actions.nameOf(person),
    role: shift.role,
    phone: showsPhones ? actions.phoneOf(person) : null,
    site: {
      name: sector.siteName,
      address: sector.address,
      city: sector.city,
      phone: sector.phone,
      lat: sector.lat,
      lon: sector.lon,
    },
    ...(person.practitionerId === null ? {} : { practitionerId: person.practitionerId }),
  })),
  missing: Math.max(0, shift.headcount - people.length),
})

export const onCallRoutes = (api: Api): void => {
  api.on(contract.readOnCall, (ctx, { query }) => {
    const { at, items } = actions.onDuty(ctx, query)
    return {
      at: formatInstant(at, ctx.territory.zone),
      items: items.map((item) => onDutyOut(ctx, item)),
    }
  })
  api.on(contract.listHoles, (ctx, { params, query }) => ({
    items: actions.listHoles(ctx, params.id, query.from, query.to).map(({ shift, filled }) => ({
      ...shiftOut(ctx, shift),
      missing: shift.headcount - filled,
    })),
  }))
}
