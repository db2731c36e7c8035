import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { searchAvailability } from '../../src/bookings/availability/actions.ts'
import { book, type BookingInput } from '../../src/bookings/actions.ts'
import type { Ctx } from '../../src/db/db.ts'
import { distanceKm } from '../../src/kernel/geo.ts'
import { HOUR, MINUTE, plus, type Instant } from '../../src/kernel/time.ts'
import { completeOffer, getSlot, placeSlot, publishSlot, withdrawSlot } from '../../src/slots/actions.ts'
import { isOfferedTo } from '../../src/slots/rules.ts'
import { AUDIENCES } from '../../src/slots/vocabulary.ts'
import { actorOf, aside, dream, refusalOf } from '../support/attempt.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { COMMUNES, SYSTEM, type Answered, type Caller, type World } from '../support/world.ts'

/** The day after the clock's. */
const on = (clock: string, day = '2026-11-24') => `${day}T${clock}:00+01:00`

const published = async (gp: Member, start: string, end: string, more: Record<string, unknown> = {}) => {
  const answer = await gp.caller.post('/slots', slotBody(gp, start, end, more))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

const search = async (caller: Caller, query: string): Promise<Answered['body']> => {
  const answer = await caller.get(`/availability?${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}

const found = async (caller: Caller, query = 'commune=92050'): Promise<string[]> =>
  (await search(caller, query)).items.map((item: { slot: { id: string } }) => item.slot.id)

const text = (instant: string) => encodeURIComponent(instant)

const place = (insee: string) => {
  const commune = COMMUNES.find((one) => one.insee === insee)
  if (!commune) throw new Error(`no test commune ${insee}`)
  return commune
}

/** One slot of a random world, and whether the search of the test covers its place and time. */
interface Known {
  readonly id: string
  readonly within: boolean
}

type Listing = (ctx: Ctx, known: readonly Known[]) => readonly string[]

/** Slots for which the listing and the booking disagree: listed yet refused, or free within reach yet not listed. */
const disagreements = (
  known: readonly Known[],
  listed: readonly string[],
  isBookable: (id: string) => boolean,
): string[] => {
  const strangers = listed.filter((id) => !known.some((one) => one.id === id))
  const wrong = known.filter(({ id, within }) => listed.includes(id) !== (within && isBookable(id)))
  return [...strangers, ...wrong.map(({ id }) => id)]
}

const NEAR = { near: { commune: '92050' }, radiusKm: 5, limit: 200 } as const

const trueListing: Listing = (ctx) => searchAvailability(ctx, NEAR).map(({ slot }) => slot.id)

/** What a search would show that forgets that seats are taken. */
const blindToTaken: Listing = (ctx, known) =>
  known
    .filter(({ within }) => within)
    .map(({ id }) => getSlot({ ...ctx, actor: SYSTEM }, id))
    .filter((slot) => slot.withdrawnAt === null && slot.start > ctx.now && isOfferedTo(ctx.actor, slot))
    .map(({ id }) => id)

/** What a search would show that leaves the last one out. */
const forgetful: Listing = (ctx, known) => trueListing(ctx, known).slice(0, -1)

/** What a search would show to anybody, whatever the audience. */
const indiscreet: Listing = (ctx) => trueListing({ ...ctx, actor: SYSTEM }, [])

const scenes = fc.record({
  slots: fc.array(
    fc.record({
      member: fc.nat({ max: 3 }),
      quarter: fc.integer({ min: 0, max: 60 * 4 }),
      capacity: fc.integer({ min: 1, max: 3 }),
      audiences: fc.subarray([...AUDIENCES], { minLength: 1 }),
      named: fc.subarray([0, 1], { minLength: 1 }),
      bookings: fc.integer({ min: 0, max: 3 }),
      isWithdrawn: fc.boolean(),
    }),
    { minLength: 15, maxLength: 15 },
  ),
  hoursLater: fc.constantFrom(0, 0, 3, 12),
  caller: fc.nat({ max: 4 }),
})

type Scene = typeof scenes extends fc.Arbitrary<infer S> ? S : never

interface Cast {
  readonly members: readonly Member[]
  readonly communities: readonly string[]
  readonly callers: readonly Caller[]
}

const makeCast = async (world: World): Promise<Cast> => {
  const communities = [await makeCommunity(world, '92050'), await makeCommunity(world, '92063')]
  const [nanterre, rueil] = communities as [string, string]
  const members = [
    await makeGp(world, nanterre),
    await makeGp(world, nanterre),
    await makeGp(world, rueil, '92063'),
    // 17 km away: never within the radius.
    await makeGp(world, rueil, '92002'),
  ]
  return {
    members,
    communities,
    callers: [await world.key('regulator'), world.admin, ...members.slice(0, 3).map(({ caller }) => caller)],
  }
}

/** The slots for which listing and booking disagree in a scene, which is played and undone. */
const play = async (world: World, cast: Cast, scene: Scene, listing: Listing) => {
  const now = world.clock.now()
  const actor = actorOf(world, cast.callers[scene.caller]!)
  const admin = actorOf(world, world.admin)
  try {
    return await dream(world, (as, tx) => {
      const seen = plus(now, scene.hoursLater * HOUR)
      const known: Known[] = []
      for (const one of scene.slots) {
        const member = cast.members[one.member]!
        const start = plus(now, one.quarter * 15 * MINUTE)
        const made: { id?: string } = {}
        const refusal = refusalOf(() => {
          made.id = publishSlot(as(SYSTEM), {
            practitionerId: member.id,
            siteId: member.siteId,
            start,
            end: plus(start, 30 * MINUTE),
            capacity: one.capacity,
            audiences: one.audiences,
            communityIds: one.named.map((i) => cast.communities[i]!),
          }).id
        })
        if (made.id === undefined) {
          expect(refusal).toBe('slot_overlap')
          continue
        }
        for (let i = 0; i < one.bookings; i++) refusalOf(() => book(as(admin), inputFor(made.id!)))
        if (one.isWithdrawn) withdrawSlot(as(SYSTEM), made.id, undefined)
        known.push({ id: made.id, within: one.member < 3 && start < seen + 48 * HOUR })
      }
      world.clock.advance(seen - now)
      const listed = listing(as(actor), known)
      const isBookable = (id: string) =>
        aside(tx, () => refusalOf(() => book(as(actor), inputFor(id))) === undefined)
      return { wrong: disagreements(known, listed, isBookable), listed: listed.length }
    })
  } finally {
    world.clock.advance(now - world.clock.now())
  }
}

const inputFor = (slotId: string) => bookingBody(slotId) as unknown as BookingInput

export const availabilitySuite: Suite = (rule) => {
  describe('availability', () => {
    rule('[AVAIL-1] a search by commune or by position shows who, where, when and how far', async (world) => {
      const cpts = await makeCommunity(world, '92050')
      const gp = await makeGp(world, cpts, '92063')
      const slot = await published(gp, on('10:00'), on('10:15'))
      const regulator = await world.key('regulator')
      const shown = (await world.admin.get(`/practitioners/${gp.id}`)).body
      const answer = await search(regulator, 'commune=92050')
      expect(answer.asOf).toBe('2026-11-23T08:00:00+01:00')
      expect(answer.items).toEqual([
        {
          slot,
          practitioner: { id: gp.id, rpps: shown.rpps, name: `${shown.given} ${shown.family}` },
          site: shown.sites[0],
          distanceKm: 3.72,
          heldByOthers: false,
        },
      ])
      const { lat, lon } = place('92050')
      expect(await search(regulator, `lat=${lat}&lon=${lon}`)).toEqual(answer)
      expect((await search(regulator, `lat=48.869&lon=2.177`)).items[0].distanceKm).toBe(0)
    })

    rule(
      '[AVAIL-1] the radius is 10 km unless told, along the great circle, its edge included',
      async (world) => {
        const cpts = await makeCommunity(world, '92050')
        const regulator = await world.key('regulator')
        const near = await makeGp(world, cpts, '92063')
        const far = await makeGp(world, cpts, '92002')
        const close = await published(near, on('10:00'), on('10:15'))
        const distant = await published(far, on('10:00'), on('10:15'))
        expect(await found(regulator)).toEqual([close.id])
        expect(await found(regulator, 'commune=92050&radiusKm=100')).toEqual([close.id, distant.id])
        expect(await found(regulator, 'commune=92002')).toEqual([distant.id])
        expect(await found(regulator, 'commune=92002&radiusKm=0')).toEqual([distant.id])
        const [a, b] = [place('92050'), place('92002')]
        // The spherical law of cosines, to hold the haversine against something else.
        const radians = (degrees: number) => (degrees * Math.PI) / 180
        const km =
          6371.0088 *
          Math.acos(
            Math.sin(radians(a.lat)) * Math.sin(radians(b.lat)) +
              Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.cos(radians(b.lon - a.lon)),
          )
        expect(distanceKm(a, b)).toBeCloseTo(km, 4)
        expect(await found(regulator, `commune=92050&radiusKm=${(km + 0.001).toFixed(6)}`)).toHaveLength(2)
        expect(await found(regulator, `commune=92050&radiusKm=${(km - 0.001).toFixed(6)}`)).toEqual([
          close.id,
        ])
      },
    )

    rule(
      '[AVAIL-2] the window is 48 h unless told, from included, to excluded, and never the past',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        const regulator = await world.key('regulator')
        const soon = await published(gp, '2026-11-23T08:15:00+01:00', '2026-11-23T08:30:00+01:00')
        const before48 = await published(gp, '2026-11-25T07:45:00+01:00', '2026-11-25T08:00:00+01:00')
        const at48 = await published(gp, '2026-11-25T08:00:00+01:00', '2026-11-25T08:15:00+01:00')
        const at71 = await published(gp, '2026-11-26T07:45:00+01:00', '2026-11-26T08:00:00+01:00')
        const window = (from: string | undefined, to: string | undefined) =>
          found(
            regulator,
            `commune=92050${from === undefined ? '' : `&from=${text(from)}`}${to === undefined ? '' : `&to=${text(to)}`}`,
          )
        expect(await window(undefined, undefined)).toEqual([soon.id, before48.id])
        expect(await window(undefined, '2026-11-26T08:00:00+01:00')).toEqual([
          soon.id,
          before48.id,
          at48.id,
          at71.id,
        ])
        expect(await window('2026-11-25T08:00:00+01:00', undefined)).toEqual([at48.id, at71.id])
        expect(await window('2026-11-25T07:46:00+01:00', '2026-11-26T07:45:00+01:00')).toEqual([at48.id])
        expect(await window('2026-11-22T12:00:00+01:00', undefined)).toEqual([soon.id])
        expect(await window('2026-11-20T08:00:00+01:00', undefined)).toEqual([])
        world.clock.set('2026-11-23T08:14:59+01:00')
        expect(await window('2026-11-23T08:00:00+01:00', undefined)).toContain(soon.id)
        world.clock.set('2026-11-23T08:15:00+01:00')
        expect(await window('2026-11-23T08:00:00+01:00', undefined)).not.toContain(soon.id)
      },
    )

    rule('[AVAIL-2] a window reversed, empty or longer than 72 h is refused', async (world) => {
      const regulator = await world.key('regulator')
      const [from, to72] = ['2026-11-24T08:00:00+01:00', '2026-11-27T08:00:00+01:00']
      await search(regulator, `commune=92050&from=${text(from)}&to=${text(to72)}`)
      for (const query of [
        `from=${text(from)}&to=${text('2026-11-27T08:00:01+01:00')}`,
        `from=${text(from)}&to=${text(from)}`,
        `from=${text(to72)}&to=${text(from)}`,
        `to=${text('2026-11-26T08:00:01+01:00')}`,
        `to=${text('2026-11-23T08:00:00+01:00')}`,
        `from=${text('2026-11-20T08:00:00+01:00')}&to=${text('2026-11-24T08:00:00+01:00')}`,
      ]) {
        const answer = await regulator.get(`/availability?commune=92050&${query}`)
        expect([answer.status, answer.body.code], query).toEqual([422, 'invalid_interval'])
      }
    })

    rule(
      '[AVAIL-3] modality, appointment type, age, wheelchair and CPTS narrow the search',
      async (world) => {
        const nanterre = await makeCommunity(world, '92050')
        const rueil = await makeCommunity(world, '92063')
        const gp = await makeGp(world, nanterre)
        const wheeled = await makeGp(world, rueil, '92063', { wheelchair: true })
        const regulator = await world.key('regulator')
        const plain = await published(gp, on('10:00'), on('10:15'))
        const visit = await published(gp, on('10:15'), on('10:30'), { modalities: ['HH', 'VR'] })
        const walkIn = await published(gp, on('11:00'), on('12:00'), {
          appointmentType: 'WALKIN',
          capacity: 5,
        })
        const child = await published(gp, on('12:00'), on('12:15'), { maxAge: 15 })
        const old = await published(gp, on('13:00'), on('13:15'), { minAge: 75 })
        const between = await published(wheeled, on('14:00'), on('14:15'), { minAge: 16, maxAge: 16 })
        const all = [plain.id, visit.id, walkIn.id, child.id, old.id, between.id]
        const expectations: readonly (readonly [string, string[]])[] = [
          ['', all],
          ['modality=AMB', [plain.id, walkIn.id, child.id, old.id, between.id]],
          ['modality=HH', [visit.id]],
          ['modality=VR', [visit.id]],
          ['appointmentType=WALKIN', [walkIn.id]],
          ['appointmentType=ROUTINE', all.filter((id) => id !== walkIn.id)],
          ['age=0', [plain.id, visit.id, walkIn.id, child.id]],
          ['age=15', [plain.id, visit.id, walkIn.id, child.id]],
          ['age=16', [plain.id, visit.id, walkIn.id, between.id]],
          ['age=74', [plain.id, visit.id, walkIn.id]],
          ['age=75', [plain.id, visit.id, walkIn.id, old.id]],
          ['wheelchair=true', [between.id]],
          ['wheelchair=false', all],
          [`community=${nanterre}`, all.slice(0, 5)],
          [`community=${rueil}`, [between.id]],
          [`community=${rueil}&age=15`, []],
          ['community=cpts_01kakq0t5ae3vshb4ka6e0x0m1', []],
          ['modality=AMB&appointmentType=ROUTINE&age=80', [plain.id, old.id]],
        ]
        for (const [query, expected] of expectations)
          expect(await found(regulator, `commune=92050&${query}`), query).toEqual(expected)
      },
    )

    rule(
      '[AVAIL-4] soonest by time then distance, nearest by distance then time, then by id',
      async (world) => {
        const cpts = await makeCommunity(world, '92050')
        const regulator = await world.key('regulator')
        const here = await makeGp(world, cpts)
        const twin = await makeGp(world, cpts)
        const there = await makeGp(world, cpts, '92063')
        const thereEarly = await published(there, on('09:00'), on('09:15'))
        const thereTen = await published(there, on('10:00'), on('10:15'))
        const hereTen = await published(here, on('10:00'), on('10:15'))
        const twinTen = await published(twin, on('10:00'), on('10:15'))
        const hereLate = await published(here, on('11:00'), on('11:15'))
        const ties = [hereTen.id, twinTen.id].sort()
        const soonest = [thereEarly.id, ...ties, thereTen.id, hereLate.id]
        expect(await found(regulator)).toEqual(soonest)
        expect(await found(regulator, 'commune=92050&sort=soonest')).toEqual(soonest)
        expect(await found(regulator, 'commune=92050&sort=nearest')).toEqual([
          ...ties,
          hereLate.id,
          thereEarly.id,
          thereTen.id,
        ])
        for (let limit = 1; limit <= 5; limit++)
          expect(await found(regulator, `commune=92050&limit=${limit}`)).toEqual(soonest.slice(0, limit))
      },
    )

    rule(
      '[AVAIL-4] balanced shows first who has the fewest bookings for their share over four weeks',
      async (world) => {
        const cpts = await makeCommunity(world, '92050')
        const regulator = await world.key('regulator')
        const busy = await makeGp(world, cpts, '92050', { weeklyTargetMinutes: 120 })
        const busyFullTime = await makeGp(world, cpts, '92050', { weeklyTargetMinutes: 600 })
        const idle = await makeGp(world, cpts, '92063')
        const longAgo = await makeGp(world, cpts, '92063')
        const bookOne = async (gp: Member, start: string, end: string, isKept = true) => {
          const slot = await published(gp, start, end)
          const booking = await regulator.post('/bookings', bookingBody(slot.id))
          expect(booking.status).toBe(201)
          if (!isKept) await regulator.post(`/bookings/${booking.body.id}/cancel`, { reason: 'patient' })
          else return
          await gp.caller.post(`/slots/${slot.id}/withdraw`)
        }
        // Four weeks before the end of the search below, to the minute.
        await bookOne(longAgo, '2026-11-23T17:45:00+01:00', '2026-11-23T18:00:00+01:00')
        await bookOne(busy, '2026-11-23T18:00:00+01:00', '2026-11-23T18:15:00+01:00')
        await bookOne(busyFullTime, '2026-11-23T18:00:00+01:00', '2026-11-23T18:15:00+01:00')
        await bookOne(busyFullTime, '2026-12-01T18:00:00+01:00', '2026-12-01T18:15:00+01:00')
        for (let i = 0; i < 3; i++)
          await bookOne(idle, `2026-12-0${i + 2}T18:00:00+01:00`, `2026-12-0${i + 2}T18:15:00+01:00`, false)
        world.clock.set('2026-12-20T08:00:00+01:00')
        const day = '2026-12-21'
        const ofBusy = await published(busy, on('09:00', day), on('09:15', day))
        const ofFullTime = await published(busyFullTime, on('09:30', day), on('09:45', day))
        const ofIdle = await published(idle, on('12:00', day), on('12:15', day))
        const ofLongAgo = await published(longAgo, on('11:00', day), on('11:15', day))
        const idleFirst = await published(idle, on('10:00', day), on('10:15', day))
        const query = `commune=92050&from=${text(on('08:00', day))}&to=${text(on('18:00', day))}`
        expect(await found(regulator, `${query}&sort=balanced`)).toEqual([
          idleFirst.id,
          ofLongAgo.id,
          ofIdle.id,
          ofFullTime.id,
          ofBusy.id,
        ])
        expect((await found(regulator, query))[0]).toBe(ofBusy.id)
      },
    )

    rule(
      '[AVAIL-4] who has no share comes after everybody who has one, however little they did',
      async (world) => {
        const cpts = await makeCommunity(world, '92050')
        const regulator = await world.key('regulator')
        const none = await makeGp(world, cpts, '92050', { weeklyTargetMinutes: 0 })
        const loaded = await makeGp(world, cpts, '92063', { weeklyTargetMinutes: 1 })
        const ofNone = await published(none, on('09:00'), on('09:15'))
        const ofLoaded = await published(loaded, on('12:00'), on('12:15'))
        const load = await published(loaded, on('11:00'), on('12:00'), { capacity: 9 })
        for (let i = 0; i < 9; i++)
          expect((await regulator.post('/bookings', bookingBody(load.id))).status).toBe(201)
        expect(await found(regulator, 'commune=92050&sort=balanced')).toEqual([ofLoaded.id, ofNone.id])
        expect(await found(regulator)).toEqual([ofNone.id, ofLoaded.id])
      },
    )

    rule(
      '[AVAIL-4] the same slots and bookings are in the same order however they came to be',
      async (world) => {
        const cpts = await makeCommunity(world, '92050')
        const targets = [0, 0, 60, 120, 120, 240]
        const members: Member[] = []
        for (const [i, weeklyTargetMinutes] of targets.entries())
          members.push(await makeGp(world, cpts, i % 2 === 0 ? '92050' : '92063', { weeklyTargetMinutes }))
        const regulator = actorOf(world, await world.key('regulator'))
        interface Fact {
          readonly id: string
          readonly member: number
          readonly start: Instant
          readonly booked: number
        }
        const facts: fc.Arbitrary<Fact[]> = fc
          .array(fc.record({ member: fc.nat(5), hour: fc.integer({ min: 1, max: 3 }), booked: fc.nat(2) }), {
            minLength: 6,
            maxLength: 14,
          })
          .map((list) =>
            list.map(({ member, hour, booked }, i) => {
              // Those of one GP beside one another, those of several GPs at once.
              const before = list
                .slice(0, i)
                .filter((one) => one.member === member && one.hour === hour).length
              const start = plus(world.clock.now(), hour * HOUR + before * MINUTE)
              return { id: `slot_${String(i).padStart(26, '0')}`, member, start, booked }
            }),
          )
        const listed = (list: readonly Fact[], listing: (ctx: Ctx) => readonly string[]) =>
          dream(world, (as) => {
            const ctx = as(SYSTEM)
            for (const { id, member, start, booked } of list) {
              const { id: practitionerId, siteId } = members[member]!
              placeSlot({ ...ctx, newId: () => id }, completeOffer(ctx, [cpts], { capacity: 3 }), {
                practitionerId,
                siteId,
                start,
                end: plus(start, MINUTE),
                origin: 'single',
                seriesId: null,
                occurrence: null,
              })
              for (let i = 0; i < booked; i++) book(as(regulator), bookingBody(id) as unknown as BookingInput)
            }
            return listing(as(regulator))
          })
        const isSettled = (listing: (ctx: Ctx) => readonly string[]) =>
          fc.asyncProperty(facts, fc.nat(13), async (list, turn) => {
            const cut = turn % list.length
            const shuffled = [...list.slice(cut), ...list.slice(0, cut)].reverse()
            const [one, other] = [await listed(list, listing), await listed(shuffled, listing)]
            return one.length === list.length && one.join() === other.join()
          })
        const balanced = (ctx: Ctx) =>
          searchAvailability(ctx, { ...NEAR, sort: 'balanced' }).map(({ slot }) => slot.id)
        await fc.assert(isSettled(balanced), { seed: 64, numRuns: 40 })
        // The check finds an order that leans on which row came first.
        const careless = ({ db }: Ctx) =>
          db.all<{ id: string }>(sql`select id from slots order by start, rowid`).map(({ id }) => id)
        expect(
          (await fc.check(isSettled(careless), { seed: 64, numRuns: 40, endOnFailure: true })).failed,
        ).toBe(true)
      },
    )

    rule('[AVAIL-4] twenty are shown unless told, at most two hundred', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      const regulator = await world.key('regulator')
      await gp.caller.post('/series', {
        practitionerId: gp.id,
        siteId: gp.siteId,
        rrule: 'FREQ=DAILY',
        localStart: '2026-11-24T08:00',
        durationMinutes: 300,
        slotMinutes: 10,
      })
      expect(await found(regulator)).toHaveLength(20)
      expect(await found(regulator, 'commune=92050&limit=200')).toHaveLength(30)
      for (const limit of ['0', '201', '', '1.5', '-1', 'x'])
        expect((await regulator.get(`/availability?commune=92050&limit=${limit}`)).status, limit).toBe(400)
    })

    rule(
      '[AVAIL-5] an unknown commune is refused; a search nowhere or at two places is malformed',
      async (world) => {
        const regulator = await world.key('regulator')
        const unknown = await regulator.get('/availability?commune=99999')
        expect([unknown.status, unknown.body.code]).toEqual([422, 'unknown_commune'])
        for (const query of [
          '',
          'lat=48.9',
          'lon=2.2',
          'lat=&lon=2.2',
          'lat=91&lon=2.2',
          'lat=48.9&lon=181',
          'lat=48,9&lon=2.2',
          'lat=NaN&lon=2.2',
          'commune=92050&lat=48.9&lon=2.2',
          'commune=nanterre',
          'commune=92050&commune=92063',
          'commune=92050&radiusKm=101',
          'commune=92050&radiusKm=-1',
          'commune=92050&modality=XX',
          'commune=92050&sort=random',
          'commune=92050&age=131',
          'commune=92050&age=1e1',
          'commune=92050&wheelchair=1',
          'commune=92050&from=2026-11-24T08:00:00',
          'commune=92050&from=2026-11-24',
          'commune=92050&community=x',
          'commune=92050&unknown=1',
        ]) {
          const answer = await regulator.get(`/availability?${query}`)
          expect([answer.status, answer.body.code], query).toEqual([400, 'invalid_request'])
        }
      },
    )

    rule(
      '[AVAIL-6] each caller finds what their audiences offer, and nobody else may search',
      async (world) => {
        const nanterre = await makeCommunity(world, '92050')
        const rueil = await makeCommunity(world, '92063')
        const gp = await makeGp(world, nanterre)
        const colleague = await makeGp(world, nanterre)
        const stranger = await makeGp(world, rueil, '92063')
        const regulator = await world.key('regulator')
        const coordinator = await world.key('coordinator', { communityIds: [nanterre] })
        const auditor = await world.key('auditor')
        const one = (clock: string, audiences: string[], communityIds = [nanterre]) =>
          published(gp, on(`${clock}:00`), on(`${clock}:15`), { audiences, communityIds })
        const snp = await one('08', ['SNP'])
        const pro = await one('09', ['PRO'])
        const everybody = await one('10', ['PUBLIC'])
        const community = await one('11', ['CPTS'])
        const both = await one('12', ['CPTS'], [nanterre, rueil])
        const mixed = await one('13', ['SNP', 'CPTS'])
        expect(await found(regulator)).toEqual([snp.id, pro.id, everybody.id, mixed.id])
        expect(await found(colleague.caller)).toEqual([pro.id, everybody.id, community.id, both.id, mixed.id])
        expect(await found(stranger.caller)).toEqual([pro.id, everybody.id, both.id])
        expect(await found(gp.caller)).toEqual([pro.id, everybody.id, community.id, both.id, mixed.id])
        expect(await found(world.admin)).toHaveLength(6)
        for (const caller of [coordinator, auditor])
          expect((await caller.get('/availability?commune=92050')).status).toBe(403)
      },
    )

    rule(
      '[AVAIL-7] a slot is found until its last seat is taken, and again once one is given back',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        const regulator = await world.key('regulator')
        const slot = await published(gp, on('10:00'), on('11:00'), { capacity: 3 })
        const bookings: string[] = []
        for (let taken = 0; taken < 3; taken++) {
          expect((await search(regulator, 'commune=92050')).items[0].slot).toMatchObject({
            id: slot.id,
            taken,
            capacity: 3,
          })
          bookings.push((await regulator.post('/bookings', bookingBody(slot.id))).body.id)
        }
        expect(await found(regulator)).toEqual([])
        await regulator.post(`/bookings/${bookings[1]}/cancel`, { reason: 'patient' })
        expect((await search(regulator, 'commune=92050')).items[0].slot).toMatchObject({
          taken: 2,
          status: 'open',
        })
        await gp.caller.post(`/slots/${slot.id}/withdraw`)
        expect(await found(regulator)).toEqual([])
      },
    )

    rule(
      '[AVAIL-8][BOOK-2] what is listed can be booked at once, and what can be booked is listed',
      async (world) => {
        const cast = await makeCast(world)
        let listed = 0
        await fc.assert(
          fc.asyncProperty(scenes, async (scene) => {
            const outcome = await play(world, cast, scene, trueListing)
            expect(outcome.wrong).toEqual([])
            listed += outcome.listed
          }),
          { seed: 61, numRuns: 60 },
        )
        expect(listed).toBeGreaterThan(100)
      },
    )

    rule(
      '[AVAIL-8] a search that forgets taken seats, a slot or the audience is caught by the same check',
      async (world) => {
        const cast = await makeCast(world)
        for (const broken of [blindToTaken, forgetful, indiscreet]) {
          const verdict = await fc.check(
            fc.asyncProperty(
              scenes,
              async (scene) => (await play(world, cast, scene, broken)).wrong.length === 0,
            ),
            { seed: 61, numRuns: 60, endOnFailure: true },
          )
          expect(verdict.failed).toBe(true)
          expect((verdict.errorInstance as Error).message).toBe('Property failed by returning false')
        }
      },
    )

    rule('[AVAIL-8] over HTTP too: each slot found is booked by who found it', async (world) => {
      const cast = await makeCast(world)
      for (const [i, member] of cast.members.entries())
        await published(member, on(`1${i}:00`), on(`1${i + 1}:00`), {
          audiences: ['SNP', 'PRO'],
          capacity: 2,
        })
      let tried = 0
      for (const caller of cast.callers)
        for (const slotId of await found(caller, 'commune=92050&radiusKm=20')) {
          const booked = await caller.post('/bookings', bookingBody(slotId))
          expect(booked.status, booked.text).toBe(201)
          tried++
          await caller.post(`/bookings/${booked.body.id}/cancel`, { reason: 'patient' })
        }
      expect(tried).toBe(cast.callers.length * cast.members.length)
    })
  })
}
