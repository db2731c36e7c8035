import {
  findLocalDate,
  startOfDay,
  toLocalDate,
  type LocalDate,
  type Zone,
} from '../../../../kernel/civil.ts'
import type { Position } from '../../../../kernel/geo.ts'
import { findPhone } from '../../../../kernel/phone.ts'
import type { Instant } from '../../../../kernel/time.ts'
import { isRpps } from '../../../../members/rules.ts'
import type { DoctorSex, Flag, HouseholdMode } from '../../../vocabulary.ts'
import { FAR_KM, isFar, refuseAskedOn, refuseBirthDate, refuseConsent } from '../../rules.ts'
import type { ConsentMeans, PatientSex, RequestSource } from '../../vocabulary.ts'
import type { HouseholdColumn } from '../vocabulary.ts'

/** Columns of what is known of somebody. */
export const FLAG_COLUMNS: Readonly<Record<string, Flag>> = {
  ald: 'ald',
  c2s: 'c2s',
  grossesse: 'pregnancy',
  handicap: 'disability',
  dependance: 'dependence',
  sortie_hospitalisation: 'discharge30d',
  palliatif: 'palliative',
  mt_retraite: 'mtRetiring',
  isolement: 'isolation',
}

/** Somebody of a file, and the line that says so. */
export interface ImportedPerson {
  readonly line: number
  readonly family: string
  readonly given: string
  readonly birthDate: LocalDate
  readonly sex: PatientSex | undefined
  readonly flags: Partial<Record<Flag, boolean>>
}

/** What a file says of a household. */
export interface ImportedHousehold {
  readonly people: readonly ImportedPerson[]
  readonly contact: { readonly phone: string; readonly email: string | undefined }
  readonly commune: string
  readonly lat: number | undefined
  readonly lon: number | undefined
  readonly source: RequestSource
  readonly needs: {
    readonly homeVisit: boolean
    readonly wheelchair: boolean
    readonly language: string | null
    readonly doctorSex: DoctorSex | null
  }
  readonly household: HouseholdMode
  readonly maxKm: number | undefined
  readonly alreadySeenBy: string | undefined
  readonly askedOn: LocalDate | undefined
  readonly consent: { readonly at: Instant; readonly by: string; readonly means: ConsentMeans }
}

/** What a file is read against. */
export interface ImportSetting {
  readonly now: Instant
  readonly zone: Zone
  readonly communes: readonly ({ readonly insee: string; readonly name: string } & Position)[]
}

/** A word as it is compared: without case, accents and punctuation. */
export const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')

/** A cell without the apostrophe that keeps a spreadsheet from running it, as our own exports write it. */
export const cleaned = (cell: string): string => cell.trim().replace(/^'(?=[=+\-@])/, '')

/** Why a cell cannot be read, in words that do not repeat it: it names patients. */
export class Unreadable extends Error {}

/** Throws `Unreadable` for the reason, unless all is fine. */
export const unless = (isFine: boolean, reason: string): void => {
  if (!isFine) throw new Unreadable(reason)
}

/** Words of a file by what they mean. A map: a plain object also knows `constructor` and its like. */
const wordsOf = <T>(words: Readonly<Record<string, T>>): ReadonlyMap<string, T> =>
  new Map(Object.entries(words))

const among = <T>(words: ReadonlyMap<string, T>, typed: string, reason: string): T => {
  const found = words.get(typed) ?? words.get(plain(typed))
  if (found === undefined) throw new Unreadable(reason)
  return found
}

const YES_OR_NO = wordsOf<boolean>({
  oui: true,
  o: true,
  '1': true,
  vrai: true,
  non: false,
  n: false,
  '0': false,
  faux: false,
})

const SEXES = wordsOf<PatientSex>({
  f: 'female',
  femme: 'female',
  feminin: 'female',
  h: 'male',
  m: 'male',
  homme: 'male',
  masculin: 'male',
  autre: 'other',
  inconnu: 'unknown',
})

const DOCTOR_SEXES = wordsOf<DoctorSex>({
  f: 'female',
  femme: 'female',
  h: 'male',
  m: 'male',
  homme: 'male',
})

const SOURCES = wordsOf<RequestSource>({
  cpts: 'cpts',
  professionnel: 'professional',
  cpam: 'cpam',
  clic: 'clic',
  social: 'social',
  patient: 'patient',
})

const MODES = wordsOf<HouseholdMode>({ ensemble: 'together', separable: 'may_split' })

const MEANS = wordsOf<ConsentMeans>({
  oral: 'oral',
  ecrit: 'written',
  en_ligne: 'online',
})

/** A day written `2026-11-23` or `23/11/2026`. */
const dateOf = (typed: string, reason: string): LocalDate => {
  const [, day = '', month = '', year = ''] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(typed) ?? []
  const date = findLocalDate(
    year === '' ? typed : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`,
  )
  if (date === undefined) throw new Unreadable(reason)
  return date
}

const nameOf = (typed: string, what: string, most: number): string => {
  unless(typed !== '' && typed.length <= most, `${what} : ${most} caractères au plus, et pas aucun`)
  // Nobody's name begins so; a spreadsheet would run it.
  unless(!/^[=+\-@]/.test(typed) && /^[^\p{Cc}\p{Cs}]*$/u.test(typed), `${what} : caractères inattendus`)
  return typed
}

const numberOf = (typed: string, least: number, most: number, reason: string): number => {
  const number = /^-?\d{1,4}(?:[.,]\d{1,30})?$/.test(typed) ? Number(typed.replace(',', '.')) : NaN
  unless(number >= least && number <= most, reason)
  return number
}

/** Spreadsheets take the zero off the front of numbers. */
const phoneOf = (typed: string): string => {
  const phone = findPhone(/^[1-9]\d{8}$/.test(typed) ? `0${typed}` : typed)
  if (phone === undefined) throw new Unreadable('telephone : numéro invalide')
  return phone
}

/** Communes by their code and their name, as these are compared. */
export type CommuneBook = ReadonlyMap<string, readonly string[]>

export const communeBook = (communes: ImportSetting['communes']): CommuneBook => {
  const book = new Map<string, string[]>()
  for (const { insee, name } of communes)
    for (const key of [plain(insee), plain(name)]) book.set(key, [...(book.get(key) ?? []), insee])
  return book
}

const communeOf = (typed: string, book: CommuneBook): string => {
  const [insee, ...others] = book.get(plain(/^\d{4}$/.test(typed) ? `0${typed}` : typed)) ?? []
  if (insee === undefined) throw new Unreadable('commune : inconnue dans ce territoire')
  unless(others.length === 0, 'commune : plusieurs portent ce nom, donner le code INSEE')
  return insee
}

/** What a line says in a column; nothing where there is no such column. */
export type Row = (column: string) => string

const optional = <T>(typed: string, read: (typed: string) => T): T | undefined =>
  typed === '' ? undefined : read(typed)

/** A flag that is not said is not known. */
const flagsOf = (row: Row): Partial<Record<Flag, boolean>> =>
  Object.fromEntries(
    Object.entries(FLAG_COLUMNS).flatMap(([column, flag]) => {
      const value = optional(row(column), (typed) => among(YES_OR_NO, typed, `${column} : oui, non ou vide`))
      return value === undefined ? [] : [[flag, value]]
    }),
  )

/** The person of a line. Throws `Unreadable`. */
export const personOf = (line: number, row: Row, today: LocalDate): ImportedPerson => {
  const birthDate = dateOf(row('naissance'), 'naissance : date AAAA-MM-JJ ou JJ/MM/AAAA')
  const refusal = refuseBirthDate(birthDate, today, [])
  unless(refusal === null, `naissance : ${refusal?.detail ?? ''}`)
  return {
    line,
    family: nameOf(row('famille'), 'famille', 80),
    given: nameOf(row('prenom'), 'prenom', 80),
    birthDate,
    sex: optional(row('sexe'), (typed) => among(SEXES, typed, 'sexe : F, H, autre, inconnu ou vide')),
    flags: flagsOf(row),
  }
}

const consentOf = (row: Row, { now, zone }: ImportSetting): ImportedHousehold['consent'] => {
  unless(row('consentement_le') !== '', 'consentement_le : le consentement est requis')
  const at = startOfDay(
    dateOf(row('consentement_le'), 'consentement_le : date AAAA-MM-JJ ou JJ/MM/AAAA'),
    zone,
  )
  unless(refuseConsent({ at }, now) === null, 'consentement_le : dans le futur')
  return {
    at,
    by: nameOf(row('consentement_par'), 'consentement_par', 120),
    means: among(MEANS, row('consentement_moyen'), 'consentement_moyen : oral, ecrit ou en_ligne'),
  }
}

const yes = (row: Row, column: HouseholdColumn): boolean =>
  optional(row(column), (typed) => among(YES_OR_NO, typed, `${column} : oui, non ou vide`)) ?? false

/** What the first line of a household says of all of it. Throws `Unreadable`. */
export const householdOf = (
  row: Row,
  people: readonly ImportedPerson[],
  setting: ImportSetting,
  book: CommuneBook,
): ImportedHousehold => {
  const lat = optional(row('latitude'), (typed) => numberOf(typed, -90, 90, 'latitude : entre -90 et 90'))
  const lon = optional(row('longitude'), (typed) =>
    numberOf(typed, -180, 180, 'longitude : entre -180 et 180'),
  )
  unless((lat === undefined) === (lon === undefined), 'latitude et longitude vont ensemble')
  const commune = communeOf(row('commune'), book)
  if (lat !== undefined && lon !== undefined) {
    const centre = setting.communes.find(({ insee }) => insee === commune)
    unless(
      centre === undefined || !isFar({ lat, lon }, centre),
      `latitude et longitude : à plus de ${FAR_KM} km de la commune`,
    )
  }
  return {
    people,
    contact: {
      phone: phoneOf(row('telephone')),
      email: optional(row('email'), (typed) => {
        unless(
          typed.length <= 254 && /^[\w.!#$%&*/?^{|}~+-]+@[\w-]+(?:\.[\w-]+)+$/.test(typed),
          'email : adresse invalide',
        )
        return typed
      }),
    },
    commune,
    lat,
    lon,
    source:
      optional(row('source'), (typed) =>
        among(SOURCES, typed, 'source : cpts, professionnel, cpam, clic, social ou patient'),
      ) ?? 'cpts',
    needs: {
      homeVisit: yes(row, 'visite_domicile'),
      wheelchair: yes(row, 'fauteuil'),
      language:
        optional(row('langue'), (typed) => {
          unless(/^[a-z]{2}$/i.test(typed), 'langue : code ISO 639-1 de deux lettres')
          return typed.toLowerCase()
        }) ?? null,
      doctorSex:
        optional(row('sexe_medecin'), (typed) => among(DOCTOR_SEXES, typed, 'sexe_medecin : F, H ou vide')) ??
        null,
    },
    household:
      optional(row('mode_foyer'), (typed) => among(MODES, typed, 'mode_foyer : ensemble ou separable')) ??
      'together',
    maxKm: optional(row('distance_max_km'), (typed) =>
      numberOf(typed, 0.1, 200, 'distance_max_km : entre 0,1 et 200'),
    ),
    alreadySeenBy: optional(row('deja_vu_par'), (typed) => {
      unless(isRpps(typed), 'deja_vu_par : RPPS invalide')
      return typed
    }),
    askedOn: optional(row('demande_le'), (typed) => {
      const askedOn = dateOf(typed, 'demande_le : date AAAA-MM-JJ ou JJ/MM/AAAA')
      const refusal = refuseAskedOn(askedOn, toLocalDate(setting.now, setting.zone))
      unless(refusal === null, `demande_le : ${refusal?.detail ?? ''}`)
      return askedOn
    }),
    consent: consentOf(row, setting),
  }
}
