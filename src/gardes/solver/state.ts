import type { ClassCosts } from './equity.ts'
import { NOBODY, type Instance } from './instance.ts'
import { CHANGES, IN_ALL, LEVELS, PARTS, SPREAD, UNFILLED, WEEKENDS, WISHES } from './levels.ts'
import { Timeline } from './timeline.ts'

const bump = (counts: Uint16Array | Int32Array, at: number, by: number): number =>
  (counts[at] = counts[at]! + by)

/** A rota being made: who holds each place, what they do, and what it costs by level, kept up to date by each change. */
export class RotaState {
  readonly holder: Int32Array
  readonly timelines: readonly Timeline[]
  readonly cost = new Float64Array(LEVELS)
  /** Shifts by `class × people + person`. */
  private readonly done: Int32Array
  /** By `person × shifts + shift`: places held, avoiding wishes about it, and whether it was published to them. */
  private readonly held: Uint16Array
  private readonly unwelcome: Uint16Array
  private readonly isPublished: Uint8Array
  /** Preferring wishes by `person × shifts + shift`, and how often each is granted. */
  private readonly welcome = new Map<number, number[]>()
  private readonly granted: Int32Array
  /** Shifts by `person × weekends + weekend`. */
  private readonly inWeekend: Uint16Array

  constructor(
    readonly instance: Instance,
    private classCosts: readonly ClassCosts[],
  ) {
    const { people, shifts, places, classes, weekends, wishes, problem } = instance
    const pairs = people.length * shifts.length
    this.holder = new Int32Array(places.length).fill(NOBODY)
    this.timelines = people.map((person) => new Timeline(person, problem.limits))
    this.done = new Int32Array(classes.length * people.length)
    this.held = new Uint16Array(pairs)
    this.unwelcome = new Uint16Array(pairs)
    this.isPublished = new Uint8Array(pairs)
    this.granted = new Int32Array(wishes.length)
    this.inWeekend = new Uint16Array(people.length * weekends)
    this.cost[UNFILLED] = places.length
    this.indexWishes()
    this.indexPublished()
    instance.weekendsElsewhere.forEach((ofPerson, p) => {
      for (const weekend of ofPerson) bump(this.inWeekend, p * weekends + weekend, 1)
    })
    this.countEquity()
  }

  private indexWishes(): void {
    const { wishes, shifts } = this.instance
    wishes.forEach(({ person, want, shifts: about }, w) => {
      if (want === 'prefer') this.cost[WISHES]!++
      for (const s of about) {
        const pair = person * shifts.length + s
        if (want === 'avoid') this.unwelcome[pair]!++
        else this.welcome.set(pair, [...(this.welcome.get(pair) ?? []), w])
      }
    })
  }

  private indexPublished(): void {
    const { published, gone, shifts } = this.instance
    published.forEach((ofShift, s) => {
      for (const p of ofShift.keys()) this.isPublished[p * shifts.length + s] = 1
      this.cost[CHANGES]! += ofShift.size + gone[s]!
    })
  }

  /** Counts equity anew, by other costs. */
  setClassCosts(costs: readonly ClassCosts[]): void {
    this.classCosts = costs
    this.countEquity()
  }

  private countEquity(): void {
    const { classes, people } = this.instance
    this.cost[SPREAD] = this.cost[IN_ALL] = this.cost[PARTS] = 0
    classes.forEach((_, k) => people.forEach((_person, p) => this.countClass(k, p, 1)))
  }

  /** Adds what a person's number of shifts of a class costs, or takes it off. */
  private countClass(k: number, p: number, by: 1 | -1): void {
    const { width, spread, parts } = this.classCosts[k]!
    const at = p * width + this.doneOf(k, p)
    this.cost[k === this.classCosts.length - 1 ? IN_ALL : SPREAD]! += by * spread[at]!
    this.cost[PARTS]! += by * parts[at]!
  }

  doneOf(k: number, p: number): number {
    return this.done[k * this.instance.people.length + p]!
  }

  /** How many more of a class a person has than the fewest that the smallest spread lets them have. */
  excess(k: number, p: number): number {
    return this.doneOf(k, p) - this.classCosts[k]!.from[p]!
  }

  isUnwelcome(p: number, s: number): boolean {
    return this.unwelcome[p * this.instance.shifts.length + s]! > 0
  }

  filledByClass(): number[] {
    const { classes, people } = this.instance
    return classes.map((_, k) => people.reduce((n, _person, p) => n + this.doneOf(k, p), 0))
  }

  fits(p: number, s: number): boolean {
    return this.timelines[p]!.fits(this.instance.shifts[s]!)
  }

  /** Whether somebody who gave a place up still rests enough: it may have made one stretch of what was around it. */
  isRestedAt(c: number, p: number): boolean {
    return this.timelines[p]!.isRestedAt(this.instance.places[c]!.entry)
  }

  put(c: number, p: number): void {
    this.holder[c] = p
    this.timelines[p]!.add(this.instance.places[c]!.entry)
    this.account(c, p, 1)
  }

  /** Empties a place, and says whose it was. */
  take(c: number): number {
    const p = this.holder[c]!
    this.timelines[p]!.remove(this.instance.places[c]!.entry)
    this.holder[c] = NOBODY
    this.account(c, p, -1)
    return p
  }

  /** Makes the rota what it was when its holders were these. */
  restore(holders: Int32Array): void {
    this.holder.forEach((p, c) => {
      if (p !== NOBODY && p !== holders[c]) this.take(c)
    })
    holders.forEach((p, c) => {
      if (p !== NOBODY && this.holder[c] === NOBODY) this.put(c, p)
    })
  }

  private account(c: number, p: number, by: 1 | -1): void {
    const { places, classesOfShift, people, shifts, weekendOfShift } = this.instance
    const { shift } = places[c]!
    const pair = p * shifts.length + shift
    this.cost[UNFILLED]! -= by
    for (const k of classesOfShift[shift]!) {
      this.countClass(k, p, -1)
      bump(this.done, k * people.length + p, by)
      this.countClass(k, p, 1)
    }
    this.cost[WISHES]! += by * this.unwelcome[pair]!
    for (const w of this.welcome.get(pair) ?? []) {
      if (this.granted[w] === 0) this.cost[WISHES]!--
      if (bump(this.granted, w, by) === 0) this.cost[WISHES]!++
    }
    const isHeld = (this.held[pair]! > 0 ? 1 : 0) - (bump(this.held, pair, by) > 0 ? 1 : 0)
    this.cost[CHANGES]! += isHeld * this.isPublished[pair]!
    if (weekendOfShift[shift]! > 0) this.accountWeekend(p, weekendOfShift[shift]!, by)
  }

  private accountWeekend(p: number, weekend: number, by: 1 | -1): void {
    const at = p * this.instance.weekends + weekend
    const worked = this.inWeekend
    const before = worked[at]!
    const after = bump(worked, at, by)
    if (before > 0 && after > 0) return
    this.cost[WEEKENDS]! += by * ((worked[at - 1]! > 0 ? 1 : 0) + (worked[at + 1]! > 0 ? 1 : 0))
  }
}
