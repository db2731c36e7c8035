import type { z } from '@hono/zod-openapi'
import type { Role } from '../kernel/ctx.ts'
import type { RefusalCode } from '../kernel/refusal.ts'

/**
 * What an operation does to the territory:
 * `read` nothing · `reveal` shows patient data, so it writes the access log · `mutate` changes state.
 */
export type Effect = 'read' | 'reveal' | 'mutate'

export interface OperationShape {
  readonly id: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  readonly path: `/${string}`
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** Who may call it. There is no default: an operation without roles does not exist. */
  readonly roles: readonly [Role, ...Role[]]
  readonly effect: Effect
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** What the body is, where it is not JSON: the handler is given its bytes. */
  readonly bodyMediaType?: string
  /** Largest body in bytes, where it is not `BODY_LIMIT`. */
  readonly bodyLimit?: number
  readonly success:
    | { readonly status: 200 | 201; readonly schema: z.ZodType }
    /** Text in UTF-8, of one of these media types. */
    | { readonly status: 200; readonly mediaTypes: readonly [string, ...string[]] }
    | { readonly status: 204 }
  /** One item of the list, where the operation streams it too. */
  readonly streamed?: z.ZodType
  /** Every refusal that a rule of this operation may give. */
  readonly refusals: readonly RefusalCode[]
}

/** What an operation whose success has media types gives. */
export interface GivenText<MediaType extends string = string> {
  readonly mediaType: MediaType
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

export const operation = <const O extends OperationShape>(shape: O): O => shape

/**
 * A text for programs that can send no key, such as a calendar: the secret in its address is the right. Only read.
 */
export interface LinkShape {
  readonly id: string
  /** `{secret}` is in the last segment, perhaps with an ending. */
  readonly path: `/${string}{secret}${string}`
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly mediaType: string
  /** Under which name a browser would save it. */
  readonly fileName: string
  /** What a secret looks like, for the document; one that looks otherwise is an unknown one. */
  readonly secret: RegExp
}

export const link = <const L extends LinkShape>(shape: L): L => shape

/** Largest request body in bytes, unless the operation says otherwise. */
export const BODY_LIMIT = 64 * 1024
