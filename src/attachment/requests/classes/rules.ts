import type { Zone } from '../../../kernel/civil.ts'
import type { Instant } from '../../../kernel/time.ts'
import type { AllocationRules, Classification } from '../../grid/rules.ts'
import { classify } from '../../grid/rules.ts'
import { inState, remindedOf, stateOf } from '../rules.ts'
import type { mtMembers, mtRequests } from '../tables.ts'

type RequestRow = typeof mtRequests.$inferSelect
type MemberRow = typeof mtMembers.$inferSelect

/** A household as the grid reads it; undefined once erased. */
export const householdOf = (
  { waitingSince }: Pick<RequestRow, 'waitingSince'>,
  members: readonly MemberRow[],
) => {
  const known = members.flatMap((member) =>
    member.bornIn === null ? [] : [{ ...member, bornIn: member.bornIn }],
  )
  return known.length === members.length && known.length > 0 ? { waitingSince, members: known } : undefined
}

/** The class of a household by one version of the rules, as a request keeps it. */
export const classKept = (found: Classification, { version }: { readonly version: number }) => ({
  class: found.class,
  total: found.total,
  points: found.points,
  classDueAt: found.dueAt,
  rulesVersion: version,
})

/** What the class of a request and all that follows from it are to be, by one version of the rules, now. */
export const classed = (
  row: RequestRow,
  found: Classification,
  view: { readonly version: number; readonly rules: AllocationRules },
  now: Instant,
): RequestRow => {
  const next = { ...row, ...classKept(found, view) }
  const inQueue = row.state === 'to_qualify' || row.state === 'waiting' || row.state === 'escalated'
  const state = inQueue ? stateOf(next, 0) : row.state
  return remindedOf(inState(next, state, now), view.rules)
}

/** Whether the class of a request is to be computed again: waiting, an age or other rules may have changed it. */
export const isClassDue = (
  { classDueAt, rulesVersion }: Pick<RequestRow, 'classDueAt' | 'rulesVersion'>,
  version: number,
  now: Instant,
): boolean => (classDueAt !== null && classDueAt <= now) || rulesVersion !== version

/** A request as it stands now by the rules in force, whether or not that was noted; undefined once erased. */
export const presentOf = (
  row: RequestRow,
  members: readonly MemberRow[],
  rules: { readonly version: number; readonly rules: AllocationRules },
  now: Instant,
  zone: Zone,
): RequestRow | undefined => {
  const household = householdOf(row, members)
  return household && classed(row, classify(rules.rules, household, now, zone), rules, now)
}
