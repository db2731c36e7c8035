import type { Ctx } from '../../db/db.ts'
import { reveal } from '../../identities/actions.ts'
import { toLocalDate } from '../../kernel/civil.ts'
import type { Position } from '../../kernel/geo.ts'
import { absent, orAbsent, Refused } from '../../kernel/refusal.ts'
import type { Instant } from '../../kernel/time.ts'
import { rulesByCommunity, rulesOf } from '../grid/actions.ts'
import { ageIn, classify, weeksBetween, type Lack } from '../grid/rules.ts'
import { TO_QUALIFY, type HouseholdMode, type PriorityClass } from '../vocabulary.ts'
import { householdOf, isClassDue, presentOf } from './classes/rules.ts'
import { ALLOCABLE_STATES, isClosed, isFar, mayCoordinate, maySeeIdentity, warningsOf } from './rules.ts'
import * as store from './store.ts'
import type { PatientSex, RequestWarning } from './vocabulary.ts'

export type { ContactRow, MemberRow, RequestFilter, RequestRow } from './store.ts'

/** A request as whoever looks after it sees it: nobody's name is in it. */
export interface RequestView {
  readonly row: store.RequestRow
  readonly members: readonly store.MemberRow[]
  /** Who were of the household: their numbers are nobody else's. */
  readonly left: readonly store.MemberRow[]
  readonly weeks: number
  readonly lacking: readonly Lack[]
  readonly alreadySeenPractitionerId: string | undefined
  readonly warnings: readonly RequestWarning[]
  readonly duplicates: readonly string[]
}

const grouped = (members: readonly store.MemberRow[]): Map<string, store.MemberRow[]> => {
  const groups = new Map<string, store.MemberRow[]>()
  for (const member of members) {
    const group = groups.get(member.requestId)
    if (group) group.push(member)
    else groups.set(member.requestId, [member])
  }
  return groups
}

/** Members of requests who have not left, by request. */
export const groupedMembers = (ctx: Ctx, ids: readonly string[]): Map<string, store.MemberRow[]> =>
  grouped(store.membersOf(ctx.db, ids))

/**
 * Other open requests of the same CPTS that somebody of these is in, by request. For those only whom the actor looks after:
 * to somebody who brings a name it would tell whether it is in the census.
 */
const duplicatesOf = (ctx: Ctx, rows: readonly store.RequestRow[]): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  const asked = rows.filter((row) => !isClosed(row) && mayCoordinate(ctx.actor, row.communityId))
  const ids = asked.map(({ id }) => id)
  for (const { of, id } of store.otherRequestsOf(ctx.db, ids)) found.set(of, [...(found.get(of) ?? []), id])
  return found
}

const isFarFrom = ({ lat, lon }: store.RequestRow, centre: Position): boolean =>
  lat !== null && lon !== null && isFar({ lat, lon }, centre)

const viewsOf = (
  ctx: Ctx,
  rows: readonly store.RequestRow[],
  also: readonly string[] = [],
): RequestView[] => {
  const ids = rows.map(({ id }) => id)
  const members = groupedMembers(ctx, ids)
  const left = grouped(store.leftOf(ctx.db, ids))
  const seen = rows.map(({ alreadySeenBy }) => alreadySeenBy).filter((rpps) => rpps !== null)
  const practitioners =
    seen.length === 0 ? new Map<string, string>() : store.practitionersByRpps(ctx.db, seen)
  const rulesIn = rulesByCommunity(ctx)
  const duplicatesIn = duplicatesOf(ctx, rows)
  const placed = rows.filter(({ lat }) => lat !== null).map(({ insee }) => insee)
  const centres = placed.length === 0 ? new Map<string, Position>() : store.centresOf(ctx.db, placed)
  return rows.map((row) => {
    const duplicates = [...new Set([...(duplicatesIn.get(row.id) ?? []), ...also])].sort()
    const centre = centres.get(row.insee)
    const own = members.get(row.id) ?? []
    const household = isClosed(row) ? undefined : householdOf(row, own)
    const until = row.closedAt ?? ctx.now
    return {
      row,
      members: own,
      left: left.get(row.id) ?? [],
      weeks: weeksBetween(
        toLocalDate(row.waitingSince, ctx.territory.zone),
        toLocalDate(until, ctx.territory.zone),
      ),
      lacking: household
        ? classify(rulesIn(row.communityId).rules, household, ctx.now, ctx.territory.zone).lacking
        : [],
      alreadySeenPractitionerId:
        row.alreadySeenBy === null ? undefined : practitioners.get(row.alreadySeenBy),
      warnings: isClosed(row)
        ? []
        : warningsOf(own, duplicates, centre !== undefined && isFarFrom(row, centre)),
      duplicates,
    }
  })
}

/** A request, with other requests that it may be the same as, and `also` these. */
export const viewOf = (ctx: Ctx, row: store.RequestRow, also: readonly string[] = []): RequestView =>
  orAbsent(viewsOf(ctx, [row], also)[0], 'Demande')

/** The row of a request. Asks for no right. */
export const getRequest = (ctx: Ctx, id: string): store.RequestRow =>
  orAbsent(store.findRequest(ctx.db, id), 'Demande')

/** Members of a request who have not left, by number. Asks for no right. */
export const membersOf = (ctx: Ctx, requestId: string): store.MemberRow[] =>
  store.membersOf(ctx.db, [requestId])

/** Attempts to reach a household, in order. Asks for no right. */
export const contactsOf = (ctx: Ctx, requestId: string): store.ContactRow[] =>
  store.contactsOf(ctx.db, requestId)

/** Writes a request as it is to be, as its next version. Asks for no right, tells of nothing. */
export const writeRequest = (ctx: Ctx, row: store.RequestRow): store.RequestRow =>
  store.updateRequest(ctx.db, row)

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
  /** Who agreed in their name, and by number in the name of those who joined later. */
  readonly consentBy: string | undefined
  readonly joinedBy: ReadonlyMap<number, string>
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
    .flatMap(({ number, identityId, consentAt }) => {
      const identity = reveal(ctx, identityId, seen)
      return identity ? [{ number, identity, hasJoined: consentAt !== null }] : []
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
    consentBy: shown.find(({ hasJoined }) => !hasJoined)?.identity.consentBy,
    joinedBy: new Map(
      shown.flatMap(({ number, identity: { consentBy }, hasJoined }) =>
        hasJoined && consentBy !== undefined ? [[number, consentBy]] : [],
      ),
    ),
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
  const view = viewOf(ctx, row)
  const revealed = maySeeIdentity(ctx.actor, row.communityId)
    ? revealHousehold(
        ctx,
        id,
        view.members.map(({ number }) => number),
        { subject: id, practitionerId: null },
      )
    : undefined
  return { view, contacts: contactsOf(ctx, id), revealed }
}

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

/** The census of a CPTS as an allocation reads it. */
export interface Census {
  /** Who may be proposed to a practitioner: their class is known, and they agreed. */
  readonly waiting: readonly WaitingRequest[]
  /** Requests that rank nowhere until somebody says what is not known of them. */
  readonly toQualify: number
}

/**
 * Who waits in a CPTS, by the rules in force and the waiting of this moment: what the tick has not come to yet is computed
 * here, so that classes of two versions never meet and nobody is behind because of it. Asks for no right, writes nothing.
 */
export const censusIn = (ctx: Ctx, communityId: string): Census => {
  const { zone } = ctx.territory
  const rules = rulesOf(ctx, communityId)
  const rows = store.listAllocable(ctx.db, communityId, {
    states: [...ALLOCABLE_STATES, TO_QUALIFY],
    now: ctx.now,
    rulesVersion: rules.version,
  })
  const members = groupedMembers(
    ctx,
    rows.map(({ request }) => request.id),
  )
  const today = toLocalDate(ctx.now, zone)
  let toQualify = store.countIn(ctx.db, communityId, TO_QUALIFY)
  const waiting = rows.flatMap(({ request: before, lat, lon }): WaitingRequest[] => {
    const own = members.get(before.id) ?? []
    const request = isClassDue(before, rules.version, ctx.now)
      ? (presentOf(before, own, rules, ctx.now, zone) ?? before)
      : before
    toQualify += Number(request.state === TO_QUALIFY) - Number(before.state === TO_QUALIFY)
    if (request.class === null) return []
    return [
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
        weeks: weeksBetween(toLocalDate(request.waitingSince, zone), today),
        members: own.map(({ number, bornIn: born, flags }) => ({
          number,
          age: born === null ? 0 : ageIn(born, today),
          ald: flags.ald === true,
        })),
      },
    ]
  })
  return { waiting, toQualify }
}
