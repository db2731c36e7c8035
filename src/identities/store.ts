import { asc, eq, gt, inArray, lte, sql } from 'drizzle-orm'
import { prepared, type Db } from '../db/db.ts'
import type { Instant } from '../kernel/time.ts'
import { accessLog, identities } from './tables.ts'

export type IdentityRow = typeof identities.$inferSelect

const queries = prepared((db: Db) => ({
  find: db
    .select()
    .from(identities)
    .where(eq(identities.id, sql.placeholder('id')))
    .prepare(),
  insert: db
    .insert(identities)
    .values({
      id: sql.placeholder('id'),
      keyId: sql.placeholder('keyId'),
      sealed: sql.placeholder('sealed'),
      blindIndex: sql.placeholder('blindIndex'),
      eraseAfter: sql.placeholder('eraseAfter'),
      createdAt: sql.placeholder('createdAt'),
    })
    .prepare(),
  log: db
    .insert(accessLog)
    .values({
      at: sql.placeholder('at'),
      actor: sql.placeholder('actor'),
      identityId: sql.placeholder('identityId'),
      subject: sql.placeholder('subject'),
      practitionerId: sql.placeholder('practitionerId'),
    })
    .prepare(),
}))

export const findIdentity = (db: Db, id: string): IdentityRow | undefined => queries(db).find.get({ id })

export const insertIdentity = (db: Db, row: IdentityRow): void => {
  queries(db).insert.run({ ...row })
}

export const updateSealed = (db: Db, id: string, keyId: string, sealed: Uint8Array): void => {
  db.update(identities).set({ keyId, sealed }).where(eq(identities.id, id)).run()
}

export const updateBlindIndex = (db: Db, id: string, blindIndex: Uint8Array): void => {
  db.update(identities).set({ blindIndex }).where(eq(identities.id, id)).run()
}

export const insertAccess = (db: Db, row: Omit<typeof accessLog.$inferSelect, 'seq'>): void => {
  queries(db).log.run({ ...row })
}

export const updateEraseAfter = (db: Db, id: string, eraseAfter: Instant): void => {
  db.update(identities).set({ eraseAfter }).where(eq(identities.id, id)).run()
}

export const deleteIdentity = (db: Db, id: string): void => {
  db.delete(identities).where(eq(identities.id, id)).run()
}

/** Identities whose time is over, the oldest first. */
export const listDue = (db: Db, now: Instant, limit: number): string[] =>
  db
    .select({ id: identities.id })
    .from(identities)
    .where(lte(identities.eraseAfter, now))
    .orderBy(asc(identities.eraseAfter))
    .limit(limit)
    .all()
    .map(({ id }) => id)

const rowid = sql<number>`rowid`

/** What is sealed in the rows after a given one, in the order of the table. */
export const listSealed = (db: Db, after: number, limit: number) =>
  db
    .select({ rowid, id: identities.id, keyId: identities.keyId, sealed: identities.sealed })
    .from(identities)
    .where(gt(rowid, after))
    .orderBy(asc(rowid))
    .limit(limit)
    .all()

/** Deletes up to `limit` rows of the access log written at `until` or before, the oldest first; returns how many. */
export const deleteAccesses = (db: Db, until: Instant, limit: number): number => {
  const due = db
    .select({ seq: accessLog.seq })
    .from(accessLog)
    .where(lte(accessLog.at, until))
    .orderBy(asc(accessLog.at))
    .limit(limit)
  return db.delete(accessLog).where(inArray(accessLog.seq, due)).returning({ seq: accessLog.seq }).all()
    .length
}
