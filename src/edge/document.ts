import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import type { Env, MiddlewareHandler } from 'hono'
import { EVENT_STREAM } from './stream.ts'
import type { LinkShape, OperationShape } from './operation.ts'
import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemCode } from './problems.ts'

/** 8 to 128 printable characters, none of them a space at either end. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e](?:[\x20-\x7e]{6,126})[\x21-\x7e]$/

/** The place in a list after which a stream begins. */
export const LAST_EVENT_ID = { name: 'Last-Event-ID', pattern: /^\d{1,15}$/ } as const

/** Every problem that an operation may answer: those of the edge, and its own refusals. */
export const codesOf = (shape: OperationShape): ProblemCode[] => [
  ...new Set<ProblemCode>([
    'invalid_request',
    'unauthenticated',
    'forbidden',
    'unknown_territory',
    'rate_limited',
    'internal',
    'unavailable',
    ...(hasBody(shape) ? (['payload_too_large', 'unsupported_media_type'] as const) : []),
    ...(needsIdempotencyKey(shape)
      ? (['idempotency_key_required', 'idempotency_key_reused', 'erased'] as const)
      : []),
    ...shape.refusals,
  ]),
]

export const hasBody = (shape: OperationShape) =>
  shape.body !== undefined || shape.bodyMediaType !== undefined

/** Every POST that changes state is asked under a key of the caller's. */
export const needsIdempotencyKey = (shape: OperationShape) =>
  shape.effect === 'mutate' && shape.method === 'post'

/** What the document says of an operation beyond what OpenAPI has words for; the authorisation tests are made from it. */
const extensionsOf = (shape: OperationShape) => ({
  'x-roles': shape.roles,
  'x-effect': shape.effect,
})

/** Headers that the guards read themselves: said in the document, not validated a second time. */
const headerParametersOf = (shape: OperationShape) => [
  ...(needsIdempotencyKey(shape)
    ? [
        {
          name: 'Idempotency-Key',
          in: 'header' as const,
          required: true,
          description: 'La même clé et la même requête donnent la même réponse, pendant 7 jours.',
          schema: { type: 'string' as const, pattern: IDEMPOTENCY_KEY.source },
          example: '01kakq0t5ae3vshb4ka6e0x0m1',
        },
      ]
    : []),
  ...(shape.streamed
    ? [
        {
          name: LAST_EVENT_ID.name,
          in: 'header' as const,
          required: false,
          description:
            'Pour un flux : le dernier id reçu, après lequel reprendre. L’emporte sur after ; sans l’un ni l’autre, le flux commence au présent.',
          schema: { type: 'string' as const, pattern: LAST_EVENT_ID.pattern.source },
          example: '1042',
        },
      ]
    : []),
  ...(shape.refusals.includes('stale_version')
    ? [
        {
          name: 'If-Match',
          in: 'header' as const,
          required: false,
          description: 'ETag de la version modifiée ; une autre version est refusée.',
          schema: { type: 'string' as const },
          example: '"3"',
        },
      ]
    : []),
]

const StreamText = z.string().openapi({
  description: 'Un message par élément : id, event (son type) et data (l’élément en JSON).',
  example: 'id: 1042\nevent: booking.created\ndata: {"seq":1042,…}\n\n',
})

const territoryParameter = z.object({
  territory: z.string().openapi({ description: 'Code du département', example: '92' }),
})

/** What every problem looks like. */
const PROBLEM_SCHEMA = {
  type: 'object' as const,
  description: 'RFC 9457 ; code est stable.',
  properties: {
    type: { type: 'string' as const },
    title: { type: 'string' as const },
    status: { type: 'integer' as const },
    code: { type: 'string' as const },
    detail: { type: 'string' as const },
    errors: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        properties: { path: { type: 'string' as const }, message: { type: 'string' as const } },
        required: ['path', 'message'],
        additionalProperties: false,
      },
    },
  },
  required: ['type', 'title', 'status', 'code', 'detail'],
  additionalProperties: {},
}

/** The problems that one status of an operation may have, as a component of the document that others share. */
interface ProblemResponse {
  readonly status: number
  /** Its codes: the same codes are the same component. */
  readonly name: string
  readonly response: object
}

const problemResponse = (status: number, codes: readonly ProblemCode[]): ProblemResponse => ({
  status,
  name: codes.join('.'),
  response: {
    description: codes.join(', '),
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { type: 'object', properties: { code: { type: 'string', enum: codes } } },
          ],
        },
      },
    },
  },
})

/** What the document says of these problems, by status. */
const problemResponses = (codes: readonly ProblemCode[]): ProblemResponse[] => {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of codes.toSorted()) {
    const status = PROBLEMS[code][0]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return [...byStatus].map(([status, same]) => problemResponse(status, same))
}

const refsTo = (responses: readonly ProblemResponse[]): Record<number, unknown> =>
  Object.fromEntries(
    responses.map(({ status, name }) => [status, { $ref: `#/components/responses/${name}` }]),
  )

/** Made once for each shape, whatever apps declare it: zod's registry of OpenAPI forgets no schema that it ever saw. */
const onceEach = <S extends object, R>(make: (shape: S) => R): ((shape: S) => R) => {
  const made = new WeakMap<S, R>()
  return (shape) => {
    let result = made.get(shape)
    if (!result) made.set(shape, (result = make(shape)))
    return result
  }
}

/** Every problem that a link may answer. One that opens nothing is absent, whatever is wrong with it. */
const LINK_PROBLEMS: readonly ProblemCode[] = [
  'not_found',
  'unknown_territory',
  'rate_limited',
  'internal',
  'unavailable',
]

const documentedLink = onceEach((shape: LinkShape) => {
  const problems = problemResponses(LINK_PROBLEMS)
  const route = {
    operationId: shape.id,
    method: 'get' as const,
    path: shape.path,
    tags: [shape.tag],
    summary: shape.summary,
    ...(shape.description ? { description: shape.description } : {}),
    security: [],
    // Not validated: hono would name the secret by all that follows its colon, and one in no shape is an absent one.
    parameters: [
      {
        name: 'secret',
        in: 'path' as const,
        required: true,
        schema: { type: 'string' as const, pattern: shape.secret.source },
      },
      {
        name: 'If-None-Match',
        in: 'header' as const,
        required: false,
        description: 'ETag de ce que l’on a déjà ; 304 si rien n’a changé.',
        schema: { type: 'string' as const },
      },
    ],
    request: { params: territoryParameter },
    responses: {
      200: { description: 'OK', content: { [shape.mediaType]: { schema: z.string() } } },
      304: { description: 'Inchangé' },
      ...refsTo(problems),
    } as Record<number, { description: string }>,
    'x-effect': 'read',
  }
  return { route, problems }
})

const successOf = ({ success, streamed }: OperationShape) => {
  if ('schema' in success)
    return {
      description: 'OK',
      content: {
        'application/json': { schema: success.schema },
        ...(streamed ? { [EVENT_STREAM]: { schema: StreamText } } : {}),
      },
    }
  if ('mediaTypes' in success)
    return {
      description: 'OK',
      content: Object.fromEntries(success.mediaTypes.map((type) => [type, { schema: z.string() }])),
    }
  return { description: 'Fait' }
}

const documented = onceEach((shape: OperationShape) => {
  const problems = problemResponses(codesOf(shape))
  const responses: Record<number, unknown> = {
    [shape.success.status]: successOf(shape),
    ...refsTo(problems),
  }
  const route = {
    operationId: shape.id,
    method: shape.method,
    path: shape.path,
    tags: [shape.tag],
    summary: shape.summary,
    ...(shape.description ? { description: shape.description } : {}),
    security: [{ key: [] }],
    parameters: headerParametersOf(shape),
    request: {
      params: territoryParameter.extend(shape.params?.shape ?? {}),
      ...(shape.query ? { query: shape.query } : {}),
      ...(shape.body
        ? { body: { required: true, content: { 'application/json': { schema: shape.body } } } }
        : {}),
      ...(shape.bodyMediaType === undefined
        ? {}
        : { body: { required: true, content: { [shape.bodyMediaType]: { schema: z.string() } } } }),
    },
    responses: responses as Record<number, { description: string }>,
    ...extensionsOf(shape),
  }
  return { route, problems }
})

/** An operation as a route, guarded, with all that the document says of it, and the responses that it refers to. */
export const routeOf = <E extends Env>(shape: OperationShape, guards: MiddlewareHandler<E>[]) => {
  const { route, problems } = documented(shape)
  return { route: createRoute({ ...route, middleware: guards }), problems }
}

/** The same of a link. */
export const routeOfLink = <E extends Env>(shape: LinkShape, middleware: MiddlewareHandler<E>[]) => {
  const { route, problems } = documentedLink(shape)
  return { route: createRoute({ ...route, middleware }), problems }
}

/** Tells the document of an app what its routes refer to, each once. */
export const componentsOf = ({ openAPIRegistry }: Pick<OpenAPIHono, 'openAPIRegistry'>) => {
  openAPIRegistry.registerComponent('schemas', 'Problem', PROBLEM_SCHEMA)
  const known = new Set<string>()
  return (problems: readonly ProblemResponse[]): void => {
    for (const { name, response } of problems) {
      if (known.has(name)) continue
      known.add(name)
      openAPIRegistry.registerComponent('responses', name, response as { description: string })
    }
  }
}
