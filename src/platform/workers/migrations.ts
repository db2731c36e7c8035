import type { Migration } from '../../db/migrate.ts'
import init from '../../../drizzle/0000_init.sql'
import guards from '../../../drizzle/0001_guards.sql'
import depth from '../../../drizzle/0002_depth.sql'

/** The migrations of drizzle/, bundled as text. A test holds this list against the journal. */
export const MIGRATIONS: readonly Migration[] = [
  { tag: '0000_init', sql: init },
  { tag: '0001_guards', sql: guards },
  { tag: '0002_depth', sql: depth },
]
