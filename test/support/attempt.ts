import { authenticate } from '../../src/access/actions.ts'
import type { Ctx, Tx } from '../../src/db/db.ts'
import { ctxOf } from '../../src/db/territory.ts'
import type { Actor } from '../../src/kernel/ctx.ts'
import { Refused, type RefusalCode } from '../../src/kernel/refusal.ts'
import type { Answered, Caller, World } from './world.ts'

/** Who holds this caller's key, as the edge finds out. */
export const actorOf = (world: World, caller: Caller): Actor => {
  const found = world.territory.read(
    (db) => authenticate(db, world.territory.info, caller.secret, world.clock.now()) as never,
  ) as { actor: Actor } | undefined
  if (!found) throw new Error('the key of a test caller opens')
  return found.actor
}

class Undone extends Error {
  readonly value: unknown
  constructor(value: unknown) {
    super('undone')
    this.value = value
  }
}

/**
 * Runs actions in a transaction that is rolled back afterwards, and gives what they came to: what would happen,
 * without it happening. `as` makes the context of another actor within the same transaction.
 */
export const dream = async <T>(world: World, fn: (as: (actor: Actor) => Ctx, tx: Tx) => T): Promise<T> => {
  try {
    await world.territory.commit((tx) => {
      throw new Undone(fn((actor) => ctxOf(world.platform, world.territory.info, actor, tx.db), tx))
    })
  } catch (error) {
    if (error instanceof Undone) return error.value as T
    throw error
  }
  throw new Error('a dream is always undone')
}

/** What `fn` comes to within a dream, undone before the dream goes on. */
export const aside = <T>(tx: Tx, fn: () => T): T => {
  try {
    tx.savepoint(() => {
      throw new Undone(fn())
    })
  } catch (error) {
    if (error instanceof Undone) return error.value as T
    throw error
  }
  throw new Error('an aside is always undone')
}

/** The code of the refusal that `fn` ends in, or undefined when it succeeds. */
export const refusalOf = (fn: () => unknown): RefusalCode | undefined => {
  try {
    fn()
    return undefined
  } catch (error) {
    if (error instanceof Refused) return error.refusal.code
    throw error
  }
}

/** Every item of a list, page by page; fails on a page that is empty or longer than asked. */
export const everyPage = async (caller: Caller, path: string, limit: number): Promise<Answered['body'][]> => {
  const items: Answered['body'][] = []
  let after: string | null = null
  do {
    const cursor = after === null ? '' : `&after=${after}`
    const page: Answered = await caller.get(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`)
    if (page.status !== 200 || page.body.items.length > limit || items.length > 10_000)
      throw new Error(`not a page: ${page.text.slice(0, 200)}`)
    if (page.body.items.length === 0 && after !== null) throw new Error('the last page has something')
    items.push(...page.body.items)
    after = page.body.next
  } while (after !== null)
  return items
}
