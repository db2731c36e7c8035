import { index, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { keys } from '../access/tables.ts'
import { bytesColumn, instantColumn } from '../db/columns.ts'
import { sectors } from '../gardes/sectors/tables.ts'
import { practitioners } from '../members/tables.ts'
import type { OwnFeedKind } from './vocabulary.ts'

/**
 * A calendar of a practitioner’s own that whoever knows its address may read; only the hash of the secret in the address
 * is kept.
 */
export const feeds = sqliteTable(
  'feeds',
  {
    id: text('id').primaryKey(),
    kind: text('kind').$type<OwnFeedKind>().notNull(),
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

/** A calendar of a sector, for as long as the holder of the key may see who is on duty there. */
export const sectorFeeds = sqliteTable(
  'sector_feeds',
  {
    id: text('id').primaryKey(),
    keyId: text('key_id')
      .notNull()
      .references(() => keys.id, { onDelete: 'restrict' }),
    sectorId: text('sector_id')
      .notNull()
      .references(() => sectors.id, { onDelete: 'restrict' }),
    sha256: bytesColumn('sha256').notNull().unique('sector_feeds_sha256'),
    createdAt: instantColumn('created_at').notNull(),
    revokedAt: instantColumn('revoked_at'),
  },
  (t) => [index('sector_feeds_key').on(t.keyId)],
)
