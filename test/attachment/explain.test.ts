import { describe, expect, it } from 'vitest'
import { check } from '../../src/attachment/allocation/solver/certificate.ts'
import { compare, type Comparison } from '../../src/attachment/allocation/solver/compare.ts'
import {
  constraintsOf,
  findConstraint,
  partiesOf,
} from '../../src/attachment/allocation/solver/eligibility.ts'
import type { Problem } from '../../src/attachment/allocation/solver/model.ts'
import { open } from '../../src/attachment/allocation/solver/session.ts'
import type { Solution } from '../../src/attachment/allocation/solver/solution.ts'
import { solveAll } from '../../src/attachment/allocation/solver/solve.ts'
import { keyOf, mayHave, partiesByRank } from './oracles.ts'
import {
  chanceOf,
  doctorOf,
  drawProblem,
  householdOf,
  north,
  PLAIN_SIZE,
  problemOf,
  RICH_SIZE,
  type Size,
} from './problems.ts'

const drawn = (size: Size, runs: number) => Array.from({ length: runs }, (_, seed) => drawProblem(seed, size))

const at = (km: number) => [{ at: north(km), wheelchair: false }]

/** A solution with a comparison done to it. */
const applied = (
  solution: Solution,
  { moved, placed, unplaced }: Comparison,
  kmOf: (householdId: string, id: string) => number,
): Solution => {
  const to = new Map(moved.map((one) => [keyOf(one.householdId, one.member), one.to]))
  const gone = new Set(unplaced.map((one) => keyOf(one.householdId, one.member)))
  const come = new Set(placed.map((one) => keyOf(one.householdId, one.member)))
  return {
    ...solution,
    placements: [
      ...solution.placements.flatMap((one) => {
        const key = keyOf(one.householdId, one.member)
        if (gone.has(key)) return []
        const practitionerId = to.get(key) ?? one.practitionerId
        return [{ ...one, practitionerId, km: kmOf(one.householdId, practitionerId) }]
      }),
      ...placed,
    ],
    unplaced: [
      ...solution.unplaced.filter((one) => !come.has(keyOf(one.householdId, one.member))),
      ...unplaced.map(({ householdId, member }) => ({ householdId, member, because: [] })),
    ],
  }
}

const lockedAt = (problem: Problem, id: string, practitionerId: string): Problem => ({
  ...problem,
  households: problem.households.map((one) => (one.id === id ? { ...one, lock: { practitionerId } } : one)),
})

describe('why', () => {
  it('[ALLOC-11] the reasons of who is not placed count every practitioner once', () => {
    let reasons = 0
    for (const problem of drawn({ ...RICH_SIZE, households: 50 }, 60)) {
      const parties = new Map(partiesByRank(problem).flatMap((party) => party.map((one) => [one.key, party])))
      for (const { householdId, member, because } of solveAll(problem).unplaced) {
        const party = parties.get(keyOf(householdId, member))!
        const { household } = party[0]!
        if (household.lock) {
          const target = problem.doctors.find(({ id }) => id === household.lock!.practitionerId)
          expect(because[0]!.constraint).toBe(
            household.lock.practitionerId === null ? 'locked_out' : 'locked',
          )
          if (target && !mayHave(target, party)) expect(because[1]!.constraint).not.toBe('saturated')
          continue
        }
        const fitting = problem.doctors.filter((doctor) => mayHave(doctor, party)).length
        const left = because.find(({ constraint }) => constraint === 'saturated' || constraint === 'block')
        expect(because.reduce((sum, { practitioners }) => sum + practitioners, 0)).toBe(
          problem.doctors.length,
        )
        expect(left?.practitioners ?? 0).toBe(fitting)
        expect(left?.constraint).toBe(fitting === 0 ? undefined : party.length > 1 ? 'block' : 'saturated')
        for (const { constraint, practitioners } of because) {
          if (constraint === left?.constraint) continue
          const members = party.map((one) => one.member)
          const counted = problem.doctors.filter(
            (doctor) => findConstraint(household, members, doctor) === constraint,
          )
          expect(practitioners).toBe(counted.length)
        }
        reasons++
      }
    }
    expect(reasons).toBeGreaterThan(500)
  })

  it('[ALLOC-2][ALLOC-12] all constraints begin with the first, and are none where a practitioner may be proposed', () => {
    for (const problem of drawn(RICH_SIZE, 30))
      for (const household of problem.households)
        for (const party of partiesOf(household))
          for (const doctor of problem.doctors) {
            const all = constraintsOf(household, party, doctor)
            expect(all[0] ?? null).toBe(findConstraint(household, party, doctor))
            const people = party.map((member) => ({ key: '', household, member }))
            expect(all.length === 0).toBe(mayHave(doctor, people))
          }
  })

  it('[ALLOC-12] who is not placed though somebody fits: all who could make room are full of people before them', () => {
    let explained = 0
    for (const problem of drawn({ ...RICH_SIZE, households: 50 }, 60)) {
      const solution = solveAll(problem)
      const session = open(problem, solution)
      const ranks = new Map(partiesByRank(problem).map(([one], rank) => [one!.key, rank]))
      for (const { householdId, member, because } of solution.unplaced) {
        const own = session.explain(householdId)!.find(({ members }) => members.includes(member))!
        expect(own.practitionerId).toBeNull()
        expect(own.saturation !== null).toBe(because.at(-1)!.constraint === 'saturated')
        if (!own.saturation) continue
        explained++
        expect(own.saturation.holds).toBe(true)
        const near = new Set(own.saturation.practitioners)
        for (const { practitionerId, outcome } of own.candidates)
          if (outcome === 'full') expect(near.has(practitionerId)).toBe(true)
          else expect(outcome).toBe('excluded')
        const { last } = own.saturation
        if (last && ranks.has(keyOf(last.householdId, last.member)))
          expect(ranks.get(keyOf(last.householdId, last.member))).toBeLessThan(
            ranks.get(keyOf(householdId, member))!,
          )
      }
    }
    expect(explained).toBeGreaterThan(300)
  })

  it('[ALLOC-12] the one who is named would be placed by one place more, and nobody else', () => {
    let helped = 0
    for (const size of [
      { ...PLAIN_SIZE, filters: true },
      { ...PLAIN_SIZE, limits: true },
      { ...PLAIN_SIZE, reserves: true },
    ])
      for (const problem of drawn({ ...size, households: 50 }, 25)) {
        const solution = solveAll(problem)
        const session = open(problem, solution)
        for (const { householdId } of solution.unplaced.slice(0, 4))
          for (const { practitionerId, ...named } of session.explain(householdId)![0]!.helps) {
            const doctors = problem.doctors.map((one) =>
              // A limit that was none before is none after.
              one.id === practitionerId ? { ...one, places: one.places + 1 } : one,
            )
            const { placed, unplaced } = compare(solution, solveAll({ ...problem, doctors }))
            expect([placed.map((one) => [one.householdId, one.member]), unplaced]).toEqual([
              [[named.householdId, named.member]],
              [],
            ])
            helped++
          }
      }
    expect(helped).toBeGreaterThan(300)
  })

  it('[ALLOC-12] the constraint whose lifting opens most comes first, and candidates by distance', () => {
    const doctors = [
      doctorOf('a', { sites: at(30) }),
      doctorOf('b', { sites: at(25), sex: 'male' }),
      doctorOf('c', { sites: at(24) }),
      doctorOf('d', { sites: at(2), closed: 'absent' }),
      doctorOf('e', { sites: at(1), places: 2 }),
      doctorOf('f', { places: 1 }),
    ]
    const asking = householdOf('h', {
      needs: { homeVisit: false, wheelchair: false, language: null, doctorSex: null },
    })
    const problem = problemOf({ doctors, households: [asking, householdOf('i', { weeks: 1 })] })
    const [own] = open(problem, solveAll(problem)).explain('h')!
    expect(own!.lifting).toEqual([
      { constraint: 'distance', practitioners: 3 },
      { constraint: 'absent', practitioners: 1 },
    ])
    expect(own!.candidates.map(({ practitionerId }) => practitionerId)).toEqual([
      'f',
      'e',
      'd',
      'c',
      'b',
      'a',
    ])
    expect(own!.candidates.map(({ outcome }) => outcome).sort()).toEqual(
      [
        'chosen',
        'excluded',
        'excluded',
        'excluded',
        'excluded',
        own!.practitionerId === 'e' ? 'full' : 'free',
      ].sort(),
    )
    expect(open(problem, solveAll(problem)).explain('nobody')).toBeUndefined()
  })

  it('[ALLOC-12] a household that stays together is told how many of it each could take', () => {
    const members = [0, 1, 2].map((number) => ({ number, age: 30, ald: false }))
    const doctors = [doctorOf('a', { places: 4 }), doctorOf('b', { places: 3, sites: at(5) })]
    const first = [0, 1, 2].map((i) => householdOf(`h${i}`, { weeks: 9, maxKm: 1 }))
    const other = householdOf('i', { weeks: 9, maxKm: 1, at: north(5) })
    const problem = problemOf({
      doctors,
      households: [...first, other, householdOf('f', { members, together: true })],
    })
    const [own] = open(problem, solveAll(problem)).explain('f')!
    expect(own!.partly).toEqual([
      { practitionerId: 'b', people: 2 },
      { practitionerId: 'a', people: 1 },
    ])
  })
})

describe('what if', () => {
  it('[ALLOC-13] says what an allocation with that lock would change', () => {
    const seen = { forbidden: 0, lost: 0, moved: 0, gained: 0 }
    const sizes = [
      PLAIN_SIZE,
      { ...PLAIN_SIZE, limits: true },
      { ...PLAIN_SIZE, reserves: true, filters: true },
      { ...PLAIN_SIZE, weights: RICH_SIZE.weights, drafted: 0.4 },
    ]
    for (const size of sizes)
      for (const problem of drawn(size, 20)) {
        const solution = solveAll(problem)
        const session = open(problem, solution)
        const chance = chanceOf(problem.seed + 5)
        for (let i = 0; i < 8; i++) {
          const { id } = chance.one(problem.households)
          const practitionerId = chance.one(problem.doctors).id
          const { forbidden, ...change } = session.whatIf(id, practitionerId)!
          const anew = solveAll(lockedAt(problem, id, practitionerId))
          const reason = anew.unplaced.find(({ householdId }) => householdId === id)?.because
          expect(forbidden).toBe(reason?.[1]?.constraint ?? null)
          if (forbidden) {
            seen.forbidden++
            continue
          }
          expect(change).toEqual(compare(solution, anew))
          seen.lost += change.unplaced.length
          seen.moved += change.moved.length
          seen.gained += change.placed.length
        }
      }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20)
  })

  it('[ALLOC-13] says so of a household too, whose leaving may place several others', () => {
    const seen = { lost: 0, several: 0 }
    const families = { ...PLAIN_SIZE, households: 60, several: 0.2, together: 1 }
    const sizes = [
      families,
      { ...families, limits: true },
      { ...families, reserves: true },
      { ...families, weights: RICH_SIZE.weights, drafted: 0.4 },
    ]
    for (const size of sizes)
      for (const one of drawn(size, 50)) {
        // Exact where all others come one by one: other households would be tried anew. Early in rank, it has a place.
        const asked = one.households.find(({ members }) => members.length > 1)!
        const problem: Problem = {
          ...one,
          households: one.households.map((each) =>
            each === asked
              ? { ...each, urgency: 2, weeks: 50 }
              : { ...each, members: each.members.slice(0, 1) },
          ),
        }
        const solution = solveAll(problem)
        const session = open(problem, solution)
        for (const { id: practitionerId } of problem.doctors) {
          const { forbidden, ...change } = session.whatIf(asked.id, practitionerId)!
          const anew = solveAll(lockedAt(problem, asked.id, practitionerId))
          const reason = anew.unplaced.find(({ householdId }) => householdId === asked.id)?.because
          expect(forbidden).toBe(reason?.[1]?.constraint ?? null)
          if (forbidden) continue
          expect(change).toEqual(compare(solution, anew))
          const others = change.placed.filter(({ householdId }) => householdId !== asked.id)
          if (others.length > 1) seen.several++
          if (change.unplaced.length > 1) seen.lost++
        }
      }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20)
  })

  it('[ALLOC-13] gives all that a household leaves that loses its place to the next', () => {
    const members = [0, 1, 2].map((number) => ({ number, age: 30, ald: false }))
    const households = [
      householdOf('family', { members, together: true, weeks: 9 }),
      ...['h', 'i', 'j'].map((id, place) => householdOf(id, { weeks: 8 - place })),
    ]
    const problem = problemOf({ doctors: [doctorOf('a', { places: 3 })], households })
    const solution = solveAll(problem)
    const { forbidden, ...change } = open(problem, solution).whatIf('j', 'a')!
    expect(forbidden).toBeNull()
    expect(change.placed.map(({ householdId }) => householdId)).toEqual(['h', 'i', 'j'])
    expect(change).toEqual(compare(solution, solveAll(lockedAt(problem, 'j', 'a'))))
  })

  it('[ALLOC-13] breaks no hard constraint, and changes nothing', () => {
    let changes = 0
    for (const problem of drawn(RICH_SIZE, 40)) {
      const solution = solveAll(problem)
      const session = open(problem, solution)
      const chance = chanceOf(problem.seed + 6)
      const kmOf = (householdId: string, practitionerId: string) =>
        session.explain(householdId)![0]!.candidates.find((one) => one.practitionerId === practitionerId)!.km
      for (let i = 0; i < 6; i++) {
        const { id } = chance.one(problem.households)
        const practitionerId = chance.one(problem.doctors).id
        const explained = session.explain(id)
        const found = session.whatIf(id, practitionerId)!
        expect(session.whatIf(id, practitionerId)).toEqual(found)
        expect(session.explain(id)).toEqual(explained)
        if (found.forbidden) continue
        changes++
        const unlocked: Problem = {
          ...problem,
          households: problem.households.map((one) => (one.id === id ? { ...one, lock: null } : one)),
        }
        const faults = check(unlocked, applied(solution, found, kmOf))
        expect(faults.filter((fault) => !fault.startsWith('the cost is'))).toEqual([])
      }
    }
    expect(changes).toBeGreaterThan(40)
  })

  it('[ALLOC-13] an allocation of another problem is not taken up', () => {
    const problem = problemOf({ doctors: [doctorOf('a')], households: [householdOf('h')] })
    const other = problemOf({ doctors: [doctorOf('a')], households: [householdOf('h', { at: north(40) })] })
    expect(() => open(other, solveAll(problem))).toThrow('another problem')
  })
})
