import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { getLocalDate } from '../../../kernel/civil.ts'
import { DAY, HOUR, instant, plus } from '../../../kernel/time.ts'
import type { Intake } from '../../intake/rules.ts'
import {
  closedFor,
  inputHash,
  isSameState,
  lastOf,
  placesOf,
  problemOf,
  reservedOf,
  type Asked,
  type Burden,
  type Material,
  type Taker,
  type Waiting,
} from './rules.ts'

/** Monday 23 November 2026, 08:00 at Paris. */
const NOW = instant(Date.parse('2026-11-23T07:00:00Z'))
const TODAY = getLocalDate('2026-11-23')

const intake = (more: Partial<Intake> = {}): Intake => ({
  open: true,
  perRun: 5,
  perMonth: 10,
  patientele: 800,
  patienteleCeiling: 1_000,
  minAge: null,
  maxAge: null,
  homeVisits: false,
  languages: [],
  wheelchair: false,
  maxKm: null,
  maxAldPerRun: null,
  maxHomeVisitsPerRun: null,
  sex: null,
  share: 100,
  absentUntil: null,
  leavingOn: null,
  ...more,
})

const burden = (more: Partial<Burden> = {}): Burden => ({
  open: 0,
  month: 0,
  sinceIntake: 0,
  load: 0,
  ...more,
})

const waiting = (id: string, more: Partial<Waiting> = {}): Waiting => ({
  id,
  position: { lat: 48.896_44, lon: 2.207_01 },
  household: 'together',
  needs: { homeVisit: false, wheelchair: false, language: null, doctorSex: null },
  maxKm: null,
  class: 3,
  total: 30,
  waitingSince: plus(NOW, -20 * DAY),
  members: [{ number: 0, age: 46, ald: true }],
  ...more,
})

const taker = (practitionerId: string, more: Partial<Taker> = {}): Taker => ({
  practitionerId,
  sites: [{ lat: 48.9, lon: 2.2, wheelchair: true }],
  intake: intake(),
  burden: burden(),
  ...more,
})

const material = (more: Partial<Material> = {}): Material => ({
  now: NOW,
  zone: 'Europe/Paris',
  rules: {
    reservedForClass1: 0.2,
    maxKm: 30,
    batchWaits: false,
    equityKm: 1,
    stabilityKm: 0.5,
    togetherKm: 1,
  },
  waiting: [waiting('mtrq_1')],
  takers: [taker('prac_1')],
  taken: [],
  excluded: [],
  ...more,
})

const ASKED: Asked = { seed: 0, locks: new Map(), last: new Map() }

const problem = (more: Partial<Material> = {}, asked: Partial<Asked> = {}) =>
  problemOf(material(more), { ...ASKED, ...asked })

describe('places', () => {
  it('[ALLOC-42] are the least of what the run, the month and the patientèle leave, and never below none', () => {
    expect(placesOf(intake(), burden())).toBe(5)
    expect(placesOf(intake(), burden({ month: 7 }))).toBe(3)
    expect(placesOf(intake({ patientele: 990 }), burden({ sinceIntake: 4, open: 3 }))).toBe(3)
    expect(placesOf(intake({ patientele: 1_200 }), burden())).toBe(0)
    expect(placesOf(intake(), burden({ month: 12 }))).toBe(0)
  })

  it('[ALLOC-42] of which a part is kept for class 1, to the nearest whole place', () => {
    expect(reservedOf(30, 0.1)).toBe(3)
    expect(reservedOf(5, 0.2)).toBe(1)
    expect(reservedOf(3, 0.2)).toBe(1)
    expect(reservedOf(2, 0.2)).toBe(0)
    expect(reservedOf(1, 0.2)).toBe(0)
    expect(reservedOf(1, 0.5)).toBe(1)
    expect(reservedOf(0, 0.5)).toBe(0)
    expect(reservedOf(7, 0)).toBe(0)
    expect(reservedOf(7, 1)).toBe(7)
    fc.assert(
      fc.property(fc.nat(200), fc.nat(100), (places, hundredths) => {
        const reserved = reservedOf(places, hundredths / 100)
        expect(Number.isInteger(reserved)).toBe(true)
        expect(Math.abs(100 * reserved - places * hundredths)).toBeLessThanOrEqual(50)
        expect(reserved).toBeLessThanOrEqual(places)
      }),
      { seed: 42, numRuns: 1_000 },
    )
  })
})

describe('taking part', () => {
  const closed = (one: Intake | null, open = 0, batchWaits = true) =>
    closedFor(one, { open }, { today: TODAY, batchWaits })

  it('[ALLOC-58] is for who opened their intake, is there and stays, and has answered if that is asked', () => {
    expect(closed(intake())).toBeNull()
    expect(closed(null)).toBe('no_intake')
    expect(closed(intake({ open: false }))).toBe('closed')
    expect(closed(intake({ absentUntil: TODAY }))).toBe('absent')
    expect(closed(intake({ absentUntil: getLocalDate('2026-11-22') }))).toBeNull()
    expect(closed(intake({ leavingOn: getLocalDate('2027-02-21') }))).toBe('absent')
    expect(closed(intake({ leavingOn: getLocalDate('2027-02-22') }))).toBeNull()
    expect(closed(intake(), 1)).toBe('batch_open')
    expect(closed(intake(), 1, false)).toBeNull()
  })

  it('[ALLOC-58] who has nowhere to see patients is left out', () => {
    expect(problem({ takers: [taker('prac_1', { sites: [] })] }).doctors).toEqual([])
  })
})

describe('the problem', () => {
  it('[ALLOC-43] leaves out who is to be qualified, and who is being proposed or has found', () => {
    const two = [
      { number: 0, age: 46, ald: true },
      { number: 1, age: 12, ald: false },
    ]
    const made = problem({
      waiting: [
        waiting('mtrq_1', { class: null }),
        waiting('mtrq_2', { members: two, household: 'may_split' }),
        waiting('mtrq_3'),
      ],
      taken: [
        { requestId: 'mtrq_2', member: 0, practitionerId: 'prac_1' },
        { requestId: 'mtrq_3', member: 0, practitionerId: 'prac_1' },
      ],
    })
    expect(made.households.map(({ id, members }) => [id, members.map(({ number }) => number)])).toEqual([
      ['mtrq_2', [1]],
    ])
  })

  it('[ALLOC-2] asks for nobody who speaks French', () => {
    const needs = { homeVisit: false, wheelchair: false, doctorSex: null }
    const made = problem({
      waiting: [
        waiting('mtrq_1', { needs: { ...needs, language: 'fr' } }),
        waiting('mtrq_2', { needs: { ...needs, language: 'en' } }),
      ],
    })
    expect(made.households.map((one) => one.needs.language)).toEqual([null, 'en'])
  })

  it('[MT-26] sends whoever joined a household that stays together to the GP of the others, or to nobody', () => {
    const two = [
      { number: 0, age: 46, ald: true },
      { number: 1, age: 0, ald: false },
    ]
    const made = problem({
      waiting: [
        waiting('mtrq_1', { members: two, household: 'together' }),
        waiting('mtrq_2', { members: two, household: 'may_split' }),
        waiting('mtrq_3', { members: two, household: 'together' }),
      ],
      takers: ['prac_1', 'prac_2', 'prac_3'].map((id) => taker(id)),
      taken: [
        { requestId: 'mtrq_1', member: 0, practitionerId: 'prac_2' },
        { requestId: 'mtrq_2', member: 0, practitionerId: 'prac_2' },
      ],
      excluded: [{ requestId: 'mtrq_1', practitionerId: 'prac_1' }],
    })
    expect(made.households.map(({ id, excluded }) => [id, excluded])).toEqual([
      ['mtrq_1', ['prac_1', 'prac_3']],
      ['mtrq_2', []],
      ['mtrq_3', []],
    ])
  })

  it('[ALLOC-62] nobody goes further than the rules, whatever they asked', () => {
    const far = (maxKm: number | null) => problem({ waiting: [waiting('mtrq_1', { maxKm })] }).households[0]
    expect(far(null)).toMatchObject({ maxKm: 30 })
    expect(far(140)).toMatchObject({ maxKm: 30 })
    expect(far(8)).toMatchObject({ maxKm: 8 })
  })

  it('[ALLOC-66] holds no address: a position is a hundred metres wide', () => {
    expect(problem().households[0]?.at).toEqual({ lat: 48.896, lon: 2.207 })
  })

  it('[ALLOC-41] is the same an hour later, and another once a week is full', () => {
    const hash = (hours: number) => inputHash(problem({ now: plus(NOW, hours * HOUR) }))
    expect(hash(1)).toBe(hash(0))
    // Twenty days waited at eight in the morning: the third week is full at the next midnight.
    expect(hash(15)).toBe(hash(0))
    expect(hash(16)).not.toBe(hash(0))
  })

  it('[ALLOC-41] does not depend on the order of anything', () => {
    const lists: Partial<Material> = {
      waiting: ['mtrq_3', 'mtrq_1', 'mtrq_2'].map((id) => waiting(id)),
      takers: [
        taker('prac_2', { intake: intake({ languages: ['pt', 'ar'] }) }),
        taker('prac_1', {
          sites: [
            { lat: 48.9, lon: 2.2, wheelchair: true },
            { lat: 48.8, lon: 2.3, wheelchair: false },
          ],
        }),
      ],
      excluded: [
        { requestId: 'mtrq_1', practitionerId: 'prac_2' },
        { requestId: 'mtrq_1', practitionerId: 'prac_1' },
        { requestId: 'mtrq_1', practitionerId: 'prac_1' },
      ],
    }
    const reversed: Partial<Material> = {
      waiting: [...(lists.waiting ?? [])].reverse(),
      takers: [...(lists.takers ?? [])].reverse().map((one) => ({
        ...one,
        sites: [...one.sites].reverse(),
        intake: one.intake && { ...one.intake, languages: [...one.intake.languages].reverse() },
      })),
      excluded: [...(lists.excluded ?? [])].reverse(),
    }
    expect(JSON.stringify(problem(reversed))).toBe(JSON.stringify(problem(lists)))
    expect(problem(lists).households[0]?.excluded).toEqual(['prac_1', 'prac_2'])
  })

  it('[ALLOC-41] tells what was asked from what is', () => {
    const asked = problem(
      {},
      {
        seed: 9,
        locks: new Map([['mtrq_1', { practitionerId: null }]]),
        last: new Map([['mtrq_1', [{ member: 0, practitionerId: 'prac_1' }]]]),
      },
    )
    expect(inputHash(asked)).not.toBe(inputHash(problem()))
    expect(isSameState(asked, problem())).toBe(true)
    expect(isSameState(asked, problem({ now: plus(NOW, 7 * DAY) }))).toBe(false)
    expect(lastOf(asked)).toEqual(new Map([['mtrq_1', [{ member: 0, practitionerId: 'prac_1' }]]]))
  })
})
