import { getConnInfo } from '@hono/node-server/conninfo'
import { serve } from '@hono/node-server'
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Context } from 'hono'
import { createApp } from '../../app.ts'
import type { Platform } from '../../edge/platform.ts'
import type { KeyRing, Sources } from '../../kernel/ctx.ts'
import { instant } from '../../kernel/time.ts'
import type { Territory } from '../../db/territory.ts'
import { goSoon, nextSoon, tick } from '../../tick.ts'
import type { Config } from './config.ts'
import { nodeLog, nodeMetrics } from './observe.ts'
import { nodeOutgoing, type OutgoingOptions } from './outgoing.ts'
import { smtpMessenger } from './smtp.ts'
import { soon, type Soon } from './soon.ts'
import { openDirectory } from './directory.ts'
import { openTerritories, readinessOf, type Territories } from './territories.ts'

/** The real clock and the system's own randomness. */
export const systemSources: Sources = {
  clock: () => instant(Date.now()),
  random: (length) => randomBytes(length),
}

const TICK_EVERY_MS = 30_000
const CHECKPOINT_EVERY_MS = 60 * 60 * 1000
const DRAIN_MS = 10_000
const CLOSE_IDLE_EVERY_MS = 50

/** The script that Scalar's package ships for browsers; served by us, so that the page asks no other host. */
const scalarScript = () => {
  let script: Promise<string> | undefined
  return () => {
    const main = createRequire(import.meta.url).resolve('@scalar/api-reference')
    const inDist = main.slice(0, main.lastIndexOf('dist') + 'dist'.length)
    script ??= readFile(join(inDist, 'browser', 'standalone.js'), 'utf8')
    return script
  }
}

/** The peer's address, or the one that our own proxies say they were called from. */
const clientAddress =
  (trustedProxies: number) =>
  (c: Context): string => {
    if (trustedProxies > 0) {
      const hops = (c.req.header('x-forwarded-for') ?? '').split(',').map((hop) => hop.trim())
      const client = hops.at(-trustedProxies)
      if (client) return client
    }
    try {
      return getConnInfo(c).remote.address ?? 'unknown'
    } catch {
      return 'unknown'
    }
  }

export interface Running {
  readonly url: string
  readonly territories: Territories
  /** Stops accepting, lets requests under way finish for 10 s, makes everything durable, closes. */
  stop(): Promise<void>
}

export const startServer = async (
  config: Config,
  keyRing: KeyRing,
  sources: Sources = systemSources,
  outgoing: OutgoingOptions = {},
): Promise<Running> => {
  const log = nodeLog(config.logLevel)
  const metrics = nodeMetrics()
  const territories = openTerritories(config.dataDir, metrics.batch)
  const directory = openDirectory(join(config.dataDir, 'directory.db'))
  metrics.gauge('wal_bytes', 'Size of the write-ahead logs', () =>
    territories.list().reduce((total, { database }) => {
      const wal = statSync(`${database.connection.name}-wal`, { throwIfNoEntry: false })
      return total + (wal?.size ?? 0)
    }, 0),
  )
  const stopping = new AbortController()
  const platform: Platform = {
    sources,
    keyRing,
    log,
    metrics,
    directory: directory.port,
    outgoing: nodeOutgoing({ ...outgoing, stopping: stopping.signal }),
    messenger: config.smtp && smtpMessenger(config.smtp),
    publicUrl: config.publicUrl,
    findTerritory: (code) => territories.find(code),
    readiness: () => {
      const states = territories.list().map(readinessOf)
      return {
        ready: !stopping.signal.aborted && states.every((state) => state.writable),
        territories: states,
      }
    },
    clientAddress: clientAddress(config.trustedProxies),
    docsScript: scalarScript(),
    stopping: stopping.signal,
  }
  const app = createApp(platform)

  const server = await new Promise<Server>((resolve, reject) => {
    const started = serve({ fetch: app.fetch, hostname: config.host, port: config.port }, () => {
      resolve(started)
    }) as Server
    started.once('error', reject)
    started.headersTimeout = 10_000
    started.requestTimeout = 30_000
    started.maxConnections = 2_000
  })

  let ticking: Promise<void> = Promise.resolve()
  const outward = new Map<Territory, Soon>()
  /** Looks after each commit whether a wave is to begin or something to be sent, without waiting for the tick. */
  const sendSoon = (territory: Territory) => {
    if (outward.has(territory)) return
    const sending = soon(
      () => nextSoon(territory, platform),
      () => sources.clock(),
      async () => ({ isDone: (await goSoon(territory, platform)).length === 0 }),
    )
    outward.set(territory, sending)
    territory.watch(() => sending.wake())
  }
  const tickAll = async () => {
    for (const territory of territories.list()) {
      sendSoon(territory)
      await tick(territory, platform)
    }
  }
  const timers = [
    setInterval(() => {
      ticking = ticking.then(tickAll)
    }, TICK_EVERY_MS),
    setInterval(() => {
      for (const { database } of territories.list()) database.connection.pragma('wal_checkpoint(TRUNCATE)')
    }, CHECKPOINT_EVERY_MS),
  ]
  timers.forEach((timer) => timer.unref())
  ticking = tickAll()

  const { port } = server.address() as AddressInfo
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  return {
    url: `http://${host}:${port}`,
    territories,
    stop: async () => {
      stopping.abort()
      timers.forEach((timer) => clearInterval(timer))
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      // A connection is idle once its answer is sent, and would be kept for a next request that never comes.
      const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS)
      const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
      await closed
      clearInterval(idle)
      clearTimeout(late)
      await ticking
      await Promise.all([...outward.values()].map((sending) => sending.stop()))
      await territories.close()
      directory.close()
    },
  }
}
