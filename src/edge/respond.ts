import type { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { assertSync, Unavailable } from '../db/db.ts'
import { Refused } from '../kernel/refusal.ts'
import type { Answer } from './answers.ts'
import { codesOf } from './document.ts'
import type { AppEnv } from './http.ts'
import type { GivenText, OperationShape } from './operation.ts'
import type { Platform } from './platform.ts'
import { problem, PROBLEM_MEDIA_TYPE, problemOf, type Problem } from './problems.ts'

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

/** What is wrong with a request whose shape is not the operation's. */
export const invalidRequest = (error: z.ZodError): Problem =>
  problem('invalid_request', 'La requête ne respecte pas le contrat de l’opération.', {
    errors: error.issues
      .slice(0, 50)
      .map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  })

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

export const refusalAnswer = (platform: Platform, shape: OperationShape, refused: Refused): Answer => {
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
export const send = (c: Context<AppEnv>, answer: Answer, more: Record<string, string> = {}): Response =>
  c.newResponse(answer.body, answer.status as 200, { ...answer.headers, ...more })

/** What the handler gives, or its refusal, both as an answer; what a refused handler wrote is undone. */
export const decide = (platform: Platform, shape: OperationShape, run: () => unknown): Answer => {
  try {
    return answerOf(shape, run())
  } catch (error) {
    if (error instanceof Refused) return refusalAnswer(platform, shape, error)
    throw error
  }
}
