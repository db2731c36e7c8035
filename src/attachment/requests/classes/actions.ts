import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { DAY, plus } from '../../../kernel/time.ts'
import { rulesByCommunity, rulesOf } from '../../grid/actions.ts'
import { TO_QUALIFY } from '../../vocabulary.ts'
import { groupedMembers, type RequestRow } from '../actions.ts'
import { escalateLongWait } from '../outcome/actions.ts'
import { presentOf } from './rules.ts'
import * as store from './store.ts'

const reclass = (ctx: Ctx, rows: readonly RequestRow[]): void => {
  const rulesIn = rulesByCommunity(ctx)
  const members = groupedMembers(
    ctx,
    rows.map(({ id }) => id),
  )
  for (const before of rows) {
    const rules = rulesIn(before.communityId)
    const next = presentOf(before, members.get(before.id) ?? [], rules, ctx.now, ctx.territory.zone)
    if (!next) {
      store.updateClass(ctx.db, { ...before, classDueAt: null })
      continue
    }
    const isOther = next.class !== before.class || next.state !== before.state
    store.updateClass(ctx.db, { ...next, version: before.version + (isOther ? 1 : 0) })
    if (next.class !== before.class)
      append(ctx, {
        type: 'mt_request.classed',
        subject: before.id,
        data: {
          communityId: before.communityId,
          from: before.class ?? TO_QUALIFY,
          to: next.class ?? TO_QUALIFY,
          total: next.total,
          rulesVersion: next.rulesVersion,
        },
      })
  }
}

/** Classes anew up to `limit` requests whose waiting or age has come so far; returns how many. */
export const reclassDue = (ctx: Ctx, limit: number): number => {
  const due = store.listDue(ctx.db, ctx.now, limit)
  reclass(ctx, due)
  return due.length
}

/** Classes anew all open requests of a CPTS whose class is not that of this moment. Asks for no right. */
export const bringUpToDate = (ctx: Ctx, communityId: string): void =>
  reclass(
    ctx,
    store.listDueIn(ctx.db, communityId, { now: ctx.now, rulesVersion: rulesOf(ctx, communityId).version }),
  )

/** Requests classed anew in the commit that sets other rules; if there are more, the tick goes on. */
const AT_ONCE = 2_000

/** Classes the open requests of a CPTS by the rules now in force. */
export const reclassCommunity = (ctx: Ctx, communityId: string): void => {
  store.markDue(ctx.db, communityId, ctx.now)
  reclassDue(ctx, AT_ONCE)
}

/**
 * Brings up to `limit` requests to mind: of those that lack something it tells again what, the others have waited so long
 * that a person is to look at them. Returns how many.
 */
export const remindRequests = (ctx: Ctx, limit: number): number => {
  const due = store.listToRemind(ctx.db, ctx.now, limit)
  const rulesIn = rulesByCommunity(ctx)
  for (const row of due) {
    if (row.state !== 'to_qualify') {
      escalateLongWait(ctx, row)
      continue
    }
    const { qualifyReminderDays } = rulesIn(row.communityId).rules
    store.updateClass(ctx.db, { ...row, remindAt: plus(ctx.now, qualifyReminderDays * DAY) })
    append(ctx, { type: 'mt_request.reminded', subject: row.id, data: { communityId: row.communityId } })
  }
  return due.length
}
