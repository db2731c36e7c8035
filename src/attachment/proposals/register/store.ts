import { and, asc, eq, gt, gte, isNotNull, lt, sql, type SQL } from 'drizzle-orm'
import { prepared, type Db } from '../../../db/db.ts'
import type { Instant } from '../../../kernel/time.ts'
import type { PriorityClass } from '../../vocabulary.ts'
import { proposals } from '../tables.ts'
import type { RefusalReason } from '../vocabulary.ts'
import type { RegisterKind } from './vocabulary.ts'

const p = sql.placeholder

const people = sql`json_array_length(${proposals.members})`
const isPriority = sql`${proposals.class} <= 2`
const sum = (condition: SQL) => sql<number>`coalesce(sum(case when ${condition} then ${people} end), 0)`
const tally = (condition: SQL) => ({
  people: sum(condition),
  priority: sum(sql`${condition} and ${isPriority}`),
})

const proposed = tally(sql`true`)
const accepted = tally(sql`${proposals.state} in ('accepted', 'declared')`)
const hasEnded = sql`${proposals.state} in ('declined', 'unreachable', 'withdrawn')`
// What ended before an answer was nobody's; after a refusal nothing ends.
const ended = tally(sql`${hasEnded} and ${proposals.answeredAt} is not null`)
const refused = tally(sql`${proposals.state} = 'refused'`)
const unanswered = tally(
  sql`(${proposals.state} = 'expired' or (${proposals.state} = 'open' and ${proposals.answerBy} <= ${p('now')}))`,
)

const queries = prepared((db: Db) => ({
  refusals: db
    .select({
      id: proposals.id,
      requestId: proposals.requestId,
      practitionerId: proposals.practitionerId,
      kind: sql<RegisterKind>`${proposals.state}`,
      // Whatever is over has it.
      at: sql<Instant>`${proposals.closedAt}`,
      reason: proposals.refusalReason,
      class: proposals.class,
      members: proposals.members,
    })
    .from(proposals)
    .where(
      and(
        eq(proposals.communityId, p('communityId')),
        sql`${proposals.state} in ('refused', 'declined', 'unreachable', 'withdrawn')`,
        isNotNull(proposals.answeredAt),
        gt(proposals.id, p('after')),
        gte(proposals.closedAt, p('from')),
        lt(proposals.closedAt, p('to')),
      ),
    )
    .orderBy(asc(proposals.id))
    .limit(p('limit'))
    .prepare(),
  answers: db
    .select({
      practitionerId: proposals.practitionerId,
      proposed: proposed.people,
      proposedPriority: proposed.priority,
      accepted: accepted.people,
      acceptedPriority: accepted.priority,
      ended: ended.people,
      endedPriority: ended.priority,
      refused: refused.people,
      refusedPriority: refused.priority,
      unanswered: unanswered.people,
      unansweredPriority: unanswered.priority,
    })
    .from(proposals)
    .where(
      and(
        eq(proposals.communityId, p('communityId')),
        gte(proposals.createdAt, p('from')),
        lt(proposals.createdAt, p('to')),
      ),
    )
    .groupBy(proposals.practitionerId)
    .orderBy(asc(proposals.practitionerId))
    .prepare(),
}))

export interface RefusalRow {
  readonly id: string
  readonly requestId: string
  readonly practitionerId: string
  readonly kind: RegisterKind
  readonly at: Instant
  /** Of a refusal. */
  readonly reason: RefusalReason | null
  readonly class: PriorityClass
  readonly members: readonly number[]
}

interface Span {
  readonly from: Instant
  readonly to: Instant
}

/** Refusals of a CPTS, and what ended after an acceptance, within the span; in the order in which they were proposed. */
export const listRefusals = (
  db: Db,
  communityId: string,
  { from, to }: Span,
  after: string,
  limit: number,
): RefusalRow[] => queries(db).refusals.all({ communityId, from, to, after, limit })

/** What each practitioner answered to what a CPTS sent within the span. */
export const answersBy = (db: Db, communityId: string, { from, to }: Span, now: Instant) =>
  queries(db)
    .answers.all({ communityId, from, to, now })
    .map((row) => ({
      practitionerId: row.practitionerId,
      proposed: { people: row.proposed, priority: row.proposedPriority },
      accepted: { people: row.accepted, priority: row.acceptedPriority },
      ended: { people: row.ended, priority: row.endedPriority },
      refused: { people: row.refused, priority: row.refusedPriority },
      unanswered: { people: row.unanswered, priority: row.unansweredPriority },
    }))
