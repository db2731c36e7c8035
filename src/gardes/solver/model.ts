import { isOverlapping, isWithin, subtract, type Instant, type Interval } from '../../kernel/time.ts'

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
  /** From shifts that touch one of these, of these codes or of any. */
  readonly absences: readonly (Interval & { readonly codes?: readonly string[] })[]
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
  /** Days from 1970-01-01 to the civil date on which it starts: never falls as `start` rises. */
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

/**
 * A place that already has somebody, who is one of `people` (of share 0 when they are placed by hand only): a cell of
 * anybody else, or of a shift that is no longer there, is as good as empty.
 */
export interface Cell {
  readonly shiftId: string
  /** From 1. Beyond the shift's headcount when that was lowered: a locked cell then stays, and uses up a place. */
  readonly place: number
  readonly personId: string
  /** Placed by hand: never moved, whatever rules it breaks; others are judged with it. */
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
  /** Where the search starts. What is not locked is given to others where rules or higher levels need it. */
  readonly cells: readonly Cell[]
  /** What was published before. When there is some, it stands but where a rule or an empty place needs otherwise. */
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

const isMember = (person: Person, shift: Interval): boolean =>
  person.member.some((during) => during.start <= shift.start && shift.end <= during.end) ||
  // Two memberships that touch are one.
  subtract([shift], person.member).length === 0

const isRestricted = (person: Person, shift: Shift): boolean =>
  person.restrictions.some(
    ({ during, codes }) => isWithin(shift.start, during) && (codes === null || codes.includes(shift.code)),
  )

const isAway = (person: Person, shift: Shift): boolean =>
  person.absences.some(
    (absence) => isOverlapping(absence, shift) && (absence.codes?.includes(shift.code) ?? true),
  )

/**
 * The rules that keep a person from a shift whatever else they do: role, membership for the whole of it, restriction of
 * its code at its start, absence, own slots.
 */
export const standingRules = (person: Person, shift: Shift): HardRule[] => {
  const broken: HardRule[] = []
  if (!person.roles.includes(shift.role)) broken.push('role')
  if (!isMember(person, shift)) broken.push('membership')
  if (isRestricted(person, shift)) broken.push('restriction')
  if (isAway(person, shift)) broken.push('absence')
  if (person.busy.some((slot) => isOverlapping(slot, shift))) broken.push('busy')
  return broken
}

/** The tighter of a sector's limit and a person's own. */
export const tighter = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b)

/** The limits that hold for one person: the sector's, and their own where it is tighter. */
export interface OwnLimits extends Limits {
  readonly maxTotal: number | null
}

export const limitsOf = (person: Person, limits: Limits): OwnLimits => ({
  restMs: limits.restMs,
  maxConsecutiveMs: limits.maxConsecutiveMs,
  maxPer7Days: tighter(limits.maxPer7Days, person.maxPer7Days),
  maxPer28Days: tighter(limits.maxPer28Days, person.maxPer28Days),
  maxTotal: person.maxTotal,
})

// --- What one more shift would break, given what a person does already -------------------------------------------------
// A timeline is in order of start. Nothing is taken for granted of what is in it: cells placed by hand may overlap or
// crowd, and a further shift is judged with them as they are. Each rule is about the windows that the shift is a part of.

type Times = readonly ShiftTime[]

/** How many of a timeline start before the instant. */
const positionOf = (timeline: Times, start: Instant): number => {
  let at = timeline.length
  while (at > 0 && timeline[at - 1]!.start >= start) at--
  return at
}

/** Two places at once. */
const isTaken = (timeline: Times, at: number, shift: Interval): boolean => {
  const next = timeline[at]
  if (next && next.start < shift.end) return true
  for (let i = at - 1; i >= 0; i--) if (timeline[i]!.end > shift.start) return true
  return false
}

/** When the stretch of work that the shift would be a part of begins: shifts that touch are one stretch. */
const stretchStart = (timeline: Times, at: number, shift: Interval): number => {
  let start: number = shift.start
  for (let i = at - 1; i >= 0; i--) if (timeline[i]!.end >= start) start = timeline[i]!.start
  return start
}

const stretchEnd = (timeline: Times, at: number, shift: Interval): number => {
  let end: number = shift.end
  for (let i = 0; i < at; i++) if (timeline[i]!.end > end) end = timeline[i]!.end
  for (let i = at; i < timeline.length && timeline[i]!.start <= end; i++)
    if (timeline[i]!.end > end) end = timeline[i]!.end
  return end
}

/** Too little rest before a stretch that begins at `start`, or after one that ends at `end`. */
const isTired = (timeline: Times, at: number, start: number, end: number, restMs: number): boolean => {
  for (let i = at - 1; i >= 0; i--) {
    const rested = start - timeline[i]!.end
    if (rested > 0 && rested < restMs) return true
  }
  let next = at
  while (next < timeline.length && timeline[next]!.start <= end) next++
  return next < timeline.length && timeline[next]!.start - end < restMs
}

/** Whether, with the shift, some `days` civil days in a row hold more than `max` shifts. */
const isCrowded = (timeline: Times, at: number, day: number, days: number, max: number | null): boolean => {
  if (max === null) return false
  const dayAt = (i: number) => (i < at ? timeline[i]!.day : i === at ? day : timeline[i - 1]!.day)
  for (let i = Math.max(0, at - max); i <= at && i + max <= timeline.length; i++)
    if (dayAt(i + max) - dayAt(i) < days) return true
  return false
}

const isAtCap = (inPeriod: number, max: number | null): boolean => max !== null && inPeriod >= max

/**
 * The rules that adding a shift to what a person does would break: two places at once, too little rest before or after,
 * too many hours on end, too many in 7 or 28 civil days in a row, more than their own cap. `timeline` is what they do
 * already, by start; `inPeriod` is how many of those are of the rota.
 */
export const timelineRules = (
  person: Person,
  limits: Limits,
  timeline: Times,
  inPeriod: number,
  shift: ShiftTime,
): HardRule[] => {
  const own = limitsOf(person, limits)
  const at = positionOf(timeline, shift.start)
  const start = stretchStart(timeline, at, shift)
  const end = stretchEnd(timeline, at, shift)
  const broken: HardRule[] = []
  if (isTaken(timeline, at, shift)) broken.push('one_place')
  if (isTired(timeline, at, start, end, own.restMs)) broken.push('rest')
  if (end - start > own.maxConsecutiveMs) broken.push('consecutive')
  if (isCrowded(timeline, at, shift.day, 7, own.maxPer7Days)) broken.push('max_7_days')
  if (isCrowded(timeline, at, shift.day, 28, own.maxPer28Days)) broken.push('max_28_days')
  if (isAtCap(inPeriod, own.maxTotal)) broken.push('personal_cap')
  return broken
}

/** Whether `timelineRules` would be empty: the same rules without a list of them, the likeliest to fail first. */
export const fits = (own: OwnLimits, timeline: Times, inPeriod: number, shift: ShiftTime): boolean => {
  if (isAtCap(inPeriod, own.maxTotal)) return false
  const at = positionOf(timeline, shift.start)
  if (isCrowded(timeline, at, shift.day, 28, own.maxPer28Days)) return false
  if (isCrowded(timeline, at, shift.day, 7, own.maxPer7Days)) return false
  if (isTaken(timeline, at, shift)) return false
  const start = stretchStart(timeline, at, shift)
  const end = stretchEnd(timeline, at, shift)
  return end - start <= own.maxConsecutiveMs && !isTired(timeline, at, start, end, own.restMs)
}

/** Whether, without a shift that was there, what is before and after it is one stretch or has enough rest between. */
export const isRestedAround = ({ restMs }: OwnLimits, timeline: Times, gone: ShiftTime): boolean => {
  const at = positionOf(timeline, gone.start)
  const next = timeline[at]
  if (!next) return true
  let end = -Infinity
  for (let i = 0; i < at; i++) if (timeline[i]!.end > end) end = timeline[i]!.end
  const rest = next.start - end
  return rest <= 0 || rest >= restMs
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
  ...[...new Set(shifts.flatMap((shift) => shift.classes))].filter((name) => name !== ALL).sort(),
  ALL,
]
