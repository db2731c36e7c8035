import type { Instance } from './instance.ts'
import { limitsOf, type ShiftTime } from './model.ts'

/** The most of some days, in order, that can be taken so that no `width` days in a row hold more than `max`. */
const mostSpaced = (days: readonly number[], width: number, max: number | null): number => {
  if (max === null) return days.length
  // Taking each as early as it can be is best: it leaves the most room for the next.
  const taken: number[] = []
  for (const day of days) {
    const limiting = taken[taken.length - max]
    if (max > 0 && (limiting === undefined || day - limiting >= width)) taken.push(day)
  }
  return taken.length
}

/** The most of some shifts that do not overlap: the earliest end first. */
const mostApart = (shifts: readonly ShiftTime[]): number => {
  let [count, free] = [0, -Infinity]
  for (const { start, end } of [...shifts].sort((a, b) => a.end - b.end))
    if (start >= free) {
      count++
      free = end
    }
  return count
}

/**
 * A bound on how many of some shifts, in order of start, a person can do besides `already`: none in two places, the
 * limits of 7 and 28 days, each by itself, and their own cap.
 */
export const mostWithin = (
  { people, shifts, problem }: Instance,
  person: number,
  among: readonly number[],
  already: number,
): number => {
  const own = limitsOf(people[person]!, problem.limits)
  const times = among.map((s) => shifts[s]!)
  const days = times.map(({ day }) => day)
  return Math.min(
    mostSpaced(days, 7, own.maxPer7Days),
    mostSpaced(days, 28, own.maxPer28Days),
    mostApart(times),
    Math.max(0, (own.maxTotal ?? Infinity) - already),
  )
}
