import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { paged, pageOf } from '../../edge/paging.ts'
import { formatInstant } from '../../kernel/civil.ts'
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

const shiftTypeOut = (type: actions.ShiftTypeRow) => ({
  code: type.code,
  label: type.label,
  rrule: type.rrule,
  localStart: actions.clockOf(type.startMinute),
  localEnd: actions.endClockOf(type.startMinute, type.durationMinutes),
  durationMinutes: type.durationMinutes,
  dayTypes: type.dayTypes,
  category: type.category,
  headcount: type.headcount,
  role: type.role,
  ...(type.slotTemplate
    ? { slotTemplate: { ...type.slotTemplate, audiences: [...type.slotTemplate.audiences] } }
    : {}),
  validFrom: type.validFrom,
  validTo: type.validTo,
})

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

const listOut = <T, U>({ items, version }: actions.Versioned<T>, show: (item: T) => U) => ({
  items: items.map(show),
  version,
})

const restrictionOut = (ctx: Ctx, row: actions.RestrictionRow) => ({
  id: row.id,
  sectorId: row.sectorId,
  practitionerId: row.practitionerId,
  from: row.from,
  to: row.to,
  shiftTypes: row.shiftTypes,
  source: row.source,
  class: row.class,
  createdAt: formatInstant(row.createdAt, ctx.territory.zone),
})

const wishOut = (ctx: Ctx, row: actions.WishRow) => ({
  id: row.id,
  sectorId: row.sectorId,
  practitionerId: row.practitionerId,
  from: row.from,
  to: row.to,
  shiftTypes: row.shiftTypes,
  want: row.want,
  createdAt: formatInstant(row.createdAt, ctx.territory.zone),
})

const absenceOut = (ctx: Ctx, row: actions.AbsenceRow) => ({
  id: row.id,
  sectorId: row.sectorId,
  practitionerId: row.practitionerId,
  from: row.from,
  to: row.to,
  createdAt: formatInstant(row.createdAt, ctx.territory.zone),
})

const dayOut = (ctx: Ctx, { date, type, pont, holiday, pdsa }: actions.CalendarDay) => {
  const { zone } = ctx.territory
  return {
    date,
    type,
    pont,
    ...(holiday === undefined ? {} : { holiday }),
    pdsa: pdsa.map(({ start, end }) => [formatInstant(start, zone), formatInstant(end, zone)]),
  }
}

const byId = (row: { id: string }) => row.id

interface NotesQuery {
  readonly practitioner?: string | undefined
  readonly from?: actions.NoteFilter['from']
  readonly to?: actions.NoteFilter['to']
}

const filterOf = ({ practitioner, from, to }: NotesQuery): actions.NoteFilter => ({
  practitionerId: practitioner,
  from,
  to,
})

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

  api.on(contract.setShiftTypes, (ctx, { params, body, ifMatch }) =>
    listOut(actions.setShiftTypes(ctx, params.id, body, ifMatch), shiftTypeOut),
  )
  api.on(contract.listShiftTypes, (ctx, { params }) =>
    listOut(actions.listShiftTypes(ctx, params.id), shiftTypeOut),
  )
  api.on(contract.setSectorMembers, (ctx, { params, body, ifMatch }) =>
    listOut(actions.setMembers(ctx, params.id, body, ifMatch), memberOut),
  )
  api.on(contract.listSectorMembers, (ctx, { params }) =>
    listOut(actions.listMembers(ctx, params.id), memberOut),
  )

  api.on(contract.addRestriction, (ctx, { params, body }) =>
    restrictionOut(ctx, actions.addRestriction(ctx, params.id, body)),
  )
  api.on(contract.listRestrictions, (ctx, { params, query }) => {
    const { limit, after } = pageOf(query)
    const rows = actions.listRestrictions(ctx, params.id, filterOf(query), after, limit)
    return paged(rows, limit, byId, (row) => restrictionOut(ctx, row))
  })
  api.on(contract.endRestriction, (ctx, { params, body }) =>
    restrictionOut(ctx, actions.endRestriction(ctx, params.id, params.restrictionId, body.to)),
  )
  api.on(contract.addWish, (ctx, { params, body }) => wishOut(ctx, actions.addWish(ctx, params.id, body)))
  api.on(contract.listWishes, (ctx, { params, query }) => {
    const { limit, after } = pageOf(query)
    const rows = actions.listWishes(ctx, params.id, filterOf(query), after, limit)
    return paged(rows, limit, byId, (row) => wishOut(ctx, row))
  })
  api.on(contract.removeWish, (ctx, { params }) => actions.removeWish(ctx, params.id, params.wishId))
  api.on(contract.addAbsence, (ctx, { params, body }) =>
    absenceOut(ctx, actions.addAbsence(ctx, params.id, body)),
  )
  api.on(contract.listAbsences, (ctx, { params, query }) => {
    const { limit, after } = pageOf(query)
    const rows = actions.listAbsences(ctx, params.id, filterOf(query), after, limit)
    return paged(rows, limit, byId, (row) => absenceOut(ctx, row))
  })
  api.on(contract.removeAbsence, (ctx, { params }) => actions.removeAbsence(ctx, params.id, params.absenceId))

  api.on(contract.listCalendarDays, (ctx, { query }) => ({
    items: actions.listCalendarDays(ctx, query).map((day) => dayOut(ctx, day)),
  }))
}
