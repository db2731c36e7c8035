import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, getLocalDate, startOfDay, toLocalDate, type LocalDate } from '../../kernel/civil.ts'
import { DAY, plus } from '../../kernel/time.ts'
import { FLAGS, GRID_RULES, type Flags } from '../vocabulary.ts'
import {
  ageIn,
  classify,
  completed,
  DEFAULT_RULES,
  refuseRules,
  weeksBetween,
  weeksToClass1,
  type AllocationRules,
  type GridHousehold,
} from './rules.ts'

const ZONE = 'Europe/Paris'
const SINCE = startOfDay(getLocalDate('2026-03-20'), ZONE)

const KNOWN: Flags = Object.fromEntries(FLAGS.map((flag) => [flag, false]))

const household = (flags: Flags = {}, bornIn = '1980-02-01'): GridHousehold => ({
  waitingSince: SINCE,
  members: [{ number: 0, bornIn: getLocalDate(bornIn), mayBePregnant: true, flags: { ...KNOWN, ...flags } }],
})

const classAt = (rules: AllocationRules, of: GridHousehold, days: number) =>
  classify(rules, of, plus(SINCE, days * DAY), ZONE)

const RULES = fc
  .record({
    grid: fc
      .uniqueArray(fc.constantFrom(...GRID_RULES), { minLength: 1 })
      .chain((rules) =>
        fc.tuple(...rules.map((rule) => fc.integer({ min: 0, max: 60 }).map((points) => ({ rule, points })))),
      ),
    thresholds: fc
      .uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 4, maxLength: 4 })
      .map((points) => points.sort((a, b) => b - a) as [number, number, number, number]),
    householdRank: fc.constantFrom('most_urgent' as const, 'mean' as const),
  })
  .map(({ grid, thresholds, householdRank }): AllocationRules => ({
    ...DEFAULT_RULES,
    grid,
    classThresholds: thresholds,
    householdRank,
  }))

const HOUSEHOLD = fc
  .array(
    fc.record({
      bornIn: fc
        .integer({ min: 0, max: 1_400 })
        .map((months) =>
          getLocalDate(`${1910 + Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, '0')}-01`),
        )
        .filter((born) => born <= '2026-03-01'),
      mayBePregnant: fc.boolean(),
      flags: fc.record(
        Object.fromEntries(FLAGS.map((flag) => [flag, fc.constantFrom(true, false, false, null)])),
        { requiredKeys: [] },
      ),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((members): GridHousehold => ({
    waitingSince: SINCE,
    members: members.map((member, number) => ({ ...member, number })),
  }))

/** What the class of a household would be by the words of the rule, told otherwise than the code does. */
const oracle = (rules: AllocationRules, { members }: GridHousehold, weeks: number, today: LocalDate) => {
  const points = new Map(rules.grid.map((line) => [line.rule, line.points]))
  const of = (rule: (typeof GRID_RULES)[number]) => points.get(rule) ?? 0
  let unknown = 0
  const sums = members.map(({ bornIn, mayBePregnant, flags }) => {
    let sum = 0
    for (const flag of FLAGS) {
      const value = flags[flag] ?? (flag === 'pregnancy' && !mayBePregnant ? false : null)
      if (value === null && (of(flag) > 0 || flag === 'palliative')) unknown++
      if (value === true) sum += of(flag)
    }
    const months = (date: string) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7))
    if (months(today) - months(bornIn) >= 70 * 12) sum += of('age70')
    if (months(today) - months(bornIn) >= 80 * 12) sum += of('age80')
    if (months('2026-03') - months(bornIn) <= 36) sum += of('childUnder3')
    return sum
  })
  const all = sums.reduce((a, b) => a + b, 0)
  const rank = rules.householdRank === 'mean' ? Math.ceil(all / sums.length) : Math.max(...sums)
  const total = rank + weeks * of('weeksWaiting')
  const isPalliative = members.some(({ flags }) => flags.palliative === true)
  const known = isPalliative ? 1 : 5 - rules.classThresholds.filter((least) => total >= least).length
  return { total, class: unknown > 0 && known !== 1 ? null : known }
}

describe('classify', () => {
  it('[MT-2] agrees with the rule told otherwise, and shows every point that counts', () => {
    fc.assert(
      fc.property(RULES, HOUSEHOLD, fc.integer({ min: 0, max: 400 }), (rules, of, days) => {
        const found = classAt(rules, of, days)
        const expected = oracle(rules, of, Math.floor(days / 7), addDays(getLocalDate('2026-03-20'), days))
        expect({ total: found.total, class: found.class }).toEqual(expected)
        const shown = found.points.reduce((sum, { points }) => sum + points, 0)
        if (rules.householdRank === 'most_urgent') expect(shown).toBe(found.total)
        else expect(shown).toBeGreaterThanOrEqual(found.total - 1)
        for (const { points } of found.points) expect(points).toBeGreaterThan(0)
      }),
      { seed: 7, numRuns: 1_000 },
    )
  })

  it('[MT-2] the oracle sees a planted fault', () => {
    const of = household({ ald: true })
    const wrong = { ...DEFAULT_RULES, grid: [{ rule: 'ald', points: 31 } as const] }
    expect(classAt(wrong, of, 0).total).not.toBe(
      oracle(DEFAULT_RULES, of, 0, getLocalDate('2026-03-20')).total,
    )
  })

  it('[MT-3] nothing unknown has a class but the first, and knowing it never takes points away', () => {
    fc.assert(
      fc.property(RULES, HOUSEHOLD, (rules, of) => {
        const found = classAt(rules, of, 0)
        if (found.lacking.length > 0) expect([null, 1]).toContain(found.class)
        else expect(found.class).not.toBeNull()
        const answered: GridHousehold = {
          ...of,
          members: of.members.map((member) => ({
            ...member,
            flags: {
              ...KNOWN,
              ...Object.fromEntries(Object.entries(member.flags).filter(([, one]) => one === true)),
            },
          })),
        }
        const after = classAt(rules, answered, 0)
        expect(after.lacking).toEqual([])
        expect(after.total).toBe(found.total)
      }),
      { seed: 8, numRuns: 500 },
    )
  })

  it('[MT-4] time alone never makes a class worse, nor takes it away', () => {
    fc.assert(
      fc.property(
        RULES,
        HOUSEHOLD,
        fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 8 }),
        (rules, of, steps) => {
          let [days, before] = [0, classAt(rules, of, 0)]
          for (const step of steps) {
            days += step
            const now = classAt(rules, of, days)
            expect(now.total).toBeGreaterThanOrEqual(before.total)
            if (before.class !== null) {
              expect(now.class).not.toBeNull()
              expect(now.class ?? 9).toBeLessThanOrEqual(before.class)
            }
            before = now
          }
        },
      ),
      { seed: 9, numRuns: 1_000 },
    )
  })

  it('[MT-4] between now and when it is due nothing changes, and then something does', () => {
    fc.assert(
      fc.property(RULES, HOUSEHOLD, fc.integer({ min: 0, max: 900 }), (rules, of, days) => {
        const now = classAt(rules, of, days)
        const { dueAt } = now
        if (dueAt === null) {
          expect(classAt(rules, of, days + 9_000).total).toBe(now.total)
          return
        }
        expect(dueAt).toBeGreaterThan(plus(SINCE, days * DAY))
        const before = classify(rules, of, plus(dueAt, -1), ZONE)
        expect({ ...before, dueAt }).toEqual(now)
        const after = classify(rules, of, dueAt, ZONE)
        expect(after.dueAt).not.toBe(dueAt)
        expect(after.total).toBeGreaterThanOrEqual(now.total)
      }),
      { seed: 10, numRuns: 500 },
    )
  })

  it('[MT-4] with the default grid everybody is of class 1 after 30 weeks, and nobody of class 5 sooner', () => {
    expect(weeksToClass1(DEFAULT_RULES)).toBe(30)
    expect(classAt(DEFAULT_RULES, household(), 30 * 7).class).toBe(1)
    expect(classAt(DEFAULT_RULES, household(), 30 * 7 - 1).class).toBe(2)
    fc.assert(
      fc.property(RULES, HOUSEHOLD, (rules, of) => {
        const weeks = weeksToClass1(rules)
        if (weeks !== null) expect(classAt(rules, of, weeks * 7).class).toBe(1)
      }),
      { seed: 11, numRuns: 300 },
    )
  })

  it('[MT-4] a week that the change of hour makes short or long is a week', () => {
    const at = (text: string) => startOfDay(getLocalDate(text), ZONE)
    const of = household()
    expect(classify(DEFAULT_RULES, of, plus(at('2026-04-03'), -1), ZONE).total).toBe(2)
    expect(classify(DEFAULT_RULES, of, at('2026-04-03'), ZONE).total).toBe(4)
    const autumn = { ...of, waitingSince: at('2026-10-20') }
    expect(classify(DEFAULT_RULES, autumn, plus(at('2026-10-27'), -1), ZONE).total).toBe(0)
    expect(classify(DEFAULT_RULES, autumn, at('2026-10-27'), ZONE).total).toBe(2)
  })

  it('[MT-2] months of birth are read in the person’s favour', () => {
    const totalOf = (bornIn: string, on = '2026-03-20') =>
      classify(DEFAULT_RULES, household({}, bornIn), startOfDay(getLocalDate(on), ZONE), ZONE).total
    expect(totalOf('1956-03-01')).toBe(15)
    expect(totalOf('1956-04-01')).toBe(0)
    expect(totalOf('1946-03-01')).toBe(30)
    expect(totalOf('2023-03-01')).toBe(20)
    expect(totalOf('2023-02-01')).toBe(0)
    // A child who grows up while waiting stays one who was under 3 when the request came.
    expect(totalOf('2023-03-01', '2026-09-01')).toBe(20 + 2 * 23)
  })
})

describe('refuseRules', () => {
  it('[MT-1] the defaults are rules that hold, and what is left out is theirs', () => {
    expect(refuseRules(DEFAULT_RULES)).toBeNull()
    expect(completed({ ...DEFAULT_RULES, maxKm: 3, batchWaits: undefined })).toEqual({
      ...DEFAULT_RULES,
      maxKm: 3,
    })
  })

  it('[MT-1] tells where the contradiction is', () => {
    const of = (change: Partial<AllocationRules>) => refuseRules({ ...DEFAULT_RULES, ...change })?.path
    const ald = { rule: 'ald', points: 1 } as const
    expect(of({ grid: [ald, ald] })).toEqual(['grid', 1])
    expect(of({ classThresholds: [9, 8, 8, 1] })).toEqual(['classThresholds', 2])
    expect(of({ reminderDays: 7 })).toEqual(['reminderDays'])
  })
})

describe('ages and weeks', () => {
  it('[MT-2] by the month of birth', () => {
    const on = getLocalDate('2026-03-20')
    expect(ageIn(getLocalDate('1980-03-01'), on)).toBe(46)
    expect(ageIn(getLocalDate('1980-04-01'), on)).toBe(45)
    expect(ageIn(getLocalDate('2026-04-01'), on)).toBe(0)
    expect(weeksBetween(on, addDays(on, 13))).toBe(1)
    expect(weeksBetween(on, addDays(on, -1))).toBe(0)
    expect(toLocalDate(SINCE, ZONE)).toBe(on)
  })
})
