import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { instantColumn, jsonColumn } from '../../db/columns.ts'
import type { LocalDate } from '../../kernel/civil.ts'
import { communes, communities } from '../../members/tables.ts'
import type {
  DoctorSex,
  Flags,
  HouseholdMode,
  PointsLine,
  PriorityClass,
  RequestState,
} from '../vocabulary.ts'
import type {
  ConsentMeans,
  ContactChannel,
  LeavingReason,
  RequestSource,
  WithdrawalReason,
} from './vocabulary.ts'

export interface Needs {
  readonly homeVisit: boolean
  readonly wheelchair: boolean
  /** ISO 639-1. */
  readonly language: string | null
  readonly doctorSex: DoctorSex | null
}

/** A household that looks for a médecin traitant. Names and telephones are in the vault. */
export const mtRequests = sqliteTable(
  'mt_requests',
  {
    id: text('id').primaryKey(),
    communityId: text('community_id')
      .notNull()
      .references(() => communities.id, { onDelete: 'restrict' }),
    source: text('source').$type<RequestSource>().notNull(),
    insee: text('insee')
      .notNull()
      .references(() => communes.insee, { onDelete: 'restrict' }),
    /** Where they live, if they said so; otherwise the commune's centre counts. */
    lat: real('lat'),
    lon: real('lon'),
    household: text('household').$type<HouseholdMode>().notNull(),
    needs: jsonColumn<Needs>()('needs').notNull(),
    maxKm: real('max_km'),
    alreadySeenBy: text('already_seen_by'),
    consentAt: instantColumn('consent_at').notNull(),
    consentBy: text('consent_by').notNull(),
    consentMeans: text('consent_means').$type<ConsentMeans>().notNull(),
    consentRevokedAt: instantColumn('consent_revoked_at'),
    state: text('state').$type<RequestState>().notNull(),
    stateSince: instantColumn('state_since').notNull(),
    /** From when the waiting counts: nothing moves it. */
    waitingSince: instantColumn('waiting_since').notNull(),
    /** Null: to be qualified. */
    class: integer('class').$type<PriorityClass>(),
    points: jsonColumn<PointsLine[]>()('points').notNull(),
    total: integer('total').notNull(),
    rulesVersion: integer('rules_version').notNull(),
    /** When the class is to be computed again, because waiting or age will change it; null: never. */
    classDueAt: instantColumn('class_due_at'),
    /** When somebody is to be reminded of it: what lacks, or how long it lasts. */
    remindAt: instantColumn('remind_at'),
    refusals: integer('refusals').notNull(),
    escalatedAt: instantColumn('escalated_at'),
    withdrawalReason: text('withdrawal_reason').$type<WithdrawalReason>(),
    closedAt: instantColumn('closed_at'),
    /** When the identities are erased; null while it is open. */
    eraseAfter: instantColumn('erase_after'),
    erasedAt: instantColumn('erased_at'),
    version: integer('version').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (t) => [
    check(
      'mt_requests_state',
      sql`${t.state} in ('to_qualify', 'waiting', 'proposed', 'accepted', 'placed', 'withdrawn', 'unreachable', 'escalated')`,
    ),
    check('mt_requests_class', sql`${t.class} is null or ${t.class} between 1 and 5`),
    check('mt_requests_withdrawn', sql`(${t.state} = 'withdrawn') = (${t.withdrawalReason} is not null)`),
    index('mt_requests_community').on(t.communityId, t.state, t.id),
    index('mt_requests_class_due').on(t.classDueAt),
    index('mt_requests_remind').on(t.remindAt),
    index('mt_requests_erase').on(t.eraseAfter),
  ],
)

/** Each person of a request. */
export const mtMembers = sqliteTable(
  'mt_members',
  {
    requestId: text('request_id')
      .notNull()
      .references(() => mtRequests.id, { onDelete: 'restrict' }),
    /** From 0. */
    number: integer('number').notNull(),
    /** No foreign key: erasing a person deletes the identity and leaves the request pseudonymous. */
    identityId: text('identity_id').notNull(),
    /** The first day of the month of birth, so that a class can be computed without opening the vault; null once erased. */
    bornIn: text('born_in').$type<LocalDate>(),
    /** Whether a pregnancy is out of the question, so that nobody has to say so. */
    mayBePregnant: integer('may_be_pregnant', { mode: 'boolean' }).notNull(),
    flags: jsonColumn<Flags>()('flags').notNull(),
    /** Of whoever joined a household that waited already; null: the consent of the request is theirs. */
    consentAt: instantColumn('consent_at'),
    consentBy: text('consent_by'),
    consentMeans: text('consent_means').$type<ConsentMeans>(),
    /** Whoever left is of the household no more; the number stays theirs. */
    leftAt: instantColumn('left_at'),
    leftReason: text('left_reason').$type<LeavingReason>(),
  },
  (t) => [primaryKey({ columns: [t.requestId, t.number] }), index('mt_members_identity').on(t.identityId)],
)

/** Each attempt to reach a household, whoever made it. */
export const mtContacts = sqliteTable(
  'mt_contacts',
  {
    requestId: text('request_id')
      .notNull()
      .references(() => mtRequests.id, { onDelete: 'restrict' }),
    number: integer('number').notNull(),
    proposalId: text('proposal_id'),
    at: instantColumn('at').notNull(),
    actor: text('actor').notNull(),
    channel: text('channel').$type<ContactChannel>().notNull(),
    reached: integer('reached', { mode: 'boolean' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.requestId, t.number] })],
)
