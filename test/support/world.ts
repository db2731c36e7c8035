import { createApp } from '../../src/app.ts'
import { createKey } from '../../src/access/actions.ts'
import { ctxOf, type Territory } from '../../src/db/territory.ts'
import type { Ctx } from '../../src/db/db.ts'
import type { App } from '../../src/edge/http.ts'
import type { Messenger, OutgoingPort, Platform } from '../../src/edge/platform.ts'
import type { Actor, KeyRing, Role, Sources, TerritoryInfo } from '../../src/kernel/ctx.ts'
import { findInstantText } from '../../src/kernel/civil.ts'
import { plus, type Instant } from '../../src/kernel/time.ts'
import { createTerritory, loadCommunes } from '../../src/members/actions.ts'
import { tick } from '../../src/tick.ts'

/** A clock that stands still until a test moves it. */
export const stoppedClock = (start: string) => {
  let now = at(start)
  return {
    now: (): Instant => now,
    set: (text: string) => {
      now = at(text)
    },
    advance: (milliseconds: number) => {
      now = plus(now, milliseconds)
    },
  }
}

/** An instant written as RFC 3339. */
export const at = (text: string): Instant => {
  const found = findInstantText(text)
  if (found === undefined) throw new Error(`not an instant: ${text}`)
  return found
}

/** Bytes that look random, the same at each run (mulberry32 from a seed). */
export const seededRandom = (seed: number) => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) & 0xff
  }
  return (length: number) => Uint8Array.from({ length }, next)
}

export const testKeyRing = (): KeyRing => ({
  current: 'k1',
  secrets: new Map([['k1', new Uint8Array(32).fill(7)]]),
  index: new Uint8Array(32).fill(9),
})

export const TERRITORY_92: TerritoryInfo = {
  code: '92',
  name: 'Hauts-de-Seine',
  zone: 'Europe/Paris',
  rate: { perSecond: 100_000, burst: 1_000_000 },
}

/** A few communes of the territory, far enough apart for distances to tell. */
export const COMMUNES = [
  { insee: '92050', name: 'Nanterre', postalCode: '92000', population: 97_783, lat: 48.896, lon: 2.207 },
  {
    insee: '92063',
    name: 'Rueil-Malmaison',
    postalCode: '92500',
    population: 82_874,
    lat: 48.869,
    lon: 2.177,
  },
  { insee: '92073', name: 'Suresnes', postalCode: '92150', population: 48_956, lat: 48.87, lon: 2.221 },
  { insee: '92002', name: 'Antony', postalCode: '92160', population: 64_263, lat: 48.753, lon: 2.299 },
  { insee: '92026', name: 'Courbevoie', postalCode: '92400', population: 82_902, lat: 48.898, lon: 2.256 },
]

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // Tests look into answers freely; their shape is held by the contract on the way out.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any
}

export interface CallOptions {
  readonly key?: string
  readonly idempotencyKey?: string | null
  readonly headers?: Record<string, string>
  /** Sent as it is, instead of JSON. */
  readonly raw?: string | Uint8Array<ArrayBuffer>
}

export interface Caller {
  readonly secret: string
  get(path: string, options?: CallOptions): Promise<Answered>
  post(path: string, body?: unknown, options?: CallOptions): Promise<Answered>
  put(path: string, body?: unknown, options?: CallOptions): Promise<Answered>
  patch(path: string, body?: unknown, options?: CallOptions): Promise<Answered>
  delete(path: string, options?: CallOptions): Promise<Answered>
}

/** What a runtime gives to the tests: an empty, migrated territory database and a way to reach its app. */
export interface Ground {
  readonly territory: (info: TerritoryInfo) => Territory
  readonly close: () => Promise<void> | void
}

type Post = Parameters<OutgoingPort['post']>[0]

export interface Outgoing {
  readonly posts: Post[]
  /** What comes of the next post and of those after it. */
  answer: (post: Post) => Awaited<ReturnType<OutgoingPort['post']>>
}

export type Message = Parameters<Messenger['send']>[0]

export interface World {
  readonly app: App
  readonly platform: Platform
  readonly territory: Territory
  readonly clock: ReturnType<typeof stoppedClock>
  readonly sources: Sources
  /** The addresses that webhooks name, the other side of an outgoing call: answers 200 unless a test says otherwise. */
  readonly outgoing: Outgoing
  /** The messages handed over, the other side of an outgoing call. */
  readonly messages: Message[]
  /** What the directory was told, the other side of an outgoing call. */
  readonly directory: { territory: string; rpps: string }[]
  readonly logged: { level: string; facts: Record<string, unknown>; message: string }[]
  readonly admin: Caller
  as(secret: string): Caller
  /** Runs an action as this actor, in a commit of its own. */
  act<T>(fn: (ctx: Ctx) => T, actor?: Actor): Promise<T>
  key(role: Role, scope?: { communityIds?: string[]; practitionerId?: string }): Promise<Caller>
  tick(): Promise<string[]>
}

export interface WorldOptions {
  /** What the clock shows at the start; a Monday morning unless told otherwise. */
  readonly now?: string
  readonly info?: Partial<TerritoryInfo>
  /** By which practitioners can be sent messages; none unless told. */
  readonly channels?: Messenger['channels']
  readonly publicUrl?: string
  /** Of the ids and secrets. */
  readonly seed?: number
}

export const SYSTEM: Actor = { kind: 'system', name: 'seed' }

/** A territory with communes and an admin key, its clock stopped on a Monday morning unless told otherwise. */
export const makeWorld = async (ground: Ground, options: WorldOptions = {}): Promise<World> => {
  const clock = stoppedClock(options.now ?? '2026-11-23T08:00:00+01:00')
  const sources: Sources = { clock: clock.now, random: seededRandom(options.seed ?? 1) }
  const info = { ...TERRITORY_92, ...options.info }
  const territory = ground.territory(info)
  const logged: World['logged'] = []
  const logAt = (level: string) => (facts: Record<string, unknown>, message: string) => {
    logged.push({ level, facts, message })
  }
  const directory: World['directory'] = []
  const outgoing: Outgoing = { posts: [], answer: () => ({ status: 200 }) }
  const messages: Message[] = []
  const platform: Platform = {
    sources,
    keyRing: testKeyRing(),
    log: { info: logAt('info'), warn: logAt('warn'), error: logAt('error') },
    metrics: {
      request: () => () => undefined,
      stream: () => () => undefined,
      tickFailed: () => undefined,
      text: () => Promise.resolve(''),
    },
    directory: {
      add: (code, rpps) => {
        directory.push(...rpps.map((one) => ({ territory: code, rpps: one })))
        return Promise.resolve()
      },
    },
    outgoing: {
      post: (post) => {
        outgoing.posts.push(post)
        return Promise.resolve(outgoing.answer(post))
      },
    },
    ...(options.channels
      ? {
          messenger: {
            channels: options.channels,
            send: (message) => {
              messages.push(message)
              return Promise.resolve()
            },
          },
        }
      : {}),
    publicUrl: options.publicUrl,
    findTerritory: (code) => (code === info.code ? territory : undefined),
    readiness: () => ({ ready: true, territories: [] }),
    clientAddress: () => '127.0.0.1',
    docsScript: () => Promise.resolve(''),
  }
  const app = createApp(platform)
  const act: World['act'] = (fn, actor = SYSTEM) =>
    territory.commit(({ db }) => fn(ctxOf(platform, info, actor, db)) as never)
  await act((ctx) => {
    createTerritory(ctx, info)
    loadCommunes(ctx, COMMUNES)
  })

  let calls = 0
  const call = async (
    method: string,
    secret: string,
    path: string,
    body: unknown,
    given: CallOptions = {},
  ) => {
    const headers = new Headers(given.headers)
    if (secret) headers.set('authorization', `Bearer ${given.key ?? secret}`)
    if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json')
    if (method === 'POST' && given.idempotencyKey !== null)
      headers.set('idempotency-key', given.idempotencyKey ?? `test-call-${++calls}`)
    const payload = given.raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await app.request(`/${info.code}/v1${path}`, {
      method,
      headers,
      ...(payload === undefined ? {} : { body: payload }),
    })
    const text = await response.text()
    const isJson = (response.headers.get('content-type') ?? '').includes('json')
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    }
  }
  const as = (secret: string): Caller => ({
    secret,
    get: (path, given) => call('GET', secret, path, undefined, given),
    post: (path, body = {}, given) => call('POST', secret, path, body, given),
    put: (path, body = {}, given) => call('PUT', secret, path, body, given),
    patch: (path, body = {}, given) => call('PATCH', secret, path, body, given),
    delete: (path, given) => call('DELETE', secret, path, undefined, given),
  })
  const key: World['key'] = async (role, scope = {}) => {
    const made = await act((ctx) => createKey(ctx, { role, label: `test ${role}`, ...scope }))
    return as(made.key)
  }
  return {
    app,
    platform,
    territory,
    clock,
    sources,
    directory,
    outgoing,
    messages,
    logged,
    admin: await key('admin'),
    as,
    act,
    key,
    tick: () => tick(territory, platform),
  }
}
