import { choicesOf, doctorOf } from './construct.ts'
import { costOfKm } from './costs.ts'
import type { Flow } from './flow.ts'

/** Tries for each household: the practitioners that cost least. */
const TRIES = 3

/**
 * Brings those together who may be split, where what it costs the others is less than what the practitioners that are
 * saved are worth: once for each household, in order of rank. Who is brought or found together stays so. Ids of these
 * households, in that order.
 */
export function* regroup(flow: Flow): Generator<void, string[], void> {
  const { instance } = flow
  const perDoctor = costOfKm(instance.problem.weights.togetherKm)
  const regrouped: string[] = []
  for (const people of splitHouseholds(flow)) {
    yield
    const doctors = new Set(people.map((p) => doctorOf(flow, p)))
    if (doctors.size > 1 && !gather(flow, people, (doctors.size - 1) * perDoctor)) continue
    if (doctors.size === 1) for (const p of people) flow.seats.fix(p)
    regrouped.push(instance.parties[instance.partyOf[people[0]!]!]!.household.id)
  }
  return regrouped
}

/** Those placed of each household that may be split, when they are several and nobody decided about them. */
function* splitHouseholds({ instance, seats }: Flow): Generator<number[], void, void> {
  const { parties } = instance
  for (let i = 0; i < parties.length;) {
    const { household, first } = parties[i]!
    if (household.together) i++
    else {
      i += household.members.length
      const people = household.members.map((_, m) => first + m).filter((p) => seats.isPlaced(p))
      if (people.length > 1 && household.lock === null) yield people
    }
  }
}

/** Whether people are now at one practitioner, for less than a cost. */
const gather = (flow: Flow, people: readonly number[], worth: number): boolean => {
  const { tree, seats } = flow
  const movable = people.filter((p) => !seats.isFixed(p))
  const held = new Set(people.filter((p) => seats.isFixed(p)).map((p) => doctorOf(flow, p)))
  // Where they are, as prices stand: no place can cost less by more than what it is below.
  const stay = movable.reduce((sum, p) => sum + seats.cost[p]! + tree.price[seats.node[p]!]!, 0)
  const choices = choicesOf(flow, movable)
    .filter(({ doctor, least }) => least - stay < worth && [...held].every((one) => one === doctor))
    .slice(0, TRIES)
  for (const { doctor } of choices) {
    const mark = seats.mark()
    let cost = 0
    for (const p of movable) cost -= flow.remove(p)
    for (const p of movable) cost += flow.insertAt(p, doctor)
    if (cost < worth) {
      seats.keep(mark)
      for (const p of people) seats.fix(p)
      return true
    }
    seats.rollback(mark)
  }
  return false
}
