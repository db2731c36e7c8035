import { describe, expect, it } from 'vitest'
import { HARD_RULES } from '../../solver/model.ts'
import { RELAXATIONS } from '../../solver/explain.ts'
import { RELIEFS, ROTA_STATES, SHIFT_RULES } from '../vocabulary.ts'
import { refuseGeneration, textOfPlace, textOfReliefs, textOfRules, viewOfRota } from './rules.ts'

const LIMITS = { restHours: 11 }

describe('saying why', () => {
  it('[GARDE-15] every rule and every help that the solver names has words of its own', () => {
    expect(SHIFT_RULES).toEqual(HARD_RULES)
    expect(RELIEFS).toEqual(RELAXATIONS)
    const texts = SHIFT_RULES.map((rule) => textOfRules([rule], LIMITS))
    expect(new Set(texts).size).toBe(SHIFT_RULES.length)
    expect(textOfRules(['absence', 'rest'], LIMITS)).toBe('absent, repos de 11 h non respecté')
    expect(textOfRules(['rest'], { restHours: 9 })).toBe('repos de 9 h non respecté')
    expect(textOfReliefs(['rest_9_hours', 'one_more_member'])).toBe(
      'Aiderait : un repos ramené à 9 h ; un praticien de plus sur la liste.',
    )
    expect(textOfReliefs([])).toBeNull()
  })

  it('[GARDE-15] a place is summed up by rule, the commonest first', () => {
    const because = [
      { rules: ['absence'] },
      { rules: ['rest'] },
      { rules: ['rest', 'restriction'] },
      { rules: [] },
    ] as const
    expect(textOfPlace(because, LIMITS)).toBe(
      'Aucun des 4 praticiens : repos de 11 h non respecté (2) ; absent (1) ; dispensé de ce type de garde (1) ; disponible, mais pris ailleurs (1).',
    )
    expect(textOfPlace(because.slice(0, 1), LIMITS)).toBe('Le seul praticien ne peut pas : absent (1).')
    expect(textOfPlace([], LIMITS)).toBe('Personne n’est sur la liste du secteur.')
  })

  it('[GARDE-15] an answer names 2,000 reasons at most, and sums up every place', () => {
    const because = Array.from({ length: 60 }, (_, i) => ({ personId: `p${i}`, rules: ['absence'] as const }))
    const unfilled = Array.from({ length: 50 }, (_, place) => ({ shiftId: 's', place, because, helps: [] }))
    const view = viewOfRota(
      { cells: [], unfilled, ledger: [], spreads: [], levels: [], isOptimal: false, steps: 0, planned: 0 },
      { ...LIMITS, isStopped: false },
      (id) => id,
    )
    expect(view.unfilled.map((one) => one.because.length)).toEqual([
      ...Array.from({ length: 33 }, () => 60),
      ...Array.from({ length: 17 }, () => 0),
    ])
    expect(new Set(view.unfilled.map(({ text }) => text))).toEqual(
      new Set(['Aucun des 60 praticiens : absent (60).']),
    )
  })
})

it('[GARDE-10] a rota is generated until it is validated, and again once it is published', () => {
  expect(ROTA_STATES.filter((state) => refuseGeneration({ state }) === null)).toEqual([
    'draft',
    'generated',
    'consultation',
    'published',
    'in_force',
  ])
})
