import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { toLocalDate, type LocalDate } from '../../../kernel/civil.ts'
import { refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import { noteContact, type AttemptInput } from '../../requests/contacts/actions.ts'
import { markUnreachable } from '../../requests/outcome/actions.ts'
import {
  getVisible,
  isExpectedElsewhere,
  loseOf,
  move,
  tell,
  viewOf,
  type ProposalRow,
  type ProposalView,
} from '../actions.ts'
import { refuseDeclaredOn, refuseStep, refuseUnaccepted, staleBefore } from '../rules.ts'
import { refuseEarlyNo } from './rules.ts'
import * as store from './store.ts'

/** A proposal that is accepted, as the actor last saw it. */
const getAccepted = (ctx: Ctx, id: string, ifMatch: number | undefined): ProposalRow => {
  const { row, state } = getVisible(ctx, id)
  unlessRefused(refuseStale(row.version, ifMatch))
  unlessRefused(refuseUnaccepted(state))
  return row
}

/**
 * Notes an attempt to reach the household. After too many vain ones its people are free: those of this practitioner where
 * another one accepted somebody of it and may have reached them, all of them otherwise, since it is out of reach.
 */
export const contactHousehold = (ctx: Ctx, id: string, attempt: AttemptInput): ProposalView => {
  const row = getAccepted(ctx, id, undefined)
  const { attempts, isUnreachable } = noteContact(ctx, row.requestId, attempt, {
    proposalId: id,
    since: row.answeredAt ?? row.createdAt,
  })
  append(ctx, {
    type: 'proposal.contacted',
    subject: id,
    practitionerId: row.practitionerId,
    data: {
      communityId: row.communityId,
      requestId: row.requestId,
      channel: attempt.channel,
      reached: attempt.reached,
      vainAttempts: attempts,
    },
  })
  if (isUnreachable && isExpectedElsewhere(ctx, row)) move(ctx, row, 'lose')
  else if (isUnreachable) {
    loseOf(ctx, row.requestId)
    markUnreachable(ctx, row.requestId)
  }
  return viewOf(ctx, getVisible(ctx, id).row)
}

/** The patients do not want this practitioner: they wait on, with their seniority, and are not proposed to them again. */
export const noteDeclined = (ctx: Ctx, id: string, ifMatch: number | undefined): ProposalView => {
  const { row, state } = getVisible(ctx, id)
  unlessRefused(refuseStale(row.version, ifMatch))
  unlessRefused(refuseStep(state, 'decline'))
  unlessRefused(refuseEarlyNo(ctx.actor, state))
  return viewOf(ctx, move(ctx, row, 'decline'))
}

/** The declaration of a médecin traitant was made on a day: the people are placed. */
export const declareProposal = (
  ctx: Ctx,
  id: string,
  at: LocalDate,
  ifMatch: number | undefined,
): ProposalView => {
  const row = getAccepted(ctx, id, ifMatch)
  const { zone } = ctx.territory
  const [sentOn, today] = [toLocalDate(row.createdAt, zone), toLocalDate(ctx.now, zone)]
  unlessRefused(refuseDeclaredOn(at, { sentOn, today }))
  return viewOf(ctx, move(ctx, row, 'declare', { declaredOn: at }, { declaredOn: at }))
}

/** The coordinator takes a proposal back: of one that was accepted the pair is not proposed again. */
export const withdrawProposal = (ctx: Ctx, id: string, ifMatch: number | undefined): ProposalView => {
  const { row, state } = getVisible(ctx, id)
  unlessRefused(refuseStale(row.version, ifMatch))
  unlessRefused(refuseStep(state, 'withdraw'))
  return viewOf(ctx, move(ctx, row, 'withdraw'))
}

/** Tells of up to `limit` people who were accepted long ago and are not declared, once of each proposal; returns how many. */
export const tellStale = (ctx: Ctx, limit: number): number => {
  const stale = store.listToFollow(ctx.db, staleBefore(ctx.now), limit)
  for (const row of stale) {
    store.noteTold(ctx.db, row.id, ctx.now)
    tell(ctx, 'proposal.stale', row)
  }
  return stale.length
}
