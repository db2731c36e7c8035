import type { Instant, Interval } from '../../kernel/time.ts'

/** What a person of a rota is to the solver. Times are instants; nothing says why somebody is away. */
export interface Person {
  readonly id: string
  /** Part of a full share, 0 to 100. At 0 the person is placed by hand only. */
  readonly share: number
  readonly roles: readonly string[]
  /** When they are on the sector's list. */
  readonly member: readonly Interval[]
  /** Dated and partial: shifts that start within, of these codes or of any. */
  readonly restrictions: readonly { readonly during: Interval; readonly codes: readonly string[] | null }[]
  readonly absences: readonly Interval[]
  /** Own slots: no time for a shift, and no part of its rest. */
  readonly busy: readonly Interval[]
  /** Shifts done elsewhere or just outside of the period: they count for rest and for the rolling limits. */
  readonly elsewhere: readonly ShiftTime[]
  readonly maxPer7Days: number | null
  readonly maxPer28Days: number | null
  /** Shifts of the period, at most. */
  readonly maxTotal: number | null
  /** What they did beyond (or, negative, short of) their part in earlier periods, in thousandths of a shift, by class. */
  readonly carried: Readonly<Record<string, number>>
}

/** When a shift is, in instants and as the number of its civil day. */
export interface ShiftTime extends Interval {
  /** Days from 1970-01-01 to the civil date on which it starts. */
  readonly day: number
}

export interface Shift extends ShiftTime {
  readonly id: string
  readonly code: string
  readonly role: string
  /** What it counts for: its category of equity, and `grande_fete` beside it on the four days. */
  readonly classes: readonly string[]
  readonly headcount: number
}

/** A place that already has somebody. */
export interface Cell {
  readonly shiftId: string
  /** From 1 to the shift's headcount. */
  readonly place: number
  readonly personId: string
  /** Placed by hand: never moved. */
  readonly locked: boolean
}

export interface Wish {
  readonly personId: string
  readonly want: 'avoid' | 'prefer'
  readonly during: Interval
  readonly codes: readonly string[] | null
}

/** Limits of a sector, that hold for everybody. */
export interface Limits {
  readonly restMs: number
  readonly maxConsecutiveMs: number
  readonly maxPer7Days: number | null
  readonly maxPer28Days: number | null
}

/** Everything that a rota is made from: the same value gives the same rota. */
export interface Problem {
  readonly seed: number
  readonly limits: Limits
  readonly people: readonly Person[]
  readonly shifts: readonly Shift[]
  /** What is kept, and what was published before, by which changes are counted. */
  readonly cells: readonly Cell[]
  readonly published: readonly Omit<Cell, 'locked'>[]
  readonly wishes: readonly Wish[]
}

/** The hard rules of DOMAIN §3 by name. */
export const HARD_RULES = [
  'role',
  'membership',
  'restriction',
  'absence',
  'busy',
  'one_place',
  'rest',
  'consecutive',
  'max_7_days',
  'max_28_days',
  'personal_cap',
] as const
export type HardRule = (typeof HARD_RULES)[number]

const isDuring = (at: Instant, during: Interval) => at >= during.start && at < during.end
const overlaps = (a: Interval, b: Interval) => a.start < b.end && b.start < a.end

/**
 * The rules that keep a person from a shift whatever else they do: role, membership for the whole of it, restriction of
 * its code at its start, absence, own slots.
 */
export const standingRules = (person: Person, shift: Shift): HardRule[] => {
  const broken: HardRule[] = []
  if (!person.roles.includes(shift.role)) broken.push('role')
  if (!person.member.some((during) => during.start <= shift.start && shift.end <= during.end))
    broken.push('membership')
  if (
    person.restrictions.some(
      ({ during, codes }) => isDuring(shift.start, during) && (codes === null || codes.includes(shift.code)),
    )
  )
    broken.push('restriction')
  if (person.absences.some((absence) => overlaps(absence, shift))) broken.push('absence')
  if (person.busy.some((slot) => overlaps(slot, shift))) broken.push('busy')
  return broken
}

/** The tighter of a sector's limit and a person's own. */
export const tighter = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b)

/**
 * The rules that adding a shift to what a person does would break: two places at once, too little rest before or after,
 * too many hours on end (shifts that touch are one stretch), too many in 7 or 28 days in a row, more than their own cap.
 * `timeline` is what they do already, by start.
 */
export const timelineRules = (
  person: Person,
  limits: Limits,
  timeline: readonly ShiftTime[],
  inPeriod: number,
  shift: ShiftTime,
): HardRule[] => {
  const broken: HardRule[] = []
  let at = 0
  while (at < timeline.length && timeline[at]!.start < shift.start) at++
  const before = timeline[at - 1]
  const after = timeline[at]
  if ((before && before.end > shift.start) || (after && after.start < shift.end)) broken.push('one_place')
  else {
    let first = at
    let start: number = shift.start
    while (first > 0 && timeline[first - 1]!.end === start) start = timeline[--first]!.start
    let next = at
    let end: number = shift.end
    while (next < timeline.length && timeline[next]!.start === end) end = timeline[next++]!.end
    if (end - start > limits.maxConsecutiveMs) broken.push('consecutive')
    const rested = timeline[first - 1]
    const resting = timeline[next]
    if ((rested && start - rested.end < limits.restMs) || (resting && resting.start - end < limits.restMs))
      broken.push('rest')
  }
  if (isCrowded(timeline, at, shift, 7, tighter(limits.maxPer7Days, person.maxPer7Days)))
    broken.push('max_7_days')
  if (isCrowded(timeline, at, shift, 28, tighter(limits.maxPer28Days, person.maxPer28Days)))
    broken.push('max_28_days')
  if (person.maxTotal !== null && inPeriod + 1 > person.maxTotal) broken.push('personal_cap')
  return broken
}

/** Whether, with the shift, some `days` civil days in a row hold more than `max` shifts. */
const isCrowded = (
  timeline: readonly ShiftTime[],
  at: number,
  shift: ShiftTime,
  days: number,
  max: number | null,
): boolean => {
  if (max === null) return false
  const dayAt = (i: number) => (i < at ? timeline[i]!.day : i === at ? shift.day : timeline[i - 1]!.day)
  const count = timeline.length + 1
  for (let i = Math.max(0, at - max); i <= at && i + max < count; i++)
    if (dayAt(i + max) - dayAt(i) < days) return true
  return false
}

/** The week-end of a day, counted from Monday 29 December 1969; undefined on a working day. */
export const weekendOf = (day: number): number | undefined => {
  const weekday = (((day + 3) % 7) + 7) % 7
  return weekday >= 5 ? Math.floor((day + 3) / 7) : undefined
}

/** The class that every shift counts for. */
export const ALL = 'total'

/** The classes of a problem in order, `total` last. */
export const classesOf = (shifts: readonly Shift[]): string[] => [
  ...[...new Set(shifts.flatMap((shift) => shift.classes))].sort(),
  ALL,
]
