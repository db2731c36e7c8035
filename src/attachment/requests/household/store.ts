import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '../../../db/db.ts'
import { mtMembers } from '../tables.ts'

type MemberRow = typeof mtMembers.$inferSelect

/** The first number that nobody of a request ever had. */
export const nextNumber = (db: Db, requestId: string): number =>
  db
    .select({ next: sql<number>`max(${mtMembers.number}) + 1` })
    .from(mtMembers)
    .where(eq(mtMembers.requestId, requestId))
    .get()?.next ?? 0

export const insertMember = (db: Db, row: MemberRow): void => {
  db.insert(mtMembers).values(row).run()
}

/** Somebody is of a household no more; what is known of them goes. */
export const endMember = (
  db: Db,
  { requestId, number }: Pick<MemberRow, 'requestId' | 'number'>,
  { leftAt, leftReason }: Pick<MemberRow, 'leftAt' | 'leftReason'>,
): void => {
  db.update(mtMembers)
    .set({ leftAt, leftReason, bornIn: null, mayBePregnant: false, flags: {} })
    .where(and(eq(mtMembers.requestId, requestId), eq(mtMembers.number, number)))
    .run()
}
