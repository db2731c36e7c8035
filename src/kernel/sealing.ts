import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import type { KeyRing } from './ctx.ts'
import type { RandomBytes } from './ids.ts'

export interface Sealed {
  readonly keyId: string
  readonly sealed: Uint8Array
}

/** AES-256-GCM as NIST SP 800-38D advises: a random 96-bit nonce, the full 128-bit tag. */
const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals `text` under the ring's current key, bound to `subject`: sealed bytes moved to another row do not open. */
export const seal = (ring: KeyRing, random: RandomBytes, subject: string, text: string): Sealed => {
  const nonce = random(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, secretOf(ring, ring.current), nonce)
  cipher.setAAD(new TextEncoder().encode(subject))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return { keyId: ring.current, sealed: Buffer.concat([nonce, cipher.getAuthTag(), body]) }
}

/** Opens what `seal` made for this subject. Throws when the key is not in the ring or a byte was changed. */
export const open = (ring: KeyRing, subject: string, { keyId, sealed }: Sealed): string => {
  const decipher = createDecipheriv(CIPHER, secretOf(ring, keyId), sealed.subarray(0, NONCE_BYTES))
  decipher.setAAD(new TextEncoder().encode(subject))
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  const body = sealed.subarray(NONCE_BYTES + TAG_BYTES)
  return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
}

const secretOf = (ring: KeyRing, keyId: string): Uint8Array => {
  const secret = ring.secrets.get(keyId)
  if (!secret) throw new Error(`the key ring has no key ${keyId}`)
  return secret
}

/** Keyed hash (HMAC-SHA256) under the ring's index key; `purpose` keeps two uses from ever being compared. */
export const keyedHash = (ring: KeyRing, purpose: string, text: string): Uint8Array =>
  createHmac('sha256', ring.index).update(`${purpose}\0${text}`).digest()
