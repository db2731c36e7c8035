import { explainParty, type PartyExplanation } from './explain.ts'
import { Flow } from './flow.ts'
import { indexProblem, memberOf } from './instance.ts'
import type { Problem } from './model.ts'
import type { Solution } from './solution.ts'
import { AT_HOME, NODES, UNRESERVED, WITH_ALD } from './tree.ts'
import { tryAt, type WhatIf } from './what-if.ts'

/** An allocation that can be asked questions: made once, then each answer takes some milliseconds. */
export interface Session {
  /** By people that are placed as one; undefined: no such household. */
  readonly explain: (householdId: string) => PartyExplanation[] | undefined
  /** What would change if a household were with a practitioner, all of it; undefined: no such household or practitioner. */
  readonly whatIf: (householdId: string, practitionerId: string) => WhatIf | undefined
}

/** Takes up an allocation where it was left, some households at a time. Throws when it is not one of this problem. */
export function* opening(problem: Problem, solution: Solution): Generator<void, Session, void> {
  const flow = new Flow(yield* indexProblem(problem))
  restore(flow, solution)
  return sessionOf(flow)
}

/** The same without a pause. */
export const open = (problem: Problem, solution: Solution): Session => {
  const slices = opening(problem, solution)
  for (;;) {
    const slice = slices.next()
    if (slice.done) return slice.value
  }
}

const sessionOf = (flow: Flow): Session => {
  const { parties, doctors } = flow.instance
  const partiesOf = new Map<string, number[]>()
  parties.forEach(({ household: { id } }, i) => partiesOf.set(id, [...(partiesOf.get(id) ?? []), i]))
  const numberOf = new Map(doctors.map(({ id }, d) => [id, d]))
  return {
    explain: (householdId) => partiesOf.get(householdId)?.map((i) => explainParty(flow, i)),
    whatIf: (householdId, practitionerId) => {
      const own = partiesOf.get(householdId)
      const doctor = numberOf.get(practitionerId)
      return own && doctor !== undefined ? tryAt(flow, own, doctor) : undefined
    },
  }
}

/** Seats everybody as a solution says, and takes its prices over. */
const restore = (flow: Flow, { placements, certificate }: Solution): void => {
  const { instance, tree, seats } = flow
  const { doctors, parties } = instance
  const numberOf = new Map(doctors.map(({ id }, d) => [id, d]))
  const regrouped = new Set(certificate.regrouped)
  const placed = new Map(
    placements.map(({ householdId, member, practitionerId }) => [`${member} ${householdId}`, practitionerId]),
  )
  for (let p = 0; p < instance.people; p++) {
    const { household, members } = parties[instance.partyOf[p]!]!
    const practitionerId = placed.get(`${memberOf(instance, p).number} ${household.id}`)
    if (practitionerId === undefined) continue
    const d = numberOf.get(practitionerId) ?? -1
    const cost = flow.costOf(p, d)
    if (!Number.isFinite(cost)) throw new Error('an allocation of another problem')
    const isFixed = members.length > 1 || household.lock !== null || regrouped.has(household.id)
    seats.move(p, tree.leafOf(instance.classOf[p]!, d), cost, isFixed)
  }
  flow.settle()
  flow.revive()
  for (const { practitionerId, place, unreserved, homeVisit, ald } of certificate.prices) {
    const root = NODES * (numberOf.get(practitionerId) ?? 0)
    tree.price[root] = place
    for (const [node, price] of [
      [root + UNRESERVED, unreserved],
      [root + AT_HOME, homeVisit],
      [root + WITH_ALD, ald],
    ] as const)
      if (tree.isNode(node)) tree.price[node] = tree.price[tree.parent[node]!]! + price
  }
}
