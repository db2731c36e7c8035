import { hashText, loadCost, loadsOf, pairCost, tieSeed, type Load } from './costs.ts'
import { partiesOf } from './eligibility.ts'
import { Finder } from './finder.ts'
import { CONSTRAINTS, type Doctor, type Household, type Member, type Problem } from './model.ts'
import { byId, byRank } from './order.ts'

/** What of a practitioner's limits somebody counts in: seen at home before ALD, as one person counts in one of them only. */
export const PLAIN = 0
export const HOME = 1
export const ALD = 2
export const KINDS = 3

export interface Party {
  readonly household: Household
  readonly members: readonly Member[]
  /** Number of the first of its people; the others follow. */
  readonly first: number
}

/**
 * A problem as numbers. People are numbered in the order in which they are placed, practitioners by id; of each person the
 * practitioners that nothing keeps them from, cheapest first.
 */
export interface Instance {
  readonly problem: Problem
  readonly doctors: readonly Doctor[]
  /** By party and constraint, how many practitioners it takes away. */
  readonly away: Int32Array
  readonly loads: readonly Load[]
  /** In order of rank. */
  readonly parties: readonly Party[]
  readonly people: number
  readonly partyOf: Int32Array
  /** 3 × (urgency 1 or not) + kind. */
  readonly classOf: Uint8Array
  /** Where the practitioners of a person start in the lists; those of the next one follow. */
  readonly from: Int32Array
  readonly doctorAt: Int32Array
  readonly costAt: Float64Array
}

export const memberOf = (instance: Instance, person: number): Member => {
  const { members, first } = instance.parties[instance.partyOf[person]!]!
  return members[person - first]!
}

const kindOf = ({ needs }: Household, { ald }: Member): number => (needs.homeVisit ? HOME : ald ? ALD : PLAIN)

/** Lists that grow: how many practitioners are near enough is not known before. */
class Lists {
  doctors = new Int32Array(1024)
  costs = new Float64Array(1024)
  length = 0

  reserve(more: number): void {
    if (this.length + more <= this.doctors.length) return
    const size = Math.max(this.doctors.length * 2, this.length + more)
    const { doctors, costs } = this
    this.doctors = new Int32Array(size)
    this.doctors.set(doctors)
    this.costs = new Float64Array(size)
    this.costs.set(costs)
  }
}

const PARTIES_AT_A_TIME = 200

/** Numbers a problem, some households at a time. Nothing depends on the order of its lists. */
export function* indexProblem(problem: Problem): Generator<void, Instance, void> {
  const doctors = [...problem.doctors].sort(byId)
  const households = [...problem.households].sort(byRank)
  const members = households.map((household) => ({
    ...household,
    members: [...household.members].sort((a, b) => a.number - b.number),
  }))
  const parties: Party[] = []
  let people = 0
  for (const household of members)
    for (const party of partiesOf(household)) {
      parties.push({ household, members: party, first: people })
      people += party.length
    }
  const partyOf = new Int32Array(people)
  const classOf = new Uint8Array(people)
  parties.forEach(({ household, members, first }, i) =>
    members.forEach((member, m) => {
      partyOf[first + m] = i
      classOf[first + m] = (household.urgency === 1 ? 0 : KINDS) + kindOf(household, member)
    }),
  )
  const from = new Int32Array(people + 1)
  const lists = new Lists()
  const away = new Int32Array(parties.length * CONSTRAINTS.length)
  const finder = new Finder(doctors)
  const hashes = doctors.map(({ id }) => hashText(id))
  for (let i = 0; i < parties.length; i++) {
    if (i % PARTIES_AT_A_TIME === 0) yield
    const party = parties[i]!
    finder.search(party.household, party.members)
    away.set(finder.away, i * CONSTRAINTS.length)
    addEdges({ problem, doctors, hashes }, party, finder, from, lists)
  }
  const instance: Instance = {
    problem,
    doctors,
    away,
    loads: loadsOf(problem, doctors),
    parties,
    people,
    partyOf,
    classOf,
    from,
    doctorAt: lists.doctors.subarray(0, lists.length),
    costAt: lists.costs.subarray(0, lists.length),
  }
  assertExact(instance)
  return instance
}

/** Adds the practitioners of each of a party, of those that were found, cheapest first. */
const addEdges = (
  {
    problem,
    doctors,
    hashes,
  }: Pick<Instance, 'problem' | 'doctors'> & { readonly hashes: readonly number[] },
  { household, members, first }: Party,
  { found, km }: Finder,
  from: Int32Array,
  lists: Lists,
): void => {
  const hash = hashText(household.id)
  members.forEach(({ number }, m) => {
    const last = household.last.find(({ member }) => member === number)?.practitionerId
    const seed = tieSeed(problem.seed, hash, number)
    // Cost and number in one: sorted as plain numbers.
    const keys = new Float64Array(found.length)
    for (let i = 0; i < keys.length; i++) {
      const d = found[i]!
      const leaves = last !== undefined && last !== doctors[d]!.id ? problem.weights.stabilityKm : 0
      keys[i] = pairCost(km[i]!, leaves, seed, hashes[d]!) * doctors.length + d
    }
    keys.sort()
    lists.reserve(keys.length)
    for (const key of keys) {
      const d = key % doctors.length
      lists.doctors[lists.length] = d
      lists.costs[lists.length++] = (key - d) / doctors.length
    }
    from[first + m + 1] = lists.length
  })
}

/** All sums of costs, and a path through all practitioners, are whole numbers that a double holds. */
const assertExact = ({ doctors, loads, people, costAt }: Instance): void => {
  const dearest = costAt.reduce((a, b) => Math.max(a, b), 0)
  const fullest = doctors.reduce(
    (most, { places }, d) => Math.max(most, loadCost(loads[d]!, Math.max(places, 1))),
    0,
  )
  const worst = (dearest + fullest) * Math.max(people, 4 * doctors.length, doctors.length + 1)
  if (!(worst < Number.MAX_SAFE_INTEGER)) throw new RangeError('costs are too large to be exact')
}
