// The best rota by other means: every rota there is, for tiny sectors, and a mixed integer program for HiGHS. Both ask the
// checker, and share nothing but types with src/gardes/solver.
import loadHighs from 'highs'
import type { Cell, Person, Problem, Shift } from '../../src/gardes/solver/model.ts'
import { ledgerOf, mayDo, rulesOfPair, spreadsOf, unfilledOf } from './rota-checker.ts'

/** How good a rota is: empty places, then the spreads of all classes but `total` together, in thousandths. */
export interface Worth {
  readonly unfilled: number
  readonly spread: number
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

export const worthOf = (problem: Problem, cells: readonly Cell[]): Worth => ({
  unfilled: sum([...unfilledOf(problem, cells).values()]),
  spread: sum([...spreadsOf(problem, cells)].map(([name, spread]) => (name === 'total' ? 0 : spread))),
})

const subsetsOf = <T>(list: readonly T[]): T[][] =>
  list.reduce<T[][]>((subsets, one) => [...subsets, ...subsets.map((subset) => [...subset, one])], [[]])

/** The best of every rota of a tiny problem without cells. */
export const bruteForce = (problem: Problem): Worth => {
  const able = problem.people.filter(({ share }) => share > 0)
  // What each may do, as the set of shifts and nothing else: taking one away may break a rule that holds with it.
  const allowed = new Map(
    able.map((person) => [
      person.id,
      new Set(
        subsetsOf(problem.shifts)
          .filter((shifts) => mayDo(problem, person, shifts))
          .map((shifts) => shifts.map(({ id }) => id).join()),
      ),
    ]),
  )
  let best: Worth = { unfilled: Infinity, spread: Infinity }
  const visit = (at: number, taken: ReadonlyMap<string, readonly Shift[]>): void => {
    const shift = problem.shifts[at]
    if (!shift) {
      const isAllowed = able.every(({ id }) =>
        allowed.get(id)!.has((taken.get(id) ?? []).map((one) => one.id).join()),
      )
      if (!isAllowed) return
      const cells = [...taken].flatMap(([personId, shifts]) =>
        shifts.map((one): Cell => ({ shiftId: one.id, place: 0, personId, locked: false })),
      )
      const unfilled = sum([...unfilledOf(problem, cells).values()])
      if (unfilled > best.unfilled) return
      const worth = worthOf(problem, cells)
      if (worth.unfilled < best.unfilled || worth.spread < best.spread) best = worth
      return
    }
    for (const staff of subsetsOf(able))
      if (staff.length <= shift.headcount)
        visit(
          at + 1,
          new Map([
            ...taken,
            ...staff.map((person) => [person.id, [...(taken.get(person.id) ?? []), shift]] as const),
          ]),
        )
  }
  visit(0, new Map())
  return best
}

// --- The same as a mixed integer program ---------------------------------------------------------------------------------

const variable = (p: number, s: number) => `x_${p}_${s}`

/** Pairs of shifts that nobody does both of. Throws where what is between them could make one allowed stretch of them. */
const conflictsOf = ({ shifts, limits }: Problem): [number, number][] =>
  shifts.flatMap((a, i) =>
    shifts.flatMap((b, j): [number, number][] => {
      if (j <= i) return []
      const [first, second] = a.start <= b.start ? [a, b] : [b, a]
      const gap = second.start - first.end
      const span = Math.max(first.end, second.end) - first.start
      if (gap >= limits.restMs || (gap === 0 && span <= limits.maxConsecutiveMs)) return []
      if (gap > 0 && span <= limits.maxConsecutiveMs) throw new Error('a stretch of three is not modelled')
      return [[i, j]]
    }),
  )

const windowsOf = (problem: Problem, person: Person, p: number): string[] =>
  [
    { width: 7, limits: [problem.limits.maxPer7Days, person.maxPer7Days] },
    { width: 28, limits: [problem.limits.maxPer28Days, person.maxPer28Days] },
  ].flatMap(({ width, limits }) => {
    const max = Math.min(...limits.map((limit) => limit ?? Infinity))
    if (max === Infinity) return []
    return [...new Set(problem.shifts.map(({ day }) => day))].map((from) => {
      const within = problem.shifts.flatMap(({ day }, s) =>
        day >= from && day < from + width ? [variable(p, s)] : [],
      )
      return `${within.join(' + ')} <= ${max}`
    })
  })

const hardRules = (problem: Problem): string[] => {
  const { people, shifts } = problem
  const conflicts = conflictsOf(problem)
  return [
    ...shifts.map(
      ({ headcount }, s) => `${people.map((_, p) => variable(p, s)).join(' + ')} + u_${s} = ${headcount}`,
    ),
    ...people.flatMap((person, p) => [
      ...conflicts.map(([i, j]) => `${variable(p, i)} + ${variable(p, j)} <= 1`),
      ...windowsOf(problem, person, p),
      ...(person.maxTotal === null
        ? []
        : [`${shifts.map((_, s) => variable(p, s)).join(' + ')} <= ${person.maxTotal}`]),
      ...shifts.flatMap((shift, s) =>
        person.share > 0 && rulesOfPair(person, shift).length === 0 ? [] : [`${variable(p, s)} = 0`],
      ),
    ]),
  ]
}

/** Each class between its highest and its lowest ratio. */
const spreadRules = (
  problem: Problem,
): { rules: string[]; objective: string; free: string[]; names: string[] } => {
  // A class in which nobody has a part has no spread.
  const classes = [...ledgerOf(problem, [])].filter(
    ([name, lines]) => name !== 'total' && [...lines.values()].some(({ weight }) => weight > 0),
  )
  const rules = classes.flatMap(([name, lines], k) =>
    problem.people.flatMap(({ id }, p) => {
      const { weight, carried } = lines.get(id)!
      if (weight === 0) return []
      const terms = problem.shifts.flatMap((shift, s) =>
        shift.classes.includes(name) ? [`${1000 / weight} ${variable(p, s)}`] : [],
      )
      const ratio = terms.join(' + ')
      return [`${ratio} - h_${k} <= ${-carried / weight}`, `${ratio} - l_${k} >= ${-carried / weight}`]
    }),
  )
  return {
    rules,
    objective: classes.map((_, k) => `h_${k} - l_${k}`).join(' + '),
    free: classes.flatMap((_, k) => [`h_${k}`, `l_${k}`]),
    names: classes.map(([name]) => name),
  }
}

const programOf = (problem: Problem, objective: string, rules: readonly string[], free: readonly string[]) =>
  [
    'Minimize',
    ` obj: ${objective}`,
    'Subject To',
    ...rules.map((rule, i) => ` c${i}: ${rule}`),
    'Bounds',
    ...problem.shifts.map(({ headcount }, s) => ` 0 <= u_${s} <= ${headcount}`),
    ...free.map((name) => ` ${name} free`),
    'Binary',
    ...problem.people.flatMap((_, p) => problem.shifts.map((_shift, s) => ` ${variable(p, s)}`)),
    'End',
  ].join('\n')

export interface MipAnswer extends Worth {
  /** Whether HiGHS proved both levels within its time. */
  readonly isOptimal: boolean
}

/** The best rota by HiGHS: places filled, then the spreads of all classes but `total` together. */
export const solveByMip = async (problem: Problem, seconds: number): Promise<MipAnswer> => {
  const highs = await loadHighs()
  const solve = (objective: string, rules: readonly string[], free: readonly string[]) =>
    highs.solve(programOf(problem, objective, rules, free), { time_limit: seconds, mip_rel_gap: 0 })
  const hard = hardRules(problem)
  const empty = problem.shifts.map((_, s) => `u_${s}`).join(' + ')
  const filled = solve(empty, hard, [])
  if (filled.Status !== 'Optimal') return { unfilled: NaN, spread: NaN, isOptimal: false }
  const unfilled = Math.round(filled.ObjectiveValue)
  const { rules, objective, free } = spreadRules(problem)
  const fair = solve(objective, [...hard, `${empty} = ${unfilled}`, ...rules], free)
  return { unfilled, spread: fair.ObjectiveValue, isOptimal: fair.Status === 'Optimal' }
}

/**
 * Whether HiGHS finds, within the time, any rota with no more empty places and no class more spread than that. Easier for
 * it than to find the best: it is told what can be had.
 */
export const isReachedByMip = async (
  problem: Problem,
  unfilled: number,
  spreads: ReadonlyMap<string, number>,
  seconds: number,
): Promise<boolean> => {
  const highs = await loadHighs()
  const empty = problem.shifts.map((_, s) => `u_${s}`).join(' + ')
  const { rules, free, names } = spreadRules(problem)
  // A hundredth of a shift for the solver's rounding.
  const within = names.map((name, k) => `h_${k} - l_${k} <= ${(spreads.get(name) ?? 0) + 10}`)
  const program = programOf(
    problem,
    empty,
    [...hardRules(problem), `${empty} <= ${unfilled}`, ...rules, ...within],
    free,
  )
  const { Status } = highs.solve(program, { time_limit: seconds })
  return Status === 'Optimal'
}
