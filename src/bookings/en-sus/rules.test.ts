import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor, Role } from '../../kernel/ctx.ts'
import { findInstantText } from '../../kernel/civil.ts'
import { DAY, HOUR, instant, MINUTE, plus, SECOND, type Instant } from '../../kernel/time.ts'
import { DEFAULT_RULES, nearestFirst, planCascade, type Askable } from './cascade/rules.ts'
import {
  defaultStart,
  EN_SUS_TRANSITIONS,
  expiryOf,
  hurryOf,
  latestStart,
  mayKnowCall,
  readerOf,
  refuseEnSus,
  refuseStart,
  stateAt,
  type EnSusAction,
} from './rules.ts'
import { EN_SUS_STATES, type EnSusState } from './vocabulary.ts'

const at = (text: string): Instant => {
  const found = findInstantText(text)
  if (found === undefined) throw new Error(text)
  return found
}
const NOW = at('2026-11-23T08:00:00+01:00')
const gp = (practitionerId: string, km = 0): Askable => ({ practitionerId, km })

const key = (role: Role, practitionerId: string | null = null): Actor => ({
  kind: 'key',
  keyId: 'akey_1',
  role,
  communityIds: [],
  practitionerId,
})

const gps = fc.uniqueArray(fc.record({ practitionerId: fc.stringMatching(/^[a-z]{1,3}$/), km: fc.nat(10) }), {
  selector: ({ practitionerId }) => practitionerId,
  maxLength: 12,
})
const cascadeRules = fc.record({
  waveSeconds: fc.integer({ min: 30, max: 3_600 }),
  nearestCount: fc.integer({ min: 1, max: 6 }),
  radiusKm: fc.constant(10),
})

describe('the cascade', () => {
  it('[ENSUS-2] the nearest place of each counts, ties by id', () => {
    expect(nearestFirst([gp('b', 3), gp('a', 5), gp('c', 3), gp('a', 1), gp('b', 9)])).toEqual([
      gp('a', 1),
      gp('b', 3),
      gp('c', 3),
    ])
  })

  it('[ENSUS-2] each GP once: the own one, then so many of the nearest, then the others', () => {
    fc.assert(
      fc.property(gps, fc.boolean(), fc.nat(12), cascadeRules, (around, hasOwn, which, rules) => {
        const nearby = nearestFirst(around)
        const mt = hasOwn ? (around[which] ?? gp('zzz', 40)) : undefined
        const { asks, expiresAt } = planCascade(mt, nearby, rules, NOW)
        const everybody = new Set(
          [...around, ...(mt ? [mt] : [])].map(({ practitionerId }) => practitionerId),
        )
        expect(new Set(asks.map(({ practitionerId }) => practitionerId))).toEqual(everybody)
        expect(asks).toHaveLength(everybody.size)
        const ofWave = (wave: number) => asks.filter((ask) => ask.wave === wave)
        expect(ofWave(1).map(({ practitionerId }) => practitionerId)).toEqual(mt ? [mt.practitionerId] : [])
        expect(ofWave(2).length).toBeLessThanOrEqual(rules.nearestCount)
        if (ofWave(3).length > 0) expect(ofWave(2)).toHaveLength(rules.nearestCount)
        for (const near of ofWave(2)) for (const far of ofWave(3)) expect(near.km).toBeLessThanOrEqual(far.km)
        const waves = [...new Set(asks.map(({ wave }) => wave))]
        expect(waves).toEqual([...waves].sort())
        waves.forEach((wave, place) => {
          for (const ask of ofWave(wave)) expect(ask.askedFrom).toBe(NOW + place * rules.waveSeconds * SECOND)
        })
        expect(expiresAt).toBe(NOW + waves.length * rules.waveSeconds * SECOND)
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  it('[ENSUS-5] nobody to ask is over at once', () => {
    expect(planCascade(undefined, [], DEFAULT_RULES, NOW)).toEqual({ asks: [], expiresAt: NOW })
  })

  it('[ENSUS-4] only when all who were asked declined does what follows come sooner', () => {
    const ask = (seconds: number, answer: 'declined' | null = null) => ({
      askedFrom: plus(NOW, seconds * SECOND),
      answer,
    })
    const end = plus(NOW, 180 * SECOND)
    expect(hurryOf([ask(0), ask(60), ask(120)], end, NOW)).toBeUndefined()
    expect(hurryOf([ask(0, 'declined'), ask(60), ask(120)], end, plus(NOW, 10 * SECOND))).toBe(50 * SECOND)
    expect(hurryOf([ask(0, 'declined'), ask(60)], end, plus(NOW, 60 * SECOND))).toBeUndefined()
    expect(hurryOf([ask(0), ask(60, 'declined')], end, plus(NOW, 60 * SECOND))).toBeUndefined()
    expect(hurryOf([ask(0, 'declined'), ask(60, 'declined')], end, plus(NOW, 70 * SECOND))).toBe(110 * SECOND)
  })
})

describe('the life of a request', () => {
  it('[ENSUS-3] what has run out is expired from that very instant on', () => {
    const end = plus(NOW, 1)
    for (const state of ['asking', 'accepted'] as const) {
      expect(stateAt({ state, expiresAt: end }, NOW)).toBe(state)
      expect(stateAt({ state, expiresAt: end }, end)).toBe('expired')
    }
    for (const state of ['booked', 'closed', 'expired'] as const)
      expect(stateAt({ state, expiresAt: NOW }, plus(NOW, DAY))).toBe(state)
  })

  it('[ENSUS-6][ENSUS-9] every action in every state is done, or refused with the right code', () => {
    const codes = Object.fromEntries(
      (Object.keys(EN_SUS_TRANSITIONS) as EnSusAction[])
        .filter((action) => action !== 'request')
        .map((action) => [
          action,
          EN_SUS_STATES.map((state: EnSusState) => refuseEnSus(action, state)?.code ?? 'ok').join(' '),
        ]),
    )
    expect(codes).toEqual({
      decline: 'ok already_taken already_taken en_sus_closed en_sus_closed',
      accept: 'ok already_taken already_taken en_sus_closed en_sus_closed',
      book: 'en_sus_not_accepted ok en_sus_closed en_sus_closed en_sus_closed',
      close: 'ok ok en_sus_closed en_sus_closed en_sus_closed',
      expire: 'ok ok en_sus_closed en_sus_closed en_sus_closed',
    })
  })

  it.each([
    ['prac_1', 3, 1, 'not_booked'],
    [null, 0, 0, 'nobody_to_ask'],
    [null, 3, 3, 'all_declined'],
    [null, 3, 2, 'no_answer'],
  ] as const)('[ENSUS-6] taken by %s, %d asked, %d declined: %s', (acceptedBy, asked, declined, because) => {
    expect(expiryOf({ acceptedBy, asked, declined })).toBe(because)
  })
})

describe('when the patient is seen', () => {
  it('[ENSUS-8] in half an hour, on a round five minutes, when the GP does not say', () => {
    expect(defaultStart(NOW)).toBe(at('2026-11-23T08:30:00+01:00'))
    expect(defaultStart(plus(NOW, 1))).toBe(at('2026-11-23T08:35:00+01:00'))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: DAY }), (later) => {
        const now = plus(NOW, later)
        const start = defaultStart(now)
        expect(start % (5 * MINUTE)).toBe(0)
        expect(start - now).toBeGreaterThanOrEqual(30 * MINUTE)
        expect(start - now).toBeLessThan(35 * MINUTE)
      }),
      { seed: 8 },
    )
  })

  it.each([
    ['same_day', '2026-11-23T08:00:00+01:00', '2026-11-23T23:59:59+01:00'],
    ['same_day', '2026-11-23T22:30:00+01:00', '2026-11-24T02:30:00+01:00'],
    // The day when clocks go back has 25 hours.
    ['same_day', '2026-10-25T01:00:00+02:00', '2026-10-25T23:59:59+01:00'],
    ['24h', '2026-11-23T08:00:00+01:00', '2026-11-24T08:00:00+01:00'],
    ['48h', '2026-11-23T08:00:00+01:00', '2026-11-25T08:00:00+01:00'],
  ] as const)('[ENSUS-8] asked for %s at %s, until %s', (delay, call, last) => {
    const latest = latestStart(delay, at(call), 'Europe/Paris')
    expect(instant(Math.floor(latest / SECOND) * SECOND)).toBe(at(last))
    expect(refuseStart(latest, at(call), latest)).toBeNull()
    expect(refuseStart(plus(latest, 1), at(call), latest)?.code).toBe('invalid_interval')
    expect(refuseStart(at(call), at(call), latest)?.code).toBe('invalid_interval')
  })

  it('[ENSUS-8] whenever a GP accepts without an hour, the hour is one that the delay allows', () => {
    // Three waves of an hour are the longest that a territory can set.
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 365 * DAY }),
        fc.integer({ min: 0, max: 3 * HOUR - 1 }),
        fc.constantFrom('same_day' as const, '24h' as const, '48h' as const),
        (day, waited, delay) => {
          const call = plus(NOW, day)
          const now = plus(call, waited)
          expect(refuseStart(defaultStart(now), now, latestStart(delay, call, 'Europe/Paris'))).toBeNull()
        },
      ),
      { seed: 8, numRuns: 1_000 },
    )
  })
})

describe('who sees what', () => {
  it('[ENSUS-7] the SAS, an admin, who took it, who was asked; to all others it is absent', () => {
    const request = { acceptedBy: 'prac_1', isAsked: true }
    expect(readerOf(key('regulator'), request)).toBe('regulation')
    expect(readerOf(key('admin'), request)).toBe('admin')
    expect(readerOf(key('practitioner', 'prac_1'), request)).toBe('taker')
    expect(readerOf(key('practitioner', 'prac_2'), request)).toBe('asked')
    expect(readerOf(key('practitioner', 'prac_2'), { ...request, isAsked: false })).toBeUndefined()
    for (const role of ['coordinator', 'auditor'] as const)
      expect(readerOf(key(role), request)).toBeUndefined()
  })

  it('[ENSUS-7] the call is the taker’s, and the SAS’s for seven days', () => {
    const request = { expiresAt: NOW, end: null }
    const later = (milliseconds: number) => plus(NOW, milliseconds)
    expect(mayKnowCall('regulation', request, later(7 * DAY))).toBe(true)
    expect(mayKnowCall('regulation', request, later(7 * DAY + 1))).toBe(false)
    expect(mayKnowCall('regulation', { ...request, end: later(HOUR) }, later(7 * DAY + 1))).toBe(true)
    expect(mayKnowCall('taker', request, later(30 * DAY))).toBe(true)
    expect(mayKnowCall('asked', request, NOW)).toBe(false)
    expect(mayKnowCall('admin', request, NOW)).toBe(false)
  })
})
