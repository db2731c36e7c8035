import { sql } from 'drizzle-orm'
import { afterAll, describe, expect, it } from 'vitest'
import { DEMO_COMMUNES, DEMO_COMMUNITIES } from '../../seed/communes.ts'
import { DEMO_TERRITORY, seedDemo, type DemoKeys } from '../../seed/demo.ts'
import { demoRoster } from '../../seed/roster.ts'
import { formatInstant } from '../../src/kernel/civil.ts'
import { distanceKm } from '../../src/kernel/geo.ts'
import { DAY, HOUR, plus } from '../../src/kernel/time.ts'
import { listPractitioners, type PractitionerView } from '../../src/members/actions.ts'
import { isRpps } from '../../src/members/rules.ts'
import { nodeGround } from '../support/node-ground.ts'
import { bookingBody } from '../support/members.ts'
import { at, makeWorld, type Caller, type World } from '../support/world.ts'

const SLOW = 60_000
const MONDAY = '2026-11-23T09:00:00+01:00'
const OPEN_COMMUNES = DEMO_COMMUNITIES.flatMap((community, index) =>
  community.communes.map((insee) => ({ insee, index })),
)

interface Demo {
  readonly world: World
  readonly keys: DemoKeys
  readonly regulator: Caller
  /** Ids of the CPTS, in the order of `DEMO_COMMUNITIES`. */
  readonly communityIds: readonly string[]
}

const closers: (() => unknown)[] = []
afterAll(() => Promise.all(closers.map((close) => close())))

const seeded = async (now: string, seed = 1): Promise<Demo> => {
  const ground = nodeGround()
  closers.push(() => ground.close())
  const world = await makeWorld(ground, { now, seed })
  const keys = await seedDemo(world.territory, world.platform)
  const listed = await world.admin.get('/communities')
  const communities = listed.body.items as { id: string; finess: string }[]
  const communityIds = DEMO_COMMUNITIES.map(
    ({ finess }) => communities.find((one) => one.finess === finess)?.id ?? 'missing',
  )
  return { world, keys, regulator: world.as(keys.regulator), communityIds }
}

let shared: Promise<Demo> | undefined
/** One demo of a Monday morning for the tests that only read. */
const mondayDemo = (): Promise<Demo> => (shared ??= seeded(MONDAY))

interface Found {
  readonly slot: { id: string; start: string; status: string; audiences: string[] }
  readonly distanceKm: number
}

const found = async (caller: Caller, query: string): Promise<Found[]> => {
  const answer = await caller.get(`/availability?${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.body.items as Found[]
}

/** Communes of a CPTS near which the SAS would find fewer than three of that CPTS's free slots in 48 h. */
const communesWithoutHelp = async ({ world, regulator, communityIds }: Demo): Promise<string[]> => {
  const now = world.clock.now()
  const window = [now, plus(now, 48 * HOUR)].map((one) =>
    encodeURIComponent(formatInstant(one, 'Europe/Paris')),
  )
  const lacking: string[] = []
  for (const { insee, index } of OPEN_COMMUNES) {
    const byDefault = await found(regulator, `commune=${insee}`)
    const own = await found(
      regulator,
      `commune=${insee}&radiusKm=10&from=${window[0]}&to=${window[1]}&community=${communityIds[index]}&limit=200`,
    )
    const usable = [byDefault, own].map((list) =>
      list.filter(
        ({ slot, distanceKm: km }) =>
          slot.status === 'open' &&
          slot.audiences.includes('SNP') &&
          at(slot.start) > now &&
          at(slot.start) < now + 48 * HOUR &&
          km <= 10,
      ),
    )
    if (usable.some((list) => list.length < 3)) lacking.push(insee)
  }
  return lacking
}

const rowsOf = (world: World, query: string) =>
  world.territory.read((db) => db.all<Record<string, unknown>>(sql.raw(query)) as never) as Record<
    string,
    unknown
  >[]

/** Everything that is stored, table by table. */
const dumpOf = (world: World): Record<string, string[]> =>
  Object.fromEntries(
    rowsOf(
      world,
      "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name",
    ).map(({ name }) => [
      String(name),
      rowsOf(world, `select * from "${String(name)}"`)
        .map((row) => JSON.stringify(row))
        .sort(),
    ]),
  )

/** Tables that reading writes to: who saw what, when a key was last used. */
const READERS_WRITE: ReadonlySet<string> = new Set(['access_log', 'keys'])

/** What a person would see of the agendas, without ids. */
/** But for slots of shifts: who is on duty is decided between equals by their ids (ADR 0010). */
const contentOf = (world: World) =>
  rowsOf(
    world,
    `select rpps, phone, slots.start, slots."end", capacity, audiences, modalities, origin, withdrawn_at is null as open,
       (select group_concat(status || motive_code || regulation_ref || operator_id || requested_delay, ';') from bookings
         where slot_id = slots.id) as booked
     from slots join practitioners on practitioners.id = slots.practitioner_id join sites on sites.id = slots.site_id
     where origin <> 'shift'
     order by rpps, slots.start, slots.withdrawn_at`,
  )

const RESERVED = /^\+33(?:19900|63998)\d{4}$/

/** Phones of a text, international or national, that are not in the ranges reserved for fiction. */
const realPhones = (text: string): string[] =>
  [...text.matchAll(/\+\d{7,15}|\b0[1-9](?:[ .]?\d{2}){4}\b/g)]
    .map(([phone]) => phone)
    .filter((one) => !RESERVED.test(one))

const allGps = ({ world }: Demo): Promise<PractitionerView[]> =>
  world.act((ctx) => listPractitioners(ctx, {}, undefined, 1_000))

describe('the demo territory', () => {
  it(
    '[DEMO-1] holds the 36 communes and six CPTS with their populations, the rest in none',
    async () => {
      const { world, keys } = await mondayDemo()
      const anybody = world.as(keys.auditor)
      const communes = (await anybody.get('/communes?limit=200')).body.items as {
        insee: string
        population: number
        communityId: string | null
      }[]
      expect(communes).toHaveLength(36)
      expect(communes.reduce((total, one) => total + one.population, 0)).toBe(1_654_712)
      const communities = (await anybody.get('/communities')).body.items as {
        name: string
        population: number
        size: number
        communes: string[]
        finess: string
        contractStart: string
      }[]
      expect(
        Object.fromEntries(
          communities.map((one) => [one.name, [one.population, one.size, one.communes.join()]]),
        ),
      ).toEqual({
        'CPTS de Nanterre': [96_807, 3, '92050'],
        'CPTS de Rueil-Malmaison': [77_986, 2, '92063'],
        'CPTS des Hauts-de-Bièvre': [174_300, 3, '92002,92014,92019,92060,92071'],
        'CPTS de Suresnes': [48_956, 2, '92073'],
        'CPTS de Meudon': [46_334, 2, '92048'],
        'CPTS de Gennevilliers et Villeneuve-la-Garenne': [71_725, 2, '92036,92078'],
      })
      for (const one of communities) {
        expect(one.finess).toMatch(/^[0-9]{9}$/)
        expect(one.contractStart < MONDAY.slice(0, 10)).toBe(true)
      }
      const held = communes.filter((one) => one.communityId !== null).map((one) => one.insee)
      expect(held.sort()).toEqual(OPEN_COMMUNES.map(({ insee }) => insee).sort())
      for (const insee of ['92026', '92062', '92025']) expect(held).not.toContain(insee)
    },
    SLOW,
  )

  it(
    '[DEMO-2] has about 150 GPs that nobody takes for real, each with a valid RPPS and near its commune',
    async () => {
      const demo = await mondayDemo()
      const gps = await allGps(demo)
      expect(gps.length).toBeGreaterThanOrEqual(145)
      expect(gps.length).toBeLessThanOrEqual(155)
      expect(gps.filter((gp) => !isRpps(gp.rpps) || !gp.rpps.startsWith('9992'))).toEqual([])
      expect(new Set(gps.map((gp) => gp.rpps)).size).toBe(gps.length)
      expect(new Set(gps.map((gp) => gp.family)).size).toBe(gps.length)
      expect(gps.filter((gp) => !/-(?:Fictif|Exemple|Démo)$/.test(gp.family))).toEqual([])
      expect(gps.filter((gp) => gp.weeklyTargetMinutes < 60 || gp.weeklyTargetMinutes > 240)).toEqual([])

      const sites = gps.flatMap((gp) => gp.sites)
      for (const site of sites) {
        const commune = DEMO_COMMUNES.find((one) => one.insee === site.insee)
        if (!commune) throw new Error(`a site is in ${site.insee}`)
        expect(distanceKm(site, commune)).toBeLessThanOrEqual(1)
        expect([site.city, site.postalCode]).toEqual([commune.name, commune.postalCode])
        if (site.finess !== null) expect(site.finess).toMatch(/^[0-9]{9}$/)
      }
      expect(new Set(gps.map((gp) => gp.sites.length))).toEqual(new Set([1, 2, 3]))
      expect(new Set(sites.map((site) => site.wheelchair))).toEqual(new Set([true, false]))
      const houses = new Map<string, number>()
      for (const { finess } of sites) if (finess !== null) houses.set(finess, (houses.get(finess) ?? 0) + 1)
      expect(houses.size).toBeGreaterThan(10)
      expect(Math.min(...houses.values())).toBeGreaterThan(1)

      const membersOf = (id: string | undefined) =>
        gps.filter((gp) => gp.communityIds.join() === (id ?? '')).length
      const [nanterre = 0, rueil = 0, bievre = 0, suresnes = 0, meudon = 0, gennevilliers = 0] =
        demo.communityIds.map(membersOf)
      expect(bievre).toBeGreaterThan(nanterre)
      expect(nanterre).toBeGreaterThan(rueil)
      expect(Math.min(rueil, gennevilliers)).toBeGreaterThan(Math.max(suresnes, meudon))
      expect(membersOf(undefined)).toBe(10)
    },
    SLOW,
  )

  it(
    '[DEMO-3] uses only phones reserved for fiction, in the vault too',
    async () => {
      const { world, regulator } = await mondayDemo()
      expect(realPhones('+33612345678 +33199000001 01 40 00 00 00 0639980001 +33639980001')).toEqual([
        '+33612345678',
        '01 40 00 00 00',
        '0639980001',
      ])
      const stored = JSON.stringify(dumpOf(world))
      expect(stored.match(/\+33/g)?.length).toBeGreaterThan(150)
      expect(realPhones(stored)).toEqual([])
      const bookings = await regulator.get('/bookings?limit=200')
      const patients = (
        bookings.body.items as { patient: { family: string; phone: string; address?: string } }[]
      ).map(({ patient }) => patient)
      expect(patients).toHaveLength(44)
      expect(patients.filter(({ phone }) => !/^\+3363998\d{4}$/.test(phone))).toEqual([])
      expect(patients.filter(({ family }) => !/-(?:Fictive|Imaginaire)$/.test(family))).toEqual([])
      expect(realPhones(bookings.text)).toEqual([])
    },
    SLOW,
  )

  const MOMENTS = {
    'a Monday morning': MONDAY,
    'a Friday night': '2026-11-27T22:00:00+01:00',
    'a Saturday afternoon': '2026-11-28T14:00:00+01:00',
    'a Sunday night': '2026-11-29T23:30:00+01:00',
    'Christmas Eve': '2026-12-24T18:00:00+01:00',
    'New Year’s night': '2027-01-01T00:30:00+01:00',
    'Ascension day': '2027-05-06T10:00:00+02:00',
    'the night that clocks go forward': '2027-03-28T01:30:00+01:00',
    'the night that clocks go back': '2027-10-31T02:30:00+02:00',
  }
  for (const [name, now] of Object.entries(MOMENTS))
    it(
      `[DEMO-4][DEMO-6][DEMO-7] leaves free slots near every commune of a CPTS on ${name}`,
      async () => {
        const demo = await (now === MONDAY ? mondayDemo() : seeded(now))
        expect(await communesWithoutHelp(demo)).toEqual([])

        const { world } = demo
        const verified = await world.admin.get('/audit/verify')
        expect(verified.body.ok, verified.text).toBe(true)
        expect(
          rowsOf(world, 'select status, needs_attention, count(*) as count from bookings group by 1, 2'),
        ).toEqual([
          { status: 'booked', needs_attention: null, count: 39 },
          { status: 'booked', needs_attention: 'slot_withdrawn', count: 1 },
          { status: 'cancelled', needs_attention: null, count: 4 },
        ])
        expect(
          rowsOf(
            world,
            `select min(start) > ${world.clock.now()} as ahead, count(*) > 5000 as many from slots`,
          ),
        ).toEqual([{ ahead: 1, many: 1 }])
        expect(world.logged.filter(({ level }) => level === 'error')).toEqual([])
      },
      SLOW,
    )

  it(
    '[DEMO-4] keeps week-ends and holidays open in the weeks after; without the tick nothing would be left',
    async () => {
      const demo = await seeded('2026-11-25T15:00:00+01:00')
      const { clock } = demo.world
      for (const now of ['2026-12-05T20:30:00+01:00', '2026-12-24T20:30:00+01:00']) {
        clock.set(now)
        expect(await communesWithoutHelp(demo), now).toEqual([])
      }
      clock.advance(60 * DAY)
      expect(await communesWithoutHelp(demo)).toEqual(OPEN_COMMUNES.map(({ insee }) => insee))
      await demo.world.tick()
      expect(await communesWithoutHelp(demo)).toEqual([])
    },
    SLOW,
  )

  it(
    '[DEMO-5] is the same each time for the same moment, and its content for other ids and secrets too',
    async () => {
      const first = await mondayDemo()
      const again = await seeded(MONDAY)
      const otherIds = await seeded(MONDAY, 2)
      const tables = Object.entries(dumpOf(first.world))
      expect(tables.map(([name]) => name)).toEqual(expect.arrayContaining([...READERS_WRITE]))
      // What the shared demo's readers leave behind is not of the seed.
      const stored = Object.fromEntries(tables.filter(([name]) => !READERS_WRITE.has(name)))
      expect(Object.keys(stored)).toEqual(
        expect.arrayContaining(['slots', 'bookings', 'events', 'identities', 'sites']),
      )
      expect(dumpOf(again.world)).toMatchObject(stored)
      expect(again.keys).toEqual(first.keys)

      expect(otherIds.keys.admin).not.toBe(first.keys.admin)
      expect(dumpOf(otherIds.world).slots).not.toEqual(stored.slots)
      expect(contentOf(otherIds.world)).toEqual(contentOf(first.world))

      const other = await seeded('2026-11-23T14:00:00+01:00')
      expect(contentOf(other.world)).not.toEqual(contentOf(first.world))
      expect(JSON.stringify(demoRoster())).toBe(JSON.stringify(demoRoster()))
    },
    SLOW,
  )

  it(
    '[DEMO-6] hands out a key for each role, each of which opens what is its holder’s',
    async () => {
      const { world, keys, communityIds } = await mondayDemo()
      const gps = await allGps(await mondayDemo())
      expect(Object.keys(keys.coordinator)).toEqual(communityIds)
      expect(Object.keys(keys.practitioner).sort()).toEqual(gps.map((gp) => gp.id).sort())
      for (const secret of [keys.admin, keys.auditor, keys.regulator])
        expect((await world.as(secret).get('/communes')).status).toBe(200)
      expect((await world.as(keys.admin).get('/keys')).status).toBe(200)
      expect((await world.as(keys.auditor).get('/keys')).status).toBe(403)
      for (const [id, secret] of Object.entries(keys.coordinator)) {
        const slots = await world.as(secret).get('/slots?limit=200')
        const members = new Set(gps.filter((gp) => gp.communityIds.includes(id)).map((gp) => gp.id))
        expect(slots.body.items).toHaveLength(200)
        expect(
          (slots.body.items as { practitionerId: string }[]).filter(
            (slot) => !members.has(slot.practitionerId),
          ),
        ).toEqual([])
      }
      for (const [id, secret] of Object.entries(keys.practitioner).slice(0, 20)) {
        const slots = (await world.as(secret).get('/slots')).body.items as { practitionerId: string }[]
        expect(slots.filter((slot) => slot.practitionerId !== id)).toEqual([])
        expect(slots.length).toBeGreaterThan(0)
      }
    },
    SLOW,
  )

  it(
    '[DEMO-7] shows every kind of slot, and bookings to work on: some cancelled, one for somebody to move',
    async () => {
      const demo = await seeded(MONDAY)
      const { world, regulator, keys } = demo
      const kinds = rowsOf(
        world,
        `select sum(modalities = 1) as ambulatory, sum(modalities = 2) as home, sum(modalities = 4) as video,
         sum(appointment_type = 'WALKIN' and capacity between 3 and 5) as walkIn, sum(min_age is not null) as withAge,
         sum(origin = 'single') as single, sum(origin = 'series') as series,
         sum(audiences = 2) as pro, sum(audiences = 4) as snp, sum(audiences = 5) as publicToo, sum(audiences = 12) as cpts
       from slots`,
      )[0] as Record<string, number>
      for (const [kind, count] of Object.entries(kinds)) expect(count, kind).toBeGreaterThan(10)
      expect(kinds.snp).toBeGreaterThan((kinds.pro ?? 0) + (kinds.publicToo ?? 0) + (kinds.cpts ?? 0))
      const busiest = rowsOf(world, 'select count(*) as count from series group by practitioner_id')
      expect(Math.max(...busiest.map(({ count }) => Number(count)))).toBe(2)
      expect(busiest.length).toBeGreaterThan(110)

      const flagged = rowsOf(
        world,
        'select id, practitioner_id as gp from bookings where needs_attention is not null',
      )
      const { id, gp } = flagged[0] as { id: string; gp: string }
      const seen = await world.as(keys.practitioner[gp] ?? '').get(`/bookings/${id}`)
      expect(seen.body).toMatchObject({
        needsAttention: { reason: 'slot_withdrawn' },
        patient: { given: 'Amalthée' },
      })

      const [free] = await found(regulator, 'commune=92050')
      const booked = await regulator.post('/bookings', bookingBody(free?.slot.id ?? 'none'))
      expect(booked.status, booked.text).toBe(201)
      const own = await regulator.get('/bookings?limit=200&status=booked')
      expect(own.body.items).toHaveLength(41)
      expect(
        (own.body.items as { warnings?: string[] }[]).filter((one) => one.warnings !== undefined),
      ).toEqual([])
    },
    SLOW,
  )

  it(
    '[DEMO-8] has the sector of the hôpital Foch, that three CPTS share, with its shift types and its list',
    async () => {
      const { world, keys, communityIds, regulator } = await mondayDemo()
      const [nanterre, rueil, , suresnes] = communityIds
      const [sector, ...others] = (await regulator.get('/sectors')).body.items
      expect(others).toEqual([])
      expect(sector).toMatchObject({
        kind: 'garde',
        communes: ['92050', '92063', '92073'],
        city: 'Suresnes',
        address: '40 rue Worth',
      })
      expect(sector.communityIds).toEqual([nanterre, rueil, suresnes].sort())
      const types = (await regulator.get(`/sectors/${sector.id}/shift-types`)).body.items as {
        code: string
        category: string
        localStart: string
        localEnd: string
        headcount: number
      }[]
      expect(
        types.map((type) => `${type.category} ${type.localStart}-${type.localEnd} ${type.headcount}`),
      ).toEqual([
        'evening 20:00-24:00 1',
        'night 00:00-08:00 1',
        'saturday 12:00-20:00 1',
        'sunday 08:00-14:00 2',
        'sunday 14:00-20:00 2',
        'holiday 08:00-14:00 2',
        'holiday 14:00-20:00 2',
      ])
      const coordinator = world.as(keys.coordinator[suresnes ?? ''] ?? '')
      const list = (await coordinator.get(`/sectors/${sector.id}/members`)).body.items as {
        practitionerId: string
        phone: string
      }[]
      expect(list).toHaveLength(24)
      for (const { practitionerId, phone } of list) {
        expect(phone).toMatch(RESERVED)
        const { communityIds: own } = (await coordinator.get(`/practitioners/${practitionerId}`)).body
        expect(sector.communityIds).toContain(own[0])
      }
      const member = world.as(keys.practitioner[list[0]?.practitionerId ?? ''] ?? '')
      expect((await member.get(`/sectors/${sector.id}/members`)).status).toBe(200)
      for (const what of ['restrictions', 'wishes', 'absences'])
        expect((await coordinator.get(`/sectors/${sector.id}/${what}`)).body.items.length).toBeGreaterThan(2)
    },
    SLOW,
  )

  it(
    '[DEMO-9] has a rota in force of the sector of Foch, so that somebody is on duty whenever it opens',
    async () => {
      const { world, keys, communityIds, regulator } = await mondayDemo()
      const [rota, ...others] = (await regulator.get('/rotas')).body.items
      expect(others).toEqual([])
      expect(rota).toMatchObject({ state: 'in_force', from: '2026-11-01', to: '2027-01-31' })
      expect(rota.empty).toBe(0)
      for (const [when, code] of [
        ['2026-11-23T21:00:00+01:00', 'evening'],
        ['2026-11-24T03:00:00+01:00', 'night'],
      ] as const) {
        const answer = await regulator.get(`/on-call?commune=92073&at=${encodeURIComponent(when)}`)
        expect(answer.body.items).toMatchObject([
          {
            sector: { name: 'Secteur de l’hôpital Foch' },
            shift: { code },
            people: [{ phone: expect.stringMatching(RESERVED), site: { city: 'Suresnes' } }],
            missing: 0,
          },
        ])
      }
      // On Saturday afternoon the house of the hôpital Foch is bookable by the SAS, with whoever is on duty.
      const saturday = '2026-11-28T12:00:00+01:00'
      const found = (
        await world
          .as(keys.admin)
          .get(
            `/slots?from=${encodeURIComponent(saturday)}&to=${encodeURIComponent('2026-11-28T20:00:00+01:00')}&limit=200`,
          )
      ).body.items.filter((slot: { origin: string }) => slot.origin === 'shift')
      expect(found).toHaveLength(16)
      expect(found[0]).toMatchObject({ start: saturday, status: 'open' })
      const coordinator = world.as(keys.coordinator[communityIds[3] ?? ''] ?? '')
      const { spread } = (await coordinator.get(`/rotas/${rota.id}/ledger`)).body as {
        spread: { category: string; value: number }[]
      }
      // Of a full share: one shift of somebody who has a half of it counts two.
      for (const { category, value } of spread)
        expect([category, value < (category === 'total' ? 6 : 2.5)]).toEqual([category, true])
      const { text } = await coordinator.get(`/rotas/${rota.id}/export?kind=performed`)
      // What November had until the Monday morning.
      expect(text).toContain('22/11/2026;dimanche')
      expect(text).not.toContain('24/11/2026')
      // Written as in France, where RESERVED reads E.164.
      for (const [phone] of text.matchAll(/\b0\d(?: \d\d){4}\b/g)) expect(phone).toMatch(/^06 39 98 /)
    },
    SLOW,
  )

  it('[DEMO-1] is the territory of the Hauts-de-Seine with the published rate', () => {
    expect(DEMO_TERRITORY).toEqual({
      code: '92',
      name: 'Hauts-de-Seine',
      zone: 'Europe/Paris',
      rate: { perSecond: 50, burst: 200 },
    })
  })
})
