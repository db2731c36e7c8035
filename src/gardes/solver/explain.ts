import { HOUR } from '../../kernel/time.ts'
import { NOBODY } from './instance.ts'
import { standingRules, timelineRules, type HardRule, type Limits, type Person } from './model.ts'
import type { RotaState } from './state.ts'

/** What alone, with everything else of the rota as it is, would fill a place; the least intrusive first. */
export const RELAXATIONS = [
  'rest_9_hours',
  'max_7_days_plus_1',
  'max_28_days_plus_1',
  'personal_cap_plus_1',
  'one_more_member',
  'headcount_minus_1',
] as const
export type Relaxation = (typeof RELAXATIONS)[number]

const plusOne = (max: number | null) => (max === null ? null : max + 1)

/** The limits of a person under each relaxation that is about limits. */
const RELAXED: Partial<Record<Relaxation, (person: Person, limits: Limits) => readonly [Person, Limits]>> = {
  rest_9_hours: (person, limits) => [person, { ...limits, restMs: Math.min(limits.restMs, 9 * HOUR) }],
  max_7_days_plus_1: (person, limits) => [person, { ...limits, maxPer7Days: plusOne(limits.maxPer7Days) }],
  max_28_days_plus_1: (person, limits) => [person, { ...limits, maxPer28Days: plusOne(limits.maxPer28Days) }],
  personal_cap_plus_1: (person, limits) => [
    {
      ...person,
      maxPer7Days: plusOne(person.maxPer7Days),
      maxPer28Days: plusOne(person.maxPer28Days),
      maxTotal: plusOne(person.maxTotal),
    },
    limits,
  ],
}

export interface Unfilled {
  readonly shiftId: string
  readonly place: number
  /** For each person whom the automatic choice may take, the rules that keep them from it as the rota stands. */
  readonly because: readonly { readonly personId: string; readonly rules: readonly HardRule[] }[]
  readonly helps: readonly Relaxation[]
}

/** Why a place stays empty, and what would fill it. */
export const explainUnfilled = (state: RotaState, c: number, number: number): Unfilled => {
  const { people, shifts, places, problem, placesOfShift } = state.instance
  const { shift: s } = places[c]!
  const shift = shifts[s]!
  const asked = people.flatMap((person, p) => (person.share > 0 ? [{ person, p }] : []))
  const standing = new Map(asked.map(({ person }) => [person, standingRules(person, shift)]))
  const inTime = (person: Person, p: number, limits: Limits) => {
    const { entries, inPeriod } = state.timelines[p]!
    return timelineRules(person, limits, entries, inPeriod, shift)
  }
  const isHelped = (relaxation: Relaxation): boolean => {
    if (relaxation === 'one_more_member') return true
    // A shift that nobody does is no shift less.
    if (relaxation === 'headcount_minus_1')
      return placesOfShift[s]!.some((one) => state.holder[one] !== NOBODY)
    const relax = RELAXED[relaxation]
    return asked.some(({ person, p }) => {
      if (!relax || standing.get(person)!.length > 0) return false
      const [relaxed, limits] = relax(person, problem.limits)
      return inTime(relaxed, p, limits).length === 0
    })
  }
  return {
    shiftId: shift.id,
    place: number,
    because: asked.map(({ person, p }) => ({
      personId: person.id,
      rules: [...standing.get(person)!, ...inTime(person, p, problem.limits)],
    })),
    helps: RELAXATIONS.filter(isHelped),
  }
}
