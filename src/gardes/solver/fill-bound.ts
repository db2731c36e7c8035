import { mostWithin } from './crowding.ts'
import { NOBODY, type Instance } from './instance.ts'
import { limitsOf } from './model.ts'

/** A shift that wants so many more people, of those. */
interface Demand {
  readonly shift: number
  readonly count: number
  readonly able: readonly number[]
}

/** Free places by shift that somebody could take. */
const demandsOf = ({ placesOfShift, places }: Instance): Demand[] =>
  placesOfShift.flatMap((own, shift) => {
    const free = own.filter((c) => places[c]!.lockedTo === NOBODY)
    const able = free.length === 0 ? [] : places[free[0]!]!.able
    return able.length === 0 ? [] : [{ shift, count: free.length, able }]
  })

/** Places that stay empty in any case: nobody may take them, whatever else they do. */
export const hopelessPlaces = ({ places }: Instance): number =>
  places.filter(({ lockedTo, able }) => lockedTo === NOBODY && able.length === 0).length

/**
 * The most places that can be filled when each person takes so many at most, one of each shift: a flow, made place by
 * place by paths that move people from one shift to another.
 */
export const mostFilled = (demands: readonly Demand[], capacity: readonly number[]): number => {
  const left = [...capacity]
  /** By shift: who is there. By person: where they are. */
  const staff = demands.map(() => new Set<number>())
  const workload = capacity.map(() => new Set<number>())
  const assign = (p: number, d: number): void => {
    staff[d]!.add(p)
    workload[p]!.add(d)
  }
  /** A path from the shift to somebody with room; people on it each give up the shift that leads on. */
  const isFilled = (first: number): boolean => {
    const cameFrom = new Map<number, { readonly person: number; readonly shift: number }>()
    const visited = new Set<number>()
    const queue = [first]
    for (const d of queue) {
      for (const p of demands[d]!.able) {
        if (staff[d]!.has(p) || visited.has(p)) continue
        visited.add(p)
        if (left[p]! > 0) {
          left[p]!--
          let [person, shift] = [p, d]
          for (;;) {
            const step = cameFrom.get(shift)
            if (shift === first || step === undefined) break
            // Who left the shift behind for the one before on the path is replaced there.
            assign(person, shift)
            staff[shift]!.delete(step.person)
            workload[step.person]!.delete(shift)
            ;[person, shift] = [step.person, step.shift]
          }
          assign(person, shift)
          return true
        }
        for (const other of workload[p]!)
          if (other !== first && !cameFrom.has(other)) {
            cameFrom.set(other, { person: p, shift: d })
            queue.push(other)
          }
      }
    }
    return false
  }
  return demands.reduce((filled, { count }, d) => {
    let own = 0
    while (own < count && isFilled(d)) own++
    return filled + own
  }, 0)
}

/** Widths of the windows of civil days that are looked at: those that the rules limit, and the single day. */
const WIDTHS = [1, 7, 28]

/**
 * A bound on the places that stay empty. Within some days a person takes no more than their limits leave there, so what
 * a flow of people cannot fill in a window stays empty; windows apart from each other add up, and the best choice of
 * them is found day by day. The whole period is a window too, with personal caps.
 */
export const leastUnfilled = (instance: Instance): number => {
  const { people, shifts, problem, places } = instance
  const demands = demandsOf(instance)
  const hopeless = hopelessPlaces(instance)
  if (demands.length === 0) return hopeless
  const own = people.map((person) => limitsOf(person, problem.limits))
  // Days on which each person does what no search moves.
  const byHand = people.map((_, p) =>
    places.flatMap(({ lockedTo, shift }) => (lockedTo === p ? [shifts[shift]!.day] : [])),
  )
  const fixed = people.map(({ elsewhere }, p) => [...elsewhere.map(({ day }) => day), ...byHand[p]!])
  const dayOf = ({ shift }: Demand) => shifts[shift]!.day

  const missing = (from: number, width: number): number => {
    const within = demands.filter((demand) => dayOf(demand) >= from && dayOf(demand) < from + width)
    if (within.length === 0) return 0
    const capacity = people.map((_, p) => {
      const max = width <= 7 ? own[p]!.maxPer7Days : width <= 28 ? own[p]!.maxPer28Days : null
      const done = fixed[p]!.filter((day) => day >= from && day < from + width).length
      const able = within.flatMap(({ shift, able }) => (able.includes(p) ? [shift] : []))
      return Math.min(mostWithin(instance, p, able, byHand[p]!.length), Math.max(0, (max ?? Infinity) - done))
    })
    return within.reduce((sum, { count }) => sum + count, 0) - mostFilled(within, capacity)
  }

  const first = dayOf(demands[0]!)
  const days = dayOf(demands.at(-1)!) - first + 1
  // By days from the first: the most that windows which end by then miss. A window may begin before or end after the period.
  const best = [0]
  for (let end = 1; end < days + Math.max(...WIDTHS); end++)
    best.push(
      WIDTHS.reduce(
        (most, width) =>
          Math.max(most, best[Math.max(0, end - width)]! + missing(first + end - width, width)),
        best[end - 1]!,
      ),
    )
  return hopeless + Math.max(best.at(-1)!, missing(first, days))
}
