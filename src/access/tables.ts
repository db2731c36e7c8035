import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { bytesColumn, instantColumn } from '../db/columns.ts'
import { communities, practitioners } from '../members/tables.ts'
import type { Role } from '../kernel/ctx.ts'

export const keys = sqliteTable(
  'keys',
  {
    id: text('id').primaryKey(),
    role: text('role').$type<Role>().notNull(),
    label: text('label').notNull(),
    practitionerId: text('practitioner_id').references(() => practitioners.id, { onDelete: 'restrict' }),
    createdAt: instantColumn('created_at').notNull(),
    expiresAt: instantColumn('expires_at'),
    revokedAt: instantColumn('revoked_at'),
    lastUsedAt: instantColumn('last_used_at'),
    version: integer('version').notNull(),
  },
  (t) => [
    check('keys_role', sql`${t.role} in ('admin', 'coordinator', 'practitioner', 'regulator', 'auditor')`),
    check('keys_practitioner', sql`(${t.role} = 'practitioner') = (${t.practitionerId} is not null)`),
  ],
)

export const keyCommunities = sqliteTable(
  'key_communities',
  {
    keyId: text('key_id')
      .notNull()
      .references(() => keys.id, { onDelete: 'restrict' }),
    communityId: text('community_id')
      .notNull()
      .references(() => communities.id, { onDelete: 'restrict' }),
  },
  (t) => [primaryKey({ columns: [t.keyId, t.communityId] })],
)

/** A key has one secret, and two while a rotation overlaps. Only hashes are stored. */
export const keySecrets = sqliteTable(
  'key_secrets',
  {
    sha256: bytesColumn('sha256').primaryKey(),
    keyId: text('key_id')
      .notNull()
      .references(() => keys.id, { onDelete: 'restrict' }),
    createdAt: instantColumn('created_at').notNull(),
    expiresAt: instantColumn('expires_at'),
  },
  (t) => [index('key_secrets_key').on(t.keyId)],
)
