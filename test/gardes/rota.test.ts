import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generate, type Rota } from '../../src/gardes/solver/generate.ts'
import type { Cell, Person, Problem } from '../../src/gardes/solver/model.ts'
import { HOUR, plus } from '../../src/kernel/time.ts'
import { checkAccount, checkRota, ledgerOf, lockedCells, type CheckedRule } from './rota-checker.ts'
import {
  busySector,
  personOf,
  plainSector,
  problemOf,
  rotaOf,
  sectorArb,
  shiftOn,
  type Size,
} from './sectors.ts'

/** Everything that the checker has to say of a rota. */
const faultsOf = (problem: Problem, rota: Rota): string[] => [
  ...checkRota(problem, rota.cells).map((violation) => JSON.stringify(violation)),
  ...checkAccount(problem, rota),
]

const levelOf = (rota: Rota, name: Rota['levels'][number]['name']) =>
  rota.levels.find((level) => level.name === name)!

const evenings = (...days: readonly string[]) => days.map((day) => shiftOn(day, 'evening', 1200, 1440))

const cell = (shiftId: string, personId: string, changes: Partial<Cell> = {}): Cell => ({
  shiftId,
  personId,
  place: 1,
  locked: false,
  ...changes,
})

const holders = (rota: Rota) => rota.cells.map(({ shiftId, place, personId }) => [shiftId, place, personId])

describe('the checker', () => {
  const shift = shiftOn('2027-02-01', 'evening', 1200, 1440)
  const next = shiftOn('2027-02-02', 'night', 0, 480)
  const part = (from: number, to: number) => ({
    start: plus(shift.start, from * HOUR),
    end: plus(shift.start, to * HOUR),
  })
  /** The rules that a person breaks who does all the shifts, each by one of the ways to break it. */
  const broken = (
    changes: Partial<Problem>,
    person: Partial<Person> = {},
    shifts = [shift],
    cells?: readonly Cell[],
  ) => {
    const problem = problemOf({ shifts, people: [personOf('p', person)], ...changes })
    const found = checkRota(problem, cells ?? shifts.map(({ id }) => cell(id, 'p')))
    return [...new Set(found.map(({ rule }) => rule))]
  }
  const days = (...numbers: readonly number[]) =>
    evenings(...numbers.map((n) => `2027-02-${String(n).padStart(2, '0')}`))
  const free = { restMs: 11 * HOUR, maxConsecutiveMs: 12 * HOUR, maxPer7Days: null, maxPer28Days: null }

  it('[ROTA-9] finds nothing where nothing is broken', () => {
    expect(broken({}, {}, [shift, next])).toEqual([])
    expect(broken({ limits: free }, {}, days(1, 2, 3, 4, 5, 6, 7, 8, 9))).toEqual([])
  })

  const planted: [CheckedRule, () => CheckedRule[]][] = [
    ['role', () => broken({}, { roles: [] })],
    ['membership', () => broken({}, { member: [part(-1, 3)] })],
    ['restriction', () => broken({}, { restrictions: [{ during: part(0, 1), codes: ['evening'] }] })],
    ['absence', () => broken({}, { absences: [part(3, 4)] })],
    ['busy', () => broken({}, { busy: [part(-1, 1)] })],
    ['one_place', () => broken({}, {}, [shift, shiftOn('2027-02-01', 'late', 1380, 1440)])],
    ['rest', () => broken({}, {}, [shift, shiftOn('2027-02-02', 'am', 480, 840)])],
    ['rest', () => broken({}, { elsewhere: [shiftOn('2027-02-01', 'am', 480, 840)] })],
    ['consecutive', () => broken({}, {}, [shift, shiftOn('2027-02-02', 'night', 0, 481)])],
    ['max_7_days', () => broken({}, {}, days(1, 3, 5, 7))],
    ['max_28_days', () => broken({ limits: { ...free, maxPer28Days: 2 } }, {}, days(1, 10, 28))],
    ['max_28_days', () => broken({ limits: free }, { maxPer28Days: 2 }, days(1, 10, 28))],
    ['personal_cap', () => broken({}, { maxTotal: 1 }, days(1, 10))],
    ['by_hand', () => broken({}, { share: 0 })],
    ['by_hand', () => broken({ cells: [cell(shift.id, 'p', { locked: true })] }, {}, [shift], [])],
    ['by_hand', () => broken({}, {}, [shift], [cell(shift.id, 'p', { locked: true })])],
    ['unknown', () => broken({}, {}, [shift], [cell(shift.id, 'q')])],
    [
      'headcount',
      () =>
        broken(
          { people: [personOf('p'), personOf('q')] },
          {},
          [shift],
          [cell(shift.id, 'p'), cell(shift.id, 'q', { place: 2 })],
        ),
    ],
  ]

  it.each(planted)('[ROTA-9] finds a planted breach of %s', (rule, plant) => {
    expect(plant()).toEqual([rule])
  })

  it('[ROTA-9] lays what is done by hand or elsewhere to nobody, and what is added to it to who adds it', () => {
    const crowd = days(1, 2, 3, 4)
    const cells = crowd.map(({ id }) => cell(id, 'p', { locked: true }))
    expect(broken({ cells }, {}, crowd, cells)).toEqual([])
    const more = days(1, 2, 3, 4, 5)
    expect(broken({ cells }, {}, more, [...cells, cell(more[4]!.id, 'p')])).toEqual(['max_7_days'])
  })

  it('[ROTA-9] finds an account that the cells do not bear out', () => {
    const problem = busySector(8, '2027-02-01', 21)
    const rota = rotaOf(problem)
    expect(rota.unfilled.length).toBeGreaterThan(0)
    expect(faultsOf(problem, rota)).toEqual([])
    const [first, ...others] = rota.cells
    const tampered: [string, Partial<Rota>][] = [
      ['a cell less', { cells: others }],
      ['an empty place less', { unfilled: rota.unfilled.slice(1) }],
      [
        'a reason less',
        {
          unfilled: rota.unfilled.map((one) => ({
            ...one,
            because: one.because.map((line) => ({ ...line, rules: [] })),
          })),
        },
      ],
      ['a line less', { ledger: rota.ledger.slice(1) }],
      [
        'a shift more',
        { ledger: rota.ledger.map((line, i) => (i === 0 ? { ...line, done: line.done + 1 } : line)) },
      ],
      ['a fairer spread', { spreads: rota.spreads.map((one) => ({ ...one, value: one.value - 5 })) }],
      ['a bound that is none', { spreads: rota.spreads.map((one) => ({ ...one, bound: one.value + 1 })) }],
      ['a better level', { levels: rota.levels.map((one) => ({ ...one, value: one.value - 1 })) }],
      ['more than is proven', { isOptimal: !rota.isOptimal }],
    ]
    for (const [what, changes] of tampered)
      expect([what, checkAccount(problem, { ...rota, ...changes }).length > 0]).toEqual([what, true])
    expect(checkRota(problem, [...others, { ...first!, personId: 'p99' }])).not.toEqual([])
  })
})

describe('every rota', () => {
  const sizes: [string, Size, number][] = [
    ['thin sectors', { people: 5, shifts: 14, days: 14 }, 120],
    ['crowded days', { people: 4, shifts: 12, days: 2 }, 120],
    ['shifts that touch', { people: 3, shifts: 9, days: 3, codes: ['first', 'middle', 'last'] }, 400],
  ]

  it.each(sizes)(
    '[ROTA-9][ROTA-8] keeps the rules and says what is so: %s',
    (_, size, numRuns) => {
      const seen = { locked: 0, unfilled: 0, published: 0, optimal: 0 }
      fc.assert(
        fc.property(sectorArb(size), (problem) => {
          const rota = rotaOf(problem)
          if (lockedCells(problem).length > 0) seen.locked++
          if (rota.unfilled.length > 0) seen.unfilled++
          if (problem.published.length > 0) seen.published++
          if (rota.isOptimal) seen.optimal++
          expect(faultsOf(problem, rota)).toEqual([])
        }),
        { seed: 92, numRuns },
      )
      for (const count of Object.values(seen)) expect(count).toBeGreaterThan(numRuns / 20)
    },
    120_000,
  )

  it('[ROTA-10] is the same, byte for byte, in whatever order its problem is written', () => {
    const shuffled = <T>(list: readonly T[]) =>
      fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length })
    const both = sectorArb({ people: 4, shifts: 10, days: 8 }).chain((problem) =>
      fc.tuple(
        fc.constant(problem),
        fc.record({
          people: shuffled(problem.people),
          shifts: shuffled(problem.shifts),
          cells: shuffled(problem.cells),
          published: shuffled(problem.published),
          wishes: shuffled(problem.wishes),
        }),
      ),
    )
    fc.assert(
      fc.property(both, ([problem, other]) => {
        expect(JSON.stringify(rotaOf({ ...problem, ...other }))).toBe(JSON.stringify(rotaOf(problem)))
      }),
      { seed: 92, numRuns: 60 },
    )
  }, 120_000)

  it('[ROTA-10] is the same for the same seed; another seed fills as many places', () => {
    const problem = busySector(14, '2027-04-19', 28)
    const [one, again, other] = [0, 0, 1].map((seed) => rotaOf({ ...problem, seed }))
    expect(JSON.stringify(again)).toBe(JSON.stringify(one))
    expect(other!.cells.length).toBe(one!.cells.length)
    expect(holders(other!)).not.toEqual(holders(one!))
  }, 60_000)

  it('[ROTA-19] is made a slice at a time; stopped, the best so far is handed over with all its rules', () => {
    const problem = busySector(24, '2026-12-01', 91)
    let slices = 0
    const work = generate(problem, () => slices >= 3)
    const said: { steps: number; planned: number }[] = []
    let slice = work.next()
    for (; !slice.done; slice = work.next()) {
      said.push(slice.value)
      slices++
    }
    const rota = slice.value
    expect(said.map(({ steps }) => steps)).toEqual([0, 2_000, 4_000])
    expect(new Set(said.map(({ planned }) => planned)).size).toBe(1)
    expect([rota.steps, rota.unfilled]).toEqual([6_000, []])
    expect(faultsOf(problem, rota)).toEqual([])
  }, 60_000)

  it('[ROTA-19] of nothing is nothing, and of what is all by hand is done at once', () => {
    expect(rotaOf(problemOf({}))).toMatchObject({ cells: [], unfilled: [], isOptimal: true, steps: 0 })
    expect(rotaOf(problemOf({ people: [personOf('a')] })).isOptimal).toBe(true)
    const shifts = evenings('2027-02-01', '2027-02-02')
    const problem = problemOf({
      shifts,
      people: [personOf('a'), personOf('b')],
      cells: shifts.map(({ id }) => cell(id, 'a', { locked: true })),
    })
    const slice = generate(problem).next()
    expect(slice.done).toBe(true)
  })
})

describe('cells', () => {
  const [first, second, third] = evenings('2027-02-01', '2027-02-04', '2027-02-08')
  const shifts = [first!, second!, third!]
  const people = [personOf('a'), personOf('b')]

  it('[ROTA-7] placed by hand are never moved, whatever they break, and others are judged with them', () => {
    const am = shiftOn('2027-02-01', 'am', 480, 840)
    const cells = [
      cell(am.id, 'a', { locked: true }),
      cell(first!.id, 'a', { locked: true }),
      cell(second!.id, 'nurse', { locked: true, place: 1 }),
    ]
    const problem = problemOf({
      limits: { restMs: 11 * HOUR, maxConsecutiveMs: 12 * HOUR, maxPer7Days: 2, maxPer28Days: null },
      shifts: [am, ...shifts],
      people: [personOf('a'), personOf('nurse', { share: 0, roles: [] })],
      cells,
    })
    const rota = rotaOf(problem)
    expect(faultsOf(problem, rota)).toEqual([])
    expect(rota.cells.filter(({ locked }) => locked)).toEqual(cells)
    // 'a' has two in seven days by hand, none in those up to the 8th.
    expect(holders(rota).at(-1)).toEqual([third!.id, 1, 'a'])
    const crowded = { ...problem, limits: { ...problem.limits, maxPer28Days: 2 } }
    expect(rotaOf(crowded).unfilled.map(({ because }) => because)).toEqual([
      [{ personId: 'a', rules: ['max_28_days'] }],
    ])
  })

  it('[ROTA-7] two cells of one shift for one person stand by hand, and are one otherwise', () => {
    const shift = { ...first!, headcount: 2 }
    const both = (locked: boolean) => [1, 2].map((place) => cell(shift.id, 'a', { place, locked }))
    const solve = (locked: boolean) => rotaOf(problemOf({ shifts: [shift], people, cells: both(locked) }))
    expect(holders(solve(true))).toEqual([1, 2].map((place) => [shift.id, place, 'a']))
    expect(holders(solve(false))).toEqual([
      [shift.id, 1, 'a'],
      [shift.id, 2, 'b'],
    ])
  })

  it('[ROTA-20] of nobody or of no shift are as good as empty', () => {
    const cells = [
      cell(first!.id, 'left', { locked: true }),
      cell(second!.id, 'left'),
      cell('no shift', 'a', { locked: true }),
    ]
    const problem = problemOf({ shifts, people, cells, published: cells })
    const rota = rotaOf(problem)
    expect(faultsOf(problem, rota)).toEqual([])
    expect([rota.cells.length, rota.unfilled.length]).toEqual([3, 0])
    expect(levelOf(rota, 'changes')).toEqual({ name: 'changes', value: 2, bound: 2 })
  })

  it('[ROTA-20] beyond a lowered headcount stay by hand and use up a place; others move up or go', () => {
    const solve = (headcount: number, ...cells: readonly Cell[]) => {
      const problem = problemOf({ shifts: [{ ...first!, headcount }], people, cells })
      const rota = rotaOf(problem)
      expect(faultsOf(problem, rota)).toEqual([])
      return holders(rota)
    }
    const at = (place: number, personId: string, locked: boolean) =>
      cell(first!.id, personId, { place, locked })
    expect(solve(1, at(2, 'b', true))).toEqual([[first!.id, 2, 'b']])
    expect(solve(1, at(1, 'a', true), at(2, 'b', true)).length).toBe(2)
    expect(solve(1, at(2, 'b', false))).toEqual([[first!.id, 1, 'b']])
    expect(solve(1, at(1, 'a', true), at(2, 'b', false))).toEqual([[first!.id, 1, 'a']])
    expect(solve(0, at(1, 'a', false))).toEqual([])
  })

  it('[ROTA-16] keep the number of their place', () => {
    const shift = { ...first!, headcount: 3 }
    const cells = [cell(shift.id, 'b', { place: 3 }), cell(shift.id, 'a', { place: 2 })]
    expect(holders(rotaOf(problemOf({ shifts: [shift], people, cells })))).toEqual([
      [shift.id, 2, 'a'],
      [shift.id, 3, 'b'],
    ])
  })
})

describe('what is sought', () => {
  it('[ROTA-11] 10 people for 3 months at 8 a month: what stays empty is proven', () => {
    const problem = plainSector(10, '2026-12-01', 91)
    const rota = rotaOf(problem)
    expect(faultsOf(problem, rota)).toEqual([])
    // 28 days about Christmas and the New Year have 84 places, and ten people at most 80.
    expect(levelOf(rota, 'fill')).toEqual({ name: 'fill', value: 4, bound: 4 })
  }, 60_000)

  it('[ROTA-12] 24 equal people for 3 months: nothing could be better, at any level', () => {
    const problem = plainSector(24, '2026-12-01', 91)
    const rota = rotaOf(problem)
    expect(faultsOf(problem, rota)).toEqual([])
    expect(rota.isOptimal).toBe(true)
    for (const { value } of rota.spreads) expect(value).toBeLessThanOrEqual(1000)
  }, 60_000)

  it('[ROTA-12] 24 people with restrictions, absences and half shares: every category is proven fairest', () => {
    const problem = busySector(24, '2026-12-01', 91)
    const rota = rotaOf(problem)
    expect(faultsOf(problem, rota)).toEqual([])
    const open = rota.spreads.filter(({ class: name, value, bound }) => name !== 'total' && value > bound)
    expect([rota.unfilled, open]).toEqual([[], []])
  }, 60_000)

  it('[ROTA-12] 40 people for a year: no rule broken and at most a shift between any two, proven', () => {
    const problem = plainSector(40, '2027-01-01', 365)
    const rota = rotaOf(problem)
    expect(faultsOf(problem, rota)).toEqual([])
    expect(rota.isOptimal).toBe(true)
    for (const { value } of rota.spreads) expect(value).toBeLessThanOrEqual(1000)
  }, 120_000)

  it('[ROTA-12] who may do no nights owes their part of the rest, and no more of it', () => {
    const sector = plainSector(6, '2027-02-01', 28)
    const during = { start: plus(sector.shifts[0]!.start, -HOUR), end: plus(sector.shifts.at(-1)!.end, HOUR) }
    const problem = {
      ...sector,
      limits: { ...sector.limits, maxPer7Days: null, maxPer28Days: null },
      people: sector.people.map((person, i) =>
        i === 0 ? { ...person, restrictions: [{ during, codes: ['night'] }] } : person,
      ),
    }
    const rota = rotaOf(problem)
    expect(faultsOf(problem, rota)).toEqual([])
    const done = (personId: string, name: string) =>
      rota.ledger.find((line) => line.personId === personId && line.class === name)?.done ?? 0
    expect(done('p00', 'night')).toBe(0)
    const others = sector.people.slice(1).map(({ id }) => done(id, 'evening'))
    expect(Math.abs(done('p00', 'evening') - Math.max(...others))).toBeLessThanOrEqual(1)
    const { weight } = ledgerOf(problem, rota.cells).get('total')!.get('p00')!
    const parts = ['evening', 'saturday', 'sunday'].map(
      (name) => rota.ledger.filter((line) => line.class === name).reduce((n, line) => n + line.done, 0) / 6,
    )
    const all = [...ledgerOf(problem, rota.cells).get('total')!.values()].reduce(
      (n, line) => n + line.weight,
      0,
    )
    // Six of each category but the nights, in proportion to all that is shared out.
    expect((weight / all) * rota.cells.length).toBeCloseTo(
      parts.reduce((a, b) => a + b, 0),
      6,
    )
  }, 60_000)

  it('[ROTA-14] wishes are granted where nothing above them is lost', () => {
    const shifts = evenings('2027-02-01', '2027-02-09', '2027-02-17', '2027-02-25')
    const people = [personOf('a'), personOf('b')]
    const wish = (personId: string, want: 'avoid' | 'prefer', i: number, codes: string[] | null = null) => ({
      personId,
      want,
      codes,
      during: { start: shifts[i]!.start, end: shifts[i]!.end },
    })
    const solve = (...wishes: Problem['wishes']) => rotaOf(problemOf({ shifts, people, wishes }))
    const granted = solve(
      wish('a', 'avoid', 0),
      wish('a', 'avoid', 1),
      wish('b', 'prefer', 1),
      wish('a', 'prefer', 3),
    )
    expect(granted.cells.map(({ personId }) => personId)).toEqual(['b', 'b', 'a', 'a'])
    expect(granted.isOptimal).toBe(true)
    // Three of four would be unfair: one of the wishes is not granted.
    const refused = solve(
      wish('a', 'avoid', 0),
      wish('a', 'avoid', 1),
      wish('a', 'avoid', 2),
      wish('b', 'avoid', 3, ['night']),
    )
    expect(levelOf(refused, 'wishes').value).toBe(1)
    expect(levelOf(refused, 'equity').value).toBe(0)
  })

  it('[ROTA-15] nobody has two week-ends in a row where others can, what is done elsewhere counted', () => {
    const saturdays = ['2027-02-06', '2027-02-13', '2027-02-20', '2027-02-27']
    const shifts = saturdays.map((day) => shiftOn(day, 'saturday', 720, 1200))
    const before = shiftOn('2027-01-31', 'sunday', 480, 840)
    const rota = rotaOf(
      problemOf({ shifts, people: [personOf('a', { elsewhere: [before] }), personOf('b')] }),
    )
    expect(rota.cells.map(({ personId }) => personId)).toEqual(['b', 'a', 'b', 'a'])
    expect(levelOf(rota, 'spacing').value).toBe(0)
  })
})

describe('what was published', () => {
  const problem = busySector(32, '2027-04-19', 56)
  const first = rotaOf(problem)
  const published = first.cells.map(({ shiftId, place, personId }) => ({ shiftId, place, personId }))

  it('[ROTA-16] stands when nothing is new', () => {
    const again = rotaOf({ ...problem, seed: 5, cells: first.cells, published })
    expect(holders(again)).toEqual(holders(first))
  }, 60_000)

  it('[ROTA-16] when somebody leaves, only their shifts change hands', () => {
    const people = problem.people.filter(({ id }) => id !== 'p08')
    const theirs = published.filter(({ personId }) => personId === 'p08')
    const next = { ...problem, people, cells: first.cells, published }
    const rota = rotaOf(next)
    expect(theirs.length).toBeGreaterThan(3)
    expect(faultsOf(next, rota)).toEqual([])
    expect(rota.cells.length).toBe(first.cells.length)
    expect(levelOf(rota, 'changes')).toEqual({ name: 'changes', value: theirs.length, bound: theirs.length })
    const moved = holders(first).filter((was, i) => String(was) !== String(holders(rota)[i]))
    expect(moved.map(([, , personId]) => personId)).toEqual(theirs.map(() => 'p08'))
  }, 60_000)

  it('[ROTA-16] when somebody is away, they lose what they cannot do and nothing else', () => {
    const shift = problem.shifts.find(({ id }) => id === published[30]!.shiftId)!
    const { personId } = published[30]!
    const people = problem.people.map((person) =>
      person.id === personId
        ? { ...person, absences: [...person.absences, { start: shift.start, end: shift.end }] }
        : person,
    )
    const rota = rotaOf({ ...problem, people, cells: first.cells, published })
    expect(levelOf(rota, 'changes')).toEqual({ name: 'changes', value: 1, bound: 1 })
    expect(rota.unfilled).toEqual([])
  }, 60_000)

  it('[ROTA-16] gives way where an empty place needs it', () => {
    const shifts = [shiftOn('2027-02-01', 'evening', 1200, 1440), shiftOn('2027-02-02', 'late', 1200, 1440)]
    const people = [
      personOf('a', { maxTotal: 1 }),
      personOf('b', {
        maxTotal: 1,
        restrictions: [{ during: { start: shifts[1]!.start, end: shifts[1]!.end }, codes: null }],
      }),
    ]
    const was = [cell(shifts[0]!.id, 'a')]
    const rota = rotaOf(problemOf({ shifts, people, cells: was, published: was }))
    expect(holders(rota)).toEqual([
      [shifts[0]!.id, 1, 'b'],
      [shifts[1]!.id, 1, 'a'],
    ])
  })
})

describe('an empty place', () => {
  const shift = shiftOn('2027-02-03', 'evening', 1200, 1440)
  const before = [shiftOn('2027-02-01', 'evening', 1200, 1440), shiftOn('2027-02-02', 'evening', 1200, 1440)]
  const during = { start: shift.start, end: shift.end }
  const solve = (people: readonly Person[], changes: Partial<Problem> = {}) => {
    const problem = problemOf({ shifts: [shift], people, ...changes })
    const rota = rotaOf(problem)
    expect(faultsOf(problem, rota)).toEqual([])
    return rota.unfilled[0]!
  }

  it('[ROTA-17] names for each person the rules that keep them from it', () => {
    const { because, shiftId, place } = solve([
      personOf('absent', { absences: [during], roles: [] }),
      personOf('by hand', { share: 0 }),
      personOf('capped', { maxTotal: 0 }),
      personOf('crowded', { elsewhere: before, maxPer7Days: 2 }),
    ])
    expect([shiftId, place]).toEqual([shift.id, 1])
    expect(because).toEqual([
      { personId: 'absent', rules: ['role', 'absence'] },
      { personId: 'capped', rules: ['personal_cap'] },
      { personId: 'crowded', rules: ['max_7_days'] },
    ])
  })

  it('[ROTA-17] says which single relaxation would fill it', () => {
    const helps = (person: Partial<Person>, limits: Partial<Problem['limits']> = {}) =>
      solve([personOf('p', person)], { limits: { ...problemOf({}).limits, ...limits } }).helps
    expect(helps({ absences: [during] })).toEqual(['one_more_member'])
    expect(helps({ elsewhere: before }, { maxPer7Days: 2 })).toEqual(['max_7_days_plus_1', 'one_more_member'])
    expect(helps({ elsewhere: before }, { maxPer28Days: 2 })).toEqual([
      'max_28_days_plus_1',
      'one_more_member',
    ])
    expect(helps({ maxTotal: 0 })).toEqual(['personal_cap_plus_1', 'one_more_member'])
    // Two rules at once are no single relaxation.
    expect(helps({ elsewhere: before, maxPer28Days: 2 }, { maxPer7Days: 2 })).toEqual(['one_more_member'])
    const tired = shiftOn('2027-02-03', 'am', 480, 600)
    expect(helps({ elsewhere: [tired] })).toEqual(['rest_9_hours', 'one_more_member'])
    expect(helps({ elsewhere: [shiftOn('2027-02-03', 'pm', 480, 700)] })).toEqual(['one_more_member'])
  })

  it('[ROTA-17] one place less helps a shift that somebody does', () => {
    const rota = rotaOf(problemOf({ shifts: [{ ...shift, headcount: 2 }], people: [personOf('p')] }))
    expect(rota.unfilled).toEqual([
      {
        shiftId: shift.id,
        place: 2,
        because: [{ personId: 'p', rules: ['one_place'] }],
        helps: ['one_more_member', 'headcount_minus_1'],
      },
    ])
  })
})
