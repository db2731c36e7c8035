import type { Actor } from '../../kernel/ctx.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import type { Instant } from '../../kernel/time.ts'
import type { SeatStatus } from '../vocabulary.ts'

/** A practitioner forgets patients of their own slots only, not those they sent elsewhere. */
export const mayErase = (actor: Actor, booking: { readonly practitionerId: string }): boolean =>
  actor.kind === 'system' || actor.role !== 'practitioner' || actor.practitionerId === booking.practitionerId

/** A patient who is still expected would be turned into nobody: the booking is cancelled first. */
export const refuseErasure = (
  booking: { readonly status: SeatStatus; readonly end: Instant },
  isErased: boolean,
  now: Instant,
): Refusal | null => {
  if (isErased) return { code: 'erased', detail: 'Les données de ce patient sont déjà effacées.' }
  return booking.status === 'booked' && now < booking.end
    ? {
        code: 'booking_active',
        detail: 'Ce rendez-vous n’a pas encore eu lieu : annulez-le avant d’effacer le patient.',
      }
    : null
}
