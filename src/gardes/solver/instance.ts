import { isOverlapping } from '../../kernel/time.ts'
import {
  classesOf,
  standingRules,
  weekendOf,
  type Cell,
  type Person,
  type Problem,
  type Shift,
} from './model.ts'
import { Timeline, type Entry } from './timeline.ts'

export const NOBODY = -1

/** One of the places of a shift. */
export interface Place {
  /** Index of its shift. */
  readonly shift: number
  /** Its number, from 1. Places of a shift that nobody was put in by hand are alike but for it. */
  readonly place: number
  readonly lockedTo: number
  /** As it stands in a timeline. */
  readonly entry: Entry
  /** Those who could take it if all else were empty but what is done elsewhere or placed by hand. */
  readonly able: readonly number[]
}

/** A wish, by index. */
interface IndexedWish {
  readonly person: number
  readonly want: 'avoid' | 'prefer'
  /** Shifts that it is about and that the person may take or was put in by hand. */
  readonly shifts: readonly number[]
}

/** A problem with everything in order of id and known by index, so that no result depends on an order of input. */
export interface Instance {
  readonly problem: Problem
  readonly people: readonly Person[]
  readonly shifts: readonly Shift[]
  readonly places: readonly Place[]
  readonly placesOfShift: readonly (readonly number[])[]
  /** Names of the classes, `total` last. */
  readonly classes: readonly string[]
  /** Classes of a shift: its category first, `total` last. */
  readonly classesOfShift: readonly (readonly number[])[]
  /** `person × shifts + shift`: whether nothing standing keeps the person, who has a share, from the shift. */
  readonly isOpen: Uint8Array
  /** Week-end of each shift counted from 1, 0 on a working day; how many numbers there are, neighbours included. */
  readonly weekendOfShift: Int32Array
  readonly weekends: number
  /** Week-ends in which a person works elsewhere, by the same count. */
  readonly weekendsElsewhere: readonly (readonly number[])[]
  readonly wishes: readonly IndexedWish[]
  /** Unlocked cells to start from, in order of shift and place. */
  readonly kept: readonly { readonly shift: number; readonly place: number; readonly person: number }[]
  /** By shift, who was published there by whom they still are, and how many more are gone. */
  readonly published: readonly ReadonlyMap<number, number>[]
  readonly gone: Int32Array
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

const indexOf = (ids: readonly { readonly id: string }[]): ReadonlyMap<string, number> =>
  new Map(ids.map(({ id }, i) => [id, i]))

/** A cell by indexes; undefined when its person or its shift is not known. */
interface IndexedCell {
  readonly shift: number
  readonly place: number
  readonly person: number
  readonly isLocked: boolean
}

const indexCells = (
  cells: readonly (Omit<Cell, 'locked'> & { readonly locked?: boolean })[],
  shiftAt: ReadonlyMap<string, number>,
  personAt: ReadonlyMap<string, number>,
): IndexedCell[] =>
  cells
    .flatMap(({ shiftId, place, personId, locked = false }) => {
      const shift = shiftAt.get(shiftId)
      const person = personAt.get(personId)
      return shift === undefined || person === undefined ? [] : [{ shift, place, person, isLocked: locked }]
    })
    .sort((a, b) => a.shift - b.shift || a.place - b.place || a.person - b.person)

/** Numbers of the places of a shift that are left beside the locked ones, lowest first. */
const freeNumbers = (headcount: number, taken: ReadonlySet<number>): number[] => {
  const free: number[] = []
  for (let number = 1; free.length < headcount - taken.size; number++)
    if (!taken.has(number)) free.push(number)
  return free
}

/** The first locked cell of each place: of two for one place, that of the lowest id. */
const lockedOfShift = (cells: readonly IndexedCell[]): Map<number, number> => {
  const locked = new Map<number, number>()
  for (const { place, person, isLocked } of cells)
    if (isLocked && !locked.has(place)) locked.set(place, person)
  return locked
}

/** Who could take each shift beside what is fixed: elsewhere, and by hand. */
const ableOfShifts = (
  problem: Problem,
  people: readonly Person[],
  shifts: readonly Shift[],
  locked: readonly ReadonlyMap<number, number>[],
  isOpen: Uint8Array,
): number[][] => {
  // Rest is left out: with a shift between them, two that are too near are one stretch.
  const fixed = people.map((person) => new Timeline(person, { ...problem.limits, restMs: 0 }))
  locked.forEach((ofShift, s) => {
    const { start, end, day } = shifts[s]!
    for (const person of ofShift.values()) fixed[person]!.add({ start, end, day, place: 0 })
  })
  return shifts.map((shift, s) =>
    people.flatMap((_, p) => (isOpen[p * shifts.length + s] === 1 && fixed[p]!.fits(shift) ? [p] : [])),
  )
}

const openShifts = (people: readonly Person[], shifts: readonly Shift[]): Uint8Array => {
  const isOpen = new Uint8Array(people.length * shifts.length)
  people.forEach((person, p) => {
    if (person.share <= 0) return
    shifts.forEach((shift, s) => {
      if (standingRules(person, shift).length === 0) isOpen[p * shifts.length + s] = 1
    })
  })
  return isOpen
}

const indexWishes = (
  { wishes }: Problem,
  shifts: readonly Shift[],
  personAt: ReadonlyMap<string, number>,
  isPossible: (person: number, shift: number) => boolean,
): IndexedWish[] =>
  wishes.flatMap(({ personId, want, during, codes }) => {
    const person = personAt.get(personId)
    if (person === undefined) return []
    const about = shifts.flatMap((shift, s) =>
      isOverlapping(shift, during) && (codes === null || codes.includes(shift.code)) && isPossible(person, s)
        ? [s]
        : [],
    )
    return [{ person, want, shifts: about }]
  })

const indexPublished = (
  problem: Problem,
  shiftAt: ReadonlyMap<string, number>,
  personAt: ReadonlyMap<string, number>,
) => {
  const published = problem.shifts.map(() => new Map<number, number>())
  const gone = new Int32Array(problem.shifts.length)
  const seen = new Set<string>()
  const cells = [...problem.published].sort((a, b) => a.place - b.place)
  for (const { shiftId, place, personId } of cells) {
    const shift = shiftAt.get(shiftId)
    const person = personAt.get(personId)
    const key = JSON.stringify([shiftId, personId])
    if (shift === undefined || seen.has(key)) continue
    seen.add(key)
    if (person === undefined) gone[shift]!++
    else published[shift]!.set(person, place)
  }
  return { published, gone }
}

/** Puts a problem in order, and leaves out what refers to nothing. */
export const indexProblem = (problem: Problem): Instance => {
  const people = [...problem.people].sort((a, b) => compareText(a.id, b.id))
  const shifts = [...problem.shifts].sort((a, b) => a.start - b.start || compareText(a.id, b.id))
  const personAt = indexOf(people)
  const shiftAt = indexOf(shifts)
  const cells = indexCells(problem.cells, shiftAt, personAt)
  const locked = shifts.map((_, s) => lockedOfShift(cells.filter(({ shift }) => shift === s)))
  const isOpen = openShifts(people, shifts)
  const ableOfShift = ableOfShifts(problem, people, shifts, locked, isOpen)

  const places: Place[] = []
  const placesOfShift = shifts.map((shift, s) => {
    const first = places.length
    const add = (place: number, lockedTo: number) => {
      const { start, end, day } = shift
      const entry = { start, end, day, place: places.length }
      places.push({ shift: s, place, lockedTo, entry, able: ableOfShift[s]! })
    }
    for (const [place, person] of locked[s]!) add(place, person)
    for (const place of freeNumbers(shift.headcount, new Set(locked[s]!.keys()))) add(place, NOBODY)
    return Array.from({ length: places.length - first }, (_, i) => first + i)
  })

  const classes = classesOf(shifts)
  const classAt = new Map(classes.map((name, i) => [name, i]))
  const classesOfShift = shifts.map((shift) =>
    [...new Set([...shift.classes, classes.at(-1)!])].map((name) => classAt.get(name)!),
  )

  const worked = shifts.flatMap(({ day }) => weekendOf(day) ?? [])
  const firstWeekend = worked.reduce((a, b) => Math.min(a, b), Infinity)
  const lastWeekend = worked.reduce((a, b) => Math.max(a, b), -Infinity)
  // Room for the week-ends before the first and after the last, which may be worked elsewhere.
  const numberOf = (day: number): number => {
    const weekend = weekendOf(day)
    return weekend === undefined || weekend < firstWeekend - 1 || weekend > lastWeekend + 1
      ? 0
      : weekend - firstWeekend + 2
  }

  return {
    problem,
    people,
    shifts,
    places,
    placesOfShift,
    classes,
    classesOfShift,
    isOpen,
    weekendOfShift: Int32Array.from(shifts, ({ day }) => numberOf(day)),
    weekends: worked.length === 0 ? 0 : lastWeekend - firstWeekend + 5,
    weekendsElsewhere: people.map((person) =>
      person.elsewhere.map(({ day }) => numberOf(day)).filter((weekend) => weekend > 0),
    ),
    wishes: indexWishes(
      problem,
      shifts,
      personAt,
      (p, s) => ableOfShift[s]!.includes(p) || [...locked[s]!.values()].includes(p),
    ),
    kept: cells.filter(({ isLocked }) => !isLocked),
    ...indexPublished(problem, shiftAt, personAt),
  }
}
