import { sql } from 'drizzle-orm'
import { check, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { instantColumn, jsonColumn } from '../../db/columns.ts'
import type { LocalDate } from '../../kernel/civil.ts'
import { practitioners } from '../../members/tables.ts'
import type { DoctorSex } from '../vocabulary.ts'

/** What a practitioner says they can take. There is no other filter than these: a closed list of lawful ones. */
export interface Intake {
  readonly open: boolean
  readonly perRun: number
  readonly perMonth: number
  readonly patientele: number
  readonly patienteleCeiling: number
  readonly minAge: number | null
  readonly maxAge: number | null
  readonly homeVisits: boolean
  /** ISO 639-1, beside French. */
  readonly languages: readonly string[]
  readonly wheelchair: boolean
  readonly maxKm: number | null
  readonly maxAldPerRun: number | null
  readonly maxHomeVisitsPerRun: number | null
  readonly sex: DoctorSex | null
  readonly share: number
  readonly absentUntil: LocalDate | null
  readonly leavingOn: LocalDate | null
}

/** The intake of a practitioner as it was from a moment on: the last version is in force, and all are kept. */
export const intakes = sqliteTable(
  'intakes',
  {
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    version: integer('version').notNull(),
    intake: jsonColumn<Intake>()('intake').notNull(),
    /** Since when the patientèle is the one that is said: who was accepted later comes on top of it. */
    patienteleSince: instantColumn('patientele_since').notNull(),
    actor: text('actor').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.practitionerId, t.version] }),
    check('intakes_version', sql`${t.version} >= 1`),
  ],
)
