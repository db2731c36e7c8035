import type { Refusal } from '../../kernel/refusal.ts'
import { MINUTE, type Instant } from '../../kernel/time.ts'

/** How long a seat is kept while a regulator is on the telephone. */
export const LEASE = 3 * MINUTE

/** Holds that one key may have at a time, so that nobody hoards. */
export const MOST_HOLDS = 5

export const refuseTooMany = (held: number): Refusal | null =>
  held >= MOST_HOLDS
    ? { code: 'too_many_holds', detail: `Une clé tient ${MOST_HOLDS} réservations temporaires au plus.` }
    : null

/** Refuses a hold that has run out: from that instant on the seat is anybody's. */
export const refuseExpired = (hold: { readonly expiresAt: Instant | null }, now: Instant): Refusal | null =>
  hold.expiresAt !== null && hold.expiresAt > now
    ? null
    : { code: 'hold_invalid', detail: 'Cette réservation temporaire a expiré.' }

/** A hold is extended once. */
export const refuseExtended = (hold: { readonly isExtended: boolean }): Refusal | null =>
  hold.isExtended
    ? { code: 'hold_invalid', detail: 'Cette réservation temporaire a déjà été prolongée.' }
    : null
