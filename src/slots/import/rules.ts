import { addDays, daysBetween, startOfDay, type LocalDate, type Zone } from '../../kernel/civil.ts'
import type { FileOccurrence, ReadCalendar } from '../../kernel/ical-reader.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import { cut, DAY, findInterval, isOverlapping, type Instant, type Interval } from '../../kernel/time.ts'
import { isGivenBack } from '../rules.ts'
import { HORIZON_DAYS } from '../series/rules.ts'
import type { Release } from '../vocabulary.ts'
import type { ImportSkip } from './vocabulary.ts'

/** Slots that one import may make: as many as a batch. */
export const MOST_IMPORTED = 500

/** The civil days that an import is about: from today, or a date, for eight weeks, or up to a date included. */
export const importWindow = (
  asked: { readonly from: LocalDate | undefined; readonly to: LocalDate | undefined },
  today: LocalDate,
): { readonly from: LocalDate; readonly to: LocalDate } => {
  const from = asked.from ?? today
  return { from, to: asked.to ?? addDays(from, HORIZON_DAYS - 1) }
}

/** Refuses days that end before they begin, or more of them than eight weeks. */
export const refuseWindow = ({
  from,
  to,
}: {
  readonly from: LocalDate
  readonly to: LocalDate
}): Refusal | null => {
  if (to < from) return { code: 'invalid_interval', detail: 'La fin précède le début.', path: ['to'] }
  return daysBetween(from, to) >= HORIZON_DAYS
    ? {
        code: 'invalid_interval',
        detail: `Un import porte sur ${HORIZON_DAYS} jours au plus.`,
        path: ['to'],
      }
    : null
}

export const windowInterval = (
  days: { readonly from: LocalDate; readonly to: LocalDate },
  zone: Zone,
): Interval => ({
  start: startOfDay(days.from, zone),
  end: startOfDay(addDays(days.to, 1), zone),
})

/** Refuses to write more slots than one import may. */
export const refuseTooMany = (slots: number): Refusal | null =>
  slots > MOST_IMPORTED
    ? {
        code: 'too_many_slots',
        detail: `Cet agenda ferait ${slots} créneaux ; ${MOST_IMPORTED} au plus par import.`,
        facts: { slots, most: MOST_IMPORTED },
      }
    : null

/** The answer to a text that is no iCalendar. What it says is not repeated: it may name patients. */
export const INVALID_CALENDAR: Refusal = {
  code: 'invalid_calendar',
  detail: 'Ce texte n’est pas un agenda iCalendar complet, de BEGIN:VCALENDAR à END:VCALENDAR.',
  path: ['calendar'],
}

export interface ImportItem {
  readonly index: number
  readonly start: Instant | undefined
  readonly end: Instant | undefined
  readonly slots: readonly Interval[]
  /** Why some or all of it makes no slot. */
  readonly skipped: ImportSkip | undefined
}

export interface ImportTerms {
  /** Each time is cut in slots of so many minutes, a shorter remainder left out; else it is one slot. */
  readonly slotMinutes: number | undefined
  readonly release: Release | null
}

/** Time that is taken, as intervals that do not overlap, in order of start. */
const takenTime = (busy: readonly Interval[]) => {
  const taken = [...busy].sort((a, b) => a.start - b.start)
  /** Place of the first that starts at or after an instant. */
  const placeOf = (at: Instant): number => {
    let [low, high] = [0, taken.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((taken[middle]?.start ?? at) < at) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    /** Takes an interval, or refuses one that shares time with what is taken. */
    take: (interval: Interval): boolean => {
      const place = placeOf(interval.start)
      if ([taken[place - 1], taken[place]].some((other) => other && isOverlapping(other, interval)))
        return false
      taken.splice(place, 0, interval)
      return true
    },
  }
}

/**
 * The slots that the times of an agenda make, in order: those still to come (and not given back at once by their
 * release) that share no time with the practitioner's slots (`busy`) or with an earlier one of the agenda. So that the
 * same agenda makes nothing the second time.
 */
export const planImport = (
  occurrences: ReadCalendar['occurrences'],
  terms: ImportTerms,
  busy: readonly Interval[],
  now: Instant,
): ImportItem[] => {
  const time = takenTime(busy)
  return occurrences.map((one): ImportItem => {
    const item = { index: one.index, start: one.start, end: one.end, slots: [] }
    const cutUp = piecesOf(one, terms)
    if (!Array.isArray(cutUp)) return { ...item, skipped: cutUp }
    const coming = cutUp.filter(
      ({ start }) => start >= now && !isGivenBack({ start, release: terms.release }, now),
    )
    const slots = coming.filter(time.take)
    const skipped =
      slots.length < coming.length ? 'overlap' : coming.length < cutUp.length ? 'past' : undefined
    return { ...item, slots, skipped }
  })
}

const piecesOf = (one: FileOccurrence, { slotMinutes }: ImportTerms): Interval[] | ImportSkip => {
  if (one.skipped) return one.skipped
  const interval = one.start !== undefined && one.end !== undefined && findInterval(one.start, one.end)
  if (!interval) return 'too_short'
  if (interval.end - interval.start > DAY) return 'too_long'
  const pieces = slotMinutes === undefined ? [interval] : cut(interval, slotMinutes)
  return pieces.length === 0 ? 'too_short' : pieces
}
