import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeyRing } from './ctx.ts'
import { keyedHash, open, seal } from './sealing.ts'

const key = (byte: number) => new Uint8Array(32).fill(byte)

const ring: KeyRing = { current: 'k1', secrets: new Map([['k1', key(1)]]), index: key(9) }
const turned: KeyRing = { current: 'k2', secrets: new Map([...ring.secrets, ['k2', key(2)]]), index: key(9) }

/** Different bytes at each call, the same at each run. */
const counting = () => {
  let calls = 0
  return (length: number) => {
    calls++
    return Uint8Array.from({ length }, (_, i) => (calls * 31 + i * 7) & 0xff)
  }
}

const text = fc.string({ unit: 'grapheme', maxLength: 200 })

describe('sealing', () => {
  it('[IDENT-9] what was sealed opens to the same text, also once the ring has turned', () => {
    const random = counting()
    fc.assert(
      fc.property(text, text, (subject, secret) => {
        const sealed = seal(ring, random, subject, secret)
        expect(sealed.keyId).toBe('k1')
        expect(open(ring, subject, sealed)).toBe(secret)
        expect(open(turned, subject, sealed)).toBe(secret)
        const renewed = seal(turned, random, subject, secret)
        expect(renewed.keyId).toBe('k2')
        expect(open(turned, subject, renewed)).toBe(secret)
        expect(() => open(ring, subject, renewed)).toThrow('no key k2')
      }),
      { seed: 82, numRuns: 200 },
    )
  })

  it('[IDENT-9] what is long is sealed in less than it is long, and opens to the same text', () => {
    const random = counting()
    const long = fc
      .tuple(text, fc.integer({ min: 0, max: 40_000 }))
      .map(([one, length]) => one.repeat(Math.ceil(length / Math.max(1, one.length))))
    let compressed = 0
    fc.assert(
      fc.property(text, long, (subject, secret) => {
        const sealed = seal(ring, random, subject, secret)
        expect(open(ring, subject, sealed)).toBe(secret)
        if (sealed.sealed.length < secret.length / 2) compressed++
      }),
      { seed: 84, numRuns: 100 },
    )
    expect(compressed).toBeGreaterThan(20)
    // What was sealed before anything was compressed begins with whatever text began with, and that is never gzip.
    expect(open(ring, 's', seal(ring, random, 's', '\u001f\u008b'))).toBe('\u001f\u008b')
  })

  it('[IDENT-9] another subject, another key or any changed bit does not open', () => {
    const random = counting()
    const other: KeyRing = { ...ring, secrets: new Map([['k1', key(3)]]) }
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.nat(),
        fc.integer({ min: 0, max: 7 }),
        (subject, stranger, secret, at, bit) => {
          const sealed = seal(ring, random, subject, secret)
          if (stranger !== subject) expect(() => open(ring, stranger, sealed)).toThrow()
          expect(() => open(other, subject, sealed)).toThrow()
          const bytes = Uint8Array.from(sealed.sealed)
          bytes[at % bytes.length]! ^= 1 << bit
          expect(() => open(ring, subject, { keyId: 'k1', sealed: bytes })).toThrow()
        },
      ),
      { seed: 83, numRuns: 200 },
    )
  })

  it('[IDENT-9] sealed bytes are a nonce of 12, a tag of 16 and as much as the text, and show nothing of it', () => {
    const sealed = seal(ring, counting(), 'iden_1', 'Fictive')
    expect(sealed.sealed).toHaveLength(12 + 16 + 7)
    expect(Buffer.from(sealed.sealed).toString('latin1')).not.toContain('Fictive')
    for (const length of [0, 11, 27])
      expect(() => open(ring, 'iden_1', { keyId: 'k1', sealed: sealed.sealed.slice(0, length) })).toThrow()
  })

  it('[IDENT-9] the same text sealed twice differs, as the nonce is drawn each time', () => {
    const random = counting()
    const [a, b] = [seal(ring, random, 's', 'text'), seal(ring, random, 's', 'text')]
    expect(a.sealed).not.toEqual(b.sealed)
  })

  it('[IDENT-10] the index finds the same again, for one purpose, under a key that does not turn', () => {
    const hash = keyedHash(ring, 'person', 'FICTIVE|ALIX|1980-02-29')
    expect(hash).toHaveLength(32)
    expect(keyedHash(turned, 'person', 'FICTIVE|ALIX|1980-02-29')).toEqual(hash)
    expect(keyedHash({ ...ring, index: key(8) }, 'person', 'FICTIVE|ALIX|1980-02-29')).not.toEqual(hash)
    expect(keyedHash(ring, 'request', 'FICTIVE|ALIX|1980-02-29')).not.toEqual(hash)
    expect(keyedHash(ring, 'person', 'FICTIVE|ALIX|1980-02-28')).not.toEqual(hash)
  })
})
