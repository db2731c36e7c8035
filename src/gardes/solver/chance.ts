/** A whole number from 0 to `below` − 1. */
export type Chance = (below: number) => number

/** 32 bits that depend on each of the numbers (the finaliser of MurmurHash3). */
export const hash32 = (...numbers: readonly number[]): number => {
  let hash = 0x9e3779b9
  for (const number of numbers) {
    hash = Math.imul(hash ^ number, 0x85ebca6b)
    hash ^= hash >>> 13
    hash = Math.imul(hash, 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return hash >>> 0
}

/** Chance that a seed repeats (mulberry32): the same on every machine. */
export const seeded = (seed: number): Chance => {
  let state = hash32(seed, seed / 2 ** 32)
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}
