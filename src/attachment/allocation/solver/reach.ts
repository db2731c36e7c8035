import type { Flow } from './flow.ts'

/** The nodes that people could come to if others made room, over and over; it grows, and none is looked at twice. */
export class Reach {
  private readonly flow: Flow
  private readonly seen: Uint8Array

  constructor(flow: Flow) {
    this.flow = flow
    this.seen = new Uint8Array(flow.tree.size)
  }

  has(node: number): boolean {
    return this.seen[node] === 1
  }

  clear(): void {
    this.seen.fill(0)
  }

  /** Adds all that somebody reaches from where they may come in; those nodes that are new. */
  addPerson(person: number): number[] {
    const { from, doctorAt, classOf } = this.flow.instance
    const found: number[] = []
    for (let e = from[person]!; e < from[person + 1]!; e++)
      this.note(this.flow.tree.leafOf(classOf[person]!, doctorAt[e]!), found)
    return this.spread(found)
  }

  addNode(node: number): number[] {
    const found: number[] = []
    this.note(node, found)
    return this.spread(found)
  }

  private note(node: number, found: number[]): void {
    if (node < 0 || this.seen[node] === 1) return
    this.seen[node] = 1
    found.push(node)
  }

  private spread(found: number[]): number[] {
    const { tree, seats, instance } = this.flow
    const { from, doctorAt, classOf } = instance
    // The list grows as it is gone through.
    for (const node of found) {
      if (tree.hasRoom(node)) this.note(tree.parent[node]!, found)
      for (let child = node + 1; child <= (node | 3); child++)
        if (tree.parent[child] === node) this.note(child, found)
      for (let p = seats.first(node); p >= 0; p = seats.after(p))
        for (let e = from[p]!; e < from[p + 1]!; e++) this.note(tree.leafOf(classOf[p]!, doctorAt[e]!), found)
    }
    return found
  }
}
