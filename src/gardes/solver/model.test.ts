import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALWAYS, personOf, shiftOn } from '../../../test/gardes/sectors.ts'
import { DAY, HOUR, instant, type Interval, plus } from '../../kernel/time.ts'
import {
  classesOf,
  fits,
  isRestedAround,
  limitsOf,
  standingRules,
  timelineRules,
  weekendOf,
  type Limits,
  type Person,
  type ShiftTime,
} from './model.ts'

const LIMITS: Limits = {
  restMs: 11 * HOUR,
  maxConsecutiveMs: 12 * HOUR,
  maxPer7Days: null,
  maxPer28Days: null,
}
const NIGHT = [0, 480] as const
const EVENING = [1200, 1440] as const

const night = (date: string) => shiftOn(date, 'night', ...NIGHT)
const evening = (date: string) => shiftOn(date, 'evening', ...EVENING)
const byStart = (times: readonly ShiftTime[]) => [...times].sort((a, b) => a.start - b.start)

const rules = (
  done: readonly ShiftTime[],
  shift: ShiftTime,
  person: Partial<Person> = {},
  limits: Partial<Limits> = {},
) => timelineRules(personOf('p', person), { ...LIMITS, ...limits }, byStart(done), done.length, shift)

describe('what keeps a person from a shift by itself', () => {
  const shift = evening('2027-01-12')
  const part = (from: number, to: number): Interval => ({
    start: plus(shift.start, from * HOUR),
    end: plus(shift.start, to * HOUR),
  })
  const standing = (changes: Partial<Person>) => standingRules(personOf('p', changes), shift)

  it('[ROTA-1] nobody does a shift of a role that they do not have', () => {
    expect(standing({ roles: ['regulateur', 'mobile'] })).toEqual(['role'])
    expect(standing({ roles: ['regulateur', 'effecteur'] })).toEqual([])
  })

  it('[ROTA-1] a member is on the list for the whole of the shift, by one membership or two that touch', () => {
    expect(standing({ member: [] })).toEqual(['membership'])
    expect(standing({ member: [part(0, 3)] })).toEqual(['membership'])
    expect(standing({ member: [part(1, 9)] })).toEqual(['membership'])
    expect(standing({ member: [part(0, 4)] })).toEqual([])
    expect(standing({ member: [part(-9, 2), part(2, 9)] })).toEqual([])
    expect(standing({ member: [part(-9, 2), part(3, 9)] })).toEqual(['membership'])
  })

  it('[ROTA-1] a restriction is of shifts of its codes that start within it', () => {
    const restricted = (from: number, to: number, codes: readonly string[] | null) =>
      standing({ restrictions: [{ during: part(from, to), codes }] })
    expect(restricted(0, 1, ['night', 'evening'])).toEqual(['restriction'])
    expect(restricted(0, 1, null)).toEqual(['restriction'])
    expect(restricted(0, 1, ['night'])).toEqual([])
    expect(restricted(1, 9, null)).toEqual([])
    expect(restricted(-9, 0, null)).toEqual([])
  })

  it('[ROTA-1] an absence or a slot of one’s own that shares a minute with the shift keeps from it', () => {
    for (const name of ['absences', 'busy'] as const) {
      const rule = name === 'absences' ? 'absence' : 'busy'
      expect(standing({ [name]: [part(3, 5)] })).toEqual([rule])
      expect(standing({ [name]: [part(-1, 0), part(4, 5)] })).toEqual([])
    }
  })

  it('[ROTA-1] an absence of some codes keeps from no shift of another', () => {
    expect(standing({ absences: [{ ...part(3, 5), codes: ['night', 'evening'] }] })).toEqual(['absence'])
    expect(standing({ absences: [{ ...part(3, 5), codes: ['night'] }] })).toEqual([])
  })
})

describe('what one shift more would break', () => {
  it('[ROTA-2] nobody is in two places at once, be it the same shift twice', () => {
    const am = shiftOn('2027-01-10', 'am', 480, 840)
    expect(rules([am], am)).toEqual(['one_place'])
    expect(rules([shiftOn('2027-01-10', 'long', 600, 1200)], am)).toEqual(['one_place'])
    expect(rules([am], shiftOn('2027-01-10', 'pm', 840, 1200))).toEqual([])
    // The last to start before is not the last to end.
    const placedByHand = [shiftOn('2027-01-10', 'a', 0, 700), shiftOn('2027-01-10', 'b', 60, 120)]
    expect(rules(placedByHand, shiftOn('2027-01-10', 'c', 660, 800))).toContain('one_place')
  })

  it('[ROTA-3] rest is measured on both sides, and shifts that touch need none', () => {
    const late = shiftOn('2027-01-10', 'pm', 840, 1200)
    expect(rules([late], shiftOn('2027-01-11', 'early', 420, 480))).toEqual([])
    expect(rules([late], shiftOn('2027-01-11', 'early', 419, 480))).toEqual(['rest'])
    expect(rules([shiftOn('2027-01-11', 'early', 419, 480)], late)).toEqual(['rest'])
    expect(rules([late], shiftOn('2027-01-11', 'early', 419, 480), {}, { restMs: 9 * HOUR })).toEqual([])
    expect(rules([evening('2027-01-10')], night('2027-01-11'))).toEqual([])
  })

  it('[ROTA-3] rest is measured from the end of the whole stretch of work', () => {
    // 20:00–24:00, 00:00–08:00 and then 20:00 is 12 hours of rest; 18:00 is 10.
    const stretch = [evening('2027-01-10'), night('2027-01-11')]
    expect(rules(stretch, evening('2027-01-11'))).toEqual([])
    expect(rules(stretch, shiftOn('2027-01-11', 'late', 1080, 1140))).toEqual(['rest'])
    expect(
      rules([night('2027-01-11'), shiftOn('2027-01-11', 'late', 1080, 1140)], evening('2027-01-10')),
    ).toEqual(['rest'])
  })

  it('[ROTA-3] a shift between two that are too near makes one stretch, and is not taken away from them', () => {
    const [first, middle, last] = [480, 720, 960].map((from) =>
      shiftOn('2027-01-10', `s${from}`, from, from + 240),
    )
    expect(rules([first!], last!)).toEqual(['rest'])
    expect(rules([first!, middle!], last!)).toEqual([])
    const own = limitsOf(personOf('p'), LIMITS)
    expect(isRestedAround(own, [first!, last!], middle!)).toBe(false)
    expect(isRestedAround(own, [first!, middle!], last!)).toBe(true)
    expect(isRestedAround(own, [first!, night('2027-01-12')], middle!)).toBe(true)
  })

  it('[ROTA-4] twelve hours on end are allowed and a minute more is not', () => {
    const pm = shiftOn('2027-01-10', 'pm', 840, 1200)
    expect(rules([shiftOn('2027-01-10', 'am', 480, 840)], pm)).toEqual([])
    expect(rules([shiftOn('2027-01-10', 'am', 479, 840)], pm)).toEqual(['consecutive'])
    // The last of three that touch.
    expect(rules([pm, evening('2027-01-10')], night('2027-01-11'))).toEqual(['consecutive'])
    // The one between two.
    expect(rules([pm, night('2027-01-11')], evening('2027-01-10'))).toEqual(['consecutive'])
  })

  it('[ROTA-4] hours are elapsed: evening and night are 11 h when clocks go forward and 13 h when they go back', () => {
    const both = (saturday: string, sunday: string) => [evening(saturday), night(sunday)] as const
    const [spring, short] = both('2027-03-27', '2027-03-28')
    const [autumn, long] = both('2027-10-30', '2027-10-31')
    expect([short.end - short.start, long.end - long.start]).toEqual([7 * HOUR, 9 * HOUR])
    expect(rules([spring], short)).toEqual([])
    expect(rules([autumn], long)).toEqual(['consecutive'])
    expect(rules([long], autumn)).toEqual(['consecutive'])
    expect(rules([evening('2027-10-23')], night('2027-10-24'))).toEqual([])
    // 21:00 to 08:00 is 11 hours of rest on the clock and 10 elapsed.
    const before = shiftOn('2027-03-27', 'pm', 840, 1260)
    expect(rules([before], shiftOn('2027-03-28', 'am', 480, 840))).toEqual(['rest'])
    expect(rules([shiftOn('2027-03-20', 'pm', 840, 1260)], shiftOn('2027-03-21', 'am', 480, 840))).toEqual([])
  })

  it('[ROTA-5] no 7 and no 28 civil days in a row hold more than the limit, wherever they begin', () => {
    const on = (day: number) =>
      evening(new Date(Date.parse('2027-02-01') + day * DAY).toISOString().slice(0, 10))
    const after = (
      days: readonly number[],
      day: number,
      limits: Partial<Limits>,
      person: Partial<Person> = {},
    ) => rules(days.map(on), on(day), person, limits)
    expect(after([0, 3], 6, { maxPer7Days: 2 })).toEqual(['max_7_days'])
    expect(after([0, 3], 7, { maxPer7Days: 2 })).toEqual([])
    expect(after([3, 6], 0, { maxPer7Days: 2 })).toEqual(['max_7_days'])
    expect(after([0, 6], 3, { maxPer7Days: 2 })).toEqual(['max_7_days'])
    expect(after([0, 9], 27, { maxPer28Days: 2 })).toEqual(['max_28_days'])
    expect(after([0, 9], 28, { maxPer28Days: 2 })).toEqual([])
    expect(after([], 0, { maxPer28Days: 0 })).toEqual(['max_28_days'])
    // The tighter of the sector's and one's own.
    expect(after([0], 2, { maxPer7Days: 2 }, { maxPer7Days: 1 })).toEqual(['max_7_days'])
    expect(after([0], 2, { maxPer7Days: 1 }, { maxPer7Days: 2 })).toEqual(['max_7_days'])
    expect(after([0], 2, {}, { maxPer28Days: 1 })).toEqual(['max_28_days'])
  })

  it('[ROTA-5] a crowd that the shift is no part of does not keep from it', () => {
    const crowd = ['01', '02', '03'].map((day) => evening(`2027-02-${day}`))
    expect(rules(crowd, evening('2027-03-20'), {}, { maxPer7Days: 2 })).toEqual([])
    expect(rules(crowd, evening('2027-02-08'), {}, { maxPer7Days: 2 })).toEqual(['max_7_days'])
    expect(rules(crowd, evening('2027-02-09'), {}, { maxPer7Days: 2 })).toEqual([])
  })

  it('[ROTA-6] a personal cap counts the shifts of the rota, not those done elsewhere', () => {
    const shift = evening('2027-02-01')
    const person = personOf('p', { maxTotal: 2 })
    const elsewhere = [evening('2027-01-11'), evening('2027-01-13')]
    expect(timelineRules(person, LIMITS, elsewhere, 1, shift)).toEqual([])
    expect(timelineRules(person, LIMITS, elsewhere, 2, shift)).toEqual(['personal_cap'])
  })

  it('[ROTA-7] fits is no rule broken, whatever a timeline holds', () => {
    const time = fc
      .tuple(fc.nat(40 * 24), fc.integer({ min: 1, max: 14 }))
      .map(([from, length]): ShiftTime => {
        const start = instant(Date.parse('2027-02-01') + from * HOUR)
        return { start, end: plus(start, length * HOUR), day: Math.floor(start / DAY) }
      })
    const max = fc.option(fc.nat(4))
    const seen = { yes: 0, no: 0 }
    fc.assert(
      fc.property(
        fc.array(time, { maxLength: 9 }),
        time,
        max,
        max,
        max,
        (done, shift, week, month, total) => {
          const person = personOf('p', { maxPer7Days: week, maxTotal: total })
          const limits = { ...LIMITS, maxPer28Days: month }
          const timeline = byStart(done)
          const broken = timelineRules(person, limits, timeline, done.length, shift)
          const isFit = fits(limitsOf(person, limits), timeline, done.length, shift)
          seen[isFit ? 'yes' : 'no']++
          expect(isFit).toBe(broken.length === 0)
        },
      ),
      { seed: 92, numRuns: 2_000 },
    )
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(50)
  })
})

describe('days and classes', () => {
  it('[ROTA-15] a week-end is a Saturday and the Sunday after it', () => {
    const dayOf = (date: string) => Date.parse(date) / DAY
    expect(weekendOf(dayOf('2027-01-08'))).toBeUndefined()
    expect(weekendOf(dayOf('2027-01-09'))).toBe(weekendOf(dayOf('2027-01-10')))
    expect(weekendOf(dayOf('2027-01-16'))).toBe(weekendOf(dayOf('2027-01-09'))! + 1)
    expect(weekendOf(dayOf('1969-12-27'))).toBe(weekendOf(dayOf('1969-12-28')))
  })

  it('[ROTA-12] every shift counts for the total, which is no class of its own', () => {
    const of = (classes: readonly string[]) => shiftOn('2027-01-10', 'am', 480, 840, { classes })
    expect(classesOf([of(['sunday', 'grande_fete']), of(['evening']), of(['total'])])).toEqual([
      'evening',
      'grande_fete',
      'sunday',
      'total',
    ])
    expect(standingRules(personOf('p', { member: [ALWAYS] }), of([]))).toEqual([])
  })
})
