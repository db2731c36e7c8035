import { and, asc, desc, eq, inArray, lt, lte, ne, sql } from 'drizzle-orm'
import { chunksFor, prepared, type Db } from '../../db/db.ts'
import type { Instant } from '../../kernel/time.ts'
import { allocationAdjustments, allocationParts, allocations } from './tables.ts'
import type { AllocationState } from './vocabulary.ts'

export type AllocationRow = typeof allocations.$inferSelect
export type AdjustmentRow = typeof allocationAdjustments.$inferSelect
export type PartKind = typeof allocationParts.$inferSelect.kind

const p = sql.placeholder

const queries = prepared((db: Db) => ({
  find: db
    .select()
    .from(allocations)
    .where(eq(allocations.id, p('id')))
    .prepare(),
  lastDraft: db
    .select()
    .from(allocations)
    .where(and(eq(allocations.communityId, p('communityId')), ne(allocations.state, 'discarded')))
    .orderBy(desc(allocations.id))
    .limit(1)
    .prepare(),
  part: db
    .select({ body: allocationParts.body })
    .from(allocationParts)
    .where(and(eq(allocationParts.allocationId, p('id')), eq(allocationParts.kind, p('kind'))))
    .orderBy(asc(allocationParts.number))
    .prepare(),
  adjustments: db
    .select()
    .from(allocationAdjustments)
    .where(eq(allocationAdjustments.allocationId, p('id')))
    .orderBy(asc(allocationAdjustments.number))
    .prepare(),
  oldDrafts: db
    .select({ id: allocations.id })
    .from(allocations)
    .where(and(eq(allocations.state, 'simulated'), lte(allocations.createdAt, p('before'))))
    .orderBy(asc(allocations.createdAt))
    .limit(p('limit'))
    .prepare(),
  oldDetails: db
    .select({ id: allocations.id })
    .from(allocations)
    .where(
      and(
        eq(allocations.state, 'published'),
        lte(allocations.createdAt, p('before')),
        sql`exists (select 1 from ${allocationParts} where ${allocationParts.allocationId} = ${allocations.id})`,
      ),
    )
    .orderBy(asc(allocations.createdAt))
    .limit(p('limit'))
    .prepare(),
}))

export const findAllocation = (db: Db, id: string): AllocationRow | undefined => queries(db).find.get({ id })

/** The last simulation of a CPTS that was not thrown away, published or not. */
export const lastDraft = (db: Db, communityId: string): AllocationRow | undefined =>
  queries(db).lastDraft.get({ communityId })

export const insertAllocation = (db: Db, row: AllocationRow): void => {
  db.insert(allocations).values(row).run()
}

export const updateAllocation = (
  db: Db,
  id: string,
  change: Partial<Omit<AllocationRow, 'id' | 'version'>>,
): AllocationRow =>
  db
    .update(allocations)
    .set({ ...change, version: sql`${allocations.version} + 1` })
    .where(eq(allocations.id, id))
    .returning()
    .get()

export interface AllocationFilter {
  readonly community?: string | undefined
  readonly state?: AllocationState | undefined
}

/** The last made first, of these CPTS; null is every one. */
export const listAllocations = (
  db: Db,
  communityIds: readonly string[] | null,
  { community, state }: AllocationFilter,
  before: string | undefined,
  limit: number,
): AllocationRow[] =>
  db
    .select()
    .from(allocations)
    .where(
      and(
        before === undefined ? undefined : lt(allocations.id, before),
        community === undefined ? undefined : eq(allocations.communityId, community),
        state === undefined ? undefined : eq(allocations.state, state),
        communityIds === null
          ? undefined
          : sql`${allocations.communityId} in (select value from json_each(${JSON.stringify(communityIds)}))`,
      ),
    )
    .orderBy(desc(allocations.id))
    .limit(limit)
    .all()

// What is too long for a row

/** Characters of a part, ids and numbers all of them: well below what either engine holds in a row. */
const PART_LENGTH = 256 * 1024

/** The whole text of a part; undefined when there is none any more. */
export const findPart = (db: Db, id: string, kind: PartKind): string | undefined => {
  const rows = queries(db).part.all({ id, kind })
  return rows.length === 0 ? undefined : rows.map(({ body }) => body).join('')
}

export const deletePart = (db: Db, allocationId: string, kind: PartKind): void => {
  db.delete(allocationParts)
    .where(and(eq(allocationParts.allocationId, allocationId), eq(allocationParts.kind, kind)))
    .run()
}

export const writePart = (db: Db, allocationId: string, kind: PartKind, text: string): void => {
  deletePart(db, allocationId, kind)
  const bodies: string[] = []
  for (let at = 0; at < text.length; at += PART_LENGTH) bodies.push(text.slice(at, at + PART_LENGTH))
  for (const chunk of chunksFor(
    bodies.map((body, number) => ({ allocationId, kind, number, body })),
    4,
  ))
    db.insert(allocationParts).values(chunk).run()
}

export const deleteParts = (db: Db, ids: readonly string[]): void => {
  if (ids.length > 0)
    db.delete(allocationParts)
      .where(inArray(allocationParts.allocationId, [...ids]))
      .run()
}

/** Allocations of a CPTS that were made until an instant and of which something is kept. */
export const keptUntil = (db: Db, communityId: string, until: Instant): string[] =>
  db
    .select({ id: allocations.id })
    .from(allocations)
    .where(
      and(
        eq(allocations.communityId, communityId),
        lte(allocations.createdAt, until),
        sql`exists (select 1 from ${allocationParts} where ${allocationParts.allocationId} = ${allocations.id})`,
      ),
    )
    .orderBy(asc(allocations.id))
    .all()
    .map(({ id }) => id)

// What the coordinator decided

/** In the order in which they were made. */
export const adjustmentsOf = (db: Db, id: string): AdjustmentRow[] => queries(db).adjustments.all({ id })

export const insertAdjustments = (db: Db, rows: readonly AdjustmentRow[]): void => {
  for (const chunk of chunksFor(rows, 8)) db.insert(allocationAdjustments).values(chunk).run()
}

/** Takes the words out of what was decided of a request. */
export const emptyReasons = (db: Db, allocationId: string, requestId: string): void => {
  db.update(allocationAdjustments)
    .set({ reason: '' })
    .where(
      and(
        eq(allocationAdjustments.allocationId, allocationId),
        eq(allocationAdjustments.requestId, requestId),
      ),
    )
    .run()
}

// Time

export const oldDrafts = (db: Db, before: Instant, limit: number): string[] =>
  queries(db)
    .oldDrafts.all({ before, limit })
    .map(({ id }) => id)

/** Published ones whose parts are still there. */
export const oldDetails = (db: Db, before: Instant, limit: number): string[] =>
  queries(db)
    .oldDetails.all({ before, limit })
    .map(({ id }) => id)
