import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { keys } from '../../access/tables.ts'
import { bytesColumn, instantColumn } from '../../db/columns.ts'
import { practitioners, sites } from '../../members/tables.ts'
import type { Modality } from '../../slots/vocabulary.ts'
import type { Motive, RequestedDelay } from '../vocabulary.ts'
import type { EnSusAnswer, EnSusState } from './vocabulary.ts'

/** One row: how the territory asks for a patient to be taken en sus. */
export const enSusRules = sqliteTable(
  'en_sus_rules',
  {
    territory: text('territory').primaryKey(),
    waveSeconds: integer('wave_seconds').notNull(),
    nearestCount: integer('nearest_count').notNull(),
    radiusKm: real('radius_km').notNull(),
    version: integer('version').notNull(),
  },
  (t) => [
    check('en_sus_rules_bounds', sql`${t.waveSeconds} > 0 and ${t.nearestCount} > 0 and ${t.radiusKm} > 0`),
  ],
)

/** A patient to be seen for whom no slot was free. Nothing here tells who: the free text is sealed, the rest is coded. */
export const enSusRequests = sqliteTable(
  'en_sus_requests',
  {
    id: text('id').primaryKey(),
    state: text('state').$type<EnSusState>().notNull(),
    commune: text('commune').notNull(),
    modality: text('modality').$type<Modality>().notNull(),
    motiveCode: text('motive_code').$type<Motive>().notNull(),
    /** Free text of the motive, which may name the patient; emptied when the request ends. */
    sealKeyId: text('seal_key_id'),
    sealed: bytesColumn('sealed'),
    requestedDelay: text('requested_delay').$type<RequestedDelay>().notNull(),
    regulationRef: text('regulation_ref').notNull(),
    keyId: text('key_id')
      .notNull()
      .references(() => keys.id, { onDelete: 'restrict' }),
    /** Last wave that the journal tells of; which one is being asked follows from the instants of the asks. */
    waveTold: integer('wave_told').notNull(),
    expiresAt: instantColumn('expires_at').notNull(),
    acceptedBy: text('accepted_by').references(() => practitioners.id, { onDelete: 'restrict' }),
    acceptedAt: instantColumn('accepted_at'),
    siteId: text('site_id').references(() => sites.id, { onDelete: 'restrict' }),
    start: instantColumn('start'),
    end: instantColumn('end'),
    bookingId: text('booking_id'),
    version: integer('version').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [
    check('en_sus_state', sql`${t.state} in ('asking', 'accepted', 'booked', 'closed', 'expired')`),
    check(
      'en_sus_accepted',
      sql`${t.state} not in ('accepted', 'booked') or (${t.acceptedBy} is not null and ${t.siteId} is not null and ${t.start} is not null and ${t.end} is not null)`,
    ),
    index('en_sus_created').on(t.createdAt),
    index('en_sus_open')
      .on(t.expiresAt)
      .where(sql`${t.state} in ('asking', 'accepted')`),
  ],
)

/** Whom a request asks, in which wave and from when on. */
export const enSusAsks = sqliteTable(
  'en_sus_asks',
  {
    requestId: text('request_id')
      .notNull()
      .references(() => enSusRequests.id, { onDelete: 'restrict' }),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    wave: integer('wave').notNull(),
    askedFrom: instantColumn('asked_from').notNull(),
    km: real('km').notNull(),
    answer: text('answer').$type<EnSusAnswer>(),
    answeredAt: instantColumn('answered_at'),
  },
  (t) => [
    primaryKey({ columns: [t.requestId, t.practitionerId] }),
    index('en_sus_asks_practitioner').on(t.practitionerId, t.askedFrom),
  ],
)
