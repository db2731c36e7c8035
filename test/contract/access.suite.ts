import { sql } from 'drizzle-orm'
import { describe, expect } from 'vitest'
import { createApp } from '../../src/app.ts'
import { DAY, HOUR, MINUTE } from '../../src/kernel/time.ts'
import { makeCommunity, makeGp } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import type { Answered, World } from '../support/world.ts'

const bytesOf = (base64url: string) =>
  Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0))

const hexOf = (bytes: ArrayBuffer | Uint8Array) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

const makeKey = async (world: World, body: Record<string, unknown>): Promise<{ id: string; key: string }> => {
  const made = await world.admin.post('/keys', { label: 'essai', ...body })
  expect(made.status).toBe(201)
  return made.body
}

const keyRow = async (world: World, id: string) =>
  (await world.admin.get('/keys?limit=200')).body.items.find((key: { id: string }) => key.id === id)

const statusWith = async (world: World, secret: string): Promise<number> =>
  (await world.as(secret).get('/communities')).status

/** Every row of every table as text, bytes included. */
const dump = (world: World): Promise<string> =>
  world.act(({ db }) =>
    db
      .all<{ name: string }>(
        sql`select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like '_cf_%'`,
      )
      .map(({ name }) =>
        JSON.stringify(db.all(sql.raw(`select * from "${name}"`)), (_, value: unknown) =>
          value instanceof ArrayBuffer || ArrayBuffer.isView(value)
            ? String.fromCharCode(...new Uint8Array(value instanceof ArrayBuffer ? value : value.buffer))
            : value,
        ),
      )
      .join('\n'),
  )

const rateOf = ({ headers }: Answered) => ({
  limit: headers.get('ratelimit-limit'),
  remaining: headers.get('ratelimit-remaining'),
  reset: headers.get('ratelimit-reset'),
})

export const accessSuite: Suite = (rule) => {
  describe('keys', () => {
    rule('[ACCESS-6] a key names its territory and has 256 random bits of its own', async (world) => {
      const secrets = new Set<string>()
      for (let i = 0; i < 20; i++) {
        const { id, key } = await makeKey(world, { role: 'auditor' })
        expect(id).toMatch(/^akey_[0-7][0-9a-z]{25}$/)
        expect(key).toMatch(/^udj_92_[A-Za-z0-9_-]{43}$/)
        expect(bytesOf(key.slice(7))).toHaveLength(32)
        secrets.add(key)
      }
      expect(secrets.size).toBe(20)
    })

    rule('[ACCESS-7] of a key only the SHA-256 is stored, and it is shown this once', async (world) => {
      const { id, key } = await makeKey(world, { role: 'regulator', label: 'Poste du soir' })
      const digest = hexOf(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)))
      const stored = await world.act(({ db }) =>
        db.all<{ hash: string }>(
          sql`select lower(hex(sha256)) as hash from key_secrets where key_id = ${id}`,
        ),
      )
      expect(stored).toEqual([{ hash: digest }])
      const everything = await dump(world)
      expect(everything).toContain('Poste du soir')
      expect(everything).not.toContain(key.slice(7))
      for (const path of ['/keys', '/events', '/audit']) {
        const { text } = await world.admin.get(path)
        expect(text).toContain(id)
        expect(text).not.toContain(key.slice(7))
        expect(text).not.toContain(digest)
      }
      expect(await keyRow(world, id)).toEqual({
        id,
        role: 'regulator',
        label: 'Poste du soir',
        communityIds: [],
        practitionerId: null,
        createdAt: '2026-11-23T08:00:00+01:00',
        expiresAt: null,
        revokedAt: null,
        lastUsedAt: null,
        version: 1,
      })
    })

    rule(
      '[ACCESS-8] a coordinator’s key names CPTS, a practitioner’s its practitioner, others none',
      async (world) => {
        const community = await makeCommunity(world, '92050')
        const { id: practitionerId } = await makeGp(world, community)
        const scopes = [
          {},
          { communityIds: [] },
          { communityIds: [community] },
          { practitionerId },
          { communityIds: [community], practitionerId },
        ]
        const allowed: Record<string, number[]> = {
          admin: [0, 1],
          regulator: [0, 1],
          auditor: [0, 1],
          coordinator: [2],
          practitioner: [3],
        }
        for (const [role, good] of Object.entries(allowed))
          for (const [index, scope] of scopes.entries()) {
            const answer = await world.admin.post('/keys', { role, label: 'essai', ...scope })
            if (good.includes(index)) expect(answer.status).toBe(201)
            else expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_key_scope' } })
          }
      },
    )

    rule('[ACCESS-8] a key cannot name what does not exist', async (world) => {
      const absent = [
        { role: 'coordinator', communityIds: ['cpts_7zzzzzzzzzzzzzzzzzzzzzzzzz'] },
        { role: 'practitioner', practitionerId: 'prac_7zzzzzzzzzzzzzzzzzzzzzzzzz' },
      ]
      for (const scope of absent)
        expect(await world.admin.post('/keys', { label: 'essai', ...scope })).toMatchObject({
          status: 404,
          body: { code: 'not_found' },
        })
      expect((await world.admin.get('/keys')).body.items).toHaveLength(1)
    })

    rule('[ACCESS-8] a coordinator’s key may name several CPTS, each once', async (world) => {
      const [a, b] = [await makeCommunity(world, '92050'), await makeCommunity(world, '92063')]
      const [inA, inB] = [await makeGp(world, a), await makeGp(world, b, '92063')]
      const { id, key } = await makeKey(world, { role: 'coordinator', communityIds: [a, b, a] })
      expect((await keyRow(world, id)).communityIds).toEqual([a, b])
      for (const gp of [inA, inB])
        expect(
          (await world.as(key).patch(`/practitioners/${gp.id}`, { weeklyTargetMinutes: 60 })).status,
        ).toBe(200)
    })

    rule('[ACCESS-9] a key opens until its end and not from then on', async (world) => {
      const { id, key } = await makeKey(world, { role: 'auditor', expiresAt: '2026-11-23T10:00:00+01:00' })
      expect((await keyRow(world, id)).expiresAt).toBe('2026-11-23T10:00:00+01:00')
      world.clock.advance(2 * HOUR - 1)
      expect(await statusWith(world, key)).toBe(200)
      world.clock.advance(1)
      expect(await statusWith(world, key)).toBe(401)
    })

    rule('[ACCESS-9] a key cannot be made already ended', async (world) => {
      for (const expiresAt of ['2026-11-23T08:00:00+01:00', '2020-01-01T00:00:00Z'])
        expect(await world.admin.post('/keys', { role: 'auditor', label: 'essai', expiresAt })).toMatchObject(
          { status: 422, body: { code: 'invalid_key_scope', errors: [{ path: 'expiresAt' }] } },
        )
    })

    rule(
      '[ACCESS-10] a revoked key opens nothing from the next request on, with any of its secrets',
      async (world) => {
        const { id, key } = await makeKey(world, { role: 'auditor' })
        const renewed = (await world.admin.post(`/keys/${id}/rotate`)).body.key
        expect(await statusWith(world, key)).toBe(200)
        expect(await statusWith(world, renewed)).toBe(200)
        const revoked = await world.admin.delete(`/keys/${id}`)
        expect(revoked).toMatchObject({ status: 204, text: '' })
        expect(await statusWith(world, key)).toBe(401)
        expect(await statusWith(world, renewed)).toBe(401)
        const row = await keyRow(world, id)
        expect(row.revokedAt).toBe('2026-11-23T08:00:00+01:00')
        world.clock.advance(DAY)
        expect((await world.admin.delete(`/keys/${id}`)).status).toBe(204)
        expect(await keyRow(world, id)).toEqual(row)
        const events = (await world.admin.get('/events?limit=200')).body.items
        expect(events.filter((event: { type: string }) => event.type === 'key.revoked')).toHaveLength(1)
      },
    )

    rule('[ACCESS-10] a revoked key is not renewed', async (world) => {
      const { id } = await makeKey(world, { role: 'auditor' })
      await world.admin.delete(`/keys/${id}`)
      expect(await world.admin.post(`/keys/${id}/rotate`)).toMatchObject({
        status: 409,
        body: { code: 'key_revoked' },
      })
    })

    rule(
      '[ACCESS-11] a renewed key keeps its id and rights; the old secret opens until the overlap ends',
      async (world) => {
        const { id, key } = await makeKey(world, { role: 'regulator' })
        const renewed = await world.admin.post(`/keys/${id}/rotate`, { overlapHours: 2 })
        expect(renewed).toMatchObject({ status: 201, body: { id } })
        expect(renewed.body.key).toMatch(/^udj_92_[A-Za-z0-9_-]{43}$/)
        expect(renewed.body.key).not.toBe(key)
        world.clock.advance(2 * HOUR - 1)
        for (const secret of [key, renewed.body.key])
          expect((await world.as(secret).get('/availability?commune=92050')).status).toBe(200)
        world.clock.advance(1)
        expect(await statusWith(world, key)).toBe(401)
        expect(await statusWith(world, renewed.body.key)).toBe(200)
      },
    )

    rule(
      '[ACCESS-11] the overlap is a day unless told, may be none, and never prolongs a secret',
      async (world) => {
        const { id, key } = await makeKey(world, { role: 'regulator' })
        const second = (await world.admin.post(`/keys/${id}/rotate`)).body.key
        world.clock.advance(HOUR)
        const third = (await world.admin.post(`/keys/${id}/rotate`, { overlapHours: 168 })).body.key
        world.clock.advance(23 * HOUR - 1)
        expect(await statusWith(world, key)).toBe(200)
        world.clock.advance(1)
        expect(await statusWith(world, key)).toBe(401)
        expect(await statusWith(world, second)).toBe(200)
        const fourth = (await world.admin.post(`/keys/${id}/rotate`, { overlapHours: 0 })).body.key
        expect(await Promise.all([key, second, third, fourth].map((one) => statusWith(world, one)))).toEqual([
          401, 401, 401, 200,
        ])
      },
    )

    rule('[ACCESS-11] a renewed key still ends when the key was to end', async (world) => {
      const { id } = await makeKey(world, { role: 'auditor', expiresAt: '2026-11-23T10:00:00+01:00' })
      const renewed = (await world.admin.post(`/keys/${id}/rotate`)).body.key
      world.clock.advance(2 * HOUR)
      expect(await statusWith(world, renewed)).toBe(401)
    })

    rule('[ACCESS-12] the last use of a key is noted, at most once a minute', async (world) => {
      const { id, key } = await makeKey(world, { role: 'auditor' })
      const lastUse = async () =>
        (
          await world.act(({ db }) =>
            db.get<{ at: number | null }>(sql`select last_used_at as at from keys where id = ${id}`),
          )
        ).at
      expect(await lastUse()).toBeNull()
      const first = world.clock.now()
      expect(await statusWith(world, key)).toBe(200)
      expect(await lastUse()).toBe(first)
      world.clock.advance(MINUTE)
      await statusWith(world, key)
      expect(await lastUse()).toBe(first)
      world.clock.advance(1)
      await statusWith(world, key)
      expect(await lastUse()).toBe(first + MINUTE + 1)
      expect((await keyRow(world, id)).lastUsedAt).toBe('2026-11-23T08:01:00+01:00')
    })

    rule('[ACCESS-12] requests at once note one use, and noting it changes nothing else', async (world) => {
      const { id, key } = await makeKey(world, { role: 'auditor' })
      const before = await keyRow(world, id)
      await Promise.all(Array.from({ length: 10 }, () => statusWith(world, key)))
      expect(await keyRow(world, id)).toEqual({ ...before, lastUsedAt: '2026-11-23T08:00:00+01:00' })
    })
  })

  describe('who is let in', () => {
    rule('[ACCESS-1] whatever is wrong with a key, the answer is the same', async (world) => {
      const expired = await makeKey(world, { role: 'admin', expiresAt: '2026-11-23T09:00:00+01:00' })
      const revoked = await makeKey(world, { role: 'admin' })
      await world.admin.delete(`/keys/${revoked.id}`)
      const renewed = await makeKey(world, { role: 'admin' })
      await world.admin.post(`/keys/${renewed.id}/rotate`, { overlapHours: 0 })
      world.clock.advance(HOUR)
      const good = world.admin.secret
      const authorizations: (string | undefined)[] = [
        undefined,
        '',
        'Bearer',
        'Bearer ',
        good,
        `Basic ${btoa('admin:admin')}`,
        `Digest ${good}`,
        'Bearer short',
        `Bearer ${good.slice(0, -1)}`,
        `Bearer ${good}x`,
        `Bearer ${good} ${good}`,
        `Bearer ${good.toUpperCase()}`,
        `Bearer udj_92_${'A'.repeat(43)}`,
        `Bearer ${good.replace('udj_92_', 'udj_75_')}`,
        `Bearer ${good.replace('udj_92_', 'udj_9_')}`,
        `Bearer ${'a'.repeat(5_000)}`,
        `Bearer ${expired.key}`,
        `Bearer ${revoked.key}`,
        `Bearer ${renewed.key}`,
      ]
      const seen = new Set<string>()
      for (const authorization of authorizations)
        for (const path of ['/communities', '/keys', '/communities/cpts_7zzzzzzzzzzzzzzzzzzzzzzzzz']) {
          const response = await world.app.request(`/92/v1${path}`, {
            headers: authorization === undefined ? {} : { authorization },
          })
          expect(response.status).toBe(401)
          expect(response.headers.get('www-authenticate')).toBe('Bearer')
          const headers = [...response.headers].filter(([name]) => name !== 'x-request-id')
          seen.add(JSON.stringify([headers, await response.text()]))
        }
      expect([...seen]).toHaveLength(1)
      const lowercase = await world.app.request('/92/v1/communities', {
        headers: { authorization: `bearer ${good}` },
      })
      expect(lowercase.status).toBe(200)
    })

    rule('[ACCESS-1] a key of one territory opens no other', async (world) => {
      const { territory, platform } = world
      const neighbour = { ...territory, info: { ...territory.info, code: '75' } }
      const app = createApp({
        ...platform,
        findTerritory: (code) => (code === '75' ? neighbour : platform.findTerritory(code)),
      })
      const headers = { authorization: `Bearer ${world.admin.secret}` }
      expect((await app.request('/92/v1/communities', { headers })).status).toBe(200)
      expect((await app.request('/75/v1/communities', { headers })).status).toBe(401)
    })

    rule('[ACCESS-2] a role that may not call an operation is told so, whatever it sent', async (world) => {
      const auditor = await world.key('auditor')
      for (const answer of [
        await auditor.get('/keys'),
        await auditor.post('/keys', { nonsense: true }),
        await auditor.post('/keys', {}, { idempotencyKey: null, headers: { 'content-type': 'text/plain' } }),
        await auditor.delete('/keys/nonsense'),
      ])
        expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    })

    rule('[ACCESS-4] somebody else’s object is answered as one that does not exist', async (world) => {
      const own = await makeGp(world, await makeCommunity(world, '92050'))
      const other = await makeGp(world, await makeCommunity(world, '92063'), '92063')
      const change = { weeklyTargetMinutes: 90 }
      const foreign = await own.caller.patch(`/practitioners/${other.id}`, change)
      const absent = await own.caller.patch('/practitioners/prac_7zzzzzzzzzzzzzzzzzzzzzzzzz', change)
      expect(foreign.status).toBe(404)
      expect(foreign.text).toBe(absent.text)
    })
  })

  describe('how often', () => {
    const slow = { info: { rate: { perSecond: 2, burst: 3 } } }

    rule(
      '[LIMIT-1][LIMIT-2] a key has a bucket that empties by its requests and refills with time',
      async (world) => {
        const first = await world.admin.get('/communities')
        expect(first.status).toBe(200)
        expect(rateOf(first)).toEqual({ limit: '3', remaining: '2', reset: '1' })
        const second = await world.admin.post('/communities', { name: 'CPTS', communes: ['92050'] })
        expect(second.status).toBe(201)
        expect(rateOf(second)).toEqual({ limit: '3', remaining: '1', reset: '1' })
        const third = await world.admin.get('/communities/cpts_7zzzzzzzzzzzzzzzzzzzzzzzzz')
        expect(third.status).toBe(404)
        expect(rateOf(third)).toEqual({ limit: '3', remaining: '0', reset: '2' })
        const refused = await world.admin.get('/communities')
        expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
        expect(rateOf(refused)).toEqual({ limit: '3', remaining: '0', reset: '1' })
        expect(refused.headers.get('retry-after')).toBe('1')
        world.clock.advance(499)
        expect((await world.admin.get('/communities')).status).toBe(429)
        world.clock.advance(1)
        expect((await world.admin.get('/communities')).status).toBe(200)
        expect((await world.admin.get('/communities')).status).toBe(429)
        world.clock.advance(DAY)
        expect(rateOf(await world.admin.get('/communities')).remaining).toBe('2')
      },
      slow,
    )

    rule(
      '[LIMIT-1] each key has its own bucket, and a refused request changes nothing',
      async (world) => {
        const other = await world.key('admin')
        for (let i = 0; i < 3; i++) await world.admin.get('/communities')
        const refused = await world.admin.post('/communities', { name: 'CPTS', communes: ['92050'] })
        expect(refused.status).toBe(429)
        expect((await other.get('/communities')).body.items).toEqual([])
      },
      slow,
    )

    rule(
      '[LIMIT-1] a key’s two secrets share one bucket',
      async (world) => {
        const { id, key } = (await world.admin.post('/keys', { role: 'auditor', label: 'essai' })).body
        const renewed = (await world.admin.post(`/keys/${id}/rotate`)).body.key
        for (const secret of [key, renewed, key]) expect(await statusWith(world, secret)).toBe(200)
        for (const secret of [key, renewed]) expect(await statusWith(world, secret)).toBe(429)
      },
      slow,
    )

    rule(
      '[LIMIT-3] an address that fails to authenticate too often is held back, good keys are not',
      async (world) => {
        const app = createApp({
          ...world.platform,
          clientAddress: (c) => c.req.header('x-test-address') ?? 'here',
        })
        const ask = (secret: string, address: string) =>
          app.request('/92/v1/communities', {
            headers: { authorization: `Bearer ${secret}`, 'x-test-address': address },
          })
        const statuses: number[] = []
        for (let i = 0; i < 200; i++)
          statuses.push((await ask(`udj_92_${String(i).padStart(43, '0')}`, 'a')).status)
        expect(new Set(statuses)).toEqual(new Set([401]))
        const held = await ask('guess', 'a')
        expect(held.status).toBe(429)
        expect(held.headers.get('retry-after')).toBe('1')
        expect(((await held.json()) as { code: string }).code).toBe('rate_limited')
        expect((await ask('guess', 'b')).status).toBe(401)
        expect((await ask(world.admin.secret, 'a')).status).toBe(200)
        world.clock.advance(1_000)
        for (const status of [401, 401, 401, 401, 401, 429])
          expect((await ask('guess', 'a')).status).toBe(status)
      },
    )
  })
}
