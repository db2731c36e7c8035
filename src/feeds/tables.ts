import { index, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { keys } from '../access/tables.ts'
import { bytesColumn, instantColumn } from '../db/columns.ts'
import { practitioners } from '../members/tables.ts'
import type { FeedKind } from './vocabulary.ts'

/** A calendar that whoever knows its address may read; only the hash of the secret in the address is kept. */
export const feeds = sqliteTable(
  'feeds',
  {
    id: text('id').primaryKey(),
    kind: text('kind').$type<FeedKind>().notNull(),
    keyId: text('key_id')
      .notNull()
      .references(() => keys.id, { onDelete: 'restrict' }),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    sha256: bytesColumn('sha256').notNull().unique('feeds_sha256'),
    createdAt: instantColumn('created_at').notNull(),
    revokedAt: instantColumn('revoked_at'),
  },
  (t) => [index('feeds_practitioner').on(t.practitionerId)],
)
