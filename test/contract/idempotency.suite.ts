import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { DAY, HOUR } from '../../src/kernel/time.ts'
import { bookingBody, makeCommunity, makeGp, slotBody } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import type { Answered, Caller, World } from '../support/world.ts'

const isReplayed = (answer: Answered) => answer.headers.get('idempotent-replayed') === 'true'

/** What two answers must share to be the same answer. */
const sent = (answer: Answered) => ({
  status: answer.status,
  text: answer.text,
  type: answer.headers.get('content-type'),
  etag: answer.headers.get('etag'),
})

const eventsOf = async (world: World, type: string): Promise<number> => {
  const { body } = await world.admin.get('/events?limit=200')
  return body.items.filter((event: { type: string }) => event.type === type).length
}

const answerRows = (world: World) =>
  world.act(({ db }) =>
    db.all<{ caller: string; key: string; requestHash: ArrayBuffer; sealed: ArrayBuffer }>(
      sql`select caller, key, request_hash as requestHash, sealed from answers order by caller, key`,
    ),
  )

/** Bytes as text, each byte one character. */
const latin1 = (bytes: ArrayBuffer | Uint8Array) =>
  Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('')

const breakAnswers = (world: World) =>
  world.act(({ db }) =>
    db.run(
      sql`create trigger answers_broken before insert on answers begin select raise(abort, 'broken'); end`,
    ),
  )
const mendAnswers = (world: World) => world.act(({ db }) => db.run(sql`drop trigger answers_broken`))

const NANTERRE = { name: 'CPTS de Nanterre', communes: ['92050'] }
const SURESNES = { name: 'CPTS de Suresnes', communes: ['92073'] }

export const idempotencySuite: Suite = (rule) => {
  describe('Idempotency-Key', () => {
    rule('[IDEM-1] the same key and request give the first answer again, byte for byte', async (world) => {
      const options = { idempotencyKey: 'creation-1' }
      const first = await world.admin.post('/communities', NANTERRE, options)
      expect(first.status).toBe(201)
      expect(isReplayed(first)).toBe(false)
      const again = await world.admin.post('/communities', NANTERRE, options)
      expect(isReplayed(again)).toBe(true)
      expect(sent(again)).toEqual(sent(first))
      expect(again.headers.get('etag')).toBe('"1"')
      expect(await eventsOf(world, 'community.created')).toBe(1)
    })

    rule('[IDEM-1] a long answer too, which is kept in less room than it takes', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      const slots = Array.from({ length: 200 }, (_, index) => {
        const start = Date.parse('2026-11-24T08:00:00+01:00') + (index * HOUR) / 2
        return slotBody(gp, new Date(start).toISOString(), new Date(start + HOUR / 4).toISOString())
      })
      const ask = () => gp.caller.post('/slots/batch', { slots }, { idempotencyKey: 'creation-1' })
      const first = await ask()
      expect(first.status).toBe(201)
      const again = await ask()
      expect(isReplayed(again)).toBe(true)
      expect(sent(again)).toEqual(sent(first))
      const kept = (await answerRows(world)).find(({ key }) => key === 'creation-1')
      expect(kept!.sealed.byteLength).toBeLessThan(first.text.length / 3)
    })

    rule('[IDEM-1] the answer is the first one even after the object has changed', async (world) => {
      const options = { idempotencyKey: 'creation-1' }
      const first = await world.admin.post('/communities', NANTERRE, options)
      await world.admin.patch(`/communities/${first.body.id}`, { name: 'Autre nom' })
      const again = await world.admin.post('/communities', NANTERRE, options)
      expect(sent(again)).toEqual(sent(first))
      const now = await world.admin.get(`/communities/${first.body.id}`)
      expect(now.body).toMatchObject({ name: 'Autre nom', version: 2 })
    })

    rule('[IDEM-1] a secret shown once is shown again to who asks with the same key', async (world) => {
      const options = { idempotencyKey: 'poste-du-soir' }
      const first = await world.admin.post('/keys', { role: 'regulator', label: 'soir' }, options)
      const again = await world.admin.post('/keys', { role: 'regulator', label: 'soir' }, options)
      expect(again.body.key).toBe(first.body.key)
      expect((await world.admin.get('/keys')).body.items).toHaveLength(2)
    })

    rule('[IDEM-2] a refusal is decided once too, also when the state would now allow it', async (world) => {
      const holder = await makeCommunity(world, '92050')
      const options = { idempotencyKey: 'creation-1' }
      const refused = await world.admin.post('/communities', NANTERRE, options)
      expect(refused).toMatchObject({ status: 409, body: { code: 'commune_taken', communityId: holder } })
      await world.admin.patch(`/communities/${holder}`, { communes: ['92002'] })
      const again = await world.admin.post('/communities', NANTERRE, options)
      expect(isReplayed(again)).toBe(true)
      expect(sent(again)).toEqual(sent(refused))
      const anew = await world.admin.post('/communities', NANTERRE, { idempotencyKey: 'creation-2' })
      expect(anew.status).toBe(201)
    })

    rule('[IDEM-2] each kind of refusal of a rule replays: 404, 409, 410 and 422', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      const regulator = await world.key('regulator')
      const hour = (from: string, to: string) =>
        slotBody(gp, `2026-11-23T${from}:00+01:00`, `2026-11-23T${to}:00+01:00`)
      const slot = await gp.caller.post('/slots', hour('17:00', '17:15'))
      await gp.caller.post(`/slots/${slot.body.id}/withdraw`)
      const taken = await gp.caller.post('/slots', hour('18:00', '18:15'))
      await regulator.post('/bookings', bookingBody(taken.body.id))
      const refusals: [number, Caller, string, unknown][] = [
        [404, regulator, '/bookings', bookingBody('slot_7zzzzzzzzzzzzzzzzzzzzzzzzz')],
        [409, regulator, '/bookings', bookingBody(taken.body.id)],
        [410, regulator, '/bookings', bookingBody(slot.body.id)],
        [422, gp.caller, '/slots', hour('19:00', '18:00')],
      ]
      for (const [status, caller, path, body] of refusals) {
        const options = { idempotencyKey: `refused-${status}` }
        const first = await caller.post(path, body, options)
        expect(first.status).toBe(status)
        expect(isReplayed(first)).toBe(false)
        const again = await caller.post(path, body, options)
        expect(isReplayed(again)).toBe(true)
        expect(sent(again)).toEqual(sent(first))
      }
    })

    rule('[IDEM-3] the same key with another body or another path is refused', async (world) => {
      const options = { idempotencyKey: 'creation-1' }
      const first = await world.admin.post('/communities', NANTERRE, options)
      const { id } = (await world.admin.post('/keys', { role: 'auditor', label: 'a' })).body
      const others = [
        await world.admin.post('/communities', SURESNES, options),
        await world.admin.post('/keys', { role: 'auditor', label: 'b' }, options),
        await world.admin.post(`/keys/${id}/rotate`, {}, options),
        // The request is what was sent, not what it means.
        await world.admin.post('/communities', NANTERRE, {
          ...options,
          raw: JSON.stringify(NANTERRE, null, 1),
        }),
      ]
      for (const answer of others) {
        expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
        expect(isReplayed(answer)).toBe(false)
      }
      expect(await eventsOf(world, 'community.created')).toBe(1)
      expect(await eventsOf(world, 'key.rotated')).toBe(0)
      const second = (await world.admin.post('/keys', { role: 'auditor', label: 'b' })).body
      await world.admin.post(`/keys/${id}/rotate`, {}, { idempotencyKey: 'renouveler' })
      expect(
        await world.admin.post(`/keys/${second.id}/rotate`, {}, { idempotencyKey: 'renouveler' }),
      ).toMatchObject({
        status: 422,
        body: { code: 'idempotency_key_reused' },
      })
      expect(await eventsOf(world, 'key.rotated')).toBe(1)
      expect(sent(await world.admin.post('/communities', NANTERRE, options))).toEqual(sent(first))
    })

    rule('[IDEM-4] the same text of key by another caller is another key', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      const options = { idempotencyKey: 'le-meme-texte' }
      const slot = slotBody(gp, '2026-11-23T17:00:00+01:00', '2026-11-23T17:15:00+01:00')
      const byGp = await gp.caller.post('/slots', slot, options)
      const byAdmin = await world.admin.post('/slots', slot, options)
      expect(byGp.status).toBe(201)
      expect(byAdmin).toMatchObject({ status: 409, body: { code: 'slot_overlap', slotId: byGp.body.id } })
      expect(sent(await gp.caller.post('/slots', slot, options))).toEqual(sent(byGp))
      expect(sent(await world.admin.post('/slots', slot, options))).toEqual(sent(byAdmin))
    })

    rule('[IDEM-4] a caller stays the same caller when its secret is renewed', async (world) => {
      const made = (await world.admin.post('/keys', { role: 'admin', label: 'second' })).body
      const options = { idempotencyKey: 'creation-1' }
      const first = await world.as(made.key).post('/communities', NANTERRE, options)
      const renewed = await world.admin.post(`/keys/${made.id}/rotate`, { overlapHours: 0 })
      const again = await world.as(renewed.body.key).post('/communities', NANTERRE, options)
      expect(isReplayed(again)).toBe(true)
      expect(sent(again)).toEqual(sent(first))
    })

    rule(
      '[IDEM-5] an answer is kept for 7 days, to the millisecond, and then the key is new',
      async (world) => {
        const options = { idempotencyKey: 'creation-1' }
        const first = await world.admin.post('/communities', NANTERRE, options)
        world.clock.advance(7 * DAY - 1)
        expect(sent(await world.admin.post('/communities', NANTERRE, options))).toEqual(sent(first))
        world.clock.advance(1)
        const anew = await world.admin.post('/communities', NANTERRE, options)
        expect(anew).toMatchObject({ status: 409, body: { code: 'commune_taken' } })
        expect(isReplayed(anew)).toBe(false)
        expect(isReplayed(await world.admin.post('/communities', NANTERRE, options))).toBe(true)
      },
    )

    rule('[IDEM-5] a replay does not prolong the 7 days', async (world) => {
      const options = { idempotencyKey: 'creation-1' }
      await world.admin.post('/communities', NANTERRE, options)
      world.clock.advance(6 * DAY)
      expect(isReplayed(await world.admin.post('/communities', NANTERRE, options))).toBe(true)
      world.clock.advance(DAY)
      expect(isReplayed(await world.admin.post('/communities', NANTERRE, options))).toBe(false)
    })

    rule('[IDEM-5] answers past their time are forgotten by the tick, others kept', async (world) => {
      await world.admin.post('/communities', NANTERRE, { idempotencyKey: 'ancienne-cle' })
      world.clock.advance(6 * DAY)
      await world.admin.post('/communities', SURESNES, { idempotencyKey: 'nouvelle-cle' })
      world.clock.advance(DAY)
      await world.tick()
      expect((await answerRows(world)).map(({ key }) => key)).toEqual(['nouvelle-cle'])
    })

    rule('[IDEM-6] 20 requests at once with one key have one effect and one answer', async (world) => {
      const options = { idempotencyKey: 'creation-1' }
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => world.admin.post('/communities', NANTERRE, options)),
      )
      expect(new Set(answers.map((answer) => JSON.stringify(sent(answer)))).size).toBe(1)
      expect(answers[0]?.status).toBe(201)
      expect(answers.filter((answer) => !isReplayed(answer))).toHaveLength(1)
      expect(await eventsOf(world, 'community.created')).toBe(1)
    })

    rule('[IDEM-6] 20 requests at once with keys of their own have one winner', async (world) => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => world.admin.post('/communities', NANTERRE)),
      )
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
      expect(answers.filter(({ body }) => body.code === 'commune_taken')).toHaveLength(19)
      expect(answers.some(isReplayed)).toBe(false)
    })

    rule('[IDEM-7] a request that breaks the contract leaves its key free', async (world) => {
      const options = { idempotencyKey: 'creation-1' }
      const wrong = await world.admin.post('/communities', { ...NANTERRE, surprise: 1 }, options)
      expect(wrong).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
      const auditor = await world.key('auditor')
      expect(await auditor.post('/communities', NANTERRE, options)).toMatchObject({ status: 403 })
      expect(await answerRows(world)).toEqual([])
      expect(await world.admin.post('/communities', NANTERRE, options)).toMatchObject({ status: 201 })
    })

    rule(
      '[IDEM-7][IDEM-8] when the answer cannot be kept nothing happened, and the key is free',
      async (world) => {
        const options = { idempotencyKey: 'creation-1' }
        await breakAnswers(world)
        const broken = await world.admin.post('/communities', NANTERRE, options)
        expect(broken).toMatchObject({ status: 500, body: { code: 'internal' } })
        expect((await world.admin.get('/communities')).body.items).toEqual([])
        expect(await eventsOf(world, 'community.created')).toBe(0)
        await mendAnswers(world)
        expect(await answerRows(world)).toEqual([])
        const retried = await world.admin.post('/communities', NANTERRE, options)
        expect(retried.status).toBe(201)
        expect(isReplayed(retried)).toBe(false)
      },
    )

    rule('[IDEM-8] the failure of one caller does not touch those that share its commit', async (world) => {
      const second = await world.key('admin')
      await world.act(({ db }) =>
        db.run(
          sql`create trigger answers_broken before insert on answers when new.key = 'maudite-cle' begin select raise(abort, 'broken'); end`,
        ),
      )
      const [broken, whole] = await Promise.all([
        world.admin.post('/communities', NANTERRE, { idempotencyKey: 'maudite-cle' }),
        second.post('/communities', SURESNES, { idempotencyKey: 'bonne-cle-1' }),
      ])
      expect(broken.status).toBe(500)
      expect(whole.status).toBe(201)
      const { body } = await world.admin.get('/communities')
      expect(body.items.map(({ id }: { id: string }) => id)).toEqual([whole.body.id])
    })

    rule(
      '[IDEM-9] what is kept is sealed: neither a secret nor a patient can be read in the table',
      async (world) => {
        const made = await world.admin.post('/keys', { role: 'regulator', label: 'Poste du soir' })
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        const slot = await gp.caller.post(
          '/slots',
          slotBody(gp, '2026-11-23T17:00:00+01:00', '2026-11-23T17:15:00+01:00'),
        )
        const booked = await world.as(made.body.key).post('/bookings', bookingBody(slot.body.id))
        expect(booked.body.patient.family).toBe('Fictive')
        const rows = await answerRows(world)
        expect(rows).toHaveLength(3)
        const stored = rows
          .map((row) => latin1(row.sealed) + latin1(row.requestHash) + JSON.stringify(row))
          .join('\n')
        for (const readable of [
          made.body.key,
          made.body.key.slice(7),
          'Fictive',
          '639980001',
          slot.body.id,
          'http',
        ])
          expect(stored).not.toContain(readable)
        // The same look finds what is there to be found.
        expect(stored).toContain(rows[0]?.caller)
      },
    )

    rule('[IDEM-9] a sealed answer moved to another key does not open', async (world) => {
      await world.admin.post('/communities', NANTERRE, { idempotencyKey: 'premiere-cle' })
      await world.act(({ db }) => db.run(sql`update answers set key = 'seconde-cle'`))
      const moved = await world.admin.post('/communities', NANTERRE, { idempotencyKey: 'seconde-cle' })
      expect(moved.status).toBe(500)
    })

    rule('[IDEM-10] any sequence of requests answers as a map from keys to first answers', async (world) => {
      const callers = [world.admin, await world.key('admin')]
      const requests: [string, unknown][] = [
        ['/keys', { role: 'auditor', label: 'a' }],
        ['/keys', { role: 'auditor', label: 'b' }],
        ['/communities', NANTERRE],
        ['/communities', SURESNES],
      ]
      let run = 0
      let keysMade = 2
      const held = new Set<number>()
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              caller: fc.nat(1),
              key: fc.nat(3),
              request: fc.nat(requests.length - 1),
              hours: fc.constantFrom(0, 0, 0, 1, 80, 168),
            }),
            { maxLength: 30 },
          ),
          async (calls) => {
            run++
            const model = new Map<string, { request: number; first: Answered; until: number }>()
            for (const { caller, key, request, hours } of calls) {
              world.clock.advance(hours * HOUR)
              const now = world.clock.now()
              const [path, body] = requests[request] ?? ['', {}]
              const name = `${caller}/${key}`
              const answer = await callers[caller]?.post(path, body, {
                idempotencyKey: `sequence-${run}-${key}`,
              })
              if (!answer) throw new Error('no such caller')
              const known = model.get(name)
              if (known && now < known.until) {
                if (known.request === request) {
                  expect(isReplayed(answer)).toBe(true)
                  expect(sent(answer)).toEqual(sent(known.first))
                } else expect(answer.body.code).toBe('idempotency_key_reused')
                continue
              }
              expect(isReplayed(answer)).toBe(false)
              const isKey = path === '/keys'
              expect(answer.status).toBe(isKey || !held.has(request) ? 201 : 409)
              if (isKey) keysMade++
              else held.add(request)
              model.set(name, { request, first: answer, until: now + 7 * DAY })
            }
          },
        ),
        { seed: 20261123, numRuns: 40 },
      )
      const made = await world.act(({ db }) =>
        db.get<{ count: number }>(sql`select count(*) as count from keys`),
      )
      expect(made.count).toBe(keysMade)
      expect(held.size).toBe(2)
    })
  })
}
