import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '../support/certificate.ts'
import { SMTPServer } from 'smtp-server'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKey } from '../../src/access/actions.ts'
import { ctxOf } from '../../src/db/territory.ts'
import { createTerritory, loadCommunes } from '../../src/members/actions.ts'
import { parseConfig } from '../../src/platform/node/config.ts'
import { openDatabase } from '../../src/platform/node/database.ts'
import { startServer, systemSources, type Running } from '../../src/platform/node/server.ts'
import { databaseFile } from '../../src/platform/node/territories.ts'
import { httpCaller, inMinutes, makeGpOver } from '../support/program.ts'
import { bookingBody } from '../support/members.ts'
import { COMMUNES, SYSTEM, TERRITORY_92, testKeyRing } from '../support/world.ts'

interface Told {
  readonly headers: Record<string, string>
  readonly body: string
  readonly at: number
}

let dataDir: string
let closing: (() => unknown)[]

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'udj outward '))
  closing = [() => rmSync(dataDir, { recursive: true, force: true })]
})
afterEach(async () => {
  for (const close of closing.reverse()) await close()
})

/** A territory in a file, and its admin's key. */
const makeFile = (): string => {
  const database = openDatabase(databaseFile(dataDir, '92'))
  const world = { sources: systemSources, keyRing: testKeyRing() }
  const key = database.transaction(() => {
    const ctx = ctxOf(world, TERRITORY_92, SYSTEM, database.db)
    createTerritory(ctx, TERRITORY_92)
    loadCommunes(ctx, COMMUNES)
    return createKey(ctx, { role: 'admin', label: 'première clé' })
  })
  database.close()
  return key.key
}

/** A real server over a real file, a real receiver of webhooks and a real server of mail, all on this machine. */
const start = async (answer: (told: Told) => number | undefined) => {
  const certificate = await selfSigned()
  const told: Told[] = []
  const receiver = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const one = { headers: request.headers as Record<string, string>, body, at: Date.now() }
      told.push(one)
      const status = answer(one)
      if (status !== undefined) response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    receiver.close()
    receiver.closeAllConnections()
  })
  const mails: number[] = []
  const mailbox = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, _, done) => {
      stream.resume()
      stream.on('end', () => {
        mails.push(Date.now())
        done()
      })
    },
  })
  await new Promise<void>((resolve) => mailbox.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise<void>((resolve) => mailbox.close(() => resolve())))

  const adminKey = makeFile()
  const config = parseConfig({
    DATA_DIR: dataDir,
    PORT: '0',
    LOG_LEVEL: 'silent',
    SMTP_URL: `smtp://localhost:${(mailbox.server.address() as AddressInfo).port}`,
    SMTP_FROM: 'noreply@udj.example',
  })
  const running = await startServer(config, testKeyRing(), systemSources, {
    ca: certificate.cert,
    allowAddress: (address) => address === '127.0.0.1' || address === '::1',
  })
  let isStopped = false
  const stop = async () => {
    if (!isStopped) await running.stop()
    isStopped = true
  }
  closing.push(stop)
  const admin = httpCaller(running.url, adminKey)
  const gp = await makeGpOver(running.url, adminKey)
  const hook = await admin.post('/webhooks', { url: 'https://a.example/', types: ['booking.created'] })
  // The rule lets nobody name this machine: the address is put right behind its back.
  const { port } = receiver.address() as AddressInfo
  databaseOf(running).exec(`update webhooks set url = 'https://localhost:${port}/'`)
  const book = async (minutes: number): Promise<string> => {
    const slot = await admin.post('/slots', {
      practitionerId: gp.practitionerId,
      siteId: gp.siteId,
      start: inMinutes(minutes),
      end: inMinutes(minutes + 15),
    })
    const booking = await httpCaller(running.url, gp.regulatorKey).post(
      '/bookings',
      bookingBody(slot.body.id),
    )
    expect(booking.status).toBe(201)
    return booking.body.id
  }
  return { running, stop, admin, gp, hook: hook.body as { id: string; secret: string }, told, mails, book }
}

const databaseOf = (running: Running) => {
  const territory = running.territories.find('92')
  if (!territory) throw new Error('no territory')
  return territory.database.connection
}

/** What happened before the server first looked is not announced: the test starts after that. */
const hasLooked = (running: Running): boolean =>
  databaseOf(running).prepare("select 1 from cursors where reader = 'notices'").get() !== undefined

const preferMail = async (running: Running, gp: { practitionerId: string }) => {
  await expect.poll(() => hasLooked(running), { timeout: 3_000, interval: 10 }).toBe(true)
  databaseOf(running)
    .prepare('insert into notice_preferences values (?, ?, null, ?, 1)')
    .run(gp.practitionerId, 'gp@cabinet.example', '["booking"]')
}

describe('a running server', () => {
  it('[HOOK-10][NOTICE-4] tells webhooks and practitioners within a second of the commit', async () => {
    const { running, gp, hook, told, mails, book } = await start(() => 204)
    await preferMail(running, gp)
    const ids = []
    for (let i = 0; i < 3; i++) {
      ids.push(await book(60 + 20 * i))
      const committed = Date.now()
      await expect
        .poll(() => [told.length, mails.length], { timeout: 3_000, interval: 10 })
        .toEqual([i + 1, i + 1])
      expect(Math.max(told[i]!.at, mails[i]!) - committed).toBeLessThan(1_000)
    }
    for (const [i, { headers, body }] of told.entries())
      expect(new Webhook(hook.secret).verify(body, headers)).toMatchObject({
        subject: ids[i],
        territory: '92',
      })
  })

  it('[HOOK-6][HOOK-10] tries again when the pause is over, without a tick', async () => {
    let tries = 0
    const { told, book, admin, hook } = await start(() => (++tries === 1 ? 503 : 200))
    await book(60)
    await expect.poll(() => told.length, { timeout: 9_000, interval: 20 }).toBe(2)
    const pause = told[1]!.at - told[0]!.at
    expect(pause).toBeGreaterThan(4_900)
    expect(pause).toBeLessThan(7_000)
    const [first, second] = told.map(({ headers }) => headers['webhook-id'])
    expect(second).toBe(first)
    await expect
      .poll(async () => (await admin.get(`/webhooks/${hook.id}`)).body)
      .toMatchObject({ pending: 0, failed: 0 })
  }, 15_000)

  it('[HOOK-10] stops without waiting for an address that does not answer', async () => {
    const { stop, told, book } = await start(() => undefined)
    await book(60)
    await expect.poll(() => told.length, { timeout: 3_000, interval: 10 }).toBe(1)
    const started = Date.now()
    await stop()
    expect(Date.now() - started).toBeLessThan(3_000)
    const database = openDatabase(databaseFile(dataDir, '92'))
    const rows = database.connection.prepare('select attempts, last_error from webhook_deliveries').all()
    database.close()
    expect(rows).toEqual([{ attempts: 1, last_error: 'network' }])
  })
})
