import type { Flow } from '../../src/attachment/allocation/solver/flow.ts'
import { NODES } from '../../src/attachment/allocation/solver/tree.ts'

/** What does not hold of the state of the engine, one line each: counts, lists, and that no price is wrong. */
export const auditFlow = (flow: Flow): string[] => {
  const { instance, tree, seats } = flow
  const faults: string[] = []
  const used = new Int32Array(tree.size)
  const listed = new Set<number>()
  for (let node = 0; node < tree.size; node++) {
    let before = -1
    for (let p = seats.first(node); p >= 0; before = p, p = seats.after(p)) {
      if (seats.node[p] !== node || seats.isFixed(p) || listed.has(p))
        faults.push(`${p} is not to be listed at ${node}`)
      if (before >= 0 && seats.after(before) !== p) faults.push(`list of ${node}`)
      listed.add(p)
    }
  }
  for (let p = 0; p < instance.people; p++) {
    if (!seats.isPlaced(p)) continue
    for (let node = seats.node[p]!; node >= 0; node = tree.parent[node]!) used[node] = used[node]! + 1
    if (seats.isFixed(p) === listed.has(p)) faults.push(`${p} is not listed`)
    const doctor = Math.floor(seats.node[p]! / NODES)
    if (flow.costOf(p, doctor) !== seats.cost[p]) faults.push(`cost of ${p}`)
    if (seats.isFixed(p)) continue
    const pays = seats.cost[p]! + tree.price[seats.node[p]!]!
    for (let e = instance.from[p]!; e < instance.from[p + 1]!; e++) {
      const other = tree.leafOf(instance.classOf[p]!, instance.doctorAt[e]!)
      if (other < 0 || flow.isDead(other)) continue
      if (instance.costAt[e]! + tree.price[other]! < pays) faults.push(`${p} would rather be at ${other}`)
    }
  }
  for (let node = 0; node < tree.size; node++) {
    if (!tree.isNode(node)) continue
    const parent = tree.parent[node]!
    const count = used[node]!
    const price = tree.price[node]!
    if (count !== tree.used[node] || count > tree.cap[node]!) faults.push(`count of ${node}`)
    if (!Number.isSafeInteger(price) || price < 0) faults.push(`price of ${node}`)
    if (parent >= 0) {
      // What is dead is put right at the end.
      if (flow.isDead(node)) continue
      if (price < tree.price[parent]!) faults.push(`${node} is cheaper than ${parent}`)
      if (tree.hasRoom(node) && price !== tree.price[parent]) faults.push(`${node} has room and a price`)
    } else {
      if (count > 0 && price < tree.loadAt(node, count)) faults.push(`${node} is below its load`)
      if (tree.hasRoom(node) && price > tree.loadAt(node, count + 1))
        faults.push(`${node} has room and a price`)
    }
  }
  return faults
}

export const costOfFlow = ({ instance, tree, seats }: Flow): number => {
  let cost = 0
  for (let p = 0; p < instance.people; p++) if (seats.isPlaced(p)) cost += seats.cost[p]!
  for (let root = 0; root < tree.size; root += NODES)
    for (let k = 1; k <= tree.used[root]!; k++) cost += tree.loadAt(root, k)
  return cost
}

/** Everything that a rollback has to bring back. */
export const snapshotOf = ({ tree, seats }: Flow): string => {
  const lists: number[] = []
  for (let node = 0; node < tree.size; node++) {
    for (let p = seats.first(node); p >= 0; p = seats.after(p)) lists.push(p)
    lists.push(-1)
  }
  return JSON.stringify([[...seats.node], [...tree.used], [...tree.price], lists])
}
