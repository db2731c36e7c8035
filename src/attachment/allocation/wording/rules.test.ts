import { describe, expect, it } from 'vitest'
import { chanceOf } from '../../../../test/attachment/problems.ts'
import { seal } from '../../../kernel/sealing.ts'
import * as model from '../solver/model.ts'
import { CONSTRAINTS, REASONS } from '../vocabulary.ts'
import {
  kmText,
  MOST_WORDED,
  textOfConstraint,
  textOfMisfit,
  textOfPlaced,
  textOfReason,
  textOfUnplaced,
  wordedOf,
} from './rules.ts'

describe('saying why', () => {
  it('[ALLOC-50] every reason that the engine gives has words of its own', () => {
    expect(CONSTRAINTS).toEqual(model.CONSTRAINTS)
    expect(new Set(REASONS.map(textOfConstraint)).size).toBe(REASONS.length)
    expect(textOfReason({ constraint: 'distance', practitioners: 92 })).toBe('92 trop loin')
    expect(textOfReason({ constraint: 'closed', practitioners: 1 })).toBe(
      '1 n’accueille personne en ce moment',
    )
  })

  it('[ALLOC-50] of one practitioner a reason is said as a sentence', () => {
    expect(textOfMisfit('distance')).toBe('ce médecin est trop loin')
    expect(textOfMisfit('age')).toBe('ce médecin n’accueille pas cet âge')
    expect(textOfMisfit('home_visit')).toBe('ce médecin ne fait pas de visites à domicile')
    for (const constraint of CONSTRAINTS)
      expect(textOfMisfit(constraint)).toMatch(/^ce médecin (n’|ne |est )/u)
  })

  it('[ALLOC-50] who is not placed is told of everybody, counted, in one sentence', () => {
    expect(
      textOfUnplaced([
        { constraint: 'distance', practitioners: 92 },
        { constraint: 'no_places', practitioners: 22 },
        { constraint: 'saturated', practitioners: 36 },
      ]),
    ).toBe(
      '150 médecins : 92 trop loin, 22 sans assez de places pour cette demande, 36 possibles mais complets : leurs places vont à des personnes qui passent avant.',
    )
    expect(textOfUnplaced([])).toBe('La CPTS n’a aucun médecin généraliste.')
    expect(textOfUnplaced([{ constraint: 'locked_out', practitioners: 0 }])).toContain('coordination')
    expect(
      textOfUnplaced([
        { constraint: 'locked', practitioners: 1 },
        { constraint: 'distance', practitioners: 1 },
      ]),
    ).toBe('Le médecin choisi par la coordination ne convient pas : trop loin.')
  })

  it('[ALLOC-50] who is placed is told by what rank and among how many', () => {
    const one = {
      class: 2,
      km: 1.25,
      why: { rank: 4, weeks: 1, candidates: 12, nearer: 0, locked: false },
    } as const
    expect(textOfPlaced(one)).toBe(
      'Classe 2, 1 semaine d’attente, rang 4. Le plus proche des 12 médecins possibles, à 1,3 km.',
    )
    expect(textOfPlaced({ ...one, why: { ...one.why, candidates: 1 } })).toContain('Seul médecin possible')
    expect(textOfPlaced({ ...one, why: { ...one.why, nearer: 2 } })).toContain('3e plus proche des 12')
    expect(textOfPlaced({ ...one, why: { ...one.why, locked: true } })).toContain('Choix de la coordination')
    expect(kmText(0)).toBe('0,0 km')
  })

  it('[ALLOC-40] an answer can be kept: of many only the first in rank are told in sentences', () => {
    const chance = chanceOf(1)
    const letters = Array.from('0123456789abcdefghjkmnpqrstvwxyz')
    const id = (kind: string) => `${kind}_${Array.from({ length: 26 }, () => chance.one(letters)).join('')}`
    const practitioners = Array.from({ length: 250 }, () => id('prac'))
    const common = () => ({ requestId: id('mtrq'), class: 3 as const, members: [0] })
    const some = <T>(length: number, make: (index: number) => T) => Array.from({ length }, (_, i) => make(i))
    const worded = wordedOf({
      proposals: some(1_000, (index) => ({
        ...common(),
        practitionerId: chance.one(practitioners),
        km: chance.below(200) / 10,
        points: chance.below(200),
        why: {
          rank: index,
          weeks: chance.below(100),
          candidates: chance.below(250),
          nearer: chance.below(50),
          locked: false,
        },
      })),
      unplaced: some(5_000, (index) => ({
        ...common(),
        rank: 1_000 + index,
        weeks: chance.below(100),
        because: CONSTRAINTS.map((constraint) => ({ constraint, practitioners: 1 + chance.below(250) })),
      })),
    })
    expect(worded.unplaced[MOST_WORDED - 1]?.text).toContain('médecins')
    expect(worded.unplaced[MOST_WORDED]).not.toHaveProperty('text')
    expect(worded.unplaced.at(-1)?.because).toHaveLength(CONSTRAINTS.length)
    expect(worded.proposals.filter(({ why: { text } }) => text !== undefined)).toHaveLength(MOST_WORDED)
    const text = JSON.stringify({ status: 201, body: JSON.stringify(worded) })
    expect(text.length).toBeGreaterThan(2_000_000)
    // What an object of either engine holds is two million bytes.
    const ring = { current: 'k1', secrets: new Map([['k1', new Uint8Array(32)]]), index: new Uint8Array(32) }
    const { sealed } = seal(ring, (length) => new Uint8Array(length), 's', text)
    expect(sealed.length).toBeLessThan(1_000_000)
  })
})
