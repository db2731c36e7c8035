import type { Ctx } from '../db/db.ts'
import type { Api } from '../edge/http.ts'
import { paged, pageOf } from '../edge/paging.ts'
import { formatInstant } from '../kernel/civil.ts'
import { startCursor } from '../slots/routes.ts'
import * as actions from './actions.ts'
import { showAlternatives } from './availability/routes.ts'
import * as contract from './contract.ts'
import type { BookingStatus } from './vocabulary.ts'

export const bookingOut = (ctx: Ctx, { row, isCareTeam, identity, warnings }: actions.BookingView) => {
  const at = (instant: typeof row.start) => formatInstant(instant, ctx.territory.zone)
  return {
    id: row.id,
    slotId: row.slotId,
    practitionerId: row.practitionerId,
    siteId: row.siteId,
    start: at(row.start),
    end: at(row.end),
    modality: row.modality ?? 'AMB',
    status: row.status as BookingStatus,
    ...(isCareTeam
      ? {
          regulationRef: row.regulationRef ?? '',
          motive: {
            code: row.motiveCode ?? 'other',
            ...(identity?.motiveText === undefined ? {} : { text: identity.motiveText }),
          },
        }
      : {}),
    requestedDelay: row.requestedDelay ?? '48h',
    ...(row.calledAt === null ? {} : { calledAt: at(row.calledAt) }),
    operator: { id: row.operatorId ?? '', name: row.operatorName ?? '' },
    createdAt: at(row.createdAt),
    ...(row.cancelledAt === null || row.cancelReason === null || row.cancelledBy === null
      ? {}
      : {
          cancelled: {
            at: at(row.cancelledAt),
            reason: row.cancelReason,
            by: row.cancelledBy,
            ...(identity?.cancelNote === undefined ? {} : { note: identity.cancelNote }),
          },
        }),
    ...(row.needsAttention === null ? {} : { needsAttention: { reason: row.needsAttention } }),
    ...(identity === undefined
      ? {}
      : {
          patient: {
            family: identity.family,
            given: identity.given,
            birthDate: identity.birthDate,
            phone: identity.phone,
            ...(identity.sex === undefined ? {} : { sex: identity.sex }),
            ...(identity.address === undefined ? {} : { address: identity.address }),
          },
        }),
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
    version: row.version,
  }
}

export const bookingRoutes = (api: Api): void => {
  api.on(contract.createBooking, (ctx, { body }) =>
    bookingOut(
      ctx,
      showAlternatives(ctx, () => actions.book(ctx, body)),
    ),
  )
  api.on(contract.getBooking, (ctx, { params }) => bookingOut(ctx, actions.getBooking(ctx, params.id)))
  api.on(contract.listBookings, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listBookings(ctx, query, startCursor.read(after), limit),
      limit,
      ({ row }) => startCursor.of(row),
      ({ show }) => bookingOut(ctx, show()),
    )
  })
  api.on(contract.cancelBooking, (ctx, { params, body }) =>
    bookingOut(ctx, actions.cancelBooking(ctx, params.id, body)),
  )
  api.on(contract.moveBooking, (ctx, { params, body }) =>
    bookingOut(
      ctx,
      showAlternatives(ctx, () => actions.moveBooking(ctx, params.id, body.slotId)),
    ),
  )
  api.on(contract.recordOutcome, (ctx, { params, body }) =>
    bookingOut(ctx, actions.recordOutcome(ctx, params.id, body.outcome)),
  )
  api.on(contract.acknowledgeBooking, (ctx, { params }) =>
    bookingOut(ctx, actions.acknowledgeBooking(ctx, params.id)),
  )
}
