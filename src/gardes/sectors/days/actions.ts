import type { Ctx } from '../../../db/db.ts'
import type { LocalDate } from '../../../kernel/civil.ts'
import { unlessRefused } from '../../../kernel/refusal.ts'
import { getSector } from '../actions.ts'
import { calendarDays, calendarOptionsOf, refuseCalendarPeriod, type CalendarDay } from './rules.ts'

export type { CalendarDay } from './rules.ts'

/** What each day of a period is, for the territory or as a sector has decided it. */
export const listCalendarDays = (
  ctx: Ctx,
  { from, to, sector }: { from: LocalDate; to: LocalDate; sector?: string | undefined },
): CalendarDay[] => {
  const options = sector === undefined ? undefined : calendarOptionsOf(getSector(ctx, sector))
  unlessRefused(refuseCalendarPeriod(from, to))
  return calendarDays({ from, to }, ctx.territory.zone, ctx.territory, options)
}
