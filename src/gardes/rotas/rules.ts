import { dayTypeOf, type CalendarOptions, type CalendarTerritory } from '../../kernel/calendar.ts'
import {
  addDays,
  addMinutes,
  atMinute,
  dateOf,
  daysBetween,
  getLocalDate,
  toInstant,
  type LocalDate,
  type LocalDateTime,
  type Zone,
} from '../../kernel/civil.ts'
import { expand, isInvalidRule, parseRule } from '../../kernel/recurrence.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import type { Instant } from '../../kernel/time.ts'
import type { Category, RotaKind, ShiftDayType, ShiftRole } from '../vocabulary.ts'
import type { RotaAlarm, RotaState, RotaWarning, TargetState } from './vocabulary.ts'

/** What a rota may become by hand or by time. `generate` is what the solver does. The code and the diagram read this table. */
export const ROTA_TRANSITIONS = {
  generate: { from: ['draft', 'generated', 'consultation'], to: 'generated' },
  consult: { from: ['draft', 'generated'], to: 'consultation' },
  validate: { from: ['consultation'], to: 'validated' },
  send: { from: ['validated'], to: 'sent_to_cdom' },
  publish: { from: ['sent_to_cdom'], to: 'published' },
  begin: { from: ['published'], to: 'in_force' },
  perform: { from: ['in_force'], to: 'performed' },
  close: { from: ['performed'], to: 'closed' },
  reopen: { from: ['generated', 'consultation', 'validated', 'sent_to_cdom'], to: 'draft' },
} as const satisfies Record<string, { from: readonly RotaState[]; to: RotaState }>

/** A daytime rota of a CPTS concerns no conseil de l’ordre: it is published once validated. */
const fromStates = (kind: RotaKind, to: TargetState): readonly RotaState[] => {
  if (kind === 'snp' && to === 'published') return ['validated']
  if (kind === 'snp' && to === 'sent_to_cdom') return []
  return Object.values(ROTA_TRANSITIONS)
    .filter((transition) => transition.to === to)
    .flatMap((transition) => [...transition.from])
}

/** States in which a rota says who is on duty. */
export const PUBLIC_STATES: readonly RotaState[] = ['published', 'in_force', 'performed', 'closed']

export interface RotaPeriod {
  readonly kind: RotaKind
  readonly state: RotaState
  readonly from: LocalDate
  readonly to: LocalDate
}

/** Refuses a step out of order, before its day has come, or `closed` while places of the past say nobody. */
export const refuseRotaTransition = (rota: RotaPeriod, to: TargetState, today: LocalDate): Refusal | null => {
  const invalid = (detail: string): Refusal => ({
    code: 'invalid_transition',
    detail,
    facts: { state: rota.state, to },
  })
  if (!fromStates(rota.kind, to).includes(rota.state))
    return invalid(`Un tableau « ${rota.state} » ne devient pas « ${to} ».`)
  if (to === 'in_force' && today < rota.from) return invalid('La période du tableau n’a pas commencé.')
  if (to === 'performed' && today <= rota.to) return invalid('La période du tableau n’est pas finie.')
  return null
}

/** The table goes to the CDOM 45 days or more before it starts (R6315-2). */
const CDOM_DAYS = 45
/** It is published 10 days or more before it starts (R6315-2). */
const PUBLICATION_DAYS = 10
/** The list of who did the shifts is closed one month at most after the end (R6315-4), counted as 30 days. */
const CLOSING_DAYS = 30

/** What is late when the step is taken today: told, never refused, for a late table is better than none. */
export const lateness = (rota: RotaPeriod, to: TargetState, today: LocalDate): RotaWarning[] => {
  const left = daysBetween(today, rota.from)
  if (to === 'sent_to_cdom' && left < CDOM_DAYS) return ['late_cdom']
  if (to === 'published' && left < PUBLICATION_DAYS) return ['late_publication']
  if (to === 'closed' && daysBetween(rota.to, today) > CLOSING_DAYS) return ['late_closing']
  return []
}

const NOT_SENT: readonly RotaState[] = ['draft', 'generated', 'consultation', 'validated']

/** The reminders that are due today: what should be done by then is not. */
export const alarmsDue = (rota: RotaPeriod, today: LocalDate): RotaAlarm[] => {
  const left = daysBetween(today, rota.from)
  const alarms: RotaAlarm[] = []
  const isNotSent = NOT_SENT.includes(rota.state)
  const isNotPublished = isNotSent || rota.state === 'sent_to_cdom'
  if (left <= 60 && isNotSent && rota.state !== 'validated') alarms.push('start_minus_60')
  if (left <= CDOM_DAYS && isNotSent && rota.kind === 'garde') alarms.push('start_minus_45')
  if (left <= PUBLICATION_DAYS && isNotPublished) alarms.push('start_minus_10')
  if (daysBetween(rota.to, today) >= CLOSING_DAYS && rota.state !== 'closed') alarms.push('end_plus_30')
  return alarms
}

/** Three calendar months on, kept within the month: 30 November and three months is 28 February. */
const addMonths = (date: LocalDate, months: number): LocalDate => {
  const month = Number(date.slice(5, 7)) - 1 + months
  const year = Number(date.slice(0, 4)) + Math.floor(month / 12)
  const first = getLocalDate(`${year}-${String((month % 12) + 1).padStart(2, '0')}-01`)
  const next = addDays(first, 31)
  const length = daysBetween(first, getLocalDate(`${next.slice(0, 7)}-01`))
  return addDays(first, Math.min(Number(date.slice(8)), length) - 1)
}

/** A year and a little: what is planned further ahead is not known. */
const MOST_DAYS = 400

/** A table of gardes covers three months or more (R6315-2), unless it is said to be exceptional; 400 days at most. */
export const refusePeriod = (
  kind: RotaKind,
  from: LocalDate,
  to: LocalDate,
  isExceptional: boolean,
): Refusal | null => {
  if (to < from) return { code: 'invalid_interval', detail: 'La fin précède le début.', path: ['to'] }
  if (daysBetween(from, to) >= MOST_DAYS)
    return { code: 'invalid_interval', detail: 'Un tableau couvre 400 jours au plus.', path: ['to'] }
  if (kind === 'garde' && !isExceptional && addDays(to, 1) < addMonths(from, 3))
    return {
      code: 'rota_too_short',
      detail: 'Un tableau de garde couvre trois mois ou plus.',
      path: ['to'],
    }
  return null
}

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
