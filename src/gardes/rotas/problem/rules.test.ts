import { describe, expect, it } from 'vitest'
import { addMinutes, atMinute, getLocalDate, startOfDay, toInstant } from '../../../kernel/civil.ts'
import { HOUR } from '../../../kernel/time.ts'
import { generate } from '../../solver/generate.ts'
import {
  inputHash,
  isOutsider,
  problemOf,
  rulesAgainst,
  standingProblem,
  type Material,
  type MemberTerms,
  type Place,
  type PlannedTime,
} from './rules.ts'

const ZONE = 'Europe/Paris'
const day = getLocalDate

const evening = (date: string, more: Partial<PlannedTime> = {}): PlannedTime => {
  const localStart = atMinute(day(date), 20 * 60)
  return {
    id: `evening-${date}`,
    code: 'evening',
    role: 'effecteur',
    category: 'evening',
    isGrandeFete: false,
    headcount: 1,
    localStart,
    start: toInstant(localStart, ZONE, 'forward'),
    end: toInstant(addMinutes(localStart, 240), ZONE, 'forward'),
    ...more,
  }
}

const member = (practitionerId: string, more: Partial<MemberTerms> = {}): MemberTerms => ({
  practitionerId,
  share: 100,
  from: day('2026-01-01'),
  to: null,
  roles: ['effecteur'],
  maxPer7Days: null,
  maxPer28Days: null,
  maxPerRota: null,
  ...more,
})

const place = (date: string, titulaireId: string | null, more: Partial<Place> = {}): Place => ({
  shiftId: `evening-${date}`,
  place: 1,
  titulaireId,
  executantId: null,
  outsideName: null,
  isLocked: false,
  ...more,
})

const DATES = ['2027-01-04', '2027-01-05', '2027-01-06', '2027-01-07']

const material = (more: Partial<Material> = {}): Material => ({
  zone: ZONE,
  rota: { id: 'rota', from: day('2027-01-04'), to: day('2027-01-07') },
  sector: { restHours: 11, maxShiftsPer7Days: null, maxShiftsPer28Days: null },
  members: [member('a'), member('b')],
  restrictions: [],
  absences: [],
  wishes: [],
  shifts: DATES.map((date) => evening(date)),
  places: DATES.map((date) => place(date, null)),
  duties: [],
  busy: [],
  carried: new Map(),
  ...more,
})

const NEW = { seed: 1, isDropped: () => false, published: null }

const personOf = (id: string, more: Partial<Material>) =>
  problemOf(material(more), NEW).people.find((person) => person.id === id)

const solve = (problem: ReturnType<typeof problemOf>) => {
  const work = generate(problem)
  for (;;) {
    const next = work.next()
    if (next.done) return next.value
  }
}

describe('what a rota is to the solver', () => {
  it('[GARDE-10] a member of part of the time has the share of those days, and no shift on others', () => {
    const joined = personOf('a', { members: [member('a', { from: day('2027-01-06') })] })
    expect(joined).toMatchObject({ share: 100, member: [{ start: startOfDay(day('2027-01-06'), ZONE) }] })
    const members = [
      member('a', { to: day('2027-01-04'), share: 20 }),
      member('a', { from: day('2027-01-05'), share: 60 }),
    ]
    // One day at 20 and three at 60; the two stretches touch, so that a night over midnight is within them.
    expect(personOf('a', { members })).toMatchObject({ share: 50, member: [{}] })
    expect(personOf('a', { members: [member('a', { to: day('2027-01-03') })] })).toBeUndefined()
  })

  it('[GARDE-10] who has a role for part of the time takes its shifts then only', () => {
    const members = [
      member('a', { to: day('2027-01-05'), roles: ['regulateur'] }),
      member('a', { from: day('2027-01-06'), roles: ['effecteur'] }),
    ]
    const given = material({ members })
    expect(rulesAgainst(given, 'a', 'evening-2027-01-05', [])).toEqual(['restriction'])
    expect(rulesAgainst(given, 'a', 'evening-2027-01-06', [])).toEqual([])
  })

  it('[GARDE-10] days, codes and hours of what people asked reach the solver as civil days', () => {
    const { people, wishes, limits } = problemOf(
      material({
        restrictions: [{ practitionerId: 'a', from: day('2027-01-05'), to: null, shiftTypes: ['night'] }],
        absences: [
          { practitionerId: 'a', from: day('2027-01-06'), to: day('2027-01-06'), shiftTypes: null },
          { practitionerId: 'a', from: day('2027-01-08'), to: day('2027-01-08'), shiftTypes: ['night'] },
        ],
        wishes: [
          {
            practitionerId: 'b',
            from: day('2027-01-04'),
            to: day('2027-01-05'),
            shiftTypes: null,
            want: 'avoid',
          },
        ],
        sector: { restHours: 9, maxShiftsPer7Days: 3, maxShiftsPer28Days: 8 },
      }),
      NEW,
    )
    const of = (date: string) => startOfDay(day(date), ZONE)
    expect(people[0]).toMatchObject({
      restrictions: [{ during: { start: of('2027-01-05') }, codes: ['night'] }],
      absences: [
        { start: of('2027-01-06'), end: of('2027-01-07') },
        { start: of('2027-01-08'), end: of('2027-01-09'), codes: ['night'] },
      ],
    })
    expect(wishes).toEqual([
      {
        personId: 'b',
        want: 'avoid',
        during: { start: of('2027-01-04'), end: of('2027-01-06') },
        codes: null,
      },
    ])
    expect(limits).toEqual({
      restMs: 9 * HOUR,
      maxConsecutiveMs: 12 * HOUR,
      maxPer7Days: 3,
      maxPer28Days: 8,
    })
  })

  it('[GARDE-12] locked places, replacements and outsiders are fixed; what is given anew is left out', () => {
    const places = [
      place('2027-01-04', 'a', { isLocked: true }),
      place('2027-01-05', 'a', { executantId: 'z' }),
      place('2027-01-06', 'a', { outsideName: 'Dr Dehors' }),
      place('2027-01-07', 'b'),
    ]
    const kept = problemOf(material({ places }), NEW)
    expect(kept.cells.map(({ personId, locked }) => [personId, locked])).toEqual([
      ['a', true],
      ['z', true],
      ['outside:evening-2027-01-06:1', true],
      ['b', false],
    ])
    expect(kept.people.map(({ id, share }) => [id, share])).toEqual([
      ['a', 100],
      ['b', 100],
      ['z', 0],
      ['outside:evening-2027-01-06:1', 0],
    ])
    const anew = problemOf(material({ places }), { ...NEW, isDropped: () => true })
    expect(anew.cells).toHaveLength(3)
    const found = solve(anew)
    expect(found.unfilled).toEqual([])
    expect(found.ledger.filter((line) => isOutsider(line.personId)).every((line) => line.weight === 0)).toBe(
      true,
    )
  })

  it('[GARDE-19] of a published rota what has begun is fixed, empty places too, and the rest stands', () => {
    const places = [
      place('2027-01-04', 'a'),
      place('2027-01-05', null),
      place('2027-01-06', 'a'),
      place('2027-01-07', 'b'),
    ]
    const now = evening('2027-01-05').start
    const problem = problemOf(material({ places }), { ...NEW, published: { now } })
    expect(problem.cells.map(({ locked }) => locked)).toEqual([true, false, false])
    expect(problem.shifts.map(({ headcount }) => headcount)).toEqual([1, 0, 1, 1])
    expect(problem.published).toHaveLength(3)
    expect(solve(problem).cells.map(({ personId }) => personId)).toEqual(['a', 'a', 'b'])
  })

  it('[GARDE-14] its hash changes with whatever it is made from, and with nothing else', () => {
    const of = (more: Partial<Material> = {}) => inputHash(problemOf(material(more), NEW))
    expect(of()).toBe(of())
    const changes: Partial<Material>[] = [
      { members: [member('a')] },
      {
        absences: [{ practitionerId: 'a', from: day('2027-01-06'), to: day('2027-01-06'), shiftTypes: null }],
      },
      { places: DATES.map((date) => place(date, 'a')) },
      { sector: { restHours: 10, maxShiftsPer7Days: null, maxShiftsPer28Days: null } },
      { busy: [{ ...evening('2027-01-06'), practitionerId: 'a' }] },
      { carried: new Map([['a', { evening: 1 }]]) },
    ]
    expect(new Set([of(), ...changes.map(of)]).size).toBe(changes.length + 1)
  })
})

describe('the ledger of a rota as it stands', () => {
  it('[GARDE-21] says of a rota that was generated what the solver said', () => {
    const restrictions = [
      { practitionerId: 'a', from: day('2027-01-04'), to: day('2027-01-05'), shiftTypes: null },
    ]
    const found = solve(problemOf(material({ restrictions }), NEW))
    const places = found.cells.map((cell) => place(cell.shiftId.slice(-10), cell.personId))
    const work = generate(standingProblem(material({ restrictions, places }))).next()
    expect(work.done && work.value.ledger).toEqual(found.ledger)
    expect(found.ledger.find((line) => line.personId === 'a')?.weight).toBe(0.5)
  })

  it('[GARDE-21] counts empty places for nobody and does not fill them', () => {
    const places = [place('2027-01-04', 'a'), place('2027-01-05', null)]
    const work = generate(standingProblem(material({ places }))).next()
    const done = work.done ? work.value.ledger.filter(({ class: name }) => name === 'total') : []
    expect(done.map((line) => [line.personId, line.done])).toEqual([
      ['a', 1],
      ['b', 0],
    ])
  })
})

describe('judging one place', () => {
  const duty = (date: string, rotaId = 'elsewhere') => ({
    ...evening(date),
    practitionerId: 'a',
    rotaId,
    shiftId: `${rotaId}-${date}`,
    place: 1,
  })

  it('[GARDE-16] all that a person does counts, but the places that they leave', () => {
    const given = material({ duties: [duty('2027-01-05')] })
    expect(rulesAgainst(given, 'a', 'evening-2027-01-05', [])).toEqual(['one_place'])
    expect(
      rulesAgainst(given, 'a', 'evening-2027-01-05', [{ shiftId: 'elsewhere-2027-01-05', place: 1 }]),
    ).toEqual([])
    expect(rulesAgainst(given, 'b', 'evening-2027-01-05', [])).toEqual([])
  })

  it('[GARDE-16] a cap of one’s own is of the rota, a limit of days of everything', () => {
    const duties = [duty('2027-01-04', 'rota'), duty('2027-01-05')]
    const rules = (more: Partial<MemberTerms>) =>
      rulesAgainst(material({ duties, members: [member('a', more)] }), 'a', 'evening-2027-01-07', [])
    expect(rules({ maxPerRota: 1 })).toEqual(['personal_cap'])
    expect(rules({ maxPerRota: 2 })).toEqual([])
    expect(rules({ maxPer7Days: 2 })).toEqual(['max_7_days'])
    expect(rules({ maxPer28Days: 2 })).toEqual(['max_28_days'])
  })
})
