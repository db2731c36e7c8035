import BetterSqlite3 from 'better-sqlite3'
import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { EN_SUS_STATES } from '../src/bookings/en-sus/vocabulary.ts'
import { chunksFor, Unavailable } from '../src/db/db.ts'
import * as intakes from '../src/attachment/intake/store.ts'
import * as burden from '../src/attachment/proposals/burden/store.ts'
import * as followUp from '../src/attachment/proposals/follow-up/store.ts'
import * as register from '../src/attachment/proposals/register/store.ts'
import * as proposals from '../src/attachment/proposals/store.ts'
import { listScoped } from '../src/events/store.ts'
import { instant } from '../src/kernel/time.ts'
import { nextSoon } from '../src/tick.ts'
import { openDatabase, synchronousOf } from '../src/platform/node/database.ts'
import { groupCommit } from '../src/platform/node/group-commit.ts'
import { DAY } from '../src/kernel/time.ts'
import { makeRequest, OF_CLASS, openIntake, setRulesOf } from './support/allocations.ts'
import { CENSUS, person, requestBody, rulesBody } from './support/attachment.ts'
import { makeCommunity, makeGp, rppsOf, slotBody } from './support/members.ts'
import { makeSector } from './support/sectors.ts'
import { makeWorld } from './support/world.ts'
import { groupCommit as writerOver } from '../src/platform/node/group-commit.ts'

const withTable = () => {
  const database = openDatabase(':memory:')
  database.connection.exec('create table t (x integer primary key) strict')
  const batches: number[] = []
  const writer = groupCommit(database.connection, database.db, ({ size }) => batches.push(size))
  const rows = () =>
    (database.connection.prepare('select x from t order by rowid').all() as { x: number }[]).map(({ x }) => x)
  const insert = (x: number) =>
    writer.commit(({ db }) => void db.run(sql`insert into t values (${x})`) as never)
  return { ...database, writer, batches, rows, insert }
}

describe('group commit', () => {
  it('[DB-7] callers that wait together share one transaction, in the order they came', async () => {
    const { insert, rows, batches } = withTable()
    await Promise.all([3, 1, 2].map(insert))
    expect(rows()).toEqual([1, 2, 3])
    expect(batches).toEqual([3])
  })

  it('[DB-7] a caller that fails loses its own writes and nobody else’s', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ x: fc.integer({ min: 0, max: 40 }), fails: fc.boolean() })),
        async (callers) => {
          const { writer, rows } = withTable()
          const kept = new Set<number>()
          const expected = callers.map(({ x, fails }) => {
            const isKept = !fails && !kept.has(x)
            if (isKept) kept.add(x)
            return isKept
          })
          const settled = await Promise.allSettled(
            callers.map(({ x, fails }) =>
              writer.commit(({ db }) => {
                db.run(sql`insert into t values (${x})`)
                if (fails) throw new Error('on purpose')
              }),
            ),
          )
          expect(settled.map(({ status }) => status === 'fulfilled')).toEqual(expected)
          expect(new Set(rows())).toEqual(kept)
        },
      ),
      { seed: 7, numRuns: 60 },
    )
  })

  it('[DB-7] nobody is answered before the commit: when it fails, all are told that the outcome is unknown', async () => {
    const { connection, writer } = withTable()
    connection.pragma('foreign_keys = ON')
    connection.exec('create table child (x integer references t(x) deferrable initially deferred) strict')
    const settled = await Promise.allSettled([
      writer.commit(({ db }) => void db.run(sql`insert into t values (1)`) as never),
      writer.commit(({ db }) => void db.run(sql`insert into child values (99)`) as never),
    ])
    for (const one of settled) {
      expect(one.status).toBe('rejected')
      expect((one as PromiseRejectedResult).reason).toBeInstanceOf(Unavailable)
    }
    expect(connection.inTransaction).toBe(false)
    expect(connection.prepare('select count(*) as n from t').get()).toEqual({ n: 0 })
  })

  it('[DB-7] a savepoint undoes what it wrote and lets its caller write on', async () => {
    const { writer, rows } = withTable()
    await writer.commit((tx) => {
      tx.db.run(sql`insert into t values (1)`)
      expect(() =>
        tx.savepoint(() => {
          tx.db.run(sql`insert into t values (2)`)
          throw new Error('on purpose')
        }),
      ).toThrow('on purpose')
      tx.db.run(sql`insert into t values (3)`)
    })
    expect(rows()).toEqual([1, 3])
  })

  it('[DB-8] an asynchronous callback is refused and leaves nothing', async () => {
    const { writer, rows } = withTable()
    const asynchronous = (async ({ db }: { db: { run: (query: unknown) => unknown } }) => {
      db.run(sql`insert into t values (1)`)
      await Promise.resolve()
    }) as never
    await expect(writer.commit(asynchronous)).rejects.toThrow('synchronous')
    expect(rows()).toEqual([])
  })

  it('[DB-9] a database that another process keeps locked answers unavailable, and recovers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'udj lock '))
    const file = join(folder, '92.sqlite')
    const database = openDatabase(file)
    database.connection.pragma('busy_timeout = 20')
    const writer = groupCommit(database.connection, database.db)
    const other = new BetterSqlite3(file)
    other.exec('begin immediate')
    const touch = () => writer.commit(({ db }) => void db.run(sql`delete from communes`) as never)
    await expect(touch()).rejects.toBeInstanceOf(Unavailable)
    other.exec('rollback')
    await expect(touch()).resolves.toBeUndefined()
    other.close()
    database.close()
    rmSync(folder, { recursive: true })
  })
})

describe('opening', () => {
  it('[DB-1] sets FULL on the second open of a file too, where SQLite alone would not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'udj open '))
    const file = join(folder, '92.sqlite')
    openDatabase(file).close()
    const plain = new BetterSqlite3(file)
    expect(synchronousOf(plain)).toBe(1)
    plain.close()
    const again = openDatabase(file)
    expect(synchronousOf(again.connection)).toBe(2)
    expect(again.connection.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(again.connection.pragma('foreign_keys', { simple: true })).toBe(1)
    again.close()
    rmSync(folder, { recursive: true })
  })

  it('[DB-10] the tests’ database refuses more parameters than a Durable Object binds', () => {
    const { db, close } = openDatabase(':memory:', { strictParameters: true })
    const many = sql.join(
      Array.from({ length: 101 }, (_, i) => sql`${i}`),
      sql`, `,
    )
    expect(() => db.all(sql`select 1 where 1 in (${many})`)).toThrow('101 bound parameters')
    close()
  })

  it('[DB-10] rows are cut into inserts that stay under that limit, none lost', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 60 }), (rows, columns) => {
        const chunks = chunksFor(rows, columns)
        expect(chunks.flat()).toEqual(rows)
        for (const chunk of chunks) expect(chunk.length * columns).toBeLessThanOrEqual(100)
      }),
      { seed: 10 },
    )
  })
})

describe('the database keeps the promises of the product by itself', () => {
  const filled = async () => {
    const database = openDatabase(':memory:')
    const writer = writerOver(database.connection, database.db)
    const world = await makeWorld({
      territory: (info) => ({
        info,
        read: (fn) => fn(database.db),
        commit: writer.commit,
        watch: writer.watch,
      }),
      close: () => database.close(),
    })
    const gp = await makeGp(world, await makeCommunity(world, '92050'))
    const slot = await gp.caller.post(
      '/slots',
      slotBody(gp, '2026-11-23T17:00:00+01:00', '2026-11-23T17:15:00+01:00'),
    )
    const regulator = await world.key('regulator')
    const copy = (table: string, id: string, change: Record<string, unknown>) => {
      const row = {
        ...(database.connection.prepare(`select * from ${table} where id = ?`).get(id) as object),
        ...change,
      }
      const columns = Object.keys(row)
      return () =>
        database.connection
          .prepare(
            `insert into ${table} (${columns.map((c) => `"${c}"`).join()}) values (${columns.map(() => '?').join()})`,
          )
          .run(...Object.values(row))
    }
    return { database, gp, slotId: String(slot.body.id), regulator, copy }
  }

  it('[BOOK-1] refuses two active bookings of one seat, whoever writes them, and a seat that the slot has not', async () => {
    const { bookingBody } = await import('./support/members.ts')
    const { regulator, slotId, copy } = await filled()
    const booking = await regulator.post('/bookings', bookingBody(slotId))
    expect(booking.status).toBe(201)
    expect(copy('bookings', booking.body.id, { id: 'book_other' })).toThrow(/UNIQUE/)
    expect(copy('bookings', booking.body.id, { id: 'book_other', seat: 2 })).toThrow(/no_such_seat/)
    await regulator.post(`/bookings/${booking.body.id}/cancel`, { reason: 'patient' })
    expect((await regulator.post('/bookings', bookingBody(slotId))).status).toBe(201)
    expect(copy('bookings', booking.body.id, { id: 'book_third' })).not.toThrow()
  })

  it('[SLOT-4] refuses two slots of a practitioner that share time, and a slot longer than a day', async () => {
    const { slotId, copy, database } = await filled()
    expect(copy('slots', slotId, { id: 'slot_other' })).toThrow(/slot_overlap/)
    expect(copy('slots', slotId, { id: 'slot_other', withdrawn_at: 1 })).not.toThrow()
    expect(() =>
      database.connection.exec("update slots set withdrawn_at = null where id = 'slot_other'"),
    ).toThrow(/slot_overlap/)
    const { start } = database.connection.prepare('select start from slots where id = ?').get(slotId) as {
      start: number
    }
    expect(
      copy('slots', slotId, { id: 'slot_long', start: start + 86_400_000, end: start + 2 * 86_400_000 + 1 }),
    ).toThrow(/slots_interval/)
  })

  it('[EVENT-6] refuses to change, delete or insert an event out of order', async () => {
    const { database } = await filled()
    for (const statement of [
      "update events set actor = 'x' where seq = 1",
      'delete from events where seq = 1',
      "insert into events select seq + 100, 'evnt_x', type, at, actor, subject, practitioner_id, data, prev, hash from events limit 1",
    ])
      expect(() => database.connection.exec(statement)).toThrow(/events_append_only/)
  })

  it('[DB-6] refuses a value of the wrong type', async () => {
    const { database } = await filled()
    expect(() => database.connection.exec("update communes set population = 'many'")).toThrow(
      /cannot store TEXT/,
    )
  })
})

describe('queries', () => {
  it('[DB-11] those that can grow use an index: none reads a big table from end to end', async () => {
    const seen: string[] = []
    const database = openDatabase(':memory:')
    const writer = writerOver(database.connection, database.db)
    const prepare = database.connection.prepare.bind(database.connection)
    database.connection.prepare = (text: string) => {
      seen.push(text)
      return prepare(text)
    }
    const world = await makeWorld(
      {
        territory: (info) => ({
          info,
          read: (fn) => fn(database.db),
          commit: writer.commit,
          watch: writer.watch,
        }),
        close: () => database.close(),
      },
      { channels: ['email'] },
    )
    const { bookingBody } = await import('./support/members.ts')
    const community = await makeCommunity(world, '92050')
    const gp = await makeGp(world, community)
    const regulator = await world.key('regulator')
    const coordinator = await world.key('coordinator', { communityIds: [community] })
    const slot = await gp.caller.post(
      '/slots',
      slotBody(gp, '2026-11-23T17:00:00+01:00', '2026-11-23T17:15:00+01:00'),
    )
    await gp.caller.post('/series', {
      practitionerId: gp.id,
      siteId: gp.siteId,
      rrule: 'FREQ=DAILY',
      localStart: '2026-11-23T18:00',
      durationMinutes: 60,
      slotMinutes: 30,
    })
    await regulator.get('/availability?commune=92050&sort=balanced')
    const held = await regulator.post(`/slots/${String(slot.body.id)}/holds`)
    await regulator.post(`/holds/${String(held.body.id)}/extend`)
    const booking = await regulator.post('/bookings', bookingBody(slot.body.id, { holdId: held.body.id }))
    const wanted = [{ weekday: 1, half: 'am', places: 99 }]
    await coordinator.put(`/communities/${community}/coverage-plan`, { wanted })
    await coordinator.get(`/communities/${community}/coverage?week=2026-W49`)
    await gp.caller.get(`/practitioners/${gp.id}/counters`)
    for (const caller of [regulator, coordinator, gp.caller, world.admin]) {
      await caller.get('/bookings?from=2026-11-23T00:00:00Z')
      await caller.get('/bookings?needsAttention=true')
      await caller.get(`/slots?practitioner=${gp.id}&status=open`)
      await caller.get('/slots?from=2026-11-23T00:00:00Z')
    }
    await world.admin.patch(`/practitioners/${gp.id}`, { acceptsOverbooking: true })
    const { motive, patient, operator } = bookingBody('')
    const enSus = { commune: '92050', modality: 'AMB', motive, requestedDelay: '24h', regulationRef: 'DRM-2' }
    const [taken] = [await regulator.post('/en-sus', enSus), await regulator.post('/en-sus', enSus)]
    for (const caller of [regulator, gp.caller])
      for (const state of EN_SUS_STATES) await caller.get(`/en-sus?state=${state}`)
    await regulator.get('/en-sus')
    await gp.caller.post(`/en-sus/${taken.body.id}/accept`)
    expect((await regulator.post(`/en-sus/${taken.body.id}/book`, { patient, operator })).status).toBe(201)
    await regulator.post(`/bookings/${booking.body.id}/cancel`, { reason: 'patient' })
    const erased = await gp.caller.post(`/bookings/${booking.body.id}/erase`, { requestedBy: 'patient' })
    expect(erased.status).toBe(200)
    await gp.caller.post(`/slots/${slot.body.id}/withdraw`, {})
    await world.admin.get(`/audit?subject=${booking.body.id}`)
    for (const caller of [regulator, coordinator, gp.caller, world.admin]) await caller.get('/events')
    const hook = await world.admin.post('/webhooks', { url: 'https://a.example/', types: ['*'] })
    await gp.caller.put(`/practitioners/${gp.id}/notices`, { email: 'a@b.example', subjects: ['booking'] })
    world.outgoing.answer = ({ body }) => ({ status: body.includes('slot.published') ? 410 : 500 })
    const more = ['18:00', '18:15'].map((clock) => `2026-11-24T${clock}:00+01:00`) as [string, string]
    const told = await gp.caller.post('/slots', slotBody(gp, ...more))
    await regulator.post('/bookings', bookingBody(told.body.id))
    const sector = `/sectors/${await makeSector(world, [community], [gp])}`
    const days = { practitionerId: gp.id, from: '2026-12-01', to: '2026-12-31' }
    await gp.caller.post(`${sector}/restrictions`, { ...days, source: 'self', class: 'other' })
    for (const [what, more] of [
      ['wishes', { want: 'avoid' }],
      ['absences', {}],
    ] as const) {
      const note = await gp.caller.post(`${sector}/${what}`, { ...days, ...more })
      expect(note.status, note.text).toBe(201)
      for (const caller of [gp.caller, coordinator])
        expect((await caller.get(`${sector}/${what}?from=2026-12-01&to=2026-12-31`)).status).toBe(200)
      await gp.caller.delete(`${sector}/${what}/${note.body.id}`)
    }
    await gp.caller.get(`${sector}/restrictions`)
    await coordinator.get(`/sectors?commune=92050&community=${community}`)
    const rota = await coordinator.post('/rotas', {
      sectorId: sector.split('/').at(-1),
      from: '2027-01-04',
      to: '2027-01-10',
      exceptional: true,
    })
    const rotaPath = `/rotas/${String(rota.body.id)}`
    expect((await coordinator.post(`${rotaPath}/generate`, {})).status).toBe(200)
    const { items: shifts } = (await coordinator.get(`${rotaPath}/shifts`)).body
    const emptied = await coordinator.put(`/shifts/${shifts[0].id}/places/1`, { practitionerId: null })
    expect(emptied.status).toBe(200)
    for (const to of ['consultation', 'validated', 'sent_to_cdom', 'published'])
      expect((await coordinator.post(`${rotaPath}/transition`, { to })).status).toBe(200)
    for (const caller of [coordinator, gp.caller, regulator]) {
      await caller.get(`/rotas?sector=${sector.split('/').at(-1)}&state=published`)
      await caller.get(`${rotaPath}/shifts`)
    }
    const call = { kind: 'open', shiftId: shifts[1].id, place: 1 }
    const swap = await gp.caller.post('/swaps', call)
    expect(swap.status, swap.text).toBe(201)
    for (const caller of [coordinator, gp.caller, world.admin])
      for (const filter of ['', `?sector=${sector.split('/').at(-1)}&state=asked`, '?state=expired'])
        expect((await caller.get(`/swaps${filter}`)).status).toBe(200)
    await gp.caller.post(`/swaps/${String(swap.body.id)}/cancel`, {})
    for (const what of ['/ledger', '/versions', '/versions/1', '/generation', '/export'])
      await coordinator.get(rotaPath + what)
    for (const caller of [coordinator, gp.caller, regulator])
      for (const query of ['', '?commune=92050', `?sector=${sector.split('/').at(-1)}`])
        expect((await caller.get(`/on-call${query}`)).status).toBe(200)
    expect((await coordinator.get(`${sector}/holes?from=2027-01-01&to=2027-12-31`)).status).toBe(200)
    await world.tick()
    await world.admin.get(`/webhooks/${hook.body.id}/failures`)
    await world.admin.post(`/webhooks/${hook.body.id}/replay`, {})
    world.outgoing.answer = () => ({ status: 200 })
    world.clock.advance(60_000)
    await world.tick()
    nextSoon(world.territory, world.platform)
    await world.admin.delete(`/webhooks/${hook.body.id}`)
    const feed = await gp.caller.post('/feeds', { kind: 'my-slots' })
    for (const caller of [gp.caller, world.admin]) await caller.get('/feeds')
    expect((await world.as('').get(String(feed.body.url).replace('/92/v1', ''))).text).toContain(
      'BEGIN:VEVENT',
    )
    await gp.caller.delete(`/feeds/${feed.body.id}`)
    const sectorId = sector.split('/').at(-1)
    for (const [caller, body] of [
      [gp.caller, { kind: 'my-shifts' }],
      [coordinator, { kind: 'sector', sectorId }],
    ] as const) {
      const { id, url } = (await caller.post('/feeds', body)).body as { id: string; url: string }
      await caller.get('/feeds')
      expect((await world.as('').get(url.replace('/92/v1', ''))).status).toBe(200)
      await caller.delete(`/feeds/${id}`)
    }
    const agenda = [
      'BEGIN:VCALENDAR',
      'BEGIN:VEVENT',
      'DTSTART:20261129T090000Z',
      'DURATION:PT1H',
      'END:VEVENT',
    ]
    const imported = await gp.caller.post('/slots/import', {
      practitionerId: gp.id,
      siteId: gp.siteId,
      calendar: [...agenda, 'END:VCALENDAR'].join('\n'),
      commit: true,
    })
    expect(imported.body.slots).toBe(1)

    await openIntake(world, gp.id)
    await setRulesOf(world, community, { weeklyRun: { weekday: 1, at: '08:00' } })
    const waiting = await makeRequest(world, community, { flags: [OF_CLASS[1]] })
    const [draft, other] = [
      await coordinator.post('/allocations', { communityId: community }),
      await coordinator.post('/allocations', { communityId: community, seed: 1 }),
    ]
    const allocation = `/allocations/${String(draft.body.id)}`
    const lock = { requestId: waiting, practitionerId: gp.id, lock: true, reason: 'essai' }
    expect((await coordinator.post(`${allocation}/adjust`, lock)).status).toBe(200)
    for (const what of [
      '',
      `/explain?request=${waiting}`,
      `/what-if?request=${waiting}&practitioner=${gp.id}`,
      `/compare?with=${String(other.body.id)}`,
    ])
      expect((await coordinator.get(allocation + what)).status).toBe(200)
    await coordinator.get(`/communities/${community}/allocation-progress`)
    for (const caller of [coordinator, world.admin])
      for (const filter of ['', `?community=${community}`, '?state=simulated&limit=1'])
        expect((await caller.get(`/allocations${filter}`)).status).toBe(200)
    expect((await coordinator.post(`${allocation}/publish`, {})).status).toBe(200)
    expect((await coordinator.post(`/allocations/${String(other.body.id)}/discard`, {})).status).toBe(200)
    const rules = `/communities/${community}/allocation-rules`
    for (const version of ['', '?version=1'])
      expect((await coordinator.get(rules + version)).status).toBe(200)
    const household = await coordinator.post(
      '/mt-requests',
      requestBody(community, { alreadySeenBy: rppsOf(1), members: [person(), person({}, { ald: null })] }),
    )
    const request = `/mt-requests/${String(household.body.id)}`
    for (const caller of [coordinator, world.admin])
      for (const filter of [
        '',
        `?community=${community}&state=waiting`,
        `?community=${community}&class=to_qualify&commune=92050`,
        '?alreadySeen=true',
      ])
        expect((await caller.get(`/mt-requests${filter}`)).status).toBe(200)
    for (const what of ['', '/rights']) expect((await coordinator.get(request + what)).status).toBe(200)
    expect(
      (await coordinator.patch(request, { members: [{ number: 1, flags: { ald: true } }] })).status,
    ).toBe(200)
    const { consent } = requestBody(community)
    expect((await coordinator.post(`${request}/members`, { ...person(), consent })).status).toBe(201)
    expect((await coordinator.post(`${request}/members/2/leave`, { reason: 'moved' })).status).toBe(200)
    const attempt = await coordinator.post(`${request}/contacts`, { channel: 'phone', reached: true })
    expect(attempt.status).toBe(201)
    const census = await coordinator.post('/mt-requests/import', undefined, {
      raw: CENSUS,
      headers: { 'content-type': 'text/csv' },
    })
    expect(census.status).toBe(200)
    expect((await coordinator.post(`${request}/erase`)).status).toBe(200)
    expect((await coordinator.put(rules, rulesBody())).status).toBe(200)
    world.clock.advance(400 * DAY)
    expect(await world.tick()).toEqual([])

    const big = [
      'webhook_deliveries',
      'notices',
      'slots',
      'bookings',
      'en_sus_requests',
      'en_sus_asks',
      'events',
      'identities',
      'answers',
      'access_log',
      'key_secrets',
      'feeds',
      'sector_feeds',
      'place_changes',
      'restrictions',
      'rota_wishes',
      'absences',
      'shifts',
      'shift_places',
      'rota_versions',
      'rota_weights',
      'swaps',
      'allocations',
      'allocation_parts',
      'allocation_adjustments',
      'weekly_runs',
      'mt_requests',
      'mt_members',
      'proposals',
      'proposed_members',
      'mt_exclusions',
      'intakes',
      'mt_contacts',
      'allocation_rules',
    ]
    const scans = (text: string) =>
      (
        prepare(`explain query plan ${text}`).all(
          ...Array.from({ length: (text.match(/\?/g) ?? []).length }, () => null),
        ) as {
          detail: string
        }[]
      )
        .map(({ detail }) => detail)
        .filter((detail) => big.some((table) => new RegExp(`^SCAN ${table}(?! USING)`).test(detail)))
    expect(scans('select * from slots where capacity = 2')).toHaveLength(1)
    const queries = [...new Set(seen)].filter((text) => /^(select|update|delete)/i.test(text))
    expect(queries.length).toBeGreaterThan(20)
    // What is to be released is a range of its own small index, whose terms the query repeats word for word.
    const due = queries.filter((text) => text.includes('"released_at" is null'))
    expect(due).toHaveLength(1)
    const plan = prepare(`explain query plan ${due[0]!}`)
      .all(...Array.from({ length: (due[0]!.match(/\?/g) ?? []).length }, () => null))
      .map((row) => (row as { detail: string }).detail)
    expect(plan).toContain('SEARCH slots USING INDEX slots_to_release (start<?)')
    // What a delivery waits for is found by the few events of its object, not by all that waits for the webhook.
    const waits = queries.filter((text) => text.includes('cross join') && text.includes('webhook_deliveries'))
    expect(waits).toHaveLength(2)
    for (const text of waits) {
      const details = JSON.stringify(
        prepare(`explain query plan ${text}`).all(
          ...Array.from({ length: (text.match(/\?/g) ?? []).length }, () => null),
        ),
      )
      expect(details).toContain('webhook_deliveries_1 (webhook_id=? AND seq=?)')
      expect(details).not.toContain('seq<?')
    }
    for (const text of queries) expect([text, scans(text)]).toEqual([text, []])
    const plansOf = (part: string) => {
      const asked = queries.filter((text) => text.includes(part))
      expect(asked).toHaveLength(1)
      return prepare(`explain query plan ${asked[0]!}`)
        .all(...Array.from({ length: (asked[0]!.match(/\?/g) ?? []).length }, () => null))
        .map((row) => (row as { detail: string }).detail)
    }
    // What a feed asks each hour: its secret, the slots of one practitioner from a day on, and that GP's own events.
    expect(plansOf('"feeds"."sha256" = ?')).toContain('SEARCH feeds USING INDEX feeds_sha256 (sha256=?)')
    const shown = plansOf('"sites"."postal_code"')
    expect(shown).toContain(
      'SEARCH slots USING INDEX slots_practitioner_start (practitioner_id=? AND start>?)',
    )
    expect(shown.join()).not.toContain('TEMP B-TREE FOR ORDER BY')
    const changes = plansOf('"slotId"').filter((detail) => detail.includes('events'))
    expect(changes).toHaveLength(3)
    for (const detail of changes)
      expect(detail).toMatch(/^SEARCH events USING INDEX events_(?:from_)?practitioner \(.*=\?\)$/)
  })

  it('[DB-11] a practitioner’s events are found by indexes, others’ are judged in a stretch of the journal', () => {
    const database = openDatabase(':memory:')
    const prepare = database.connection.prepare.bind(database.connection)
    const plans: string[] = []
    database.connection.prepare = (text: string) => {
      plans.push(
        (
          prepare(`explain query plan ${text}`).all(
            ...Array.from({ length: (text.match(/\?/g) ?? []).length }, () => null),
          ) as { detail: string }[]
        )
          .map(({ detail }) => detail)
          .join('\n'),
      )
      return prepare(text)
    }
    // The store prepares all that it asks at its first question.
    listScoped(database.db, { kind: 'all' }, { after: 0, through: 5_000, limit: 51 })
    for (const plan of plans) expect(plan).not.toContain('SCAN events')
    const found = plans.find((plan) => plan.includes('UNION')) ?? ''
    for (const search of [
      'events USING COVERING INDEX events_practitioner (practitioner_id=? AND seq>?)',
      'events USING COVERING INDEX events_from_practitioner (<expr>=? AND seq>?)',
      'events USING INDEX events_subject (subject=? AND rowid>?)',
      'en_sus_asks USING INDEX en_sus_asks_practitioner (practitioner_id=?)',
      'sector_members USING INDEX sector_members_practitioner (practitioner_id=?)',
      'rotas USING INDEX rotas_sector (sector_id=?)',
      'swaps USING INDEX swaps_sector (sector_id=?)',
      'place_changes USING INDEX place_changes_left_by (left_by_id=?)',
    ])
      expect(found).toContain(`SEARCH ${search}`)
    const stretches = plans.filter((plan) =>
      plan.includes('events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)'),
    )
    expect(stretches).toHaveLength(2)
    for (const plan of stretches) expect(plan).not.toContain('ORDER BY')
    database.close()
  })

  it('[DB-11] proposals and intakes are found by indexes, however many there were', () => {
    const database = openDatabase(':memory:')
    const { db } = database
    const prepare = database.connection.prepare.bind(database.connection)
    const plans = new Map<string, string>()
    database.connection.prepare = (text: string) => {
      const details = prepare(`explain query plan ${text}`).all(
        ...Array.from({ length: (text.match(/\?/g) ?? []).length }, () => null),
      ) as { detail: string }[]
      plans.set(text, details.map(({ detail }) => detail).join('\n'))
      return prepare(text)
    }
    const now = instant(0)
    // The stores prepare all that they ask at their first question; the lists are made as they are asked for.
    proposals.findProposal(db, '')
    intakes.findIntake(db, '')
    burden.listTaken(db, '', now)
    register.listRefusals(db, '', { from: now, to: now }, '', 1)
    followUp.listToFollow(db, now, 1)
    const lists: [string, proposals.Scope, proposals.ProposalFilter][] = [
      ['proposals_practitioner', { kind: 'practitioner', practitionerId: '' }, {}],
      ['proposals_practitioner', { kind: 'practitioner', practitionerId: '' }, { state: 'open' }],
      ['proposals_community', { kind: 'communities', communityIds: [''] }, { staleBefore: now }],
      ['proposals_community', { kind: 'communities', communityIds: [''] }, { state: 'accepted' }],
      ['proposals_request', { kind: 'all' }, { request: '' }],
      ['proposals_allocation', { kind: 'all' }, { allocation: '' }],
    ]
    for (const [index, scope, filter] of lists) {
      proposals.listProposals(db, scope, filter, now, '', 1)
      expect([...plans.values()].at(-1)).toContain(`SEARCH proposals USING INDEX ${index} (`)
    }
    const big = /^SCAN (?:proposals|proposed_members|mt_\w+|intakes)\b(?! USING)/m
    expect(`SCAN proposals`).toMatch(big)
    expect(plans.size).toBeGreaterThan(20)
    for (const [text, plan] of plans) expect([text, plan]).toEqual([text, expect.not.stringMatching(big)])
    const planOf = (part: string) => [...plans].find(([text]) => text.includes(part))?.[1]
    expect(planOf('"reminded_at" is null')).toContain(
      'proposals USING INDEX proposals_to_remind (remind_at<?)',
    )
    expect(planOf(`'open' and "proposals"."answer_by" <= ?) order by "proposals"."answer_by"`)).toContain(
      'proposals USING INDEX proposals_open (answer_by<?)',
    )
    expect(planOf('"stale_told_at" is null')).toContain(
      'proposals USING INDEX proposals_to_follow (answered_at<?)',
    )
    expect(planOf('not exists (select 1 from "practitioner_communities"')).toMatch(
      /^SEARCH proposals USING INDEX proposals_open \(answer_by>\?\)\n.*\n?.*SEARCH practitioner_communities USING (?:COVERING )?INDEX \S+ \(practitioner_id=\? AND community_id=\?\)/,
    )
    expect(planOf(`in ('refused', 'declined', 'unreachable', 'withdrawn')`)).toContain(
      'proposals USING INDEX proposals_community (community_id=? AND state=? AND id>?)',
    )
    database.close()
  })
})
