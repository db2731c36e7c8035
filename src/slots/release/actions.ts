import type { Ctx } from '../../db/db.ts'
import { append } from '../../events/actions.ts'
import type { Interval } from '../../kernel/time.ts'
import { closedBy, isReleased, releaseInstant, settle } from '../rules.ts'
import { RELEASED } from '../vocabulary.ts'
import * as store from './store.ts'

type Found = NonNullable<ReturnType<typeof store.findSlot>>

/**
 * Writes down, and tells, what has become of a slot by itself: released, given back, or closed behind its last patient.
 * What anybody sees follows from the clock and the seats (`settle`), so that it does not matter when this is done.
 */
const note = (ctx: Ctx, { slot, taken }: Found): void => {
  const { release } = slot
  const isGone = settle(slot, { taken }, ctx.now).status === 'withdrawn'
  const reason = closedBy(slot, ctx.now)
  const released =
    release !== null && slot.releasedAt === null && isReleased(slot, ctx.now)
      ? { at: releaseInstant(slot.start, release), to: release.to }
      : undefined
  store.noteSlot(ctx.db, slot.id, {
    releasedAt: released?.at ?? slot.releasedAt,
    ...(isGone
      ? {
          withdrawnAt: reason === RELEASED && release ? releaseInstant(slot.start, release) : ctx.now,
          withdrawnReason: reason,
        }
      : {}),
  })
  append(ctx, {
    subject: slot.id,
    practitionerId: slot.practitionerId,
    ...(released
      ? { type: 'slot.released', data: { to: released.to, givenBack: isGone } }
      : { type: 'slot.withdrawn', data: { reason, needsAttention: [] } }),
  })
}

/** Notes up to `limit` releases whose instant has come; returns how many. Nobody waits for it: they hold already. */
export const releaseSlots = (ctx: Ctx, limit: number): number => {
  const due = store.listDue(ctx.db, ctx.now, limit)
  for (const found of due) note(ctx, found)
  return due.length
}

/**
 * Withdraws a slot that takes no new patient once its last seat comes free: its GP gave that time up, and nobody else is
 * to be sent there.
 */
export const closeIfGivenUp = (ctx: Ctx, slotId: string): void => {
  const found = store.findSlot(ctx.db, slotId, ctx.now)
  if (found?.slot.withdrawnAt !== null) return
  if (settle(found.slot, found, ctx.now).status === 'withdrawn') note(ctx, found)
}

/** Notes what was given back of a practitioner's time within an interval, so that the database lets a slot take its place. */
export const clearGivenBack = (ctx: Ctx, practitionerId: string, interval: Interval): void => {
  for (const found of store.listGivenBack(ctx.db, practitionerId, interval, ctx.now)) note(ctx, found)
}
