import type { Instance } from './instance.ts'
import { NO_NODE, type Tree } from './tree.ts'

export interface Mark {
  readonly moves: number
  readonly prices: number
}

const NONE = -1
const ENTRY = 6

/**
 * Who sits at which node, and at what cost. Those who may be sent elsewhere are in a linked list for each node; a journal
 * puts everything back as it was, the order of these lists too.
 */
export class Seats {
  /** By person; `NO_NODE`: not placed. */
  readonly node: Int32Array
  readonly cost: Float64Array
  private readonly fixed: Uint8Array
  private readonly head: Int32Array
  private readonly next: Int32Array
  private readonly previous: Int32Array
  private readonly tree: Tree
  private readonly moves: number[] = []
  private readonly prices: number[] = []
  private marks = 0

  constructor(instance: Instance, tree: Tree) {
    this.tree = tree
    this.node = new Int32Array(instance.people).fill(NO_NODE)
    this.cost = new Float64Array(instance.people)
    this.fixed = new Uint8Array(instance.people)
    this.head = new Int32Array(tree.size).fill(NONE)
    this.next = new Int32Array(instance.people).fill(NONE)
    this.previous = new Int32Array(instance.people).fill(NONE)
  }

  isPlaced(person: number): boolean {
    return this.node[person] !== NO_NODE
  }

  isFixed(person: number): boolean {
    return this.fixed[person] === 1
  }

  first(node: number): number {
    return this.head[node]!
  }

  after(person: number): number {
    return this.next[person]!
  }

  move(person: number, node: number, cost: number, isFixed: boolean): void {
    this.note(person)
    if (this.isPlaced(person)) {
      this.unlink(person)
      this.tree.add(this.node[person]!, -1)
    }
    this.sit(person, node, cost, isFixed)
  }

  /** Off the list of those who may be sent elsewhere: they keep their place. */
  fix(person: number): void {
    this.note(person)
    this.unlink(person)
    this.fixed[person] = 1
  }

  leave(person: number): void {
    this.note(person)
    this.unlink(person)
    this.tree.add(this.node[person]!, -1)
    this.node[person] = NO_NODE
    this.fixed[person] = 0
  }

  /** Another node of the same practitioner, whose counts were set to nothing. */
  reseat(person: number, node: number, isFixed: boolean): void {
    this.unlink(person)
    this.sit(person, node, this.cost[person]!, isFixed || this.isFixed(person))
  }

  setPrice(node: number, price: number): void {
    if (this.marks > 0) this.prices.push(node, this.tree.price[node]!)
    this.tree.price[node] = price
  }

  /** Whether there is something to undo. */
  get isChanged(): boolean {
    return this.moves.length > 0 || this.prices.length > 0
  }

  mark(): Mark {
    this.marks++
    return { moves: this.moves.length, prices: this.prices.length }
  }

  /** What happened since a mark stays. */
  keep({ moves, prices }: Mark): void {
    if (--this.marks > 0) return
    this.moves.length = moves
    this.prices.length = prices
  }

  rollback({ moves, prices }: Mark): void {
    this.marks--
    while (this.prices.length > prices) {
      const price = this.prices.pop()!
      this.tree.price[this.prices.pop()!] = price
    }
    while (this.moves.length > moves) this.undo(this.moves.splice(-ENTRY))
  }

  private note(person: number): void {
    if (this.marks === 0) return
    this.moves.push(
      person,
      this.node[person]!,
      this.cost[person]!,
      this.fixed[person]!,
      this.previous[person]!,
      this.next[person]!,
    )
  }

  private undo([person, node, cost, fixed, previous, next]: readonly number[]): void {
    const p = person!
    if (this.isPlaced(p)) {
      this.unlink(p)
      this.tree.add(this.node[p]!, -1)
    }
    this.node[p] = node!
    this.cost[p] = cost!
    this.fixed[p] = fixed!
    if (node === NO_NODE) return
    this.tree.add(node!, 1)
    if (fixed === 1) return
    this.previous[p] = previous!
    this.next[p] = next!
    if (previous === NONE) this.head[node!] = p
    else this.next[previous!] = p
    if (next !== NONE) this.previous[next!] = p
  }

  private sit(person: number, node: number, cost: number, isFixed: boolean): void {
    this.tree.add(node, 1)
    this.node[person] = node
    this.cost[person] = cost
    this.fixed[person] = isFixed ? 1 : 0
    if (isFixed) return
    const next = this.head[node]!
    this.previous[person] = NONE
    this.next[person] = next
    if (next !== NONE) this.previous[next] = person
    this.head[node] = person
  }

  private unlink(person: number): void {
    if (this.fixed[person] === 1) return
    const previous = this.previous[person]!
    const next = this.next[person]!
    if (previous === NONE) this.head[this.node[person]!] = next
    else this.next[previous] = next
    if (next !== NONE) this.previous[next] = previous
  }
}
