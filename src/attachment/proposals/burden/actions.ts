import type { Ctx } from '../../../db/db.ts'
import { addDays, getLocalDate, startOfDay, toLocalDate } from '../../../kernel/civil.ts'
import * as store from './store.ts'

/** Members of the requests of a CPTS who are in a proposal that is open, accepted or declared, and whose. Asks for no right. */
export const takenMembers = (
  ctx: Ctx,
  communityId: string,
): { readonly requestId: string; readonly member: number; readonly practitionerId: string }[] =>
  store.listTaken(ctx.db, communityId, ctx.now)

/** Pairs of a CPTS that are not to be proposed again: noted, or by a silence that nobody noted yet. Asks for no right. */
export const exclusionsIn = (
  ctx: Ctx,
  communityId: string,
): { readonly requestId: string; readonly practitionerId: string }[] =>
  store.listExclusions(ctx.db, communityId, ctx.now)

/** What a practitioner has of proposals, in whichever CPTS. */
export interface Burden {
  /** People in proposals that wait for an answer. */
  readonly open: number
  /** People of proposals of this civil month that are open or were accepted. */
  readonly month: number
  /** People accepted since the practitioner last changed the patientèle that they say. */
  readonly sinceIntake: number
  /** Points accepted in the last 365 days, whole days. */
  readonly load: number
}

const NO_BURDEN: Burden = { open: 0, month: 0, sinceIntake: 0, load: 0 }

/** What each of these practitioners has already. Asks for no right. */
export const burdenOf = (ctx: Ctx, practitionerIds: readonly string[]): Map<string, Burden> => {
  const { zone } = ctx.territory
  const today = toLocalDate(ctx.now, zone)
  const rows = store.burdens(ctx.db, practitionerIds, {
    now: ctx.now,
    monthStart: startOfDay(getLocalDate(`${today.slice(0, 7)}-01`), zone),
    yearStart: startOfDay(addDays(today, -365), zone),
  })
  const known = new Map(rows.map(({ practitionerId, ...burden }) => [practitionerId, burden]))
  return new Map(practitionerIds.map((id) => [id, known.get(id) ?? NO_BURDEN]))
}
