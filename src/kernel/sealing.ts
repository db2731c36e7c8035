import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
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

/** From this many characters on a text is compressed before it is sealed: a row holds 2 MB on one of the engines. */
const LONG = 16 * 1024

/** The first bytes of a gzip file (RFC 1952 §2.3.1). No text in UTF-8 begins with them: the second only ever follows others. */
const isCompressed = (body: Uint8Array): boolean => body[0] === 0x1f && body[1] === 0x8b

/** Seals `text` under the ring's current key, bound to `subject`: sealed bytes moved to another row do not open. */
export const seal = (ring: KeyRing, random: RandomBytes, subject: string, text: string): Sealed => {
  const nonce = random(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, secretOf(ring, ring.current), nonce)
  cipher.setAAD(new TextEncoder().encode(subject))
  const plain = Buffer.from(text, 'utf8')
  const body = Buffer.concat([
    cipher.update(text.length < LONG ? plain : gzipSync(plain, { level: 1 })),
    cipher.final(),
  ])
  return { keyId: ring.current, sealed: Buffer.concat([nonce, cipher.getAuthTag(), body]) }
}

/** Opens what `seal` made for this subject. Throws when the key is not in the ring or a byte was changed. */
export const open = (ring: KeyRing, subject: string, { keyId, sealed }: Sealed): string => {
  const decipher = createDecipheriv(CIPHER, secretOf(ring, keyId), sealed.subarray(0, NONCE_BYTES))
  decipher.setAAD(new TextEncoder().encode(subject))
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  const body = sealed.subarray(NONCE_BYTES + TAG_BYTES)
  const plain = Buffer.concat([decipher.update(body), decipher.final()])
  return (isCompressed(plain) ? gunzipSync(plain) : plain).toString('utf8')
}

const secretOf = (ring: KeyRing, keyId: string): Uint8Array => {
  const secret = ring.secrets.get(keyId)
  if (!secret) throw new Error(`the key ring has no key ${keyId}`)
  return secret
}

/** Keyed hash (HMAC-SHA256) under the ring's index key; `purpose` keeps two uses from ever being compared. */
export const keyedHash = (ring: KeyRing, purpose: string, text: string): Uint8Array =>
  createHmac('sha256', ring.index).update(`${purpose}\0${text}`).digest()
