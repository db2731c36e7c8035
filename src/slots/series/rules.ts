import { isHoliday, type CalendarTerritory } from '../../kernel/calendar.ts'
import { dateOf, toInstant, type LocalDate, type LocalDateTime, type Zone } from '../../kernel/civil.ts'
import { expand, isInvalidRule, parseRule, type Rule } from '../../kernel/recurrence.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import { cut, isOverlapping, MINUTE, normalise, plus, type Interval } from '../../kernel/time.ts'

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
