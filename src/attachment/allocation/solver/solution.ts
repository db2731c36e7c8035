import type { Constraint, Placement, Urgency } from './model.ts'

/** Why somebody is not placed: how many practitioners each thing takes away. */
export interface Reason {
  /**
   * Beside the constraints: `saturated` fits, but is full, and so is all that could make room; `block` fits, but cannot take
   * all of a household that stays together; `locked` is where the coordinator put them, followed by what forbids it;
   * `locked_out` is what the coordinator decided.
   */
  readonly constraint: Constraint | 'saturated' | 'block' | 'locked' | 'locked_out'
  readonly practitioners: number
}

export interface Unplaced {
  readonly householdId: string
  readonly member: number
  /** Constraints in the order in which they are asked, then what became of the practitioners that are left. */
  readonly because: readonly Reason[]
}

/**
 * What coming in at a practitioner costs beside the way there, in units of cost: what others pay who go further for it, and
 * equity. Never negative; for what is not a place, 0 where there is room.
 */
export interface Prices {
  readonly practitionerId: string
  readonly place: number
  /** Of those that are not reserved to urgency 1. */
  readonly unreserved: number
  readonly homeVisit: number
  readonly ald: number
}

/**
 * The proof that the same people, with blocks and locks as they are, cannot be placed for less: at these prices nobody
 * would rather be elsewhere. Costs are in 1/4096 of a hectometre.
 */
export interface Certificate {
  /** Of all who are placed. */
  readonly cost: number
  /** By id of practitioner. */
  readonly prices: readonly Prices[]
  /** Households that may be split and were brought together at the end: they stand as if they were locked there. */
  readonly regrouped: readonly string[]
}

export interface Totals {
  readonly people: number
  readonly placed: number
  /** Of all who are placed. */
  readonly km: number
  /** Of those whom the last draft placed, how many are with the same practitioner. */
  readonly kept: number
  readonly byUrgency: readonly {
    readonly urgency: Urgency
    readonly people: number
    readonly placed: number
  }[]
}

export interface Solution {
  /** By household and number of the member. */
  readonly placements: readonly Placement[]
  /** Likewise. */
  readonly unplaced: readonly Unplaced[]
  readonly certificate: Certificate
  readonly totals: Totals
}

/** How far an allocation is: people looked at, of all. */
export interface Progress {
  readonly done: number
  readonly of: number
}
