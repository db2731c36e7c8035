import { isHoliday, type CalendarTerritory } from '../../kernel/calendar.ts'
import {
  addDays,
  addMinutes,
  atMinute,
  dateOf,
  minuteOfDay,
  toInstant,
  toLocalDate,
  type LocalDate,
  type LocalDateTime,
  type Zone,
} from '../../kernel/civil.ts'
import { expand, isInvalidRule, parseRule, type Rule } from '../../kernel/recurrence.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import {
  cut,
  isOverlapping,
  MINUTE,
  normalise,
  plus,
  type Instant,
  type Interval,
} from '../../kernel/time.ts'
import { SERIES_EDITED } from '../vocabulary.ts'

/** Slots are made this many days ahead and extended every day (SERIES-10). */
export const HORIZON_DAYS = 56

/** Slots that one series may make within the horizon: more than a practice fills, few enough for one transaction. */
export const MOST_SLOTS = 3_000

/** How far a preview looks: a year and a day, so that every date of the year is seen once. */
export const PREVIEW_DAYS = 366

export interface Pattern {
  readonly rule: Rule
  readonly localStart: LocalDateTime
  readonly durationMinutes: number
  readonly slotMinutes: number
  readonly exdates: readonly LocalDate[]
  readonly skipHolidays: boolean
}

export type Skip = 'holiday' | 'dst_gap' | 'exdate' | 'overlap'

export interface Occurrence {
  readonly localStart: LocalDateTime
  /** Absent when the clock skips the start. */
  readonly interval?: Interval
  /** How many slots it makes; 0 when skipped. */
  readonly slots: number
  readonly skipped?: Skip
}

/** The typed rule of RRULE text, or why it is refused. */
export const readRule = (
  text: string,
  zone: Zone,
  localStart: LocalDateTime,
): { rule: Rule } | { refusal: Refusal } => {
  const parsed = parseRule(text, zone, localStart)
  return isInvalidRule(parsed)
    ? { refusal: { code: 'invalid_rrule', detail: parsed.reason, path: ['rrule'] } }
    : { rule: parsed }
}

/** Refuses a pattern that would fill the horizon with more slots than anybody keeps. */
export const refuseTooMany = (slots: number): Refusal | null =>
  slots > MOST_SLOTS
    ? {
        code: 'too_many_slots',
        detail: `Cette série ferait ${slots} créneaux en huit semaines ; ${MOST_SLOTS} au plus.`,
        facts: { slots, most: MOST_SLOTS },
      }
    : null

/**
 * The occurrences of a pattern that start in a window of civil time, in order, each made or skipped: excluded date,
 * holiday, hour that the clock skips, or time that the practitioner's slots (`busy`, by start) or an earlier
 * occurrence already fill. An occurrence lasts its minutes of elapsed time, whatever the clock does meanwhile.
 */
export const planOccurrences = (
  pattern: Pattern,
  window: { readonly from: LocalDateTime; readonly to: LocalDateTime },
  place: { readonly zone: Zone; readonly territory: CalendarTerritory },
  busy: readonly Interval[],
): Occurrence[] => {
  const slots = Math.floor(pattern.durationMinutes / pattern.slotMinutes)
  let next = 0
  let lastMade: Interval | undefined
  const isBusy = (interval: Interval): boolean => {
    // Both lists are in order of start and none of `busy` overlaps another, so what ended before stays behind.
    let other = busy[next]
    while (other !== undefined && other.end <= interval.start) other = busy[++next]
    return [other, lastMade].some((taken) => taken !== undefined && isOverlapping(taken, interval))
  }
  return expand(pattern.rule, pattern.localStart, window).map((localStart): Occurrence => {
    const start = toInstant(localStart, place.zone, 'skip')
    if (start === undefined) return { localStart, slots: 0, skipped: 'dst_gap' }
    const interval = { start, end: plus(start, pattern.durationMinutes * MINUTE) }
    const date = dateOf(localStart)
    if (pattern.exdates.includes(date)) return { localStart, interval, slots: 0, skipped: 'exdate' }
    if (pattern.skipHolidays && isHoliday(date, place.territory))
      return { localStart, interval, slots: 0, skipped: 'holiday' }
    if (isBusy(interval)) return { localStart, interval, slots: 0, skipped: 'overlap' }
    lastMade = interval
    return { localStart, interval, slots }
  })
}

/** How many occurrences were made, and why the others were not. */
export const countOccurrences = (occurrences: readonly Occurrence[]) => {
  const skipped = (reason: Skip) => occurrences.filter((one) => one.skipped === reason).length
  return {
    created: occurrences.filter((one) => one.skipped === undefined).length,
    skippedHolidays: skipped('holiday'),
    skippedGap: skipped('dst_gap'),
    skippedExdates: skipped('exdate'),
    overlapping: skipped('overlap'),
  }
}

export interface Piece extends Interval {
  readonly occurrence: LocalDateTime
}

/** The slots of what a plan made, but those that share time with `blocked`. */
export const piecesOf = (
  occurrences: readonly Occurrence[],
  slotMinutes: number,
  blocked: readonly Interval[],
): Piece[] => {
  const walls = normalise(blocked)
  let next = 0
  return occurrences.flatMap(({ localStart, interval, skipped }) => {
    if (skipped !== undefined || interval === undefined) return []
    return cut(interval, slotMinutes)
      .filter((piece) => {
        let wall = walls[next]
        while (wall !== undefined && wall.end <= piece.start) wall = walls[++next]
        return wall === undefined || !isOverlapping(wall, piece)
      })
      .map((piece) => ({ ...piece, occurrence: localStart }))
  })
}

/** A slot of a series, or of one that it goes on from, as an edit finds it. */
export interface SeriesSlot extends Interval {
  readonly id: string
  readonly seriesId: string | null
  readonly occurrence: LocalDateTime | null
  readonly withdrawnAt: Instant | null
  readonly withdrawnReason: string | null
  readonly taken: number
}

/** What an edit does with the slots that there are. */
export interface Sorted {
  /** Of the dates edited, those that nobody has a seat of: given up. */
  readonly free: readonly string[]
  /** Of the dates edited, those that somebody has a seat of: left as they are. */
  readonly kept: readonly string[]
  /** Time of what stays and of what was withdrawn on its own: not offered anew. */
  readonly blocked: readonly Interval[]
  /** Dates of which every slot was withdrawn on its own: not offered anew at any hour. */
  readonly removedDates: readonly LocalDate[]
}

/**
 * Sorts the slots of a series and of those before it. What an edit withdrew was replaced, and may be again; what
 * anything else withdrew is gone for good.
 */
export const sortSlots = (
  slots: readonly SeriesSlot[],
  seriesId: string,
  isEdited: (date: LocalDate) => boolean,
): Sorted => {
  const sorted = { free: [] as string[], kept: [] as string[], blocked: [] as Interval[] }
  const standing = new Set<LocalDate>()
  const gone = new Set<LocalDate>()
  for (const slot of slots) {
    const date = slot.occurrence === null ? undefined : dateOf(slot.occurrence)
    if (date === undefined || (slot.withdrawnAt !== null && slot.withdrawnReason === SERIES_EDITED)) continue
    ;(slot.withdrawnAt === null ? standing : gone).add(date)
    const isConcerned = slot.withdrawnAt === null && slot.seriesId === seriesId && isEdited(date)
    if (isConcerned && slot.taken === 0) sorted.free.push(slot.id)
    else sorted.blocked.push({ start: slot.start, end: slot.end })
    if (isConcerned && slot.taken > 0) sorted.kept.push(slot.id)
  }
  return { ...sorted, removedDates: [...gone].filter((date) => !standing.has(date)) }
}

/** The first date on which the series' hour is still to come. */
export const firstNotStarted = (localStart: LocalDateTime, now: Instant, zone: Zone): LocalDate => {
  const today = toLocalDate(now, zone)
  return toInstant(atMinute(today, minuteOfDay(localStart)), zone, 'forward') > now
    ? today
    : addDays(today, 1)
}

/** The same minute of the clock on another date. */
export const atClock = (date: LocalDate, clock: LocalDateTime): LocalDateTime =>
  atMinute(date, minuteOfDay(clock))

/** How far the next date of a rule is looked for: a monthly rule of interval 52 comes every four years and a half. */
const SEARCHED_YEARS = 10

/** The first occurrence of a pattern from a date on, or undefined when there is none left. */
export const findNext = (pattern: Pattern, from: LocalDate): LocalDateTime | undefined => {
  for (let year = 0; year < SEARCHED_YEARS; year++) {
    const [first] = expand(pattern.rule, pattern.localStart, {
      from: atMinute(addDays(from, year * 366), 0),
      to: atMinute(addDays(from, (year + 1) * 366), 0),
    })
    if (first !== undefined) return first
  }
  return undefined
}

const countBefore = (pattern: Pattern, before: LocalDateTime): number => {
  let count = 0
  for (let from = pattern.localStart; from < before;) {
    const year = addMinutes(from, 366 * 1440)
    const to = year < before ? year : before
    count += expand(pattern.rule, pattern.localStart, { from, to }).length
    from = to
  }
  return count
}

/**
 * The rule of what is left of a pattern from one of its occurrences on, at another minute of the clock: COUNT is what
 * remains, and UNTIL the end of the last day that it let through.
 */
export const restOfRule = (pattern: Pattern, first: LocalDateTime): Rule => {
  const { count, until, ...rule } = pattern.rule
  if (count !== undefined) return { ...rule, count: count - countBefore(pattern, first) }
  if (until === undefined) return rule
  const isLastDayIn = minuteOfDay(until) >= minuteOfDay(pattern.localStart)
  return { ...rule, until: atMinute(isLastDayIn ? dateOf(until) : addDays(dateOf(until), -1), 1439) }
}

/** Refuses a range that its slots do not fill whole. */
export const refusePieces = (durationMinutes: number, slotMinutes: number): Refusal | null =>
  durationMinutes % slotMinutes === 0
    ? null
    : {
        code: 'invalid_interval',
        detail: `${durationMinutes} minutes ne se divisent pas en créneaux de ${slotMinutes} minutes.`,
        path: ['change', 'slotMinutes'],
      }

export const refuseAges = (minAge: number | null, maxAge: number | null): Refusal | null =>
  minAge !== null && maxAge !== null && minAge > maxAge
    ? { code: 'invalid_interval', detail: 'minAge dépasse maxAge.', path: ['change', 'minAge'] }
    : null

/** Whether the GP has given up the time of an occurrence: past the end of its series, or on a date taken out of it. */
export const isGivenUp = (
  series: { readonly endedFrom: LocalDate | null; readonly exdates: readonly LocalDate[] },
  occurrence: LocalDateTime,
): boolean => {
  const date = dateOf(occurrence)
  return (series.endedFrom !== null && date >= series.endedFrom) || series.exdates.includes(date)
}
