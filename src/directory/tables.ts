import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Which territories know a professional. */
export const directoryEntries = sqliteTable(
  'directory_entries',
  { rpps: text('rpps').notNull(), territory: text('territory').notNull() },
  (t) => [primaryKey({ columns: [t.rpps, t.territory] })],
)

/** Bootstrap secrets that have made their territory, as hashes. */
export const spentBootstraps = sqliteTable('spent_bootstraps', {
  sha256: text('sha256').primaryKey(),
  territory: text('territory').notNull(),
})
