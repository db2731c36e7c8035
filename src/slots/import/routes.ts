import type { Ctx } from '../../db/db.ts'
import type { Api } from '../../edge/http.ts'
import { formatInstant } from '../../kernel/civil.ts'
import type { Instant } from '../../kernel/time.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

const importOut = (ctx: Ctx, done: actions.Imported) => {
  const at = (instant: Instant | undefined) =>
    instant === undefined ? null : formatInstant(instant, ctx.territory.zone)
  return {
    committed: done.committed,
    slots: done.slots,
    tooManySlots: done.isTooMany,
    events: done.events,
    unmatched: done.unmatched,
    outside: done.outside,
    truncated: done.isTruncated,
    items: done.items.map(({ index, start, end, slots, skipped }) => ({
      index,
      start: at(start),
      end: at(end),
      slots: slots.length,
      ...(skipped === undefined ? {} : { skipped }),
    })),
  }
}

export const importRoutes = (api: Api): void => {
  api.on(contract.importSlots, (ctx, { body }) => importOut(ctx, actions.importSlots(ctx, body)))
}
