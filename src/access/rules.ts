import { createHash } from 'node:crypto'
import type { Role } from '../kernel/ctx.ts'
import type { RandomBytes } from '../kernel/ids.ts'
import type { Refusal } from '../kernel/refusal.ts'
import { HOUR, plus, type Instant } from '../kernel/time.ts'

const SECRET_BYTES = 32

/** A new secret: 256 random bits, with its territory in front so that a key names where it belongs. */
export const newSecret = (territory: string, random: RandomBytes): string =>
  `udj_${territory}_${Buffer.from(random(SECRET_BYTES)).toString('base64url')}`

/** What is stored of a secret. It has 256 bits of its own, so a plain SHA-256 cannot be searched. */
export const secretHash = (secret: string): Uint8Array => createHash('sha256').update(secret).digest()

/** Whether a text has the shape of a key of this territory; spares the database what cannot be one. */
export const isSecretOf = (territory: string, text: string): boolean =>
  text.startsWith(`udj_${territory}_`) && /^udj_[0-9A-Z]{2,3}_[A-Za-z0-9_-]{43}$/.test(text)

export interface KeyScope {
  readonly role: Role
  readonly communityIds: readonly string[]
  readonly practitionerId: string | null
}

/** A coordinator's key names its CPTS, a practitioner's key its practitioner, and no other key names any. */
export const refuseScope = ({ role, communityIds, practitionerId }: KeyScope): Refusal | null => {
  if ((role === 'coordinator') !== communityIds.length > 0)
    return {
      code: 'invalid_key_scope',
      detail: 'Une clé de coordinateur nomme au moins une CPTS, et elle seule en nomme.',
      path: ['communityIds'],
    }
  if ((role === 'practitioner') !== (practitionerId !== null))
    return {
      code: 'invalid_key_scope',
      detail: 'Une clé de praticien nomme son praticien, et elle seule en nomme un.',
      path: ['practitionerId'],
    }
  return null
}

interface Lifetime {
  readonly expiresAt: Instant | null
}

/** Whether a key and one of its secrets open the door now: neither revoked nor past its end. */
export const isUsable = (
  key: Lifetime & { readonly revokedAt: Instant | null },
  secret: Lifetime,
  now: Instant,
): boolean =>
  key.revokedAt === null &&
  (key.expiresAt === null || key.expiresAt > now) &&
  (secret.expiresAt === null || secret.expiresAt > now)

/** When the secret that a rotation replaces stops opening: after the overlap, never later than it would have. */
export const overlapEnd = (secret: Lifetime, overlapHours: number, now: Instant): Instant => {
  const end = plus(now, overlapHours * HOUR)
  return secret.expiresAt !== null && secret.expiresAt < end ? secret.expiresAt : end
}
