import { and, asc, eq, lte, sql, type SQL } from 'drizzle-orm'
import { inJson, prepared, type Db } from '../../../db/db.ts'
import type { Instant } from '../../../kernel/time.ts'
import { intakes } from '../../intake/tables.ts'
import { mtRequests } from '../../requests/tables.ts'
import { exclusions, proposals, proposedMembers } from '../tables.ts'

const p = sql.placeholder

// Written out, not bound: with a parameter SQLite could not use the indexes of open proposals.
const isOpen = sql`${proposals.state} = 'open'`
const isHeld = sql`${proposals.state} in ('open', 'accepted', 'declared')`

const peopleIf = (condition: SQL) =>
  sql<number>`coalesce(sum(case when ${condition} then json_array_length(${proposals.members}) end), 0)`

const stands = sql`(${proposals.state} in ('accepted', 'declared') or ${proposals.answerBy} > ${p('now')})`
const isTaken = sql`${proposals.state} in ('accepted', 'declared')`

const patienteleSince = sql`(select ${intakes.patienteleSince} from ${intakes} where ${intakes.practitionerId} = ${proposals.practitionerId} order by ${intakes.version} desc limit 1)`

const queries = prepared((db: Db) => ({
  taken: db
    .select({
      requestId: proposedMembers.requestId,
      member: proposedMembers.member,
      practitionerId: proposals.practitionerId,
    })
    .from(proposals)
    .innerJoin(proposedMembers, eq(proposedMembers.proposalId, proposals.id))
    .where(and(eq(proposals.communityId, p('communityId')), isHeld, stands))
    .orderBy(asc(proposedMembers.requestId), asc(proposedMembers.member))
    .prepare(),
  excluded: db
    .select({ requestId: exclusions.requestId, practitionerId: exclusions.practitionerId })
    .from(mtRequests)
    .innerJoin(exclusions, eq(exclusions.requestId, mtRequests.id))
    .where(eq(mtRequests.communityId, p('communityId')))
    // Of whom nobody noted yet that they did not answer.
    .union(
      db
        .select({ requestId: proposals.requestId, practitionerId: proposals.practitionerId })
        .from(proposals)
        .where(and(eq(proposals.communityId, p('communityId')), isOpen, lte(proposals.answerBy, p('now')))),
    )
    .orderBy(sql`1`, sql`2`)
    .prepare(),
  burden: db
    .select({
      practitionerId: proposals.practitionerId,
      open: peopleIf(sql`${isOpen} and ${stands}`),
      month: peopleIf(sql`${stands} and ${proposals.createdAt} >= ${p('monthStart')}`),
      sinceIntake: peopleIf(sql`${isTaken} and ${proposals.answeredAt} > ${patienteleSince}`),
      load: sql<number>`coalesce(sum(case when ${isTaken} and ${proposals.answeredAt} >= ${p('yearStart')} then ${proposals.points} end), 0)`,
    })
    .from(proposals)
    .where(and(inJson(proposals.practitionerId, 'ids'), isHeld))
    .groupBy(proposals.practitionerId)
    .prepare(),
}))

/** Members of a CPTS who are in a proposal that stands. */
export const listTaken = (db: Db, communityId: string, now: Instant) =>
  queries(db).taken.all({ communityId, now })

/** Pairs of a CPTS of which one said no, or nothing. */
export const listExclusions = (db: Db, communityId: string, now: Instant) =>
  queries(db).excluded.all({ communityId, now })

export interface BurdenSpan {
  readonly now: Instant
  readonly monthStart: Instant
  readonly yearStart: Instant
}

export const burdens = (db: Db, practitionerIds: readonly string[], span: BurdenSpan) =>
  queries(db).burden.all({ ...span, ids: JSON.stringify(practitionerIds) })
