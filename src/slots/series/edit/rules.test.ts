import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, getLocalDate, getLocalDateTime } from '../../../kernel/civil.ts'
import { getInterval, instant, isOverlapping, MINUTE, plus } from '../../../kernel/time.ts'
import { formatRule } from '../../../kernel/recurrence.ts'
import { at, PARIS, pattern, PLACE, YEAR } from '../../../../test/support/series.ts'
import { piecesOf, planOccurrences, type Pattern } from '../rules.ts'
import {
  atClock,
  findNext,
  firstNotStarted,
  refuseAges,
  refusePieces,
  restOfRule,
  sortSlots,
  type SeriesSlot,
} from './rules.ts'

const slot = (id: string, occurrence: string, more: Partial<SeriesSlot> = {}): SeriesSlot => ({
  id,
  seriesId: 'new',
  occurrence: getLocalDateTime(occurrence),
  start: at(occurrence),
  end: plus(at(occurrence), 15 * MINUTE),
  withdrawnAt: null,
  withdrawnReason: null,
  taken: 0,
  ...more,
})

describe('edits of a series', () => {
  it('[SERIES-19] what is left of a rule has the dates that the whole has from there on', () => {
    const rules = fc.constantFrom(
      'FREQ=DAILY',
      'FREQ=DAILY;INTERVAL=5;COUNT=30',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU',
      'FREQ=WEEKLY;INTERVAL=3;COUNT=9',
      'FREQ=MONTHLY;INTERVAL=2',
      'FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1;COUNT=7',
      'FREQ=DAILY;UNTIL=20270614',
      'FREQ=DAILY;UNTIL=20270614T090000',
      'FREQ=DAILY;UNTIL=20270614T085900',
    )
    const clocks = fc.constantFrom('00:00', '08:59', '09:00', '23:59')
    let compared = 0
    fc.assert(
      fc.property(rules, fc.integer({ min: 0, max: 150 }), clocks, (rrule, days, clock) => {
        const whole = pattern(rrule, '2027-01-31T09:00', { skipHolidays: false })
        const from = addDays(getLocalDate('2027-01-31'), days)
        const first = findNext(whole, from)
        const datesFrom = (one: Pattern) =>
          planOccurrences(one, { from: getLocalDateTime(`${from}T00:00`), to: YEAR.to }, PLACE, []).map(
            ({ localStart }) => localStart.slice(0, 10),
          )
        if (first === undefined) {
          expect(datesFrom(whole)).toEqual([])
          return
        }
        const localStart = atClock(getLocalDate(first.slice(0, 10)), getLocalDateTime(`2000-01-01T${clock}`))
        expect(localStart.slice(11)).toBe(clock)
        const rest = pattern(formatRule(restOfRule(whole, first)), localStart, { skipHolidays: false })
        expect(datesFrom(rest)).toEqual(datesFrom(whole))
        compared++
      }),
      { seed: 95, numRuns: 150 },
    )
    expect(compared).toBeGreaterThan(75)
  })

  it('[SERIES-19] a rule that comes every 52 months is found, and one that is over is not', () => {
    const rare = pattern('FREQ=MONTHLY;INTERVAL=52', '2027-01-31T09:00')
    expect(findNext(rare, getLocalDate('2027-02-01'))).toBe('2031-05-31T09:00')
    expect(
      findNext(pattern('FREQ=DAILY;COUNT=3', '2027-01-31T09:00'), getLocalDate('2027-02-03')),
    ).toBeUndefined()
  })

  it('[SERIES-20] the first date whose hour is to come is today until that hour', () => {
    const first = (now: string) =>
      firstNotStarted(getLocalDateTime('2020-01-01T02:30'), instant(Date.parse(now)), PARIS)
    expect(first('2027-01-05T02:29:59.999+01:00')).toBe('2027-01-05')
    expect(first('2027-01-05T02:30:00+01:00')).toBe('2027-01-06')
    // The clock goes from 02:00 to 03:00.
    expect(first('2027-03-28T01:59:59+01:00')).toBe('2027-03-28')
    expect(first('2027-03-28T03:30:00+02:00')).toBe('2027-03-29')
  })

  it('[SERIES-21][SERIES-22] slots are given up, kept, in the way, or gone for good', () => {
    const gone = { withdrawnAt: at('2027-01-01T00:00') }
    const sorted = sortSlots(
      [
        slot('before', '2027-01-04T09:00'),
        slot('free', '2027-01-05T09:00'),
        slot('taken', '2027-01-05T09:15', { taken: 1 }),
        slot('of-old', '2027-01-05T10:00', { seriesId: 'old' }),
        slot('replaced', '2027-01-05T11:00', { ...gone, withdrawnReason: 'series_edited' }),
        slot('by-hand', '2027-01-05T12:00', { ...gone, withdrawnReason: null }),
        slot('by-hand-of-old', '2027-01-06T09:00', { ...gone, seriesId: 'old', withdrawnReason: 'absence' }),
        slot('replaced-before', '2027-01-06T09:15', { ...gone, withdrawnReason: 'series_edited' }),
        slot('only-replaced', '2027-01-07T09:15', { ...gone, withdrawnReason: 'series_edited' }),
      ],
      'new',
      (date) => date >= '2027-01-05',
    )
    expect(sorted).toMatchObject({ free: ['free'], kept: ['taken'], removedDates: ['2027-01-06'] })
    expect(sorted.blocked.map(({ start }) => start)).toEqual(
      [
        '2027-01-04T09:00',
        '2027-01-05T09:15',
        '2027-01-05T10:00',
        '2027-01-05T12:00',
        '2027-01-06T09:00',
      ].map(at),
    )
  })

  it('[SERIES-24] pieces are those that share no time with what is in the way', () => {
    const whole = planOccurrences(pattern('FREQ=DAILY;COUNT=10', '2027-03-15T09:00'), YEAR, PLACE, [])
    const walls = fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 10 * 24 * 12 }), fc.integer({ min: 1, max: 30 }))
        .map(([start, length]) => {
          const from = plus(at('2027-03-15T00:00'), start * 5 * MINUTE)
          return getInterval(from, plus(from, length * MINUTE))
        }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(walls, (blocked) => {
        const all = piecesOf(whole, 15, [])
        expect(all).toHaveLength(40)
        expect(piecesOf(whole, 15, blocked)).toEqual(
          all.filter((piece) => !blocked.some((wall) => isOverlapping(wall, piece))),
        )
      }),
      { seed: 96, numRuns: 100 },
    )
  })

  it('[SERIES-25] a range that its slots do not fill, and ages out of order, are refused', () => {
    expect(refusePieces(60, 15)).toBeNull()
    for (const [duration, pieces] of [
      [60, 25],
      [10, 15],
    ] as const)
      expect(refusePieces(duration, pieces)).toMatchObject({ code: 'invalid_interval' })
    expect(refuseAges(3, 2)).toMatchObject({ code: 'invalid_interval', path: ['change', 'minAge'] })
    for (const [min, max] of [
      [2, 2],
      [null, 1],
      [9, null],
    ] as const)
      expect(refuseAges(min, max)).toBeNull()
  })
})
