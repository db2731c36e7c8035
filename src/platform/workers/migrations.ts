import type { Migration } from '../../db/migrate.ts'
import init from '../../../drizzle/0000_init.sql'
import guards from '../../../drizzle/0001_guards.sql'
import depth from '../../../drizzle/0002_depth.sql'
import outward from '../../../drizzle/0003_outward.sql'
import outwardGuards from '../../../drizzle/0004_outward_guards.sql'
import gardes from '../../../drizzle/0005_gardes.sql'
import gardeFeeds from '../../../drizzle/0006_garde_feeds.sql'
import attachment from '../../../drizzle/0007_attachment.sql'
import householdChanges from '../../../drizzle/0008_household_changes.sql'
import partialAbsences from '../../../drizzle/0009_partial_absences.sql'

/** The migrations of drizzle/, bundled as text. A test holds this list against the journal. */
export const MIGRATIONS: readonly Migration[] = [
  { tag: '0000_init', sql: init },
  { tag: '0001_guards', sql: guards },
  { tag: '0002_depth', sql: depth },
  { tag: '0003_outward', sql: outward },
  { tag: '0004_outward_guards', sql: outwardGuards },
  { tag: '0005_gardes', sql: gardes },
  { tag: '0006_garde_feeds', sql: gardeFeeds },
  { tag: '0007_attachment', sql: attachment },
  { tag: '0008_household_changes', sql: householdChanges },
  { tag: '0009_partial_absences', sql: partialAbsences },
]
