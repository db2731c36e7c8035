import { drizzle } from 'drizzle-orm/durable-sqlite'
import { assertSync, type Db, type Sync, type Tx } from '../../db/db.ts'
import { watchers, type Territory } from '../../db/territory.ts'
import type { TerritoryInfo } from '../../kernel/ctx.ts'

export const databaseOf = (storage: DurableObjectStorage): Db => drizzle(storage)

/**
 * A territory over the storage of its object. The object is one thread and the callback is synchronous, so nothing
 * comes between; the runtime holds every answer back until what it rests on is durable.
 */
export const territoryOver = (storage: DurableObjectStorage, info: TerritoryInfo): Territory => {
  const db = databaseOf(storage)
  const inTransaction = <T>(fn: () => T): T => storage.transactionSync(() => assertSync(fn()))
  const tx: Tx = { db, savepoint: inTransaction }
  const { watch, tell } = watchers()
  return {
    info,
    read: (fn) => assertSync(fn(db)),
    // Asynchronous by contract, so that both runtimes hand errors over the same way.
    // eslint-disable-next-line @typescript-eslint/require-await
    commit: async <T>(fn: (tx: Tx) => Sync<T>): Promise<T> => {
      const value = inTransaction(() => fn(tx))
      // Who watches reads and tells others: only of what a crash can no longer take back.
      void storage.sync().then(tell, () => undefined)
      return value
    },
    watch,
  }
}
