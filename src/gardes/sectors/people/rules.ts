import type { LocalDate } from '../../../kernel/civil.ts'
import type { Refusal } from '../../../kernel/refusal.ts'
import { firstOf, isSharingDay, refuseDates, type Dates } from '../rules.ts'

export interface Listed extends Dates {
  readonly practitionerId: string
}

/** Refuses a membership that ends before it starts, and the same person twice on one day. Says which of the list. */
export const refuseMembers = (members: readonly Listed[]): Refusal | null =>
  firstOf(members, (member, index) => {
    const backwards = refuseDates(member.from, member.to, [index, 'to'])
    if (backwards) return backwards
    const isTwice = members
      .slice(0, index)
      .some((other) => other.practitionerId === member.practitionerId && isSharingDay(other, member))
    return isTwice
      ? {
          code: 'invalid_interval',
          detail: 'Ce praticien figure déjà sur la liste à ces dates.',
          path: [index, 'from'],
        }
      : null
  })

/** Refuses somebody who is on the sector's list on none of these days. */
export const refuseNotListed = (
  members: readonly Listed[],
  practitionerId: string,
  during: Dates,
): Refusal | null =>
  members.some((member) => member.practitionerId === practitionerId && isSharingDay(member, during))
    ? null
    : {
        code: 'not_a_member',
        detail: 'Ce praticien n’est pas sur la liste du secteur à ces dates.',
        path: ['practitionerId'],
      }

/** Somebody of the sector's list now or later: who has left it sees no more of it than anybody. */
export const isStillListed = (
  members: readonly Listed[],
  practitionerId: string,
  today: LocalDate,
): boolean =>
  members.some(
    (member) => member.practitionerId === practitionerId && (member.to === null || member.to >= today),
  )
