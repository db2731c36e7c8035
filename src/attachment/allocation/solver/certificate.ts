import { boxAround, distanceKm, type Box, type Position } from '../../../kernel/geo.ts'
import { hashText, loadCost, loadsOf, pairCost, roundedKm, tieSeed, type Load } from './costs.ts'
import type { Doctor, Household, Member, Placement, Problem } from './model.ts'
import type { Prices, Solution } from './solution.ts'

// Knows what an allocation has to be, and nothing of how one is made: only the definition of costs is shared with the
// engine.

interface Person {
  readonly key: string
  readonly household: Household
  readonly member: Member
  readonly placement: Placement | undefined
  /** All that is near enough is within it. */
  readonly box: Box
  /** Of ties. */
  readonly seed: number
}

/** Everything of a practitioner that a check looks at again and again. */
interface Desk {
  readonly doctor: Doctor
  readonly hash: number
  readonly load: Load
  readonly prices: Prices
  readonly patients: readonly Person[]
}

const WIDEST_KM = 1000
const EVERYWHERE: Box = { south: -90, north: 90, west: -180, east: 180 }

const keyOf = (householdId: string, member: number) => `${member} ${householdId}`

const count = <T>(list: readonly T[], isCounted: (one: T) => boolean) => list.filter(isCounted).length

/** People, and households, looked at between two pauses: those who are placed look at every practitioner. */
const PEOPLE_AT_A_TIME = 150
const HOUSEHOLDS_AT_A_TIME = 500

/**
 * What does not hold of an allocation, one line each; empty: it may be published. Looks at every hard constraint, that
 * each person has one place or a reason, locks, households that stay together, places and their parts, and that cost and
 * bound are the same whole number: nobody could be placed for less with blocks, locks and who is placed as they are. A slice
 * of work at a time.
 */
export function* checking(problem: Problem, solution: Solution): Generator<void, string[], void> {
  const doctors = new Map(problem.doctors.map((doctor) => [doctor.id, doctor]))
  const placed = new Map(solution.placements.map((one) => [keyOf(one.householdId, one.member), one]))
  const missing = new Map(solution.unplaced.map((one) => [keyOf(one.householdId, one.member), one]))
  const people: Person[] = []
  const patients = new Map<string, Person[]>(problem.doctors.map(({ id }) => [id, []]))
  const faults: string[] = []
  for (const [i, household] of problem.households.entries()) {
    if (i % HOUSEHOLDS_AT_A_TIME === 0) yield
    for (const person of peopleOf(problem, household, placed)) {
      people.push(person)
      const { key, member, placement } = person
      if (!placement) continue
      const doctor = doctors.get(placement.practitionerId)
      patients.get(placement.practitionerId)?.push(person)
      if (!doctor) faults.push(`${key}: unknown practitioner`)
      else
        faults.push(
          ...faultsOfPair(household, member, doctor, placement.km).map((fault) => `${key}: ${fault}`),
        )
    }
    faults.push(...faultsOfHousehold(household, placed))
  }
  if (placed.size !== solution.placements.length || missing.size !== solution.unplaced.length)
    faults.push('somebody is named twice')
  if (
    placed.size + missing.size !== people.length ||
    people.some(({ key }) => placed.has(key) === missing.has(key))
  )
    faults.push('not everybody has either a place or a reason')
  for (const doctor of problem.doctors) faults.push(...faultsOfPlaces(doctor, patients.get(doctor.id)!))
  return faults.length > 0 ? faults : yield* faultsOfCost(problem, solution, people, patients)
}

/** The same without a pause. */
export const check = (problem: Problem, solution: Solution): string[] => {
  const slices = checking(problem, solution)
  for (;;) {
    const slice = slices.next()
    if (slice.done) return slice.value
  }
}

const peopleOf = (
  problem: Problem,
  household: Household,
  placed: ReadonlyMap<string, Placement>,
): Person[] => {
  // Further than a territory is wide, a box says nothing.
  const box = household.maxKm > WIDEST_KM ? EVERYWHERE : boxAround(household.at, household.maxKm)
  const hash = hashText(household.id)
  return household.members.map((member) => {
    const key = keyOf(household.id, member.number)
    const seed = tieSeed(problem.seed, hash, member.number)
    return { key, household, member, placement: placed.get(key), seed, box }
  })
}

const kmTo = ({ at, needs }: Household, { sites }: Doctor): number => {
  const isAsked = needs.wheelchair && !needs.homeVisit && sites.some(({ wheelchair }) => wheelchair)
  return sites.reduce(
    (least, site) => (isAsked && !site.wheelchair ? least : Math.min(least, distanceKm(at, site.at))),
    Infinity,
  )
}

/** Whether anything but the number of places keeps somebody from a practitioner. */
const brokenBy = (household: Household, member: Member, doctor: Doctor): string[] => {
  const { needs } = household
  const km = kmTo(household, doctor)
  return Object.entries({
    closed: doctor.closed !== null,
    excluded: household.excluded.includes(doctor.id),
    distance: km > household.maxKm || (doctor.maxKm !== null && km > doctor.maxKm),
    age:
      (doctor.minAge !== null && member.age < doctor.minAge) ||
      (doctor.maxAge !== null && member.age > doctor.maxAge),
    'home visit': needs.homeVisit && !doctor.homeVisits,
    wheelchair:
      needs.wheelchair &&
      !needs.homeVisit &&
      !(doctor.wheelchair && doctor.sites.some(({ wheelchair }) => wheelchair)),
    language: needs.language !== null && !doctor.languages.includes(needs.language),
    sex: needs.doctorSex !== null && needs.doctorSex !== doctor.sex,
  }).flatMap(([fault, isBroken]) => (isBroken ? [fault] : []))
}

const faultsOfPair = (household: Household, member: Member, doctor: Doctor, km: number): string[] => [
  ...brokenBy(household, member, doctor),
  ...(km === roundedKm(kmTo(household, doctor)) ? [] : ['not the distance']),
]

const faultsOfHousehold = (household: Household, placed: ReadonlyMap<string, Placement>): string[] => {
  const { id, lock, members } = household
  const at = members.map(({ number }) => placed.get(keyOf(id, number))?.practitionerId)
  const faults: string[] = []
  if (household.together && new Set(at).size > 1) faults.push(`${id}: not together`)
  if (lock && at.some((one) => one !== undefined && one !== lock.practitionerId))
    faults.push(`${id}: not where it is locked`)
  return faults
}

const faultsOfPlaces = (doctor: Doctor, patients: readonly Person[]): string[] => {
  const others = count(patients, ({ household }) => household.urgency > 1)
  const home = count(patients, ({ household }) => household.needs.homeVisit)
  const ald = count(patients, ({ household, member }) => member.ald && !household.needs.homeVisit)
  return Object.entries({
    places: patients.length > Math.max(0, doctor.places),
    reserve: others > Math.max(0, doctor.places - doctor.reserved),
    'home visits': home > (doctor.maxHomeVisits ?? Infinity),
    ALD: ald > (doctor.maxAld ?? Infinity),
  }).flatMap(([fault, isBroken]) => (isBroken ? [`${doctor.id}: more than its ${fault}`] : []))
}

// --- Nothing would cost less -------------------------------------------------------------------------------------------

const NOWHERE = Infinity

function* faultsOfCost(
  problem: Problem,
  solution: Solution,
  people: readonly Person[],
  patients: ReadonlyMap<string, readonly Person[]>,
): Generator<void, string[], void> {
  const { certificate } = solution
  const pricesOf = new Map(certificate.prices.map((prices) => [prices.practitionerId, prices]))
  const loads = loadsOf(problem, problem.doctors)
  const desks: Desk[] = []
  for (const [i, doctor] of problem.doctors.entries()) {
    const prices = pricesOf.get(doctor.id)
    if (!prices) return [`${doctor.id}: no price`]
    if ([prices.place, prices.unreserved, prices.homeVisit, prices.ald].some((one) => !isPrice(one)))
      return [`${doctor.id}: not a price`]
    desks.push({
      doctor,
      prices,
      load: loads[i]!,
      hash: hashText(doctor.id),
      patients: patients.get(doctor.id)!,
    })
  }
  const deskOf = new Map(desks.map((desk) => [desk.doctor.id, desk]))
  const open = desks.filter(({ doctor }) => doctor.closed === null && doctor.places > 0)
  const regrouped = new Set(certificate.regrouped)
  // Whole numbers of any size: sums of prices may be more than a double holds.
  let cost = 0n
  let bound = 0n
  for (const [i, person] of people.entries()) {
    if (i % PEOPLE_AT_A_TIME === 0) yield
    if (!person.placement) continue
    const own = deskOf.get(person.placement.practitionerId)!
    const paid = costOf(problem, person, own)
    cost += BigInt(paid)
    const least = isFixed(person, own.doctor, regrouped)
      ? paid + entryPrice(person, own, true)
      : open.reduce((a, desk) => Math.min(a, costAtPrice(problem, person, desk, own, a)), NOWHERE)
    bound += BigInt(least)
  }
  for (const desk of desks) {
    cost += BigInt(sumOfLoad(desk.load, desk.patients.length))
    bound -= BigInt(valueOfPlaces(desk))
  }
  const faults: string[] = []
  if (cost !== BigInt(certificate.cost)) faults.push(`the cost is ${cost}, not ${certificate.cost}`)
  if (cost !== bound) faults.push(`the cost is ${cost}, and no proof that it cannot be below ${bound}`)
  return faults
}

/** Whether there is any place of theirs at all. */
const hasPlaceFor = ({ household, member }: Person, doctor: Doctor): boolean =>
  doctor.places > (household.urgency > 1 ? doctor.reserved : 0) &&
  (household.needs.homeVisit ? doctor.maxHomeVisits !== 0 : !member.ald || doctor.maxAld !== 0)

const isPrice = (price: number) => Number.isSafeInteger(price) && price >= 0

const limits = (limit: number | null, { places }: Doctor): boolean => limit !== null && limit < places

const isHome = ({ household }: Person, doctor: Doctor) =>
  household.needs.homeVisit && limits(doctor.maxHomeVisits, doctor)

const isAld = ({ household, member }: Person, doctor: Doctor) =>
  member.ald && !household.needs.homeVisit && limits(doctor.maxAld, doctor)

/** Of urgency 1 and counted in a limit of a practitioner with a reserve: stays where they were before the others came. */
const isSettled = (person: Person, doctor: Doctor): boolean =>
  person.household.urgency === 1 && doctor.reserved > 0 && (isHome(person, doctor) || isAld(person, doctor))

const isFixed = (person: Person, doctor: Doctor, regrouped: ReadonlySet<string>): boolean =>
  person.household.lock !== null ||
  (person.household.together && person.household.members.length > 1) ||
  regrouped.has(person.household.id) ||
  isSettled(person, doctor)

/** What coming in costs beside the way: the prices of all limits that somebody counts in. */
const entryPrice = (person: Person, { doctor, prices }: Desk, isThere: boolean): number => {
  if (isSettled(person, doctor)) return isThere ? prices.place : NOWHERE
  return (
    prices.place +
    (person.household.urgency > 1 && doctor.reserved > 0 ? prices.unreserved : 0) +
    (isHome(person, doctor) ? prices.homeVisit : 0) +
    (isAld(person, doctor) ? prices.ald : 0)
  )
}

const costOf = (problem: Problem, { household, member, seed }: Person, { doctor, hash }: Desk): number => {
  const last = household.last.find((one) => one.member === member.number)
  const leaves = last && last.practitionerId !== doctor.id ? problem.weights.stabilityKm : 0
  return pairCost(kmTo(household, doctor), leaves, seed, hash)
}

/** What somebody would pay at a practitioner; `NOWHERE` when they cannot go there, or pay as little as that elsewhere. */
const costAtPrice = (problem: Problem, person: Person, desk: Desk, own: Desk, less: number): number => {
  const { household, member } = person
  const entry = entryPrice(person, desk, desk === own)
  if (entry >= less || !desk.doctor.sites.some(({ at }) => isIn(at, person.box))) return NOWHERE
  const cost = costOf(problem, person, desk) + entry
  if (cost >= less || !hasPlaceFor(person, desk.doctor)) return NOWHERE
  return brokenBy(household, member, desk.doctor).length > 0 ? NOWHERE : cost
}

const isIn = ({ lat, lon }: Position, { south, north, west, east }: Box): boolean =>
  lat >= south && lat <= north && lon >= west && lon <= east

const sumOfLoad = (load: Load, patients: number): number => {
  let sum = 0
  for (let k = 1; k <= patients; k++) sum += loadCost(load, k)
  return sum
}

/** What the places of a practitioner are worth at their prices, less what they cost: what nobody can save elsewhere. */
const valueOfPlaces = ({ doctor, prices, load, patients }: Desk): number => {
  const places = Math.max(0, doctor.places)
  let value = 0
  for (let k = 1; k <= places; k++) value += Math.max(0, prices.place - loadCost(load, k))
  const settled = (is: (person: Person) => boolean) =>
    count(patients, (person) => isSettled(person, doctor) && is(person))
  value += prices.unreserved * Math.max(0, places - doctor.reserved)
  if (limits(doctor.maxHomeVisits, doctor))
    value += prices.homeVisit * (doctor.maxHomeVisits! - settled((person) => isHome(person, doctor)))
  if (limits(doctor.maxAld, doctor))
    value += prices.ald * (doctor.maxAld! - settled((person) => isAld(person, doctor)))
  return value
}
