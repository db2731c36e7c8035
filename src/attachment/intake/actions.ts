import type { Ctx } from '../../db/db.ts'
import { actorName, append } from '../../events/actions.ts'
import type { LocalDate } from '../../kernel/civil.ts'
import { orAbsent, refuseStale, unlessRefused } from '../../kernel/refusal.ts'
import { getManagedPractitioner, listPractitioners, type SiteRow } from '../../members/actions.ts'
import type { DoctorSex } from '../vocabulary.ts'
import { burdenOf } from '../proposals/burden/actions.ts'
import { changesOf, refuseProfession, type Intake } from './rules.ts'
import * as store from './store.ts'

export type IntakeView = store.IntakeRow

type Optional<T> = T | null | undefined

/** What a practitioner says they can take, as typed: what is left out, or null, is no limit. */
export interface IntakeInput {
  readonly open: boolean
  readonly perRun: number
  readonly perMonth: number
  readonly patientele: number
  readonly patienteleCeiling: number
  readonly minAge?: Optional<number>
  readonly maxAge?: Optional<number>
  readonly homeVisits: boolean
  readonly languages: readonly string[]
  readonly wheelchair: boolean
  readonly maxKm: number | null
  readonly maxAldPerRun?: Optional<number>
  readonly maxHomeVisitsPerRun?: Optional<number>
  readonly sex?: Optional<DoctorSex>
  readonly share?: number | undefined
  readonly absentUntil?: Optional<LocalDate>
  readonly leavingOn?: Optional<LocalDate>
}

const FULL_SHARE = 100

const intakeOf = (input: IntakeInput): Intake => ({
  open: input.open,
  perRun: input.perRun,
  perMonth: input.perMonth,
  patientele: input.patientele,
  patienteleCeiling: input.patienteleCeiling,
  minAge: input.minAge ?? null,
  maxAge: input.maxAge ?? null,
  homeVisits: input.homeVisits,
  languages: [...new Set(input.languages)],
  wheelchair: input.wheelchair,
  maxKm: input.maxKm,
  maxAldPerRun: input.maxAldPerRun ?? null,
  maxHomeVisitsPerRun: input.maxHomeVisitsPerRun ?? null,
  sex: input.sex ?? null,
  share: input.share ?? FULL_SHARE,
  absentUntil: input.absentUntil ?? null,
  leavingOn: input.leavingOn ?? null,
})

/** The intake in force of a practitioner whose affairs are the actor's; absent until they said one. */
export const getIntake = (ctx: Ctx, practitionerId: string): IntakeView => {
  getManagedPractitioner(ctx, practitionerId)
  return orAbsent(store.findIntake(ctx.db, practitionerId), 'Capacité d’accueil')
}

/** Every version there was, the newest first; one more than `limit` when there are more. */
export const listIntakes = (
  ctx: Ctx,
  practitionerId: string,
  before: number,
  limit: number,
): IntakeView[] => {
  getManagedPractitioner(ctx, practitionerId)
  return store.listVersions(ctx.db, practitionerId, before, limit + 1)
}

/** Whether somebody was accepted since the patientèle was said: saying the same again then confirms it. */
const hasGrown = (ctx: Ctx, practitionerId: string): boolean =>
  (burdenOf(ctx, [practitionerId]).get(practitionerId)?.sinceIntake ?? 0) > 0

/**
 * Sets what a practitioner can take, as a new version. Said again word for word, it is no new version, unless it confirms a
 * patientèle that somebody came to since: then it counts from now.
 */
export const setIntake = (
  ctx: Ctx,
  practitionerId: string,
  input: IntakeInput,
  ifMatch: number | undefined,
): IntakeView => {
  const practitioner = getManagedPractitioner(ctx, practitionerId)
  unlessRefused(refuseProfession(practitioner.profession))
  const before = store.findIntake(ctx.db, practitionerId)
  unlessRefused(refuseStale(before?.version ?? 0, ifMatch))
  const intake = intakeOf(input)
  const changed = changesOf(before?.intake ?? null, intake)
  const isSame = before !== undefined && Object.keys(changed).length === 0
  if (isSame && !hasGrown(ctx, practitionerId)) return before
  const row: store.IntakeRow = {
    practitionerId,
    version: (before?.version ?? 0) + 1,
    intake,
    patienteleSince:
      !isSame && before?.intake.patientele === intake.patientele ? before.patienteleSince : ctx.now,
    actor: actorName(ctx.actor),
    createdAt: ctx.now,
  }
  store.insertIntake(ctx.db, row)
  append(ctx, {
    type: 'intake.set',
    subject: practitionerId,
    practitionerId,
    data: { version: row.version, communityIds: practitioner.communityIds, changed },
  })
  return row
}

/** More than any CPTS has. */
const EVERY_MEMBER = 100_000

export interface MemberIntake {
  readonly practitionerId: string
  readonly sites: readonly SiteRow[]
  /** Null: they have said none. */
  readonly intake: Intake | null
}

/** The GPs of a CPTS, by id, with what they can take. Asks for no right. */
export const intakesIn = (ctx: Ctx, communityId: string): MemberIntake[] => {
  const members = listPractitioners(ctx, { community: communityId }, undefined, EVERY_MEMBER).filter(
    ({ profession }) => refuseProfession(profession) === null,
  )
  const said = new Map(
    store
      .intakesOf(
        ctx.db,
        members.map(({ id }) => id),
      )
      .map((row) => [row.practitionerId, row.intake]),
  )
  return members.map(({ id, sites }) => ({ practitionerId: id, sites, intake: said.get(id) ?? null }))
}
