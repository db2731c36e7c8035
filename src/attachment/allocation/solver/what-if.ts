import { comparePlacements, type Comparison } from './compare.ts'
import { peopleOf } from './construct.ts'
import { roundedKm } from './costs.ts'
import { findConstraint, nearestKm } from './eligibility.ts'
import { NO_WAY, type Flow } from './flow.ts'
import { memberOf } from './instance.ts'
import type { Constraint, Placement } from './model.ts'
import { Reach } from './reach.ts'
import { NODES } from './tree.ts'

/** What would change; nothing does when something forbids it. */
export interface WhatIf extends Comparison {
  /** The constraint, or `no_places`: nobody could leave a place for them. */
  readonly forbidden: Constraint | null
}

/**
 * What would change if a household were locked to a practitioner: its people leave where they are and come there before
 * all. Others go where it costs least; when there is not room for all, the last in rank of those who could make room lose
 * their place, and a place that is left goes to the first in rank who can have it. Households that stay together do not
 * move and, like those that the coordinator placed, are not tried anew. Nothing is changed.
 */
export const tryAt = (flow: Flow, parties: readonly number[], doctor: number): WhatIf => {
  const { instance, seats } = flow
  const forbidden = parties
    .map((i) => instance.parties[i]!)
    .map(({ household, members }) => findConstraint(household, members, instance.doctors[doctor]!))
    .find((one) => one !== null)
  if (forbidden) return { forbidden, ...comparePlacements([], []) }
  const before = seats.node.slice()
  const mark = seats.mark()
  const people = new Set(parties.flatMap((i) => peopleOf(instance.parties[i]!)))
  for (const p of people) if (seats.isPlaced(p)) flow.remove(p)
  // Before they come: whoever ranks before those who would make room for them has what they leave.
  fillLeft(flow, people)
  const isPlaced = [...people].every((p) => placeAnyhow(flow, p, doctor, people))
  if (isPlaced) fillLeft(flow, people)
  const after = seats.node.slice()
  seats.rollback(mark)
  if (!isPlaced) return { forbidden: 'no_places', ...comparePlacements([], []) }
  const changed = [...after.keys()].filter((p) => numberAt(before, p) !== numberAt(after, p))
  return {
    forbidden: null,
    ...comparePlacements(placementsOf(flow, before, changed), placementsOf(flow, after, changed)),
  }
}

const numberAt = (nodes: Int32Array, person: number) => Math.floor(nodes[person]! / NODES)

const placementsOf = ({ instance }: Flow, nodes: Int32Array, people: readonly number[]): Placement[] =>
  people.flatMap((p) => {
    const doctor = instance.doctors[numberAt(nodes, p)]
    if (!doctor) return []
    const { household } = instance.parties[instance.partyOf[p]!]!
    return [
      {
        householdId: household.id,
        member: memberOf(instance, p).number,
        practitionerId: doctor.id,
        km: roundedKm(nearestKm(household, doctor)),
      },
    ]
  })

/** Places somebody at a practitioner, at the cost of others' places if it must be. */
const placeAnyhow = (flow: Flow, person: number, doctor: number, spared: ReadonlySet<number>): boolean => {
  while (flow.insertAt(person, doctor) === NO_WAY) {
    const last = lastToLose(flow, person, doctor, spared)
    if (last === undefined) return false
    const party = flow.instance.parties[flow.instance.partyOf[last]!]!
    for (const p of peopleOf(party)) if (flow.seats.isPlaced(p)) flow.remove(p)
  }
  return true
}

/** The last in rank of those who could make room, the coordinator's own aside. */
const lastToLose = (
  flow: Flow,
  person: number,
  doctor: number,
  spared: ReadonlySet<number>,
): number | undefined => {
  const { instance, seats, tree } = flow
  const reach = new Reach(flow)
  reach.addNode(tree.leafOf(instance.classOf[person]!, doctor))
  for (let p = instance.people - 1; p >= 0; p--) {
    if (!seats.isPlaced(p) || !reach.has(seats.node[p]!) || spared.has(p)) continue
    if (instance.parties[instance.partyOf[p]!]!.household.lock === null) return p
  }
  return undefined
}

/** Gives what is left to those who have no place, in order of rank. */
const fillLeft = (flow: Flow, spared: ReadonlySet<number>): void => {
  const { instance, seats, tree } = flow
  const reach = new Reach(flow)
  const isFree = (node: number) => tree.parent[node]! < 0 && tree.hasRoom(node)
  for (const { household, members, first } of instance.parties) {
    if (members.length > 1 || household.lock !== null || seats.isPlaced(first) || spared.has(first)) continue
    if (!reach.addPerson(first).some(isFree)) continue
    flow.insert(first)
    reach.clear()
  }
}
