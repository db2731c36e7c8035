import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { paged, pageOf } from '../../edge/paging.ts'
import { formatInstant } from '../../kernel/civil.ts'
import { offerOut } from '../routes.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const seriesOut = (row: actions.SeriesRow) => ({
  id: row.id,
  practitionerId: row.practitionerId,
  siteId: row.siteId,
  rrule: row.rrule,
  localStart: row.localStart,
  durationMinutes: row.durationMinutes,
  slotMinutes: row.slotMinutes,
  ...offerOut(row),
  exdates: row.exdates,
  skipHolidays: row.skipHolidays,
  endedFrom: row.endedFrom,
  version: row.version,
})

const occurrenceOut = (ctx: Ctx, { localStart, interval, slots, skipped }: actions.Occurrence) => ({
  localStart,
  start: interval ? formatInstant(interval.start, ctx.territory.zone) : null,
  end: interval ? formatInstant(interval.end, ctx.territory.zone) : null,
  slots,
  ...(skipped === undefined ? {} : { skipped }),
})

export const seriesRoutes = (api: Api): void => {
  api.on(contract.createSeries, (ctx, { body }) => {
    const { row, occurrences } = actions.createSeries(ctx, body)
    return { ...seriesOut(row), occurrences }
  })
  api.on(contract.previewSeries, (ctx, { body }) => ({
    items: actions.previewSeries(ctx, body).map((one) => occurrenceOut(ctx, one)),
  }))
  api.on(contract.listSeries, (ctx, { query }) => {
    const { limit, after } = pageOf(query)
    return paged(actions.listSeries(ctx, query.practitioner, after, limit), limit, (row) => row.id, seriesOut)
  })
  api.on(contract.getSeries, (ctx, { params }) => seriesOut(actions.getSeries(ctx, params.id)))
  api.on(contract.endSeries, (ctx, { params, body }) => {
    const { row, removed, keptBooked } = actions.endSeries(ctx, params.id, body.from)
    return { ...seriesOut(row), removed, keptBooked }
  })
}
