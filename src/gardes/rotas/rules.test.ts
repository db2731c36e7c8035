import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, getLocalDate, startOfDay } from '../../kernel/civil.ts'
import { HOUR } from '../../kernel/time.ts'
import { DAY_TYPES } from '../vocabulary.ts'
import {
  alarmsDue,
  carriedOver,
  changesBetween,
  doerOf,
  isEmpty,
  isRotaShown,
  lateness,
  planShifts,
  ratioOf,
  refusePeriod,
  refuseRotaTransition,
  refuseSize,
  ROTA_TRANSITIONS,
  spreadsOf,
  type RotaPeriod,
  type ShiftType,
} from './rules.ts'
import { ROTA_STATES, TARGET_STATES, type RotaState } from './vocabulary.ts'

const day = getLocalDate
const ZONE = 'Europe/Paris'
const TERRITORY = { code: '92' }
const PONTS = { pontDays: { mondayBefore: true, fridayAfter: true, saturdayAfter: true } }

const type = (more: Partial<ShiftType> = {}): ShiftType => ({
  code: 'evening',
  rrule: 'FREQ=DAILY',
  startMinute: 20 * 60,
  durationMinutes: 240,
  dayTypes: [...DAY_TYPES],
  validFrom: day('2026-01-01'),
  validTo: null,
  label: 'Soirée',
  category: 'evening',
  headcount: 1,
  role: 'effecteur',
  ...more,
})

const NIGHT = type({ code: 'night', startMinute: 0, durationMinutes: 480, category: 'night' })

const plan = (types: readonly ShiftType[], from: string, to: string, options: object = PONTS) =>
  planShifts(types, day(from), day(to), ZONE, TERRITORY, options)

const datesOf = (shifts: readonly { localStart: string }[]) =>
  shifts.map(({ localStart }) => localStart.slice(0, 10))

describe('planShifts', () => {
  it('[GARDE-1] a night lasts seven hours in March and nine in October, and starts and ends where clocks say', () => {
    const hours = (from: string) => plan([NIGHT], from, from).map((shift) => (shift.end - shift.start) / HOUR)
    expect(hours('2027-03-27')).toEqual([8])
    expect(hours('2027-03-28')).toEqual([7])
    expect(hours('2027-10-31')).toEqual([9])
    const over = type({ startMinute: 20 * 60, durationMinutes: 720 })
    expect(plan([over], '2027-03-27', '2027-03-27')).toMatchObject([
      { localStart: '2027-03-27T20:00', localEnd: '2027-03-28T08:00' },
    ])
    const [long] = plan([over], '2027-10-30', '2027-10-30')
    expect((long!.end - long!.start) / HOUR).toBe(13)
  })

  it('[GARDE-1] an end at 24:00 is the first instant of the next day', () => {
    const [shift] = plan([type()], '2027-01-04', '2027-01-04')
    expect(shift).toMatchObject({ localEnd: '2027-01-05T00:00', end: startOfDay(day('2027-01-05'), ZONE) })
  })

  it('[GARDE-1] a shift is on the base type of its day, or on a pont when it takes ponts', () => {
    const on = (dayTypes: ShiftType['dayTypes'], options: object = PONTS) =>
      datesOf(plan([type({ dayTypes })], '2027-05-03', '2027-05-10', options))
    // Ascension on Thursday 6 May, a pont on Friday, 8 May on the Saturday, then a Sunday.
    expect(on(['holiday'])).toEqual(['2027-05-06', '2027-05-08'])
    expect(on(['pont'])).toEqual(['2027-05-07'])
    expect(on(['saturday'])).toEqual([])
    expect(on(['sunday'])).toEqual(['2027-05-09'])
    expect(on(['weekday', 'pont'])).toEqual([
      '2027-05-03',
      '2027-05-04',
      '2027-05-05',
      '2027-05-07',
      '2027-05-10',
    ])
    const none = { pontDays: { mondayBefore: false, fridayAfter: false, saturdayAfter: false } }
    expect(on(['pont'], none)).toEqual([])
    expect(datesOf(plan([type({ dayTypes: ['pont'] })], '2026-07-10', '2026-07-15'))).toEqual(['2026-07-13'])
  })

  it('[GARDE-1] a holiday on a Sunday is one day with one shift', () => {
    const types = [
      type({ dayTypes: ['holiday'], code: 'holiday' }),
      type({ dayTypes: ['sunday'], code: 'sunday' }),
    ]
    expect(plan(types, '2026-10-31', '2026-11-02')).toMatchObject([
      { type: { code: 'holiday' }, localStart: '2026-11-01T20:00' },
    ])
  })

  it('[GARDE-1] the four days of the year-end are marked beside their category', () => {
    const marked = plan([type()], '2026-12-20', '2027-01-05').filter((shift) => shift.isGrandeFete)
    expect(datesOf(marked)).toEqual(['2026-12-24', '2026-12-25', '2026-12-31', '2027-01-01'])
  })

  it('[GARDE-1] a type gives no shift outside of its dates, and its rule is counted from their first', () => {
    const biweekly = type({
      rrule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO',
      validFrom: day('2027-01-04'),
      validTo: day('2027-02-10'),
    })
    expect(datesOf(plan([biweekly], '2026-12-01', '2027-04-01'))).toEqual([
      '2027-01-04',
      '2027-01-18',
      '2027-02-01',
    ])
    expect(plan([biweekly], '2027-03-01', '2027-04-01')).toEqual([])
  })

  it('[GARDE-1] evenings and nights follow each other without a hole or an overlap, whatever the days', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 1, max: 60 }), (start, length) => {
        const from = addDays(day('2026-01-01'), start)
        const whole = [type(), NIGHT, type({ code: 'day', startMinute: 480, durationMinutes: 720 })]
        const shifts = planShifts(whole, from, addDays(from, length - 1), ZONE, TERRITORY, PONTS)
        expect(shifts).toHaveLength(3 * length)
        expect(shifts[0]!.start).toBe(startOfDay(from, ZONE))
        expect(shifts.at(-1)!.end).toBe(startOfDay(addDays(from, length), ZONE))
        shifts.slice(1).forEach((shift, i) => expect(shift.start).toBe(shifts[i]!.end))
      }),
      { seed: 20261123, numRuns: 60 },
    )
  })

  it('[GARDE-1] the shifts of two periods that touch are those of the whole', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 700 }),
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 90 }),
        fc.subarray([...DAY_TYPES], { minLength: 1 }),
        (start, before, after, dayTypes) => {
          const from = addDays(day('2026-01-01'), start)
          const middle = addDays(from, before)
          const end = addDays(middle, after)
          const types = [
            type({ dayTypes }),
            type({ code: 'fortnight', rrule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA' }),
          ]
          const of = (a: typeof from, b: typeof from) => planShifts(types, a, b, ZONE, TERRITORY, PONTS)
          expect([...of(from, addDays(middle, -1)), ...of(middle, end)]).toEqual(of(from, end))
        },
      ),
      { seed: 20261123, numRuns: 60 },
    )
  })
})

describe('periods', () => {
  it('[GARDE-2] three calendar months are enough, a day less is not, unless it is said', () => {
    const code = (from: string, to: string, isExceptional = false) =>
      refusePeriod('garde', day(from), day(to), isExceptional)?.code
    expect(code('2027-01-01', '2027-03-31')).toBeUndefined()
    expect(code('2027-01-01', '2027-03-30')).toBe('rota_too_short')
    expect(code('2026-11-30', '2027-02-27')).toBeUndefined()
    expect(code('2026-11-30', '2027-02-26')).toBe('rota_too_short')
    expect(code('2027-01-01', '2027-01-01', true)).toBeUndefined()
    expect(refusePeriod('snp', day('2027-01-01'), day('2027-01-31'), false)).toBeNull()
    expect(code('2027-01-02', '2027-01-01', true)).toBe('invalid_interval')
    expect(code('2027-01-01', addDays(day('2027-01-01'), 399))).toBeUndefined()
    expect(code('2027-01-01', addDays(day('2027-01-01'), 400))).toBe('invalid_interval')
  })

  it('[GARDE-2] a rota has a place at least, 5,000 at most, and 20,000 bookable slots', () => {
    const of = (headcount: number) => plan([type({ headcount }), NIGHT], '2027-01-01', '2027-10-07')
    expect(refuseSize([])?.code).toBe('invalid_interval')
    expect(refuseSize(of(16))).toBeNull()
    expect(refuseSize(of(18))?.detail).toContain('5000 au plus')
    const bookable = (slotMinutes: number) =>
      plan([type({ headcount: 4, slotTemplate: { slotMinutes } })], '2027-01-01', '2027-12-31')
    expect(refuseSize(bookable(20))).toBeNull()
    expect(refuseSize(bookable(10))?.detail).toContain('20000 au plus')
  })
})

const rota = (more: Partial<RotaPeriod> = {}): RotaPeriod => ({
  kind: 'garde',
  state: 'draft',
  from: day('2027-03-01'),
  to: day('2027-05-31'),
  ...more,
})

describe('life', () => {
  it('[GARDE-4] of all steps those of the table are taken, and no other', () => {
    const after = day('2028-01-01')
    for (const state of ROTA_STATES)
      for (const to of TARGET_STATES) {
        const isListed = Object.values(ROTA_TRANSITIONS).some(
          (one) => one.to === to && (one.from as readonly RotaState[]).includes(state),
        )
        expect([state, to, refuseRotaTransition(rota({ state }), to, after) === null]).toEqual([
          state,
          to,
          isListed,
        ])
      }
  })

  it('[GARDE-4] a rota begins on its first day and ends after its last', () => {
    const at = (state: RotaState, to: 'in_force' | 'performed', today: string) =>
      refuseRotaTransition(rota({ state }), to, day(today))?.code
    expect(at('published', 'in_force', '2027-02-28')).toBe('invalid_transition')
    expect(at('published', 'in_force', '2027-03-01')).toBeUndefined()
    expect(at('in_force', 'performed', '2027-05-31')).toBe('invalid_transition')
    expect(at('in_force', 'performed', '2027-06-01')).toBeUndefined()
  })

  it('[GARDE-5] 45 and 10 days before and 30 days after are in time, a day more is late', () => {
    const late = (to: 'sent_to_cdom' | 'published' | 'closed', today: string) =>
      lateness(rota(), to, day(today))
    expect(late('sent_to_cdom', '2027-01-15')).toEqual([])
    expect(late('sent_to_cdom', '2027-01-16')).toEqual(['late_cdom'])
    expect(late('published', '2027-02-19')).toEqual([])
    expect(late('published', '2027-02-20')).toEqual(['late_publication'])
    expect(late('closed', '2027-06-30')).toEqual([])
    expect(late('closed', '2027-07-01')).toEqual(['late_closing'])
  })

  it('[GARDE-7] each reminder is due from its day on while the step is not taken', () => {
    const due = (state: RotaState, today: string, kind: RotaPeriod['kind'] = 'garde') =>
      alarmsDue(rota({ state, kind }), day(today))
    expect(due('draft', '2026-12-30')).toEqual([])
    expect(due('draft', '2026-12-31')).toEqual(['start_minus_60'])
    expect(due('validated', '2027-01-15')).toEqual(['start_minus_45'])
    expect(due('validated', '2027-01-15', 'snp')).toEqual([])
    expect(due('sent_to_cdom', '2027-02-18')).toEqual([])
    expect(due('sent_to_cdom', '2027-02-19')).toEqual(['start_minus_10'])
    expect(due('performed', '2027-06-29')).toEqual([])
    expect(due('performed', '2027-06-30')).toEqual(['end_plus_30'])
    expect(due('closed', '2027-09-01')).toEqual([])
  })

  it('[GARDE-8] who sees a rota in a state sees it in every later one, but for the regulation at its end', () => {
    const today = day('2027-03-15')
    const key = (role: 'practitioner' | 'regulator' | 'auditor') =>
      ({ kind: 'key', keyId: 'akey_x', role, communityIds: [], practitionerId: null }) as const
    const seen = (actor: ReturnType<typeof key>, standing = { isManager: false, isMember: false }) =>
      ROTA_STATES.filter((state) => isRotaShown(actor, standing, rota({ state }), today))
    expect(seen(key('practitioner'), { isManager: true, isMember: false })).toEqual(ROTA_STATES)
    expect(seen(key('practitioner'), { isManager: false, isMember: true })).toEqual(ROTA_STATES.slice(2))
    expect(seen(key('practitioner'))).toEqual(ROTA_STATES.slice(5))
    expect(seen(key('auditor'))).toEqual(ROTA_STATES.slice(5))
    expect(seen(key('regulator'))).toEqual(['published', 'in_force'])
  })
})

describe('who does a place', () => {
  const place = (more: object) => ({ titulaireId: 'a', executantId: null, outsideName: null, ...more })
  it('[GARDE-17] the exécutant before the titulaire, and nobody of the territory when it is done from outside', () => {
    expect(doerOf(place({}))).toBe('a')
    expect(doerOf(place({ executantId: 'b' }))).toBe('b')
    expect(doerOf(place({ outsideName: 'Dr X' }))).toBeNull()
    expect([place({}), place({ outsideName: 'Dr X' }), place({ titulaireId: null })].map(isEmpty)).toEqual([
      false,
      false,
      true,
    ])
  })

  it('[GARDE-18] two versions differ by who does what, not by who was planned', () => {
    const kept = (titulaireId: string | null, executant: string | null = null) => ({
      shiftId: 's',
      place: 1,
      titulaireId,
      executant,
    })
    expect(changesBetween([kept('a')], [kept('a')])).toEqual([])
    expect(changesBetween([kept('a')], [kept('a', 'b')])).toEqual([
      { shiftId: 's', place: 1, from: 'a', to: 'b' },
    ])
    expect(changesBetween([kept('a', 'b')], [kept('b')])).toEqual([])
    expect(changesBetween([], [kept('a')])).toEqual([{ shiftId: 's', place: 1, from: null, to: 'a' }])
    expect(changesBetween([kept('a')], [kept(null)])).toEqual([
      { shiftId: 's', place: 1, from: 'a', to: null },
    ])
  })
})

describe('carrying over', () => {
  const part = (practitionerId: string, amount: number, rotaId = 'r1', name = 'evening') => ({
    rotaId,
    practitionerId,
    class: name,
    amount,
  })

  it('[GARDE-20] what somebody did beyond their part is theirs, and rotas and classes add up apart', () => {
    const carried = carriedOver(
      [
        part('a', 1),
        part('b', 1),
        part('c', 0.5),
        part('a', 1, 'r2'),
        part('b', 1, 'r2'),
        part('a', 1, 'r1', 'night'),
      ],
      [part('a', 6), part('b', 4), part('a', 1, 'r2'), part('b', 3, 'r2'), part('a', 2, 'r1', 'night')],
    )
    expect(carried.get('a')).toEqual({ evening: 6000 - 4000 - 1000, night: 0 })
    expect(carried.get('b')).toEqual({ evening: 0 + 1000 })
    expect(carried.get('c')).toEqual({ evening: -2000 })
    expect(carried.get('newcomer')).toBeUndefined()
  })

  it('[GARDE-20] who had no part and did some is owed all of it', () => {
    const carried = carriedOver([part('a', 1), part('b', 1)], [part('a', 3), part('b', 3), part('z', 2)])
    expect([...carried]).toEqual([
      ['a', { evening: 0 }],
      ['b', { evening: 0 }],
      ['z', { evening: 2000 }],
    ])
  })

  it('[GARDE-20] among those who had a part, what is owed and what is due are even', () => {
    const people = fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 30 })), {
      minLength: 1,
      maxLength: 30,
    })
    fc.assert(
      fc.property(fc.array(people, { minLength: 1, maxLength: 4 }), (periods) => {
        const weights = periods.flatMap((all, r) =>
          all.map(([share], i) => part(`p${i}`, share / 100, `r${r}`)),
        )
        const done = periods.flatMap((all, r) => all.map(([, count], i) => part(`p${i}`, count, `r${r}`)))
        const carried = [...carriedOver(weights, done).values()].map((classes) => classes.evening ?? 0)
        const sum = carried.reduce((a, b) => a + b, 0)
        // Each is rounded to a thousandth.
        expect(Math.abs(sum)).toBeLessThanOrEqual(carried.length)
      }),
      { seed: 20261123, numRuns: 200 },
    )
  })

  it('[GARDE-21] a ratio is what was carried and done for a full share; the spread is the widest apart', () => {
    const line = (practitionerId: string, done: number, carried: number, weight: number) => ({
      practitionerId,
      class: 'evening',
      done,
      carried,
      weight,
    })
    const lines = [line('a', 4, 0, 1), line('b', 2, -500, 0.5), line('c', 1, 0, 0)]
    expect(lines.map(ratioOf)).toEqual([4000, 3000, null])
    expect(spreadsOf(lines)).toEqual([{ class: 'evening', value: 1000 }])
    expect(spreadsOf([line('c', 1, 0, 0)])).toEqual([{ class: 'evening', value: 0 }])
  })
})
