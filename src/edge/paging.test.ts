import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_PAGE, pageOf, paged } from './paging.ts'

/** What a store gives: up to one row more than asked, after the cursor. */
const fetchRows = (rows: readonly number[], after: string | undefined, limit: number) =>
  rows.filter((row) => after === undefined || row > Number(after)).slice(0, limit + 1)

describe('paging', () => {
  it('[HTTP-8] pages read one after the other are the whole, each row once, whatever the limit', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(10_000), { maxLength: 60 }),
        fc.integer({ min: 1, max: 70 }),
        (any, limit) => {
          const rows = [...any].sort((a, b) => a - b)
          const seen: number[] = []
          let after: string | undefined
          let pages = 0
          do {
            const page = paged(fetchRows(rows, after, limit), limit, String, (row) => row)
            expect(page.items.length).toBeLessThanOrEqual(limit)
            seen.push(...page.items)
            after = page.next ?? undefined
            pages++
          } while (after !== undefined)
          expect(seen).toEqual(rows)
          expect(pages).toBe(Math.max(1, Math.ceil(rows.length / limit)))
        },
      ),
      { seed: 20261123, numRuns: 300 },
    )
  })

  it('[HTTP-8] a page is 50 rows from the start unless told', () => {
    expect(DEFAULT_PAGE).toBe(50)
    expect(pageOf({})).toEqual({ limit: 50, after: undefined })
    expect(pageOf({ limit: 3, after: 'x' })).toEqual({ limit: 3, after: 'x' })
  })

  it('[HTTP-8] the row fetched only to know that there is more is never shown', () => {
    const shown: number[] = []
    paged([1, 2, 3], 2, String, (row) => shown.push(row))
    expect(shown).toEqual([1, 2])
  })
})
