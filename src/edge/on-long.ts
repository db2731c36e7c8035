import { Refused, type Refusal } from '../kernel/refusal.ts'
import type { Ctx } from '../db/db.ts'
import type { Instant } from '../kernel/time.ts'
import type { Edge } from './declare.ts'
import type { Api, Given } from './http.ts'
import { askedOf, decideOnce, findTold, sendTold, type Told } from './idempotency.ts'
import { inputOf } from './input.ts'
import { decide } from './respond.ts'

const OUTDATED: Refusal = {
  code: 'stale_version',
  detail: 'Les données ont changé pendant le calcul : recommencez.',
}

/** How often a decision is thought before it is given up because what it rests on keeps changing. */
const MOST_THOUGHTS = 2

class ThinkAgain extends Error {}

export const onLong = (edge: Edge): Api['onLong'] => {
  const { platform } = edge

  /** Requests that think: one that comes again under its key waits for the answer of the first. */
  const thinking = new Map<string, Promise<unknown>>()

  const pause = async (): Promise<Instant> => {
    await new Promise((resume) => setTimeout(resume, 0))
    return platform.sources.clock()
  }

  return (shape, handler) => {
    edge.declare(shape, async (c) => {
      const { territory } = c.var
      const input = await inputOf(c, shape)
      const asked = await askedOf(c, shape)
      const name = JSON.stringify([territory.info.code, asked.caller, asked.key])
      for (let first = thinking.get(name); first; first = thinking.get(name))
        await first.catch(() => undefined)

      const decideLong = async (attempt: number): Promise<Told> => {
        const told = territory.read((db) => findTold(platform, edge.ctxFor(c, db), shape, asked))
        if (told) return told
        let finish: (ctx: Ctx) => Given<typeof shape> | undefined
        try {
          const { snapshot } = territory.read((db) => ({
            snapshot: handler.prepare(edge.ctxFor(c, db), input),
          }))
          const thought = await handler.think(snapshot, pause)
          finish = (ctx) => handler.finish(ctx, input, thought)
        } catch (error) {
          if (!(error instanceof Refused)) throw error
          finish = () => {
            throw error
          }
        }
        try {
          return await territory.commit<Told>((tx) => {
            const ctx = edge.ctxFor(c, tx.db)
            return decideOnce(platform, ctx, shape, asked, () =>
              decide(platform, shape, () =>
                tx.savepoint(() => {
                  const given = finish(ctx)
                  if (given === undefined)
                    throw attempt < MOST_THOUGHTS ? new ThinkAgain() : new Refused(OUTDATED)
                  return given as never
                }),
              ),
            )
          })
        } catch (error) {
          if (!(error instanceof ThinkAgain)) throw error
          return decideLong(attempt + 1)
        }
      }
      const answering = decideLong(1)
      thinking.set(name, answering)
      try {
        return sendTold(c, await answering)
      } finally {
        thinking.delete(name)
      }
    })
  }
}
