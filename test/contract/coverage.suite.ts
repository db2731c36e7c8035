import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { book } from '../../src/bookings/actions.ts'
import { formatInstant, getLocalDate, weekInterval } from '../../src/kernel/civil.ts'
import { HOUR, MINUTE, plus, type Instant, type Interval } from '../../src/kernel/time.ts'
import { publishSlot, withdrawSlot } from '../../src/slots/actions.ts'
import { getCoverage } from '../../src/slots/coverage/actions.ts'
import { actorOf, dream, refusalOf } from '../support/attempt.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { at, SYSTEM, type Answered, type Caller, type World } from '../support/world.ts'

const PARIS = 'Europe/Paris'

/** The week after the clock's. */
const WEEK = '2026-W49'
const on = (clock: string, day = '2026-11-30') => `${day}T${clock}:00+01:00`

const published = async (gp: Member, start: string, end: string, more: Record<string, unknown> = {}) => {
  const answer = await gp.caller.post('/slots', slotBody(gp, start, end, more))
  expect(answer.status, answer.text).toBe(201)
  return answer.body.id as string
}

const planned = async (world: World, communityId: string, wanted: unknown[]) => {
  const answer = await world.admin.put(`/communities/${communityId}/coverage-plan`, { wanted })
  expect(answer.status, answer.text).toBe(200)
  return answer.body.wanted
}

interface Item {
  readonly date: string
  readonly half: 'am' | 'pm'
  readonly wanted: number
  readonly open: number
  readonly booked: number
  readonly missing: number
  readonly couldFill?: readonly { practitionerId: string; name: string; load: number }[]
}

const coverage = async (caller: Caller, communityId: string, week?: string): Promise<Item[]> => {
  const query = week === undefined ? '' : `?week=${week}`
  const answer = await caller.get(`/communities/${communityId}/coverage${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.body.items
}

const itemOf = (items: readonly Item[], date: string, half: 'am' | 'pm'): Item => {
  const found = items.find((item) => item.date === date && item.half === half)
  if (!found) throw new Error(`no ${date} ${half}`)
  return found
}

const counters = async (caller: Caller, id: string, week = WEEK): Promise<Answered['body']> => {
  const answer = await caller.get(`/practitioners/${id}/counters?week=${week}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}

/** What the half-days of the week after the clock's give, those with seats only. */
const seatsOf = (items: readonly Item[]) =>
  items
    .filter(({ open, booked }) => open + booked > 0)
    .map(({ date, half, open, booked }) => `${date} ${half} ${open}+${booked}`)

/** A slot of a random week, as the coverage should count it. */
interface Placed {
  readonly start: Instant
  readonly capacity: number
  readonly booked: number
  readonly counts: boolean
}

/** Half-days at which the page and the slots disagree, read off the clock, and whether the sums of the week do. */
const disagreements = (
  items: readonly Pick<Item, 'date' | 'half' | 'open' | 'booked'>[],
  placed: readonly Placed[],
  week: Interval,
): string[] => {
  const counted = placed.filter((one) => one.counts && one.start >= week.start && one.start < week.end)
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
  const wrong = items.filter(({ date, half, open, booked }) => {
    const here = counted.filter(({ start }) => {
      const clock = formatInstant(start, PARIS)
      return clock.startsWith(date) && clock.slice(11, 16) < '13:00' === (half === 'am')
    })
    const seats = sum(here.map(({ capacity }) => capacity))
    const taken = sum(here.map((one) => one.booked))
    return booked !== taken || open !== seats - taken
  })
  const shown = sum(items.map(({ open, booked }) => open + booked))
  const there = sum(counted.map(({ capacity }) => capacity))
  return [...wrong.map(({ date, half }) => `${date} ${half}`), ...(shown === there ? [] : ['sum'])]
}

const scenes = fc.record({
  // Both weeks of a change of hour, and one without.
  week: fc.constantFrom('2027-W12', '2027-W43', '2027-W20'),
  slots: fc.array(
    fc.record({
      member: fc.nat({ max: 2 }),
      // From two hours before the week to two hours after, many of them around 13:00 and midnight.
      minute: fc.oneof(
        fc.integer({ min: -8, max: 7 * 96 + 8 }).map((quarter) => quarter * 15),
        fc
          .tuple(fc.integer({ min: 0, max: 7 }), fc.constantFrom(0, 13), fc.integer({ min: -5, max: 5 }))
          .map(([day, hour, quarter]) => (day * 24 + hour) * 60 + quarter * 15),
      ),
      capacity: fc.integer({ min: 1, max: 3 }),
      bookings: fc.integer({ min: 0, max: 3 }),
      isWithdrawn: fc.boolean(),
    }),
    { minLength: 8, maxLength: 20 },
  ),
})

export const coverageSuite: Suite = (rule) => {
  describe('coverage plan', () => {
    rule('[COVER-1] a plan is replaced whole and read back by weekday', async (world) => {
      const cpts = await makeCommunity(world, '92050')
      const path = `/communities/${cpts}/coverage-plan`
      expect((await world.admin.get(path)).body).toEqual({ wanted: [] })
      const plan = [
        { weekday: 5, half: 'pm', places: 4 },
        { weekday: 1, half: 'pm', places: 2 },
        { weekday: 1, half: 'am', places: 0 },
      ]
      const sorted = [plan[2], plan[1], plan[0]]
      expect(await planned(world, cpts, plan)).toEqual(sorted)
      expect((await world.admin.get(path)).body).toEqual({ wanted: sorted })
      const week = [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) =>
        ['am', 'pm'].map((half) => ({ weekday, half, places: weekday })),
      )
      expect(await planned(world, cpts, week)).toEqual(week)
      const only = [{ weekday: 7, half: 'am', places: 1 }]
      expect(await planned(world, cpts, only)).toEqual(only)
      expect(await planned(world, cpts, [])).toEqual([])
    })

    rule('[COVER-1] the plan of one CPTS is not that of another', async (world) => {
      const [nanterre, rueil] = [await makeCommunity(world, '92050'), await makeCommunity(world, '92063')]
      await planned(world, nanterre, [{ weekday: 1, half: 'am', places: 3 }])
      await planned(world, rueil, [{ weekday: 1, half: 'am', places: 5 }])
      expect(itemOf(await coverage(world.admin, nanterre, WEEK), '2026-11-30', 'am').wanted).toBe(3)
      await planned(world, rueil, [])
      expect(itemOf(await coverage(world.admin, nanterre, WEEK), '2026-11-30', 'am').wanted).toBe(3)
    })

    rule(
      '[COVER-2] a half-day named twice or out of the week is malformed, and changes nothing',
      async (world) => {
        const cpts = await makeCommunity(world, '92050')
        const path = `/communities/${cpts}/coverage-plan`
        const wish = { weekday: 1, half: 'am', places: 2 }
        await planned(world, cpts, [wish])
        for (const wanted of [
          [wish, { ...wish, places: 3 }],
          [{ ...wish, weekday: 0 }],
          [{ ...wish, weekday: 8 }],
          [{ ...wish, weekday: 1.5 }],
          [{ ...wish, half: 'night' }],
          [{ ...wish, places: -1 }],
          [{ ...wish, places: 1_001 }],
          [{ ...wish, more: true }],
          undefined,
        ]) {
          const answer = await world.admin.put(path, { wanted })
          expect([answer.status, answer.body.code], JSON.stringify(wanted)).toEqual([400, 'invalid_request'])
        }
        expect((await world.admin.get(path)).body).toEqual({ wanted: [wish] })
      },
    )

    rule(
      '[COVER-3][EVENT-1] the coordinators of a CPTS and the admin plan it, one event a time',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        const rueil = await makeCommunity(world, '92063')
        const coordinator = await world.key('coordinator', { communityIds: [gp.communityId] })
        const wanted = [{ weekday: 2, half: 'am', places: 2 }]
        const events = async (): Promise<Answered['body'][]> =>
          (await world.admin.get('/events?limit=200')).body.items
        const before = (await events()).length
        const own = `/communities/${gp.communityId}`
        expect((await coordinator.put(`${own}/coverage-plan`, { wanted })).status).toBe(200)
        const added = (await events()).slice(before)
        expect(added).toHaveLength(1)
        expect(added[0]).toMatchObject({
          type: 'coverage_plan.set',
          subject: gp.communityId,
          data: { wanted },
        })
        const foreign = `/communities/${rueil}`
        const missing = '/communities/cpts_7zzzzzzzzzzzzzzzzzzzzzzzzz'
        const refused = await coordinator.put(`${foreign}/coverage-plan`, { wanted })
        const absent = await coordinator.put(`${missing}/coverage-plan`, { wanted })
        expect([refused.status, refused.text]).toEqual([404, absent.text])
        for (const below of ['/coverage-plan', '/coverage']) {
          expect((await coordinator.get(`${own}${below}`)).status).toBe(200)
          expect((await coordinator.get(`${foreign}${below}`)).status).toBe(404)
          expect((await world.admin.get(`${missing}${below}`)).status).toBe(404)
          expect((await gp.caller.get(`${own}${below}`)).status).toBe(403)
        }
        expect(await events()).toHaveLength(before + 1)
      },
    )
  })

  describe('coverage of a week', () => {
    rule('[COVER-4] a week is 14 half-days from Monday morning to Sunday afternoon', async (world) => {
      const cpts = await makeCommunity(world, '92050')
      await planned(world, cpts, [{ weekday: 7, half: 'pm', places: 2 }])
      for (const [week, monday, sunday] of [
        ['2026-W48', '2026-11-23', '2026-11-29'],
        ['2026-W53', '2026-12-28', '2027-01-03'],
        ['2027-W12', '2027-03-22', '2027-03-28'],
        ['2027-W43', '2027-10-25', '2027-10-31'],
      ] as const) {
        const items = await coverage(world.admin, cpts, week)
        expect(items.map(({ half }) => half).join(' ')).toBe(Array(7).fill('am pm').join(' '))
        expect(items.map(({ date }) => date)).toEqual(items.map(({ date }) => date).sort())
        expect(new Set(items.map(({ date }) => date)).size).toBe(7)
        expect([items[0]!.date, items[13]!.date]).toEqual([monday, sunday])
        expect(items.map(({ wanted }) => wanted)).toEqual([...Array(13).fill(0), 2])
      }
    })

    rule(
      '[COVER-4] 13:00 on the clock is afternoon and midnight is the next day, also when the hour changes',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        const seats = async (week: string) => seatsOf(await coverage(world.admin, gp.communityId, week))
        // The day that clocks go forward, the morning lasts twelve hours.
        await published(gp, '2027-03-28T12:45:00+02:00', '2027-03-28T13:00:00+02:00')
        await published(gp, '2027-03-28T13:00:00+02:00', '2027-03-28T13:15:00+02:00', { capacity: 2 })
        await published(gp, '2027-03-28T23:45:00+02:00', '2027-03-29T00:15:00+02:00', { capacity: 3 })
        await published(gp, '2027-03-29T00:15:00+02:00', '2027-03-29T00:30:00+02:00')
        await published(gp, '2027-03-21T23:45:00+01:00', '2027-03-22T00:00:00+01:00')
        await published(gp, '2027-03-22T00:00:00+01:00', '2027-03-22T00:15:00+01:00', { capacity: 7 })
        expect(await seats('2027-W12')).toEqual([
          '2027-03-22 am 7+0',
          '2027-03-28 am 1+0',
          '2027-03-28 pm 5+0',
        ])
        // The day that they go back, fourteen.
        await published(gp, '2027-10-31T12:45:00+01:00', '2027-10-31T13:00:00+01:00')
        await published(gp, '2027-10-31T13:00:00+01:00', '2027-10-31T13:15:00+01:00', { capacity: 2 })
        await published(gp, '2027-10-31T23:45:00+01:00', '2027-11-01T00:00:00+01:00')
        await published(gp, '2027-11-01T00:00:00+01:00', '2027-11-01T00:15:00+01:00')
        await published(gp, '2027-10-25T00:00:00+02:00', '2027-10-25T00:15:00+02:00')
        expect(await seats('2027-W43')).toEqual([
          '2027-10-25 am 1+0',
          '2027-10-31 am 1+0',
          '2027-10-31 pm 3+0',
        ])
      },
    )

    rule(
      '[COVER-5] free, taken and missing seats are those of the members’ slots that start then, the past ones too',
      async (world) => {
        const nanterre = await makeCommunity(world, '92050')
        const [gp, second] = [await makeGp(world, nanterre), await makeGp(world, nanterre)]
        const foreign = await makeGp(world, await makeCommunity(world, '92063'), '92063')
        const regulator = await world.key('regulator')
        await planned(world, nanterre, [{ weekday: 1, half: 'am', places: 6 }])
        const monday = async () => itemOf(await coverage(world.admin, nanterre, WEEK), '2026-11-30', 'am')
        expect(await monday()).toMatchObject({ wanted: 6, open: 0, booked: 0, missing: 6 })
        const slot = await published(gp, on('09:00'), on('09:15'), { capacity: 3 })
        const other = await published(second, on('09:00'), on('09:15'))
        await published(foreign, on('09:00'), on('09:15'), { capacity: 9 })
        expect(await monday()).toMatchObject({ open: 4, booked: 0, missing: 2 })
        const booking = await regulator.post('/bookings', bookingBody(slot))
        expect(booking.status, booking.text).toBe(201)
        expect(await monday()).toMatchObject({ open: 3, booked: 1, missing: 2 })
        await regulator.post(`/bookings/${booking.body.id}/cancel`, { reason: 'patient' })
        expect(await monday()).toMatchObject({ open: 4, booked: 0, missing: 2 })
        await second.caller.post(`/slots/${other}/withdraw`, {})
        expect(await monday()).toMatchObject({ open: 3, booked: 0, missing: 3 })
        expect((await regulator.post('/bookings', bookingBody(slot))).status).toBe(201)
        await published(gp, on('10:00'), on('11:00'), { capacity: 8 })
        expect(await monday()).toMatchObject({ wanted: 6, open: 10, booked: 1, missing: 0 })
        world.clock.set('2026-12-09T08:00:00+01:00')
        expect(await monday()).toMatchObject({ wanted: 6, open: 10, booked: 1, missing: 0 })
      },
    )

    rule(
      '[COVER-6] the seats of a week are those of the slots that start in it, each in one half-day',
      async (world) => {
        const [nanterre, rueil] = [await makeCommunity(world, '92050'), await makeCommunity(world, '92063')]
        const members = [
          await makeGp(world, nanterre),
          await makeGp(world, nanterre),
          await makeGp(world, rueil, '92063'),
        ]
        const regulator = actorOf(world, await world.key('regulator'))
        type Scene = typeof scenes extends fc.Arbitrary<infer S> ? S : never
        const play = (scene: Scene) =>
          dream(world, (as) => {
            const week = weekInterval(scene.week, PARIS)!
            const placed: Placed[] = []
            for (const one of scene.slots) {
              const member = members[one.member]!
              const start = plus(week.start, one.minute * MINUTE)
              const made: { id?: string } = {}
              refusalOf(() => {
                const { id: practitionerId, siteId } = member
                const end = plus(start, 15 * MINUTE)
                const { capacity } = one
                made.id = publishSlot(as(SYSTEM), { practitionerId, siteId, start, end, capacity }).id
              })
              const slotId = made.id
              if (slotId === undefined) continue
              const booked = Math.min(one.bookings, one.capacity)
              for (let i = 0; i < booked; i++) {
                book(as(regulator), {
                  slotId,
                  patient: {
                    family: 'Fictive',
                    given: 'Alix',
                    birthDate: getLocalDate('1980-02-29'),
                    phone: '+33639980001',
                  },
                  motive: { code: 'fever' },
                  regulationRef: 'DRM-0001',
                  requestedDelay: '48h',
                  operator: { id: 'op-1', name: 'Opérateur Un' },
                })
              }
              if (one.isWithdrawn) withdrawSlot(as(SYSTEM), slotId, undefined)
              const counts = member.communityId === nanterre && !one.isWithdrawn
              placed.push({ start, capacity: one.capacity, booked, counts })
            }
            return { items: getCoverage(as(SYSTEM), nanterre, scene.week).items, placed, week }
          })
        let seen = 0
        await fc.assert(
          fc.asyncProperty(scenes, async (scene) => {
            const { items, placed, week } = await play(scene)
            expect(disagreements(items, placed, week)).toEqual([])
            const last = items.findLast(({ open, booked }) => open + booked > 0)
            if (!last) return
            seen += 1
            // The check itself sees a seat in the wrong half-day, one that is lost and one counted as taken.
            const changed = (change: Partial<typeof last>) =>
              items.map((item) => (item === last ? { ...item, ...change } : item))
            expect(disagreements(changed({ open: last.open + 1 }), placed, week)).toContain('sum')
            const swapped = changed({ open: last.open + 1, booked: last.booked - 1 })
            expect(disagreements(swapped, placed, week)).toEqual([`${last.date} ${last.half}`])
            const moved = items.map((item) => {
              if (item.date !== last.date) return item
              const to = item === last ? 0 : 1
              return { ...item, open: (item.open + last.open) * to, booked: (item.booked + last.booked) * to }
            })
            expect(disagreements(moved, placed, week)).toEqual([`${last.date} am`, `${last.date} pm`])
          }),
          { seed: 48, numRuns: 40 },
        )
        expect(seen).toBeGreaterThan(30)
      },
      { now: '2027-03-15T08:00:00+01:00' },
    )
  })

  describe('who could fill a hole', () => {
    rule(
      '[COVER-7] members with no slot in the half-day, those with the lowest load first, ties by id',
      async (world) => {
        const nanterre = await makeCommunity(world, '92050')
        const idle = await makeGp(world, nanterre)
        const busy = await makeGp(world, nanterre)
        const halfTime = await makeGp(world, nanterre, '92050', { weeklyTargetMinutes: 60 })
        const loaded = await makeGp(world, nanterre)
        const last = await makeGp(world, nanterre)
        await makeGp(world, await makeCommunity(world, '92063'), '92063')
        const regulator = await world.key('regulator')
        await planned(world, nanterre, [
          { weekday: 2, half: 'am', places: 1 },
          { weekday: 2, half: 'pm', places: 2 },
        ])
        const tuesday = (clock: string) => on(clock, '2026-12-01')
        // From the morning into the afternoon: busy in both, counted where it starts.
        await published(busy, tuesday('12:30'), tuesday('13:30'))
        const withdrawn = await published(idle, tuesday('15:00'), tuesday('15:15'))
        await idle.caller.post(`/slots/${withdrawn}/withdraw`, {})
        for (const gp of [halfTime, loaded, last]) {
          const day = '2026-11-25'
          const slot = await published(gp, on('10:00', day), on('10:15', day), { capacity: 4 })
          for (let i = 0; i < (gp === loaded ? 3 : 1); i++)
            expect((await regulator.post('/bookings', bookingBody(slot))).status).toBe(201)
        }
        const items = await coverage(world.admin, nanterre, WEEK)
        expect(itemOf(items, '2026-12-01', 'am')).toEqual({
          date: '2026-12-01',
          half: 'am',
          wanted: 1,
          open: 1,
          booked: 0,
          missing: 0,
        })
        const hole = itemOf(items, '2026-12-01', 'pm')
        expect(hole).toMatchObject({ open: 0, missing: 2 })
        const load = (gp: Member, value: number) => ({
          practitionerId: gp.id,
          name: expect.stringMatching(/^Camille Fictif\d+$/) as string,
          load: expect.closeTo(value, 10) as number,
        })
        expect(hole.couldFill).toEqual([
          load(idle, 0),
          load(last, 1 / 120),
          load(halfTime, 1 / 60),
          load(loaded, 3 / 120),
        ])
        expect(items.filter(({ couldFill }) => couldFill)).toEqual([hole])
      },
    )

    rule('[COVER-7] bookings older than four weeks, and cancelled ones, weigh nothing', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      const regulator = await world.key('regulator')
      await planned(world, gp.communityId, [{ weekday: 1, half: 'am', places: 1 }])
      // Four weeks before Monday 28 December, the end of the week asked.
      for (const [day, clock] of [
        ['2026-11-29', '23:45'],
        ['2026-11-30', '00:00'],
      ] as const) {
        const start = at(on(clock, day))
        const text = (instant: Instant) => formatInstant(instant, PARIS)
        const slot = await published(gp, text(start), text(plus(start, 15 * MINUTE)), { capacity: 2 })
        expect((await regulator.post('/bookings', bookingBody(slot))).status).toBe(201)
        const { body } = await regulator.post('/bookings', bookingBody(slot))
        await regulator.post(`/bookings/${body.id}/cancel`, { reason: 'patient' })
      }
      const monday = async (week: string, date: string) =>
        itemOf(await coverage(world.admin, gp.communityId, week), date, 'am').couldFill
      expect(await monday('2026-W52', '2026-12-21')).toMatchObject([{ load: 1 / 120 }])
      expect(await monday('2026-W51', '2026-12-14')).toMatchObject([{ load: 2 / 120 }])
      expect(await monday('2027-W01', '2027-01-04')).toMatchObject([{ load: 0 }])
    })

    rule('[COVER-7] who has no share is named last, without a load', async (world) => {
      const cpts = await makeCommunity(world, '92050')
      const none = await makeGp(world, cpts, '92050', { weeklyTargetMinutes: 0 })
      const some = await makeGp(world, cpts)
      await planned(world, cpts, [{ weekday: 1, half: 'am', places: 1 }])
      const { couldFill } = itemOf(await coverage(world.admin, cpts, WEEK), '2026-11-30', 'am')
      expect(couldFill).toMatchObject([
        { practitionerId: some.id, load: 0 },
        { practitionerId: none.id, load: null },
      ])
    })

    rule('[COVER-7] ten are named at most, the same ones each time', async (world) => {
      const cpts = await makeCommunity(world, '92050')
      const ids: string[] = []
      for (let i = 0; i < 12; i++) ids.push((await makeGp(world, cpts)).id)
      await planned(world, cpts, [{ weekday: 1, half: 'am', places: 1 }])
      const named = async () =>
        itemOf(await coverage(world.admin, cpts, WEEK), '2026-11-30', 'am').couldFill?.map(
          ({ practitionerId }) => practitionerId,
        )
      expect(await named()).toEqual(ids.sort().slice(0, 10))
      expect(await named()).toEqual(await named())
    })

    rule('[COVER-8] nobody is named for a half-day that is over', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      await planned(world, gp.communityId, [
        { weekday: 1, half: 'am', places: 1 },
        { weekday: 1, half: 'pm', places: 1 },
      ])
      const named = async () =>
        (await coverage(world.admin, gp.communityId, '2026-W48'))
          .filter(({ couldFill }) => couldFill)
          .map(({ date, half }) => `${date} ${half}`)
      expect(await named()).toEqual(['2026-11-23 am', '2026-11-23 pm'])
      world.clock.set('2026-11-23T12:59:59+01:00')
      expect(await named()).toHaveLength(2)
      world.clock.set('2026-11-23T13:00:00+01:00')
      expect(await named()).toEqual(['2026-11-23 pm'])
      world.clock.set('2026-11-24T00:00:00+01:00')
      expect(await named()).toEqual([])
      const items = await coverage(world.admin, gp.communityId, '2026-W48')
      expect(itemOf(items, '2026-11-23', 'am')).toMatchObject({ missing: 1 })
    })
  })

  describe('weeks asked', () => {
    rule(
      '[COVER-9] a week that does not exist is malformed; without one it is the current week',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        const paths = [`/communities/${gp.communityId}/coverage`, `/practitioners/${gp.id}/counters`]
        for (const path of paths) {
          for (const week of [
            '2027-W53',
            '2026-W00',
            '2026-W54',
            '2026-48',
            '2026-W8',
            '2026-w48',
            '1900-W00',
            '9999-W52',
            '',
            '2026-W48 ',
          ])
            expect(
              [week, (await world.admin.get(`${path}?week=${encodeURIComponent(week)}`)).body.code],
              path,
            ).toEqual([week, 'invalid_request'])
          expect((await world.admin.get(`${path}?month=2026-11`)).status).toBe(400)
          for (const week of ['2000-W01', '2026-W53', '2199-W52'])
            expect((await world.admin.get(`${path}?week=${week}`)).body.week).toBe(week)
          expect((await world.admin.get(path)).body.week).toBe('2026-W48')
        }
        world.clock.set('2026-11-29T23:59:59+01:00')
        for (const path of paths) expect((await world.admin.get(path)).body.week).toBe('2026-W48')
        world.clock.set('2026-11-30T00:00:00+01:00')
        for (const path of paths) expect((await world.admin.get(path)).body.week).toBe('2026-W49')
      },
    )

    rule(
      '[COVER-9] weeks and half-days are those of the territory’s zone',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        // Sunday evening in Paris, Monday morning in La Réunion.
        await published(gp, '2026-11-29T21:00:00+00:00', '2026-11-29T21:30:00+00:00')
        const items = await coverage(world.admin, gp.communityId, '2026-W49')
        expect(seatsOf(items)).toEqual(['2026-11-30 am 1+0'])
        expect((await counters(gp.caller, gp.id, '2026-W49')).openMinutes).toBe(30)
        expect((await counters(gp.caller, gp.id, '2026-W48')).openMinutes).toBe(0)
        world.clock.set('2026-11-29T20:00:00Z')
        expect((await world.admin.get(`/practitioners/${gp.id}/counters`)).body.week).toBe('2026-W49')
      },
      { info: { code: '974', zone: 'Indian/Reunion' } },
    )
  })

  describe('counters', () => {
    rule(
      '[COVER-10] open time is that of the slots that start in the week, withdrawn ones left out',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'), '92050', {
          weeklyTargetMinutes: 90,
        })
        const other = await makeGp(world, gp.communityId)
        expect(await counters(gp.caller, gp.id)).toEqual({
          week: WEEK,
          openMinutes: 0,
          targetMinutes: 90,
          regulatedActs: 0,
          regulatedActsCap: 20,
        })
        await published(other, on('09:00'), on('12:00'))
        await published(gp, on('09:00'), on('09:45'), { capacity: 4 })
        await published(gp, on('23:30', '2026-12-06'), on('00:30', '2026-12-07'))
        await published(gp, on('23:30', '2026-11-29'), on('00:30'))
        expect((await counters(gp.caller, gp.id)).openMinutes).toBe(105)
        const withdrawn = await published(gp, on('15:00'), on('17:00'))
        expect((await counters(gp.caller, gp.id)).openMinutes).toBe(225)
        await gp.caller.post(`/slots/${withdrawn}/withdraw`, {})
        expect((await counters(gp.caller, gp.id)).openMinutes).toBe(105)
        world.clock.advance(30 * 24 * HOUR)
        expect((await counters(gp.caller, gp.id)).openMinutes).toBe(105)
      },
    )

    rule('[COVER-10] time is time elapsed when the hour changes', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      await published(gp, '2027-03-28T01:00:00+01:00', '2027-03-28T04:00:00+02:00')
      await published(gp, '2027-03-29T00:00:00+02:00', '2027-03-29T01:00:00+02:00')
      expect((await counters(gp.caller, gp.id, '2027-W12')).openMinutes).toBe(120)
      await published(gp, '2027-10-31T01:00:00+02:00', '2027-10-31T04:00:00+01:00')
      expect((await counters(gp.caller, gp.id, '2027-W43')).openMinutes).toBe(240)
    })

    rule(
      '[COVER-11] regulated acts are the bookings of the SAS, neither cancelled nor missed, and 20 of them block nothing',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        const regulator = await world.key('regulator')
        const acts = async () => (await counters(gp.caller, gp.id)).regulatedActs
        const slot = await published(gp, on('09:00'), on('09:15'), {
          capacity: 40,
          audiences: ['PRO', 'SNP'],
        })
        const bookings: string[] = []
        for (let i = 0; i < 22; i++) {
          const answer = await regulator.post('/bookings', bookingBody(slot))
          expect(answer.status, answer.text).toBe(201)
          bookings.push(answer.body.id)
        }
        expect(await acts()).toBe(22)
        expect((await gp.caller.post('/bookings', bookingBody(slot))).status).toBe(201)
        expect(await acts()).toBe(22)
        await regulator.post(`/bookings/${bookings[0]}/cancel`, { reason: 'patient' })
        expect(await acts()).toBe(21)
        const later = await published(gp, on('09:00', '2026-12-07'), on('09:15', '2026-12-07'))
        expect((await regulator.post('/bookings', bookingBody(later))).status).toBe(201)
        expect(await acts()).toBe(21)
        world.clock.set(on('12:00'))
        const outcome = (booking: string | undefined, value: string) =>
          gp.caller.post(`/bookings/${booking}/outcome`, { outcome: value })
        expect((await outcome(bookings[1], 'noshow')).status).toBe(200)
        expect((await outcome(bookings[2], 'fulfilled')).status).toBe(200)
        expect(await acts()).toBe(20)
      },
    )

    rule(
      '[COVER-12] counters are the practitioner’s, its coordinators’ and the admin’s to see',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        const other = await makeGp(world, await makeCommunity(world, '92063'), '92063')
        const path = `/practitioners/${gp.id}/counters`
        const coordinatorOf = (communityId: string) =>
          world.key('coordinator', { communityIds: [communityId] })
        for (const caller of [gp.caller, await coordinatorOf(gp.communityId), world.admin])
          expect((await caller.get(path)).status).toBe(200)
        for (const caller of [other.caller, await coordinatorOf(other.communityId)]) {
          const foreign = await caller.get(path)
          const absent = await caller.get('/practitioners/prac_7zzzzzzzzzzzzzzzzzzzzzzzzz/counters')
          expect([foreign.status, foreign.text]).toEqual([404, absent.text])
        }
        expect((await (await world.key('regulator')).get(path)).status).toBe(403)
      },
    )
  })
}
