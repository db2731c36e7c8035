import { eq, sql } from 'drizzle-orm'
import { prepared, type Db } from '../db/db.ts'
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

export const insertAccess = (db: Db, row: Omit<typeof accessLog.$inferSelect, 'seq'>): void => {
  queries(db).log.run({ ...row })
}
