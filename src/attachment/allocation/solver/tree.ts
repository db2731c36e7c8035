import { loadCost } from './costs.ts'
import { ALD, HOME, KINDS, PLAIN, type Instance } from './instance.ts'

/** Nodes of a practitioner: all places; those that are not reserved; home visits; people with an ALD. */
export const NODES = 4
export const UNRESERVED = 1
export const AT_HOME = 2
export const WITH_ALD = 3

export const NO_NODE = -1
const ROOT = -1
const ABSENT = -2

/** Limits that are none are left out. */
const limitOf = (limit: number | null, places: number): number | null =>
  limit === null || limit >= places ? null : limit

/**
 * The limits of each practitioner as a small tree, each node with how many may be below it, how many are, and its price:
 * what it costs to come in there, above what the way to the practitioner costs. A price is never below the one of the
 * node above, and the same while the node has room.
 */
export class Tree {
  readonly size: number
  readonly doctors: number
  readonly cap: Int32Array
  readonly used: Int32Array
  readonly price: Float64Array
  readonly parent: Int32Array
  /** Practitioners with a reserve and a limit of kinds: both cannot be kept at once by a tree (see `settle`). */
  readonly crossing: readonly number[]
  /** By class and practitioner: the node where somebody comes in; `NO_NODE`: they may not. */
  readonly leaf: Int32Array
  private readonly instance: Instance

  constructor(instance: Instance) {
    const { doctors } = instance
    this.instance = instance
    this.doctors = doctors.length
    this.size = NODES * doctors.length
    this.cap = new Int32Array(this.size)
    this.used = new Int32Array(this.size)
    this.price = new Float64Array(this.size)
    this.parent = new Int32Array(this.size).fill(ABSENT)
    this.leaf = new Int32Array(2 * KINDS * doctors.length)
    const crossing: number[] = []
    doctors.forEach((doctor, d) => {
      const root = NODES * d
      const places = Math.max(0, doctor.places)
      const free = Math.max(0, places - doctor.reserved)
      const home = limitOf(doctor.maxHomeVisits, places)
      const ald = limitOf(doctor.maxAld, places)
      const isLimited = home !== null || ald !== null
      if (isLimited && free < places) crossing.push(d)
      this.addNode(root, ROOT, places)
      if (home !== null) this.addNode(root + AT_HOME, root, home)
      if (ald !== null) this.addNode(root + WITH_ALD, root, ald)
      if (free < places && !isLimited) this.addNode(root + UNRESERVED, root, free)
      this.setLeaves(d)
      this.price.fill(loadCost(instance.loads[d]!, 1), root, root + NODES)
    })
    this.crossing = crossing
  }

  leafOf(classOf: number, doctor: number): number {
    return this.leaf[classOf * this.doctors + doctor]!
  }

  isNode(node: number): boolean {
    return this.parent[node] !== ABSENT
  }

  add(node: number, by: number): void {
    for (let n = node; n >= 0; n = this.parent[n]!) this.used[n] = this.used[n]! + by
  }

  hasRoom(node: number): boolean {
    return this.used[node]! < this.cap[node]!
  }

  /** Cost of the k-th patient of the practitioner whose root it is. */
  loadAt(root: number, k: number): number {
    return loadCost(this.instance.loads[root / NODES]!, k)
  }

  /**
   * From here on only those of the other urgencies come to a crossing practitioner by kind: their limits are what those of
   * urgency 1 leave. Those of urgency 1 who count in a limit can neither come nor go; the caller moves those who are there
   * to the root. Counts are to be made anew.
   */
  reroot(doctor: number, left: { readonly home: number; readonly ald: number }): void {
    const root = NODES * doctor
    const { places, reserved } = this.instance.doctors[doctor]!
    this.used.fill(0, root, root + NODES)
    this.addNode(root + UNRESERVED, root, Math.max(0, places - reserved))
    this.price[root + UNRESERVED] = this.price[root]!
    for (const [kind, node, taken] of [
      [HOME, root + AT_HOME, left.home],
      [ALD, root + WITH_ALD, left.ald],
    ] as const)
      if (this.isNode(node)) {
        this.addNode(node, root + UNRESERVED, this.cap[node]! - taken)
        this.leaf[kind * this.doctors + doctor] = NO_NODE
      }
    this.setLeavesOf(KINDS, doctor)
  }

  private addNode(node: number, parent: number, cap: number): void {
    this.parent[node] = parent
    this.cap[node] = cap
  }

  private setLeaves(doctor: number): void {
    this.setLeavesOf(0, doctor)
    this.setLeavesOf(KINDS, doctor)
  }

  private setLeavesOf(classes: number, doctor: number): void {
    const root = NODES * doctor
    const plain = classes === KINDS && this.isNode(root + UNRESERVED) ? root + UNRESERVED : root
    const leaves = [
      [PLAIN, plain],
      [HOME, this.isNode(root + AT_HOME) ? root + AT_HOME : plain],
      [ALD, this.isNode(root + WITH_ALD) ? root + WITH_ALD : plain],
    ] as const
    for (const [kind, node] of leaves) this.leaf[(classes + kind) * this.doctors + doctor] = node
  }
}
