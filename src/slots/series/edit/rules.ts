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
} from '../../../kernel/civil.ts'
import { expand, type Rule } from '../../../kernel/recurrence.ts'
import type { Refusal } from '../../../kernel/refusal.ts'
import type { Instant, Interval } from '../../../kernel/time.ts'
import { SERIES_EDITED } from '../../vocabulary.ts'
import type { Pattern } from '../rules.ts'

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
