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
