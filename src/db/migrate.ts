import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Db } from './db.ts'

export interface Migration {
  readonly tag: string
  readonly sql: string
}

/** The database is not one that this code may open. */
export class MigrationMismatch extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MigrationMismatch'
  }
}

const fingerprint = (migration: Migration) => createHash('sha256').update(migration.sql).digest('hex')

/**
 * Brings the database to the last of `migrations`, inside one transaction, and returns the tags it applied.
 * Refuses a database that holds a migration unknown to this code, one whose text has changed since, or one that a
 * later migration overtook: each means that code and data do not belong together.
 */
export const migrate = (
  db: Db,
  transaction: <T>(fn: () => T) => T,
  migrations: readonly Migration[],
): string[] =>
  transaction(() => {
    db.run(
      sql.raw('create table if not exists migrations (tag text primary key, sha256 text not null, place integer not null) strict'),
    )
    const applied = db.all<{ tag: string; sha256: string }>(
      sql.raw('select tag, sha256 from migrations order by place'),
    )
    applied.forEach((row, place) => {
      const known = migrations[place]
      if (known?.tag !== row.tag)
        throw new MigrationMismatch(`migration ${row.tag} of the database is not number ${place} of this code`)
      if (fingerprint(known) !== row.sha256)
        throw new MigrationMismatch(`migration ${row.tag} is not the one that this database went through`)
    })
    const pending = migrations.slice(applied.length)
    pending.forEach((migration, i) => {
      for (const statement of migration.sql.split('--> statement-breakpoint')) {
        if (statement.trim()) db.run(sql.raw(statement))
      }
      db.run(
        sql`insert into migrations (tag, sha256, place) values (${migration.tag}, ${fingerprint(migration)}, ${applied.length + i})`,
      )
    })
    return pending.map((migration) => migration.tag)
  })
