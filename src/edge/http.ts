import type { OpenAPIHono, z } from '@hono/zod-openapi'
import type { Authenticated } from '../access/actions.ts'
import type { Ctx } from '../db/db.ts'
import type { Territory } from '../db/territory.ts'
import type { Instant } from '../kernel/time.ts'
import type { GivenText, LinkShape, OperationShape } from './operation.ts'

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

export type Given<O extends OperationShape> = O['success'] extends { schema: infer S extends z.ZodType }
  ? z.input<S>
  : O['success'] extends { mediaTypes: readonly (infer MediaType extends string)[] }
    ? GivenText<MediaType>
    : void

export type Handler<O extends OperationShape> = (ctx: Ctx, input: Input<O>) => Given<O>

/** For a read too long for one go: each step sees the database at its own moment. */
export type SteppedHandler<O extends OperationShape> = (
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
export type LinkHandler = (
  ctx: Ctx,
  secret: string,
) => { readonly id: string; readonly text: () => string } | undefined

/** An operation whose decision is too long for one transaction. */
export type LongShape = OperationShape & {
  readonly method: 'post'
  readonly effect: 'mutate'
  readonly success: { readonly schema: z.ZodType }
}

/** Reads, thinks outside of any transaction, then decides in one. */
export interface LongHandler<O extends LongShape, Snapshot, Thought> {
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
