import type { Ctx } from '../db/db.ts'
import type { Api } from '../edge/http.ts'
import { paged, pageOf } from '../edge/paging.ts'
import { formatInstant } from '../kernel/civil.ts'
import { instant } from '../kernel/time.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'
import type { Offer } from './vocabulary.ts'

export const offerOut = (offer: Offer) => ({
  capacity: offer.capacity,
  audiences: [...offer.audiences],
  communityIds: [...offer.communityIds],
  modalities: [...offer.modalities],
  appointmentType: offer.appointmentType,
  motives: [...offer.motives],
  ...(offer.minAge === null ? {} : { minAge: offer.minAge }),
  ...(offer.maxAge === null ? {} : { maxAge: offer.maxAge }),
  ...(offer.release === null
    ? {}
    : {
        release: {
          minutesBefore: offer.release.minutesBefore,
          to: offer.release.to === 'practitioner' ? ('practitioner' as const) : [...offer.release.to],
        },
      }),
})

export const slotOut = (ctx: Ctx, slot: actions.SlotView) => ({
  id: slot.id,
  practitionerId: slot.practitionerId,
  siteId: slot.siteId,
  start: formatInstant(slot.start, ctx.territory.zone),
  end: formatInstant(slot.end, ctx.territory.zone),
  status: slot.status,
  taken: slot.taken,
  ...offerOut(slot),
  origin: slot.origin,
  ...(slot.seriesId === null ? {} : { seriesId: slot.seriesId }),
  ...(slot.shiftId === null ? {} : { shiftId: slot.shiftId }),
  version: slot.version,
})

/** Cursor of lists in order of start: the start and id of the last one shown. */
export const startCursor = {
  of: (row: { start: number; id: string }) => `${row.start}.${row.id}`,
  read: (cursor: string | undefined) => {
    const [, start, id] = /^(\d{1,15})\.(\w+)$/.exec(cursor ?? '') ?? []
    return start === undefined || id === undefined ? undefined : { start: instant(Number(start)), id }
  },
}

export const slotRoutes = (api: Api): void => {
  api.on(contract.publishSlot, (ctx, { body }) => slotOut(ctx, actions.publishSlot(ctx, body)))
  api.on(contract.publishSlots, (ctx, { body }) => ({
    items: actions.publishSlots(ctx, body.slots).map((slot) => slotOut(ctx, slot)),
  }))
  api.on(contract.listSlots, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listSlots(ctx, query, startCursor.read(after), limit),
      limit,
      startCursor.of,
      (slot) => slotOut(ctx, slot),
    )
  })
  api.on(contract.getSlot, (ctx, { params }) => slotOut(ctx, actions.getSlot(ctx, params.id)))
  api.on(contract.withdrawSlot, (ctx, { params, body }) =>
    slotOut(ctx, actions.withdrawSlot(ctx, params.id, body.reason)),
  )
}
