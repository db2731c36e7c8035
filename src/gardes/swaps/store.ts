import { and, asc, eq, gt, lte, or, sql, type SQL } from 'drizzle-orm'
import { prepared, type Db } from '../../db/db.ts'
import type { LocalDate } from '../../kernel/civil.ts'
import type { Instant } from '../../kernel/time.ts'
import { sectorCommunities, sectorMembers } from '../sectors/tables.ts'
import { swaps } from './tables.ts'
import type { SwapState } from './vocabulary.ts'

export type SwapRow = typeof swaps.$inferSelect

const p = sql.placeholder

// Written out, not bound: with a parameter SQLite could not use the index of open changes.
const isPending = sql`${swaps.state} in ('asked', 'accepted')`

const queries = prepared((db: Db) => ({
  find: db
    .select()
    .from(swaps)
    .where(eq(swaps.id, p('id')))
    .prepare(),
  due: db
    .select()
    .from(swaps)
    .where(and(isPending, lte(swaps.expiresAt, p('now'))))
    .orderBy(asc(swaps.expiresAt), asc(swaps.id))
    .limit(p('limit'))
    .prepare(),
}))

export const findSwap = (db: Db, id: string): SwapRow | undefined => queries(db).find.get({ id })

export const insertSwap = (db: Db, row: SwapRow): void => {
  db.insert(swaps).values(row).run()
}

export const updateSwap = (db: Db, id: string, change: Partial<SwapRow>): SwapRow =>
  db
    .update(swaps)
    .set({ ...change, version: sql`${swaps.version} + 1` })
    .where(eq(swaps.id, id))
    .returning()
    .get()

/** Changes that nobody settled in time, the first to run out first. */
export const dueSwaps = (db: Db, now: Instant, limit: number): SwapRow[] =>
  queries(db).due.all({ now, limit })

/** Whose changes somebody is shown. */
export interface SwapReach {
  /** Sectors of these CPTS are theirs to manage; null is every sector. */
  readonly managedCommunityIds: readonly string[] | null
  readonly practitionerId: string | null
  readonly today: LocalDate
}

export interface SwapFilter {
  readonly sector?: string | undefined
  readonly state?: SwapState | undefined
}

const isShown = (reach: SwapReach): SQL | undefined => {
  const { managedCommunityIds, practitionerId, today } = reach
  if (managedCommunityIds === null) return undefined
  const isManaged = sql`exists (select 1 from ${sectorCommunities} where ${sectorCommunities.sectorId} = ${swaps.sectorId}
    and ${sectorCommunities.communityId} in (select value from json_each(${JSON.stringify(managedCommunityIds)})))`
  const isListed = sql`exists (select 1 from ${sectorMembers} where ${sectorMembers.sectorId} = ${swaps.sectorId}
    and ${sectorMembers.practitionerId} = ${practitionerId}
    and (${sectorMembers.to} is null or ${sectorMembers.to} >= ${today}))`
  return or(
    isManaged,
    practitionerId === null
      ? undefined
      : or(
          eq(swaps.fromPractitionerId, practitionerId),
          eq(swaps.toPractitionerId, practitionerId),
          and(eq(swaps.kind, 'open'), isListed),
        ),
  )
}

/** By the state that a change has now, noted or not. */
const stateFilter = (state: SwapState | undefined, now: Instant): SQL | undefined => {
  switch (state) {
    case undefined:
      return undefined
    case 'expired':
      return or(eq(swaps.state, 'expired'), and(isPending, lte(swaps.expiresAt, now)))
    case 'asked':
    case 'accepted':
      return and(eq(swaps.state, state), gt(swaps.expiresAt, now))
    default:
      return eq(swaps.state, state)
  }
}

/** Changes in order of asking. */
export const listSwaps = (
  db: Db,
  reach: SwapReach,
  filter: SwapFilter,
  now: Instant,
  after: string,
  limit: number,
): SwapRow[] =>
  db
    .select()
    .from(swaps)
    .where(
      and(
        gt(swaps.id, after),
        filter.sector === undefined ? undefined : eq(swaps.sectorId, filter.sector),
        stateFilter(filter.state, now),
        isShown(reach),
      ),
    )
    .orderBy(asc(swaps.id))
    .limit(limit)
    .all()
