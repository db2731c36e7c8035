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

const apply = (db: Db, migration: Migration, statement: string) => {
  try {
    db.run(sql.raw(statement))
  } catch (error) {
    // drizzle names the statement and keeps SQLite's own words as the cause: they are what tells what is wrong.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new Error(`migration ${migration.tag}: ${String(cause)}`, { cause: error })
  }
}

/** What is still to apply. Throws when what was applied is not the beginning of `migrations`. */
const pendingOf = (db: Db, migrations: readonly Migration[]): readonly Migration[] => {
  const isNew =
    db.get(sql.raw("select 1 from sqlite_master where type = 'table' and name = 'migrations'")) === undefined
  const applied = isNew
    ? []
    : db.all<{ tag: string; sha256: string }>(sql.raw('select tag, sha256 from migrations order by place'))
  applied.forEach((row, place) => {
    const known = migrations[place]
    if (known?.tag !== row.tag)
      throw new MigrationMismatch(`migration ${row.tag} of the database is not number ${place} of this code`)
    if (fingerprint(known) !== row.sha256)
      throw new MigrationMismatch(`migration ${row.tag} is not the one that this database went through`)
  })
  return migrations.slice(applied.length)
}

/**
 * Brings the database to the last of `migrations`, inside one transaction, and returns the tags it applied; a database
 * that is up to date is only read.
 * Refuses a database that holds a migration unknown to this code, one whose text has changed since, or one that a
 * later migration overtook: each means that code and data do not belong together.
 */
export const migrate = (
  db: Db,
  transaction: <T>(fn: () => T) => T,
  migrations: readonly Migration[],
): string[] => {
  if (pendingOf(db, migrations).length === 0) return []
  return transaction(() => {
    db.run(
      sql.raw(
        'create table if not exists migrations (tag text primary key, sha256 text not null, place integer not null) strict',
      ),
    )
    // Read again: another process may have migrated since.
    const pending = pendingOf(db, migrations)
    pending.forEach((migration, i) => {
      for (const statement of migration.sql.split('--> statement-breakpoint')) {
        if (statement.trim()) apply(db, migration, statement)
      }
      db.run(
        sql`insert into migrations (tag, sha256, place) values (${migration.tag}, ${fingerprint(migration)}, ${migrations.length - pending.length + i})`,
      )
    })
    return pending.map((migration) => migration.tag)
  })
}
