import type { Ctx } from '../../../db/db.ts'
import type { Api } from '../../../edge/http.ts'
import { formatInstant } from '../../../kernel/civil.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const dayOut = (ctx: Ctx, { date, type, pont, holiday, pdsa }: actions.CalendarDay) => {
  const { zone } = ctx.territory
  return {
    date,
    type,
    pont,
    ...(holiday === undefined ? {} : { holiday }),
    pdsa: pdsa.map(({ start, end }) => [formatInstant(start, zone), formatInstant(end, zone)]),
  }
}

export const calendarDayRoutes = (api: Api): void => {
  api.on(contract.listCalendarDays, (ctx, { query }) => ({
    items: actions.listCalendarDays(ctx, query).map((day) => dayOut(ctx, day)),
  }))
}
