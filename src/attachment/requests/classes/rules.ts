import type { Instant } from '../../../kernel/time.ts'
import type { AllocationRules, Classification } from '../../grid/rules.ts'
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
