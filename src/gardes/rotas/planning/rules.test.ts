import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, getLocalDate, startOfDay } from '../../../kernel/civil.ts'
import { HOUR } from '../../../kernel/time.ts'
import { DAY_TYPES } from '../../vocabulary.ts'
import { planShifts, refuseSize, type ShiftType } from './rules.ts'

const day = getLocalDate
const ZONE = 'Europe/Paris'
const TERRITORY = { code: '92' }
const PONTS = { pontDays: { mondayBefore: true, fridayAfter: true, saturdayAfter: true } }

const type = (more: Partial<ShiftType> = {}): ShiftType => ({
  code: 'evening',
  rrule: 'FREQ=DAILY',
  startMinute: 20 * 60,
  durationMinutes: 240,
  dayTypes: [...DAY_TYPES],
  validFrom: day('2026-01-01'),
  validTo: null,
  label: 'Soirée',
  category: 'evening',
  headcount: 1,
  role: 'effecteur',
  ...more,
})

const NIGHT = type({ code: 'night', startMinute: 0, durationMinutes: 480, category: 'night' })

const plan = (types: readonly ShiftType[], from: string, to: string, options: object = PONTS) =>
  planShifts(types, day(from), day(to), ZONE, TERRITORY, options)

const datesOf = (shifts: readonly { localStart: string }[]) =>
  shifts.map(({ localStart }) => localStart.slice(0, 10))

describe('planShifts', () => {
  it('[GARDE-1] a night lasts seven hours in March and nine in October, and starts and ends where clocks say', () => {
    const hours = (from: string) => plan([NIGHT], from, from).map((shift) => (shift.end - shift.start) / HOUR)
    expect(hours('2027-03-27')).toEqual([8])
    expect(hours('2027-03-28')).toEqual([7])
    expect(hours('2027-10-31')).toEqual([9])
    const over = type({ startMinute: 20 * 60, durationMinutes: 720 })
    expect(plan([over], '2027-03-27', '2027-03-27')).toMatchObject([
      { localStart: '2027-03-27T20:00', localEnd: '2027-03-28T08:00' },
    ])
    const [long] = plan([over], '2027-10-30', '2027-10-30')
    expect((long!.end - long!.start) / HOUR).toBe(13)
  })

  it('[GARDE-1] an end at 24:00 is the first instant of the next day', () => {
    const [shift] = plan([type()], '2027-01-04', '2027-01-04')
    expect(shift).toMatchObject({ localEnd: '2027-01-05T00:00', end: startOfDay(day('2027-01-05'), ZONE) })
  })

  it('[GARDE-1] a shift is on the base type of its day, or on a pont when it takes ponts', () => {
    const on = (dayTypes: ShiftType['dayTypes'], options: object = PONTS) =>
      datesOf(plan([type({ dayTypes })], '2027-05-03', '2027-05-10', options))
    // Ascension on Thursday 6 May, a pont on Friday, 8 May on the Saturday, then a Sunday.
    expect(on(['holiday'])).toEqual(['2027-05-06', '2027-05-08'])
    expect(on(['pont'])).toEqual(['2027-05-07'])
    expect(on(['saturday'])).toEqual([])
    expect(on(['sunday'])).toEqual(['2027-05-09'])
    expect(on(['weekday', 'pont'])).toEqual([
      '2027-05-03',
      '2027-05-04',
      '2027-05-05',
      '2027-05-07',
      '2027-05-10',
    ])
    const none = { pontDays: { mondayBefore: false, fridayAfter: false, saturdayAfter: false } }
    expect(on(['pont'], none)).toEqual([])
    expect(datesOf(plan([type({ dayTypes: ['pont'] })], '2026-07-10', '2026-07-15'))).toEqual(['2026-07-13'])
  })

  it('[GARDE-1] a holiday on a Sunday is one day with one shift', () => {
    const types = [
      type({ dayTypes: ['holiday'], code: 'holiday' }),
      type({ dayTypes: ['sunday'], code: 'sunday' }),
    ]
    expect(plan(types, '2026-10-31', '2026-11-02')).toMatchObject([
      { type: { code: 'holiday' }, localStart: '2026-11-01T20:00' },
    ])
  })

  it('[GARDE-1] the four days of the year-end are marked beside their category', () => {
    const marked = plan([type()], '2026-12-20', '2027-01-05').filter((shift) => shift.isGrandeFete)
    expect(datesOf(marked)).toEqual(['2026-12-24', '2026-12-25', '2026-12-31', '2027-01-01'])
  })

  it('[GARDE-1] a type gives no shift outside of its dates, and its rule is counted from their first', () => {
    const biweekly = type({
      rrule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO',
      validFrom: day('2027-01-04'),
      validTo: day('2027-02-10'),
    })
    expect(datesOf(plan([biweekly], '2026-12-01', '2027-04-01'))).toEqual([
      '2027-01-04',
      '2027-01-18',
      '2027-02-01',
    ])
    expect(plan([biweekly], '2027-03-01', '2027-04-01')).toEqual([])
  })

  it('[GARDE-1] evenings and nights follow each other without a hole or an overlap, whatever the days', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 1, max: 60 }), (start, length) => {
        const from = addDays(day('2026-01-01'), start)
        const whole = [type(), NIGHT, type({ code: 'day', startMinute: 480, durationMinutes: 720 })]
        const shifts = planShifts(whole, from, addDays(from, length - 1), ZONE, TERRITORY, PONTS)
        expect(shifts).toHaveLength(3 * length)
        expect(shifts[0]!.start).toBe(startOfDay(from, ZONE))
        expect(shifts.at(-1)!.end).toBe(startOfDay(addDays(from, length), ZONE))
        shifts.slice(1).forEach((shift, i) => expect(shift.start).toBe(shifts[i]!.end))
      }),
      { seed: 20261123, numRuns: 60 },
    )
  })

  it('[GARDE-1] the shifts of two periods that touch are those of the whole', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 700 }),
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 90 }),
        fc.subarray([...DAY_TYPES], { minLength: 1 }),
        (start, before, after, dayTypes) => {
          const from = addDays(day('2026-01-01'), start)
          const middle = addDays(from, before)
          const end = addDays(middle, after)
          const types = [
            type({ dayTypes }),
            type({ code: 'fortnight', rrule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA' }),
          ]
          const of = (a: typeof from, b: typeof from) => planShifts(types, a, b, ZONE, TERRITORY, PONTS)
          expect([...of(from, addDays(middle, -1)), ...of(middle, end)]).toEqual(of(from, end))
        },
      ),
      { seed: 20261123, numRuns: 60 },
    )
  })

  it('[GARDE-2] a rota has a place at least, 5,000 at most, and 20,000 bookable slots', () => {
    const of = (headcount: number) => plan([type({ headcount }), NIGHT], '2027-01-01', '2027-10-07')
    expect(refuseSize([])?.code).toBe('invalid_interval')
    expect(refuseSize(of(16))).toBeNull()
    expect(refuseSize(of(18))?.detail).toContain('5000 au plus')
    const bookable = (slotMinutes: number) =>
      plan([type({ headcount: 4, slotTemplate: { slotMinutes } })], '2027-01-01', '2027-12-31')
    expect(refuseSize(bookable(20))).toBeNull()
    expect(refuseSize(bookable(10))?.detail).toContain('20000 au plus')
  })
})
