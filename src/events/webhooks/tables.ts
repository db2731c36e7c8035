import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { keys } from '../../access/tables.ts'
import { bytesColumn, instantColumn, jsonColumn } from '../../db/columns.ts'
import type { WebhookType } from '../vocabulary.ts'

/** An address that is told of events as its owner's key may see them. The signing secret is sealed. */
export const webhooks = sqliteTable(
  'webhooks',
  {
    id: text('id').primaryKey(),
    keyId: text('key_id')
      .notNull()
      .references(() => keys.id, { onDelete: 'restrict' }),
    url: text('url').notNull(),
    types: jsonColumn<WebhookType[]>()('types').notNull(),
    sealKeyId: text('seal_key_id').notNull(),
    sealed: bytesColumn('sealed').notNull(),
    version: integer('version').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [index('webhooks_key').on(t.keyId)],
)

/** An event still to be told to a webhook, or given up after a day; a delivered one has no row. */
export const webhookDeliveries = sqliteTable(
  'webhook_deliveries',
  {
    webhookId: text('webhook_id')
      .notNull()
      .references(() => webhooks.id, { onDelete: 'restrict' }),
    seq: integer('seq').notNull(),
    attempts: integer('attempts').notNull(),
    firstAt: instantColumn('first_at').notNull(),
    nextAt: instantColumn('next_at').notNull(),
    lastStatus: integer('last_status'),
    lastError: text('last_error'),
    failedAt: instantColumn('failed_at'),
  },
  (t) => [
    primaryKey({ columns: [t.webhookId, t.seq] }),
    index('webhook_deliveries_due')
      .on(t.nextAt)
      .where(sql`${t.failedAt} is null`),
  ],
)
