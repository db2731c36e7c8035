import { createHash } from 'node:crypto'
import {
  addDays,
  dateOf,
  daysBetween,
  getLocalDate,
  startOfDay,
  type LocalDate,
  type LocalDateTime,
  type Zone,
} from '../../../kernel/civil.ts'
import { sorted } from '../../../kernel/given.ts'
import { HOUR, normalise, type Instant, type Interval } from '../../../kernel/time.ts'
import type { Cell, HardRule, Limits, Person, Problem, Shift, ShiftTime, Wish } from '../../solver/model.ts'
import { standingRules, timelineRules } from '../../solver/model.ts'
import { SHIFT_ROLES, type Category, type ShiftRole } from '../../vocabulary.ts'
import { classesOfShift, doerOf, isEmpty, type Holding } from '../rules.ts'

/** Dates from one to another, both included; without `to`, for good. */
interface Dates {
  readonly from: LocalDate
  readonly to: LocalDate | null
}

export interface MemberTerms extends Dates {
  readonly practitionerId: string
  readonly share: number
  readonly roles: readonly ShiftRole[]
  readonly maxPer7Days: number | null
  readonly maxPer28Days: number | null
  readonly maxPerRota: number | null
}

interface Note extends Dates {
  readonly practitionerId: string
}

interface CodedNote extends Note {
  readonly shiftTypes: readonly string[] | null
}

/** A shift that somebody does, wherever. */
export interface Duty extends Interval {
  readonly practitionerId: string
  readonly rotaId: string
  readonly shiftId: string
  readonly place: number
  readonly localStart: LocalDateTime
}

export interface PlannedTime extends Interval {
  readonly id: string
  readonly code: string
  readonly role: ShiftRole
  readonly category: Category
  readonly isGrandeFete: boolean
  readonly headcount: number
  readonly localStart: LocalDateTime
}

export interface Place extends Holding {
  readonly shiftId: string
  readonly place: number
  readonly isLocked: boolean
}

/** What the sector, its people and their other work say of a rota, as rows. */
export interface Material {
  readonly zone: Zone
  readonly rota: { readonly id: string; readonly from: LocalDate; readonly to: LocalDate }
  readonly sector: {
    readonly restHours: number
    readonly maxShiftsPer7Days: number | null
    readonly maxShiftsPer28Days: number | null
  }
  readonly members: readonly MemberTerms[]
  readonly restrictions: readonly CodedNote[]
  readonly absences: readonly (CodedNote & { readonly to: LocalDate })[]
  readonly wishes: readonly (CodedNote & { readonly to: LocalDate; readonly want: 'avoid' | 'prefer' })[]
  readonly shifts: readonly PlannedTime[]
  readonly places: readonly Place[]
  /** What people do in any rota, this one included. */
  readonly duties: readonly Duty[]
  /** Slots of their own. */
  readonly busy: readonly (Interval & { readonly practitionerId: string })[]
  readonly carried: ReadonlyMap<string, Readonly<Record<string, number>>>
}

/** Nobody works longer on end (DOMAIN §3). */
const MOST_CONSECUTIVE = 12 * HOUR

/** Beyond every rota. */
const FOR_GOOD = getLocalDate('2300-01-01')

const EPOCH = getLocalDate('1970-01-01')

const duringOf = ({ from, to }: Dates, zone: Zone): Interval => ({
  start: startOfDay(from, zone),
  end: startOfDay(to === null ? FOR_GOOD : addDays(to, 1), zone),
})

const timeOf = ({
  start,
  end,
  localStart,
}: Interval & { readonly localStart: LocalDateTime }): ShiftTime => ({
  start,
  end,
  day: daysBetween(EPOCH, dateOf(localStart)),
})

/** A person's share over a rota: that of each day on which they are on the list, on average. */
const shareOf = (terms: readonly MemberTerms[], { from, to }: Material['rota']): number => {
  let [days, sum] = [0, 0]
  for (const one of terms) {
    const first = one.from > from ? one.from : from
    const last = one.to !== null && one.to < to ? one.to : to
    const length = Math.max(0, daysBetween(first, last) + 1)
    days += length
    sum += length * one.share
  }
  return days === 0 ? 0 : Math.round(sum / days)
}

const least = (numbers: readonly (number | null)[]): number | null => {
  const given = numbers.filter((number) => number !== null)
  return given.length === 0 ? null : Math.min(...given)
}

/** Roles that somebody does not have all the time keep them from the shifts of those roles the rest of it. */
const rolesOf = (terms: readonly MemberTerms[], { shifts, zone }: Material) => {
  // Somebody who is not on the list is kept away by that, whatever they can do.
  if (terms.length === 0) return { roles: [...SHIFT_ROLES], restrictions: [] }
  const roles = SHIFT_ROLES.filter((role) => terms.some((one) => one.roles.includes(role)))
  const restrictions = terms.flatMap((one) => {
    const codes = shifts
      .filter(({ role }) => roles.includes(role) && !one.roles.includes(role))
      .map(({ code }) => code)
    return codes.length === 0 ? [] : [{ during: duringOf(one, zone), codes: sorted(codes) }]
  })
  return { roles, restrictions }
}

const personOf = (id: string, material: Material): Person => {
  const { zone, rota } = material
  const own = <T extends { readonly practitionerId: string }>(rows: readonly T[]): T[] =>
    rows.filter((row) => row.practitionerId === id)
  const terms = own(material.members)
  const { roles, restrictions } = rolesOf(terms, material)
  return {
    id,
    share: shareOf(terms, rota),
    roles,
    member: normalise(terms.map((one) => duringOf(one, zone))),
    restrictions: [
      ...restrictions,
      ...own(material.restrictions).map((one) => ({ during: duringOf(one, zone), codes: one.shiftTypes })),
    ],
    absences: own(material.absences).map((one) => ({
      ...duringOf(one, zone),
      ...(one.shiftTypes === null ? {} : { codes: one.shiftTypes }),
    })),
    busy: own(material.busy).map(({ start, end }) => ({ start, end })),
    elsewhere: own(material.duties)
      .filter(({ rotaId }) => rotaId !== rota.id)
      .map(timeOf),
    maxPer7Days: least(terms.map((one) => one.maxPer7Days)),
    maxPer28Days: least(terms.map((one) => one.maxPer28Days)),
    maxTotal: least(terms.map((one) => one.maxPerRota)),
    carried: material.carried.get(id) ?? {},
  }
}

const limitsOf = ({ sector }: Material): Limits => ({
  restMs: sector.restHours * HOUR,
  maxConsecutiveMs: MOST_CONSECUTIVE,
  maxPer7Days: sector.maxShiftsPer7Days,
  maxPer28Days: sector.maxShiftsPer28Days,
})

const shiftOf = (shift: PlannedTime): Shift => ({
  ...timeOf(shift),
  id: shift.id,
  code: shift.code,
  role: shift.role,
  classes: classesOfShift(shift),
  headcount: shift.headcount,
})

/** Stands for whoever from outside does a place: somebody who does nothing else. */
const outsiderOf = ({ shiftId, place }: Place) => `outside:${shiftId}:${place}`

export const isOutsider = (personId: string): boolean => personId.startsWith('outside:')

const OUTSIDER: Omit<Person, 'id'> = {
  share: 0,
  roles: [],
  member: [],
  restrictions: [],
  absences: [],
  busy: [],
  elsewhere: [],
  maxPer7Days: null,
  maxPer28Days: null,
  maxTotal: null,
  carried: {},
}

const countOf = (cells: readonly Cell[], shiftId: string): number =>
  cells.filter((cell) => cell.shiftId === shiftId).length

export interface Choices {
  readonly seed: number
  /** Places that are given anew: they start empty. */
  readonly isDropped: (place: Place) => boolean
  /** What was published, and what has begun, stands. */
  readonly published: { readonly now: Instant } | null
}

/**
 * A rota as the solver takes it. Somebody is fixed to a place that is locked, that somebody else than the titulaire does,
 * or, once published, that has begun.
 */
export const problemOf = (material: Material, { seed, isDropped, published }: Choices): Problem => {
  const startOf = new Map(material.shifts.map((shift) => [shift.id, shift.start]))
  const hasBegun = ({ shiftId }: Place) => published !== null && (startOf.get(shiftId) ?? 0) <= published.now
  const isFixed = (place: Place) =>
    place.isLocked || place.executantId !== null || place.outsideName !== null || hasBegun(place)
  const held = material.places.filter((place) => !isEmpty(place) && (isFixed(place) || !isDropped(place)))
  const cells = held.map((place): Cell => ({
    shiftId: place.shiftId,
    place: place.place,
    personId: doerOf(place) ?? outsiderOf(place),
    locked: isFixed(place),
  }))
  const inPeriod = material.members.filter(
    (one) => one.from <= material.rota.to && (one.to === null || one.to >= material.rota.from),
  )
  const ids = new Set([
    ...inPeriod.map((one) => one.practitionerId),
    ...held.flatMap((one) => doerOf(one) ?? []),
  ])
  return {
    seed,
    limits: limitsOf(material),
    people: [
      ...[...ids].sort().map((id) => personOf(id, material)),
      ...held
        .filter((place) => doerOf(place) === null)
        .map((place) => ({ ...OUTSIDER, id: outsiderOf(place) })),
    ],
    // What has begun with too few people stays so.
    shifts: material.shifts.map((shift) => ({
      ...shiftOf(shift),
      ...(published !== null && shift.start <= published.now ? { headcount: countOf(cells, shift.id) } : {}),
    })),
    cells,
    published:
      published === null ? [] : cells.map(({ shiftId, place, personId }) => ({ shiftId, place, personId })),
    wishes: material.wishes.map((wish): Wish => ({
      personId: wish.practitionerId,
      want: wish.want,
      during: duringOf(wish, material.zone),
      codes: wish.shiftTypes,
    })),
  }
}

/** The same problem with everybody where they are and nothing left to decide: what the ledger is counted from. */
export const standingProblem = (material: Material): Problem => {
  const problem = problemOf(material, { seed: 0, isDropped: () => false, published: null })
  return {
    ...problem,
    shifts: problem.shifts.map((shift) => ({ ...shift, headcount: countOf(problem.cells, shift.id) })),
    cells: problem.cells.map((cell) => ({ ...cell, locked: true })),
  }
}

/** What changes when anything that a rota is made from does. */
export const inputHash = (problem: Problem): string =>
  createHash('sha256').update(JSON.stringify(problem)).digest('hex')

/**
 * The hard rules that a person would break by taking a shift of the rota, given all that they do in any rota but the
 * places that they would leave for it.
 */
export const rulesAgainst = (
  material: Material,
  practitionerId: string,
  shiftId: string,
  leaving: readonly { readonly shiftId: string; readonly place: number }[],
): HardRule[] => {
  const shift = material.shifts.find((one) => one.id === shiftId)
  if (!shift) throw new Error('the shift is of the rota')
  const person = personOf(practitionerId, material)
  const duties = material.duties.filter(
    (duty) =>
      duty.practitionerId === practitionerId &&
      !leaving.some((cell) => cell.shiftId === duty.shiftId && cell.place === duty.place),
  )
  const inPeriod = duties.filter(({ rotaId }) => rotaId === material.rota.id).length
  return [
    ...standingRules(person, shiftOf(shift)),
    ...timelineRules(person, limitsOf(material), duties.map(timeOf), inPeriod, timeOf(shift)),
  ]
}

/** Days around a rota within which what people do elsewhere counts: the longest limit. */
export const DAYS_AROUND = 28
