import { holidaysOf, type CalendarOptions, type CalendarTerritory } from '../../kernel/calendar.ts'
import {
  addDays,
  dateOf,
  minuteOfDay,
  weekdayOf,
  yearOf,
  type LocalDate,
  type LocalDateTime,
} from '../../kernel/civil.ts'
import { HOUR, lengthOf, type Instant } from '../../kernel/time.ts'
import { doerOf, isPublic, type Holding } from '../rotas/rules.ts'
import type { ExportKind, RotaState } from '../rotas/vocabulary.ts'
import { clockOf } from '../sectors/shift-types/rules.ts'
import type { Category, ShiftRole } from '../vocabulary.ts'
import { phoneText } from '../../kernel/phone.ts'

/** A shift of a rota as the table of the CDOM needs it, with the telephone of whoever does each place. */
export interface ExportedShift {
  readonly label: string
  readonly category: Category
  readonly role: ShiftRole
  readonly headcount: number
  readonly localStart: LocalDateTime
  readonly localEnd: LocalDateTime
  readonly start: Instant
  readonly end: Instant
  readonly places: readonly (Holding & {
    readonly place: number
    readonly outsideRpps: string | null
    readonly phone: string | null
  })[]
}

export interface Professional {
  readonly name: string
  readonly rpps: string
}

/** A line of the table: one place of one shift. Empty text is what nobody knows or nobody holds. */
export interface ExportLine {
  readonly date: LocalDate
  readonly weekday: string
  /** Whether the shift is one of a night, which has two days. */
  readonly isNight: boolean
  readonly holiday: string
  readonly label: string
  readonly startClock: string
  readonly endClock: string
  /** Elapsed, by which a garde is paid: 7 for a night of March. */
  readonly hours: number
  readonly post: string
  readonly titulaire: Professional
  readonly executant: Professional
  readonly phone: string
  readonly category: string
}

const WEEKDAYS = ['lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi', 'dimanche'] as const

/** Name of a day of the week. */
export const weekdayName = (date: LocalDate): string => WEEKDAYS[weekdayOf(date) - 1] ?? ''

const ROLE_NAMES: Readonly<Record<ShiftRole, string>> = {
  effecteur: 'Effecteur',
  mobile: 'Effecteur mobile',
  regulateur: 'Régulateur',
}

const CATEGORY_NAMES: Readonly<Record<Category, string>> = {
  evening: 'Soirée',
  night: 'Nuit profonde',
  saturday: 'Samedi',
  sunday: 'Dimanche',
  holiday: 'Jour férié',
  pont: 'Pont',
}

const NOBODY: Professional = { name: '', rpps: '' }

/** What somebody does there, by a number where several do. */
export const postOf = (
  { role, headcount }: { readonly role: ShiftRole; readonly headcount: number },
  place: number,
): string => (headcount === 1 ? ROLE_NAMES[role] : `${ROLE_NAMES[role]} ${place}`)

/** Midnight is the end of the day that it ends. */
const endClock = ({ localStart, localEnd }: ExportedShift): string =>
  minuteOfDay(localEnd) === 0 && dateOf(localEnd) === addDays(dateOf(localStart), 1)
    ? '24:00'
    : clockOf(minuteOfDay(localEnd))

/** In the small hours, or from an evening past midnight: a time that people call by two days. */
const isNight = ({ category, localStart, localEnd }: ExportedShift): boolean =>
  (category === 'night' && minuteOfDay(localStart) < 8 * 60) ||
  (minuteOfDay(localStart) >= 18 * 60 && minuteOfDay(localEnd) > 0 && dateOf(localEnd) > dateOf(localStart))

/** Hours elapsed, to the hundredth. */
export const hoursOf = (shift: { readonly start: Instant; readonly end: Instant }): number =>
  Math.round((lengthOf(shift) / HOUR) * 100) / 100

/**
 * Shifts that a list shows: all that are planned; of those done, what is over of a rota that was published (R6315-4:
 * the list of who really did the gardes).
 */
export const isListed = (
  kind: ExportKind,
  state: RotaState,
  shift: { readonly end: Instant },
  now: Instant,
): boolean => kind === 'planned' || (isPublic(state) && shift.end <= now)

/** Who does a place in the titulaire's stead; of what was done, whoever did it. */
const executantOf = (
  kind: ExportKind,
  place: ExportedShift['places'][number],
  named: (id: string | null) => Professional,
): Professional => {
  if (place.outsideName !== null) return { name: place.outsideName, rpps: place.outsideRpps ?? '' }
  return named(kind === 'performed' ? doerOf(place) : place.executantId)
}

export interface Exported {
  readonly kind: ExportKind
  readonly shifts: readonly ExportedShift[]
  readonly people: ReadonlyMap<string, Professional>
  readonly territory: CalendarTerritory
  readonly options: CalendarOptions
}

/** The lines of the table in order of start, one for each place, empty ones too. */
export const linesOf = ({ kind, shifts, people, territory, options }: Exported): ExportLine[] => {
  const named = (id: string | null) => (id === null ? NOBODY : (people.get(id) ?? NOBODY))
  return shifts.flatMap((shift) => {
    const date = dateOf(shift.localStart)
    return shift.places.map((place) => ({
      date,
      weekday: weekdayName(date),
      isNight: isNight(shift),
      holiday: holidaysOf(yearOf(date), territory, options).get(date) ?? '',
      label: shift.label,
      startClock: clockOf(minuteOfDay(shift.localStart)),
      endClock: endClock(shift),
      hours: hoursOf(shift),
      post: postOf(shift, place.place),
      titulaire: named(place.titulaireId),
      executant: executantOf(kind, place, named),
      phone: phoneText(place.phone),
      category: CATEGORY_NAMES[shift.category],
    }))
  })
}

/** 7.5 as `7,5`. */
export const hoursText = (hours: number): string => String(hours).replace('.', ',')
