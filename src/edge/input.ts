import type { Context } from 'hono'
import type { AppEnv, Input } from './http.ts'
import type { OperationShape } from './operation.ts'

/** A version that no object has: a condition that names none of ours is never met (RFC 9110 §13.1.1). */
const NO_VERSION = -1

const ifMatchOf = (header: string | undefined): number | undefined => {
  if (header === undefined || header === '*') return undefined
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(header)?.[1]
  return version === undefined ? NO_VERSION : Number(version)
}

/** What the caller asks, once its shape was judged. */
export const inputOf = async <O extends OperationShape>(c: Context<AppEnv>, shape: O): Promise<Input<O>> => {
  // The types of `valid` come from the route's literal shape, which `OperationShape` has widened.
  const valid = (target: string) => (c.req as unknown as { valid(t: string): unknown }).valid(target)
  return {
    params: shape.params ? valid('param') : undefined,
    query: shape.query ? valid('query') : undefined,
    body:
      shape.bodyMediaType === undefined
        ? shape.body && valid('json')
        : new Uint8Array(await c.req.arrayBuffer()),
    ifMatch: ifMatchOf(c.req.header('if-match')),
  } as Input<O>
}
