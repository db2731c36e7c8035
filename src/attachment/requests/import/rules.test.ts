import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instant } from '../../../kernel/time.ts'
import { COLUMNS, planImport, type ImportPlan } from './rules.ts'

const LINE: Readonly<Record<string, string>> = {
  famille: 'Fictive',
  prenom: 'Alix',
  naissance: '1980-02-29',
  telephone: '0639980001',
  commune: '92050',
  consentement_le: '2026-11-20',
  consentement_par: 'elle-même',
  consentement_moyen: 'oral',
}

const planOf = (more: Readonly<Record<string, string>>, columns: readonly string[] = COLUMNS): ImportPlan => {
  const cells = columns.map((column) => ({ ...LINE, ...more })[column] ?? '')
  const plan = planImport(new TextEncoder().encode(`${columns.join(';')}\n${cells.join(';')}\n`), {
    now: instant(Date.parse('2026-11-23T08:00:00+01:00')),
    zone: 'Europe/Paris',
    communes: [{ insee: '92050', name: 'Nanterre', lat: 48.896, lon: 2.207 }],
  })
  if ('code' in plan) throw new Error(plan.code)
  return plan
}

/** What every plain object answers to. */
const INHERITED = Object.getOwnPropertyNames(Object.prototype)

describe('words of a file', () => {
  it('[MT-22] a word that every object answers to is none of ours', () => {
    const free = ['reference', 'foyer', 'famille', 'prenom', 'consentement_par']
    const coded = COLUMNS.filter((column) => !free.includes(column))
    fc.assert(
      fc.property(fc.constantFrom(...coded), fc.constantFrom(...INHERITED), (column, word) => {
        const { households, rejected } = planOf({ [column]: word })
        expect(households).toEqual([])
        expect(rejected).toHaveLength(1)
        expect(rejected[0]?.reason).not.toContain(word)
      }),
      { seed: 22, numRuns: 400 },
    )
  })

  it('[MT-22] where any word may stand, such a word stands too', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('foyer', 'famille', 'prenom', 'consentement_par'),
        fc.constantFrom(...INHERITED),
        (column, word) => {
          expect(planOf({ [column]: word })).toMatchObject({ households: [{ people: [{ line: 2 }] }] })
        },
      ),
      { seed: 23 },
    )
  })

  it('[MT-24] a column of such a name is unknown', () => {
    for (const word of INHERITED) expect(() => planOf({}, [...COLUMNS, word]), word).toThrow('invalid_csv')
  })
})
