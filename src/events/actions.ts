import type { Actor } from '../kernel/ctx.ts'
import type { Ctx, Db } from '../db/db.ts'
import { followChain, GENESIS, hashOf, type ChainState } from './rules.ts'
import * as store from './store.ts'
import type { EventType } from './vocabulary.ts'

export interface Happened {
  readonly type: EventType
  /** Id of the object whose state changed. */
  readonly subject: string
  /** The practitioner concerned, if one is. */
  readonly practitionerId?: string
  /** Ids, codes and counts only: never patient data, never a secret. */
  readonly data?: Record<string, unknown>
}

/** How an actor is written in the logs: the id of its key, or the part of the system. */
export const actorName = (actor: Actor): string =>
  actor.kind === 'key' ? `${actor.role}:${actor.keyId}` : `system:${actor.name}`

/** Appends one event to the chain, in the caller's transaction. */
export const append = (ctx: Ctx, happened: Happened): void => {
  const head = store.findHead(ctx.db)
  const event = {
    seq: (head?.seq ?? 0) + 1,
    id: ctx.newId('event'),
    type: happened.type,
    at: ctx.now,
    actor: actorName(ctx.actor),
    subject: happened.subject,
    practitionerId: happened.practitionerId ?? null,
    data: happened.data ?? {},
    prev: head?.hash ?? GENESIS,
  }
  store.insertEvent(ctx.db, { ...event, hash: hashOf(event) })
}

export const listEvents = (ctx: Ctx, page: { after: number; limit: number; subject?: string | undefined }) =>
  store.listEvents(ctx.db, page.after, page.limit, page.subject)

/** Events checked at a time, so that a long chain never holds the others up. */
const CHUNK = 2_000

export const CHAIN_START: ChainState = { count: 0, head: GENESIS }

/** Checks the next stretch of the chain; `done` when it reached the end or a break. */
export const verifyNext = (db: Db, state: ChainState): ChainState & { done: boolean } => {
  const next = store.listEvents(db, state.count, CHUNK)
  const after = followChain(state, next)
  return { ...after, done: after.brokenAt !== undefined || next.length < CHUNK }
}

/** The next events for a reader that keeps a place of its own in the chain. */
export const readNext = (ctx: Ctx, reader: string, limit: number) =>
  store.listEvents(ctx.db, store.findCursor(ctx.db, reader) ?? 0, limit)

/** Notes that a reader has dealt with everything up to `seq`; what it did before must bear being done again. */
export const advance = (ctx: Ctx, reader: string, seq: number): void => store.setCursor(ctx.db, reader, seq)

/** How far a walk of this name has come; undefined before its first step. */
export const findPlace = (ctx: Ctx, name: string): number | undefined => store.findCursor(ctx.db, name)

/** Forgets the places of every walk whose name begins so. */
export const forgetPlaces = (ctx: Ctx, prefix: string): void => store.deleteCursors(ctx.db, prefix)
