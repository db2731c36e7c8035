/** Chance that repeats: the same throws at each run, whatever the world's own randomness. */
export interface Dice {
  /** An integer in `[0, bound)`. */
  below(bound: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  shuffle<T>(list: readonly T[]): T[]
}

/** Dice from a seed (mulberry32). */
export const diceOf = (seed: number): Dice => {
  let state = seed >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number) => Math.floor(fraction() * bound)
  const shuffle = <T>(list: readonly T[]): T[] =>
    list
      .map((item) => ({ item, place: fraction() }))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item)
  return {
    below,
    chance: (probability) => fraction() < probability,
    pick: <T>(list: readonly T[]): T => {
      const index = below(list.length)
      if (index >= list.length) throw new RangeError('nothing to pick from')
      return list[index] as T
    },
    shuffle,
  }
}
