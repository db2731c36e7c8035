import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadOf, rankOf } from './rules.ts'

const numbers = fc.nat(10_000)
const shares = fc.integer({ min: 1, max: 3_600 })
const ranked = (bookings: number, share: number) => rankOf(loadOf(bookings, share))

describe('load', () => {
  it('[AVAIL-4] is bookings for the share: in the order of the fractions, equal fractions exactly equal', () => {
    fc.assert(
      fc.property(numbers, shares, numbers, shares, (a, shareOfA, b, shareOfB) => {
        const expected = Math.sign(a * shareOfB - b * shareOfA)
        expect(Math.sign(ranked(a, shareOfA) - ranked(b, shareOfB))).toBe(expected)
      }),
      { seed: 65, numRuns: 1_000 },
    )
    expect(ranked(1, 120)).toBe(ranked(3, 360))
  })

  it('[AVAIL-4] without a share there is none, and its place is after every other', () => {
    fc.assert(
      fc.property(numbers, numbers, shares, (none, bookings, share) => {
        expect(loadOf(none, 0)).toBeNull()
        expect(ranked(none, 0)).toBeGreaterThan(ranked(bookings, share))
        expect(ranked(none, 0)).toBe(ranked(bookings, 0))
      }),
      { seed: 66 },
    )
  })
})
