import { describe, expect, it } from 'vitest'
import { getLocalDate } from '../../../kernel/civil.ts'
import { DEFAULT_RULES } from '../../grid/rules.ts'
import { FLAGS, GRID_RULES, PRIORITY_CLASSES, REQUEST_STATES } from '../../vocabulary.ts'
import { rightsOf, waitingBand, type ToldRequest } from './rules.ts'

const told = (more: Partial<ToldRequest> = {}): ToldRequest => ({
  community: 'CPTS de Nanterre',
  phone: '+33199000100',
  member: 0,
  reader: 'Alix Fictive',
  names: ['Alix Fictive'],
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
const NAMES = ['A B', 'C D']

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

  it('[MT-18] what is known of somebody is told to that person only, to the others how much it counts', () => {
    const household = {
      names: ['Alix Fictive', 'Camille Fictive'],
      points: [
        { rule: 'ald', points: 30, member: 1 },
        { rule: 'c2s', points: 15, member: 1 },
        { rule: 'disability', points: 20, member: 0 },
        { rule: 'weeksWaiting', points: 4 },
      ] as const,
      class: null,
      lacking: [
        { member: 1, flag: 'pregnancy' },
        { member: 1, flag: 'isolation' },
        { member: 0, flag: 'palliative' },
      ] as const,
    }
    const first = textOf(told(household))
    for (const said of [
      'handicap : 20 points',
      'autre personne du foyer : 45 points',
      'temps d’attente : 4 points',
      'soins palliatifs : oui ou non ?',
      'autre personne du foyer : 2 réponses',
      'Cette page est pour Alix Fictive',
    ])
      expect(first).toContain(said)
    for (const kept of [/affection de longue durée(?!\.)/, /solidaire/, /grossesse/, /isolement/])
      expect(first).not.toMatch(kept)
    const second = textOf(told({ ...household, member: 1 }))
    expect(second).toContain('affection de longue durée : 30 points')
    expect(second).toContain('grossesse : oui ou non ?')
    expect(second).toContain('autre personne du foyer : 20 points')
    expect(second).not.toContain('handicap')
  })

  it('[MT-18] of a closed request nothing is said as if it still waited', () => {
    for (const state of ['placed', 'withdrawn'] as const)
      for (const one of [null, 3] as const) {
        const text = textOf(told({ state, class: one, weeks: 5 }))
        expect(text).toContain('Vous avez attendu entre 4 et 8 semaines.')
        expect(text).not.toMatch(
          /Vous attendez|Il manque|pas encore|aujourd’hui|au plus tard|reclassée|la demande est retirée/,
        )
      }
    expect(textOf(told({ class: null }))).not.toContain('Il manque')
    expect(textOf(told({ class: null, lacking: [{ member: 0, flag: 'ald' }] }))).toContain('Il manque :')
  })

  it('[MT-18] it says what a GP sees before accepting, and whom to call', () => {
    const text = textOf(told())
    for (const said of ['la classe', 'la distance', 'le nombre de personnes du foyer', 'longue durée'])
      expect(text).toContain(said)
    expect(text.match(/coordinateur \(téléphone 01 99 00 01 00\)/g)).toHaveLength(2)
    expect(textOf(told({ phone: null }))).not.toContain('téléphone')
  })
})
