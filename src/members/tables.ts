import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { instantColumn, jsonColumn } from '../db/columns.ts'
import type { Zone } from '../kernel/civil.ts'

/** One row: the territory that this database is. */
export const territories = sqliteTable(
  'territories',
  {
    code: text('code').primaryKey(),
    name: text('name').notNull(),
    zone: text('zone').$type<Zone>().notNull(),
    ratePerSecond: integer('rate_per_second').notNull(),
    rateBurst: integer('rate_burst').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [check('territories_rate', sql`${t.ratePerSecond} > 0 and ${t.rateBurst} > 0`)],
)

export const communes = sqliteTable('communes', {
  insee: text('insee').primaryKey(),
  name: text('name').notNull(),
  postalCode: text('postal_code').notNull(),
  population: integer('population').notNull(),
  lat: real('lat').notNull(),
  lon: real('lon').notNull(),
})

export const communities = sqliteTable('communities', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  finess: text('finess').unique('communities_finess'),
  phone: text('phone'),
  population: integer('population').notNull(),
  contractStart: text('contract_start'),
  version: integer('version').notNull(),
  createdAt: instantColumn('created_at').notNull(),
})

/** The primary key is the rule: a commune belongs to at most one CPTS. */
export const communityCommunes = sqliteTable(
  'community_communes',
  {
    insee: text('insee')
      .primaryKey()
      .references(() => communes.insee, { onDelete: 'restrict' }),
    communityId: text('community_id')
      .notNull()
      .references(() => communities.id, { onDelete: 'restrict' }),
  },
  (t) => [index('community_communes_community').on(t.communityId)],
)

export const practitioners = sqliteTable('practitioners', {
  id: text('id').primaryKey(),
  rpps: text('rpps').notNull().unique('practitioners_rpps'),
  family: text('family').notNull(),
  given: text('given').notNull(),
  profession: text('profession').notNull(),
  specialties: jsonColumn<string[]>()('specialties').notNull(),
  acceptsOverbooking: integer('accepts_overbooking', { mode: 'boolean' }).notNull(),
  weeklyTargetMinutes: integer('weekly_target_minutes').notNull(),
  version: integer('version').notNull(),
  createdAt: instantColumn('created_at').notNull(),
})

export const practitionerCommunities = sqliteTable(
  'practitioner_communities',
  {
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    communityId: text('community_id')
      .notNull()
      .references(() => communities.id, { onDelete: 'restrict' }),
  },
  (t) => [
    primaryKey({ columns: [t.practitionerId, t.communityId] }),
    index('practitioner_communities_community').on(t.communityId),
  ],
)

export const sites = sqliteTable(
  'sites',
  {
    id: text('id').primaryKey(),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    name: text('name').notNull(),
    line: text('line').notNull(),
    postalCode: text('postal_code').notNull(),
    city: text('city').notNull(),
    insee: text('insee').notNull(),
    lat: real('lat').notNull(),
    lon: real('lon').notNull(),
    phone: text('phone').notNull(),
    finess: text('finess'),
    siret: text('siret'),
    wheelchair: integer('wheelchair', { mode: 'boolean' }).notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [index('sites_practitioner').on(t.practitionerId), index('sites_position').on(t.lat, t.lon)],
)
