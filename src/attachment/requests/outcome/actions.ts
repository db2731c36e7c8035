import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { orAbsent } from '../../../kernel/refusal.ts'
import { plus } from '../../../kernel/time.ts'
import { rulesOf } from '../../grid/actions.ts'
import { TO_QUALIFY } from '../../vocabulary.ts'
import { contactsOf, getRequest, membersOf, writeRequest, type RequestRow } from '../actions.ts'
import { presentOf } from '../classes/rules.ts'
import {
  IDENTITY_KEPT,
  inState,
  isClosed,
  isRefusedTooOften,
  remindedOf,
  stateOf,
  type Settled,
} from '../rules.ts'

const escalated = (ctx: Ctx, row: RequestRow): RequestRow => ({ ...row, escalatedAt: ctx.now })

/** Tells that a person is to look at a request. */
const tellEscalated = (ctx: Ctx, row: RequestRow, because: 'refusals' | 'waiting'): void =>
  append(ctx, {
    type: 'mt_request.escalated',
    subject: row.id,
    data: { communityId: row.communityId, because, refusals: row.refusals, class: row.class ?? TO_QUALIFY },
  })

/** Has a person look at a request that has waited too long; it waits on. */
export const escalateLongWait = (ctx: Ctx, row: RequestRow): void => {
  const next = escalated(ctx, row)
  tellEscalated(ctx, writeRequest(ctx, inState(next, stateOf(next, 0), ctx.now)), 'waiting')
}

/** A request that nothing moves any more: its identities are kept for a year from now. */
const closedRow = (ctx: Ctx, row: RequestRow, state: 'placed' | 'withdrawn' | 'unreachable'): RequestRow => ({
  ...inState(row, state, ctx.now),
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
  change: Partial<Pick<RequestRow, 'withdrawalReason' | 'consentRevokedAt'>> = {},
): RequestRow => writeRequest(ctx, { ...closedRow(ctx, getRequest(ctx, id), state), ...change })

/**
 * Moves a request to where what became of its people leads it. Since when it waits does not change. A refusal counts: after
 * too many, a person looks at it. What else changes of it is written with it. Tells of nothing else: whoever asked or answered
 * does.
 */
export const settleRequest = (
  ctx: Ctx,
  requestId: string,
  counts: Settled & { readonly refusal?: true },
  change: Partial<RequestRow> = {},
): void => {
  const before = { ...getRequest(ctx, requestId), ...change }
  if (isClosed(before)) return
  const { rules } = rulesOf(ctx, before.communityId)
  const refusals = before.refusals + (counts.refusal ? 1 : 0)
  const isEscalated = before.escalatedAt === null && isRefusedTooOften(refusals, rules)
  const next = { ...before, refusals, escalatedAt: isEscalated ? ctx.now : before.escalatedAt }
  const state = stateOf(next, membersOf(ctx, requestId).length, counts)
  // Whoever was lost sight of stays so, whatever comes of what was asked for them before.
  if (state === 'placed') writeRequest(ctx, closedRow(ctx, next, 'placed'))
  else if (before.state === 'unreachable') writeRequest(ctx, next)
  else writeRequest(ctx, remindedOf(inState(next, state, ctx.now), rules))
  if (isEscalated) tellEscalated(ctx, next, 'refusals')
}

/** Brings a household that was lost sight of back to where it would stand now, and tells of it. Asks for no right. */
export const reopenRequest = (
  ctx: Ctx,
  row: RequestRow,
  more: Readonly<Record<string, unknown>> = {},
): RequestRow => {
  const rules = rulesOf(ctx, row.communityId)
  const present = orAbsent(
    presentOf({ ...row, eraseAfter: null }, membersOf(ctx, row.id), rules, ctx.now, ctx.territory.zone),
    'Demande',
  )
  const back = writeRequest(ctx, remindedOf(inState(present, stateOf(present, 0), ctx.now), rules.rules))
  append(ctx, {
    type: 'mt_request.reopened',
    subject: row.id,
    data: {
      communityId: row.communityId,
      ...more,
      class: back.class ?? TO_QUALIFY,
      rulesVersion: back.rulesVersion,
    },
  })
  return back
}

/** Notes that a household cannot be reached. Whoever asked for proposals takes them back. */
export const markUnreachable = (ctx: Ctx, requestId: string): void => {
  const before = getRequest(ctx, requestId)
  if (isClosed(before) || before.state === 'unreachable') return
  const row = closeRequest(ctx, requestId, 'unreachable')
  append(ctx, {
    type: 'mt_request.unreachable',
    subject: requestId,
    data: { communityId: row.communityId, attempts: contactsOf(ctx, requestId).length },
  })
}
