import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changesOf, refuseProfession, type Intake } from './rules.ts'

const limit = fc.option(fc.nat(20))
const intakes: fc.Arbitrary<Intake> = fc.record({
  open: fc.boolean(),
  perRun: fc.nat(3),
  perMonth: fc.nat(3),
  patientele: fc.nat(3),
  patienteleCeiling: fc.nat(3),
  minAge: limit,
  maxAge: limit,
  homeVisits: fc.boolean(),
  languages: fc.subarray(['en', 'ar', 'pt']),
  wheelchair: fc.boolean(),
  maxKm: limit,
  maxAldPerRun: limit,
  maxHomeVisitsPerRun: limit,
  sex: fc.constantFrom('female', 'male', null),
  share: fc.integer({ min: 1, max: 3 }),
  absentUntil: fc.constant(null),
  leavingOn: fc.constant(null),
})

describe('changes of an intake', () => {
  it('[INTAKE-1] what changed is what differs, and put over the version before it gives the one after', () => {
    fc.assert(
      fc.property(intakes, intakes, (before, after) => {
        const changed = changesOf(before, after)
        const undone = Object.fromEntries(
          Object.entries(changed).map(([field, { before: was }]) => [field, was]),
        )
        expect({ ...after, ...undone }).toEqual(before)
        for (const [, { before: was, after: is }] of Object.entries(changed)) expect(was).not.toEqual(is)
        expect(changesOf(after, after)).toEqual({})
      }),
      { seed: 1 },
    )
  })

  it('[INTAKE-1] a first version changes every field there is', () => {
    fc.assert(
      fc.property(intakes, (intake) => {
        expect(Object.keys(changesOf(null, intake)).sort()).toEqual(Object.keys(intake).sort())
      }),
      { seed: 2, numRuns: 20 },
    )
  })

  it('[INTAKE-3] only a GP says what they can take', () => {
    expect(refuseProfession('GP')).toBeNull()
    for (const profession of ['nurse', 'midwife', 'gp', ''])
      expect(refuseProfession(profession)?.code).toBe('not_a_gp')
  })
})
