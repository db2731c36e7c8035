import { index, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { bytesColumn, instantColumn } from '../db/columns.ts'

/** The first decided answer to each (caller, Idempotency-Key), sealed: an answer may hold a secret or a patient. */
export const answers = sqliteTable(
  'answers',
  {
    caller: text('caller').notNull(),
    key: text('key').notNull(),
    requestHash: bytesColumn('request_hash').notNull(),
    sealKeyId: text('seal_key_id').notNull(),
    sealed: bytesColumn('sealed').notNull(),
    /** The object that the answer shows, so that erasing who it names reaches the answer too. */
    subject: text('subject'),
    expiresAt: instantColumn('expires_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.caller, t.key] }),
    index('answers_expires_at').on(t.expiresAt),
    index('answers_subject').on(t.subject),
  ],
)
