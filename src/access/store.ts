import { asc, eq, gt, isNull, lt, or, and, sql } from 'drizzle-orm'
import { chunksFor, inJson, prepared, type Db } from '../db/db.ts'
import { practitionerCommunities } from '../members/tables.ts'
import type { Instant } from '../kernel/time.ts'
import { keyCommunities, keys, keySecrets } from './tables.ts'

export type KeyRow = typeof keys.$inferSelect

const queries = prepared((db: Db) => ({
  bySecret: db
    .select({ key: keys, secret: { expiresAt: keySecrets.expiresAt } })
    .from(keySecrets)
    .innerJoin(keys, eq(keys.id, keySecrets.keyId))
    .where(eq(keySecrets.sha256, sql.placeholder('sha256')))
    .prepare(),
  communitiesOfKey: db
    .select({ id: keyCommunities.communityId })
    .from(keyCommunities)
    .where(eq(keyCommunities.keyId, sql.placeholder('keyId')))
    .orderBy(asc(keyCommunities.communityId))
    .prepare(),
  communitiesOfPractitioner: db
    .select({ id: practitionerCommunities.communityId })
    .from(practitionerCommunities)
    .where(eq(practitionerCommunities.practitionerId, sql.placeholder('practitionerId')))
    .orderBy(asc(practitionerCommunities.communityId))
    .prepare(),
}))

export const findBySecret = (db: Db, sha256: Uint8Array) => queries(db).bySecret.get({ sha256 })

/** The CPTS that a key reaches: those it names, or those of its practitioner. */
export const communitiesOf = (db: Db, key: Pick<KeyRow, 'id' | 'practitionerId'>): string[] =>
  (key.practitionerId === null
    ? queries(db).communitiesOfKey.all({ keyId: key.id })
    : queries(db).communitiesOfPractitioner.all({ practitionerId: key.practitionerId })
  ).map((row) => row.id)

export const findKey = (db: Db, id: string): KeyRow | undefined =>
  db.select().from(keys).where(eq(keys.id, id)).get()

export const listKeys = (db: Db, after: string, limit: number): KeyRow[] =>
  db.select().from(keys).where(gt(keys.id, after)).orderBy(asc(keys.id)).limit(limit).all()

export const namedCommunities = (db: Db, keyIds: readonly string[]) =>
  db
    .select()
    .from(keyCommunities)
    .where(inJson(keyCommunities.keyId, 'keys'))
    .orderBy(asc(keyCommunities.communityId))
    .prepare()
    .all({ keys: JSON.stringify(keyIds) })

export const insertKey = (db: Db, key: KeyRow, communityIds: readonly string[]): void => {
  db.insert(keys).values(key).run()
  for (const chunk of chunksFor(communityIds, 2))
    db.insert(keyCommunities)
      .values(chunk.map((communityId) => ({ keyId: key.id, communityId })))
      .run()
}

export const insertSecret = (db: Db, row: typeof keySecrets.$inferSelect): void => {
  db.insert(keySecrets).values(row).run()
}

export const listSecrets = (db: Db, keyId: string) =>
  db.select().from(keySecrets).where(eq(keySecrets.keyId, keyId)).all()

export const expireSecret = (db: Db, sha256: Uint8Array, expiresAt: Instant): void => {
  db.update(keySecrets).set({ expiresAt }).where(eq(keySecrets.sha256, sha256)).run()
}

export const updateKey = (db: Db, id: string, change: Partial<KeyRow>): KeyRow =>
  db
    .update(keys)
    .set({ ...change, version: sql`${keys.version} + 1` })
    .where(eq(keys.id, id))
    .returning()
    .get()

/** Writes the time of last use unless a later or near one is there. */
export const touchKey = (db: Db, id: string, at: Instant, unlessSince: Instant): void => {
  db.update(keys)
    .set({ lastUsedAt: at })
    .where(and(eq(keys.id, id), or(isNull(keys.lastUsedAt), lt(keys.lastUsedAt, unlessSince))))
    .run()
}
