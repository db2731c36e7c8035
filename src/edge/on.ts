import type { Context } from 'hono'
import type { Answer } from './answers.ts'
import type { Edge } from './declare.ts'
import { needsIdempotencyKey } from './document.ts'
import type { Api, AppEnv, Handler, Input } from './http.ts'
import { askedOf, decideOnce, sendTold, type Told } from './idempotency.ts'
import { inputOf } from './input.ts'
import type { OperationShape } from './operation.ts'
import { decide, send } from './respond.ts'

/** Answers a read at once, out of one state of the territory. */
export const read = <O extends OperationShape>(
  edge: Edge,
  c: Context<AppEnv>,
  shape: O,
  handler: Handler<O>,
  input: Input<O>,
): Response =>
  send(
    c,
    decide(edge.platform, shape, () =>
      c.var.territory.read((db) => handler(edge.ctxFor(c, db), input) as never),
    ),
  )

export const on = (edge: Edge): Api['on'] => {
  const { platform } = edge
  return (shape, handler) => {
    edge.declare(shape, async (c) => {
      const { territory } = c.var
      const input = await inputOf(c, shape)
      if (shape.effect === 'read') return read(edge, c, shape, handler, input)
      if (!needsIdempotencyKey(shape)) {
        const answer = await territory.commit<Answer>((tx) => {
          const ctx = edge.ctxFor(c, tx.db)
          return decide(platform, shape, () => tx.savepoint(() => handler(ctx, input) as never))
        })
        return send(c, answer)
      }
      const asked = await askedOf(c, shape)
      const told = await territory.commit<Told>((tx) => {
        const ctx = edge.ctxFor(c, tx.db)
        return decideOnce(platform, ctx, shape, asked, () =>
          decide(platform, shape, () => tx.savepoint(() => handler(ctx, input) as never)),
        )
      })
      return sendTold(c, told)
    })
  }
}

export const onSteps =
  (edge: Edge): Api['onSteps'] =>
  (shape, handler) => {
    edge.declare(shape, async (c) => {
      const { territory } = c.var
      const value = await handler(
        async (fn) => {
          // Between two steps whoever else waits is served.
          await new Promise((resume) => setTimeout(resume, 0))
          return territory.read((db) => fn(edge.ctxFor(c, db)) as never)
        },
        await inputOf(c, shape),
      )
      return send(
        c,
        decide(edge.platform, shape, () => value),
      )
    })
  }
