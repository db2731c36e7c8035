import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cheapestSplit, evenQuotas, fairest, ratioOf, type Stake } from './bounds.ts'

const stake = (changes: Partial<Stake> = {}): Stake => ({
  carried: 0,
  weight: 1,
  least: 0,
  most: 99,
  ...changes,
})

const stakeArb: fc.Arbitrary<Stake> = fc
  .record({
    // Few values, so that different windows are often as narrow.
    carried: fc.oneof(fc.constantFrom(-500, 0, 500), fc.integer({ min: -1500, max: 1500 })),
    weight: fc.constantFrom(1, 1, 0.5, 0.25, 0.07),
    least: fc.nat(2),
    extra: fc.nat(4),
  })
  .map(({ extra, ...one }) => ({ ...one, most: one.least + extra }))

/** Every way to share places out. */
const sharings = (stakes: readonly Stake[], places: number): number[][] => {
  const [first, ...others] = stakes
  if (!first) return places === 0 ? [[]] : []
  return Array.from({ length: first.most - first.least + 1 }, (_, i) => first.least + i).flatMap((own) =>
    sharings(others, places - own).map((rest) => [own, ...rest]),
  )
}

const spreadOf = (stakes: readonly Stake[], sharing: readonly number[]) => {
  const ratios = stakes.map((one, i) => ratioOf(one, sharing[i]!))
  return Math.max(...ratios) - Math.min(...ratios)
}

describe('the fairest sharing out', () => {
  it('[ROTA-12] equal shares differ by a shift at most, and by none when the places divide', () => {
    const equal = Array.from({ length: 24 }, () => stake())
    expect(fairest(equal, 96)).toMatchObject({ spread: 0 })
    expect(fairest(equal, 91)).toMatchObject({ spread: 1000 })
    expect(fairest(equal, 91)!.quotas[0]).toEqual({ from: 3, to: 4 })
  })

  it('[ROTA-12] a half share does half, and what is carried is made good', () => {
    const { quotas, spread } = fairest([stake(), stake({ weight: 0.5 })], 9)!
    expect([spread, quotas]).toEqual([
      0,
      [
        { from: 6, to: 6 },
        { from: 3, to: 3 },
      ],
    ])
    expect(fairest([stake(), stake({ carried: 2000 })], 8)!.quotas).toEqual([
      { from: 5, to: 5 },
      { from: 3, to: 3 },
    ])
  })

  it('[ROTA-12] places beyond what all may take, or below what they have, cannot be shared out', () => {
    expect(fairest([stake({ most: 2 }), stake({ most: 1 })], 4)).toBeUndefined()
    expect(fairest([stake({ least: 2 }), stake({ least: 1 })], 2)).toBeUndefined()
    expect(fairest([], 0)).toEqual({ spread: 0, quotas: [], ranges: [] })
    expect(fairest([], 1)).toBeUndefined()
  })

  it('[ROTA-13] the spread is the least of every sharing out, and ranges are all that those which reach it give', () => {
    const seen = { reached: 0, several: 0 }
    fc.assert(
      fc.property(fc.array(stakeArb, { minLength: 1, maxLength: 4 }), fc.nat(14), (stakes, places) => {
        const all = sharings(stakes, places)
        const found = fairest(stakes, places)
        if (all.length === 0) {
          expect(found).toBeUndefined()
          return
        }
        seen.reached++
        if (JSON.stringify(found!.ranges) !== JSON.stringify(found!.quotas)) seen.several++
        const least = Math.min(...all.map((sharing) => spreadOf(stakes, sharing)))
        const best = all.filter((sharing) => spreadOf(stakes, sharing) === least)
        expect(found!.spread).toBe(least)
        stakes.forEach((_, i) => {
          const given = best.map((sharing) => sharing[i]!)
          expect(found!.ranges[i]!.from).toBeLessThanOrEqual(Math.min(...given))
          expect(found!.ranges[i]!.to).toBeGreaterThanOrEqual(Math.max(...given))
        })
        // Any sharing out within the quotas reaches it.
        const within = all.filter((sharing) =>
          sharing.every((n, i) => n >= found!.quotas[i]!.from && n <= found!.quotas[i]!.to),
        )
        expect(within.length).toBeGreaterThan(0)
        for (const sharing of within) expect(spreadOf(stakes, sharing)).toBe(least)
      }),
      { seed: 92, numRuns: 3_000 },
    )
    expect(seen.reached).toBeGreaterThan(1_000)
    expect(seen.several).toBeGreaterThan(0)
  })

  it('[ROTA-13] ranges are wider than quotas where different windows are as narrow', () => {
    const stakes = [
      stake({ weight: 0.25, most: 4 }),
      stake({ carried: -500, least: 1, most: 5 }),
      stake({ carried: -500, weight: 0.25, most: 1 }),
    ]
    const { spread, quotas, ranges } = fairest(stakes, 4)!
    const both = [
      [0, 3, 1],
      [1, 2, 1],
    ]
    expect(both.map((sharing) => spreadOf(stakes, sharing))).toEqual([spread, spread])
    expect([quotas[0], ranges[0]]).toEqual([
      { from: 0, to: 0 },
      { from: 0, to: 1 },
    ])
  })

  it('[ROTA-13] even quotas are within the quotas, hold the places between them, and are a shift wide at most', () => {
    fc.assert(
      fc.property(fc.array(stakeArb, { minLength: 1, maxLength: 6 }), fc.nat(20), (stakes, places) => {
        const found = fairest(stakes, places)
        if (!found) return
        const even = evenQuotas(stakes, found.quotas, places)
        even.forEach(({ from, to }, i) => {
          expect(found.quotas[i]!.from <= from && from <= to && to <= found.quotas[i]!.to).toBe(true)
          expect(to - from).toBeLessThanOrEqual(1)
        })
        const sum = (side: 'from' | 'to') => even.reduce((all, quota) => all + quota[side], 0)
        expect(sum('from') <= places && places <= sum('to')).toBe(true)
      }),
      { seed: 92, numRuns: 600 },
    )
  })

  it('[ROTA-11] empty places are split over the categories at the least cost', () => {
    expect(
      cheapestSplit(
        [
          [5, 0, 9],
          [0, 1, 2],
        ],
        2,
      ),
    ).toEqual([1, 1])
    expect(cheapestSplit([[0], [0, 4]], 2)).toBeUndefined()
    expect(cheapestSplit([], 0)).toEqual([])
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }), { maxLength: 3 }),
        fc.nat(8),
        (lots, count) => {
          const ways = (at: number, left: number): number[] =>
            at === lots.length
              ? left === 0
                ? [0]
                : []
              : lots[at]!.flatMap((cost, own) =>
                  own > left ? [] : ways(at + 1, left - own).map((rest) => cost + rest),
                )
          const all = ways(0, count)
          const split = cheapestSplit(lots, count)
          const cost = split?.reduce((sum, own, lot) => sum + lots[lot]![own]!, 0)
          expect(cost).toBe(all.length === 0 ? undefined : Math.min(...all))
          expect(split?.reduce((sum, own) => sum + own, 0)).toBe(all.length === 0 ? undefined : count)
        },
      ),
      { seed: 92, numRuns: 300 },
    )
  })

  it('[ROTA-12] somebody who can take one shift in a hundred does not set the others free', () => {
    const stakes = [stake({ weight: 0.01, most: 1 }), stake(), stake(), stake()]
    const { quotas } = fairest(stakes, 29)!
    expect(quotas.slice(1)).toEqual([0, 0, 0].map((from) => ({ from, to: 10 })))
    expect(evenQuotas(stakes, quotas, 29).slice(1)).toEqual([9, 9, 9].map((from) => ({ from, to: 10 })))
  })
})
