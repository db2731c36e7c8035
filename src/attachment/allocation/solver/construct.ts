import { findConstraint } from './eligibility.ts'
import { NO_WAY, type Flow } from './flow.ts'
import { ALD, HOME, KINDS, type Party } from './instance.ts'
import type { Constraint } from './model.ts'
import type { Progress } from './solution.ts'
import { NO_NODE, NODES } from './tree.ts'

/** Edges looked at between two pauses, and parties: some tens of milliseconds at most. */
const WORK_AT_A_TIME = 400_000
const PARTIES_AT_A_TIME = 1_000

/** What the coordinator decided of a party, and what became of it; those that are not there take their turn. */
export type Decided = ReadonlyMap<number, 'placed' | 'out' | Constraint>

/** People of a practitioner, by what limits them. */
interface Taken {
  all: number
  unreserved: number
  home: number
  ald: number
}

/** Places those that the coordinator put somewhere, before all, as far as no hard constraint or limit forbids it. */
export const placeLocked = (flow: Flow): Decided => {
  const { instance } = flow
  const numberOf = new Map(instance.doctors.map(({ id }, d) => [id, d]))
  const taken = instance.doctors.map((): Taken => ({ all: 0, unreserved: 0, home: 0, ald: 0 }))
  const decided = new Map<number, 'placed' | 'out' | Constraint>()
  instance.parties.forEach((party, i) => {
    const { lock } = party.household
    if (lock === null) return
    const d = lock.practitionerId === null ? undefined : numberOf.get(lock.practitionerId)
    if (lock.practitionerId === null) decided.set(i, 'out')
    else if (d === undefined) decided.set(i, 'no_intake')
    else decided.set(i, placeLockedParty(flow, party, d, taken[d]!) ?? 'placed')
  })
  return decided
}

const placeLockedParty = (flow: Flow, party: Party, d: number, taken: Taken): Constraint | null => {
  const { instance } = flow
  const doctor = instance.doctors[d]!
  const constraint = findConstraint(party.household, party.members, doctor)
  if (constraint !== null) return constraint
  const classes = party.members.map((_, m) => instance.classOf[party.first + m]!)
  const count = (isCounted: (one: number) => boolean) => classes.filter(isCounted).length
  const next: Taken = {
    all: taken.all + classes.length,
    unreserved: taken.unreserved + count((one) => one >= KINDS),
    home: taken.home + count((one) => one % KINDS === HOME),
    ald: taken.ald + count((one) => one % KINDS === ALD),
  }
  if (
    next.all > doctor.places ||
    next.unreserved > Math.max(0, doctor.places - doctor.reserved) ||
    next.home > (doctor.maxHomeVisits ?? Infinity) ||
    next.ald > (doctor.maxAld ?? Infinity)
  )
    return 'no_places'
  Object.assign(taken, next)
  placeAt(flow, peopleOf(party), d)
  return null
}

/** Places everybody else in order of rank: whoever finds a way, without anybody's loss. */
export function* placeInOrder(flow: Flow, decided: Decided): Generator<Progress, void, void> {
  const { parties, people } = flow.instance
  let isSettled = false
  let paused = flow.work
  for (const [i, { household, members, first }] of parties.entries()) {
    if (!isSettled && household.urgency > 1) {
      flow.settle()
      isSettled = true
    }
    if (flow.work - paused > WORK_AT_A_TIME || i % PARTIES_AT_A_TIME === 0) {
      paused = flow.work
      yield { done: first, of: people }
    }
    if (decided.has(i)) continue
    if (members.length === 1) flow.insert(first)
    else placeBlock(flow, peopleOf(parties[i]!))
  }
  if (!isSettled) flow.settle()
}

/** Practitioners that could take all of some people, by what it costs at least there; those full for good are left out. */
export const choicesOf = (flow: Flow, people: readonly number[]): { doctor: number; least: number }[] => {
  const { from, doctorAt, costAt, classOf } = flow.instance
  const found = new Map<number, { doctor: number; count: number; least: number }>()
  for (const p of people)
    for (let e = from[p]!; e < from[p + 1]!; e++) {
      const doctor = doctorAt[e]!
      const leaf = flow.tree.leafOf(classOf[p]!, doctor)
      if (leaf === NO_NODE || flow.isDead(leaf)) continue
      const one = found.get(doctor) ?? { doctor, count: 0, least: 0 }
      one.count++
      one.least += costAt[e]! + flow.tree.price[leaf]!
      found.set(doctor, one)
    }
  return [...found.values()]
    .filter(({ count }) => count === people.length)
    .sort((a, b) => a.least - b.least || a.doctor - b.doctor)
}

/** Places people at a practitioner to stay; what that costs. `NO_WAY`: not all of them could be. */
export const placeAt = (flow: Flow, people: readonly number[], doctor: number): number => {
  let cost = 0
  for (const p of people) {
    cost += flow.insertAt(p, doctor)
    if (cost === NO_WAY) return NO_WAY
  }
  return cost
}

/** Places a household that stays together where it costs least on the whole, if anybody can take all of it. */
const placeBlock = (flow: Flow, people: readonly number[]): void => {
  let best = -1
  let leastCost = NO_WAY
  for (const { doctor, least } of choicesOf(flow, people)) {
    if (least >= leastCost) break
    const mark = flow.seats.mark()
    const cost = placeAt(flow, people, doctor)
    flow.seats.rollback(mark)
    if (cost >= leastCost) continue
    best = doctor
    leastCost = cost
  }
  if (best >= 0) placeAt(flow, people, best)
}

export const peopleOf = ({ members, first }: Party): number[] => members.map((_, m) => first + m)

/** Number of the practitioner of somebody, or -1. */
export const doctorOf = (flow: Flow, person: number): number => Math.floor(flow.seats.node[person]! / NODES)
