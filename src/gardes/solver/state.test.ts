import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  changesOf,
  checkRota,
  regretsOf,
  unfilledOf,
  weekendsInARow,
} from '../../../test/gardes/rota-checker.ts'
import { personOf, problemOf, sectorArb, shiftOn } from '../../../test/gardes/sectors.ts'
import { seeded } from './chance.ts'
import { construct } from './construct.ts'
import { Equity } from './equity.ts'
import { hopelessPlaces, leastUnfilled, mostFilled } from './fill-bound.ts'
import { indexProblem, NOBODY } from './instance.ts'
import {
  CHANGES,
  compareCosts,
  IN_ALL,
  leastChanges,
  leastRegret,
  orderOf,
  PARTS,
  SPREAD,
  UNFILLED,
  WEEKENDS,
  WISHES,
} from './levels.ts'
import type { Cell, Problem } from './model.ts'
import { Search } from './search.ts'
import { RotaState } from './state.ts'

const cellsOf = ({ holder, instance }: RotaState): Cell[] =>
  [...holder].flatMap((p, c) => {
    const { shift, place, lockedTo } = instance.places[c]!
    if (p === NOBODY) return []
    const [shiftId, personId] = [instance.shifts[shift]!.id, instance.people[p]!.id]
    return [{ shiftId, place, personId, locked: lockedTo !== NOBODY }]
  })

/** The cost of a rota counted from its cells, the three steps of equity from the tables of costs. */
const costOf = (problem: Problem, state: RotaState, costs: ReturnType<Equity['costs']>): number[] => {
  const cells = cellsOf(state)
  const cost = [0, 0, 0, 0, 0, 0, 0]
  cost[UNFILLED] = [...unfilledOf(problem, cells).values()].reduce((a, b) => a + b, 0)
  cost[WISHES] = regretsOf(problem, cells)
  cost[WEEKENDS] = weekendsInARow(problem, cells)
  cost[CHANGES] = changesOf(problem, cells)
  const { classes, people, shifts } = state.instance
  classes.forEach((name, k) =>
    people.forEach(({ id }, p) => {
      const done = cells.filter(
        ({ personId, shiftId }) =>
          personId === id &&
          (name === 'total' || shifts.find((shift) => shift.id === shiftId)!.classes.includes(name)),
      ).length
      const { width, spread, parts } = costs[k]!
      cost[name === 'total' ? IN_ALL : SPREAD]! += spread[p * width + done]!
      cost[PARTS]! += parts[p * width + done]!
    }),
  )
  return cost
}

const makeState = (problem: Problem) => {
  const instance = indexProblem(problem)
  const equity = new Equity(instance)
  const costs = equity.costs(equity.possible)
  return { equity, costs, state: new RotaState(instance, costs) }
}

describe('the rota while it is searched', () => {
  it('[ROTA-8] after any steps the cost kept is the cost counted anew, and no rule is broken', () => {
    let moved = 0
    fc.assert(
      fc.property(sectorArb({ people: 5, shifts: 12, days: 12 }), fc.nat(300), (problem, steps) => {
        const { state, equity, costs } = makeState(problem)
        expect([...state.cost]).toEqual(costOf(problem, state, costs))
        construct(state, equity)
        const search = new Search(state, seeded(problem.seed), orderOf(state.instance))
        const start = [...state.holder]
        for (let n = 0; n < steps && search.size > 0; n++) search.step(n)
        if (String(start) !== String([...state.holder])) moved++
        expect([...state.cost]).toEqual(costOf(problem, state, costs))
        expect(checkRota(problem, cellsOf(state))).toEqual([])
        state.restore(search.best)
        expect([...state.cost]).toEqual([...search.bestCost])
        expect([...state.holder]).toEqual([...search.best])
      }),
      { seed: 92, numRuns: 300 },
    )
    expect(moved).toBeGreaterThan(100)
  })

  it('[ROTA-8] what the rules let a person do is what a full check of them with the shift lets them do', () => {
    const seen = { yes: 0, no: 0 }
    fc.assert(
      fc.property(sectorArb({ people: 3, shifts: 12, days: 6 }), (problem) => {
        const { state, equity } = makeState(problem)
        construct(state, equity)
        const { people, shifts } = state.instance
        const cells = cellsOf(state)
        people.forEach((person, p) =>
          shifts.forEach((shift, s) => {
            const added = { shiftId: shift.id, place: NaN, personId: person.id, locked: false }
            const standing = ['role', 'membership', 'restriction', 'absence', 'busy', 'by_hand', 'headcount']
            const broken = checkRota(problem, [...cells, added]).filter(
              ({ rule, personId }) => personId === person.id && !standing.includes(rule),
            )
            seen[broken.length === 0 ? 'yes' : 'no']++
            expect(state.fits(p, s)).toBe(broken.length === 0)
          }),
        )
      }),
      { seed: 92, numRuns: 200 },
    )
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(200)
  })

  it('[ROTA-11] a better level outweighs all those below it; changes come first once published', () => {
    const cost = (numbers: readonly number[]) => Float64Array.from(numbers)
    const inOrder = orderOf(indexProblem(problemOf({})))
    expect(compareCosts(inOrder, cost([0, 9, 9, 9, 9, 9, 9]), cost([1, 0, 0, 0, 0, 0, 0]))).toBeLessThan(0)
    expect(compareCosts(inOrder, cost([0, 0, 0, 0, 0, 0, 1]), cost([0, 0, 0, 0, 0, 1, 0]))).toBeLessThan(0)
    const published = orderOf(
      indexProblem(problemOf({ published: [{ shiftId: 's', place: 1, personId: 'p' }] })),
    )
    expect(compareCosts(published, cost([0, 0, 0, 0, 0, 0, 1]), cost([0, 5, 0, 0, 0, 0, 0]))).toBeGreaterThan(
      0,
    )
    expect([...inOrder].sort()).toEqual([...published].sort())
  })
})

describe('what no rota can beat', () => {
  it('[ROTA-11] a flow fills as many places as any way of filling them', () => {
    const most = (
      demands: readonly { count: number; able: readonly number[] }[],
      left: readonly number[],
    ): number => {
      const [first, ...others] = demands
      if (!first) return 0
      const staffs = first.able.reduce<number[][]>(
        (all, p) => [...all, ...all.map((staff) => [...staff, p])],
        [[]],
      )
      return Math.max(
        ...staffs
          .filter((staff) => staff.length <= first.count && staff.every((p) => left[p]! > 0))
          .map(
            (staff) =>
              staff.length +
              most(
                others,
                left.map((n, p) => (staff.includes(p) ? n - 1 : n)),
              ),
          ),
      )
    }
    fc.assert(
      fc.property(
        fc.array(fc.record({ count: fc.integer({ min: 1, max: 3 }), able: fc.subarray([0, 1, 2, 3]) }), {
          maxLength: 5,
        }),
        fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
        (demands, capacity) => {
          const indexed = demands.map((demand, shift) => ({ ...demand, shift }))
          expect(mostFilled(indexed, capacity)).toBe(most(demands, capacity))
        },
      ),
      { seed: 92, numRuns: 400 },
    )
  })

  it('[ROTA-11] places are short where limits of 28 days leave too few people, and a place of nobody is hopeless', () => {
    const week = ['01', '02', '03', '04', '05', '06', '07', '08'].map((day) =>
      shiftOn(`2027-02-${day}`, 'evening', 1200, 1440),
    )
    const short = problemOf({
      people: [personOf('a', { maxPer28Days: 3 }), personOf('b', { maxPer7Days: 2 })],
      shifts: week,
    })
    // Three, and two in each of the 7 days that begin on the 1st and one more on the 8th.
    expect(leastUnfilled(indexProblem(short))).toBe(2)
    const hopeless = problemOf({ people: [personOf('a', { roles: [] })], shifts: week })
    expect(hopelessPlaces(indexProblem(hopeless))).toBe(8)
    expect(leastUnfilled(indexProblem(hopeless))).toBe(8)
    const capped = problemOf({
      people: [personOf('a', { maxTotal: 1 }), personOf('b', { maxTotal: 2 })],
      shifts: week,
    })
    expect(leastUnfilled(indexProblem(capped))).toBe(5)
  })

  it('[ROTA-14] an unwelcome place that nobody else may take, and a wish for what is not there, are no choice', () => {
    const shift = shiftOn('2027-02-01', 'evening', 1200, 1440)
    const during = { start: shift.start, end: shift.end }
    const problem = problemOf({
      people: [personOf('a'), personOf('b', { roles: [] })],
      shifts: [shift],
      wishes: [
        { personId: 'a', want: 'avoid', during, codes: null },
        { personId: 'b', want: 'prefer', during, codes: null },
        { personId: 'a', want: 'prefer', during, codes: ['night'] },
      ],
    })
    expect(leastRegret(indexProblem(problem), 0)).toBe(3)
    expect(leastRegret(indexProblem(problem), 1)).toBe(2)
  })

  it('[ROTA-16] who is gone, kept away or one too many changes whatever is done', () => {
    const shifts = ['01', '02', '03'].map((day) => shiftOn(`2027-02-${day}`, 'evening', 1200, 1440))
    const published = [
      { shiftId: shifts[0]!.id, place: 1, personId: 'gone' },
      { shiftId: shifts[1]!.id, place: 1, personId: 'a' },
      { shiftId: shifts[1]!.id, place: 2, personId: 'b' },
      { shiftId: shifts[2]!.id, place: 1, personId: 'kept' },
      { shiftId: 'no shift', place: 1, personId: 'a' },
    ]
    const people = [personOf('a'), personOf('b'), personOf('kept', { roles: [] })]
    expect(leastChanges(indexProblem(problemOf({ people, shifts, published })))).toBe(3)
  })
})
