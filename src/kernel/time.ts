/** Epoch milliseconds. Made only by `instant`, by the clock, or by `kernel/civil`. */
export type Instant = number & { readonly __instant: unique symbol }

/** Half-open `[start, end)`, `end > start`: two intervals that touch do not overlap. */
export interface Interval {
  readonly start: Instant
  readonly end: Instant
}

export type Clock = () => Instant

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const WEEK = 7 * DAY

/** The furthest epoch millisecond that ECMAScript dates can represent (ECMA-262, time values). */
const MAX_TIME = 8.64e15

/** An instant from epoch milliseconds. Throws on anything but an integer within the range of ECMAScript dates. */
export const instant = (milliseconds: number): Instant => {
  if (!Number.isInteger(milliseconds) || Math.abs(milliseconds) > MAX_TIME)
    throw new RangeError('not an instant')
  return milliseconds as Instant
}

/** `at` moved by a signed number of milliseconds of elapsed time. */
export const plus = (at: Instant, milliseconds: number): Instant => instant(at + milliseconds)

/** An interval, or undefined when `end` is not after `start`. */
export const findInterval = (start: Instant, end: Instant): Interval | undefined =>
  end > start ? { start, end } : undefined

/** An interval. Throws when `end` is not after `start`. */
export const getInterval = (start: Instant, end: Instant): Interval => {
  const interval = findInterval(start, end)
  if (!interval) throw new RangeError('an interval ends after it starts')
  return interval
}

/** Length in milliseconds. */
export const lengthOf = (interval: Interval): number => interval.end - interval.start

/** Whether `at` is within `[start, end)`. */
export const isWithin = (at: Instant, interval: Interval): boolean =>
  at >= interval.start && at < interval.end

/** Whether the two share at least one millisecond. */
export const isOverlapping = (a: Interval, b: Interval): boolean => a.start < b.end && b.start < a.end

/** What the two share, or undefined. */
export const findIntersection = (a: Interval, b: Interval): Interval | undefined =>
  findInterval(a.start > b.start ? a.start : b.start, a.end < b.end ? a.end : b.end)

/** The same set of instants as sorted, disjoint intervals that do not touch. */
export const normalise = (intervals: readonly Interval[]): Interval[] => {
  const merged: Interval[] = []
  for (const next of [...intervals].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last && next.start <= last.end) {
      if (next.end > last.end) merged[merged.length - 1] = { start: last.start, end: next.end }
    } else merged.push(next)
  }
  return merged
}

/** The instants of `from` that are in none of `removed`, normalised. */
export const subtract = (from: readonly Interval[], removed: readonly Interval[]): Interval[] => {
  let rest = normalise(from)
  for (const hole of normalise(removed)) {
    rest = rest.flatMap((piece) => {
      if (!isOverlapping(piece, hole)) return [piece]
      const before = findInterval(piece.start, hole.start)
      const after = findInterval(hole.end, piece.end)
      return [before, after].filter((part) => part !== undefined)
    })
  }
  return rest
}

/** The instants that are in both lists, normalised. */
export const intersect = (a: readonly Interval[], b: readonly Interval[]): Interval[] => {
  const right = normalise(b)
  return normalise(a).flatMap((left) =>
    right.map((other) => findIntersection(left, other)).filter((part) => part !== undefined),
  )
}

/**
 * `interval` cut in consecutive pieces of `minutes`. A remainder shorter than a piece is left out.
 * Throws when `minutes` is not a positive integer.
 */
export const cut = (interval: Interval, minutes: number): Interval[] => {
  if (!Number.isInteger(minutes) || minutes <= 0) throw new RangeError('a piece lasts whole minutes')
  const pieces: Interval[] = []
  for (
    let start = interval.start;
    start + minutes * MINUTE <= interval.end;
    start = plus(start, minutes * MINUTE)
  )
    pieces.push({ start, end: plus(start, minutes * MINUTE) })
  return pieces
}
