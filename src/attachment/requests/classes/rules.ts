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

/** What the class of a request and all that follows from it are to be, by one version of the rules, now. */
export const classed = (
  row: RequestRow,
  found: Classification,
  { version, rules }: { readonly version: number; readonly rules: AllocationRules },
  now: Instant,
): RequestRow => {
  const next = {
    ...row,
    class: found.class,
    total: found.total,
    points: found.points,
    classDueAt: found.dueAt,
    rulesVersion: version,
  }
  const inQueue = row.state === 'to_qualify' || row.state === 'waiting' || row.state === 'escalated'
  const state = inQueue ? stateOf(next, 0) : row.state
  return remindedOf(inState(next, state, now), rules)
}
