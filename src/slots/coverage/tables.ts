import { sql } from 'drizzle-orm'
import { check, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { communities } from '../../members/tables.ts'
import type { Half } from './vocabulary.ts'

/** How many urgent places a CPTS wants in a half-day of the week. */
export const coverageWishes = sqliteTable(
  'coverage_wishes',
  {
    communityId: text('community_id')
      .notNull()
      .references(() => communities.id, { onDelete: 'restrict' }),
    /** 1 is Monday. */
    weekday: integer('weekday').notNull(),
    half: text('half').$type<Half>().notNull(),
    places: integer('places').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.communityId, t.weekday, t.half] }),
    check('coverage_wishes_weekday', sql`${t.weekday} between 1 and 7`),
    check('coverage_wishes_half', sql`${t.half} in ('am', 'pm')`),
    check('coverage_wishes_places', sql`${t.places} >= 0`),
  ],
)
