import { Heap } from './heap.ts'
import { ALD, HOME, KINDS, type Instance } from './instance.ts'
import { Seats } from './seats.ts'
import { NO_NODE, NODES, Tree, UNRESERVED } from './tree.ts'

const NOBODY = -1
const ANYWHERE = -1

/** How much longer than promised a way may be at first, how much further each next search goes, and when it goes all the way. */
const NEAR = 4096
const FURTHER = 8
const FAR = 2 ** 24

/** What an operation did not find a way for. */
export const NO_WAY = Infinity

/**
 * A flow of people to practitioners of the least cost: people come one by one, each on the shortest way to a free place,
 * which may send others elsewhere but takes nobody's place away (successive shortest paths). Prices prove it: nobody could
 * be placed for less than where they are, counting prices. Lengths of ways are `cost so far + price`, so that prices are
 * what remains at least, and a search stops at the first free place.
 */
export class Flow {
  readonly instance: Instance
  readonly tree: Tree
  readonly seats: Seats
  /** Edges looked at, for pauses. */
  work = 0
  private readonly heap = new Heap()
  private readonly round: Int32Array
  private readonly reach: Float64Array
  private readonly viaNode: Int32Array
  private readonly viaPerson: Int32Array
  private readonly viaCost: Float64Array
  private readonly reached: number[] = []
  private now = 0
  private best = NO_WAY
  private end = NO_NODE
  /** Whether the search runs backwards in money: from what is given up to the place that is left. */
  private target = NO_NODE
  /**
   * Nodes from which no free place can be reached, ever again as long as nobody leaves: searches pass by, and their prices are
   * put right at the end. By number of the search that found out; 0: not dead.
   */
  private readonly dead: Int32Array
  private deaths = 0
  private isGrowing = true
  /** What each would pay elsewhere at least: prices only rise until `revive`, so that what was found once still holds. */
  private readonly elsewhere: Float64Array
  private within = NEAR

  constructor(instance: Instance) {
    this.instance = instance
    this.tree = new Tree(instance)
    this.seats = new Seats(instance, this.tree)
    const { size } = this.tree
    this.round = new Int32Array(size)
    this.reach = new Float64Array(size)
    this.viaNode = new Int32Array(size)
    this.viaPerson = new Int32Array(size)
    this.viaCost = new Float64Array(size)
    this.dead = new Int32Array(size)
    this.elsewhere = new Float64Array(instance.people).fill(-NO_WAY)
  }

  /** Places somebody wherever it is cheapest on the whole; what that costs, or `NO_WAY`. */
  insert(person: number): number {
    return this.search(person, ANYWHERE)
  }

  /** Places somebody at a practitioner to stay there: nothing sends them elsewhere. */
  insertAt(person: number, doctor: number): number {
    return this.search(person, doctor)
  }

  /** Takes somebody out, and lets others come nearer by the place that they leave; what that saves. No node may be dead. */
  remove(person: number): number {
    if (this.isGrowing) throw new Error('nobody leaves before prices are right')
    const { tree, seats } = this
    const node = seats.node[person]!
    const cost = seats.cost[person]!
    seats.fix(person)
    this.start()
    this.target = node
    // The place stays empty, unless somebody gains more by it.
    const own = node - (node % NODES)
    this.best = tree.price[node]! - tree.loadAt(own, tree.used[own]!)
    for (let root = 0; root < tree.size; root += NODES)
      this.relax(root, -tree.loadAt(root, Math.max(1, tree.used[root]!)), NO_NODE, NOBODY, 0)
    this.run()
    const saved = this.best
    for (let n = 0; n < tree.size; n++) {
      if (!tree.isNode(n)) continue
      const way = this.round[n] === this.now ? this.reach[n]! + tree.price[n]! : NO_WAY
      const less = Math.min(way, saved)
      if (less > 0) seats.setPrice(n, tree.price[n]! - less)
    }
    this.target = NO_NODE
    if (this.round[node] === this.now) this.follow(node, false)
    seats.leave(person)
    return cost + tree.price[node]!
  }

  /** What somebody costs at a practitioner; `NO_WAY` when that is out of the question. */
  costOf(person: number, doctor: number): number {
    const { from, doctorAt, costAt } = this.instance
    for (let e = from[person]!; e < from[person + 1]!; e++) if (doctorAt[e] === doctor) return costAt[e]!
    return NO_WAY
  }

  isDead(node: number): boolean {
    return this.dead[node] !== 0
  }

  /**
   * After those of urgency 1: at practitioners with both a reserve and limits of kinds, those of them who count in a limit
   * stay where they are, and the limits are what they leave.
   */
  settle(): void {
    const { instance, tree, seats } = this
    const isCrossing = new Set(tree.crossing)
    const present = new Map(tree.crossing.map((d): [number, number[]] => [d, []]))
    for (let p = 0; p < instance.people; p++) {
      const d = seats.node[p]! < 0 ? -1 : Math.floor(seats.node[p]! / NODES)
      if (isCrossing.has(d)) present.get(d)!.push(p)
    }
    for (const [d, people] of present) {
      const before = people.map((p) => tree.leafOf(instance.classOf[p]!, d))
      const count = (kind: number) => people.filter((p) => instance.classOf[p] === kind).length
      tree.reroot(d, { home: count(HOME), ald: count(ALD) })
      people.forEach((p, i) => {
        const leaf = tree.leafOf(instance.classOf[p]!, d)
        const isFixed = instance.classOf[p]! < KINDS && before[i] !== NODES * d
        seats.reseat(p, isFixed ? NODES * d : leaf, isFixed)
      })
      this.dead[NODES * d + UNRESERVED] = this.dead[NODES * d]!
    }
  }

  /**
   * Puts the prices of dead nodes right: high enough that nobody who is placed elsewhere would rather be there. From here on
   * all prices are, people may leave, and no node is dead.
   */
  revive(): void {
    const { tree, instance, seats } = this
    const groups: number[][] = Array.from({ length: this.deaths + 1 }, () => [])
    for (let n = 0; n < tree.size; n++) if (tree.isNode(n)) groups[this.dead[n]!]!.push(n)
    const rise = new Float64Array(this.deaths + 1)
    const raise = (node: number, to: number) => {
      const group = this.dead[node]!
      rise[group] = Math.max(rise[group]!, to - tree.price[node]!)
    }
    // Whoever can move to a node died no earlier than it: latest first, and those who live before all.
    for (const group of [0, ...Array.from({ length: this.deaths }, (_, i) => this.deaths - i)]) {
      if (group > 0) for (const n of groups[group]!) tree.price[n] = tree.price[n]! + rise[group]!
      for (const n of groups[group]!) {
        for (let child = n + 1; child <= (n | 3); child++)
          if (tree.parent[child] === n && this.dead[child] !== group) raise(child, tree.price[n]!)
        for (let p = seats.first(n); p >= 0; p = seats.after(p)) {
          const stay = seats.cost[p]! + tree.price[n]!
          for (let e = instance.from[p]!; e < instance.from[p + 1]!; e++) {
            const other = tree.leafOf(instance.classOf[p]!, instance.doctorAt[e]!)
            if (other !== NO_NODE && this.dead[other] !== group) raise(other, stay - instance.costAt[e]!)
          }
        }
      }
    }
    this.dead.fill(0)
    this.elsewhere.fill(-NO_WAY)
    this.isGrowing = false
  }

  private start(): void {
    this.now++
    this.heap.clear()
    this.reached.length = 0
    this.best = NO_WAY
    this.end = NO_NODE
  }

  /** A way to a node that costs so much, over a person who would leave another node, or along the tree. */
  private relax(node: number, cost: number, by: number, person: number, personCost: number): void {
    if (this.dead[node] !== 0) return
    const { tree } = this
    const length = cost + tree.price[node]!
    if (length >= this.best) return
    const isNew = this.round[node] !== this.now
    if (!isNew && this.reach[node]! <= cost) return
    if (isNew) {
      this.round[node] = this.now
      this.reached.push(node)
    }
    this.reach[node] = cost
    this.viaNode[node] = by
    this.viaPerson[node] = person
    this.viaCost[node] = personCost
    this.heap.push(length, node)
    if (this.target !== NO_NODE) {
      if (node === this.target) this.best = length
    } else if (tree.parent[node]! < 0 && tree.hasRoom(node)) {
      const total = cost + tree.loadAt(node, tree.used[node]! + 1)
      if (total < this.best) {
        this.best = total
        this.end = node
      }
    }
    if (tree.parent[node]! >= 0 && tree.hasRoom(node)) this.relax(tree.parent[node]!, cost, node, NOBODY, 0)
  }

  /** Goes on to where those lead who would leave the nodes that are reached, shortest way first. */
  private run(): void {
    const { tree, seats, heap, elsewhere } = this
    while (!heap.isEmpty) {
      const length = heap.leastKey
      if (length >= this.best) return
      const node = heap.pop()
      const cost = this.reach[node]!
      if (length > cost + tree.price[node]!) continue
      for (let child = node + 1; child <= (node | 3); child++)
        if (tree.parent[child] === node) this.relax(child, cost, node, NOBODY, 0)
      for (let p = seats.first(node); p >= 0; p = seats.after(p)) {
        const without = cost - seats.cost[p]!
        if (without + elsewhere[p]! < this.best) this.expand(p, node, without)
      }
    }
  }

  /** Where somebody could go who leaves a node; `without` is the length of the way less what they cost there. */
  private expand(person: number, node: number, without: number): void {
    const { instance, tree, reach, round, now, dead } = this
    const { from, doctorAt, costAt } = instance
    const { price, leaf } = tree
    const leaves = instance.classOf[person]! * tree.doctors
    const end = from[person + 1]!
    let least = NO_WAY
    let e = from[person]!
    for (; e < end; e++) {
      const cost = costAt[e]!
      const way = without + cost
      if (way >= this.best) {
        least = Math.min(least, cost)
        break
      }
      const other = leaf[leaves + doctorAt[e]!]!
      if (other < 0 || other === node || dead[other] !== 0) continue
      const total = cost + price[other]!
      if (total < least) least = total
      if (without + total < this.best && (round[other] !== now || reach[other]! > way))
        this.relax(other, way, node, person, cost)
    }
    this.work += e - from[person]!
    if (this.isGrowing && !this.seats.isChanged) this.elsewhere[person] = least
  }

  /**
   * The shortest way for somebody to a free place. First among those that are little longer than prices promise, which is
   * nearly always enough and spares most of the edges; then further and further.
   */
  private search(person: number, doctor: number): number {
    for (let within = this.within; ; within = within < FAR ? within * FURTHER : NO_WAY) {
      this.start()
      this.leave(person, doctor)
      const least = this.heap.isEmpty ? NO_WAY : this.heap.leastKey
      const limit = least + within
      if (this.end === NO_NODE) this.best = limit
      this.run()
      if (this.end !== NO_NODE) {
        this.within = Math.max(NEAR, this.best - least)
        return this.take(doctor !== ANYWHERE)
      }
      if (limit === NO_WAY) break
    }
    // When something may be undone, what is full now may not be then.
    if (this.isGrowing && !this.seats.isChanged && this.reached.length > 0) {
      this.deaths++
      for (const node of this.reached) this.dead[node] = this.deaths
    }
    return NO_WAY
  }

  /** First steps of somebody who has no place. */
  private leave(person: number, doctor: number): void {
    const { from, doctorAt, costAt, classOf } = this.instance
    for (let e = from[person]!; e < from[person + 1]!; e++) {
      const cost = costAt[e]!
      if (cost >= this.best) break
      this.work++
      if (doctor !== ANYWHERE && doctor !== doctorAt[e]) continue
      const node = this.tree.leafOf(classOf[person]!, doctorAt[e]!)
      if (node !== NO_NODE) this.relax(node, cost, NO_NODE, person, cost)
    }
  }

  /** Goes the way that was found; prices follow. */
  private take(isFixed: boolean): number {
    const { tree, seats, best } = this
    for (const node of this.reached) {
      const price = best - this.reach[node]!
      if (price > tree.price[node]!) seats.setPrice(node, price)
    }
    this.follow(this.end, isFixed)
    return best
  }

  /** Sends everybody along the way that leads to a node. */
  private follow(end: number, isFixed: boolean): void {
    for (let node = end; node !== NO_NODE;) {
      const by = this.viaNode[node]!
      const person = this.viaPerson[node]!
      if (person !== NOBODY) {
        this.elsewhere[person] = -NO_WAY
        this.seats.move(person, node, this.viaCost[node]!, isFixed && by === NO_NODE)
      }
      node = by
    }
  }
}
