import { sql } from 'drizzle-orm'
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { Db } from '../src/db/db.ts'
import { migrate, MigrationMismatch, type Migration } from '../src/db/migrate.ts'
import * as tables from '../src/db/tables.ts'
import { readMigrations } from '../src/platform/node/root.ts'

const empty = () => {
  const connection = new BetterSqlite3(':memory:')
  connection.pragma('foreign_keys = ON')
  const db = drizzle(connection) as unknown as Db
  const transaction = <T>(fn: () => T): T => connection.transaction(fn).immediate()
  return { connection, db, run: (migrations: readonly Migration[]) => migrate(db, transaction, migrations) }
}

const ONE: Migration = { tag: '0000_a', sql: 'create table a (x integer) strict' }
const TWO: Migration = {
  tag: '0001_b',
  sql: 'create table b (x integer) strict;--> statement-breakpoint\ninsert into a values (1)',
}

describe('the migrator', () => {
  it('[DB-3] applies what is pending, in order, and nothing twice', () => {
    const { db, run } = empty()
    expect(run([ONE])).toEqual(['0000_a'])
    expect(run([ONE, TWO])).toEqual(['0001_b'])
    expect(run([ONE, TWO])).toEqual([])
    expect(db.all(sql`select x from a`)).toEqual([{ x: 1 }])
  })

  it('[DB-3] keeps the rows of a database that it brings up to date', () => {
    const { connection, run } = empty()
    const [first, ...rest] = readMigrations()
    run([first!])
    connection.exec("insert into communes values ('92050', 'Nanterre', '92000', 97783, 48.9, 2.2)")
    run([first!, ...rest])
    expect(connection.prepare('select count(*) as n from communes').get()).toEqual({ n: 1 })
  })

  it('[DB-4] refuses a migration that the code does not know, one that changed, and one that overtook another', () => {
    const known = empty()
    known.run([ONE, TWO])
    expect(() => known.run([ONE])).toThrow(MigrationMismatch)
    expect(() => known.run([ONE, { ...TWO, sql: `${TWO.sql} ` }])).toThrow(MigrationMismatch)
    expect(() => known.run([ONE, { tag: '0001_late', sql: 'select 1' }, TWO])).toThrow(MigrationMismatch)
  })

  it('[DB-4] leaves nothing behind when a statement fails, and says which error it was', () => {
    const { connection, run } = empty()
    run([ONE])
    expect(() =>
      run([ONE, { tag: '0001_bad', sql: 'create table c (x);--> statement-breakpoint\nnonsense' }]),
    ).toThrow(/syntax error/)
    expect(connection.prepare("select name from sqlite_master where name = 'c'").all()).toEqual([])
    expect(run([ONE, TWO])).toEqual(['0001_b'])
  })

  it('[DB-5] migrations only add: none drops or rebuilds a table, none deletes on cascade', () => {
    const forbidden = /\bdrop\s+table\b|__new_|\bon\s+delete\s+cascade\b|\brename\s+to\b/i
    expect(forbidden.test('DROP TABLE `slots`')).toBe(true)
    for (const { tag, sql: text } of readMigrations())
      expect([tag, forbidden.test(text)]).toEqual([tag, false])
  })
})

const isTable = (value: unknown): value is SQLiteTable =>
  typeof value === 'object' && value !== null && Symbol.for('drizzle:IsDrizzleTable') in value

const CONFIGS = (Object.values(tables) as unknown[]).filter(isTable).map((table) => getTableConfig(table))

describe('the database', () => {
  const { connection, run } = empty()
  run(readMigrations())
  const master = connection
    .prepare('select type, name, tbl_name as "table", sql from sqlite_master')
    .all() as { type: string; name: string; table: string; sql: string | null }[]

  it('[DB-6] has each table of the code, STRICT, with the same columns', () => {
    expect(CONFIGS.length).toBeGreaterThan(10)
    for (const { name, columns } of CONFIGS) {
      const made = master.find((one) => one.type === 'table' && one.name === name)
      expect([name, made?.sql?.trimEnd().endsWith('STRICT')]).toEqual([name, true])
      const stored = connection.prepare('select name from pragma_table_info(?)').all(name) as {
        name: string
      }[]
      expect(stored.map((column) => column.name).sort()).toEqual(columns.map((column) => column.name).sort())
    }
  })

  it('[DB-6] has each index, check and foreign key of the code, deleting restricted', () => {
    for (const { name, indexes, checks, foreignKeys } of CONFIGS) {
      const text = master.find((one) => one.name === name)?.sql ?? ''
      for (const { config } of indexes) {
        const made = master.find((one) => one.type === 'index' && one.name === config.name)?.sql ?? ''
        expect([config.name, /unique/i.test(made)]).toEqual([config.name, config.unique])
        expect([config.name, /where/i.test(made)]).toEqual([config.name, config.where !== undefined])
      }
      for (const { name: check } of checks) expect(text).toContain(`"${check}" CHECK`)
      expect((text.match(/ON DELETE restrict/g) ?? []).length).toBe(foreignKeys.length)
    }
  })

  it('[DB-6] has the triggers that hold what no index can', () => {
    const triggers = master.filter(({ type }) => type === 'trigger').map(({ name }) => name)
    expect(triggers.sort()).toEqual([
      'access_log_no_update',
      'bookings_seat_exists',
      'events_in_order',
      'events_no_delete',
      'events_no_update',
      'slots_no_overlap_insert',
      'slots_no_overlap_update',
    ])
  })
})
