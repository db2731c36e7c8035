import { getTableColumns, sql, type SQL, type SQLWrapper } from 'drizzle-orm'
import type { BaseSQLiteDatabase, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Ctx as KernelCtx } from '../kernel/ctx.ts'

/** A synchronous SQLite database by drizzle: better-sqlite3 or a Durable Object, and their transactions. */
export type Db = BaseSQLiteDatabase<'sync', unknown>

export type Ctx = KernelCtx<Db>

/** Most parameters that one statement may bind: the limit of a Durable Object. */
export const MAX_PARAMETERS = 100

/** Refuses, by type, a callback that returns a promise: it would go on outside its transaction. */
export type Sync<T> = T extends PromiseLike<unknown> ? never : T

/** What `commit` hands to its callback. */
export interface Tx {
  readonly db: Db
  /** Runs `fn`; when it throws, undoes what it wrote and throws on, so that the caller may still write. */
  savepoint<T>(fn: () => Sync<T>): T
}

/** Throws when a callback that must be synchronous handed back a promise. */
export const assertSync = <T>(value: T): T => {
  if (value !== null && typeof value === 'object' && 'then' in value)
    throw new TypeError('a transaction callback is synchronous')
  return value
}

/** The database could not say yes or no (busy, full, failing disk): answered 503, to be tried again with the same key. */
export class Unavailable extends Error {
  constructor(reason: string, cause?: unknown) {
    super(reason, { cause })
    this.name = 'Unavailable'
  }
}

/** Statements of a store, prepared once for each database. */
export const prepared = <Q>(make: (db: Db) => Q): ((db: Db) => Q) => {
  const made = new WeakMap<Db, Q>()
  return (db) => {
    let queries = made.get(db)
    if (!queries) made.set(db, (queries = make(db)))
    return queries
  }
}

/** Every column of a table, but for some, by a placeholder of its own name: what a prepared statement writes of a row. */
export const placeholders = (table: SQLiteTable, ...but: readonly string[]) =>
  Object.fromEntries(
    Object.keys(getTableColumns(table))
      .filter((name) => !but.includes(name))
      .map((name) => [name, sql.placeholder(name)]),
  ) as never

/** `column in (…)` for a list of any length, bound as one JSON parameter with this placeholder's name. */
export const inJson = (column: SQLWrapper, name: string): SQL =>
  sql`${column} in (select value from json_each(${sql.placeholder(name)}))`

/** `rows` in pieces small enough that inserting `columns` columns of each piece stays under the parameter limit. */
export const chunksFor = <R>(rows: readonly R[], columns: number): R[][] => {
  const size = Math.max(1, Math.floor(MAX_PARAMETERS / columns))
  const chunks: R[][] = []
  for (let i = 0; i < rows.length; i += size) chunks.push(rows.slice(i, i + size))
  return chunks
}
