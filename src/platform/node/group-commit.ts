import type BetterSqlite3 from 'better-sqlite3'
import { watchers } from '../../db/territory.ts'
import { assertSync, Unavailable, type Db, type Sync, type Tx } from '../../db/db.ts'

interface Waiting {
  readonly run: (tx: Tx) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Callers of one batch: enough to share an fsync, few enough that reads in between are not kept waiting. */
const LARGEST_BATCH = 64

/** Tries to begin while another process writes; reads are answered between them. With the connection's own wait: 5 s. */
const MOST_TRIES = 20
const PAUSE_MS = 5

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')

export interface GroupCommit {
  readonly commit: <T>(fn: (tx: Tx) => Sync<T>) => Promise<T>
  /** Calls the listener after each transaction, durable or not, until the returned function is called. */
  readonly watch: (listener: () => void) => () => void
  /** Resolves when everything asked so far is durable or refused. */
  drain(): Promise<void>
}

/**
 * Callers that wait at the same moment share one transaction and one fsync, in the order they came, each in a
 * savepoint of its own: a caller that throws loses only its own writes. Nobody is answered before the sync.
 */
export const groupCommit = (
  connection: BetterSqlite3.Database,
  db: Db,
  observe: (batch: { size: number }) => void = () => undefined,
): GroupCommit => {
  const statement = (text: string) => connection.prepare(text)
  const begin = statement('begin immediate')
  const end = statement('commit')
  const undoAll = statement('rollback')
  const enter = statement('savepoint caller')
  const leave = statement('release caller')
  const undo = statement('rollback to caller')

  const savepoint = <T>(fn: () => T): T => {
    enter.run()
    try {
      const value = assertSync(fn())
      leave.run()
      return value
    } catch (error) {
      // A full or failing disk makes SQLite roll everything back by itself: then there is no savepoint left.
      if (connection.inTransaction) {
        undo.run()
        leave.run()
      }
      throw error
    }
  }
  const tx: Tx = { db, savepoint }

  const { watch, tell } = watchers()
  const queue: Waiting[] = []
  let idle: (() => void)[] = []
  let tries = 0

  const flush = () => {
    try {
      begin.run()
    } catch (error) {
      if (isBusy(error) && ++tries < MOST_TRIES) {
        setTimeout(flush, PAUSE_MS)
        return
      }
      giveUp(queue.splice(0, LARGEST_BATCH), error)
      next()
      return
    }
    const batch = queue.splice(0, LARGEST_BATCH)
    const settled: (() => void)[] = []
    try {
      for (const caller of batch) {
        try {
          const value = savepoint(() => caller.run(tx))
          settled.push(() => caller.resolve(value))
        } catch (error) {
          if (!connection.inTransaction) throw error
          settled.push(() => caller.reject(error))
        }
      }
      end.run()
      settled.forEach((settle) => settle())
    } catch (error) {
      if (connection.inTransaction) undoAll.run()
      giveUp(batch, error)
    }
    observe({ size: batch.length })
    tell()
    next()
  }

  const giveUp = (batch: readonly Waiting[], cause: unknown) => {
    const unavailable = new Unavailable('the transaction did not become durable', cause)
    batch.forEach((caller) => caller.reject(unavailable))
  }

  const next = () => {
    tries = 0
    if (queue.length > 0) setImmediate(flush)
    else {
      idle.forEach((wake) => wake())
      idle = []
    }
  }

  return {
    watch,
    commit: <T>(fn: (tx: Tx) => Sync<T>) =>
      new Promise<T>((resolve, reject) => {
        queue.push({ run: fn, resolve: resolve as (value: unknown) => void, reject })
        if (queue.length === 1) setImmediate(flush)
      }),
    drain: () => (queue.length === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  }
}
