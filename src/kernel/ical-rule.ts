import {
  dateOf,
  getLocalDate,
  minuteOfDay,
  type LocalDate,
  type LocalDateTime,
  type Weekday,
} from './civil.ts'
import { DAY } from './time.ts'

const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const

/**
 * The days of a recurrence that another program wrote (RFC 5545 §3.3.10, the part that agendas use). Unlike the rules
 * that people type here (`recurrence.ts`) it is as old and as long as it is: nobody can be asked to correct it.
 */
export interface DayRule {
  readonly freq: (typeof FREQUENCIES)[number]
  readonly interval: number
  readonly byMonth: readonly number[]
  readonly byMonthDay: readonly number[]
  readonly byDay: readonly { readonly weekday: Weekday; readonly ordinal: number | undefined }[]
  readonly bySetPos: readonly number[]
  readonly weekStart: Weekday
  readonly count: number | undefined
  /** As the parser writes it: a date, a wall time, or a wall time and `Z`. */
  readonly until: string | undefined
}

/** Days that may still be looked at; shared by everything that is read from one file, so that its work is bounded. */
export interface Steps {
  left: number
}

const DAY_CODES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

const listOf = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

/** A list of whole numbers of which each, or its negative when allowed, is from 1 to `most`; undefined for any other. */
const numbersOf = (value: unknown, most: number, mayBeNegative: boolean): number[] | undefined => {
  const numbers = listOf(value)
  const isGood = (one: unknown): one is number =>
    typeof one === 'number' &&
    Number.isInteger(one) &&
    Math.abs(one) >= 1 &&
    Math.abs(one) <= most &&
    (one > 0 || mayBeNegative)
  return numbers.every(isGood) ? numbers : undefined
}

const dayOf = (code: unknown): DayRule['byDay'][number] | undefined => {
  const [, rank, name] = typeof code === 'string' ? (/^([+-]?[1-5])?([A-Z]{2})$/.exec(code) ?? []) : []
  const index = DAY_CODES.findIndex((known) => known === name)
  return index < 0
    ? undefined
    : { weekday: (index + 1) as Weekday, ordinal: rank === undefined ? undefined : Number(rank) }
}

/** The parts that a day rule is read from; hours and minutes may only repeat those of the start. */
const PARTS = ['freq', 'interval', 'bymonth', 'bymonthday', 'byday', 'bysetpos', 'wkst', 'count', 'until']

/**
 * The rule of a RECUR value as ical.js parses it. Refuses (undefined) what agendas do not write: hours, minutes and
 * seconds as a frequency, weeks and days of the year, positions within anything but a month, a calendar of its own.
 */
export const readDayRule = (
  recur: Readonly<Record<string, unknown>>,
  start: LocalDateTime,
): DayRule | undefined => {
  const clock: Readonly<Record<string, number>> = {
    byhour: Math.floor(minuteOfDay(start) / 60),
    byminute: minuteOfDay(start) % 60,
    bysecond: 0,
  }
  for (const [part, value] of Object.entries(recur)) {
    const repeated = clock[part]
    if (repeated === undefined ? !PARTS.includes(part) : listOf(value).some((one) => one !== repeated))
      return undefined
  }
  const freq = FREQUENCIES.find((one) => one === recur.freq)
  const [interval = 1] = numbersOf(recur.interval, 1_000, false) ?? [0]
  const [count] = numbersOf(recur.count, 100_000, false) ?? [0]
  const byMonth = numbersOf(recur.bymonth, 12, false)
  const byMonthDay = numbersOf(recur.bymonthday, 31, true)
  const bySetPos = numbersOf(recur.bysetpos, 31, true)
  const byDay = listOf(recur.byday).map(dayOf)
  const { until, wkst = 2 } = recur
  if (!freq || !byMonth || !byMonthDay || !bySetPos || interval === 0 || count === 0) return undefined
  if (until !== undefined && typeof until !== 'string') return undefined
  // ical.js counts from Sunday, which is 1.
  if (typeof wkst !== 'number') return undefined
  const days = byDay.filter((day) => day !== undefined)
  if (days.length < byDay.length) return undefined
  const isRanked = days.some(({ ordinal }) => ordinal !== undefined)
  const isWithinMonths = freq === 'MONTHLY' || (freq === 'YEARLY' && byMonth.length > 0)
  if (isRanked && !isWithinMonths) return undefined
  if (bySetPos.length > 0 && freq !== 'MONTHLY') return undefined
  if (freq === 'WEEKLY' && byMonthDay.length > 0) return undefined
  if (freq === 'YEARLY' && byMonth.length === 0 && days.length + byMonthDay.length > 0) return undefined
  return {
    freq,
    interval,
    byMonth,
    byMonthDay,
    byDay: days,
    bySetPos,
    weekStart: (((wkst + 5) % 7) + 1) as Weekday,
    count,
    until,
  }
}

/** A day as its number since 1970-01-01, which was a Thursday, and what the calendar says of it. */
interface Day {
  readonly number: number
  readonly weekday: Weekday
  readonly year: number
  readonly month: number
  readonly date: number
}

const numberOf = (date: LocalDate): number => Date.parse(date) / DAY

const dayAt = (number: number): Day => {
  const date = new Date(number * DAY)
  return {
    number,
    weekday: (((((number + 3) % 7) + 7) % 7) + 1) as Weekday,
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    date: date.getUTCDate(),
  }
}

const lengthOfMonth = ({ year, month }: Day): number => new Date(Date.UTC(year, month, 0)).getUTCDate()

/** Which period of the frequency a day is in, counted from any fixed one. */
const periodOf = ({ freq, weekStart }: DayRule, day: Day): number => {
  switch (freq) {
    case 'DAILY':
      return day.number
    case 'WEEKLY':
      return Math.floor((day.number + 4 - weekStart) / 7)
    case 'MONTHLY':
      return day.year * 12 + day.month
    case 'YEARLY':
      return day.year
  }
}

const isDefaultDay = ({ freq, byMonth }: DayRule, start: Day, day: Day): boolean => {
  switch (freq) {
    case 'DAILY':
      return true
    case 'WEEKLY':
      return day.weekday === start.weekday
    case 'MONTHLY':
      return day.date === start.date
    case 'YEARLY':
      return day.date === start.date && (byMonth.length > 0 || day.month === start.month)
  }
}

/** Whether the days that the rule names, positions apart, are this one among others. */
const isNamed = (rule: DayRule, start: Day, day: Day): boolean => {
  const { byMonth, byMonthDay, byDay } = rule
  if (byMonth.length > 0 && !byMonth.includes(day.month)) return false
  if (byMonthDay.length + byDay.length === 0) return isDefaultDay(rule, start, day)
  const length = lengthOfMonth(day)
  if (byMonthDay.length > 0 && !byMonthDay.includes(day.date) && !byMonthDay.includes(day.date - length - 1))
    return false
  return (
    byDay.length === 0 ||
    byDay.some(
      ({ weekday, ordinal }) =>
        weekday === day.weekday &&
        (ordinal === undefined ||
          ordinal === Math.ceil(day.date / 7) ||
          ordinal === -Math.ceil((length - day.date + 1) / 7)),
    )
  )
}

const isAtPosition = (rule: DayRule, start: Day, day: Day, steps: Steps): boolean => {
  if (rule.bySetPos.length === 0) return true
  const first = day.number - day.date + 1
  const named: number[] = []
  for (let i = 0; i < lengthOfMonth(day); i++)
    if (isNamed(rule, start, dayAt(first + i))) named.push(first + i)
  steps.left -= 31
  const place = named.indexOf(day.number)
  return rule.bySetPos.includes(place + 1) || rule.bySetPos.includes(place - named.length)
}

/**
 * The days of a rule from `from` to `to`, both included, in order, UNTIL apart; the day of the start counts only when it
 * matches. Each day is asked whether it is one, so that there is an end whatever the rule: a day is a step, a rule with
 * COUNT takes those since its start as well. Refuses (undefined) when there are not as many steps left.
 */
export const findDays = (
  rule: DayRule,
  start: LocalDateTime,
  window: { readonly from: LocalDate; readonly to: LocalDate },
  steps: Steps,
): LocalDate[] | undefined => {
  const first = dayAt(numberOf(dateOf(start)))
  const to = numberOf(window.to)
  const from = Math.max(first.number, numberOf(window.from))
  const days: LocalDate[] = []
  let counted = 0
  for (let number = rule.count === undefined ? from : first.number; number <= to; number++) {
    if (--steps.left < 0) return undefined
    const day = dayAt(number)
    const isOne =
      (periodOf(rule, day) - periodOf(rule, first)) % rule.interval === 0 &&
      isNamed(rule, first, day) &&
      isAtPosition(rule, first, day, steps)
    if (!isOne) continue
    if (rule.count !== undefined && ++counted > rule.count) break
    if (number >= from) days.push(getLocalDate(new Date(number * DAY).toISOString().slice(0, 10)))
  }
  return days
}
