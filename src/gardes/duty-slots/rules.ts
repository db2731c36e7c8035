import { cut, isOverlapping, type Instant, type Interval } from '../../kernel/time.ts'
import { doerOf, type Holding } from '../rotas/rules.ts'
import { SHIFT_CHANGED, SHIFT_EMPTIED } from './vocabulary.ts'

/** A slot to come of a place on duty, as a change finds it. */
export interface DutySlot extends Interval {
  readonly id: string
  readonly practitionerId: string
  readonly withdrawnAt: Instant | null
  readonly withdrawnReason: string | null
  readonly taken: number
}

/**
 * Whose slots a place's are: those of who does it. Somebody from outside has no list of their own here: what they see to
 * stays in the name of whom they stand in for. Null when nobody does it.
 */
export const ownerOf = (place: Holding, slots: readonly DutySlot[]): string | null => {
  if (place.outsideName === null) return doerOf(place)
  return slots.find((slot) => slot.withdrawnAt === null)?.practitionerId ?? place.titulaireId
}

/** What becomes of the slots that a place has. */
export interface SortedSlots<T extends DutySlot> {
  /** Somebody else's, and nobody has a seat of them: withdrawn. */
  readonly free: readonly T[]
  /** Somebody has a seat of them: they pass to the owner, or wait for somebody to act. */
  readonly booked: readonly T[]
  /** The owner’s already, given up meanwhile: offered again. */
  readonly reopened: readonly T[]
  /** Time of what stays, and of what the owner themselves took back: not offered anew. */
  readonly blocked: readonly Interval[]
}

/** Sorts the slots of a place for its owner. */
export const sortDutySlots = <T extends DutySlot>(
  slots: readonly T[],
  ownerId: string | null,
): SortedSlots<T> => {
  const standing = slots.filter((slot) => slot.withdrawnAt === null)
  const isGivenUp = (slot: T) => slot.practitionerId !== ownerId && slot.taken === 0
  return {
    free: standing.filter(isGivenUp),
    booked: standing.filter((slot) => slot.taken > 0),
    reopened: standing.filter((slot) => slot.withdrawnReason !== null && slot.practitionerId === ownerId),
    blocked: [
      ...standing.filter((slot) => !isGivenUp(slot)),
      ...slots.filter(
        (slot) =>
          slot.withdrawnAt !== null &&
          slot.practitionerId === ownerId &&
          slot.withdrawnReason !== SHIFT_CHANGED &&
          slot.withdrawnReason !== SHIFT_EMPTIED,
      ),
    ],
  }
}

/** The pieces of a shift that are still to come and share no time with what is blocked. */
export const dutyPieces = (
  shift: Interval,
  slotMinutes: number,
  blocked: readonly Interval[],
  now: Instant,
): Interval[] =>
  cut(shift, slotMinutes).filter(
    (piece) => piece.start > now && !blocked.some((wall) => isOverlapping(wall, piece)),
  )
