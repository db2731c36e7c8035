import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instant } from '../kernel/time.ts'
import { limiter, type Limiter } from './limits.ts'

const rate = fc.record({
  perSecond: fc.integer({ min: 1, max: 200 }),
  burst: fc.integer({ min: 1, max: 400 }),
})
/** Milliseconds between two requests; often none at all. */
const gaps = fc.array(fc.oneof(fc.constant(0), fc.nat(20), fc.nat(5_000)), { minLength: 1, maxLength: 200 })

/** Requests let through in each window from one request to another, as (milliseconds, count). */
const windowsOf = (times: readonly number[]) =>
  times.flatMap((from, i) => times.slice(i).map((to, j) => ({ length: to - from, count: j + 1 })))

/** Whether no window holds more than the burst and what came back meanwhile. */
const isWithin = (times: readonly number[], { perSecond, burst }: { perSecond: number; burst: number }) =>
  windowsOf(times).every(({ length, count }) => count <= burst + (perSecond * length) / 1000 + 1e-6)

const passed = (make: () => Limiter, steps: readonly number[], of: { perSecond: number; burst: number }) => {
  const bucket = make()
  let now = 1_000_000
  return steps.flatMap((gap) => {
    now += gap
    return bucket.take('key', of, instant(now)).allowed ? [now] : []
  })
}

describe('token bucket', () => {
  it('[LIMIT-4] lets through no more than the burst and the rate times the time, in any window', () => {
    fc.assert(
      fc.property(rate, gaps, (of, steps) => isWithin(passed(limiter, steps, of), of)),
      { seed: 20261123, numRuns: 500 },
    )
  })

  it('[LIMIT-4] the check above sees a bucket that forgets', () => {
    const forgetful = (): Limiter => ({ take: (...given) => limiter().take(...given) })
    const of = { perSecond: 1, burst: 3 }
    expect(isWithin(passed(forgetful, [0, 0, 0, 0], of), of)).toBe(false)
  })

  it('[LIMIT-4] refuses nobody who keeps to the rate', () => {
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 300 }), (of, count) => {
        const gap = Math.ceil(1000 / of.perSecond)
        expect(passed(limiter, Array<number>(count).fill(gap), of)).toHaveLength(count)
      }),
      { seed: 20261123, numRuns: 100 },
    )
  })

  it('[LIMIT-2] what it says is left is left, and after the time it names one more is let through', () => {
    fc.assert(
      fc.property(rate, gaps, (of, steps) => {
        const bucket = limiter()
        let now = 1_000_000
        let left = of.burst
        for (const gap of steps) {
          now += gap
          const allowance = bucket.take('key', of, instant(now))
          expect(allowance.remaining).toBeGreaterThanOrEqual(0)
          expect(allowance.remaining).toBeLessThanOrEqual(of.burst - (allowance.allowed ? 1 : 0))
          if (gap === 0) expect(allowance.allowed).toBe(left >= 1)
          left = allowance.remaining
          if (!allowance.allowed) {
            expect(allowance.resetSeconds).toBeGreaterThanOrEqual(1)
            now += allowance.resetSeconds * 1000
            expect(bucket.take('key', of, instant(now), 0).allowed).toBe(true)
            left = bucket.take('key', of, instant(now), 0).remaining
          }
        }
      }),
      { seed: 20261123, numRuns: 300 },
    )
  })

  it('[LIMIT-1] callers do not share a bucket', () => {
    const bucket = limiter()
    const of = { perSecond: 1, burst: 1 }
    expect(bucket.take('a', of, instant(0)).allowed).toBe(true)
    expect(bucket.take('a', of, instant(0)).allowed).toBe(false)
    expect(bucket.take('b', of, instant(0)).allowed).toBe(true)
  })

  it('[LIMIT-4] looking takes nothing', () => {
    const bucket = limiter()
    const of = { perSecond: 1, burst: 2 }
    for (let i = 0; i < 5; i++) expect(bucket.take('a', of, instant(0), 0)).toMatchObject({ remaining: 2 })
    expect(bucket.take('a', of, instant(0)).remaining).toBe(1)
  })

  it('[LIMIT-5] a clock that is set back locks nobody out', () => {
    const bucket = limiter()
    const of = { perSecond: 1, burst: 1 }
    bucket.take('a', of, instant(1_000_000_000))
    expect(bucket.take('a', of, instant(1_000)).allowed).toBe(false)
    expect(bucket.take('a', of, instant(2_000)).allowed).toBe(true)
  })

  it('[LIMIT-5] remembers 20,000 callers, and forgets first those seen longest ago', () => {
    const bucket = limiter()
    const of = { perSecond: 1, burst: 1 }
    bucket.take('oldest', of, instant(0))
    bucket.take('kept', of, instant(0))
    for (let i = 0; i < 19_998; i++) bucket.take(`caller ${i}`, of, instant(0))
    expect(bucket.take('kept', of, instant(0)).allowed).toBe(false)
    bucket.take('one more', of, instant(0))
    expect(bucket.take('kept', of, instant(0)).allowed).toBe(false)
    expect(bucket.take('oldest', of, instant(0)).allowed).toBe(true)
  })
})
