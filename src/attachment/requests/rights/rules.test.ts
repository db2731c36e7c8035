import { describe, expect, it } from 'vitest'
import { getLocalDate } from '../../../kernel/civil.ts'
import { DEFAULT_RULES } from '../../grid/rules.ts'
import { FLAGS, GRID_RULES, PRIORITY_CLASSES, REQUEST_STATES } from '../../vocabulary.ts'
import { rightsOf, waitingBand, type ToldRequest } from './rules.ts'

const told = (more: Partial<ToldRequest> = {}): ToldRequest => ({
  community: 'CPTS de Nanterre',
  names: new Map([[0, 'Alix Fictive']]),
  askedOn: getLocalDate('2026-11-23'),
  consentOn: getLocalDate('2026-11-20'),
  state: 'waiting',
  class: 3,
  total: 0,
  points: [],
  lacking: [],
  weeks: 0,
  contacts: 0,
  proposals: 0,
  rules: DEFAULT_RULES,
  rulesVersion: 0,
  ...more,
})

/** Somebody between them has left. */
const NAMES = new Map([
  [0, 'A B'],
  [2, 'C D'],
])

const textOf = (request: ToldRequest) =>
  rightsOf(request)
    .flatMap(({ lines }) => lines)
    .join('\n')

describe('the right to know', () => {
  it('[MT-18] waiting is told as a band that it is in', () => {
    expect([0, 3, 4, 7, 8, 11, 12, 25, 26, 51, 52, 500].map(waitingBand)).toEqual([
      'moins de 4 semaines',
      'moins de 4 semaines',
      'entre 4 et 8 semaines',
      'entre 4 et 8 semaines',
      'entre 8 et 12 semaines',
      'entre 8 et 12 semaines',
      'entre 12 et 26 semaines',
      'entre 12 et 26 semaines',
      'entre 26 et 52 semaines',
      'entre 26 et 52 semaines',
      'plus d’un an',
      'plus d’un an',
    ])
  })

  it('[MT-18] every code has words, and no sentence is broken', () => {
    for (const request of [
      ...PRIORITY_CLASSES.map((one) => told({ class: one })),
      ...REQUEST_STATES.map((state) => told({ state })),
      told({ points: GRID_RULES.map((rule) => ({ rule, points: 1 })) }),
      told({ class: null, lacking: FLAGS.map((flag) => ({ member: 0, flag })) }),
      told({ names: NAMES, points: [{ rule: 'ald', points: 2, member: 2 }], rulesVersion: 4 }),
      told({ rules: { ...DEFAULT_RULES, grid: [], householdRank: 'mean' }, names: NAMES }),
    ])
      expect(textOf(request)).not.toMatch(/undefined|null|NaN|\[object|Infinity| {2}/)
    expect(textOf(told({ proposals: 2, contacts: 1 }))).toContain(
      '2 propositions faites à des médecins, 1 tentative de vous joindre.',
    )
    expect(textOf(told({ rules: { ...DEFAULT_RULES, grid: [] } }))).not.toContain('au plus tard')
  })
})
