import { and, eq } from 'drizzle-orm'
import type { Db } from '../../../db/db.ts'
import { mtMembers } from '../tables.ts'

type MemberRow = typeof mtMembers.$inferSelect

export const updateMember = (db: Db, requestId: string, number: number, change: Partial<MemberRow>): void => {
  db.update(mtMembers)
    .set(change)
    .where(and(eq(mtMembers.requestId, requestId), eq(mtMembers.number, number)))
    .run()
}
