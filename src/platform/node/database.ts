import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { MAX_PARAMETERS, type Db } from '../../db/db.ts'
import { migrate } from '../../db/migrate.ts'
import { readMigrations } from './root.ts'

export interface Database {
  readonly connection: BetterSqlite3.Database
  readonly db: Db
  /** Runs `fn` in an immediate transaction of its own. For start-up only: requests go through group commit. */
  readonly transaction: <T>(fn: () => T) => T
  close(): void
}

/** Shown at `/readyz`. SQLite's default drops to NORMAL on the second open of a WAL file, where a power cut loses bookings. */
const SYNCHRONOUS_FULL = 2

/** How long one statement waits for another process's write. It holds the event loop, so the writer tries again rather than wait longer. */
const BUSY_MS = 250

/** What a Durable Object would refuse, so that the fast suite finds it. */
const refuseManyParameters = {
  logQuery: (query: string, parameters: unknown[]) => {
    if (parameters.length > MAX_PARAMETERS)
      throw new RangeError(`${parameters.length} bound parameters: ${query.slice(0, 80)}…`)
  },
}

/** Opens the file (or `:memory:`) and refuses to go on unless every commit will be synced to disk. */
export const openFile = (file: string, options: { strictParameters?: boolean } = {}): Database => {
  const connection = new BetterSqlite3(file, { timeout: BUSY_MS })
  try {
    connection.pragma('journal_mode = WAL')
    connection.pragma('synchronous = FULL')
    connection.pragma('foreign_keys = ON')
    connection.pragma('journal_size_limit = 67108864')
    if (synchronousOf(connection) !== SYNCHRONOUS_FULL) throw new Error('synchronous is not FULL')
  } catch (error) {
    connection.close()
    throw error
  }
  return {
    connection,
    db: drizzle(connection, options.strictParameters ? { logger: refuseManyParameters } : {}),
    transaction: <T>(fn: () => T): T => connection.transaction(fn).immediate(),
    close: () => {
      if (!connection.open) return
      if (!connection.memory) connection.pragma('wal_checkpoint(TRUNCATE)')
      connection.close()
    },
  }
}

/** Opens a territory's file and brings it to the last migration. */
export const openDatabase = (file: string, options: { strictParameters?: boolean } = {}): Database => {
  const database = openFile(file, options)
  try {
    migrate(database.db, database.transaction, readMigrations())
  } catch (error) {
    database.close()
    throw error
  }
  return database
}

export const synchronousOf = (connection: BetterSqlite3.Database): number =>
  connection.pragma('synchronous', { simple: true }) as number
