import { describe, expect, it } from 'vitest'
import { addDays, getLocalDate } from '../../kernel/civil.ts'
import {
  alarmsDue,
  changesBetween,
  doerOf,
  isEmpty,
  isRotaShown,
  lateness,
  refusePeriod,
  refuseRotaTransition,
  ROTA_TRANSITIONS,
  type RotaPeriod,
} from './rules.ts'
import { ROTA_STATES, TARGET_STATES, type RotaState } from './vocabulary.ts'

const day = getLocalDate

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
