import { describe, expect, it } from 'vitest'
import { REFUSAL_CODES } from '../kernel/refusal.ts'
import { problem, problemOf, PROBLEMS, type ProblemCode } from './problems.ts'

describe('the catalogue of problems', () => {
  it('[HTTP-1] every refusal of a rule has a status of the 4xx and a French title', () => {
    for (const code of REFUSAL_CODES) {
      expect([404, 409, 410, 412, 422, 429]).toContain(PROBLEMS[code][0])
      expect(PROBLEMS[code][1]).toMatch(/^[\p{Lu}][^.]*$/u)
    }
  })

  it('[HTTP-1] no two problems share a title, so that a person can tell them apart', () => {
    const titles = Object.values(PROBLEMS).map(([, title]) => title)
    expect(new Set(titles).size).toBe(titles.length)
  })

  it('[HTTP-1] a problem carries its code, status and title, and the facts of its refusal', () => {
    for (const code of Object.keys(PROBLEMS) as ProblemCode[])
      expect(problem(code, 'Détail.')).toEqual({
        type: `urn:urgence-du-jour:problem:${code}`,
        title: PROBLEMS[code][1],
        status: PROBLEMS[code][0],
        code,
        detail: 'Détail.',
      })
    expect(
      problemOf({
        code: 'slot_overlap',
        detail: 'Détail.',
        path: ['slots', 3, 'start'],
        facts: { slotId: 'x' },
      }),
    ).toMatchObject({
      status: 409,
      code: 'slot_overlap',
      slotId: 'x',
      errors: [{ path: 'slots.3.start', message: 'Détail.' }],
    })
  })
})
