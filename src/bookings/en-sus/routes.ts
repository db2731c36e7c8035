import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { paged, pageOf } from '../../edge/paging.ts'
import { formatInstant } from '../../kernel/civil.ts'
import { startCursor } from '../../slots/routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

/** What only the SAS and the GP who took the patient know. */
const takenOut = (ctx: Ctx, { request, reader, isCallShown }: actions.EnSusView) => {
  const { acceptedBy, acceptedAt, siteId, start, end, bookingId, regulationRef } = request
  if (reader === 'asked') return {}
  const at = (instant: typeof request.createdAt) => formatInstant(instant, ctx.territory.zone)
  return {
    ...(isCallShown ? { regulationRef } : {}),
    ...(acceptedBy === null || siteId === null || acceptedAt === null || start === null || end === null
      ? {}
      : {
          accepted: {
            practitionerId: acceptedBy,
            siteId,
            start: at(start),
            end: at(end),
            at: at(acceptedAt),
          },
        }),
    ...(bookingId === null ? {} : { bookingId }),
  }
}

/** How far the asking has come: not for the GPs, who are not to know of one another. */
const progressOut = (ctx: Ctx, { reader, asked, declined, nextWaveAt }: actions.EnSusView) =>
  reader === 'asked' || reader === 'taker'
    ? {}
    : {
        asked,
        declined,
        ...(nextWaveAt === null ? {} : { nextWaveAt: formatInstant(nextWaveAt, ctx.territory.zone) }),
      }

/** A request as whoever reads it is shown it, with the words of the call where they may be. */
export const enSusOut = (ctx: Ctx, view: actions.EnSusView, text?: string) => {
  const { request, ask, expiry, reader } = view
  return {
    id: request.id,
    state: view.state,
    commune: request.commune,
    communeName: view.communeName,
    modality: request.modality,
    motive: { code: request.motiveCode, ...(text === undefined ? {} : { text }) },
    requestedDelay: request.requestedDelay,
    wave: view.wave,
    // Once taken, it is the hour agreed with somebody else.
    ...(reader === 'asked' && view.state !== 'asking'
      ? {}
      : { expiresAt: formatInstant(request.expiresAt, ctx.territory.zone) }),
    createdAt: formatInstant(request.createdAt, ctx.territory.zone),
    ...(expiry === undefined || reader === 'asked' ? {} : { expired: expiry }),
    ...(ask === undefined
      ? {}
      : {
          km: Math.round(ask.km * 100) / 100,
          ...(ask.answer === null ? {} : { answer: ask.answer }),
        }),
    ...progressOut(ctx, view),
    ...takenOut(ctx, view),
    version: request.version,
  }
}

export const enSusRoutes = (api: Api): void => {
  api.on(contract.requestEnSus, (ctx, { body }) => {
    const { medecinTraitant, ...view } = actions.requestEnSus(ctx, body)
    return { ...enSusOut(ctx, view), ...(medecinTraitant === undefined ? {} : { medecinTraitant }) }
  })
  api.on(contract.listEnSus, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(
      actions.listEnSus(ctx, query.state, startCursor.read(after), limit),
      limit,
      ({ request }) => startCursor.of({ start: request.createdAt, id: request.id }),
      (view) => enSusOut(ctx, view),
    )
  })
  api.on(contract.getEnSus, (ctx, { params }) => {
    const { text, ...view } = actions.getEnSus(ctx, params.id)
    return enSusOut(ctx, view, text)
  })
  api.on(contract.closeEnSus, (ctx, { params, body }) =>
    enSusOut(ctx, actions.closeEnSus(ctx, params.id, body.reason ?? 'other')),
  )
}
