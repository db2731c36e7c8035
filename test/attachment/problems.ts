import type {
  Doctor,
  Household,
  Member,
  Problem,
  Urgency,
} from '../../src/attachment/allocation/solver/model.ts'

/** Chance that a seed repeats (mulberry32). */
export const chanceOf = (seed: number) => {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    below: (n: number) => Math.floor(next() * n),
    is: (probability: number) => next() < probability,
    one: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!,
  }
}
export type Chance = ReturnType<typeof chanceOf>

export interface Size {
  readonly households: number
  readonly doctors: number
  /** Side of the square that everybody lives in, in kilometres. */
  readonly side: number
  readonly places: number
  readonly maxKm: number
  /** Part of the households that are several, and of these, that stay together. */
  readonly several: number
  readonly together: number
  /** Part with a lock, and with a wish of a last draft. */
  readonly locked: number
  readonly drafted: number
  /** Whether filters, limits of kinds and reserves are drawn. */
  readonly filters: boolean
  readonly limits: boolean
  readonly reserves: boolean
  readonly weights: Problem['weights']
}

export const PLAIN_SIZE: Size = {
  households: 40,
  doctors: 8,
  side: 30,
  places: 5,
  maxKm: 20,
  several: 0,
  together: 0,
  locked: 0,
  drafted: 0,
  filters: false,
  limits: false,
  reserves: false,
  weights: { equityKm: 0, stabilityKm: 0, togetherKm: 0 },
}

/** Everything at once. */
export const RICH_SIZE: Size = {
  ...PLAIN_SIZE,
  several: 0.4,
  together: 0.6,
  locked: 0.06,
  drafted: 0.3,
  filters: true,
  limits: true,
  reserves: true,
  weights: { equityKm: 1, stabilityKm: 0.5, togetherKm: 3 },
}

const CENTRE = { lat: 48.9, lon: 2.2 }
const KM_PER_DEGREE = 111.2

const placeIn = (side: number, chance: Chance) => ({
  lat: CENTRE.lat + ((chance.next() - 0.5) * side) / KM_PER_DEGREE,
  lon: CENTRE.lon + ((chance.next() - 0.5) * side) / (KM_PER_DEGREE * Math.cos((CENTRE.lat * Math.PI) / 180)),
})

export const householdOf = (id: string, changes: Partial<Household> = {}): Household => ({
  id,
  urgency: 3,
  weeks: 0,
  points: 1,
  members: [{ number: 0, age: 40, ald: false }],
  together: false,
  at: CENTRE,
  maxKm: 20,
  needs: { homeVisit: false, wheelchair: false, language: null, doctorSex: null },
  excluded: [],
  lock: null,
  last: [],
  ...changes,
})

export const doctorOf = (id: string, changes: Partial<Doctor> = {}): Doctor => ({
  id,
  closed: null,
  sites: [{ at: CENTRE, wheelchair: false }],
  maxKm: null,
  places: 1,
  reserved: 0,
  maxAld: null,
  maxHomeVisits: null,
  minAge: null,
  maxAge: null,
  homeVisits: true,
  wheelchair: true,
  languages: [],
  sex: null,
  share: 100,
  load: 0,
  ...changes,
})

export const problemOf = (changes: Partial<Problem>): Problem => ({
  seed: 0,
  households: [],
  doctors: [],
  weights: PLAIN_SIZE.weights,
  ...changes,
})

/** Kilometres north of the centre, in a straight line. */
export const north = (km: number) => ({ lat: CENTRE.lat + km / 111.19508, lon: CENTRE.lon })

const drawDoctor = (i: number, size: Size, chance: Chance): Doctor => {
  const site = () => ({ at: placeIn(size.side, chance), wheelchair: chance.is(0.5) })
  const places = chance.below(size.places * 2 + 1)
  const filter = <T>(value: T, none: T, probability: number) =>
    size.filters && chance.is(probability) ? value : none
  return doctorOf(`doct_${String(i * 7919 + 13).padStart(7, '0')}`, {
    closed: filter(chance.one(['no_intake', 'closed', 'absent', 'batch_open'] as const), null, 0.06),
    sites: chance.is(0.2) ? [site(), site()] : [site()],
    maxKm: filter(size.maxKm * chance.next() * 1.5, null, 0.2),
    places,
    reserved: size.reserves && chance.is(0.4) ? chance.below(places + 1) : 0,
    maxAld: size.limits && chance.is(0.4) ? chance.below(places + 1) : null,
    maxHomeVisits: size.limits && chance.is(0.4) ? chance.below(places + 1) : null,
    minAge: filter(chance.below(20), null, 0.1),
    maxAge: filter(60 + chance.below(40), null, 0.1),
    homeVisits: !filter(true, false, 0.3),
    wheelchair: !filter(true, false, 0.2),
    languages: filter(chance.one([['ar'], ['pt', 'es'], ['es']]), [], 0.5),
    sex: chance.one(['female', 'male', null]),
    share: size.weights.equityKm > 0 ? chance.one([100, 100, 50, 80]) : 100,
    load: size.weights.equityKm > 0 ? chance.below(40) : 0,
  })
}

const drawHousehold = (i: number, doctors: readonly Doctor[], size: Size, chance: Chance): Household => {
  const several = chance.is(size.several) ? 2 + chance.below(3) : 1
  const filter = <T>(value: T, none: T, probability: number) =>
    size.filters && chance.is(probability) ? value : none
  const id = () => chance.one(doctors).id
  return householdOf(`hous_${String(i * 104_729 + 7).padStart(9, '0')}`, {
    urgency: chance.one<Urgency>([1, 2, 2, 3, 3, 3, 4, 5]),
    weeks: chance.below(30),
    points: 1 + chance.below(12),
    members: Array.from({ length: several }, (_, number): Member => ({
      number,
      age: chance.below(95),
      ald: chance.is(0.3),
    })),
    together: chance.is(size.together),
    at: placeIn(size.side, chance),
    maxKm: size.maxKm * (0.4 + chance.next()),
    needs: {
      homeVisit: chance.is(size.limits || size.filters ? 0.2 : 0),
      wheelchair: filter(true, false, 0.1),
      language: filter(chance.one(['ar', 'es']), null, 0.1),
      doctorSex: filter(chance.one(['female', 'male'] as const), null, 0.1),
    },
    excluded: filter([id(), id()], [], 0.2),
    lock: chance.is(size.locked) ? { practitionerId: chance.is(0.7) ? id() : null } : null,
    last: chance.is(size.drafted)
      ? Array.from({ length: several }, (_, member) => ({ member, practitionerId: id() }))
      : [],
  })
}

/** A problem by chance; the same for a seed. */
export const drawProblem = (seed: number, size: Size): Problem => {
  const chance = chanceOf(seed)
  const doctors = Array.from({ length: size.doctors }, (_, i) => drawDoctor(i, size, chance))
  return {
    seed,
    doctors,
    households: Array.from({ length: size.households }, (_, i) => drawHousehold(i, doctors, size, chance)),
    weights: size.weights,
  }
}

export const shuffled = <T>(list: readonly T[], chance: Chance): T[] => {
  const copy = [...list]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = chance.below(i + 1)
    ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
  }
  return copy
}
