import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, getLocalDate, type LocalDate, type Zone } from '../../kernel/civil.ts'
import type { Actor } from '../../kernel/ctx.ts'
import type { RefusalCode } from '../../kernel/refusal.ts'
import { refuseMembers } from './people/rules.ts'
import { isSharingDay, mayManageSector, mayShareSector, type Dates } from './rules.ts'
import {
  clockOf,
  endClockOf,
  minutesBetween,
  minutesOf,
  refuseShiftTypes,
  type TypedShift,
} from './shift-types/rules.ts'

const PARIS: Zone = 'Europe/Paris'
const FIRST = getLocalDate('2026-12-25')
const dayAt = (days: number) => addDays(FIRST, days)

/** Stretches of a fortnight around a new year, some without end and some backwards. */
const stretches = fc.record({
  from: fc.nat({ max: 12 }).map(dayAt),
  to: fc.oneof(fc.constant(null), fc.nat({ max: 14 }).map(dayAt)),
})

/** The days of a stretch among those that a test looks at, one by one. */
const daysOf = ({ from, to }: Dates): LocalDate[] =>
  Array.from({ length: 40 }, (_, days) => dayAt(days)).filter(
    (day) => day >= from && (to === null || day <= to),
  )

const types = fc.array(
  fc
    .record({
      code: fc.constantFrom('evening', 'night'),
      rrule: fc.constantFrom('FREQ=DAILY', 'FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=SA,SU', 'FREQ=HOURLY', ''),
      startMinute: fc.integer({ min: 0, max: 1_439 }),
      durationMinutes: fc.integer({ min: 1, max: 1_440 }),
      slotMinutes: fc.option(fc.constantFrom(5, 20, 60)),
      during: stretches,
    })
    .map(({ slotMinutes, during, ...rest }): TypedShift => ({
      ...rest,
      slotTemplate: slotMinutes === null ? null : { slotMinutes },
      validFrom: during.from,
      validTo: during.to,
    })),
  { maxLength: 4 },
)

const isBackwards = ({ from, to }: Dates) => to !== null && to < from

/** Which types of a list are wrong, each looked at by itself and against those before it, day by day. */
const wrongTypes = (list: readonly TypedShift[]): [RefusalCode, number][] => {
  const takenOn = new Set<string>()
  return list.flatMap((type, index): [RefusalCode, number][] => {
    const during = { from: type.validFrom, to: type.validTo }
    const taken = daysOf(during).map((day) => `${type.code} ${day}`)
    const isTwice = taken.some((one) => takenOn.has(one))
    for (const one of taken) takenOn.add(one)
    if (isBackwards(during)) return [['invalid_interval', index]]
    if (!/^FREQ=(?:DAILY|WEEKLY;BYDAY=SA,SU)$/.test(type.rrule)) return [['invalid_rrule', index]]
    const isTooLong = (type.slotTemplate?.slotMinutes ?? 0) > type.durationMinutes
    return isTooLong || isTwice ? [['invalid_interval', index]] : []
  })
}

describe('sectors', () => {
  it('[SECTOR-8] hours and durations say the same: an end not after the start is the next day’s', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_439 }), fc.integer({ min: 1, max: 1_440 }), (start, minutes) => {
        const end = endClockOf(start, minutes)
        expect(end).toMatch(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/)
        expect(end).not.toBe('00:00')
        expect(minutesBetween(start, minutesOf(end))).toBe(minutes)
        expect(minutesOf(clockOf(start))).toBe(start)
      }),
      { seed: 92 },
    )
  })

  it('[SECTOR-7] two stretches share a day exactly when some day is in both', () => {
    fc.assert(
      fc.property(stretches, stretches, (a, b) => {
        fc.pre(!isBackwards(a) && !isBackwards(b))
        const shared = daysOf(a).some((day) => daysOf(b).includes(day))
        expect(isSharingDay(a, b)).toBe(shared)
        expect(isSharingDay(b, a)).toBe(shared)
      }),
      { seed: 92, numRuns: 500 },
    )
  })

  it('[SECTOR-9][SECTOR-10] a list of types is refused for its first wrong one, and only then', () => {
    const seen = new Set<string>()
    const verdicts = (list: readonly TypedShift[]) => {
      const refusal = refuseShiftTypes(list, PARIS)
      const said = refusal ? [[refusal.code, refusal.path?.[0]]] : []
      for (const one of said) seen.add(String(one[0]))
      if (said.length === 0 && list.length > 1) seen.add('accepted')
      return said
    }
    fc.assert(
      fc.property(types, (list) => {
        expect(verdicts(list)).toEqual(wrongTypes(list).slice(0, 1))
      }),
      { seed: 92, numRuns: 600 },
    )
    expect(seen).toEqual(new Set(['accepted', 'invalid_interval', 'invalid_rrule']))
    const good: TypedShift = {
      code: 'evening',
      rrule: 'FREQ=DAILY',
      startMinute: 1_200,
      durationMinutes: 240,
      slotTemplate: null,
      validFrom: FIRST,
      validTo: null,
    }
    expect(refuseShiftTypes([good, { ...good, validFrom: dayAt(900) }], PARIS)).toMatchObject({
      code: 'invalid_interval',
      path: [1, 'validFrom'],
      detail: expect.stringContaining('evening'),
    })
    expect(refuseShiftTypes([{ ...good, rrule: 'FREQ=YEARLY' }], PARIS)).toMatchObject({
      path: [0, 'rrule'],
      detail: expect.stringContaining('FREQ'),
    })
  })

  it('[SECTOR-11] a person is on a list once on a day', () => {
    const members = fc.array(
      fc
        .record({ practitionerId: fc.constantFrom('a', 'b'), during: stretches })
        .map(({ practitionerId, during }) => ({
          practitionerId,
          ...during,
        })),
      { maxLength: 4 },
    )
    let accepted = 0
    fc.assert(
      fc.property(members, (list) => {
        const days = list.flatMap((member) => daysOf(member).map((day) => `${member.practitionerId} ${day}`))
        const isWrong = list.some(isBackwards) || new Set(days).size < days.length
        expect(refuseMembers(list) !== null).toBe(isWrong)
        if (!isWrong && list.length > 1) accepted++
      }),
      { seed: 92, numRuns: 500 },
    )
    expect(accepted).toBeGreaterThan(20)
  })

  it('[SECTOR-3] whoever may bring a sector from one set of CPTS to another manages it before and after', () => {
    const ids = ['cpts_a', 'cpts_b', 'cpts_c']
    const some = fc.subarray(ids)
    const coordinator = (communityIds: string[]): Actor => ({
      kind: 'key',
      keyId: 'akey_x',
      role: 'coordinator',
      communityIds,
      practitionerId: null,
    })
    let changed = 0
    fc.assert(
      fc.property(some, some, some, (own, before, after) => {
        const actor = coordinator(own)
        if (!mayManageSector(actor, before)) return
        const may = mayShareSector(actor, before, after)
        const takenOut = before.filter((id) => !after.includes(id))
        expect(may).toBe(after.some((id) => own.includes(id)) && takenOut.every((id) => own.includes(id)))
        if (may) {
          expect(mayManageSector(actor, after)).toBe(true)
          changed++
        }
        expect(mayShareSector({ ...actor, role: 'admin' } as Actor, before, after)).toBe(true)
        expect(mayShareSector({ ...actor, role: 'practitioner' } as Actor, before, after)).toBe(false)
      }),
      { seed: 92, numRuns: 300 },
    )
    expect(changed).toBeGreaterThan(20)
  })
})
