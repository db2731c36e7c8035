import {
  addDays,
  atMinute,
  atWall,
  dateOf,
  dayInterval,
  findLocalDate,
  minuteOfDay,
  startOfDay,
  wallMilliseconds,
  type LocalDateTime,
  type Zone,
} from './civil.ts'
import { clocksOf, EARLIEST, utc, wallOf, type Clock, type ClockOf } from './ical-clocks.ts'
import {
  all,
  blocksOf,
  millisecondsOf,
  nameOf,
  one,
  parse,
  textOf,
  type Component,
} from './ical-components.ts'
import { findDays, readDayRule, type DayRule, type Steps } from './ical-rule.ts'
import { instant, isWithin, type Instant, type Interval } from './time.ts'

/** Events that are looked into, those far from the window apart; more than an agenda has in two months. */
export const MOST_FILE_EVENTS = 2_000

/** Times that one file may come to within the window. */
export const MOST_OCCURRENCES = 1_000

/** Days that the recurrences of one file may make us look at. */
const MOST_STEPS = 400_000

/** Which events are meant: all words of one, told from the others by their title or a category. */
export interface Wanted {
  /** Part of the title, whatever its case and accents. */
  readonly summary?: string | undefined
  /** One of the event's categories, whatever its case and accents. */
  readonly categories?: readonly string[] | undefined
}

/** Why a time of the file offers nothing, whoever's it is. */
export type FileSkip = 'all_day' | 'cancelled' | 'transparent' | 'dst_gap' | 'unreadable'

/** One time of an event; nothing of its text. */
export interface FileOccurrence {
  /** Place of its VEVENT in the file, from 0. */
  readonly index: number
  /** Absent when it cannot be known. An end at the start is that of an event without a length. */
  readonly start?: Instant
  readonly end?: Instant
  readonly skipped?: FileSkip
}

export interface ReadCalendar {
  /** VEVENTs in the file. */
  readonly events: number
  /** By start, then by place in the file; those without a start last. */
  readonly occurrences: readonly FileOccurrence[]
  /** Events that are not the wanted ones. */
  readonly unmatched: number
  /** Events without a time in the window. */
  readonly outside: number
  /** Whether there was more than is read of one file. */
  readonly isTruncated: boolean
}

/** A moment of an event: a date, or a wall time with its clock. */
type Moment =
  | { readonly isDate: true; readonly local: LocalDateTime }
  | { readonly isDate: false; readonly local: LocalDateTime; readonly clock: Clock }

const momentOf = (value: unknown, tzid: unknown, clockOfTzid: ClockOf): Moment | undefined => {
  if (typeof value !== 'string') return undefined
  // `DTSTART:20261124`, where the value type was forgotten, comes out with an empty time.
  const date = findLocalDate(value.replace(/T::$/, ''))
  if (date) return { isDate: true, local: atMinute(date, 0) }
  const local = value >= EARLIEST ? wallOf(value) : undefined
  const clock = value.endsWith('Z') ? utc : clockOfTzid(tzid)
  return local && clock && { isDate: false, local, clock }
}

const momentsOf = (component: Component, name: string, clockOfTzid: ClockOf): (Moment | undefined)[] =>
  all(component, name).flatMap(([, parameters, , ...values]) =>
    values.map((value) => momentOf(value, parameters.tzid, clockOfTzid)),
  )

const atOf = (moment: Moment, zone: Zone): Instant | undefined =>
  moment.isDate ? startOfDay(dateOf(moment.local), zone) : moment.clock(moment.local)

interface FileEvent {
  readonly index: number
  readonly uid: string
  readonly start: Moment
  /** Milliseconds of time elapsed. */
  readonly length: number
  readonly rule: DayRule | undefined
  readonly added: readonly Moment[]
  readonly excluded: readonly Moment[]
  /** Whether it replaces a time of the event with the same UID. */
  readonly isOverride: boolean
  readonly skipped: FileSkip | undefined
}

const lengthOf = (
  component: Component,
  start: Moment,
  clockOfTzid: ClockOf,
  zone: Zone,
): number | undefined => {
  const [end] = momentsOf(component, 'dtend', clockOfTzid)
  if (end) {
    const [from, to] = [atOf(start, zone), atOf(end, zone)]
    // Of one that clocks skip only its wall times tell how long it is.
    return from === undefined || to === undefined
      ? wallMilliseconds(end.local) - wallMilliseconds(start.local)
      : to - from
  }
  if (one(component, 'dtend')) return undefined
  const duration = textOf(one(component, 'duration'))
  return duration === undefined ? 0 : millisecondsOf(duration)
}

const skipOf = (component: Component, start: Moment, wanted: Wanted | undefined): FileSkip | undefined => {
  if (textOf(one(component, 'status'))?.toUpperCase() === 'CANCELLED') return 'cancelled'
  if (start.isDate) return 'all_day'
  // What is kept for others is often shown as free; those that were asked for by name are taken.
  const isFree = textOf(one(component, 'transp'))?.toUpperCase() === 'TRANSPARENT'
  return isFree && !wanted ? 'transparent' : undefined
}

const uidOf = (component: Component, index: number): string => textOf(one(component, 'uid')) ?? `#${index}`

/** A time of the event of this UID. */
const placeOf = (uid: string, key: string): string => `${key} ${uid}`

/** An event, or undefined when something that says when it is cannot be read. */
const eventOf = (
  index: number,
  component: Component,
  wanted: Wanted | undefined,
  clockOfTzid: ClockOf,
  zone: Zone,
): FileEvent | undefined => {
  const [start] = momentsOf(component, 'dtstart', clockOfTzid)
  const recurs = all(component, 'rrule')
  const recur = recurs[0]?.[3] as Record<string, unknown> | undefined
  const replaces = one(component, 'recurrence-id')
  // An override of all that follow is deprecated and hardly ever written.
  if (!start || recurs.length > 1 || one(component, 'exrule') || replaces?.[1].range !== undefined)
    return undefined
  const rule = recur && readDayRule(recur, start.local)
  const length = lengthOf(component, start, clockOfTzid, zone)
  if ((recur && !rule) || length === undefined) return undefined
  const others = ['rdate', 'exdate', 'recurrence-id'].map((name) => momentsOf(component, name, clockOfTzid))
  const [added = [], excluded = []] = others.map((moments) =>
    moments.filter((moment) => moment !== undefined),
  )
  if (others.flat().includes(undefined)) return undefined
  return {
    index,
    uid: uidOf(component, index),
    start,
    length: Math.max(0, length),
    rule,
    added,
    excluded,
    isOverride: replaces !== undefined,
    skipped: skipOf(component, start, wanted),
  }
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

const isMeantBy = (component: Component, wanted: Wanted): boolean => {
  const categories = all(component, 'categories').flatMap(([, , , ...values]) =>
    values.filter((value) => typeof value === 'string').map((value) => plain(value.trim())),
  )
  return (
    (wanted.summary === undefined ||
      plain(textOf(one(component, 'summary')) ?? '').includes(plain(wanted.summary))) &&
    (wanted.categories?.some((category) => categories.includes(plain(category))) ?? true)
  )
}

/** A time of an event: its moment, and its instant unless clocks skip it. */
interface Time {
  readonly moment: Moment
  readonly at: Instant | undefined
}

/** How a time is told from the others of its event: by its instant, by its date when it is one, or by its wall time. */
const keyOf = (moment: Moment): string =>
  moment.isDate ? dateOf(moment.local) : String(moment.clock(moment.local) ?? moment.local)

/** Whether a time is after the last of its rule (UNTIL, inclusive): an instant, a wall time or a whole day. */
const isPastUntil = ({ until }: DayRule, { moment, at }: Time): boolean => {
  if (until === undefined) return false
  if (until.endsWith('Z') && !moment.isDate && at !== undefined) return at > Date.parse(until)
  return moment.local.slice(0, until.length) > until
}

/** The times of an event that may be within the window, undefined when there are no steps left to find them. */
const timesOf = (event: FileEvent, window: Interval, zone: Zone, steps: Steps): Time[] | undefined => {
  const { start, rule } = event
  const timeOf = (moment: Moment): Time => ({ moment, at: atOf(moment, zone) })
  const added = event.added.map(timeOf)
  if (!rule) return [timeOf(start), ...added]
  // Wall times of another zone may be a day away from those of UTC.
  const range = {
    from: addDays(dateOf(atWall(window.start)), -1),
    to: addDays(dateOf(atWall(window.end)), 1),
  }
  const days = findDays(rule, start.local, range, steps)
  return (
    days && [
      ...days
        .map((day) => timeOf({ ...start, local: atMinute(day, minuteOfDay(start.local)) }))
        .filter((time) => !isPastUntil(rule, time)),
      ...added,
    ]
  )
}

/** A date far from the window by what its line alone says; an old agenda is mostly such events. */
const isFar = (lines: readonly string[], window: Interval): boolean => {
  if (lines.some((line) => /^(?:RRULE|RDATE|RECURRENCE-ID)\b/i.test(line))) return false
  const digits = /:(\d{8})/.exec(lines.find((line) => nameOf(line) === 'DTSTART') ?? '')?.[1]
  const date = digits && findLocalDate(`${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`)
  if (!date) return false
  return date < addDays(dateOf(atWall(window.start)), -2) || date > addDays(dateOf(atWall(window.end)), 2)
}

const LAST = Number.MAX_SAFE_INTEGER

const inOrder = (a: FileOccurrence, b: FileOccurrence): number =>
  (a.start ?? LAST) - (b.start ?? LAST) || a.index - b.index

/**
 * The times within a window of the events of an iCalendar file (RFC 5545), as other programs write them: recurrences,
 * exceptions, changed and cancelled occurrences, zones by IANA and Windows names or as embedded. A time without a zone
 * is one of `zone`. Each event is read by itself, so that one that cannot be is said and the others are read; work and
 * answer are bounded. Of the text of the events nothing is given back.
 * Undefined for what is not a whole iCalendar file.
 */
export const readCalendar = (
  text: string,
  window: Interval,
  zone: Zone,
  wanted?: Wanted,
): ReadCalendar | undefined => {
  const blocks = blocksOf(text)
  if (!blocks) return undefined
  const steps: Steps = { left: MOST_STEPS }
  const clockOfTzid = clocksOf(blocks.zones, zone, steps)
  const events: FileEvent[] = []
  const occurrences: FileOccurrence[] = []
  const replaced = new Set<string>()
  let [unmatched, outside, looked] = [0, 0, 0]
  blocks.events.forEach((lines, index) => {
    if (isFar(lines, window)) outside++
    else if (++looked <= MOST_FILE_EVENTS) {
      const component = parse('VEVENT', lines)
      const isMeant = !component || !wanted || isMeantBy(component, wanted)
      // One that is not wanted, or cannot be read further, replaces a time of its event all the same.
      for (const moment of component ? momentsOf(component, 'recurrence-id', clockOfTzid) : [])
        if (component && moment) replaced.add(placeOf(uidOf(component, index), keyOf(moment)))
      const event = component && isMeant && eventOf(index, component, wanted, clockOfTzid, zone)
      if (event) events.push(event)
      else if (isMeant) occurrences.push({ index, skipped: 'unreadable' })
      if (!isMeant) unmatched++
    }
  })
  for (const event of events) {
    if (occurrences.length > MOST_OCCURRENCES) break
    const gone = new Set(event.excluded.map(keyOf))
    const isGone = ({ moment }: Time): boolean =>
      [keyOf(moment), dateOf(moment.local)].some(
        (key) => gone.has(key) || (!event.isOverride && replaced.has(placeOf(event.uid, key))),
      )
    const found = timesOf(event, window, zone, steps) ?? []
    const times = new Map(found.filter((time) => !isGone(time)).map((time) => [keyOf(time.moment), time]))
    const within = [...times.values()].filter(({ moment, at }) =>
      isWithin(at ?? startOfDay(dateOf(moment.local), zone), window),
    )
    if (within.length === 0) outside++
    for (const { moment, at } of within)
      occurrences.push(
        at === undefined
          ? { index: event.index, skipped: event.skipped ?? 'dst_gap' }
          : {
              index: event.index,
              ...(moment.isDate
                ? dayInterval(dateOf(moment.local), zone)
                : { start: at, end: instant(at + event.length) }),
              ...(event.skipped && { skipped: event.skipped }),
            },
      )
  }
  return {
    events: blocks.events.length,
    occurrences: occurrences.sort(inOrder).slice(0, MOST_OCCURRENCES),
    unmatched,
    outside,
    isTruncated: looked > MOST_FILE_EVENTS || occurrences.length > MOST_OCCURRENCES || steps.left < 0,
  }
}
