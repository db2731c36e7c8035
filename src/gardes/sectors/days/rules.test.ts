import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { getLocalDate, type Zone } from '../../../kernel/civil.ts'
import { lengthOf, MINUTE } from '../../../kernel/time.ts'
import { calendarDays, calendarOptionsOf, type SectorCalendar } from './rules.ts'

const PARIS: Zone = 'Europe/Paris'

const CHOICES: SectorCalendar = {
  goodFridayIsHoliday: null,
  pontMondayBefore: false,
  pontFridayAfter: false,
  pontSaturdayAfter: false,
  extraHolidays: [],
}

describe('the days of a sector', () => {
  it('[SECTOR-20] a pont day brought into scope gains what was SNP time of it, and no other day changes', () => {
    const year = { from: getLocalDate('2026-01-01'), to: getLocalDate('2026-12-31') }
    const read = (choices: SectorCalendar) =>
      calendarDays(year, PARIS, { code: '92' }, calendarOptionsOf(choices))
    const minutes = ({ pdsa }: ReturnType<typeof read>[number]) =>
      pdsa.reduce((total, interval) => total + lengthOf(interval) / MINUTE, 0)
    const none = read(CHOICES)
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), (monday, friday, saturday) => {
        const some = read({
          ...CHOICES,
          pontMondayBefore: monday,
          pontFridayAfter: friday,
          pontSaturdayAfter: saturday,
        })
        expect(some.map(({ date, type }) => [date, type])).toEqual(none.map(({ date, type }) => [date, type]))
        for (const [index, day] of some.entries()) {
          const gained = minutes(day) - minutes(none[index]!)
          expect([day.date, gained]).toEqual([day.date, !day.pont ? 0 : day.type === 'saturday' ? 240 : 720])
        }
        expect(some.some(({ pont }) => pont)).toBe(friday || saturday || monday)
      }),
      { seed: 92, numRuns: 20 },
    )
  })
})
