import { rankOf } from '../../bookings/availability/rules.ts'
import {
  addDays,
  atMinute,
  startOfDay,
  toInstant,
  toLocalDate,
  weekdayOf,
  type LocalDate,
  type Weekday,
  type Zone,
} from '../../kernel/civil.ts'
import type { Actor } from '../../kernel/ctx.ts'
import { getInterval, type Instant, type Interval } from '../../kernel/time.ts'
import type { Half } from './vocabulary.ts'

/** Regulated acts of a practitioner that are paid a supplement in an ISO week: shown, never a lock. */
export const REGULATED_ACTS_CAP = 20

/** The morning ends at 13:00 on the clock. */
const NOON = 13 * 60

/** Most members named for one hole. */
const MOST_CANDIDATES = 10

export interface HalfDay extends Interval {
  readonly date: LocalDate
  readonly half: Half
}

/** The 14 half-days of a week, Monday morning first: one ends where the next starts, also when the hour changes. */
export const halfDaysOf = (week: Interval, zone: Zone): HalfDay[] => {
  const monday = toLocalDate(week.start, zone)
  return [0, 1, 2, 3, 4, 5, 6].flatMap((days): HalfDay[] => {
    const date = addDays(monday, days)
    const noon = toInstant(atMinute(date, NOON), zone, 'forward')
    return [
      { date, half: 'am', ...getInterval(startOfDay(date, zone), noon) },
      { date, half: 'pm', ...getInterval(noon, startOfDay(addDays(date, 1), zone)) },
    ]
  })
}

export interface Wish {
  readonly weekday: number
  readonly half: Half
  readonly places: number
}

/** How many places a plan wants in a half-day; none unless it says so. */
const wantedIn = (plan: readonly Wish[], { date, half }: HalfDay): number => {
  const weekday: Weekday = weekdayOf(date)
  return plan.find((wish) => wish.weekday === weekday && wish.half === half)?.places ?? 0
}

/** Seats that the slots which start in a half-day offer or have given, and how many of them are taken. */
export interface Seats {
  readonly capacity: number
  readonly taken: number
}

export interface Coverage extends HalfDay {
  readonly wanted: number
  readonly open: number
  readonly booked: number
  readonly missing: number
}

/** What a half-day wants, and what it has: free seats, taken seats, and those that nobody offers. */
export const coverageOf = (plan: readonly Wish[], halfDay: HalfDay, seats: Seats | undefined): Coverage => {
  const wanted = wantedIn(plan, halfDay)
  const booked = seats?.taken ?? 0
  const open = Math.max(0, (seats?.capacity ?? 0) - booked)
  return { ...halfDay, wanted, open, booked, missing: Math.max(0, wanted - open - booked) }
}

/** A hole that somebody may still fill: places are missing, and the half-day is not over. */
export const isFillable = (coverage: Coverage, now: Instant): boolean =>
  coverage.missing > 0 && coverage.end > now

export interface Candidate {
  readonly practitionerId: string
  readonly name: string
  /** Null for who has no share to be loaded against. */
  readonly load: number | null
}

/** Members who are free, those with the lowest load first, those without a share last; ties by id. */
export const candidatesAmong = (members: readonly Candidate[], busy: ReadonlySet<string>): Candidate[] =>
  members
    .filter(({ practitionerId }) => !busy.has(practitionerId))
    .sort((a, b) => rankOf(a.load) - rankOf(b.load) || (a.practitionerId < b.practitionerId ? -1 : 1))
    .slice(0, MOST_CANDIDATES)

/** Whether the coverage of a CPTS is the actor's to plan and see: its coordinators, an admin, the system. */
export const mayPlan = (actor: Actor, communityId: string): boolean =>
  actor.kind === 'system' ||
  actor.role === 'admin' ||
  (actor.role === 'coordinator' && actor.communityIds.includes(communityId))
