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

export interface Fairest {
  /** Smallest possible max − min of (carried + done) ÷ weight, in thousandths of a shift for a full share. */
  readonly spread: number
  /** For each stake, the fewest and the most places with which that spread is reached. */
  readonly quotas: readonly { readonly from: number; readonly to: number }[]
}

/** What a person's ratio is with `done` places, in thousandths of a shift for a full share. */
export const ratioOf = (stake: Pick<Stake, 'carried' | 'weight'>, done: number): number =>
  Math.round((stake.carried + 1000 * done) / stake.weight)

/**
 * The smallest spread with which `places` can be shared out, whatever the other rules say: nobody below `least` or above
 * `most`, everything given out. A bound, then: no rota does better. Undefined when they cannot be shared out at all.
 * Slides a window over the ratios that can occur: each person has some number of places within it, and the fewest and the
 * most of all must hold `places` between them.
 */
export const fairest = (stakes: readonly Stake[], places: number): Fairest | undefined => {
  if (stakes.length === 0) return places === 0 ? { spread: 0, quotas: [] } : undefined
  const steps = stakes
    .flatMap((stake, person) =>
      Array.from({ length: stake.most - stake.least + 1 }, (_, i) => ({
        person,
        done: stake.least + i,
        ratio: ratioOf(stake, stake.least + i),
      })),
    )
    .sort((a, b) => a.ratio - b.ratio || a.person - b.person || a.done - b.done)
  // Each person's steps within the window are consecutive: the first and the last of them are enough.
  const from = stakes.map((stake) => stake.least)
  const to = stakes.map((stake) => stake.least - 1)
  let [fewest, most, inside] = [0, 0, 0]
  let best: { spread: number; lowest: number; highest: number } | undefined
  let left = 0
  for (const step of steps) {
    const { person } = step
    if (to[person]! < from[person]!) {
      inside++
      fewest += step.done
      most += step.done
      from[person] = step.done
    } else most += step.done - to[person]!
    to[person] = step.done
    while (inside === stakes.length && fewest <= places && places <= most) {
      const first = steps[left++]!
      const spread = step.ratio - first.ratio
      if (!best || spread < best.spread) best = { spread, lowest: first.ratio, highest: step.ratio }
      const p = first.person
      fewest -= from[p]!
      from[p] = first.done + 1
      if (from[p] > to[p]!) {
        inside--
        most -= to[p]!
      } else fewest += from[p]
    }
  }
  if (!best) return undefined
  // Everybody's whole range: with equal ratios the window may have closed before it took in the last of them.
  const { spread, lowest, highest } = best
  const quotas = stakes.map(() => ({ from: Infinity, to: -Infinity }))
  for (const { person, done, ratio } of steps) {
    if (ratio < lowest || ratio > highest) continue
    const quota = quotas[person]!
    quota.from = Math.min(quota.from, done)
    quota.to = Math.max(quota.to, done)
  }
  return { spread, quotas }
}
