import {
  dayTypeOf,
  pdsaIntervals,
  type CalendarOptions,
  type CalendarTerritory,
} from '../../kernel/calendar.ts'
import { addDays, dayInterval, daysBetween, type LocalDate, type Zone } from '../../kernel/civil.ts'
import type { Actor } from '../../kernel/ctx.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import type { Interval } from '../../kernel/time.ts'
import { refuseShiftRule } from '../rotas/rules.ts'
import type { RestrictionSource } from './vocabulary.ts'

/** Whether a sector is the actor's to manage: a coordinator of one of the CPTS that share it, an admin, the system. */
export const mayManageSector = (actor: Actor, communityIds: readonly string[]): boolean =>
  actor.kind === 'system' ||
  actor.role === 'admin' ||
  (actor.role === 'coordinator' && communityIds.some((id) => actor.communityIds.includes(id)))

/**
 * Whether the actor may bring a sector from one set of CPTS to another: a coordinator has a CPTS of its own in it, may
 * bring others in to share it, and puts none but its own out.
 */
export const mayShareSector = (actor: Actor, before: readonly string[], after: readonly string[]): boolean =>
  mayManageSector(actor, after) &&
  (actor.kind === 'system' ||
    actor.role === 'admin' ||
    before.every((id) => after.includes(id) || actor.communityIds.includes(id)))

/** From a day to another, both included; without `to`, for good. */
export interface Dates {
  readonly from: LocalDate
  readonly to: LocalDate | null
}

/** Whether two stretches of days have one in common. */
export const isSharingDay = (a: Dates, b: Dates): boolean =>
  (a.to === null || b.from <= a.to) && (b.to === null || a.from <= b.to)

/** Refuses a last day before the first. Either may be missing. */
export const refuseDates = (
  from: LocalDate | null,
  to: LocalDate | null,
  path: readonly (string | number)[] = ['to'],
): Refusal | null =>
  from !== null && to !== null && to < from
    ? { code: 'invalid_interval', detail: 'Le dernier jour précède le premier.', path }
    : null

const firstOf = <T>(
  items: readonly T[],
  refuse: (item: T, index: number) => Refusal | null,
): Refusal | null => {
  for (const [index, item] of items.entries()) {
    const refusal = refuse(item, index)
    if (refusal) return refusal
  }
  return null
}

/** Minutes after 00:00 of `HH:mm`, up to `24:00`. */
export const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))

/** `HH:mm` of minutes after 00:00, up to `24:00`. */
export const clockOf = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':')

const DAY_MINUTES = 1440

/** Minutes on the clock from a start to an end; an end at or before the start is of the next day. */
export const minutesBetween = (startMinute: number, endMinute: number): number =>
  endMinute > startMinute ? endMinute - startMinute : endMinute - startMinute + DAY_MINUTES

/** When the clock says the end is; midnight is the end of its day, `24:00`. */
export const endClockOf = (startMinute: number, durationMinutes: number): string => {
  const end = startMinute + durationMinutes
  return clockOf(end > DAY_MINUTES ? end - DAY_MINUTES : end)
}

export interface TypedShift {
  readonly code: string
  readonly rrule: string
  readonly startMinute: number
  readonly durationMinutes: number
  readonly slotTemplate: { readonly slotMinutes: number } | null
  readonly validFrom: LocalDate
  readonly validTo: LocalDate | null
}

const validityOf = (type: TypedShift): Dates => ({ from: type.validFrom, to: type.validTo })

/**
 * Refuses a recurrence that cannot be read, a validity that ends before it starts, slots longer than the shift, and the
 * same code twice on one day. Says which type of the list.
 */
export const refuseShiftTypes = (types: readonly TypedShift[], zone: Zone): Refusal | null =>
  firstOf(types, (type, index) => {
    const backwards = refuseDates(type.validFrom, type.validTo, [index, 'validTo'])
    if (backwards) return backwards
    const unreadable = refuseShiftRule(type, zone)
    if (unreadable) return { ...unreadable, path: [index, 'rrule'] }
    if (type.slotTemplate && type.slotTemplate.slotMinutes > type.durationMinutes)
      return {
        code: 'invalid_interval',
        detail: 'Un créneau ne dure pas plus que la garde.',
        path: [index, 'slotTemplate', 'slotMinutes'],
      }
    const other = types
      .slice(0, index)
      .find((one) => one.code === type.code && isSharingDay(validityOf(one), validityOf(type)))
    return other
      ? {
          code: 'invalid_interval',
          detail: `Le code « ${type.code} » est déjà pris à ces dates.`,
          path: [index, 'validFrom'],
        }
      : null
  })

export interface Listed extends Dates {
  readonly practitionerId: string
}

/** Refuses a membership that ends before it starts, and the same person twice on one day. Says which of the list. */
export const refuseMembers = (members: readonly Listed[]): Refusal | null =>
  firstOf(members, (member, index) => {
    const backwards = refuseDates(member.from, member.to, [index, 'to'])
    if (backwards) return backwards
    const isTwice = members
      .slice(0, index)
      .some((other) => other.practitionerId === member.practitionerId && isSharingDay(other, member))
    return isTwice
      ? {
          code: 'invalid_interval',
          detail: 'Ce praticien figure déjà sur la liste à ces dates.',
          path: [index, 'from'],
        }
      : null
  })

/** Refuses somebody who is on the sector's list on none of these days. */
export const refuseNotListed = (
  members: readonly Listed[],
  practitionerId: string,
  during: Dates,
): Refusal | null =>
  members.some((member) => member.practitionerId === practitionerId && isSharingDay(member, during))
    ? null
    : {
        code: 'not_a_member',
        detail: 'Ce praticien n’est pas sur la liste du secteur à ces dates.',
        path: ['practitionerId'],
      }

/** Refuses a code that no shift type of the sector has, whatever its dates. */
export const refuseShiftCodes = (
  codes: readonly string[],
  known: readonly { readonly code: string }[],
): Refusal | null =>
  firstOf(codes, (code, index) =>
    known.some((type) => type.code === code)
      ? null
      : {
          code: 'unknown_shift_type',
          detail: `Le secteur n’a pas de garde « ${code} ».`,
          facts: { shiftType: code },
          path: ['shiftTypes', index],
        },
  )

/** What is asked of oneself is one's own to say and to end; what the CDOM or the sector decided is the coordination's. */
export const refuseSource = (isManaged: boolean, source: RestrictionSource): Refusal | null =>
  isManaged || source === 'self'
    ? null
    : {
        code: 'invalid_source',
        detail: 'Seule la coordination enregistre ou termine une restriction du CDOM ou du secteur.',
        path: ['source'],
      }

/** A restriction is shortened, never lengthened: what comes after is another. It keeps its first day at least. */
export const refuseEnd = (restriction: Dates, to: LocalDate): Refusal | null => {
  if (to < restriction.from) return refuseDates(restriction.from, to)
  return restriction.to !== null && restriction.to <= to
    ? {
        code: 'invalid_interval',
        detail: `Cette restriction prend déjà fin le ${restriction.to}.`,
        path: ['to'],
      }
    : null
}

/** Somebody of the sector's list now or later: who has left it sees no more of it than anybody. */
export const isStillListed = (
  members: readonly Listed[],
  practitionerId: string,
  today: LocalDate,
): boolean =>
  members.some(
    (member) => member.practitionerId === practitionerId && (member.to === null || member.to >= today),
  )

/** What a sector decides of its calendar. */
export interface SectorCalendar {
  readonly goodFridayIsHoliday: boolean | null
  readonly pontMondayBefore: boolean
  readonly pontFridayAfter: boolean
  readonly pontSaturdayAfter: boolean
  readonly extraHolidays: readonly LocalDate[]
}

/** A sector's choices for the calendar; Good Friday as the territory has it where the sector says nothing. */
export const calendarOptionsOf = (sector: SectorCalendar): CalendarOptions => ({
  ...(sector.goodFridayIsHoliday === null ? {} : { goodFriday: sector.goodFridayIsHoliday }),
  extra: sector.extraHolidays,
  pontDays: {
    mondayBefore: sector.pontMondayBefore,
    fridayAfter: sector.pontFridayAfter,
    saturdayAfter: sector.pontSaturdayAfter,
  },
})

/** Days that one request shows: a year and what is planned beyond it. */
const MOST_DAYS = 400

/** From a day to another, both included: 400 days at most. */
export const refuseCalendarPeriod = (from: LocalDate, to: LocalDate): Refusal | null =>
  refuseDates(from, to) ??
  (daysBetween(from, to) >= MOST_DAYS
    ? {
        code: 'invalid_interval',
        detail: `Le calendrier se lit par ${MOST_DAYS} jours au plus.`,
        path: ['to'],
      }
    : null)

export interface CalendarDay {
  readonly date: LocalDate
  readonly type: ReturnType<typeof dayTypeOf>['type']
  readonly pont: boolean
  readonly holiday?: string | undefined
  readonly pdsa: readonly Interval[]
}

/**
 * What each day is, and when PDSA is. Without a sector a pont is a weekday or a Saturday like another, for nobody has
 * decided; in a sector the days that it counts as ponts are those it brought into scope, from 00:00 to 24:00 (R6315-1).
 */
export const calendarDays = (
  { from, to }: { readonly from: LocalDate; readonly to: LocalDate },
  zone: Zone,
  territory: CalendarTerritory,
  options: CalendarOptions | undefined,
): CalendarDay[] =>
  Array.from({ length: daysBetween(from, to) + 1 }, (_, days) => {
    const date = addDays(from, days)
    const day = dayTypeOf(date, territory, options)
    const pdsa =
      options && day.pont ? [dayInterval(date, zone)] : pdsaIntervals(date, zone, territory, options)
    return { date, ...day, pdsa }
  })
