import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { paged, pageOf } from '../../edge/paging.ts'
import { formatInstant } from '../../kernel/civil.ts'
import { HOUR, lengthOf } from '../../kernel/time.ts'
import { startCursor } from '../../slots/routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const rotaOut = (rota: actions.RotaView) => ({
  id: rota.id,
  sectorId: rota.sectorId,
  kind: rota.kind,
  from: rota.from,
  to: rota.to,
  exceptional: rota.isExceptional,
  state: rota.state,
  shifts: rota.shifts,
  places: rota.places,
  empty: rota.empty,
  version: rota.version,
})

/** A place as it is shown; `phone` to those who see it, the reason of an override to those who manage the sector. */
export const placeOut = (place: actions.PlaceRow, phone: string | null, isManager: boolean) => ({
  place: place.place,
  titulaireId: place.titulaireId,
  ...(place.executantId === null ? {} : { executantId: place.executantId }),
  ...(place.outsideName === null
    ? {}
    : {
        outside: {
          name: place.outsideName,
          ...(place.outsideRpps === null ? {} : { rpps: place.outsideRpps }),
        },
      }),
  ...(phone === null ? {} : { phone }),
  locked: place.isLocked,
  ...(isManager && place.overrideReason !== null ? { override: place.overrideReason } : {}),
  version: place.version,
})

const shiftOut = (ctx: Ctx, shift: actions.ShiftView, isManager: boolean) => ({
  id: shift.id,
  rotaId: shift.rotaId,
  code: shift.code,
  label: shift.label,
  category: shift.category,
  grandeFete: shift.isGrandeFete,
  role: shift.role,
  start: formatInstant(shift.start, ctx.territory.zone),
  end: formatInstant(shift.end, ctx.territory.zone),
  localStart: shift.localStart,
  localEnd: shift.localEnd,
  // Time elapsed, by which a garde is paid: a night of March has an hour less.
  hours: Math.round((lengthOf(shift) / HOUR) * 100) / 100,
  places: shift.places.map((place) => placeOut(place, place.phone, isManager)),
})

export const rotaRoutes = (api: Api): void => {
  api.on(contract.createRota, (ctx, { body }) => rotaOut(actions.createRota(ctx, body)))
  api.on(contract.listRotas, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    const filter = { sectorId: query.sector, state: query.state }
    return paged(actions.listRotas(ctx, filter, after, limit), limit, (rota) => rota.id, rotaOut)
  })
  api.on(contract.getRota, (ctx, { params }) => {
    const { rota, history } = actions.getRota(ctx, params.id)
    return {
      ...rotaOut(rota),
      ...(history === undefined
        ? {}
        : {
            history: history.map((step) => ({
              from: step.from,
              to: step.to,
              at: formatInstant(step.at, ctx.territory.zone),
              by: step.actor,
              ...(step.note === null ? {} : { note: step.note }),
              warnings: step.warnings,
            })),
          }),
    }
  })
  api.on(contract.deleteRota, (ctx, { params }) => actions.deleteRota(ctx, params.id))
  api.on(contract.listShifts, (ctx, { params, query }) => {
    const { limit, after } = pageOf(query)
    const { shifts, isManager } = actions.listShifts(ctx, params.id, startCursor.read(after), limit)
    return paged(shifts, limit, startCursor.of, (shift) => shiftOut(ctx, shift, isManager))
  })

  const versionOut = (
    ctx: Ctx,
    version: Pick<ReturnType<typeof actions.getVersion>, 'number' | 'at' | 'actor' | 'reason'>,
  ) => ({
    number: version.number,
    at: formatInstant(version.at, ctx.territory.zone),
    by: version.actor,
    reason: version.reason,
  })
  api.on(contract.listVersions, (ctx, { params, query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listVersions(ctx, params.id, Number(after ?? 0), limit),
      limit,
      (version) => String(version.number),
      (version) => versionOut(ctx, version),
    )
  })
  api.on(contract.getVersion, (ctx, { params }) => {
    const version = actions.getVersion(ctx, params.id, params.number)
    return { ...versionOut(ctx, version), places: version.places, changes: version.changes }
  })
}
