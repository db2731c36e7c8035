import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { append } from '../../src/events/actions.ts'
import { HOUR, SECOND } from '../../src/kernel/time.ts'
import { everyPage } from '../support/attempt.ts'
import { makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { askStream, follow, type Followed, type Message } from '../support/stream.ts'
import { SYSTEM, type Caller, type World } from '../support/world.ts'

const stage = async (world: World) => {
  const gp = await makeGp(world, await makeCommunity(world, '92050'))
  const other = await makeGp(world, await makeCommunity(world, '92063'), '92063')
  return { gp, other }
}

let quarters = 0
const publish = async (gp: Member): Promise<string> => {
  const start = Date.parse('2026-11-24T00:00:00+01:00') + 15 * 60 * SECOND * quarters++
  const text = (at: number) => new Date(at).toISOString()
  const made = await gp.caller.post('/slots', slotBody(gp, text(start), text(start + 15 * 60 * SECOND)))
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id
}

/** Appends events in one commit, about nobody. */
const happen = (world: World, count: number) =>
  world.act((ctx) => {
    for (let i = 0; i < count; i++)
      append(ctx, { type: 'communes.loaded', subject: '92', data: { count: i } })
  }, SYSTEM)

const lastSeq = async (world: World): Promise<number> =>
  (await everyPage(world.admin, '/events', 200)).at(-1)?.seq ?? 0

const listed = (caller: Caller) => everyPage(caller, '/events', 200)

/** Counts who is told of commits, and what is read, from here on. */
const watching = (world: World) => {
  const { watch, read } = world.territory
  const counts = { listeners: 0, reads: 0 }
  Object.assign(world.territory, {
    watch: (listener: () => void) => {
      counts.listeners++
      const unwatch = watch(listener)
      return () => {
        counts.listeners--
        unwatch()
      }
    },
    read: (fn: Parameters<typeof read>[0]) => {
      counts.reads++
      return read(fn)
    },
  })
  return counts
}

const patiently = async (isTrue: () => boolean) => {
  for (let i = 0; i < 200 && !isTrue(); i++) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(isTrue()).toBe(true)
}

const soon = (milliseconds: number) =>
  new Promise((resolve) => setTimeout(() => resolve('nothing'), milliseconds))

export const eventStreamSuite: Suite = (rule) => {
  describe('the stream of events', () => {
    rule('[EVENT-12] it tells the same items as the list, each with its number and type', async (world) => {
      const { gp, other } = await stage(world)
      await publish(gp)
      await publish(other)
      for (const caller of [world.admin, gp.caller, await world.key('regulator')]) {
        const items = await listed(caller)
        const stream = await follow(world, caller, { after: 0 })
        const { status, headers } = stream.response
        expect(status).toBe(200)
        expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
        expect(headers.get('cache-control')).toBe('no-store')
        expect(headers.get('x-accel-buffering')).toBe('no')
        expect(headers.get('x-request-id')).toMatch(/\S/)
        expect(await stream.take(items.length)).toEqual(
          items.map((item) => ({ id: String(item.seq), event: item.type, data: item })),
        )
        await stream.leave()
      }
    })

    rule('[EVENT-12] only who asks for a stream gets one', async (world) => {
      const typeFor = async (accept: string) => {
        const response = await world.app.request('/92/v1/events', {
          headers: { authorization: `Bearer ${world.admin.secret}`, accept },
        })
        await response.body?.cancel()
        return response.headers.get('content-type')
      }
      for (const accept of [
        '*/*',
        'application/json',
        'text/html',
        'application/json, text/event-stream;q=0.5',
      ])
        expect([accept, await typeFor(accept)]).toEqual([accept, 'application/json'])
      for (const accept of ['text/event-stream', 'text/event-stream, */*;q=0.1'])
        expect([accept, await typeFor(accept)]).toEqual([accept, 'text/event-stream; charset=utf-8'])
      const auditor = await world.key('auditor')
      expect((await askStream(world, auditor)).status).toBe(403)
      expect((await askStream(world, world.as(''))).status).toBe(401)
    })

    rule('[EVENT-12] an event is told when it happens, long before a heartbeat', async (world) => {
      const { gp } = await stage(world)
      const stream = await follow(world, gp.caller)
      expect(await stream.block()).toBe('retry: 2000')
      for (let i = 0; i < 5; i++) {
        const next = stream.message()
        const id = await publish(gp)
        expect(await next).toMatchObject({ event: 'slot.published', data: { subject: id } })
      }
      await stream.leave()
    })

    rule(
      '[EVENT-12] cut anywhere and taken up by the last id, nothing is lost and nothing comes twice',
      async (world) => {
        const { gp, other } = await stage(world)
        for (const caller of [world.admin, gp.caller]) {
          let seen = await listed(caller)
          let last = String(seen.at(-1).seq)
          // Happens `before`, is read for `taken`, happens on, and is cut, again and again.
          const rounds = fc.array(
            fc.record({
              before: fc.array(fc.constantFrom('own', 'other', 'many'), { maxLength: 4 }),
              taken: fc.nat(120),
              after: fc.array(fc.constantFrom('own', 'other'), { maxLength: 2 }),
            }),
            { minLength: 1, maxLength: 4 },
          )
          const run = async (kinds: readonly string[]) => {
            for (const kind of kinds)
              await (kind === 'many' ? happen(world, 130) : publish(kind === 'own' ? gp : other))
          }
          await fc.assert(
            fc.asyncProperty(rounds, async (script) => {
              for (const { before, taken, after } of script) {
                const stream = await follow(world, caller, { last })
                await run(before)
                const waiting = (await listed(caller)).length - seen.length
                const got = await stream.take(Math.min(taken, waiting))
                seen = [...seen, ...got.map(({ data }) => data)]
                last = got.at(-1)?.id ?? last
                await run(after)
                await stream.leave()
              }
              const rest = await follow(world, caller, { last })
              const whole = await listed(caller)
              const got = await rest.take(whole.length - seen.length)
              await rest.leave()
              seen = [...seen, ...got.map(({ data }) => data)]
              last = got.at(-1)?.id ?? last
              expect(seen).toEqual(whole)
            }),
            { seed: 12, numRuns: 10, endOnFailure: true },
          )
        }
      },
    )

    rule('[EVENT-13] it begins at the present, or after the place that was named', async (world) => {
      const { gp } = await stage(world)
      const before = await lastSeq(world)
      const first = async (options?: Parameters<typeof follow>[2]): Promise<Message | undefined> => {
        const stream = await follow(world, world.admin, options)
        await happen(world, 1)
        const message = await stream.message()
        await stream.leave()
        return message
      }
      expect((await first())?.id).toBe(String(before + 1))
      expect((await first({ after: 0 }))?.id).toBe('1')
      expect((await first({ after: 3 }))?.id).toBe('4')
      expect((await first({ last: '5' }))?.id).toBe('6')
      // A client that comes back sends the address it began with.
      expect((await first({ after: 3, last: '7' }))?.id).toBe('8')
      expect((await first({ after: 3, last: '' }))?.id).toBe('4')
      for (const last of ['-1', 'x', '1.5', '1'.repeat(16)]) {
        const refused = await askStream(world, world.admin, { last })
        expect(refused.status).toBe(400)
        expect(await refused.json()).toMatchObject({
          code: 'invalid_request',
          errors: [{ path: 'Last-Event-ID' }],
        })
      }
      expect((await askStream(world, gp.caller, { after: -1 })).status).toBe(400)
    })

    rule(
      '[EVENT-14] silence is broken by a comment, and a reader is told when to come back',
      async (world) => {
        Object.assign(world.platform, { silence: 20 })
        const { gp, other } = await stage(world)
        const stream = await follow(world, gp.caller)
        expect(await stream.block()).toBe('retry: 2000')
        expect(await stream.block()).toBe(':')
        expect(await stream.block()).toBe(':')
        // What others do is silence too.
        const heartbeat = stream.block()
        const busy = setInterval(() => void publish(other), 5)
        expect(await heartbeat).toBe(':')
        clearInterval(busy)
        const next = stream.message()
        const id = await publish(gp)
        expect(await next).toMatchObject({ data: { subject: id } })
        await stream.leave()
      },
    )

    rule(
      '[EVENT-15] a key that is revoked or runs out is told nothing more, and its stream ends',
      async (world) => {
        Object.assign(world.platform, { silence: 30 })
        const made = async (more: Record<string, unknown> = {}) =>
          (await world.admin.post('/keys', { role: 'admin', label: 'suit', ...more })).body
        const revoked = await made()
        const stream = await follow(world, world.as(revoked.key))
        const waiting = stream.message()
        expect((await world.admin.delete(`/keys/${revoked.id}`)).status).toBe(204)
        await happen(world, 3)
        // Its revocation too is after it.
        expect(await waiting).toBeUndefined()

        const expiring = await made({ expiresAt: '2026-11-23T09:00:00+01:00' })
        const until = await follow(world, world.as(expiring.key))
        const first = until.message()
        await happen(world, 1)
        expect(await first).toMatchObject({ event: 'communes.loaded' })
        world.clock.advance(HOUR)
        expect(await until.message()).toBeUndefined()
        expect((await askStream(world, world.as(expiring.key))).status).toBe(401)
        // Which is no failure.
        expect(world.logged.filter(({ level }) => level === 'error')).toEqual([])
      },
    )

    rule('[EVENT-15] what a reader may see is judged when it is told', async (world) => {
      const { gp, other } = await stage(world)
      const coordinator = await world.key('coordinator', { communityIds: [gp.communityId] })
      const stream = await follow(world, coordinator)
      await publish(other)
      const joined = await world.admin.patch(`/practitioners/${other.id}`, {
        communityIds: [gp.communityId],
      })
      expect(joined.status).toBe(200)
      expect(await stream.message()).toMatchObject({ data: { subject: expect.any(String) } })
      const id = await publish(other)
      const seen: (string | undefined)[] = []
      while (seen.at(-1) !== id) seen.push((await stream.message())?.data.subject)
      await stream.leave()
    })

    rule('[EVENT-16] a key has 20 streams at most, and room again when one is left', async (world) => {
      const counts = watching(world)
      const streams: Followed[] = []
      for (let i = 0; i < 20; i++) streams.push(await follow(world, world.admin))
      const refused = await askStream(world, world.admin)
      expect(refused.status).toBe(429)
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
      expect(await refused.json()).toMatchObject({ code: 'rate_limited' })
      // Of this key alone, and of streams alone.
      const another = await world.key('admin')
      streams.push(await follow(world, another))
      expect((await world.admin.get('/events')).status).toBe(200)
      expect(counts.listeners).toBe(21)
      await streams[3]!.leave()
      streams[3] = await follow(world, world.admin)
      expect((await askStream(world, world.admin)).status).toBe(429)
      for (const stream of streams) await stream.leave()
      expect(counts.listeners).toBe(0)
      // HEAD opens nothing, as often as it is asked.
      for (let i = 0; i < 30; i++) {
        const head = await world.app.request('/92/v1/events', {
          method: 'HEAD',
          headers: { authorization: `Bearer ${world.admin.secret}`, accept: 'text/event-stream' },
        })
        expect(head.status).toBe(200)
      }
      expect(counts.listeners).toBe(0)
    })

    rule('[EVENT-17] who leaves is forgotten: no listener stays, whatever it was doing', async (world) => {
      const counts = watching(world)
      let open = 0
      Object.assign(world.platform.metrics, {
        stream: () => {
          open++
          return () => open--
        },
      })
      // Before the first message, within a page, and waiting.
      const unread = await follow(world, world.admin, { after: 0 })
      const within = await follow(world, world.admin, { after: 0 })
      await within.take(1)
      const waiting = await follow(world, world.admin)
      const next = waiting.message()
      expect([counts.listeners, open]).toEqual([3, 3])
      for (const stream of [unread, within, waiting]) await stream.leave()
      expect(await next).toBeUndefined()
      expect([counts.listeners, open]).toEqual([0, 0])
      await happen(world, 1)
    })

    rule('[EVENT-17] a reader that takes nothing for long is taken for gone', async (world) => {
      Object.assign(world.platform, { silence: 10 })
      const counts = watching(world)
      const stream = await follow(world, world.admin, { after: 0 })
      expect(await stream.block()).toBe('retry: 2000')
      expect(counts.listeners).toBe(1)
      await patiently(() => counts.listeners === 0)
      expect(await stream.message()).toBeUndefined()
    })

    rule('[EVENT-17] a reader that is slow is read for no faster than it reads', async (world) => {
      const counts = watching(world)
      const stream = await follow(world, world.admin)
      expect(await stream.block()).toBe('retry: 2000')
      await happen(world, 250)
      await stream.take(1)
      const { reads } = counts
      for (let i = 0; i < 5; i++) await happen(world, 50)
      expect(counts.reads).toBe(reads)
      // 250 and 250 more, a hundred at a time.
      await stream.take(499)
      expect(counts.reads - reads).toBeLessThanOrEqual(5)
      await stream.leave()
    })

    rule(
      '[EVENT-18] a failure within ends the stream and is logged with the request, and nothing is said of it',
      async (world) => {
        const stream = await follow(world, world.admin)
        await stream.block()
        await happen(world, 1)
        await stream.take(1)
        const seq = (await lastSeq(world)) + 1
        await world.act(({ db }) => {
          db.run(sql`insert into events (seq, id, type, at, actor, subject, data, prev, hash)
          values (${seq}, 'evnt_x', 'planted.by_test', 1, 'a', 's', '{"secret":"Secret"}', 'p', 'h')`)
        })
        expect(await stream.block()).toBeUndefined()
        const failure = world.logged.find(({ message }) => message === 'stream failed')
        expect(failure).toMatchObject({
          level: 'error',
          facts: { requestId: stream.response.headers.get('x-request-id'), operation: 'listEvents' },
        })
      },
    )

    rule('[EVENT-18] when the machine stops, streams end at once', async (world) => {
      const counts = watching(world)
      const stopping = new AbortController()
      Object.assign(world.platform, { stopping: stopping.signal })
      const stream = await follow(world, world.admin)
      const ended = stream.message()
      await new Promise((resolve) => setTimeout(resolve, 5))
      stopping.abort()
      expect(await Promise.race([ended, soon(1_000)])).toBeUndefined()
      expect(counts.listeners).toBe(0)
      const late = await follow(world, world.admin, { after: 0 })
      expect(await late.message()).toBeUndefined()
    })

    rule('[EVENT-19] 200 readers are told the same hundred events in the same order', async (world) => {
      const counts = watching(world)
      const callers: Caller[] = []
      for (let i = 0; i < 10; i++) callers.push(await world.key('admin'))
      const from = await lastSeq(world)
      const streams = await Promise.all(
        Array.from({ length: 200 }, (_, i) => follow(world, callers[i % callers.length]!)),
      )
      const told = Promise.all(streams.map((stream) => stream.take(100)))
      for (let i = 0; i < 100; i++) await happen(world, 1)
      const expected = Array.from({ length: 100 }, (_, i) => String(from + 1 + i))
      for (const messages of await told) expect(messages.map(({ id }) => id)).toEqual(expected)
      for (const stream of streams) await stream.leave()
      await patiently(() => counts.listeners === 0)
    })
  })
}
