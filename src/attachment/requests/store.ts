import { and, asc, eq, gt, isNotNull, isNull, lte, ne, or, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { inJson, placeholders, prepared, type Db } from '../../db/db.ts'
import type { Position } from '../../kernel/geo.ts'
import type { Instant } from '../../kernel/time.ts'
import { identities } from '../../identities/tables.ts'
import { communes, practitioners } from '../../members/tables.ts'
import { TO_QUALIFY, type PriorityClass, type RequestState } from '../vocabulary.ts'
import { mtContacts, mtMembers, mtRequests } from './tables.ts'

export type RequestRow = typeof mtRequests.$inferSelect
export type MemberRow = typeof mtMembers.$inferSelect
export type ContactRow = typeof mtContacts.$inferSelect

const p = sql.placeholder

const same = alias(identities, 'same')
const otherMembers = alias(mtMembers, 'other_members')
const other = alias(mtRequests, 'other')

const queries = prepared((db: Db) => ({
  find: db
    .select()
    .from(mtRequests)
    .where(eq(mtRequests.id, p('id')))
    .prepare(),
  members: db
    .select()
    .from(mtMembers)
    .where(and(inJson(mtMembers.requestId, 'ids'), isNull(mtMembers.leftAt)))
    .orderBy(asc(mtMembers.requestId), asc(mtMembers.number))
    .prepare(),
  left: db
    .select()
    .from(mtMembers)
    .where(and(inJson(mtMembers.requestId, 'ids'), isNotNull(mtMembers.leftAt)))
    .orderBy(asc(mtMembers.requestId), asc(mtMembers.number))
    .prepare(),
  contacts: db
    .select()
    .from(mtContacts)
    .where(eq(mtContacts.requestId, p('id')))
    .orderBy(asc(mtContacts.number))
    .prepare(),
  // Crossed, so that SQLite goes this way: from the people of some requests to others of the same name.
  others: db
    .selectDistinct({ of: mtRequests.id, id: other.id })
    .from(mtRequests)
    .crossJoin(mtMembers)
    .crossJoin(identities)
    .crossJoin(same)
    .crossJoin(otherMembers)
    .crossJoin(other)
    .where(
      and(
        inJson(mtRequests.id, 'ids'),
        eq(mtMembers.requestId, mtRequests.id),
        eq(identities.id, mtMembers.identityId),
        eq(same.blindIndex, identities.blindIndex),
        eq(otherMembers.identityId, same.id),
        ne(otherMembers.requestId, mtRequests.id),
        eq(other.id, otherMembers.requestId),
        eq(other.communityId, mtRequests.communityId),
        sql`${other.state} not in ('placed', 'withdrawn')`,
      ),
    )
    .orderBy(asc(mtRequests.id), asc(other.id))
    .prepare(),
  practitionersByRpps: db
    .select({ id: practitioners.id, rpps: practitioners.rpps })
    .from(practitioners)
    .where(inJson(practitioners.rpps, 'rpps'))
    .prepare(),
  centres: db
    .select({ insee: communes.insee, lat: communes.lat, lon: communes.lon })
    .from(communes)
    .where(inJson(communes.insee, 'insee'))
    .prepare(),
  // Each state is one seek of the index. Of those without a class only who may have one by now.
  allocable: db
    .select({ request: mtRequests, lat: communes.lat, lon: communes.lon })
    .from(mtRequests)
    .innerJoin(communes, eq(communes.insee, mtRequests.insee))
    .where(
      and(
        eq(mtRequests.communityId, p('communityId')),
        inJson(mtRequests.state, 'states'),
        or(
          isNotNull(mtRequests.class),
          lte(mtRequests.classDueAt, p('now')),
          ne(mtRequests.rulesVersion, p('rulesVersion')),
        ),
        isNull(mtRequests.consentRevokedAt),
      ),
    )
    .prepare(),
  update: db
    .update(mtRequests)
    // Were the id written, SQLite would look for who refers to it.
    .set({ ...(placeholders(mtRequests, 'id') as object), version: sql`${mtRequests.version} + 1` })
    .where(eq(mtRequests.id, p('id')))
    .returning()
    .prepare(),
  inState: db
    .select({ count: sql<number>`count(*)` })
    .from(mtRequests)
    .where(and(eq(mtRequests.communityId, p('communityId')), eq(mtRequests.state, p('state'))))
    .prepare(),
}))

export const findRequest = (db: Db, id: string): RequestRow | undefined => queries(db).find.get({ id })

/** Members of requests who have not left, by request and number. */
export const membersOf = (db: Db, requestIds: readonly string[]): MemberRow[] =>
  queries(db).members.all({ ids: JSON.stringify(requestIds) })

/** Those who left, by request and number. */
export const leftOf = (db: Db, requestIds: readonly string[]): MemberRow[] =>
  queries(db).left.all({ ids: JSON.stringify(requestIds) })

/** Attempts to reach a household, in order. */
export const contactsOf = (db: Db, id: string): ContactRow[] => queries(db).contacts.all({ id })

/** Of each of some requests, the others of its CPTS, still open, that somebody of it is in. */
export const otherRequestsOf = (db: Db, ids: readonly string[]): { readonly of: string; id: string }[] =>
  queries(db).others.all({ ids: JSON.stringify(ids) })

/** Practitioners of the territory by RPPS. */
export const practitionersByRpps = (db: Db, rpps: readonly string[]): Map<string, string> =>
  new Map(
    queries(db)
      .practitionersByRpps.all({ rpps: JSON.stringify(rpps) })
      .map((row) => [row.rpps, row.id]),
  )

/** The centres of communes. */
export const centresOf = (db: Db, insee: readonly string[]): Map<string, Position> =>
  new Map(
    queries(db)
      .centres.all({ insee: JSON.stringify([...new Set(insee)]) })
      .map(({ insee: code, ...centre }) => [code, centre]),
  )

/** Requests of a CPTS in some states that have a class, or are to be classed anew, with their commune's centre. */
export const listAllocable = (
  db: Db,
  communityId: string,
  { states, ...by }: { readonly states: readonly RequestState[]; now: Instant; rulesVersion: number },
) => queries(db).allocable.all({ communityId, states: JSON.stringify(states), ...by })

/** How many requests of a CPTS are in a state. */
export const countIn = (db: Db, communityId: string, state: RequestState): number =>
  queries(db).inState.get({ communityId, state })?.count ?? 0

/** Writes a request as it is to be, as its next version. */
export const updateRequest = (db: Db, row: Omit<RequestRow, 'version'>): RequestRow =>
  queries(db).update.get({ ...row })

export interface RequestFilter {
  readonly community?: string | undefined
  readonly class?: PriorityClass | typeof TO_QUALIFY | undefined
  readonly state?: RequestState | undefined
  readonly commune?: string | undefined
  readonly alreadySeen?: boolean | undefined
}

/** Requests in order of arrival; of these CPTS, or of all. */
export const listRequests = (
  db: Db,
  communityIds: readonly string[] | null,
  filter: RequestFilter,
  after: string,
  limit: number,
): RequestRow[] => {
  const [only] = communityIds?.length === 1 ? communityIds : []
  return db
    .select()
    .from(mtRequests)
    .where(
      and(
        gt(mtRequests.id, after),
        only === undefined ? undefined : eq(mtRequests.communityId, only),
        communityIds === null || only !== undefined
          ? undefined
          : sql`${mtRequests.communityId} in (select value from json_each(${JSON.stringify(communityIds)}))`,
        filter.state === undefined ? undefined : eq(mtRequests.state, filter.state),
        filter.class === undefined
          ? undefined
          : filter.class === TO_QUALIFY
            ? eq(mtRequests.state, TO_QUALIFY)
            : eq(mtRequests.class, filter.class),
        filter.commune === undefined ? undefined : eq(mtRequests.insee, filter.commune),
        filter.alreadySeen === undefined
          ? undefined
          : filter.alreadySeen
            ? isNotNull(mtRequests.alreadySeenBy)
            : isNull(mtRequests.alreadySeenBy),
      ),
    )
    .orderBy(asc(mtRequests.id))
    .limit(limit)
    .all()
}
