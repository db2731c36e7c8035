import { roundedKm } from './costs.ts'
import type { Placement } from './model.ts'
import { byMember } from './order.ts'
import type { Solution } from './solution.ts'

/** Somebody with another practitioner than before. */
export interface Move {
  readonly householdId: string
  readonly member: number
  readonly from: string
  readonly to: string
  /** Further than before; negative: nearer. */
  readonly km: number
}

/** What an allocation changes against another. */
export interface Comparison {
  /** By household and number of the member, as the two others. */
  readonly moved: readonly Move[]
  /** Those who had no place. */
  readonly placed: readonly Placement[]
  /** Those who have none any more, with what they had. */
  readonly unplaced: readonly Placement[]
  /** Of all who are placed, against before. */
  readonly km: number
}

const keyOf = ({ householdId, member }: Placement) => `${member} ${householdId}`

/** Who moves, who is placed and who is not any more from one list to another. */
export const comparePlacements = (before: readonly Placement[], after: readonly Placement[]): Comparison => {
  const had = new Map(before.map((one) => [keyOf(one), one]))
  const has = new Set(after.map(keyOf))
  const total = (list: readonly Placement[]) => list.reduce((sum, { km }) => sum + km, 0)
  return {
    moved: after
      .flatMap((one): Move[] => {
        const old = had.get(keyOf(one))
        if (!old || old.practitionerId === one.practitionerId) return []
        const { householdId, member } = one
        return [
          {
            householdId,
            member,
            from: old.practitionerId,
            to: one.practitionerId,
            km: roundedKm(one.km - old.km),
          },
        ]
      })
      .sort(byMember),
    placed: after.filter((one) => !had.has(keyOf(one))).sort(byMember),
    unplaced: before.filter((one) => !has.has(keyOf(one))).sort(byMember),
    km: roundedKm(total(after) - total(before)),
  }
}

/** What changes from one allocation to another, of the same people or not. */
export const compare = (before: Solution, after: Solution): Comparison =>
  comparePlacements(before.placements, after.placements)
