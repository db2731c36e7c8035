import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { DEMO_TERRITORY } from '../../../seed/demo.ts'
import { createApp } from '../../app.ts'
import type { Platform } from '../../edge/platform.ts'
import { problem, PROBLEM_MEDIA_TYPE, type ProblemCode } from '../../edge/problems.ts'
import { zoneOfTerritory } from '../../kernel/civil.ts'
import type { KeyRing } from '../../kernel/ctx.ts'
import { DEFAULT_RATE } from '../../members/actions.ts'
import { directoryStub, territoryStub, type Env } from './env.ts'
import { mergeMetrics } from './merge-metrics.ts'
import { objectMetrics } from './metrics.ts'
import { workerLog } from './observe.ts'
import { workerSources } from './sources.ts'
import { NO_TERRITORY } from './territory-object.ts'

export { DirectoryObject } from './directory-object.ts'
export { TerritoryObject } from './territory-object.ts'

/** What is outside of any territory never seals anything. */
const NO_RING: KeyRing = { current: '', secrets: new Map(), index: new Uint8Array() }

const outside: Platform = {
  sources: workerSources,
  keyRing: NO_RING,
  log: workerLog,
  metrics: objectMetrics(workerSources.clock, ''),
  directory: { add: () => Promise.resolve() },
  outgoing: { post: () => Promise.reject(new Error('nothing goes out from outside of a territory')) },
  findTerritory: () => undefined,
  readiness: () => ({ ready: true, territories: [] }),
  clientAddress: (c) => c.req.header('cf-connecting-ip') ?? 'unknown',
  docsScript: () => Promise.reject(new Error('a static asset')),
}

/** Health, the document, and every address that no territory answers. */
const app = createApp(outside)

const json = (body: unknown, status: number, type = 'application/json'): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': type, 'cache-control': 'no-store' },
  })

const refuse = (code: ProblemCode, detail: string): Response => {
  const body = problem(code, detail)
  return json(body, body.status, PROBLEM_MEDIA_TYPE)
}

const Bootstrap = z.strictObject({
  territory: z.string(),
  name: z.string().min(1).max(120),
  demo: z.boolean().optional(),
})

const sha256 = (text: string) => createHash('sha256').update(text).digest()

/** Makes a territory and its first admin key with a secret that works once. There is no shell to do it from. */
const bootstrap = async (request: Request, env: Env): Promise<Response> => {
  if (request.method !== 'POST') return refuse('method_not_allowed', 'Méthode permise : POST.')
  const given = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
  const secret = env.BOOTSTRAP_SECRET
  if (!secret || given === undefined || !timingSafeEqual(sha256(given), sha256(secret)))
    return refuse('unauthenticated', 'Secret d’amorçage absent ou inconnu.')
  const parsed = Bootstrap.safeParse(await request.json().catch(() => undefined))
  const zone = parsed.success ? zoneOfTerritory(parsed.data.territory) : undefined
  if (!parsed.success || zone === undefined)
    return refuse(
      'invalid_request',
      'Corps attendu : { territory, name }, territory étant un code de département.',
    )
  const { territory, name, demo } = parsed.data
  const isDemo = demo === true && env.DEMO === 'true' && territory === DEMO_TERRITORY.code
  if (demo === true && !isDemo) return refuse('forbidden', 'La démonstration n’est pas permise ici.')

  const directory = directoryStub(env)
  const hash = sha256(secret).toString('hex')
  if (!(await directory.spend(hash, territory)))
    return refuse('unauthenticated', 'Ce secret d’amorçage a déjà servi.')
  const stub = territoryStub(env, territory)
  const made = await stub.bootstrap(
    isDemo ? DEMO_TERRITORY : { code: territory, name, zone, rate: DEFAULT_RATE },
  )
  if (!made) {
    await directory.unspend(hash)
    return refuse('forbidden', 'Ce territoire existe déjà.')
  }
  return isDemo
    ? json({ territory, keys: await stub.seed() }, 201)
    : json({ territory, zone, id: made.id, key: made.key }, 201)
}

const metrics = async (env: Env): Promise<Response> => {
  const territories = await directoryStub(env).territories()
  const texts = await Promise.all(territories.map((code) => territoryStub(env, code).metricsText()))
  return new Response(mergeMetrics(texts), {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  })
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url)
    if (pathname === '/bootstrap') return bootstrap(request, env)
    if (pathname === '/metrics' && request.method === 'GET') return metrics(env)
    const code = /^\/([0-9AB]{2,3})\/v1(?:\/|$)/.exec(pathname)?.[1]
    if (code === undefined || zoneOfTerritory(code) === undefined) return app.fetch(request)
    const response = await territoryStub(env, code).fetch(request)
    return response.headers.has(NO_TERRITORY)
      ? app.fetch(
          new Request(request.url, {
            headers: { authorization: request.headers.get('authorization') ?? '' },
          }),
        )
      : response
  },
} satisfies ExportedHandler<Env>
