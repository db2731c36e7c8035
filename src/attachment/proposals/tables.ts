import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { instantColumn, jsonColumn } from '../../db/columns.ts'
import type { LocalDate } from '../../kernel/civil.ts'
import { communities, practitioners } from '../../members/tables.ts'
import { allocations } from '../allocation/tables.ts'
import { mtRequests } from '../requests/tables.ts'
import type { PriorityClass } from '../vocabulary.ts'
import type { ProposalState, RefusalReason } from './vocabulary.ts'

/** A practitioner asked to become the médecin traitant of people of one household. */
export const proposals = sqliteTable(
  'proposals',
  {
    id: text('id').primaryKey(),
    allocationId: text('allocation_id')
      .notNull()
      .references(() => allocations.id, { onDelete: 'restrict' }),
    requestId: text('request_id')
      .notNull()
      .references(() => mtRequests.id, { onDelete: 'restrict' }),
    /** Of the request. */
    communityId: text('community_id')
      .notNull()
      .references(() => communities.id, { onDelete: 'restrict' }),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    /** Numbers of the members. */
    members: jsonColumn<number[]>()('members').notNull(),
    state: text('state').$type<ProposalState>().notNull(),
    km: real('km').notNull(),
    class: integer('class').$type<PriorityClass>().notNull(),
    points: integer('points').notNull(),
    answerBy: instantColumn('answer_by').notNull(),
    remindAt: instantColumn('remind_at').notNull(),
    remindedAt: instantColumn('reminded_at'),
    /** When it was told that nothing followed its acceptance. */
    staleToldAt: instantColumn('stale_told_at'),
    answeredAt: instantColumn('answered_at'),
    answeredBy: text('answered_by'),
    refusalReason: text('refusal_reason').$type<RefusalReason>(),
    declaredOn: text('declared_on').$type<LocalDate>(),
    closedAt: instantColumn('closed_at'),
    version: integer('version').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [
    check(
      'proposals_state',
      sql`${t.state} in ('open', 'accepted', 'declared', 'refused', 'expired', 'declined', 'unreachable', 'withdrawn')`,
    ),
    check('proposals_refused', sql`(${t.state} = 'refused') = (${t.refusalReason} is not null)`),
    check('proposals_declared', sql`(${t.state} = 'declared') = (${t.declaredOn} is not null)`),
    index('proposals_practitioner').on(t.practitionerId, t.state, t.id),
    index('proposals_community').on(t.communityId, t.state, t.id),
    index('proposals_request').on(t.requestId),
    index('proposals_allocation').on(t.allocationId),
    index('proposals_open')
      .on(t.answerBy)
      .where(sql`${t.state} = 'open'`),
    index('proposals_to_remind')
      .on(t.remindAt)
      .where(sql`${t.state} = 'open' and ${t.remindedAt} is null`),
    index('proposals_to_follow')
      .on(t.answeredAt)
      .where(sql`${t.state} = 'accepted' and ${t.staleToldAt} is null`),
  ],
)

/** Whose médecin traitant is being asked or was found: a person is in at most one proposal at a time. */
export const proposedMembers = sqliteTable(
  'proposed_members',
  {
    requestId: text('request_id')
      .notNull()
      .references(() => mtRequests.id, { onDelete: 'restrict' }),
    member: integer('member').notNull(),
    proposalId: text('proposal_id')
      .notNull()
      .references(() => proposals.id, { onDelete: 'restrict' }),
  },
  (t) => [
    primaryKey({ columns: [t.requestId, t.member] }),
    index('proposed_members_proposal').on(t.proposalId),
  ],
)

/** Pairs that are not proposed again: one of the two said no, or did not answer. */
export const exclusions = sqliteTable(
  'mt_exclusions',
  {
    requestId: text('request_id')
      .notNull()
      .references(() => mtRequests.id, { onDelete: 'restrict' }),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    proposalId: text('proposal_id')
      .notNull()
      .references(() => proposals.id, { onDelete: 'restrict' }),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.requestId, t.practitionerId] })],
)
