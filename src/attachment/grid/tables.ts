import { sql } from 'drizzle-orm'
import { check, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { instantColumn, jsonColumn } from '../../db/columns.ts'
import { communities } from '../../members/tables.ts'
import type { GridRule } from '../vocabulary.ts'

export interface GridLine {
  readonly rule: GridRule
  /** For `weeksWaiting`, of each whole week. */
  readonly points: number
}

/** How a CPTS ranks those who wait and shares them out. */
export interface AllocationRules {
  readonly grid: readonly GridLine[]
  /** Least points of classes 1 to 4; below is class 5. */
  readonly classThresholds: readonly [number, number, number, number]
  /** Part of each practitioner's places that only class 1 may take, 0 to 1. */
  readonly reservedForClass1: number
  readonly answerDays: number
  readonly reminderDays: number
  readonly maxRefusals: number
  /** Nobody is proposed to anybody further, whatever either asked. */
  readonly maxKm: number
  /** Days of waiting after which a person looks at a request (DOMAIN §4, escalation). */
  readonly escalationDays: number
  /** Days after which a request that lacks something is brought back to mind. */
  readonly qualifyReminderDays: number
  /** Whether a practitioner gets nothing new while a proposal is unanswered. */
  readonly batchWaits: boolean
  /** What the rank of a household is made from: its most urgent member, or the mean of their points. */
  readonly householdRank: 'most_urgent' | 'mean'
  readonly equityKm: number
  readonly stabilityKm: number
  readonly togetherKm: number
  /** When a simulation is made by itself, in civil time; null: never. */
  readonly weeklyRun: { readonly weekday: number; readonly at: string } | null
}

/** Each version of the rules of a CPTS. The last is in force. */
export const allocationRules = sqliteTable(
  'allocation_rules',
  {
    communityId: text('community_id')
      .notNull()
      .references(() => communities.id, { onDelete: 'restrict' }),
    version: integer('version').notNull(),
    rules: jsonColumn<AllocationRules>()('rules').notNull(),
    actor: text('actor').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.communityId, t.version] }),
    check('allocation_rules_version', sql`${t.version} >= 1`),
  ],
)
