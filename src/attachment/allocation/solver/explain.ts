import { doctorOf, peopleOf } from './construct.ts'
import { roundedKm } from './costs.ts'
import { constraintsOf, nearestKm } from './eligibility.ts'
import { NO_WAY, type Flow } from './flow.ts'
import { memberOf, type Party } from './instance.ts'
import type { Constraint } from './model.ts'
import { byText } from './order.ts'
import { Reach } from './reach.ts'
import { funnelOf } from './result.ts'
import type { Reason } from './solution.ts'
import { NO_NODE, NODES, UNRESERVED } from './tree.ts'

/** A practitioner as somebody sees them. */
export interface Candidate {
  readonly practitionerId: string
  readonly km: number
  /** All that keeps them apart, in the order of asking; empty: they fit. */
  readonly constraints: readonly Constraint[]
  /**
   * Of one who fits: `chosen`; `full`, others pay more for the place; `free`, but further or fuller than the one chosen. A
   * household that stays together finds one `full` who cannot take all of it.
   */
  readonly outcome: 'excluded' | 'chosen' | 'full' | 'free'
}

/** Somebody who would have a place if a practitioner had one more. */
export interface Helped {
  readonly practitionerId: string
  readonly householdId: string
  readonly member: number
}

/** Why nobody can make room: all who could are full, and those whom they have come first. */
export interface Saturation {
  /** Those that could be reached if one sent a patient to another, again and again. */
  readonly practitioners: readonly string[]
  /** Their patients who could be sent, and how many the coordinator put there. */
  readonly occupants: number
  readonly locked: number
  /** The last in rank of those whom nobody put there. */
  readonly last: { readonly householdId: string; readonly member: number } | null
  /** Whether all is as this says: it always is. */
  readonly holds: boolean
}

export interface PartyExplanation {
  readonly householdId: string
  /** By number: all of a household that stays together, otherwise one of it. */
  readonly members: readonly number[]
  readonly practitionerId: string | null
  /** All practitioners, nearest first. */
  readonly candidates: readonly Candidate[]
  /** How many each constraint takes away, and how many fit. */
  readonly funnel: readonly Reason[]
  readonly fitting: number
  /** How many each constraint alone keeps apart, most first: lifting it opens so many. */
  readonly lifting: readonly { readonly constraint: Constraint; readonly practitioners: number }[]
  /** Of one person without a place whom somebody fits. */
  readonly saturation: Saturation | null
  /** Of those that saturation names: who would be placed with one place more. */
  readonly helps: readonly Helped[]
  /** Of a household that stays together without a place: how many of it each could take. */
  readonly partly: readonly { readonly practitionerId: string; readonly people: number }[]
}

/** What became of people that are placed as one, against every practitioner. */
export const explainParty = (flow: Flow, i: number): PartyExplanation => {
  const { instance, seats } = flow
  const party = instance.parties[i]!
  const { household, members, first } = party
  const chosen = seats.isPlaced(first) ? doctorOf(flow, first) : -1
  const candidates = candidatesOf(flow, party, chosen)
  const fitting = candidates.filter(({ constraints }) => constraints.length === 0)
  const isLeft = chosen < 0 && household.lock === null && fitting.length > 0
  const saturation = isLeft && members.length === 1 ? saturationOf(flow, first) : null
  const near = new Set(saturation?.practitioners)
  return {
    householdId: household.id,
    members: members.map(({ number }) => number),
    practitionerId: instance.doctors[chosen]?.id ?? null,
    candidates,
    funnel: funnelOf(instance, i),
    fitting: fitting.length,
    lifting: liftingOf(candidates),
    saturation,
    helps: saturation ? helpedBy(flow).filter(({ practitionerId }) => near.has(practitionerId)) : [],
    partly: isLeft && members.length > 1 ? partlyOf(flow, peopleOf(party)) : [],
  }
}

const candidatesOf = (flow: Flow, party: Party, chosen: number): Candidate[] => {
  const { household, members } = party
  return flow.instance.doctors
    .map((doctor, d): Candidate => {
      const constraints = constraintsOf(household, members, doctor)
      const outcome =
        d === chosen
          ? 'chosen'
          : constraints.length > 0
            ? 'excluded'
            : hasRoom(flow, party, d)
              ? 'free'
              : 'full'
      return { practitionerId: doctor.id, km: roundedKm(nearestKm(household, doctor)), constraints, outcome }
    })
    .sort((a, b) => a.km - b.km || byText(a.practitionerId, b.practitionerId))
}

/** Whether a practitioner has places left for all of them as it is. */
const hasRoom = ({ instance, tree }: Flow, party: Party, doctor: number): boolean => {
  const taken = new Map<number, number>()
  for (const p of peopleOf(party)) {
    const leaf = tree.leafOf(instance.classOf[p]!, doctor)
    if (leaf === NO_NODE) return false
    for (let node = leaf; node >= 0; node = tree.parent[node]!) taken.set(node, (taken.get(node) ?? 0) + 1)
  }
  return [...taken].every(([node, people]) => tree.used[node]! + people <= tree.cap[node]!)
}

const liftingOf = (candidates: readonly Candidate[]): { constraint: Constraint; practitioners: number }[] => {
  const counts = new Map<Constraint, number>()
  for (const { constraints } of candidates)
    if (constraints.length === 1) counts.set(constraints[0]!, (counts.get(constraints[0]!) ?? 0) + 1)
  return [...counts]
    .map(([constraint, practitioners]) => ({ constraint, practitioners }))
    .sort((a, b) => b.practitioners - a.practitioners || byText(a.constraint, b.constraint))
}

const nameOf = ({ instance }: Flow, person: number) => ({
  householdId: instance.parties[instance.partyOf[person]!]!.household.id,
  member: memberOf(instance, person).number,
})

const saturationOf = (flow: Flow, person: number): Saturation => {
  const { instance, seats, tree } = flow
  const reach = new Reach(flow)
  const nodes = reach.addPerson(person)
  const isFull = !nodes.some((node) => tree.parent[node]! < 0 && tree.hasRoom(node))
  const occupants = [...seats.node.keys()].filter((p) => seats.isPlaced(p) && reach.has(seats.node[p]!))
  const own = occupants.filter((p) => instance.parties[instance.partyOf[p]!]!.household.lock === null)
  const last = own.at(-1)
  return {
    practitioners: [...new Set(nodes.map((node) => instance.doctors[Math.floor(node / NODES)]!.id))].sort(
      byText,
    ),
    occupants: occupants.length,
    locked: occupants.length - own.length,
    last: last === undefined ? null : nameOf(flow, last),
    holds: isFull && (last ?? -1) < person,
  }
}

/** For each practitioner that somebody without a place reaches: the first in rank of these. */
const helpedBy = (flow: Flow): Helped[] => {
  const { instance } = flow
  const reach = new Reach(flow)
  const helped = new Map<number, Helped>()
  for (const { household, members, first } of instance.parties) {
    if (members.length > 1 || household.lock !== null || flow.seats.isPlaced(first)) continue
    for (const node of reach.addPerson(first)) {
      const doctor = Math.floor(node / NODES)
      // One place more is one more in all and one more that is not reserved; limits of kinds stay.
      if (node % NODES > UNRESERVED || helped.has(doctor)) continue
      helped.set(doctor, { practitionerId: instance.doctors[doctor]!.id, ...nameOf(flow, first) })
    }
  }
  return [...helped.values()].sort((a, b) => byText(a.practitionerId, b.practitionerId))
}

const partlyOf = (flow: Flow, people: readonly number[]): { practitionerId: string; people: number }[] => {
  const { instance, seats } = flow
  return instance.doctors
    .flatMap(({ id }, d) => {
      if (people.some((p) => flow.costOf(p, d) === NO_WAY)) return []
      const mark = seats.mark()
      const count = people.filter((p) => flow.insertAt(p, d) !== NO_WAY).length
      seats.rollback(mark)
      return [{ practitionerId: id, people: count }]
    })
    .sort((a, b) => b.people - a.people || byText(a.practitionerId, b.practitionerId))
}
