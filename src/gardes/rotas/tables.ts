import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { instantColumn, jsonColumn } from '../../db/columns.ts'
import type { LocalDate, LocalDateTime } from '../../kernel/civil.ts'
import { practitioners } from '../../members/tables.ts'
import { sectors, type SlotTemplate } from '../sectors/tables.ts'
import type { Category, RotaKind, ShiftRole } from '../vocabulary.ts'
import type { GenerationState, RotaAlarm, RotaState, RotaWarning, VersionReason } from './vocabulary.ts'

/** The gardes of a sector over a period. */
export const rotas = sqliteTable(
  'rotas',
  {
    id: text('id').primaryKey(),
    sectorId: text('sector_id')
      .notNull()
      .references(() => sectors.id, { onDelete: 'restrict' }),
    kind: text('kind').$type<RotaKind>().notNull(),
    from: text('from').$type<LocalDate>().notNull(),
    /** Last day, included. */
    to: text('to').$type<LocalDate>().notNull(),
    isExceptional: integer('is_exceptional', { mode: 'boolean' }).notNull(),
    state: text('state').$type<RotaState>().notNull(),
    version: integer('version').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [
    check(
      'rotas_state',
      sql`${t.state} in ('draft', 'generated', 'consultation', 'validated', 'sent_to_cdom', 'published', 'in_force', 'performed', 'closed')`,
    ),
    check('rotas_period', sql`${t.from} <= ${t.to}`),
    index('rotas_sector').on(t.sectorId, t.from),
  ],
)

/** Each step of a rota's life: when, by whom, and what was late. */
export const rotaTransitions = sqliteTable(
  'rota_transitions',
  {
    rotaId: text('rota_id')
      .notNull()
      .references(() => rotas.id, { onDelete: 'restrict' }),
    number: integer('number').notNull(),
    from: text('from').$type<RotaState>().notNull(),
    to: text('to').$type<RotaState>().notNull(),
    at: instantColumn('at').notNull(),
    actor: text('actor').notNull(),
    note: text('note'),
    warnings: jsonColumn<RotaWarning[]>()('warnings').notNull(),
  },
  (t) => [primaryKey({ columns: [t.rotaId, t.number] })],
)

/** A time on duty. What it copies of its type stays as it was when the rota was made. */
export const shifts = sqliteTable(
  'shifts',
  {
    id: text('id').primaryKey(),
    rotaId: text('rota_id')
      .notNull()
      .references(() => rotas.id, { onDelete: 'restrict' }),
    sectorId: text('sector_id')
      .notNull()
      .references(() => sectors.id, { onDelete: 'restrict' }),
    code: text('code').notNull(),
    label: text('label').notNull(),
    category: text('category').$type<Category>().notNull(),
    isGrandeFete: integer('is_grande_fete', { mode: 'boolean' }).notNull(),
    role: text('role').$type<ShiftRole>().notNull(),
    headcount: integer('headcount').notNull(),
    localStart: text('local_start').$type<LocalDateTime>().notNull(),
    localEnd: text('local_end').$type<LocalDateTime>().notNull(),
    start: instantColumn('start').notNull(),
    end: instantColumn('end').notNull(),
    slotTemplate: jsonColumn<SlotTemplate>()('slot_template'),
  },
  (t) => [
    check('shifts_interval', sql`${t.end} > ${t.start}`),
    index('shifts_rota').on(t.rotaId, t.start),
    index('shifts_sector_start').on(t.sectorId, t.start),
  ],
)

/** Who a place of a shift belongs to, and who does it. An empty place has a row too. */
export const shiftPlaces = sqliteTable(
  'shift_places',
  {
    shiftId: text('shift_id')
      .notNull()
      .references(() => shifts.id, { onDelete: 'restrict' }),
    place: integer('place').notNull(),
    /** Planned. */
    titulaireId: text('titulaire_id').references(() => practitioners.id, { onDelete: 'restrict' }),
    /** Does it, when somebody else than planned: of the territory, or from outside with what is below. */
    executantId: text('executant_id').references(() => practitioners.id, { onDelete: 'restrict' }),
    outsideName: text('outside_name'),
    outsideRpps: text('outside_rpps'),
    outsidePhone: text('outside_phone'),
    isLocked: integer('is_locked', { mode: 'boolean' }).notNull(),
    overrideReason: text('override_reason'),
    version: integer('version').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.shiftId, t.place] }),
    index('shift_places_titulaire').on(t.titulaireId),
    index('shift_places_executant').on(t.executantId),
  ],
)

/** Each time that somebody else came to do a place of a published rota, or nobody did any more. */
export const placeChanges = sqliteTable(
  'place_changes',
  {
    shiftId: text('shift_id')
      .notNull()
      .references(() => shifts.id, { onDelete: 'restrict' }),
    place: integer('place').notNull(),
    number: integer('number').notNull(),
    at: instantColumn('at').notNull(),
    /** Of the territory; null when nobody did it, or somebody from outside. */
    leftById: text('left_by_id').references(() => practitioners.id, { onDelete: 'restrict' }),
  },
  (t) => [
    primaryKey({ columns: [t.shiftId, t.place, t.number] }),
    index('place_changes_left_by')
      .on(t.leftById, t.at)
      .where(sql`${t.leftById} is not null`),
  ],
)

/** What a rota said at each publication and each change after it. */
export const rotaVersions = sqliteTable(
  'rota_versions',
  {
    rotaId: text('rota_id')
      .notNull()
      .references(() => rotas.id, { onDelete: 'restrict' }),
    number: integer('number').notNull(),
    at: instantColumn('at').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason').$type<VersionReason>().notNull(),
    places:
      jsonColumn<
        { shiftId: string; place: number; titulaireId: string | null; executant: string | null }[]
      >()('places').notNull(),
  },
  (t) => [primaryKey({ columns: [t.rotaId, t.number] })],
)

/** The last generation of a rota: how far it is, or what it found. */
export const generations = sqliteTable('generations', {
  rotaId: text('rota_id')
    .primaryKey()
    .references(() => rotas.id, { onDelete: 'restrict' }),
  state: text('state').$type<GenerationState>().notNull(),
  seed: integer('seed').notNull(),
  steps: integer('steps').notNull(),
  planned: integer('planned').notNull(),
  inputHash: text('input_hash').notNull(),
  result: jsonColumn<Record<string, unknown>>()('result'),
  startedAt: instantColumn('started_at').notNull(),
  finishedAt: instantColumn('finished_at'),
})

/** Each person's part of a rota by class, from which what they did is carried over: kept when the rota is published. */
export const rotaWeights = sqliteTable(
  'rota_weights',
  {
    rotaId: text('rota_id')
      .notNull()
      .references(() => rotas.id, { onDelete: 'restrict' }),
    practitionerId: text('practitioner_id')
      .notNull()
      .references(() => practitioners.id, { onDelete: 'restrict' }),
    class: text('class').notNull(),
    weight: real('weight').notNull(),
  },
  (t) => [primaryKey({ columns: [t.rotaId, t.practitionerId, t.class] })],
)

/** Reminders given: each once. */
export const rotaAlarms = sqliteTable(
  'rota_alarms',
  {
    rotaId: text('rota_id')
      .notNull()
      .references(() => rotas.id, { onDelete: 'restrict' }),
    alarm: text('alarm').$type<RotaAlarm>().notNull(),
    at: instantColumn('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.rotaId, t.alarm] })],
)
