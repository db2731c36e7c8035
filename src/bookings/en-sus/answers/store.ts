import { and, eq, gt, sql } from 'drizzle-orm'
import type { Db } from '../../../db/db.ts'
import type { Instant } from '../../../kernel/time.ts'
import { enSusAsks } from '../tables.ts'
import type { EnSusAnswer } from '../vocabulary.ts'

export const setAnswer = (
  db: Db,
  id: string,
  practitionerId: string,
  answer: EnSusAnswer,
  answeredAt: Instant,
): void => {
  db.update(enSusAsks)
    .set({ answer, answeredAt })
    .where(and(eq(enSusAsks.requestId, id), eq(enSusAsks.practitionerId, practitionerId)))
    .run()
}

/** Brings the waves that have not begun forward. */
export const hastenAsks = (db: Db, id: string, now: Instant, milliseconds: number): void => {
  db.update(enSusAsks)
    .set({ askedFrom: sql`${enSusAsks.askedFrom} - ${milliseconds}` })
    .where(and(eq(enSusAsks.requestId, id), gt(enSusAsks.askedFrom, now)))
    .run()
}
