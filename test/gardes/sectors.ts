import fc from 'fast-check'
import { generate, type Rota } from '../../src/gardes/solver/generate.ts'
import type { Cell, Person, Problem, Shift, Wish } from '../../src/gardes/solver/model.ts'
import { dayTypeOf } from '../../src/kernel/calendar.ts'
import { addDays, atMinute, daysBetween, getLocalDate, toInstant } from '../../src/kernel/civil.ts'
import { DAY, HOUR, instant, plus, type Interval } from '../../src/kernel/time.ts'

const EPOCH = getLocalDate('1970-01-01')
const GRANDES_FETES = ['12-24', '12-25', '12-31', '01-01']

/** A shift of a day in Paris, by minutes on the clock. */
export const shiftOn = (
  date: string,
  code: string,
  from: number,
  to: number,
  { classes = [code], headcount = 1, role = 'effecteur' }: Partial<Shift> = {},
): Shift => {
  const day = getLocalDate(date)
  return {
    id: `${date}-${code}`,
    code,
    role,
    classes,
    headcount,
    day: daysBetween(EPOCH, day),
    start: toInstant(atMinute(day, from), 'Europe/Paris', 'forward'),
    end: toInstant(atMinute(day, to), 'Europe/Paris', 'forward'),
  }
}

/** The shifts of a sector of Paris: deep night, evening, Saturday, and two posts on Sundays and holidays. */
export const shiftsOf = (from: string, days: number): Shift[] =>
  Array.from({ length: days }, (_, i) => addDays(getLocalDate(from), i)).flatMap((date) => {
    const { type } = dayTypeOf(date, { code: '92' })
    const add = (code: string, category: string, start: number, end: number, headcount: number) =>
      shiftOn(date, code, start, end, {
        headcount,
        classes: [category, ...(GRANDES_FETES.includes(date.slice(5)) ? ['grande_fete'] : [])],
      })
    return [
      add('night', 'night', 0, 480, 1),
      ...(type === 'saturday' ? [add('saturday', 'saturday', 720, 1200, 1)] : []),
      ...(type === 'sunday' || type === 'holiday'
        ? [add('am', type, 480, 840, 2), add('pm', type, 840, 1200, 2)]
        : []),
      add('evening', 'evening', 1200, 1440, 1),
    ]
  })

export const ALWAYS: Interval = { start: instant(0), end: instant(Date.parse('2100-01-01')) }

export const personOf = (id: string, changes: Partial<Person> = {}): Person => ({
  id,
  share: 100,
  roles: ['effecteur'],
  member: [ALWAYS],
  restrictions: [],
  absences: [],
  busy: [],
  elsewhere: [],
  maxPer7Days: null,
  maxPer28Days: null,
  maxTotal: null,
  carried: {},
  ...changes,
})

export const problemOf = (changes: Partial<Problem>): Problem => ({
  seed: 0,
  limits: { restMs: 11 * HOUR, maxConsecutiveMs: 12 * HOUR, maxPer7Days: 3, maxPer28Days: 8 },
  people: [],
  shifts: [],
  cells: [],
  published: [],
  wishes: [],
  ...changes,
})

const numbered = (i: number) => `p${String(i).padStart(2, '0')}`

/** A sector of equal people without a restriction. */
export const plainSector = (people: number, from: string, days: number): Problem =>
  problemOf({
    shifts: shiftsOf(from, days),
    people: Array.from({ length: people }, (_, i) => personOf(numbered(i))),
  })

/** Three absences of two weeks each, some half shares, some without nights, evenings carried over, a wish each. */
export const busySector = (people: number, from: string, days: number): Problem => {
  const plain = plainSector(people, from, days)
  const during = (offset: number, length: number): Interval => {
    const start = instant(Date.parse(from) + (offset % days) * DAY)
    return { start, end: plus(start, length * DAY) }
  }
  return {
    ...plain,
    people: plain.people.map((person, i) => ({
      ...person,
      absences: [0, 1, 2].map((k) => during(i * 37 + k * 101, 14)),
      share: i % 5 === 0 ? 50 : 100,
      restrictions: i % 7 === 0 ? [{ during: ALWAYS, codes: ['night'] }] : [],
      carried: { evening: ((i * 7) % 5) * 300 - 600 },
    })),
    wishes: plain.people.map(({ id }, i): Wish => ({
      personId: id,
      want: 'avoid',
      codes: null,
      during: during(i * 53, 7),
    })),
  }
}

/** The rota of a problem, to the end of the search. */
export const rotaOf = (problem: Problem): Rota => {
  const slices = generate(problem)
  for (;;) {
    const slice = slices.next()
    if (slice.done) return slice.value
  }
}

// --- Small sectors at random ---------------------------------------------------------------------------------------------

const FROM = '2026-12-19'

/** Shifts that touch, that overlap and that leave too little rest, some with two posts or another role. */
const PALETTE = [
  { code: 'night', from: 0, to: 480, classes: ['night'] },
  { code: 'am', from: 480, to: 840, classes: ['day'] },
  { code: 'pm', from: 840, to: 1200, classes: ['day'] },
  { code: 'long', from: 540, to: 1140, classes: ['day', 'long'] },
  { code: 'evening', from: 1200, to: 1440, classes: ['evening'] },
  // Three that touch are twelve hours; without the middle one, two that are too near.
  { code: 'first', from: 480, to: 720, classes: ['day'] },
  { code: 'middle', from: 720, to: 960, classes: ['day'] },
  { code: 'last', from: 960, to: 1200, classes: ['day'] },
] as const

const shiftArb = (days: number, codes?: readonly string[]): fc.Arbitrary<Shift> =>
  fc
    .record({
      day: fc.nat(days - 1),
      kind: fc.constantFrom(...PALETTE.filter(({ code }) => codes?.includes(code) ?? true)),
      headcount: fc.constantFrom(1, 1, 2),
      role: fc.constantFrom('effecteur', 'effecteur', 'effecteur', 'regulateur'),
    })
    .map(({ day, kind, headcount, role }) =>
      shiftOn(addDays(getLocalDate(FROM), day), kind.code, kind.from, kind.to, {
        headcount,
        role,
        classes: kind.classes,
      }),
    )

const intervalArb = (days: number): fc.Arbitrary<Interval> =>
  fc.tuple(fc.nat(days * 24), fc.integer({ min: 1, max: 72 })).map(([from, length]) => {
    const start = instant(Date.parse(FROM) + from * HOUR)
    return { start, end: plus(start, length * HOUR) }
  })

const rarely = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.tuple(arb) })

const limitArb = (most: number): fc.Arbitrary<number | null> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, fc.integer({ min: 1, max: most }))

const codesArb = fc.option(fc.subarray(PALETTE.map(({ code }) => code)), { freq: 3 })

const personArb = (days: number): fc.Arbitrary<Omit<Person, 'id'>> =>
  fc.record({
    share: fc.constantFrom(100, 100, 100, 50, 30, 0),
    roles: fc.constantFrom(['effecteur'], ['effecteur', 'regulateur']),
    member: fc.oneof({ weight: 4, arbitrary: fc.constant([ALWAYS]) }, fc.tuple(intervalArb(days))),
    restrictions: rarely(fc.record({ during: intervalArb(days), codes: codesArb })),
    absences: rarely(
      fc
        .tuple(intervalArb(days), codesArb)
        .map(([interval, codes]) => (codes === null ? interval : { ...interval, codes })),
    ),
    busy: rarely(intervalArb(days)),
    elsewhere: rarely(shiftArb(days).map(({ start, end, day }) => ({ start, end, day }))),
    maxPer7Days: limitArb(4),
    maxPer28Days: limitArb(6),
    maxTotal: limitArb(5),
    carried: fc.record({ night: fc.integer({ min: -900, max: 900 }) }, { requiredKeys: [] }),
  })

const cellArb = (people: number, shifts: readonly Shift[]): fc.Arbitrary<Cell> =>
  fc.record({
    // One beyond: somebody and something that there is not.
    shiftId: fc.constantFrom(...shifts.map(({ id }) => id), 'gone'),
    place: fc.integer({ min: 1, max: 3 }),
    personId: fc.nat(people).map(numbered),
    locked: fc.boolean(),
  })

export interface Size {
  readonly people: number
  readonly shifts: number
  readonly days: number
  /** Kinds of shift, all by default. */
  readonly codes?: readonly string[]
}

/** Any small sector, with everything that a problem may hold: locks that break rules, cells of nobody, doubles. */
export const sectorArb = ({ people, shifts, days, codes }: Size): fc.Arbitrary<Problem> =>
  fc
    .tuple(
      fc.uniqueArray(shiftArb(days, codes), { minLength: 1, maxLength: shifts, selector: ({ id }) => id }),
      fc.array(personArb(days), { minLength: 1, maxLength: people }),
    )
    .chain(([own, persons]) =>
      fc.record({
        seed: fc.nat(1_000_000),
        limits: fc.record({
          restMs: fc.constantFrom(9 * HOUR, 11 * HOUR),
          maxConsecutiveMs: fc.constantFrom(12 * HOUR, 14 * HOUR),
          maxPer7Days: limitArb(4),
          maxPer28Days: limitArb(8),
        }),
        people: fc.constant(persons.map((person, i) => ({ id: numbered(i), ...person }))),
        shifts: fc.constant(own),
        cells: fc.array(cellArb(persons.length, own), { maxLength: 4 }),
        published: fc.oneof(
          { weight: 2, arbitrary: fc.constant([]) },
          fc.array(cellArb(persons.length, own), { maxLength: 4 }),
        ),
        wishes: fc.array(
          fc.record({
            personId: fc.nat(persons.length).map(numbered),
            want: fc.constantFrom('avoid' as const, 'prefer' as const),
            during: intervalArb(days),
            codes: codesArb,
          }),
          { maxLength: 3 },
        ),
      }),
    )
