import type { LocalDate, Zone } from '../../../kernel/civil.ts'
import type { Refusal } from '../../../kernel/refusal.ts'
import { refuseShiftRule } from '../../rotas/planning/rules.ts'
import { firstOf, isSharingDay, refuseDates, type Dates } from '../rules.ts'

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
