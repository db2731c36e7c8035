import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { listHoles, onDuty, type OnDuty } from '../../src/gardes/on-call/actions.ts'
import {
  createRota,
  getPlace,
  listShifts,
  moveRota,
  setHolder,
  setTitulaire,
} from '../../src/gardes/rotas/actions.ts'
import { setShiftTypes } from '../../src/gardes/sectors/shift-types/actions.ts'
import { dayTypeOf } from '../../src/kernel/calendar.ts'
import {
  dateOf,
  formatInstant,
  getLocalDate,
  minuteOfDay,
  startOfDay,
  toLocal,
} from '../../src/kernel/civil.ts'
import { HOUR, plus, type Instant } from '../../src/kernel/time.ts'
import { makeCommunity, makeGp } from '../support/members.ts'
import { makeRota, publish, rotaStage, shiftsOf, type RotaStage } from '../support/rotas.ts'
import type { Suite } from '../support/runtime.ts'
import { makeSector, NIGHT, sectorIn, typeBody } from '../support/sectors.ts'
import { at, type Caller, type World } from '../support/world.ts'

const SOON = { from: '2026-11-23', to: '2026-11-29', exceptional: true }

/** A published week of evenings and nights from today; the evening of the first day is the first GP's. */
const published = async (world: World, more: Parameters<typeof rotaStage>[2] = {}) => {
  const stage = await rotaStage(world, 3, { types: [{}, NIGHT], ...more })
  const rotaId = await makeRota(stage, SOON)
  const shifts = await shiftsOf(stage.coordinator, rotaId)
  const evening = shifts.find(({ localStart }) => localStart === '2026-11-23T20:00')
  const night = shifts.find(({ localStart }) => localStart === '2026-11-24T00:00')
  if (!evening || !night) throw new Error('an evening and a night')
  const hold = (shiftId: string, change: Parameters<typeof setHolder>[3]) =>
    world.act((ctx) => {
      setHolder(ctx, shiftId, 1, change)
    })
  await hold(evening.id, { titulaireId: gpOf(stage, 0).id })
  await hold(night.id, { titulaireId: gpOf(stage, 1).id })
  await publish(stage.coordinator, rotaId)
  return { ...stage, rotaId, evening, night, hold }
}

const gpOf = (stage: Pick<RotaStage, 'gps'>, index: number) => {
  const gp = stage.gps[index]
  if (!gp) throw new Error(`no GP ${index}`)
  return gp
}

const onCall = async (caller: Caller, query: Record<string, string> = {}) => {
  const answer = await caller.get(`/on-call?${new URLSearchParams(query).toString()}`)
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body as {
    at: string
    items: {
      sector: { id: string; name: string }
      shift: { id: string; code: string; start: string; end: string }
      people: { practitionerId?: string; name: string; phone: string | null; site: { phone: string } }[]
      missing: number
    }[]
  }
}

const whoAt = async (caller: Caller, instant: string) =>
  (await onCall(caller, { at: instant })).items.map(({ shift, people }) => [
    shift.code,
    ...people.map((person) => person.practitionerId),
  ])

// A year of shifts, and what it should say

const YEAR = { from: getLocalDate('2027-01-01'), to: getLocalDate('2027-12-31') }
const EVERY_DAY = ['weekday', 'saturday', 'sunday', 'holiday']
const TYPES = [
  { dayTypes: EVERY_DAY },
  { ...NIGHT, dayTypes: EVERY_DAY },
  { code: 'saturday', category: 'saturday', localStart: '12:00', localEnd: '20:00', dayTypes: ['saturday'] },
  ...[
    { code: 'morning', localStart: '08:00', localEnd: '14:00' },
    { code: 'afternoon', localStart: '14:00', localEnd: '20:00' },
  ].map((type) => ({ ...type, category: 'sunday', dayTypes: ['sunday', 'holiday'], headcount: 2 })),
].map((type) => typeBody(type)) as never as Parameters<typeof setShiftTypes>[2]

/** What `TYPES` open at an instant, by the clock and the calendar alone. */
const openedAt = (instant: Instant): Record<string, number> => {
  const local = toLocal(instant, 'Europe/Paris')
  const minute = minuteOfDay(local)
  const { type } = dayTypeOf(dateOf(local), { code: '92' })
  if (minute < 480) return { night: 1 }
  if (minute >= 1200) return { evening: 1 }
  if (type === 'saturday') return minute >= 720 ? { saturday: 1 } : {}
  if (type === 'weekday') return {}
  return minute < 840 ? { morning: 2 } : { afternoon: 2 }
}

/** What an answer has wrong at an instant: a shift that is not or should not be, or people missing and not told. */
const faultsAt = (
  instant: Instant,
  items: readonly OnDuty[],
  holes: ReadonlyMap<string, number>,
): string[] => {
  const when = formatInstant(instant, 'Europe/Paris')
  const faults: string[] = []
  const codes = items.map(({ shift }) => shift.code).sort()
  const opened = openedAt(instant)
  if (codes.join() !== Object.keys(opened).sort().join()) faults.push(`${when}: ${codes.join()}`)
  for (const { shift, people } of items) {
    const missing = (opened[shift.code] ?? 0) - people.length
    if (missing !== (holes.get(shift.id) ?? 0)) faults.push(`${when}: ${shift.code} lacks ${missing}`)
  }
  return faults
}

export const gardesOnCallSuite: Suite = (rule) => {
  describe('on call', () => {
    rule(
      '[ONCALL-1] says who is on duty now, or at an instant, with a telephone and a place',
      async (world) => {
        const { gps, sectorId, evening, coordinator } = await published(world, {
          sector: { siteName: 'MMG', phone: '+33199000077', lat: 48.87, lon: 2.22 },
        })
        const regulator = await world.key('regulator')
        expect(await onCall(regulator)).toEqual({ at: '2026-11-23T08:00:00+01:00', items: [] })
        world.clock.set('2026-11-23T21:00:00+01:00')
        const now = await onCall(regulator)
        expect(now).toMatchObject({
          at: '2026-11-23T21:00:00+01:00',
          items: [
            {
              sector: { id: sectorId, name: 'Secteur Nord' },
              shift: { id: evening.id, code: 'evening', start: '2026-11-23T20:00:00+01:00' },
              people: [
                {
                  practitionerId: gps[0]?.id,
                  name: expect.stringContaining('Camille Fictif'),
                  role: 'effecteur',
                  // That of the practice, where the list of the sector has none.
                  phone: '+33199000001',
                  site: { name: 'MMG', phone: '+33199000077', lat: 48.87, lon: 2.22 },
                },
              ],
              missing: 0,
            },
          ],
        })
        expect(await onCall(regulator, { at: '2026-11-23T20:00:00Z' })).toEqual(now)
        const list = gps.map(({ id }) => ({
          practitionerId: id,
          share: 100,
          from: '2026-01-01',
          phone: '+33639980042',
        }))
        expect((await coordinator.put(`/sectors/${sectorId}/members`, list)).status).toBe(200)
        expect((await onCall(regulator)).items[0]?.people[0]?.phone).toBe('+33639980042')
      },
    )

    rule('[ONCALL-1] by commune and by sector; an unknown one is refused', async (world) => {
      const { sectorId, communityId } = await published(world)
      const instant = { at: '2026-11-23T21:00:00+01:00' }
      const sectors = async (query: Record<string, string>) =>
        (await onCall(world.admin, { ...instant, ...query })).items.map(({ sector }) => sector.id)
      const other = await makeSector(world, [communityId], [], { communes: ['92063'] })
      expect(await sectors({ commune: '92050' })).toEqual([sectorId])
      expect(await sectors({ commune: '92063' })).toEqual([])
      expect(await sectors({ sector: sectorId })).toEqual([sectorId])
      expect(await sectors({ sector: sectorId, commune: '92063' })).toEqual([])
      expect(await sectors({ sector: other })).toEqual([])
      expect((await world.admin.get('/on-call?commune=75056')).body).toMatchObject({
        status: 422,
        code: 'unknown_commune',
      })
      expect((await world.admin.get('/on-call?sector=sect_7zzzzzzzzzzzzzzzzzzzzzzzzz')).status).toBe(404)
    })

    rule('[ONCALL-2] at the instant of a hand-over the next answers, and only the next', async (world) => {
      const { gps } = await published(world)
      const [first, second] = [gps[0]?.id, gps[1]?.id]
      expect(await whoAt(world.admin, '2026-11-23T19:59:59.999+01:00')).toEqual([])
      expect(await whoAt(world.admin, '2026-11-23T20:00:00+01:00')).toEqual([['evening', first]])
      expect(await whoAt(world.admin, '2026-11-23T23:59:59.999+01:00')).toEqual([['evening', first]])
      expect(await whoAt(world.admin, '2026-11-24T00:00:00+01:00')).toEqual([['night', second]])
      expect(await whoAt(world.admin, '2026-11-24T07:59:59.999+01:00')).toEqual([['night', second]])
      expect(await whoAt(world.admin, '2026-11-24T08:00:00+01:00')).toEqual([])
      // Nobody has it: the shift is told, and who is missing.
      expect(await onCall(world.admin, { at: '2026-11-24T20:00:00+01:00' })).toMatchObject({
        items: [{ shift: { code: 'evening' }, people: [], missing: 1 }],
      })
    })

    rule('[ONCALL-3] who does a garde answers, not whom it was planned for', async (world) => {
      const { gps, evening, sectorId, hold } = await published(world)
      const instant = '2026-11-23T21:00:00+01:00'
      await hold(evening.id, { executantId: gpOf({ gps }, 2).id })
      expect(await whoAt(world.admin, instant)).toEqual([['evening', gps[2]?.id]])
      await hold(evening.id, {
        executantId: null,
        outsideName: 'Dr Alex Remplaçant-Fictif',
        outsideRpps: '99900000001',
        outsidePhone: '+33639980099',
      })
      const [item] = (await onCall(world.admin, { at: instant })).items
      expect(item?.missing).toBe(0)
      expect(item?.people).toMatchObject([{ name: 'Dr Alex Remplaçant-Fictif', phone: '+33639980099' }])
      expect(item?.people[0]).not.toHaveProperty('practitionerId')
      // Whoever stands in from outside fills the place though it was planned for nobody.
      await hold(evening.id, { titulaireId: null })
      const holes = await world.admin.get(`/sectors/${sectorId}/holes?from=2026-11-23&to=2026-11-23`)
      expect(holes.body.items.map((one: { id: string }) => one.id)).not.toContain(evening.id)
    })

    rule('[ONCALL-4] a rota that is not published says nobody, and has no holes', async (world) => {
      const stage = await rotaStage(world, 1)
      const rotaId = await makeRota(stage, SOON)
      const holes = async () =>
        (await world.admin.get(`/sectors/${stage.sectorId}/holes?from=2026-11-23&to=2026-11-29`)).body.items
      const query = { at: '2026-11-23T21:00:00+01:00' }
      expect((await onCall(stage.coordinator, query)).items).toEqual([])
      expect(await holes()).toEqual([])
      await publish(stage.coordinator, rotaId)
      expect((await onCall(stage.coordinator, query)).items).toHaveLength(1)
      expect(await holes()).toHaveLength(7)
    })

    rule('[ONCALL-5] the regulation sees two days before and after now, others any moment', async (world) => {
      await published(world)
      const regulator = await world.key('regulator')
      const auditor = await world.key('auditor')
      const status = async (caller: Caller, instant: string) =>
        (await caller.get(`/on-call?at=${encodeURIComponent(instant)}`)).status
      expect(await status(regulator, '2026-11-25T08:00:00+01:00')).toBe(200)
      expect(await status(regulator, '2026-11-21T08:00:00+01:00')).toBe(200)
      for (const far of ['2026-11-25T08:00:01+01:00', '2026-11-21T07:59:59+01:00']) {
        expect((await regulator.get(`/on-call?at=${encodeURIComponent(far)}`)).body).toMatchObject({
          status: 422,
          code: 'invalid_interval',
        })
        expect(await status(world.admin, far)).toBe(200)
      }
      expect(await status(auditor, '2026-11-23T08:00:00+01:00')).toBe(403)
    })

    rule('[ONCALL-6] telephones are for the sector and the regulation', async (world) => {
      const { gps, coordinator } = await published(world)
      world.clock.set('2026-11-23T21:00:00+01:00')
      const elsewhere = await makeCommunity(world, '92063')
      const stranger = await makeGp(world, elsewhere, '92063')
      const phoneFor = async (caller: Caller) => (await onCall(caller)).items[0]?.people[0]?.phone
      for (const caller of [world.admin, coordinator, gpOf({ gps }, 1).caller, await world.key('regulator')])
        expect(await phoneFor(caller)).toBe('+33199000001')
      for (const caller of [stranger.caller, await world.key('coordinator', { communityIds: [elsewhere] })])
        expect(await phoneFor(caller)).toBeNull()
    })

    rule('[ONCALL-7] holes are the gardes without all their people, of 400 days at most', async (world) => {
      const stage = await rotaStage(world, 2, { types: [{ headcount: 2 }] })
      const rotaId = await makeRota(stage, SOON)
      const [first, second] = await shiftsOf(stage.coordinator, rotaId)
      await world.act((ctx) => {
        for (const [shift, place] of [
          [first, 1],
          [first, 2],
          [second, 2],
        ] as const)
          setHolder(ctx, shift?.id ?? '', place, { titulaireId: gpOf(stage, place - 1).id })
      })
      await publish(stage.coordinator, rotaId)
      const path = `/sectors/${stage.sectorId}/holes`
      const holes = await world.admin.get(`${path}?from=2026-11-23&to=2026-11-25`)
      expect(holes.body.items).toMatchObject([
        { id: second?.id, headcount: 2, missing: 1, start: '2026-11-24T20:00:00+01:00' },
        { missing: 2, start: '2026-11-25T20:00:00+01:00' },
      ])
      for (const wrong of ['from=2026-11-25&to=2026-11-23', 'from=2026-01-01&to=2027-02-05'])
        expect((await world.admin.get(`${path}?${wrong}`)).body).toMatchObject({
          status: 422,
          code: 'invalid_interval',
        })
      expect((await world.admin.get(`${path}?from=2026-01-01&to=2027-02-04`)).status).toBe(200)
    })

    rule(
      '[ONCALL-8] over a published year each instant of a garde has its people or is a hole, nights of changing clocks too',
      async (world) => {
        const community = await makeCommunity(world, '92050')
        const gps = [await makeGp(world, community), await makeGp(world, community)]
        const { sectorId, shifts } = await world.act((ctx) => {
          const id = sectorIn(ctx, [community], gps)
          setShiftTypes(ctx, id, TYPES, undefined)
          const rota = createRota(ctx, { sectorId: id, ...YEAR })
          const made = listShifts(ctx, rota.id, undefined, 2_000).shifts
          const places = made.flatMap((shift) => shift.places)
          for (const [index, { shiftId, place }] of places.entries())
            if (index % 7 !== 0)
              setTitulaire(ctx, { shiftId, place, from: null, to: gpOf({ gps }, place - 1).id })
          expect(getPlace(ctx, places[1]?.shiftId ?? '', 1).titulaireId).toBe(gps[0]?.id)
          moveRota(ctx, rota, 'published')
          return { sectorId: id, shifts: made }
        })
        // 365 nights and evenings, and what the week-ends and holidays of 2027 add.
        expect(shifts.length).toBeGreaterThan(365 * 2 + 52 + 52 * 2)

        const [start, end] = [startOfDay(YEAR.from, 'Europe/Paris'), startOfDay(YEAR.to, 'Europe/Paris')]
        const changing = ['2027-03-27T18:00:00Z', '2027-10-30T17:00:00Z'].flatMap((evening) =>
          Array.from({ length: 16 * 4 }, (_, quarter) => plus(at(evening), (quarter * HOUR) / 4)),
        )
        const chance = fc.sample(
          fc.integer({ min: start, max: end }).map((number) => number as Instant),
          { numRuns: 500, seed: 42 },
        )
        const bounds = shifts.flatMap((shift) => [shift.start, plus(shift.end, -1)])
        const found = await world.act((ctx) => {
          const holes = new Map(
            listHoles(ctx, sectorId, YEAR.from, YEAR.to).map(({ shift, filled }) => [
              shift.id,
              shift.headcount - filled,
            ]),
          )
          const faults = [...changing, ...chance, ...bounds].flatMap((instant) =>
            faultsAt(instant, onDuty(ctx, { at: instant }).items, holes),
          )
          // What it would say of a hole that is not told, and of a shift too many or too few.
          const [someHole] = shifts.filter(({ id }) => holes.has(id))
          const bad = at('2027-03-28T01:00:00Z')
          const items = onDuty(ctx, { at: bad }).items
          const caught = [
            faultsAt(bad, [], holes),
            faultsAt(bad, [...items, ...items], holes),
            faultsAt(
              someHole?.start ?? bad,
              onDuty(ctx, { at: someHole?.start ?? bad }).items,
              new Map<string, number>(),
            ),
          ]
          return { faults, holes: holes.size, caught }
        })
        expect(found.faults).toEqual([])
        expect(found.holes).toBeGreaterThan(100)
        for (const faults of found.caught) expect(faults).not.toEqual([])
      },
    )

    rule(
      '[ONCALL-8] the night of March is an hour shorter, that of October an hour longer',
      async (world) => {
        const stage = await rotaStage(world, 1, { types: [{}, NIGHT] })
        for (const [from, to] of [
          ['2027-03-22', '2027-04-04'],
          ['2027-10-25', '2027-11-07'],
        ])
          await publish(stage.coordinator, await makeRota(stage, { from, to }))
        const codesAt = async (instant: string) => (await whoAt(world.admin, instant)).map(([code]) => code)
        expect(await codesAt('2027-03-27T23:59:59+01:00')).toEqual(['evening'])
        expect(await codesAt('2027-03-28T00:00:00+01:00')).toEqual(['night'])
        // Seven hours on.
        expect(await codesAt('2027-03-28T05:59:59Z')).toEqual(['night'])
        expect(await codesAt('2027-03-28T06:00:00Z')).toEqual([])
        expect(await codesAt('2027-10-31T00:00:00+02:00')).toEqual(['night'])
        // Nine hours on.
        expect(await codesAt('2027-10-31T06:59:59Z')).toEqual(['night'])
        expect(await codesAt('2027-10-31T07:00:00Z')).toEqual([])
      },
    )
  })
}
