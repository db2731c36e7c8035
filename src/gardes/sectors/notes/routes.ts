import type { Ctx } from '../../../db/db.ts'
import type { Api } from '../../../edge/http.ts'
import { paged, pageOf } from '../../../edge/paging.ts'
import { formatInstant } from '../../../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

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
  shiftTypes: row.shiftTypes,
  createdAt: formatInstant(row.createdAt, ctx.territory.zone),
})

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

export const sectorNoteRoutes = (api: Api): void => {
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
}
