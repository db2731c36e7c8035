import * as rruleModule from 'rrule'
import type { ByWeekday, Options } from 'rrule'
import {
  addDays,
  addMinutes,
  atMinute,
  atWall,
  dateOf,
  daysBetween,
  findInstantText,
  findLocalDate,
  findLocalDateTime,
  type LocalDateTime,
  minuteOfDay,
  toLocal,
  wallMilliseconds,
  type Weekday,
  weekdayOf,
  type Zone,
} from './civil.ts'

// Bundlers take rrule's ES module, with names; Node takes its CommonJS file, where they hang below `default`.
const { RRule, Weekday: RRuleDay } =
  'RRule' in rruleModule ? rruleModule : (rruleModule as { default: typeof rruleModule }).default

const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY'] as const
export type Frequency = (typeof FREQUENCIES)[number]

/** A weekday (1 is Monday), or with an ordinal the n-th of the month, from its end when negative. */
export interface RuleDay {
  readonly weekday: Weekday
  readonly ordinal?: number
}

/**
 * A recurrence in wall time, without a zone (RFC 5545 §3.3.10, the part that practices use). Made by `parseRule`.
 * Without `byDay`, a weekly rule falls on the weekday of its start and a monthly one on its day of the month;
 * months without that day are skipped.
 */
export interface Rule {
  readonly freq: Frequency
  readonly interval: number
  readonly byDay: readonly RuleDay[]
  /** Over two plain weekdays or more; over a single one `parseRule` makes it the ordinal. */
  readonly bySetPos?: number
  /** Inclusive. */
  readonly until?: LocalDateTime
  readonly count?: number
}

/** Why a rule is refused: one French sentence for the person who typed it. */
export interface InvalidRule {
  readonly reason: string
}

const DAY_CODES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
const KEYS = ['FREQ', 'INTERVAL', 'BYDAY', 'BYSETPOS', 'UNTIL', 'COUNT', 'WKST']
const MAX_TEXT = 200
const MAX_INTERVAL = 52
const MAX_COUNT = 730
const MAX_UNTIL_YEARS = 2
const FIRST_WITHIN_DAYS = 366
const MAX_WINDOW_DAYS = 3 * 366

/** Whether `parseRule` refused. */
export const isInvalidRule = (parsed: Rule | InvalidRule): parsed is InvalidRule => 'reason' in parsed

/**
 * Reads RRULE text by a whitelist: FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL 1–52, BYDAY (with ordinals ±1–5 when
 * monthly, ±5 not in steps of whole years), BYSETPOS ±1–5 (monthly, over plain weekdays), WKST=MO, and UNTIL at most
 * 2 years after the start or COUNT 1–730. UNTIL is a date (its whole day), a wall time, or UTC, which becomes wall
 * time of `zone`.
 * Refuses everything else, each key twice, lower case, more than 200 characters, and a rule whose first occurrence
 * is not within 366 days of the start: such a rule is a mistake, and an expansion without end.
 */
export const parseRule = (text: string, zone: Zone, start: LocalDateTime): Rule | InvalidRule => {
  try {
    return readRule(text, zone, start)
  } catch (error) {
    if (error instanceof Unreadable) return { reason: error.message }
    throw error
  }
}

class Unreadable extends Error {}

const refuse = (reason: string): never => {
  throw new Unreadable(reason)
}

const readRule = (text: string, zone: Zone, start: LocalDateTime): Rule => {
  const parts = readParts(text)
  const freq = readFrequency(parts.get('FREQ'))
  const interval = readNumber('INTERVAL', parts.get('INTERVAL'), MAX_INTERVAL) ?? 1
  const { byDay, bySetPos } = readPattern(parts, freq)
  const until = readUntil(parts.get('UNTIL'), zone, start)
  const count = readNumber('COUNT', parts.get('COUNT'), MAX_COUNT)
  const wkst = parts.get('WKST')
  if (wkst !== undefined && wkst !== 'MO') refuse('La semaine commence le lundi : WKST ne peut être que MO.')
  if (until !== undefined && count !== undefined)
    refuse('Une récurrence a une date de fin (UNTIL) ou un nombre (COUNT), pas les deux.')
  // The fifth of a weekday in every February may be never, and the search for it long.
  if (interval % 12 === 0 && byDay.some((day) => Math.abs(day.ordinal ?? 0) === 5))
    refuse('Un rang de ±5 ne va pas avec un intervalle d’années entières.')
  const rule: Rule = {
    freq,
    interval,
    byDay,
    ...(bySetPos !== undefined && { bySetPos }),
    ...(until !== undefined && { until }),
    ...(count !== undefined && { count }),
  }
  if (isNeverOnItsDays(rule, start) || !isStartingSoon(rule, start))
    refuse('Cette récurrence ne donne aucune date dans les 366 jours qui suivent son début.')
  return rule
}

const readParts = (text: string): ReadonlyMap<string, string> => {
  if (text.length > MAX_TEXT) refuse(`Une récurrence tient en ${MAX_TEXT} caractères.`)
  const parts = new Map<string, string>()
  for (const part of text.split(';')) {
    const [key = '', value = '', ...more] = part.split('=')
    if (!KEYS.includes(key))
      refuse('Une récurrence ne connaît que FREQ, INTERVAL, BYDAY, BYSETPOS, UNTIL et COUNT.')
    if (value === '' || more.length > 0) refuse(`La partie ${key} de la récurrence est mal écrite.`)
    if (parts.has(key)) refuse(`La partie ${key} figure deux fois dans la récurrence.`)
    parts.set(key, value)
  }
  return parts
}

const readFrequency = (value: string | undefined): Frequency =>
  FREQUENCIES.find((freq) => freq === value) ?? refuse('La fréquence (FREQ) est DAILY, WEEKLY ou MONTHLY.')

const readNumber = (key: string, value: string | undefined, max: number): number | undefined => {
  if (value === undefined) return undefined
  const number = /^[1-9]\d{0,3}$/.test(value) ? Number(value) : Infinity
  return number <= max ? number : refuse(`${key} est un nombre entier de 1 à ${max}.`)
}

/** The n-th of a single weekday becomes a ranked day: rrule takes -5FR as -4FR in a month of four Fridays. */
const readPattern = (parts: ReadonlyMap<string, string>, freq: Frequency) => {
  const byDay = readDays(parts.get('BYDAY'), freq)
  const bySetPos = readSetPosition(parts.get('BYSETPOS'), freq, byDay)
  const [only] = byDay
  return only !== undefined && byDay.length === 1 && bySetPos !== undefined
    ? { byDay: [{ weekday: only.weekday, ordinal: bySetPos }] }
    : { byDay, bySetPos }
}

const readDays = (value: string | undefined, freq: Frequency): readonly RuleDay[] => {
  if (value === undefined) return []
  const days = value.split(',').map(readDay)
  if (freq !== 'MONTHLY' && days.some((day) => day.ordinal !== undefined))
    refuse('Un rang de jour (« 2MO ») ne vaut que dans une récurrence mensuelle.')
  if (new Set(days.map(dayText)).size < days.length) refuse('Un jour figure deux fois dans BYDAY.')
  return days.sort((a, b) => a.weekday - b.weekday || (a.ordinal ?? 0) - (b.ordinal ?? 0))
}

const readDay = (text: string): RuleDay => {
  const [, rank, code] = /^([+-]?[1-5])?([A-Z]{2})$/.exec(text) ?? []
  const index = DAY_CODES.findIndex((known) => known === code)
  if (index < 0) refuse('BYDAY est une liste de jours MO, TU, WE, TH, FR, SA, SU, avec un rang de ±1 à ±5.')
  return { weekday: (index + 1) as Weekday, ...(rank !== undefined && { ordinal: Number(rank) }) }
}

const readSetPosition = (value: string | undefined, freq: Frequency, byDay: readonly RuleDay[]) => {
  if (value === undefined) return undefined
  // Over ranked days a position may never be reached (BYDAY=5MO;BYSETPOS=5); over plain weekdays it always is.
  if (freq !== 'MONTHLY' || byDay.length === 0 || byDay.some((day) => day.ordinal !== undefined))
    refuse('BYSETPOS demande une récurrence mensuelle et des jours (BYDAY) sans rang.')
  return /^[+-]?[1-5]$/.test(value) ? Number(value) : refuse('BYSETPOS est un seul rang, de ±1 à ±5.')
}

const readUntil = (
  value: string | undefined,
  zone: Zone,
  start: LocalDateTime,
): LocalDateTime | undefined => {
  if (value === undefined) return undefined
  const until =
    findUntil(value, zone) ?? refuse('UNTIL s’écrit AAAAMMJJ, AAAAMMJJThhmmss ou AAAAMMJJThhmmssZ.')
  if (until < start) refuse('La fin de la récurrence (UNTIL) précède son début.')
  // As text: two years after 29 February is a day that comes after 28 February and before 1 March.
  const horizon = `${Number(start.slice(0, 4)) + MAX_UNTIL_YEARS}${start.slice(4, 10)}`
  if (dateOf(until) > horizon)
    refuse(`Une récurrence s’arrête au plus ${MAX_UNTIL_YEARS} ans après son début.`)
  return until
}

const findUntil = (value: string, zone: Zone): LocalDateTime | undefined => {
  const [, year, month, day, hour, minute, second, utc] =
    /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})([0-5]\d)(Z)?)?$/.exec(value) ?? []
  const date = year === undefined ? undefined : findLocalDate(`${year}-${month}-${day}`)
  // The last day that there is has no next one, which its hours in another zone may fall on.
  if (!date || date === '9999-12-31') return undefined
  if (hour === undefined) return atMinute(date, 1439)
  const local = findLocalDateTime(`${date}T${hour}:${minute}`)
  if (!local || !utc) return local
  const at = findInstantText(`${local}:${second}Z`)
  return at && toLocal(at, zone)
}

/** Whether the days that the interval reaches are never those asked for: only a daily rule can miss them all. */
const isNeverOnItsDays = (rule: Rule, start: LocalDateTime): boolean =>
  rule.freq === 'DAILY' &&
  rule.interval % 7 === 0 &&
  rule.byDay.length > 0 &&
  rule.byDay.every((day) => day.weekday !== weekdayOf(dateOf(start)))

const isStartingSoon = (rule: Rule, start: LocalDateTime): boolean =>
  expand(rule, start, { from: start, to: addMinutes(start, FIRST_WITHIN_DAYS * 1440) }).length > 0

/**
 * The occurrences of a rule in `[from, to)`, in wall time and in order; `toInstant(…, 'skip')` makes them instants.
 * The start counts as an occurrence only when it matches the rule. Work grows with the window, not with the age of
 * the start. Throws when the window is longer than 3 years.
 */
export const expand = (
  rule: Rule,
  start: LocalDateTime,
  window: { readonly from: LocalDateTime; readonly to: LocalDateTime },
): LocalDateTime[] => {
  if (daysBetween(dateOf(window.from), dateOf(window.to)) > MAX_WINDOW_DAYS)
    throw new RangeError('a recurrence is expanded over 3 years at most')
  const from = window.from > start ? window.from : start
  if (window.to <= from) return []
  const last = addMinutes(window.to, -1)
  const until = rule.until !== undefined && rule.until < last ? rule.until : last
  const expansion = new RRule({
    ...optionsOf(rule, start),
    dtstart: toDate(fastForward(rule, start, from)),
    until: toDate(until),
  })
  return expansion.between(toDate(from), toDate(until), true).map((date) => atWall(date.getTime()))
}

/**
 * The latest start from which the rule has the same occurrences from `from` on: the first day of a period (day,
 * week, month) that the interval reaches. A rule with COUNT keeps its start, as occurrences are counted from there.
 */
export const fastForward = (rule: Rule, start: LocalDateTime, from: LocalDateTime): LocalDateTime => {
  if (rule.count !== undefined) return start
  const period = PERIODS[rule.freq]
  const reached = Math.floor(period.between(start, from) / rule.interval) * rule.interval
  return reached > 0 ? period.first(start, reached) : start
}

/** How many whole periods after that of `start` is that of `from`; the first day of the n-th period after it. */
interface Period {
  readonly between: (start: LocalDateTime, from: LocalDateTime) => number
  readonly first: (start: LocalDateTime, periods: number) => LocalDateTime
}

const mondayOf = (local: LocalDateTime) => addDays(dateOf(local), 1 - weekdayOf(dateOf(local)))

const monthNumber = (local: LocalDateTime) => Number(local.slice(0, 4)) * 12 + Number(local.slice(5, 7)) - 1

const PERIODS: Readonly<Record<Frequency, Period>> = {
  DAILY: {
    between: (start, from) => daysBetween(dateOf(start), dateOf(from)),
    first: (start, days) => addMinutes(start, days * 1440),
  },
  WEEKLY: {
    between: (start, from) => daysBetween(mondayOf(start), mondayOf(from)) / 7,
    first: (start, weeks) => atMinute(addDays(mondayOf(start), weeks * 7), minuteOfDay(start)),
  },
  MONTHLY: {
    between: (start, from) => monthNumber(from) - monthNumber(start),
    first: (start, months) => {
      const first = Date.UTC(Number(start.slice(0, 4)), Number(start.slice(5, 7)) - 1 + months, 1)
      return addMinutes(atWall(first), minuteOfDay(start))
    },
  },
}

/** The rule for rrule, its weekday or day of the month made explicit so that a later start changes nothing. */
const optionsOf = (rule: Rule, start: LocalDateTime): Partial<Options> => ({
  freq: RRule[rule.freq],
  interval: rule.interval,
  wkst: RRule.MO,
  byweekday: weekdaysOf(rule, start),
  bymonthday: rule.freq === 'MONTHLY' && rule.byDay.length === 0 ? Number(start.slice(8, 10)) : null,
  bysetpos: rule.bySetPos ?? null,
  count: rule.count ?? null,
})

const weekdaysOf = (rule: Rule, start: LocalDateTime): ByWeekday[] | null => {
  if (rule.byDay.length === 0) return rule.freq === 'WEEKLY' ? [weekdayOf(dateOf(start)) - 1] : null
  const ranked = rule.byDay.some((day) => day.ordinal !== undefined)
  // rrule wants a day to match both the ranked and the plain weekdays; RFC 5545 either. So plain ones get all ranks.
  if (!ranked) return rule.byDay.map((day) => day.weekday - 1)
  return rule.byDay.flatMap(({ weekday, ordinal }) =>
    (ordinal !== undefined ? [ordinal] : [1, 2, 3, 4, 5]).map((rank) => new RRuleDay(weekday - 1, rank)),
  )
}

const toDate = (local: LocalDateTime) => new Date(wallMilliseconds(local))

const dayText = (day: RuleDay) => `${day.ordinal ?? ''}${DAY_CODES[day.weekday - 1]}`

/** Canonical RRULE text, without its name; UNTIL as wall time. `parseRule` reads it back to the same rule. */
export const formatRule = (rule: Rule): string =>
  [
    `FREQ=${rule.freq}`,
    rule.interval > 1 && `INTERVAL=${rule.interval}`,
    rule.byDay.length > 0 && `BYDAY=${rule.byDay.map(dayText).join(',')}`,
    rule.bySetPos !== undefined && `BYSETPOS=${rule.bySetPos}`,
    rule.until !== undefined && `UNTIL=${rule.until.replace(/[-:]/g, '')}00`,
    rule.count !== undefined && `COUNT=${rule.count}`,
  ]
    .filter(Boolean)
    .join(';')
