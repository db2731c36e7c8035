import type { Ctx } from '../../../db/db.ts'
import { addDays, startOfDay, toLocalDate, type LocalDate } from '../../../kernel/civil.ts'
import { absent, Refused, unlessRefused } from '../../../kernel/refusal.ts'
import { assertCommunities } from '../../../members/actions.ts'
import { mayReadRegister, refusePeriod, sharesOf, totalOf, type Answers, type Share } from './rules.ts'
import * as store from './store.ts'

export type { RefusalRow } from './store.ts'

/** Days of a register, both included; from a year ago to today unless told. */
export interface Period {
  readonly from?: LocalDate | undefined
  readonly to?: LocalDate | undefined
}

const assertReadable = (ctx: Ctx, communityId: string): void => {
  if (!mayReadRegister(ctx.actor, communityId)) throw new Refused(absent('CPTS'))
  assertCommunities(ctx, [communityId])
}

const spanOf = (ctx: Ctx, period: Period) => {
  const { zone } = ctx.territory
  const today = toLocalDate(ctx.now, zone)
  const { from = addDays(today, -365), to = today } = period
  unlessRefused(refusePeriod(from, to))
  return { from: startOfDay(from, zone), to: startOfDay(addDays(to, 1), zone) }
}

/**
 * Each refusal of a CPTS with its reason, and each acceptance that came to nothing; one more than `limit` when there are
 * more.
 */
export const listRefusals = (
  ctx: Ctx,
  communityId: string,
  period: Period,
  after: string | undefined,
  limit: number,
): store.RefusalRow[] => {
  assertReadable(ctx, communityId)
  return store.listRefusals(ctx.db, communityId, spanOf(ctx, period), after ?? '', limit + 1)
}

export interface Shares {
  readonly byPractitioner: readonly (Answers<Share> & { readonly practitionerId: string })[]
  readonly community: Answers<Share>
}

/** What each practitioner was proposed and accepted, and how much of it was urgent, beside the whole CPTS. */
export const getShares = (ctx: Ctx, communityId: string, period: Period): Shares => {
  assertReadable(ctx, communityId)
  const all = store.answersBy(ctx.db, communityId, spanOf(ctx, period), ctx.now)
  return {
    byPractitioner: all.map((one) => ({ practitionerId: one.practitionerId, ...sharesOf(one) })),
    community: sharesOf(totalOf(all)),
  }
}
