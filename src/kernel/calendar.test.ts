import Holidays from 'date-holidays'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CalendarOptions,
  dayTypeOf,
  easterSunday,
  holidaysOf,
  isHoliday,
  isSnp,
  pdsaIntervals,
  snpIntervals,
} from './calendar.ts'
import {
  addDays,
  dayInterval,
  findInstantText,
  formatInstant,
  getLocalDate,
  type LocalDate,
  weekdayOf,
  ZONES,
  zoneOfTerritory,
} from './civil.ts'
import { HOUR, instant, intersect, type Interval, lengthOf, normalise } from './time.ts'

const PROPERTY = { seed: 20261121, numRuns: 3_000 }
const YEARS = Array.from({ length: 12 }, (_, n) => 2024 + n)

const date = getLocalDate
const PARIS = { code: '75' }
const STRASBOURG = { code: '67' }

const datesOf = (year: number, code: string, options?: CalendarOptions) => [
  ...holidaysOf(year, { code }, options).keys(),
]

const anyDate = fc.integer({ min: 0, max: 12 * 365 }).map((days) => addDays(date('2024-01-01'), days))
const anyTerritory = fc.constantFrom(
  '75',
  '2A',
  '57',
  '67',
  '68',
  '971',
  '972',
  '973',
  '974',
  '975',
  '976',
  '977',
  '978',
  '988',
)

describe('holidays', () => {
  it('[CAL-1] Easter falls on its known Sundays, and always on a Sunday from 22 March to 25 April', () => {
    expect([1961, 2000, 2008, 2024, 2025, 2026, 2027, 2038, 2285].map(easterSunday)).toEqual([
      '1961-04-02',
      '2000-04-23',
      '2008-03-23',
      '2024-03-31',
      '2025-04-20',
      '2026-04-05',
      '2027-03-28',
      '2038-04-25',
      '2285-03-22',
    ])
    for (let year = 1900; year < 2300; year++) {
      const easter = easterSunday(year)
      expect(weekdayOf(easter)).toBe(7)
      expect(easter >= date(`${year}-03-22`) && easter <= date(`${year}-04-25`)).toBe(true)
    }
  })

  it('[CAL-2] the national holidays are eleven, in order, with French names', () => {
    expect([...holidaysOf(2027, PARIS)]).toEqual([
      ['2027-01-01', 'Jour de l’An'],
      ['2027-03-29', 'Lundi de Pâques'],
      ['2027-05-01', 'Fête du Travail'],
      ['2027-05-06', 'Ascension'],
      ['2027-05-08', 'Victoire 1945'],
      ['2027-05-17', 'Lundi de Pentecôte'],
      ['2027-07-14', 'Fête nationale'],
      ['2027-08-15', 'Assomption'],
      ['2027-11-01', 'Toussaint'],
      ['2027-11-11', 'Armistice 1918'],
      ['2027-12-25', 'Noël'],
    ])
  })

  it('[CAL-3] Moselle and Alsace add 26 December always and Good Friday unless the sector says no', () => {
    for (const code of ['57', '67', '68']) {
      expect(isHoliday(date('2026-12-26'), { code })).toBe(true)
      expect(isHoliday(date('2026-04-03'), { code })).toBe(true)
      expect(isHoliday(date('2026-04-03'), { code }, { goodFriday: false })).toBe(false)
      expect(isHoliday(date('2026-12-26'), { code }, { goodFriday: false })).toBe(true)
    }
    expect(isHoliday(date('2026-04-03'), PARIS)).toBe(false)
    expect(isHoliday(date('2026-12-26'), PARIS, { goodFriday: true })).toBe(false)
    expect(isHoliday(date('2026-04-03'), { code: '972' }, { goodFriday: true })).toBe(true)
  })

  it('[CAL-4] overseas territories add the day of the abolition of slavery', () => {
    const days = {
      971: '05-27',
      972: '05-22',
      973: '06-10',
      974: '12-20',
      976: '04-27',
      977: '10-09',
      978: '05-28',
    }
    for (const [code, day] of Object.entries(days)) {
      expect(holidaysOf(2026, { code }).get(date(`2026-${day}`)), code).toBe('Abolition de l’esclavage')
      expect(holidaysOf(2026, { code }).size).toBe(12)
    }
    expect(holidaysOf(2026, { code: '975' }).size).toBe(11)
  })

  it('[CAL-5] a sector adds its own days, each in its year', () => {
    const options = { extra: [date('2026-09-24'), date('2027-09-24')] }
    expect(holidaysOf(2026, { code: '988' }, options).get(date('2026-09-24'))).toBe('Jour férié local')
    expect(holidaysOf(2026, { code: '988' }, options).size).toBe(12)
    expect(isHoliday(date('2027-09-24'), { code: '988' }, options)).toBe(true)
    expect(isHoliday(date('2027-09-24'), { code: '988' })).toBe(false)
  })

  it('[CAL-5] a sector takes days away: 27 May instead of 28 May in Saint-Martin', () => {
    const options = { extra: [date('2026-05-27')], without: [date('2026-05-28')] }
    expect(isHoliday(date('2026-05-28'), { code: '978' }, options)).toBe(false)
    expect(isHoliday(date('2026-05-27'), { code: '978' }, options)).toBe(true)
    expect(isHoliday(date('2026-05-28'), { code: '978' }, { extra: options.without })).toBe(true)
    expect(holidaysOf(2026, { code: '978' }, options).size).toBe(12)
  })

  it('[CAL-6] two holidays on one date are one day with both names', () => {
    expect(holidaysOf(2008, PARIS).get(date('2008-05-01'))).toBe('Fête du Travail / Ascension')
    expect(holidaysOf(2008, PARIS).size).toBe(10)
    expect(dayTypeOf(date('2008-05-01'), PARIS)).toEqual({
      type: 'holiday',
      pont: false,
      holiday: 'Fête du Travail / Ascension',
    })
  })

  /** Ours by the oracle's names of the same place. */
  const PLACES: readonly (readonly [string, readonly string[]])[] = [
    ['75', ['FR']],
    ['57', ['FR', '57']],
    ['67', ['FR', '67']],
    ['68', ['FR', '68']],
    ['971', ['FR', 'GP']],
    ['972', ['FR', 'MQ']],
    ['973', ['FR', 'GF']],
    ['974', ['FR', 'RE']],
    ['975', ['PM']],
    ['976', ['FR', 'YT']],
    ['977', ['FR', 'BL']],
    ['978', ['FR', 'MF']],
  ]

  /** Where date-holidays says otherwise, and why we do not follow. */
  const addsByCustom = (year: number) => [addDays(easterSunday(year), -2)]
  const DISAGREEMENTS: Record<string, (year: number) => { theirs: LocalDate[]; ours: LocalDate[] }> = {
    // Good Friday in the Antilles is a custom, not law: a sector that keeps it says so with `goodFriday`.
    971: (year) => ({ theirs: addsByCustom(year), ours: [] }),
    972: (year) => ({ theirs: addsByCustom(year), ours: [] }),
    // Saint-Martin: 27 May as L3422-2 says for them, 28 May as practised for us.
    978: (year) => ({ theirs: [date(`${year}-05-27`)], ours: [date(`${year}-05-28`)] }),
  }

  it.each(PLACES)(
    '[CAL-7] %s agrees with date-holidays from 2024 to 2035 but for named differences',
    (code, place) => {
      const [country = '', state] = place
      const oracle = state === undefined ? new Holidays(country) : new Holidays(country, state)
      for (const year of YEARS) {
        const theirs = new Set(
          oracle
            .getHolidays(year)
            .filter((day) => day.type === 'public')
            .map((day) => date(day.date.slice(0, 10))),
        )
        const ours = new Set(datesOf(year, code))
        expect({
          theirs: [...theirs].filter((day) => !ours.has(day)),
          ours: [...ours].filter((day) => !theirs.has(day)),
        }).toEqual(DISAGREEMENTS[code]?.(year) ?? { theirs: [], ours: [] })
      }
    },
  )

  it('[CAL-7] negative control: the oracle of Paris finds Alsace wrong', () => {
    const theirs = new Holidays('FR').getHolidays(2027).filter((day) => day.type === 'public')
    expect(theirs.map((day) => day.date.slice(0, 10))).not.toEqual(datesOf(2027, '67'))
  })
})

describe('types of days', () => {
  const typeOf = (text: string, code = '75', options?: CalendarOptions) => {
    const { type, pont } = dayTypeOf(date(text), { code }, options)
    return pont ? `${type} pont` : type
  }

  it('[CAL-8] a date counts once: holiday before Sunday before Saturday before weekday', () => {
    expect(typeOf('2026-11-01')).toBe('holiday')
    expect(weekdayOf(date('2026-11-01'))).toBe(7)
    expect(typeOf('2027-03-28')).toBe('sunday')
    expect(typeOf('2027-03-29')).toBe('holiday')
    expect(typeOf('2027-10-31')).toBe('sunday')
    expect(typeOf('2027-11-01')).toBe('holiday')
    expect(typeOf('2026-11-21')).toBe('saturday')
    expect(typeOf('2026-11-23')).toBe('weekday')
    expect(typeOf('2026-12-26', '67')).toBe('holiday')
    expect(typeOf('2026-12-26')).toBe('saturday pont')
  })

  it('[CAL-9] a pont is the Monday before a holiday and the Friday and Saturday after one', () => {
    expect(typeOf('2026-07-13')).toBe('weekday pont')
    expect(
      ['2027-05-05', '2027-05-06', '2027-05-07', '2027-05-08', '2027-05-09'].map((day) => typeOf(day)),
    ).toEqual(['weekday', 'holiday', 'weekday pont', 'holiday', 'sunday'])
    expect(['2026-05-14', '2026-05-15', '2026-05-16', '2026-05-17'].map((day) => typeOf(day))).toEqual([
      'holiday',
      'weekday pont',
      'saturday pont',
      'sunday',
    ])
    expect(['2026-05-01', '2026-05-02', '2026-05-04'].map((day) => typeOf(day))).toEqual([
      'holiday',
      'saturday pont',
      'weekday',
    ])
    expect(typeOf('2026-11-10')).toBe('weekday')
    expect(typeOf('2026-11-12')).toBe('weekday')
    expect(typeOf('2025-12-26', '67')).toBe('holiday')
    expect(typeOf('2025-12-27', '67')).toBe('saturday pont')
    expect(typeOf('2026-03-30', '75', { extra: [date('2026-03-31')] })).toBe('weekday pont')
  })

  it('[CAL-9] each pont day is the sector’s to decide', () => {
    expect(typeOf('2026-07-13', '75', { pontDays: { mondayBefore: false } })).toBe('weekday')
    expect(typeOf('2026-05-15', '75', { pontDays: { fridayAfter: false } })).toBe('weekday')
    expect(typeOf('2026-05-16', '75', { pontDays: { fridayAfter: false } })).toBe('saturday pont')
    expect(typeOf('2026-05-16', '75', { pontDays: { saturdayAfter: false } })).toBe('saturday')
  })

  it('[CAL-9] a pont looks over the end of the year', () => {
    expect(typeOf('2029-12-31')).toBe('weekday pont')
    expect(typeOf('2026-01-02')).toBe('weekday pont')
    expect(typeOf('2032-01-02')).toBe('weekday pont')
    expect(typeOf('2028-01-01')).toBe('holiday')
    expect(typeOf('2032-01-03')).toBe('saturday pont')
  })
})

describe('SNP and PDSA time', () => {
  const texts = (intervals: readonly Interval[], zone = ZONES[0] as (typeof ZONES)[number]) =>
    intervals.map(({ start, end }) => `${formatInstant(start, zone)} ${formatInstant(end, zone)}`)

  it('[CAL-10] SNP time is 08:00–20:00 on weekdays, 08:00–12:00 on Saturday, none on Sundays and holidays', () => {
    const snp = (text: string, territory = PARIS) =>
      texts(snpIntervals(date(text), 'Europe/Paris', territory))
    expect(snp('2026-11-23')).toEqual(['2026-11-23T08:00:00+01:00 2026-11-23T20:00:00+01:00'])
    expect(snp('2026-07-13')).toEqual(['2026-07-13T08:00:00+02:00 2026-07-13T20:00:00+02:00'])
    expect(snp('2026-11-21')).toEqual(['2026-11-21T08:00:00+01:00 2026-11-21T12:00:00+01:00'])
    for (const day of ['2026-11-22', '2026-11-01', '2026-11-11', '2027-05-08']) expect(snp(day)).toEqual([])
    expect(snp('2026-12-26')).toHaveLength(1)
    expect(snp('2026-12-26', STRASBOURG)).toEqual([])
  })

  it('[CAL-11] PDSA time is all the rest of the civil day, an hour less or more when the hour changes', () => {
    const pdsa = (text: string) => pdsaIntervals(date(text), 'Europe/Paris', PARIS)
    expect(texts(pdsa('2026-11-23'))).toEqual([
      '2026-11-23T00:00:00+01:00 2026-11-23T08:00:00+01:00',
      '2026-11-23T20:00:00+01:00 2026-11-24T00:00:00+01:00',
    ])
    expect(pdsa('2027-03-28').map(lengthOf)).toEqual([23 * HOUR])
    expect(pdsa('2027-10-31').map(lengthOf)).toEqual([25 * HOUR])
  })

  it('[CAL-11] SNP and PDSA time share nothing and together are the civil day', () => {
    fc.assert(
      fc.property(anyDate, anyTerritory, (day, code) => {
        const zone = zoneOfTerritory(code)!
        const snp = snpIntervals(day, zone, { code })
        const pdsa = pdsaIntervals(day, zone, { code })
        expect(intersect(snp, pdsa)).toEqual([])
        expect(normalise([...snp, ...pdsa])).toEqual([dayInterval(day, zone)])
      }),
      PROPERTY,
    )
  })

  it('[CAL-12] one function answers for both, to the millisecond', () => {
    const at = (text: string) => findInstantText(text)!
    const answer = (text: string, code = '75') => isSnp(at(text), zoneOfTerritory(code)!, { code })
    expect(answer('2026-11-23T07:59:59.999+01:00')).toBe(false)
    expect(answer('2026-11-23T08:00:00+01:00')).toBe(true)
    expect(answer('2026-11-23T19:59:59.999+01:00')).toBe(true)
    expect(answer('2026-11-23T20:00:00+01:00')).toBe(false)
    expect(answer('2026-11-21T12:00:00+01:00')).toBe(false)
    expect(answer('2026-11-11T10:00:00+01:00')).toBe(false)
    expect(answer('2026-12-20T10:00:00+04:00', '974')).toBe(false)
    expect(answer('2026-12-21T10:00:00+04:00', '974')).toBe(true)
    expect(answer('2026-11-23T08:00:00+11:00', '988')).toBe(true)
    fc.assert(
      fc.property(
        anyDate,
        anyTerritory,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (day, code, part) => {
          const zone = zoneOfTerritory(code)!
          const whole = dayInterval(day, zone)
          const when = instant(whole.start + Math.floor(part * lengthOf(whole)))
          const inPdsa = pdsaIntervals(day, zone, { code }).some(
            ({ start, end }) => start <= when && when < end,
          )
          expect(isSnp(when, zone, { code })).toBe(!inPdsa)
        },
      ),
      PROPERTY,
    )
  })
})
