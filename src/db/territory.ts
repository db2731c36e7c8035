import type { Actor, KeyRing, Sources, TerritoryInfo } from '../kernel/ctx.ts'
import { typeId } from '../kernel/ids.ts'
import type { Ctx, Db, Sync, Tx } from './db.ts'

/** The only port to a runtime: one territory, one database, one writer. */
export interface Territory {
  readonly info: TerritoryInfo
  /** Runs `fn` on what is committed. */
  read<T>(fn: (db: Db) => Sync<T>): T
  /** Runs `fn` in a transaction and resolves when what it wrote is durable; rejects with what it threw, nothing written. */
  commit<T>(fn: (tx: Tx) => Sync<T>): Promise<T>
  /** Calls `listener` after each commit, until the returned function is called. It is told that, not what. */
  watch(listener: () => void): () => void
}

/** Those who want to know that something was committed. */
export const watchers = () => {
  const listeners = new Set<() => void>()
  return {
    watch: (listener: () => void) => {
      // A function of its own for each call, so that the same listener given twice is two.
      const own = () => listener()
      listeners.add(own)
      return () => {
        listeners.delete(own)
      }
    },
    tell: () => {
      for (const listener of listeners) listener()
    },
  }
}

/** What an action is given: time is read here, once. */
export const ctxOf = (
  world: { readonly sources: Sources; readonly keyRing: KeyRing },
  territory: TerritoryInfo,
  actor: Actor,
  db: Db,
): Ctx => {
  const now = world.sources.clock()
  return {
    db,
    now,
    newId: (kind) => typeId(kind, now, world.sources.random),
    random: world.sources.random,
    actor,
    territory,
    keyRing: world.keyRing,
  }
}
