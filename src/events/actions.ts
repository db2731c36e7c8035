import { toLocalDate } from '../kernel/civil.ts'
import type { Actor } from '../kernel/ctx.ts'
import type { Ctx, Db } from '../db/db.ts'
import { dataFor, followChain, GENESIS, hashOf, type ChainState } from './rules.ts'
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

/** An event as its reader is told of it. */
export type VisibleEvent = Omit<store.EventRow, 'prev' | 'hash'>

export interface Visible {
  /** In order. */
  readonly events: readonly VisibleEvent[]
  /** Where to go on: whatever the reader may see up to this number is in `events`, or was before. */
  readonly through: number
  /** Whether that is all there is. */
  readonly isEnd: boolean
}

/** Events judged at a time for readers whose part of the journal no index knows. */
const MOST_JUDGED = 5_000

const scopeOf = ({ actor, now, territory }: Ctx): store.Scope => {
  if (actor.kind === 'system') return { kind: 'all' }
  switch (actor.role) {
    case 'admin':
      return { kind: 'all' }
    case 'practitioner':
      return actor.practitionerId === null
        ? { kind: 'none' }
        : {
            kind: 'practitioner',
            practitionerId: actor.practitionerId,
            today: toLocalDate(now, territory.zone),
          }
    case 'coordinator':
      return { kind: 'communities', communityIds: actor.communityIds }
    case 'regulator':
      return { kind: 'regulation' }
    case 'auditor':
      return { kind: 'none' }
  }
}

/** The number of the last event; 0 in an empty journal. */
export const lastSeq = (ctx: Ctx): number => store.findHead(ctx.db)?.seq ?? 0

const asVisible = (ctx: Ctx, { prev, hash, data, ...event }: store.EventRow): VisibleEvent => ({
  ...event,
  data: dataFor(ctx.actor, event.type, data),
})

/**
 * Up to `limit` events after a number that the actor may see (EVENT-9), each as the actor may see it. There may be
 * fewer, even none, before the end: then the reader goes on from `through`.
 */
export const listVisible = (ctx: Ctx, { after, limit }: { after: number; limit: number }): Visible => {
  const scope = scopeOf(ctx)
  const head = lastSeq(ctx)
  const isFound = scope.kind !== 'communities' && scope.kind !== 'regulation'
  const end = Math.max(after, isFound ? head : Math.min(head, after + MOST_JUDGED))
  const rows = store.listScoped(ctx.db, scope, { after, through: end, limit: limit + 1 })
  const shown = rows.slice(0, limit)
  const through = rows.length > limit ? (shown.at(-1)?.seq ?? after) : end
  return {
    events: shown.map((row) => asVisible(ctx, row)),
    through,
    isEnd: through >= head,
  }
}

/** One event as the actor may see it; undefined when they may not. */
export const findVisible = (ctx: Ctx, seq: number): VisibleEvent | undefined => {
  const [row] = store.listScoped(ctx.db, scopeOf(ctx), { after: seq - 1, through: seq, limit: 1 })
  return row?.seq === seq ? asVisible(ctx, row) : undefined
}

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
