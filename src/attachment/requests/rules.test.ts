import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { getLocalDate } from '../../kernel/civil.ts'
import { DAY, instant, plus } from '../../kernel/time.ts'
import { DEFAULT_RULES } from '../grid/rules.ts'
import { REQUEST_STATES, type RequestState } from '../vocabulary.ts'
import {
  bornIn,
  isClosed,
  mayBePregnant,
  mayBringIn,
  mayCoordinate,
  maySeeIdentity,
  moved,
  refuseBirthDate,
  refuseConsent,
  refuseReopening,
  remindAtOf,
  REQUEST_TRANSITIONS,
  stateOf,
  vainAttempts,
} from './rules.ts'

const NOW = instant(1_800_000_000_000)

const OPEN_STATES = REQUEST_STATES.filter((state) => !isClosed({ state }))

describe('the states of a request', () => {
  it('[MT-13] nothing leads out of a closed one, and out of every open one it can be withdrawn', () => {
    for (const { from } of Object.values(REQUEST_TRANSITIONS))
      for (const state of from) expect(state === 'none' || !isClosed({ state })).toBe(true)
    expect([...REQUEST_TRANSITIONS.withdraw.from].sort()).toEqual([...OPEN_STATES].sort())
    const reached = new Set(Object.values(REQUEST_TRANSITIONS).map(({ to }) => to))
    expect([...reached].sort()).toEqual([...REQUEST_STATES].sort())
  })

  it('[MT-13] a step that the table does not have is never taken', () => {
    expect(moved('none', 'waiting')).toBe('waiting')
    expect(moved('waiting', 'waiting')).toBe('waiting')
    for (const [from, to] of [
      ['placed', 'waiting'],
      ['withdrawn', 'unreachable'],
      ['to_qualify', 'accepted'],
      ['none', 'placed'],
    ] as [RequestState | 'none', RequestState][])
      expect(() => moved(from, to), `${from} to ${to}`).toThrow()
    for (const state of REQUEST_STATES)
      expect(refuseReopening({ state }) === null).toBe(state === 'unreachable')
  })

  it('[MT-16] where its people are, whatever came before, by a step of the table', () => {
    const counts = fc.record({
      proposed: fc.nat({ max: 3 }),
      accepted: fc.nat({ max: 3 }),
      declared: fc.nat({ max: 3 }),
    })
    const request = fc.record({
      class: fc.constantFrom(null, 1 as const, 5 as const),
      escalatedAt: fc.constantFrom(null, NOW),
    })
    fc.assert(
      fc.property(request, counts, fc.nat({ max: 4 }), (one, people, free) => {
        const members = people.proposed + people.accepted + people.declared + free
        if (members === 0) return
        const state = stateOf(one, members, people)
        expect(state === 'placed').toBe(people.declared === members)
        if (people.proposed > 0) expect(state).toBe('proposed')
        else if (people.accepted > 0) expect(state).toBe('accepted')
        else if (people.declared < members)
          expect(state).toBe(
            one.class === null ? 'to_qualify' : one.escalatedAt === null ? 'waiting' : 'escalated',
          )
      }),
      { seed: 3, numRuns: 500 },
    )
  })
})

describe('reminders', () => {
  it('[MT-3][MT-15] who lacks something is brought to mind each so many days; who waits, once it is long', () => {
    const request = {
      state: 'to_qualify' as RequestState,
      stateSince: NOW,
      waitingSince: plus(NOW, -DAY),
      remindAt: null,
    }
    expect(remindAtOf(request, DEFAULT_RULES)).toBe(plus(NOW, 14 * DAY))
    expect(remindAtOf({ ...request, remindAt: NOW }, DEFAULT_RULES)).toBe(NOW)
    expect(remindAtOf({ ...request, state: 'waiting' }, DEFAULT_RULES)).toBe(plus(NOW, 179 * DAY))
    for (const state of ['escalated', 'proposed', 'accepted', 'placed', 'unreachable'] as const)
      expect(remindAtOf({ ...request, state }, DEFAULT_RULES)).toBeNull()
  })
})

describe('attempts', () => {
  const attempt = (days: number, channel: string, reached = false) => ({
    at: plus(NOW, days * DAY),
    channel,
    reached,
  })

  it('[MT-14] three in vain by two ways are enough, since the last that was not', () => {
    const of = (...attempts: ReturnType<typeof attempt>[]) => vainAttempts(attempts, NOW).isUnreachable
    const [phone, sms] = [attempt(1, 'phone'), attempt(2, 'sms')]
    expect(of(phone, phone, phone)).toBe(false)
    expect(of(phone, sms)).toBe(false)
    expect(of(phone, phone, sms)).toBe(true)
    expect(of(attempt(-1, 'sms'), phone, phone, phone)).toBe(false)
    expect(of(sms, attempt(1, 'phone', true), phone, phone)).toBe(false)
    expect(of(attempt(1, 'phone', true), phone, phone, sms)).toBe(true)
    expect(of(phone, phone, sms, attempt(3, 'visit', true))).toBe(false)
    expect(vainAttempts([phone, sms], NOW)).toMatchObject({ attempts: 2, channels: 2 })
  })
})

describe('people', () => {
  const today = getLocalDate('2026-11-23')

  it('[MT-7] nobody is born after today, or 130 years ago', () => {
    const of = (date: string) => refuseBirthDate(getLocalDate(date), today, ['members', 0])?.code
    expect(of('2026-11-23')).toBeUndefined()
    expect(of('2026-11-24')).toBe('invalid_birth_date')
    expect(refuseBirthDate(getLocalDate('1900-01-01'), getLocalDate('2031-01-01'), [])?.code).toBe(
      'invalid_birth_date',
    )
  })

  it('[MT-3] of whom a pregnancy is asked', () => {
    const of = (birthDate: string, sex?: string) =>
      mayBePregnant({ birthDate: getLocalDate(birthDate), sex }, today)
    expect([of('2014-11-23'), of('2014-11-24')]).toEqual([true, false])
    expect([of('1970-11-24'), of('1970-11-23')]).toEqual([true, false])
    expect([of('1990-01-01', 'male'), of('1990-01-01', 'other'), of('1990-01-01', 'unknown')]).toEqual([
      false,
      true,
      true,
    ])
    expect(bornIn(getLocalDate('1990-01-31'))).toBe('1990-01-01')
  })

  it('[MT-6] consent is given before it is used', () => {
    expect(refuseConsent({ at: NOW }, NOW)).toBeNull()
    for (const consent of [undefined, null, { at: plus(NOW, 1) }])
      expect(refuseConsent(consent, NOW)?.code).toBe('consent_required')
  })

  it('[MT-8] who brings in, who looks after, who sees', () => {
    const key = (
      role: 'admin' | 'coordinator' | 'practitioner' | 'regulator' | 'auditor',
      own: string[] = [],
    ) => ({ kind: 'key', keyId: 'k', role, communityIds: own, practitionerId: 'p' }) as const
    const of = (actor: ReturnType<typeof key>, memberOf: string[] = []) => [
      mayBringIn(actor, 'c', memberOf),
      mayCoordinate(actor, 'c'),
      maySeeIdentity(actor, 'c'),
    ]
    expect(of(key('coordinator', ['c']))).toEqual([true, true, true])
    expect(of(key('coordinator', ['d']))).toEqual([false, false, false])
    expect(of(key('admin'))).toEqual([true, true, false])
    expect(of(key('practitioner'), ['c'])).toEqual([true, false, false])
    expect(of(key('practitioner'), ['d'])).toEqual([false, false, false])
    expect(of(key('regulator', ['c']), ['c'])).toEqual([false, false, false])
    expect(of(key('auditor', ['c']), ['c'])).toEqual([false, false, false])
    expect(maySeeIdentity({ kind: 'system', name: 'tick' }, 'c')).toBe(false)
  })
})
