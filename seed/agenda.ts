import { dayTypeOf, type CalendarTerritory } from '../src/kernel/calendar.ts'
import {
  addDays,
  atMinute,
  toInstant,
  toLocalDate,
  weekdayOf,
  type LocalDate,
  type LocalDateTime,
  type Zone,
} from '../src/kernel/civil.ts'
import { MINUTE, plus, type Instant } from '../src/kernel/time.ts'
import type { OfferInput } from '../src/slots/actions.ts'
import { DAY_CODES, type DemoGp, type DemoSeries } from './roster.ts'

export interface DemoPlace extends CalendarTerritory {
  readonly zone: Zone
}

export interface DemoSlot extends OfferInput {
  readonly start: Instant
  readonly end: Instant
}

/** Time that the seed leaves itself, so that a slot is still to come when it is published and looked for. */
const MARGIN = 30 * MINUTE

const RELAY_DAYS = [0, 1, 2, 3]
/** Wall times in minutes of the day: 08:30, 09:45, 11:00, 14:00, 15:30, 17:00, 18:30, 20:00, 21:00. */
const RELAY_TIMES = [510, 585, 660, 840, 930, 1020, 1110, 1200, 1260]
/** From 10:00 on Sundays and holidays. */
const REST_DAY_START = 600
const WALK_IN_AT = 840

const EXTRA_DAYS = [1, 2, 3, 4]
const EXTRA_TIMES = [960, 980]

const slotOf = (place: DemoPlace, date: LocalDate, minute: number, minutes: number): DemoSlot[] => {
  const start = toInstant(atMinute(date, minute), place.zone, 'skip')
  return start === undefined ? [] : [{ start, end: plus(start, minutes * MINUTE) }]
}

const isRestDay = (place: DemoPlace, date: LocalDate): boolean =>
  ['sunday', 'holiday'].includes(dayTypeOf(date, place).type)

const relaySlots = (place: DemoPlace, date: LocalDate, number: number): DemoSlot[] =>
  RELAY_TIMES.filter((minute) => minute >= REST_DAY_START || !isRestDay(place, date)).flatMap((minute) => {
    if (number === 0 && minute === WALK_IN_AT)
      return slotOf(place, date, minute, 60).map((slot) => ({
        ...slot,
        appointmentType: 'WALKIN' as const,
        capacity: 4,
      }))
    return slotOf(place, date, minute + 15 * number, number % 2 === 0 ? 15 : 20)
  })

const extraSlots = (place: DemoPlace, date: LocalDate): DemoSlot[] =>
  dayTypeOf(date, place).type === 'weekday'
    ? EXTRA_TIMES.flatMap((minute) => slotOf(place, date, minute, 20))
    : []

/** What a GP opens once, on the days around `now`; never in the past. */
export const singleSlots = ({ singles }: DemoGp, place: DemoPlace, now: Instant): DemoSlot[] => {
  if (singles === null) return []
  const today = toLocalDate(now, place.zone)
  const slots =
    singles.kind === 'relay'
      ? RELAY_DAYS.flatMap((days) => relaySlots(place, addDays(today, days), singles.number))
      : EXTRA_DAYS.flatMap((days) => extraSlots(place, addDays(today, days)))
  return slots.filter((slot) => slot.start >= now + MARGIN)
}

/** Where a series starts: at its first day of the week that `now` is in. */
export const seriesStart = ({ days, at }: DemoSeries, place: DemoPlace, now: Instant): LocalDateTime => {
  const today = toLocalDate(now, place.zone)
  const first = Math.min(...days.map((day) => DAY_CODES.indexOf(day)))
  return atMinute(addDays(today, 1 - weekdayOf(today) + first), at)
}
