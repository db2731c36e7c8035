import { describe, expect, it } from 'vitest'
import { check, checking } from '../../src/attachment/allocation/solver/certificate.ts'
import { compare } from '../../src/attachment/allocation/solver/compare.ts'
import type { Doctor, Household, Problem } from '../../src/attachment/allocation/solver/model.ts'
import type { Solution } from '../../src/attachment/allocation/solver/solution.ts'
import { solve, solveAll } from '../../src/attachment/allocation/solver/solve.ts'
import { bruteForce, checkWho, costOf, isWithin, keyOf, mayHave, partiesByRank } from './oracles.ts'
import {
  chanceOf,
  doctorOf,
  drawProblem,
  householdOf,
  north,
  PLAIN_SIZE,
  problemOf,
  RICH_SIZE,
  shuffled,
  type Size,
} from './problems.ts'

/** More of them for a night: `ALLOCATION_RUNS=20 npx vitest run --project unit test/attachment`. */
const RUNS = Number(process.env.ALLOCATION_RUNS ?? 1)

const SIZES: readonly [string, Size][] = [
  ['plain', PLAIN_SIZE],
  ['with equity', { ...PLAIN_SIZE, weights: { equityKm: 2, stabilityKm: 0, togetherKm: 0 } }],
  ['with limits of kinds', { ...PLAIN_SIZE, households: 60, limits: true }],
  ['with a reserve', { ...PLAIN_SIZE, households: 60, reserves: true }],
  ['with both', { ...PLAIN_SIZE, households: 60, limits: true, reserves: true }],
  ['with households', { ...PLAIN_SIZE, several: 0.5, together: 1 }],
  ['with all there is', RICH_SIZE],
]

const placesOf = ({ placements }: Solution) =>
  new Map(placements.map((one) => [keyOf(one.householdId, one.member), one.practitionerId]))

const drawn = (size: Size, runs: number) =>
  Array.from({ length: runs * RUNS }, (_, seed) => drawProblem(seed, size))

describe('who is placed, where, at which cost', () => {
  it.each(SIZES)('[ALLOC-7] every allocation passes the checker: %s', (_, size) => {
    let placed = 0
    for (const problem of drawn(size, 100)) {
      const solution = solveAll(problem)
      expect(check(problem, solution)).toEqual([])
      placed += solution.placements.length
    }
    expect(placed).toBeGreaterThan(2000)
  })

  it.each(SIZES)(
    '[ALLOC-1][ALLOC-4][ALLOC-11] who is placed is who can be, in order of rank: %s',
    (_, size) => {
      for (const problem of drawn(size, 30)) expect(checkWho(problem, solveAll(problem))).toEqual([])
    },
  )

  it('[ALLOC-1] the oracle of ranks finds who was passed over, and who was placed without room', () => {
    const size: Size = { ...PLAIN_SIZE, households: 50, several: 0.3, together: 1 }
    let found = 0
    for (const problem of drawn(size, 10)) {
      const solution = solveAll(problem)
      const [first] = partiesByRank(problem).filter(([one]) => placesOf(solution).has(one!.key))
      const passed = solution.placements.filter(({ householdId }) => householdId !== first![0]!.household.id)
      if (checkWho(problem, { ...solution, placements: passed }).length > 0) found++
    }
    expect(found).toBe(10)
  })

  const TINY: readonly [string, Size][] = [
    ['plain', { ...PLAIN_SIZE, households: 6, doctors: 3, places: 1.5, maxKm: 25 }],
    [
      'equity, stability',
      {
        ...PLAIN_SIZE,
        households: 6,
        doctors: 3,
        places: 1.5,
        maxKm: 25,
        drafted: 0.5,
        weights: { equityKm: 3, stabilityKm: 2, togetherKm: 0 },
      },
    ],
    ['limits', { ...PLAIN_SIZE, households: 6, doctors: 3, places: 2, limits: true, filters: true }],
    ['reserves', { ...PLAIN_SIZE, households: 6, doctors: 3, places: 2, reserves: true }],
    [
      'households, locks',
      {
        ...PLAIN_SIZE,
        households: 4,
        doctors: 3,
        places: 2,
        several: 0.5,
        together: 1,
        locked: 0.2,
        maxKm: 30,
      },
    ],
  ]

  it.each(TINY)('[ALLOC-6][ALLOC-4][ALLOC-5] no assignment is better: %s', (_, size) => {
    let some = 0
    for (const problem of drawn(size, 150)) {
      const solution = solveAll(problem)
      const best = bruteForce(problem)
      expect(placesOf(solution)).toEqual(best.at)
      expect(solution.certificate.cost).toBe(best.cost)
      if (best.at.size > 2 && solution.unplaced.length > 0) some++
    }
    expect(some).toBeGreaterThan(50)
  })

  it('[ALLOC-14] nobody would rather have a place that is free, or that somebody after them has', () => {
    for (const problem of drawn({ ...RICH_SIZE, several: 0, locked: 0 }, 60)) {
      const where = placesOf(solveAll(problem))
      const people = partiesByRank(problem).map(([one]) => one!)
      for (const doctor of problem.doctors) {
        const there = people.filter(({ key }) => where.get(key) === doctor.id)
        people.forEach((one, rank) => {
          if (where.has(one.key) || !mayHave(doctor, [one])) return
          // Neither a place that is left, nor one of somebody of the same kind who comes after them.
          if (one.household.urgency > 1) expect(isWithin(doctor, [...there, one])).toBe(false)
          for (const other of there) {
            if (people.indexOf(other) < rank) continue
            expect(isWithin(doctor, [...there.filter((each) => each !== other), one])).toBe(false)
          }
        })
      }
    }
  })

  it('[ALLOC-14] one place more takes nobody’s place away', () => {
    let more = 0
    for (const problem of drawn({ ...PLAIN_SIZE, filters: true, limits: true }, 100)) {
      const before = placesOf(solveAll(problem))
      const chance = chanceOf(problem.seed)
      const chosen = chance.one(problem.doctors).id
      const doctors = problem.doctors.map((one) =>
        one.id === chosen ? { ...one, places: one.places + 1 } : one,
      )
      const after = placesOf(solveAll({ ...problem, doctors }))
      expect([...before.keys()].filter((key) => !after.has(key))).toEqual([])
      if (after.size > before.size) more++
    }
    expect(more).toBeGreaterThan(20)
  })

  it('[ALLOC-14] who comes before somebody is placed or not whether or not those after them ask', () => {
    for (const problem of drawn({ ...RICH_SIZE, locked: 0 }, 60)) {
      const ranked = partiesByRank(problem)
      const half = new Set(ranked.slice(0, ranked.length / 2).map(([one]) => one!.household.id))
      const first = problem.households.filter(({ id }) => half.has(id))
      const points = problem.households.reduce((sum, one) => sum + one.points, 0)
      expect(points).toBeGreaterThan(0)
      // Equity counts in mean points: the same mean, so that only those after them are gone.
      const whole = solveAll({ ...problem, weights: { ...problem.weights, equityKm: 0 } })
      const part = solveAll({ ...problem, households: first, weights: { ...problem.weights, equityKm: 0 } })
      const names = (solution: Solution) =>
        solution.placements
          .filter(({ householdId }) => half.has(householdId))
          .map((one) => keyOf(one.householdId, one.member))
      expect(names(part)).toEqual(names(whole))
    }
  })
})

describe('the same problem', () => {
  it('[ALLOC-9] gives the same bytes in whatever order it is written', () => {
    for (const problem of drawn({ ...RICH_SIZE, households: 60 }, 60)) {
      const chance = chanceOf(problem.seed + 1)
      const text = JSON.stringify(solveAll(problem))
      const mixed: Problem = {
        ...problem,
        households: shuffled(problem.households, chance).map((one) => ({
          ...one,
          members: shuffled(one.members, chance),
          excluded: shuffled(one.excluded, chance),
          last: shuffled(one.last, chance),
        })),
        doctors: shuffled(problem.doctors, chance).map((one) => ({
          ...one,
          sites: shuffled(one.sites, chance),
        })),
      }
      expect(JSON.stringify(solveAll(mixed))).toBe(text)
    }
  })

  it('[ALLOC-9] ties are broken by the seed, not by who is written first', () => {
    const households = Array.from({ length: 12 }, (_, i) => householdOf(`h${i}`))
    const doctors = ['a', 'b', 'c', 'd'].map((id) => doctorOf(id, { places: 3 }))
    const of = (seed: number) => JSON.stringify(solveAll(problemOf({ households, doctors, seed })).placements)
    expect(of(1)).toBe(of(1))
    expect(new Set([1, 2, 3, 4, 5].map(of)).size).toBeGreaterThan(1)
  })

  it('[ALLOC-16] is worked on a slice at a time, and says how far it is', () => {
    const problem = drawProblem(1, { ...PLAIN_SIZE, households: 1500, doctors: 60, places: 12, side: 50 })
    const slices = solve(problem)
    const seen: number[] = []
    for (;;) {
      const slice = slices.next()
      if (slice.done) {
        expect(slice.value).toEqual(solveAll(problem))
        break
      }
      expect(slice.value.of).toBe(1500)
      seen.push(slice.value.done)
    }
    expect(seen.length).toBeGreaterThan(5)
    expect([...seen].sort((a, b) => a - b)).toEqual(seen)
  })

  it('[ALLOC-16] is checked a slice at a time, each of some people', () => {
    const slicesOf = (households: number) => {
      const size = { ...PLAIN_SIZE, households, doctors: 60, places: 12, side: 50 }
      const problem = drawProblem(1, size)
      return [...checking(problem, solveAll(problem))].length
    }
    expect(slicesOf(1500)).toBeGreaterThan(10)
    expect(slicesOf(3000)).toBeGreaterThan(1.9 * slicesOf(1500))
  })
})

describe('the checker', () => {
  const problem = drawProblem(11, { ...RICH_SIZE, households: 60, doctors: 10, places: 6 })
  const solution = solveAll(problem)
  const [first] = solution.placements
  const withDoctor = (id: string, changes: (doctor: Doctor) => Partial<Doctor>): Problem => ({
    ...problem,
    doctors: problem.doctors.map((one) => (one.id === id ? { ...one, ...changes(one) } : one)),
  })
  const withHousehold = (id: string, changes: Partial<Household>): Problem => ({
    ...problem,
    households: problem.households.map((one) => (one.id === id ? { ...one, ...changes } : one)),
  })
  const own = problem.households.find(({ id }) => id === first!.householdId)!
  const needing = (needs: Partial<Household['needs']>) =>
    withHousehold(own.id, { needs: { ...own.needs, ...needs } })
  const at = first!.practitionerId
  const priced = solution.certificate.prices.findIndex(({ place }) => place > 0)
  const withPrice = (changes: Partial<Solution['certificate']['prices'][number]>): Solution => ({
    ...solution,
    certificate: {
      ...solution.certificate,
      prices: solution.certificate.prices.map((one, i) => (i === priced ? { ...one, ...changes } : one)),
    },
  })
  const other = problem.doctors.find(({ id }) => id !== at)!.id
  const block = problem.households.find(
    ({ id, together, members }) =>
      together && members.length > 1 && solution.placements.some(({ householdId }) => householdId === id),
  )!

  const planted: [string, Problem, Solution, RegExp][] = [
    ['somebody twice', problem, { ...solution, placements: [...solution.placements, first!] }, /named twice/],
    [
      'somebody left out',
      problem,
      { ...solution, unplaced: solution.unplaced.slice(1) },
      /a place or a reason/,
    ],
    [
      'an unknown practitioner',
      { ...problem, doctors: problem.doctors.filter(({ id }) => id !== at) },
      solution,
      /unknown/,
    ],
    ['one who is closed', withDoctor(at, () => ({ closed: 'absent' })), solution, /closed/],
    ['an excluded pair', withHousehold(own.id, { excluded: [at] }), solution, /excluded/],
    ['too far for the patient', withHousehold(own.id, { maxKm: 0.01 }), solution, /distance/],
    ['too far for the practitioner', withDoctor(at, () => ({ maxKm: 0.01 })), solution, /distance/],
    ['another age', withDoctor(at, () => ({ minAge: 119 })), solution, /age/],
    [
      'no home visits',
      { ...needing({ homeVisit: true }), doctors: withDoctor(at, () => ({ homeVisits: false })).doctors },
      solution,
      /home visit/,
    ],
    [
      'no access',
      { ...needing({ wheelchair: true }), doctors: withDoctor(at, () => ({ wheelchair: false })).doctors },
      solution,
      /wheelchair/,
    ],
    ['another language', needing({ language: 'tlh' }), solution, /language/],
    [
      'another sex',
      { ...needing({ doctorSex: 'male' }), doctors: withDoctor(at, () => ({ sex: 'female' })).doctors },
      solution,
      /sex/,
    ],
    ['too many', withDoctor(at, () => ({ places: 0 })), solution, /more than its places/],
    [
      'a reserve that is taken',
      withDoctor(at, ({ places }) => ({ reserved: places })),
      solution,
      /more than its reserve/,
    ],
    [
      'too many with an ALD',
      {
        ...problem,
        households: problem.households.map((one) => ({
          ...one,
          needs: { ...one.needs, homeVisit: false },
          members: one.members.map((member) => ({ ...member, ald: true })),
        })),
        doctors: problem.doctors.map((one) => ({ ...one, maxAld: 0 })),
      },
      solution,
      /more than its ALD/,
    ],
    [
      'too many at home',
      {
        ...problem,
        households: problem.households.map((one) => ({ ...one, needs: { ...one.needs, homeVisit: true } })),
        doctors: problem.doctors.map((one) => ({ ...one, homeVisits: true, maxHomeVisits: 0 })),
      },
      solution,
      /more than its home visits/,
    ],
    [
      'a household that is apart',
      problem,
      {
        ...solution,
        placements: solution.placements.map((one) =>
          one.householdId === block.id && one.member === 0
            ? { ...one, practitionerId: one.practitionerId === at ? other : at }
            : one,
        ),
      },
      /not together/,
    ],
    [
      'a lock that is not kept',
      withHousehold(own.id, { lock: { practitionerId: other } }),
      solution,
      /locked/,
    ],
    [
      'a place for somebody locked out',
      withHousehold(own.id, { lock: { practitionerId: null } }),
      solution,
      /locked/,
    ],
    [
      'a wrong distance',
      problem,
      { ...solution, placements: [{ ...first!, km: first!.km + 0.1 }, ...solution.placements.slice(1)] },
      /not the distance/,
    ],
    ['a price that is too high', problem, withPrice({ place: 2 ** 40 }), /no proof/],
    ['a price that is too low', problem, withPrice({ place: 0 }), /no proof/],
    ['a price below nothing', problem, withPrice({ place: -1 }), /not a price/],
    ['a price that is no whole number', problem, withPrice({ ald: 0.5 }), /not a price/],
    ['no price', problem, { ...solution, certificate: { ...solution.certificate, prices: [] } }, /no price/],
    [
      'another cost',
      problem,
      { ...solution, certificate: { ...solution.certificate, cost: solution.certificate.cost - 1 } },
      /the cost is/,
    ],
    ['another seed', { ...problem, seed: problem.seed + 1 }, solution, /the cost is/],
  ]

  it('[ALLOC-7] finds nothing where nothing is wrong', () => {
    expect(priced).toBeGreaterThanOrEqual(0)
    expect(check(problem, solution)).toEqual([])
  })

  it.each(planted)('[ALLOC-7][ALLOC-2][ALLOC-3] finds %s', (_, changed, tampered, fault) => {
    expect(check(changed, tampered).join('\n')).toMatch(fault)
  })

  it('[ALLOC-2] asks no access of a practitioner who comes', () => {
    const doctors = [doctorOf('a', { wheelchair: false })]
    const placed = (homeVisit: boolean) => {
      const needs = { homeVisit, wheelchair: true, language: null, doctorSex: null }
      const one = problemOf({ households: [householdOf('h', { needs })], doctors })
      const solution = solveAll(one)
      expect(check(one, solution)).toEqual([])
      return solution.placements.length
    }
    expect([placed(false), placed(true)]).toEqual([0, 1])
  })

  it('[ALLOC-7] finds two who had better change', () => {
    const doctors = [doctorOf('a'), doctorOf('b', { sites: [{ at: north(10), wheelchair: false }] })]
    const households = [householdOf('h'), householdOf('i', { at: north(10) })]
    const simple = problemOf({ households, doctors })
    const good = solveAll(simple)
    expect(check(simple, good)).toEqual([])
    const cost = (household: Household, doctor: Doctor) =>
      costOf(simple, { key: '', household, member: household.members[0]! }, doctor)
    const swapped: Solution = {
      ...good,
      placements: [
        { householdId: 'h', member: 0, practitionerId: 'b', km: 10 },
        { householdId: 'i', member: 0, practitionerId: 'a', km: 10 },
      ],
      certificate: {
        ...good.certificate,
        cost: cost(households[0]!, doctors[1]!) + cost(households[1]!, doctors[0]!),
      },
    }
    expect(check(simple, swapped).join()).toMatch(/no proof/)
  })
})

describe('what other systems got wrong', () => {
  const one = (problem: Problem) => {
    const solution = solveAll(problem)
    expect(check(problem, solution)).toEqual([])
    return Object.fromEntries(solution.placements.map((each) => [each.householdId, each.practitionerId]))
  }
  const at = (km: number) => [{ at: north(km), wheelchair: false }]

  it('[ALLOC-17] who lives far from all is placed before who lives near, if they waited longer', () => {
    const problem = problemOf({
      doctors: [doctorOf('a')],
      households: [householdOf('far', { at: north(19), weeks: 2 }), householdOf('near', { weeks: 1 })],
    })
    expect(one(problem)).toEqual({ far: 'a' })
  })

  it('[ALLOC-17] nobody is sent further than they can go, whatever is free there', () => {
    const problem = problemOf({
      doctors: [doctorOf('a', { places: 10, sites: at(20.1) }), doctorOf('b', { maxKm: 4, places: 10 })],
      households: [householdOf('h', { urgency: 1 }), householdOf('i', { at: north(4.2), maxKm: 10 })],
    })
    expect(one(problem)).toEqual({ h: 'b' })
  })

  it('[ALLOC-17] places kept for urgency 1 stay empty rather than go to others', () => {
    const doctors = [doctorOf('a', { places: 3, reserved: 2 })]
    const of = (...urgencies: (1 | 2)[]) =>
      Object.keys(
        one(
          problemOf({
            doctors,
            households: urgencies.map((urgency, i) => householdOf(`h${i}`, { urgency })),
          }),
        ),
      )
    expect(of(2, 2, 2)).toEqual(['h0'])
    expect(of(2, 2, 1)).toEqual(['h0', 'h2'])
    expect(of(1, 1, 1, 2)).toEqual(['h0', 'h1', 'h2'])
  })

  it('[ALLOC-1] the one before makes way for the one after when there is a place for both', () => {
    const doctors = [doctorOf('a'), doctorOf('b', { sites: at(10) })]
    const households = [householdOf('h', { weeks: 9 }), householdOf('i', { maxKm: 2 })]
    expect(one(problemOf({ doctors, households }))).toEqual({ h: 'b', i: 'a' })
  })

  it('[ALLOC-5] a lock comes before all, never before a hard constraint, and frees the place that it leaves', () => {
    const doctors = [doctorOf('a'), doctorOf('b', { sites: at(30) })]
    const before = householdOf('h', { urgency: 1 })
    const locked = (practitionerId: string | null) =>
      solveAll(problemOf({ doctors, households: [before, householdOf('i', { lock: { practitionerId } })] }))
    expect(locked('a').placements.map((each) => each.householdId)).toEqual(['i'])
    expect(locked('b').unplaced).toEqual([
      {
        householdId: 'i',
        member: 0,
        because: [
          { constraint: 'locked', practitioners: 1 },
          { constraint: 'distance', practitioners: 1 },
        ],
      },
    ])
    expect(locked(null).unplaced[0]!.because).toEqual([{ constraint: 'locked_out', practitioners: 0 }])
    expect(locked(null).placements.map((each) => each.householdId)).toEqual(['h'])
  })

  it('[ALLOC-10] load and shares count, and the last draft stands when little speaks against it', () => {
    const doctors = [doctorOf('a', { places: 9 }), doctorOf('b', { places: 9, sites: at(3) })]
    const households = Array.from({ length: 9 }, (_, i) => householdOf(`h${i}`))
    const count = (equityKm: number, changes: Partial<Doctor> = {}) =>
      Object.values(
        one(
          problemOf({
            doctors: [{ ...doctors[0]!, ...changes }, doctors[1]!],
            households,
            weights: { equityKm, stabilityKm: 0, togetherKm: 0 },
          }),
        ),
      ).filter((id) => id === 'a').length
    expect(count(0)).toBe(9)
    expect(count(2)).toBe(5)
    expect(count(2, { load: 4 })).toBe(3)
    expect(count(2, { share: 40 })).toBe(3)
    const last = [{ member: 0, practitionerId: 'b' }]
    const kept = (stabilityKm: number) =>
      one(
        problemOf({
          doctors,
          households: [householdOf('h', { last })],
          weights: { equityKm: 0, stabilityKm, togetherKm: 0 },
        }),
      )
    expect(kept(2)).toEqual({ h: 'a' })
    expect(kept(4)).toEqual({ h: 'b' })
  })

  it('[ALLOC-4][ALLOC-11] a household that stays together is with one who can take all of it, or with nobody', () => {
    const members = [0, 1, 2].map((number) => ({ number, age: 30, ald: false }))
    const doctors = [doctorOf('a', { places: 2 }), doctorOf('b', { places: 3, sites: at(5) })]
    const family = householdOf('f', { members, together: true, weeks: 5 })
    expect(one(problemOf({ doctors, households: [family, householdOf('h', { at: north(5) })] }))).toEqual({
      f: 'b',
      h: 'a',
    })
    const held = [{ ...doctors[0]! }, { ...doctors[1]!, places: 2 }]
    expect(solveAll(problemOf({ doctors: held, households: [family] })).unplaced[0]!.because).toEqual([
      { constraint: 'no_places', practitioners: 2 },
    ])
    const first = householdOf('h', { at: north(5), weeks: 9, maxKm: 1 })
    expect(solveAll(problemOf({ doctors, households: [family, first] })).unplaced[0]!.because).toEqual([
      { constraint: 'no_places', practitioners: 1 },
      { constraint: 'block', practitioners: 1 },
    ])
  })

  it('[ALLOC-15] a household that may be split is brought together when it is worth it, and only then', () => {
    const members = [0, 1].map((number) => ({ number, age: 30, ald: false }))
    const doctors = [doctorOf('a', { places: 1 }), doctorOf('b', { places: 2, sites: at(5) })]
    const of = (togetherKm: number) => {
      const problem = problemOf({
        doctors,
        households: [householdOf('f', { members })],
        weights: { equityKm: 0, stabilityKm: 0, togetherKm },
      })
      const solution = solveAll(problem)
      expect(check(problem, solution)).toEqual([])
      return [solution.placements.map((each) => each.practitionerId), solution.certificate.regrouped]
    }
    expect(of(4)[0]!.slice().sort()).toEqual(['a', 'b'])
    expect(of(6)).toEqual([['b', 'b'], ['f']])
    let gathered = 0
    for (const problem of drawn({ ...RICH_SIZE, together: 0, several: 0.6 }, 60)) {
      const free = solveAll({ ...problem, weights: { ...problem.weights, togetherKm: 0 } })
      const bound = solveAll(problem)
      const names = ({ placements }: Solution) =>
        placements.map((each) => keyOf(each.householdId, each.member))
      expect(names(bound)).toEqual(names(free))
      gathered += bound.certificate.regrouped.length - free.certificate.regrouped.length
    }
    expect(gathered).toBeGreaterThan(20)
  })

  it('[ALLOC-18] a comparison says who moves, who is placed and who is not any more', () => {
    const households = [householdOf('h', { weeks: 3 }), householdOf('i', { weeks: 2 }), householdOf('j')]
    const doctors = [doctorOf('a'), doctorOf('b', { sites: at(5) })]
    const before = solveAll(problemOf({ households, doctors }))
    const after = solveAll(
      problemOf({
        doctors,
        households: households.map((each) =>
          each.id === 'j' ? { ...each, lock: { practitionerId: 'b' } } : each,
        ),
      }),
    )
    const first = before.placements.find(({ householdId }) => householdId === 'h')!.practitionerId
    expect(compare(before, before)).toEqual({ moved: [], placed: [], unplaced: [], km: 0 })
    expect(compare(before, after)).toEqual({
      moved: first === 'a' ? [] : [{ householdId: 'h', member: 0, from: 'b', to: 'a', km: -5 }],
      placed: [{ householdId: 'j', member: 0, practitionerId: 'b', km: 5 }],
      unplaced: [
        { householdId: 'i', member: 0, practitionerId: first === 'a' ? 'b' : 'a', km: first === 'a' ? 5 : 0 },
      ],
      km: 0,
    })
  })
})
