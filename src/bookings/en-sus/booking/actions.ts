import type { Ctx } from '../../../db/db.ts'
import { unlessRefused } from '../../../kernel/refusal.ts'
import { communitiesOfPractitioner } from '../../../members/actions.ts'
import { completeOffer, getStandingSlot, placeSlot } from '../../../slots/actions.ts'
import { bookSeat, type BookingView, type CallInput } from '../../actions.ts'
import { changeRequest, getVisible, textOf } from '../actions.ts'
import { refuseEnSus } from '../rules.ts'

export type EnSusBooking = Omit<CallInput, 'motive' | 'regulationRef' | 'requestedDelay'> & {
  readonly motive?: CallInput['motive'] | undefined
}

/**
 * Completes what a GP accepted: the slot is made together with its booking, in one transaction, so that a free slot
 * for a patient en sus never is.
 */
export const bookEnSus = (ctx: Ctx, id: string, input: EnSusBooking): BookingView => {
  const view = getVisible(ctx, id)
  unlessRefused(refuseEnSus('book', view.state))
  const { acceptedBy, siteId, start, end, modality, motiveCode, regulationRef, requestedDelay } = view.request
  if (acceptedBy === null || siteId === null || start === null || end === null)
    throw new Error(`${id} was accepted by nobody`)
  const offer = completeOffer(ctx, communitiesOfPractitioner(ctx, acceptedBy), { modalities: [modality] })
  const slotId = placeSlot(ctx, offer, {
    practitionerId: acceptedBy,
    siteId,
    start,
    end,
    origin: 'en_sus',
    seriesId: null,
    occurrence: null,
  })
  const booked = bookSeat(
    ctx,
    { slot: getStandingSlot(ctx, slotId), seat: 1, modality, origin: 'en_sus' },
    {
      ...input,
      motive: input.motive ?? { code: motiveCode, text: textOf(ctx, view) },
      regulationRef,
      requestedDelay,
    },
    { enSusId: id },
  )
  changeRequest(ctx, id, {
    state: 'booked',
    bookingId: booked.row.id,
    sealKeyId: null,
    sealed: null,
  })
  return booked
}
