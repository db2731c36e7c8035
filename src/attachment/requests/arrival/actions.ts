import type { Ctx } from '../../../db/db.ts'
import { actorName, append } from '../../../events/actions.ts'
import { blindIndexOf, keepIdentity } from '../../../identities/actions.ts'
import { startOfDay, toLocalDate, type LocalDate } from '../../../kernel/civil.ts'
import { absent, orAbsent, Refused, unlessRefused } from '../../../kernel/refusal.ts'
import type { Instant } from '../../../kernel/time.ts'
import { assertCommunities, communitiesOfPractitioner, getCommune } from '../../../members/actions.ts'
import { refuseRpps } from '../../../members/rules.ts'
import { rulesOf, type RulesView } from '../../grid/actions.ts'
import { classify } from '../../grid/rules.ts'
import { TO_QUALIFY, type DoctorSex, type Flags, type HouseholdMode } from '../../vocabulary.ts'
import { viewOf, type MemberRow, type RequestRow, type RequestView } from '../actions.ts'
import { householdOf } from '../classes/rules.ts'
import {
  bornIn,
  isClosed,
  mayBePregnant,
  mayBringIn,
  moved,
  refuseAskedOn,
  refuseBirthDate,
  refuseConsent,
  refuseSeniority,
  remindedOf,
  stateOf,
  WHILE_REQUESTED,
} from '../rules.ts'
import type { ConsentMeans, PatientSex, RequestSource } from '../vocabulary.ts'
import * as store from './store.ts'

export interface MemberInput {
  readonly family: string
  readonly given: string
  readonly birthDate: LocalDate
  readonly sex?: PatientSex | undefined
  readonly flags: Flags
}

export interface NeedsInput {
  readonly homeVisit?: boolean | undefined
  readonly wheelchair?: boolean | undefined
  readonly language?: string | null | undefined
  readonly doctorSex?: DoctorSex | null | undefined
}

export interface RequestInput {
  readonly communityId: string
  readonly source: RequestSource
  readonly commune: string
  readonly lat?: number | undefined
  readonly lon?: number | undefined
  readonly contact: { readonly phone: string; readonly email?: string | undefined }
  readonly members: readonly MemberInput[]
  readonly needs: NeedsInput
  readonly household: HouseholdMode
  readonly maxKm?: number | undefined
  readonly alreadySeenBy?: string | undefined
  /** Since when they ask, where that is before now. */
  readonly askedOn?: LocalDate | undefined
  readonly consent?:
    { readonly at: Instant; readonly by: string; readonly means: ConsentMeans } | null | undefined
}

const ownCommunities = (ctx: Ctx): string[] =>
  ctx.actor.kind === 'key' && ctx.actor.practitionerId !== null
    ? communitiesOfPractitioner(ctx, ctx.actor.practitionerId)
    : []

/** Refuses, as absent, a CPTS that the actor may not bring requests to. */
export const assertMayBringIn = (ctx: Ctx, communityId: string): void => {
  if (!mayBringIn(ctx.actor, communityId, ownCommunities(ctx))) throw new Refused(absent('CPTS'))
  assertCommunities(ctx, [communityId])
}

/** Open requests of a CPTS that one of these people is in, in order of arrival. */
export const findDuplicates = (
  ctx: Ctx,
  communityId: string,
  people: readonly Pick<MemberInput, 'family' | 'given' | 'birthDate'>[],
): string[] => {
  const found = people.flatMap((person) =>
    store
      .requestsOfPerson(ctx.db, communityId, blindIndexOf(ctx, person))
      .filter((request) => !isClosed(request))
      .map(({ id }) => id),
  )
  return [...new Set(found)].sort()
}

/**
 * The request of a CPTS that somebody is in already: one still open, or one closed since for which they agreed on this day or
 * later, so that what was read once is not taken for new.
 */
export const findEarlier = (
  ctx: Ctx,
  communityId: string,
  person: Pick<MemberInput, 'family' | 'given' | 'birthDate'>,
  consentAt: Instant,
): string | undefined =>
  store
    .requestsOfPerson(ctx.db, communityId, blindIndexOf(ctx, person))
    .find((request) => !isClosed(request) || request.consentAt >= consentAt)?.id

/** Somebody of a household, whose identity goes into the vault at once; the row is for the caller to write. */
export const keptMember = (
  ctx: Ctx,
  { requestId, number, askedOn }: { requestId: string; number: number; askedOn: LocalDate },
  { flags, ...person }: MemberInput,
  known: RequestInput['contact'] & { readonly consentBy?: string },
): MemberRow => ({
  requestId,
  number,
  identityId: keepIdentity(ctx, { ...person, ...known }, WHILE_REQUESTED),
  bornIn: bornIn(person.birthDate),
  mayBePregnant: mayBePregnant(person, askedOn),
  flags,
  consentAt: null,
  consentBy: null,
  consentMeans: null,
  leftAt: null,
  leftReason: null,
})

type JudgedInput = RequestInput & { readonly consent: NonNullable<RequestInput['consent']> }

/** Writes a request that was judged, its people into the vault, and that it was made. */
export const keepRequest = (
  ctx: Ctx,
  input: JudgedInput,
  rules: RulesView,
  duplicates: readonly string[] = [],
): RequestRow => {
  const askedOn = toLocalDate(ctx.now, ctx.territory.zone)
  const id = ctx.newId('mtRequest')
  const waitingSince = input.askedOn === undefined ? ctx.now : startOfDay(input.askedOn, ctx.territory.zone)
  const members = input.members.map((person, number) =>
    keptMember(ctx, { requestId: id, number, askedOn }, person, {
      ...input.contact,
      ...(number === 0 ? { consentBy: input.consent.by } : {}),
    }),
  )
  const household = orAbsent(householdOf({ waitingSince }, members), 'Foyer')
  const found = classify(rules.rules, household, ctx.now, ctx.territory.zone)
  const bare: RequestRow = {
    id,
    communityId: input.communityId,
    source: input.source,
    insee: input.commune,
    lat: input.lat ?? null,
    lon: input.lon ?? null,
    household: input.household,
    needs: {
      homeVisit: input.needs.homeVisit ?? false,
      wheelchair: input.needs.wheelchair ?? false,
      language: input.needs.language ?? null,
      doctorSex: input.needs.doctorSex ?? null,
    },
    maxKm: input.maxKm ?? null,
    alreadySeenBy: input.alreadySeenBy ?? null,
    consentAt: input.consent.at,
    // Who agreed is in the vault: it may be a name. Here is who wrote it down.
    consentBy: actorName(ctx.actor),
    consentMeans: input.consent.means,
    consentRevokedAt: null,
    state: moved('none', stateOf({ class: found.class, escalatedAt: null }, 0)),
    stateSince: ctx.now,
    waitingSince,
    class: found.class,
    points: found.points,
    total: found.total,
    rulesVersion: rules.version,
    classDueAt: found.dueAt,
    remindAt: null,
    refusals: 0,
    escalatedAt: null,
    withdrawalReason: null,
    closedAt: null,
    eraseAfter: null,
    erasedAt: null,
    version: 1,
    createdAt: ctx.now,
  }
  const row = remindedOf(bare, rules.rules)
  store.insertRequest(ctx.db, row)
  for (const member of members) store.insertMember(ctx.db, member)
  append(ctx, {
    type: 'mt_request.created',
    subject: row.id,
    data: {
      communityId: row.communityId,
      source: row.source,
      members: members.length,
      class: row.class ?? TO_QUALIFY,
      rulesVersion: row.rulesVersion,
      ...(input.askedOn === undefined ? {} : { askedOn: input.askedOn }),
      ...(duplicates.length > 0 ? { duplicates } : {}),
    },
  })
  return row
}

/**
 * Brings in a household that looks for a médecin traitant. The same person in another open request is told to whoever looks
 * after these, and refused to nobody.
 */
export const createRequest = (ctx: Ctx, input: RequestInput): RequestView => {
  const { communityId, consent, alreadySeenBy, askedOn } = input
  assertMayBringIn(ctx, communityId)
  unlessRefused(refuseConsent(consent, ctx.now))
  getCommune(ctx, input.commune)
  if (alreadySeenBy !== undefined) unlessRefused(refuseRpps(alreadySeenBy, 'alreadySeenBy'))
  const today = toLocalDate(ctx.now, ctx.territory.zone)
  if (askedOn !== undefined) {
    unlessRefused(refuseSeniority(ctx.actor, communityId))
    unlessRefused(refuseAskedOn(askedOn, today))
  }
  for (const [index, { birthDate }] of input.members.entries())
    unlessRefused(refuseBirthDate(birthDate, today, ['members', index, 'birthDate']))
  const duplicates = findDuplicates(ctx, communityId, input.members)
  const row = keepRequest(
    ctx,
    { ...input, consent: orAbsent(consent ?? undefined, 'Consentement') },
    rulesOf(ctx, communityId),
    duplicates,
  )
  return viewOf(ctx, row)
}
