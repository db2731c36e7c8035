import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import type { z } from '@hono/zod-openapi'
import { authenticate } from '../access/actions.ts'
import { ctxOf } from '../db/territory.ts'
import type { Edge } from './declare.ts'
import { LAST_EVENT_ID } from './document.ts'
import { bearerOf } from './guard.ts'
import type { Api, AppEnv, Stream } from './http.ts'
import { inputOf } from './input.ts'
import { read } from './on.ts'
import type { OperationShape } from './operation.ts'
import { problem } from './problems.ts'
import { sendProblem } from './respond.ts'
import { EVENT_STREAM, messageOf, SILENCE, streamBody, turnstile } from './stream.ts'

/** Streams open at a time by one key, on one machine. */
const MOST_STREAMS = 20

const wantsStream = (c: Context): boolean =>
  accepts(c, {
    header: 'Accept',
    supports: ['application/json', EVENT_STREAM],
    default: 'application/json',
  }) === EVENT_STREAM

export const onStream = (edge: Edge): Api['onStream'] => {
  const { platform } = edge
  const enterStream = turnstile(MOST_STREAMS)

  const openStream = <O extends OperationShape & { streamed: z.ZodType }>(
    c: Context<AppEnv>,
    shape: O,
    source: Stream<O>,
    start: number,
  ): Response => {
    const { territory, caller, requestId } = c.var
    // Asks the proxies that know the last one not to keep messages back.
    const headers = { 'content-type': `${EVENT_STREAM}; charset=utf-8`, 'x-accel-buffering': 'no' }
    // Hono answers HEAD by GET and drops the body unread: nobody would ever end it.
    if (c.req.method === 'HEAD') return c.newResponse(null, 200, headers)
    const leave = enterStream(caller.actor.keyId)
    if (!leave)
      return sendProblem(c, problem('rate_limited', `Au plus ${MOST_STREAMS} flux ouverts par clé.`), {
        'retry-after': '15',
      })
    const uncount = platform.metrics.stream()
    const secret = bearerOf(c) ?? ''
    let place = start
    const body = streamBody({
      next: () =>
        territory.read((db) => {
          // Judged again each time: a key that was closed, or sees otherwise now, is not told by what it was.
          const known = authenticate(db, territory.info, secret, platform.sources.clock())
          if (!known) return undefined
          const page = source.next(ctxOf(platform, territory.info, known.actor, db), place)
          const text = page.messages.map(({ seq, type, item }) =>
            messageOf(seq, type, shape.streamed.parse(item)),
          )
          place = page.through
          return { text: text.join(''), isEnd: page.isEnd }
        }),
      watch: (listener) => territory.watch(listener),
      until: [c.req.raw.signal, platform.stopping],
      silence: platform.silence ?? SILENCE,
      onError: (error) => platform.log.error({ requestId, operation: shape.id, err: error }, 'stream failed'),
      onEnd: () => {
        leave()
        uncount()
      },
    })
    return c.newResponse(body, 200, headers)
  }

  return (shape, handler, source) => {
    edge.declare(shape, async (c) => {
      const input = await inputOf(c, shape)
      if (!wantsStream(c)) return read(edge, c, shape, handler, input)
      const last = c.req.header(LAST_EVENT_ID.name) ?? ''
      if (last === '')
        return openStream(
          c,
          shape,
          source,
          c.var.territory.read((db) => source.start(edge.ctxFor(c, db), input)),
        )
      if (LAST_EVENT_ID.pattern.test(last)) return openStream(c, shape, source, Number(last))
      return sendProblem(
        c,
        problem('invalid_request', 'La requête ne respecte pas le contrat de l’opération.', {
          errors: [{ path: LAST_EVENT_ID.name, message: 'Curseur invalide' }],
        }),
      )
    })
  }
}
