import type { Ctx } from '../../db/db.ts'
import { actorName, append } from '../../events/actions.ts'
import { amendIdentity, blindIndexOf, keepIdentity, reveal } from '../../identities/actions.ts'
import { getLocalDate, toLocalDate, type LocalDate } from '../../kernel/civil.ts'
import type { Position } from '../../kernel/geo.ts'
import { absent, orAbsent, Refused, refuseStale, unlessRefused } from '../../kernel/refusal.ts'
import { plus, type Instant } from '../../kernel/time.ts'
import { assertCommunities, communitiesOfPractitioner, getCommune } from '../../members/actions.ts'
import { refuseRpps } from '../../members/rules.ts'
import { rulesOf, type RulesView } from '../grid/actions.ts'
import { ageIn, classify, weeksBetween, type Classification, type Lack } from '../grid/rules.ts'
import {
  TO_QUALIFY,
  type DoctorSex,
  type Flags,
  type HouseholdMode,
  type PriorityClass,
  type RequestState,
} from '../vocabulary.ts'
import {
  ALLOCABLE_STATES,
  bornIn,
  IDENTITY_KEPT,
  isClosed,
  isRefusedTooOften,
  mayBePregnant,
  mayBringIn,
  mayCoordinate,
  maySeeIdentity,
  moved,
  refuseBirthDate,
  refuseClosed,
  refuseConsent,
  refuseReopening,
  remindAtOf,
  stateOf,
  vainAttempts,
  warningsOf,
  WHILE_REQUESTED,
  type Settled,
} from './rules.ts'
import * as store from './store.ts'
import type { ConsentMeans, ContactChannel, PatientSex, RequestSource, RequestWarning } from './vocabulary.ts'

export type { ContactRow, MemberRow, RequestFilter, RequestRow } from './store.ts'

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
  readonly consent?:
    { readonly at: Instant; readonly by: string; readonly means: ConsentMeans } | null | undefined
}

/** A request as whoever looks after it sees it: nobody's name is in it. */
export interface RequestView {
  readonly row: store.RequestRow
  readonly members: readonly store.MemberRow[]
  readonly weeks: number
  readonly lacking: readonly Lack[]
  readonly alreadySeenPractitionerId: string | undefined
  readonly warnings: readonly RequestWarning[]
  readonly duplicates: readonly string[]
}

const todayOf = (ctx: Ctx): LocalDate => toLocalDate(ctx.now, ctx.territory.zone)

/** Members of requests by request. */
export const groupedMembers = (ctx: Ctx, ids: readonly string[]): Map<string, store.MemberRow[]> => {
  const groups = new Map<string, store.MemberRow[]>()
  for (const member of store.membersOf(ctx.db, ids)) {
    const group = groups.get(member.requestId)
    if (group) group.push(member)
    else groups.set(member.requestId, [member])
  }
  return groups
}

/** A household as the grid reads it; undefined once erased. */
export const householdOf = (
  { waitingSince }: Pick<store.RequestRow, 'waitingSince'>,
  members: readonly store.MemberRow[],
) => {
  const known = members.flatMap((member) =>
    member.bornIn === null ? [] : [{ ...member, bornIn: member.bornIn }],
  )
  return known.length === members.length && known.length > 0 ? { waitingSince, members: known } : undefined
}

/** What the class of a request and all that follows from it are to be, by these rules, now. */
export const classed = (
  ctx: Ctx,
  row: store.RequestRow,
  found: Classification,
  { version, rules }: RulesView,
): store.RequestRow => {
  const next = {
    ...row,
    class: found.class,
    total: found.total,
    points: found.points,
    classDueAt: found.dueAt,
    rulesVersion: version,
  }
  const inQueue = row.state === 'to_qualify' || row.state === 'waiting' || row.state === 'escalated'
  const state = inQueue ? stateOf(next, 0) : row.state
  return remindedOf(moveTo(ctx, next, state), rules)
}

/** A request in another state, since now; in the same one it stays as it is. */
const moveTo = (ctx: Ctx, row: store.RequestRow, state: RequestState): store.RequestRow =>
  state === row.state ? row : { ...row, state: moved(row.state, state), stateSince: ctx.now, remindAt: null }

const remindedOf = (row: store.RequestRow, rules: RulesView['rules']): store.RequestRow => ({
  ...row,
  remindAt: remindAtOf(row, rules),
})

/** Writes a request as it is to be. */
const write = (ctx: Ctx, { id, version, ...row }: store.RequestRow): store.RequestRow =>
  store.updateRequest(ctx.db, id, row)

const viewsOf = (
  ctx: Ctx,
  rows: readonly store.RequestRow[],
  duplicates: readonly string[] = [],
): RequestView[] => {
  const members = groupedMembers(
    ctx,
    rows.map(({ id }) => id),
  )
  const seen = rows.map(({ alreadySeenBy }) => alreadySeenBy).filter((rpps) => rpps !== null)
  const practitioners =
    seen.length === 0 ? new Map<string, string>() : store.practitionersByRpps(ctx.db, seen)
  const rules = new Map<string, RulesView>()
  const rulesIn = (communityId: string): RulesView => {
    let found = rules.get(communityId)
    if (!found) rules.set(communityId, (found = rulesOf(ctx, communityId)))
    return found
  }
  return rows.map((row) => {
    const own = members.get(row.id) ?? []
    const household = isClosed(row) ? undefined : householdOf(row, own)
    const until = row.closedAt ?? ctx.now
    return {
      row,
      members: own,
      weeks: weeksBetween(
        toLocalDate(row.waitingSince, ctx.territory.zone),
        toLocalDate(until, ctx.territory.zone),
      ),
      lacking: household
        ? classify(rulesIn(row.communityId).rules, household, ctx.now, ctx.territory.zone).lacking
        : [],
      alreadySeenPractitionerId:
        row.alreadySeenBy === null ? undefined : practitioners.get(row.alreadySeenBy),
      warnings: isClosed(row) ? [] : warningsOf(own, duplicates),
      duplicates,
    }
  })
}

const viewOf = (ctx: Ctx, row: store.RequestRow, duplicates: readonly string[] = []): RequestView =>
  orAbsent(viewsOf(ctx, [row], duplicates)[0], 'Demande')

// Bringing in

const ownCommunities = (ctx: Ctx): string[] =>
  ctx.actor.kind === 'key' && ctx.actor.practitionerId !== null
    ? communitiesOfPractitioner(ctx, ctx.actor.practitionerId)
    : []

/** Refuses, as absent, a CPTS that the actor may not bring requests to. */
export const assertMayBringIn = (ctx: Ctx, communityId: string): void => {
  if (!mayBringIn(ctx.actor, communityId, ownCommunities(ctx))) throw new Refused(absent('CPTS'))
  assertCommunities(ctx, [communityId])
}

/** Requests of a CPTS that one of these people is in, the open ones, in order of arrival. */
export const findDuplicates = (
  ctx: Ctx,
  communityId: string,
  people: readonly Pick<MemberInput, 'family' | 'given' | 'birthDate'>[],
  except?: string,
): string[] => {
  const found = people.flatMap((person) =>
    store
      .requestsOfPerson(ctx.db, communityId, blindIndexOf(ctx, person))
      .filter((request) => !isClosed(request) && request.id !== except)
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

/** Writes a request that was judged, and its people into the vault. Tells of nothing. */
export const keepRequest = (
  ctx: Ctx,
  input: RequestInput & { readonly consent: NonNullable<RequestInput['consent']> },
  rules: RulesView,
): store.RequestRow => {
  const today = todayOf(ctx)
  const id = ctx.newId('mtRequest')
  const members: store.MemberRow[] = input.members.map(({ flags, ...person }, number) => ({
    requestId: id,
    number,
    identityId: keepIdentity(
      ctx,
      { ...person, ...input.contact, ...(number === 0 ? { consentBy: input.consent.by } : {}) },
      WHILE_REQUESTED,
    ),
    bornIn: bornIn(person.birthDate),
    mayBePregnant: mayBePregnant(person, today),
    flags,
  }))
  const household = orAbsent(householdOf({ waitingSince: ctx.now }, members), 'Foyer')
  const found = classify(rules.rules, household, ctx.now, ctx.territory.zone)
  const bare: store.RequestRow = {
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
    waitingSince: ctx.now,
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
  return row
}

/** Brings in a household that looks for a médecin traitant. The same person in another open request is told, not refused. */
export const createRequest = (ctx: Ctx, input: RequestInput): RequestView => {
  const { communityId, consent, alreadySeenBy } = input
  assertMayBringIn(ctx, communityId)
  unlessRefused(refuseConsent(consent, ctx.now))
  getCommune(ctx, input.commune)
  if (alreadySeenBy !== undefined) unlessRefused(refuseRpps(alreadySeenBy, 'alreadySeenBy'))
  const today = todayOf(ctx)
  for (const [index, { birthDate }] of input.members.entries())
    unlessRefused(refuseBirthDate(birthDate, today, ['members', index, 'birthDate']))
  const duplicates = findDuplicates(ctx, communityId, input.members)
  const row = keepRequest(
    ctx,
    { ...input, consent: orAbsent(consent ?? undefined, 'Consentement') },
    rulesOf(ctx, communityId),
  )
  append(ctx, {
    type: 'mt_request.created',
    subject: row.id,
    data: {
      communityId,
      source: row.source,
      members: input.members.length,
      class: row.class ?? TO_QUALIFY,
      rulesVersion: row.rulesVersion,
      ...(duplicates.length > 0 ? { duplicates } : {}),
    },
  })
  return viewOf(ctx, row, duplicates)
}

// Reading

/** The row of a request. Asks for no right. */
export const getRequest = (ctx: Ctx, id: string): store.RequestRow =>
  orAbsent(store.findRequest(ctx.db, id), 'Demande')

/** Members of a request by number. Asks for no right. */
export const membersOf = (ctx: Ctx, requestId: string): store.MemberRow[] =>
  store.membersOf(ctx.db, [requestId])

/** A request of the actor's CPTS; somebody else's is absent. */
export const getCoordinated = (ctx: Ctx, id: string): store.RequestRow => {
  const row = getRequest(ctx, id)
  if (!mayCoordinate(ctx.actor, row.communityId)) throw new Refused(absent('Demande'))
  return row
}

/** A request that the actor is known to look after. */
export const showRequest = (ctx: Ctx, id: string): RequestView => viewOf(ctx, getRequest(ctx, id))

/** Requests of the actor's CPTS in order of arrival, one more than `limit` when there are more. */
export const listRequests = (
  ctx: Ctx,
  filter: store.RequestFilter,
  after: string | undefined,
  limit: number,
): RequestView[] => {
  const { actor } = ctx
  const own = actor.kind === 'key' && actor.role === 'coordinator' ? actor.communityIds : null
  const asked = filter.community
  const reach = asked === undefined ? own : own === null || own.includes(asked) ? [asked] : []
  return viewsOf(ctx, store.listRequests(ctx.db, reach, filter, after ?? '', limit + 1))
}

/** Who somebody of a household is. */
export interface RevealedMember {
  readonly number: number
  readonly family: string
  readonly given: string
  readonly birthDate: string
  readonly sex?: PatientSex | undefined
}

export interface Revealed {
  readonly contact: { readonly phone: string; readonly email?: string | undefined }
  readonly members: readonly RevealedMember[]
  /** Who agreed in their name. */
  readonly consentBy: string | undefined
}

/**
 * Shows some people of a request to the actor, who is known to be allowed it, and writes that in the access log. Undefined
 * once erased.
 */
export const revealHousehold = (
  ctx: Ctx,
  requestId: string,
  members: readonly number[],
  seen: { readonly subject: string; readonly practitionerId: string | null },
): Revealed | undefined => {
  const shown = store
    .membersOf(ctx.db, [requestId])
    .filter(({ number }) => members.includes(number))
    .flatMap(({ number, identityId }) => {
      const identity = reveal(ctx, identityId, seen)
      return identity ? [{ number, identity }] : []
    })
  const [first] = shown
  if (!first) return undefined
  const { phone, email } = first.identity
  return {
    contact: { phone, ...(email === undefined ? {} : { email }) },
    members: shown.map(({ number, identity: { family, given, birthDate, sex } }) => ({
      number,
      family,
      given,
      birthDate,
      ...(sex === undefined ? {} : { sex }),
    })),
    consentBy: first.identity.consentBy,
  }
}

export interface RequestDetail {
  readonly view: RequestView
  readonly contacts: readonly store.ContactRow[]
  /** For the coordinators of the CPTS, until erased. */
  readonly revealed: Revealed | undefined
}

/** A request with what was tried, and for the coordinators of its CPTS who it is; writes the access log. */
export const getDetail = (ctx: Ctx, id: string): RequestDetail => {
  const row = getCoordinated(ctx, id)
  const view = viewOf(ctx, row, duplicatesOf(ctx, row))
  const revealed = maySeeIdentity(ctx.actor, row.communityId)
    ? revealHousehold(
        ctx,
        id,
        view.members.map(({ number }) => number),
        { subject: id, practitionerId: null },
      )
    : undefined
  return { view, contacts: store.contactsOf(ctx.db, id), revealed }
}

/** Other open requests of the CPTS that somebody of this one is in. */
const duplicatesOf = (ctx: Ctx, row: store.RequestRow): string[] =>
  isClosed(row) ? [] : store.otherRequestsOf(ctx.db, row.id, row.communityId)

/** A household as the allocation reads it: nobody's name is in it. */
export interface WaitingRequest {
  readonly id: string
  readonly insee: string
  /** Their own, or the commune's centre. */
  readonly position: Position
  readonly household: HouseholdMode
  readonly needs: store.RequestRow['needs']
  readonly maxKm: number | null
  readonly class: PriorityClass
  readonly total: number
  readonly waitingSince: Instant
  /** Whole weeks waited, by civil days. */
  readonly weeks: number
  readonly members: readonly { readonly number: number; readonly age: number; readonly ald: boolean }[]
}

/** Everybody of a CPTS who may be proposed to a practitioner: their class is known, and they agreed. Asks for no right. */
export const waitingIn = (ctx: Ctx, communityId: string): WaitingRequest[] => {
  const rows = store.listAllocable(ctx.db, communityId, ALLOCABLE_STATES)
  const members = groupedMembers(
    ctx,
    rows.map(({ request }) => request.id),
  )
  const today = todayOf(ctx)
  return rows.flatMap(({ request, lat, lon }) =>
    request.class === null
      ? []
      : [
          {
            id: request.id,
            insee: request.insee,
            position:
              request.lat === null || request.lon === null
                ? { lat, lon }
                : { lat: request.lat, lon: request.lon },
            household: request.household,
            needs: request.needs,
            maxKm: request.maxKm,
            class: request.class,
            total: request.total,
            waitingSince: request.waitingSince,
            weeks: weeksBetween(toLocalDate(request.waitingSince, ctx.territory.zone), today),
            members: (members.get(request.id) ?? []).map(({ number, bornIn: born, flags }) => ({
              number,
              age: born === null ? 0 : ageIn(born, today),
              ald: flags.ald === true,
            })),
          },
        ],
  )
}

// Changing

export interface MemberChange {
  readonly number: number
  readonly family?: string | undefined
  readonly given?: string | undefined
  readonly birthDate?: LocalDate | undefined
  readonly sex?: PatientSex | undefined
  readonly flags?: Flags | undefined
}

/** What is left out stays; null empties what need not be said. */
export interface RequestChange {
  readonly source?: RequestSource | undefined
  readonly commune?: string | undefined
  readonly lat?: number | null | undefined
  readonly lon?: number | null | undefined
  readonly contact?:
    { readonly phone?: string | undefined; readonly email?: string | null | undefined } | undefined
  readonly members?: readonly MemberChange[] | undefined
  readonly needs?: NeedsInput | undefined
  readonly household?: HouseholdMode | undefined
  readonly maxKm?: number | null | undefined
  readonly alreadySeenBy?: string | null | undefined
  /** Brings back a household that was lost sight of. */
  readonly state?: 'waiting' | undefined
}

const given = <T extends object>(change: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as never

/** Corrects people of a request, here and in the vault (RGPD article 16). */
const changeMembers = (ctx: Ctx, row: store.RequestRow, changes: readonly MemberChange[]): void => {
  const members = store.membersOf(ctx.db, [row.id])
  const askedOn = toLocalDate(row.waitingSince, ctx.territory.zone)
  for (const [index, { number, flags, ...change }] of changes.entries()) {
    const member = orAbsent(
      members.find((one) => one.number === number),
      'Personne du foyer',
    )
    const person = given(change)
    if (person.birthDate !== undefined)
      unlessRefused(refuseBirthDate(person.birthDate, todayOf(ctx), ['members', index, 'birthDate']))
    const known = Object.keys(person).length === 0 ? undefined : amendIdentity(ctx, member.identityId, person)
    store.updateMember(ctx.db, row.id, number, {
      flags: { ...member.flags, ...given(flags ?? {}) },
      ...(known
        ? {
            bornIn: bornIn(getLocalDate(known.birthDate)),
            mayBePregnant: mayBePregnant(
              { birthDate: getLocalDate(known.birthDate), sex: known.sex },
              askedOn,
            ),
          }
        : {}),
    })
  }
}

/** By which a household can be reached, of all its people. */
const changeContact = (
  ctx: Ctx,
  row: store.RequestRow,
  { phone, email }: NonNullable<RequestChange['contact']>,
): void => {
  const change = {
    ...(phone === undefined ? {} : { phone }),
    ...(email === undefined ? {} : { email: email ?? undefined }),
  }
  for (const { identityId } of store.membersOf(ctx.db, [row.id])) amendIdentity(ctx, identityId, change)
}

/** The commune and the place are one answer: who moves without saying where exactly is at the centre of the commune. */
const placeAfter = (row: store.RequestRow, { commune, lat, lon }: RequestChange) => {
  const before = commune === undefined || commune === row.insee ? row : { lat: null, lon: null }
  return {
    insee: commune ?? row.insee,
    lat: lat === undefined ? before.lat : lat,
    lon: lon === undefined ? before.lon : lon,
  }
}

/** Corrects a request, or brings back one that was lost sight of. It is classed anew each time. */
export const updateRequest = (
  ctx: Ctx,
  id: string,
  change: RequestChange,
  ifMatch: number | undefined,
): RequestView => {
  const before = getCoordinated(ctx, id)
  unlessRefused(refuseStale(before.version, ifMatch))
  unlessRefused(refuseClosed(before))
  const isReopened = change.state !== undefined
  if (isReopened) unlessRefused(refuseReopening(before))
  if (change.commune !== undefined) getCommune(ctx, change.commune)
  if (typeof change.alreadySeenBy === 'string')
    unlessRefused(refuseRpps(change.alreadySeenBy, 'alreadySeenBy'))
  if (change.members) changeMembers(ctx, before, change.members)
  if (change.contact) changeContact(ctx, before, change.contact)
  const changed: store.RequestRow = {
    ...before,
    ...placeAfter(before, change),
    source: change.source ?? before.source,
    needs: { ...before.needs, ...given(change.needs ?? {}) },
    household: change.household ?? before.household,
    maxKm: change.maxKm === undefined ? before.maxKm : change.maxKm,
    alreadySeenBy: change.alreadySeenBy === undefined ? before.alreadySeenBy : change.alreadySeenBy,
  }
  const household = orAbsent(householdOf(before, store.membersOf(ctx.db, [id])), 'Demande')
  const rules = rulesOf(ctx, before.communityId)
  const found = classify(rules.rules, household, ctx.now, ctx.territory.zone)
  const lost = isReopened
    ? moveTo(ctx, { ...changed, eraseAfter: null }, stateOf({ ...changed, class: found.class }, 0))
    : changed
  const row = write(ctx, classed(ctx, lost, found, rules))
  append(ctx, {
    type: isReopened ? 'mt_request.reopened' : 'mt_request.updated',
    subject: id,
    data: {
      communityId: row.communityId,
      changed: Object.keys(given(change)),
      class: row.class ?? TO_QUALIFY,
      rulesVersion: row.rulesVersion,
    },
  })
  return viewOf(ctx, row, duplicatesOf(ctx, row))
}

// What becomes of it

const escalated = (ctx: Ctx, row: store.RequestRow): store.RequestRow => ({ ...row, escalatedAt: ctx.now })

/** Tells that a person is to look at a request. */
const tellEscalated = (ctx: Ctx, row: store.RequestRow, because: 'refusals' | 'waiting'): void =>
  append(ctx, {
    type: 'mt_request.escalated',
    subject: row.id,
    data: { communityId: row.communityId, because, refusals: row.refusals, class: row.class ?? TO_QUALIFY },
  })

/** Has a person look at a request that has waited too long; it waits on. */
export const escalateLongWait = (ctx: Ctx, row: store.RequestRow): void => {
  const next = escalated(ctx, row)
  tellEscalated(ctx, write(ctx, moveTo(ctx, next, stateOf(next, 0))), 'waiting')
}

/** A request that nothing moves any more: its identities are kept for a year from now. */
const closedRow = (
  ctx: Ctx,
  row: store.RequestRow,
  state: 'placed' | 'withdrawn' | 'unreachable',
): store.RequestRow => ({
  ...moveTo(ctx, row, state),
  closedAt: state === 'unreachable' ? null : ctx.now,
  classDueAt: state === 'unreachable' ? row.classDueAt : null,
  remindAt: null,
  eraseAfter: plus(ctx.now, IDENTITY_KEPT),
})

/** Closes a request, or notes that its household is lost sight of. Asks for no right, tells of nothing. */
export const closeRequest = (
  ctx: Ctx,
  id: string,
  state: 'withdrawn' | 'unreachable',
  change: Partial<Pick<store.RequestRow, 'withdrawalReason' | 'consentRevokedAt'>> = {},
): store.RequestRow => write(ctx, { ...closedRow(ctx, getRequest(ctx, id), state), ...change })

/**
 * Moves a request to where what became of its people leads it. Since when it waits does not change. A refusal counts: after
 * too many, a person looks at it. Tells of nothing else: whoever asked or answered does.
 */
export const settleRequest = (
  ctx: Ctx,
  requestId: string,
  counts: Settled & { readonly refusal?: true },
): void => {
  const before = getRequest(ctx, requestId)
  if (isClosed(before)) return
  const { rules } = rulesOf(ctx, before.communityId)
  const refusals = before.refusals + (counts.refusal ? 1 : 0)
  const isEscalated = before.escalatedAt === null && isRefusedTooOften(refusals, rules)
  const next = { ...before, refusals, escalatedAt: isEscalated ? ctx.now : before.escalatedAt }
  const state = stateOf(next, store.membersOf(ctx.db, [requestId]).length, counts)
  // Whoever was lost sight of stays so, whatever comes of what was asked for them before.
  if (state === 'placed') write(ctx, closedRow(ctx, next, 'placed'))
  else if (before.state === 'unreachable') write(ctx, next)
  else write(ctx, remindedOf(moveTo(ctx, next, state), rules))
  if (isEscalated) tellEscalated(ctx, next, 'refusals')
}

/** Notes that a household cannot be reached. Whoever asked for proposals takes them back. */
export const markUnreachable = (ctx: Ctx, requestId: string): void => {
  const before = getRequest(ctx, requestId)
  if (isClosed(before) || before.state === 'unreachable') return
  const row = closeRequest(ctx, requestId, 'unreachable')
  append(ctx, {
    type: 'mt_request.unreachable',
    subject: requestId,
    data: { communityId: row.communityId, attempts: store.contactsOf(ctx.db, requestId).length },
  })
}

export interface AttemptInput {
  readonly channel: ContactChannel
  readonly reached: boolean
}

/** Notes an attempt to reach a household. Asks for no right, tells of nothing. */
export const noteContact = (
  ctx: Ctx,
  requestId: string,
  { channel, reached, proposalId }: AttemptInput & { readonly proposalId: string | null },
): ReturnType<typeof vainAttempts> => {
  const request = getRequest(ctx, requestId)
  const before = store.contactsOf(ctx.db, requestId)
  const attempt: store.ContactRow = {
    requestId,
    number: before.length,
    proposalId,
    at: ctx.now,
    actor: actorName(ctx.actor),
    channel,
    reached,
  }
  store.insertContact(ctx.db, attempt)
  return vainAttempts([...before, attempt], request.stateSince)
}

/**
 * Notes that the coordinator tried to reach a household; after too many vain attempts it is out of reach. While
 * practitioners are asked or expect them, it is from their proposals that it is given up.
 */
export const recordContact = (
  ctx: Ctx,
  id: string,
  attempt: AttemptInput,
): { readonly state: RequestState; readonly contacts: readonly store.ContactRow[] } => {
  const before = getCoordinated(ctx, id)
  unlessRefused(refuseClosed(before))
  const { isUnreachable } = noteContact(ctx, id, { ...attempt, proposalId: null })
  append(ctx, {
    type: 'mt_request.contacted',
    subject: id,
    data: { communityId: before.communityId, channel: attempt.channel, reached: attempt.reached },
  })
  if (isUnreachable && before.state !== 'proposed' && before.state !== 'accepted') markUnreachable(ctx, id)
  return { state: getRequest(ctx, id).state, contacts: store.contactsOf(ctx.db, id) }
}
