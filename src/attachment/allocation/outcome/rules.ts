import type { PriorityClass } from '../../vocabulary.ts'
import { findConstraint, nearestKm } from '../solver/eligibility.ts'
import type { Household, Problem } from '../solver/model.ts'
import { byRank } from '../solver/order.ts'
import type { Progress, Reason, Solution } from '../solver/solution.ts'

/** People of one household who are proposed to one practitioner. */
export interface ShownProposal {
  readonly requestId: string
  readonly practitionerId: string
  readonly members: readonly number[]
  readonly km: number
  readonly class: PriorityClass
  /** Of the household, in the part that these people are of it. */
  readonly points: number
  readonly why: {
    /** Place in the order in which people are placed, from 1. */
    readonly rank: number
    readonly weeks: number
    /** Practitioners whom nothing keeps from them. */
    readonly candidates: number
    /** Of these, nearer than the one they are proposed to. */
    readonly nearer: number
    /** Whether the coordinator put them there. */
    readonly locked: boolean
  }
}

export interface ShownUnplaced {
  readonly requestId: string
  readonly class: PriorityClass
  readonly members: readonly number[]
  readonly rank: number
  readonly weeks: number
  readonly because: readonly Reason[]
}

/** Counts of an allocation, as in lists. Distances in kilometres. */
export interface ShownTotals {
  readonly people: number
  readonly placed: number
  readonly proposals: number
  readonly unplaced: number
  readonly practitioners: number
  /** With whom the last draft had them. */
  readonly kept: number
  readonly byClass: readonly {
    readonly class: PriorityClass
    readonly people: number
    readonly placed: number
  }[]
  readonly km: number
  readonly longestKm: number
  /** Points of twelve months and of this run, by full share, of those who take part. */
  readonly equity: { readonly least: number; readonly most: number; readonly mean: number }
  readonly toQualify: number
  readonly optimal: boolean
}

/** An allocation as it is shown, in order of rank. */
export interface Shown {
  readonly proposals: readonly ShownProposal[]
  readonly unplaced: readonly ShownUnplaced[]
}

const HOUSEHOLDS_AT_A_TIME = 50

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

/** What is proposed to whom, by household and practitioner: all the people of a household that go to the same one. */
export const proposalsOf = (problem: Problem, solution: Solution): Omit<ShownProposal, 'why'>[] => {
  const households = new Map(problem.households.map((household) => [household.id, household]))
  const together = groupBy(solution.placements, (one) => `${one.householdId}/${one.practitionerId}`)
  return [...together.values()].flatMap((placed) => {
    const [first] = placed
    const household = first && households.get(first.householdId)
    if (!household) return []
    return [
      {
        requestId: household.id,
        practitionerId: first.practitionerId,
        members: placed.map(({ member }) => member),
        km: Math.max(...placed.map(({ km }) => km)),
        class: household.urgency,
        points: Math.round((household.points * placed.length) / household.members.length),
      },
    ]
  })
}

/** What a solution says of each household, in order of rank, some households at a time. */
export function* shownOf(problem: Problem, solution: Solution): Generator<Progress, Shown, void> {
  const placed = groupBy(proposalsOf(problem, solution), ({ requestId }) => requestId)
  const unplaced = groupBy(solution.unplaced, ({ householdId }) => householdId)
  const proposals: ShownProposal[] = []
  const left: ShownUnplaced[] = []
  const households = [...problem.households].sort(byRank)
  const people = solution.totals.people
  for (const [index, household] of households.entries()) {
    if (index % HOUSEHOLDS_AT_A_TIME === 0) yield { done: people, of: people }
    const { id: requestId, urgency, weeks } = household
    const rank = index + 1
    for (const one of placed.get(requestId) ?? [])
      proposals.push({ ...one, why: { rank, weeks, ...candidatesOf(problem, household, one) } })
    const reasons = groupBy(unplaced.get(requestId) ?? [], ({ because }) => JSON.stringify(because))
    for (const same of reasons.values())
      left.push({
        requestId,
        class: urgency,
        members: same.map(({ member }) => member),
        rank,
        weeks,
        because: same[0]?.because ?? [],
      })
  }
  return { proposals, unplaced: left }
}

const candidatesOf = (
  problem: Problem,
  household: Household,
  { members, practitionerId }: Pick<ShownProposal, 'members' | 'practitionerId'>,
) => {
  const party = household.members.filter(({ number }) => members.includes(number))
  const chosen = problem.doctors.find(({ id }) => id === practitionerId)
  const km = chosen ? nearestKm(household, chosen) : 0
  const candidates = problem.doctors.filter((doctor) => findConstraint(household, party, doctor) === null)
  return {
    candidates: candidates.length,
    nearer: candidates.filter((doctor) => nearestKm(household, doctor) < km).length,
    locked: household.lock?.practitionerId === practitionerId,
  }
}

const tenth = (number: number): number => Math.round(number * 10) / 10

/** Counts of what is shown. `optimal`: nothing better exists, as the independent checker found. */
export const totalsOf = (
  problem: Problem,
  solution: Solution,
  shown: Shown,
  more: Pick<ShownTotals, 'toQualify' | 'optimal'>,
): ShownTotals => {
  const { people, placed, kept, km, byUrgency } = solution.totals
  const points = new Map<string, number>()
  for (const one of shown.proposals)
    points.set(one.practitionerId, (points.get(one.practitionerId) ?? 0) + one.points)
  const ratios = problem.doctors
    .filter(({ closed }) => closed === null)
    .map(({ id, load, share }) => ((load + (points.get(id) ?? 0)) * 100) / share)
  return {
    people,
    placed,
    proposals: shown.proposals.length,
    unplaced: shown.unplaced.length,
    practitioners: points.size,
    kept,
    byClass: byUrgency.map(({ urgency, ...counts }) => ({ class: urgency, ...counts })),
    km,
    longestKm: Math.max(0, ...shown.proposals.map((one) => one.km)),
    equity: {
      least: tenth(Math.min(...(ratios.length === 0 ? [0] : ratios))),
      most: tenth(Math.max(0, ...ratios)),
      mean: tenth(ratios.reduce((sum, ratio) => sum + ratio, 0) / Math.max(1, ratios.length)),
    },
    ...more,
  }
}

/** What an allocation found, and what is shown of it. */
export interface Found {
  readonly solution: Solution
  readonly shown: Shown
}

/** Whether a request took part. */
export const names = ({ placements, unplaced }: Solution, requestId: string): boolean =>
  placements.some((one) => one.householdId === requestId) ||
  unplaced.some((one) => one.householdId === requestId)

/** The same with nothing said of a request. Counts and prices stay: they are of all. */
export const without = (requestId: string, { solution, shown }: Found): Found => {
  const isOther = (one: { readonly householdId: string }) => one.householdId !== requestId
  const isShown = (one: { readonly requestId: string }) => one.requestId !== requestId
  const { certificate } = solution
  return {
    solution: {
      ...solution,
      placements: solution.placements.filter(isOther),
      unplaced: solution.unplaced.filter(isOther),
      certificate: { ...certificate, regrouped: certificate.regrouped.filter((id) => id !== requestId) },
    },
    shown: { proposals: shown.proposals.filter(isShown), unplaced: shown.unplaced.filter(isShown) },
  }
}
