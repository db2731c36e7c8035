import { sql } from 'drizzle-orm'
import { describe, expect } from 'vitest'
import { book, getBooking, type BookingInput } from '../../src/bookings/actions.ts'
import type { Db } from '../../src/db/db.ts'
import { ctxOf } from '../../src/db/territory.ts'
import type { KeyRing } from '../../src/kernel/ctx.ts'
import { DAY } from '../../src/kernel/time.ts'
import { actorOf } from '../support/attempt.ts'
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
const MOTIVE_TEXT = 'piqûre de méduse au genou'
const NOTE = 'rappellera sa nièce Ombeline'

/** What must stand nowhere in clear: whole values, and the parts by which somebody would know the person. */
const SECRETS = [
  'zyxwingham',
  'quirinella',
  '1931-07-19',
  '19310719',
  '639987654',
  'merles-bleus',
  'méduse',
  'ombeline',
]

const secretBody = (slotId: string, more: Record<string, unknown> = {}) =>
  bookingBody(slotId, { patient: PATIENT, motive: { code: 'skin', text: MOTIVE_TEXT }, ...more })

const team = async (world: World) => {
  const cpts = await makeCommunity(world, '92050')
  return {
    gp: await makeGp(world, cpts),
    colleague: await makeGp(world, cpts),
    coordinator: await world.key('coordinator', { communityIds: [cpts] }),
    regulator: await world.key('regulator'),
  }
}

const published = async (gp: Member, start: string, end: string, more: Record<string, unknown> = {}) => {
  const answer = await gp.caller.post('/slots', slotBody(gp, start, end, more))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

const booked = async (
  caller: Caller,
  slotId: string,
  more: Record<string, unknown> = {},
): Promise<Answered['body']> => {
  const answer = await caller.post('/bookings', secretBody(slotId, more))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

const rowsOf = <R>(world: World, query: string): R[] =>
  world.territory.read((db: Db) => db.all<R>(sql.raw(query)) as never) as R[]

/** A cell as text in every way that one might read it; bytes as UTF-8 and byte by byte. */
const readings = (cell: unknown): string[] => {
  const bytes = cell instanceof ArrayBuffer ? new Uint8Array(cell) : cell
  if (!(bytes instanceof Uint8Array)) return [String(cell)]
  return [new TextDecoder().decode(bytes), String.fromCharCode(...bytes)]
}

/** Where a secret stands in clear, as `table.column`, over every column of every table. */
const leaks = (world: World): string[] => {
  const tables = rowsOf<{ name: string }>(
    world,
    `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like '\\_cf\\_%' escape '\\'`,
  )
  expect(tables.length).toBeGreaterThan(10)
  return tables.flatMap(({ name }) =>
    rowsOf<Record<string, unknown>>(world, `select * from "${name}"`).flatMap((row) =>
      Object.entries(row).flatMap(([column, cell]) =>
        readings(cell).some((text) => SECRETS.some((secret) => text.toLowerCase().includes(secret)))
          ? [`${name}.${column}`]
          : [],
      ),
    ),
  )
}

interface Access {
  readonly actor: string
  readonly identity_id: string
  readonly subject: string
  readonly practitioner_id: string
  readonly at: number
}

const accesses = (world: World) => rowsOf<Access>(world, 'select * from access_log order by seq')

const nameOf = (world: World, caller: Caller) => {
  const actor = actorOf(world, caller)
  return actor.kind === 'key' ? `${actor.role}:${actor.keyId}` : actor.name
}

const identityOf = (world: World, bookingId: string) =>
  rowsOf<{ identity_id: string }>(world, `select identity_id from bookings where id = '${bookingId}'`)[0]!
    .identity_id

const erase = (world: World, identityId: string) =>
  world.act((ctx) => {
    ctx.db.run(sql`delete from identities where id = ${identityId}`)
  })

/** A life of bookings that puts every secret through every operation. */
const live = async (world: World) => {
  const { gp, colleague, coordinator, regulator } = await team(world)
  const slot = await published(gp, on('10:00'), on('11:00'), { capacity: 2, modalities: ['AMB', 'HH'] })
  const answers: Answered[] = []
  const keep = async (answer: Promise<Answered>) => {
    const got = await answer
    answers.push(got)
    return got
  }
  const first = (await keep(regulator.post('/bookings', secretBody(slot.id, { modality: 'HH' })))).body
  await keep(regulator.post('/bookings', secretBody(slot.id)))
  await keep(regulator.post('/bookings', secretBody(slot.id)))
  await keep(regulator.post('/bookings', secretBody(slot.id, { nickname: PATIENT.given })))
  await keep(
    regulator.post('/bookings', secretBody(slot.id, { patient: { ...PATIENT, phone: PATIENT.family } })),
  )
  await keep(colleague.caller.post('/bookings', secretBody(slot.id)))
  await keep(gp.caller.get(`/bookings?practitioner=${PATIENT.family}`))
  await keep(gp.caller.get('/bookings'))
  const cancel = { reason: 'patient', note: NOTE }
  await keep(coordinator.post(`/bookings/${first.id}/cancel`, cancel))
  await keep(gp.caller.post(`/bookings/${first.id}/cancel`, cancel))
  await keep(gp.caller.get(`/bookings/${first.id}`))
  await keep(gp.caller.post(`/slots/${slot.id}/withdraw`, { reason: 'formation' }))
  return { gp, regulator, first, answers }
}

export const identitiesSuite: Suite = (rule) => {
  describe('identities', () => {
    rule(
      '[IDENT-1] nothing that tells who a patient is stands in clear anywhere in the database',
      async (world) => {
        const { gp, first } = await live(world)
        const seen = (await gp.caller.get(`/bookings/${first.id}`)).body
        expect(seen).toMatchObject({
          patient: PATIENT,
          motive: { text: MOTIVE_TEXT },
          cancelled: { note: NOTE },
        })
        expect(leaks(world)).toEqual([])
      },
    )

    rule(
      '[IDENT-1] a secret that is planted, as text or as bytes, is found by the same search',
      async (world) => {
        await live(world)
        await world.act(({ db }) => {
          db.run(
            sql`update bookings set operator_name = ${`pour ${PATIENT.family.toUpperCase()}`} where seat = 1`,
          )
          db.run(sql`update identities set blind_index = ${new TextEncoder().encode(MOTIVE_TEXT)}`)
        })
        expect(new Set(leaks(world))).toEqual(new Set(['bookings.operator_name', 'identities.blind_index']))
      },
    )

    rule('[IDENT-2] events, audit, logs and problems carry nothing of the patient', async (world) => {
      const { answers } = await live(world)
      const problems = answers.filter(({ status }) => status >= 400)
      expect(problems.map(({ status }) => status)).toEqual([409, 400, 400, 404, 400, 409])
      const texts = [
        ...problems.map(({ text }) => text),
        (await world.admin.get('/events?limit=200')).text,
        (await world.admin.get('/audit?limit=200')).text,
        JSON.stringify(world.logged),
      ]
      for (const text of texts) for (const secret of SECRETS) expect(text.toLowerCase()).not.toContain(secret)
      expect(world.logged.length).toBeGreaterThan(10)
      expect(world.logged.filter(({ level }) => level === 'error')).toEqual([])
    })

    rule('[IDENT-3] a sealed identity moved to another row does not open', async (world) => {
      const { gp, regulator } = await team(world)
      const slot = await published(gp, on('10:00'), on('11:00'), { capacity: 2 })
      const mine = await booked(regulator, slot.id)
      const other = await booked(regulator, slot.id, { patient: { ...PATIENT, family: 'Autrement' } })
      const [a, b] = [identityOf(world, mine.id), identityOf(world, other.id)]
      const swap = () =>
        world.act(({ db }) => {
          const sealedOf = (id: string) =>
            new Uint8Array(
              db.all<{ sealed: ArrayBuffer }>(sql`select sealed from identities where id = ${id}`)[0]!.sealed,
            )
          const [ofA, ofB] = [sealedOf(a), sealedOf(b)]
          db.run(sql`update identities set sealed = ${ofB} where id = ${a}`)
          db.run(sql`update identities set sealed = ${ofA} where id = ${b}`)
        })
      await swap()
      for (const { id } of [mine, other]) {
        const answer = await gp.caller.get(`/bookings/${id}`)
        expect([answer.status, answer.body.code]).toEqual([500, 'internal'])
        for (const secret of [...SECRETS, 'autrement'])
          expect(answer.text.toLowerCase()).not.toContain(secret)
      }
      await swap()
      expect((await gp.caller.get(`/bookings/${mine.id}`)).body.patient).toEqual(PATIENT)
    })

    rule('[IDENT-3] a byte changed in what is sealed is noticed', async (world) => {
      const { gp, regulator } = await team(world)
      const slot = await published(gp, on('10:00'), on('11:00'))
      const { id } = await booked(regulator, slot.id)
      await world.act(({ db }) => {
        const [row] = db.all<{ sealed: Uint8Array | ArrayBuffer }>(sql`select sealed from identities`)
        const bytes = new Uint8Array(row!.sealed)
        bytes[bytes.length - 1]! ^= 1
        db.run(sql`update identities set sealed = ${bytes}`)
      })
      expect((await gp.caller.get(`/bookings/${id}`)).status).toBe(500)
    })

    rule(
      '[IDENT-4] after the ring turns, new rows are sealed with the new key and old ones still open',
      async (world) => {
        const { gp, regulator } = await team(world)
        const slot = await published(gp, on('10:00'), on('11:00'), { capacity: 3 })
        const before = await booked(regulator, slot.id)
        const first = testKeyRing()
        const turned: KeyRing = {
          ...first,
          current: 'k2',
          secrets: new Map([...first.secrets, ['k2', new Uint8Array(32).fill(8)]]),
        }
        const only2: KeyRing = { ...turned, secrets: new Map([['k2', new Uint8Array(32).fill(8)]]) }
        const actor = actorOf(world, gp.caller)
        const sas = actorOf(world, regulator)
        const through = <T>(keyRing: KeyRing, as: typeof actor, fn: (ctx: ReturnType<typeof ctxOf>) => T) =>
          world.territory.commit(
            ({ db }) => fn(ctxOf({ sources: world.sources, keyRing }, world.territory.info, as, db)) as never,
          ) as Promise<T>
        const after = await through(turned, sas, (ctx) =>
          book(ctx, secretBody(slot.id) as unknown as BookingInput),
        )
        // The index does not turn, so the same person is still known.
        expect(after.warnings).toEqual(['possible_duplicate'])
        expect(
          rowsOf<{ key_id: string }>(world, 'select key_id from identities order by created_at, id'),
        ).toHaveLength(2)
        expect(
          new Set(
            rowsOf<{ key_id: string }>(world, 'select key_id from identities').map((row) => row.key_id),
          ),
        ).toEqual(new Set(['k1', 'k2']))
        for (const id of [before.id, after.row.id])
          expect((await through(turned, actor, (ctx) => getBooking(ctx, id))).identity).toMatchObject(PATIENT)
        expect((await through(only2, actor, (ctx) => getBooking(ctx, after.row.id))).identity).toMatchObject(
          PATIENT,
        )
        await expect(through(only2, actor, (ctx) => getBooking(ctx, before.id))).rejects.toThrow('no key k1')
      },
    )

    rule(
      '[IDENT-5] each time somebody sees a patient one row says who, whom, of what and when',
      async (world) => {
        const { gp, colleague, regulator } = await team(world)
        const slot = await published(gp, on('10:00'), on('11:00'), { capacity: 9, audiences: ['SNP', 'PRO'] })
        let known = 0
        const newRows = () => {
          const rows = accesses(world)
          const news = rows.slice(known)
          known = rows.length
          return news
        }
        const { id } = await booked(regulator, slot.id)
        const row = (caller: Caller, bookingId: string) => ({
          actor: nameOf(world, caller),
          identity_id: identityOf(world, bookingId),
          subject: bookingId,
          practitioner_id: gp.id,
          at: world.clock.now(),
        })
        expect(newRows()).toMatchObject([row(regulator, id)])
        world.clock.advance(60_000)
        for (const caller of [gp.caller, regulator]) {
          await caller.get(`/bookings/${id}`)
          expect(newRows()).toMatchObject([row(caller, id)])
        }
        const sent = await booked(colleague.caller, slot.id)
        expect(newRows()).toEqual([])
        const third = await booked(regulator, slot.id)
        expect(newRows()).toHaveLength(1)
        const ids = [id, sent.id, third.id]
        const page = (await gp.caller.get('/bookings?limit=2')).body.items.map(
          (item: { id: string }) => item.id,
        )
        expect(newRows()).toMatchObject(page.map((shown: string) => row(gp.caller, shown)))
        await gp.caller.get('/bookings')
        expect(
          newRows()
            .map(({ subject }) => subject)
            .sort(),
        ).toEqual([...ids].sort())
        await regulator.get('/bookings')
        expect(newRows()).toHaveLength(2)
        await gp.caller.post(`/bookings/${id}/cancel`, { reason: 'patient', note: NOTE })
        expect(newRows()).toMatchObject([row(gp.caller, id)])
      },
    )

    rule('[IDENT-5] who sees no patient leaves no row, and neither does a refusal', async (world) => {
      const { gp, colleague, coordinator, regulator } = await team(world)
      const slot = await published(gp, on('10:00'), on('11:00'), { capacity: 2 })
      const { id } = await booked(regulator, slot.id)
      const other = await booked(regulator, slot.id)
      const before = accesses(world).length
      for (const caller of [world.admin, coordinator]) {
        expect((await caller.get(`/bookings/${id}`)).status).toBe(200)
        expect((await caller.get('/bookings')).body.items).toHaveLength(2)
      }
      await coordinator.post(`/bookings/${other.id}/cancel`, { reason: 'practitioner', note: NOTE })
      await colleague.caller.get(`/bookings/${id}`)
      await gp.caller.post(`/bookings/${other.id}/cancel`, { reason: 'patient' })
      await regulator.post('/bookings', secretBody(slot.id, { modality: 'VR' }))
      await gp.caller.get('/slots')
      await regulator.get('/availability?commune=92050')
      world.clock.set('2026-12-15T08:00:00+01:00')
      await regulator.get(`/bookings/${id}`)
      await regulator.get('/bookings')
      expect(accesses(world)).toHaveLength(before)
    })

    rule(
      '[IDENT-6] an erased identity leaves a booking that still reads, without the patient',
      async (world) => {
        const { gp, regulator } = await team(world)
        const slot = await published(gp, on('10:00'), on('11:00'), { capacity: 3 })
        const { id } = await booked(regulator, slot.id)
        const before = accesses(world).length
        await erase(world, identityOf(world, id))
        for (const answer of [
          (await gp.caller.get(`/bookings/${id}`)).body,
          (await gp.caller.get('/bookings')).body.items[0],
          (await regulator.get(`/bookings/${id}`)).body,
        ]) {
          expect(answer).toMatchObject({
            id,
            status: 'booked',
            motive: { code: 'skin' },
            regulationRef: 'DRM-0001',
          })
          expect(answer).not.toHaveProperty('patient')
          expect(answer.motive).not.toHaveProperty('text')
        }
        expect(accesses(world)).toHaveLength(before)
        expect(await booked(regulator, slot.id)).not.toHaveProperty('warnings')
        const cancelled = await gp.caller.post(`/bookings/${id}/cancel`, { reason: 'patient', note: NOTE })
        expect(cancelled.body.cancelled).not.toHaveProperty('note')
        expect(leaks(world)).toEqual([])
      },
    )

    rule('[IDENT-6] an identity is kept for 92 days after the appointment', async (world) => {
      const { gp, regulator } = await team(world)
      const slot = await published(gp, on('10:00'), on('11:00'))
      await booked(regulator, slot.id)
      expect(rowsOf(world, 'select erase_after from identities')).toEqual([
        { erase_after: at(on('11:00')) + 92 * DAY },
      ])
    })

    rule('[IDENT-7] the access log is only ever added to', async (world) => {
      const { gp, regulator } = await team(world)
      const slot = await published(gp, on('10:00'), on('11:00'))
      await booked(regulator, slot.id)
      const before = accesses(world)
      await expect(
        world.act(({ db }) => {
          db.run(sql`update access_log set actor = 'nobody'`)
        }),
      ).rejects.toThrow()
      expect(accesses(world)).toEqual(before)
    })
  })
}
