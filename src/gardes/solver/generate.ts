import { seeded } from './chance.ts'
import { construct, fillEmpty } from './construct.ts'
import { Equity, type SpreadOf } from './equity.ts'
import { explainUnfilled, type Unfilled } from './explain.ts'
import { hopelessPlaces, leastUnfilled } from './fill-bound.ts'
import { indexProblem, NOBODY, type Instance } from './instance.ts'
import {
  CHANGES,
  fillOrderOf,
  leastChanges,
  leastRegret,
  LEVELS,
  orderOf,
  UNFILLED,
  WEEKENDS,
  WISHES,
} from './levels.ts'
import type { Cell, Problem } from './model.ts'
import { Search } from './search.ts'
import { RotaState } from './state.ts'

export type { Unfilled } from './explain.ts'

/** What stands of one level of the objective, and what no rota can beat. Lower is better. */
export interface Level {
  readonly name: 'fill' | 'equity' | 'wishes' | 'spacing' | 'changes'
  readonly value: number
  readonly bound: number
}

export interface LedgerLine {
  readonly personId: string
  readonly class: string
  readonly done: number
  readonly carried: number
  /** Part of a full share over the period, 0 to 1: the person's own, times the part of the places that they may take. */
  readonly weight: number
  /** (carried + done) ÷ weight, in thousandths of a shift. */
  readonly ratio: number
}

export interface Rota {
  readonly cells: readonly Cell[]
  readonly unfilled: readonly Unfilled[]
  readonly ledger: readonly LedgerLine[]
  /** By class, in thousandths of a shift: what the rota has and what none can beat. */
  readonly spreads: readonly SpreadOf[]
  readonly levels: readonly Level[]
  readonly isOptimal: boolean
  /** Steps of search made, of those planned. */
  readonly steps: number
  readonly planned: number
}

export interface Progress {
  readonly steps: number
  readonly planned: number
  readonly unfilled: number
}

/** Steps of search for each place: enough on the sectors of bench/rota.ts. */
const STEPS_PER_PLACE = 1_500
const MIN_STEPS = 40_000
const MAX_STEPS = 1_500_000
const STEPS_AT_A_TIME = 2_000
/** Part of them for places that are empty at first and may not have to be, whatever it costs otherwise. */
const FILLING = 1 / 4

const plannedSteps = (places: number): number =>
  places === 0 ? 0 : Math.min(MAX_STEPS, Math.max(MIN_STEPS, places * STEPS_PER_PLACE))

/**
 * Makes a rota, a slice of work at a time: each `next()` does a bounded number of steps and says how far it is; when
 * `stop` says so, the best found so far is handed over. Levels in order: places filled, equity by class, wishes,
 * week-ends in a row, changes; once published, changes come before equity. Hard rules hold at every step, so that
 * whatever is handed over keeps them, but for cells placed by hand, which are never touched. Deterministic: no clock, no
 * chance but the seed, no order but that of ids and time.
 */
export function* generate(
  problem: Problem,
  stop: () => boolean = () => false,
): Generator<Progress, Rota, void> {
  const instance = indexProblem(problem)
  const equity = new Equity(instance)
  const state = new RotaState(instance, equity.costs(equity.possible))
  construct(state, equity)
  const least = leastCosts(instance, state.cost[UNFILLED]!)
  const toFill = state.cost[UNFILLED]! > least[UNFILLED]!
  // Parts are shared out of what can be filled, so far as is known.
  state.setClassCosts(equity.costs(state.filledByClass()))
  const search = new Search(state, seeded(problem.seed), toFill ? fillOrderOf(instance) : orderOf(instance))
  const planned = plannedSteps(search.size)
  let filling = toFill ? planned * FILLING : 0
  let steps = 0
  let unfilled = search.unfilled
  while (steps < planned && !(filling === 0 && search.isProven(least)) && !stop()) {
    yield { steps, planned, unfilled }
    const until = Math.min(planned, steps + STEPS_AT_A_TIME)
    for (; steps < until; steps++) search.step(steps)
    const isFilled = filling > 0 && (steps >= filling || search.unfilled <= least[UNFILLED]!)
    if (isFilled) filling = 0
    if (isFilled || search.unfilled < unfilled) {
      unfilled = search.unfilled
      state.restore(search.best)
      state.setClassCosts(equity.costs(state.filledByClass()))
      search.restart(filling > 0 ? fillOrderOf(instance) : orderOf(instance))
    }
  }
  state.restore(search.best)
  // Nobody who may take an empty place is left aside.
  fillEmpty(state, equity)
  return resultOf(state, equity, least[UNFILLED]!, { steps, planned })
}

/** What no rota can beat, level by level. The bound on empty places takes time: it is sought when there are some. */
const leastCosts = (instance: Instance, unfilled: number): Float64Array => {
  const least = new Float64Array(LEVELS)
  const hopeless = hopelessPlaces(instance)
  const empty = unfilled > hopeless ? leastUnfilled(instance) : hopeless
  least[UNFILLED] = empty
  least[WISHES] = leastRegret(instance, empty)
  least[CHANGES] = leastChanges(instance)
  return least
}

const levelsOf = (state: RotaState, spreads: readonly SpreadOf[], leastEmpty: number): Level[] => {
  const { cost, instance } = state
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
  return [
    { name: 'fill', value: cost[UNFILLED]!, bound: leastEmpty },
    {
      name: 'equity',
      value: sum(spreads.map(({ value }) => value)),
      bound: sum(spreads.map(({ bound }) => bound)),
    },
    { name: 'wishes', value: cost[WISHES]!, bound: leastRegret(instance, cost[UNFILLED]!) },
    { name: 'spacing', value: cost[WEEKENDS]!, bound: 0 },
    { name: 'changes', value: cost[CHANGES]!, bound: leastChanges(instance) },
  ]
}

/** The number of each place as it is shown: of free places of a shift, people keep the one that they had, if they can. */
const numberPlaces = ({ instance, holder }: RotaState): Int32Array => {
  const numbers = Int32Array.from(instance.places, ({ place }) => place)
  instance.placesOfShift.forEach((own, shift) => {
    const free = own.filter((c) => instance.places[c]!.lockedTo === NOBODY)
    const kept = instance.kept.filter((cell) => cell.shift === shift)
    // Of two numbers, the lower: the last to be set stays.
    const had = new Map(kept.reverse().map(({ person, place }) => [person, place]))
    for (const [person, place] of instance.published[shift]!) had.set(person, place)
    const left = new Set(free.map((c) => instance.places[c]!.place))
    const waiting: number[] = []
    for (const c of [...free].sort((a, b) => rank(holder[a]!) - rank(holder[b]!))) {
      const number = had.get(holder[c]!)
      if (number !== undefined && left.delete(number)) numbers[c] = number
      else waiting.push(c)
    }
    const rest = [...left].sort((a, b) => a - b)
    waiting.forEach((c, i) => (numbers[c] = rest[i]!))
  })
  return numbers
}

/** Empty places come last. */
const rank = (person: number) => (person === NOBODY ? Infinity : person)

const ledgerOf = (state: RotaState, equity: Equity): LedgerLine[] => {
  const { people, classes } = state.instance
  return people.flatMap((person, p) =>
    classes.flatMap((name, k) => {
      const done = state.doneOf(k, p)
      const weight = equity.weight(k, p)
      if (weight === 0 && done === 0) return []
      const carried = equity.carried(k, p)
      return [{ personId: person.id, class: name, done, carried, weight, ratio: equity.ratio(k, p, done) }]
    }),
  )
}

const resultOf = (
  state: RotaState,
  equity: Equity,
  leastEmpty: number,
  progress: { readonly steps: number; readonly planned: number },
): Rota => {
  const { places, shifts, people } = state.instance
  const numbers = numberPlaces(state)
  const inOrder = [...places.keys()].sort(
    (a, b) => places[a]!.shift - places[b]!.shift || numbers[a]! - numbers[b]!,
  )
  const spreads = equity.spreads((k, p) => state.doneOf(k, p))
  const levels = levelsOf(state, spreads, leastEmpty)
  return {
    cells: inOrder.flatMap((c) => {
      const { shift, lockedTo } = places[c]!
      const p = state.holder[c]!
      if (p === NOBODY) return []
      return [
        {
          shiftId: shifts[shift]!.id,
          place: numbers[c]!,
          personId: people[p]!.id,
          locked: lockedTo !== NOBODY,
        },
      ]
    }),
    unfilled: inOrder.flatMap((c) =>
      state.holder[c] === NOBODY ? [explainUnfilled(state, c, numbers[c]!)] : [],
    ),
    ledger: ledgerOf(state, equity),
    spreads,
    levels,
    isOptimal: levels.every(({ value, bound }) => value === bound),
    ...progress,
  }
}
