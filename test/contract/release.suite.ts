import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { book, cancelBooking, moveBooking, type BookingInput } from '../../src/bookings/actions.ts'
import { searchAvailability } from '../../src/bookings/availability/actions.ts'
import { availableOut } from '../../src/bookings/availability/routes.ts'
import { extendHold, holdSlot, releaseHold, sweepHolds } from '../../src/bookings/holds/actions.ts'
import { refuseBooking } from '../../src/bookings/rules.ts'
import { occupySeat } from '../../src/bookings/seats/actions.ts'
import type { Ctx } from '../../src/db/db.ts'
import { isoWeekOf, toLocalDate } from '../../src/kernel/civil.ts'
import type { Actor } from '../../src/kernel/ctx.ts'
import { typeId } from '../../src/kernel/ids.ts'
import { Refused } from '../../src/kernel/refusal.ts'
import { HOUR, MINUTE, plus, type Instant } from '../../src/kernel/time.ts'
import {
  busyWithin,
  getSlot,
  listSlots,
  placeSlot,
  publishSlot,
  withdrawSlot,
} from '../../src/slots/actions.ts'
import { getCounters, getCoverage } from '../../src/slots/coverage/actions.ts'
import { releaseSlots } from '../../src/slots/release/actions.ts'
import { slotOut } from '../../src/slots/routes.ts'
import { isOfferedTo, settle } from '../../src/slots/rules.ts'
import { createSeries, endSeries, type SeriesInput } from '../../src/slots/series/actions.ts'
import { editSeries } from '../../src/slots/series/edit/actions.ts'
import { AUDIENCES, SLOT_STATUSES, type Offer, type Release } from '../../src/slots/vocabulary.ts'
import { actorOf, dream, everyPage } from '../support/attempt.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { seededRandom, SYSTEM, type Answered, type Caller, type World } from '../support/world.ts'

/** The day of the clock, which stands at 08:00. */
const on = (clock: string) => `2026-11-23T${clock}:00+01:00`

const BACK = { minutesBefore: 60, to: 'practitioner' } as const

const published = async (
  gp: Member,
  start: string,
  end: string,
  more: Record<string, unknown> = {},
): Promise<Answered['body']> => {
  const answer = await gp.caller.post('/slots', slotBody(gp, start, end, more))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

const stage = async (world: World) => {
  const gp = await makeGp(world, await makeCommunity(world, '92050'))
  const regulator = await world.key('regulator')
  return { gp, regulator }
}

const found = async (caller: Caller): Promise<string[]> =>
  (await caller.get('/availability?commune=92050')).body.items.map(
    (one: { slot: { id: string } }) => one.slot.id,
  )

const shown = async (caller: Caller, id: string): Promise<Answered['body']> =>
  (await caller.get(`/slots/${id}`)).body

const idsOf = async (caller: Caller, query: string): Promise<string[]> =>
  (await everyPage(caller, `/slots?${query}`, 200)).map(({ id }) => id)

const historyOf = async (world: World, id: string) =>
  (await world.admin.get(`/audit?subject=${id}`)).body.items.map(
    ({ type, actor, data }: Record<string, unknown>) => ({ type, actor, data }),
  )

// --- The stores against the pure function --------------------------------------------------------------------------

const releases: fc.Arbitrary<Release | null> = fc.option(
  fc.record({
    minutesBefore: fc.integer({ min: 0, max: 120 }),
    to: fc.oneof(fc.constant('practitioner' as const), fc.subarray([...AUDIENCES], { minLength: 1 })),
  }),
  { freq: 5 },
)

const scenes = fc.record({
  slots: fc.array(
    fc.record({
      release: releases,
      audiences: fc.subarray([...AUDIENCES], { minLength: 1 }),
      named: fc.subarray([0, 1], { minLength: 1 }),
      capacity: fc.integer({ min: 1, max: 3 }),
      booked: fc.integer({ min: 0, max: 2 }),
      /** Who holds the next seats, and whether the lease still runs. */
      holds: fc.array(fc.record({ by: fc.nat(3), isAlive: fc.boolean() }), { maxLength: 2 }),
      fate: fc.constantFrom('stands', 'stands', 'stands', 'withdrawn', 'given up', 'en_sus' as const),
    }),
    { minLength: 12, maxLength: 12 },
  ),
  /** Minutes after the start of the first slot, each of which starts ten minutes after the one before. */
  now: fc.integer({ min: -60, max: 110 }),
})

type Scene = typeof scenes extends fc.Arbitrary<infer S> ? S : never

interface Cast {
  readonly gp: Member
  readonly communities: readonly string[]
  readonly callers: readonly Actor[]
}

const makeCast = async (world: World): Promise<Cast> => {
  const communities = [await makeCommunity(world, '92050'), await makeCommunity(world, '92063')]
  const gp = await makeGp(world, communities[0]!)
  const colleague = await makeGp(world, communities[0]!)
  const stranger = await makeGp(world, communities[1]!, '92063')
  const callers = [await world.key('regulator'), world.admin, colleague.caller, stranger.caller]
  return { gp, communities, callers: callers.map((caller) => actorOf(world, caller)) }
}

/** Where a store and `settle` say otherwise about a scene; `plant` may change what is stored behind the oracle’s back. */
const disagreements = (world: World, cast: Cast, scene: Scene, plant?: (ctx: Ctx) => void) =>
  dream(world, (as) => {
    const first = plus(world.clock.now(), 3 * HOUR)
    const known = scene.slots.map((one, i) => {
      const start = plus(first, i * 10 * MINUTE)
      const offer: Offer = {
        capacity: one.capacity,
        audiences: one.audiences,
        communityIds: one.named.map((place) => cast.communities[place]!),
        modalities: ['AMB'],
        appointmentType: 'ROUTINE',
        motives: [],
        minAge: null,
        maxAge: null,
        release: one.release,
      }
      const origin = one.fate === 'en_sus' ? ('en_sus' as const) : ('single' as const)
      const id = placeSlot(as(SYSTEM), offer, {
        practitionerId: cast.gp.id,
        siteId: cast.gp.siteId,
        start,
        end: plus(start, 10 * MINUTE),
        origin,
        seriesId: null,
        occurrence: null,
      })
      return { id, start, offer, origin, one, holders: [] as number[], booked: 0 }
    })
    const now = plus(first, scene.now * MINUTE)
    for (const slot of known) {
      let seat = 0
      const sit = (by: number, held: Instant | null) => {
        seat += 1
        if (seat > slot.one.capacity) return false
        const actor = cast.callers[by]!
        const ctx = as(actor)
        occupySeat(ctx, {
          id: ctx.newId(held === null ? 'booking' : 'hold'),
          slotId: slot.id,
          seat,
          status: held === null ? 'booked' : 'held',
          practitionerId: cast.gp.id,
          siteId: cast.gp.siteId,
          start: slot.start,
          end: plus(slot.start, 10 * MINUTE),
          modality: 'AMB',
          identityId: null,
          motiveCode: 'fever',
          regulationRef: 'DRM-0001',
          requestedDelay: '48h',
          calledAt: null,
          operatorId: 'op-1',
          operatorName: 'Opérateur Un',
          origin: 'regulation',
          keyId: actor.kind === 'key' ? actor.keyId : '',
          bookedByPractitionerId: null,
          cancelledAt: null,
          cancelReason: null,
          cancelledBy: null,
          expiresAt: held,
          isExtended: false,
          outcomeAt: null,
          needsAttention: null,
          version: 1,
          createdAt: ctx.now,
        })
        return true
      }
      for (let i = 0; i < slot.one.booked; i++) if (sit(0, null)) slot.booked += 1
      for (const { by, isAlive } of slot.one.holds)
        if (sit(by, plus(now, isAlive ? 1 : 0)) && isAlive) slot.holders.push(by)
      const [at, reason] =
        { withdrawn: [1, null], 'given up': [null, 'series_ended'] }[slot.one.fate as string] ?? []
      as(SYSTEM).db.run(
        sql`update slots set withdrawn_at = ${at ?? null}, withdrawn_reason = ${reason ?? null} where id = ${slot.id}`,
      )
    }
    const oracle = known.map((slot) => {
      const state = {
        start: slot.start,
        ...slot.offer,
        origin: slot.origin,
        withdrawnAt: slot.one.fate === 'withdrawn' ? world.clock.now() : null,
        withdrawnReason: slot.one.fate === 'given up' ? 'series_ended' : null,
      }
      const taken = slot.booked + slot.holders.length
      return { ...slot, state, taken, ...settle(state, { taken }, now) }
    })
    plant?.(as(SYSTEM))

    const at = (actor: Actor): Ctx => ({ ...as(actor), now })
    const faults: string[] = []
    const compare = (what: string, got: unknown, expected: unknown) => {
      if (JSON.stringify(got) !== JSON.stringify(expected)) faults.push(what)
    }
    type Known = (typeof oracle)[number]
    const ids = (which: (slot: Known) => boolean) => oracle.filter(which).map(({ id }) => id)
    for (const status of [undefined, ...SLOT_STATUSES]) {
      const listed = listSlots(at(SYSTEM), { status }, undefined, 200)
      const expected = oracle.filter((slot) => status === undefined || slot.status === status)
      compare(
        `list ${String(status)}`,
        listed.map((slot) => [slot.id, slot.status, slot.taken, slot.audiences]),
        expected.map((slot) => [slot.id, slot.status, slot.taken, slot.audiences]),
      )
    }
    const [regulator] = cast.callers
    compare(
      'list of the SAS',
      listSlots(at(regulator!), {}, undefined, 200).map(({ id }) => id),
      ids(({ audiences, offer }) => isOfferedTo(regulator!, { ...offer, audiences })),
    )
    for (const [i, actor] of cast.callers.entries()) {
      const isBookable = ({ state, booked, holders }: Known) => {
        const isHolder = holders.includes(i)
        return refuseBooking(actor, state, { taken: booked, isHolder }, now) === null
      }
      const isListed = (slot: Known) => slot.start >= now && isBookable(slot)
      const listed = searchAvailability(at(actor), { near: { commune: '92050' }, limit: 200 })
      compare(
        `search of ${i}`,
        listed.map(({ slot }) => slot.id),
        ids(isListed),
      )
    }
    const stands = (slot: Known) => slot.status !== 'withdrawn'
    compare(
      'busy',
      busyWithin(at(SYSTEM), cast.gp.id, { start: first, end: plus(first, 24 * HOUR) }).map(({ id }) => id),
      ids((slot) => stands(slot) && slot.origin !== 'en_sus'),
    )
    const week = isoWeekOf(toLocalDate(first, world.territory.info.zone))
    const { items } = getCoverage(at(SYSTEM), cast.gp.communityId, week)
    const sum = (of: (slot: Known) => number) =>
      oracle.filter(stands).reduce((total, slot) => total + of(slot), 0)
    const isClosed = (slot: Known) =>
      settle(slot.state, { taken: 0 }, now).status === 'withdrawn' && slot.one.fate !== 'withdrawn'
    compare(
      'coverage',
      [
        items.reduce((total, item) => total + item.open, 0),
        items.reduce((total, item) => total + item.booked, 0),
      ],
      [sum((slot) => (isClosed(slot) ? 0 : slot.offer.capacity - slot.taken)), sum(({ taken }) => taken)],
    )
    compare(
      'counters',
      getCounters(at(SYSTEM), cast.gp.id, week).openMinutes,
      10 * oracle.filter(stands).length,
    )
    return { faults, released: oracle.filter(({ offer }) => offer.release !== null).length, oracle }
  })

// --- A late tick is never visible ----------------------------------------------------------------------------------

const nth = fc.nat(30)
/** Minutes before the start of a slot that begins at a quarter of an hour, so that a tick every five minutes is on time. */
const onTheTick = releases.map(
  (one) => one && { ...one, minutesBefore: one.minutesBefore - (one.minutesBefore % 5) },
)
const commands = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('publish' as const),
        quarter: fc.nat(12),
        release: onTheTick,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constantFrom('book', 'hold', 'cancel', 'move' as const), nth }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom('drop', 'extend', 'withdraw' as const), nth }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('end', 'edit', 'series' as const), nth }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), ticks: fc.integer({ min: 1, max: 9 }) }),
    },
  ),
  { minLength: 8, maxLength: 16 },
)

type Command = typeof commands extends fc.Arbitrary<(infer C)[]> ? C : never

/** When the tick runs: at each instant at which something is due, at the end of each wait, or never. */
type Ticking = 'in time' | 'late' | 'never'

/** Everything that anybody sees after each step of a sequence. */
const watch = (
  world: World,
  cast: Cast,
  list: readonly Command[],
  ticking: Ticking,
  /** Done instead of the true job, to see that the check fails. */
  job: (ctx: Ctx) => void = (ctx) => {
    sweepHolds(ctx, 100)
    releaseSlots(ctx, 100)
  },
) =>
  dream(world, (as) => {
    world.clock.set(on('08:00'))
    // Ids of events apart, so that a tick that tells of something does not change the ids of what comes later.
    const random = { event: seededRandom(5), other: seededRandom(6) }
    const by = (actor: Actor): Ctx => {
      const ctx = as(actor)
      return {
        ...ctx,
        newId: (kind) => typeId(kind, ctx.now, kind === 'event' ? random.event : random.other),
      }
    }
    const [regulator, , , stranger] = cast.callers as [Actor, Actor, Actor, Actor]
    const owner = { ...cast.callers[2]!, practitionerId: cast.gp.id } as Actor
    const seen: string[] = []
    const made = {
      slots: [] as string[],
      bookings: [] as string[],
      holds: [] as { id: string; until: number }[],
      series: [] as string[],
    }
    const pick = (ids: readonly string[], n: number) => ids[n % Math.max(1, ids.length)] ?? ''
    // One that ran out is `hold_invalid` until it is swept and absent from then on: that is HOLD-3 and HOLD-7.
    const alive = () => made.holds.filter(({ until }) => until > world.clock.now()).map(({ id }) => id)
    const refresh = () => {
      made.slots = listSlots(by(SYSTEM), {}, undefined, 200).map(({ id }) => id)
    }
    const run = (command: Command): unknown => {
      const gp = { practitionerId: cast.gp.id, siteId: cast.gp.siteId }
      switch (command.kind) {
        case 'publish': {
          const start = plus(world.clock.now(), command.quarter * 15 * MINUTE)
          const release = command.release ?? undefined
          return slotOut(
            by(SYSTEM),
            publishSlot(by(owner), { ...gp, start, end: plus(start, 30 * MINUTE), capacity: 2, release }),
          )
        }
        case 'book': {
          const input = bookingBody(pick(made.slots, command.nth)) as unknown as BookingInput
          made.bookings.push(book(by(regulator), input).row.id)
          return made.bookings.at(-1)
        }
        case 'hold': {
          const { id, expiresAt: until } = holdSlot(by(regulator), pick(made.slots, command.nth))
          made.holds.push({ id, until })
          return id
        }
        case 'cancel':
          return cancelBooking(by(regulator), pick(made.bookings, command.nth), { reason: 'patient' }).row
            .status
        case 'move':
          return moveBooking(by(owner), pick(made.bookings, command.nth), pick(made.slots, command.nth + 1))
            .row.slotId
        case 'drop':
          releaseHold(by(regulator), pick(alive(), command.nth))
          return undefined
        case 'extend': {
          const { id, expiresAt } = extendHold(by(regulator), pick(alive(), command.nth))
          made.holds = made.holds.map((one) => (one.id === id ? { id, until: expiresAt } : one))
          return expiresAt
        }
        case 'withdraw':
          return slotOut(by(SYSTEM), withdrawSlot(by(owner), pick(made.slots, command.nth), undefined))
        case 'series': {
          const { row, occurrences } = createSeries(by(owner), {
            ...gp,
            rrule: 'FREQ=DAILY;COUNT=3',
            localStart: '2026-11-23T10:00',
            durationMinutes: 120,
            slotMinutes: 30,
            capacity: 2,
            release: command.nth % 2 === 0 ? BACK : { minutesBefore: 90, to: ['PRO'] },
          } as unknown as SeriesInput)
          made.series.push(row.id)
          return occurrences
        }
        case 'end': {
          const { removed, keptBooked } = endSeries(
            by(owner),
            pick(made.series, command.nth),
            '2026-11-23' as never,
          )
          return { removed, keptBooked }
        }
        case 'edit': {
          const edit = { scope: command.nth % 2 === 0 ? 'all' : 'this', change: { capacity: 1 } } as const
          const dry = editSeries(by(owner), pick(made.series, command.nth), { ...edit, dryRun: true })
          const done = editSeries(by(owner), pick(made.series, command.nth), edit)
          if (edit.scope === 'all') made.series.push(done.seriesId!)
          return { dry, done }
        }
        case 'wait': {
          for (let i = 0; i < command.ticks; i++) {
            world.clock.advance(5 * MINUTE)
            if (ticking === 'in time') job(as(SYSTEM))
          }
          if (ticking === 'late') job(as(SYSTEM))
          return undefined
        }
      }
    }
    const look = (actor: Actor) => {
      const ctx = by(actor)
      return {
        lists: (actor === owner ? [undefined, ...SLOT_STATUSES] : [undefined]).map((status) =>
          listSlots(ctx, { status }, undefined, 200).map((slot) => slotOut(ctx, slot)),
        ),
        found: searchAvailability(ctx, { near: { commune: '92050' }, limit: 200 }).map((one) =>
          availableOut(ctx, one),
        ),
        slots: (actor === regulator ? made.slots : []).flatMap((id) => {
          try {
            return [slotOut(ctx, getSlot(ctx, id))]
          } catch (error) {
            if (error instanceof Refused) return []
            throw error
          }
        }),
      }
    }
    for (const command of list) {
      let outcome: unknown
      try {
        outcome = run(command)
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        const { alternatives: _alternatives, ...facts } = error.refusal.facts ?? {}
        outcome = [error.refusal.code, facts]
      }
      refresh()
      seen.push(JSON.stringify(outcome))
      // What a tick could change shows once time has passed.
      if (command.kind !== 'wait') continue
      seen.push(
        JSON.stringify({
          seen: [regulator, stranger, owner].map(look),
          coverage: getCoverage(by(SYSTEM), cast.gp.communityId, '2026-W48'),
          counters: getCounters(by(SYSTEM), cast.gp.id, '2026-W48'),
        }),
      )
    }
    const [{ noted }] = as(SYSTEM).db.all<{ noted: number }>(
      sql`select count(*) as noted from events where type = 'slot.released'`,
    ) as [{ noted: number }]
    return { seen, noted }
  })

export const releaseSuite: Suite = (rule) => {
  describe('release of slots', () => {
    rule(
      '[RELEASE-1][RELEASE-2] from its instant on a slot is offered to the audiences added as well',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const colleague = await makeGp(world, gp.communityId)
        const slot = await published(gp, on('17:00'), on('17:15'), {
          release: { minutesBefore: 120, to: ['PRO', 'CPTS'] },
        })
        expect([slot.audiences, slot.status]).toEqual([['SNP'], 'open'])
        world.clock.set('2026-11-23T14:59:59.999+01:00')
        expect(await found(colleague.caller)).toEqual([])
        expect((await colleague.caller.get(`/slots/${slot.id}`)).status).toBe(404)
        expect((await colleague.caller.post('/bookings', bookingBody(slot.id))).status).toBe(404)
        world.clock.set(on('15:00'))
        expect(await found(colleague.caller)).toEqual([slot.id])
        expect(await found(regulator)).toEqual([slot.id])
        expect(await shown(colleague.caller, slot.id)).toEqual({
          ...slot,
          audiences: ['PRO', 'SNP', 'CPTS'],
        })
        const booked = await colleague.caller.post('/bookings', bookingBody(slot.id))
        expect(booked.status, booked.text).toBe(201)
        expect(await found(regulator)).toEqual([])
        expect((await shown(gp.caller, slot.id)).status).toBe('full')
      },
    )

    rule(
      '[RELEASE-2] the SAS lists a slot of the CPTS once it is released to it, and a series carries its release',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const made = await gp.caller.post('/series', {
          practitionerId: gp.id,
          siteId: gp.siteId,
          rrule: 'FREQ=DAILY;COUNT=2',
          localStart: '2026-11-23T17:00',
          durationMinutes: 30,
          slotMinutes: 30,
          audiences: ['CPTS'],
          release: { minutesBefore: 10_080, to: ['SNP'] },
        })
        expect(made.status, made.text).toBe(201)
        expect((await idsOf(regulator, '')).length).toBe(2)
        const late = await published(gp, '2026-12-01T09:00:00+01:00', '2026-12-01T09:15:00+01:00', {
          audiences: ['CPTS'],
          release: { minutesBefore: 10_080, to: ['SNP'] },
        })
        expect(await idsOf(regulator, 'from=2026-12-01T00:00:00Z')).toEqual([])
        world.clock.set('2026-11-24T09:00:00+01:00')
        expect(await idsOf(regulator, 'from=2026-12-01T00:00:00Z')).toEqual([late.id])
      },
    )

    rule('[RELEASE-3] given back while free, a slot is withdrawn at its instant', async (world) => {
      const { gp, regulator } = await stage(world)
      const slot = await published(gp, on('17:00'), on('17:15'), { release: BACK })
      world.clock.set('2026-11-23T15:59:59.999+01:00')
      expect(await found(regulator)).toEqual([slot.id])
      world.clock.set(on('16:00'))
      expect(await found(regulator)).toEqual([])
      expect(await shown(gp.caller, slot.id)).toEqual({ ...slot, status: 'withdrawn' })
      expect(await idsOf(gp.caller, 'status=withdrawn')).toEqual([slot.id])
      expect(await idsOf(gp.caller, 'status=open')).toEqual([])
      expect((await regulator.post(`/slots/${slot.id}/holds`)).body.code).toBe('slot_withdrawn')
      const refused = await regulator.post('/bookings', bookingBody(slot.id))
      expect([refused.status, refused.body.code]).toEqual([410, 'slot_withdrawn'])
      const again = await gp.caller.post(`/slots/${slot.id}/withdraw`)
      expect([again.status, again.body.code]).toEqual([409, 'already_withdrawn'])
      world.clock.set(on('18:00'))
      expect((await shown(gp.caller, slot.id)).status).toBe('withdrawn')
    })

    rule(
      '[RELEASE-3] with a patient, the other seats close and the booking stays, until the patient is gone',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const slot = await published(gp, on('17:00'), on('18:00'), { capacity: 3, release: BACK })
        const booking = (await regulator.post('/bookings', bookingBody(slot.id))).body
        world.clock.set(on('16:00'))
        expect(await found(regulator)).toEqual([])
        expect(await shown(gp.caller, slot.id)).toEqual({ ...slot, status: 'full', taken: 1 })
        expect((await regulator.post('/bookings', bookingBody(slot.id))).body.code).toBe('slot_taken')
        expect((await regulator.get(`/bookings/${booking.id}`)).body.needsAttention).toBeUndefined()
        await world.tick()
        await regulator.post(`/bookings/${booking.id}/cancel`, { reason: 'patient' })
        expect((await shown(gp.caller, slot.id)).status).toBe('withdrawn')
        expect(await historyOf(world, slot.id)).toMatchObject([
          { type: 'slot.published' },
          { type: 'slot.released', actor: 'system:tick', data: { to: 'practitioner', givenBack: false } },
          { type: 'slot.withdrawn', data: { reason: 'released', needsAttention: [] } },
        ])
      },
    )

    rule('[RELEASE-4] a hold from before becomes a booking until it runs out', async (world) => {
      const { gp, regulator } = await stage(world)
      const other = await world.key('regulator')
      const slot = await published(gp, on('17:00'), on('18:00'), { capacity: 2, release: BACK })
      world.clock.set('2026-11-23T15:59:00+01:00')
      const held = (await regulator.post(`/slots/${slot.id}/holds`)).body
      world.clock.set(on('16:01'))
      expect(await found(other)).toEqual([])
      expect(await found(regulator)).toEqual([slot.id])
      expect((await other.post(`/slots/${slot.id}/holds`)).body.code).toBe('slot_taken')
      expect((await regulator.post(`/holds/${held.id}/extend`)).status).toBe(200)
      world.clock.set('2026-11-23T16:03:59+01:00')
      const booked = await regulator.post('/bookings', bookingBody(slot.id, { holdId: held.id }))
      expect(booked.status, booked.text).toBe(201)
      expect(await shown(gp.caller, slot.id)).toMatchObject({ status: 'full', taken: 1 })
    })

    rule('[RELEASE-4] one that runs out, or is given back, leaves the slot to its GP', async (world) => {
      const { gp, regulator } = await stage(world)
      const release = { minutesBefore: 60, to: 'practitioner' }
      const [lapsed, dropped] = [
        await published(gp, on('17:00'), on('17:15'), { release }),
        await published(gp, on('17:15'), on('17:30'), { release: { ...release, minutesBefore: 75 } }),
      ]
      world.clock.set('2026-11-23T15:59:00+01:00')
      const holds = [lapsed, dropped].map(
        async ({ id }) => (await regulator.post(`/slots/${id}/holds`)).body.id,
      )
      const [, second] = await Promise.all(holds)
      world.clock.set(on('16:00'))
      await world.tick()
      await regulator.delete(`/holds/${second}`)
      const statuses = async () =>
        Promise.all([lapsed, dropped].map(async ({ id }) => (await shown(gp.caller, id)).status))
      expect(await statuses()).toEqual(['full', 'withdrawn'])
      world.clock.set(on('16:02'))
      expect(await statuses()).toEqual(['withdrawn', 'withdrawn'])
      await world.tick()
      expect(await statuses()).toEqual(['withdrawn', 'withdrawn'])
      expect((await historyOf(world, lapsed.id)).slice(1)).toMatchObject([
        { type: 'slot.released', data: { givenBack: false } },
        { type: 'slot.withdrawn', actor: 'system:tick', data: { reason: 'released' } },
      ])
    })

    rule(
      '[RELEASE-5] the time of a slot given back is the GP’s to publish again, ticked or not',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const slot = await published(gp, on('17:00'), on('17:30'), { release: BACK })
        const kept = await published(gp, on('18:00'), on('18:30'), {
          capacity: 2,
          release: { ...BACK, minutesBefore: 180 },
        })
        await regulator.post('/bookings', bookingBody(kept.id))
        world.clock.set(on('16:00'))
        const again = await published(gp, on('17:15'), on('17:45'))
        expect(await idsOf(gp.caller, 'status=open')).toEqual([again.id])
        const overlap = await gp.caller.post('/slots', slotBody(gp, on('18:15'), on('18:45')))
        expect([overlap.status, overlap.body.slotId]).toEqual([409, kept.id])
        expect((await historyOf(world, slot.id)).slice(1)).toMatchObject([
          { type: 'slot.released', data: { to: 'practitioner', givenBack: true } },
        ])
        await world.tick()
        expect(await historyOf(world, slot.id)).toHaveLength(2)
        expect((await world.admin.get('/audit/verify')).body.ok).toBe(true)
      },
    )

    rule(
      '[RELEASE-5] a series takes the time of a slot given back, and not that of one that is only widened',
      async (world) => {
        const { gp } = await stage(world)
        await published(gp, on('17:00'), on('17:30'), { release: { minutesBefore: 540, to: ['PRO'] } })
        const back = await published(gp, '2026-11-24T17:00:00+01:00', '2026-11-24T17:30:00+01:00', {
          release: { minutesBefore: 1_979, to: 'practitioner' },
        })
        const body = {
          practitionerId: gp.id,
          siteId: gp.siteId,
          rrule: 'FREQ=DAILY;COUNT=2',
          localStart: '2026-11-23T17:00',
          durationMinutes: 30,
          slotMinutes: 15,
        }
        world.clock.set(on('08:01'))
        const preview = (await gp.caller.post('/series/preview', body)).body.items
        expect(preview.map(({ skipped }: { skipped?: string }) => skipped)).toEqual(['overlap', undefined])
        const made = await gp.caller.post('/series', body)
        expect(made.status, made.text).toBe(201)
        expect(made.body.occurrences).toMatchObject({ created: 1, overlapping: 1 })
        expect((await shown(gp.caller, back.id)).status).toBe('withdrawn')
      },
    )

    rule('[RELEASE-5] an edit of a series does not offer anew what was given back of it', async (world) => {
      const community = await makeCommunity(world, '92050')
      const regulator = await world.key('regulator')
      for (const isTicked of [false, true]) {
        const gp = await makeGp(world, community)
        world.clock.set(on('08:00'))
        const made = await gp.caller.post('/series', {
          practitionerId: gp.id,
          siteId: gp.siteId,
          rrule: 'FREQ=DAILY;COUNT=2',
          localStart: '2026-11-23T10:00',
          durationMinutes: 60,
          slotMinutes: 30,
          release: BACK,
        })
        expect(made.status, made.text).toBe(201)
        const [free, kept] = await idsOf(gp.caller, 'status=open')
        expect((await regulator.post('/bookings', bookingBody(kept!))).status).toBe(201)
        world.clock.set(on('09:30'))
        if (isTicked) await world.tick()
        const edited = await gp.caller.post(`/series/${made.body.id}/edit`, {
          scope: 'all',
          change: { capacity: 2 },
        })
        expect(edited.body).toMatchObject({ created: 2, removed: 2, keptBooked: [kept] })
        expect((await shown(gp.caller, free!)).status).toBe('withdrawn')
        expect((await shown(gp.caller, kept!)).status).toBe('full')
        expect(await idsOf(gp.caller, 'status=open&to=2026-11-24T00:00:00Z')).toEqual([])
      }
    })

    rule('[RELEASE-6] lists, search, coverage and counters say what the one function says', async (world) => {
      const cast = await makeCast(world)
      const statuses = new Set<string>()
      let widened = 0
      await fc.assert(
        fc.asyncProperty(scenes, async (scene) => {
          const { faults, oracle } = await disagreements(world, cast, scene)
          expect(faults).toEqual([])
          for (const { status, audiences, offer } of oracle) {
            statuses.add(status)
            if (audiences.length > offer.audiences.length) widened += 1
          }
        }),
        { seed: 71, numRuns: 60 },
      )
      expect(statuses.size).toBe(SLOT_STATUSES.length)
      expect(widened).toBeGreaterThan(50)
    })

    rule(
      '[RELEASE-6] stores that forget a release, a closing or a hold are found by the same check',
      async (world) => {
        const cast = await makeCast(world)
        for (const [statement, what] of [
          [`update slots set release = null`, 'list'],
          [`update slots set withdrawn_reason = null where withdrawn_at is null`, 'busy'],
          [`update slots set release = json_set(release, '$.to', json('["PUBLIC"]'))`, 'search'],
          [`delete from bookings where status = 'held'`, 'coverage'],
        ] as const) {
          const faults = new Set<string>()
          for (const scene of fc.sample(scenes, { seed: 72, numRuns: 20 })) {
            const seen = await disagreements(world, cast, scene, ({ db }) => db.run(sql.raw(statement)))
            for (const fault of seen.faults) faults.add(fault.split(' ')[0]!)
          }
          expect([...faults], statement).toContain(what)
        }
      },
    )

    rule('[RELEASE-7] what would be given back at once is not published', async (world) => {
      const { gp } = await stage(world)
      const body = (start: string, end: string, release: Record<string, unknown>) =>
        slotBody(gp, start, end, { release })
      const refused = await gp.caller.post('/slots', body(on('09:00'), on('09:15'), BACK))
      expect(refused.body).toMatchObject({
        status: 422,
        code: 'invalid_interval',
        errors: [{ path: 'release.minutesBefore' }],
      })
      const batch = [body(on('10:00'), on('10:15'), BACK), body(on('08:30'), on('08:45'), BACK)]
      expect((await gp.caller.post('/slots/batch', { slots: batch })).body).toMatchObject({
        code: 'invalid_interval',
        index: 1,
      })
      const widened = await gp.caller.post('/slots', body(on('09:00'), on('09:15'), { ...BACK, to: ['PRO'] }))
      expect(widened.body).toMatchObject({ status: 'open', audiences: ['PRO', 'SNP'] })
      const series = {
        practitionerId: gp.id,
        siteId: gp.siteId,
        rrule: 'FREQ=DAILY;COUNT=3',
        localStart: '2026-11-23T14:00',
        durationMinutes: 30,
        slotMinutes: 15,
        release: { minutesBefore: 24 * 60, to: 'practitioner' },
      }
      const preview = (await gp.caller.post('/series/preview', series)).body.items
      expect(preview.map(({ localStart }: { localStart: string }) => localStart)).toEqual([
        '2026-11-24T14:00',
        '2026-11-25T14:00',
      ])
      const made = (await gp.caller.post('/series', series)).body
      expect(made.occurrences).toMatchObject({ created: 2 })
      const edit = (change: Record<string, unknown>) =>
        gp.caller.post(`/series/${made.id}/edit`, { scope: 'this', from: '2026-11-24', change })
      const late = await edit({ release: { minutesBefore: 31 * 60, to: 'practitioner' } })
      expect([late.status, late.body.code]).toEqual([422, 'invalid_interval'])
      expect((await edit({ release: null })).status).toBe(200)
    })

    rule(
      '[RELEASE-8] whether the tick comes in time, late or never, nobody sees a difference',
      async (world) => {
        const cast = await makeCast(world)
        let noted = 0
        await fc.assert(
          fc.asyncProperty(commands, async (list) => {
            const never = await watch(world, cast, list, 'never')
            for (const ticking of ['in time', 'late'] as const) {
              const ticked = await watch(world, cast, list, ticking)
              noted += ticked.noted
              for (const [i, seen] of ticked.seen.entries()) expect([i, seen]).toEqual([i, never.seen[i]])
            }
          }),
          { seed: 81, numRuns: 20, endOnFailure: true },
        )
        expect(noted).toBeGreaterThan(10)
      },
    )

    rule('[RELEASE-8] a tick that would be seen is found by the same check', async (world) => {
      const cast = await makeCast(world)
      for (const planted of [
        (ctx: Ctx) => {
          releaseSlots(ctx, 100)
          ctx.db.run(sql`update slots set version = 2 where released_at is not null`)
        },
        // Early by an hour.
        (ctx: Ctx) => void releaseSlots({ ...ctx, now: plus(ctx.now, HOUR) }, 100),
        // Withdraws whoever is there.
        (ctx: Ctx) => {
          releaseSlots(ctx, 100)
          ctx.db.run(sql`update slots set withdrawn_at = released_at where released_at is not null`)
        },
      ]) {
        const { failed } = await fc.check(
          fc.asyncProperty(commands, async (list) => {
            const never = await watch(world, cast, list, 'never')
            const ticked = await watch(world, cast, list, 'late', planted)
            return JSON.stringify(ticked.seen) === JSON.stringify(never.seen)
          }),
          { seed: 82, numRuns: 30, endOnFailure: true },
        )
        expect(failed).toBe(true)
      }
    })

    rule('[RELEASE-9] the tick tells of each release once, and of none before its instant', async (world) => {
      const { gp } = await stage(world)
      const wider = await published(gp, on('12:00'), on('12:15'), {
        release: { minutesBefore: 180, to: ['PRO', 'PUBLIC'] },
      })
      const back = await published(gp, on('13:00'), on('13:15'), {
        release: { minutesBefore: 240, to: 'practitioner' },
      })
      const gone = await published(gp, on('14:00'), on('14:15'), {
        release: { minutesBefore: 300, to: 'practitioner' },
      })
      await gp.caller.post(`/slots/${gone.id}/withdraw`)
      const plain = await published(gp, on('15:00'), on('15:15'))
      const released = async () =>
        (await everyPage(world.admin, '/audit', 200))
          .filter(({ type }: { type: string }) => type === 'slot.released')
          .map(({ subject, actor, data }: Record<string, unknown>) => ({ subject, actor, data }))
      world.clock.set('2026-11-23T08:59:59.999+01:00')
      expect(await world.tick()).toEqual([])
      expect(await released()).toEqual([])
      world.clock.set(on('09:00'))
      for (let i = 0; i < 2; i++) {
        expect(await world.tick()).toEqual([])
        expect(await released()).toEqual([
          { subject: wider.id, actor: 'system:tick', data: { to: ['PRO', 'PUBLIC'], givenBack: false } },
          { subject: back.id, actor: 'system:tick', data: { to: 'practitioner', givenBack: true } },
        ])
      }
      const rows = await world.act(({ db }) =>
        db.all(sql`select id, released_at as released, withdrawn_at as withdrawn, release is null as plain
          from slots where practitioner_id = ${gp.id} order by start`),
      )
      const nine = Date.parse(on('09:00'))
      expect(rows).toEqual([
        { id: wider.id, released: nine, withdrawn: null, plain: 0 },
        { id: back.id, released: nine, withdrawn: nine, plain: 0 },
        { id: gone.id, released: null, withdrawn: Date.parse(on('08:00')), plain: 0 },
        { id: plain.id, released: null, withdrawn: null, plain: 1 },
      ])
    })

    rule('[RELEASE-9] it goes on where it stopped, however many there are', async (world) => {
      const { gp } = await stage(world)
      const slots = Array.from({ length: 250 }, (_, i) => {
        const start = Date.parse(on('10:00')) + i * MINUTE
        const text = (instant: number) => new Date(instant).toISOString()
        return slotBody(gp, text(start), text(start + MINUTE), {
          release: { minutesBefore: 119, to: ['PRO'] },
        })
      })
      expect((await gp.caller.post('/slots/batch', { slots })).status).toBe(201)
      world.clock.set('2026-11-23T18:00:00+01:00')
      expect(
        await world.act((ctx) => [200, 200, 200].map((limit) => releaseSlots(ctx, limit)), SYSTEM),
      ).toEqual([200, 50, 0])
    })
  })
}
