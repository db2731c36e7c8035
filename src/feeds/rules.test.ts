import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, instant, MINUTE, plus } from '../kernel/time.ts'
import {
  eventOf,
  isFeedSecret,
  isOpen,
  MOST_FEEDS,
  MOST_SECTOR_FEEDS,
  newFeedSecret,
  refuseTooMany,
  type FeedSlot,
} from './rules.ts'

const NOW = instant(Date.parse('2026-11-23T08:00:00Z'))
const maybe = fc.option(fc.nat(1_000).map(instant), { nil: null })

const slot: FeedSlot = {
  id: 'slot_1',
  start: plus(NOW, DAY),
  end: plus(NOW, DAY + 15 * MINUTE),
  status: 'open',
  capacity: 3,
  taken: 0,
  version: 1,
  createdAt: plus(NOW, -DAY),
  withdrawnAt: null,
  release: null,
  site: { name: 'Cabinet', line: '1 rue de l’Exemple', postalCode: '92000', city: 'Nanterre' },
  seatChanges: { count: 0, lastAt: null },
}
const shown = (change: Partial<FeedSlot>) => eventOf({ ...slot, ...change }, '2A', NOW)

describe('feeds', () => {
  it('[FEED-1] secrets are all of 256 bits, and are recognised as such', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const secret = newFeedSecret((length) => bytes.subarray(0, length))
        expect([...Buffer.from(secret, 'base64url')]).toEqual([...bytes])
        expect(isFeedSecret(secret)).toBe(true)
        for (const wrong of [secret.slice(1), `${secret}A`, `${secret}\n`, ` ${secret.slice(1)}`])
          expect(isFeedSecret(wrong)).toBe(false)
      }),
      { seed: 20261123 },
    )
  })

  it('[FEED-2] a sixth is refused', () => {
    expect(refuseTooMany(MOST_FEEDS - 1, true)).toBeNull()
    expect(refuseTooMany(MOST_FEEDS, true)).toMatchObject({ code: 'too_many_feeds', facts: { most: 5 } })
    expect(refuseTooMany(MOST_SECTOR_FEEDS - 1, false)).toBeNull()
    expect(refuseTooMany(MOST_SECTOR_FEEDS, false)).toMatchObject({ facts: { most: 50 } })
  })

  it('[FEED-3] are read while nobody revoked them or their key, and until the end of that key', () => {
    fc.assert(
      fc.property(
        maybe,
        maybe,
        maybe,
        fc.nat(1_000).map(instant),
        (revokedAt, keyRevokedAt, keyExpiresAt, now) => {
          expect(isOpen({ revokedAt, keyRevokedAt, keyExpiresAt }, now)).toBe(
            revokedAt === null && keyRevokedAt === null && now < (keyExpiresAt ?? Infinity),
          )
        },
      ),
      { seed: 20261123, numRuns: 500 },
    )
  })

  it('[FEED-5] say how full a slot is, begun or not', () => {
    for (const status of ['open', 'full', 'past'] as const)
      expect(
        [0, 1, 2, 3].map((taken) => shown({ taken, status }).summary.slice('Urgence du jour · '.length)),
      ).toEqual(['libre', '1 place prise sur 3', '2 places prises sur 3', 'complet'])
    expect(shown({}).uid).toBe('slot_1@2a.urgence-du-jour')
  })

  it('[FEED-7][FEED-8] count versions, seats and the end of a slot, noted or not', () => {
    const seatChanges = { count: 4, lastAt: plus(NOW, -MINUTE) }
    expect(shown({ version: 2, seatChanges })).toMatchObject({ sequence: 10, changedAt: plus(NOW, -MINUTE) })
    const release = { minutesBefore: 1_445, to: 'practitioner' } as const
    const releasedAt = plus(NOW, -5 * MINUTE)
    const judged = shown({ release, status: 'withdrawn' })
    expect(judged).toMatchObject({ status: 'CANCELLED', sequence: 1, changedAt: releasedAt })
    expect(shown({ release, status: 'withdrawn', withdrawnAt: releasedAt })).toEqual(judged)
    // One booked after all comes back, above what it was.
    expect(
      shown({ release, status: 'full', taken: 1, seatChanges: { count: 1, lastAt: NOW } }),
    ).toMatchObject({
      status: 'CONFIRMED',
      sequence: 2,
    })
    expect(shown({ status: 'withdrawn', taken: 2, withdrawnAt: NOW, version: 2 })).toMatchObject({
      status: 'CONFIRMED',
      summary: 'Urgence du jour · retiré, 2 places prises sur 3, à revoir',
    })
  })
})
