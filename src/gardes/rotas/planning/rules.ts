import { dayTypeOf, type CalendarOptions, type CalendarTerritory } from '../../../kernel/calendar.ts'
import {
  addDays,
  addMinutes,
  atMinute,
  dateOf,
  toInstant,
  type LocalDate,
  type LocalDateTime,
  type Zone,
} from '../../../kernel/civil.ts'
import { expand, isInvalidRule, parseRule } from '../../../kernel/recurrence.ts'
import type { Refusal } from '../../../kernel/refusal.ts'
import { MINUTE, type Instant } from '../../../kernel/time.ts'
import type { Category, ShiftDayType, ShiftRole } from '../../vocabulary.ts'
import { MOST_PLACES } from '../rules.ts'

export interface ShiftType {
  readonly code: string
  readonly rrule: string
  readonly startMinute: number
  readonly durationMinutes: number
  readonly dayTypes: readonly ShiftDayType[]
  readonly validFrom: LocalDate
  readonly validTo: LocalDate | null
  readonly label: string
  readonly category: Category
  readonly headcount: number
  readonly role: ShiftRole
  /** Makes the shift bookable, in pieces of so many minutes. */
  readonly slotTemplate?: { readonly slotMinutes: number } | null
}

export interface PlannedShift<T extends ShiftType> {
  readonly type: T
  readonly localStart: LocalDateTime
  readonly localEnd: LocalDateTime
  readonly start: Instant
  readonly end: Instant
  readonly isGrandeFete: boolean
}

const GRANDES_FETES = ['12-24', '12-25', '12-31', '01-01']

/** Whether a shift of these day types falls on the date: on its base type, or on a pont when it takes ponts. */
const falls = (
  types: readonly ShiftDayType[],
  date: LocalDate,
  territory: CalendarTerritory,
  options: CalendarOptions,
): boolean => {
  const { type, pont } = dayTypeOf(date, territory, options)
  return types.includes(type) || (pont && types.includes('pont'))
}

/** Whether a recurrence can be read; a reason in French when not. Judged from the day on which the type begins. */
export const refuseShiftRule = (
  type: Pick<ShiftType, 'rrule' | 'startMinute' | 'validFrom'>,
  zone: Zone,
): Refusal | null => {
  const parsed = parseRule(type.rrule, zone, atMinute(type.validFrom, type.startMinute))
  return isInvalidRule(parsed) ? { code: 'invalid_rrule', detail: parsed.reason } : null
}

/**
 * The shifts of a period in order of start: each occurrence of each type within its validity, on the days that it takes.
 * Bounds are civil times; where the hour changes they are moved forward, so that one shift ends where the next begins
 * and no cover is lost: a night 0–8 lasts 7 h in March and 9 h in October.
 */
export const planShifts = <T extends ShiftType>(
  types: readonly T[],
  from: LocalDate,
  to: LocalDate,
  zone: Zone,
  territory: CalendarTerritory,
  options: CalendarOptions,
): PlannedShift<T>[] =>
  types
    .flatMap((type) => {
      const start = atMinute(type.validFrom, type.startMinute)
      const rule = parseRule(type.rrule, zone, start)
      if (isInvalidRule(rule)) return []
      const first = type.validFrom > from ? type.validFrom : from
      const last = type.validTo !== null && type.validTo < to ? type.validTo : to
      if (last < first) return []
      return expand(rule, start, { from: atMinute(first, 0), to: atMinute(addDays(last, 1), 0) })
        .filter((local) => falls(type.dayTypes, dateOf(local), territory, options))
        .map((localStart) => {
          const localEnd = addMinutes(localStart, type.durationMinutes)
          return {
            type,
            localStart,
            localEnd,
            start: toInstant(localStart, zone, 'forward'),
            end: toInstant(localEnd, zone, 'forward'),
            isGrandeFete: GRANDES_FETES.includes(localStart.slice(5, 10)),
          }
        })
        .filter((shift) => shift.end > shift.start)
    })
    .sort((a, b) => a.start - b.start || a.end - b.end || (a.type.code < b.type.code ? -1 : 1))

/** What publication writes at once: some three seconds of a territory's writer (measured, ADR 0010). */
export const MOST_DUTY_SLOTS = 20_000

const slotsOf = ({ type, start, end }: PlannedShift<ShiftType>): number =>
  type.slotTemplate
    ? type.headcount * Math.floor((end - start) / (type.slotTemplate.slotMinutes * MINUTE))
    : 0

/** Refuses a rota without a shift, and one too big. */
export const refuseSize = (shifts: readonly PlannedShift<ShiftType>[]): Refusal | null => {
  const places = shifts.reduce((n, { type }) => n + type.headcount, 0)
  const slots = shifts.reduce((n, shift) => n + slotsOf(shift), 0)
  if (slots > MOST_DUTY_SLOTS)
    return {
      code: 'invalid_interval',
      detail: `La publication ouvrirait ${slots} créneaux ; ${MOST_DUTY_SLOTS} au plus.`,
      path: ['to'],
    }
  if (places > 0 && places <= MOST_PLACES) return null
  const detail =
    places === 0
      ? 'Les types de garde du secteur ne donnent aucune garde sur cette période.'
      : `Le tableau compterait ${places} places ; ${MOST_PLACES} au plus.`
  return { code: 'invalid_interval', detail, path: ['to'] }
}
