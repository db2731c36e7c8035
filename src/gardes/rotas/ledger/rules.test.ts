import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { carriedOver, ratioOf, spreadsOf } from './rules.ts'

describe('carrying over', () => {
  const part = (practitionerId: string, amount: number, rotaId = 'r1', name = 'evening') => ({
    rotaId,
    practitionerId,
    class: name,
    amount,
  })

  it('[GARDE-20] what somebody did beyond their part is theirs, and rotas and classes add up apart', () => {
    const carried = carriedOver(
      [
        part('a', 1),
        part('b', 1),
        part('c', 0.5),
        part('a', 1, 'r2'),
        part('b', 1, 'r2'),
        part('a', 1, 'r1', 'night'),
      ],
      [part('a', 6), part('b', 4), part('a', 1, 'r2'), part('b', 3, 'r2'), part('a', 2, 'r1', 'night')],
    )
    expect(carried.get('a')).toEqual({ evening: 6000 - 4000 - 1000, night: 0 })
    expect(carried.get('b')).toEqual({ evening: 0 + 1000 })
    expect(carried.get('c')).toEqual({ evening: -2000 })
    expect(carried.get('newcomer')).toBeUndefined()
  })

  it('[GARDE-20] who had no part and did some is owed all of it', () => {
    const carried = carriedOver([part('a', 1), part('b', 1)], [part('a', 3), part('b', 3), part('z', 2)])
    expect([...carried]).toEqual([
      ['a', { evening: 0 }],
      ['b', { evening: 0 }],
      ['z', { evening: 2000 }],
    ])
  })

  it('[GARDE-20] among those who had a part, what is owed and what is due are even', () => {
    const people = fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 30 })), {
      minLength: 1,
      maxLength: 30,
    })
    fc.assert(
      fc.property(fc.array(people, { minLength: 1, maxLength: 4 }), (periods) => {
        const weights = periods.flatMap((all, r) =>
          all.map(([share], i) => part(`p${i}`, share / 100, `r${r}`)),
        )
        const done = periods.flatMap((all, r) => all.map(([, count], i) => part(`p${i}`, count, `r${r}`)))
        const carried = [...carriedOver(weights, done).values()].map((classes) => classes.evening ?? 0)
        const sum = carried.reduce((a, b) => a + b, 0)
        // Each is rounded to a thousandth.
        expect(Math.abs(sum)).toBeLessThanOrEqual(carried.length)
      }),
      { seed: 20261123, numRuns: 200 },
    )
  })

  it('[GARDE-21] a ratio is what was carried and done for a full share; the spread is the widest apart', () => {
    const line = (practitionerId: string, done: number, carried: number, weight: number) => ({
      practitionerId,
      class: 'evening',
      done,
      carried,
      weight,
    })
    const lines = [line('a', 4, 0, 1), line('b', 2, -500, 0.5), line('c', 1, 0, 0)]
    expect(lines.map(ratioOf)).toEqual([4000, 3000, null])
    expect(spreadsOf(lines)).toEqual([{ class: 'evening', value: 1000 }])
    expect(spreadsOf([line('c', 1, 0, 0)])).toEqual([{ class: 'evening', value: 0 }])
  })
})
