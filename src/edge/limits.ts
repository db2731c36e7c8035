import type { Instant } from '../kernel/time.ts'

export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

export interface Allowance {
  readonly allowed: boolean
  readonly remaining: number
  /** Whole seconds until one more request is allowed (when refused) or until the bucket is full again. */
  readonly resetSeconds: number
}

interface Bucket {
  tokens: number
  at: Instant
}

/** Callers remembered at a time; beyond it those seen longest ago are forgotten, which only ever gives tokens back. */
const MOST_BUCKETS = 20_000

export interface Limiter {
  /** Takes a token, or refuses. `cost` 0 only looks. */
  take(caller: string, rate: Rate, now: Instant, cost?: 0 | 1): Allowance
}

/** Token buckets in memory: a restart gives every caller a full bucket, which is harmless. */
export const limiter = (): Limiter => {
  const buckets = new Map<string, Bucket>()
  return {
    take: (caller, rate, now, cost = 1) => {
      const known = buckets.get(caller)
      const elapsed = known ? Math.max(0, now - known.at) : 0
      const tokens = known
        ? Math.min(rate.burst, known.tokens + (elapsed * rate.perSecond) / 1000)
        : rate.burst
      const allowed = tokens >= 1
      const left = allowed ? tokens - cost : tokens
      buckets.delete(caller)
      buckets.set(caller, { tokens: left, at: now })
      if (buckets.size > MOST_BUCKETS) {
        const oldest = buckets.keys().next()
        if (!oldest.done) buckets.delete(oldest.value)
      }
      const missing = allowed ? rate.burst - left : 1 - tokens
      return { allowed, remaining: Math.floor(left), resetSeconds: Math.ceil(missing / rate.perSecond) }
    },
  }
}
