import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bookingBody } from '../support/members.ts'
import { followed } from '../support/stream.ts'
import {
  dataFolder,
  httpCaller,
  inMinutes,
  liftRate,
  makeGpOver,
  makeTerritory,
  startProgram,
  type Server,
} from '../support/program.ts'

describe('a running server', () => {
  let data: ReturnType<typeof dataFolder>
  let running: Server[]
  const start = async (environment?: Record<string, string>) => {
    const server = await startProgram(data.folder, environment)
    running.push(server)
    return server
  }

  beforeEach(() => {
    data = dataFolder()
    running = []
  })
  afterEach(async () => {
    for (const server of running) await server.end('SIGKILL')
    data.remove()
  })

  const withGp = async () => {
    const adminKey = await makeTerritory(data.folder)
    await liftRate(data.folder)
    const server = await start()
    return { server, adminKey, gp: await makeGpOver(server.url, adminKey) }
  }

  const publish = async (
    url: string,
    adminKey: string,
    gp: { practitionerId: string; siteId: string },
    count: number,
  ) => {
    const slots = Array.from({ length: count }, (_, i) => ({
      practitionerId: gp.practitionerId,
      siteId: gp.siteId,
      start: inMinutes(60 + i * 5),
      end: inMinutes(65 + i * 5),
    }))
    const ids: string[] = []
    for (let i = 0; i < slots.length; i += 200) {
      const made = await httpCaller(url, adminKey).post('/slots/batch', { slots: slots.slice(i, i + 200) })
      expect(made.status).toBe(201)
      ids.push(...made.body.items.map((slot: { id: string }) => slot.id))
    }
    return ids
  }

  it('[BOOK-1] of 50 simultaneous bookings of one place one wins, and 49 are told what else is free', async () => {
    const { server, adminKey, gp } = await withGp()
    const [wanted] = await publish(server.url, adminKey, gp, 8)
    const regulator = httpCaller(server.url, gp.regulatorKey)
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => regulator.post('/bookings', bookingBody(wanted!))),
    )
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
    const refused = replies.filter(({ status }) => status === 409)
    expect(refused).toHaveLength(49)
    for (const { body } of refused) {
      expect(body.code).toBe('slot_taken')
      expect(body.alternatives).toHaveLength(5)
    }
  })

  it('[IDEM-1] the same key and body replay byte for byte after kill -9 and a restart', async () => {
    const { server, adminKey, gp } = await withGp()
    const [first, second] = await publish(server.url, adminKey, gp, 2)
    const before = httpCaller(server.url, gp.regulatorKey)
    const booked = await before.post('/bookings', bookingBody(first!), 'key-booked')
    const refused = await before.post('/bookings', bookingBody(first!), 'key-refused')
    expect([booked.status, refused.status]).toEqual([201, 409])
    await server.end('SIGKILL')

    const restarted = await start()
    const after = httpCaller(restarted.url, gp.regulatorKey)
    await after.post('/bookings', bookingBody(second!))
    const again = await after.post('/bookings', bookingBody(first!), 'key-booked')
    expect(again.text).toBe(booked.text)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect((await after.post('/bookings', bookingBody(first!), 'key-refused')).text).toBe(refused.text)
  })

  it('[RUN-1] killed again and again under load: nothing acknowledged is lost, nothing is booked twice', async () => {
    const { server, adminKey, gp } = await withGp()
    const slots = await publish(server.url, adminKey, gp, 600)
    const acknowledged = new Map<string, string>()
    const unknown: { slot: string; key: string }[] = []
    let current = server
    let next = 0
    for (let round = 0; round < 12; round++) {
      const regulator = httpCaller(current.url, gp.regulatorKey)
      let isKilled = false
      const client = async () => {
        while (!isKilled && next < slots.length) {
          const slot = slots[next++]!
          const key = `load-${slot}`
          try {
            const reply = await regulator.post('/bookings', bookingBody(slot), key)
            acknowledged.set(key, reply.text)
          } catch {
            unknown.push({ slot, key })
          }
        }
      }
      const clients = Array.from({ length: 16 }, client)
      await new Promise((resolve) => setTimeout(resolve, 30 + round * 7))
      await current.end('SIGKILL')
      isKilled = true
      await Promise.all(clients)
      current = await start()
      const again = httpCaller(current.url, gp.regulatorKey)
      // A request cut off is not known to have failed: asked again with its key, it is decided once.
      for (const { slot, key } of unknown.splice(0)) {
        const reply = await again.post('/bookings', bookingBody(slot), key)
        expect(reply.status).toBe(201)
        acknowledged.set(key, reply.text)
      }
    }
    expect(acknowledged.size).toBeGreaterThan(100)
    const regulator = httpCaller(current.url, gp.regulatorKey)
    for (const [key, text] of acknowledged) {
      const reply = await regulator.post('/bookings', bookingBody(key.slice('load-'.length)), key)
      expect(reply.text).toBe(text)
    }
    const booked = new Set<string>()
    let after = ''
    do {
      const page = await regulator.get(`/bookings?limit=200${after}`)
      for (const booking of page.body.items) {
        expect(booked.has(booking.slotId)).toBe(false)
        booked.add(booking.slotId)
      }
      after = page.body.next === null ? '' : `&after=${page.body.next}`
    } while (after !== '')
    expect(booked.size).toBe(acknowledged.size)
    const verified = await httpCaller(current.url, adminKey).get('/audit/verify')
    expect(verified.body).toMatchObject({ ok: true })
  })

  it('[RUN-2] a second server refuses to start on a territory that another process serves', async () => {
    const { server } = await withGp()
    await expect(startProgram(data.folder, { PORT: '0' })).rejects.toThrow('served by another process')
    await server.end('SIGKILL')
    await start()
  })

  it('[DB-1] every open syncs each commit to disk, the second open of a file too, and says so', async () => {
    const { server } = await withGp()
    await server.end('SIGTERM')
    const again = await start()
    const ready = await (await fetch(`${again.url}/readyz`)).json()
    expect(ready).toEqual({ ready: true, territories: [{ code: '92', synchronous: 'FULL', writable: true }] })
  })

  it('[RUN-3] on SIGTERM requests under way are answered, the log is folded into the file, and the exit is clean', async () => {
    const { server, adminKey, gp } = await withGp()
    const slots = await publish(server.url, adminKey, gp, 40)
    const regulator = httpCaller(server.url, gp.regulatorKey)
    await regulator.get('/bookings')
    const pending = slots.map((slot) =>
      regulator.post('/bookings', bookingBody(slot)).then(({ status }) => status),
    )
    await Promise.race(pending)
    const code = await server.end('SIGTERM')
    const settled = await Promise.allSettled(pending)
    expect(code).toBe(0)
    expect(settled.filter((one) => one.status === 'fulfilled').length).toBeGreaterThan(0)
    for (const one of settled) if (one.status === 'fulfilled') expect(one.value).toBe(201)
    expect(existsSync(join(data.folder, '92.sqlite-wal'))).toBe(false)
  })

  const openStream = async (url: string, key: string, after?: number) => {
    const leaving = new AbortController()
    const response = await fetch(`${url}/92/v1/events${after === undefined ? '' : `?after=${after}`}`, {
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
      signal: leaving.signal,
    })
    expect(response.status).toBe(200)
    return { leaving, ...followed(response) }
  }

  const openStreams = async (url: string) =>
    Number(/^event_streams (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1])

  it('[RUN-7] on SIGTERM open streams end at once, and the exit is clean', async () => {
    const { server, adminKey, gp } = await withGp()
    const streams = [
      await openStream(server.url, adminKey),
      await openStream(server.url, gp.regulatorKey, 0),
      await openStream(server.url, adminKey),
    ]
    for (const stream of streams) expect(await stream.block()).toBe('retry: 2000')
    await publish(server.url, adminKey, gp, 1)
    expect((await streams[0]!.take(1))[0]).toMatchObject({ event: 'slots.published' })
    const ends = Promise.all([streams[0]!.message(), streams[2]!.take(1).then(() => streams[2]!.message())])
    const asked = Date.now()
    expect(await server.end('SIGTERM')).toBe(0)
    expect(Date.now() - asked).toBeLessThan(2_000)
    expect(await ends).toEqual([undefined, undefined])
  })

  it('[EVENT-17] a reader that goes away without a word is forgotten', async () => {
    const { server, adminKey, gp } = await withGp()
    const streams = await Promise.all(Array.from({ length: 12 }, () => openStream(server.url, adminKey)))
    for (const stream of streams) await stream.block()
    expect(await openStreams(server.url)).toBe(12)
    for (const { leaving } of streams) leaving.abort()
    for (let i = 0; i < 100 && (await openStreams(server.url)) > 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await openStreams(server.url)).toBe(0)
    expect(await publish(server.url, adminKey, gp, 1)).toHaveLength(1)
  })

  it('[EVENT-12] taken up after kill -9 and a restart, a stream goes on where it was', async () => {
    const { server, adminKey, gp } = await withGp()
    const stream = await openStream(server.url, adminKey, 0)
    const before = await stream.take(3)
    await publish(server.url, adminKey, gp, 5)
    await server.end('SIGKILL')
    await expect(
      (async () => {
        while (await stream.message());
      })(),
    ).rejects.toThrow()
    const restarted = await start()
    const { body } = await httpCaller(restarted.url, adminKey).get('/events?limit=200')
    const rest = await openStream(restarted.url, adminKey, Number(before.at(-1)!.id))
    const after = await rest.take(body.items.length - 3)
    expect([...before, ...after].map(({ data }) => data)).toEqual(body.items)
    rest.leaving.abort()
  })

  it('[RUN-4] without its secrets, or with settings it does not understand, it refuses to start', async () => {
    await makeTerritory(data.folder)
    await expect(startProgram(data.folder, { KEY_RING: '' })).rejects.toThrow('key ring')
    await expect(startProgram(data.folder, { PORT: 'many' })).rejects.toThrow('PORT')
  })
})
