import type { Ctx } from '../../../db/db.ts'
import { actorName, append } from '../../../events/actions.ts'
import { amendIdentity, eraseIdentity, recall } from '../../../identities/actions.ts'
import { toLocalDate } from '../../../kernel/civil.ts'
import { orAbsent, refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import { forgetRequest } from '../../allocation/actions.ts'
import { rulesOf } from '../../grid/actions.ts'
import { classify } from '../../grid/rules.ts'
import { holdingOf, settledOf } from '../../proposals/actions.ts'
import { TO_QUALIFY } from '../../vocabulary.ts'
import {
  getCoordinated,
  getRequest,
  membersOf,
  viewOf,
  type MemberRow,
  type RequestRow,
  type RequestView,
} from '../actions.ts'
import { findDuplicates, keptMember, type MemberInput, type RequestInput } from '../arrival/actions.ts'
import { classKept, householdOf } from '../classes/rules.ts'
import { settleRequest } from '../outcome/actions.ts'
import { refuseBirthDate, refuseClosed, refuseConsent } from '../rules.ts'
import type { LeavingReason } from '../vocabulary.ts'
import { refuseFull, refuseHeld, refuseLast } from './rules.ts'
import * as store from './store.ts'

export interface NewMember extends MemberInput {
  readonly consent?: RequestInput['consent']
}

/** A request that is still looked after, as the actor last saw it. */
const getOpen = (ctx: Ctx, id: string, ifMatch: number | undefined): RequestRow => {
  const row = getCoordinated(ctx, id)
  unlessRefused(refuseStale(row.version, ifMatch))
  unlessRefused(refuseClosed(row))
  return row
}

/** Classes a household anew, as it is now, and moves its request to where that leads. Since when it waits stays. */
const reclass = (ctx: Ctx, before: RequestRow): RequestRow => {
  const household = orAbsent(householdOf(before, membersOf(ctx, before.id)), 'Demande')
  const view = rulesOf(ctx, before.communityId)
  const found = classify(view.rules, household, ctx.now, ctx.territory.zone)
  settleRequest(ctx, before.id, settledOf(ctx, before.id), classKept(found, view))
  return getRequest(ctx, before.id)
}

/**
 * Adds somebody to a household that waits: the others keep their seniority, and it is theirs too. Whoever of the household
 * practitioners are asked for or expect stays with them; who joins waits for the next allocation.
 */
export const addMember = (
  ctx: Ctx,
  id: string,
  { consent, ...person }: NewMember,
  ifMatch: number | undefined,
): RequestView => {
  const before = getOpen(ctx, id, ifMatch)
  const { zone } = ctx.territory
  unlessRefused(refuseConsent(consent, ctx.now))
  unlessRefused(refuseBirthDate(person.birthDate, toLocalDate(ctx.now, zone), ['birthDate']))
  const agreed = orAbsent(consent ?? undefined, 'Consentement')
  const members = membersOf(ctx, id)
  const number = store.nextNumber(ctx.db, id)
  unlessRefused(refuseFull(members.length, number))

  // Also where it is this household that they are in already.
  const duplicates = findDuplicates(ctx, before.communityId, [person])
  const { phone, email } = orAbsent(recall(ctx, members[0]?.identityId ?? ''), 'Foyer')
  const member = keptMember(
    ctx,
    { requestId: id, number, askedOn: toLocalDate(before.waitingSince, zone) },
    person,
    { phone, email, consentBy: agreed.by },
  )
  const consentKept = { consentAt: agreed.at, consentBy: actorName(ctx.actor), consentMeans: agreed.means }
  store.insertMember(ctx.db, { ...member, ...consentKept })
  const row = reclass(ctx, before)
  append(ctx, {
    type: 'mt_request.member_added',
    subject: id,
    data: {
      communityId: row.communityId,
      member: number,
      members: members.length + 1,
      class: row.class ?? TO_QUALIFY,
      rulesVersion: row.rulesVersion,
      ...(duplicates.length > 0 ? { duplicates } : {}),
    },
  })
  return viewOf(ctx, row, duplicates)
}

/**
 * Who agreed in the name of a household is kept with its first person. It is the proof for those who remain, so it goes over
 * to one of those whom it was given for.
 */
const handOnConsent = (ctx: Ctx, leaving: MemberRow, others: readonly MemberRow[]): void => {
  const by = leaving.consentAt === null ? recall(ctx, leaving.identityId)?.consentBy : undefined
  const heir = others.find(({ consentAt }) => consentAt === null)
  if (by !== undefined && heir) amendIdentity(ctx, heir.identityId, { consentBy: by })
}

/** Takes somebody out of a household that waits, and forgets who they are at once. The others keep number and seniority. */
export const takeOutMember = (
  ctx: Ctx,
  id: string,
  number: number,
  reason: LeavingReason,
  ifMatch: number | undefined,
): RequestView => {
  const before = getOpen(ctx, id, ifMatch)
  const members = membersOf(ctx, id)
  const leaving = orAbsent(
    members.find((one) => one.number === number),
    'Personne du foyer',
  )
  unlessRefused(refuseLast(members.length))
  unlessRefused(refuseHeld(holdingOf(ctx, id, number)))

  handOnConsent(
    ctx,
    leaving,
    members.filter((one) => one !== leaving),
  )
  store.endMember(ctx.db, leaving, { leftAt: ctx.now, leftReason: reason })
  const isRevoked = reason === 'consent_revoked'
  // Where nobody asked for it there is nothing left that it is kept for.
  const why = isRevoked
    ? ({ reason: 'request', requestedBy: 'patient' } as const)
    : ({ reason: 'retention' } as const)
  eraseIdentity(ctx, leaving.identityId, { ...why, bookings: [] })
  if (isRevoked) forgetRequest(ctx, before, ctx.now)
  const row = reclass(ctx, before)
  append(ctx, {
    type: 'mt_request.member_left',
    subject: id,
    data: {
      communityId: row.communityId,
      member: number,
      members: members.length - 1,
      reason,
      state: row.state,
      class: row.class ?? TO_QUALIFY,
      rulesVersion: row.rulesVersion,
    },
  })
  return viewOf(ctx, row)
}
