/** Smallest key first. Entries are never changed: one that is out of date is known by its key. */
export class Heap {
  private keys = new Float64Array(256)
  private items = new Int32Array(256)
  private length = 0

  clear(): void {
    this.length = 0
  }

  get isEmpty(): boolean {
    return this.length === 0
  }

  get leastKey(): number {
    return this.keys[0]!
  }

  push(key: number, item: number): void {
    if (this.length === this.keys.length) this.grow()
    const { keys, items } = this
    let i = this.length++
    while (i > 0) {
      const above = (i - 1) >> 1
      if (keys[above]! <= key) break
      keys[i] = keys[above]!
      items[i] = items[above]!
      i = above
    }
    keys[i] = key
    items[i] = item
  }

  /** The item of the smallest key. */
  pop(): number {
    const { keys, items } = this
    const least = items[0]!
    const size = --this.length
    const key = keys[size]!
    let i = 0
    for (let below = 1; below < size; below = 2 * i + 1) {
      if (below + 1 < size && keys[below + 1]! < keys[below]!) below++
      if (keys[below]! >= key) break
      keys[i] = keys[below]!
      items[i] = items[below]!
      i = below
    }
    keys[i] = key
    items[i] = items[size]!
    return least
  }

  private grow(): void {
    const { keys, items } = this
    this.keys = new Float64Array(keys.length * 2)
    this.keys.set(keys)
    this.items = new Int32Array(items.length * 2)
    this.items.set(items)
  }
}
