import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { validate } from '@scalar/openapi-parser'
import { describe, expect, it } from 'vitest'
import { PROBLEMS, type ProblemCode } from '../../src/edge/problems.ts'
import { ROLES, type Role } from '../../src/kernel/ctx.ts'
import { nodeGround } from '../support/node-ground.ts'
import { makeWorld } from '../support/world.ts'
import { documentOf, operationsOf, type Document, type Operation, type Schema } from './document.ts'
import { validatorsOf } from './schemas.ts'

const COMMITTED = fileURLToPath(new URL('../../openapi.json', import.meta.url))

const { document, served } = await (async () => {
  const ground = nodeGround()
  try {
    const world = await makeWorld(ground)
    const response = await world.app.request('/openapi.json')
    return {
      document: documentOf(world.app),
      served: { text: await response.text(), headers: response.headers },
    }
  } finally {
    await ground.close()
  }
})()

const copy = (of: Document): Document => structuredClone(of)

const problemCodes = ({
  content,
}: {
  content?: Readonly<Record<string, { schema: Schema }>>
}): ProblemCode[] => {
  const allOf = (content?.['application/problem+json']?.schema.allOf ?? []) as {
    properties?: { code?: { enum?: ProblemCode[] } }
  }[]
  return allOf.flatMap(({ properties }) => properties?.code?.enum ?? [])
}

const headersOf = ({ parameters }: Operation) =>
  Object.fromEntries(
    parameters.filter((one) => one.in === 'header').map((one) => [one.name, one.required === true]),
  )

/** Object schemas within a schema that would let any member in. */
const openObjects = (schema: unknown, at = ''): string[] => {
  if (schema === null || typeof schema !== 'object') return []
  const { type, additionalProperties } = schema as Schema
  return [
    ...(type === 'object' && additionalProperties !== false ? [at] : []),
    ...Object.entries(schema).flatMap(([name, inner]) => openObjects(inner, `${at}/${name}`)),
  ]
}

/** Objects whose members depend on what they tell: the facts of a problem, the data of an event. */
const OPEN = ['Problem', 'Event/properties/data', 'AuditEntry/properties/data']

/** Operations that take a file as it is. */
const TEXT_BODIES = ['importMtRequests']

/** Everything that the house asks of an operation in the document, and that this one does not do. */
const faultsOfOperation = (operation: Operation): string[] => {
  const { operationId, method, path, roles, effect, responses, requestBody } = operation
  const faults: string[] = []
  const unless = (isRight: boolean, fault: string) => {
    if (!isRight) faults.push(`${operationId}: ${fault}`)
  }
  unless(/^[a-z][A-Za-z]+$/.test(operationId), 'operationId')
  unless(roles.length > 0 && roles.every((role) => ROLES.includes(role)), 'x-roles')
  unless(['read', 'reveal', 'mutate'].includes(effect), 'x-effect')
  unless(path.startsWith('/{territory}/v1/'), 'path')
  unless(method !== 'get' || effect !== 'mutate', 'a GET changes nothing')

  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const inPath = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name)
  unless(JSON.stringify(named.toSorted()) === JSON.stringify(inPath.toSorted()), 'path parameters')

  const headers = headersOf(operation)
  const isKeyed = method === 'post' && effect === 'mutate'
  unless(headers['Idempotency-Key'] === (isKeyed ? true : undefined), 'Idempotency-Key')
  unless('428' in responses === isKeyed, '428')
  // What changes an object that others change too may say which version it saw; a PATCH always may.
  const isVersioned = '412' in responses
  unless(isVersioned || method !== 'patch', '412')
  unless(headers['If-Match'] === (isVersioned ? false : undefined), 'If-Match')
  unless(!isVersioned || effect === 'mutate', 'a read has no version to match')

  const body = requestBody?.content?.['application/json']
  unless((requestBody !== undefined) === ['post', 'put', 'patch'].includes(method), 'request body')
  unless(
    requestBody === undefined ||
      (requestBody.required === true && (body !== undefined || TEXT_BODIES.includes(operationId))),
    'body is required JSON',
  )
  if (body) unless(openObjects(body.schema).length === 0, 'strict body')
  for (const status of ['413', '415']) unless(status in responses === (requestBody !== undefined), status)

  const successes = Object.keys(responses).filter((status) => status.startsWith('2'))
  unless(successes.length === 1, 'one success')
  for (const status of ['400', '401', '403', '404', '429', '500', '503']) unless(status in responses, status)
  for (const [status, response] of Object.entries(responses)) {
    if (status.startsWith('2')) {
      unless((status === '204') === (response.content === undefined), 'a success has JSON or nothing')
      continue
    }
    const codes = problemCodes(response)
    unless(codes.length > 0, `codes of ${status}`)
    for (const code of codes) unless(String(PROBLEMS[code][0]) === status, `${code} under ${status}`)
  }
  return faults
}

/** The same of a link, which asks for no key: a text that is only read, and one refusal for all that opens nothing. */
const faultsOfLink = (operation: Operation): string[] => {
  const { operationId, method, path, roles, effect, responses, requestBody, parameters } = operation
  const faults: string[] = []
  const unless = (isRight: boolean, fault: string) => {
    if (!isRight) faults.push(`${operationId}: ${fault}`)
  }
  unless(/^[a-z][A-Za-z]+$/.test(operationId), 'operationId')
  unless(method === 'get' && effect === 'read' && requestBody === undefined, 'a link is only read')
  unless(roles.length === 0, 'a link has no roles')
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name)
  unless(JSON.stringify(named) === '["territory","secret"]', 'a link has a secret')
  unless(inPath.toSorted().join() === named.toSorted().join(), 'path parameters')
  unless(Object.keys(responses).join() === '200,304,404,429,500,503', 'statuses')
  for (const [status, response] of Object.entries(responses).filter(([one]) => one >= '400')) {
    const codes = problemCodes(response)
    unless(codes.length > 0, `codes of ${status}`)
    for (const code of codes) unless(String(PROBLEMS[code][0]) === status, `${code} under ${status}`)
  }
  return faults
}

const faultsOf = (of: Document): string[] => {
  const operations = operationsOf(of)
  const ids = operations.map(({ operationId }) => operationId)
  return [
    ...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `${id}: not unique`),
    ...operations.flatMap((one) => (one.isLink ? faultsOfLink(one) : faultsOfOperation(one))),
    ...Object.entries(of.components.schemas)
      .flatMap(([name, schema]) => openObjects(schema).map((at) => `${name}${at}`))
      .filter((at) => !OPEN.includes(at))
      .map((at) => `${at}: not strict`),
  ]
}

/** Examples of a schema and of those within it, each with what it is an example of. */
const examplesOf = (schema: unknown): { schema: Schema; example: unknown }[] => {
  if (schema === null || typeof schema !== 'object') return []
  const { example, in: place, schema: of } = schema as Schema
  return [
    // A parameter says its example beside its schema.
    ...(example === undefined ? [] : [{ schema: (place === undefined ? schema : of) as Schema, example }]),
    ...Object.values(schema).flatMap(examplesOf),
  ]
}

describe('the document', () => {
  it('[HTTP-15] is the one that is committed: npm run openapi writes it', () => {
    const committed = readFileSync(COMMITTED, 'utf8')
    expect(JSON.parse(committed)).toEqual(document)
    expect(served.text).toBe(committed)
    expect(served.headers.get('content-type')).toBe('application/json')
  })

  it('[HTTP-15] is valid OpenAPI 3.1', async () => {
    expect(await validate(copy(document) as unknown as Record<string, unknown>)).toMatchObject({
      valid: true,
      version: '3.1',
      errors: [],
    })
    const broken = copy(document)
    for (const operation of Object.values(broken.paths['/{territory}/v1/slots'] ?? {}))
      operation.responses = []
    expect((await validate(broken as unknown as Record<string, unknown>)).valid).toBe(false)
  })

  it('[HTTP-15] its schemas are JSON Schema 2020-12, and its examples are of their schema', () => {
    const { faults } = validatorsOf(document)
    const schemas = [document.components, document.paths]
    const examples = schemas.flatMap(examplesOf)
    expect(examples.length).toBeGreaterThan(20)
    for (const { schema, example } of examples)
      expect([example, faults(schema, example)]).toEqual([example, []])
    for (const operation of operationsOf(document))
      for (const { content } of [operation.requestBody ?? {}, ...Object.values(operation.responses)])
        for (const { schema } of Object.values(content ?? {}))
          expect(() => faults(schema, null)).not.toThrow()
    expect(() => faults({ type: 'text' }, '')).toThrow()
    expect(() => faults({ $ref: '#/components/schemas/Absent' }, '')).toThrow()
    expect(faults({ $ref: '#/components/schemas/Slot' }, {})).not.toEqual([])
  })

  it('[HTTP-15] every operation says its roles, effect, headers, problems and strict bodies', () => {
    expect(faultsOf(document)).toEqual([])
    expect(operationsOf(document).length).toBeGreaterThan(30)
  })

  it('[HTTP-15] every problem of the catalogue can come from an operation, or from no operation at all', () => {
    const documented = new Set(
      operationsOf(document).flatMap(({ responses }) => Object.values(responses).flatMap(problemCodes)),
    )
    const outside: ProblemCode[] = ['unknown_route', 'method_not_allowed']
    expect([...documented, ...outside].toSorted()).toEqual(Object.keys(PROBLEMS).toSorted())
  })

  it('[HTTP-15] a key is asked of every operation, but of the links, whose secret is in their address', () => {
    const open = operationsOf(document).filter(({ isLink }) => isLink)
    expect(open.map(({ operationId }) => operationId)).toEqual(['readFeed'])
    for (const [path, methods] of Object.entries(document.paths))
      for (const operation of Object.values(methods))
        expect(operation.security).toEqual(path.includes('{secret}') ? [] : [{ key: [] }])
  })

  it('[HTTP-15] the list that can be followed is also a stream, and says how to take it up', () => {
    const streamed = operationsOf(document).filter(({ responses }) =>
      Object.keys(responses['200']?.content ?? {}).includes('text/event-stream'),
    )
    expect(streamed.map(({ operationId }) => operationId)).toEqual(['listEvents'])
    for (const { responses, parameters } of streamed) {
      expect(Object.keys(responses['200']?.content ?? {})).toEqual(['application/json', 'text/event-stream'])
      expect(parameters).toContainEqual(expect.objectContaining({ name: 'Last-Event-ID', in: 'header' }))
    }
  })

  it('[HTTP-15] what is planted in it is found', () => {
    const plant = (
      change: (operation: Record<string, unknown>) => void,
      path = '/{territory}/v1/slots',
      method = 'post',
    ) => {
      const planted = copy(document)
      const operation = planted.paths[path]?.[method]
      if (!operation) throw new Error(`no ${method} ${path}`)
      change(operation)
      return faultsOf(planted)
    }
    const dropHeader = (operation: Record<string, unknown>) => {
      operation.parameters = (operation.parameters as { in: string }[]).filter((one) => one.in !== 'header')
    }
    expect(plant((operation) => (operation['x-roles'] = []))).toEqual(['publishSlot: x-roles'])
    expect(plant((operation) => (operation['x-roles'] = ['root' as Role]))).toEqual(['publishSlot: x-roles'])
    expect(plant((operation) => delete operation['x-effect'])).toContain('publishSlot: x-effect')
    expect(plant((operation) => (operation.security = []))).toEqual(
      expect.arrayContaining(['publishSlot: a link is only read', 'publishSlot: a link has a secret']),
    )
    expect(plant((operation) => (operation.operationId = 'listSlots'))).toContain('listSlots: not unique')
    expect(plant(dropHeader)).toEqual(['publishSlot: Idempotency-Key'])
    expect(plant(dropHeader, '/{territory}/v1/communities/{id}', 'patch')).toEqual([
      'updateCommunity: If-Match',
    ])
    expect(plant((operation) => delete (operation.responses as Record<string, unknown>)['409'])).toEqual([])
    expect(plant((operation) => delete (operation.responses as Record<string, unknown>)['401'])).toEqual([
      'publishSlot: 401',
    ])
    expect(
      plant((operation) => {
        const responses = operation.responses as Record<string, unknown>
        responses['410'] = responses['409']
      }),
    ).toEqual(['publishSlot: slot_overlap under 410'])
    expect(() =>
      plant((operation) => {
        const responses = operation.responses as Record<string, unknown>
        responses['401'] = { $ref: '#/components/responses/absent' }
      }),
    ).toThrow('absent')
    expect(
      plant((operation) => {
        const { content } = operation.requestBody as {
          content: Record<string, { schema: Record<string, unknown> }>
        }
        delete content['application/json']?.schema.additionalProperties
      }),
    ).toEqual(['publishSlot: strict body'])
  })
})
