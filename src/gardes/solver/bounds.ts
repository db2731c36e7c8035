/** One person's stake in a class: what they carry in, what they weigh and the most places that they could have. */
export interface Stake {
  /** In thousandths of a shift. */
  readonly carried: number
  /** Part of a full share, above 0. */
  readonly weight: number
  readonly most: number
  /** Places that are theirs already. */
  readonly least: number
}

export interface Quota {
  readonly from: number
  readonly to: number
}

export interface Fairest {
  /** Smallest possible max − min of (carried + done) ÷ weight, in thousandths of a shift for a full share. */
  readonly spread: number
  /** For each stake, the fewest and the most places within one window of ratios that is as narrow. */
  readonly quotas: readonly Quota[]
  /** The same over every window that is as narrow: what anybody may have in whatever sharing out reaches the spread. */
  readonly ranges: readonly Quota[]
}

/** What a person's ratio is with `done` places, in thousandths of a shift for a full share. */
export const ratioOf = (stake: Pick<Stake, 'carried' | 'weight'>, done: number): number =>
  Math.round((stake.carried + 1000 * done) / stake.weight)

/** A number of places that a person could have, and their ratio with it. */
interface Step {
  readonly person: number
  readonly done: number
  readonly ratio: number
}

const stepsOf = (stakes: readonly Stake[]): Step[] =>
  stakes
    .flatMap((stake, person) =>
      Array.from({ length: Math.max(0, stake.most - stake.least + 1) }, (_, i) => ({
        person,
        done: stake.least + i,
        ratio: ratioOf(stake, stake.least + i),
      })),
    )
    .sort((a, b) => a.ratio - b.ratio || a.person - b.person || a.done - b.done)

/**
 * The narrowest windows of ratios within which `places` can be shared out, as their lowest ratios. Slides over the ratios
 * that can occur: each person has some number of places within the window, and the fewest and the most of all must hold
 * `places` between them.
 */
const narrowestWindows = (stakes: readonly Stake[], steps: readonly Step[], places: number) => {
  // Each person's steps within the window are consecutive: the first and the last of them are enough.
  const from = stakes.map(({ least }) => least)
  const to = stakes.map(({ least }) => least - 1)
  let [fewest, most, inside] = [0, 0, 0]
  let spread = Infinity
  let lowest: number[] = []
  let left = 0
  for (const { person, done, ratio } of steps) {
    if (to[person]! < from[person]!) {
      inside++
      fewest += done
      most += done
      from[person] = done
    } else most += done - to[person]!
    to[person] = done
    while (inside === stakes.length && fewest <= places && places <= most) {
      const first = steps[left++]!
      const width = ratio - first.ratio
      if (width < spread) [spread, lowest] = [width, []]
      if (width === spread && lowest.at(-1) !== first.ratio) lowest.push(first.ratio)
      const p = first.person
      fewest -= from[p]!
      from[p] = first.done + 1
      if (from[p] > to[p]!) {
        inside--
        most -= to[p]!
      } else fewest += from[p]
    }
  }
  return { spread, lowest }
}

/** The fewest and the most places by which each person's ratio is in one of the windows. */
const quotasWithin = (
  count: number,
  steps: readonly Step[],
  lowest: readonly number[],
  spread: number,
): Quota[] => {
  const quotas = Array.from({ length: count }, () => ({ from: Infinity, to: -Infinity }))
  let at = 0
  for (const { person, done, ratio } of steps) {
    // Steps rise by ratio: windows that end below this one are of no more use.
    while (at < lowest.length && lowest[at]! + spread < ratio) at++
    if (at === lowest.length) break
    if (lowest[at]! > ratio) continue
    const quota = quotas[person]!
    quota.from = Math.min(quota.from, done)
    quota.to = Math.max(quota.to, done)
  }
  return quotas
}

/**
 * The smallest spread with which `places` can be shared out, whatever the other rules say: nobody below `least` or above
 * `most`, everything given out. A bound, then: no rota does better. Undefined when they cannot be shared out at all.
 */
export const fairest = (stakes: readonly Stake[], places: number): Fairest | undefined => {
  if (stakes.length === 0) return places === 0 ? { spread: 0, quotas: [], ranges: [] } : undefined
  const steps = stepsOf(stakes)
  const { spread, lowest } = narrowestWindows(stakes, steps, places)
  if (lowest.length === 0) return undefined
  return {
    spread,
    quotas: quotasWithin(stakes.length, steps, lowest.slice(0, 1), spread),
    ranges: quotasWithin(stakes.length, steps, lowest, spread),
  }
}

/** Rounds of halving: a part is then exact to well below a thousandth of a shift. */
const HALVINGS = 60

/**
 * Parts of `places` in proportion to the weights, less what is carried, each within its quota, as whole numbers below
 * and above: largest remainders. The spread leaves everybody free between the luckiest and the unluckiest, who may be
 * somebody who can take one shift in a hundred; these narrower quotas hold the others near their part all the same.
 */
export const evenQuotas = (
  stakes: readonly Stake[],
  quotas: readonly Quota[],
  places: number,
): readonly Quota[] => {
  const partsAt = (level: number) =>
    stakes.map(({ weight, carried }, i) =>
      Math.min(quotas[i]!.to, Math.max(quotas[i]!.from, level * weight - carried / 1000)),
    )
  // Far enough for the lightest to reach any quota.
  const furthest = stakes.reduce(
    (far, { weight, carried }, i) => Math.max(far, (quotas[i]!.to + Math.abs(carried) / 1000) / weight),
    0,
  )
  let [low, high] = [-furthest, furthest]
  for (let i = 0; i < HALVINGS; i++) {
    const level = (low + high) / 2
    if (partsAt(level).reduce((sum, part) => sum + part, 0) < places) low = level
    else high = level
  }
  return partsAt(high).map((part) => ({ from: Math.floor(part + 1e-6), to: Math.ceil(part - 1e-6) }))
}

/**
 * The cheapest way to take `count` from several lots, by what taking 0, 1, 2… from each costs: how many from each, or
 * undefined when there is no way.
 */
export const cheapestSplit = (
  costs: readonly (readonly number[])[],
  count: number,
): readonly number[] | undefined => {
  // By how many are taken so far: the cheapest way, from the lots so far.
  let best: ({ readonly cost: number; readonly taken: readonly number[] } | undefined)[] = [
    { cost: 0, taken: [] },
  ]
  for (const ofLot of costs) {
    const before = best
    best = Array.from({ length: count + 1 }, (_, all) =>
      ofLot
        .slice(0, all + 1)
        .flatMap((cost, own) => {
          const rest = before[all - own]
          return rest && cost < Infinity ? [{ cost: rest.cost + cost, taken: [...rest.taken, own] }] : []
        })
        .reduce<(typeof best)[number]>((a, b) => (a && a.cost <= b.cost ? a : b), undefined),
    )
  }
  return best[count]?.taken
}
