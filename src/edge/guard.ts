import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { authenticate, isUseStale, noteUse, type Authenticated } from '../access/actions.ts'
import { Unavailable } from '../db/db.ts'
import type { Territory } from '../db/territory.ts'
import type { Instant } from '../kernel/time.ts'
import { hasBody, IDEMPOTENCY_KEY, needsIdempotencyKey } from './document.ts'
import type { AppEnv } from './http.ts'
import { limiter } from './limits.ts'
import { BODY_LIMIT, type OperationShape } from './operation.ts'
import type { Platform } from './platform.ts'
import { problem } from './problems.ts'
import { sendProblem } from './respond.ts'

/** Failed authentications allowed to one address: generous to an honest client, useless against 256 bits. */
const FAILED_AUTHENTICATIONS = { perSecond: 5, burst: 200 }

const JSON_BODY = /^application\/json(?:\s*;\s*charset=utf-8)?$/i

/** Whether a body is of the type that the operation takes. A text may say any charset: its bytes tell. */
const isExpected = ({ bodyMediaType }: OperationShape, contentType = ''): boolean =>
  bodyMediaType === undefined
    ? JSON_BODY.test(contentType)
    : contentType.split(';')[0]?.trim().toLowerCase() === bodyMediaType

/** The secret that a request comes with. */
export const bearerOf = (c: Context): string | undefined =>
  /^Bearer ([\x21-\x7e]+)$/i.exec(c.req.header('authorization') ?? '')?.[1]

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

/** Who is let in to one app: it counts what each key and each address has asked of it. */
export const admissionOf = (platform: Platform) => {
  const perKey = limiter()
  const perAddress = limiter()

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

  /** In the order: territory, key, rate, role, type, size, idempotency key. */
  const guardsOf = (shape: OperationShape): MiddlewareHandler<AppEnv>[] => [
    guard(shape),
    ...(hasBody(shape) ? [sizeGuard(shape.bodyLimit ?? BODY_LIMIT)] : []),
    ...(needsIdempotencyKey(shape) ? [idempotencyGuard] : []),
  ]

  return { guardsOf, refuseFailure, refuseRate }
}
