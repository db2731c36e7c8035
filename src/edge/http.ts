import { OpenAPIHono, type z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { accepts } from 'hono/accepts'
import { bodyLimit } from 'hono/body-limit'
import { etag } from 'hono/etag'
import { HTTPException } from 'hono/http-exception'
import { authenticate, isUseStale, noteUse, type Authenticated } from '../access/actions.ts'
import { assertSync, Unavailable, type Ctx, type Db } from '../db/db.ts'
import { ctxOf, type Territory } from '../db/territory.ts'
import { absent, Refused, type Refusal } from '../kernel/refusal.ts'
import type { Actor } from '../kernel/ctx.ts'
import type { Instant } from '../kernel/time.ts'
import { findAnswer, keepAnswer, type Answer, type Asked } from './answers.ts'
import {
  codesOf,
  hasBody,
  IDEMPOTENCY_KEY,
  LAST_EVENT_ID,
  needsIdempotencyKey,
  routeOf,
  routeOfLink,
} from './document.ts'
import { EVENT_STREAM, streamBody, messageOf, SILENCE, turnstile } from './stream.ts'
import { limiter } from './limits.ts'
import { BODY_LIMIT, type GivenText, type LinkShape, type OperationShape } from './operation.ts'
import type { Platform } from './platform.ts'
import { problem, PROBLEM_MEDIA_TYPE, problemOf, type Problem } from './problems.ts'

export interface Variables {
  requestId: string
  territory: Territory
  caller: Authenticated
  operation: string
}
export interface AppEnv {
  Variables: Variables
}
export type App = OpenAPIHono<AppEnv>

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined

export interface Input<O extends OperationShape> {
  readonly params: Parsed<O['params']>
  readonly query: Parsed<O['query']>
  readonly body: O extends { readonly bodyMediaType: string } ? Uint8Array : Parsed<O['body']>
  /** The version that the caller last saw, if it said so. */
  readonly ifMatch: number | undefined
}

type Given<O extends OperationShape> = O['success'] extends { schema: infer S extends z.ZodType }
  ? z.input<S>
  : O['success'] extends { mediaTypes: readonly (infer MediaType extends string)[] }
    ? GivenText<MediaType>
    : void

type Handler<O extends OperationShape> = (ctx: Ctx, input: Input<O>) => Given<O>

/** For a read too long for one go: each step sees the database at its own moment. */
type SteppedHandler<O extends OperationShape> = (
  step: <T>(fn: (ctx: Ctx) => T) => Promise<T>,
  input: Input<O>,
) => Promise<Given<O>>

/** What a stream reads at a time. */
export interface StreamPage<T> {
  /** In order, each with its place in the list and the name of its kind. */
  readonly messages: readonly { readonly seq: number; readonly type: string; readonly item: T }[]
  /** Where to go on, after all that this page has judged. */
  readonly through: number
  readonly isEnd: boolean
}

/** The items of a list as a stream, with those to come. */
export interface Stream<O extends OperationShape & { streamed: z.ZodType }> {
  /** The place to begin after, for a reader that does not come back to one. */
  start(ctx: Ctx, input: Input<O>): number
  next(ctx: Ctx, after: number): StreamPage<z.input<O['streamed']>>
}

/** What the secret of a link opens: under whose id its rate is counted, and its text when that allows it. */
type LinkHandler = (
  ctx: Ctx,
  secret: string,
) => { readonly id: string; readonly text: () => string } | undefined

/** An operation whose decision is too long for one transaction. */
type LongShape = OperationShape & {
  readonly method: 'post'
  readonly effect: 'mutate'
  readonly success: { readonly schema: z.ZodType }
}

/** Reads, thinks outside of any transaction, then decides in one. */
interface LongHandler<O extends LongShape, Snapshot, Thought> {
  prepare(ctx: Ctx, input: Input<O>): Snapshot
  /** `pause` lets whoever else waits be served, and tells what time it is then. */
  think(snapshot: Snapshot, pause: () => Promise<Instant>): Promise<Thought>
  /** Undefined when what was read no longer holds: it is read and thought again, once. */
  finish(ctx: Ctx, input: Input<O>, thought: Thought): Given<O> | undefined
}

/** How features declare their operations; the only way to a route, so that none is without roles or a secret. */
export interface Api {
  on<O extends OperationShape>(shape: O, handler: Handler<O>): void
  onSteps<O extends OperationShape & { effect: 'read' }>(shape: O, handler: SteppedHandler<O>): void
  /** For a list that can be followed: the same operation streams it to whoever accepts `text/event-stream`. */
  onStream<O extends OperationShape & { effect: 'read'; streamed: z.ZodType }>(
    shape: O,
    handler: Handler<O>,
    source: Stream<O>,
  ): void
  onLink(shape: LinkShape, handler: LinkHandler): void
  onLong<O extends LongShape, Snapshot, Thought>(shape: O, handler: LongHandler<O, Snapshot, Thought>): void
}

/** Failed authentications allowed to one address: generous to an honest client, useless against 256 bits. */
const FAILED_AUTHENTICATIONS = { perSecond: 5, burst: 200 }

/** Streams open at a time by one key, on one machine. */
const MOST_STREAMS = 20

/** Who reads by a link: nobody that a key names. */
const LINK: Actor = { kind: 'system', name: 'link' }

export const sendProblem = (c: Context, body: Problem, headers: Record<string, string> = {}): Response =>
  c.body(JSON.stringify(body), body.status as 400, { ...headers, 'content-type': PROBLEM_MEDIA_TYPE })

/** Any error as the response that says no more than it should. */
export const respondToError =
  (platform: Platform) =>
  (error: unknown, c: Context<AppEnv>): Response => {
    const requestId = c.get('requestId')
    if (error instanceof Refused) return sendProblem(c, problemOf(error.refusal))
    if (error instanceof HTTPException) {
      if (error.status === 413)
        return sendProblem(c, problem('payload_too_large', 'Le corps est trop grand.'))
      if (error.status === 415)
        return sendProblem(c, problem('unsupported_media_type', 'Le corps attendu est application/json.'))
      if (error.status === 400)
        return sendProblem(c, problem('invalid_request', 'Le corps n’est pas du JSON valide.'))
    }
    if (error instanceof Unavailable) {
      platform.log.error({ requestId, err: error }, 'unavailable')
      return sendProblem(c, problem('unavailable', 'Réessayez avec la même clé d’idempotence.'), {
        'retry-after': '1',
      })
    }
    platform.log.error({ requestId, err: error }, 'bug')
    return sendProblem(c, problem('internal', 'Une erreur inattendue est survenue.'))
  }

const invalidRequest = (error: z.ZodError): Problem =>
  problem('invalid_request', 'La requête ne respecte pas le contrat de l’opération.', {
    errors: error.issues
      .slice(0, 50)
      .map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  })

/** A version that no object has: a condition that names none of ours is never met (RFC 9110 §13.1.1). */
const NO_VERSION = -1

const ifMatchOf = (header: string | undefined): number | undefined => {
  if (header === undefined || header === '*') return undefined
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(header)?.[1]
  return version === undefined ? NO_VERSION : Number(version)
}

/** An answer under an idempotency key, and whether it is the one of before. */
interface Told {
  readonly answer: Answer
  readonly replayed: boolean
}

const KEY_REUSED: Refusal = {
  code: 'idempotency_key_reused',
  detail: 'Cette clé a déjà servi à une requête différente.',
}

const OUTDATED: Refusal = {
  code: 'stale_version',
  detail: 'Les données ont changé pendant le calcul : recommencez.',
}

/** How often a decision is thought before it is given up because what it rests on keeps changing. */
const MOST_THOUGHTS = 2

class ThinkAgain extends Error {}

const JSON_BODY = /^application\/json(?:\s*;\s*charset=utf-8)?$/i

/** Whether a body is of the type that the operation takes. A text may say any charset: its bytes tell. */
const isExpected = ({ bodyMediaType }: OperationShape, contentType = ''): boolean =>
  bodyMediaType === undefined
    ? JSON_BODY.test(contentType)
    : contentType.split(';')[0]?.trim().toLowerCase() === bodyMediaType

const bearerOf = (c: Context): string | undefined =>
  /^Bearer ([\x21-\x7e]+)$/i.exec(c.req.header('authorization') ?? '')?.[1]

const wantsStream = (c: Context): boolean =>
  accepts(c, {
    header: 'Accept',
    supports: ['application/json', EVENT_STREAM],
    default: 'application/json',
  }) === EVENT_STREAM

/** One territory's operations, guarded in the order: territory, key, rate, role, type, size, idempotency key, shape. */
export const territoryApi = (platform: Platform): { app: App; api: Api } => {
  const app: App = new OpenAPIHono<AppEnv>({
    defaultHook: (result, c) => (result.success ? undefined : sendProblem(c, invalidRequest(result.error))),
  })
  const perKey = limiter()
  const perAddress = limiter()

  const ctxFor = (c: Context<AppEnv>, db: Db): Ctx =>
    ctxOf(platform, c.var.territory.info, c.var.caller.actor, db)

  /** The refusal of one who failed once too often; undefined as long as the address may fail. */
  const refuseFailure = (c: Context<AppEnv>, now: Instant): Response | undefined => {
    const { allowed, resetSeconds } = perAddress.take(platform.clientAddress(c), FAILED_AUTHENTICATIONS, now)
    if (allowed) return undefined
    return sendProblem(c, problem('rate_limited', 'Trop d’authentifications refusées.'), {
      'retry-after': String(resetSeconds),
    })
  }

  const unauthenticated = (c: Context<AppEnv>, now: Instant): Response =>
    refuseFailure(c, now) ??
    sendProblem(c, problem('unauthenticated', 'Clé absente, inconnue, expirée ou révoquée.'), {
      'www-authenticate': 'Bearer',
    })

  /** Takes one request of whoever is let in: the refusal of one too many, or undefined. */
  const refuseRate = (c: Context<AppEnv>, holder: string, now: Instant): Response | undefined => {
    const { rate } = c.var.territory.info
    const allowance = perKey.take(holder, rate, now)
    c.header('RateLimit-Limit', String(rate.burst))
    c.header('RateLimit-Remaining', String(allowance.remaining))
    c.header('RateLimit-Reset', String(allowance.resetSeconds))
    if (allowance.allowed) return undefined
    return sendProblem(c, problem('rate_limited', 'Débit de la clé dépassé.'), {
      'retry-after': String(allowance.resetSeconds),
    })
  }

  /** A read is still answered when the time of last use cannot be written. */
  const noteUseOf = async (territory: Territory, caller: Authenticated, now: Instant): Promise<void> => {
    if (!isUseStale(caller, now)) return
    try {
      await territory.commit(({ db }) => {
        noteUse(db, caller, now)
      })
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      platform.log.warn({ key: caller.actor.keyId, err: error }, 'last use not noted')
    }
  }

  const guard =
    (shape: OperationShape): MiddlewareHandler<AppEnv> =>
    async (c, next) => {
      c.set('operation', shape.id)
      const now = platform.sources.clock()
      const territory = platform.findTerritory(c.req.param('territory') ?? '')
      if (!territory) return sendProblem(c, problem('unknown_territory', 'Ce territoire n’existe pas ici.'))
      c.set('territory', territory)

      const secret = bearerOf(c)
      const caller = secret
        ? territory.read((db) => authenticate(db, territory.info, secret, now))
        : undefined
      if (!caller) return unauthenticated(c, now)
      c.set('caller', caller)

      const tooMany = refuseRate(c, caller.actor.keyId, now)
      if (tooMany) return tooMany
      if (!shape.roles.includes(caller.actor.role))
        return sendProblem(c, problem('forbidden', 'Le rôle de cette clé ne permet pas cette opération.'))
      if (hasBody(shape) && !isExpected(shape, c.req.header('content-type')))
        return sendProblem(
          c,
          problem(
            'unsupported_media_type',
            `Le corps attendu est ${shape.bodyMediaType ?? 'application/json'}.`,
          ),
        )
      await noteUseOf(territory, caller, now)
      return next()
    }

  /** After the size: who sends too much is told that, whatever else is wrong. */
  const idempotencyGuard: MiddlewareHandler<AppEnv> = async (c, next) => {
    if (IDEMPOTENCY_KEY.test(c.req.header('idempotency-key') ?? '')) return next()
    return sendProblem(
      c,
      problem(
        'idempotency_key_required',
        'En-tête Idempotency-Key attendu, de 8 à 128 caractères imprimables.',
      ),
    )
  }

  const sizeGuard = (maxSize: number) =>
    bodyLimit({
      maxSize,
      onError: (c) => sendProblem(c, problem('payload_too_large', `Le corps dépasse ${maxSize} octets.`)),
    })

  const inputOf = <O extends OperationShape>(c: Context<AppEnv>, shape: O): Input<O> => {
    // The types of `valid` come from the route's literal shape, which `OperationShape` has widened.
    const valid = (target: string) => (c.req as unknown as { valid(t: string): unknown }).valid(target)
    return {
      params: shape.params ? valid('param') : undefined,
      query: shape.query ? valid('query') : undefined,
      body: shape.body ? valid('json') : undefined,
      ifMatch: ifMatchOf(c.req.header('if-match')),
    } as Input<O>
  }

  /** The answer as it will be sent, held against the contract: a field that is not in it is a bug, not a leak. */
  const answerOf = (shape: OperationShape, value: unknown): Answer => {
    if ('mediaTypes' in shape.success) {
      const { mediaType, text, headers } = assertSync(value) as GivenText
      return {
        status: shape.success.status,
        body: text,
        headers: { ...headers, 'content-type': `${mediaType}; charset=utf-8` },
      }
    }
    if (!('schema' in shape.success)) return { status: shape.success.status, body: null, headers: {} }
    const body = shape.success.schema.parse(assertSync(value)) as { version?: unknown }
    return {
      status: shape.success.status,
      body: JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        ...(typeof body.version === 'number' ? { etag: `"${body.version}"` } : {}),
      },
    }
  }

  const refusalAnswer = (shape: OperationShape, refused: Refused): Answer => {
    const body = problemOf(refused.refusal)
    if (!codesOf(shape).includes(body.code))
      platform.log.error({ operation: shape.id, code: body.code }, 'undocumented refusal')
    return {
      status: body.status,
      body: JSON.stringify(body),
      headers: { 'content-type': PROBLEM_MEDIA_TYPE },
    }
  }

  // By the context, which adds the headers that the guards have set.
  const send = (c: Context<AppEnv>, answer: Answer, more: Record<string, string> = {}): Response =>
    c.newResponse(answer.body, answer.status as 200, { ...answer.headers, ...more })

  /** What the handler gives, or its refusal, both as an answer; what a refused handler wrote is undone. */
  const decide = (shape: OperationShape, run: () => unknown): Answer => {
    try {
      return answerOf(shape, run())
    } catch (error) {
      if (error instanceof Refused) return refusalAnswer(shape, error)
      throw error
    }
  }

  /** The body as it was sent, so that no two read alike. */
  const textOfBody = async (c: Context<AppEnv>, shape: OperationShape): Promise<string> => {
    if (shape.bodyMediaType !== undefined) return Buffer.from(await c.req.arrayBuffer()).toString('latin1')
    return shape.body ? c.req.text() : ''
  }

  const askedOf = async (c: Context<AppEnv>, shape: OperationShape): Promise<Asked> => ({
    caller: c.var.caller.actor.keyId,
    key: c.req.header('idempotency-key') ?? '',
    request: `${c.req.method} ${c.req.path}${new URL(c.req.url).search}\n${await textOfBody(c, shape)}`,
  })

  /** What this key was answered before, if it has served. */
  const findTold = (ctx: Ctx, shape: OperationShape, asked: Asked): Told | undefined => {
    const found = findAnswer(ctx, asked)
    if (found === 'reused') return { answer: refusalAnswer(shape, new Refused(KEY_REUSED)), replayed: false }
    return found && { answer: found, replayed: true }
  }

  /** The answer that the key was given before, or the one now decided, kept in the transaction of its effect. */
  const decideOnce = (ctx: Ctx, shape: OperationShape, asked: Asked, decideNow: () => Answer): Told => {
    const told = findTold(ctx, shape, asked)
    if (told) return told
    const answer = decideNow()
    keepAnswer(ctx, asked, answer)
    return { answer, replayed: false }
  }

  const sendTold = (c: Context<AppEnv>, { answer, replayed }: Told): Response =>
    send(c, answer, replayed ? { 'Idempotent-Replayed': 'true' } : {})

  const declare = (shape: OperationShape, respond: (c: Context<AppEnv>) => Response | Promise<Response>) => {
    if (shape.roles.length === 0) throw new Error(`${shape.id} has no roles`)
    const guards = [
      guard(shape),
      ...(hasBody(shape) ? [sizeGuard(shape.bodyLimit ?? BODY_LIMIT)] : []),
      ...(needsIdempotencyKey(shape) ? [idempotencyGuard] : []),
    ]
    app.openapi(routeOf(shape, guards), (c) => respond(c as unknown as Context<AppEnv>) as never)
  }

  const read = <O extends OperationShape>(
    c: Context<AppEnv>,
    shape: O,
    handler: Handler<O>,
    input: Input<O>,
  ): Response =>
    send(
      c,
      decide(shape, () => c.var.territory.read((db) => handler(ctxFor(c, db), input) as never)),
    )

  const on: Api['on'] = (shape, handler) => {
    declare(shape, async (c) => {
      const { territory } = c.var
      const input = inputOf(c, shape)
      if (shape.bodyMediaType !== undefined)
        Object.assign(input, { body: new Uint8Array(await c.req.arrayBuffer()) })
      if (shape.effect === 'read') return read(c, shape, handler, input)
      if (!needsIdempotencyKey(shape)) {
        const answer = await territory.commit<Answer>((tx) => {
          const ctx = ctxFor(c, tx.db)
          return decide(shape, () => tx.savepoint(() => handler(ctx, input) as never))
        })
        return send(c, answer)
      }
      const asked = await askedOf(c, shape)
      const told = await territory.commit<Told>((tx) => {
        const ctx = ctxFor(c, tx.db)
        return decideOnce(ctx, shape, asked, () =>
          decide(shape, () => tx.savepoint(() => handler(ctx, input) as never)),
        )
      })
      return sendTold(c, told)
    })
  }

  const onSteps: Api['onSteps'] = (shape, handler) => {
    declare(shape, async (c) => {
      const { territory } = c.var
      const value = await handler(
        async (fn) => {
          // Between two steps whoever else waits is served.
          await new Promise((resume) => setTimeout(resume, 0))
          return territory.read((db) => fn(ctxFor(c, db)) as never)
        },
        inputOf(c, shape),
      )
      return send(
        c,
        decide(shape, () => value),
      )
    })
  }

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

  const onStream: Api['onStream'] = (shape, handler, source) => {
    declare(shape, (c) => {
      const input = inputOf(c, shape)
      if (!wantsStream(c)) return read(c, shape, handler, input)
      const last = c.req.header(LAST_EVENT_ID.name) ?? ''
      if (last === '')
        return openStream(
          c,
          shape,
          source,
          c.var.territory.read((db) => source.start(ctxFor(c, db), input)),
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

  const onLink: Api['onLink'] = (shape, handler) => {
    const [, ending = ''] = shape.path.split('{secret}')
    const secretOf = (c: Context<AppEnv>): string => {
      // What follows the colon is the name, ending and all: hono has no parameter within a segment.
      const segment = c.req.param(`secret${ending}`) ?? ''
      return segment.endsWith(ending) ? segment.slice(0, segment.length - ending.length) : ''
    }
    const respond = (c: Context<AppEnv>): Response => {
      c.set('operation', shape.id)
      const now = platform.sources.clock()
      const territory = platform.findTerritory(c.req.param('territory') ?? '')
      if (!territory) return sendProblem(c, problem('unknown_territory', 'Ce territoire n’existe pas ici.'))
      c.set('territory', territory)
      return territory.read<Response>((db) => {
        const opened = handler(ctxOf(platform, territory.info, LINK, db), secretOf(c))
        if (!opened) return refuseFailure(c, now) ?? sendProblem(c, problemOf(absent('Lien')))
        const tooMany = refuseRate(c, opened.id, now)
        if (tooMany) return tooMany
        return c.newResponse(opened.text(), 200, {
          'content-type': `${shape.mediaType}; charset=utf-8`,
          'content-disposition': `inline; filename="${shape.fileName}"`,
          // Whoever asks with the secret may keep it a while, but nobody in between.
          'cache-control': 'private, max-age=300',
        })
      })
    }
    app.openapi(routeOfLink(shape, [etag()]), (c) => respond(c as unknown as Context<AppEnv>) as never)
  }

  /** Requests that think: one that comes again under its key waits for the answer of the first. */
  const thinking = new Map<string, Promise<unknown>>()

  const pause = async (): Promise<Instant> => {
    await new Promise((resume) => setTimeout(resume, 0))
    return platform.sources.clock()
  }

  const onLong: Api['onLong'] = (shape, handler) => {
    declare(shape, async (c) => {
      const { territory } = c.var
      const input = inputOf(c, shape)
      const asked = await askedOf(c, shape)
      const name = JSON.stringify([territory.info.code, asked.caller, asked.key])
      for (let first = thinking.get(name); first; first = thinking.get(name))
        await first.catch(() => undefined)

      const decideLong = async (attempt: number): Promise<Told> => {
        const told = territory.read((db) => findTold(ctxFor(c, db), shape, asked))
        if (told) return told
        let finish: (ctx: Ctx) => Given<typeof shape> | undefined
        try {
          const { snapshot } = territory.read((db) => ({ snapshot: handler.prepare(ctxFor(c, db), input) }))
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
            const ctx = ctxFor(c, tx.db)
            return decideOnce(ctx, shape, asked, () =>
              decide(shape, () =>
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

  return { app, api: { on, onSteps, onStream, onLink, onLong } }
}
