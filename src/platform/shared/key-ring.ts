import { z } from 'zod'
import type { KeyRing } from '../../kernel/ctx.ts'

const SECRET_BYTES = 32

const secret = z.base64().transform((text, context) => {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length === SECRET_BYTES) return new Uint8Array(bytes)
  context.addIssue({ code: 'custom', message: `${SECRET_BYTES} bytes in base64 expected` })
  return z.NEVER
})

const KeyRingJson = z
  .strictObject({
    current: z.string(),
    keys: z.record(z.string().regex(/^[\w-]{1,32}$/), secret),
    index: secret,
  })
  .refine((ring) => ring.current in ring.keys, { message: 'current is not one of keys' })

/** Reads the key ring from JSON `{ current, keys: { id: base64 }, index: base64 }`. Throws, without the secrets, when it is not one. */
export const parseKeyRing = (text: string): KeyRing => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new Error('the key ring is not JSON')
  }
  const parsed = KeyRingJson.safeParse(json)
  if (!parsed.success) throw new Error(`the key ring is not usable: ${z.prettifyError(parsed.error)}`)
  const { current, keys, index } = parsed.data
  return { current, secrets: new Map(Object.entries(keys)), index }
}

/** A new ring of random keys, as the JSON that `parseKeyRing` reads. */
export const newKeyRing = (random: (length: number) => Uint8Array): string => {
  const fresh = () => Buffer.from(random(SECRET_BYTES)).toString('base64')
  return JSON.stringify({ current: 'k1', keys: { k1: fresh() }, index: fresh() })
}

/**
 * The same ring with a fresh current key, as JSON: the older keys still open what they sealed, and the index stays, so
 * that a person is still known. Throws as `parseKeyRing` does.
 */
export const turnedKeyRing = (text: string, random: (length: number) => Uint8Array): string => {
  const { secrets, index } = parseKeyRing(text)
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const numbers = [...secrets.keys()].map((id) => Number(/^k(\d+)$/.exec(id)?.[1] ?? 0))
  // Above all others: a key that was taken out never lends its name to another.
  const current = `k${Math.max(...numbers) + 1}`
  const keys = Object.fromEntries([...secrets].map(([id, secret]) => [id, base64(secret)]))
  return JSON.stringify({
    current,
    keys: { ...keys, [current]: base64(random(SECRET_BYTES)) },
    index: base64(index),
  })
}
