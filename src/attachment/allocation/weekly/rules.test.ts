import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatInstant, toLocal } from '../../../kernel/civil.ts'
import { DAY, HOUR, instant, plus } from '../../../kernel/time.ts'
import { isRun, nextRun } from './rules.ts'

const at = (text: string) => instant(Date.parse(text))
const next = (weekday: number, time: string, after: string) =>
  formatInstant(nextRun({ weekday, at: time }, at(after), 'Europe/Paris'), 'Europe/Paris')

describe('the run of the week', () => {
  it('[ALLOC-53] is at the day and hour that clocks show, later today or a week on', () => {
    expect(next(1, '06:00', '2026-11-23T05:59:00+01:00')).toBe('2026-11-23T06:00:00+01:00')
    expect(next(1, '06:00', '2026-11-23T06:00:00+01:00')).toBe('2026-11-30T06:00:00+01:00')
    expect(next(7, '23:30', '2026-11-23T06:00:00+01:00')).toBe('2026-11-29T23:30:00+01:00')
  })

  it('[ALLOC-53] is once a week when clocks change: the hour skipped comes after the gap, that twice at its first', () => {
    expect(next(7, '02:30', '2027-03-27T12:00:00+01:00')).toBe('2027-03-28T03:30:00+02:00')
    expect(next(7, '02:30', '2027-03-28T03:30:00+02:00')).toBe('2027-04-04T02:30:00+02:00')
    expect(next(7, '02:30', '2026-10-24T12:00:00+02:00')).toBe('2026-10-25T02:30:00+02:00')
    expect(next(7, '02:30', '2026-10-25T02:30:00+02:00')).toBe('2026-11-01T02:30:00+01:00')
    // Monday at six is an hour of clocks, not a hundred and sixty-eight hours.
    expect(next(1, '06:00', '2027-03-22T06:00:00+01:00')).toBe('2027-03-29T06:00:00+02:00')
  })

  it('[ALLOC-53] comes after, within a week and an hour, at its hour, and is known again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2030-01-01T00:00:00Z') }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 1_439 }),
        (milliseconds, weekday, minute) => {
          const after = instant(milliseconds)
          const pad = (number: number) => String(number).padStart(2, '0')
          const run = { weekday, at: `${pad(Math.floor(minute / 60))}:${pad(minute % 60)}` }
          const found = nextRun(run, after, 'Europe/Paris')
          expect(found).toBeGreaterThan(after)
          expect(found - after).toBeLessThanOrEqual(7 * DAY + HOUR)
          expect(isRun(run, found, 'Europe/Paris')).toBe(true)
          expect(isRun(run, plus(found, 60_000), 'Europe/Paris')).toBe(false)
          const shown = toLocal(found, 'Europe/Paris').slice(11)
          if (!shown.startsWith('03:')) expect(shown).toBe(run.at)
        },
      ),
      { seed: 53, numRuns: 2_000 },
    )
  })
})
