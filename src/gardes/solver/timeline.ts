import {
  fits,
  isRestedAround,
  limitsOf,
  type Limits,
  type OwnLimits,
  type Person,
  type ShiftTime,
} from './model.ts'

/** A shift as it stands in somebody's timeline. */
export interface Entry extends ShiftTime {
  /** The place of the rota that they hold by it; −1 for what is done elsewhere. */
  readonly place: number
}

/** What one person does, in order of start, and whether a shift more would keep their rules. */
export class Timeline {
  readonly entries: Entry[] = []
  inPeriod = 0
  private readonly own: OwnLimits

  constructor(person: Person, limits: Limits) {
    this.own = limitsOf(person, limits)
    for (const { start, end, day } of person.elsewhere) this.insert({ start, end, day, place: -1 })
  }

  fits(shift: ShiftTime): boolean {
    return fits(this.own, this.entries, this.inPeriod, shift)
  }

  isRestedAt(gone: ShiftTime): boolean {
    return isRestedAround(this.own, this.entries, gone)
  }

  add(entry: Entry): void {
    this.insert(entry)
    this.inPeriod++
  }

  remove(entry: Entry): void {
    this.entries.splice(this.entries.indexOf(entry), 1)
    this.inPeriod--
  }

  private insert(entry: Entry): void {
    let at = this.entries.length
    while (at > 0 && this.entries[at - 1]!.start > entry.start) at--
    this.entries.splice(at, 0, entry)
  }
}
