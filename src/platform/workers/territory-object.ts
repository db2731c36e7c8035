import { DurableObject } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { seedDemo, type DemoKeys } from '../../../seed/demo.ts'
import { createKey } from '../../access/actions.ts'
import { createApp } from '../../app.ts'
import { migrate } from '../../db/migrate.ts'
import { ctxOf, type Territory } from '../../db/territory.ts'
import type { App } from '../../edge/http.ts'
import type { Metrics, Platform } from '../../edge/platform.ts'
import type { Actor, KeyRing, TerritoryInfo } from '../../kernel/ctx.ts'
import { createTerritory, findTerritory } from '../../members/actions.ts'
import { nextSoon, tick } from '../../tick.ts'
import { parseKeyRing } from '../shared/key-ring.ts'
import { directoryStub, type Env } from './env.ts'
import { MIGRATIONS } from './migrations.ts'
import { objectMetrics } from './metrics.ts'
import { workerLog } from './observe.ts'
import { workerOutgoing } from './outgoing.ts'
import { workerSources } from './sources.ts'
import { databaseOf, territoryOver } from './storage.ts'

const TICK_EVERY_MS = 60_000

/** Commits that come within this time of each other are told of together. */
const OUTWARD_WITHIN_MS = 1_000

/** On the answer of an object that holds no territory; the Worker then answers for it. */
export const NO_TERRITORY = 'x-no-territory'

const BOOTSTRAP: Actor = { kind: 'system', name: 'cli' }

/** One territory: its database, its app and its tick. Nothing of it is reachable but through the Worker. */
export class TerritoryObject extends DurableObject<Env> {
  private territory: Territory | undefined
  private app: App | undefined
  private platform: Platform | undefined
  private metrics: Metrics | undefined

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    void state.blockConcurrencyWhile(async () => {
      // An object is made by asking for it: one that holds no territory stays empty.
      if (this.isFilled()) await this.open()
    })
  }

  private isFilled(): boolean {
    const found = databaseOf(this.ctx.storage).get(
      sql.raw("select 1 from sqlite_master where type = 'table' and name = 'territories'"),
    )
    return found !== undefined
  }

  private migrate(): void {
    migrate(databaseOf(this.ctx.storage), (fn) => this.ctx.storage.transactionSync(fn), MIGRATIONS)
  }

  private async open(): Promise<void> {
    this.migrate()
    const info = findTerritory(databaseOf(this.ctx.storage))
    if (!info) return
    const territory = territoryOver(this.ctx.storage, info)
    const metrics = objectMetrics(workerSources.clock, info.code)
    this.metrics = metrics
    this.territory = territory
    this.platform = {
      sources: workerSources,
      keyRing: this.keyRing(),
      log: workerLog,
      metrics,
      directory: {
        add: async (code, rpps) => {
          await directoryStub(this.env).add(code, rpps)
        },
      },
      outgoing: workerOutgoing,
      findTerritory: (code) => (code === info.code ? territory : undefined),
      readiness: () => ({ ready: true, territories: [{ code: info.code, writable: true }] }),
      clientAddress: (c) => c.req.header('cf-connecting-ip') ?? 'unknown',
      docsScript: () => Promise.reject(new Error('served by the Worker')),
    }
    this.app = createApp(this.platform)
    territory.watch(() => void this.wakeForOutward())
    if ((await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(workerSources.clock() + TICK_EVERY_MS)
  }

  /** When the alarm is next of use: for a wave that begins, for what is to be sent, or for all that time does. */
  private nextAlarm(): number {
    const now = workerSources.clock()
    const { territory, platform } = this
    const next = territory && platform && nextSoon(territory, platform)
    return Math.min(now + TICK_EVERY_MS, Math.max(now + OUTWARD_WITHIN_MS, next ?? Infinity))
  }

  /** Brings the alarm forward when a commit left something that does not wait for the tick. */
  private async wakeForOutward(): Promise<void> {
    try {
      const next = this.nextAlarm()
      const set = await this.ctx.storage.getAlarm()
      if (set === null || set > next) await this.ctx.storage.setAlarm(next)
    } catch (error) {
      // The alarm is set all the same, for the next tick.
      workerLog.warn({ err: error }, 'alarm not brought forward')
    }
  }

  private keyRing(): KeyRing {
    if (this.env.KEY_RING === undefined) throw new Error('the secret KEY_RING is not set')
    return parseKeyRing(this.env.KEY_RING)
  }

  override async fetch(request: Request): Promise<Response> {
    if (!this.app) return new Response(null, { status: 404, headers: { [NO_TERRITORY]: '1' } })
    return this.app.fetch(request)
  }

  /** Brings the territory up to the present, and always asks to be called again; the runtime retries a failure. */
  override async alarm(): Promise<void> {
    if (!this.territory || !this.platform) return
    let isDone = false
    try {
      const failed = await tick(this.territory, this.platform)
      if (failed.length > 0) throw new Error(`tick: ${failed.join(', ')}`)
      isDone = true
    } finally {
      // What failed is not asked for again at once.
      await this.ctx.storage.setAlarm(isDone ? this.nextAlarm() : workerSources.clock() + TICK_EVERY_MS)
    }
  }

  /** Makes the territory and its first admin key; undefined when there is one already. */
  async bootstrap(info: TerritoryInfo): Promise<{ id: string; key: string } | undefined> {
    if (this.territory) return undefined
    const keyRing = this.keyRing()
    const db = databaseOf(this.ctx.storage)
    const made = this.ctx.storage.transactionSync(() => {
      this.migrate()
      const ctx = ctxOf({ sources: workerSources, keyRing }, info, BOOTSTRAP, db)
      createTerritory(ctx, info)
      return createKey(ctx, { role: 'admin', label: 'première clé' })
    })
    await this.open()
    return made
  }

  /** Fills a territory that was just made with the demo. */
  async seed(): Promise<DemoKeys> {
    if (!this.territory) throw new Error('no territory to fill')
    return seedDemo(this.territory, { sources: workerSources, keyRing: this.keyRing() })
  }

  metricsText(): Promise<string> {
    return this.metrics?.text() ?? Promise.resolve('')
  }
}
