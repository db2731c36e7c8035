import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { MIGRATIONS } from '../../src/platform/workers/migrations.ts'
import { databaseOf, territoryOver } from '../../src/platform/workers/storage.ts'
import type { TerritoryObject } from '../../src/platform/workers/territory-object.ts'
import { directoryStub, territoryStub } from '../../src/platform/workers/env.ts'
import { migrate } from '../../src/db/migrate.ts'
import { bookingBody } from '../support/members.ts'
import { followed } from '../support/stream.ts'
import { COMMUNES, TERRITORY_92 } from '../support/world.ts'
import journal from '../../drizzle/meta/_journal.json'

const HOST = 'https://udj.test'

const bootstrap = (body: unknown, secret = env.BOOTSTRAP_SECRET) =>
  exports.default.fetch(`${HOST}/bootstrap`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

let calls = 0
const call = async (key: string, method: string, path: string, body?: unknown) => {
  const response = await exports.default.fetch(`${HOST}/92/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'POST' ? { 'idempotency-key': `objects-${++calls}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : undefined }
}

/** An instant so many minutes ahead of the runtime's own clock. */
const ahead = (minutes: number) =>
  new Date(Math.ceil(Date.now() / 60_000) * 60_000 + minutes * 60_000).toISOString().replace('.000', '')

describe('the deployed Worker', () => {
  let adminKey: string
  let gp: { id: string; siteId: string }
  let regulator: string

  beforeAll(async () => {
    const unknown = await exports.default.fetch(`${HOST}/92/v1/slots`)
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ code: 'unknown_territory' })

    const made = await bootstrap({ territory: '92', name: 'Hauts-de-Seine' })
    expect(made.status).toBe(201)
    adminKey = (await made.json<{ key: string }>()).key
    expect((await call(adminKey, 'PUT', '/communes', { items: COMMUNES })).status).toBe(204)
    const community = await call(adminKey, 'POST', '/communities', { name: 'CPTS', communes: ['92050'] })
    const { insee, lat, lon, postalCode, name } = COMMUNES[0]!
    const site = {
      name: 'Cabinet',
      line: '1 rue',
      postalCode,
      city: name,
      insee,
      lat,
      lon,
      phone: '+33199000001',
    }
    const practitioner = await call(adminKey, 'POST', '/practitioners', {
      rpps: '10000000017',
      family: 'Fictif',
      given: 'Camille',
      profession: 'GP',
      communityIds: [community.body.id],
      sites: [site],
    })
    gp = { id: practitioner.body.id, siteId: practitioner.body.sites[0].id }
    regulator = (await call(adminKey, 'POST', '/keys', { role: 'regulator', label: 'SAS' })).body.key
  })

  it('[CF-1] a bootstrap secret makes one territory and its first admin key, once, and nobody else does', async () => {
    expect((await bootstrap({ territory: '93', name: 'Autre' })).status).toBe(401)
    expect((await bootstrap({ territory: '94', name: 'Autre' }, 'guessed')).status).toBe(401)
    expect((await exports.default.fetch(`${HOST}/bootstrap`, { method: 'POST' })).status).toBe(401)
    expect((await exports.default.fetch(`${HOST}/bootstrap`)).status).toBe(405)
    expect((await call(adminKey, 'GET', '/communities')).body.items).toHaveLength(1)
  })

  it('[CF-1] a body that names no département, or asks for the demo where it is not allowed, spends nothing', async () => {
    expect((await bootstrap({ territory: '20', name: 'Corse' })).status).toBe(400)
    expect((await bootstrap({ territory: '92', name: 'x', demo: true })).status).toBe(403)
    expect(await directoryStub(env).territories()).toEqual(['92'])
  })

  it('[CF-2][BOOK-1] 50 bookings of one place race through the object: one wins, 49 are told what else is free', async () => {
    const slots = await call(adminKey, 'POST', '/slots/batch', {
      slots: Array.from({ length: 7 }, (_, i) => ({
        practitionerId: gp.id,
        siteId: gp.siteId,
        start: ahead(60 + 15 * i),
        end: ahead(75 + 15 * i),
      })),
    })
    expect(slots.status).toBe(201)
    const wanted = slots.body.items[0].id
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => call(regulator, 'POST', '/bookings', bookingBody(wanted))),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    const refused = answers.filter(({ status }) => status === 409)
    expect(refused).toHaveLength(49)
    for (const { body } of refused) expect(body.alternatives).toHaveLength(5)
  })

  it('[CF-7] a stream of events comes through the Worker as they happen, and its end frees the object', async () => {
    const made = await call(adminKey, 'POST', '/slots', {
      practitionerId: gp.id,
      siteId: gp.siteId,
      start: ahead(600),
      end: ahead(615),
    })
    const response = await exports.default.fetch(`${HOST}/92/v1/events`, {
      headers: { authorization: `Bearer ${regulator}`, accept: 'text/event-stream' },
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const stream = followed(response)
    expect(await stream.block()).toBe('retry: 2000')
    const streams = async () =>
      /event_streams\{territory="92"\} (\d+)/.exec(
        await (await exports.default.fetch(`${HOST}/metrics`)).text(),
      )?.[1]
    expect(await streams()).toBe('1')
    const next = stream.message()
    const booking = await call(regulator, 'POST', '/bookings', bookingBody(made.body.id))
    expect(booking.status).toBe(201)
    expect(await next).toMatchObject({ event: 'booking.created', data: { subject: booking.body.id } })
    await stream.leave()
    for (let i = 0; i < 100 && (await streams()) !== '0'; i++)
      await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await streams()).toBe('0')
  })

  it('[HOOK-10] a commit that a webhook is to be told of brings the alarm forward, and no other does', async () => {
    const stub = territoryStub(env, '92')
    const alarmIn = async () =>
      (await runInDurableObject(stub, (_object: TerritoryObject, state) => state.storage.getAlarm()))! -
      Date.now()
    const publish = async (minutes: number) => {
      const [start, end] = [ahead(minutes), ahead(minutes + 15)]
      const made = await call(adminKey, 'POST', '/slots', {
        practitionerId: gp.id,
        siteId: gp.siteId,
        start,
        end,
      })
      expect(made.status).toBe(201)
    }
    // Without a webhook the alarm stays where it was.
    await publish(6_000)
    expect(await alarmIn()).toBeGreaterThan(10_000)
    const hook = await call(adminKey, 'POST', '/webhooks', {
      url: 'https://status-503.example/',
      types: ['slot.published'],
    })
    expect(hook.status).toBe(201)
    expect(await alarmIn()).toBeGreaterThan(10_000)
    await publish(6_020)
    await vi.waitFor(async () => expect(await alarmIn()).toBeLessThan(2_000))
    // It is not taken there: the alarm comes when it is time to try again, then when the next tick is.
    await vi.waitFor(
      async () =>
        expect((await call(adminKey, 'GET', `/webhooks/${hook.body.id}`)).body).toMatchObject({ pending: 1 }),
      { timeout: 5_000 },
    )
    expect(await alarmIn()).toBeLessThan(7_000)
    expect((await call(adminKey, 'DELETE', `/webhooks/${hook.body.id}`)).status).toBe(204)
    await runDurableObjectAlarm(stub)
    expect(await alarmIn()).toBeGreaterThan(10_000)

    const taken = await call(adminKey, 'POST', '/webhooks', {
      url: 'https://status-204.example/',
      types: ['slot.published'],
    })
    await publish(6_040)
    await vi.waitFor(async () => expect(await alarmIn()).toBeLessThan(2_000))
    await vi.waitFor(async () => expect(await alarmIn()).toBeGreaterThan(10_000), { timeout: 5_000 })
    expect((await call(adminKey, 'GET', `/webhooks/${taken.body.id}`)).body).toMatchObject({
      pending: 0,
      failed: 0,
    })
    expect((await call(adminKey, 'DELETE', `/webhooks/${taken.body.id}`)).status).toBe(204)
  })

  it('[CF-3] the alarm ticks, tells the directory of the members, and is always set again', async () => {
    const stub = territoryStub(env, '92')
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await directoryStub(env).find(['10000000017'])).toEqual([{ rpps: '10000000017', territory: '92' }])
    await runInDurableObject(stub, async (_object: TerritoryObject, state) => {
      expect(await state.storage.getAlarm()).not.toBeNull()
    })
  })

  it('[CF-3] a job that fails makes the alarm fail, so that the runtime tries again; it is counted and set again', async () => {
    const stub = territoryStub(env, '92')
    await runInDurableObject(stub, async (object: TerritoryObject, state) => {
      const db = databaseOf(state.storage)
      db.run(
        sql`create trigger broken before insert on cursors when new.reader = 'directory' begin select raise(abort, 'broken'); end`,
      )
      db.run(sql`update cursors set reader = 'moved' where reader = 'directory'`)
      await state.storage.deleteAlarm()
      await expect(object.alarm()).rejects.toThrow('feed-directory')
      expect(await state.storage.getAlarm()).not.toBeNull()
      expect(await object.metricsText()).toContain(
        'tick_job_failures_total{job="feed-directory",territory="92"} 1',
      )
      db.run(sql`drop trigger broken`)
      await expect(object.alarm()).resolves.toBeUndefined()
    })
  })

  it('[CF-4] metrics of all territories come as one text, each name described once', async () => {
    const text = await (await exports.default.fetch(`${HOST}/metrics`)).text()
    expect(text).toContain('territory="92"')
    expect(text.match(/# TYPE http_requests_total/g)).toHaveLength(1)
  })

  it('[CF-4] health, document and documentation answer without a territory', async () => {
    expect((await exports.default.fetch(`${HOST}/healthz`)).status).toBe(200)
    expect((await exports.default.fetch(`${HOST}/readyz`)).status).toBe(200)
    expect(await (await exports.default.fetch(`${HOST}/openapi.json`)).json()).toMatchObject({
      openapi: '3.1.0',
    })
    expect((await exports.default.fetch(`${HOST}/docs`)).headers.get('content-security-policy')).toContain(
      "script-src 'self'",
    )
  })
})

const inObject = (fn: (state: DurableObjectState) => Promise<void> | void) =>
  runInDurableObject(
    env.TERRITORY.get(env.TERRITORY.newUniqueId()),
    async (_object: TerritoryObject, state) => {
      migrate(databaseOf(state.storage), (run) => state.storage.transactionSync(run), MIGRATIONS)
      await fn(state)
    },
  )

describe('the storage of an object', () => {
  it('[DB-3] the bundled migrations are those of the journal, in its order', () => {
    expect(MIGRATIONS.map(({ tag }) => tag)).toEqual(journal.entries.map(({ tag }) => tag))
  })

  it('[DB-4] refuses a migration that changed, and leaves nothing of one that fails', () =>
    inObject((state) => {
      const run = (migrations: typeof MIGRATIONS) =>
        migrate(databaseOf(state.storage), (fn) => state.storage.transactionSync(fn), migrations)
      const [first, ...rest] = MIGRATIONS
      expect(() => run([{ ...first!, sql: `${first!.sql} ` }, ...rest])).toThrow('0000_init')
      expect(() =>
        run([...MIGRATIONS, { tag: 'bad', sql: 'create table c (x); --> statement-breakpoint\nnonsense' }]),
      ).toThrow('syntax error')
      expect(databaseOf(state.storage).all(sql`select name from sqlite_master where name = 'c'`)).toEqual([])
    }))

  it('[DB-8] an asynchronous callback is refused at run time and leaves nothing', () =>
    inObject(async (state) => {
      const territory = territoryOver(state.storage, TERRITORY_92)
      const asynchronous = (async ({ db }: { db: { run: (query: unknown) => unknown } }) => {
        db.run(sql`insert into cursors values ('x', 1)`)
        await Promise.resolve()
      }) as never
      await expect(territory.commit(asynchronous)).rejects.toThrow('synchronous')
      expect(territory.read((db) => db.all(sql`select * from cursors`) as never)).toEqual([])
    }))

  it('[DB-7] a savepoint undoes what it wrote and lets its caller write on; a commit that throws leaves nothing', () =>
    inObject(async (state) => {
      const territory = territoryOver(state.storage, TERRITORY_92)
      const insert = (reader: string) => sql`insert into cursors values (${reader}, 1)`
      await territory.commit((tx) => {
        tx.db.run(insert('a'))
        expect(() =>
          tx.savepoint(() => {
            tx.db.run(insert('b'))
            throw new Error('on purpose')
          }),
        ).toThrow('on purpose')
        tx.db.run(insert('c'))
      })
      const failing = territory.commit((tx) => {
        tx.db.run(insert('d'))
        throw new Error('on purpose')
      })
      await expect(failing).rejects.toThrow('on purpose')
      expect(
        territory.read((db) => db.all(sql`select reader from cursors order by reader`) as never),
      ).toEqual([{ reader: 'a' }, { reader: 'c' }])
    }))

  it('[DB-10] a statement binds at most 100 parameters', () =>
    inObject((state) => {
      const list = (count: number) =>
        sql.join(
          Array.from({ length: count }, (_, i) => sql`${i}`),
          sql`, `,
        )
      const db = databaseOf(state.storage)
      expect(() => db.all(sql`select 1 where 1 in (${list(101)})`)).toThrow(/too many SQL variables/)
      expect(db.all(sql`select 1 as one where 1 in (${list(100)})`)).toEqual([{ one: 1 }])
    }))
})
