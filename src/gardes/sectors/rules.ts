import type { LocalDate } from '../../kernel/civil.ts'
import type { Actor } from '../../kernel/ctx.ts'
import type { Refusal } from '../../kernel/refusal.ts'

/** Whether a sector is the actor's to manage: a coordinator of one of the CPTS that share it, an admin, the system. */
export const mayManageSector = (actor: Actor, communityIds: readonly string[]): boolean =>
  actor.kind === 'system' ||
  actor.role === 'admin' ||
  (actor.role === 'coordinator' && communityIds.some((id) => actor.communityIds.includes(id)))

/**
 * Whether the actor may bring a sector from one set of CPTS to another: a coordinator has a CPTS of its own in it, may
 * bring others in to share it, and puts none but its own out.
 */
export const mayShareSector = (actor: Actor, before: readonly string[], after: readonly string[]): boolean =>
  mayManageSector(actor, after) &&
  (actor.kind === 'system' ||
    actor.role === 'admin' ||
    before.every((id) => after.includes(id) || actor.communityIds.includes(id)))

/** From a day to another, both included; without `to`, for good. */
export interface Dates {
  readonly from: LocalDate
  readonly to: LocalDate | null
}

/** Whether two stretches of days have one in common. */
export const isSharingDay = (a: Dates, b: Dates): boolean =>
  (a.to === null || b.from <= a.to) && (b.to === null || a.from <= b.to)

/** Refuses a last day before the first. Either may be missing. */
export const refuseDates = (
  from: LocalDate | null,
  to: LocalDate | null,
  path: readonly (string | number)[] = ['to'],
): Refusal | null =>
  from !== null && to !== null && to < from
    ? { code: 'invalid_interval', detail: 'Le dernier jour précède le premier.', path }
    : null

/** The first refusal that a list gives, item by item. */
export const firstOf = <T>(
  items: readonly T[],
  refuse: (item: T, index: number) => Refusal | null,
): Refusal | null => {
  for (const [index, item] of items.entries()) {
    const refusal = refuse(item, index)
    if (refusal) return refusal
  }
  return null
}
