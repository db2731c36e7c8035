import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, vi } from 'vitest'
import { findHolder } from '../../src/access/actions.ts'
import { listVisible } from '../../src/events/actions.ts'
import { recordRound, takeRound, queueDeliveries, webhooksDue } from '../../src/events/webhooks/actions.ts'
import { signedHeaders } from '../../src/events/webhooks/rules.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/kernel/time.ts'
import { nextOutward } from '../../src/outward.ts'
import { goOutward } from '../../src/tick.ts'
import { actorOf, everyPage } from '../support/attempt.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { SYSTEM, type Caller, type World } from '../support/world.ts'

const URL_A = 'https://a.example/hook?cabinet=7'

const send = async (world: World) => expect(await goOutward(world.territory, world.platform)).toEqual([])

const subscribe = async (caller: Caller, types: readonly string[] = ['*'], url = URL_A) => {
  const made = await caller.post('/webhooks', { url, types })
  if (made.status !== 201) throw new Error(made.text)
  return made.body as { id: string; secret: string; url: string }
}

const stage = async (world: World) => {
  const gp = await makeGp(world, await makeCommunity(world, '92050'))
  const other = await makeGp(world, await makeCommunity(world, '92063'), '92063')
  return { gp, other, regulator: await world.key('regulator') }
}

let slots = 0
/** A slot at a time of its own, and its booking. */
const book = async (gp: Member, regulator: Caller): Promise<string> => {
  const start = new Date(Date.parse('2027-01-04T09:00:00Z') + 15 * MINUTE * slots++)
  const end = new Date(start.getTime() + 15 * MINUTE)
  const slot = await gp.caller.post('/slots', slotBody(gp, start.toISOString(), end.toISOString()))
  if (slot.status !== 201) throw new Error(slot.text)
  const booking = await regulator.post('/bookings', bookingBody(slot.body.id))
  if (booking.status !== 201) throw new Error(booking.text)
  return booking.body.id
}

interface Told {
  readonly seq: number
  readonly type: string
  readonly subject: string
}

const told = (world: World): Told[] => world.outgoing.posts.map(({ body }) => JSON.parse(body) as Told)

/** All of the journal that this caller may see, page by page. */
const visibleTo = (caller: Caller) => everyPage(caller, '/events', 200)

export const webhooksSuite: Suite = (rule) => {
  describe('webhooks', () => {
    rule('[HOOK-1] what happens after a webhook was made is told as GET /events shows it', async (world) => {
      const { gp, regulator } = await stage(world)
      await book(gp, regulator)
      await send(world)
      expect(world.outgoing.posts).toEqual([])
      const before = (await visibleTo(regulator)).length
      await subscribe(regulator)
      const id = await book(gp, regulator)
      await send(world)
      const expected = (await visibleTo(regulator)).slice(before)
      expect(expected.map(({ type }) => type)).toEqual(['slot.published', 'booking.created'])
      expect(told(world)).toEqual(expected.map((event) => ({ ...event, territory: '92' })))
      expect(told(world)[1]!.subject).toBe(id)
      for (const { url, body } of world.outgoing.posts) {
        expect(url).toBe(URL_A)
        for (const secret of ['Fictive', 'Alix', '1980', '+3363', 'depuis hier', 'DRM-0001'])
          expect(body).not.toContain(secret)
      }
      await send(world)
      expect(world.outgoing.posts).toHaveLength(2)
    })

    rule('[HOOK-1] only of the types that it names, and never of webhooks and keys', async (world) => {
      const { gp, regulator } = await stage(world)
      await subscribe(world.admin, ['booking.created', 'booking.created', 'booking.cancelled'])
      const all = await subscribe(world.admin, ['*'], 'https://b.example/')
      const id = await book(gp, regulator)
      await world.key('auditor')
      await regulator.post(`/bookings/${id}/cancel`, { reason: 'patient' })
      await world.admin.delete(`/webhooks/${(await subscribe(world.admin)).id}`)
      await send(world)
      const typesAt = (url: string) =>
        world.outgoing.posts.flatMap((post, i) => (post.url === url ? [told(world)[i]!.type] : []))
      expect(typesAt(URL_A)).toEqual(['booking.created', 'booking.cancelled'])
      expect(typesAt('https://b.example/')).toEqual([
        'slot.published',
        'booking.created',
        'booking.cancelled',
      ])
      expect((await world.admin.get(`/webhooks/${all.id}`)).body).toMatchObject({ types: ['*'], pending: 0 })
      for (const types of [[], ['webhook.created'], ['key.revoked'], ['nothing'], 'booking.created'])
        expect((await world.admin.post('/webhooks', { url: URL_A, types })).status).toBe(400)
    })

    rule('[HOOK-1] each owner is told what it may see, and no more', async (world) => {
      const { gp, other, regulator } = await stage(world)
      const coordinator = await world.key('coordinator', { communityIds: [gp.communityId] })
      const callers = { gp: gp.caller, other: other.caller, regulator, coordinator, admin: world.admin }
      const seenBefore: Record<string, number> = {}
      const ids: Record<string, string> = {}
      for (const [name, caller] of Object.entries(callers))
        ids[name] = (await subscribe(caller, ['*'], `https://${name}.example/`)).id
      for (const [name, caller] of Object.entries(callers))
        seenBefore[name] = (await visibleTo(caller)).length
      await book(gp, regulator)
      await book(other, regulator)
      await world.act(queueDeliveries, SYSTEM)
      for (const [name, caller] of Object.entries(callers)) {
        const hook = (await caller.get(`/webhooks/${ids[name]}`)).body
        const expected = name === 'regulator' || name === 'admin' ? 4 : 2
        expect([name, hook.pending]).toEqual([name, expected])
      }
      await send(world)
      for (const [name, caller] of Object.entries(callers)) {
        const got = world.outgoing.posts
          .filter(({ url }) => url === `https://${name}.example/`)
          .map(({ body }) => (JSON.parse(body) as Told).seq)
        const visible = (await visibleTo(caller)).slice(seenBefore[name])
        expect([name, got]).toEqual([name, visible.map(({ seq }) => seq)])
        expect(got).toHaveLength(name === 'regulator' || name === 'admin' ? 4 : 2)
      }
      expect(
        (await (await world.key('auditor')).post('/webhooks', { url: URL_A, types: ['*'] })).status,
      ).toBe(403)
    })

    rule('[HOOK-1] what its owner may no longer see is not told, even if it was queued', async (world) => {
      const { gp, other, regulator } = await stage(world)
      const coordinator = await world.key('coordinator', { communityIds: [gp.communityId] })
      const { id } = await subscribe(coordinator)
      world.outgoing.answer = () => ({ status: 503 })
      await book(gp, regulator)
      await send(world)
      expect((await coordinator.get(`/webhooks/${id}`)).body).toMatchObject({ pending: 2, failed: 0 })
      await world.admin.patch(`/practitioners/${gp.id}`, { communityIds: [other.communityId] })
      world.outgoing.answer = () => ({ status: 200 })
      const stays = await makeGp(world, gp.communityId)
      const before = world.outgoing.posts.length
      world.clock.advance(HOUR)
      await send(world)
      // Only of the one who is there now, once each, though some of it comes right after what is hidden.
      const bodies = world.outgoing.posts.slice(before).map(({ body }) => body)
      for (const body of bodies) expect(body).not.toContain(gp.id)
      expect(new Set(bodies.map((body) => (JSON.parse(body) as Told).seq)).size).toBe(bodies.length)
      expect(bodies.some((body) => body.includes(stays.id))).toBe(true)
      expect((await coordinator.get(`/webhooks/${id}`)).body).toMatchObject({ pending: 0, failed: 0 })
    })

    rule('[HOOK-2] an address that is not https of the public Internet is refused', async (world) => {
      for (const url of [
        'http://a.example/',
        'https://user:pass@a.example/',
        'https://a.example/#x',
        'https://a.example:22/',
        'nonsense',
      ])
        expect((await world.admin.post('/webhooks', { url, types: ['*'] })).body).toMatchObject({
          status: 422,
          code: 'invalid_url',
          errors: [{ path: 'url' }],
        })
      expect((await world.admin.get('/webhooks')).body.items).toEqual([])
      const long = `https://a.example/${'x'.repeat(2_048)}`
      expect((await world.admin.post('/webhooks', { url: long, types: ['*'] })).status).toBe(400)
    })

    rule('[HOOK-2] a key has ten webhooks at most, and room again once one is deleted', async (world) => {
      const made = []
      for (let i = 0; i < 10; i++) made.push(await subscribe(world.admin))
      const refused = await world.admin.post('/webhooks', { url: URL_A, types: ['*'] })
      expect(refused.body).toMatchObject({ status: 422, code: 'too_many_webhooks' })
      await subscribe(await world.key('admin'))
      await world.admin.delete(`/webhooks/${made[3]!.id}`)
      await subscribe(world.admin)
      expect((await everyPage(world.admin, '/webhooks', 3)).length).toBe(11)
    })

    rule('[HOOK-3] an address of a private network is refused in any writing', async (world) => {
      for (const host of [
        'localhost',
        '127.1',
        '2130706433',
        '[::ffff:10.0.0.1]',
        '169.254.169.254',
        'x.internal',
      ])
        expect(
          (await world.admin.post('/webhooks', { url: `https://${host}/`, types: ['*'] })).body,
        ).toMatchObject({ status: 422, code: 'invalid_url' })
    })

    rule(
      '[HOOK-4] deliveries verify with the secret, which is shown once and stored sealed',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const { id, secret } = await subscribe(regulator)
        expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/)
        await book(gp, regulator)
        await send(world)
        expect(world.outgoing.posts).toHaveLength(2)
        for (const { headers, body } of world.outgoing.posts) {
          const { id: eventId } = JSON.parse(body) as { id: string }
          // That a receiver's library takes these headers is a test of Node, where that library runs.
          const signed = signedHeaders(secret, eventId, world.clock.now(), body)
          expect(signed['webhook-timestamp']).toBe(String(Date.parse('2026-11-23T07:00:00Z') / 1000))
          expect(headers).toEqual({
            'content-type': 'application/json',
            'user-agent': 'urgence-du-jour',
            ...signed,
          })
        }
        for (const path of ['/webhooks', `/webhooks/${id}`])
          expect((await regulator.get(path)).text).not.toContain('whsec_')
        const everything = await world.act(({ db }) =>
          db.all<{ hex: string }>(sql`select hex(sealed) as hex from webhooks`),
        )
        const hexOf = (text: string) => Buffer.from(text).toString('hex').toUpperCase()
        for (const { hex } of everything) expect(hex).not.toContain(hexOf(secret.slice(6)))
        expect((await world.admin.get('/audit?limit=200')).text).not.toContain('/hook')
      },
    )

    rule('[HOOK-4][IDENT-4] the secret outlives a turn of the key ring', async (world) => {
      const { gp, regulator } = await stage(world)
      await subscribe(regulator)
      const ring = {
        current: 'k2',
        secrets: new Map([...world.platform.keyRing.secrets, ['k2', new Uint8Array(32).fill(3)]]),
        index: world.platform.keyRing.index,
      }
      const sealedBy = () =>
        world.act(({ db }) => db.all<{ key: string }>(sql`select seal_key_id as key from webhooks`))
      expect(await sealedBy()).toEqual([{ key: 'k1' }])
      Object.assign(world.platform, { keyRing: ring })
      await world.tick()
      expect(await sealedBy()).toEqual([{ key: 'k2' }])
      ring.secrets.delete('k1')
      await book(gp, regulator)
      await send(world)
      expect(world.outgoing.posts).toHaveLength(2)
    })

    rule('[HOOK-5] anything but 2xx is no receipt, and 410 ends a delivery at once', async (world) => {
      const { gp, regulator } = await stage(world)
      const { id } = await subscribe(regulator, ['booking.created'])
      for (const status of [100, 301, 302, 404, 429, 500]) {
        await book(gp, regulator)
        world.outgoing.answer = () => ({ status })
        await send(world)
        expect((await regulator.get(`/webhooks/${id}`)).body).toMatchObject({ pending: 1, failed: 0 })
        world.outgoing.answer = () => ({ status: 204 })
        world.clock.advance(MINUTE)
        await send(world)
        expect((await regulator.get(`/webhooks/${id}`)).body).toMatchObject({ pending: 0, failed: 0 })
      }
      world.outgoing.answer = () => ({ status: 410 })
      await book(gp, regulator)
      await send(world)
      expect((await regulator.get(`/webhooks/${id}/failures`)).body.items).toMatchObject([
        { type: 'booking.created', attempts: 1, lastStatus: 410, lastError: null },
      ])
    })

    rule(
      '[HOOK-6] it is tried with growing pauses for 24 h, then listed as failed with an event',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const { id } = await subscribe(regulator, ['booking.created'])
        world.outgoing.answer = () => ({ error: 'timeout' })
        await book(gp, regulator)
        const first = world.clock.now()
        const attempts: number[] = []
        for (let i = 0; i < 40; i++) {
          const before = world.outgoing.posts.length
          await send(world)
          if (world.outgoing.posts.length > before) attempts.push((world.clock.now() - first) / SECOND)
          // Its own giving up is in the journal too: looked at, and told to nobody.
          await send(world)
          const next = nextOutward(world.territory, world.platform)
          if (next === undefined) break
          expect(next).toBeGreaterThan(world.clock.now())
          // A moment early nothing is sent.
          world.clock.advance(next - world.clock.now() - 1)
          await send(world)
          expect(world.outgoing.posts).toHaveLength(attempts.length)
          world.clock.advance(1)
        }
        // One more or less, as chance lengthens the pauses.
        expect([13, 14]).toContain(attempts.length)
        expect(attempts[1]).toBeGreaterThanOrEqual(5)
        expect(attempts[1]).toBeLessThan(6)
        expect(attempts.at(-1)).toBe(DAY / SECOND)
        const ids = new Set(world.outgoing.posts.map(({ headers }) => headers['webhook-id']))
        expect(ids.size).toBe(1)
        const stamps = world.outgoing.posts.map(({ headers }) => headers['webhook-timestamp'])
        expect(new Set(stamps).size).toBe(attempts.length)
        const [event] = (await visibleTo(world.admin)).slice(-1)
        const failures = (await regulator.get(`/webhooks/${id}/failures`)).body.items
        expect(failures).toEqual([
          {
            seq: told(world)[0]!.seq,
            eventId: [...ids][0],
            type: 'booking.created',
            subject: told(world)[0]!.subject,
            attempts: attempts.length,
            firstAt: '2026-11-23T08:00:00+01:00',
            failedAt: '2026-11-24T08:00:00+01:00',
            lastStatus: null,
            lastError: 'timeout',
          },
        ])
        expect(event).toMatchObject({
          type: 'webhook.delivery_failed',
          actor: 'system:tick',
          subject: id,
          data: { seq: failures[0].seq, attempts: attempts.length },
        })
        expect(world.logged.map(({ facts }) => JSON.stringify(facts)).join()).not.toContain('a.example')
      },
    )

    rule(
      '[HOOK-6] an address that does not answer is asked once a run, whatever waits for it',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const { id } = await subscribe(regulator)
        world.outgoing.answer = () => ({ error: 'refused' })
        for (let i = 0; i < 5; i++) await book(gp, regulator)
        await send(world)
        expect(world.outgoing.posts).toHaveLength(1)
        expect((await regulator.get(`/webhooks/${id}`)).body).toMatchObject({ pending: 10, failed: 0 })
        // One that answers an error is asked for each object: the error may be about that one alone.
        world.outgoing.answer = () => ({ status: 500 })
        world.clock.advance(6 * SECOND)
        await send(world)
        expect(world.outgoing.posts).toHaveLength(11)
      },
    )

    rule('[HOOK-7] an object is told of in order: nothing later before what failed', async (world) => {
      const { gp, regulator } = await stage(world)
      await subscribe(regulator, ['booking.created', 'booking.cancelled'])
      const bad = await book(gp, regulator)
      const good = await book(gp, regulator)
      await regulator.post(`/bookings/${bad}/cancel`, { reason: 'patient' })
      let isUp = false
      world.outgoing.answer = ({ body }) => ({ status: isUp || !body.includes(bad) ? 200 : 500 })
      await send(world)
      expect(told(world).map(({ type, subject }) => [type, subject])).toEqual([
        ['booking.created', bad],
        ['booking.created', good],
      ])
      // What comes after waits too, though the address answers for everything else.
      await regulator.post(`/bookings/${good}/cancel`, { reason: 'patient' })
      await send(world)
      expect(told(world).slice(2)).toMatchObject([{ type: 'booking.cancelled', subject: good }])
      // One that happens only now waits as well.
      const late = await book(gp, regulator)
      world.outgoing.answer = ({ body }) => ({
        status: isUp || !(body.includes(bad) || body.includes(late)) ? 200 : 500,
      })
      await send(world)
      await regulator.post(`/bookings/${late}/cancel`, { reason: 'patient' })
      await send(world)
      expect(told(world).slice(3)).toMatchObject([{ type: 'booking.created', subject: late }])
      isUp = true
      world.clock.advance(6 * SECOND)
      await send(world)
      expect(told(world).slice(4)).toMatchObject([
        { type: 'booking.created', subject: bad },
        { type: 'booking.cancelled', subject: bad },
        { type: 'booking.created', subject: late },
        { type: 'booking.cancelled', subject: late },
      ])
    })

    rule(
      '[HOOK-7][HOOK-8] what is replayed waits for what is tried again of the same object',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const { id } = await subscribe(regulator, ['booking.created', 'booking.cancelled'])
        world.outgoing.answer = () => ({ status: 410 })
        const booking = await book(gp, regulator)
        await regulator.post(`/bookings/${booking}/cancel`, { reason: 'patient' })
        await send(world)
        await send(world)
        const [first, second] = (await regulator.get(`/webhooks/${id}/failures`)).body.items
        expect([first.type, second.type]).toEqual(['booking.created', 'booking.cancelled'])
        world.outgoing.answer = () => ({ status: 500 })
        await regulator.post(`/webhooks/${id}/replay`, { seqs: [first.seq] })
        await send(world)
        world.outgoing.answer = () => ({ status: 200 })
        await regulator.post(`/webhooks/${id}/replay`, { seqs: [second.seq] })
        const before = world.outgoing.posts.length
        await send(world)
        expect(world.outgoing.posts).toHaveLength(before)
        world.clock.advance(6 * SECOND)
        await send(world)
        expect(
          told(world)
            .slice(before)
            .map(({ seq }) => seq),
        ).toEqual([first.seq, second.seq])
      },
    )

    rule('[HOOK-8] what failed is replayed, all or by number, for another day', async (world) => {
      const { gp, regulator } = await stage(world)
      const { id } = await subscribe(regulator, ['booking.created'])
      world.outgoing.answer = () => ({ status: 410 })
      for (let i = 0; i < 5; i++) await book(gp, regulator)
      await send(world)
      const failures = await everyPage(regulator, `/webhooks/${id}/failures`, 2)
      expect(failures.map(({ seq }) => seq)).toEqual(told(world).map(({ seq }) => seq))
      world.clock.advance(2 * DAY)
      world.outgoing.answer = () => ({ status: 503 })
      const some = [failures[0].seq, failures[2].seq, 999_999]
      const replay = (body: unknown) => regulator.post(`/webhooks/${id}/replay`, body)
      expect((await replay({ seqs: some })).body).toEqual({ replayed: 2 })
      await send(world)
      // Not given up: its day is a new one.
      expect((await regulator.get(`/webhooks/${id}`)).body).toMatchObject({ pending: 2, failed: 3 })
      world.outgoing.answer = () => ({ status: 200 })
      const before = world.outgoing.posts.length
      expect((await replay({})).body).toEqual({ replayed: 3 })
      world.clock.advance(MINUTE)
      await send(world)
      expect(
        new Set(
          told(world)
            .slice(before)
            .map(({ seq }) => seq),
        ),
      ).toEqual(new Set(failures.map(({ seq }) => seq)))
      expect((await regulator.get(`/webhooks/${id}`)).body).toMatchObject({ pending: 0, failed: 0 })
      const journal = () => everyPage(world.admin, `/audit?subject=${id}`, 200)
      const replayed = (await journal()).filter(({ type }) => type === 'webhook.replayed')
      expect(replayed.map(({ data }) => data)).toEqual([{ count: 2 }, { count: 3 }])
      // Replaying nothing is no change.
      expect((await replay({})).body).toEqual({ replayed: 0 })
      expect((await journal()).filter(({ type }) => type === 'webhook.replayed')).toHaveLength(2)
    })

    rule('[HOOK-8] what failed is kept for thirty days', async (world) => {
      const { gp, regulator } = await stage(world)
      const { id } = await subscribe(regulator, ['booking.created'])
      world.outgoing.answer = () => ({ status: 410 })
      await book(gp, regulator)
      await send(world)
      world.clock.advance(DAY)
      await regulator.post('/bookings', bookingBody('slot_7zzzzzzzzzzzzzzzzzzzzzzzzz'))
      const count = async () => (await regulator.get(`/webhooks/${id}/failures`)).body.items.length
      world.clock.advance(29 * DAY - 1)
      await world.tick()
      expect(await count()).toBe(1)
      world.clock.advance(1)
      await world.tick()
      expect(await count()).toBe(0)
    })

    rule(
      '[HOOK-9] a webhook is its key’s: absent to others, an admin’s to see and to delete',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const { id } = await subscribe(gp.caller)
        const own = (await gp.caller.get(`/webhooks/${id}`)).body
        const holder = actorOf(world, gp.caller)
        expect(own).toEqual({
          id,
          keyId: holder.kind === 'key' && holder.keyId,
          url: URL_A,
          types: ['*'],
          createdAt: '2026-11-23T08:00:00+01:00',
          stopped: false,
          pending: 0,
          failed: 0,
          version: 1,
        })
        const second = await world.key('practitioner', { practitionerId: gp.id })
        for (const stranger of [regulator, second]) {
          expect((await stranger.get('/webhooks')).body.items).toEqual([])
          for (const answer of [
            await stranger.get(`/webhooks/${id}`),
            await stranger.get(`/webhooks/${id}/failures`),
            await stranger.post(`/webhooks/${id}/replay`),
            await stranger.delete(`/webhooks/${id}`),
          ])
            expect(answer.body).toMatchObject({ status: 404, code: 'not_found' })
        }
        expect((await world.admin.get('/webhooks')).body.items).toEqual([own])
        expect((await world.admin.delete(`/webhooks/${id}`)).status).toBe(204)
        expect((await gp.caller.get(`/webhooks/${id}`)).status).toBe(404)
      },
    )

    rule('[HOOK-9] a deleted webhook takes its deliveries with it, even one under way', async (world) => {
      const { gp, regulator } = await stage(world)
      const { id } = await subscribe(regulator, ['booking.created'])
      world.outgoing.answer = () => ({ status: 500 })
      await book(gp, regulator)
      await send(world)
      await book(gp, regulator)
      await world.act(queueDeliveries, SYSTEM)
      const round = (await world.act((ctx) => takeRound(ctx, id), SYSTEM))!
      expect((await regulator.delete(`/webhooks/${id}`)).status).toBe(204)
      await world.act((ctx) => {
        recordRound(
          ctx,
          round,
          round.deliveries.map((delivery) => ({ delivery, sent: { status: 500 } })),
        )
      }, SYSTEM)
      const left = await world.act(({ db }) => [
        ...db.all(sql`select 1 from webhook_deliveries`),
        ...db.all(sql`select 1 from cursors where reader like 'webhook%'`),
      ])
      expect(left).toEqual([])
      const before = world.outgoing.posts.length
      world.clock.advance(HOUR)
      await send(world)
      expect(world.outgoing.posts).toHaveLength(before)
    })

    rule('[HOOK-9] once its key is revoked or past its end nothing more is sent, ever', async (world) => {
      const { gp, regulator } = await stage(world)
      const made = await world.admin.post('/keys', {
        role: 'regulator',
        label: 'remplaçante',
        expiresAt: '2026-11-23T09:00:00+01:00',
      })
      const brief = world.as(made.body.key)
      const ids = [(await subscribe(regulator)).id, (await subscribe(brief)).id]
      world.outgoing.answer = () => ({ status: 503 })
      await book(gp, world.admin)
      await send(world)
      const before = world.outgoing.posts.length
      expect(before).toBe(4)
      const holder = actorOf(world, regulator)
      await world.admin.delete(`/keys/${holder.kind === 'key' ? holder.keyId : ''}`)
      world.clock.advance(HOUR)
      world.outgoing.answer = () => ({ status: 200 })
      await book(gp, world.admin)
      await send(world)
      expect(world.outgoing.posts).toHaveLength(before)
      for (const id of ids)
        expect((await world.admin.get(`/webhooks/${id}`)).body).toMatchObject({ stopped: true, pending: 0 })
      expect(nextOutward(world.territory, world.platform)).toBeUndefined()
    })

    rule('[HOOK-10] what is to be sent says when, and nothing says never', async (world) => {
      const { gp, regulator } = await stage(world)
      const next = () => nextOutward(world.territory, world.platform)
      expect(next()).toBeUndefined()
      await book(gp, regulator)
      expect(next()).toBeUndefined()
      await subscribe(regulator)
      expect(next()).toBeUndefined()
      await book(gp, regulator)
      expect(next()).toBe(world.clock.now())
      world.outgoing.answer = () => ({ status: 500 })
      await send(world)
      expect(next()! - world.clock.now()).toBeGreaterThanOrEqual(5 * SECOND)
      world.clock.advance(DAY)
      expect(next()).toBe(world.clock.now())
    })

    rule(
      '[HOOK-10] an address is told by one run at a time, and a slow one holds up no other',
      async (world) => {
        const { gp, regulator } = await stage(world)
        await subscribe(regulator, ['booking.created'], 'https://slow.example/')
        await subscribe(regulator, ['booking.created'], 'https://quick.example/')
        let release = (): void => undefined
        const held = new Promise<void>((resolve) => {
          release = resolve
        })
        const seen: string[] = []
        Object.assign(world.platform, {
          outgoing: {
            post: async ({ url }: { url: string }) => {
              seen.push(url)
              if (url.includes('slow')) await held
              return { status: 200 }
            },
          },
        })
        await book(gp, regulator)
        const first = goOutward(world.territory, world.platform)
        await vi.waitFor(() => expect(seen).toContain('https://quick.example/'))
        await book(gp, regulator)
        await goOutward(world.territory, world.platform)
        expect(seen.filter((url) => url.includes('quick'))).toHaveLength(2)
        expect(seen.filter((url) => url.includes('slow'))).toHaveLength(1)
        expect(nextOutward(world.territory, world.platform)).toBeUndefined()
        release()
        await first
        await send(world)
        expect(seen.filter((url) => url.includes('slow'))).toHaveLength(2)
      },
    )

    rule(
      '[HOOK-1][HOOK-7] whatever fails or crashes, each event is told or listed as failed',
      async (world) => {
        const { gp, other, regulator } = await stage(world)
        const { id } = await subscribe(gp.caller, ['booking.created', 'booking.cancelled', 'slot.published'])
        const holder = actorOf(world, gp.caller)
        if (holder.kind !== 'key') throw new Error('a GP has a key')

        interface Story {
          readonly received: readonly Told[]
          readonly posted: readonly Told[]
          readonly failed: ReadonlySet<number>
          readonly pending: ReadonlySet<number>
          readonly visible: readonly Told[]
        }
        /** What is wrong with a story, in words. */
        const faultsOf = ({ received, posted, failed, pending, visible }: Story): string[] => {
          const wanted = visible.filter(({ type }) =>
            /^(booking\.(created|cancelled)|slot\.published)$/.test(type),
          )
          const seen = new Set(received.map(({ seq }) => seq))
          const faults = wanted
            .filter(({ seq }) => !seen.has(seq) && !failed.has(seq) && !pending.has(seq))
            .map(({ seq }) => `${seq} is lost`)
          const mayKnow = new Set(wanted.map(({ seq }) => seq))
          faults.push(
            ...posted.filter(({ seq }) => !mayKnow.has(seq)).map(({ seq }) => `${seq} is told to a stranger`),
          )
          const firsts = received.filter(({ seq }, i) => received.findIndex((one) => one.seq === seq) === i)
          firsts.forEach((one, i) => {
            const later = firsts
              .slice(0, i)
              .find(({ seq, subject }) => subject === one.subject && seq > one.seq)
            // What was given up and replayed comes when it comes.
            if (later && !failed.has(one.seq)) faults.push(`${one.seq} comes after ${later.seq}`)
          })
          return faults
        }

        const steps = fc.array(
          fc.oneof(
            { weight: 3, arbitrary: fc.constant('book' as const) },
            { weight: 2, arbitrary: fc.constant('book elsewhere' as const) },
            { weight: 3, arbitrary: fc.constant('cancel' as const) },
            { weight: 4, arbitrary: fc.constant('send' as const) },
            { weight: 2, arbitrary: fc.constant('crash' as const) },
            { weight: 3, arbitrary: fc.constant('wait' as const) },
            { weight: 2, arbitrary: fc.constant('a day' as const) },
          ),
          { minLength: 5, maxLength: 25 },
        )
        const outcomes = fc.infiniteStream(
          fc.oneof(
            { weight: 3, arbitrary: fc.constant({ status: 200 }) },
            { weight: 2, arbitrary: fc.constant({ status: 500 }) },
            { weight: 1, arbitrary: fc.constant({ status: 410 }) },
            { weight: 1, arbitrary: fc.constant({ error: 'timeout' as const }) },
          ),
        )
        let last: Story | undefined
        const seen = { failed: 0, twice: 0 }
        await fc.assert(
          fc.asyncProperty(steps, outcomes, async (script, results) => {
            const start = world.act(
              (ctx) => listVisible({ ...ctx, actor: holder }, { after: 0, limit: 1e6 }),
              SYSTEM,
            )
            const from = (await start).through
            const [posted, received]: [Told[], Told[]] = [[], []]
            world.outgoing.answer = ({ body }) => {
              const event = JSON.parse(body) as Told
              const result = results.next().value
              posted.push(event)
              // A timeout may come after the receiver took the event in; here it never did.
              if ('status' in result && result.status === 200) received.push(event)
              return result
            }
            const booked: string[] = []
            for (const step of script) {
              if (step === 'book') booked.push(await book(gp, regulator))
              if (step === 'book elsewhere') await book(other, regulator)
              const cancelled = step === 'cancel' ? booked.shift() : undefined
              if (cancelled !== undefined)
                await world.admin.post(`/bookings/${cancelled}/cancel`, { reason: 'patient' })
              if (step === 'send') await send(world)
              if (step === 'wait') world.clock.advance(20 * SECOND)
              if (step === 'a day') world.clock.advance(DAY)
              if (step === 'crash') {
                // Sent, and nothing noted of it.
                await world.act(queueDeliveries, SYSTEM)
                for (const due of await world.act(webhooksDue, SYSTEM)) {
                  const round = await world.act((ctx) => takeRound(ctx, due), SYSTEM)
                  for (const { body } of round?.deliveries.slice(0, 1) ?? [])
                    world.outgoing.answer({ body } as never)
                }
              }
            }
            world.clock.set('2026-11-23T08:00:00+01:00')
            await world.act(queueDeliveries, SYSTEM)
            const rows = await world.act(({ db }) =>
              db.all<{ seq: number; failed: number | null }>(
                sql`select seq, failed_at as failed from webhook_deliveries where webhook_id = ${id}`,
              ),
            )
            const visible = await world.act(
              (ctx) => listVisible({ ...ctx, actor: holder }, { after: from, limit: 1e6 }).events,
              SYSTEM,
            )
            const story: Story = {
              received,
              posted,
              failed: new Set(rows.flatMap(({ seq, failed }) => (failed === null ? [] : [seq]))),
              pending: new Set(rows.flatMap(({ seq, failed }) => (failed === null ? [seq] : []))),
              visible,
            }
            expect(faultsOf(story)).toEqual([])
            seen.failed += story.failed.size
            seen.twice += received.length - new Set(received.map(({ seq }) => seq)).size
            if (received.length > 2) last = story
            await world.act(({ db }) => {
              db.run(sql`delete from webhook_deliveries`)
            })
          }),
          { seed: 71, numRuns: 25 },
        )
        // The stories had what they are to have, and each fault planted in one is found.
        expect(seen.failed).toBeGreaterThan(0)
        expect(seen.twice).toBeGreaterThan(0)
        const { received, ...rest } = last!
        const [some] = received
        const lost = { ...rest, received: received.filter(({ seq }) => seq !== some!.seq) }
        expect(faultsOf({ ...lost, failed: new Set(), pending: new Set() })).toContain(`${some!.seq} is lost`)
        expect(faultsOf({ ...rest, received, visible: [] }).join()).toContain('told to a stranger')
        const twin = { ...some!, seq: some!.seq - 0.5 }
        expect(faultsOf({ ...rest, received: [some!, twin, ...received] }).join()).toContain('comes after')
        expect(await world.act((ctx) => findHolder(ctx, holder.keyId), SYSTEM)).toBeDefined()
      },
    )
  })
}
