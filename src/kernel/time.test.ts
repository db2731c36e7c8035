import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cut,
  DAY,
  findIntersection,
  findInterval,
  getInterval,
  HOUR,
  instant,
  type Interval,
  intersect,
  isOverlapping,
  isWithin,
  lengthOf,
  MINUTE,
  normalise,
  plus,
  subtract,
  WEEK,
} from './time.ts'

const PROPERTY = { seed: 20261121, numRuns: 2_000 }
const LINE = 40

const interval = (start: number, end: number) => getInterval(instant(start), instant(end))

const anyInterval = fc
  .tuple(fc.integer({ min: 0, max: LINE - 1 }), fc.integer({ min: 1, max: 12 }))
  .map(([start, length]) => interval(start, Math.min(start + length, LINE)))
const anyIntervals = fc.array(anyInterval, { maxLength: 8 })

/** The model: every millisecond of the line that is in one of the intervals. */
const millisecondsOf = (intervals: readonly Interval[]) =>
  Array.from({ length: LINE }, (_, at) => at).filter((at) =>
    intervals.some(({ start, end }) => start <= at && at < end),
  )

const isNormal = (intervals: readonly Interval[]) =>
  intervals.every(({ start, end }, index) => {
    const previous = intervals[index - 1]
    return end > start && (!previous || previous.end < start)
  })

describe('instants', () => {
  it('[TIME-1] an instant is a whole number of milliseconds within the range of dates', () => {
    expect(instant(0)).toBe(0)
    expect(instant(-8.64e15)).toBe(-8.64e15)
    for (const bad of [NaN, Infinity, 0.5, 8.64e15 + 1, -8.64e15 - 1])
      expect(() => instant(bad), String(bad)).toThrow(RangeError)
    expect(() => plus(instant(8.64e15), 1)).toThrow(RangeError)
  })

  it('[TIME-1] plus moves by elapsed time', () => {
    expect(plus(instant(10), -10)).toBe(0)
    expect([MINUTE, HOUR, DAY, WEEK]).toEqual([60_000, 3_600_000, 86_400_000, 604_800_000])
  })
})

describe('intervals', () => {
  it('[TIME-2] an interval ends after it starts', () => {
    expect(findInterval(instant(5), instant(5))).toBeUndefined()
    expect(findInterval(instant(5), instant(4))).toBeUndefined()
    expect(() => getInterval(instant(5), instant(5))).toThrow(RangeError)
    expect(lengthOf(interval(5, 7))).toBe(2)
  })

  it('[TIME-2] an interval holds its start and not its end, and intervals that touch do not overlap', () => {
    expect(isWithin(instant(5), interval(5, 7))).toBe(true)
    expect(isWithin(instant(7), interval(5, 7))).toBe(false)
    expect(isOverlapping(interval(5, 7), interval(7, 9))).toBe(false)
    expect(findIntersection(interval(5, 7), interval(7, 9))).toBeUndefined()
    expect(isOverlapping(interval(5, 8), interval(7, 9))).toBe(true)
    expect(findIntersection(interval(5, 8), interval(7, 9))).toEqual(interval(7, 8))
  })

  it('[TIME-2] overlap and intersection agree with the model', () => {
    fc.assert(
      fc.property(anyInterval, anyInterval, (a, b) => {
        const shared = millisecondsOf([a]).filter((at) => isWithin(instant(at), b))
        expect(isOverlapping(a, b)).toBe(shared.length > 0)
        const found = findIntersection(a, b)
        expect(found ? millisecondsOf([found]) : []).toEqual(shared)
      }),
      PROPERTY,
    )
  })

  it('[TIME-6] normalise keeps the instants, sorts, joins what touches, and changes nothing twice', () => {
    expect(normalise([interval(5, 7), interval(0, 5)])).toEqual([interval(0, 7)])
    fc.assert(
      fc.property(anyIntervals, (intervals) => {
        const normal = normalise(intervals)
        expect(isNormal(normal)).toBe(true)
        expect(millisecondsOf(normal)).toEqual(millisecondsOf(intervals))
        expect(normalise(normal)).toEqual(normal)
      }),
      PROPERTY,
    )
  })

  it('[TIME-6] subtract and intersect are those of sets of instants', () => {
    fc.assert(
      fc.property(anyIntervals, anyIntervals, (a, b) => {
        const inB = new Set(millisecondsOf(b))
        const difference = subtract(a, b)
        const common = intersect(a, b)
        expect(isNormal(difference) && isNormal(common)).toBe(true)
        expect(millisecondsOf(difference)).toEqual(millisecondsOf(a).filter((at) => !inB.has(at)))
        expect(millisecondsOf(common)).toEqual(millisecondsOf(a).filter((at) => inB.has(at)))
      }),
      PROPERTY,
    )
  })

  it('[TIME-6] none of the operations changes what it is given', () => {
    const a = Object.freeze([interval(5, 9), interval(0, 6)])
    const b = Object.freeze([interval(7, 8), interval(2, 3)])
    normalise(a)
    subtract(a, b)
    intersect(a, b)
    expect(a).toEqual([interval(5, 9), interval(0, 6)])
    expect(b).toEqual([interval(7, 8), interval(2, 3)])
  })

  it('[TIME-7] cut gives consecutive equal pieces from the start and leaves out a shorter remainder', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e6, max: 1e6 }),
        fc.integer({ min: 1, max: 200 * MINUTE }),
        fc.integer({ min: 1, max: 60 }),
        (start, length, minutes) => {
          const whole = interval(start, start + length)
          const pieces = cut(whole, minutes)
          expect(pieces).toHaveLength(Math.floor(length / (minutes * MINUTE)))
          for (const [index, piece] of pieces.entries()) {
            expect(piece.start).toBe(start + index * minutes * MINUTE)
            expect(lengthOf(piece)).toBe(minutes * MINUTE)
          }
          expect(whole.end - (pieces.at(-1)?.end ?? whole.start)).toBeLessThan(minutes * MINUTE)
        },
      ),
      PROPERTY,
    )
    for (const bad of [0, -5, 2.5, NaN]) expect(() => cut(interval(0, HOUR), bad)).toThrow(RangeError)
  })
})
