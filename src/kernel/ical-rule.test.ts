import fc from 'fast-check'
import ICAL from 'ical.js'
import { describe, expect, it } from 'vitest'
import { addDays, daysBetween, getLocalDate, getLocalDateTime, type LocalDate } from './civil.ts'
import { findDays, readDayRule } from './ical-rule.ts'
import { expand, isInvalidRule, parseRule } from './recurrence.ts'

const recurOf = (text: string) => {
  const [, [[, , , value]]] = ICAL.parse(`BEGIN:VEVENT\r\nRRULE:${text}\r\nEND:VEVENT`) as unknown as [
    string,
    [[string, object, string, Record<string, unknown>]],
  ]
  return value
}

const START = '2026-01-05T09:30'

const daysOf = (
  text: string,
  from: string,
  to: string,
  { start = START, steps = 100_000 } = {},
): LocalDate[] | undefined => {
  const rule = readDayRule(recurOf(text), getLocalDateTime(start))
  if (!rule) throw new Error(`refused: ${text}`)
  return findDays(
    rule,
    getLocalDateTime(start),
    { from: getLocalDate(from), to: getLocalDate(to) },
    { left: steps },
  )
}

const isRefused = (text: string) => readDayRule(recurOf(text), getLocalDateTime(START)) === undefined

describe('rules of other programs', () => {
  it('[IMPORT-4] are read as they are written by agendas', () => {
    expect(daysOf('FREQ=DAILY;INTERVAL=3', '2026-01-01', '2026-01-12')).toEqual([
      '2026-01-05',
      '2026-01-08',
      '2026-01-11',
    ])
    expect(daysOf('FREQ=WEEKLY', '2026-01-01', '2026-01-20')).toEqual([
      '2026-01-05',
      '2026-01-12',
      '2026-01-19',
    ])
    expect(daysOf('FREQ=MONTHLY;BYDAY=-1FR', '2026-01-01', '2026-03-31')).toEqual([
      '2026-01-30',
      '2026-02-27',
      '2026-03-27',
    ])
    expect(daysOf('FREQ=MONTHLY;BYMONTHDAY=-1,15', '2026-02-01', '2026-03-31')).toEqual([
      '2026-02-15',
      '2026-02-28',
      '2026-03-15',
      '2026-03-31',
    ])
    expect(daysOf('FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '2026-01-01', '2026-02-28')).toEqual([
      '2026-01-30',
      '2026-02-27',
    ])
    expect(daysOf('FREQ=YEARLY', '2026-01-01', '2028-12-31')).toEqual([
      '2026-01-05',
      '2027-01-05',
      '2028-01-05',
    ])
    expect(daysOf('FREQ=YEARLY;BYMONTH=3;BYDAY=2TU', '2026-01-01', '2027-12-31')).toEqual([
      '2026-03-10',
      '2027-03-09',
    ])
    expect(daysOf('FREQ=WEEKLY;COUNT=3', '2026-01-12', '2026-12-31')).toEqual(['2026-01-12', '2026-01-19'])
    expect(daysOf('FREQ=WEEKLY;BYHOUR=9;BYMINUTE=30;BYSECOND=0', '2026-01-01', '2026-01-10')).toHaveLength(1)
    // The example of RFC 5545 §3.3.10 where the start of the week tells.
    for (const [weekStart, expected] of [
      ['MO', ['1997-08-05', '1997-08-10', '1997-08-19', '1997-08-24']],
      ['SU', ['1997-08-05', '1997-08-17', '1997-08-19', '1997-08-31']],
    ] as const)
      expect(
        daysOf(`FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=${weekStart}`, '1997-08-01', '1997-12-31', {
          start: '1997-08-05T09:00',
        }),
      ).toEqual(expected)
  })

  it('[IMPORT-4] of 2010 or of a thousand times are found at once', () => {
    const start = '2010-01-04T09:00'
    expect(daysOf('FREQ=DAILY', '2026-11-23', '2027-01-17', { start, steps: 56 })).toHaveLength(56)
    expect(
      daysOf('FREQ=DAILY;COUNT=10000', '2026-11-23', '2027-01-17', { start, steps: 6_300 }),
    ).toHaveLength(56)
    expect(
      daysOf('FREQ=DAILY;COUNT=10000', '2026-11-23', '2027-01-17', { start, steps: 6_000 }),
    ).toBeUndefined()
  })

  it('[IMPORT-5] that never come, on which a parser loops for ever, come to an end', () => {
    for (const text of [
      'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=DAILY;INTERVAL=7;BYDAY=SU',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30,31',
      'FREQ=MONTHLY;INTERVAL=12;BYDAY=5MO;BYSETPOS=31',
    ])
      expect([text, daysOf(text, '2026-11-23', '2027-01-17', { steps: 56 * 32 })]).toEqual([text, []])
  })

  it('[IMPORT-5] that agendas do not write are refused', () => {
    for (const text of [
      'FREQ=SECONDLY',
      'FREQ=MINUTELY;INTERVAL=1',
      'FREQ=HOURLY',
      'FREQ=DAILY;BYHOUR=8,9,10',
      'FREQ=DAILY;BYMINUTE=0',
      'FREQ=DAILY;BYSECOND=1',
      'FREQ=YEARLY;BYYEARDAY=200',
      'FREQ=YEARLY;BYWEEKNO=20',
      'FREQ=YEARLY;BYDAY=20MO',
      'FREQ=YEARLY;BYDAY=MO',
      'FREQ=YEARLY;BYMONTHDAY=1',
      'FREQ=WEEKLY;BYDAY=2MO',
      'FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1',
      'FREQ=WEEKLY;BYMONTHDAY=3',
      'FREQ=WEEKLY;INTERVAL=5000',
      'FREQ=WEEKLY;COUNT=1000000',
      'FREQ=WEEKLY;RSCALE=HEBREW',
    ])
      expect([text, isRefused(text)]).toEqual([text, true])
  })

  const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
  const someDays = fc.subarray(DAYS, { minLength: 1 })
  const starts = fc.integer({ min: 0, max: 1_500 }).map((days) => addDays(getLocalDate('2023-01-01'), days))

  it('[IMPORT-4] come to the days that ical.js finds', () => {
    const rules = fc.oneof(
      fc.tuple(fc.constant('DAILY'), fc.constantFrom('', ';BYDAY=MO,TU,WE', ';BYMONTH=3,11')),
      fc.tuple(
        fc.constant('WEEKLY'),
        fc
          .tuple(someDays, fc.constantFrom('MO', 'SU'))
          .map(([days, start]) => `;BYDAY=${days.join()};WKST=${start}`),
      ),
      fc.tuple(
        fc.constant('MONTHLY'),
        fc.oneof(
          fc.constantFrom('', ';BYMONTHDAY=-1', ';BYMONTHDAY=1,15,31', ';BYDAY=FR;BYMONTHDAY=13'),
          fc
            .tuple(fc.constantFrom(1, 2, 3, 4, -1, -2), fc.constantFrom(...DAYS))
            .map(([rank, day]) => `;BYDAY=${rank}${day}`),
        ),
      ),
      fc.tuple(
        fc.constant('YEARLY'),
        fc.constantFrom('', ';BYMONTH=3;BYDAY=-1SU', ';BYMONTH=2,6;BYMONTHDAY=10'),
      ),
    )
    let compared = 0
    fc.assert(
      fc.property(
        rules,
        fc.integer({ min: 1, max: 3 }),
        starts,
        fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
        fc.nat(700),
        ([freq, by], interval, anyDay, count, offset) => {
          // A start that does not match its rule is undefined by RFC 5545 §3.8.5.3: ical.js counts some, we count none.
          const [start] =
            daysOf(`FREQ=${freq}${by}`, anyDay, addDays(anyDay, 800), { start: `${anyDay}T09:00` }) ?? []
          if (start === undefined) throw new Error('every rule has a day')
          const text = `FREQ=${freq};INTERVAL=${interval}${by}${count === undefined ? '' : `;COUNT=${count}`}`
          const from = addDays(start, offset)
          const to = addDays(from, 90)
          const iterator = ICAL.Recur.fromString(text).iterator(
            ICAL.Time.fromDateTimeString(`${start}T09:00:00`, undefined),
          )
          const expected: string[] = []
          for (let i = 0; i < 1_200; i++) {
            const next = iterator.next() as { toString(): string } | null
            const day = next?.toString().slice(0, 10)
            if (day === undefined || day > to) break
            if (day >= from) expected.push(day)
          }
          const found = daysOf(text, from, to, { start: `${start}T09:00` })
          expect([text, start, from, found]).toEqual([text, start, from, expected])
          compared += expected.length
        },
      ),
      { seed: 20261123, numRuns: 200 },
    )
    expect(compared).toBeGreaterThan(800)
  })

  it('[IMPORT-4] come to the dates of the same rule typed here', () => {
    const rules = fc.oneof(
      someDays.map((days) => `FREQ=WEEKLY;BYDAY=${days.join()}`),
      fc.constantFrom(
        'FREQ=DAILY',
        'FREQ=MONTHLY',
        'FREQ=MONTHLY;BYDAY=2TH',
        'FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=-1',
      ),
    )
    let compared = 0
    fc.assert(
      fc.property(
        rules,
        fc.integer({ min: 1, max: 4 }),
        starts,
        fc.nat(300),
        (base, interval, start, offset) => {
          const text = `${base};INTERVAL=${interval}`
          const local = getLocalDateTime(`${start}T09:00`)
          const typed = parseRule(text, 'Europe/Paris', local)
          if (isInvalidRule(typed)) throw new Error(typed.reason)
          const from = addDays(start, offset)
          const to = addDays(from, 60)
          expect(daysBetween(from, to)).toBe(60)
          const expected = expand(typed, local, {
            from: getLocalDateTime(`${from}T00:00`),
            to: getLocalDateTime(`${addDays(to, 1)}T00:00`),
          }).map((one) => one.slice(0, 10))
          expect([text, start, daysOf(text, from, to, { start: local })]).toEqual([text, start, expected])
          compared += expected.length
        },
      ),
      { seed: 20261123, numRuns: 300 },
    )
    expect(compared).toBeGreaterThan(1_000)
  })
})
