// The same allocation by other means: every assignment there is, for tiny problems; who can be placed, by augmenting paths
// without costs; the least cost, as a linear program for HiGHS. All share with the engine only types and the definition of
// costs.
import loadHighs from 'highs'
import {
  hashText,
  loadCost,
  loadsOf,
  pairCost,
  tieSeed,
  type Load,
} from '../../src/attachment/allocation/solver/costs.ts'
import type { Doctor, Household, Member, Problem } from '../../src/attachment/allocation/solver/model.ts'
import type { Solution } from '../../src/attachment/allocation/solver/solution.ts'
import { distanceKm } from '../../src/kernel/geo.ts'

export interface Person {
  readonly key: string
  readonly household: Household
  readonly member: Member
}

export const keyOf = (householdId: string, member: number) => `${householdId}/${member}`

/** In order of rank; each party is placed as one. */
export const partiesByRank = ({ households }: Problem): Person[][] =>
  [...households]
    .sort(
      (a, b) =>
        a.urgency - b.urgency ||
        b.weeks - a.weeks ||
        b.points - a.points ||
        (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
    )
    .flatMap((household) => {
      const people = [...household.members]
        .sort((a, b) => a.number - b.number)
        .map((member) => ({ key: keyOf(household.id, member.number), household, member }))
      return household.together ? [people] : people.map((person) => [person])
    })

export const kmBetween = ({ at, needs }: Household, { sites }: Doctor): number => {
  const open = needs.wheelchair && !needs.homeVisit ? sites.filter(({ wheelchair }) => wheelchair) : sites
  return Math.min(...(open.length > 0 ? open : sites).map((site) => distanceKm(at, site.at)))
}

const isHome = ({ household }: Person) => household.needs.homeVisit
const isAld = ({ household, member }: Person) => member.ald && !household.needs.homeVisit
const isUrgent = ({ household }: Person) => household.urgency === 1

/** Whether the limits of a practitioner hold for people. */
export const isWithin = (doctor: Doctor, people: readonly Person[]): boolean =>
  people.length <= Math.max(0, doctor.places) &&
  people.filter((one) => !isUrgent(one)).length <= Math.max(0, doctor.places - doctor.reserved) &&
  people.filter(isHome).length <= (doctor.maxHomeVisits ?? Infinity) &&
  people.filter(isAld).length <= (doctor.maxAld ?? Infinity)

/** Whether a practitioner could have people that are placed as one, and nobody else. */
export const mayHave = (doctor: Doctor, party: readonly Person[]): boolean =>
  party.every(({ household, member }) => {
    const { needs, excluded, maxKm } = household
    const km = kmBetween(household, doctor)
    return (
      doctor.closed === null &&
      !excluded.includes(doctor.id) &&
      km <= maxKm &&
      km <= (doctor.maxKm ?? Infinity) &&
      member.age >= (doctor.minAge ?? 0) &&
      member.age <= (doctor.maxAge ?? Infinity) &&
      (!needs.homeVisit || doctor.homeVisits) &&
      (!needs.wheelchair ||
        needs.homeVisit ||
        (doctor.wheelchair && doctor.sites.some((site) => site.wheelchair))) &&
      (needs.language === null || doctor.languages.includes(needs.language)) &&
      (needs.doctorSex === null || doctor.sex === needs.doctorSex)
    )
  }) && isWithin(doctor, party)

export const costOf = (problem: Problem, { household, member }: Person, doctor: Doctor): number => {
  const last = household.last.find((one) => one.member === member.number)
  const leaves = last && last.practitionerId !== doctor.id ? problem.weights.stabilityKm : 0
  const seed = tieSeed(problem.seed, hashText(household.id), member.number)
  return pairCost(kmBetween(household, doctor), leaves, seed, hashText(doctor.id))
}

const loadOf = (load: Load, patients: number): number =>
  Array.from({ length: patients }, (_, i) => loadCost(load, i + 1)).reduce((a, b) => a + b, 0)

// --- Every assignment --------------------------------------------------------------------------------------------------

export interface Best {
  readonly cost: number
  /** Practitioner by person. */
  readonly at: ReadonlyMap<string, string>
}

/** The cheapest way to place exactly these people, some of them where they have to be. */
const cheapest = (
  problem: Problem,
  parties: readonly Person[][],
  fixed: ReadonlyMap<string, string>,
): Best | null => {
  const people = parties.flat()
  const partyOf = new Map(parties.flatMap((party) => party.map((one) => [one.key, party])))
  const loads = loadsOf(problem, problem.doctors)
  const patients = problem.doctors.map((): Person[] => [])
  let best: Best | null = null
  const visit = (i: number, cost: number, at: ReadonlyMap<string, string>): void => {
    const person = people[i]
    if (!person) {
      const total = cost + patients.reduce((sum, list, d) => sum + loadOf(loads[d]!, list.length), 0)
      if (!best || total < best.cost) best = { cost: total, at }
      return
    }
    problem.doctors.forEach((doctor, d) => {
      const own = fixed.get(person.key)
      if (own !== undefined && own !== doctor.id) return
      const party = own === undefined ? [person] : partyOf.get(person.key)!
      if (!mayHave(doctor, party)) return
      patients[d]!.push(person)
      if (isWithin(doctor, patients[d]!))
        visit(i + 1, cost + costOf(problem, person, doctor), new Map([...at, [person.key, doctor.id]]))
      patients[d]!.pop()
    })
  }
  visit(0, 0, new Map())
  return best
}

/** The allocation by its definition: whoever can be placed in order of rank, at the least cost. For tiny problems. */
export const bruteForce = (problem: Problem): Best => {
  const doctorIds = problem.doctors.map(({ id }) => id)
  let placed: Person[][] = []
  let fixed: ReadonlyMap<string, string> = new Map()
  let best: Best = { cost: 0, at: new Map() }
  const isTaken = (party: readonly Person[], at: readonly string[]): boolean => {
    const found = at
      .map((id) => new Map([...fixed, ...party.map((one) => [one.key, id] as const)]))
      .map((held) => ({ held, best: cheapest(problem, [...placed, [...party]], held) }))
      .filter((one): one is { held: Map<string, string>; best: Best } => one.best !== null)
      .sort((a, b) => a.best.cost - b.best.cost)[0]
    if (!found) return false
    placed = [...placed, [...party]]
    fixed = found.held
    best = found.best
    return true
  }
  const parties = partiesByRank(problem)
  for (const party of parties) {
    const lock = party[0]!.household.lock
    if (lock?.practitionerId) isTaken(party, [lock.practitionerId])
  }
  for (const party of parties) {
    if (party[0]!.household.lock) continue
    if (party.length > 1) isTaken(party, doctorIds)
    else {
      const next = cheapest(problem, [...placed, party], fixed)
      if (!next) continue
      placed = [...placed, party]
      best = next
    }
  }
  return best
}

// --- Who can be placed -------------------------------------------------------------------------------------------------

/** A limit that people of some sort share. */
interface Limit {
  readonly counts: (person: Person) => boolean
  readonly most: number
}

/**
 * Whether who is placed, and who is not, is what the order of rank makes of it: everybody who finds a chain of others that
 * make room for them, one after the other, without costs. Where blocks are, and those who are settled, is taken from the
 * solution, as they may be at any of several practitioners. What is wrong, one line each.
 */
export const checkWho = (problem: Problem, solution: Solution): string[] => {
  const where = new Map(
    solution.placements.map((one) => [keyOf(one.householdId, one.member), one.practitionerId]),
  )
  const { doctors } = problem
  const at = doctors.map((): Person[] => [])
  const fixed = new Set<string>()
  const numberOf = new Map(doctors.map(({ id }, d) => [id, d]))
  let phase = 1
  const isCrossing = (doctor: Doctor) =>
    doctor.reserved > 0 &&
    ((doctor.maxAld ?? Infinity) < doctor.places || (doctor.maxHomeVisits ?? Infinity) < doctor.places)
  const isSettled = (person: Person, doctor: Doctor) =>
    isUrgent(person) &&
    isCrossing(doctor) &&
    ((isHome(person) && (doctor.maxHomeVisits ?? Infinity) < doctor.places) ||
      (isAld(person) && (doctor.maxAld ?? Infinity) < doctor.places))
  const limitsOf = (doctor: Doctor): Limit[] => [
    { counts: () => true, most: Math.max(0, doctor.places) },
    { counts: (one) => !isUrgent(one), most: Math.max(0, doctor.places - doctor.reserved) },
    { counts: isHome, most: doctor.maxHomeVisits ?? Infinity },
    { counts: isAld, most: doctor.maxAld ?? Infinity },
  ]
  /** Adds somebody somewhere, by a chain of others if it must be. */
  const augment = (person: Person, only?: number): boolean => {
    interface Step {
      readonly person: Person
      readonly to: number
      readonly before: Step | null
    }
    const seen = new Set<string>()
    const queue: Step[] = []
    const push = (one: Person, before: Step | null, from: number) =>
      doctors.forEach((doctor, d) => {
        if (d === from || (before === null && only !== undefined && d !== only) || !mayHave(doctor, [one]))
          return
        // Until others come, nobody is settled: who is of urgency 1 comes and goes.
        if (phase === 2 && isSettled(one, doctor)) return
        const sort = `${d} ${isUrgent(one)} ${isHome(one)} ${isAld(one)}`
        if (seen.has(sort)) return
        seen.add(sort)
        queue.push({ person: one, to: d, before })
      })
    push(person, null, -1)
    for (const step of queue) {
      const there = at[step.to]!
      const full = limitsOf(doctors[step.to]!).filter(
        ({ counts, most }) => counts(step.person) && there.filter(counts).length >= most,
      )
      if (full.length === 0) {
        for (let one: Step | null = step; one; one = one.before) {
          const { person: moved, to } = one
          const from = at.findIndex((list) => list.some(({ key }) => key === moved.key))
          if (from >= 0) at[from] = at[from]!.filter(({ key }) => key !== moved.key)
          at[to]!.push(moved)
        }
        return true
      }
      // Whoever counts in all that is full makes room.
      for (const one of there)
        if (!fixed.has(one.key) && full.every(({ counts }) => counts(one))) push(one, step, step.to)
    }
    return false
  }
  const faults: string[] = []
  const copy = () => at.map((list) => [...list])
  const restore = (saved: Person[][]) => saved.forEach((list, d) => (at[d] = list))
  const addAll = (party: readonly Person[], d: number): boolean => {
    const saved = copy()
    for (const one of party) {
      if (!mayHave(doctors[d]!, party) || !augment(one, d)) {
        restore(saved)
        for (const back of party) fixed.delete(back.key)
        return false
      }
      fixed.add(one.key)
    }
    return true
  }
  const parties = partiesByRank(problem)
  for (const party of parties) {
    const lock = party[0]!.household.lock
    if (!lock) continue
    const d = numberOf.get(lock.practitionerId ?? '')
    const isPlaced = d !== undefined && addAll(party, d)
    for (const { key } of party) if (where.has(key) !== isPlaced) faults.push(`${key}: locked, ${isPlaced}`)
  }
  for (const party of parties) {
    const { household } = party[0]!
    if (household.lock) continue
    if (phase === 1 && household.urgency > 1) {
      phase = 2
      // Those who are settled are where they are; the others of urgency 1 find their places anew, by the rules of now.
      const others: Person[] = []
      for (const one of at.flat()) {
        const d = numberOf.get(where.get(one.key) ?? '')
        if (fixed.has(one.key)) continue
        const from = at.findIndex((list) => list.includes(one))
        at[from] = at[from]!.filter((each) => each !== one)
        if (d !== undefined && isSettled(one, doctors[d]!)) {
          at[d]!.push(one)
          fixed.add(one.key)
        } else others.push(one)
      }
      for (const one of others) if (!augment(one)) faults.push(`${one.key}: of urgency 1, and lost`)
    }
    if (party.length === 1) {
      const isPlaced = augment(party[0]!)
      if (isPlaced !== where.has(party[0]!.key)) faults.push(`${party[0]!.key}: can be placed: ${isPlaced}`)
      continue
    }
    const own = numberOf.get(where.get(party[0]!.key) ?? '')
    if (own !== undefined) {
      if (!addAll(party, own)) faults.push(`${party[0]!.key}: no room for all`)
      continue
    }
    const taker = doctors.findIndex((_, d) => {
      const saved = copy()
      const isPlaced = addAll(party, d)
      restore(saved)
      for (const { key } of party) fixed.delete(key)
      return isPlaced
    })
    if (taker >= 0) faults.push(`${party[0]!.key}: ${doctors[taker]!.id} could take all of them`)
  }
  return faults
}

// --- HiGHS -------------------------------------------------------------------------------------------------------------

/** Units of cost by one of the program: HiGHS works to six digits after the point. */
const UNIT = 4096

/** The linear program that places the people of a solution, each as far as it is free to; and what the rest costs. */
export const linearProgram = (problem: Problem, solution: Solution): string => {
  const where = new Map(
    solution.placements.map((one) => [keyOf(one.householdId, one.member), one.practitionerId]),
  )
  const loads = loadsOf(problem, problem.doctors)
  const regrouped = new Set(solution.certificate.regrouped)
  const objective: string[] = []
  const rules: string[] = []
  const bounds: string[] = []
  const lists = problem.doctors.map(() => ({
    all: [] as string[],
    others: [] as string[],
    home: [] as string[],
    ald: [] as string[],
  }))
  partiesByRank(problem).forEach((party, i) =>
    party.forEach((person, m) => {
      const own = where.get(person.key)
      if (own === undefined) return
      const { household } = person
      const isFixed = party.length > 1 || household.lock !== null || regrouped.has(household.id)
      const terms: string[] = []
      problem.doctors.forEach((doctor, d) => {
        const isSettled =
          isUrgent(person) &&
          doctor.reserved > 0 &&
          ((isHome(person) && (doctor.maxHomeVisits ?? Infinity) < doctor.places) ||
            (isAld(person) && (doctor.maxAld ?? Infinity) < doctor.places))
        const ownDoctor = problem.doctors.find(({ id }) => id === own)!
        const ownSettled =
          isUrgent(person) &&
          ownDoctor.reserved > 0 &&
          ((isHome(person) && (ownDoctor.maxHomeVisits ?? Infinity) < ownDoctor.places) ||
            (isAld(person) && (ownDoctor.maxAld ?? Infinity) < ownDoctor.places))
        if (doctor.id !== own && (isFixed || isSettled || ownSettled || !mayHave(doctor, [person]))) return
        const name = `x${i}_${m}_${d}`
        terms.push(name)
        objective.push(`${costOf(problem, person, doctor) / UNIT} ${name}`)
        const list = lists[d]!
        list.all.push(name)
        if (!isUrgent(person)) list.others.push(name)
        if (isHome(person)) list.home.push(name)
        if (isAld(person)) list.ald.push(name)
      })
      rules.push(`${terms.join(' + ')} = 1`)
    }),
  )
  problem.doctors.forEach((doctor, d) => {
    const list = lists[d]!
    const limit = (names: readonly string[], most: number | null) => {
      if (names.length > 0 && most !== null) rules.push(`${names.join(' + ')} <= ${Math.max(0, most)}`)
    }
    limit(list.others, doctor.places - doctor.reserved)
    limit(list.home, doctor.maxHomeVisits)
    limit(list.ald, doctor.maxAld)
    if (list.all.length === 0) return
    const seats = Array.from({ length: Math.max(0, doctor.places) }, (_, k) => `s${d}_${k}`)
    seats.forEach((seat, k) => {
      objective.push(`${loadCost(loads[d]!, k + 1) / UNIT} ${seat}`)
      bounds.push(`0 <= ${seat} <= 1`)
    })
    rules.push(`${list.all.join(' + ')} - ${seats.join(' - ')} = 0`)
  })
  return [
    'Minimize',
    ` obj: ${objective.join(' + ')}`,
    'Subject To',
    ...rules.map((rule, i) => ` c${i}: ${rule}`),
    'Bounds',
    ...bounds.map((bound) => ` ${bound}`),
    'End',
  ].join('\n')
}

/** The least cost by HiGHS, in units of cost. */
export const leastByHighs = async (program: string): Promise<number> => {
  const highs = await loadHighs()
  const answer = highs.solve(program)
  return answer.Status === 'Optimal' ? Math.round(answer.ObjectiveValue * UNIT) : NaN
}
