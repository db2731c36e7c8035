import type { Chance } from './chance.ts'
import { placesInTheWay } from './construct.ts'
import { NOBODY } from './instance.ts'
import { compareCosts, LEVELS, UNFILLED } from './levels.ts'
import type { RotaState } from './state.ts'

/**
 * How many steps back a rota is compared with. Few on purpose: most steps change nothing that counts, so that there is
 * room to wander without getting worse. With 3,000, none of eight restricted sectors of 20 to 27 people for 3 months
 * reached its bounds by category; with 10 all of them did, in the same number of steps.
 */
const MEMORY = 10
/** People drawn to find one in need. */
const DRAWN = 5
const DRAWS_FOR_EMPTY = 30

/**
 * Late acceptance (Burke and Bykov 2017): a step is kept when it is no worse than the rota of some steps ago, level by
 * level. A step passes places round one, two or three people, and is taken back when it breaks a hard rule, so that the
 * rules hold after every step.
 */
export class Search {
  readonly best: Int32Array
  readonly bestCost: Float64Array
  /** Costs of the last rotas, one after the other. */
  private readonly late = new Float64Array(MEMORY * LEVELS)
  private readonly before = new Float64Array(LEVELS)
  /** Places that may change hands. */
  private readonly movable: readonly number[]
  /** Those of each category. */
  private readonly byCategory: readonly (readonly number[])[]
  /** The change under way: places, who had them and who gets them. */
  private readonly changed: number[] = []
  private readonly givers: number[] = []
  private readonly takers: number[] = []

  constructor(
    private readonly state: RotaState,
    private readonly chance: Chance,
    private order: readonly number[],
  ) {
    const { instance, cost, holder } = state
    this.movable = [...instance.places.keys()].filter((c) => {
      const { lockedTo, able } = instance.places[c]!
      return lockedTo === NOBODY && able.length > 0
    })
    const categoryOf = (c: number) => instance.classesOfShift[instance.places[c]!.shift]![0]!
    this.byCategory = instance.classes.map((_, k) => this.movable.filter((c) => categoryOf(c) === k))
    this.best = Int32Array.from(holder)
    this.bestCost = Float64Array.from(cost)
    this.restart()
  }

  get size(): number {
    return this.movable.length
  }

  /** Begins again from the rota as it stands, as the best by what things cost now and in this order of levels. */
  restart(order: readonly number[] = this.order): void {
    this.order = order
    for (let i = 0; i < MEMORY; i++) this.late.set(this.state.cost, i * LEVELS)
    this.remember()
  }

  private remember(): void {
    this.best.set(this.state.holder)
    this.bestCost.set(this.state.cost)
  }

  step(n: number): void {
    const { cost } = this.state
    const slot = (n % MEMORY) * LEVELS
    this.before.set(cost)
    if (!this.propose()) return
    if (
      compareCosts(this.order, cost, this.before) <= 0 ||
      compareCosts(this.order, cost, this.late, slot) <= 0
    ) {
      if (compareCosts(this.order, cost, this.bestCost) < 0) this.remember()
    } else this.undo()
    if (compareCosts(this.order, cost, this.late, slot) < 0) this.late.set(cost, slot)
  }

  // --- Steps -------------------------------------------------------------------------------------------------------------

  private pick<T>(list: readonly T[]): T {
    return list[this.chance(list.length)]!
  }

  /** Of a few people drawn, the one with the fewest of one of the classes of the place, against their quota. */
  private neediest(c: number): number {
    const { places, classesOfShift } = this.state.instance
    const { shift, able } = places[c]!
    const k = this.pick(classesOfShift[shift]!)
    let found = this.pick(able)
    for (let i = 1; i < DRAWN; i++) {
      const other = this.pick(able)
      if (this.state.excess(k, other) < this.state.excess(k, found)) found = other
    }
    return found
  }

  private alike(c: number): readonly number[] {
    const { places, classesOfShift } = this.state.instance
    return this.byCategory[classesOfShift[places[c]!.shift]![0]!]!
  }

  private taker(c: number): number {
    return this.chance(2) === 0 ? this.pick(this.state.instance.places[c]!.able) : this.neediest(c)
  }

  /** A place that somebody holds and may give away; undefined when a few draws find none. */
  private findHeld(p: number): number | undefined {
    const { entries } = this.state.timelines[p]!
    for (let i = 0; i < 3 && entries.length > 0; i++) {
      const { place } = this.pick(entries)
      if (place >= 0 && this.state.instance.places[place]!.lockedTo === NOBODY) return place
    }
    return undefined
  }

  /** Any place; when only filling counts, an empty one every other time that some draws find one. */
  private place(): number {
    const isFilling = this.order.length < LEVELS && this.chance(2) === 0
    let c = this.pick(this.movable)
    for (let i = 0; isFilling && i < DRAWS_FOR_EMPTY && this.state.holder[c] !== NOBODY; i++)
      c = this.pick(this.movable)
    return c
  }

  private propose(): boolean {
    const c = this.place()
    this.clear()
    if (this.state.holder[c] === NOBODY) return this.proposeFill(c)
    const kind = this.chance(8)
    if (kind < 1) return this.proposeGift(c)
    if (kind < 3) return this.proposeRelay(c)
    return this.proposeRound(c, kind < 7 ? 2 : 3)
  }

  private clear(): void {
    this.changed.length = this.givers.length = this.takers.length = 0
  }

  private plan(c: number, taker: number): void {
    this.changed.push(c)
    this.givers.push(this.state.holder[c]!)
    this.takers.push(taker)
  }

  /** Gives a place to somebody else. */
  private proposeGift(c: number): boolean {
    const taker = this.taker(c)
    if (taker === this.state.holder[c]) return false
    this.plan(c, taker)
    return this.isApplied()
  }

  /** Gives a place to somebody else and makes up for it with one of the same category that a third person has. */
  private proposeRelay(c: number): boolean {
    const { places } = this.state.instance
    const giver = this.state.holder[c]!
    const taker = this.taker(c)
    const other = this.pick(this.alike(c))
    const third = this.state.holder[other]!
    if (taker === giver || third === NOBODY || third === giver || third === taker) return false
    if (places[other]!.shift === places[c]!.shift || !places[other]!.able.includes(giver)) return false
    this.plan(c, taker)
    this.plan(other, giver)
    return this.isApplied()
  }

  /** Passes places round: the holder of the first gets one of the last person's. */
  private proposeRound(c: number, length: number): boolean {
    const first = this.state.holder[c]!
    let place = c
    for (let i = 1; i < length; i++) {
      const taker = this.taker(place)
      if (taker === first || this.givers.includes(taker) || this.takers.includes(taker)) return false
      const next = this.findHeld(taker)
      if (
        next === undefined ||
        this.state.instance.places[next]!.shift === this.state.instance.places[place]!.shift
      )
        return false
      this.plan(place, taker)
      place = next
    }
    if (!this.state.instance.places[place]!.able.includes(first)) return false
    this.plan(place, first)
    return this.isApplied()
  }

  /** Puts somebody in an empty place, even at the cost of another place of theirs, which somebody else may take. */
  private proposeFill(c: number): boolean {
    const { state } = this
    const { shift } = state.instance.places[c]!
    const taker = this.taker(c)
    if (state.fits(taker, shift)) {
      this.plan(c, taker)
      return this.isApplied()
    }
    const inTheWay = placesInTheWay(state, taker, shift)
    if (inTheWay.length === 0) return false
    const other = this.pick(inTheWay)
    const refill = this.taker(other)
    this.plan(
      other,
      refill !== taker && state.fits(refill, state.instance.places[other]!.shift) ? refill : NOBODY,
    )
    this.plan(c, taker)
    return this.isApplied()
  }

  /** Makes the planned change when every rule allows it; else leaves everything as it was. */
  private isApplied(): boolean {
    const { state, changed, givers, takers } = this
    for (let i = 0; i < changed.length; i++) if (givers[i] !== NOBODY) state.take(changed[i]!)
    for (let i = 0; i < changed.length; i++) {
      const taker = takers[i]!
      if (taker === NOBODY) continue
      if (state.fits(taker, state.instance.places[changed[i]!]!.shift)) state.put(changed[i]!, taker)
      else {
        this.undo()
        return false
      }
    }
    for (let i = 0; i < changed.length; i++) {
      if (givers[i] === NOBODY || state.isRestedAt(changed[i]!, givers[i]!)) continue
      this.undo()
      return false
    }
    return true
  }

  private undo(): void {
    const { state, changed, givers } = this
    for (const c of changed) if (state.holder[c] !== NOBODY) state.take(c)
    changed.forEach((c, i) => {
      if (givers[i] !== NOBODY) state.put(c, givers[i]!)
    })
  }

  /** Whether nothing better can be, by what is known of each level. */
  isProven(least: Float64Array): boolean {
    return compareCosts(this.order, this.bestCost, least) <= 0
  }

  get unfilled(): number {
    return this.bestCost[UNFILLED]!
  }
}
