import {
  cheapestSplit,
  evenQuotas,
  fairest,
  ratioOf,
  type Fairest,
  type Quota,
  type Stake,
} from './bounds.ts'
import { NOBODY, type Instance } from './instance.ts'
import { ALL } from './model.ts'
import { mostWithin } from './crowding.ts'

/** What a number of shifts of a class costs a person, by `person × width + number`. */
export interface ClassCosts {
  readonly width: number
  /** Square of how far it is from what the smallest spread lets them have. */
  readonly spread: Int32Array
  /** Square of how far it is from their part, rounded down or up. */
  readonly parts: Int32Array
  /** Fewest that the smallest spread lets them have. */
  readonly from: Int32Array
}

export interface SpreadOf {
  readonly class: string
  readonly value: number
  readonly bound: number
}

/** More empty places than this are not shared out over the classes: a sector that lacks so many lacks people. */
const MOST_MISSING = 40
/** So many places that holes are moved weigh as much as a thousandth of a shift of spread. */
const FAR = 1_000

const square = (n: number) => n * n
const distance = (n: number, { from, to }: Quota) => (n < from ? from - n : n > to ? n - to : 0)
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

/** Shifts of a set that each person may take, most of them at once too, and holds by hand; in all, and places. */
interface Reach {
  readonly shifts: number
  readonly places: number
  readonly open: readonly number[]
  readonly most: readonly number[]
  readonly locked: readonly number[]
}

const reachOf = (instance: Instance, shifts: readonly number[]): Reach => {
  const { people, isOpen, placesOfShift, places } = instance
  const own = shifts.flatMap((s) => placesOfShift[s]!)
  const locked = people.map((_, p) => own.filter((c) => places[c]!.lockedTo === p).length)
  const able = people.map((): number[] => [])
  for (const s of shifts) {
    // All places of a shift have the same people; a shift without any has nobody.
    const [first] = placesOfShift[s]!
    for (const p of first === undefined ? [] : places[first]!.able) able[p]!.push(s)
  }
  return {
    shifts: shifts.length,
    places: own.length,
    open: people.map((_, p) =>
      shifts.reduce((n, s) => n + (isOpen[p * instance.shifts.length + s] === 1 ? 1 : 0), 0),
    ),
    most: people.map((_, p) => locked[p]! + mostWithin(instance, p, able[p]!, locked[p]!)),
    locked,
  }
}

/**
 * Who owes how much of each class, and what the fairest sharing out is. A person's weight in a class is their share times
 * the part of its shifts that they may take, so that a restriction, an absence or a late arrival owes nothing. Their
 * weight in all is the sum of their parts of the categories: who may do no nights owes no more evenings for it.
 */
export class Equity {
  private readonly reach: readonly Reach[]
  private readonly weights: readonly (readonly number[])[]
  /** Those among whom a class is shared out: who has a share and may take at least one of its shifts. */
  private readonly sharers: readonly (readonly number[])[]
  private readonly known = new Map<string, Fairest | undefined>()
  private readonly total: number
  /** Places of each class that somebody could take or was put in by hand. */
  readonly possible: readonly number[]
  /** Shifts by their first class, each shift in one. */
  private readonly categories: readonly { readonly class: number; readonly reach: Reach }[]

  constructor(private readonly instance: Instance) {
    const { classes, classesOfShift } = instance
    const numbers = classesOfShift.map((_, s) => s)
    this.total = classes.length - 1
    this.possible = this.possiblePlaces(instance)
    this.reach = classes.map((_, k) =>
      reachOf(
        instance,
        numbers.filter((s) => classesOfShift[s]!.includes(k)),
      ),
    )
    this.categories = classes.flatMap((_, k) => {
      const own = numbers.filter((s) => classesOfShift[s]![0] === k)
      return own.length === 0 ? [] : [{ class: k, reach: reachOf(instance, own) }]
    })
    this.weights = classes.map((_, k) =>
      k === this.total ? this.weightsInAll() : this.weightsWithin(this.reach[k]!),
    )
    this.sharers = this.weights.map((ofClass) => ofClass.flatMap((weight, p) => (weight > 0 ? [p] : [])))
  }

  private weightsWithin({ open, shifts }: Reach): number[] {
    return this.instance.people.map(({ share }, p) =>
      shifts === 0 ? 0 : (share / 100) * (open[p]! / shifts),
    )
  }

  private weightsInAll(): number[] {
    const plain = this.weightsWithin(this.reach[this.total]!)
    const parts = plain.map(() => 0)
    for (const { reach } of this.categories) {
      const weights = this.weightsWithin(reach)
      const all = sum(weights)
      if (all > 0) weights.forEach((weight, p) => (parts[p]! += (reach.places * weight) / all))
    }
    const all = sum(parts)
    // Kept to the scale of shares: where nobody is restricted, the weight is the share.
    return all === 0 ? plain : parts.map((part) => (part * sum(plain)) / all)
  }

  weight(k: number, p: number): number {
    return this.weights[k]![p]!
  }

  /** What is carried in all is the sum over the categories unless it is given. */
  carried(k: number, p: number): number {
    const { people, classes } = this.instance
    const { carried } = people[p]!
    const own = carried[classes[k]!]
    if (own !== undefined || k !== this.total) return own ?? 0
    return sum(this.categories.map((category) => carried[classes[category.class]!] ?? 0))
  }

  ratio(k: number, p: number, done: number): number {
    return this.weight(k, p) > 0
      ? ratioOf({ carried: this.carried(k, p), weight: this.weight(k, p) }, done)
      : 0
  }

  private stake(k: number, p: number): Stake {
    const { locked, most } = this.reach[k]!
    return { carried: this.carried(k, p), weight: this.weight(k, p), least: locked[p]!, most: most[p]! }
  }

  /** Places of a class for those who share it, of those filled: some may be held by hand by who has no part in it. */
  private shared(k: number, filled: number): number {
    const { locked } = this.reach[k]!
    return filled - sum(locked.map((n, p) => (this.weight(k, p) > 0 ? 0 : n)))
  }

  private fairestOf(k: number, filled: number): Fairest | undefined {
    const key = `${k}/${filled}`
    if (!this.known.has(key))
      this.known.set(
        key,
        fairest(
          this.sharers[k]!.map((p) => this.stake(k, p)),
          this.shared(k, filled),
        ),
      )
    return this.known.get(key)
  }

  /** What each sharer may have in all when each category is within its quotas. */
  private stakesInAll(filled: readonly number[], quotasOf: (fair: Fairest) => readonly Quota[]): Stake[] {
    return this.sharers[this.total]!.map((p) => {
      const stake = this.stake(this.total, p)
      let [least, most] = [0, 0]
      for (const { class: k, reach } of this.categories) {
        const at = this.sharers[k]!.indexOf(p)
        const fair = this.fairestOf(k, filled[k]!)
        const quota = k === this.total || at < 0 || !fair ? undefined : quotasOf(fair)[at]
        // A class may also be the second one of shifts of another category.
        const isWhole = this.reach[k]!.shifts === reach.shifts
        least += Math.max(reach.locked[p]!, isWhole ? (quota?.from ?? 0) : 0)
        most += Math.max(reach.locked[p]!, Math.min(reach.most[p]!, quota?.to ?? Infinity))
      }
      least = Math.max(least, stake.least)
      return { ...stake, least, most: Math.max(least, Math.min(most, stake.most)) }
    })
  }

  private fairestInAll(
    filled: readonly number[],
    quotasOf: (fair: Fairest) => readonly Quota[],
  ): Fairest | undefined {
    return fairest(this.stakesInAll(filled, quotasOf), this.shared(this.total, filled[this.total]!))
  }

  /**
   * Numbers of places of each class to share out, when so many of each are filled: where places stay empty, they had
   * better be of the categories that are then shared out best, and else where they are.
   */
  private aims(filled: readonly number[]): number[] {
    const losses = this.possible.map((most, k) => most - filled[k]!)
    const missing = losses[this.total]!
    if (missing <= 0 || missing > MOST_MISSING) return [...filled]
    const costs = this.categories.map(({ class: k }) =>
      Array.from({ length: Math.min(missing, this.possible[k]!) + 1 }, (_, missed) => {
        const fair = this.fairestOf(k, this.possible[k]! - missed)
        return fair ? fair.spread + Math.abs(missed - losses[k]!) / FAR : Infinity
      }),
    )
    const split = cheapestSplit(costs, missing)
    const aims = [...filled]
    this.categories.forEach(({ class: k }, i) => {
      if (split && k !== this.total) aims[k] = this.possible[k]! - split[i]!
    })
    return aims
  }

  /** What numbers of shifts cost, when so many places of each class are filled. */
  costs(filledNow: readonly number[]): ClassCosts[] {
    const filled = this.aims(filledNow)
    return this.instance.classes.map((_, k) => {
      const places = this.shared(k, filled[k]!)
      const inAll = k === this.total ? this.fairestInAll(filled, ({ quotas }) => quotas) : undefined
      const stakes = inAll
        ? this.stakesInAll(filled, ({ quotas }) => quotas)
        : this.sharers[k]!.map((p) => this.stake(k, p))
      return this.costsOf(k, stakes, inAll ?? this.fairestOf(k, filled[k]!), places)
    })
  }

  private costsOf(
    k: number,
    stakes: readonly Stake[],
    fair: Fairest | undefined,
    places: number,
  ): ClassCosts {
    const people = this.instance.people.length
    const width = this.reach[k]!.places + 1
    const costs = {
      width,
      spread: new Int32Array(people * width),
      parts: new Int32Array(people * width),
      from: new Int32Array(people),
    }
    if (!fair) return costs
    const even = evenQuotas(stakes, fair.quotas, places)
    this.sharers[k]!.forEach((p, i) => {
      costs.from[p] = fair.quotas[i]!.from
      for (let done = 0; done < width; done++) {
        costs.spread[p * width + done] = square(distance(done, fair.quotas[i]!))
        costs.parts[p * width + done] = square(distance(done, even[i]!))
      }
    })
    return costs
  }

  private spreadOf(k: number, done: (p: number) => number): number {
    const ratios = this.sharers[k]!.map((p) => this.ratio(k, p, done(p)))
    return ratios.length === 0 ? 0 : Math.max(...ratios) - Math.min(...ratios)
  }

  /** The smallest spread of a class when so many places of all stay empty, be they whichever. */
  private leastSpread(k: number, missing: number): number {
    if (missing > MOST_MISSING) return 0
    const spreads = Array.from({ length: Math.min(missing, this.possible[k]!) + 1 }, (_, missed) => {
      const fair = this.fairestOf(k, this.possible[k]! - missed)
      return fair ? fair.spread : Infinity
    })
    const least = Math.min(...spreads)
    return least === Infinity ? 0 : least
  }

  /**
   * Max − min of the ratios of each class, and what no rota can beat that fills as many places. When every place is
   * filled and every other class is at its bound, that of `total` is what no rota can beat that is as fair in these.
   */
  spreads(done: (k: number, p: number) => number): SpreadOf[] {
    const { classes, people } = this.instance
    const filled = classes.map((_, k) => sum(people.map((_person, p) => done(k, p))))
    const missing = this.possible[this.total]! - filled[this.total]!
    const free = classes.map((name, k) => {
      const value = this.spreadOf(k, (p) => done(k, p))
      const bound =
        k === this.total ? (this.fairestOf(k, filled[k]!)?.spread ?? 0) : this.leastSpread(k, missing)
      return { class: name, value, bound }
    })
    const isFairest = free.every(({ class: name, value, bound }) => name === ALL || value === bound)
    const inAll = isFairest && missing === 0 ? this.fairestInAll(filled, ({ ranges }) => ranges) : undefined
    return free.map((one) => (one.class === ALL && inAll ? { ...one, bound: inAll.spread } : one))
  }

  private possiblePlaces({ classes, classesOfShift, places }: Instance): number[] {
    return classes.map(
      (_, k) =>
        places.filter(
          ({ shift, able, lockedTo }) =>
            classesOfShift[shift]!.includes(k) && (lockedTo !== NOBODY || able.length > 0),
        ).length,
    )
  }
}
