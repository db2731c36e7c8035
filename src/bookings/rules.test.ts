import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor, Role } from '../kernel/ctx.ts'
import { getLocalDate, type LocalDate } from '../kernel/civil.ts'
import { DAY, instant, plus } from '../kernel/time.ts'
import { AUDIENCES, MODALITIES } from '../slots/vocabulary.ts'
import { isOfferedTo } from '../slots/rules.ts'
import {
  ageOn,
  findModality,
  isAgeOutOfRange,
  maySeeBooking,
  maySeePatient,
  refuseBooking,
  refuseTransition,
  refuseWithoutAddress,
} from './rules.ts'
import { SEAT_STATUSES } from './vocabulary.ts'

const NOW = instant(1_800_000_000_000)

const holder = (role: Role, practitionerId: string | null = null, communityIds: string[] = []): Actor => ({
  kind: 'key',
  keyId: 'akey_1',
  role,
  communityIds,
  practitionerId,
})
const SYSTEM: Actor = { kind: 'system', name: 'tick' }

describe('bookings', () => {
  it('[BOOK-2][BOOK-4] withdrawn, started, not offered, full: the first that holds, else bookable', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.integer({ min: -1, max: 1 }),
        fc.subarray([...AUDIENCES]),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 4 }),
        fc.constantFrom(holder('regulator'), holder('practitioner', 'prac_1', ['cpts_1']), holder('auditor')),
        (isWithdrawn, shift, audiences, capacity, taken, actor) => {
          const slot = {
            start: plus(NOW, shift),
            capacity,
            withdrawnAt: isWithdrawn ? NOW : null,
            withdrawnReason: null,
            release: null,
            origin: 'single' as const,
            audiences,
            communityIds: ['cpts_1'],
          }
          const expected = isWithdrawn
            ? 'slot_withdrawn'
            : shift <= 0
              ? 'slot_started'
              : !isOfferedTo(actor, slot)
                ? 'slot_not_for_caller'
                : taken >= capacity
                  ? 'slot_taken'
                  : undefined
          expect(refuseBooking(actor, slot, { taken }, NOW)?.code).toBe(expected)
        },
      ),
      { seed: 95, numRuns: 500 },
    )
  })

  it('[BOOK-4] the way of being seen is the one asked, else at the practice, else the first offered', () => {
    for (const offered of [['AMB'], ['HH'], ['VR'], ['AMB', 'VR'], ['HH', 'VR'], [...MODALITIES]] as const) {
      for (const asked of MODALITIES)
        expect(findModality(offered, asked)).toBe(
          (offered as readonly string[]).includes(asked) ? asked : undefined,
        )
      expect(findModality(offered, undefined)).toBe(
        (offered as readonly string[]).includes('AMB') ? 'AMB' : offered[0],
      )
    }
    expect(refuseWithoutAddress('HH', undefined)).toMatchObject({ code: 'address_required' })
    expect(refuseWithoutAddress('HH', '1 rue de l’Exemple')).toBeNull()
    for (const modality of ['AMB', 'VR'] as const)
      expect(refuseWithoutAddress(modality, undefined)).toBeNull()
  })

  it.each([
    ['1980-02-29', '2027-02-28', 46],
    ['1980-02-29', '2027-03-01', 47],
    ['1980-02-29', '2028-02-29', 48],
    ['2026-11-24', '2026-11-24', 0],
    ['2025-11-25', '2026-11-24', 0],
    ['2025-11-24', '2026-11-24', 1],
    ['1926-12-31', '2026-12-30', 99],
  ])('[BOOK-6] born %s one is, on %s, %d', (birth, date, age) => {
    expect(ageOn(getLocalDate(birth), getLocalDate(date))).toBe(age)
  })

  it('[BOOK-6] age grows by one on each birthday and stays between', () => {
    const dates = fc
      .date({ min: new Date('1900-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
      .map((date) => getLocalDate(date.toISOString().slice(0, 10)))
    const isBefore = (a: LocalDate, b: LocalDate) => a.slice(5) < b.slice(5)
    fc.assert(
      fc.property(dates, dates, (birth, date) => {
        const whole = Number(date.slice(0, 4)) - Number(birth.slice(0, 4))
        expect(ageOn(birth, date)).toBe(isBefore(date, birth) ? whole - 1 : whole)
      }),
      { seed: 96 },
    )
    expect(isAgeOutOfRange({ minAge: null, maxAge: null }, 130)).toBe(false)
    expect([2, 3, 15, 16].map((age) => isAgeOutOfRange({ minAge: 3, maxAge: 15 }, age))).toEqual([
      true,
      false,
      false,
      true,
    ])
    expect([0, 15, 16].map((age) => isAgeOutOfRange({ minAge: null, maxAge: 15 }, age))).toEqual([
      false,
      false,
      true,
    ])
    expect([2, 3, 99].map((age) => isAgeOutOfRange({ minAge: 3, maxAge: null }, age))).toEqual([
      true,
      false,
      false,
    ])
  })

  const bySas = {
    practitionerId: 'prac_1',
    bookedByPractitionerId: null,
    origin: 'regulation',
    end: NOW,
  } as const
  const byGp = { ...bySas, bookedByPractitionerId: 'prac_2', origin: 'practitioner' } as const

  it.each([
    [SYSTEM, true, true],
    [holder('admin'), true, true],
    [holder('regulator'), true, false],
    [holder('practitioner', 'prac_1'), true, true],
    [holder('practitioner', 'prac_2'), false, true],
    [holder('practitioner', 'prac_3', ['cpts_1']), false, false],
    [holder('coordinator', null, ['cpts_1']), true, true],
    [holder('coordinator', null, ['cpts_2']), false, false],
    [holder('auditor'), false, false],
  ])('[BOOK-9] %j sees a booking of the SAS: %j, of a GP: %j', (actor, sas, gp) => {
    expect(maySeeBooking(actor, bySas, ['cpts_1'])).toBe(sas)
    expect(maySeeBooking(actor, byGp, ['cpts_1'])).toBe(gp)
  })

  it.each([
    [SYSTEM, false, false],
    [holder('admin'), false, false],
    [holder('regulator'), true, false],
    [holder('practitioner', 'prac_1'), true, true],
    [holder('practitioner', 'prac_2'), false, false],
    [holder('coordinator', null, ['cpts_1']), false, false],
    [holder('auditor'), false, false],
  ])('[BOOK-10] %j sees the patient sent by the SAS: %j, by a GP: %j', (actor, sas, gp) => {
    expect(maySeePatient(actor, bySas, NOW)).toBe(sas)
    expect(maySeePatient(actor, byGp, NOW)).toBe(gp)
  })

  it('[BOOK-10] the SAS sees until seven days after the end, to the millisecond', () => {
    const sees = (milliseconds: number) => maySeePatient(holder('regulator'), bySas, plus(NOW, milliseconds))
    expect([-DAY, 7 * DAY, 7 * DAY + 1].map(sees)).toEqual([true, true, false])
    expect(maySeePatient(holder('practitioner', 'prac_1'), bySas, plus(NOW, 400 * DAY))).toBe(true)
  })

  it('[BOOK-8] only what is booked can be cancelled', () => {
    expect(SEAT_STATUSES.filter((status) => refuseTransition('cancel', status) === null)).toEqual(['booked'])
    expect(refuseTransition('cancel', 'cancelled')).toMatchObject({ code: 'not_active' })
  })
})
