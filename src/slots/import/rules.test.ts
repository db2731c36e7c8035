import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { getLocalDate } from '../../kernel/civil.ts'
import type { FileOccurrence } from '../../kernel/ical-reader.ts'
import { instant, isOverlapping, MINUTE, normalise, plus, type Interval } from '../../kernel/time.ts'
import { importWindow, planImport, refuseTooMany, refuseWindow } from './rules.ts'

const NOW = instant(Date.parse('2026-11-23T08:00:00Z'))
const at = (minutes: number) => plus(NOW, minutes * MINUTE)

const interval = fc
  .tuple(fc.integer({ min: -60, max: 600 }), fc.integer({ min: 1, max: 90 }))
  .map(([start, length]): Interval => ({ start: at(start), end: at(start + length) }))

describe('import', () => {
  it('[IMPORT-7] is about 56 days at most, from today unless told', () => {
    const today = getLocalDate('2026-11-23')
    const window = (from?: string, to?: string) =>
      importWindow(
        { from: from ? getLocalDate(from) : undefined, to: to ? getLocalDate(to) : undefined },
        today,
      )
    expect(window()).toEqual({ from: '2026-11-23', to: '2027-01-17' })
    expect(window('2026-12-01')).toEqual({ from: '2026-12-01', to: '2027-01-25' })
    for (const good of [window(), window('2026-12-01', '2026-12-01'), window('2026-12-01', '2027-01-25')])
      expect(refuseWindow(good)).toBeNull()
    for (const bad of [
      window('2026-12-01', '2027-01-26'),
      window('2026-12-01', '2026-11-30'),
      window(undefined, '2026-11-22'),
    ])
      expect(refuseWindow(bad)).toMatchObject({ code: 'invalid_interval', path: ['to'] })
  })

  it('[IMPORT-8] makes 500 slots at most', () => {
    expect(refuseTooMany(500)).toBeNull()
    expect(refuseTooMany(501)).toMatchObject({ code: 'too_many_slots', facts: { slots: 501, most: 500 } })
  })

  it('[IMPORT-1] takes each piece that shares no time with what is taken, in order, and says why not the others', () => {
    let [made, overlapped] = [0, 0]
    fc.assert(
      fc.property(
        fc.array(interval, { maxLength: 12 }),
        fc.array(interval, { maxLength: 6 }),
        fc.constantFrom(undefined, 5, 15, 30),
        (times, filled, slotMinutes) => {
          const busy = normalise(filled)
          const occurrences: FileOccurrence[] = times
            .sort((a, b) => a.start - b.start)
            .map((time, index) => ({ index, ...time }))
          const planned = planImport(occurrences, { slotMinutes, release: null }, busy, NOW)
          const taken: Interval[] = [...busy]
          planned.forEach(({ slots, skipped }, i) => {
            const { start, end } = times[i]!
            const length = (end - start) / MINUTE
            const count = slotMinutes === undefined ? 1 : Math.floor(length / slotMinutes)
            const pieces = Array.from({ length: count }, (_, piece) => ({
              start: plus(start, piece * (slotMinutes ?? length) * MINUTE),
              end: plus(start, (piece + 1) * (slotMinutes ?? length) * MINUTE),
            }))
            const coming = pieces.filter((piece) => piece.start >= NOW)
            const free = coming.filter((piece) => {
              const isFree = !taken.some((other) => isOverlapping(other, piece))
              if (isFree) taken.push(piece)
              return isFree
            })
            expect(slots).toEqual(free)
            const reason =
              count === 0
                ? 'too_short'
                : free.length < coming.length
                  ? 'overlap'
                  : coming.length < count
                    ? 'past'
                    : undefined
            expect(skipped).toBe(reason)
            made += free.length
            if (reason === 'overlap') overlapped++
          })
          // Made, they are in their own way.
          const again = planImport(occurrences, { slotMinutes, release: null }, taken, NOW)
          expect(again.flatMap(({ slots }) => slots)).toEqual([])
        },
      ),
      { seed: 20261123, numRuns: 500 },
    )
    expect([made > 1_000, overlapped > 300]).toEqual([true, true])
  })

  it('[IMPORT-7] makes no slot that its release would give back at once', () => {
    const release = { minutesBefore: 60, to: 'practitioner' } as const
    const planned = planImport(
      [60, 75].map((start, index) => ({ index, start: at(start), end: at(start + 10) })),
      { slotMinutes: undefined, release },
      [],
      NOW,
    )
    expect(planned.map(({ slots, skipped }) => [slots.length, skipped])).toEqual([
      [0, 'past'],
      [1, undefined],
    ])
  })
})
