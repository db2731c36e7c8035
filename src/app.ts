import { OpenAPIHono } from '@hono/zod-openapi'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { secureHeaders } from 'hono/secure-headers'
import { accessRoutes } from './access/routes.ts'
import { explanationRoutes } from './attachment/allocation/explanation/routes.ts'
import { publicationRoutes } from './attachment/allocation/publication/routes.ts'
import { allocationRoutes } from './attachment/allocation/routes.ts'
import { simulationRoutes } from './attachment/allocation/simulation/routes.ts'
import { gridRoutes } from './attachment/grid/changes/routes.ts'
import { intakeRoutes } from './attachment/intake/routes.ts'
import { followUpRoutes } from './attachment/proposals/follow-up/routes.ts'
import { registerRoutes } from './attachment/proposals/register/routes.ts'
import { proposalRoutes } from './attachment/proposals/routes.ts'
import { arrivalRoutes } from './attachment/requests/arrival/routes.ts'
import { changeRoutes } from './attachment/requests/changes/routes.ts'
import { closingRoutes } from './attachment/requests/closing/routes.ts'
import { contactRoutes } from './attachment/requests/contacts/routes.ts'
import { householdRoutes } from './attachment/requests/household/routes.ts'
import { mtImportRoutes } from './attachment/requests/import/routes.ts'
import { rightsRoutes } from './attachment/requests/rights/routes.ts'
import { requestRoutes } from './attachment/requests/routes.ts'
import { availabilityRoutes } from './bookings/availability/routes.ts'
import { enSusAnswerRoutes } from './bookings/en-sus/answers/routes.ts'
import { enSusBookingRoutes } from './bookings/en-sus/booking/routes.ts'
import { cascadeRoutes } from './bookings/en-sus/cascade/routes.ts'
import { enSusRoutes } from './bookings/en-sus/routes.ts'
import { erasureRoutes } from './bookings/erasure/routes.ts'
import { holdRoutes } from './bookings/holds/routes.ts'
import { bookingRoutes } from './bookings/routes.ts'
import type { App, AppEnv, Variables } from './edge/http.ts'
import type { Platform } from './edge/platform.ts'
import { problem } from './edge/problems.ts'
import { respondToError, sendProblem } from './edge/respond.ts'
import { systemRoutes } from './edge/system.ts'
import { territoryApi } from './edge/territory-api.ts'
import { noticeRoutes } from './events/notices/routes.ts'
import { eventRoutes } from './events/routes.ts'
import { webhookRoutes } from './events/webhooks/routes.ts'
import { feedRoutes } from './feeds/routes.ts'
import { exportRoutes } from './gardes/exports/routes.ts'
import { onCallRoutes } from './gardes/on-call/routes.ts'
import { generationRoutes } from './gardes/rotas/generation/routes.ts'
import { ledgerRoutes } from './gardes/rotas/ledger/routes.ts'
import { rotaLifeRoutes } from './gardes/rotas/life/routes.ts'
import { placeRoutes } from './gardes/rotas/places/routes.ts'
import { rotaRoutes } from './gardes/rotas/routes.ts'
import { calendarDayRoutes } from './gardes/sectors/days/routes.ts'
import { sectorNoteRoutes } from './gardes/sectors/notes/routes.ts'
import { sectorPeopleRoutes } from './gardes/sectors/people/routes.ts'
import { sectorRoutes } from './gardes/sectors/routes.ts'
import { shiftTypeRoutes } from './gardes/sectors/shift-types/routes.ts'
import { swapRoutes } from './gardes/swaps/routes.ts'
import { memberRoutes } from './members/routes.ts'
import { coverageRoutes } from './slots/coverage/routes.ts'
import { importRoutes } from './slots/import/routes.ts'
import { seriesEditRoutes } from './slots/series/edit/routes.ts'
import { seriesRoutes } from './slots/series/routes.ts'
import { slotRoutes } from './slots/routes.ts'

const API_POLICY = "default-src 'none'; frame-ancestors 'none'"

const REQUEST_ID = /^[\w-]{8,64}$/

/** The whole application over one machine's platform. */
export const createApp = (platform: Platform): App => {
  const app: App = new OpenAPIHono<AppEnv>()
  const { api, app: territory } = territoryApi(platform)

  // Around everything, so that what was thrown and is no Error has these headers too.
  app.use(secureHeaders({ crossOriginResourcePolicy: 'same-origin' }))
  app.use(async (c, next) => {
    const asked = c.req.header('x-request-id')
    const requestId =
      asked !== undefined && REQUEST_ID.test(asked)
        ? asked
        : Buffer.from(platform.sources.random(12)).toString('hex')
    c.set('requestId', requestId)
    const stop = platform.metrics.request()
    try {
      await next()
    } catch (error) {
      // Hono hands only instances of Error to `onError`.
      c.res = respondToError(platform)(error, c)
    }
    c.res.headers.set('x-request-id', requestId)
    if (!c.res.headers.has('content-security-policy'))
      c.res.headers.set('content-security-policy', API_POLICY)
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
    // Set only as far as the request came.
    const known = c.var as Partial<Variables>
    const labels = { operation: known.operation ?? 'none', method: c.req.method, status: c.res.status }
    stop(labels)
    platform.log.info(
      { requestId, ...labels, territory: known.territory?.info.code, key: known.caller?.actor.keyId },
      'request',
    )
  })
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const allow = methods.sort().join(', ')
        return sendProblem(c, problem('method_not_allowed', `Méthodes permises : ${allow}.`), { allow })
      },
    }),
  )

  memberRoutes(api)
  accessRoutes(api)
  seriesRoutes(api)
  seriesEditRoutes(api)
  slotRoutes(api)
  importRoutes(api)
  coverageRoutes(api)
  availabilityRoutes(api)
  bookingRoutes(api)
  erasureRoutes(api)
  // Before what has an id in its path: the first that fits is taken.
  cascadeRoutes(api)
  enSusRoutes(api)
  enSusAnswerRoutes(api)
  enSusBookingRoutes(api)
  holdRoutes(api)
  eventRoutes(api)
  webhookRoutes(api)
  noticeRoutes(api)
  feedRoutes(api)
  sectorRoutes(api)
  shiftTypeRoutes(api)
  sectorPeopleRoutes(api)
  sectorNoteRoutes(api)
  calendarDayRoutes(api)
  rotaRoutes(api)
  rotaLifeRoutes(api)
  ledgerRoutes(api)
  generationRoutes(api)
  placeRoutes(api)
  swapRoutes(api)
  onCallRoutes(api)
  exportRoutes(api)
  simulationRoutes(api)
  allocationRoutes(api)
  publicationRoutes(api)
  explanationRoutes(api)
  gridRoutes(api)
  arrivalRoutes(api)
  requestRoutes(api)
  changeRoutes(api)
  contactRoutes(api)
  householdRoutes(api)
  closingRoutes(api)
  mtImportRoutes(api)
  rightsRoutes(api)
  intakeRoutes(api)
  proposalRoutes(api)
  followUpRoutes(api)
  registerRoutes(api)
  app.route('/:territory/v1', territory)
  app.all('/:territory/v1/*', (c) =>
    platform.findTerritory(c.req.param('territory'))
      ? sendProblem(c, problem('unknown_route', 'Cette adresse n’existe pas.'))
      : sendProblem(c, problem('unknown_territory', 'Ce territoire n’existe pas ici.')),
  )
  systemRoutes(app, platform)

  app.notFound((c) => sendProblem(c, problem('unknown_route', 'Cette adresse n’existe pas.')))
  app.onError(respondToError(platform))
  return app
}
