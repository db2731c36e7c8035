import {
  addDays,
  atMinute,
  dayInterval,
  getLocalDate,
  type LocalDate,
  toInstant,
  toLocalDate,
  weekdayOf,
  yearOf,
  type Zone,
} from './civil.ts'
import { findInterval, type Instant, type Interval, isWithin, subtract } from './time.ts'

/** The part of a territory that the calendar needs: its INSEE code. */
export interface CalendarTerritory {
  readonly code: string
}

/** What a sector decides for itself; each has a default. */
export interface CalendarOptions {
  /**
   * Good Friday is a holiday. By default in 57, 67 and 68 only (local law, ordonnance of 16 August 1892), although
   * the law has it only in communes with a Protestant temple or a mixed church.
   */
  readonly goodFriday?: boolean
  /** Local holidays by date. */
  readonly extra?: readonly LocalDate[]
  /** Dates that are no holidays here whatever the lists say; `extra` too. */
  readonly without?: readonly LocalDate[]
  /** Which bridging days count as `pont`, all by default (R6315-1 lets each sector decide). */
  readonly pontDays?: {
    readonly mondayBefore?: boolean
    readonly fridayAfter?: boolean
    readonly saturdayAfter?: boolean
  }
}

export interface DayType {
  readonly type: 'weekday' | 'saturday' | 'sunday' | 'holiday'
  /** A bridging day beside a holiday; never a holiday or a Sunday itself. */
  readonly pont: boolean
  /** Name in French. */
  readonly holiday?: string
}

const monthDay = (year: number, text: string) => getLocalDate(`${year}-${text}`)

/** Easter Sunday of the Gregorian calendar (algorithm of Meeus, Jones and Butcher). */
export const easterSunday = (year: number): LocalDate => {
  const century = Math.floor(year / 100)
  const yearOfCentury = year % 100
  const golden = year % 19
  const moon = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3)
  const epact = (19 * golden + century - Math.floor(century / 4) - moon + 15) % 30
  const days = (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - epact - (yearOfCentury % 4)) % 7
  const correction = Math.floor((golden + 11 * epact + 22 * days) / 451)
  // Counted from 22 March, the earliest Easter.
  return addDays(monthDay(year, '03-22'), epact + days - 7 * correction)
}

/** Days of local law in Moselle, Bas-Rhin and Haut-Rhin (Code du travail L3134-13). */
const ALSACE_MOSELLE = ['57', '67', '68']

/**
 * Abolition of slavery by territory (Code du travail L3422-2). For Saint-Martin the article says 27 May and practice
 * since the circulaire of 4 May 2018 is the 28th: `extra` and `without` are for who keeps the 27th.
 */
const ABOLITION_DAYS: ReadonlyMap<string, string> = new Map([
  ['971', '05-27'],
  ['972', '05-22'],
  ['973', '06-10'],
  ['974', '12-20'],
  ['976', '04-27'],
  ['977', '10-09'],
  ['978', '05-28'],
])

const listHolidays = (year: number, code: string, options: CalendarOptions): [LocalDate, string][] => {
  const easter = easterSunday(year)
  const isLocalLaw = ALSACE_MOSELLE.includes(code)
  const abolition = ABOLITION_DAYS.get(code)
  const days: [LocalDate, string][] = [
    // Code du travail L3133-1.
    [monthDay(year, '01-01'), 'Jour de l’An'],
    [addDays(easter, 1), 'Lundi de Pâques'],
    [monthDay(year, '05-01'), 'Fête du Travail'],
    [monthDay(year, '05-08'), 'Victoire 1945'],
    [addDays(easter, 39), 'Ascension'],
    [addDays(easter, 50), 'Lundi de Pentecôte'],
    [monthDay(year, '07-14'), 'Fête nationale'],
    [monthDay(year, '08-15'), 'Assomption'],
    [monthDay(year, '11-01'), 'Toussaint'],
    [monthDay(year, '11-11'), 'Armistice 1918'],
    [monthDay(year, '12-25'), 'Noël'],
  ]
  if (options.goodFriday ?? isLocalLaw) days.push([addDays(easter, -2), 'Vendredi saint'])
  if (isLocalLaw) days.push([monthDay(year, '12-26'), 'Saint-Étienne'])
  if (abolition) days.push([monthDay(year, abolition), 'Abolition de l’esclavage'])
  for (const date of options.extra ?? []) if (yearOf(date) === year) days.push([date, 'Jour férié local'])
  return days
}

const cache = new Map<string, ReadonlyMap<LocalDate, string>>()
const CACHE_LIMIT = 500

/**
 * The public holidays of a year in a territory, in order, with their French names: the 11 national days, those of
 * local law, the abolition of slavery overseas and the sector's own. Two holidays on one date are one day, its
 * names joined by ` / `. Holidays of 986, 987 and 988 other than the national ones are for `extra`.
 */
export const holidaysOf = (
  year: number,
  territory: CalendarTerritory,
  options: CalendarOptions = {},
): ReadonlyMap<LocalDate, string> => {
  const { goodFriday, extra = [], without = [] } = options
  const key = [year, territory.code, goodFriday, extra.join(), without.join()].join(';')
  const known = cache.get(key)
  if (known) return known
  const holidays = new Map<LocalDate, string>()
  const days = listHolidays(year, territory.code, options).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  for (const [date, name] of days) {
    if (without.includes(date)) continue
    const other = holidays.get(date)
    holidays.set(date, other ? `${other} / ${name}` : name)
  }
  if (cache.size >= CACHE_LIMIT) cache.clear()
  cache.set(key, holidays)
  return holidays
}

const findHoliday = (date: LocalDate, territory: CalendarTerritory, options: CalendarOptions = {}) =>
  holidaysOf(yearOf(date), territory, options).get(date)

/** Whether the date is a public holiday of the territory, whatever its weekday. */
export const isHoliday = (
  date: LocalDate,
  territory: CalendarTerritory,
  options?: CalendarOptions,
): boolean => findHoliday(date, territory, options) !== undefined

/**
 * What kind of day it is for hours, equity and pay: a holiday before a Sunday, a Sunday before a Saturday, so a date
 * counts once. `pont` (R6315-1): the Monday before a holiday, the Friday and the Saturday after one, the Saturday
 * too when the holiday was the Thursday.
 */
export const dayTypeOf = (
  date: LocalDate,
  territory: CalendarTerritory,
  options: CalendarOptions = {},
): DayType => {
  const holiday = findHoliday(date, territory, options)
  if (holiday !== undefined) return { type: 'holiday', pont: false, holiday }
  const weekday = weekdayOf(date)
  if (weekday === 7) return { type: 'sunday', pont: false }
  const { mondayBefore = true, fridayAfter = true, saturdayAfter = true } = options.pontDays ?? {}
  const isHolidayIn = (days: number) => isHoliday(addDays(date, days), territory, options)
  const pont =
    (weekday === 1 && mondayBefore && isHolidayIn(1)) ||
    (weekday === 5 && fridayAfter && isHolidayIn(-1)) ||
    (weekday === 6 && saturdayAfter && (isHolidayIn(-1) || isHolidayIn(-2)))
  return { type: weekday === 6 ? 'saturday' : 'weekday', pont }
}

/** SNP hours in minutes on the clock: what the PDSA hours of R6315-1 leave, in every sector. */
const SNP_MINUTES = { weekday: [480, 1200], saturday: [480, 720] } as const

/**
 * SNP time of a civil day: weekdays 08:00–20:00, Saturday 08:00–12:00, nothing on Sundays and public holidays.
 * A pont is an ordinary day here: whether it is PDSA time is the sector's own decision.
 */
export const snpIntervals = (
  date: LocalDate,
  zone: Zone,
  territory: CalendarTerritory,
  options?: CalendarOptions,
): Interval[] => {
  const { type } = dayTypeOf(date, territory, options)
  if (type !== 'weekday' && type !== 'saturday') return []
  const [start, end] = SNP_MINUTES[type]
  const interval = findInterval(
    toInstant(atMinute(date, start), zone, 'forward'),
    toInstant(atMinute(date, end), zone, 'forward'),
  )
  return interval ? [interval] : []
}

/** PDSA time of a civil day: all of `[00:00, next 00:00)` that is not SNP time. */
export const pdsaIntervals = (
  date: LocalDate,
  zone: Zone,
  territory: CalendarTerritory,
  options?: CalendarOptions,
): Interval[] => subtract([dayInterval(date, zone)], snpIntervals(date, zone, territory, options))

/** Whether `at` is SNP time; if not, it is PDSA time. */
export const isSnp = (
  at: Instant,
  zone: Zone,
  territory: CalendarTerritory,
  options?: CalendarOptions,
): boolean =>
  snpIntervals(toLocalDate(at, zone), zone, territory, options).some((interval) => isWithin(at, interval))
