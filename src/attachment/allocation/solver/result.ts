import { doctorOf, peopleOf, type Decided } from './construct.ts'
import { roundedKm } from './costs.ts'
import { nearestKm } from './eligibility.ts'
import type { Flow } from './flow.ts'
import { memberOf, type Instance } from './instance.ts'
import { CONSTRAINTS, URGENCIES, type Placement } from './model.ts'
import { byMember, byText } from './order.ts'
import type { Certificate, Prices, Reason, Solution, Totals, Unplaced } from './solution.ts'
import { AT_HOME, NODES, UNRESERVED, WITH_ALD } from './tree.ts'

/** How many practitioners each constraint takes away from a party, in the order of asking. */
export const funnelOf = ({ away }: Instance, i: number): Reason[] =>
  CONSTRAINTS.flatMap((constraint, c) => {
    const practitioners = away[i * CONSTRAINTS.length + c]!
    return practitioners === 0 ? [] : [{ constraint, practitioners }]
  })

const reasonsOf = (flow: Flow, decided: Decided, i: number): Reason[] => {
  const fate = decided.get(i)
  if (fate === 'out') return [{ constraint: 'locked_out', practitioners: 0 }]
  if (fate !== undefined && fate !== 'placed')
    return [
      { constraint: 'locked', practitioners: 1 },
      { constraint: fate, practitioners: 1 },
    ]
  const { parties, doctors } = flow.instance
  const funnel = funnelOf(flow.instance, i)
  const left = funnel.reduce((rest, { practitioners }) => rest - practitioners, doctors.length)
  if (left === 0) return funnel
  return [
    ...funnel,
    { constraint: parties[i]!.members.length > 1 ? 'block' : 'saturated', practitioners: left },
  ]
}

const certificateOf = (flow: Flow, regrouped: readonly string[]): Certificate => {
  const { instance, tree, seats } = flow
  const { doctors } = instance
  let cost = 0
  for (let p = 0; p < instance.people; p++) if (seats.isPlaced(p)) cost += seats.cost[p]!
  const prices = doctors.map((doctor, d): Prices => {
    const root = NODES * d
    for (let k = 1; k <= tree.used[root]!; k++) cost += tree.loadAt(root, k)
    const above = (node: number) =>
      tree.isNode(node) ? tree.price[node]! - tree.price[tree.parent[node]!]! : 0
    return {
      practitionerId: doctor.id,
      place: tree.price[root]!,
      unreserved: above(root + UNRESERVED),
      homeVisit: above(root + AT_HOME),
      ald: above(root + WITH_ALD),
    }
  })
  return { cost, prices, regrouped }
}

const totalsOf = (flow: Flow, placements: readonly Placement[]): Totals => {
  const { instance, seats } = flow
  const people = new Map(URGENCIES.map((urgency) => [urgency, { urgency, people: 0, placed: 0 }]))
  let kept = 0
  for (let p = 0; p < instance.people; p++) {
    const { household } = instance.parties[instance.partyOf[p]!]!
    const line = people.get(household.urgency)!
    line.people++
    if (!seats.isPlaced(p)) continue
    line.placed++
    const { id } = instance.doctors[doctorOf(flow, p)]!
    const { number } = memberOf(instance, p)
    if (household.last.some(({ member, practitionerId }) => member === number && practitionerId === id))
      kept++
  }
  return {
    people: instance.people,
    placed: placements.length,
    km: roundedKm(placements.reduce((sum, { km }) => sum + km, 0)),
    kept,
    byUrgency: [...people.values()],
  }
}

const PARTIES_AT_A_TIME = 500

/** What became of everybody, in the order of ids; some households at a time. */
export function* solutionOf(
  flow: Flow,
  decided: Decided,
  regrouped: readonly string[],
): Generator<void, Solution, void> {
  const { instance } = flow
  const placements: Placement[] = []
  const unplaced: Unplaced[] = []
  for (const [i, party] of instance.parties.entries()) {
    if (i % PARTIES_AT_A_TIME === 0) yield
    const missing = peopleOf(party).filter((p) => !flow.seats.isPlaced(p))
    if (missing.length > 0) {
      const because = reasonsOf(flow, decided, i)
      for (const { number } of party.members)
        unplaced.push({ householdId: party.household.id, member: number, because })
      continue
    }
    for (const p of peopleOf(party)) {
      const doctor = instance.doctors[doctorOf(flow, p)]!
      placements.push({
        householdId: party.household.id,
        member: memberOf(instance, p).number,
        practitionerId: doctor.id,
        km: roundedKm(nearestKm(party.household, doctor)),
      })
    }
  }
  placements.sort(byMember)
  return {
    placements,
    unplaced: unplaced.sort(byMember),
    certificate: certificateOf(flow, [...regrouped].sort(byText)),
    totals: totalsOf(flow, placements),
  }
}
