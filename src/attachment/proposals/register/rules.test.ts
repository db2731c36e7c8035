import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharesOf, totalOf, type Answers, type Tally } from './rules.ts'

const tally: fc.Arbitrary<Tally> = fc
  .tuple(fc.nat(40), fc.nat(40))
  .map(([a, b]) => ({ people: Math.max(a, b), priority: Math.min(a, b) }))
const answers: fc.Arbitrary<Answers> = fc.record({
  proposed: tally,
  accepted: tally,
  ended: tally,
  refused: tally,
  unanswered: tally,
})

describe('the part of urgent patients', () => {
  it('[PROP-15] a part is from 0 to 1, and that of a CPTS lies between those of its GPs', () => {
    fc.assert(
      fc.property(fc.array(answers, { minLength: 1, maxLength: 8 }), (all) => {
        const whole = sharesOf(totalOf(all))
        for (const key of ['proposed', 'accepted', 'ended', 'refused', 'unanswered'] as const) {
          const parts = all.map((one) => sharesOf(one)[key].share).filter((share) => share !== null)
          const { share, people } = whole[key]
          expect(people).toBe(all.reduce((sum, one) => sum + one[key].people, 0))
          if (share === null) expect(parts).toEqual([])
          else {
            expect(share).toBeGreaterThanOrEqual(Math.min(...parts))
            expect(share).toBeLessThanOrEqual(Math.max(...parts))
          }
        }
      }),
      { seed: 15 },
    )
  })

  it('[PROP-15] of nobody there is no part', () => {
    expect(sharesOf(totalOf([])).accepted).toEqual({ people: 0, priority: 0, share: null })
  })
})
