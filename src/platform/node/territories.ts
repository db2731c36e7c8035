import BetterSqlite3 from 'better-sqlite3'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Territory } from '../../db/territory.ts'
import { assertSync, Unavailable } from '../../db/db.ts'
import { zoneOfTerritory } from '../../kernel/civil.ts'
import { findTerritory } from '../../members/actions.ts'
import { openDatabase, synchronousOf, type Database } from './database.ts'
import { groupCommit, type GroupCommit } from './group-commit.ts'

export interface NodeTerritory extends Territory {
  readonly database: Database
  readonly writer: GroupCommit
}

/** Another process serves this territory: two writers would not see each other's group commits in order. */
export class TerritoryLocked extends Error {
  constructor(code: string) {
    super(`territory ${code} is served by another process`)
    this.name = 'TerritoryLocked'
  }
}

export const databaseFile = (dataDir: string, code: string): string => join(dataDir, `${code}.sqlite`)

/**
 * Holds a territory for this process until it ends, however it ends: the lock is SQLite's own on a file beside the
 * database, which the system lets go of when the process dies.
 */
const lockTerritory = (dataDir: string, code: string): (() => void) => {
  const lock = new BetterSqlite3(join(dataDir, `${code}.lock`), { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch {
    lock.close()
    throw new TerritoryLocked(code)
  }
  return () => lock.close()
}

/** A territory over an open database, or undefined when the database holds none yet. */
export const territoryOver = (
  database: Database,
  observe?: (batch: { size: number }) => void,
): NodeTerritory | undefined => {
  const info = findTerritory(database.db)
  if (!info) return undefined
  const writer = groupCommit(database.connection, database.db, observe)
  return {
    info,
    database,
    writer,
    read: (fn) => assertSync(fn(database.db)),
    commit: writer.commit,
    watch: writer.watch,
  }
}

export interface Territories {
  find(code: string): NodeTerritory | undefined
  list(): NodeTerritory[]
  close(): Promise<void>
}

/**
 * The territories of a folder, one file each. Those there at the start are opened and locked at once; one made later
 * by the command line is opened when it is first asked for. Throws `TerritoryLocked` when another process has one.
 */
export const openTerritories = (
  dataDir: string,
  observe?: (batch: { size: number }) => void,
): Territories => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const opened = new Map<string, { territory: NodeTerritory; unlock: () => void }>()

  const open = (code: string): NodeTerritory | undefined => {
    const unlock = lockTerritory(dataDir, code)
    const database = openDatabase(databaseFile(dataDir, code))
    const territory = territoryOver(database, observe)
    if (!territory) {
      database.close()
      unlock()
      return undefined
    }
    opened.set(code, { territory, unlock })
    return territory
  }

  const territories: Territories = {
    find: (code) => {
      const known = opened.get(code)
      if (known) return known.territory
      if (zoneOfTerritory(code) === undefined || !existsSync(databaseFile(dataDir, code))) return undefined
      try {
        return open(code)
      } catch (error) {
        if (error instanceof TerritoryLocked) throw new Unavailable(error.message, error)
        throw error
      }
    },
    list: () => [...opened.values()].map(({ territory }) => territory),
    close: async () => {
      for (const { territory, unlock } of opened.values()) {
        await territory.writer.drain()
        territory.database.close()
        unlock()
      }
      opened.clear()
    },
  }
  try {
    for (const name of readdirSync(dataDir)) {
      const code = /^([0-9][0-9AB][0-9]?)\.sqlite$/.exec(name)?.[1]
      if (code !== undefined) open(code)
    }
  } catch (error) {
    for (const { territory, unlock } of opened.values()) {
      territory.database.close()
      unlock()
    }
    throw error
  }
  return territories
}

/** What `/readyz` says of a territory. */
export const readinessOf = ({ info, database }: NodeTerritory) => {
  const synchronous = synchronousOf(database.connection) === 2 ? 'FULL' : 'not FULL'
  return { code: info.code, synchronous, writable: !database.connection.readonly && synchronous === 'FULL' }
}
