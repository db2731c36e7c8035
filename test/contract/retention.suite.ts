import { sql } from 'drizzle-orm'
import { describe, expect } from 'vitest'
import { createApp } from '../../src/app.ts'
import { eraseDue } from '../../src/bookings/erasure/actions.ts'
import type { Db } from '../../src/db/db.ts'
import type { Territory } from '../../src/db/territory.ts'
import { eraseAnswers } from '../../src/edge/erasure.ts'
import { blindIndexOf, keepIdentity, purgeAccessLog } from '../../src/identities/actions.ts'
import type { KeyRing } from '../../src/kernel/ctx.ts'
import { open } from '../../src/kernel/sealing.ts'
import { DAY, HOUR, plus } from '../../src/kernel/time.ts'
import { tick } from '../../src/tick.ts'
import { everyPage } from '../support/attempt.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { at, testKeyRing, type Answered, type Caller, type World } from '../support/world.ts'

const on = (clock: string, day = '2026-11-24') => `${day}T${clock}:00+01:00`

const PATIENT = {
  family: 'Zyxwingham',
  given: 'Quirinella',
  birthDate: '1931-07-19',
  phone: '+33639987654',
  address: '17 impasse des Merles-Bleus',
}
const OTHER = { family: 'Autrement', given: 'Basile', birthDate: '1977-05-04', phone: '+33639981111' }
const NOTE = 'rappellera sa nièce Ombeline'
const SECRETS = [
  'zyxwingham',
  'quirinella',
  '1931-07-19',
  '639987654',
  'merles-bleus',
  'méduse au genou',
  'ombeline',
]

const bodyOf = (slotId: string, patient: Record<string, string> = PATIENT) =>
  bookingBody(slotId, { patient, motive: { code: 'skin', text: 'piqûre de méduse au genou' } })
const otherBody = (slotId: string) => bookingBody(slotId, { patient: OTHER })

type Row = Record<string, unknown>

const rowsOf = (world: World, query: string): Row[] =>
  world.territory.read((db: Db) => db.all<Row>(sql.raw(query)) as never) as Row[]

const countOf = (world: World, table: string, where = '1'): number =>
  rowsOf(world, `select count(*) as n from ${table} where ${where}`)[0]!.n as number

const bytesOf = (cell: unknown): Uint8Array | undefined => {
  if (cell instanceof ArrayBuffer) return new Uint8Array(cell)
  return cell instanceof Uint8Array ? new Uint8Array(cell) : undefined
}

/** For what the sealed bytes of a row were sealed: a table that seals must be known here. */
const SEALED_FOR: Readonly<Record<string, (row: Row) => string>> = {
  identities: (row) => String(row.id),
  en_sus_requests: (row) => String(row.id),
  answers: (row) => `${String(row.caller)}/${String(row.key)}`,
}

/** A cell in every way that one might read it, also with all keys in hand. */
const readings = (table: string, column: string, row: Row, ring: KeyRing): string[] => {
  const bytes = bytesOf(row[column])
  if (!bytes) return [String(row[column])]
  const clear = [new TextDecoder().decode(bytes), String.fromCharCode(...bytes)]
  if (column !== 'sealed') return clear
  const sealedFor = SEALED_FOR[table]
  if (!sealedFor) throw new Error(`say for what ${table} seals`)
  return [
    ...clear,
    open(ring, sealedFor(row), { keyId: String(row.key_id ?? row.seal_key_id), sealed: bytes }),
  ]
}

/** Where the patient can be found by somebody who has the whole database and the whole ring, as `table.column`. */
const traces = async (world: World, ring: KeyRing = testKeyRing()): Promise<string[]> => {
  const index = String(new Uint8Array(await world.act((ctx) => blindIndexOf(ctx, PATIENT))))
  const tables = rowsOf(
    world,
    `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like '\\_cf\\_%' escape '\\'`,
  ).map(({ name }) => String(name))
  expect(tables.length).toBeGreaterThan(10)
  const found = tables.flatMap((table) =>
    rowsOf(world, `select * from "${table}"`).flatMap((row) =>
      Object.keys(row).flatMap((column) => {
        const isIndex = String(bytesOf(row[column])) === index
        const isClear = readings(table, column, row, ring).some((text) =>
          SECRETS.some((secret) => text.toLowerCase().includes(secret)),
        )
        return isIndex || isClear ? [`${table}.${column}`] : []
      }),
    ),
  )
  return [...new Set(found)].sort()
}

const team = async (world: World) => {
  const cpts = await makeCommunity(world, '92050')
  const away = await makeCommunity(world, '92063')
  return {
    gp: await makeGp(world, cpts),
    colleague: await makeGp(world, cpts),
    coordinator: await world.key('coordinator', { communityIds: [cpts] }),
    stranger: await world.key('coordinator', { communityIds: [away] }),
    regulator: await world.key('regulator'),
  }
}

const published = async (gp: Member, more: Record<string, unknown> = {}): Promise<string> => {
  const answer = await gp.caller.post(
    '/slots',
    slotBody(gp, on('10:00'), on('11:00'), { capacity: 9, audiences: ['SNP', 'PRO'], ...more }),
  )
  expect(answer.status, answer.text).toBe(201)
  return answer.body.id
}

const booked = async (caller: Caller, body: unknown, key?: string): Promise<Answered['body']> => {
  const answer = await caller.post('/bookings', body, key === undefined ? {} : { idempotencyKey: key })
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

const identityOf = (world: World, bookingId: string): string =>
  String(rowsOf(world, `select identity_id from bookings where id = '${bookingId}'`)[0]!.identity_id)

const ASKED = { requestedBy: 'patient' }
const AFTER = on('11:00')

interface Entry {
  readonly type: string
  readonly subject: string
  readonly actor: string
  readonly data: Record<string, unknown>
}

const eventsOf = async (world: World, ...types: string[]): Promise<Entry[]> =>
  ((await everyPage(world.admin, '/audit', 200)) as Entry[]).filter(({ type }) => types.includes(type))

const TOLD = ['identity.erased', 'access_log.purged', 'key_ring.rotated']

/** The world's territory, telling after each commit. */
const watched = (world: World, after: () => void): Territory => ({
  info: world.territory.info,
  read: (fn) => world.territory.read(fn),
  watch: (listener) => world.territory.watch(listener),
  commit: async (fn) => {
    const value = await world.territory.commit(fn)
    after()
    return value
  },
})

/** Identities of nobody in particular, due from an instant on. */
const keepMany = (world: World, count: number, due: string) =>
  world.act((ctx) => {
    for (let i = 0; i < count; i++)
      keepIdentity(ctx, { ...OTHER, given: `Basile ${'x'.repeat(i % 20)}` }, at(due))
  })

const isReplayed = (answer: Answered) => answer.headers.get('idempotent-replayed') === 'true'

const K2 = new Uint8Array(32).fill(8)
const turnedRing = (): KeyRing => {
  const { secrets, ...ring } = testKeyRing()
  return { ...ring, current: 'k2', secrets: new Map([...secrets, ['k2', K2]]) }
}
const onlyNew = (): KeyRing => ({ ...turnedRing(), secrets: new Map([['k2', K2]]) })

export const retentionSuite: Suite = (rule) => {
  describe('erasure by time', () => {
    rule(
      '[IDENT-11] an identity is erased at its instant, not before, and nothing that is left opens to it',
      async (world) => {
        const { gp, coordinator, regulator } = await team(world)
        const { id } = await booked(regulator, bodyOf(await published(gp)), 'first-key')
        const cancel = { reason: 'patient', note: NOTE }
        await coordinator.post(`/bookings/${id}/cancel`, cancel)
        await gp.caller.get(`/bookings/${id}`)
        // Late in the life of the identity an answer that shows it may be fresh.
        await world.act(({ db, now }) => db.run(sql`update identities set erase_after = ${plus(now, HOUR)}`))
        expect(await traces(world)).toEqual(['answers.sealed', 'identities.blind_index', 'identities.sealed'])
        world.clock.advance(HOUR - 1)
        await world.tick()
        expect(countOf(world, 'identities')).toBe(1)
        expect((await gp.caller.get(`/bookings/${id}`)).body.patient).toEqual(PATIENT)
        world.clock.advance(1)
        expect(await world.tick()).toEqual([])
        expect(await traces(world)).toEqual([])
        for (const caller of [gp.caller, coordinator, regulator, world.admin]) {
          const [listed] = (await caller.get('/bookings')).body.items
          expect(listed).toMatchObject({ id, status: 'cancelled', requestedDelay: 'same_day' })
          expect(listed).not.toHaveProperty('patient')
        }
        const again = await regulator.post(
          '/bookings',
          bodyOf(rowsOf(world, 'select id from slots')[0]!.id as string),
          { idempotencyKey: 'first-key' },
        )
        expect(again).toMatchObject({ status: 410, body: { code: 'erased' } })
        expect(await eventsOf(world, ...TOLD)).toMatchObject([
          {
            type: 'identity.erased',
            subject: identityOf(world, id),
            actor: 'system:tick',
            data: { reason: 'retention', bookings: [id] },
          },
        ])
      },
    )

    rule('[IDENT-11] a booking keeps its patient for 92 days after it ended', async (world) => {
      const { gp, regulator } = await team(world)
      const { id } = await booked(regulator, bodyOf(await published(gp)))
      world.clock.set(AFTER)
      world.clock.advance(92 * DAY - 1)
      await world.tick()
      expect((await gp.caller.get(`/bookings/${id}`)).body.patient).toEqual(PATIENT)
      world.clock.advance(1)
      await world.tick()
      expect((await gp.caller.get(`/bookings/${id}`)).body).not.toHaveProperty('patient')
    })

    rule('[IDENT-11][EVENT-2] a second tick finds nothing to erase and says nothing', async (world) => {
      await keepMany(world, 3, on('09:00', '2026-11-23'))
      await keepMany(world, 2, on('09:01', '2026-11-23'))
      world.clock.set(on('09:00', '2026-11-23'))
      await world.tick()
      expect(countOf(world, 'identities')).toBe(2)
      const before = await eventsOf(world, ...TOLD)
      expect(before).toHaveLength(3)
      await world.tick()
      expect(await eventsOf(world, ...TOLD)).toEqual(before)
    })

    rule('[IDENT-11] many that are due are erased in steps, one tick for all', async (world) => {
      await keepMany(world, 230, on('07:00', '2026-11-23'))
      expect(await world.act((ctx) => eraseDue(ctx, 7, eraseAnswers))).toBe(7)
      expect(countOf(world, 'identities')).toBe(223)
      const steps: number[] = []
      let left = 223
      const territory = watched(world, () => {
        const now = countOf(world, 'identities')
        if (now < left) steps.push(left - now)
        left = now
      })
      expect(await tick(territory, world.platform)).toEqual([])
      expect(steps).toEqual([100, 100, 23])
      expect(await eventsOf(world, 'identity.erased')).toHaveLength(230)
      expect((await world.admin.get('/audit/verify')).body).toMatchObject({ ok: true })
    })
  })

  describe('erasure on demand', () => {
    rule('[IDENT-12] nothing is left of the patient, at once, and the booking still reads', async (world) => {
      const { gp, regulator } = await team(world)
      const slot = await published(gp)
      const { id, version } = await booked(regulator, bodyOf(slot))
      const kept = await booked(regulator, otherBody(slot))
      world.clock.set(AFTER)
      expect(await traces(world)).toEqual(['answers.sealed', 'identities.blind_index', 'identities.sealed'])
      const erased = await gp.caller.post(`/bookings/${id}/erase`, ASKED)
      expect(erased.status, erased.text).toBe(200)
      expect(erased.body).toMatchObject({
        id,
        status: 'booked',
        motive: { code: 'skin' },
        version: Number(version) + 1,
      })
      expect(erased.body).not.toHaveProperty('patient')
      expect(erased.body.motive).not.toHaveProperty('text')
      expect(erased.headers.get('etag')).toBe(`"${Number(version) + 1}"`)
      expect(await traces(world)).toEqual([])
      expect((await gp.caller.get(`/bookings/${id}`)).body).toEqual(erased.body)
      const items: Answered['body'][] = (await gp.caller.get('/bookings')).body.items
      expect(items.find((item) => item.id === id)).toEqual(erased.body)
      expect(items.find((item) => item.id === kept.id).patient).toEqual(OTHER)
    })

    rule('[IDENT-12] an erased patient is a stranger: no duplicate is seen', async (world) => {
      const { gp, regulator } = await team(world)
      const slot = await published(gp)
      const first = await booked(regulator, bodyOf(slot))
      const second = await booked(regulator, bodyOf(slot))
      expect(second.warnings).toEqual(['possible_duplicate'])
      for (const { id } of [first, second]) {
        await gp.caller.post(`/bookings/${id}/cancel`, { reason: 'patient' })
        expect((await gp.caller.post(`/bookings/${id}/erase`, ASKED)).status).toBe(200)
      }
      expect(await booked(regulator, bodyOf(slot))).not.toHaveProperty('warnings')
    })

    rule(
      '[IDENT-12] who is still expected is not erased; from the end on, or cancelled, once only',
      async (world) => {
        const { gp, regulator } = await team(world)
        const slot = await published(gp)
        const { id } = await booked(regulator, bodyOf(slot))
        const cancelled = await booked(regulator, otherBody(slot))
        await gp.caller.post(`/bookings/${cancelled.id}/cancel`, { reason: 'patient' })
        const codes = async (bookingId: string) => {
          const { status, body } = await gp.caller.post(`/bookings/${bookingId}/erase`, ASKED)
          return [status, body.code]
        }
        expect(await codes(cancelled.id)).toEqual([200, undefined])
        expect(await codes(cancelled.id)).toEqual([410, 'erased'])
        expect(await codes(id)).toEqual([409, 'booking_active'])
        world.clock.set(AFTER)
        world.clock.advance(-1)
        expect(await codes(id)).toEqual([409, 'booking_active'])
        expect((await gp.caller.get(`/bookings/${id}`)).body.patient).toEqual(PATIENT)
        world.clock.advance(1)
        expect(await codes(id)).toEqual([200, undefined])
        expect(await codes(id)).toEqual([410, 'erased'])
        expect(await eventsOf(world, ...TOLD)).toHaveLength(2)
      },
    )

    rule(
      '[IDENT-12] the admin, the coordinator and the practitioner of the slot may; others may not',
      async (world) => {
        const { gp, colleague, coordinator, stranger, regulator } = await team(world)
        const slot = await published(gp)
        // The colleague booked here: the booking is theirs to see, the patient is not theirs to erase.
        const { id } = await booked(colleague.caller, bodyOf(slot))
        world.clock.set(AFTER)
        expect((await colleague.caller.get(`/bookings/${id}`)).status).toBe(200)
        const path = `/bookings/${id}/erase`
        expect((await colleague.caller.post(path, ASKED)).status).toBe(404)
        expect((await stranger.post(path, ASKED)).status).toBe(404)
        expect((await regulator.post(path, ASKED)).status).toBe(403)
        for (const wrong of [{}, { requestedBy: 'police' }, { ...ASKED, note: NOTE }])
          expect((await gp.caller.post(path, wrong)).status).toBe(400)
        expect(countOf(world, 'identities')).toBe(1)
        expect((await coordinator.post(path, { requestedBy: 'guardian' })).status).toBe(200)
        const byAdmin = await booked(gp.caller, bodyOf(await laterSlot(gp)))
        world.clock.set(on('09:00', '2026-11-26'))
        expect((await world.admin.post(`/bookings/${byAdmin.id}/erase`, ASKED)).status).toBe(200)
        expect(countOf(world, 'identities')).toBe(0)
      },
    )

    rule(
      '[IDENT-13] a repeated request is answered that they are gone, and does nothing again',
      async (world) => {
        const { gp, regulator } = await team(world)
        const slot = await published(gp)
        const { id } = await booked(regulator, bodyOf(slot), 'booking-key')
        await booked(regulator, otherBody(slot), 'another-key')
        const cancel = { reason: 'patient', note: NOTE }
        const cancelled = await gp.caller.post(`/bookings/${id}/cancel`, cancel, {
          idempotencyKey: 'cancel-key',
        })
        expect(cancelled.body.patient).toEqual(PATIENT)
        const erased = await gp.caller.post(`/bookings/${id}/erase`, ASKED, { idempotencyKey: 'erase-key' })
        const bookings = countOf(world, 'bookings')
        for (const answer of [
          await regulator.post('/bookings', bodyOf(slot), { idempotencyKey: 'booking-key' }),
          await gp.caller.post(`/bookings/${id}/cancel`, cancel, { idempotencyKey: 'cancel-key' }),
        ]) {
          expect(answer).toMatchObject({ status: 410, body: { code: 'erased', bookingId: id } })
          expect(answer.headers.get('content-type')).toBe('application/problem+json')
          expect(isReplayed(answer)).toBe(true)
        }
        const again = await gp.caller.post(`/bookings/${id}/erase`, ASKED, { idempotencyKey: 'erase-key' })
        expect([again.status, again.text, isReplayed(again)]).toEqual([200, erased.text, true])
        const other = await regulator.post('/bookings', otherBody(slot), { idempotencyKey: 'another-key' })
        expect(other).toMatchObject({ status: 201, body: { patient: OTHER } })
        const reused = await regulator.post('/bookings', otherBody(slot), { idempotencyKey: 'booking-key' })
        expect(reused).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
        expect(countOf(world, 'bookings')).toBe(bookings)
        expect(countOf(world, 'identities')).toBe(1)
        world.clock.advance(7 * DAY)
        await world.tick()
        expect(countOf(world, 'answers')).toBe(0)
      },
    )

    rule('[IDENT-13] a refused erasure leaves the answers as they were', async (world) => {
      const { gp, regulator } = await team(world)
      const slot = await published(gp)
      const { id } = await booked(regulator, bodyOf(slot), 'booking-key')
      expect((await gp.caller.post(`/bookings/${id}/erase`, ASKED)).status).toBe(409)
      const again = await regulator.post('/bookings', bodyOf(slot), { idempotencyKey: 'booking-key' })
      expect(again).toMatchObject({ status: 201, body: { id, patient: PATIENT } })
    })

    rule(
      '[IDENT-14] one event says which identity and bookings, why, and nothing of the patient',
      async (world) => {
        const { gp, coordinator, regulator } = await team(world)
        const { id } = await booked(regulator, bodyOf(await published(gp)))
        const identity = identityOf(world, id)
        world.clock.set(AFTER)
        await coordinator.post(`/bookings/${id}/erase`, { requestedBy: 'guardian' })
        const events = await eventsOf(world, ...TOLD)
        expect(events).toMatchObject([
          {
            type: 'identity.erased',
            subject: identity,
            practitionerId: gp.id,
            data: { reason: 'request', requestedBy: 'guardian', bookings: [id] },
          },
        ])
        expect(events[0]!.actor).toMatch(/^coordinator:akey_/)
        const told = JSON.stringify([(await world.admin.get('/audit?limit=200')).body, world.logged])
        for (const secret of SECRETS) expect(told.toLowerCase()).not.toContain(secret)
        expect((await world.admin.get('/audit/verify')).body).toMatchObject({ ok: true })
        expect(world.logged.filter(({ level }) => level === 'error')).toEqual([])
      },
    )
  })

  describe('the access log', () => {
    const seen = (world: World, count: number) =>
      world.act(({ db, now }) => {
        for (let i = 0; i < count; i++)
          db.run(
            sql`insert into access_log (at, actor, identity_id, subject) values (${now}, 'x', ${`iden_${i}`}, 'book_x')`,
          )
      })

    rule(
      '[IDENT-15] a row is forgotten at 365 days, not before, and the event says how many',
      async (world) => {
        await seen(world, 2)
        world.clock.advance(1)
        await seen(world, 3)
        world.clock.advance(365 * DAY - 2)
        await world.tick()
        expect(countOf(world, 'access_log')).toBe(5)
        expect(await eventsOf(world, ...TOLD)).toEqual([])
        world.clock.advance(1)
        await world.tick()
        await world.tick()
        expect(countOf(world, 'access_log')).toBe(3)
        expect(await eventsOf(world, ...TOLD)).toMatchObject([
          { type: 'access_log.purged', subject: '92', actor: 'system:tick', data: { count: 2 } },
        ])
        world.clock.advance(1)
        await world.tick()
        expect(countOf(world, 'access_log')).toBe(0)
      },
    )

    rule('[IDENT-15] many rows go in steps, the oldest first, each step with its event', async (world) => {
      await seen(world, 1_203)
      world.clock.advance(365 * DAY)
      expect(await world.act((ctx) => purgeAccessLog(ctx, 3))).toBe(3)
      expect(rowsOf(world, 'select min(seq) as first from access_log')).toEqual([{ first: 4 }])
      await world.tick()
      expect(countOf(world, 'access_log')).toBe(0)
      const counts = (await eventsOf(world, 'access_log.purged')).map(({ data }) => data.count)
      expect(counts).toEqual([3, 500, 500, 200])
    })
  })

  describe('the key ring', () => {
    const keysUsed = (world: World) => [
      ...new Set(
        rowsOf(
          world,
          'select key_id as k from identities union all select seal_key_id as k from answers',
        ).map(({ k }) => String(k)),
      ),
    ]

    rule(
      '[IDENT-16] after the ring turned all is sealed again, and opens without the older key',
      async (world) => {
        const { gp, regulator } = await team(world)
        const slot = await published(gp)
        const { id } = await booked(regulator, bodyOf(slot), 'booking-key')
        await world.tick()
        const sealed = countOf(world, 'identities') + countOf(world, 'answers')
        expect(keysUsed(world)).toEqual(['k1'])
        expect(await eventsOf(world, ...TOLD)).toEqual([])

        const withRing = (keyRing: KeyRing) => ({ ...world.platform, keyRing })
        const asked = (keyRing: KeyRing) => async (method: string, path: string, body?: unknown) =>
          createApp(withRing(keyRing)).request(`/92/v1${path}`, {
            method,
            headers: {
              authorization: `Bearer ${method === 'GET' ? gp.caller.secret : regulator.secret}`,
              'content-type': 'application/json',
              'idempotency-key': 'booking-key',
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          })
        // Negative control: taken out too early, the older key is missed.
        expect((await asked(onlyNew())('GET', `/bookings/${id}`)).status).toBe(500)
        expect(await tick(world.territory, withRing(turnedRing()))).toEqual([])
        expect(keysUsed(world)).toEqual(['k2'])
        expect(await eventsOf(world, ...TOLD)).toMatchObject([
          { type: 'key_ring.rotated', subject: '92', data: { keyId: 'k2', resealed: sealed } },
        ])
        const shown = await asked(onlyNew())('GET', `/bookings/${id}`)
        expect(((await shown.json()) as Answered['body']).patient).toEqual(PATIENT)
        const again = await asked(onlyNew())('POST', '/bookings', bodyOf(slot))
        expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true'])
        expect(await traces(world, onlyNew())).toEqual([
          'answers.sealed',
          'identities.blind_index',
          'identities.sealed',
        ])

        // New rows are looked at too, and nothing is said of what needed nothing.
        await tick(world.territory, withRing(turnedRing()))
        expect(await eventsOf(world, 'key_ring.rotated')).toHaveLength(1)
        // Back to the key before: the walk begins anew.
        expect(await tick(world.territory, withRing({ ...turnedRing(), current: 'k1' }))).toEqual([])
        expect(keysUsed(world)).toEqual(['k1'])
        expect(await eventsOf(world, 'key_ring.rotated')).toHaveLength(2)
      },
    )

    rule('[IDENT-16] many rows are sealed again in steps, and it is said once, at the end', async (world) => {
      await keepMany(world, 450, on('10:00', '2027-01-01'))
      const steps: number[] = []
      let left = 450
      const territory = watched(world, () => {
        const now = countOf(world, 'identities', "key_id = 'k1'")
        if (now < left) steps.push(left - now)
        left = now
      })
      await tick(territory, { ...world.platform, keyRing: turnedRing() })
      expect(steps).toEqual([200, 200, 50])
      expect((await eventsOf(world, 'key_ring.rotated')).map(({ data }) => data)).toEqual([
        { keyId: 'k2', resealed: 450 },
      ])
    })

    rule('[IDENT-16] a key taken out too early stops the walk, loudly, and nothing else', async (world) => {
      await keepMany(world, 2, on('10:00', '2027-01-01'))
      await keepMany(world, 1, on('07:00', '2026-11-23'))
      const platform = { ...world.platform, keyRing: onlyNew() }
      expect(await tick(world.territory, platform)).toEqual(['turn-keys'])
      expect(world.logged.filter(({ level }) => level === 'error')).toMatchObject([
        { facts: { job: 'turn-keys' } },
      ])
      expect(countOf(world, 'identities')).toBe(2)
      expect(await tick(world.territory, { ...world.platform, keyRing: turnedRing() })).toEqual([])
      expect(keysUsed(world)).toEqual(['k2'])
    })
  })
}

const laterSlot = async (gp: Member): Promise<string> => {
  const answer = await gp.caller.post(
    '/slots',
    slotBody(gp, on('10:00', '2026-11-25'), on('10:15', '2026-11-25'), { audiences: ['PRO'] }),
  )
  expect(answer.status, answer.text).toBe(201)
  return answer.body.id
}
