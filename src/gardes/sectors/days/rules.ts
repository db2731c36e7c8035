import {
  dayTypeOf,
  pdsaIntervals,
  type CalendarOptions,
  type CalendarTerritory,
} from '../../../kernel/calendar.ts'
import { addDays, dayInterval, daysBetween, type LocalDate, type Zone } from '../../../kernel/civil.ts'
import type { Refusal } from '../../../kernel/refusal.ts'
import type { Interval } from '../../../kernel/time.ts'
import { refuseDates } from '../rules.ts'

/** What a sector decides of its calendar. */
export interface SectorCalendar {
  readonly goodFridayIsHoliday: boolean | null
  readonly pontMondayBefore: boolean
  readonly pontFridayAfter: boolean
  readonly pontSaturdayAfter: boolean
  readonly extraHolidays: readonly LocalDate[]
}

/** A sector's choices for the calendar; Good Friday as the territory has it where the sector says nothing. */
export const calendarOptionsOf = (sector: SectorCalendar): CalendarOptions => ({
  ...(sector.goodFridayIsHoliday === null ? {} : { goodFriday: sector.goodFridayIsHoliday }),
  extra: sector.extraHolidays,
  pontDays: {
    mondayBefore: sector.pontMondayBefore,
    fridayAfter: sector.pontFridayAfter,
    saturdayAfter: sector.pontSaturdayAfter,
  },
})

/** Days that one request shows: a year and what is planned beyond it. */
const MOST_DAYS = 400

/** From a day to another, both included: 400 days at most. */
export const refuseCalendarPeriod = (from: LocalDate, to: LocalDate): Refusal | null =>
  refuseDates(from, to) ??
  (daysBetween(from, to) >= MOST_DAYS
    ? {
        code: 'invalid_interval',
        detail: `Le calendrier se lit par ${MOST_DAYS} jours au plus.`,
        path: ['to'],
      }
    : null)

export interface CalendarDay {
  readonly date: LocalDate
  readonly type: ReturnType<typeof dayTypeOf>['type']
  readonly pont: boolean
  readonly holiday?: string | undefined
  readonly pdsa: readonly Interval[]
}

/**
 * What each day is, and when PDSA is. Without a sector a pont is a weekday or a Saturday like another, for nobody has
 * decided; in a sector the days that it counts as ponts are those it brought into scope, from 00:00 to 24:00 (R6315-1).
 */
export const calendarDays = (
  { from, to }: { readonly from: LocalDate; readonly to: LocalDate },
  zone: Zone,
  territory: CalendarTerritory,
  options: CalendarOptions | undefined,
): CalendarDay[] =>
  Array.from({ length: daysBetween(from, to) + 1 }, (_, days) => {
    const date = addDays(from, days)
    const day = dayTypeOf(date, territory, options)
    const pdsa =
      options && day.pont ? [dayInterval(date, zone)] : pdsaIntervals(date, zone, territory, options)
    return { date, ...day, pdsa }
  })
