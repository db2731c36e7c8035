import { hash32, seeded, type Chance } from './chance.ts'
import { fairest, ratioOf, type Fairest, type Stake } from './bounds.ts'
import {
  ALL,
  classesOf,
  standingRules,
  timelineRules,
  weekendOf,
  type Cell,
  type HardRule,
  type Person,
  type Problem,
  type Shift,
  type ShiftTime,
} from './model.ts'

/** What stands of one level of the objective, and what no rota can beat. Lower is better. */
export interface Level {
  readonly name: 'fill' | 'equity' | 'wishes' | 'spacing' | 'changes'
  readonly value: number
  readonly bound: number
}

export interface Unfilled {
  readonly shiftId: string
  readonly place: number
  /** For each person whom the automatic choice may take, the rules that keep them from it as the rota stands. */
  readonly because: readonly { readonly personId: string; readonly rules: readonly HardRule[] }[]
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
  readonly spreads: readonly { readonly class: string; readonly value: number; readonly bound: number }[]
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

// One number holds the levels in their order: each weighs more than all that is below it can add up to.
const WEIGHTS = { fill: 1e11, equity: 1e8, total: 2e6, wishes: 5e3, spacing: 50, changes: 1 }

/** Steps of search for each place and person: found enough on the sectors of the bench, see bench/rota.ts. */
const STEPS_PER_PLACE = 1_500
const MIN_STEPS = 40_000
const MAX_STEPS = 1_500_000
const STEPS_AT_A_TIME = 2_000
const MEMORY = 3_000

/** A person's shifts by start, and how many of them are cells of the rota. */
interface Timeline {
  readonly times: ShiftTime[]
  inPeriod: number
}

const insertTime = (times: ShiftTime[], shift: ShiftTime): void => {
  let at = times.length
  while (at > 0 && times[at - 1]!.start > shift.start) at--
  times.splice(at, 0, shift)
}

const NOBODY = -1

/**
 * Makes a rota, a slice of work at a time: each `next()` does a bounded number of steps and says how far it is, and
 * returning early by `finish` hands over the best found so far. Levels in order: places filled, equity by class, wishes,
 * week-ends in a row, changes. Hard rules hold at every step, so that whatever is handed over keeps them, but for cells
 * placed by hand, which are never touched. Deterministic: no clock, no chance but the seed, people and shifts in order of id.
 */
export function* generate(
  problem: Problem,
  stop: () => boolean = () => false,
): Generator<Progress, Rota, void> {
  const search = newSearch(problem)
  search.fillGreedily()
  const planned = search.plannedSteps
  let steps = 0
  while (steps < planned && !search.isProven() && !stop()) {
    yield { steps, planned, unfilled: search.unfilledCount() }
    const until = Math.min(planned, steps + STEPS_AT_A_TIME)
    for (; steps < until; steps++) search.step(steps)
  }
  return search.result(steps)
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

interface Place {
  /** Index of its shift. */
  readonly shift: number
  readonly place: number
  readonly isLocked: boolean
  readonly publishedTo: number
  /** People who may take it, whatever else they do. */
  readonly able: readonly number[]
}

const newSearch = (problem: Problem) => {
  const { limits } = problem
  const people = [...problem.people].sort((a, b) => compareText(a.id, b.id))
  const shifts = [...problem.shifts].sort((a, b) => a.start - b.start || compareText(a.id, b.id))
  const personAt = new Map(people.map((person, i) => [person.id, i]))
  const shiftAt = new Map(shifts.map((shift, i) => [shift.id, i]))
  const chance: Chance = seeded(problem.seed)

  const standing = shifts.map((shift) => people.map((person) => standingRules(person, shift)))
  const isAble = (p: number, s: number) => people[p]!.share > 0 && standing[s]![p]!.length === 0

  const keyOf = (shiftId: string, place: number) => `${shiftId}/${place}`
  const kept = new Map(problem.cells.map((cell) => [keyOf(cell.shiftId, cell.place), cell]))
  const published = new Map(problem.published.map((cell) => [keyOf(cell.shiftId, cell.place), cell.personId]))

  const places: Place[] = shifts.flatMap((shift, s) => {
    const able = people.flatMap((_, p) => (isAble(p, s) ? [p] : []))
    return Array.from({ length: shift.headcount }, (_, i) => ({
      shift: s,
      place: i + 1,
      isLocked: kept.get(keyOf(shift.id, i + 1))?.locked ?? false,
      publishedTo: personAt.get(published.get(keyOf(shift.id, i + 1)) ?? '') ?? NOBODY,
      able,
    }))
  })
  const placesOfShift = shifts.map((_, s) => places.flatMap((place, c) => (place.shift === s ? [c] : [])))
  const hasPublished = problem.published.length > 0

  // --- What the rota is at this moment -----------------------------------------------------------------------------

  const holder = new Int32Array(places.length).fill(NOBODY)
  const timelines: Timeline[] = people.map((person) => {
    const times: ShiftTime[] = []
    for (const shift of person.elsewhere) insertTime(times, shift)
    return { times, inPeriod: 0 }
  })

  const classes = classesOf(shifts)
  const classAt = new Map(classes.map((name, i) => [name, i]))
  const classesOfShift = shifts.map((shift) => [...shift.classes, ALL].map((name) => classAt.get(name)!))
  const done = classes.map(() => new Int32Array(people.length))
  const weekends = people.map(() => new Map<number, number>())
  const weekendOfShift = shifts.map((shift) => weekendOf(shift.day))

  const wishes = problem.wishes.flatMap((wish) => {
    const p = personAt.get(wish.personId)
    return p === undefined ? [] : [{ ...wish, p }]
  })
  const matches = (wish: (typeof wishes)[number], s: number) =>
    shifts[s]!.start < wish.during.end &&
    wish.during.start < shifts[s]!.end &&
    (wish.codes === null || wish.codes.includes(shifts[s]!.code))
  // Wishes by person and shift, so that a step looks only at those that it touches.
  const avoided = people.map(() => new Map<number, number>())
  const preferred = people.map(() => new Map<number, number[]>())
  wishes.forEach((wish, w) => {
    shifts.forEach((_, s) => {
      if (!matches(wish, s)) return
      if (wish.want === 'avoid') avoided[wish.p]!.set(s, (avoided[wish.p]!.get(s) ?? 0) + 1)
      else preferred[wish.p]!.set(s, [...(preferred[wish.p]!.get(s) ?? []), w])
    })
  })
  const granted = new Int32Array(wishes.length)

  // --- Equity: what would be fairest, as quotas by person and class --------------------------------------------------

  const placesOfClass = classes.map((name) =>
    shifts.reduce(
      (n, shift, s) => n + (classesOfShift[s]!.includes(classAt.get(name)!) ? shift.headcount : 0),
      0,
    ),
  )
  const openToSomebody = classes.map((_, k) =>
    places.reduce(
      (n, place) =>
        n + (classesOfShift[place.shift]!.includes(k) && (place.isLocked || place.able.length > 0) ? 1 : 0),
      0,
    ),
  )
  /** Shifts of a class that a person may take: one place of each. */
  const reach = classes.map((_, k) =>
    people.map((_, p) =>
      shifts.reduce((n, _shift, s) => n + (classesOfShift[s]!.includes(k) && isAble(p, s) ? 1 : 0), 0),
    ),
  )
  const shiftsOfClass = classes.map((_, k) =>
    shifts.reduce((n, _shift, s) => n + (classesOfShift[s]!.includes(k) ? 1 : 0), 0),
  )
  const lockedOfClass = classes.map((_, k) =>
    people.map((person) =>
      places.reduce((n, place) => {
        if (!place.isLocked || !classesOfShift[place.shift]!.includes(k)) return n
        return n + (kept.get(keyOf(shifts[place.shift]!.id, place.place))?.personId === person.id ? 1 : 0)
      }, 0),
    ),
  )
  const weightOf = (p: number, k: number) =>
    (people[p]!.share / 100) * (reach[k]![p]! / Math.max(1, shiftsOfClass[k]!))
  const carriedOf = (p: number, k: number) => people[p]!.carried[classes[k]!] ?? 0
  /** Those among whom a class is shared out: who has a share and may take at least one of its shifts. */
  const sharers = classes.map((_, k) => people.flatMap((_, p) => (weightOf(p, k) > 0 ? [p] : [])))
  const stakeOf = (p: number, k: number): Stake => ({
    carried: carriedOf(p, k),
    weight: weightOf(p, k),
    least: lockedOfClass[k]![p]!,
    most: Math.max(lockedOfClass[k]![p]!, Math.min(reach[k]![p]!, people[p]!.maxTotal ?? Infinity)),
  })
  const givenToOthers = (k: number) =>
    people.reduce((n, _, p) => n + (weightOf(p, k) > 0 ? 0 : lockedOfClass[k]![p]!), 0)
  const fairestOf = (k: number, count: number): Fairest | undefined =>
    fairest(
      sharers[k]!.map((p) => stakeOf(p, k)),
      count - givenToOthers(k),
    )
  const targets = classes.map((_, k) => fairestOf(k, openToSomebody[k]!))
  const quotaFrom = classes.map(() => new Int32Array(people.length))
  const quotaTo = classes.map(() => new Int32Array(people.length).fill(1_000_000))
  targets.forEach((target, k) => {
    sharers[k]!.forEach((p, i) => {
      const quota = target?.quotas[i]
      if (!quota) return
      quotaFrom[k]![p] = quota.from
      quotaTo[k]![p] = quota.to
    })
  })
  const quotaMiss = (k: number, p: number, count: number): number => {
    const short = quotaFrom[k]![p]! - count
    const over = count - quotaTo[k]![p]!
    const miss = short > 0 ? short : over > 0 ? over : 0
    return miss * miss
  }
  const classWeight = classes.map((name) => (name === ALL ? WEIGHTS.total : WEIGHTS.equity))

  // --- Cost, kept up to date by each change ---------------------------------------------------------------------------

  let unfilled = places.length
  let miss = classes.reduce(
    (sum, _, k) => sum + classWeight[k]! * people.reduce((n, _person, p) => n + quotaMiss(k, p, 0), 0),
    0,
  )
  let wishCost = wishes.filter((wish) => wish.want === 'prefer').length
  let weekendCost = 0
  let changes = hasPublished ? places.filter((place) => place.publishedTo !== NOBODY).length : 0
  const cost = () =>
    unfilled * WEIGHTS.fill +
    miss +
    wishCost * WEIGHTS.wishes +
    weekendCost * WEIGHTS.spacing +
    changes * WEIGHTS.changes

  /** Pairs of week-ends in a row that the week-end is a part of. */
  const neighbours = (worked: ReadonlyMap<number, number>, weekend: number) =>
    (worked.has(weekend - 1) ? 1 : 0) + (worked.has(weekend + 1) ? 1 : 0)

  const account = (c: number, p: number, by: 1 | -1): void => {
    const { shift: s, publishedTo } = places[c]!
    for (const k of classesOfShift[s]!) {
      const counts = done[k]!
      miss -= classWeight[k]! * quotaMiss(k, p, counts[p]!)
      counts[p]! += by
      miss += classWeight[k]! * quotaMiss(k, p, counts[p]!)
    }
    wishCost += by * (avoided[p]!.get(s) ?? 0)
    for (const w of preferred[p]!.get(s) ?? []) {
      if (granted[w] === 0) wishCost--
      granted[w]! += by
      if (granted[w] === 0) wishCost++
    }
    const weekend = weekendOfShift[s]
    if (weekend !== undefined) {
      const worked = weekends[p]!
      const before = worked.get(weekend) ?? 0
      if (by === 1 && before === 0) weekendCost += neighbours(worked, weekend)
      if (before + by === 0) {
        worked.delete(weekend)
        weekendCost -= neighbours(worked, weekend)
      } else worked.set(weekend, before + by)
    }
    if (hasPublished && publishedTo === p) changes -= by
    unfilled -= by
  }

  const put = (c: number, p: number): void => {
    holder[c] = p
    const timeline = timelines[p]!
    insertTime(timeline.times, shifts[places[c]!.shift]!)
    timeline.inPeriod++
    account(c, p, 1)
  }
  const take = (c: number): number => {
    const p = holder[c]!
    const timeline = timelines[p]!
    timeline.times.splice(timeline.times.indexOf(shifts[places[c]!.shift]!), 1)
    timeline.inPeriod--
    holder[c] = NOBODY
    account(c, p, -1)
    return p
  }
  const rulesAgainst = (p: number, s: number): HardRule[] => {
    const timeline = timelines[p]!
    return timelineRules(people[p]!, limits, timeline.times, timeline.inPeriod, shifts[s]!)
  }
  const canTake = (p: number, s: number) => rulesAgainst(p, s).length === 0

  // --- Start: what is kept, then place by place --------------------------------------------------------------------------

  for (const [c, place] of places.entries()) {
    const cell = kept.get(keyOf(shifts[place.shift]!.id, place.place))
    const p = cell && personAt.get(cell.personId)
    if (cell && p !== undefined && cell.locked) put(c, p)
  }
  for (const [c, place] of places.entries()) {
    const cell = kept.get(keyOf(shifts[place.shift]!.id, place.place))
    const p = cell && personAt.get(cell.personId)
    if (!cell || p === undefined || cell.locked) continue
    // What was there and no longer keeps the rules is given to another.
    if (isAble(p, place.shift) && canTake(p, place.shift)) put(c, p)
  }

  /** Who is furthest below their part, first in the class of the shift, then in all; then by a hash of the seed. */
  const byNeed = (s: number, able: readonly number[]): number[] => {
    const [main = 0] = classesOfShift[s]!
    const total = classes.length - 1
    const ratio = (p: number, k: number) => {
      const weight = weightOf(p, k)
      return weight > 0 ? (carriedOf(p, k) + 1000 * done[k]![p]!) / weight : 0
    }
    return able
      .map((p) => ({
        p,
        wish: avoided[p]!.has(s) ? 1 : 0,
        main: ratio(p, main),
        total: ratio(p, total),
        tie: hash32(problem.seed, s, p),
      }))
      .sort((a, b) => a.main - b.main || a.wish - b.wish || a.total - b.total || a.tie - b.tie)
      .map(({ p }) => p)
  }

  /** Fills a place, if need be by moving others on to places that they may take, a few deep. */
  const fill = (c: number, depth: number, budget: { left: number }): boolean => {
    const { shift: s, able } = places[c]!
    const ordered = byNeed(s, able)
    for (const p of ordered)
      if (canTake(p, s)) {
        put(c, p)
        return true
      }
    if (depth === 0) return false
    for (const p of ordered) {
      if (budget.left-- <= 0) return false
      const blocking = blockers(p, s)
      for (const b of blocking) {
        take(b)
        if (canTake(p, s)) {
          put(c, p)
          if (fill(b, depth - 1, budget)) return true
          take(c)
        }
        put(b, p)
      }
    }
    return false
  }

  /** Places of a person near a shift that could be in its way. */
  const blockers = (p: number, s: number): number[] => {
    const { day } = shifts[s]!
    const near: number[] = []
    for (let i = s; i >= 0 && day - shifts[i]!.day < 28; i--) collect(p, i, near)
    for (let i = s + 1; i < shifts.length && shifts[i]!.day - day < 28; i++) collect(p, i, near)
    return near
  }
  const collect = (p: number, s: number, into: number[]): void => {
    for (const c of placesOfShift[s]!) if (holder[c] === p && !places[c]!.isLocked) into.push(c)
  }

  const fillGreedily = (): void => {
    const empty = [...places.keys()].filter((c) => holder[c] === NOBODY && !places[c]!.isLocked)
    // The hardest to fill first; then in order of time.
    empty.sort((a, b) => Math.min(places[a]!.able.length, 6) - Math.min(places[b]!.able.length, 6) || a - b)
    for (const c of empty) fill(c, 0, { left: 0 })
    for (const c of empty) if (holder[c] === NOBODY) fill(c, 2, { left: 4_000 })
    remember()
  }

  // --- Search ----------------------------------------------------------------------------------------------------------------

  const movable = [...places.keys()].filter((c) => !places[c]!.isLocked && places[c]!.able.length > 0)
  const plannedSteps =
    movable.length === 0 ? 0 : Math.min(MAX_STEPS, Math.max(MIN_STEPS, movable.length * STEPS_PER_PLACE))
  let best = Int32Array.from(holder)
  let bestCost = Infinity
  const remember = (): void => {
    const now = cost()
    if (now >= bestCost) return
    bestCost = now
    best = Int32Array.from(holder)
  }
  // Late acceptance (Burke and Bykov 2017): a step is kept when it is no worse than the rota of some steps ago.
  let late: Float64Array | undefined

  const pick = (list: readonly number[]): number => list[chance(list.length)]!

  const step = (n: number): void => {
    late ??= new Float64Array(MEMORY).fill(cost())
    const before = cost()
    const c = pick(movable)
    const undo = propose(c)
    if (!undo) return
    const after = cost()
    const slot = n % MEMORY
    if (after <= before || after <= late[slot]!) {
      if (after < bestCost) remember()
    } else undo()
    late[slot] = Math.min(late[slot]!, cost())
  }

  /** Of a few people drawn, the one furthest below their quota in one of the classes of the place. */
  const neediest = ({ shift, able }: Place): number => {
    const ofShift = classesOfShift[shift]!
    const k = ofShift[chance(ofShift.length)]!
    let found = pick(able)
    for (let i = 0; i < 4; i++) {
      const other = pick(able)
      if (done[k]![other]! - quotaFrom[k]![other]! < done[k]![found]! - quotaFrom[k]![found]!) found = other
    }
    return found
  }

  /** Gives a place to somebody else, or exchanges two places of two people. Undefined when the rules do not let it. */
  const propose = (c: number): (() => void) | undefined => {
    const place = places[c]!
    const from = holder[c]!
    const to = chance(2) === 0 ? pick(place.able) : neediest(place)
    if (to === from) return undefined
    if (from === NOBODY) return fillByEjection(c, to)
    take(c)
    if (chance(3) === 0) {
      if (canTake(to, place.shift)) {
        put(c, to)
        return () => {
          take(c)
          put(c, from)
        }
      }
    } else {
      const d = pick(movable)
      const other = holder[d]!
      if (
        d !== c &&
        other !== NOBODY &&
        other !== from &&
        isAble(other, place.shift) &&
        isAble(from, places[d]!.shift)
      ) {
        take(d)
        if (canTake(other, place.shift)) {
          put(c, other)
          if (canTake(from, places[d]!.shift)) {
            put(d, from)
            return () => {
              take(c)
              take(d)
              put(c, from)
              put(d, other)
            }
          }
          take(c)
        }
        put(d, other)
      }
    }
    put(c, from)
    return undefined
  }

  /** Puts somebody in an empty place, even at the cost of another place of theirs. */
  const fillByEjection = (c: number, to: number): (() => void) | undefined => {
    const s = places[c]!.shift
    if (canTake(to, s)) {
      put(c, to)
      return () => {
        take(c)
      }
    }
    for (const b of blockers(to, s)) {
      take(b)
      if (canTake(to, s)) {
        put(c, to)
        const refill = places[b]!.able.length > 0 ? pick(places[b]!.able) : NOBODY
        const isRefilled = refill !== NOBODY && refill !== to && canTake(refill, places[b]!.shift)
        if (isRefilled) put(b, refill)
        return () => {
          if (isRefilled) take(b)
          take(c)
          put(b, to)
        }
      }
      put(b, to)
    }
    return undefined
  }

  // --- What comes out -----------------------------------------------------------------------------------------------------

  const restore = (to: Int32Array): void => {
    for (let c = 0; c < places.length; c++) if (holder[c] !== NOBODY && holder[c] !== to[c]) take(c)
    for (let c = 0; c < places.length; c++) if (to[c] !== NOBODY && holder[c] === NOBODY) put(c, to[c]!)
  }

  const spreadOf = (k: number): number => {
    const ratios = sharers[k]!.map((p) => ratioOf(stakeOf(p, k), done[k]![p]!))
    return ratios.length === 0 ? 0 : Math.max(...ratios) - Math.min(...ratios)
  }
  const filledOfClass = (k: number) => people.reduce((n, _, p) => n + done[k]![p]!, 0)

  const leastUnfilled = places.filter((place) => !place.isLocked && place.able.length === 0).length

  const levels = (): Level[] => {
    const equity = classes.map((_, k) => ({
      value: spreadOf(k),
      bound: fairestOf(k, filledOfClass(k))?.spread ?? 0,
    }))
    const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
    return [
      { name: 'fill', value: unfilled, bound: leastUnfilled },
      {
        name: 'equity',
        value: sum(equity.map(({ value }) => value)),
        bound: sum(equity.map(({ bound }) => bound)),
      },
      { name: 'wishes', value: wishCost, bound: 0 },
      { name: 'spacing', value: weekendCost, bound: 0 },
      { name: 'changes', value: changes, bound: 0 },
    ]
  }

  const isProven = (): boolean =>
    unfilled === leastUnfilled && miss === 0 && wishCost === 0 && weekendCost === 0 && changes === 0

  const result = (steps: number): Rota => {
    if (cost() > bestCost) restore(best)
    const reached = levels()
    return {
      cells: places.flatMap(({ shift, place, isLocked }, c) => {
        const p = holder[c]!
        return p === NOBODY
          ? []
          : [{ shiftId: shifts[shift]!.id, place, personId: people[p]!.id, locked: isLocked }]
      }),
      unfilled: places.flatMap(({ shift, place }, c) =>
        holder[c] === NOBODY
          ? [
              {
                shiftId: shifts[shift]!.id,
                place,
                because: people.flatMap((person, p) => {
                  if (person.share === 0) return []
                  const rules = [...standing[shift]![p]!, ...rulesAgainst(p, shift)]
                  return [{ personId: person.id, rules }]
                }),
              },
            ]
          : [],
      ),
      ledger: people.flatMap((person, p) =>
        classes.flatMap((name, k) => {
          const stake = stakeOf(p, k)
          if (stake.weight === 0 && done[k]![p] === 0) return []
          return [
            {
              personId: person.id,
              class: name,
              done: done[k]![p]!,
              carried: stake.carried,
              weight: stake.weight,
              ratio: stake.weight > 0 ? ratioOf(stake, done[k]![p]!) : 0,
            },
          ]
        }),
      ),
      spreads: classes.map((name, k) => ({
        class: name,
        value: spreadOf(k),
        bound: fairestOf(k, filledOfClass(k))?.spread ?? 0,
      })),
      levels: reached,
      isOptimal: reached.every(({ value, bound }) => value === bound),
      steps,
      planned: plannedSteps,
    }
  }

  return {
    fillGreedily,
    step,
    isProven,
    result,
    plannedSteps,
    unfilledCount: () => unfilled,
  }
}
