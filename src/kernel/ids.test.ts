import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ID_PREFIXES, type IdKind, idPattern, typeId } from './ids.ts'
import { instant } from './time.ts'

const PROPERTY = { seed: 20261121, numRuns: 1_000 }

const KINDS = Object.keys(ID_PREFIXES) as IdKind[]
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

const anyKind = fc.constantFrom(...KINDS)
const anyInstant = fc.integer({ min: 0, max: 2 ** 48 - 2 }).map(instant)
const anyBytes = fc.uint8Array({ minLength: 16, maxLength: 16 })

/** The UUID of an id's text as a number, read without the libraries. */
const uuidOf = (id: string) =>
  [...id.slice(id.indexOf('_') + 1)].reduce((sum, letter) => sum * 32n + BigInt(ALPHABET.indexOf(letter)), 0n)

describe('ids', () => {
  it('[ID-1] an id is its prefix and a UUIDv7 of the instant given', () => {
    fc.assert(
      fc.property(anyKind, anyInstant, anyBytes, (kind, now, bytes) => {
        const id = typeId(kind, now, () => bytes)
        expect(id).toMatch(idPattern(kind))
        const uuid = uuidOf(id)
        expect(uuid >> 80n).toBe(BigInt(now))
        expect((uuid >> 76n) & 15n).toBe(7n)
        expect((uuid >> 62n) & 3n).toBe(2n)
      }),
      PROPERTY,
    )
  })

  it('[ID-1] no two kinds share a prefix and the pattern of one refuses the ids of the others', () => {
    expect(new Set(Object.values(ID_PREFIXES)).size).toBe(KINDS.length)
    for (const kind of KINDS)
      for (const other of KINDS)
        expect(idPattern(kind).test(typeId(other, instant(1), () => new Uint8Array(16)))).toBe(kind === other)
  })

  it('[ID-1] the pattern refuses what is not the whole id', () => {
    const id = typeId('slot', instant(1_795_000_000_000), () => new Uint8Array(16).fill(7))
    for (const bad of [
      ` ${id}`,
      `${id}\n`,
      `${id}0`,
      id.slice(0, -1),
      id.toUpperCase(),
      id.replace(/_./, '_8'),
    ])
      expect(idPattern('slot').test(bad), JSON.stringify(bad)).toBe(false)
  })

  it('[ID-2] an id made a millisecond later sorts later as text, whatever the random bytes', () => {
    fc.assert(
      fc.property(anyKind, anyInstant, anyBytes, anyBytes, (kind, now, first, second) => {
        const later = instant(now + 1)
        expect(typeId(kind, now, () => first) < typeId(kind, later, () => second)).toBe(true)
      }),
      PROPERTY,
    )
  })

  it('[ID-3] the same instant and the same bytes make the same id; other bytes another', () => {
    const zeros = () => new Uint8Array(16)
    const ones = () => new Uint8Array(16).fill(1)
    expect(typeId('slot', instant(5), zeros)).toBe(typeId('slot', instant(5), zeros))
    expect(typeId('slot', instant(5), zeros)).not.toBe(typeId('slot', instant(5), ones))
  })

  it('[ID-3] 74 bits of the random bytes reach the id', () => {
    const base = uuidOf(typeId('slot', instant(5), () => new Uint8Array(16)))
    let reached = 0n
    for (let bit = 0; bit < 128; bit++) {
      const bytes = new Uint8Array(16)
      bytes[bit >> 3] = 1 << (bit & 7)
      reached |= base ^ uuidOf(typeId('slot', instant(5), () => bytes))
    }
    expect([...reached.toString(2)].filter((bit) => bit === '1')).toHaveLength(74)
  })
})
