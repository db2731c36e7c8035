import { DAY } from '../kernel/time.ts'

/** Who saw whom is known for a year, counted as 365 days (IDENT-15). */
export const ACCESS_LOG_KEPT = 365 * DAY

export interface Person {
  readonly family: string
  readonly given: string
  readonly birthDate: string
}

/**
 * What makes two entries of a person the same: family name, given name and birth date, whatever the case, accents,
 * hyphens and spaces.
 */
export const normalisedPerson = (person: Person): string =>
  [person.family, person.given]
    .map((name) =>
      name
        .normalize('NFD')
        .replace(/[^\p{L}]/gu, '')
        .toUpperCase(),
    )
    .concat(person.birthDate)
    .join('|')
