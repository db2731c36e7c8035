import fc, { type Arbitrary } from 'fast-check'
import type { Document, Operation, Parameter, Schema } from './document.ts'

/**
 * Values of members by name, and of texts by pattern, that get past the door: ids that exist, numbers that are valid.
 * One in ten is any that fits instead.
 */
export type Known = Readonly<Record<string, readonly unknown[]>>

/** What a person could type in a line: no control character, no lone surrogate. */
const line = (schema: Schema) =>
  fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .map((text) => text.replace(/[\p{Cc}\p{Cs}]/gu, '').trim() || 'x')
    .filter((text) => text.length <= ((schema.maxLength as number | undefined) ?? 12))

const pad = (number: number) => String(number).padStart(2, '0')

/** Instants around the stopped clock of the tests, most of them in the fortnight to come. */
const instants = fc
  .record({ day: fc.integer({ min: 23, max: 30 }), hour: fc.nat(23), minute: fc.constantFrom(0, 15, 30, 45) })
  .map(({ day, hour, minute }) => `2026-11-${day}T${pad(hour)}:${pad(minute)}:00+01:00`)

const dates = fc.integer({ min: 1, max: 28 }).map((day) => `2026-12-${pad(day)}`)

const textOf = (schema: Schema): Arbitrary<string> => {
  const { pattern, format } = schema as { pattern?: string; format?: string }
  if (format === 'date-time') return instants
  if (format === 'date') return dates
  if (pattern === undefined) return fc.string({ minLength: 1, maxLength: 12 })
  return pattern.includes('\\p{') ? line(schema) : fc.stringMatching(new RegExp(pattern))
}

const refOf = (document: Document, schema: Schema): Schema => {
  const { $ref = '' } = schema as { $ref?: string }
  const name = /^#\/components\/schemas\/(\w+)$/.exec($ref)?.[1]
  return name === undefined ? schema : (document.components.schemas[name] ?? {})
}

/** Values that fit a schema of the document; `name` is that of the member or parameter it is for. */
export const fitting = (
  document: Document,
  given: Schema,
  name: string,
  known: Known,
): Arbitrary<unknown> => {
  const schema = refOf(document, given)
  const listed = known[name] ?? known[(schema.pattern as string | undefined) ?? '']
  if (name === 'birthDate') return fc.constantFrom('1950-06-15', '1980-02-29', '2026-11-01')
  if (listed)
    return fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...listed) },
      { weight: 1, arbitrary: fitting(document, schema, '', {}) },
    )
  const inner = (one: Schema) => fitting(document, one, name, known)
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]))
  if (Array.isArray(schema.type))
    return fc.oneof(...(schema.type as string[]).map((type) => inner({ ...schema, type })))
  if (Array.isArray(schema.anyOf)) return fc.oneof(...(schema.anyOf as Schema[]).map(inner))
  const [min, max] = [
    (schema.minimum as number | undefined) ?? 0,
    (schema.maximum as number | undefined) ?? 1_000,
  ]
  switch (schema.type) {
    case 'string':
      return textOf(schema)
    case 'integer':
      return fc.integer({ min, max })
    case 'number':
      return fc.double({ min, max, noNaN: true }).map((number) => Math.round(number * 1_000) / 1_000)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(inner((schema.items ?? {}) as Schema), {
        minLength: (schema.minItems as number | undefined) ?? 0,
        maxLength: Math.min(4, (schema.maxItems as number | undefined) ?? 4),
      })
    case 'object': {
      const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>)
      const required = (schema.required ?? []) as string[]
      return fc.record(
        Object.fromEntries(properties.map(([key, one]) => [key, fitting(document, one, key, known)])),
        { requiredKeys: required },
      )
    }
    default:
      throw new Error(`no values for ${JSON.stringify(schema)}`)
  }
}

/** What nobody should send, in place of any value. */
const hostile: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0.5,
    1e308,
    Number.MAX_SAFE_INTEGER + 2,
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\u202e',
    "'; drop table slots; --",
    '../../etc/passwd',
    '${7*7}',
    '9999-99-99',
    '2026-11-23T17:00',
    '+275760-09-13T00:00:00Z',
    'FREQ=SECONDLY',
    [],
    {},
    [[[[[[]]]]]],
    { __proto__: null, toString: 1 },
  ),
  fc.integer({ min: 0, max: 60_000 }).map((length) => 'a'.repeat(length)),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.jsonValue({ maxDepth: 3 }),
)

/** Places within a value, as paths of keys. */
const placesOf = (value: unknown, at: readonly string[] = []): (readonly string[])[] =>
  value !== null && typeof value === 'object'
    ? [at, ...Object.entries(value).flatMap(([key, one]) => placesOf(one, [...at, key]))]
    : [at]

const withAt = (
  value: unknown,
  [key, ...rest]: readonly string[],
  change: (old: unknown) => unknown,
): unknown => {
  if (key === undefined) return change(value)
  const copy: Record<string, unknown> = Array.isArray(value)
    ? ([...(value as unknown[])] as never)
    : { ...(value as object) }
  const next = withAt(copy[key], rest, change)
  if (next === REMOVED) {
    if (Array.isArray(copy)) copy.splice(Number(key), 1)
    else Reflect.deleteProperty(copy, key)
  } else copy[key] = next
  return copy
}

const REMOVED = Symbol('removed')

/** A value with one thing wrong somewhere: another in its place, none, or a member too many. */
const spoilt = (value: Arbitrary<unknown>): Arbitrary<unknown> =>
  fc
    .tuple(
      value,
      fc.nat(),
      fc.constantFrom('replace', 'remove', 'add'),
      hostile,
      fc.constantFrom('surprise', 'id', '__proto__', 'constructor'),
    )
    .map(([whole, seed, how, bad, extra]) => {
      const places = placesOf(whole)
      const place = places[seed % places.length] ?? []
      const spoil = (old: unknown): unknown => {
        if (how === 'replace' || old === null || typeof old !== 'object') return bad
        if (how === 'remove') return place.length === 0 ? {} : REMOVED
        return Object.defineProperty({ ...old }, extra, { value: bad, enumerable: true })
      }
      return withAt(whole, place, spoil)
    })

const texts = (values: Arbitrary<unknown>): Arbitrary<string> =>
  values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))

export interface Case {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

const bodies = (document: Document, operation: Operation, known: Known): Arbitrary<string | undefined> => {
  const schema = operation.requestBody?.content?.['application/json']?.schema
  const files = known.file
  if (!schema && operation.requestBody && files)
    return fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...(files as string[])) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
    )
  if (!schema) return fc.constant(undefined)
  const good = fitting(document, schema, 'body', known)
  const asText = (value: unknown) => (value === undefined ? '' : JSON.stringify(value))
  return fc.oneof(
    { weight: 10, arbitrary: good.map(asText) },
    { weight: 8, arbitrary: spoilt(good).map(asText) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', '{', 'null', '[]', '0', '{"a":1,"a":2}', 'a'.repeat(70_000)),
    },
  )
}

const headersOf = (operation: Operation): Arbitrary<Record<string, string>> => {
  const [expected = 'application/json'] = Object.keys(operation.requestBody?.content ?? {})
  return fc
    .record({
      type: fc.oneof(
        { weight: 12, arbitrary: fc.constant(expected) },
        {
          weight: 1,
          arbitrary: fc.constantFrom('text/plain', '', 'application/xml', 'multipart/form-data; boundary=x'),
        },
      ),
      key: fc.oneof(
        { weight: 12, arbitrary: fc.stringMatching(/^[\x21-\x7e]{12,40}$/) },
        { weight: 1, arbitrary: fc.constantFrom('', 'short', 'always-the-same-key', 'a'.repeat(129)) },
      ),
      version: fc.option(fc.constantFrom('"1"', '"99"', '*', 'W/"1"', 'garbage'), { nil: undefined }),
    })
    .map(({ type, key, version }) => ({
      ...(operation.requestBody ? { 'content-type': type } : {}),
      ...(operation.method === 'post' ? { 'idempotency-key': key } : {}),
      ...(version === undefined ? {} : { 'if-match': version }),
    }))
}

const encoded = (text: string): string => encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'))

const paths = (document: Document, operation: Operation, known: Known): Arbitrary<string> => {
  const place = operation.path.replace('/{territory}/v1', '')
  const valueOf = ({ schema, name }: Parameter) => fitting(document, schema, name, known)
  const oneOf = (parameter: Parameter) =>
    fc.oneof({ weight: 9, arbitrary: texts(valueOf(parameter)) }, { weight: 1, arbitrary: texts(hostile) })
  const named = operation.parameters.filter((one) => one.in === 'path' && one.name !== 'territory')
  const asked = operation.parameters.filter((one) => one.in === 'query')
  return fc
    .record({
      ids: fc.tuple(...named.map(oneOf)),
      query: fc.record(Object.fromEntries(asked.map((one) => [one.name, oneOf(one)])), { requiredKeys: [] }),
      extra: fc.oneof(
        { weight: 9, arbitrary: fc.constant('') },
        { weight: 1, arbitrary: fc.constantFrom('surprise=1', 'limit=1&limit=2', '%', '%00', '&&=', '[]=1') },
      ),
    })
    .map(({ ids, query, extra }) => {
      // An empty id is another address, and `.` and `..` are taken out of one: both are no case of this operation.
      const safe = ids.map((id) => encoded(id.slice(0, 2_000)).replace(/^\.{0,2}$/, '-'))
      const path = named.reduce((text, { name }, i) => text.replace(`{${name}}`, safe[i] ?? '-'), place)
      const search = Object.entries(query).map(
        ([name, value]) => `${name}=${encoded((value ?? '').slice(0, 2_000))}`,
      )
      return [path, [...search, extra].filter(Boolean).join('&')].filter(Boolean).join('?')
    })
}

/** Requests of an operation: half as the document asks, half with something wrong. */
export const cases = (document: Document, operation: Operation, known: Known): Arbitrary<Case> =>
  fc.record({
    path: paths(document, operation, known),
    headers: headersOf(operation),
    body: bodies(document, operation, known),
  })
