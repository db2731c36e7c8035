import fc from 'fast-check'
import { expect } from 'vitest'
import { book, cancelBooking, moveBooking } from '../../src/bookings/actions.ts'
import { searchAvailability } from '../../src/bookings/availability/actions.ts'
import { extendHold, holdSlot, releaseHold } from '../../src/bookings/holds/actions.ts'
import type { Ctx } from '../../src/db/db.ts'
import { ctxOf } from '../../src/db/territory.ts'
import type { Actor } from '../../src/kernel/ctx.ts'
import { Refused } from '../../src/kernel/refusal.ts'
import { getSlot, publishSlot } from '../../src/slots/actions.ts'
import { bookingBody, makeCommunity, makeGp, type Member } from './members.ts'
import { actorOf } from './attempt.ts'
import { at, type World } from './world.ts'

const SLOTS = [1, 1, 2] as const
const KEYS = 3
const LEASE = 180_000
const MOST_HOLDS = 5

interface Hold {
  readonly id: string
  readonly key: number
  readonly slot: number
  until: number
  isExtended: boolean
}

interface Booking {
  readonly id: string
  slot: number
  isActive: boolean
}

/** What a hundred lines believe of the seats of three slots; the truth is held against it after every step. */
class Model {
  now = 0
  holds: Hold[] = []
  bookings: Booking[] = []
  looks = 0

  live = (slot: number) => this.holds.filter((hold) => hold.slot === slot && hold.until > this.now)
  booked = (slot: number) => this.bookings.filter((one) => one.isActive && one.slot === slot).length
  taken = (slot: number) => this.booked(slot) + this.live(slot).length
  isFull = (slot: number, exceptKey?: number) =>
    this.booked(slot) + this.live(slot).filter(({ key }) => key !== exceptKey).length >= (SLOTS[slot] ?? 0)
  /** Of several of one's own, the first to end is taken. */
  own = (slot: number, key: number) =>
    this.live(slot)
      .filter((hold) => hold.key === key)
      .sort((a, b) => a.until - b.until)[0]
  drop = (hold: Hold) => {
    this.holds = this.holds.filter((one) => one !== hold)
  }
}

export interface Real {
  readonly slots: readonly string[]
  readonly keys: readonly Actor[]
  readonly act: <T>(key: number, fn: (ctx: Ctx) => T) => Promise<T | string>
  readonly advance: (milliseconds: number) => void
}

/** Ways to break the product, one at a time, so that the check is seen to fail. */
export type Planted = 'cancel does nothing' | 'expired holds stay' | 'a move keeps the old seat'

type Step = fc.AsyncCommand<Model, Real>

const step = (name: string, run: (model: Model, real: Real) => Promise<void>): Step => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real)
    await compare(model, real)
  },
  toString: () => name,
})

/** One caller after the other looks at all slots; the model says what it should see. */
const compare = async (model: Model, real: Real) => {
  const key = model.looks++ % KEYS
  const shown = await real.act(key, (ctx) => {
    const { start } = getSlot(ctx, real.slots[0] ?? '')
    return searchAvailability(ctx, { near: { commune: '92050' }, from: start, limit: SLOTS.length })
  })
  if (typeof shown === 'string') throw new Error(shown)
  expect(
    real.slots.map((slotId) => {
      const found = shown.find(({ slot }) => slot.id === slotId)
      return found && { taken: found.slot.taken, heldByOthers: found.heldByOthers }
    }),
  ).toEqual(
    real.slots.map((_, slot) =>
      model.booked(slot) >= (SLOTS[slot] ?? 0)
        ? undefined
        : { taken: model.taken(slot), heldByOthers: model.isFull(slot, key) },
    ),
  )
}

const slotIndex = fc.nat(SLOTS.length - 1)
const keyIndex = fc.nat(KEYS - 1)
const pick = fc.nat(20)

const input = (slotId: string, holdId?: string) =>
  ({ ...bookingBody(slotId), holdId }) as unknown as Parameters<typeof book>[1]

/** Every step that callers and time can take. */
export const steps = (planted?: Planted) => [
  fc.record({ slot: slotIndex, key: keyIndex }).map(({ slot, key }) =>
    step(`hold ${slot} by ${key}`, async (model, real) => {
      const answer = await real.act(key, (ctx) => holdSlot(ctx, real.slots[slot] ?? ''))
      const mine = model.holds.filter((hold) => hold.key === key && hold.until > model.now).length
      if (model.taken(slot) >= (SLOTS[slot] ?? 0)) expect(answer).toBe('slot_taken')
      else if (mine >= MOST_HOLDS) expect(answer).toBe('too_many_holds')
      else {
        if (typeof answer === 'string') throw new Error(answer)
        model.holds.push({ id: answer.id, key, slot, until: model.now + LEASE, isExtended: false })
      }
    }),
  ),
  fc.record({ which: pick, key: keyIndex }).map(({ which, key }) =>
    step(`extend #${which} by ${key}`, async (model, real) => {
      const hold = model.holds[which % Math.max(1, model.holds.length)]
      if (!hold) return
      const answer = await real.act(key, (ctx) => extendHold(ctx, hold.id))
      if (hold.key !== key) expect(answer).toBe('not_found')
      else if (hold.until <= model.now) expect(['hold_invalid', 'not_found']).toContain(answer)
      else if (hold.isExtended) expect(answer).toBe('hold_invalid')
      else {
        expect(answer).not.toBeTypeOf('string')
        hold.until = model.now + LEASE
        hold.isExtended = true
      }
    }),
  ),
  fc.record({ which: pick, key: keyIndex }).map(({ which, key }) =>
    step(`release #${which} by ${key}`, async (model, real) => {
      const hold = model.holds[which % Math.max(1, model.holds.length)]
      if (!hold) return
      const answer = await real.act(key, (ctx) => releaseHold(ctx, hold.id))
      if (hold.key !== key) expect(answer).toBe('not_found')
      else if (hold.until > model.now) {
        expect(answer).toBeUndefined()
        model.drop(hold)
      }
    }),
  ),
  fc.record({ slot: slotIndex, key: keyIndex }).map(({ slot, key }) =>
    step(`book ${slot} by ${key}`, async (model, real) => {
      const answer = await real.act(key, (ctx) => book(ctx, input(real.slots[slot] ?? '')))
      const own = model.own(slot, key)
      if (!own && model.isFull(slot)) {
        expect(answer).toBe('slot_taken')
        return
      }
      if (typeof answer === 'string') throw new Error(answer)
      if (own) model.drop(own)
      model.bookings.push({ id: answer.row.id, slot, isActive: true })
    }),
  ),
  fc.record({ which: pick, key: keyIndex }).map(({ which, key }) =>
    step(`book through #${which} by ${key}`, async (model, real) => {
      const hold = model.holds[which % Math.max(1, model.holds.length)]
      if (!hold) return
      const answer = await real.act(key, (ctx) => book(ctx, input(real.slots[hold.slot] ?? '', hold.id)))
      if (hold.key !== key || hold.until <= model.now) {
        expect(answer).toBe('hold_invalid')
        return
      }
      if (typeof answer === 'string') throw new Error(answer)
      model.drop(hold)
      model.bookings.push({ id: answer.row.id, slot: hold.slot, isActive: true })
    }),
  ),
  fc.record({ which: pick, key: keyIndex }).map(({ which, key }) =>
    step(`cancel #${which}`, async (model, real) => {
      const booking = model.bookings[which % Math.max(1, model.bookings.length)]
      if (!booking) return
      if (planted === 'cancel does nothing' && booking.isActive) {
        booking.isActive = false
        return
      }
      const answer = await real.act(key, (ctx) => cancelBooking(ctx, booking.id, { reason: 'patient' }))
      if (!booking.isActive) {
        expect(answer).toBe('not_active')
        return
      }
      expect(answer).not.toBeTypeOf('string')
      booking.isActive = false
    }),
  ),
  fc.record({ which: pick, key: keyIndex, slot: slotIndex }).map(({ which, key, slot }) =>
    step(`move #${which} to ${slot} by ${key}`, async (model, real) => {
      const booking = model.bookings[which % Math.max(1, model.bookings.length)]
      if (!booking) return
      const own = model.own(slot, key)
      const expected = !booking.isActive
        ? 'not_active'
        : booking.slot === slot
          ? 'same_slot'
          : !own && model.isFull(slot)
            ? 'slot_taken'
            : undefined
      const answer = await real.act(key, (ctx) => moveBooking(ctx, booking.id, real.slots[slot] ?? ''))
      if (expected !== undefined) {
        expect(answer).toBe(expected)
        return
      }
      if (typeof answer === 'string') throw new Error(answer)
      if (own) model.drop(own)
      if (planted !== 'a move keeps the old seat') booking.slot = slot
      else model.bookings.push({ id: booking.id, slot, isActive: true })
    }),
  ),
  fc.constantFrom(1, 60_000, 179_999, 180_000).map((milliseconds) =>
    step(`wait ${milliseconds}`, (model, real) => {
      real.advance(milliseconds)
      if (planted !== 'expired holds stay') model.now += milliseconds
      return Promise.resolve()
    }),
  ),
]

/** One GP and the callers; slots are made anew for each run, so that runs share one database and not one another. */
export const seatsStage = async (world: World) => {
  const gp = await makeGp(world, await makeCommunity(world, '92050'))
  const keys = await Promise.all(Array.from({ length: KEYS }, () => world.key('regulator')))
  const actors = keys.map((caller) => actorOf(world, caller))
  const act: Real['act'] = async (key, fn) => {
    try {
      return await world.territory.commit(
        ({ db }) => fn(ctxOf(world.platform, world.territory.info, actors[key] ?? raise(), db)) as never,
      )
    } catch (error) {
      if (error instanceof Refused) return error.refusal.code
      throw error
    }
  }
  let day = 0
  const fresh = async (): Promise<Real> => {
    // Holds of the run before would count against the keys of this one.
    world.clock.advance(LEASE)
    return { slots: await publishDay(world, gp, day++), keys: actors, act, advance: world.clock.advance }
  }
  return { fresh }
}

const raise = (): never => {
  throw new Error('no such key')
}

const publishDay = (world: World, gp: Member, day: number): Promise<string[]> =>
  world.act((ctx) =>
    SLOTS.map((capacity, i) => {
      // Years ahead, so that time passing in one run does not reach the slots of the next.
      const start = (at('2030-01-01T00:00:00Z') + (day * 4 + i) * 900_000) as ReturnType<typeof at>
      const end = (start + 900_000) as ReturnType<typeof at>
      return publishSlot(ctx, { practitionerId: gp.id, siteId: gp.siteId, start, end, capacity }).id
    }),
  )

export const newModel = () => new Model()
