import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor, Role } from '../kernel/ctx.ts'
import { DAY, HOUR, instant } from '../kernel/time.ts'
import { audiencesOf, isOfferedTo, refuseInterval, refuseOverlap, statusOf } from './rules.ts'
import { AUDIENCES, type Audience } from './vocabulary.ts'

const NOW = instant(1_800_000_000_000)
const after = (milliseconds: number) => instant(NOW + milliseconds)

const holder = (role: Role, communityIds: string[] = []): Actor => ({
  kind: 'key',
  keyId: 'akey_1',
  role,
  communityIds,
  practitionerId: role === 'practitioner' ? 'prac_1' : null,
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
          const slot = { start: after(minutes), capacity, withdrawnAt: isWithdrawn ? NOW : null }
          const expected = isWithdrawn
            ? 'withdrawn'
            : minutes <= 0
              ? 'past'
              : taken >= capacity
                ? 'full'
                : 'open'
          expect(statusOf(slot, taken, NOW)).toBe(expected)
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
