import { getLocalDateTime, toInstant, type Zone } from '../../src/kernel/civil.ts'
import { readRule, type Pattern } from '../../src/slots/series/rules.ts'

export const PARIS: Zone = 'Europe/Paris'
export const PLACE = { zone: PARIS, territory: { code: '92' } }

export const pattern = (rrule: string, localStart: string, more: Partial<Pattern> = {}): Pattern => {
  const start = getLocalDateTime(localStart)
  const read = readRule(rrule, PARIS, start)
  if ('refusal' in read) throw new Error(read.refusal.detail)
  return {
    rule: read.rule,
    localStart: start,
    durationMinutes: 60,
    slotMinutes: 15,
    exdates: [],
    skipHolidays: true,
    ...more,
  }
}

export const window = (from: string, to: string) => ({
  from: getLocalDateTime(from),
  to: getLocalDateTime(to),
})
export const YEAR = window('2027-01-01T00:00', '2028-01-01T00:00')

export const at = (text: string) => toInstant(getLocalDateTime(text), PARIS, 'forward')
