import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ROLES } from '../kernel/ctx.ts'
import { HOUR, instant } from '../kernel/time.ts'
import { isSecretOf, isUsable, newSecret, overlapEnd, refuseScope, secretHash } from './rules.ts'

const at = fc.nat(1_000).map(instant)
const maybe = fc.option(at, { nil: null })

describe('secrets', () => {
  it('[ACCESS-6] are the prefix of their territory and all of 256 bits, and are recognised as such', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('92', '2A', '974'),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (territory, bytes) => {
          const asked: number[] = []
          const secret = newSecret(territory, (length) => {
            asked.push(length)
            return bytes
          })
          expect(asked).toEqual([32])
          expect(secret.startsWith(`udj_${territory}_`)).toBe(true)
          expect([...Buffer.from(secret.slice(`udj_${territory}_`.length), 'base64url')]).toEqual([...bytes])
          expect(isSecretOf(territory, secret)).toBe(true)
          for (const other of ['9', '75', '2B', '97', '']) expect(isSecretOf(other, secret)).toBe(false)
          for (const wrong of [
            secret.slice(1),
            `${secret}A`,
            secret.slice(0, -1),
            ` ${secret}`,
            `${secret}\n`,
          ])
            expect(isSecretOf(territory, wrong)).toBe(false)
        },
      ),
      { seed: 20261123, numRuns: 200 },
    )
  })

  it('[ACCESS-7] are stored as their SHA-256', () => {
    expect(Buffer.from(secretHash('abc')).toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    expect(Buffer.from(secretHash('udj_92_é'))).toEqual(
      createHash('sha256').update('udj_92_é', 'utf8').digest(),
    )
  })
})

describe('scope of a key', () => {
  it('[ACCESS-8] a coordinator names CPTS, a practitioner itself, and nobody else names anything', () => {
    for (const role of ROLES)
      for (const communityIds of [[], ['a'], ['a', 'b']])
        for (const practitionerId of [null, 'p']) {
          const isRight =
            (role === 'coordinator') === communityIds.length > 0 &&
            (role === 'practitioner') === (practitionerId !== null)
          const refusal = refuseScope({ role, communityIds, practitionerId })
          if (isRight) expect(refusal).toBeNull()
          else expect(refusal).toMatchObject({ code: 'invalid_key_scope' })
        }
  })
})

describe('life of a key', () => {
  it('[ACCESS-9][ACCESS-10] opens while neither the key nor the secret has ended and nobody revoked it', () => {
    fc.assert(
      fc.property(maybe, maybe, maybe, at, (keyEnd, secretEnd, revokedAt, now) => {
        const expected = revokedAt === null && now < (keyEnd ?? Infinity) && now < (secretEnd ?? Infinity)
        expect(isUsable({ expiresAt: keyEnd, revokedAt }, { expiresAt: secretEnd }, now)).toBe(expected)
      }),
      { seed: 20261123, numRuns: 1_000 },
    )
  })

  it('[ACCESS-11] a renewal ends a secret after the overlap, and never later than it would have', () => {
    fc.assert(
      fc.property(maybe, fc.nat(168), at, (end, hours, now) => {
        const next = overlapEnd({ expiresAt: end }, hours, now)
        expect(next).toBe(Math.min(end ?? Infinity, now + hours * HOUR))
      }),
      { seed: 20261123 },
    )
  })
})
