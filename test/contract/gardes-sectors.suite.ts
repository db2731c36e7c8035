import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { getManagedSector, updateSector } from '../../src/gardes/sectors/actions.ts'
import {
  addAbsence,
  addRestriction,
  addWish,
  listRestrictions,
  listWishes,
} from '../../src/gardes/sectors/notes/actions.ts'
import { getListedSector, listMembers, setMembers } from '../../src/gardes/sectors/people/actions.ts'
import { listShiftTypes, setShiftTypes } from '../../src/gardes/sectors/shift-types/actions.ts'
import { sectorSnapshot } from '../../src/gardes/sectors/snapshot/actions.ts'
import type { Ctx } from '../../src/db/db.ts'
import { getLocalDate } from '../../src/kernel/civil.ts'
import { actorOf, aside, dream, everyPage, refusalOf } from '../support/attempt.ts'
import { makeCommunity, makeGp, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { calendar, created, hoursOf, makeSector, NIGHT, sectorIn, typeBody } from '../support/sectors.ts'
import { SYSTEM, type Caller, type World } from '../support/world.ts'

const stage = async (world: World) => {
  const nanterre = await makeCommunity(world, '92050')
  const rueil = await makeCommunity(world, '92063')
  const suresnes = await makeCommunity(world, '92073')
  const gp = await makeGp(world, nanterre)
  const colleague = await makeGp(world, rueil, '92063')
  const stranger = await makeGp(world, suresnes, '92073')
  const coordinatorOf = (...communityIds: string[]) => world.key('coordinator', { communityIds })
  return { nanterre, rueil, suresnes, gp, colleague, stranger, coordinatorOf }
}

const sectorBody = (communityIds: readonly string[], more: Record<string, unknown> = {}) => ({
  name: 'Secteur de l’hôpital',
  communes: ['92050', '92063'],
  communityIds,
  ...more,
})

const memberBody = (gp: Pick<Member, 'id'>, more: Record<string, unknown> = {}) => ({
  practitionerId: gp.id,
  share: 100,
  from: '2026-01-01',
  ...more,
})

/** What a refusal says, and where in the body. */
const refused = (answer: { status: number; body: { code?: string; errors?: { path: string }[] } }) =>
  [answer.status, answer.body.code, ...(answer.body.errors ?? []).map(({ path }) => path)].join(' ')

const codesOf = async (caller: Caller, sector: string): Promise<string[]> =>
  (await caller.get(`/sectors/${sector}/shift-types`)).body.items.map((type: { code: string }) => type.code)

const idsOf = async (caller: Caller, path: string): Promise<string[]> =>
  (await everyPage(caller, path, 2)).map((one: { id: string }) => one.id)

const day = getLocalDate
const DECEMBER = { from: day('2026-12-01'), to: day('2026-12-31') }

// Who may do what, as a table of its own.

interface Verb {
  readonly name: string
  readonly may: (who: Who) => boolean
  readonly run: (ctx: Ctx, sector: string, self: string, other: string) => unknown
}

interface Who {
  readonly isAdmin: boolean
  /** Coordinates a CPTS that shares the sector. */
  readonly coordinates: boolean
  /** Is on its list. */
  readonly isListed: boolean
}

const manages = (who: Who) => who.isAdmin || who.coordinates

const VERBS: readonly Verb[] = [
  { name: 'read types', may: () => true, run: (ctx, sector) => listShiftTypes(ctx, sector) },
  { name: 'manage', may: manages, run: (ctx, sector) => getManagedSector(ctx, sector) },
  {
    name: 'rename',
    may: manages,
    run: (ctx, sector) => updateSector(ctx, sector, { name: 'Autre' }, undefined),
  },
  { name: 'set types', may: manages, run: (ctx, sector) => setShiftTypes(ctx, sector, [], undefined) },
  { name: 'set list', may: manages, run: (ctx, sector) => setMembers(ctx, sector, [], undefined) },
  {
    name: 'read list',
    may: (who) => manages(who) || who.isListed,
    run: (ctx, sector) => listMembers(ctx, sector),
  },
  {
    name: 'read as one of the list',
    may: (who) => manages(who) || who.isListed,
    run: (ctx, sector) => getListedSector(ctx, sector),
  },
  {
    name: 'wish for oneself',
    may: (who) => who.isListed,
    run: (ctx, sector, self) => addWish(ctx, sector, { practitionerId: self, ...DECEMBER, want: 'avoid' }),
  },
  {
    name: 'be away for somebody of the list',
    may: manages,
    run: (ctx, sector, _self, other) => addAbsence(ctx, sector, { practitionerId: other, ...DECEMBER }),
  },
  {
    name: 'restrict oneself',
    may: (who) => who.isListed,
    run: (ctx, sector, self) =>
      addRestriction(ctx, sector, { practitionerId: self, ...DECEMBER, source: 'self', class: 'other' }),
  },
  {
    name: 'restrict for the CDOM',
    may: manages,
    run: (ctx, sector, _self, other) =>
      addRestriction(ctx, sector, { practitionerId: other, ...DECEMBER, source: 'CDOM', class: 'age' }),
  },
  {
    name: 'see everybody’s wishes',
    may: manages,
    run: (ctx, sector, _self, other) => {
      const seen = listWishes(ctx, sector, {}, undefined, 10)
      if (!seen.some((wish) => wish.practitionerId === other)) getManagedSector(ctx, 'none')
    },
  },
  {
    name: 'see everybody’s restrictions',
    may: manages,
    run: (ctx, sector, _self, other) => {
      const seen = listRestrictions(ctx, sector, {}, undefined, 10)
      if (!seen.some((one) => one.practitionerId === other)) getManagedSector(ctx, 'none')
    },
  },
]

/** Verbs of which the code and a table of who may do not say the same. */
const disagreements = (
  outcomes: readonly { name: string; refused: boolean }[],
  may: (name: string) => boolean,
): string[] => outcomes.filter((one) => one.refused === may(one.name)).map(({ name }) => name)

export const gardesSectorsSuite: Suite = (rule) => {
  describe('sectors', () => {
    rule('[SECTOR-1] several CPTS share a sector, with communes that need not be theirs', async (world) => {
      const { nanterre, rueil, suresnes, coordinatorOf } = await stage(world)
      const coordinator = await coordinatorOf(nanterre)
      const body = sectorBody([suresnes, nanterre, rueil, nanterre], {
        communes: ['92026', '92050', '92050'],
        siteName: 'Hôpital',
        address: '40 rue de l’Exemple',
        postalCode: '92150',
        city: 'Suresnes',
        insee: '92073',
        lat: 48.87,
        lon: 2.22,
        phone: '01 99 00 12 34',
        goodFridayIsHoliday: true,
        pontDays: { mondayBefore: true },
        extraHolidays: ['2027-06-24', '2026-12-26', '2027-06-24'],
        restHours: 12,
        maxShiftsPer7Days: 2,
        maxShiftsPer28Days: 6,
        approvalForSwaps: true,
        validFrom: '2026-01-01',
        validTo: '2030-12-31',
      })
      const made = await coordinator.post('/sectors', body)
      expect(made.status, made.text).toBe(201)
      expect(made.body).toEqual({
        ...body,
        id: made.body.id,
        kind: 'garde',
        communes: ['92026', '92050'],
        communityIds: [nanterre, rueil, suresnes].sort(),
        phone: '+33199001234',
        pontDays: { mondayBefore: true, fridayAfter: false, saturdayAfter: false },
        extraHolidays: ['2026-12-26', '2027-06-24'],
        version: 1,
      })
      expect(made.headers.get('etag')).toBe('"1"')
      // A CPTS keeps its own daytime ranges beside.
      const own = await coordinator.post('/sectors', sectorBody([nanterre], { kind: 'snp' }))
      const idsFor = (query: string) => idsOf(coordinator, `/sectors?${query}`)
      expect(await idsFor('kind=snp')).toEqual([own.body.id])
      expect(await idsFor('commune=92026')).toEqual([made.body.id])
      expect(await idsFor(`community=${nanterre}`)).toEqual([made.body.id, own.body.id].sort())
      expect(await idsFor(`community=${nanterre}&commune=92063`)).toEqual([own.body.id])
      expect(await idsFor('commune=92073')).toEqual([])
    })

    rule(
      '[SECTOR-1] a commune or a CPTS that is not there is refused, and so is what is unknown',
      async (world) => {
        const { nanterre } = await stage(world)
        const post = async (body: Record<string, unknown>) =>
          refused(await world.admin.post('/sectors', body))
        const absent = 'cpts_7zzzzzzzzzzzzzzzzzzzzzzzzz'
        expect(await post(sectorBody([nanterre], { communes: ['92050', '75056'] }))).toBe(
          '422 unknown_commune communes',
        )
        expect(await post(sectorBody([nanterre, absent]))).toBe('404 not_found')
        for (const [more, path] of [
          [{ communes: [] }, 'communes'],
          [{ communityIds: [] }, 'communityIds'],
          [{ name: ' ' }, 'name'],
          [{ reason: 'x' }, ''],
          [{ kind: 'other' }, 'kind'],
          [{ restHours: 73 }, 'restHours'],
          [{ restHours: -1 }, 'restHours'],
          [{ maxShiftsPer7Days: 0 }, 'maxShiftsPer7Days'],
          [{ pontDays: { sundayAfter: true } }, 'pontDays'],
          [{ extraHolidays: ['2026-02-30'] }, 'extraHolidays.0'],
          [{ lat: 48.9 }, 'lon'],
          [{ version: 3 }, ''],
        ] as const)
          expect(await post(sectorBody([nanterre], more)), JSON.stringify(more)).toBe(
            `400 invalid_request ${path}`,
          )
        expect((await world.admin.get('/sectors')).body.items).toEqual([])
      },
    )

    rule(
      '[SECTOR-2] who does what with a sector is as in the table, whatever CPTS they coordinate',
      async (world) => {
        const { nanterre, rueil, suresnes, gp, colleague, stranger, coordinatorOf } = await stage(world)
        const all = [nanterre, rueil, suresnes]
        const coordinators = await Promise.all(
          [[nanterre], [rueil], [suresnes], [nanterre, suresnes]].map((ids) => coordinatorOf(...ids)),
        )
        const callers: readonly (Caller | undefined)[] = [
          undefined,
          ...coordinators,
          world.admin,
          gp.caller,
          colleague.caller,
          stranger.caller,
        ]
        const people = [gp, colleague, stranger]
        let swapped: string[] = []
        const seen = new Set<boolean>()
        await fc.assert(
          fc.asyncProperty(
            fc.subarray(all, { minLength: 1 }),
            fc.subarray(people),
            fc.nat({ max: callers.length - 1 }),
            async (communityIds, members, index) => {
              const caller = callers[index]
              const actor = caller ? actorOf(world, caller) : SYSTEM
              const self = actor.kind === 'key' && actor.practitionerId ? actor.practitionerId : gp.id
              const other = people.find(({ id }) => id !== self)!.id
              const coordinated =
                actor.kind === 'key' && actor.role === 'coordinator' ? actor.communityIds : []
              const isPractitioner = actor.kind === 'key' && actor.role === 'practitioner'
              const who: Who = {
                isAdmin: actor.kind === 'system' || actor.role === 'admin',
                coordinates: communityIds.some((id) => coordinated.includes(id)),
                isListed: isPractitioner && members.some(({ id }) => id === self),
              }
              const outcomes = await dream(world, (as, tx) => {
                const sector = sectorIn(as(SYSTEM), communityIds, members)
                // Somebody of the list for whom others act, so that what is refused is refused to the actor.
                const listed = members.some(({ id }) => id === other) ? members : [...members, { id: other }]
                const from = day('2026-01-01')
                setMembers(
                  as(SYSTEM),
                  sector,
                  listed.map(({ id }) => ({ practitionerId: id, share: 50, from })),
                  undefined,
                )
                addWish(as(SYSTEM), sector, { practitionerId: other, ...DECEMBER, want: 'prefer' })
                const note = { practitionerId: other, from, source: 'local', class: 'practice' } as const
                addRestriction(as(SYSTEM), sector, note)
                // Nobody but a practitioner wishes for themself.
                const verbs = VERBS.filter(({ name }) => isPractitioner || !name.endsWith('oneself'))
                return verbs.map(({ name, run }) => ({
                  name,
                  refused:
                    aside(tx, () => refusalOf(() => run(as(actor), sector, self, other))) !== undefined,
                }))
              })
              const mayOf = (name: string) => VERBS.find((verb) => verb.name === name)!.may(who)
              expect(disagreements(outcomes, mayOf)).toEqual([])
              for (const { refused: isRefused } of outcomes) seen.add(isRefused)
              swapped = disagreements(outcomes, (name) => !mayOf(name))
            },
          ),
          { seed: 92, numRuns: 40 },
        )
        expect(seen.size).toBe(2)
        // A table that says the contrary is told apart.
        expect(swapped.length).toBeGreaterThan(5)
      },
    )

    rule(
      '[SECTOR-2] for whoever does not manage it, a sector that is there is as one that is not',
      async (world) => {
        const { nanterre, rueil, gp, colleague, coordinatorOf } = await stage(world)
        const sector = await makeSector(world, [nanterre], [gp])
        const absent = 'sect_7zzzzzzzzzzzzzzzzzzzzzzzzz'
        const coordinator = await coordinatorOf(rueil)
        const both = async (call: (id: string) => Promise<{ status: number; text: string }>) => {
          const [there, away] = [await call(sector), await call(absent)]
          expect([there.status, there.text.replaceAll(sector, '…')]).toEqual([
            404,
            away.text.replaceAll(absent, '…'),
          ])
        }
        await both((id) => coordinator.patch(`/sectors/${id}`, { name: 'À moi' }))
        await both((id) => coordinator.put(`/sectors/${id}/shift-types`, [typeBody()]))
        await both((id) => coordinator.put(`/sectors/${id}/members`, [memberBody(colleague)]))
        await both((id) => coordinator.get(`/sectors/${id}/members`))
        await both((id) => colleague.caller.get(`/sectors/${id}/members`))
        await both((id) => coordinator.get(`/sectors/${id}/restrictions`))
        await both((id) =>
          coordinator.post(`/sectors/${id}/wishes`, { practitionerId: gp.id, ...DECEMBER, want: 'avoid' }),
        )
        expect((await world.admin.get(`/sectors/${sector}`)).body.version).toBe(3)
      },
    )

    rule('[SECTOR-3] a coordinator brings other CPTS in, and takes none out but its own', async (world) => {
      const { nanterre, rueil, suresnes, coordinatorOf } = await stage(world)
      const byNanterre = await coordinatorOf(nanterre)
      expect(refused(await byNanterre.post('/sectors', sectorBody([rueil])))).toBe('404 not_found')
      const id = await created(byNanterre.post('/sectors', sectorBody([nanterre, rueil])))
      const share = async (caller: Caller, communityIds: string[]) => {
        const answer = await caller.patch(`/sectors/${id}`, { communityIds })
        return answer.status === 200 ? answer.body.communityIds : refused(answer)
      }
      expect(await share(byNanterre, [nanterre])).toBe('404 not_found')
      expect(await share(byNanterre, [rueil])).toBe('404 not_found')
      const three = [nanterre, rueil, suresnes].sort()
      expect(await share(byNanterre, three)).toEqual(three)
      const byRueil = await coordinatorOf(rueil, suresnes)
      expect(await share(byRueil, [nanterre, rueil])).toEqual([nanterre, rueil].sort())
      // Brought in, the other manages it too; put out by an admin, no more.
      expect((await (await coordinatorOf(rueil)).patch(`/sectors/${id}`, { restHours: 0 })).status).toBe(200)
      expect(await share(world.admin, [suresnes])).toEqual([suresnes])
      expect(refused(await byNanterre.patch(`/sectors/${id}`, { restHours: 9 }))).toBe('404 not_found')
    })

    rule('[SECTOR-4] every role reads sectors and their shift types, page by page', async (world) => {
      const { nanterre, gp, stranger, coordinatorOf } = await stage(world)
      const ids = []
      for (let i = 0; i < 5; i++) ids.push(await makeSector(world, [nanterre], [gp]))
      const callers = [
        world.admin,
        await coordinatorOf(nanterre),
        stranger.caller,
        await world.key('regulator'),
        await world.key('auditor'),
      ]
      for (const caller of callers) {
        expect(await idsOf(caller, '/sectors')).toEqual([...ids].sort())
        const one = await caller.get(`/sectors/${ids[0]}`)
        expect(one.body).toMatchObject({ id: ids[0], name: 'Secteur Nord', version: 3 })
        expect(await codesOf(caller, ids[0]!)).toEqual(['evening', 'night'])
        expect((await caller.get('/sectors/sect_7zzzzzzzzzzzzzzzzzzzzzzzzz')).status).toBe(404)
      }
    })

    rule(
      '[SECTOR-5] what a sector does not decide is the least: no pont, 11 h of rest, no limit',
      async (world) => {
        const { nanterre } = await stage(world)
        const made = await world.admin.post('/sectors', sectorBody([nanterre]))
        expect(made.body).toMatchObject({
          kind: 'garde',
          siteName: null,
          goodFridayIsHoliday: null,
          pontDays: { mondayBefore: false, fridayAfter: false, saturdayAfter: false },
          extraHolidays: [],
          restHours: 11,
          maxShiftsPer7Days: null,
          maxShiftsPer28Days: null,
          approvalForSwaps: false,
          validFrom: null,
          validTo: null,
        })
        const path = `/sectors/${made.body.id}`
        const patch = async (change: Record<string, unknown>) => (await world.admin.patch(path, change)).body
        expect(
          await patch({ pontDays: { fridayAfter: true }, goodFridayIsHoliday: true, lat: 48.9, lon: 2.2 }),
        ).toMatchObject({
          pontDays: { mondayBefore: false, fridayAfter: true, saturdayAfter: false },
          goodFridayIsHoliday: true,
          lat: 48.9,
        })
        const emptied = { goodFridayIsHoliday: null, lat: null, lon: null, maxShiftsPer7Days: null }
        expect(await patch({ ...emptied, pontDays: { saturdayAfter: true } })).toMatchObject({
          ...emptied,
          pontDays: { mondayBefore: false, fridayAfter: true, saturdayAfter: true },
          version: 3,
        })
        expect(await patch({ lat: 48.9 })).toMatchObject({ code: 'invalid_request' })
        expect(await patch({ name: null })).toMatchObject({ code: 'invalid_request' })
        expect(await patch({ kind: 'snp' })).toMatchObject({ code: 'invalid_request' })
        expect(await patch({ communes: ['75056'] })).toMatchObject({ code: 'unknown_commune' })
        expect((await world.admin.get(path)).body.version).toBe(3)
      },
    )

    rule(
      '[SECTOR-6] a sector, its types and its list have one version, and a change against another is refused',
      async (world) => {
        const { nanterre, gp, coordinatorOf } = await stage(world)
        const coordinator = await coordinatorOf(nanterre)
        const id = await created(coordinator.post('/sectors', sectorBody([nanterre])))
        const match = (version: number) => ({ headers: { 'if-match': `"${version}"` } })
        const typed = await coordinator.put(`/sectors/${id}/shift-types`, [typeBody()], match(1))
        expect([typed.body.version, typed.headers.get('etag')]).toEqual([2, '"2"'])
        const listed = await coordinator.put(`/sectors/${id}/members`, [memberBody(gp)], match(2))
        expect(listed.body.version).toBe(3)
        for (const stale of [
          await coordinator.put(`/sectors/${id}/shift-types`, [], match(2)),
          await coordinator.put(`/sectors/${id}/members`, [], match(2)),
          await coordinator.patch(`/sectors/${id}`, { restHours: 1 }, match(2)),
        ])
          expect(stale.body).toMatchObject({ status: 412, code: 'stale_version', version: 3 })
        expect((await coordinator.patch(`/sectors/${id}`, { restHours: 10 }, match(3))).body.version).toBe(4)
        expect((await coordinator.get(`/sectors/${id}/members`)).body).toMatchObject({
          version: 4,
          items: [{ practitionerId: gp.id }],
        })
        expect((await coordinator.get(`/sectors/${id}/shift-types`)).body.version).toBe(4)
      },
    )

    rule('[SECTOR-7] no dates of a sector, a type, a member, a wish end before they begin', async (world) => {
      const { nanterre, gp } = await stage(world)
      const { admin } = world
      const backwards = { from: '2026-12-02', to: '2026-12-01' }
      const invalid = { validFrom: '2026-12-02', validTo: '2026-12-01' }
      expect(refused(await admin.post('/sectors', sectorBody([nanterre], invalid)))).toBe(
        '422 invalid_interval validTo',
      )
      const sector = await makeSector(world, [nanterre], [gp], { validFrom: day('2026-12-02') })
      const path = `/sectors/${sector}`
      expect(refused(await admin.patch(path, { validTo: '2026-12-01' }))).toBe('422 invalid_interval validTo')
      expect((await admin.patch(path, { validFrom: null, validTo: '2026-12-01' })).status).toBe(200)
      expect(refused(await admin.put(`${path}/shift-types`, [typeBody(NIGHT), typeBody(invalid)]))).toBe(
        '422 invalid_interval 1.validTo',
      )
      expect(refused(await admin.put(`${path}/members`, [memberBody(gp, backwards)]))).toBe(
        '422 invalid_interval 0.to',
      )
      const note = { practitionerId: gp.id, ...backwards }
      for (const [what, more] of [
        ['wishes', { want: 'avoid' }],
        ['absences', {}],
        ['restrictions', { source: 'self', class: 'age' }],
      ] as const)
        expect(refused(await gp.caller.post(`${path}/${what}`, { ...note, ...more })), what).toBe(
          '422 invalid_interval to',
        )
      // One day is a stretch of days.
      const oneDay = { practitionerId: gp.id, from: '2026-12-01', to: '2026-12-01' }
      await created(gp.caller.post(`${path}/absences`, oneDay))
    })
  })

  describe('shift types', () => {
    rule(
      '[SECTOR-8] a type ends after a duration or at an hour, of the next day when it must',
      async (world) => {
        const { nanterre } = await stage(world)
        const sector = await makeSector(world, [nanterre])
        const put = (types: unknown[]) => world.admin.put(`/sectors/${sector}/shift-types`, types)
        const template = { slotMinutes: 20, capacity: 2, audiences: ['SNP', 'PRO', 'SNP'] }
        const times: readonly [Record<string, unknown>, string, number, string][] = [
          [{ localEnd: '24:00' }, '20:00', 240, '24:00'],
          [{ durationMinutes: 240, localEnd: undefined }, '20:00', 240, '24:00'],
          [{ localEnd: '00:00' }, '20:00', 240, '24:00'],
          [{ localEnd: '08:00' }, '20:00', 720, '08:00'],
          [{ localEnd: '20:00' }, '20:00', 1_440, '20:00'],
          [{ localStart: '00:00', localEnd: '24:00' }, '00:00', 1_440, '24:00'],
          [{ localStart: '00:00', localEnd: '08:00' }, '00:00', 480, '08:00'],
          [{ localStart: '23:59', localEnd: '00:00' }, '23:59', 1, '24:00'],
          [{ localStart: '14:00', localEnd: '20:00', slotTemplate: template }, '14:00', 360, '20:00'],
        ]
        const answer = await put(times.map(([more], i) => typeBody({ code: `t${i}`, ...more })))
        expect(answer.status, answer.text).toBe(200)
        expect(
          answer.body.items.map((type: Record<string, unknown>) => [
            type.code,
            type.localStart,
            type.durationMinutes,
            type.localEnd,
          ]),
        ).toEqual(times.map(([, start, minutes, end], i) => [`t${i}`, start, minutes, end]))
        expect(answer.body.items[8]).toEqual({
          ...typeBody({ code: 't8', localStart: '14:00', localEnd: '20:00' }),
          durationMinutes: 360,
          slotTemplate: { ...template, audiences: ['SNP', 'PRO'] },
          validTo: null,
        })
        const shown = await world.admin.get(`/sectors/${sector}/shift-types`)
        expect(shown.text).toBe(answer.text)
        for (const [more, path] of [
          [{ durationMinutes: 240 }, '0.durationMinutes'],
          [{ localEnd: undefined }, '0.durationMinutes'],
          [{ localEnd: undefined, durationMinutes: 1_441 }, '0.durationMinutes'],
          [{ localEnd: undefined, durationMinutes: 0 }, '0.durationMinutes'],
          [{ localEnd: '24:01' }, '0.localEnd'],
          [{ localStart: '24:00' }, '0.localStart'],
          [{ localStart: '8:00' }, '0.localStart'],
          [{ dayTypes: [] }, '0.dayTypes'],
          [{ dayTypes: ['monday'] }, '0.dayTypes.0'],
          [{ category: 'grande_fete' }, '0.category'],
          [{ headcount: 0 }, '0.headcount'],
          [{ headcount: 21 }, '0.headcount'],
          [{ role: 'other' }, '0.role'],
          [{ code: 'soirée' }, '0.code'],
          [{ slotTemplate: { ...template, audiences: [] } }, '0.slotTemplate.audiences'],
          [{ slotTemplate: { slotMinutes: 20 } }, '0.slotTemplate.capacity 0.slotTemplate.audiences'],
          [{ position: 1 }, '0'],
        ] as const)
          expect(refused(await put([typeBody(more)])), JSON.stringify(more)).toBe(
            `400 invalid_request ${path}`,
          )
        expect(refused(await put(Array.from({ length: 101 }, (_, i) => typeBody({ code: `x${i}` }))))).toBe(
          '400 invalid_request ',
        )
        expect((await world.admin.get(`/sectors/${sector}/shift-types`)).text).toBe(answer.text)
        expect((await put([])).body).toEqual({ items: [], version: 5 })
      },
    )

    rule(
      '[SECTOR-9] a recurrence that cannot be read is refused with its place, and nothing changes',
      async (world) => {
        const { nanterre } = await stage(world)
        const sector = await makeSector(world, [nanterre])
        const put = (types: unknown[]) => world.admin.put(`/sectors/${sector}/shift-types`, types)
        for (const rrule of ['FREQ=SECONDLY', 'garbage', 'FREQ=WEEKLY;BYDAY=XX', 'FREQ=DAILY;COUNT=0'])
          expect(refused(await put([typeBody(), typeBody({ ...NIGHT, rrule })])), rrule).toBe(
            '422 invalid_rrule 1.rrule',
          )
        expect(await codesOf(world.admin, sector)).toEqual(['evening', 'night'])
        expect((await world.admin.get(`/sectors/${sector}`)).body.version).toBe(3)
      },
    )

    rule('[SECTOR-10] a code is taken once on a day, and a slot fits in its shift', async (world) => {
      const { nanterre } = await stage(world)
      const sector = await makeSector(world, [nanterre])
      const put = async (types: unknown[]) => {
        const answer = await world.admin.put(`/sectors/${sector}/shift-types`, types)
        return answer.status === 200 ? 200 : refused(answer)
      }
      const until = (validFrom: string, validTo?: string) => typeBody({ validFrom, validTo })
      expect(await put([until('2026-01-01', '2026-12-31'), until('2027-01-01')])).toBe(200)
      expect(await put([until('2027-01-01'), typeBody(NIGHT), until('2026-01-01', '2026-12-31')])).toBe(200)
      expect(await put([until('2026-01-01', '2027-01-01'), until('2027-01-01')])).toBe(
        '422 invalid_interval 1.validFrom',
      )
      expect(await put([until('2026-01-01'), until('2030-01-01')])).toBe('422 invalid_interval 1.validFrom')
      const slots = (slotMinutes: number) =>
        typeBody({ slotTemplate: { slotMinutes, capacity: 1, audiences: ['SNP'] } })
      expect(await put([slots(241)])).toBe('422 invalid_interval 0.slotTemplate.slotMinutes')
      expect(await put([slots(240)])).toBe(200)
    })
  })

  describe('members', () => {
    rule(
      '[SECTOR-11] the list is replaced whole, by anybody of the territory, once on a day',
      async (world) => {
        const { nanterre, gp, colleague, stranger } = await stage(world)
        const sector = await makeSector(world, [nanterre], [gp])
        const put = (members: unknown[]) => world.admin.put(`/sectors/${sector}/members`, members)
        const answer = await put([
          memberBody(gp, { to: '2026-12-31', share: 40 }),
          memberBody(gp, { from: '2027-01-01', share: 0 }),
          memberBody(stranger, {
            roles: ['mobile', 'regulateur', 'mobile'],
            phone: '06 39 98 00 01',
            maxPer7Days: 1,
            maxPer28Days: 0,
            maxPerRota: 12,
          }),
        ])
        expect(answer.status, answer.text).toBe(200)
        const plain = {
          from: '2026-01-01',
          to: null,
          roles: ['effecteur'],
          phone: null,
          maxPer7Days: null,
          maxPer28Days: null,
          maxPerRota: null,
        }
        const rows = [
          { ...plain, practitionerId: gp.id, to: '2026-12-31', share: 40 },
          { ...plain, practitionerId: gp.id, from: '2027-01-01', share: 0 },
          {
            ...plain,
            practitionerId: stranger.id,
            share: 100,
            roles: ['mobile', 'regulateur'],
            phone: '+33639980001',
            maxPer7Days: 1,
            maxPer28Days: 0,
            maxPerRota: 12,
          },
        ]
        expect(answer.body.version).toBe(4)
        expect(answer.body.items).toEqual(
          rows.sort((a, b) => (a.practitionerId + a.from < b.practitionerId + b.from ? -1 : 1)),
        )
        const absent = { id: 'prac_7zzzzzzzzzzzzzzzzzzzzzzzzz' }
        expect(refused(await put([memberBody(gp), memberBody(absent)]))).toBe(
          '404 not_found 1.practitionerId',
        )
        expect(refused(await put([memberBody(gp), memberBody(colleague), memberBody(gp)]))).toBe(
          '422 invalid_interval 2.from',
        )
        for (const more of [{ share: 101 }, { share: -1 }, { share: 0.5 }, { roles: [] }, { reason: 'x' }])
          expect((await put([memberBody(gp, more)])).status, JSON.stringify(more)).toBe(400)
        expect((await world.admin.get(`/sectors/${sector}/members`)).text).toBe(answer.text)
        const events = (await world.admin.get(`/audit?subject=${sector}`)).body.items
        expect(events.at(-1)).toMatchObject({
          type: 'sector_members.set',
          data: { members: 2, added: [stranger.id], removed: [] },
        })
        await put([memberBody(colleague)])
        const after = (await world.admin.get(`/audit?subject=${sector}`)).body.items.at(-1)
        expect(after.data).toEqual({
          members: 1,
          added: [colleague.id],
          removed: [gp.id, stranger.id].sort(),
        })
        expect(JSON.stringify(after)).not.toContain('+33')
      },
    )

    rule(
      '[SECTOR-12] who is on the list, now or later, reads it; who has left it does not',
      async (world) => {
        const { nanterre, gp, colleague, stranger } = await stage(world)
        const sector = await makeSector(world, [nanterre])
        // The clock shows 23 November.
        await world.admin.put(`/sectors/${sector}/members`, [
          memberBody(gp, { to: '2026-11-23' }),
          memberBody(colleague, { to: '2026-11-22' }),
          memberBody(stranger, { from: '2027-01-01' }),
        ])
        const read = async (one: Member) => (await one.caller.get(`/sectors/${sector}/members`)).status
        expect(await Promise.all([gp, colleague, stranger].map(read))).toEqual([200, 404, 200])
        world.clock.set('2026-11-24T00:00:00+01:00')
        expect(await read(gp)).toBe(404)
        for (const role of ['regulator', 'auditor'] as const)
          expect((await (await world.key(role)).get(`/sectors/${sector}/members`)).status).toBe(403)
      },
    )
  })

  describe('restrictions', () => {
    const body = (gp: Pick<Member, 'id'>, more: Record<string, unknown> = {}) => ({
      practitionerId: gp.id,
      from: '2026-12-01',
      source: 'self',
      class: 'health',
      ...more,
    })

    rule(
      '[SECTOR-13] a restriction is dated, partial, of somebody on the list, and says no reason',
      async (world) => {
        const { nanterre, gp, colleague, coordinatorOf } = await stage(world)
        const sector = await makeSector(world, [nanterre])
        const coordinator = await coordinatorOf(nanterre)
        await coordinator.put(`/sectors/${sector}/shift-types`, [typeBody(), typeBody(NIGHT)])
        await coordinator.put(`/sectors/${sector}/members`, [memberBody(gp, { to: '2027-06-30' })])
        const path = `/sectors/${sector}/restrictions`
        const made = await coordinator.post(
          path,
          body(gp, {
            shiftTypes: ['night', 'evening', 'night'],
            source: 'CDOM',
            class: 'age',
            to: '2027-01-31',
          }),
        )
        expect(made.status, made.text).toBe(201)
        expect(made.body).toEqual({
          id: made.body.id,
          sectorId: sector,
          practitionerId: gp.id,
          from: '2026-12-01',
          to: '2027-01-31',
          shiftTypes: ['evening', 'night'],
          source: 'CDOM',
          class: 'age',
          createdAt: '2026-11-23T08:00:00+01:00',
        })
        const whole = await gp.caller.post(path, body(gp, { shiftTypes: [] }))
        expect(whole.body).toMatchObject({ to: null, shiftTypes: null, source: 'self' })
        const post = async (caller: Caller, more: Record<string, unknown>, of: Pick<Member, 'id'> = gp) =>
          refused(await caller.post(path, body(of, more)))
        expect(await post(coordinator, {}, colleague)).toBe('422 not_a_member practitionerId')
        expect(await post(coordinator, {}, { id: 'prac_7zzzzzzzzzzzzzzzzzzzzzzzzz' })).toBe(
          '422 not_a_member practitionerId',
        )
        expect(await post(gp.caller, { from: '2027-07-01' })).toBe('422 not_a_member practitionerId')
        expect(await post(colleague.caller, {}, colleague)).toBe('422 not_a_member practitionerId')
        expect(await post(colleague.caller, {})).toBe('404 not_found')
        expect(await post(gp.caller, { shiftTypes: ['night', 'morning'] })).toBe(
          '422 unknown_shift_type shiftTypes.1',
        )
        for (const more of [
          { reason: 'grossesse' },
          { note: 'x' },
          { class: 'pregnancy' },
          { source: 'family' },
          { class: undefined },
          { from: undefined },
        ])
          expect((await gp.caller.post(path, body(gp, more))).status, JSON.stringify(more)).toBe(400)
        expect((await coordinator.get(path)).body.items).toHaveLength(2)
      },
    )

    rule(
      '[SECTOR-14] the class is for who manages the sector and the person; the journal has none',
      async (world) => {
        const { nanterre, rueil, gp, colleague, coordinatorOf } = await stage(world)
        const sector = await makeSector(world, [nanterre, rueil], [gp, colleague])
        const path = `/sectors/${sector}/restrictions`
        const own = await created(gp.caller.post(path, body(gp)))
        const others = await created(colleague.caller.post(path, body(colleague, { class: 'practice' })))
        expect(await idsOf(gp.caller, path)).toEqual([own])
        expect(await idsOf(gp.caller, `${path}?practitioner=${colleague.id}`)).toEqual([])
        expect(await idsOf(colleague.caller, path)).toEqual([others])
        const coordinator = await coordinatorOf(rueil)
        for (const caller of [coordinator, world.admin]) {
          expect(await idsOf(caller, path)).toEqual([own, others].sort())
          expect(await idsOf(caller, `${path}?practitioner=${colleague.id}`)).toEqual([others])
          expect(await idsOf(caller, `${path}?to=2026-11-30`)).toEqual([])
          expect(await idsOf(caller, `${path}?from=2030-01-01&to=2030-01-01`)).toHaveLength(2)
        }
        for (const role of ['regulator', 'auditor'] as const)
          expect((await (await world.key(role)).get(path)).status).toBe(403)
        // Not by id either, and the same as one that is not there.
        const end = (caller: Caller, id: string) => caller.post(`${path}/${id}/end`, { to: '2026-12-24' })
        const [foreign, absent] = [
          await end(gp.caller, others),
          await end(gp.caller, 'rstr_7zzzzzzzzzzzzzzzzzzzzzzzzz'),
        ]
        expect([foreign.status, foreign.text]).toEqual([404, absent.text])
        const elsewhere = await makeSector(world, [nanterre], [gp])
        expect(
          (await gp.caller.post(`/sectors/${elsewhere}/restrictions/${own}/end`, { to: '2026-12-24' }))
            .status,
        ).toBe(404)
        await end(gp.caller, own)
        const events = (await world.admin.get(`/audit?subject=${own}`)).body.items as {
          type: string
          data: object
        }[]
        expect(events.map(({ type, data }) => [type, Object.keys(data)])).toEqual([
          ['restriction.added', ['sectorId']],
          ['restriction.ended', ['sectorId', 'to']],
        ])
        const journal = (await world.admin.get('/audit?limit=200')).text
        for (const word of ['health', 'practice', '"class"', '"self"']) expect(journal).not.toContain(word)
        expect(JSON.stringify(world.logged)).not.toContain('health')
      },
    )

    rule('[SECTOR-15] a restriction ends earlier, never later, and stays on record', async (world) => {
      const { nanterre, gp } = await stage(world)
      const sector = await makeSector(world, [nanterre], [gp])
      const path = `/sectors/${sector}/restrictions`
      const id = await created(gp.caller.post(path, body(gp)))
      const end = async (to: string) => {
        const answer = await gp.caller.post(`${path}/${id}/end`, { to })
        return answer.status === 200 ? (answer.body.to as string) : refused(answer)
      }
      expect(await end('2026-11-30')).toBe('422 invalid_interval to')
      expect(await end('2027-01-31')).toBe('2027-01-31')
      expect(await end('2027-02-01')).toBe('422 invalid_interval to')
      expect(await end('2027-01-31')).toBe('422 invalid_interval to')
      expect(await end('2026-12-01')).toBe('2026-12-01')
      expect((await gp.caller.delete(`${path}/${id}`)).status).toBe(404)
      expect((await gp.caller.get(path)).body.items).toMatchObject([
        { id, from: '2026-12-01', to: '2026-12-01' },
      ])
    })

    rule(
      '[SECTOR-16] what the CDOM or the sector decided is the coordination’s to write and to end',
      async (world) => {
        const { nanterre, gp, coordinatorOf } = await stage(world)
        const sector = await makeSector(world, [nanterre], [gp])
        const path = `/sectors/${sector}/restrictions`
        const coordinator = await coordinatorOf(nanterre)
        for (const source of ['CDOM', 'local']) {
          expect(refused(await gp.caller.post(path, body(gp, { source })))).toBe('422 invalid_source source')
          const id = await created(coordinator.post(path, body(gp, { source })))
          const end = (caller: Caller) => caller.post(`${path}/${id}/end`, { to: '2026-12-24' })
          expect(refused(await end(gp.caller))).toBe('422 invalid_source source')
          expect((await end(coordinator)).body).toMatchObject({ source, to: '2026-12-24' })
        }
        const own = await created(gp.caller.post(path, body(gp)))
        expect((await coordinator.post(`${path}/${own}/end`, { to: '2026-12-24' })).status).toBe(200)
      },
    )
  })

  describe('wishes and absences', () => {
    rule(
      '[SECTOR-17] wished for and away, by the person or who manages the sector, and taken back',
      async (world) => {
        const { nanterre, rueil, gp, colleague, stranger, coordinatorOf } = await stage(world)
        const sector = await makeSector(world, [nanterre], [gp, colleague])
        const coordinator = await coordinatorOf(nanterre)
        const elsewhere = await coordinatorOf(rueil)
        for (const [what, more, absentId] of [
          ['wishes', { want: 'avoid', shiftTypes: ['night'] }, 'wish_7zzzzzzzzzzzzzzzzzzzzzzzzz'],
          ['absences', { shiftTypes: ['night'] }, 'absn_7zzzzzzzzzzzzzzzzzzzzzzzzz'],
        ] as const) {
          const path = `/sectors/${sector}/${what}`
          const note = (of: Member, over: Record<string, unknown> = {}) => ({
            practitionerId: of.id,
            from: '2026-12-24',
            to: '2026-12-26',
            ...more,
            ...over,
          })
          const made = await gp.caller.post(path, note(gp))
          expect(made.status, made.text).toBe(201)
          expect(made.body).toEqual({
            ...note(gp),
            id: made.body.id,
            sectorId: sector,
            createdAt: '2026-11-23T08:00:00+01:00',
          })
          const own = made.body.id as string
          const others = await created(coordinator.post(path, note(colleague)))
          expect(await idsOf(gp.caller, path)).toEqual([own])
          expect(await idsOf(colleague.caller, path)).toEqual([others])
          expect(await idsOf(stranger.caller, path)).toEqual([])
          expect(await idsOf(coordinator, path)).toEqual([own, others].sort())
          expect(await idsOf(coordinator, `${path}?practitioner=${gp.id}`)).toEqual([own])
          expect(await idsOf(coordinator, `${path}?from=2026-12-26`)).toHaveLength(2)
          expect(await idsOf(coordinator, `${path}?from=2026-12-27`)).toEqual([])
          expect(await idsOf(coordinator, `${path}?to=2026-12-23`)).toEqual([])

          expect(refused(await gp.caller.post(path, note(colleague)))).toBe('404 not_found')
          expect(refused(await elsewhere.post(path, note(gp)))).toBe('404 not_found')
          expect(refused(await coordinator.post(path, note(stranger)))).toBe(
            '422 not_a_member practitionerId',
          )
          expect((await gp.caller.post(path, note(gp, { reason: 'vacances' }))).status).toBe(400)
          expect((await gp.caller.post(path, note(gp, { to: undefined }))).status).toBe(400)

          for (const [caller, id] of [
            [gp.caller, others],
            [gp.caller, absentId],
            [elsewhere, own],
          ] as const)
            expect((await caller.delete(`${path}/${id}`)).status).toBe(404)
          expect((await gp.caller.delete(`${path}/${own}`)).status).toBe(204)
          expect((await coordinator.delete(`${path}/${others}`)).status).toBe(204)
          expect((await coordinator.delete(`${path}/${others}`)).status).toBe(404)
          expect(await idsOf(coordinator, path)).toEqual([])
        }
        const wish = { practitionerId: gp.id, from: '2026-12-24', to: '2026-12-26', want: 'prefer' }
        expect(
          refused(
            await gp.caller.post(`/sectors/${sector}/wishes`, { ...wish, shiftTypes: ['evening', 'x'] }),
          ),
        ).toBe('422 unknown_shift_type shiftTypes.1')
        expect((await gp.caller.post(`/sectors/${sector}/wishes`, { ...wish, want: 'maybe' })).status).toBe(
          400,
        )
        expect((await gp.caller.post(`/sectors/${sector}/wishes`, wish)).body.shiftTypes).toBeNull()
        const away = { practitionerId: gp.id, from: '2026-12-24', to: '2026-12-26' }
        const absence = async (more: object) =>
          gp.caller.post(`/sectors/${sector}/absences`, { ...away, ...more })
        expect((await absence({})).body.shiftTypes).toBeNull()
        expect((await absence({ shiftTypes: ['evening', 'evening'] })).body.shiftTypes).toEqual(['evening'])
        expect(refused(await absence({ shiftTypes: ['x'] }))).toBe('422 unknown_shift_type shiftTypes.0')
      },
    )

    rule(
      '[SECTOR-18] a rota is made from all that a sector is on its days, and nothing of another',
      async (world) => {
        const { nanterre, gp, colleague } = await stage(world)
        const sector = await makeSector(world, [nanterre], [gp, colleague])
        const other = await makeSector(world, [nanterre], [gp])
        const notes = await world.act((ctx) => {
          const on = (from: string, to: string) => ({ practitionerId: gp.id, from: day(from), to: day(to) })
          const wish = addWish(ctx, sector, { ...on('2026-12-31', '2027-01-02'), want: 'avoid' })
          const early = addWish(ctx, sector, { ...on('2026-12-30', '2026-12-31'), want: 'avoid' })
          const away = addAbsence(ctx, sector, on('2027-03-31', '2027-04-10'))
          const later = addAbsence(ctx, sector, on('2027-04-01', '2027-04-10'))
          const kept = addRestriction(ctx, sector, {
            practitionerId: gp.id,
            from: day('2026-11-01'),
            source: 'CDOM',
            class: 'age',
          })
          addWish(ctx, other, { ...on('2027-01-01', '2027-01-02'), want: 'prefer' })
          return { wish, early, away, later, kept }
        })
        const of = (during?: { from: ReturnType<typeof day>; to: ReturnType<typeof day> }) =>
          world.act((ctx) => sectorSnapshot(ctx, sector, during))
        const quarter = await of({ from: day('2027-01-01'), to: day('2027-03-31') })
        expect(quarter).toMatchObject({
          sector: { id: sector, restHours: 11 },
          communes: ['92050'],
          communityIds: [nanterre],
          types: [
            { code: 'evening', startMinute: 1_200, durationMinutes: 240 },
            { code: 'night', startMinute: 0, durationMinutes: 480 },
          ],
          restrictions: [notes.kept],
          wishes: [notes.wish],
          absences: [notes.away],
        })
        expect(quarter.members.map((one) => one.practitionerId)).toEqual([gp.id, colleague.id].sort())
        const all = await of()
        expect([all.wishes.length, all.absences.length]).toEqual([2, 2])
      },
    )
  })

  describe('calendar', () => {
    rule(
      '[SECTOR-19] each day is told with its type, its name and its PDSA time, at most 400 of them',
      async (world) => {
        const { nanterre, gp, coordinatorOf } = await stage(world)
        const callers = [
          world.admin,
          await coordinatorOf(nanterre),
          gp.caller,
          await world.key('regulator'),
          await world.key('auditor'),
        ]
        for (const caller of callers)
          expect(await calendar(caller, '2027-05-06', '2027-05-09')).toEqual([
            {
              date: '2027-05-06',
              type: 'holiday',
              pont: false,
              holiday: 'Ascension',
              pdsa: [['2027-05-06T00:00:00+02:00', '2027-05-07T00:00:00+02:00']],
            },
            {
              date: '2027-05-07',
              type: 'weekday',
              pont: true,
              pdsa: [
                ['2027-05-07T00:00:00+02:00', '2027-05-07T08:00:00+02:00'],
                ['2027-05-07T20:00:00+02:00', '2027-05-08T00:00:00+02:00'],
              ],
            },
            {
              date: '2027-05-08',
              type: 'holiday',
              pont: false,
              holiday: 'Victoire 1945',
              pdsa: [['2027-05-08T00:00:00+02:00', '2027-05-09T00:00:00+02:00']],
            },
            {
              date: '2027-05-09',
              type: 'sunday',
              pont: false,
              pdsa: [['2027-05-09T00:00:00+02:00', '2027-05-10T00:00:00+02:00']],
            },
          ])
        const { admin } = world
        const saturday = (await calendar(admin, '2026-11-28', '2026-11-28'))[0]!
        expect([saturday.type, saturday.pdsa.map(hoursOf)]).toEqual(['saturday', [8, 12]])
        // A Sunday of 23 h and one of 25 h.
        expect((await calendar(admin, '2027-03-28', '2027-03-28'))[0]!.pdsa.map(hoursOf)).toEqual([23])
        expect((await calendar(admin, '2027-10-31', '2027-10-31'))[0]!.pdsa.map(hoursOf)).toEqual([25])
        expect(await calendar(admin, '2026-01-01', '2027-02-04')).toHaveLength(400)
        const get = async (query: string) => refused(await admin.get(`/calendar/days?${query}`))
        expect(await get('from=2026-01-01&to=2027-02-05')).toBe('422 invalid_interval to')
        expect(await get('from=2026-01-02&to=2026-01-01')).toBe('422 invalid_interval to')
        expect(await get('from=2026-01-01')).toBe('400 invalid_request to')
        expect(await get('from=2026-02-30&to=2026-03-01')).toBe('400 invalid_request from')
        expect(await get('from=2026-01-01&to=2026-01-02&sector=sect_7zzzzzzzzzzzzzzzzzzzzzzzzz')).toBe(
          '404 not_found',
        )
      },
    )

    rule(
      '[SECTOR-20] a sector has its own holidays, and the ponts that it opted into are PDSA all day',
      async (world) => {
        const { nanterre } = await stage(world)
        const plain = await makeSector(world, [nanterre])
        const decided = await makeSector(world, [nanterre], [], {
          goodFridayIsHoliday: true,
          extraHolidays: [day('2027-06-24')],
          pontDays: { mondayBefore: true, saturdayAfter: true },
        })
        const one = async (date: string, sector?: string) => {
          const [{ type, pont, holiday, pdsa }] = (await calendar(world.admin, date, date, sector)) as [
            Awaited<ReturnType<typeof calendar>>[number],
          ]
          return [type, pont, holiday, pdsa.map(hoursOf)]
        }
        const ordinary = ['weekday', false, undefined, [8, 4]]
        // Monday before 14 July.
        expect(await one('2026-07-13')).toEqual(['weekday', true, undefined, [8, 4]])
        expect(await one('2026-07-13', plain)).toEqual(ordinary)
        expect(await one('2026-07-13', decided)).toEqual(['weekday', true, undefined, [24]])
        // Friday after the Ascension, that this sector left out, and the Saturday after All Saints’ of a Thursday.
        expect(await one('2027-05-07', decided)).toEqual(ordinary)
        expect(await one('2029-11-03', decided)).toEqual(['saturday', true, undefined, [24]])
        expect(await one('2029-11-03', plain)).toEqual(['saturday', false, undefined, [8, 12]])
        expect(await one('2027-06-24', decided)).toEqual(['holiday', false, 'Jour férié local', [24]])
        expect(await one('2027-06-24', plain)).toEqual(ordinary)
        expect(await one('2027-03-26', decided)).toEqual(['holiday', false, 'Vendredi saint', [24]])
        expect(await one('2027-03-26')).toEqual(ordinary)
      },
    )
  })
}
