import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, getLocalDate, getLocalDateTime } from '../../kernel/civil.ts'
import { getInterval, instant, isOverlapping, lengthOf, MINUTE, plus } from '../../kernel/time.ts'
import { countOccurrences, MOST_SLOTS, planOccurrences, readRule, refuseTooMany } from './rules.ts'
import { at, PARIS, pattern, PLACE, window, YEAR } from '../../../test/support/series.ts'

describe('series', () => {
  it('[SERIES-8] a rule out of the whitelist is refused with a French sentence and its place', () => {
    expect(readRule('FREQ=SECONDLY', PARIS, getLocalDateTime('2027-01-01T09:00'))).toMatchObject({
      refusal: { code: 'invalid_rrule', path: ['rrule'], detail: expect.stringContaining('FREQ') },
    })
  })

  it('[SERIES-9] three thousand slots are allowed and not one more', () => {
    expect(refuseTooMany(MOST_SLOTS)).toBeNull()
    expect(refuseTooMany(MOST_SLOTS + 1)).toMatchObject({
      code: 'too_many_slots',
      facts: { slots: 3001, most: 3000 },
    })
  })

  it('[SERIES-4][SERIES-5][SERIES-6] each reason to skip, the first that holds, in that order', () => {
    const occurrences = planOccurrences(
      pattern('FREQ=DAILY;UNTIL=20270512', '2027-03-26T02:30', {
        exdates: [getLocalDate('2027-03-28'), getLocalDate('2027-05-06'), getLocalDate('2027-04-02')],
      }),
      YEAR,
      PLACE,
      [
        getInterval(at('2027-05-06T02:00'), at('2027-05-06T03:00')),
        getInterval(at('2027-05-10T03:00'), at('2027-05-10T04:00')),
      ],
    )
    const skips = occurrences
      .filter(({ skipped }) => skipped)
      .map(({ localStart, skipped }) => [localStart.slice(0, 10), skipped])
    expect(skips).toEqual([
      ['2027-03-28', 'dst_gap'],
      ['2027-03-29', 'holiday'],
      ['2027-04-02', 'exdate'],
      ['2027-05-01', 'holiday'],
      ['2027-05-06', 'exdate'],
      ['2027-05-08', 'holiday'],
      ['2027-05-10', 'overlap'],
    ])
    expect(countOccurrences(occurrences)).toEqual({
      created: 48 - 7,
      skippedHolidays: 3,
      skippedGap: 1,
      skippedExdates: 2,
      overlapping: 1,
    })
  })

  it('[SERIES-4] an occurrence lasts its minutes whatever clocks do meanwhile', () => {
    const [spring] = planOccurrences(pattern('FREQ=DAILY', '2027-03-28T01:30'), YEAR, PLACE, [])
    expect(spring?.interval).toEqual(getInterval(at('2027-03-28T01:30'), at('2027-03-28T03:30')))
    const [autumn] = planOccurrences(pattern('FREQ=DAILY', '2027-10-31T02:30'), YEAR, PLACE, [])
    expect(lengthOf(autumn!.interval!)).toBe(60 * MINUTE)
    expect(autumn!.interval!.start).toBe(instant(Date.parse('2027-10-31T02:30:00+02:00')))
  })

  it('[SERIES-7] what is made never overlaps what was there or itself, and what overlaps nothing is made', () => {
    const busies = fc
      .uniqueArray(fc.integer({ min: 0, max: 30 * 24 * 4 }), { maxLength: 40 })
      .map((quarters) => [...quarters].sort((a, b) => a - b))
      .map((quarters) =>
        quarters.map((quarter) => {
          const start = plus(at('2027-03-15T00:00'), quarter * 15 * MINUTE)
          return getInterval(start, plus(start, 15 * MINUTE))
        }),
      )
    fc.assert(
      fc.property(
        busies,
        fc.constantFrom('00:00', '02:00', '02:30', '09:10', '23:45'),
        fc.constantFrom(15, 60, 720, 1440),
        (busy, clock, durationMinutes) => {
          const occurrences = planOccurrences(
            pattern('FREQ=DAILY', `2027-03-15T${clock}`, { durationMinutes, skipHolidays: false }),
            window('2027-03-15T00:00', '2027-04-14T00:00'),
            PLACE,
            busy,
          )
          expect(occurrences).toHaveLength(30)
          const made = occurrences
            .filter(({ skipped }) => skipped === undefined)
            .map(({ interval }) => interval!)
          for (const [i, { interval, skipped, slots }] of occurrences.entries()) {
            if (interval === undefined) {
              expect(skipped).toBe('dst_gap')
              continue
            }
            const earlier = made.filter((other) => other.start < interval.start)
            const blocked = [...busy, ...earlier].some((other) => isOverlapping(other, interval))
            expect(skipped, `occurrence ${i}`).toBe(blocked ? 'overlap' : undefined)
            expect(slots).toBe(blocked ? 0 : durationMinutes / 15)
          }
        },
      ),
      { seed: 93, numRuns: 120 },
    )
  })

  it('[SERIES-11] a window planned day by day gives what it gives at once', () => {
    const rules = fc.constantFrom(
      'FREQ=DAILY',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU',
      'FREQ=MONTHLY;BYDAY=-1FR',
      'FREQ=DAILY;INTERVAL=5;COUNT=9',
    )
    fc.assert(
      fc.property(rules, fc.constantFrom('00:00', '02:30', '23:30'), (rrule, clock) => {
        const one = pattern(rrule, `2027-03-01T${clock}`)
        const days = Array.from({ length: 60 }, (_, i) => addDays(getLocalDate('2027-03-01'), i))
        const daily = days.flatMap((day) =>
          planOccurrences(one, window(`${day}T00:00`, `${addDays(day, 1)}T00:00`), PLACE, []),
        )
        expect(daily).toEqual(planOccurrences(one, window('2027-03-01T00:00', '2027-04-30T00:00'), PLACE, []))
      }),
      { seed: 94, numRuns: 30 },
    )
  })
})
