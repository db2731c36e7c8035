import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { lifecyclesPage } from '../scripts/lifecycles.ts'

it('[ARCH-9] the page of lives is the one that the transition tables make', () => {
  const page = readFileSync(new URL('../docs/lifecycles.md', import.meta.url), 'utf8')
  expect(page).toBe(lifecyclesPage())
  for (const arrow of [
    'booked --> cancelled: cancel',
    'held --> booked: book',
    'asking --> accepted: accept',
    'full --> open: free',
  ])
    expect(page).toContain(arrow)
})
