import {
  atMinute,
  dateOf,
  findLocalDateTime,
  getLocalDate,
  getLocalDateTime,
  isZone,
  minuteOfDay,
  toInstant,
  wallMilliseconds,
  yearOf,
  type LocalDateTime,
  type Zone,
} from './civil.ts'
import {
  all,
  nameOf,
  one,
  parse,
  textOf,
  type Blocks,
  type Component,
  type Property,
} from './ical-components.ts'
import { findDays, readDayRule, type DayRule, type Steps } from './ical-rule.ts'
import { instant, MINUTE, type Instant } from './time.ts'

/** What turns the wall time of an event into an instant; undefined for one that its clocks skip. */
export type Clock = (local: LocalDateTime) => Instant | undefined

/** The clock of UTC. */
export const utc: Clock = (local) => instant(wallMilliseconds(local))

const clockIn =
  (zone: Zone): Clock =>
  (local) =>
    toInstant(local, zone, 'skip')

/** Names that Windows gives to the zones of the Republic, and to others of the same hours (CLDR, windowsZones). */
const WINDOWS_ZONES: Readonly<Record<string, Zone>> = {
  'romance standard time': 'Europe/Paris',
  'w. europe standard time': 'Europe/Paris',
  'central europe standard time': 'Europe/Paris',
  'central european standard time': 'Europe/Paris',
  'sa western standard time': 'America/Guadeloupe',
  'sa eastern standard time': 'America/Cayenne',
  'saint pierre standard time': 'America/Miquelon',
  'mauritius standard time': 'Indian/Reunion',
  'e. africa standard time': 'Indian/Mayotte',
  'central pacific standard time': 'Pacific/Noumea',
  'hawaiian standard time': 'Pacific/Tahiti',
  'marquesas standard time': 'Pacific/Marquesas',
  'utc-09': 'Pacific/Gambier',
  'utc+12': 'Pacific/Wallis',
}

const UTC_NAMES = ['utc', 'gmt', 'etc/utc', 'etc/gmt', 'z', 'coordinated universal time']

/** `/mozilla.org/20070129_1/Europe/Paris` and « (UTC+01:00) Bruxelles, Copenhague, Madrid, Paris » are Paris. */
const findKnownClock = (tzid: string): Clock | undefined => {
  if (UTC_NAMES.includes(tzid.toLowerCase())) return utc
  const [place, area] = tzid.split('/').reverse()
  const name = `${area ?? ''}/${place ?? ''}`
  const zone = isZone(name) ? name : WINDOWS_ZONES[tzid.toLowerCase()]
  if (zone) return clockIn(zone)
  return /\bParis\b/i.test(tzid) ? clockIn('Europe/Paris') : undefined
}

/** One turn of a VTIMEZONE: from which wall time on which offset holds, in milliseconds. */
interface Observance {
  readonly start: LocalDateTime
  readonly before: number
  readonly after: number
  readonly rule: DayRule | undefined
  readonly others: readonly LocalDateTime[]
}

const offsetOf = (property: Property | undefined): number | undefined => {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):(\d{2})/.exec(textOf(property) ?? '') ?? []
  if (sign === undefined) return undefined
  return (Number(hours) * 60 + Number(minutes)) * MINUTE * (sign === '-' ? -1 : 1)
}

/** No wall time is earlier here; zones are often dated 1601, when their first rule is meant. */
export const EARLIEST = getLocalDateTime('1900-01-01T00:00')

/** The wall time that a DATE-TIME value shows, whatever its zone; undefined for anything else. */
export const wallOf = (value: unknown): LocalDateTime | undefined => {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z?$/.test(value)) return undefined
  return findLocalDateTime(
    value < EARLIEST ? `${dateOf(EARLIEST)}T${value.slice(11, 16)}` : value.slice(0, 16),
  )
}

/** Turns that one zone may name: those of a country in a century, and plenty. */
const MOST_OBSERVANCES = 20
const MOST_TURNS = 50

const observanceOf = (component: Component): Observance | undefined => {
  const start = wallOf(one(component, 'dtstart')?.[3])
  const before = offsetOf(one(component, 'tzoffsetfrom'))
  const after = offsetOf(one(component, 'tzoffsetto'))
  if (start === undefined || before === undefined || after === undefined) return undefined
  const recur = one(component, 'rrule')?.[3] as Record<string, unknown> | undefined
  const rule = recur && readDayRule(recur, start)
  // What zones write: on such a day of such a month, every year.
  const isPlain =
    rule?.freq === 'YEARLY' && rule.interval === 1 && rule.count === undefined && rule.byMonth.length === 1
  if (recur && !isPlain) return undefined
  const others = all(component, 'rdate').flatMap(([, , , ...values]) => values.map(wallOf))
  const known = others.filter((local) => local !== undefined)
  return known.length < others.length || known.length > MOST_TURNS
    ? undefined
    : { start, before, after, rule, others: known }
}

/** The clock of an embedded VTIMEZONE (RFC 5545 §3.6.5), for zones that we do not know; undefined when it is not plain. */
const clockOf = (zone: Component, steps: Steps): Clock | undefined => {
  const parts = zone[2].slice(0, MOST_OBSERVANCES + 1).map(observanceOf)
  const observances = parts.filter((part) => part !== undefined)
  const [first] = [...observances].sort((a, b) => (a.start < b.start ? -1 : 1))
  if (!first || observances.length < parts.length || parts.length > MOST_OBSERVANCES) return undefined
  const known = new Map<string, readonly LocalDateTime[]>()
  /** Turns by the rule of an observance in a year. */
  const turnsOf = (part: Observance, year: number): readonly LocalDateTime[] => {
    const { rule, start } = part
    if (!rule || year < yearOf(dateOf(EARLIEST))) return []
    const key = `${observances.indexOf(part)} ${year}`
    const found = known.get(key)
    if (found) return found
    const range = { from: getLocalDate(`${year}-01-01`), to: getLocalDate(`${year}-12-31`) }
    const turns = (findDays(rule, start, range, steps) ?? [])
      .map((day) => atMinute(day, minuteOfDay(start)))
      .filter((local) => rule.until === undefined || local <= rule.until)
    known.set(key, turns)
    return turns
  }
  return (local) => {
    steps.left -= observances.length
    if (steps.left < 0) return undefined
    const year = yearOf(dateOf(local))
    let [turn, offset] = [EARLIEST, first.before]
    for (const part of observances)
      for (const other of [part.start, ...part.others, ...turnsOf(part, year - 1), ...turnsOf(part, year)])
        if (other <= local && other >= turn) [turn, offset] = [other, part.after]
    return instant(wallMilliseconds(local) - offset)
  }
}

/** The zones of a file by the name that its events call them. */
const namedZones = (zones: Blocks['zones']): ReadonlyMap<string, readonly string[]> =>
  new Map(
    zones.flatMap((lines) => {
      const line = lines.find((candidate) => nameOf(candidate) === 'TZID')
      const name = line?.slice(line.indexOf(':') + 1).replace(/\\([\\;,])/g, '$1')
      return name === undefined ? [] : [[name, lines] as const]
    }),
  )

/** The clocks of a file by TZID; no TZID is the clock on the reader's wall. */
export const clocksOf = (zones: Blocks['zones'], zone: Zone, steps: Steps) => {
  const named = namedZones(zones)
  const clocks = new Map<string, Clock | undefined>()
  const embedded = (tzid: string): Clock | undefined => {
    const component = parse('VTIMEZONE', (named.get(tzid) ?? []).slice(1, -1))
    return component && clockOf(component, steps)
  }
  return (tzid: unknown): Clock | undefined => {
    if (tzid === undefined || tzid === '') return clockIn(zone)
    if (typeof tzid !== 'string') return undefined
    if (!clocks.has(tzid)) clocks.set(tzid, findKnownClock(tzid) ?? embedded(tzid))
    return clocks.get(tzid)
  }
}

/** A clock by TZID; undefined for one that is not known. */
export type ClockOf = ReturnType<typeof clocksOf>
