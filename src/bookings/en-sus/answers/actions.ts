import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { distanceKm } from '../../../kernel/geo.ts'
import { orAbsent, unlessRefused } from '../../../kernel/refusal.ts'
import { MINUTE, plus, type Instant } from '../../../kernel/time.ts'
import { getCommune, getPractitioner, getSiteOf } from '../../../members/actions.ts'
import {
  changeRequest,
  endAsking,
  getAsked,
  getVisible,
  listAsks,
  settle,
  type EnSusView,
} from '../actions.ts'
import { DEFAULT_MINUTES, defaultStart, hurryOf, latestStart, refuseEnSus, refuseStart } from '../rules.ts'
import * as store from './store.ts'

/**
 * A GP says no. They may still say yes as long as it is asked. When everybody asked has said no, the next wave begins
 * at once, or the request is over when there is none.
 */
export const declineEnSus = (ctx: Ctx, id: string): EnSusView => {
  const { request, state, wave, ask, practitionerId } = getAsked(ctx, id)
  unlessRefused(refuseEnSus('decline', state))
  if (ask.answer === 'declined') return getVisible(ctx, id)
  store.setAnswer(ctx.db, id, practitionerId, 'declined', ctx.now)
  const hurry = hurryOf(listAsks(ctx, id), request.expiresAt, ctx.now)
  if (hurry !== undefined) {
    store.hastenAsks(ctx.db, id, ctx.now, hurry)
    changeRequest(ctx, id, { expiresAt: plus(request.expiresAt, -hurry) })
  }
  append(ctx, { type: 'en_sus.declined', subject: id, practitionerId, data: { wave } })
  settle(ctx, id)
  return getVisible(ctx, id)
}

export interface AcceptInput {
  readonly siteId?: string | undefined
  readonly start?: Instant | undefined
  readonly durationMinutes?: number | undefined
}

const nearestSite = (ctx: Ctx, practitionerId: string, insee: string): string => {
  const commune = getCommune(ctx, insee)
  const kmOf = new Map(
    getPractitioner(ctx, practitionerId).sites.map((site) => [site.id, distanceKm(commune, site)]),
  )
  const [nearest] = [...kmOf].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
  return orAbsent(nearest, 'Cabinet')[0]
}

/**
 * A GP takes the patient: the first one who does. Said again by the same one it changes nothing. From then on the
 * request waits for the SAS to complete the booking, until the hour agreed.
 */
export const acceptEnSus = (ctx: Ctx, id: string, input: AcceptInput): EnSusView => {
  const { request, state, wave, reader, practitionerId } = getAsked(ctx, id)
  if (state === 'accepted' && reader === 'taker') return getVisible(ctx, id)
  unlessRefused(refuseEnSus('accept', state))
  const siteId = input.siteId ?? nearestSite(ctx, practitionerId, request.commune)
  getSiteOf(ctx, practitionerId, siteId)
  const start = input.start ?? defaultStart(ctx.now)
  const latest = latestStart(request.requestedDelay, request.createdAt, ctx.territory.zone)
  unlessRefused(refuseStart(start, ctx.now, latest))
  const end = plus(start, (input.durationMinutes ?? DEFAULT_MINUTES) * MINUTE)
  store.setAnswer(ctx.db, id, practitionerId, 'accepted', ctx.now)
  endAsking(ctx, id)
  changeRequest(ctx, id, {
    state: 'accepted',
    acceptedBy: practitionerId,
    acceptedAt: ctx.now,
    siteId,
    start,
    end,
    expiresAt: start,
  })
  append(ctx, { type: 'en_sus.accepted', subject: id, practitionerId, data: { wave, siteId, start, end } })
  return getVisible(ctx, id)
}
