import { NOBODY, type Instance } from './instance.ts'

/** What the search lowers, each a whole number. `inAll` and `parts` are steps of equity: see equity.ts. */
export const [UNFILLED, SPREAD, IN_ALL, PARTS, WISHES, WEEKENDS, CHANGES] = [0, 1, 2, 3, 4, 5, 6] as const
export const LEVELS = 7

/** DOMAIN §3. */
const IN_ORDER = [UNFILLED, SPREAD, IN_ALL, PARTS, WISHES, WEEKENDS, CHANGES]
/** Once people have been told, nobody is moved for anything less than a rule or an empty place. */
const ONCE_PUBLISHED = [UNFILLED, CHANGES, SPREAD, IN_ALL, PARTS, WISHES, WEEKENDS]

export const orderOf = ({ problem }: Instance): readonly number[] =>
  problem.published.length > 0 ? ONCE_PUBLISHED : IN_ORDER

/** While places are sought to be filled and nothing else. */
export const fillOrderOf = ({ problem }: Instance): readonly number[] =>
  problem.published.length > 0 ? [UNFILLED, CHANGES] : [UNFILLED]

/** Negative when `a` is better: the first level in which they differ decides, however little. */
export const compareCosts = (
  order: readonly number[],
  a: Float64Array,
  b: Float64Array,
  offset = 0,
): number => {
  for (const level of order) {
    const difference = a[level]! - b[offset + level]!
    if (difference !== 0) return difference
  }
  return 0
}

/** Wishes that no rota grants: nothing to prefer, an unwelcome place held by hand or unwelcome to all who may take it. */
export const leastRegret = ({ wishes, places, people, shifts }: Instance, unfilled: number): number => {
  const unwelcome = new Uint16Array(people.length * shifts.length)
  let hopeless = 0
  for (const { person, want, shifts: about } of wishes) {
    if (want === 'prefer') hopeless += about.length === 0 ? 1 : 0
    else for (const s of about) unwelcome[person * shifts.length + s]!++
  }
  const least = places.map(({ shift, able, lockedTo }) => {
    const among = lockedTo === NOBODY ? able : [lockedTo]
    const regrets = among.map((p) => unwelcome[p * shifts.length + shift]!)
    return regrets.length === 0 ? 0 : Math.min(...regrets)
  })
  // The places that stay empty may be the most unwelcome ones.
  const kept = least.sort((a, b) => a - b).slice(0, places.length - unfilled)
  return hopeless + kept.reduce((sum, n) => sum + n, 0)
}

/** Published people whom no rota leaves where they are: gone, kept away by a rule, or more than there are places. */
export const leastChanges = ({ published, gone, places, placesOfShift }: Instance): number =>
  published.reduce((sum, ofShift, s) => {
    const own = placesOfShift[s]!.map((c) => places[c]!)
    const locked = new Set(own.flatMap(({ lockedTo }) => (lockedTo === NOBODY ? [] : [lockedTo])))
    const free = own.filter(({ lockedTo }) => lockedTo === NOBODY)
    const able = new Set(free[0]?.able ?? [])
    const people = [...ofShift.keys()]
    const stay = people.filter((p) => locked.has(p)).length
    const mayStay = people.filter((p) => !locked.has(p) && able.has(p)).length
    return sum + gone[s]! + people.length - stay - Math.min(mayStay, free.length)
  }, 0)
