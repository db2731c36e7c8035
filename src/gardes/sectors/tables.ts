import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { codeSet, instantColumn, jsonColumn } from '../../db/columns.ts'
import type { LocalDate } from '../../kernel/civil.ts'
import { communes, communities, practitioners } from '../../members/tables.ts'
import { DAY_TYPES, type Category, type RotaKind, type ShiftRole } from '../vocabulary.ts'
import type { Audience } from '../../slots/vocabulary.ts'
import type { RestrictionClass, RestrictionSource, Want } from './vocabulary.ts'

/** Makes a shift bookable: cut into slots of the person on duty. */
export interface SlotTemplate {
  readonly slotMinutes: number
  readonly capacity: number
  readonly audiences: readonly Audience[]
}

const dateColumn = (name: string) => text(name).$type<LocalDate>()

/** Where gardes are shared out: not a CPTS, several of which may share one. */
export const sectors = sqliteTable(
  'sectors',
  {
    id: text('id').primaryKey(),
    kind: text('kind').$type<RotaKind>().notNull(),
    name: text('name').notNull(),
    siteName: text('site_name'),
    address: text('address'),
    postalCode: text('postal_code'),
    city: text('city'),
    insee: text('insee'),
    lat: real('lat'),
    lon: real('lon'),
    phone: text('phone'),
    goodFridayIsHoliday: integer('good_friday_is_holiday', { mode: 'boolean' }),
    pontMondayBefore: integer('pont_monday_before', { mode: 'boolean' }).notNull(),
    pontFridayAfter: integer('pont_friday_after', { mode: 'boolean' }).notNull(),
    pontSaturdayAfter: integer('pont_saturday_after', { mode: 'boolean' }).notNull(),
    extraHolidays: jsonColumn<LocalDate[]>()('extra_holidays').notNull(),
    restHours: integer('rest_hours').notNull(),
    maxShiftsPer7Days: integer('max_shifts_per_7_days'),
    maxShiftsPer28Days: integer('max_shifts_per_28_days'),
    approvalForSwaps: integer('approval_for_swaps', { mode: 'boolean' }).notNull(),
    validFrom: dateColumn('valid_from'),
    validTo: dateColumn('valid_to'),
    version: integer('version').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [
    check('sectors_kind', sql`${t.kind} in ('garde', 'snp')`),
    check('sectors_rest', sql`${t.restHours} between 0 and 72`),
  ],
)

export const sectorCommunes = sqliteTable(
  'sector_communes',
  {
    sectorId: text('sector_id')
      .notNull()
      .references(() => sectors.id, { onDelete: 'restrict' }),
    insee: text('insee')
      .notNull()
      .references(() => communes.insee, { onDelete: 'restrict' }),
  },
  (t) => [primaryKey({ columns: [t.sectorId, t.insee] }), index('sector_communes_insee').on(t.insee)],
)

export const sectorCommunities = sqliteTable(
  'sector_communities',
  {
    sectorId: text('sector_id')
      .notNull()
      .references(() => sectors.id, { onDelete: 'restrict' }),
    communityId: text('community_id')
      .notNull()
      .references(() => communities.id, { onDelete: 'restrict' }),
  },
  (t) => [
    primaryKey({ columns: [t.sectorId, t.communityId] }),
    index('sector_communities_community').on(t.communityId),
  ],
)

/** Kinds of shift as data, in civil time. Shifts copy what they need, so that these may change. */
export const shiftTypes = sqliteTable(
  'shift_types',
  {
    sectorId: text('sector_id')
      .notNull()
      .references(() => sectors.id, { onDelete: 'restrict' }),
    code: text('code').notNull(),
    validFrom: dateColumn('valid_from').notNull(),
    validTo: dateColumn('valid_to'),
    position: integer('position').notNull(),
    label: text('label').notNull(),
    rrule: text('rrule').notNull(),
    /** Minutes on the clock after 00:00. */
    startMinute: integer('start_minute').notNull(),
    /** Minutes on the clock from the start to the end, which is not elapsed time when the hour changes. */
    durationMinutes: integer('duration_minutes').notNull(),
    dayTypes: codeSet(DAY_TYPES)('day_types').notNull(),
    category: text('category').$type<Category>().notNull(),
    headcount: integer('headcount').notNull(),
    role: text('role').$type<ShiftRole>().notNull(),
    slotTemplate: jsonColumn<SlotTemplate>()('slot_template'),
  },
  (t) => [
    primaryKey({ columns: [t.sectorId, t.code, t.validFrom] }),
    check(
      'shift_types_times',
      sql`${t.startMinute} between 0 and 1439 and ${t.durationMinutes} between 1 and 1440`,
    ),
    check('shift_types_headcount', sql`${t.headcount} between 1 and 20`),
  ],
)

export const sectorMembers = sqliteTable(
  'sector_members',
  {
    sectorId: text('sector_id')
      .notNull()
      .references(() => sectors.id, { onDelete: 'restrict' }),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    from: dateColumn('from').notNull(),
    /** Last day, included. */
    to: dateColumn('to'),
    share: integer('share').notNull(),
    roles: jsonColumn<ShiftRole[]>()('roles').notNull(),
    phone: text('phone'),
    maxPer7Days: integer('max_per_7_days'),
    maxPer28Days: integer('max_per_28_days'),
    maxPerRota: integer('max_per_rota'),
  },
  (t) => [
    primaryKey({ columns: [t.sectorId, t.practitionerId, t.from] }),
    check('sector_members_share', sql`${t.share} between 0 and 100`),
    index('sector_members_practitioner').on(t.practitionerId),
  ],
)

/** Dated and partial; never a medical reason. */
export const restrictions = sqliteTable(
  'restrictions',
  {
    id: text('id').primaryKey(),
    sectorId: text('sector_id')
      .notNull()
      .references(() => sectors.id, { onDelete: 'restrict' }),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    from: dateColumn('from').notNull(),
    to: dateColumn('to'),
    /** Codes of shift types; null is all. */
    shiftTypes: jsonColumn<string[]>()('shift_types'),
    source: text('source').$type<RestrictionSource>().notNull(),
    class: text('class').$type<RestrictionClass>().notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [index('restrictions_sector').on(t.sectorId, t.practitionerId)],
)

export const rotaWishes = sqliteTable(
  'rota_wishes',
  {
    id: text('id').primaryKey(),
    sectorId: text('sector_id')
      .notNull()
      .references(() => sectors.id, { onDelete: 'restrict' }),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    from: dateColumn('from').notNull(),
    to: dateColumn('to').notNull(),
    shiftTypes: jsonColumn<string[]>()('shift_types'),
    want: text('want').$type<Want>().notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [index('rota_wishes_sector').on(t.sectorId, t.practitionerId)],
)

/** Days on which somebody is away from the gardes of the sector; nothing says why. */
export const absences = sqliteTable(
  'absences',
  {
    id: text('id').primaryKey(),
    sectorId: text('sector_id')
      .notNull()
      .references(() => sectors.id, { onDelete: 'restrict' }),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    from: dateColumn('from').notNull(),
    to: dateColumn('to').notNull(),
    shiftTypes: jsonColumn<string[]>()('shift_types'),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [index('absences_sector').on(t.sectorId, t.practitionerId)],
)
