import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  addDays,
  addMinutes,
  atMinute,
  atWall,
  dateOf,
  dayInterval,
  daysBetween,
  findInstantText,
  findLocalDate,
  findLocalDateTime,
  formatInstant,
  getLocalDate,
  getLocalDateTime,
  isoWeekOf,
  isZone,
  type LocalDateTime,
  minuteOfDay,
  startOfDay,
  toInstant,
  toLocal,
  toLocalDate,
  wallMilliseconds,
  weekdayOf,
  weekInterval,
  type Zone,
  ZONES,
  zoneOfTerritory,
} from './civil.ts'
import { HOUR, type Instant, instant, lengthOf, MINUTE } from './time.ts'

vi.setConfig({ testTimeout: 60_000 })

const PROPERTY = { seed: 20261121, numRuns: 5_000 }

const local = getLocalDateTime
const date = getLocalDate
const at = (text: string): Instant => findInstantText(text)!

const anyZone = fc.constantFrom(...ZONES)
const anyInstant = fc
  .integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2036, 0, 1) - 1 })
  .map((milliseconds) => instant(milliseconds))
const anyMove = fc.integer({ min: -9_999, max: 9_999 })
const anyLocal = anyInstant.map((milliseconds) => atWall(milliseconds))

afterEach(() => {
  vi.useRealTimers()
})

describe('zones', () => {
  it('[TIME-8] only the zones of the French Republic are zones, by their exact names', () => {
    for (const zone of ZONES) expect(isZone(zone)).toBe(true)
    for (const text of ['europe/paris', 'CET', 'UTC', 'Etc/GMT+5', 'Europe/Brussels', '', 'Europe/Paris '])
      expect(isZone(text), text).toBe(false)
  })

  it('[TIME-8] every département and overseas territory has its zone, and nothing else has one', () => {
    for (const code of ['01', '13', '19', '21', '2A', '2B', '30', '57', '69', '75', '92', '95'])
      expect(zoneOfTerritory(code), code).toBe('Europe/Paris')
    for (const code of [
      '00',
      '20',
      '96',
      '99',
      '1',
      '2a',
      '2C',
      '970',
      '979',
      '985',
      '989',
      '',
      '075',
      '75\n',
    ])
      expect(zoneOfTerritory(code), code).toBeUndefined()
    const codes = Array.from({ length: 1000 }, (_, n) => String(n).padStart(n < 100 ? 2 : 3, '0'))
    const all = [...codes, '2A', '2B'].filter((code) => zoneOfTerritory(code))
    expect(all).toHaveLength(96 + 11)
    expect(zoneOfTerritory('971')).toBe('America/Guadeloupe')
    expect(zoneOfTerritory('974')).toBe('Indian/Reunion')
    expect(zoneOfTerritory('975')).toBe('America/Miquelon')
    expect(zoneOfTerritory('978')).toBe('America/Marigot')
    expect(zoneOfTerritory('988')).toBe('Pacific/Noumea')
  })
})

describe('texts', () => {
  it('[TIME-9] a local date and time has one form and exists in the calendar', () => {
    expect(findLocalDateTime('2028-02-29T23:59')).toBe('2028-02-29T23:59')
    for (const bad of [
      '2026-02-29T10:00',
      '2026-02-30T10:00',
      '2026-04-31T10:00',
      '2026-13-01T10:00',
      '2026-00-10T10:00',
      '2026-01-00T10:00',
      '2026-01-01T24:00',
      '2026-01-01T23:60',
      '2026-01-01T10:00:00',
      '2026-01-01T10:00Z',
      '2026-01-01 10:00',
      '2026-1-1T10:00',
      '20260101T1000',
      '1899-12-31T10:00',
      '0026-01-01T10:00',
      '+002026-01-01T10:00',
      '2026-01-01T10:00\n',
      '2026-W01',
      '2026',
      '',
    ])
      expect(findLocalDateTime(bad), bad).toBeUndefined()
    expect(() => getLocalDateTime('2026-02-30T10:00')).toThrow(RangeError)
  })

  it('[TIME-9] a local date has one form and exists in the calendar', () => {
    expect(findLocalDate('2024-02-29')).toBe('2024-02-29')
    for (const bad of [
      '2026-02-29',
      '2026-2-9',
      '2026-06-31',
      '2026-06-01T',
      '2026-06',
      '20260601',
      '2100-02-29',
    ])
      expect(findLocalDate(bad), bad).toBeUndefined()
    expect(() => getLocalDate('2026-02-29')).toThrow(RangeError)
  })

  it('[TIME-10] an instant has an offset, and seconds and fraction if it likes', () => {
    const noon = Date.UTC(2026, 10, 23, 12)
    for (const text of [
      '2026-11-23T12:00Z',
      '2026-11-23T12:00:00Z',
      '2026-11-23T12:00:00.000Z',
      '2026-11-23T12:00:00-00:00',
      '2026-11-23T13:00:00+01:00',
      '2026-11-23T02:30-09:30',
      '2026-11-24T02:00+14:00',
    ])
      expect(findInstantText(text), text).toBe(noon)
    expect(findInstantText('2026-11-23T12:00:00.1Z')).toBe(noon + 100)
    expect(findInstantText('2026-11-23T12:00:00.9999Z')).toBe(noon + 999)
    expect(findInstantText('2026-11-23T12:00:59.123456789Z')).toBe(noon + 59_123)
  })

  it('[TIME-10] an instant without an offset, or that does not exist, is refused', () => {
    for (const bad of [
      '2026-11-23T12:00:00',
      '2026-11-23',
      '2026-11-23T24:00:00Z',
      '2026-06-30T23:59:60Z',
      '2026-02-30T12:00:00Z',
      '2026-11-23T12:00:00+14:01',
      '2026-11-23T12:00:00+99:00',
      '2026-11-23T12:00:00+01:60',
      '2026-11-23T12:00:00+0100',
      '2026-11-23T12:00:00+01',
      '2026-11-23t12:00:00Z',
      '2026-11-23T12:00:00z',
      '2026-11-23T12:00:00.Z',
      '2026-11-23T12:00:00,5Z',
      '2026-11-23 12:00:00Z',
      '2026-11-23T12Z',
      '2026-11-23T12:00:00Z\n',
      '2026-11-23T12:00:00Z[Europe/Paris]',
      '',
    ])
      expect(findInstantText(bad), bad).toBeUndefined()
  })
})

describe('arithmetic on the calendar', () => {
  it('[TIME-11] days, weekdays and minutes agree with Temporal', () => {
    fc.assert(
      fc.property(anyLocal, anyMove, anyMove, (start, days, minutes) => {
        const day = Temporal.PlainDate.from(dateOf(start))
        expect(weekdayOf(dateOf(start))).toBe(day.dayOfWeek)
        const other = day.add({ days })
        expect(addDays(dateOf(start), days)).toBe(other.toString())
        expect(daysBetween(dateOf(start), date(other.toString()))).toBe(days)
        const moved = Temporal.PlainDateTime.from(start).add({ minutes })
        expect(addMinutes(start, minutes)).toBe(moved.toString({ smallestUnit: 'minute' }))
        expect(atMinute(dateOf(start), minuteOfDay(start))).toBe(start)
      }),
      PROPERTY,
    )
    expect(weekdayOf(date('1969-12-28'))).toBe(7)
    expect(weekdayOf(date('1900-01-01'))).toBe(1)
  })

  it('[TIME-11] minute 1440 of a day is 00:00 of the next, and time ends with the year 9999', () => {
    expect(atMinute(date('2026-12-31'), 1440)).toBe('2027-01-01T00:00')
    expect(atMinute(date('2026-03-29'), -240)).toBe('2026-03-28T20:00')
    expect(() => addDays(date('9999-12-31'), 1)).toThrow(RangeError)
    expect(() => addDays(date('1900-01-01'), -1)).toThrow(RangeError)
    expect(() => toLocal(instant(8.64e15), 'Europe/Paris')).toThrow(RangeError)
    expect(() => formatInstant(instant(8e15), 'Europe/Paris')).toThrow(RangeError)
  })

  it('[TIME-12] weeks are those of ISO 8601', () => {
    expect(isoWeekOf(date('2026-11-23'))).toBe('2026-W48')
    expect(isoWeekOf(date('2027-01-03'))).toBe('2026-W53')
    expect(isoWeekOf(date('2027-01-04'))).toBe('2027-W01')
    expect(isoWeekOf(date('2024-12-30'))).toBe('2025-W01')
    fc.assert(
      fc.property(anyLocal, anyZone, (start, zone) => {
        const day = Temporal.PlainDate.from(dateOf(start))
        const week = isoWeekOf(dateOf(start))
        expect(week).toBe(`${day.yearOfWeek}-W${String(day.weekOfYear).padStart(2, '0')}`)
        const found = weekInterval(week, zone)!
        expect(weekdayOf(toLocalDate(found.start, zone))).toBe(1)
        const noon = toInstant(atMinute(dateOf(start), 720), zone, 'forward')
        expect(found.start <= noon && noon < found.end).toBe(true)
      }),
      { ...PROPERTY, numRuns: 1_000 },
    )
  })

  it('[TIME-12] a week that does not exist is refused, and one that changes hour is an hour shorter or longer', () => {
    for (const bad of ['2027-W53', '2026-W00', '2026-W54', '2026-48', '2026-W1', '26-W01', '2026-w48'])
      expect(weekInterval(bad, 'Europe/Paris'), bad).toBeUndefined()
    // The ends of the calendar are an answer, not an error.
    for (const bad of ['1899-W52', '1900-W00', '9999-W52', '9999-W53', '9999-W99'])
      expect(weekInterval(bad, 'Europe/Paris'), bad).toBeUndefined()
    for (const good of ['1900-W01', '9999-W51'])
      for (const zone of ZONES) expect(weekInterval(good, zone), `${good} ${zone}`).toBeDefined()
    expect(lengthOf(weekInterval('2026-W13', 'Europe/Paris')!)).toBe(167 * HOUR)
    expect(lengthOf(weekInterval('2026-W43', 'Europe/Paris')!)).toBe(169 * HOUR)
    expect(lengthOf(weekInterval('2026-W53', 'Indian/Reunion')!)).toBe(168 * HOUR)
  })
})

type Convert = typeof toInstant

/** What Temporal says against what `convert` says; undefined when they agree. */
const findDisagreement = (convert: Convert, wall: LocalDateTime, zone: Zone): string | undefined => {
  const plain = Temporal.PlainDateTime.from(wall)
  const compatible = plain.toZonedDateTime(zone, { disambiguation: 'compatible' })
  const earlier = plain.toZonedDateTime(zone, { disambiguation: 'earlier' })
  const isSkipped = !compatible.toPlainDateTime().equals(plain)
  const expected = isSkipped ? undefined : earlier.epochMilliseconds
  const answers = {
    forward: [convert(wall, zone, 'forward'), compatible.epochMilliseconds],
    refuse: [convert(wall, zone, 'refuse'), expected],
    skip: [convert(wall, zone, 'skip'), expected],
  }
  const wrong = Object.entries(answers).filter(([, [ours, theirs]]) => ours !== theirs)
  return wrong.length > 0 ? `${wall} ${zone}: ${JSON.stringify(wrong)}` : undefined
}

/** Wall times ±2 h around each change of hour of a zone from 2024 to 2035, every quarter of an hour. */
const wallTimesAroundChanges = (zone: Zone): LocalDateTime[] => {
  const found: LocalDateTime[] = []
  let next = Temporal.Instant.from('2024-01-01T00:00Z').toZonedDateTimeISO(zone).getTimeZoneTransition('next')
  for (; next && next.year < 2036; next = next.getTimeZoneTransition('next')) {
    const wall = wallMilliseconds(local(next.toPlainDateTime().toString({ smallestUnit: 'minute' })))
    for (let quarter = -8; quarter <= 8; quarter++) found.push(atWall(wall + quarter * 15 * MINUTE))
  }
  return found
}

const CHANGES = [...wallTimesAroundChanges('Europe/Paris'), ...wallTimesAroundChanges('America/Miquelon')]

/** What luxon does in winter: a repeated hour is its second instant. */
const toInstantWrongly = ((wall: LocalDateTime, zone: Zone, policy: 'skip') => {
  const first = toInstant(wall, zone, policy)
  const second = first === undefined ? undefined : instant(first + HOUR)
  return second !== undefined && toLocal(second, zone) === wall ? second : first
}) as Convert

describe('wall time to instant', () => {
  it('[TIME-3] a repeated hour is its first instant', () => {
    for (const policy of ['refuse', 'skip', 'forward'] as const) {
      expect(toInstant(local('2026-10-25T02:30'), 'Europe/Paris', policy)).toBe(at('2026-10-25T02:30+02:00'))
      expect(toInstant(local('2026-11-01T01:30'), 'America/Miquelon', policy)).toBe(
        at('2026-11-01T01:30-02:00'),
      )
    }
  })

  it('[TIME-4] a skipped hour is no instant when typed or in a series, and moves by the gap for a garde', () => {
    const skipped = local('2026-03-29T02:30')
    expect(toInstant(skipped, 'Europe/Paris', 'refuse')).toBeUndefined()
    expect(toInstant(skipped, 'Europe/Paris', 'skip')).toBeUndefined()
    expect(toInstant(skipped, 'Europe/Paris', 'forward')).toBe(at('2026-03-29T03:30+02:00'))
    expect(toInstant(local('2026-03-29T02:00'), 'Europe/Paris', 'skip')).toBeUndefined()
    expect(toInstant(local('2026-03-29T03:00'), 'Europe/Paris', 'skip')).toBe(at('2026-03-29T03:00+02:00'))
    expect(toInstant(skipped, 'America/Miquelon', 'refuse')).toBe(at('2026-03-29T02:30-02:00'))
    expect(toInstant(local('2026-03-08T02:30'), 'America/Miquelon', 'refuse')).toBeUndefined()
  })

  it('[TIME-5] agrees with Temporal around every change of hour from 2024 to 2035, in every zone', () => {
    expect(CHANGES).toHaveLength(2 * 24 * 17)
    const wrong = ZONES.flatMap((zone) => CHANGES.map((wall) => findDisagreement(toInstant, wall, zone)))
    expect(wrong.filter((found) => found !== undefined)).toEqual([])
  })

  it('[TIME-5] agrees with Temporal at random', () => {
    fc.assert(
      fc.property(anyLocal, anyZone, (wall, zone) => {
        expect(findDisagreement(toInstant, wall, zone)).toBeUndefined()
      }),
      PROPERTY,
    )
  })

  it('[TIME-5] negative control: the check finds a conversion that takes the second of a repeated hour', () => {
    const wrong = CHANGES.filter((wall) => findDisagreement(toInstantWrongly, wall, 'Europe/Paris'))
    expect(wrong).toHaveLength(12 * 4)
    expect(wrong).toContain('2026-10-25T02:30')
  })

  it.each(['2026-01-15T12:00:00Z', '2026-07-15T12:00:00Z'])(
    '[TIME-5] does not depend on today: %s',
    async (today) => {
      vi.useFakeTimers({ now: Date.parse(today) })
      vi.resetModules()
      const fresh = await import('./civil.ts')
      const wrong = CHANGES.filter((wall) => findDisagreement(fresh.toInstant, wall, 'Europe/Paris'))
      expect(wrong).toEqual([])
      expect(fresh.formatInstant(at('2026-10-25T00:30Z'), 'Europe/Paris')).toBe('2026-10-25T02:30:00+02:00')
    },
  )

  it('[TIME-5] does not depend on what was asked before', () => {
    const texts = () => CHANGES.map((wall) => toInstant(wall, 'America/Miquelon', 'forward'))
    const before = texts()
    for (let day = 0; day < 25_000; day++) toLocal(instant(day * 24 * HOUR), 'America/Miquelon')
    expect(texts()).toEqual(before)
  })
})

describe('instant to wall time', () => {
  it('[TIME-13] a formatted instant has its seconds and the offset of the zone then', () => {
    expect(formatInstant(at('2026-11-23T16:00:00Z'), 'Europe/Paris')).toBe('2026-11-23T17:00:00+01:00')
    expect(formatInstant(at('2026-07-23T16:00:07.999Z'), 'Europe/Paris')).toBe('2026-07-23T18:00:07+02:00')
    expect(formatInstant(at('2026-11-23T16:00:00Z'), 'Pacific/Marquesas')).toBe('2026-11-23T06:30:00-09:30')
    expect(formatInstant(at('1969-12-31T23:59:59.5Z'), 'Pacific/Noumea')).toBe('1970-01-01T10:59:59+11:00')
  })

  it('[TIME-13] formatting agrees with Temporal and reading gives the instant back', () => {
    fc.assert(
      fc.property(anyInstant, anyZone, (when, zone) => {
        const zoned = Temporal.Instant.fromEpochMilliseconds(when).toZonedDateTimeISO(zone)
        const text = formatInstant(when, zone)
        expect(text).toBe(zoned.toString({ timeZoneName: 'never', smallestUnit: 'second' }))
        expect(findInstantText(text)).toBe(Math.floor(when / 1000) * 1000)
        expect(toLocal(when, zone)).toBe(zoned.toPlainDateTime().toString({ smallestUnit: 'minute' }))
        expect(toLocalDate(when, zone)).toBe(zoned.toPlainDate().toString())
      }),
      PROPERTY,
    )
  })

  it('[TIME-13] an instant to wall time and back is the same minute, or an hour earlier in a repeated hour', () => {
    fc.assert(
      fc.property(anyInstant, anyZone, (when, zone) => {
        const minute = Math.floor(when / MINUTE) * MINUTE
        const back = toInstant(toLocal(when, zone), zone, 'refuse')
        expect([minute, minute - HOUR]).toContain(back)
      }),
      PROPERTY,
    )
  })

  it('[TIME-14] a civil day runs from its first instant to that of the next: 23 h or 25 h when the hour changes', () => {
    expect(startOfDay(date('2026-11-23'), 'Europe/Paris')).toBe(at('2026-11-22T23:00Z'))
    const hours = (text: string, zone: Zone) => lengthOf(dayInterval(date(text), zone)) / HOUR
    expect(hours('2026-03-29', 'Europe/Paris')).toBe(23)
    expect(hours('2026-10-25', 'Europe/Paris')).toBe(25)
    expect(hours('2026-10-25', 'Indian/Reunion')).toBe(24)
    expect(hours('2026-11-01', 'America/Miquelon')).toBe(25)
    fc.assert(
      fc.property(anyLocal, anyZone, (wall, zone) => {
        const start = startOfDay(dateOf(wall), zone)
        expect(start).toBe(Temporal.PlainDate.from(dateOf(wall)).toZonedDateTime(zone).epochMilliseconds)
      }),
      { ...PROPERTY, numRuns: 1_000 },
    )
  })
})
