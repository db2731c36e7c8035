import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { instantColumn } from '../../db/columns.ts'
import { practitioners } from '../../members/tables.ts'
import { shifts } from '../rotas/tables.ts'
import { sectors } from '../sectors/tables.ts'
import type { SwapKind, SwapState } from './vocabulary.ts'

/** A change asked of a published rota. It names shifts by their ids, so that it follows them. */
export const swaps = sqliteTable(
  'swaps',
  {
    id: text('id').primaryKey(),
    sectorId: text('sector_id')
      .notNull()
      .references(() => sectors.id, { onDelete: 'restrict' }),
    kind: text('kind').$type<SwapKind>().notNull(),
    state: text('state').$type<SwapState>().notNull(),
    shiftId: text('shift_id')
      .notNull()
      .references(() => shifts.id, { onDelete: 'restrict' }),
    place: integer('place').notNull(),
    withShiftId: text('with_shift_id').references(() => shifts.id, { onDelete: 'restrict' }),
    withPlace: integer('with_place'),
    fromPractitionerId: text('from_practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    toPractitionerId: text('to_practitioner_id').references(() => practitioners.id, { onDelete: 'restrict' }),
    outsideName: text('outside_name'),
    outsideRpps: text('outside_rpps'),
    outsidePhone: text('outside_phone'),
    reason: text('reason'),
    askedBy: text('asked_by').notNull(),
    expiresAt: instantColumn('expires_at').notNull(),
    decidedAt: instantColumn('decided_at'),
    version: integer('version').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [
    check(
      'swaps_state',
      sql`${t.state} in ('asked', 'accepted', 'done', 'declined', 'cancelled', 'expired')`,
    ),
    index('swaps_sector').on(t.sectorId, t.createdAt),
    index('swaps_shift').on(t.shiftId),
    index('swaps_open')
      .on(t.expiresAt)
      .where(sql`${t.state} in ('asked', 'accepted')`),
  ],
)
