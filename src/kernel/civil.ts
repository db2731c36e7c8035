import { IANAZone, Settings } from 'luxon'
import { DAY, findInterval, instant, type Instant, type Interval, MINUTE } from './time.ts'

declare module 'luxon' {
  interface TSSettings {
    throwOnInvalid: true
  }
}

Settings.throwOnInvalid = true

/** The zones of the French Republic (IANA time zone database); no other zone name is accepted anywhere. */
export const ZONES = [
  'Europe/Paris',
  'America/Guadeloupe',
  'America/Martinique',
  'America/Cayenne',
  'America/Miquelon',
  'America/St_Barthelemy',
  'America/Marigot',
  'Indian/Reunion',
  'Indian/Mayotte',
  'Pacific/Noumea',
  'Pacific/Tahiti',
  'Pacific/Wallis',
  'Pacific/Marquesas',
  'Pacific/Gambier',
] as const
export type Zone = (typeof ZONES)[number]

/** Whether the text is the exact name of a French zone. Refuses other cases, aliases (`CET`) and fixed offsets. */
export const isZone = (text: string): text is Zone => (ZONES as readonly string[]).includes(text)

/** Zone by code of the overseas territory (INSEE, code officiel géographique). */
const OVERSEAS_ZONES: ReadonlyMap<string, Zone> = new Map<string, Zone>([
  ['971', 'America/Guadeloupe'],
  ['972', 'America/Martinique'],
  ['973', 'America/Cayenne'],
  ['974', 'Indian/Reunion'],
  ['975', 'America/Miquelon'],
  ['976', 'Indian/Mayotte'],
  ['977', 'America/St_Barthelemy'],
  ['978', 'America/Marigot'],
  ['986', 'Pacific/Wallis'],
  ['987', 'Pacific/Tahiti'],
  ['988', 'Pacific/Noumea'],
])

/**
 * The zone of a territory by its INSEE code (`01`…`95`, `2A`, `2B`, `971`…), or undefined when there is no such
 * territory (`20`, `96`, `1`). `987` is Tahiti's zone: the Marquesas and Gambier have zones of their own.
 */
export const zoneOfTerritory = (code: string): Zone | undefined =>
  /^(?:0[1-9]|1\d|2[1-9AB]|[3-8]\d|9[0-5])$/.test(code) ? 'Europe/Paris' : OVERSEAS_ZONES.get(code)

/** Wall time without a zone, `YYYY-MM-DDTHH:mm`, years 1900 to 9999: the order of texts is the order of time. */
export type LocalDateTime = string & { readonly __localDateTime: unique symbol }

/** Calendar date, `YYYY-MM-DD`, years 1900 to 9999: the order of texts is the order of time. */
export type LocalDate = string & { readonly __localDate: unique symbol }

export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7

const DATE_TIME = /^(?:19|[2-9]\d)\d{2}-\d{2}-\d{2}T\d{2}:\d{2}$/

/** Milliseconds of a wall time read as if it were UTC: a number line for arithmetic without zones. */
export const wallMilliseconds = (local: LocalDateTime): number => Date.parse(`${local}Z`)

/**
 * The wall time at `milliseconds` of `wallMilliseconds`' line, truncated to the minute.
 * Throws outside the years 1900 to 9999.
 */
export const atWall = (milliseconds: number): LocalDateTime => {
  const text = instantText(milliseconds).slice(0, 16)
  if (!DATE_TIME.test(text)) throw new RangeError('a wall time is within the years 1900 to 9999')
  return text as LocalDateTime
}

const instantText = (milliseconds: number) => new Date(milliseconds).toISOString()

/** Reads `YYYY-MM-DDTHH:mm`. Refuses (undefined) any other form, 24:00 and days that do not exist. */
export const findLocalDateTime = (text: string): LocalDateTime | undefined => {
  if (!DATE_TIME.test(text)) return undefined
  // Date.parse moves 30 February to 1 March and 24:00 to the next day: what does not come back was not real.
  const milliseconds = Date.parse(`${text}Z`)
  return Number.isFinite(milliseconds) && instantText(milliseconds).startsWith(text)
    ? (text as LocalDateTime)
    : undefined
}

/** Reads `YYYY-MM-DD`. Refuses (undefined) any other form and days that do not exist. */
export const findLocalDate = (text: string): LocalDate | undefined => {
  const midnight = findLocalDateTime(`${text}T00:00`)
  return midnight && dateOf(midnight)
}

/** A date written in code. Throws where `findLocalDate` refuses. */
export const getLocalDate = (text: string): LocalDate => {
  const date = findLocalDate(text)
  if (!date) throw new RangeError(`not a date: ${text}`)
  return date
}

/** A wall time written in code. Throws where `findLocalDateTime` refuses. */
export const getLocalDateTime = (text: string): LocalDateTime => {
  const local = findLocalDateTime(text)
  if (!local) throw new RangeError(`not a local date and time: ${text}`)
  return local
}

/** The calendar date of a wall time. */
export const dateOf = (local: LocalDateTime): LocalDate => local.slice(0, 10) as LocalDate

/** Minutes on the clock since 00:00, from 0 to 1439. */
export const minuteOfDay = (local: LocalDateTime): number =>
  Number(local.slice(11, 13)) * 60 + Number(local.slice(14, 16))

/** The wall time `minutes` on the clock after 00:00 of `date`; 1440 is 00:00 of the next day. May be negative. */
export const atMinute = (date: LocalDate, minutes: number): LocalDateTime =>
  addMinutes(`${date}T00:00` as LocalDateTime, minutes)

/** `local` moved by a signed number of minutes on the clock, which is not elapsed time when the hour changes. */
export const addMinutes = (local: LocalDateTime, minutes: number): LocalDateTime =>
  atWall(wallMilliseconds(local) + minutes * MINUTE)

/** `date` moved by a signed whole number of days. */
export const addDays = (date: LocalDate, days: number): LocalDate => dateOf(atMinute(date, days * 1440))

/** Whole days from `from` to `to`, negative when `to` is earlier. */
export const daysBetween = (from: LocalDate, to: LocalDate): number =>
  (Date.parse(to) - Date.parse(from)) / DAY

/** Calendar year of a date. */
export const yearOf = (date: LocalDate): number => Number(date.slice(0, 4))

/** ISO 8601 weekday: 1 is Monday, 7 is Sunday. */
export const weekdayOf = (date: LocalDate): Weekday =>
  // 1970-01-01 was a Thursday.
  (((((Date.parse(date) / DAY + 3) % 7) + 7) % 7) + 1) as Weekday

/** Furthest offset from UTC in force anywhere, in minutes (Kiribati). */
const MAX_OFFSET = 14 * 60

const INSTANT =
  /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?::([0-5]\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d{2}):([0-5]\d))$/

/**
 * Reads an RFC 3339 instant; seconds may be left out; a fraction is truncated to the millisecond; `-00:00` is UTC.
 * Refuses (undefined) a missing offset or one beyond 14 h, lower case, 24:00, second 60, days that do not exist.
 */
export const findInstantText = (text: string): Instant | undefined => {
  const [, wall, seconds = '0', fraction = '', sign, hours = '0', minutes = '0'] = INSTANT.exec(text) ?? []
  const local = wall === undefined ? undefined : findLocalDateTime(wall)
  const offset = Number(hours) * 60 + Number(minutes)
  if (!local || offset > MAX_OFFSET) return undefined
  return instant(
    wallMilliseconds(local) +
      Number(seconds) * 1000 +
      Number(fraction.padEnd(3, '0').slice(0, 3)) -
      (sign === '-' ? -offset : offset) * MINUTE,
  )
}

// Every change of hour since 1970 in these zones falls on a quarter of an hour of UTC.
const QUARTER = 15 * MINUTE
const CACHE_LIMIT = 20_000

interface KnownZone {
  readonly iana: IANAZone
  readonly offsets: Map<number, number>
}

const knownZones = Object.fromEntries(
  ZONES.map((zone): [Zone, KnownZone] => [zone, { iana: IANAZone.create(zone), offsets: new Map() }]),
) as Record<Zone, KnownZone>

/** Offset from UTC at a multiple of a quarter of an hour, in milliseconds, cut to whole minutes as in RFC 3339. */
const offsetAtQuarter = (quarter: number, zone: Zone): number => {
  const { iana, offsets } = knownZones[zone]
  const known = offsets.get(quarter)
  if (known !== undefined) return known
  const offset = Math.trunc(iana.offset(quarter)) * MINUTE
  if (offsets.size >= CACHE_LIMIT) offsets.clear()
  offsets.set(quarter, offset)
  return offset
}

/** Offset from UTC in milliseconds. Asks luxon, which is slow, twice per UTC day and more only when it changes. */
const offsetAt = (at: number, zone: Zone): number => {
  const day = Math.floor(at / DAY) * DAY
  const offset = offsetAtQuarter(day, zone)
  return offset === offsetAtQuarter(day + DAY, zone)
    ? offset
    : offsetAtQuarter(Math.floor(at / QUARTER) * QUARTER, zone)
}

/**
 * What to do with a wall time that the spring change of hour skips. `refuse` (typed by a person: say so) and `skip`
 * (an occurrence of a series: count it as skipped) both answer undefined and say at the call what the caller does
 * with it. `forward` (bound of a garde: cover has no hole) moves by the length of the gap: 02:30 becomes 03:30.
 */
export type GapPolicy = 'refuse' | 'skip' | 'forward'

/**
 * The instant at which clocks of the zone show `local`. A wall time that comes twice in autumn is its first instant;
 * one that never comes follows the policy. Depends neither on today nor on the zone of the process.
 */
export const toInstant = <Policy extends GapPolicy>(
  local: LocalDateTime,
  zone: Zone,
  policy: Policy,
): Policy extends 'forward' ? Instant : Instant | undefined => {
  const wall = wallMilliseconds(local)
  // A day on either side is further than any offset, and no zone changes twice in two days.
  const before = offsetAt(wall - DAY, zone)
  const after = offsetAt(wall + DAY, zone)
  const offset = [Math.max(before, after), Math.min(before, after)].find(
    (candidate) => offsetAt(wall - candidate, zone) === candidate,
  )
  const at =
    offset !== undefined ? instant(wall - offset) : policy === 'forward' ? instant(wall - before) : undefined
  return at as Policy extends 'forward' ? Instant : Instant | undefined
}

/** What clocks of the zone show at `at`, truncated to the minute. */
export const toLocal = (at: Instant, zone: Zone): LocalDateTime => atWall(at + offsetAt(at, zone))

/** The civil date of the zone at `at`. */
export const toLocalDate = (at: Instant, zone: Zone): LocalDate => dateOf(toLocal(at, zone))

/** As people read it in French: `2027-01-04` as `04/01/2027`. */
export const dateText = (date: LocalDate): string => date.split('-').reverse().join('/')

/** RFC 3339 with seconds and the zone's offset, `2026-11-23T17:00:00+01:00`. Milliseconds are left out. */
export const formatInstant = (at: Instant, zone: Zone): string => {
  const offset = offsetAt(at, zone)
  const minutes = Math.abs(offset) / MINUTE
  const pad = (number: number) => String(number).padStart(2, '0')
  const seconds = instantText(at).slice(-8, -5)
  const sign = offset < 0 ? '-' : '+'
  return `${atWall(at + offset)}${seconds}${sign}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`
}

/** The first instant of a civil day. */
export const startOfDay = (date: LocalDate, zone: Zone): Instant =>
  toInstant(atMinute(date, 0), zone, 'forward')

/** The civil day `[00:00, next 00:00)`: 23 h or 25 h long when the hour changes. */
export const dayInterval = (date: LocalDate, zone: Zone): Interval => ({
  start: startOfDay(date, zone),
  end: startOfDay(addDays(date, 1), zone),
})

/** ISO 8601 week of a date, `2026-W48`; the first week of a year holds its first Thursday. */
export const isoWeekOf = (date: LocalDate): string => {
  const thursday = addDays(date, 4 - weekdayOf(date))
  const firstDay = getLocalDate(`${thursday.slice(0, 4)}-01-01`)
  return `${thursday.slice(0, 4)}-W${String(Math.floor(daysBetween(firstDay, thursday) / 7) + 1).padStart(2, '0')}`
}

/**
 * From Monday 00:00 to the next, in the zone. Undefined when there is no such week (`2027-W53`, `2026-W00`, `2026-48`), or
 * when it reaches out of the calendar (`9999-W52`).
 */
export const weekInterval = (week: string, zone: Zone): Interval | undefined => {
  const [, year, number] = /^(\d{4})-W(\d{2})$/.exec(week) ?? []
  const fourth = year === undefined ? undefined : findLocalDate(`${year}-01-04`)
  if (!fourth || Number(number) < 1) return undefined
  // 4 January is always in the first week.
  const days = 1 - weekdayOf(fourth) + (Number(number) - 1) * 7
  if (daysBetween(fourth, getLocalDate('9999-12-31')) < days + 7) return undefined
  const monday = addDays(fourth, days)
  if (isoWeekOf(monday) !== week) return undefined
  return findInterval(startOfDay(monday, zone), startOfDay(addDays(monday, 7), zone))
}
