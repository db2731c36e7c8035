import type { Position } from '../../../kernel/geo.ts'

/** How soon somebody has to be placed: 1 before all. */
export type Urgency = 1 | 2 | 3 | 4 | 5

export const URGENCIES: readonly Urgency[] = [1, 2, 3, 4, 5]

/** Somebody without a médecin traitant. */
export interface Member {
  /** Number in the household, from 0. */
  readonly number: number
  /** In whole years. */
  readonly age: number
  readonly ald: boolean
}

/** Those who ask together, with what all of them need. */
export interface Household {
  readonly id: string
  readonly urgency: Urgency
  /** Whole weeks waited. */
  readonly weeks: number
  readonly points: number
  /** At least one, by number. */
  readonly members: readonly Member[]
  /** Whether one practitioner takes all of them or nobody does; otherwise each may have their own. */
  readonly together: boolean
  readonly at: Position
  /** How far they can go, in kilometres. */
  readonly maxKm: number
  readonly needs: {
    readonly homeVisit: boolean
    readonly wheelchair: boolean
    /** ISO 639 code of the one they speak when it is not French; null: no matter. */
    readonly language: string | null
    readonly doctorSex: 'female' | 'male' | null
  }
  /** Practitioners that are out of the question: either side refused. */
  readonly excluded: readonly string[]
  /** What the coordinator decided: with whom, or with nobody (`practitionerId` null). Null: nothing. */
  readonly lock: { readonly practitionerId: string | null } | null
  /** With whom the last draft had them, by number of the member; empty: it did not. */
  readonly last: readonly { readonly member: number; readonly practitionerId: string }[]
}

/** Somebody who takes patients, and how many. */
export interface Doctor {
  readonly id: string
  /** Why nobody may be proposed to them in this run; null: they take part. */
  readonly closed: 'no_intake' | 'closed' | 'absent' | 'batch_open' | null
  /** Where they see patients: the nearest place counts. At least one. */
  readonly sites: readonly { readonly at: Position; readonly wheelchair: boolean }[]
  /** How far they go, in kilometres; null: as far as the patient. */
  readonly maxKm: number | null
  /** People that may be proposed in this run: the least of what the run, the month and the patientèle leave. */
  readonly places: number
  /** Of these, those that only people of urgency 1 may take. */
  readonly reserved: number
  /** Most people with an ALD, and most seen at home, of this run; null: as many as there are places. */
  readonly maxAld: number | null
  readonly maxHomeVisits: number | null
  readonly minAge: number | null
  readonly maxAge: number | null
  readonly homeVisits: boolean
  readonly wheelchair: boolean
  /** ISO 639 codes beside French. */
  readonly languages: readonly string[]
  readonly sex: 'female' | 'male' | null
  /** Part of a full one, above 0 up to 100. */
  readonly share: number
  /** Points of those accepted before. */
  readonly load: number
}

/** All that an allocation is made from. The order of lists has no meaning. */
export interface Problem {
  readonly seed: number
  readonly households: readonly Household[]
  readonly doctors: readonly Doctor[]
  readonly weights: {
    /** What the next patient of a practitioner at a full share costs more than the one before, in kilometres. */
    readonly equityKm: number
    /** What staying with whom the last draft had is worth, in kilometres. */
    readonly stabilityKm: number
    /** What each further practitioner costs a household that may be split, in kilometres. */
    readonly togetherKm: number
  }
}

/** Why a practitioner is out of the question for somebody, in the order in which it is asked. */
export const CONSTRAINTS = [
  'no_intake',
  'closed',
  'absent',
  'batch_open',
  'excluded',
  'distance',
  'age',
  'home_visit',
  'wheelchair',
  'language',
  'doctor_sex',
  'no_places',
] as const
export type Constraint = (typeof CONSTRAINTS)[number]

/** Somebody with a practitioner. */
export interface Placement {
  readonly householdId: string
  readonly member: number
  readonly practitionerId: string
  readonly km: number
}
