import {
  addDays,
  getLocalDateTime,
  toInstant,
  toLocalDate,
  weekdayOf,
  type Zone,
} from '../../../kernel/civil.ts'
import { plus, type Instant } from '../../../kernel/time.ts'

/** A day and hour of each week, in civil time: 1 is Monday, `HH:mm`. */
export interface WeeklyRun {
  readonly weekday: number
  readonly at: string
}

/**
 * The next instant after `after` at which clocks of the zone show the day and hour. An hour that clocks skip is moved by
 * the gap, one that comes twice is its first: exactly one run a week.
 */
export const nextRun = ({ weekday, at }: WeeklyRun, after: Instant, zone: Zone): Instant => {
  const today = toLocalDate(after, zone)
  const wait = (weekday - weekdayOf(today) + 7) % 7
  for (const days of [wait, wait + 7]) {
    const next = toInstant(getLocalDateTime(`${addDays(today, days)}T${at}`), zone, 'forward')
    if (next > after) return next
  }
  throw new Error('the week after next is later than now')
}

/** Whether an instant is one of the runs, and not one of what the rules were before. */
export const isRun = (run: WeeklyRun, at: Instant, zone: Zone): boolean =>
  nextRun(run, plus(at, -1), zone) === at
