import { describe, expect } from 'vitest'
import { MINUTE, SECOND } from '../../src/kernel/time.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import type { Caller, World } from '../support/world.ts'

const stage = async (world: World) => {
  const gp = await makeGp(world, await makeCommunity(world, '92050'))
  const regulator = await world.key('regulator')
  const other = await world.key('regulator')
  return { gp, regulator, other }
}

let minutes = 0
const publish = async (gp: Member, more: Record<string, unknown> = {}): Promise<string> => {
  const hour = String(9 + Math.floor((minutes % 600) / 60)).padStart(2, '0')
  const minute = String(minutes % 60).padStart(2, '0')
  const day = 24 + Math.floor(minutes / 600)
  minutes = (minutes + 10) % 3_000
  const start = `2026-11-${day}T${hour}:${minute}:00+01:00`
  const end = new Date(Date.parse(start) + 10 * MINUTE).toISOString()
  const made = await gp.caller.post('/slots', slotBody(gp, start, end, more))
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id
}

const hold = (caller: Caller, slotId: string) => caller.post(`/slots/${slotId}/holds`)
const found = async (caller: Caller) =>
  (await caller.get('/availability?commune=92050&to=2026-11-26T00:00:00Z&limit=200')).body.items as {
    slot: { id: string }
    heldByOthers: boolean
  }[]

export const holdsSuite: Suite = (rule) => {
  describe('holds', () => {
    rule('[HOLD-1] a held seat is the holder’s for 180 seconds and nobody else’s', async (world) => {
      const { gp, regulator, other } = await stage(world)
      const slotId = await publish(gp)
      const held = await hold(regulator, slotId)
      expect(held.status).toBe(201)
      expect(held.body).toEqual({ id: held.body.id, slotId, expiresAt: '2026-11-23T08:03:00+01:00' })
      expect((await hold(other, slotId)).body).toMatchObject({ status: 409, code: 'slot_taken' })
      expect((await other.post('/bookings', bookingBody(slotId))).body).toMatchObject({ code: 'slot_taken' })
      const booked = await regulator.post('/bookings', bookingBody(slotId, { holdId: held.body.id }))
      expect(booked.status).toBe(201)
      expect((await other.post('/bookings', bookingBody(slotId))).status).toBe(409)
    })

    rule('[HOLD-1] at the instant of its end, swept away or not, the seat is anybody’s', async (world) => {
      const { gp, regulator, other } = await stage(world)
      const slotId = await publish(gp)
      const held = await hold(regulator, slotId)
      world.clock.advance(180 * SECOND - 1)
      expect((await hold(other, slotId)).status).toBe(409)
      world.clock.advance(1)
      expect(
        (await regulator.post('/bookings', bookingBody(slotId, { holdId: held.body.id }))).body,
      ).toMatchObject({ status: 409, code: 'hold_invalid' })
      expect((await other.post('/bookings', bookingBody(slotId))).status).toBe(201)
      const events = await world.admin.get(`/audit?subject=${String(held.body.id)}`)
      expect(events.body.items.map((event: { type: string }) => event.type)).toEqual([
        'hold.created',
        'hold.expired',
      ])
    })

    rule(
      '[HOLD-2] others see it as held, the holder does not, and alternatives leave it out',
      async (world) => {
        const { gp, regulator, other } = await stage(world)
        const [heldSlot, free] = [await publish(gp), await publish(gp)]
        await hold(regulator, heldSlot)
        const seenBy = async (caller: Caller) =>
          Object.fromEntries((await found(caller)).map(({ slot, heldByOthers }) => [slot.id, heldByOthers]))
        expect(await seenBy(other)).toEqual({ [heldSlot]: true, [free]: false })
        expect(await seenBy(regulator)).toEqual({ [heldSlot]: false, [free]: false })
        await other.post('/bookings', bookingBody(free))
        const refused = await other.post('/bookings', bookingBody(free))
        expect(refused.body).toMatchObject({ code: 'slot_taken', alternatives: [] })
      },
    )

    rule('[HOLD-2] of several seats, the last one held is what makes a slot held', async (world) => {
      const { gp, regulator, other } = await stage(world)
      const slotId = await publish(gp, { capacity: 2 })
      await hold(regulator, slotId)
      expect((await found(other))[0]).toMatchObject({
        heldByOthers: false,
        slot: { taken: 1, status: 'open' },
      })
      await other.post('/bookings', bookingBody(slotId))
      expect((await found(world.admin))[0]).toMatchObject({
        heldByOthers: true,
        slot: { taken: 2, status: 'full' },
      })
      expect((await found(regulator))[0]).toMatchObject({ heldByOthers: false })
    })

    rule('[HOLD-3] a hold is extended once, for three minutes from then', async (world) => {
      const { gp, regulator } = await stage(world)
      const held = await hold(regulator, await publish(gp))
      world.clock.advance(2 * MINUTE)
      const extend = () => regulator.post(`/holds/${String(held.body.id)}/extend`)
      expect((await extend()).body).toMatchObject({ expiresAt: '2026-11-23T08:05:00+01:00' })
      expect((await extend()).body).toMatchObject({ status: 409, code: 'hold_invalid' })
      const late = await hold(regulator, await publish(gp))
      world.clock.advance(3 * MINUTE)
      expect((await regulator.post(`/holds/${String(late.body.id)}/extend`)).body.code).toBe('hold_invalid')
    })

    rule(
      '[HOLD-4] a key holds five seats at most; one that ran out or was given back does not count',
      async (world) => {
        const { gp, regulator, other } = await stage(world)
        const slots = await Promise.all(Array.from({ length: 7 }, () => publish(gp)))
        const held: string[] = []
        for (const slotId of slots.slice(0, 5)) held.push((await hold(regulator, slotId)).body.id)
        expect((await hold(regulator, slots[5] ?? '')).body).toMatchObject({
          status: 429,
          code: 'too_many_holds',
        })
        expect((await hold(other, slots[5] ?? '')).status).toBe(201)
        expect((await regulator.delete(`/holds/${held[0]}`)).status).toBe(204)
        expect((await hold(regulator, slots[6] ?? '')).status).toBe(201)
        world.clock.advance(3 * MINUTE)
        expect((await hold(regulator, slots[0] ?? '')).status).toBe(201)
      },
    )

    rule('[HOLD-5] only its owner books through a hold, extends it or gives it back', async (world) => {
      const { gp, regulator, other } = await stage(world)
      const [slotId, another] = [await publish(gp), await publish(gp)]
      const held = await hold(regulator, slotId)
      const path = `/holds/${String(held.body.id)}`
      expect((await other.post(`${path}/extend`)).status).toBe(404)
      expect((await other.delete(path)).status).toBe(404)
      const body = bookingBody(slotId, { holdId: held.body.id })
      expect((await other.post('/bookings', body)).body).toMatchObject({ code: 'hold_invalid' })
      const elsewhere = bookingBody(another, { holdId: held.body.id })
      expect((await regulator.post('/bookings', elsewhere)).body).toMatchObject({ code: 'hold_invalid' })
      // Without naming it, the owner books the seat that it holds.
      expect((await regulator.post('/bookings', bookingBody(slotId))).status).toBe(201)
      expect((await regulator.delete(path)).status).toBe(404)
    })

    rule('[HOLD-6] 50 callers that hold one seat at once: one has it', async (world) => {
      const { gp } = await stage(world)
      const slotId = await publish(gp)
      const callers = await Promise.all(Array.from({ length: 10 }, () => world.key('regulator')))
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => hold(callers[i % 10] ?? world.admin, slotId)),
      )
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(49)
    })

    rule(
      '[HOLD-7] the tick sweeps holds that ran out, and a hold is no booking in any list',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const held = await hold(regulator, await publish(gp))
        expect((await regulator.get('/bookings')).body.items).toEqual([])
        expect((await regulator.get(`/bookings/${String(held.body.id)}`)).status).toBe(400)
        world.clock.advance(3 * MINUTE)
        await world.tick()
        const events = await world.admin.get(`/audit?subject=${String(held.body.id)}`)
        expect(events.body.items.at(-1)).toMatchObject({ type: 'hold.expired', actor: 'system:tick' })
        expect((await regulator.delete(`/holds/${String(held.body.id)}`)).status).toBe(404)
      },
    )
  })

  describe('moves', () => {
    rule(
      '[MOVE-1] a booking moves whole: the old seat is free only because the new one is won',
      async (world) => {
        const { gp, regulator, other } = await stage(world)
        const [from, to] = [await publish(gp), await publish(gp)]
        const booked = await regulator.post('/bookings', bookingBody(from))
        const moved = await regulator.post(`/bookings/${String(booked.body.id)}/move`, { slotId: to })
        expect(moved.status).toBe(200)
        expect(moved.body).toMatchObject({
          id: booked.body.id,
          slotId: to,
          status: 'booked',
          patient: { family: 'Fictive' },
        })
        expect((await other.post('/bookings', bookingBody(to))).status).toBe(409)
        expect((await other.post('/bookings', bookingBody(from))).status).toBe(201)
      },
    )

    rule(
      '[MOVE-1] a move to a seat that is gone changes nothing and says what else is free',
      async (world) => {
        const { gp, regulator, other } = await stage(world)
        const [from, to, free] = [await publish(gp), await publish(gp), await publish(gp)]
        const booked = await regulator.post('/bookings', bookingBody(from))
        await other.post('/bookings', bookingBody(to))
        const refused = await regulator.post(`/bookings/${String(booked.body.id)}/move`, { slotId: to })
        expect(refused.body).toMatchObject({ status: 409, code: 'slot_taken' })
        expect(refused.body.alternatives.map((one: { slot: { id: string } }) => one.slot.id)).toEqual([free])
        const after = await regulator.get(`/bookings/${String(booked.body.id)}`)
        expect(after.text).toBe(booked.text)
      },
    )

    rule(
      '[MOVE-2] a GP and a coordinator move a flagged patient to another slot of the GP',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const coordinator = await world.key('coordinator', { communityIds: [gp.communityId] })
        for (const caller of [gp.caller, coordinator]) {
          const [from, to] = [await publish(gp), await publish(gp)]
          const booked = await regulator.post('/bookings', bookingBody(from))
          await gp.caller.post(`/slots/${from}/withdraw`)
          const flagged = await caller.get('/bookings?needsAttention=true')
          expect(flagged.body.items).toMatchObject([
            { id: booked.body.id, needsAttention: { reason: 'slot_withdrawn' } },
          ])
          const moved = await caller.post(`/bookings/${String(booked.body.id)}/move`, { slotId: to })
          expect(moved.status).toBe(200)
          expect(moved.body.needsAttention).toBeUndefined()
          expect((await caller.get('/bookings?needsAttention=true')).body.items).toEqual([])
        }
      },
    )

    rule(
      '[MOVE-3] refused: the same slot, a modality not offered, one begun, cancelled or withdrawn',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const [from, home, gone] = [
          await publish(gp),
          await publish(gp, { modalities: ['HH'] }),
          await publish(gp),
        ]
        await gp.caller.post(`/slots/${gone}/withdraw`)
        const booked = await regulator.post('/bookings', bookingBody(from))
        const move = async (slotId: string) =>
          (await regulator.post(`/bookings/${String(booked.body.id)}/move`, { slotId })).body.code as string
        expect(await move(from)).toBe('same_slot')
        expect(await move(home)).toBe('modality_not_offered')
        expect(await move(gone)).toBe('slot_withdrawn')
        world.clock.set(booked.body.start)
        expect(await move(await publish(gp))).toBe('slot_started')
        await regulator.post(`/bookings/${String(booked.body.id)}/cancel`, { reason: 'patient' })
        expect(await move(home)).toBe('not_active')
      },
    )

    rule('[MOVE-4] a flag is also handled by saying so, once', async (world) => {
      const { gp, regulator } = await stage(world)
      const slotId = await publish(gp)
      const booked = await regulator.post('/bookings', bookingBody(slotId))
      await gp.caller.post(`/slots/${slotId}/withdraw`)
      const path = `/bookings/${String(booked.body.id)}/acknowledge`
      expect((await gp.caller.post(path)).body.needsAttention).toBeUndefined()
      const again = await gp.caller.post(path)
      expect(again.status).toBe(200)
      const events = await world.admin.get(`/audit?subject=${String(booked.body.id)}`)
      expect(
        events.body.items.filter((event: { type: string }) => event.type === 'booking.acknowledged'),
      ).toHaveLength(1)
    })
  })

  describe('outcomes', () => {
    rule(
      '[OUTCOME-1] known from the start on, corrected for seven days after the end, then final',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const booked = await regulator.post('/bookings', bookingBody(await publish(gp)))
        const say = async (outcome: string) => {
          const answer = await gp.caller.post(`/bookings/${String(booked.body.id)}/outcome`, { outcome })
          return answer.body.code ?? answer.body.status
        }
        expect(await say('noshow')).toBe('too_early')
        world.clock.set(booked.body.start)
        expect(await say('noshow')).toBe('noshow')
        expect(await say('noshow')).toBe('noshow')
        expect(await say('fulfilled')).toBe('fulfilled')
        world.clock.set(booked.body.end)
        world.clock.advance(7 * 24 * 60 * MINUTE)
        expect(await say('noshow')).toBe('noshow')
        world.clock.advance(1)
        expect(await say('fulfilled')).toBe('outcome_final')
        const events = await world.admin.get(`/audit?subject=${String(booked.body.id)}`)
        expect(
          events.body.items.filter((event: { type: string }) => event.type === 'booking.outcome_recorded'),
        ).toHaveLength(3)
      },
    )

    rule(
      '[OUTCOME-2] never on a cancelled booking, and one that has an outcome is not cancelled',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const [one, two] = [await publish(gp), await publish(gp)]
        const cancelled = await regulator.post('/bookings', bookingBody(one))
        await regulator.post(`/bookings/${String(cancelled.body.id)}/cancel`, { reason: 'patient' })
        const seen = await regulator.post('/bookings', bookingBody(two))
        world.clock.set(seen.body.end)
        const outcome = { outcome: 'fulfilled' }
        expect(
          (await gp.caller.post(`/bookings/${String(cancelled.body.id)}/outcome`, outcome)).body.code,
        ).toBe('not_active')
        await gp.caller.post(`/bookings/${String(seen.body.id)}/outcome`, outcome)
        const late = await regulator.post(`/bookings/${String(seen.body.id)}/cancel`, { reason: 'patient' })
        expect(late.body.code).toBe('not_active')
      },
    )
  })
}
