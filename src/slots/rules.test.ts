import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor, Role } from '../kernel/ctx.ts'
import { DAY, HOUR, instant } from '../kernel/time.ts'
import {
  audiencesOf,
  closedBy,
  isOfferedTo,
  isReleased,
  refuseInterval,
  refuseOverlap,
  refuseRelease,
  settle,
  type SlotState,
} from './rules.ts'
import { AUDIENCES, RELEASED, SERIES_ENDED, type Audience, type Release } from './vocabulary.ts'

const NOW = instant(1_800_000_000_000)
const after = (milliseconds: number) => instant(NOW + milliseconds)

const holder = (role: Role, communityIds: string[] = []): Actor => ({
  kind: 'key',
  keyId: 'akey_1',
  role,
  communityIds,
  practitionerId: role === 'practitioner' ? 'prac_1' : null,
})

const slotOf = (more: Partial<SlotState>): SlotState => ({
  start: after(HOUR),
  capacity: 1,
  audiences: ['SNP'],
  release: null,
  origin: 'single',
  withdrawnAt: null,
  withdrawnReason: null,
  ...more,
})

describe('slots', () => {
  it.each([
    [after(0), after(1), null],
    [after(HOUR), after(HOUR + DAY), null],
    [after(HOUR), after(HOUR + DAY + 1), 'end'],
    [after(HOUR), after(HOUR), 'end'],
    [after(HOUR), after(HOUR - 1), 'end'],
    [after(-1), after(HOUR), 'start'],
  ])('[SLOT-3] from %d to %d is refused at %j', (start, end, path) => {
    const refusal = refuseInterval(start, end, NOW)
    expect(refusal?.path?.[0] ?? null).toBe(path)
    if (refusal) expect(refusal.code).toBe('invalid_interval')
  })

  it('[SLOT-4] an overlap names the other slot, and none is no refusal', () => {
    expect(refuseOverlap(undefined)).toBeNull()
    expect(refuseOverlap({ id: 'slot_1' })).toMatchObject({
      code: 'slot_overlap',
      facts: { slotId: 'slot_1' },
    })
  })

  it('[SLOT-8] a slot has one status: withdrawn before past before full before open', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -2, max: 2 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 3 }),
        fc.boolean(),
        (minutes, capacity, taken, isWithdrawn) => {
          const slot = slotOf({ start: after(minutes), capacity, withdrawnAt: isWithdrawn ? NOW : null })
          const expected = isWithdrawn
            ? 'withdrawn'
            : minutes <= 0
              ? 'past'
              : taken >= capacity
                ? 'full'
                : 'open'
          expect(settle(slot, { taken }, NOW).status).toBe(expected)
        },
      ),
      { seed: 91 },
    )
  })

  it.each([
    [holder('admin'), ['PUBLIC', 'PRO', 'SNP', 'CPTS']],
    [holder('regulator'), ['PUBLIC', 'PRO', 'SNP']],
    [holder('practitioner'), ['PUBLIC', 'PRO']],
    [holder('coordinator', ['cpts_1']), []],
    [holder('auditor'), []],
  ] as const)('[SLOT-11] the audiences of %j', (actor, audiences) => {
    expect(audiencesOf(actor)).toEqual(audiences)
  })

  it('[SLOT-11] an offer to more audiences is never an offer to fewer callers', () => {
    const actors = [
      holder('regulator'),
      holder('practitioner', ['cpts_1']),
      holder('practitioner', ['cpts_2']),
      holder('practitioner'),
      holder('coordinator', ['cpts_1']),
      holder('auditor'),
      holder('admin'),
    ]
    const set = fc.subarray<Audience>([...AUDIENCES])
    fc.assert(
      fc.property(set, set, fc.constantFrom(...actors), (a, b, actor) => {
        const offered = (audiences: readonly Audience[]) =>
          isOfferedTo(actor, { audiences, communityIds: ['cpts_1'] })
        expect(offered([...a, ...b])).toBe(offered(a) || offered(b))
        expect(offered([])).toBe(false)
      }),
      { seed: 92 },
    )
    const communityOnly = (actor: Actor) =>
      isOfferedTo(actor, { audiences: ['CPTS'], communityIds: ['cpts_1'] })
    expect(actors.map(communityOnly)).toEqual([false, true, false, false, false, false, true])
  })
})

describe('releases', () => {
  const back: Release = { minutesBefore: 60, to: 'practitioner' }
  const wider: Release = { minutesBefore: 60, to: ['CPTS', 'PUBLIC', 'CPTS'] }

  it('[RELEASE-1] holds from its instant on, that instant included, so many minutes before the start', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_080 }),
        fc.integer({ min: -3, max: 3 }),
        (minutesBefore, ms) => {
          const release: Release = { minutesBefore, to: ['PRO'] }
          const slot = { start: after(minutesBefore * 60_000 + ms), release }
          expect(isReleased(slot, NOW)).toBe(ms <= 0)
          expect(isReleased({ ...slot, release: null }, NOW)).toBe(false)
        },
      ),
      { seed: 93 },
    )
  })

  it('[RELEASE-2] adds the audiences that it lists and takes none away, whatever the seats', () => {
    const released = slotOf({ release: wider })
    for (const taken of [0, 1]) {
      expect(settle(released, { taken }, NOW).audiences).toEqual(['PUBLIC', 'SNP', 'CPTS'])
      expect(settle(released, { taken }, after(-1)).audiences).toEqual(['SNP'])
      expect(settle(slotOf({ release: back }), { taken }, NOW).audiences).toEqual(['SNP'])
    }
    const set = fc.subarray<Audience>([...AUDIENCES], { minLength: 1 })
    fc.assert(
      fc.property(set, set, fc.integer({ min: -2, max: 2 }), (audiences, to, ms) => {
        const slot = slotOf({ audiences, release: { minutesBefore: 60, to } })
        const settled = settle(slot, { taken: 0 }, after(ms))
        expect(settled.status).toBe('open')
        expect(new Set(settled.audiences)).toEqual(new Set(ms < 0 ? audiences : [...audiences, ...to]))
        // Settled again, it is what it was.
        expect(settle({ ...slot, ...settled }, { taken: 0 }, after(ms))).toEqual(settled)
      }),
      { seed: 94 },
    )
  })

  it('[RELEASE-3] given back to the practitioner, nobody new comes: withdrawn when free, full with a patient', () => {
    const slot = slotOf({ release: back, capacity: 3 })
    const statusAt = (taken: number, ms: number) => settle(slot, { taken }, after(ms)).status
    expect([0, 1, 3].map((taken) => statusAt(taken, -1))).toEqual(['open', 'open', 'full'])
    expect([0, 1, 3].map((taken) => statusAt(taken, 0))).toEqual(['withdrawn', 'full', 'full'])
    expect([0, 1, 3].map((taken) => statusAt(taken, HOUR))).toEqual(['withdrawn', 'past', 'past'])
    expect(closedBy(slot, NOW)).toBe(RELEASED)
    expect(closedBy(slot, after(-1))).toBeNull()
  })

  it('[RELEASE-4] for the holder of a seat it does not close', () => {
    const slot = slotOf({ release: back, capacity: 2 })
    const statusFor = (taken: number) => settle(slot, { taken, isHolder: true }, NOW).status
    expect([0, 1, 2].map(statusFor)).toEqual(['open', 'open', 'full'])
  })

  it('[SERIES-27] a slot that was given up offers no free seat and goes with its last patient', () => {
    const kept = slotOf({ capacity: 3, withdrawnReason: SERIES_ENDED })
    const statusAt = (taken: number) => settle(kept, { taken }, NOW).status
    expect([0, 1, 2, 3].map(statusAt)).toEqual(['withdrawn', 'full', 'full', 'full'])
  })

  it('[RELEASE-7] a slot that would be given back at once is refused, one released to others is not', () => {
    expect(refuseRelease(slotOf({ release: back }), NOW)).toMatchObject({
      code: 'invalid_interval',
      path: ['release', 'minutesBefore'],
    })
    expect(refuseRelease(slotOf({ release: back }), after(-1))).toBeNull()
    expect(refuseRelease(slotOf({ release: wider }), NOW)).toBeNull()
    expect(refuseRelease(slotOf({}), NOW)).toBeNull()
  })
})
