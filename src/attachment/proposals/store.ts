import { and, asc, eq, gt, lte, or, sql, type SQL } from 'drizzle-orm'
import { inJson, placeholders, prepared, type Db } from '../../db/db.ts'
import type { Instant } from '../../kernel/time.ts'
import { communes, practitionerCommunities } from '../../members/tables.ts'
import { mtContacts, mtMembers, mtRequests } from '../requests/tables.ts'
import { exclusions, proposals, proposedMembers } from './tables.ts'
import type { ProposalState } from './vocabulary.ts'

export type ProposalRow = typeof proposals.$inferSelect
export type ExclusionRow = typeof exclusions.$inferSelect

const p = sql.placeholder

// Written out, not bound: with a parameter SQLite could not use the indexes of open proposals.
const isOpen = sql`${proposals.state} = 'open'`

const queries = prepared((db: Db) => ({
  find: db
    .select()
    .from(proposals)
    .where(eq(proposals.id, p('id')))
    .prepare(),
  ofRequest: db
    .select()
    .from(proposals)
    .where(eq(proposals.requestId, p('requestId')))
    .orderBy(asc(proposals.id))
    .prepare(),
  counts: db
    .select({ state: proposals.state, people: sql<number>`count(*)` })
    .from(proposedMembers)
    .innerJoin(proposals, eq(proposals.id, proposedMembers.proposalId))
    .where(eq(proposedMembers.requestId, p('requestId')))
    .groupBy(proposals.state)
    .prepare(),
  lapsedIn: db
    .select()
    .from(proposals)
    .where(and(eq(proposals.communityId, p('communityId')), isOpen, lte(proposals.answerBy, p('now'))))
    .orderBy(asc(proposals.id))
    .prepare(),
  lapsed: db
    .select()
    .from(proposals)
    .where(and(isOpen, lte(proposals.answerBy, p('now'))))
    .orderBy(asc(proposals.answerBy), asc(proposals.id))
    .limit(p('limit'))
    .prepare(),
  ofLeavers: db
    .select()
    .from(proposals)
    .where(
      and(
        isOpen,
        gt(proposals.answerBy, p('now')),
        sql`not exists (select 1 from ${practitionerCommunities} where ${practitionerCommunities.practitionerId} = ${proposals.practitionerId} and ${practitionerCommunities.communityId} = ${proposals.communityId})`,
      ),
    )
    .orderBy(asc(proposals.answerBy), asc(proposals.id))
    .limit(p('limit'))
    .prepare(),
  toRemind: db
    .select()
    .from(proposals)
    .where(
      and(
        isOpen,
        sql`${proposals.remindedAt} is null`,
        lte(proposals.remindAt, p('now')),
        gt(proposals.answerBy, p('now')),
      ),
    )
    .orderBy(asc(proposals.remindAt), asc(proposals.id))
    .limit(p('limit'))
    .prepare(),
  members: db
    .select({
      requestId: mtMembers.requestId,
      number: mtMembers.number,
      bornIn: mtMembers.bornIn,
      flags: mtMembers.flags,
    })
    .from(mtMembers)
    .where(and(inJson(mtMembers.requestId, 'ids'), sql`${mtMembers.leftAt} is null`))
    .orderBy(asc(mtMembers.requestId), asc(mtMembers.number))
    .prepare(),
  contacts: db
    .select()
    .from(mtContacts)
    .where(inJson(mtContacts.requestId, 'ids'))
    .orderBy(asc(mtContacts.requestId), asc(mtContacts.number))
    .prepare(),
  requests: db
    .select({
      id: mtRequests.id,
      insee: mtRequests.insee,
      commune: communes.name,
      household: mtRequests.household,
      needs: mtRequests.needs,
    })
    .from(mtRequests)
    .innerJoin(communes, eq(communes.insee, mtRequests.insee))
    .where(inJson(mtRequests.id, 'ids'))
    .prepare(),
  insert: db.insert(proposals).values(placeholders(proposals)).prepare(),
  hold: db.insert(proposedMembers).values(placeholders(proposedMembers)).prepare(),
}))

export const findProposal = (db: Db, id: string): ProposalRow | undefined => queries(db).find.get({ id })

export const proposalsOf = (db: Db, requestId: string): ProposalRow[] =>
  queries(db).ofRequest.all({ requestId })

/** How many members of a request are in proposals, by their state. */
export const countsOf = (db: Db, requestId: string): { state: ProposalState; people: number }[] =>
  queries(db).counts.all({ requestId })

/** Proposals of a CPTS that nobody answered in time and that nobody noted yet. */
export const lapsedIn = (db: Db, communityId: string, now: Instant): ProposalRow[] =>
  queries(db).lapsedIn.all({ communityId, now })

/** Of the whole territory, the first to run out first. */
export const listLapsed = (db: Db, now: Instant, limit: number): ProposalRow[] =>
  queries(db).lapsed.all({ now, limit })

/** Open proposals of practitioners who are not of the CPTS any more, the first to run out first. */
export const listOfLeavers = (db: Db, now: Instant, limit: number): ProposalRow[] =>
  queries(db).ofLeavers.all({ now, limit })

export const listToRemind = (db: Db, now: Instant, limit: number): ProposalRow[] =>
  queries(db).toRemind.all({ now, limit })

const idsIn = (ids: readonly string[]) => ({ ids: JSON.stringify([...new Set(ids)]) })

export const membersOf = (db: Db, requestIds: readonly string[]) => queries(db).members.all(idsIn(requestIds))

export const contactsOf = (db: Db, requestIds: readonly string[]) =>
  queries(db).contacts.all(idsIn(requestIds))

export const requestsOf = (db: Db, requestIds: readonly string[]) =>
  queries(db).requests.all(idsIn(requestIds))

export const insertProposals = (db: Db, rows: readonly ProposalRow[]): void => {
  const { insert, hold } = queries(db)
  for (const row of rows) {
    const { id: proposalId, requestId, members } = row
    insert.run({ ...row })
    for (const member of members) hold.run({ requestId, member, proposalId })
  }
}

export const updateProposal = (db: Db, id: string, change: Partial<ProposalRow>): ProposalRow =>
  db
    .update(proposals)
    .set({ ...change, version: sql`${proposals.version} + 1` })
    .where(eq(proposals.id, id))
    .returning()
    .get()

/** Its people are free for another proposal. */
export const freeMembers = (db: Db, proposalId: string): void => {
  db.delete(proposedMembers).where(eq(proposedMembers.proposalId, proposalId)).run()
}

export const insertExclusion = (db: Db, row: ExclusionRow): void => {
  db.insert(exclusions).values(row).onConflictDoNothing().run()
}

/** Whose proposals somebody lists. */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'practitioner'; readonly practitionerId: string }
  | { readonly kind: 'communities'; readonly communityIds: readonly string[] }

export interface ProposalFilter {
  readonly practitioner?: string | undefined
  readonly allocation?: string | undefined
  readonly request?: string | undefined
  readonly state?: ProposalState | undefined
  /** Accepted at this instant or before, and nothing since. */
  readonly staleBefore?: Instant | undefined
}

const scopeFilter = (scope: Scope): SQL | undefined => {
  switch (scope.kind) {
    case 'all':
      return undefined
    case 'practitioner':
      return eq(proposals.practitionerId, scope.practitionerId)
    case 'communities':
      return sql`${proposals.communityId} in (select value from json_each(${JSON.stringify(scope.communityIds)}))`
  }
}

/** By the state that a proposal has now, noted or not. */
const stateFilter = (state: ProposalState | undefined, now: Instant): SQL | undefined => {
  switch (state) {
    case undefined:
      return undefined
    case 'expired':
      return or(eq(proposals.state, 'expired'), and(isOpen, lte(proposals.answerBy, now)))
    case 'open':
      return and(isOpen, gt(proposals.answerBy, now))
    default:
      return eq(proposals.state, state)
  }
}

/** Proposals in the order in which they were sent. */
export const listProposals = (
  db: Db,
  scope: Scope,
  filter: ProposalFilter,
  now: Instant,
  after: string,
  limit: number,
): ProposalRow[] =>
  db
    .select()
    .from(proposals)
    .where(
      and(
        gt(proposals.id, after),
        scopeFilter(scope),
        filter.practitioner === undefined ? undefined : eq(proposals.practitionerId, filter.practitioner),
        filter.allocation === undefined ? undefined : eq(proposals.allocationId, filter.allocation),
        filter.request === undefined ? undefined : eq(proposals.requestId, filter.request),
        stateFilter(filter.state, now),
        filter.staleBefore === undefined
          ? undefined
          : and(eq(proposals.state, 'accepted'), lte(proposals.answeredAt, filter.staleBefore)),
      ),
    )
    .orderBy(asc(proposals.id))
    .limit(limit)
    .all()
