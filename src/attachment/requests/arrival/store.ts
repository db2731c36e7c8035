import { and, asc, eq, sql } from 'drizzle-orm'
import { placeholders, prepared, type Db } from '../../../db/db.ts'
import { identities } from '../../../identities/tables.ts'
import type { Instant } from '../../../kernel/time.ts'
import { mtMembers, mtRequests } from '../tables.ts'

type RequestRow = typeof mtRequests.$inferSelect
type MemberRow = typeof mtMembers.$inferSelect

const p = sql.placeholder

const queries = prepared((db: Db) => ({
  insertRequest: db.insert(mtRequests).values(placeholders(mtRequests)).prepare(),
  insertMember: db.insert(mtMembers).values(placeholders(mtMembers)).prepare(),
  samePerson: db
    .select({
      id: mtRequests.id,
      state: mtRequests.state,
      consentAt: sql<Instant>`coalesce(${mtMembers.consentAt}, ${mtRequests.consentAt})`,
    })
    .from(identities)
    .crossJoin(mtMembers)
    .crossJoin(mtRequests)
    .where(
      and(
        eq(identities.blindIndex, p('blindIndex')),
        eq(mtMembers.identityId, identities.id),
        eq(mtRequests.id, mtMembers.requestId),
        eq(mtRequests.communityId, p('communityId')),
      ),
    )
    .orderBy(asc(mtRequests.id))
    .prepare(),
}))

export const insertRequest = (db: Db, row: RequestRow): void => {
  queries(db).insertRequest.run({ ...row })
}

export const insertMember = (db: Db, row: MemberRow): void => {
  queries(db).insertMember.run({ ...row })
}

/** Requests of a CPTS, open or not, that the person of a blind index is in, with the consent that holds for them. */
export const requestsOfPerson = (
  db: Db,
  communityId: string,
  blindIndex: Uint8Array,
): Pick<RequestRow, 'id' | 'state' | 'consentAt'>[] => queries(db).samePerson.all({ communityId, blindIndex })
