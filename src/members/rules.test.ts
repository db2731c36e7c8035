import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ROLES, type Actor, type Role } from '../kernel/ctx.ts'
import {
  communitySize,
  isRpps,
  mayChangeCommunities,
  mayManage,
  refuseCommunes,
  refuseRpps,
} from './rules.ts'

const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit))
const tenDigits = fc.stringMatching(/^\d{10}$/)
const sets = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 })

const actorOf = (role: Role, more: Partial<Actor & { kind: 'key' }> = {}): Actor => ({
  kind: 'key',
  keyId: 'akey',
  role,
  communityIds: [],
  practitionerId: null,
  ...more,
})

describe('RPPS', () => {
  it('[MEMBER-1] of the ten numbers that share ten digits exactly one is valid', () => {
    fc.assert(
      fc.property(tenDigits, (digits) => {
        const valid = DIGITS.filter((key) => isRpps(digits + key))
        expect(valid).toHaveLength(1)
      }),
      { seed: 20261123, numRuns: 1_000 },
    )
  })

  it('[MEMBER-1] one wrong digit is always found, and so are two neighbours changed over, but for 0 and 9', () => {
    fc.assert(
      fc.property(tenDigits, fc.nat(10), fc.integer({ min: 1, max: 9 }), (digits, place, add) => {
        const key = DIGITS.find((one) => isRpps(digits + one)) ?? ''
        const rpps = Array.from(digits + key)
        const changed = rpps.with(place, String((Number(rpps[place]) + add) % 10)).join('')
        expect(isRpps(changed)).toBe(false)
        const [a, b] = [rpps[place], rpps[place + 1]]
        if (a === undefined || b === undefined || a === b || new Set([a, b, '0', '9']).size === 2) return
        expect(
          isRpps(
            rpps
              .with(place, b)
              .with(place + 1, a)
              .join(''),
          ),
        ).toBe(false)
      }),
      { seed: 20261123, numRuns: 1_000 },
    )
  })

  it('[MEMBER-1] known numbers: the worked example of ISO/IEC 7812-1, padded to 11 digits', () => {
    expect(isRpps('79927398713')).toBe(true)
    expect(isRpps('79927398710')).toBe(false)
    expect(isRpps('00000000000')).toBe(true)
  })

  it('[MEMBER-1] anything but 11 digits is refused, with where and why', () => {
    for (const text of [
      '',
      '7992739871',
      '799273987130',
      '7992739871a',
      ' 79927398713',
      '79927398713\n',
      '٧٩٩٢٧٣٩٨٧١٣',
    ])
      expect(refuseRpps(text)).toMatchObject({ code: 'invalid_rpps', path: ['rpps'] })
    expect(refuseRpps('79927398713')).toBeNull()
  })
})

describe('size of a CPTS', () => {
  it('[MEMBER-2] under 40,000, under 80,000, up to 175,000, above', () => {
    const sizes: [number, number][] = [
      [0, 1],
      [39_999, 1],
      [40_000, 2],
      [79_999, 2],
      [80_000, 3],
      [175_000, 3],
      [175_001, 4],
      [5_000_000, 4],
    ]
    for (const [population, size] of sizes) expect(communitySize(population)).toBe(size)
  })

  it('[MEMBER-2] never falls as the population rises', () => {
    fc.assert(
      fc.property(fc.nat(300_000), fc.nat(300_000), (a, b) => {
        expect(communitySize(a + b)).toBeGreaterThanOrEqual(communitySize(a))
      }),
      { seed: 20261123 },
    )
  })
})

describe('communes', () => {
  const held = (insee: string, communityId: string) => ({
    insee,
    communityId,
    communityName: `CPTS ${communityId}`,
  })

  it('[MEMBER-3] one that another CPTS holds is refused, with its holder; one’s own is not', () => {
    expect(refuseCommunes([], null)).toBeNull()
    expect(refuseCommunes([held('92050', 'a')], 'a')).toBeNull()
    expect(refuseCommunes([held('92050', 'a'), held('92063', 'b')], 'a')).toEqual({
      code: 'commune_taken',
      detail: 'La commune 92063 appartient à CPTS b.',
      facts: { commune: '92063', communityId: 'b' },
      path: ['communes'],
    })
    expect(refuseCommunes([held('92050', 'a')], null)).toMatchObject({ facts: { communityId: 'a' } })
  })
})

describe('who manages a practitioner', () => {
  it('[MEMBER-4] admin all, coordinator the members of its CPTS, practitioner itself, others none', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ROLES), sets, sets, fc.boolean(), (role, mine, theirs, isSelf) => {
        const actor = actorOf(role, {
          communityIds: mine,
          practitionerId: role === 'practitioner' ? 'self' : null,
        })
        const shared = mine.some((id) => theirs.includes(id))
        const expected = {
          admin: true,
          coordinator: shared,
          practitioner: isSelf,
          regulator: false,
          auditor: false,
        }
        const owned = { practitionerId: isSelf ? 'self' : 'other', communityIds: theirs }
        expect(mayManage(actor, owned)).toBe(expected[role])
        expect(mayManage({ kind: 'system', name: 'tick' }, owned)).toBe(true)
      }),
      { seed: 20261123, numRuns: 500 },
    )
  })

  it('[MEMBER-5] a coordinator moves practitioners in and out of its own CPTS only, a practitioner nowhere', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ROLES), sets, sets, sets, (role, mine, before, after) => {
        const changed = new Set(
          [...before, ...after].filter((id) => before.includes(id) !== after.includes(id)),
        )
        const onlyMine = [...changed].every((id) => mine.includes(id))
        const none = changed.size === 0
        const expected = {
          admin: true,
          coordinator: onlyMine,
          practitioner: none,
          regulator: none,
          auditor: none,
        }
        expect(mayChangeCommunities(actorOf(role, { communityIds: mine }), before, after)).toBe(
          expected[role],
        )
        expect(mayChangeCommunities({ kind: 'system', name: 'seed' }, before, after)).toBe(true)
      }),
      { seed: 20261123, numRuns: 500 },
    )
  })
})
