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
import type { Actor } from '../../kernel/ctx.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import { MINUTE, type Instant } from '../../kernel/time.ts'
import {
  EQUITY_CLASSES,
  GRANDE_FETE,
  type Category,
  type EquityClass,
  type RotaKind,
  type ShiftDayType,
  type ShiftRole,
} from '../vocabulary.ts'
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

/** States in which only those who make a rota see it. */
export const PRIVATE_STATES: readonly RotaState[] = ['draft', 'generated']

/** Published rotas that are still to be worked: what a regulator has a use for. */
export const RUNNING_STATES: readonly RotaState[] = ['published', 'in_force']

export const isPublic = (state: RotaState): boolean => PUBLIC_STATES.includes(state)

/** How somebody stands to a sector: manages it, or is on its list. */
export interface Standing {
  readonly isManager: boolean
  readonly isMember: boolean
}

/**
 * Whether a rota is shown: one in the making to who manages its sector, to the sector's members from consultation on, and
 * to everybody once it is published; to a regulator as long as it is to be worked (product decision, ADR 0006).
 */
export const isRotaShown = (
  actor: Actor,
  { isManager, isMember }: Standing,
  rota: { readonly state: RotaState; readonly to: LocalDate },
  today: LocalDate,
): boolean => {
  if (isManager) return true
  if (isMember && !PRIVATE_STATES.includes(rota.state)) return true
  if (actor.kind === 'key' && actor.role === 'regulator')
    return RUNNING_STATES.includes(rota.state) && rota.to >= today
  return isPublic(rota.state)
}

export interface RotaPeriod {
  readonly kind: RotaKind
  readonly state: RotaState
  readonly from: LocalDate
  readonly to: LocalDate
}

/** Refuses a step out of order, or one that waits for a day which has not come. */
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

/** The first reminder, product decision: two weeks of slack before the CDOM's deadline. */
export const FIRST_ALARM_DAYS = 60
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
  if (left <= FIRST_ALARM_DAYS && isNotSent && rota.state !== 'validated') alarms.push('start_minus_60')
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

/** A sector has one rota for a day. Says which is in the way. */
export const refuseRotaOverlap = (
  other: { readonly id: string; readonly from: LocalDate; readonly to: LocalDate } | undefined,
): Refusal | null =>
  other
    ? {
        code: 'rota_overlap',
        detail: `Un tableau du secteur couvre déjà du ${other.from} au ${other.to}.`,
        facts: { rotaId: other.id },
        path: ['from'],
      }
    : null

/** What one commit can write and one page of history hold. A sector of four posts has some 2,000 places a year. */
export const MOST_PLACES = 5_000

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

/** Refuses a period that is not within the dates of the sector. */
export const refuseOutside = (
  sector: { readonly validFrom: LocalDate | null; readonly validTo: LocalDate | null },
  from: LocalDate,
  to: LocalDate,
): Refusal | null =>
  (sector.validFrom !== null && from < sector.validFrom) || (sector.validTo !== null && to > sector.validTo)
    ? {
        code: 'invalid_interval',
        detail: 'Le secteur n’existe pas pendant toute la période.',
        path: ['from'],
      }
    : null

/** Only a rota that nobody was shown is thrown away. */
export const refuseDeletion = (state: RotaState): Refusal | null =>
  state === 'draft'
    ? null
    : {
        code: 'invalid_transition',
        detail: 'Seul un tableau à l’état de brouillon se supprime.',
        facts: { state },
      }

/** What a shift counts for: its category, and the four days beside it. */
export const classesOfShift = (shift: {
  readonly category: Category
  readonly isGrandeFete: boolean
}): string[] => (shift.isGrandeFete ? [shift.category, GRANDE_FETE] : [shift.category])

/** Who has a place: planned, and who does it in their stead, of the territory or from outside. */
export interface Holding {
  readonly titulaireId: string | null
  readonly executantId: string | null
  readonly outsideName: string | null
}

/** Who does a place and gets the credit: whoever does it in the titulaire's stead, who may be from outside, or the titulaire. */
export const doerOf = (place: Holding): string | null =>
  place.executantId ?? (place.outsideName === null ? place.titulaireId : null)

/** Whether nobody is to do a place. */
export const isEmpty = (place: Holding): boolean => doerOf(place) === null && place.outsideName === null

/** A place as a version keeps it. */
export interface KeptPlace {
  readonly shiftId: string
  readonly place: number
  readonly titulaireId: string | null
  /** Who does it when not the titulaire: an id, or a name from outside. */
  readonly executant: string | null
}

export interface PlaceChange {
  readonly shiftId: string
  readonly place: number
  readonly from: string | null
  readonly to: string | null
}

/** Places that somebody else does in the later of two versions, by who does them. */
export const changesBetween = (before: readonly KeptPlace[], after: readonly KeptPlace[]): PlaceChange[] => {
  const doer = (place: KeptPlace) => place.executant ?? place.titulaireId
  const keyOf = ({ shiftId, place }: KeptPlace) => `${shiftId}/${place}`
  const was = new Map(before.map((place) => [keyOf(place), doer(place)]))
  return after.flatMap((place) => {
    const from = was.get(keyOf(place)) ?? null
    const to = doer(place)
    return from === to ? [] : [{ shiftId: place.shiftId, place: place.place, from, to }]
  })
}

/** One person's part of one class in one earlier rota. */
export interface EarlierPart {
  readonly rotaId: string
  readonly practitionerId: string
  readonly class: string
  readonly amount: number
}

/**
 * What each person did beyond their part in earlier rotas, by class, in thousandths of a shift: in each, what they did
 * less their weight's part of what was shared out among all who had a weight. Who was not there owes and is owed nothing,
 * and so enters at the mean (DOMAIN §3).
 */
export const carriedOver = (
  weights: readonly EarlierPart[],
  done: readonly EarlierPart[],
): Map<string, Record<string, number>> => {
  const own = (part: EarlierPart) => JSON.stringify([part.rotaId, part.class, part.practitionerId])
  const all = (part: EarlierPart) => JSON.stringify([part.rotaId, part.class])
  const weighing = new Set(weights.filter(({ amount }) => amount > 0).map(own))
  const add = (sums: Map<string, number>, key: string, amount: number) =>
    sums.set(key, (sums.get(key) ?? 0) + amount)
  const weightOfAll = new Map<string, number>()
  const doneByAll = new Map<string, number>()
  for (const part of weights) add(weightOfAll, all(part), part.amount)
  for (const part of done) if (weighing.has(own(part))) add(doneByAll, all(part), part.amount)

  const balance = new Map<string, Map<string, number>>()
  const credit = ({ practitionerId, class: name }: EarlierPart, amount: number) => {
    const ofPerson = balance.get(practitionerId) ?? new Map<string, number>()
    balance.set(practitionerId, ofPerson)
    add(ofPerson, name, amount)
  }
  for (const part of done) credit(part, part.amount)
  for (const part of weights) {
    const weight = weightOfAll.get(all(part)) ?? 0
    if (weight > 0) credit(part, -(part.amount * (doneByAll.get(all(part)) ?? 0)) / weight)
  }
  return new Map(
    [...balance].map(([id, classes]) => [
      id,
      Object.fromEntries([...classes].map(([name, amount]) => [name, Math.round(amount * 1000)])),
    ]),
  )
}

/** A line of the ledger. */
export interface LedgerEntry {
  readonly practitionerId: string
  readonly class: string
  readonly done: number
  /** Thousandths of a shift. */
  readonly carried: number
  /** Part of a full share, 0 to 1. */
  readonly weight: number
}

/** (carried + done) ÷ weight in thousandths of a shift; null for who owes nothing. */
export const ratioOf = ({ done, carried, weight }: LedgerEntry): number | null =>
  weight > 0 ? Math.round((carried + 1000 * done) / weight) : null

/** By class, the largest ratio less the smallest, in thousandths of a shift. */
export const spreadsOf = (lines: readonly LedgerEntry[]): { class: string; value: number }[] =>
  [...new Set(lines.map((line) => line.class))].map((name) => {
    const ratios = lines
      .filter((line) => line.class === name)
      .map(ratioOf)
      .filter((ratio) => ratio !== null)
    return { class: name, value: ratios.length === 0 ? 0 : Math.max(...ratios) - Math.min(...ratios) }
  })

/** Thousandths of a shift as shifts. */
export const inShifts = (thousandths: number): number => thousandths / 1000

/** A part of a full share as a percentage with two decimals. */
const inPercent = (weight: number): number => Math.round(weight * 10_000) / 100

export const asClass = (name: string): EquityClass => {
  const found = EQUITY_CLASSES.find((one) => one === name)
  if (!found) throw new Error(`no class ${name}`)
  return found
}

/** Lines by class, in the order of the classes. */
export const byClass = <T extends { readonly category: EquityClass }>(lines: readonly T[]): T[] =>
  [...lines].sort((a, b) => EQUITY_CLASSES.indexOf(a.category) - EQUITY_CLASSES.indexOf(b.category))

/** A line of the ledger as it is shown. */
export interface LedgerLine {
  readonly practitionerId: string
  readonly category: EquityClass
  readonly done: number
  readonly share: number
  readonly ratio: number | null
  readonly carried: number
}

export const linesOf = (entries: readonly LedgerEntry[]): LedgerLine[] =>
  byClass(
    entries.map((entry) => {
      const ratio = ratioOf(entry)
      return {
        practitionerId: entry.practitionerId,
        category: asClass(entry.class),
        done: entry.done,
        share: inPercent(entry.weight),
        ratio: ratio === null ? null : inShifts(ratio),
        carried: inShifts(entry.carried),
      }
    }),
  )
