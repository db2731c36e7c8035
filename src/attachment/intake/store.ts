import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { inJson, prepared, type Db } from '../../db/db.ts'
import { intakes } from './tables.ts'

export type IntakeRow = typeof intakes.$inferSelect

const p = sql.placeholder

const queries = prepared((db: Db) => ({
  last: db
    .select()
    .from(intakes)
    .where(eq(intakes.practitionerId, p('practitionerId')))
    .orderBy(desc(intakes.version))
    .limit(1)
    .prepare(),
  lastOf: db
    .select()
    .from(intakes)
    .where(
      and(
        inJson(intakes.practitionerId, 'ids'),
        eq(
          intakes.version,
          sql`(select max(version) from ${intakes} as later where later.practitioner_id = ${intakes.practitionerId})`,
        ),
      ),
    )
    .prepare(),
  versions: db
    .select()
    .from(intakes)
    .where(and(eq(intakes.practitionerId, p('practitionerId')), lt(intakes.version, p('before'))))
    .orderBy(desc(intakes.version))
    .limit(p('limit'))
    .prepare(),
}))

export const findIntake = (db: Db, practitionerId: string): IntakeRow | undefined =>
  queries(db).last.get({ practitionerId })

/** The version in force of each of these practitioners that has one. */
export const intakesOf = (db: Db, practitionerIds: readonly string[]): IntakeRow[] =>
  queries(db).lastOf.all({ ids: JSON.stringify(practitionerIds) })

/** Versions before one, the newest first. */
export const listVersions = (db: Db, practitionerId: string, before: number, limit: number): IntakeRow[] =>
  queries(db).versions.all({ practitionerId, before, limit })

export const insertIntake = (db: Db, row: IntakeRow): void => {
  db.insert(intakes).values(row).run()
}
