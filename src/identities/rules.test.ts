import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalisedPerson } from './rules.ts'

const person = (family: string, given: string, birthDate = '1980-02-29') => ({ family, given, birthDate })

describe('identities', () => {
  it.each([
    [person('Le Goff', 'Élodie'), person('LE-GOFF', 'elodie')],
    [person('Le Goff', 'Élodie'), person('legoff', 'E\u0301lodie')],
    [person('D’Arc', 'Jean-Noël'), person("d'arc", 'JEAN NOEL')],
    [person('Müller', 'Zoë'), person('Muller', 'Zoe')],
    [person('N’Guyễn', 'Thị'), person('NGUYEN', 'THI')],
    [person('Groß', 'Ana'), person('GROSS', 'ANA')],
  ])('[IDENT-10] %j and %j are one person', (a, b) => {
    expect(normalisedPerson(a)).toBe(normalisedPerson(b))
  })

  it.each([
    [person('Goff', 'Élodie'), person('Le Goff', 'Élodie')],
    [person('Martin', 'Paul'), person('Paul', 'Martin')],
    [person('Martin', 'Paul'), person('Martin', 'Paule')],
    [person('Martin', 'Paul'), person('Martin', 'Paul', '1980-03-01')],
    [person('Martin', 'Paul'), person('MartinP', 'aul')],
    [person('王', '伟'), person('李', '伟')],
  ])('[IDENT-10] %j and %j are two', (a, b) => {
    expect(normalisedPerson(a)).not.toBe(normalisedPerson(b))
  })

  it('[IDENT-10] case, accents, hyphens and spaces never make two persons of one', () => {
    const name = fc.stringMatching(/^[a-zàâçéèêëîïôûùüÿ]{1,12}([ -][a-zàâçéèêëîïôûùüÿ]{1,12})?$/)
    fc.assert(
      fc.property(name, name, (family, given) => {
        const same = normalisedPerson(person(family, given))
        for (const write of [
          (text: string) => text.toUpperCase(),
          (text: string) => text.normalize('NFD'),
          (text: string) => text.replaceAll(' ', '-'),
          (text: string) => text.normalize('NFD').replace(/\p{M}/gu, ''),
          (text: string) => `  ${text} `,
        ])
          expect(normalisedPerson(person(write(family), write(given)))).toBe(same)
        expect(same).toMatch(/^[A-Z]+\|[A-Z]+\|1980-02-29$/)
      }),
      { seed: 84, numRuns: 300 },
    )
  })
})
