import { eq, sql } from 'drizzle-orm'
import type { Db } from '../../../db/db.ts'
import { proposals } from '../../proposals/tables.ts'

/** How many practitioners a request was proposed to. */
export const countProposals = (db: Db, requestId: string): number =>
  db
    .select({ count: sql<number>`count(*)` })
    .from(proposals)
    .where(eq(proposals.requestId, requestId))
    .get()?.count ?? 0
