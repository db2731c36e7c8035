import type { Ctx } from '../../../db/db.ts'
import { actorName, append } from '../../../events/actions.ts'
import { unlessRefused } from '../../../kernel/refusal.ts'
import type { Instant } from '../../../kernel/time.ts'
import type { RequestState } from '../../vocabulary.ts'
import { contactsOf, getCoordinated, getRequest, type ContactRow } from '../actions.ts'
import { markUnreachable, reopenRequest } from '../outcome/actions.ts'
import { refuseClosed, vainAttempts } from '../rules.ts'
import type { ContactChannel } from '../vocabulary.ts'
import * as store from './store.ts'

export interface AttemptInput {
  readonly channel: ContactChannel
  readonly reached: boolean
}

/** For whom a household is called, and since when it counts: for a proposal, or for the coordinator. */
export interface Calling {
  readonly proposalId: string | null
  readonly since: Instant
}

/**
 * Notes an attempt to reach a household, and says what all of them of the same caller come to; whoever reached it, it was
 * reached. Asks for no right, tells of nothing.
 */
export const noteContact = (
  ctx: Ctx,
  requestId: string,
  { channel, reached }: AttemptInput,
  { proposalId, since }: Calling,
): ReturnType<typeof vainAttempts> => {
  const before = contactsOf(ctx, requestId)
  const attempt: ContactRow = {
    requestId,
    number: before.length,
    proposalId,
    at: ctx.now,
    actor: actorName(ctx.actor),
    channel,
    reached,
  }
  store.insertContact(ctx.db, attempt)
  const own = [...before, attempt].filter((one) => one.proposalId === proposalId || one.reached)
  return vainAttempts(own, since)
}

/**
 * Notes that the coordinator tried to reach a household; after too many vain attempts it is out of reach, and reached it is
 * back. While practitioners are asked or expect them, it is from their proposals that it is given up.
 */
export const recordContact = (
  ctx: Ctx,
  id: string,
  attempt: AttemptInput,
): { readonly state: RequestState; readonly contacts: readonly ContactRow[] } => {
  const before = getCoordinated(ctx, id)
  unlessRefused(refuseClosed(before))
  const { isUnreachable } = noteContact(ctx, id, attempt, { proposalId: null, since: before.stateSince })
  append(ctx, {
    type: 'mt_request.contacted',
    subject: id,
    data: { communityId: before.communityId, channel: attempt.channel, reached: attempt.reached },
  })
  if (attempt.reached && before.state === 'unreachable') reopenRequest(ctx, before)
  if (isUnreachable && before.state !== 'proposed' && before.state !== 'accepted') markUnreachable(ctx, id)
  return { state: getRequest(ctx, id).state, contacts: contactsOf(ctx, id) }
}
