import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { bytesColumn, instantColumn } from '../db/columns.ts'

/** The only place of a patient's identity: sealed under a key of the ring. Erasing is deleting the row. */
export const identities = sqliteTable(
  'identities',
  {
    id: text('id').primaryKey(),
    keyId: text('key_id').notNull(),
    sealed: bytesColumn('sealed').notNull(),
    /** Keyed hash of the normalised person, to find the same person again without reading anybody. */
    blindIndex: bytesColumn('blind_index').notNull(),
    eraseAfter: instantColumn('erase_after').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [index('identities_blind').on(t.blindIndex), index('identities_erase_after').on(t.eraseAfter)],
)

/** Who saw which identity, when and for what object. */
export const accessLog = sqliteTable(
  'access_log',
  {
    seq: integer('seq').primaryKey(),
    at: instantColumn('at').notNull(),
    actor: text('actor').notNull(),
    identityId: text('identity_id').notNull(),
    subject: text('subject').notNull(),
    practitionerId: text('practitioner_id'),
  },
  (t) => [
    index('access_log_identity').on(t.identityId),
    index('access_log_practitioner').on(t.practitionerId, t.at),
    index('access_log_at').on(t.at),
  ],
)
