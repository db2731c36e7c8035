import { hash32 } from './chance.ts'
import type { Equity } from './equity.ts'
import { NOBODY } from './instance.ts'
import type { RotaState } from './state.ts'

/** Chains of moves tried for a place that is hard to fill, for how many such places, and how many people one may move. */
const CHAINS_PER_PLACE = 4_000
const HARD_PLACES = 25
const CHAIN_LENGTH = 2
/** Places with fewer people than this are filled first. */
const FEW = 6

/** Puts people where they were: by hand whatever the rules say, then by the start given, then as published. */
const putKept = (state: RotaState): void => {
  const { places, placesOfShift, kept, published } = state.instance
  places.forEach(({ lockedTo }, c) => {
    if (lockedTo !== NOBODY) state.put(c, lockedTo)
  })
  const keep = (person: number, shift: number, place: number): void => {
    const free = placesOfShift[shift]!.filter((c) => state.holder[c] === NOBODY)
    const c = free.find((one) => places[one]!.place === place) ?? free[0]
    if (c !== undefined && places[c]!.able.includes(person) && state.fits(person, shift)) state.put(c, person)
  }
  for (const { person, shift, place } of kept) keep(person, shift, place)
  published.forEach((ofShift, shift) => {
    for (const [person, place] of ofShift) keep(person, shift, place)
  })
}

/** Who is furthest below their part, first in the category of the shift, then in all; then by a hash of the seed. */
const byNeed = (state: RotaState, equity: Equity, shift: number, able: readonly number[]): number[] => {
  const { classesOfShift, classes, problem } = state.instance
  const category = classesOfShift[shift]![0]!
  const ratio = (k: number, p: number) => equity.ratio(k, p, state.doneOf(k, p))
  return able
    .map((p) => ({
      p,
      category: ratio(category, p),
      wish: state.isUnwelcome(p, shift) ? 1 : 0,
      total: ratio(classes.length - 1, p),
      tie: hash32(problem.seed, shift, p),
    }))
    .sort((a, b) => a.category - b.category || a.wish - b.wish || a.total - b.total || a.tie - b.tie)
    .map(({ p }) => p)
}

/** Places that somebody holds, none by hand, so near a shift that they could be in its way. */
export const placesInTheWay = (state: RotaState, p: number, shift: number): number[] => {
  const { day } = state.instance.shifts[shift]!
  return state.timelines[p]!.entries.flatMap(({ place, day: other }) =>
    place >= 0 && Math.abs(other - day) < 28 && state.instance.places[place]!.lockedTo === NOBODY
      ? [place]
      : [],
  )
}

interface Budget {
  left: number
}

/** Fills a place, if need be by moving others on to places that they may take, a few deep. */
const fill = (state: RotaState, equity: Equity, c: number, depth: number, budget: Budget): boolean => {
  const { shift, able } = state.instance.places[c]!
  const ordered = byNeed(state, equity, shift, able)
  const first = ordered.find((p) => state.fits(p, shift))
  if (first !== undefined) {
    state.put(c, first)
    return true
  }
  if (depth === 0) return false
  for (const p of ordered)
    for (const other of placesInTheWay(state, p, shift)) {
      if (budget.left-- <= 0) return false
      state.take(other)
      if (state.fits(p, shift)) {
        state.put(c, p)
        if (state.isRestedAt(other, p) && fill(state, equity, other, depth - 1, budget)) return true
        state.take(c)
      }
      state.put(other, p)
    }
  return false
}

/** Fills what is empty, place by place, the hardest first; then by chains, so far as trying is allowed. */
export const fillEmpty = (state: RotaState, equity: Equity): void => {
  const { places } = state.instance
  const hardness = (c: number) => Math.min(places[c]!.able.length, FEW)
  const inOrder = [...places.keys()].sort((a, b) => hardness(a) - hardness(b) || a - b)
  const empty = () => inOrder.filter((c) => state.holder[c] === NOBODY)
  const fillAll = (depth: number, budgetOf: () => Budget) =>
    empty().filter((c) => fill(state, equity, c, depth, budgetOf())).length > 0
  const fillPlainly = () => fillAll(0, () => ({ left: 0 }))
  let hard = HARD_PLACES
  // Each place filled may open another: a shift between two others makes one stretch of work of them.
  do while (fillPlainly());
  while (fillAll(CHAIN_LENGTH, () => ({ left: hard-- > 0 ? CHAINS_PER_PLACE : 0 })))
}

/** A first rota: what is kept, then all the rest. */
export const construct = (state: RotaState, equity: Equity): void => {
  putKept(state)
  fillEmpty(state, equity)
}
