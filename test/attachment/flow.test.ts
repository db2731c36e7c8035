import { describe, expect, it } from 'vitest'
import { Flow, NO_WAY } from '../../src/attachment/allocation/solver/flow.ts'
import { indexProblem, type Instance } from '../../src/attachment/allocation/solver/instance.ts'
import type { Problem } from '../../src/attachment/allocation/solver/model.ts'
import { NODES } from '../../src/attachment/allocation/solver/tree.ts'
import { auditFlow, costOfFlow, snapshotOf } from './flow-audit.ts'
import { chanceOf, drawProblem, PLAIN_SIZE, type Chance, type Size } from './problems.ts'

const instanceOf = (problem: Problem): Instance => {
  const slices = indexProblem(problem)
  for (;;) {
    const slice = slices.next()
    if (slice.done) return slice.value
  }
}

const SIZES: readonly Size[] = [
  { ...PLAIN_SIZE, households: 25, doctors: 6, places: 3 },
  { ...PLAIN_SIZE, households: 25, doctors: 6, places: 3, limits: true },
  { ...PLAIN_SIZE, households: 25, doctors: 6, places: 3, reserves: true },
  {
    ...PLAIN_SIZE,
    households: 30,
    doctors: 7,
    places: 3,
    limits: true,
    reserves: true,
    drafted: 0.4,
    weights: { equityKm: 1, stabilityKm: 0.5, togetherKm: 0 },
  },
]

/** The same people at the least cost, from nothing: those who are fixed first, then the others in an order of its own. */
const fromScratch = (flow: Flow, others: readonly number[] = []): number => {
  const { instance, seats } = flow
  const anew = new Flow(instance)
  // Those of urgency 1 come before the limits change, as they did.
  const isFirst = (p: number) => instance.classOf[p]! < 3
  const placed = [...seats.node.keys()].filter((p) => seats.isPlaced(p))
  const fixed = placed.filter((p) => seats.isFixed(p))
  const free = [...placed.filter((p) => !seats.isFixed(p)), ...others].reverse()
  let cost = 0
  const add = (p: number) => {
    cost +=
      seats.isPlaced(p) && seats.isFixed(p)
        ? anew.insertAt(p, Math.floor(seats.node[p]! / NODES))
        : anew.insert(p)
  }
  fixed.filter(isFirst).forEach(add)
  anew.settle()
  fixed.filter((p) => !isFirst(p)).forEach(add)
  free.forEach(add)
  return cost
}

/** Of urgency 1 and fixed where limits were changed for them: they do not leave. */
const isSettledAt = ({ instance, seats, tree }: Flow, person: number): boolean =>
  instance.classOf[person]! < 3 &&
  seats.isFixed(person) &&
  tree.crossing.includes(Math.floor(seats.node[person]! / NODES))

/** Some steps by chance; after each of them everything holds. `inspect` sees the state. */
const runSteps = (flow: Flow, chance: Chance, steps: number): string[] => {
  const { instance, seats } = flow
  const seen: string[] = []
  const check = (step: string) => {
    seen.push(step)
    const faults = auditFlow(flow)
    if (faults.length > 0) throw new Error(`after ${seen.join(', ')}: ${faults.join('; ')}`)
  }
  const step = (canLeave: boolean, depth: number): void => {
    const person = chance.below(instance.people)
    const isPlaced = seats.isPlaced(person)
    const before = costOfFlow(flow)
    if (canLeave && chance.is(0.15) && depth < 2) {
      const snapshot = snapshotOf(flow)
      const mark = seats.mark()
      for (let i = chance.below(4); i >= 0; i--) step(canLeave, depth + 1)
      if (chance.is(0.3)) seats.keep(mark)
      else {
        seats.rollback(mark)
        if (snapshotOf(flow) !== snapshot) throw new Error(`not rolled back: ${seen.join(', ')}`)
      }
      check('trial')
    } else if (isPlaced && canLeave && !isSettledAt(flow, person)) {
      const saved = flow.remove(person)
      if (costOfFlow(flow) !== before - saved) throw new Error(`remove says ${saved}`)
      check('remove')
    } else if (!isPlaced) {
      const isForced = chance.is(0.3)
      const doctor = chance.below(instance.doctors.length)
      const cost = isForced ? flow.insertAt(person, doctor) : flow.insert(person)
      check(isForced ? 'force' : 'insert')
      if (cost !== NO_WAY && costOfFlow(flow) !== before + cost) throw new Error(`insert says ${cost}`)
      if (cost === NO_WAY && !isForced && fromScratch(flow, [person]) !== NO_WAY)
        throw new Error('there was a way')
    }
  }
  const urgent = [...instance.classOf.keys()].filter((p) => instance.classOf[p]! < 3)
  for (const person of urgent)
    if (chance.is(0.8)) {
      if (chance.is(0.2)) flow.insertAt(person, chance.below(instance.doctors.length))
      else flow.insert(person)
      check('urgent')
    }
  flow.settle()
  check('settle')
  for (let i = 0; i < steps; i++) step(false, 0)
  flow.revive()
  check('revive')
  for (let i = 0; i < steps; i++) step(true, 0)
  return seen
}

describe('the flow', () => {
  it.each(SIZES.map((size, i) => [i, size] as const))(
    '[ALLOC-8] is the cheapest at every step, whoever comes, goes or is put somewhere: size %i',
    (_, size) => {
      const seen = new Map<string, number>()
      for (let seed = 0; seed < 60; seed++) {
        const chance = chanceOf(seed + 1000)
        const flow = new Flow(instanceOf(drawProblem(seed, size)))
        for (const step of runSteps(flow, chance, 40)) seen.set(step, (seen.get(step) ?? 0) + 1)
        expect(costOfFlow(flow)).toBe(fromScratch(flow))
      }
      for (const step of ['insert', 'force', 'remove', 'trial']) expect(seen.get(step)).toBeGreaterThan(200)
    },
  )

  it('[ALLOC-8] the audit finds what is planted', () => {
    const made = () => {
      const flow = new Flow(instanceOf(drawProblem(3, SIZES[3]!)))
      for (let p = 0; p < flow.instance.people; p++) flow.insert(p)
      flow.revive()
      return flow
    }
    const whole = made()
    expect(auditFlow(whole)).toEqual([])
    const placed = [...whole.seats.node.keys()].filter((p) => whole.seats.isPlaced(p))
    const root = Math.floor(whole.seats.node[placed[0]!]! / NODES) * NODES
    const plants: ((flow: Flow) => void)[] = [
      (flow) => (flow.tree.used[root] = flow.tree.used[root]! + 1),
      (flow) => (flow.tree.price[root] = flow.tree.price[root]! - 1_000_000),
      (flow) => (flow.tree.price[root] = flow.tree.price[root]! + 1_000_000),
      (flow) => (flow.tree.cap[root] = flow.tree.used[root]! - 1),
      (flow) => (flow.seats.cost[placed[0]!] = 1),
    ]
    for (const plant of plants) {
      const flow = made()
      plant(flow)
      expect(auditFlow(flow)).not.toEqual([])
    }
  })
})
