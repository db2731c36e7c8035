import { describe, expect } from 'vitest'
import { accessLog, identities } from '../../src/identities/tables.ts'
import { DEFAULT_RULES } from '../../src/attachment/grid/rules.ts'
import { censusIn } from '../../src/attachment/requests/actions.ts'
import { settleRequest } from '../../src/attachment/requests/outcome/actions.ts'
import { mtMembers, mtRequests } from '../../src/attachment/requests/tables.ts'
import { DAY, WEEK } from '../../src/kernel/time.ts'
import { person, requestBody, requestStage, rulesBody } from '../support/attachment.ts'
import { everyPage } from '../support/attempt.ts'
import { makeCommunity, makeGp, rppsOf } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import type { Caller, World } from '../support/world.ts'

const rowsOf = <T>(world: World, read: Parameters<World['territory']['read']>[0]): T[] =>
  world.territory.read<T[]>(read as never)

const eventsOf = async (world: World, subject: string): Promise<{ type: string; data: object }[]> =>
  (await everyPage(world.admin, '/audit', 200)).filter((event) => event.subject === subject)

const typesOf = async (world: World, subject: string): Promise<string[]> =>
  (await eventsOf(world, subject)).map(({ type }) => type)

const rulesPath = (communityId: string) => `/communities/${communityId}/allocation-rules`

const setRules = async (caller: Caller, communityId: string, more?: Record<string, unknown>) => {
  const answer = await caller.put(rulesPath(communityId), rulesBody(more))
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}

/** Brings the territory to a moment some days on, by the tick. */
const later = async (world: World, days: number) => {
  world.clock.advance(days * DAY)
  expect(await world.tick()).toEqual([])
}

const NAMES = ['Fictive', 'Alix', '1980-02-29', '33639980001', 'alix@example.org']

const expectNoName = (text: string) => {
  for (const name of NAMES) expect(text).not.toContain(name)
}

export const mtRequestsSuite: Suite = (rule) => {
  describe('the priority grid', () => {
    rule('[MT-1] rules are whole, versioned, and defaults until they are set', async (world) => {
      const { communityId, coordinator } = await requestStage(world)
      const before = await coordinator.get(rulesPath(communityId))
      expect(before.status).toBe(200)
      expect(before.body).toMatchObject({
        version: 0,
        grid: DEFAULT_RULES.grid,
        classThresholds: [60, 40, 25, 10],
        weeksToClass1: 30,
      })
      const first = await setRules(coordinator, communityId, { maxKm: 12, escalationDays: 60 })
      expect(first).toMatchObject({ version: 1, maxKm: 12, escalationDays: 60, batchWaits: false })
      const second = await setRules(coordinator, communityId)
      expect(second).toMatchObject({ version: 2, maxKm: 30, escalationDays: DEFAULT_RULES.escalationDays })
      const read = async (version: number | string) =>
        (await coordinator.get(`${rulesPath(communityId)}?version=${version}`)).body
      expect(await read(0)).toEqual(before.body)
      expect(await read(1)).toEqual(first)
      expect((await coordinator.get(`${rulesPath(communityId)}?version=3`)).status).toBe(404)
      const stale = await coordinator.put(rulesPath(communityId), rulesBody(), {
        headers: { 'if-match': '"1"' },
      })
      expect(stale.body).toMatchObject({ status: 412, code: 'stale_version' })
    })

    rule('[MT-1] rules that contradict themselves are refused', async (world) => {
      const { communityId, coordinator } = await requestStage(world)
      const put = (more: Record<string, unknown>) => coordinator.put(rulesPath(communityId), rulesBody(more))
      const ald = { rule: 'ald', points: 1 }
      for (const more of [
        { grid: [ald, { rule: 'c2s', points: 1 }, ald] },
        { classThresholds: [60, 40, 40, 10] },
        { classThresholds: [10, 20, 30, 40] },
        { answerDays: 4, reminderDays: 4 },
      ])
        expect((await put(more)).body, JSON.stringify(more)).toMatchObject({
          status: 422,
          code: 'invalid_rules',
        })
      for (const more of [
        { grid: [{ rule: 'nationality', points: 1 }] },
        { grid: [{ rule: 'ald', points: 1_001 }] },
        { grid: [{ rule: 'ald', points: -1 }] },
        { grid: [{ rule: 'ald', points: 0.5 }] },
        { classThresholds: [60, 40, 25] },
        { reservedForClass1: 1.1 },
        { weeklyRun: { weekday: 8, at: '06:00' } },
        { unknown: true },
      ])
        expect((await put(more)).status, JSON.stringify(more)).toBe(400)
      expect((await coordinator.get(rulesPath(communityId))).body.version).toBe(0)
    })

    rule('[MT-2] the points that are shown add up to the total that gives the class', async (world) => {
      const { bring } = await requestStage(world)
      const { body } = await bring({
        members: [person({ birthDate: '1940-05-05' }, { ald: true, isolation: true })],
      })
      expect(body).toMatchObject({
        state: 'waiting',
        class: 1,
        total: 70,
        points: [
          { rule: 'ald', points: 30 },
          { rule: 'age70', points: 15 },
          { rule: 'age80', points: 15 },
          { rule: 'isolation', points: 10 },
        ],
        lacking: [],
        rulesVersion: 0,
        weeksWaiting: 0,
      })
    })

    rule('[MT-2] a household ranks by its most urgent member, or by the mean of all', async (world) => {
      const { bring, communityId, coordinator } = await requestStage(world)
      const members = [person(), person({ given: 'Camille' }, { ald: true })]
      const first = (await bring({ members })).body
      expect(first).toMatchObject({
        class: 3,
        total: 30,
        points: [{ rule: 'ald', points: 30, member: 1 }],
      })
      await setRules(coordinator, communityId, { householdRank: 'mean' })
      expect((await coordinator.get(`/mt-requests/${first.id}`)).body).toMatchObject({
        class: 4,
        total: 15,
        rulesVersion: 1,
      })
    })

    rule(
      '[MT-2] palliative care is class 1 whatever the grid says, and asks for a person’s look',
      async (world) => {
        const { bring, communityId, coordinator } = await requestStage(world)
        await setRules(coordinator, communityId, { grid: [] })
        expect((await bring({ members: [person({}, { palliative: true })] })).body).toMatchObject({
          class: 1,
          total: 0,
          warnings: ['palliative_review'],
        })
      },
    )

    rule('[MT-3] what is not known is never taken for no', async (world) => {
      const { bring, request, read, coordinator } = await requestStage(world)
      for (const flags of [{ ald: null }, { ald: undefined }, { isolation: null, disability: true }]) {
        const { body } = await bring({ members: [person({}, flags)] })
        expect(body).toMatchObject({ state: 'to_qualify', class: 'to_qualify' })
        expect(body.lacking).toHaveLength(1)
      }
      const { body } = await bring({ members: [person({ flags: {} })] })
      expect(body.lacking).toHaveLength(9)
      expect(body.lacking[0]).toEqual({ member: 0, flag: 'ald' })
      // What is known is enough for class 1: nothing could make it more.
      const urgent = await request({ ald: true, discharge30d: true, isolation: null })
      expect(await read(urgent)).toMatchObject({ state: 'waiting', class: 1 })
      const queue = (await coordinator.get('/mt-requests?class=to_qualify')).body.items
      expect(queue).toHaveLength(4)
      expect(queue.map((item: { id: string }) => item.id)).not.toContain(urgent)
      const [gone, ...left] = queue.map((item: { id: string }) => item.id)
      await coordinator.post(`/mt-requests/${gone}/withdraw`, { reason: 'moved' })
      const now = (await coordinator.get('/mt-requests?class=to_qualify')).body.items
      expect(now.map((item: { id: string }) => item.id)).toEqual(left)
      expect((await coordinator.get('/mt-requests?class=to_qualify&state=withdrawn')).body.items).toEqual([])
    })

    rule('[MT-3] a pregnancy that is out of the question need not be denied', async (world) => {
      const { bring } = await requestStage(world)
      const classOf = async (more: Record<string, unknown>) =>
        (await bring({ members: [person(more, { pregnancy: null })] })).body.class
      expect(await classOf({ sex: 'male' })).toBe(5)
      expect(await classOf({ birthDate: '2016-01-01' })).toBe(5)
      expect(await classOf({ birthDate: '1970-01-01' })).toBe(5)
      expect(await classOf({ birthDate: '1980-01-01' })).toBe('to_qualify')
      expect(await classOf({ sex: undefined })).toBe('to_qualify')
    })

    rule(
      '[MT-3] who lacks something is in no run, and is brought to mind until it is known',
      async (world) => {
        const { request, read, coordinator, communityId } = await requestStage(world)
        const id = await request({ ald: null })
        expect(await world.act((ctx) => censusIn(ctx, communityId).waiting)).toEqual([])
        await later(world, 13)
        expect(await typesOf(world, id)).toEqual(['mt_request.created'])
        await later(world, 1)
        await later(world, 0)
        expect(await typesOf(world, id)).toEqual(['mt_request.created', 'mt_request.reminded'])
        await later(world, 14)
        expect((await typesOf(world, id)).filter((type) => type === 'mt_request.reminded')).toHaveLength(2)
        const patched = await coordinator.patch(`/mt-requests/${id}`, {
          members: [{ number: 0, flags: { ald: false } }],
        })
        expect(patched.body).toMatchObject({ state: 'waiting', class: 5, lacking: [] })
        expect((await world.act((ctx) => censusIn(ctx, communityId).waiting)).map((one) => one.id)).toEqual([
          id,
        ])
        await later(world, 14)
        expect((await typesOf(world, id)).filter((type) => type === 'mt_request.reminded')).toHaveLength(2)
        expect((await read(id)).state).toBe('waiting')
      },
    )

    rule(
      '[MT-4] waiting raises the class, and nobody waits more than 30 weeks for class 1',
      async (world) => {
        const { request, read } = await requestStage(world)
        const id = await request()
        const unknown = await request({ ald: null })
        const seen: unknown[] = []
        for (let week = 0; week <= 30; week++) {
          const { class: now, total, weeksWaiting } = await read(id)
          expect([total, weeksWaiting]).toEqual([2 * week, week])
          if (seen.at(-1) !== now) seen.push(now)
          await later(world, 7)
        }
        expect(seen).toEqual([5, 4, 3, 2, 1])
        // Not even one of whom something is not known starves.
        expect(await read(unknown)).toMatchObject({ class: 1, state: 'escalated' })
        expect((await typesOf(world, id)).filter((type) => type === 'mt_request.classed')).toHaveLength(4)
      },
    )

    rule('[MT-4] a week is full at midnight, whatever the hour of the request', async (world) => {
      const { request, read } = await requestStage(world)
      const id = await request()
      world.clock.set('2026-11-29T23:59:59+01:00')
      await world.tick()
      expect((await read(id)).total).toBe(0)
      world.clock.set('2026-11-30T00:00:00+01:00')
      await world.tick()
      expect((await read(id)).total).toBe(2)
    })

    rule('[MT-5] other rules class open requests anew at once, and leave closed ones', async (world) => {
      const { request, read, coordinator, communityId } = await requestStage(world)
      const other = await requestStage(world, '92063')
      const [open, closed] = [await request({ c2s: true }), await request({ c2s: true })]
      const elsewhere = await other.request({ c2s: true })
      await coordinator.post(`/mt-requests/${closed}/withdraw`, { reason: 'moved' })
      await setRules(coordinator, communityId, { grid: [{ rule: 'c2s', points: 45 }] })
      expect(await read(open)).toMatchObject({ class: 2, total: 45, rulesVersion: 1 })
      expect(await read(closed)).toMatchObject({ class: 4, rulesVersion: 0 })
      expect(await other.read(elsewhere)).toMatchObject({ class: 4, rulesVersion: 0 })
      expect((await eventsOf(world, open)).at(-1)).toMatchObject({
        type: 'mt_request.classed',
        data: { from: 4, to: 2, rulesVersion: 1 },
      })
      await setRules(coordinator, communityId, { grid: [{ rule: 'mtRetiring', points: 45 }] })
      expect(await read(open)).toMatchObject({ class: 5, total: 0, version: 3 })
    })
  })

  describe('requests', () => {
    rule('[MT-6] without consent given before now there is no request', async (world) => {
      const { bring } = await requestStage(world)
      const consent = { at: '2026-11-23T08:00:01+01:00', by: 'Alix', means: 'oral' }
      for (const given of [undefined, null, consent])
        expect((await bring({ consent: given })).body).toMatchObject({
          status: 422,
          code: 'consent_required',
        })
      expect((await bring({ consent: { ...consent, at: '2026-11-23T08:00:00+01:00' } })).status).toBe(201)
      expect((await bring({ consent: { ...consent, by: undefined } })).status).toBe(400)
    })

    rule('[MT-7] a commune, a birth date and an RPPS are real ones', async (world) => {
      const { bring } = await requestStage(world)
      const codeOf = async (more: Record<string, unknown>) => (await bring(more)).body.code
      expect(await codeOf({ commune: '75056' })).toBe('unknown_commune')
      expect(await codeOf({ members: [person({ birthDate: '2026-11-24' })] })).toBe('invalid_birth_date')
      expect(await codeOf({ alreadySeenBy: '10001234567' })).toBe('invalid_rpps')
      expect(await codeOf({ lat: 48.9 })).toBe('invalid_request')
      expect(await codeOf({ members: [] })).toBe('invalid_request')
      expect(await codeOf({ members: Array.from({ length: 13 }, () => person()) })).toBe('invalid_request')
      expect(await codeOf({ members: [person({}, { hiv: true })] })).toBe('invalid_request')
      expect((await bring({ members: [person({ birthDate: '2026-11-23' })] })).status).toBe(201)
    })

    rule('[MT-7] a position far from the commune is told, and blocks nothing', async (world) => {
      const { bring, coordinator, read } = await requestStage(world)
      const far = ['far_position']
      const { id, warnings } = (await bring({ lat: 2.207, lon: 48.896 })).body
      expect(warnings).toEqual(far)
      expect((await read(id)).warnings).toEqual(far)
      expect((await coordinator.get('/mt-requests')).body.items).toMatchObject([{ warnings: far }])
      // Half a degree of latitude is some 55 km, 0.4 some 44.
      expect(
        (await bring({ lat: 49.396, lon: 2.207, members: [person({ given: 'B' })] })).body,
      ).toMatchObject({
        warnings: far,
      })
      const near = await bring({ lat: 49.296, lon: 2.207, members: [person({ given: 'C' })] })
      expect(near.body.warnings).toBeUndefined()
      const mended = await coordinator.patch(`/mt-requests/${id}`, { lat: 48.753123456789, lon: 2.207 })
      expect(mended.body.warnings).toBeUndefined()
    })

    rule('[MT-19] a household that asked before waits from that day on', async (world) => {
      const { bring, communityId, read } = await requestStage(world)
      const { body } = await bring({ askedOn: '2026-09-01' })
      expect(body).toMatchObject({
        waitingSince: '2026-09-01T00:00:00+02:00',
        weeksWaiting: 11,
        total: 22,
        class: 4,
        createdAt: '2026-11-23T08:00:00+01:00',
      })
      expect((await eventsOf(world, body.id))[0]).toMatchObject({ data: { askedOn: '2026-09-01' } })
      // A day more is a week more, at midnight.
      world.clock.set('2026-11-24T00:00:00+01:00')
      await world.tick()
      expect(await read(body.id)).toMatchObject({ weeksWaiting: 12, total: 24 })
      const of = (askedOn: string, given: string) => bring({ askedOn, members: [person({ given })] })
      for (const [askedOn, status] of [
        ['2026-11-24', 201],
        ['2026-11-25', 422],
        ['2016-11-24', 201],
        ['2016-11-23', 422],
      ] as const) {
        const answer = await of(askedOn, askedOn)
        expect(answer.status, askedOn).toBe(status)
        if (status === 422) expect(answer.body.code).toBe('invalid_asked_on')
      }
      expect((await of('2026-02-30', 'B')).status).toBe(400)
      const gp = await makeGp(world, communityId)
      const asked = { askedOn: '2026-09-01' }
      expect((await gp.caller.post('/mt-requests', requestBody(communityId, asked))).body).toMatchObject({
        status: 422,
        code: 'invalid_asked_on',
      })
      expect((await world.admin.post('/mt-requests', requestBody(communityId, asked))).status).toBe(201)
    })

    rule('[MT-19] who was a child when they asked is asked about a pregnancy today', async (world) => {
      const { bring } = await requestStage(world)
      const { body } = await bring({
        askedOn: '2017-01-02',
        members: [person({ birthDate: '2006-01-01' }, { pregnancy: null })],
      })
      // Of class 1 by now, and what is not known is told all the same.
      expect(body.lacking).toEqual([{ member: 0, flag: 'pregnancy' }])
    })

    rule(
      '[MT-8] who asks is shown to the coordinators of the CPTS alone, and that is written down',
      async (world) => {
        const { bring, coordinator, communityId } = await requestStage(world)
        const made = await bring({ lat: 48.91, lon: 2.21 })
        const { id } = made.body
        expectNoName(made.text)
        expectNoName((await coordinator.get('/mt-requests')).text)
        expectNoName((await coordinator.patch(`/mt-requests/${id}`, { maxKm: 5 })).text)
        const seen = () =>
          rowsOf<typeof accessLog.$inferSelect>(world, (db) => db.select().from(accessLog).all())
        expect(seen()).toEqual([])
        const shown = await coordinator.get(`/mt-requests/${id}`)
        expect(shown.body).toMatchObject({
          contact: { phone: '+33639980001', email: 'alix@example.org' },
          consentBy: 'Alix Fictive',
          position: { lat: 48.91, lon: 2.21 },
          members: [{ number: 0, family: 'Fictive', given: 'Alix', birthDate: '1980-02-29', sex: 'female' }],
        })
        expect(seen()).toMatchObject([{ subject: id, practitionerId: null }])
        const admin = await world.admin.get(`/mt-requests/${id}`)
        expect(admin.status).toBe(200)
        expectNoName(admin.text)
        expect(seen()).toHaveLength(1)
        expectNoName(JSON.stringify(await everyPage(world.admin, '/audit', 200)))
        const tables = rowsOf(
          world,
          (db) => [db.select().from(mtRequests).all(), db.select().from(mtMembers).all()] as never,
        )
        expectNoName(JSON.stringify(tables))
        const foreign = await world.key('coordinator', {
          communityIds: [await makeCommunity(world, '92063')],
        })
        for (const answer of [
          await foreign.get(`/mt-requests/${id}`),
          await foreign.patch(`/mt-requests/${id}`, {}),
          await foreign.post(`/mt-requests/${id}/withdraw`, { reason: 'moved' }),
          await foreign.post(`/mt-requests/${id}/erase`),
          await foreign.post(`/mt-requests/${id}/contacts`, { channel: 'sms', reached: true }),
          await foreign.post('/mt-requests', requestBody(communityId)),
        ])
          expect(answer.body).toMatchObject({ status: 404, code: 'not_found' })
        expect((await foreign.get(`/mt-requests?community=${communityId}`)).body.items).toEqual([])
      },
    )

    rule('[MT-8] a practitioner of the CPTS brings a patient in, and reads nobody', async (world) => {
      const { communityId } = await requestStage(world)
      const gp = await makeGp(world, communityId)
      const made = await gp.caller.post('/mt-requests', requestBody(communityId, { source: 'professional' }))
      expect(made.status).toBe(201)
      expectNoName(made.text)
      expect((await gp.caller.get(`/mt-requests/${made.body.id}`)).status).toBe(403)
      const stranger = await makeGp(world, await makeCommunity(world, '92063'), '92063')
      expect((await stranger.caller.post('/mt-requests', requestBody(communityId))).status).toBe(404)
      for (const role of ['regulator', 'auditor'] as const) {
        const caller = await world.key(role)
        expect((await caller.post('/mt-requests', requestBody(communityId))).status).toBe(403)
        expect((await caller.get('/mt-requests')).status).toBe(403)
      }
    })

    rule(
      '[MT-9] the same person in another open request of the CPTS is told, and blocks nothing',
      async (world) => {
        const { bring, coordinator, read } = await requestStage(world)
        const other = await requestStage(world, '92063')
        await other.bring()
        const first = (await bring()).body
        expect(first.warnings).toBeUndefined()
        const again = person({ family: 'FICTIVE', given: 'alix' })
        const second = await bring({ members: [person({ given: 'Camille' }), again] })
        expect(second.status).toBe(201)
        expect(second.body).toMatchObject({ warnings: ['possible_duplicate'], duplicates: [first.id] })
        expect(await read(first.id)).toMatchObject({ duplicates: [second.body.id] })
        const third = (await bring({ members: [person({ given: 'Dominique' })] })).body
        const items: { id: string }[] = (await coordinator.get('/mt-requests')).body.items
        const listed = (id: string) => items.find((one) => one.id === id)
        const warnings = ['possible_duplicate']
        expect(listed(first.id)).toMatchObject({ warnings, duplicates: [second.body.id] })
        expect(listed(second.body.id)).toMatchObject({ warnings, duplicates: [first.id] })
        expect(listed(third.id)).not.toHaveProperty('warnings')
        await coordinator.post(`/mt-requests/${second.body.id}/withdraw`, { reason: 'duplicate' })
        expect((await read(first.id)).duplicates).toBeUndefined()
        expect((await bring({ members: [again] })).body.duplicates).toEqual([first.id])
      },
    )

    rule('[MT-9] a GP who brings a patient in does not learn who is in the census', async (world) => {
      const { bring, communityId, read } = await requestStage(world)
      const gp = await makeGp(world, communityId)
      const { id } = (await bring()).body
      const body = requestBody(communityId, { source: 'professional' })
      const known = await gp.caller.post('/mt-requests', body)
      expect(known.status).toBe(201)
      expect(known.body.warnings).toBeUndefined()
      expect(known.body.duplicates).toBeUndefined()
      expect(known.text).not.toContain(id)
      // Word for word as of somebody whom nobody knows.
      const unknown = await gp.caller.post('/mt-requests', {
        ...body,
        members: [person({ given: 'Camille' })],
      })
      expect({ ...known.body, id: '' }).toEqual({ ...unknown.body, id: '' })
      expect(await read(id)).toMatchObject({ duplicates: [known.body.id] })
      expect((await gp.caller.get('/events')).text).not.toContain(id)
      expect((await world.admin.post('/mt-requests', body)).body.duplicates).toContain(id)
    })

    rule('[MT-10] who was already seen by a GP is asked for first', async (world) => {
      const { bring, coordinator } = await requestStage(world)
      const gp = await makeGp(world, await makeCommunity(world, '92063'), '92063')
      const { rpps } = (await world.admin.get(`/practitioners/${gp.id}`)).body
      const known = (await bring({ alreadySeenBy: rpps })).body
      expect(known).toMatchObject({ alreadySeenBy: rpps, alreadySeenPractitionerId: gp.id })
      const unknown = (await bring({ alreadySeenBy: rppsOf(999_999_999) })).body
      expect(unknown.alreadySeenPractitionerId).toBeUndefined()
      const none = (await bring()).body
      const ids = async (flag: string) =>
        (await coordinator.get(`/mt-requests?alreadySeen=${flag}`)).body.items.map(
          (one: { id: string }) => one.id,
        )
      expect((await ids('true')).sort()).toEqual([known.id, unknown.id].sort())
      expect(await ids('false')).toEqual([none.id])
    })

    rule('[MT-11] the list is by arrival, a page at a time, narrowed as asked', async (world) => {
      const { request, coordinator, communityId } = await requestStage(world)
      const made: string[] = []
      for (let i = 0; i < 5; i++) {
        world.clock.advance(1_000)
        made.push(await request(i % 2 === 0 ? {} : { ald: true }, i === 4 ? { commune: '92063' } : {}))
      }
      expect((await everyPage(coordinator, '/mt-requests', 2)).map((one) => one.id)).toEqual(made)
      const ids = async (query: string) =>
        (await coordinator.get(`/mt-requests?${query}`)).body.items.map((one: { id: string }) => one.id)
      expect(await ids(`community=${communityId}&class=3`)).toEqual([made[1], made[3]])
      expect(await ids('commune=92063')).toEqual([made[4]])
      expect(await ids('state=withdrawn')).toEqual([])
      expect((await coordinator.get('/mt-requests?class=6')).status).toBe(400)
      const both = await world.key('coordinator', {
        communityIds: [communityId, await makeCommunity(world, '92073')],
      })
      expect((await everyPage(both, '/mt-requests', 2)).map((one) => one.id)).toEqual(made)
    })

    rule('[MT-12] a change says what changes, and never since when somebody waits', async (world) => {
      const { bring, read, coordinator } = await requestStage(world)
      const { id, version, waitingSince } = (
        await bring({ lat: 48.9, lon: 2.2, members: [person(), person({ given: 'Camille' }, { ald: null })] })
      ).body
      await later(world, 7)
      const answer = await coordinator.patch(
        `/mt-requests/${id}`,
        {
          members: [
            { number: 1, flags: { ald: true } },
            { number: 0, given: 'Alexandra', birthDate: '1950-01-31' },
          ],
          needs: { language: 'pt' },
          contact: { email: null },
          maxKm: 8,
          household: 'may_split',
        },
        { headers: { 'if-match': `"${version}"` } },
      )
      expect(answer.body).toMatchObject({
        state: 'waiting',
        class: 3,
        total: 32,
        needs: { homeVisit: false, language: 'pt' },
        maxKm: 8,
        waitingSince,
        weeksWaiting: 1,
        version: Number(version) + 1,
      })
      const after = await read(id)
      expect(after).toMatchObject({
        contact: { phone: '+33639980001' },
        position: { lat: 48.9, lon: 2.2 },
        members: [
          { given: 'Alexandra', birthDate: '1950-01-31', flags: { ald: false } },
          { given: 'Camille', flags: { ald: true, isolation: false } },
        ],
      })
      expect(after.contact.email).toBeUndefined()
      const moved = await coordinator.patch(`/mt-requests/${id}`, { commune: '92063', maxKm: null })
      expect(moved.body.maxKm).toBeUndefined()
      expect((await read(id)).position).toBeUndefined()
      expect(
        (await coordinator.patch(`/mt-requests/${id}`, {}, { headers: { 'if-match': '"1"' } })).status,
      ).toBe(412)
      const codeOf = async (change: object) =>
        (await coordinator.patch(`/mt-requests/${id}`, change)).body.code
      expect(await codeOf({ members: [{ number: 2, flags: {} }] })).toBe('not_found')
      expect(await codeOf({ commune: '75056' })).toBe('unknown_commune')
      expect(await codeOf({ alreadySeenBy: '1' })).toBe('invalid_rpps')
      expect(await codeOf({ members: [{ number: 0, birthDate: '2030-01-01' }] })).toBe('invalid_birth_date')
      expect(await codeOf({ waitingSince: '2020-01-01T00:00:00Z' })).toBe('invalid_request')
    })

    rule('[MT-12] a name that is corrected is found by its new writing', async (world) => {
      const { bring, coordinator } = await requestStage(world)
      const { id } = (await bring()).body
      await coordinator.patch(`/mt-requests/${id}`, { members: [{ number: 0, family: 'Autre' }] })
      expect((await bring({ members: [person({ family: 'Autre' })] })).body.duplicates).toEqual([id])
      expect((await bring()).body.duplicates).toBeUndefined()
    })

    rule('[MT-12] what changes nothing is no version and no event', async (world) => {
      const { bring, coordinator, read } = await requestStage(world)
      const { id } = (
        await bring({
          lat: 48.9,
          lon: 2.2,
          maxKm: 8,
          members: [person({}, { ald: undefined }), person({ given: 'B' })],
        })
      ).body
      const before = await read(id)
      const patch = (change: object) => coordinator.patch(`/mt-requests/${id}`, change)
      for (const change of [
        {},
        { members: [] },
        { contact: {} },
        { contact: { phone: '06 39 98 00 01', email: 'alix@example.org' }, needs: { homeVisit: false } },
        { commune: '92050', lat: 48.9, lon: 2.2, household: 'together', source: 'cpts', maxKm: 8 },
        { members: [{ number: 0, family: 'Fictive', birthDate: '1980-02-29', flags: { ald: null } }] },
        { alreadySeenBy: null },
      ]) {
        const answer = await patch(change)
        expect(answer.status, JSON.stringify(change)).toBe(200)
        expect(answer.body.version, JSON.stringify(change)).toBe(1)
      }
      expect(await read(id)).toEqual(before)
      expect(await typesOf(world, id)).toEqual(['mt_request.created'])
      for (const [index, change] of [
        { members: [{ number: 1, family: 'Autre' }] },
        { members: [{ number: 0, flags: { ald: false } }] },
        { contact: { email: null } },
        { lat: null, lon: null },
      ].entries())
        expect((await patch(change)).body.version, JSON.stringify(change)).toBe(index + 2)
    })

    rule(
      '[MT-13] of a closed request names and contact are corrected until they are erased',
      async (world) => {
        const { request, coordinator, read } = await requestStage(world)
        const id = await request({ ald: null })
        await coordinator.post(`/mt-requests/${id}/withdraw`, { reason: 'found_mt' })
        const before = await read(id)
        const patch = (change: object) => coordinator.patch(`/mt-requests/${id}`, change)
        const corrected = await patch({
          contact: { phone: '+33639980077' },
          members: [{ number: 0, given: 'Alexandra' }],
        })
        expect(corrected.status).toBe(200)
        const { contact, members, version, ...rest } = await read(id)
        expect(contact.phone).toBe('+33639980077')
        expect(members).toMatchObject([{ given: 'Alexandra', family: before.members[0].family }])
        expect({ ...rest, contact: before.contact, members: before.members, version: version - 1 }).toEqual(
          before,
        )
        expect((await eventsOf(world, id)).at(-1)).toMatchObject({
          type: 'mt_request.updated',
          data: { changed: ['contact', 'members'] },
        })
        for (const change of [
          { contact: { phone: '+33639980078' }, maxKm: 3 },
          { members: [{ number: 0, birthDate: '1950-01-01' }] },
          { members: [{ number: 0, flags: { ald: true } }] },
          { state: 'waiting' },
        ])
          expect((await patch(change)).body, JSON.stringify(change)).toMatchObject({ code: 'request_closed' })
        expect((await read(id)).contact.phone).toBe('+33639980077')
        await coordinator.post(`/mt-requests/${id}/erase`)
        expect((await patch({ contact: { phone: '+33639980079' } })).body).toMatchObject({ code: 'erased' })
      },
    )

    rule('[MT-13] a closed request is changed no more', async (world) => {
      const { request, coordinator } = await requestStage(world)
      const id = await request()
      const done = await coordinator.post(`/mt-requests/${id}/withdraw`, { reason: 'found_mt' })
      expect(done.body).toMatchObject({ state: 'withdrawn', withdrawalReason: 'found_mt' })
      for (const answer of [
        await coordinator.patch(`/mt-requests/${id}`, { maxKm: 3 }),
        await coordinator.post(`/mt-requests/${id}/withdraw`, { reason: 'moved' }),
        await coordinator.post(`/mt-requests/${id}/contacts`, { channel: 'phone', reached: false }),
      ])
        expect(answer.body).toMatchObject({ status: 409, code: 'request_closed' })
    })

    rule(
      '[MT-14] every attempt is kept; three in vain by two ways put a household out of reach',
      async (world) => {
        const { request, read, coordinator, communityId } = await requestStage(world)
        const id = await request()
        const attempt = async (channel: string, reached = false) => {
          world.clock.advance(1_000)
          return (await coordinator.post(`/mt-requests/${id}/contacts`, { channel, reached })).body
        }
        await attempt('phone')
        await attempt('phone')
        expect(await attempt('phone')).toMatchObject({ state: 'waiting' })
        await attempt('sms', true)
        await attempt('phone')
        await attempt('phone')
        expect(await attempt('email')).toMatchObject({ state: 'unreachable' })
        const lost = await read(id)
        expect(lost).toMatchObject({ state: 'unreachable' })
        expect(lost.contacts).toHaveLength(7)
        expect(await world.act((ctx) => censusIn(ctx, communityId).waiting)).toEqual([])
        expect((await typesOf(world, id)).at(-1)).toBe('mt_request.unreachable')
        world.clock.advance(WEEK)
        const back = await coordinator.patch(`/mt-requests/${id}`, {
          state: 'waiting',
          contact: { phone: '+33639980077' },
        })
        expect(back.body).toMatchObject({
          state: 'waiting',
          waitingSince: lost.waitingSince,
          weeksWaiting: 1,
        })
        expect(back.body.eraseAfter).toBeUndefined()
        expect((await typesOf(world, id)).at(-1)).toBe('mt_request.reopened')
        expect(await attempt('phone')).toMatchObject({ state: 'waiting' })
        await attempt('phone')
        expect(await attempt('sms')).toMatchObject({ state: 'unreachable' })
        // Reached after all: back at once, in one step.
        expect(await attempt('letter')).toMatchObject({ state: 'unreachable' })
        expect(await attempt('phone', true)).toMatchObject({ state: 'waiting' })
        expect((await typesOf(world, id)).slice(-2)).toEqual(['mt_request.contacted', 'mt_request.reopened'])
        const found = await read(id)
        expect(found).toMatchObject({ waitingSince: lost.waitingSince, class: 5 })
        expect(found.eraseAfter).toBeUndefined()
        expect((await coordinator.patch(`/mt-requests/${id}`, { state: 'waiting' })).body).toMatchObject({
          status: 409,
          code: 'invalid_transition',
        })
      },
    )

    rule(
      '[MT-15] after a set time of waiting a person looks, and the request is in the runs still',
      async (world) => {
        const { request, read, coordinator, communityId } = await requestStage(world)
        await setRules(coordinator, communityId, { escalationDays: 20 })
        const id = await request()
        await later(world, 19)
        expect((await read(id)).state).toBe('waiting')
        await later(world, 1)
        await later(world, 0)
        expect(await read(id)).toMatchObject({ state: 'escalated' })
        expect((await typesOf(world, id)).filter((type) => type === 'mt_request.escalated')).toHaveLength(1)
        expect((await world.act((ctx) => censusIn(ctx, communityId).waiting)).map((one) => one.id)).toEqual([
          id,
        ])
      },
    )

    rule('[MT-15] after too many refusals a person looks; seniority is kept', async (world) => {
      const { request, read } = await requestStage(world)
      const id = await request()
      const { waitingSince } = await read(id)
      const settle = (proposed: number, refusal?: true) =>
        world.act((ctx) =>
          settleRequest(ctx, id, { proposed, accepted: 0, declared: 0, ...(refusal ? { refusal } : {}) }),
        )
      for (const state of ['waiting', 'waiting', 'escalated']) {
        world.clock.advance(DAY)
        await settle(1)
        expect((await read(id)).state).toBe('proposed')
        await settle(0, true)
        expect(await read(id)).toMatchObject({ state, waitingSince })
      }
      expect(await read(id)).toMatchObject({ refusals: 3 })
      expect((await typesOf(world, id)).filter((type) => type === 'mt_request.escalated')).toHaveLength(1)
    })

    rule('[MT-16] a request is where its people are: placed when all of them are', async (world) => {
      const { bring, read } = await requestStage(world)
      const { id } = (await bring({ members: [person(), person({ given: 'Camille' })] })).body
      const settle = async (proposed: number, accepted: number, declared: number) => {
        await world.act((ctx) => settleRequest(ctx, id, { proposed, accepted, declared }))
        return (await read(id)).state
      }
      expect(await settle(2, 0, 0)).toBe('proposed')
      expect(await settle(1, 1, 0)).toBe('proposed')
      expect(await settle(0, 1, 0)).toBe('accepted')
      expect(await settle(0, 0, 1)).toBe('waiting')
      expect(await settle(1, 0, 1)).toBe('proposed')
      expect(await settle(0, 1, 1)).toBe('accepted')
      expect(await settle(0, 0, 2)).toBe('placed')
      expect(await read(id)).toMatchObject({ closedAt: '2026-11-23T08:00:00+01:00' })
    })

    rule('[MT-17] consent that is revoked takes the names with it', async (world) => {
      const { bring, coordinator } = await requestStage(world)
      const { id } = (await bring({ lat: 48.9, lon: 2.2, alreadySeenBy: rppsOf(5) })).body
      const vault = () => rowsOf(world, (db) => db.select().from(identities).all() as never)
      expect(vault()).toHaveLength(1)
      const done = await coordinator.post(`/mt-requests/${id}/withdraw`, { reason: 'consent_revoked' })
      expect(done.body).toMatchObject({
        state: 'withdrawn',
        consent: { revokedAt: '2026-11-23T08:00:00+01:00' },
        erasedAt: '2026-11-23T08:00:00+01:00',
      })
      expect(vault()).toEqual([])
      const after = await coordinator.get(`/mt-requests/${id}`)
      expect(after.status).toBe(200)
      expectNoName(after.text)
      expect(after.body.contact).toBeUndefined()
      expect(rowsOf(world, (db) => db.select().from(mtMembers).all() as never)).toMatchObject([
        { bornIn: null, flags: {} },
      ])
      expect(rowsOf(world, (db) => db.select().from(mtRequests).all() as never)).toMatchObject([
        { lat: null, lon: null, alreadySeenBy: null, points: [] },
      ])
      expect((await coordinator.post(`/mt-requests/${id}/erase`)).body).toMatchObject({ code: 'erased' })
    })

    rule('[MT-17] on demand a household is forgotten at any moment', async (world) => {
      const { request, coordinator } = await requestStage(world)
      const [open, closed] = [await request(), await request()]
      await coordinator.post(`/mt-requests/${closed}/withdraw`, { reason: 'moved' })
      const first = await coordinator.post(`/mt-requests/${open}/erase`, { requestedBy: 'guardian' })
      expect(first.body).toMatchObject({ state: 'withdrawn', withdrawalReason: 'consent_revoked' })
      expect((await typesOf(world, open)).slice(-2)).toEqual(['mt_request.withdrawn', 'mt_request.erased'])
      const second = await coordinator.post(`/mt-requests/${closed}/erase`)
      expect(second.body).toMatchObject({ state: 'withdrawn', withdrawalReason: 'moved' })
      expect(rowsOf(world, (db) => db.select().from(identities).all() as never)).toEqual([])
    })

    rule('[MT-17] identities are kept a year after the end, and while a request is open', async (world) => {
      const { request, read, coordinator } = await requestStage(world)
      const [open, closed, lost] = [await request(), await request(), await request()]
      await coordinator.post(`/mt-requests/${closed}/withdraw`, { reason: 'moved' })
      for (const channel of ['phone', 'phone', 'sms'])
        await coordinator.post(`/mt-requests/${lost}/contacts`, { channel, reached: false })
      await later(world, 364)
      expect((await read(closed)).contact).toBeDefined()
      await later(world, 1)
      await later(world, 0)
      for (const id of [closed, lost]) {
        const after = await read(id)
        expect(after.contact).toBeUndefined()
        expect(after.erasedAt).toBeDefined()
      }
      expect((await read(open)).contact).toBeDefined()
      expect((await eventsOf(world, closed)).at(-1)).toMatchObject({
        type: 'mt_request.erased',
        data: { reason: 'retention' },
      })
      // Who was lost sight of is not left half alive: withdrawn in the same step.
      expect((await typesOf(world, lost)).slice(-2)).toEqual(['mt_request.withdrawn', 'mt_request.erased'])
      const gone = await read(lost)
      expect(gone).toMatchObject({ state: 'withdrawn', withdrawalReason: 'unreachable' })
      expect(gone.closedAt).toBe(gone.erasedAt)
      expect((await coordinator.get('/mt-requests?state=unreachable')).body.items).toEqual([])
      expect((await coordinator.patch(`/mt-requests/${lost}`, { state: 'waiting' })).body).toMatchObject({
        code: 'request_closed',
      })
    })
  })

  describe('the right to know', () => {
    const textOf = (sections: { title: string; lines: string[] }[]) =>
      sections.flatMap(({ title, lines }) => [title, ...lines]).join('\n')

    rule(
      '[MT-18] the page tells class, waiting, reasons, what was done, who decides and how to object',
      async (world) => {
        const { bring, coordinator, communityId } = await requestStage(world)
        await setRules(coordinator, communityId)
        const { id } = (await bring({ members: [person(), person({ given: 'Camille' }, { ald: true })] }))
          .body
        await coordinator.post(`/mt-requests/${id}/contacts`, { channel: 'phone', reached: false })
        await later(world, 35)
        const { status, body } = await coordinator.get(`/mt-requests/${id}/rights?member=1`)
        expect(status).toBe(200)
        const text = textOf(body.sections)
        for (const said of [
          'Pour Alix Fictive, Camille Fictive.',
          'Demande d’un médecin traitant du 23/11/2026',
          'votre accord du 20/11/2026',
          'Priorité élevée : classe 2 sur 5',
          'affection de longue durée : 30 points',
          'temps d’attente : 10 points',
          'Total : 40 points.',
          'Durée de votre attente : entre 4 et 8 semaines.',
          'Aucune proposition faite à un médecin, 1 tentative de vous joindre.',
          'rien n’est décidé par la machine seule (RGPD, article 22)',
          'Retirer votre accord',
          'version 1',
        ])
          expect(text).toContain(said)
        for (const path of ['rights', 'rights/page', 'rights?member=0', 'rights/page?member=0']) {
          const own = await coordinator.get(`/mt-requests/${id}/${path}`)
          expect(own.text).toContain('autre personne du foyer : 30 points')
          expect(own.text).not.toContain('affection de longue durée :')
        }
        expect((await coordinator.get(`/mt-requests/${id}/rights?member=2`)).status).toBe(404)
        expect((await coordinator.get(`/mt-requests/${id}/rights?member=1000`)).status).toBe(400)
      },
    )

    rule('[MT-18] the page of a closed request says that it is over', async (world) => {
      const { request, coordinator } = await requestStage(world)
      const id = await request({ isolation: null })
      await coordinator.post(`/mt-requests/${id}/withdraw`, { reason: 'found_mt' })
      const text = textOf((await coordinator.get(`/mt-requests/${id}/rights`)).body.sections)
      expect(text).toContain('Elle est close : elle a été retirée.')
      expect(text).not.toMatch(/Vous attendez|Il manque|pas encore/)
    })

    rule('[MT-18] who is not classed yet reads what is missing', async (world) => {
      const { request, coordinator } = await requestStage(world)
      const id = await request({ isolation: null, c2s: null })
      const text = textOf((await coordinator.get(`/mt-requests/${id}/rights`)).body.sections)
      expect(text).toContain('isolement : oui ou non ?')
      expect(text).toContain('complémentaire santé solidaire ou aide médicale de l’État : oui ou non ?')
      expect(text).not.toContain('sur 5')
    })

    rule(
      '[MT-18] the page prints alone, all text escaped, for the coordinators of the CPTS only',
      async (world) => {
        const { bring, coordinator } = await requestStage(world)
        const { id } = (await bring({ members: [person({ given: '<script>x</script>' })] })).body
        const page = await coordinator.get(`/mt-requests/${id}/rights/page`)
        expect(page.status).toBe(200)
        expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
        expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
        expect(page.text).toContain('&lt;script&gt;')
        expect(page.text).not.toContain('<script')
        expect(page.text).not.toMatch(/(?:src|href)=/)
        const seen = rowsOf(world, (db) => db.select().from(accessLog).all() as never)
        expect(seen).toHaveLength(1)
        expect((await world.admin.get(`/mt-requests/${id}/rights`)).status).toBe(403)
        await coordinator.post(`/mt-requests/${id}/erase`)
        for (const path of ['rights', 'rights/page'])
          expect((await coordinator.get(`/mt-requests/${id}/${path}`)).body).toMatchObject({ code: 'erased' })
      },
    )
  })
}
