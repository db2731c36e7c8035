import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { instantColumn, jsonColumn } from '../../db/columns.ts'
import { communities, practitioners } from '../../members/tables.ts'
import { mtRequests } from '../requests/tables.ts'
import type { AllocationOrigin, AllocationState } from './vocabulary.ts'

/** A sharing out of those who wait, that has no effect until it is published. */
export const allocations = sqliteTable(
  'allocations',
  {
    id: text('id').primaryKey(),
    communityId: text('community_id')
      .notNull()
      .references(() => communities.id, { onDelete: 'restrict' }),
    state: text('state').$type<AllocationState>().notNull(),
    origin: text('origin').$type<AllocationOrigin>().notNull(),
    seed: integer('seed').notNull(),
    rulesVersion: integer('rules_version').notNull(),
    /** Of what it was made from: publishing asks that it be the same still. */
    inputHash: text('input_hash').notNull(),
    /** Counts for lists; all else is in the parts. */
    totals: jsonColumn<Record<string, unknown>>()('totals').notNull(),
    version: integer('version').notNull(),
    actor: text('actor').notNull(),
    createdAt: instantColumn('created_at').notNull(),
    publishedAt: instantColumn('published_at'),
    publishedBy: text('published_by'),
  },
  (t) => [
    check('allocations_state', sql`${t.state} in ('simulated', 'published', 'discarded')`),
    index('allocations_community').on(t.communityId, t.id),
    index('allocations_state').on(t.state, t.createdAt),
  ],
)

/** What an allocation was made from, what it found and what is shown of it, as JSON text in pieces that a row can hold on both engines. */
export const allocationParts = sqliteTable(
  'allocation_parts',
  {
    allocationId: text('allocation_id')
      .notNull()
      .references(() => allocations.id, { onDelete: 'restrict' }),
    kind: text('kind').$type<'problem' | 'solution' | 'shown'>().notNull(),
    number: integer('number').notNull(),
    body: text('body').notNull(),
  },
  (t) => [primaryKey({ columns: [t.allocationId, t.kind, t.number] })],
)

/** What the coordinator decided against the engine, in order, and why: of each request the last counts. */
export const allocationAdjustments = sqliteTable(
  'allocation_adjustments',
  {
    allocationId: text('allocation_id')
      .notNull()
      .references(() => allocations.id, { onDelete: 'restrict' }),
    /** From 1. */
    number: integer('number').notNull(),
    requestId: text('request_id')
      .notNull()
      .references(() => mtRequests.id, { onDelete: 'restrict' }),
    /** False: the engine decides again. */
    lock: integer('lock', { mode: 'boolean' }).notNull(),
    /** Null: with nobody in this run. */
    practitionerId: text('practitioner_id').references(() => practitioners.id, { onDelete: 'restrict' }),
    reason: text('reason').notNull(),
    actor: text('actor').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.allocationId, t.number] })],
)

/** When the next simulation by itself of a CPTS is due. */
export const weeklyRuns = sqliteTable(
  'weekly_runs',
  {
    communityId: text('community_id')
      .primaryKey()
      .references(() => communities.id, { onDelete: 'restrict' }),
    nextAt: instantColumn('next_at').notNull(),
  },
  (t) => [index('weekly_runs_next').on(t.nextAt)],
)
