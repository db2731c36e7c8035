import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { eraseIdentity, type Erasure } from '../../../identities/actions.ts'
import { refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import type { Instant } from '../../../kernel/time.ts'
import { forgetRequest } from '../../allocation/actions.ts'
import { tellErased, withdrawOf } from '../../proposals/actions.ts'
import { getCoordinated, membersOf, showRequest, type RequestRow, type RequestView } from '../actions.ts'
import { closeRequest } from '../outcome/actions.ts'
import { isClosed, refuseClosed, refuseErased } from '../rules.ts'
import type { WithdrawalReason } from '../vocabulary.ts'
import * as store from './store.ts'
import type { RequestEraser } from './vocabulary.ts'

/** Takes a request back, with whatever practitioners are asked or expect of it. */
const close = (ctx: Ctx, before: RequestRow, reason: WithdrawalReason): void => {
  withdrawOf(ctx, before.id)
  closeRequest(ctx, before.id, 'withdrawn', {
    withdrawalReason: reason,
    ...(reason === 'consent_revoked' ? { consentRevokedAt: ctx.now } : {}),
  })
  append(ctx, {
    type: 'mt_request.withdrawn',
    subject: before.id,
    data: { communityId: before.communityId, reason, state: before.state },
  })
}

const erase = (
  ctx: Ctx,
  request: Pick<RequestRow, 'id' | 'communityId'>,
  why: Pick<Erasure, 'reason' | 'requestedBy'>,
  lastAllocatedAt: Instant,
): void => {
  const { id, communityId } = request
  for (const { identityId } of membersOf(ctx, id)) eraseIdentity(ctx, identityId, { ...why, bookings: [] })
  store.forget(ctx.db, id, ctx.now)
  forgetRequest(ctx, request, lastAllocatedAt)
  tellErased(ctx, id)
  append(ctx, { type: 'mt_request.erased', subject: id, data: { communityId, ...why } })
}

/** Ends a request that nobody is to be found for any more. Consent that is revoked takes the names with it at once. */
export const withdrawRequest = (
  ctx: Ctx,
  id: string,
  reason: WithdrawalReason,
  ifMatch: number | undefined,
): RequestView => {
  const before = getCoordinated(ctx, id)
  unlessRefused(refuseStale(before.version, ifMatch))
  unlessRefused(refuseClosed(before))
  close(ctx, before, reason)
  if (reason === 'consent_revoked') erase(ctx, before, { reason: 'request', requestedBy: 'patient' }, ctx.now)
  return showRequest(ctx, id)
}

/** Forgets who a household is, at once, as they may ask (RGPD article 17); one that still waits is taken back first. */
export const eraseRequest = (ctx: Ctx, id: string, requestedBy: RequestEraser): RequestView => {
  const before = getCoordinated(ctx, id)
  unlessRefused(refuseErased(before))
  if (!isClosed(before)) close(ctx, before, 'consent_revoked')
  erase(ctx, before, { reason: 'request', requestedBy }, ctx.now)
  return showRequest(ctx, id)
}

/**
 * Forgets who up to `limit` households were whose time is over; returns how many. One that was lost sight of is withdrawn
 * with it: nobody could be found for it any more.
 */
export const eraseDueRequests = (ctx: Ctx, limit: number): number => {
  const due = store.listErasable(ctx.db, ctx.now, limit)
  // Nobody allocates who is closed or lost sight of.
  for (const row of due) {
    if (!isClosed(row)) close(ctx, row, 'unreachable')
    erase(ctx, row, { reason: 'retention' }, row.stateSince)
  }
  return due.length
}
