import type { Household } from './model.ts'

/** By code unit, as `<` compares: the same on every machine, whatever its language. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const byId = (a: { readonly id: string }, b: { readonly id: string }): number => byText(a.id, b.id)

/** Who comes before whom: urgency, weeks waited, points, then id. */
export const byRank = (a: Household, b: Household): number =>
  a.urgency - b.urgency || b.weeks - a.weeks || b.points - a.points || byText(a.id, b.id)

/** By household, then by number of the member. */
export const byMember = (
  a: { readonly householdId: string; readonly member: number },
  b: { readonly householdId: string; readonly member: number },
): number => byText(a.householdId, b.householdId) || a.member - b.member
