import { BALANCE_WINDOW, loadOf } from '../../bookings/availability/rules.ts'
import type { Ctx } from '../../db/db.ts'
import { append } from '../../events/actions.ts'
import { isoWeekOf, toLocalDate, weekInterval } from '../../kernel/civil.ts'
import { absent, Refused } from '../../kernel/refusal.ts'
import { MINUTE, plus, type Interval } from '../../kernel/time.ts'
import { assertCommunities, getManagedPractitioner } from '../../members/actions.ts'
import {
  candidatesAmong,
  coverageOf,
  halfDaysOf,
  isFillable,
  mayPlan,
  REGULATED_ACTS_CAP,
  type Candidate,
  type Coverage,
  type Wish,
} from './rules.ts'
import * as store from './store.ts'

export type { Wish } from './rules.ts'

const assertPlannable = (ctx: Ctx, communityId: string): void => {
  if (!mayPlan(ctx.actor, communityId)) throw new Refused(absent('CPTS'))
  assertCommunities(ctx, [communityId])
}

/** Replaces the coverage plan of a CPTS whole: what it no longer names is no longer wanted. */
export const setCoveragePlan = (ctx: Ctx, communityId: string, wanted: readonly Wish[]): Wish[] => {
  assertPlannable(ctx, communityId)
  store.replaceWishes(ctx.db, communityId, wanted)
  const plan = store.listWishes(ctx.db, communityId)
  append(ctx, { type: 'coverage_plan.set', subject: communityId, data: { wanted: plan } })
  return plan
}

export const getCoveragePlan = (ctx: Ctx, communityId: string): Wish[] => {
  assertPlannable(ctx, communityId)
  return store.listWishes(ctx.db, communityId)
}

interface Week {
  readonly week: string
  readonly interval: Interval
}

/** An ISO week of the territory's zone; the current one unless told. */
const weekOf = (ctx: Ctx, asked: string | undefined): Week => {
  const { zone } = ctx.territory
  const week = asked ?? isoWeekOf(toLocalDate(ctx.now, zone))
  const interval = weekInterval(week, zone)
  if (!interval) throw new RangeError(`not a week: ${week}`)
  return { week, interval }
}

export interface CoverageView extends Coverage {
  /** Who could fill the hole, where there is one to fill. */
  readonly couldFill?: readonly Candidate[]
}

/** Members with their load over the four weeks that end with an interval, as the balanced search weighs them. */
const membersOf = (ctx: Ctx, communityId: string, { end }: Interval): Candidate[] =>
  store.listMembers(ctx.db, communityId, plus(end, -BALANCE_WINDOW), end).map((member) => ({
    practitionerId: member.id,
    name: `${member.given} ${member.family}`,
    load: loadOf(member.bookings, member.weeklyTargetMinutes),
  }))

/** The half-days of a week: what the plan wants, what the members' slots give, and who could fill the holes to come. */
export const getCoverage = (
  ctx: Ctx,
  communityId: string,
  asked: string | undefined,
): { week: string; items: CoverageView[] } => {
  assertPlannable(ctx, communityId)
  const { week, interval } = weekOf(ctx, asked)
  const halves = halfDaysOf(interval, ctx.territory.zone)
  const plan = store.listWishes(ctx.db, communityId)
  const seats = store.seatsIn(ctx.db, communityId, halves, ctx.now)
  const items = halves.map((half, place) => coverageOf(plan, half, seats.get(place)))
  const holes = items.filter((item) => isFillable(item, ctx.now))
  if (holes.length === 0) return { week, items }
  const members = membersOf(ctx, communityId, interval)
  const busy = store.busyIn(ctx.db, communityId, holes, ctx.now)
  return {
    week,
    items: items.map((item) => {
      const taken = busy.get(holes.indexOf(item))
      return taken ? { ...item, couldFill: candidatesAmong(members, taken) } : item
    }),
  }
}

export interface Counters {
  readonly week: string
  readonly openMinutes: number
  readonly targetMinutes: number
  readonly regulatedActs: number
  readonly regulatedActsCap: number
}

/** Open time and regulated acts of a practitioner in an ISO week. They inform; nothing is refused by them. */
export const getCounters = (ctx: Ctx, practitionerId: string, asked: string | undefined): Counters => {
  const practitioner = getManagedPractitioner(ctx, practitionerId)
  const { week, interval } = weekOf(ctx, asked)
  return {
    week,
    openMinutes: Math.floor(store.openMilliseconds(ctx.db, practitionerId, interval, ctx.now) / MINUTE),
    targetMinutes: practitioner.weeklyTargetMinutes,
    regulatedActs: store.countRegulatedActs(ctx.db, practitionerId, interval),
    regulatedActsCap: REGULATED_ACTS_CAP,
  }
}
