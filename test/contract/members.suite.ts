import { describe, expect } from 'vitest'
import { makeCommunity, makeGp, rppsOf } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { COMMUNES, type Answered } from '../support/world.ts'

const ABSENT_COMMUNITY = 'cpts_7zzzzzzzzzzzzzzzzzzzzzzzzz'
const ABSENT_PRACTITIONER = 'prac_7zzzzzzzzzzzzzzzzzzzzzzzzz'

const siteBody = (more: Record<string, unknown> = {}) => ({
  name: 'Cabinet des Lilas',
  line: '1 rue de l’Exemple',
  postalCode: '92000',
  city: 'Nanterre',
  insee: '92050',
  lat: 48.896,
  lon: 2.207,
  phone: '01 99 00 00 01',
  ...more,
})

const practitionerBody = (number: number, communityIds: string[], more: Record<string, unknown> = {}) => ({
  rpps: rppsOf(800_000 + number),
  family: 'Fictive',
  given: 'Camille',
  profession: 'GP',
  communityIds,
  sites: [siteBody()],
  ...more,
})

const idsOf = (answer: Answered): string[] => answer.body.items.map(({ id }: { id: string }) => id)

export const membersSuite: Suite = (rule) => {
  describe('CPTS', () => {
    rule(
      '[MEMBER-6] is made with its communes, its size, and the population of its communes unless told',
      async (world) => {
        const made = await world.admin.post('/communities', {
          name: 'CPTS du Mont-Valérien',
          finess: '920000001',
          communes: ['92073', '92050'],
          phone: '01.99.00.00.02',
          contractStart: '2024-02-29',
        })
        expect(made.status).toBe(201)
        expect(made.headers.get('etag')).toBe('"1"')
        expect(made.body).toEqual({
          id: expect.stringMatching(/^cpts_[0-7][0-9a-z]{25}$/),
          name: 'CPTS du Mont-Valérien',
          finess: '920000001',
          communes: ['92050', '92073'],
          population: 97_783 + 48_956,
          size: 3,
          phone: '+33199000002',
          contractStart: '2024-02-29',
          version: 1,
        })
        const got = await world.admin.get(`/communities/${made.body.id}`)
        expect(got.body).toEqual(made.body)
        expect(got.headers.get('etag')).toBe('"1"')
      },
    )

    rule('[MEMBER-2] its size follows its population, bounds included', async (world) => {
      const { id } = (await world.admin.post('/communities', { name: 'CPTS', communes: ['92050'] })).body
      for (const [population, size] of [
        [0, 1],
        [39_999, 1],
        [40_000, 2],
        [79_999, 2],
        [80_000, 3],
        [175_000, 3],
        [175_001, 4],
      ]) {
        const changed = await world.admin.patch(`/communities/${id}`, { population })
        expect(changed.body).toMatchObject({ population, size })
      }
      for (const population of [-1, 1.5, 5_000_001, '40000', null])
        expect((await world.admin.patch(`/communities/${id}`, { population })).status).toBe(400)
    })

    rule('[MEMBER-3] a commune belongs to one CPTS: the refusal names its holder', async (world) => {
      const holder = await makeCommunity(world, '92050')
      const refused = await world.admin.post('/communities', { name: 'Autre', communes: ['92063', '92050'] })
      expect(refused).toMatchObject({
        status: 409,
        body: {
          code: 'commune_taken',
          commune: '92050',
          communityId: holder,
          errors: [{ path: 'communes' }],
        },
      })
      expect(refused.body.detail).toContain('CPTS 92050')
      const other = await makeCommunity(world, '92063')
      expect(
        await world.admin.patch(`/communities/${other}`, { communes: ['92063', '92050'] }),
      ).toMatchObject({
        status: 409,
        body: { code: 'commune_taken', communityId: holder },
      })
      expect((await world.admin.get(`/communities/${other}`)).body).toMatchObject({
        communes: ['92063'],
        version: 1,
      })
    })

    rule('[MEMBER-3] a commune that a CPTS lets go is free for another', async (world) => {
      const first = await makeCommunity(world, '92050')
      const second = await makeCommunity(world, '92063')
      const released = await world.admin.patch(`/communities/${first}`, { communes: ['92002'] })
      expect(released.body.communes).toEqual(['92002'])
      const taken = await world.admin.patch(`/communities/${second}`, {
        communes: ['92063', '92050', '92050'],
      })
      expect(taken.body.communes).toEqual(['92050', '92063'])
      const held = (await world.admin.get('/communes')).body.items
      expect(
        Object.fromEntries(
          held.map((one: { insee: string; communityId: string }) => [one.insee, one.communityId]),
        ),
      ).toEqual({
        '92002': first,
        '92026': null,
        '92050': second,
        '92063': second,
        '92073': null,
      })
    })

    rule('[MEMBER-3] of many that want a commune at once one gets it', async (world) => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          world.admin.post('/communities', { name: `CPTS ${i}`, communes: ['92050'] }),
        ),
      )
      const [winner, ...others] = answers.filter(({ status }) => status === 201)
      expect(others).toEqual([])
      for (const { status, body } of answers)
        if (status !== 201)
          expect(body).toMatchObject({ code: 'commune_taken', communityId: winner?.body.id })
    })

    rule('[MEMBER-7] a commune that the territory does not have is refused by name', async (world) => {
      const { id } = (await world.admin.post('/communities', { name: 'CPTS', communes: ['92050'] })).body
      for (const answer of [
        await world.admin.post('/communities', { name: 'Autre', communes: ['92073', '75056'] }),
        await world.admin.patch(`/communities/${id}`, { communes: ['92050', '75056'] }),
      ])
        expect(answer).toMatchObject({
          status: 422,
          body: { code: 'unknown_commune', commune: '75056', errors: [{ path: 'communes' }] },
        })
      for (const communes of [[], ['9205'], ['2C004'], [92050], 'Nanterre'])
        expect((await world.admin.post('/communities', { name: 'Autre', communes })).status).toBe(400)
    })

    rule('[MEMBER-8] a FINESS number is that of one CPTS, which may say it again', async (world) => {
      const first = await world.admin.post('/communities', {
        name: 'Première',
        communes: ['92050'],
        finess: '920000001',
      })
      const refusal = { status: 409, body: { code: 'finess_taken', communityId: first.body.id } }
      expect(
        await world.admin.post('/communities', { name: 'Seconde', communes: ['92063'], finess: '920000001' }),
      ).toMatchObject(refusal)
      const second = await makeCommunity(world, '92063')
      expect(await world.admin.patch(`/communities/${second}`, { finess: '920000001' })).toMatchObject(
        refusal,
      )
      const again = await world.admin.patch(`/communities/${first.body.id}`, { finess: '920000001' })
      expect(again.status).toBe(200)
      const corsican = await world.admin.patch(`/communities/${second}`, { finess: '2A0000001' })
      expect(corsican.status).toBe(400)
    })

    rule('[MEMBER-9] what a change leaves out stays, and the version rises', async (world) => {
      const made = await world.admin.post('/communities', {
        name: 'CPTS',
        communes: ['92050'],
        finess: '920000001',
        phone: '0199000002',
      })
      const changed = await world.admin.patch(`/communities/${made.body.id}`, { name: 'Renommée' })
      expect(changed.body).toEqual({ ...made.body, name: 'Renommée', version: 2 })
      expect(changed.headers.get('etag')).toBe('"2"')
      expect((await world.admin.get(`/communities/${made.body.id}`)).body).toEqual(changed.body)
    })

    rule('[MEMBER-10] a change made on an old version is refused with the present one', async (world) => {
      const id = await makeCommunity(world, '92050')
      const patch = (name: string, version?: string) =>
        world.admin.patch(
          `/communities/${id}`,
          { name },
          version === undefined ? {} : { headers: { 'if-match': version } },
        )
      expect((await patch('Un', '"1"')).body.version).toBe(2)
      const stale = await patch('Deux', '"1"')
      expect(stale).toMatchObject({ status: 412, body: { code: 'stale_version', version: 2 } })
      for (const never of ['"3"', '"abc"', '2', 'W/"x"', '""'])
        expect((await patch('Deux', never)).status).toBe(412)
      expect((await world.admin.get(`/communities/${id}`)).body).toMatchObject({ name: 'Un', version: 2 })
      expect((await patch('Deux', 'W/"2"')).body.version).toBe(3)
      expect((await patch('Trois', '*')).body.version).toBe(4)
      expect((await patch('Quatre')).body.version).toBe(5)
    })

    rule('[MEMBER-10] of two changes of one version at once one is made', async (world) => {
      const id = await makeCommunity(world, '92050')
      const answers = await Promise.all(
        ['A', 'B', 'C'].map((name) =>
          world.admin.patch(`/communities/${id}`, { name }, { headers: { 'if-match': '"1"' } }),
        ),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412])
    })

    rule('[MEMBER-11] one that does not exist is not found, and no change is made', async (world) => {
      expect((await world.admin.get(`/communities/${ABSENT_COMMUNITY}`)).body.code).toBe('not_found')
      expect((await world.admin.patch(`/communities/${ABSENT_COMMUNITY}`, { name: 'x' })).body.code).toBe(
        'not_found',
      )
    })

    rule('[MEMBER-12] are listed in the order of their making, page by page', async (world) => {
      const made: string[] = []
      for (const { insee } of COMMUNES) {
        world.clock.advance(1)
        made.push(await makeCommunity(world, insee))
      }
      expect(idsOf(await world.admin.get('/communities'))).toEqual(made)
      const first = await world.admin.get('/communities?limit=3')
      expect(idsOf(first)).toEqual(made.slice(0, 3))
      const second = await world.admin.get(`/communities?limit=3&after=${first.body.next}`)
      expect(idsOf(second)).toEqual(made.slice(3))
      expect(second.body.next).toBeNull()
    })
  })

  describe('practitioners', () => {
    rule('[MEMBER-13] is made with sites, and with defaults for what was not said', async (world) => {
      const community = await makeCommunity(world, '92050')
      const made = await world.admin.post(
        '/practitioners',
        practitionerBody(1, [community], { specialties: ['Médecine générale'] }),
      )
      expect(made.status).toBe(201)
      expect(made.headers.get('etag')).toBe('"1"')
      const id = made.body.id
      expect(made.body).toEqual({
        id: expect.stringMatching(/^prac_[0-7][0-9a-z]{25}$/),
        rpps: rppsOf(800_001),
        family: 'Fictive',
        given: 'Camille',
        profession: 'GP',
        communityIds: [community],
        specialties: ['Médecine générale'],
        sites: [
          {
            ...siteBody(),
            id: expect.stringMatching(/^site_[0-7][0-9a-z]{25}$/),
            practitionerId: id,
            phone: '+33199000001',
            finess: null,
            siret: null,
            wheelchair: false,
          },
        ],
        acceptsOverbooking: false,
        weeklyTargetMinutes: 120,
        version: 1,
      })
      expect((await world.admin.get(`/practitioners/${id}`)).body).toEqual(made.body)
    })

    rule(
      '[MEMBER-1] a number whose key is wrong is refused; of ten last digits one is right',
      async (world) => {
        const community = await makeCommunity(world, '92050')
        const right = rppsOf(800_001)
        for (let digit = 0; digit < 10; digit++) {
          const rpps = `${right.slice(0, 10)}${digit}`
          const answer = await world.admin.post('/practitioners', practitionerBody(1, [community], { rpps }))
          if (rpps === right) expect(answer.status).toBe(201)
          else
            expect(answer).toMatchObject({
              status: 422,
              body: { code: 'invalid_rpps', errors: [{ path: 'rpps' }] },
            })
        }
        for (const rpps of ['1234567890', '123456789012', 'abcdefghijk'])
          expect(
            (await world.admin.post('/practitioners', practitionerBody(1, [community], { rpps }))).body.code,
          ).toBe('invalid_rpps')
      },
    )

    rule('[MEMBER-14] a number is that of one practitioner', async (world) => {
      const [a, b] = [await makeCommunity(world, '92050'), await makeCommunity(world, '92063')]
      const first = await world.admin.post('/practitioners', practitionerBody(1, [a]))
      const again = await world.admin.post('/practitioners', practitionerBody(1, [b]))
      expect(again).toMatchObject({
        status: 409,
        body: { code: 'rpps_taken', practitionerId: first.body.id, errors: [{ path: 'rpps' }] },
      })
      expect(
        (await world.admin.patch(`/practitioners/${first.body.id}`, { rpps: rppsOf(800_002) })).status,
      ).toBe(400)
    })

    rule('[MEMBER-4] a coordinator makes and changes members of its CPTS only', async (world) => {
      const [a, b] = [await makeCommunity(world, '92050'), await makeCommunity(world, '92063')]
      const coordinator = await world.key('coordinator', { communityIds: [a] })
      const mine = await coordinator.post('/practitioners', practitionerBody(1, [a]))
      expect(mine.status).toBe(201)
      for (const communityIds of [[b], [a, b], [], [ABSENT_COMMUNITY]])
        expect(await coordinator.post('/practitioners', practitionerBody(2, communityIds))).toMatchObject({
          status: 404,
          body: { code: 'not_found' },
        })
      const theirs = await world.admin.post('/practitioners', practitionerBody(2, [b]))
      expect((await coordinator.patch(`/practitioners/${mine.body.id}`, { family: 'Renommée' })).status).toBe(
        200,
      )
      expect(
        (await coordinator.patch(`/practitioners/${theirs.body.id}`, { family: 'Renommée' })).status,
      ).toBe(404)
      expect((await coordinator.post(`/practitioners/${theirs.body.id}/sites`, siteBody())).status).toBe(404)
      expect((await coordinator.get(`/practitioners/${theirs.body.id}`)).body).toEqual(theirs.body)
    })

    rule('[MEMBER-4] a coordinator is not told whether somebody else’s RPPS is there', async (world) => {
      const [a, b] = [await makeCommunity(world, '92050'), await makeCommunity(world, '92063')]
      const coordinator = await world.key('coordinator', { communityIds: [a] })
      await world.admin.post('/practitioners', practitionerBody(1, [b]))
      const known = await coordinator.post('/practitioners', practitionerBody(1, [b]))
      const unknown = await coordinator.post('/practitioners', practitionerBody(2, [b]))
      expect(known.text).toBe(unknown.text)
    })

    rule(
      '[MEMBER-5] a coordinator takes in and lets go for its own CPTS only, a practitioner for none',
      async (world) => {
        const [a, b] = [await makeCommunity(world, '92050'), await makeCommunity(world, '92063')]
        const coordinator = await world.key('coordinator', { communityIds: [a] })
        const gp = await makeGp(world, a)
        const path = `/practitioners/${gp.id}`
        expect((await coordinator.patch(path, { communityIds: [a, b] })).status).toBe(404)
        expect((await gp.caller.patch(path, { communityIds: [a, b] })).status).toBe(404)
        expect((await gp.caller.patch(path, { communityIds: [] })).status).toBe(404)
        expect((await world.admin.patch(path, { communityIds: [b, a, b] })).body.communityIds).toEqual([a, b])
        expect((await coordinator.patch(path, { communityIds: [a] })).status).toBe(404)
        expect((await gp.caller.patch(path, { communityIds: [b, a], given: 'Alix' })).status).toBe(200)
        expect((await coordinator.patch(path, { communityIds: [b] })).body.communityIds).toEqual([b])
        expect((await coordinator.patch(path, { given: 'Claude' })).status).toBe(404)
      },
    )

    rule('[MEMBER-4] a practitioner changes itself and its sites, and nobody else', async (world) => {
      const community = await makeCommunity(world, '92050')
      const [gp, colleague] = [await makeGp(world, community), await makeGp(world, community)]
      const changed = await gp.caller.patch(`/practitioners/${gp.id}`, {
        acceptsOverbooking: true,
        weeklyTargetMinutes: 0,
        specialties: [],
      })
      expect(changed.body).toMatchObject({ acceptsOverbooking: true, weeklyTargetMinutes: 0, version: 2 })
      expect((await gp.caller.patch(`/practitioners/${colleague.id}`, { given: 'x' })).status).toBe(404)
      expect((await gp.caller.post(`/practitioners/${colleague.id}/sites`, siteBody())).status).toBe(404)
      expect((await gp.caller.post('/practitioners', practitionerBody(1, [community]))).status).toBe(403)
    })

    rule('[MEMBER-10] a change of a practitioner made on an old version is refused', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      const patch = (version: string) =>
        gp.caller.patch(`/practitioners/${gp.id}`, { given: 'Alix' }, { headers: { 'if-match': version } })
      expect((await patch('"1"')).headers.get('etag')).toBe('"2"')
      expect(await patch('"1"')).toMatchObject({ status: 412, body: { code: 'stale_version', version: 2 } })
    })

    rule('[MEMBER-15] a site is added to a practitioner, whose version rises', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      const added = await gp.caller.post(
        `/practitioners/${gp.id}/sites`,
        siteBody({ name: 'Annexe', wheelchair: true, finess: '920000002', siret: '12345678900012' }),
      )
      expect(added.status).toBe(201)
      expect(added.body).toMatchObject({
        name: 'Annexe',
        practitionerId: gp.id,
        wheelchair: true,
        finess: '920000002',
      })
      const { body } = await world.admin.get(`/practitioners/${gp.id}`)
      expect(body.version).toBe(2)
      expect(body.sites.map(({ id }: { id: string }) => id)).toEqual([gp.siteId, added.body.id])
      expect((await world.admin.post(`/practitioners/${ABSENT_PRACTITIONER}/sites`, siteBody())).status).toBe(
        404,
      )
    })

    rule('[MEMBER-15] a site whose place or number cannot be is refused', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      for (const wrong of [
        { lat: 91 },
        { lon: -181 },
        { lat: '48.9' },
        { postalCode: '9200' },
        { phone: '12' },
        { phone: '+33 abc' },
        { siret: '123' },
        { line: '' },
        { name: 'a'.repeat(121) },
      ])
        expect((await gp.caller.post(`/practitioners/${gp.id}/sites`, siteBody(wrong))).status).toBe(400)
    })

    rule('[MEMBER-16] are listed by CPTS and by commune of a site, page by page', async (world) => {
      const [a, b] = [await makeCommunity(world, '92050'), await makeCommunity(world, '92063')]
      const gps: string[] = []
      for (const [community, insee] of [
        [a, '92050'],
        [a, '92063'],
        [b, '92063'],
        [b, '92050'],
      ] as const) {
        world.clock.advance(1)
        gps.push((await makeGp(world, community, insee)).id)
      }
      const [first, second, third, fourth] = gps
      const list = async (query: string) => idsOf(await world.admin.get(`/practitioners${query}`))
      expect(await list('')).toEqual(gps)
      expect(await list(`?community=${a}`)).toEqual([first, second])
      expect(await list('?commune=92063')).toEqual([second, third])
      expect(await list(`?community=${b}&commune=92050`)).toEqual([fourth])
      expect(await list(`?community=${ABSENT_COMMUNITY}`)).toEqual([])
      expect(await list('?commune=92026')).toEqual([])
      const page = await world.admin.get('/practitioners?commune=92050&limit=1')
      expect(idsOf(page)).toEqual([first])
      expect(await list(`?commune=92050&limit=1&after=${page.body.next}`)).toEqual([fourth])
      expect((await world.admin.get('/practitioners?commune=Nanterre')).status).toBe(400)
    })
  })

  describe('communes', () => {
    rule('[MEMBER-17] are loaded and corrected, and none is taken away', async (world) => {
      const community = await makeCommunity(world, '92050')
      const items = [
        { insee: '92050', name: 'Nanterre', postalCode: '92000', population: 100_000, lat: 48.9, lon: 2.2 },
        { insee: '2A004', name: 'Ajaccio', postalCode: '20000', population: 73_822, lat: 41.92, lon: 8.74 },
      ]
      const loaded = await world.admin.put('/communes', { items })
      expect(loaded).toMatchObject({ status: 204, text: '' })
      const listed = (await world.admin.get('/communes')).body.items
      expect(listed).toHaveLength(COMMUNES.length + 1)
      expect(listed[0]).toEqual({ ...items[1], communityId: null })
      expect(listed).toContainEqual({ ...items[0], communityId: community })
      expect((await world.admin.put('/communes', { items })).status).toBe(204)
      expect((await world.admin.get('/communes')).body.items).toEqual(listed)
    })

    rule('[MEMBER-17] 400 at a time are loaded whole, and paged by code', async (world) => {
      const items = Array.from({ length: 400 }, (_, i) => ({
        insee: String(95_000 + i),
        name: `Commune ${i}`,
        postalCode: '95000',
        population: i,
        lat: 49,
        lon: 2,
      }))
      expect((await world.admin.put('/communes', { items })).status).toBe(204)
      const seen: string[] = []
      let after = ''
      for (;;) {
        const { body } = await world.admin.get(`/communes?limit=150${after}`)
        seen.push(...body.items.map(({ insee }: { insee: string }) => insee))
        if (body.next === null) break
        after = `&after=${body.next}`
      }
      expect(seen).toHaveLength(COMMUNES.length + 400)
      expect(seen).toEqual([...new Set(seen)].sort())
      const [one] = items
      expect((await world.admin.put('/communes', { items: [...items, one] })).status).toBe(400)
    })
  })

  describe('everybody', () => {
    rule(
      '[MEMBER-18] every role reads CPTS, practitioners and communes, and sees the same',
      async (world) => {
        const community = await makeCommunity(world, '92050')
        const gp = await makeGp(world, community)
        const callers = [
          await world.key('coordinator', { communityIds: [await makeCommunity(world, '92063')] }),
          gp.caller,
          await world.key('regulator'),
          await world.key('auditor'),
        ]
        for (const path of [
          '/communities',
          `/communities/${community}`,
          '/practitioners',
          `/practitioners/${gp.id}`,
          '/communes',
        ]) {
          const { text } = await world.admin.get(path)
          for (const caller of callers) expect(await caller.get(path)).toMatchObject({ status: 200, text })
        }
      },
    )

    rule(
      '[MEMBER-19] each change of a member is one event, with ids and names of fields only',
      async (world) => {
        const { id } = (await world.admin.post('/communities', { name: 'CPTS', communes: ['92050'] })).body
        await world.admin.patch(`/communities/${id}`, { name: 'Renommée' })
        const gp = (await world.admin.post('/practitioners', practitionerBody(1, [id]))).body
        await world.admin.patch(`/practitioners/${gp.id}`, { given: 'Alix' })
        const site = (await world.admin.post(`/practitioners/${gp.id}/sites`, siteBody())).body
        await world.admin.patch(`/communities/${id}`, { finess: 'x' })
        const { body } = await world.admin.get('/events?limit=200')
        const events = body.items.slice(3).map(({ type, subject }: Record<string, string>) => [type, subject])
        expect(events).toEqual([
          ['community.created', id],
          ['community.updated', id],
          ['practitioner.created', gp.id],
          ['practitioner.updated', gp.id],
          ['site.added', site.id],
        ])
        expect(JSON.stringify(body.items)).not.toMatch(/Renommée|Alix|Fictive/)
      },
    )

    rule(
      '[MEMBER-6][MEMBER-9] a population follows a change of communes unless a figure was given, and null empties',
      async (world) => {
        const made = await world.admin.post('/communities', {
          name: 'CPTS',
          communes: ['92050'],
          phone: '+33199000010',
        })
        const path = `/communities/${String(made.body.id)}`
        const moved = await world.admin.patch(path, { communes: ['92063', '92073'] })
        expect(moved.body).toMatchObject({ population: 82_874 + 48_956, phone: '+33199000010' })
        await world.admin.patch(path, { population: 77_986 })
        const kept = await world.admin.patch(path, { communes: ['92063'], phone: null })
        expect(kept.body).toMatchObject({ population: 77_986, phone: null })
      },
    )
  })
}
