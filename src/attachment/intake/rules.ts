import type { Refusal } from '../../kernel/refusal.ts'
import type { Intake } from './tables.ts'

export type { Intake } from './tables.ts'

/** Only a GP becomes a médecin traitant by way of the CPTS (code de la sécurité sociale L162-5-3; product decision). */
export const refuseProfession = (profession: string): Refusal | null =>
  profession === 'GP'
    ? null
    : {
        code: 'not_a_gp',
        detail: 'Seul un médecin généraliste dit ce qu’il accueille.',
        facts: { profession },
      }

const FIELDS = [
  'open',
  'perRun',
  'perMonth',
  'patientele',
  'patienteleCeiling',
  'minAge',
  'maxAge',
  'homeVisits',
  'languages',
  'wheelchair',
  'maxKm',
  'maxAldPerRun',
  'maxHomeVisitsPerRun',
  'sex',
  'share',
  'absentUntil',
  'leavingOn',
] as const satisfies readonly (keyof Intake)[]

export interface Changed {
  readonly before: unknown
  readonly after: unknown
}

/** What a new version says otherwise than the one before, by field; of a first version, every field. */
export const changesOf = (before: Intake | null, after: Intake): Readonly<Record<string, Changed>> =>
  Object.fromEntries(
    FIELDS.filter(
      (field) => before === null || JSON.stringify(before[field]) !== JSON.stringify(after[field]),
    ).map((field) => [field, { before: before?.[field] ?? null, after: after[field] }]),
  )
