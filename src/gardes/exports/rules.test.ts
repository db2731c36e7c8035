import { describe, expect, it } from 'vitest'
import { getLocalDateTime, toInstant } from '../../kernel/civil.ts'
import { linesOf, type ExportedShift } from './rules.ts'

const shiftOf = (localStart: string, localEnd: string, more: Partial<ExportedShift> = {}): ExportedShift => {
  const [start, end] = [getLocalDateTime(localStart), getLocalDateTime(localEnd)]
  return {
    label: 'Garde',
    category: 'sunday',
    role: 'effecteur',
    headcount: 1,
    localStart: start,
    localEnd: end,
    start: toInstant(start, 'Europe/Paris', 'forward'),
    end: toInstant(end, 'Europe/Paris', 'forward'),
    places: [
      {
        place: 1,
        titulaireId: null,
        executantId: null,
        outsideName: null,
        outsideRpps: null,
        phone: null,
      },
    ],
    ...more,
  }
}

const lineOf = (shift: ExportedShift) => {
  const [line] = linesOf({
    kind: 'planned',
    shifts: [shift],
    people: new Map(),
    territory: { code: '92' },
    options: {},
  })
  if (!line) throw new Error('a shift with a place has a line')
  return line
}

describe('linesOf', () => {
  it('[EXPORT-1] midnight ends its day at 24:00; any other end is as the clock says', () => {
    expect(lineOf(shiftOf('2027-01-09T20:00', '2027-01-10T00:00')).endClock).toBe('24:00')
    expect(lineOf(shiftOf('2027-01-09T20:00', '2027-01-10T08:00')).endClock).toBe('08:00')
    expect(lineOf(shiftOf('2027-01-10T00:00', '2027-01-11T00:00')).endClock).toBe('24:00')
  })

  it('[EXPORT-1] hours are those elapsed, to the hundredth', () => {
    const hoursOn = (day: string, end = '08:00') => lineOf(shiftOf(`${day}T00:00`, `${day}T${end}`)).hours
    expect([hoursOn('2027-03-28'), hoursOn('2027-10-31'), hoursOn('2027-01-10')]).toEqual([7, 9, 8])
    expect(hoursOn('2027-01-10', '07:20')).toBe(7.33)
  })

  it('[EXPORT-5] a night is in the small hours or goes from an evening past midnight', () => {
    const isNight = (start: string, end: string, more?: Partial<ExportedShift>) =>
      lineOf(shiftOf(start, end, more)).isNight
    expect(isNight('2027-01-10T00:00', '2027-01-10T08:00', { category: 'night' })).toBe(true)
    expect(isNight('2027-01-09T20:00', '2027-01-10T08:00')).toBe(true)
    expect(isNight('2027-01-09T20:00', '2027-01-10T00:00')).toBe(false)
    expect(isNight('2027-01-10T08:00', '2027-01-11T08:00')).toBe(false)
    expect(isNight('2027-01-10T14:00', '2027-01-10T20:00')).toBe(false)
  })
})
