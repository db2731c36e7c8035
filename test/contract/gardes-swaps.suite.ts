import { describe, expect } from 'vitest'
import { SWAP_TRANSITIONS } from '../../src/gardes/swaps/rules.ts'
import { SWAP_STATES } from '../../src/gardes/swaps/vocabulary.ts'
import { everyPage } from '../support/attempt.ts'
import { bookingBody, makeCommunity, makeGp, rppsOf, slotBody, type Member } from '../support/members.ts'
import { makeRota, publish, rotaStage, shiftsOf, type RotaStage, type ShiftShown } from '../support/rotas.ts'
import type { Suite } from '../support/runtime.ts'
import type { Caller, World } from '../support/world.ts'

interface Published extends RotaStage {
  readonly rotaId: string
  /** Evenings in order; the GPs of the stage do them in turn, the second the second. */
  readonly shifts: readonly ShiftShown[]
  readonly gp: (index: number) => Member
  readonly shift: (index: number) => ShiftShown
  readonly ask: (by: Caller, body: Record<string, unknown>) => ReturnType<Caller['post']>
  readonly doers: (...indexes: number[]) => Promise<(string | null)[]>
}

const PLACE = {
  siteName: 'Maison médicale de garde',
  address: '40 rue de l’Exemple',
  postalCode: '92150',
  city: 'Suresnes',
  insee: '92073',
  lat: 48.87,
  lon: 2.221,
  phone: '+33199000040',
}

const TEMPLATE = { slotMinutes: 30, capacity: 1, audiences: ['SNP'] }

/** A published fortnight of evenings that the GPs of a sector do in turn; it is 20 December. */
const published = async (
  world: World,
  people = 4,
  more: Parameters<typeof rotaStage>[2] = {},
): Promise<Published> => {
  const stage = await rotaStage(world, people, more)
  world.clock.set('2026-12-20T09:00:00+01:00')
  const rotaId = await makeRota(stage)
  const gp = (index: number) => stage.gps[index % people]!
  for (const [index, shift] of (await shiftsOf(stage.coordinator, rotaId)).entries()) {
    const body = { practitionerId: gp(index).id, locked: false }
    const answer = await stage.coordinator.put(`/shifts/${shift.id}/places/1`, body)
    if (answer.status !== 200) throw new Error(answer.text)
  }
  await publish(stage.coordinator, rotaId)
  const shifts = await shiftsOf(stage.coordinator, rotaId)
  const shift = (index: number) => shifts[index]!
  return {
    ...stage,
    rotaId,
    shifts,
    gp,
    shift,
    ask: (by, body) => by.post('/swaps', { place: 1, ...body }),
    doers: async (...indexes) => {
      const now = await shiftsOf(stage.coordinator, rotaId)
      return indexes.map((index) => {
        const place = now[index]!.places[0]!
        return place.executantId ?? place.titulaireId
      })
    },
  }
}

const asked = async (answer: ReturnType<Caller['post']>): Promise<string> => {
  const { status, body, text } = await answer
  if (status !== 201) throw new Error(text)
  return body.id
}

const eventsOf = async (world: World, subject: string) =>
  (await everyPage(world.admin, '/audit', 200)).filter((event) => event.subject === subject)

const absence = (stage: Published, practitionerId: string, from: string) =>
  stage.coordinator.post(`/sectors/${stage.sectorId}/absences`, { practitionerId, from, to: from })

const slotsOf = async (caller: Caller, shiftId: string) =>
  (await everyPage(caller, '/slots', 200)).filter((slot) => slot.shiftId === shiftId)

const openSlotsOf = async (caller: Caller, shiftId: string) =>
  (await slotsOf(caller, shiftId)).filter((slot) => slot.status !== 'withdrawn')

export const gardesSwapsSuite: Suite = (rule) => {
  describe('swaps', () => {
    rule('[SWAP-1] two people exchange their places; who was planned stays titulaire', async (world) => {
      const stage = await published(world)
      const { gp, shift } = stage
      const answer = await stage.ask(gp(0).caller, {
        kind: 'swap',
        shiftId: shift(0).id,
        withShiftId: shift(5).id,
        withPlace: 1,
      })
      expect(answer.status).toBe(201)
      expect(answer.body).toMatchObject({
        state: 'asked',
        fromPractitionerId: gp(0).id,
        toPractitionerId: gp(1).id,
        expiresAt: '2026-12-27T09:00:00+01:00',
      })
      const path = `/swaps/${String(answer.body.id)}`
      expect((await gp(1).caller.post(`${path}/accept`, {})).body).toMatchObject({ state: 'done' })
      expect(await stage.doers(0, 5)).toEqual([gp(1).id, gp(0).id])
      const now = await shiftsOf(stage.coordinator, stage.rotaId)
      expect([now[0]!.places[0]!.titulaireId, now[5]!.places[0]!.titulaireId]).toEqual([gp(0).id, gp(1).id])
      const versions = (await stage.coordinator.get(`/rotas/${stage.rotaId}/versions`)).body.items
      expect(versions.at(-1)).toMatchObject({ number: 2, reason: 'swap' })
      const ledger = (await stage.coordinator.get(`/rotas/${stage.rotaId}/ledger`)).body.items
      expect(ledger.some((line: { done: number }) => line.done > 0)).toBe(true)
      // Taken back, a place is its titulaire's again, with nobody beside.
      const back = await asked(
        stage.ask(gp(1).caller, { kind: 'give', shiftId: shift(0).id, toPractitionerId: gp(0).id }),
      )
      expect((await gp(0).caller.post(`/swaps/${back}/accept`, {})).status).toBe(200)
      const [first] = await shiftsOf(stage.coordinator, stage.rotaId)
      expect(first!.places[0]).toMatchObject({ titulaireId: gp(0).id })
      expect(first!.places[0]!.executantId).toBeUndefined()
    })

    rule(
      '[SWAP-2] the place is asked for by who does it, or for them by who manages the sector',
      async (world) => {
        const stage = await published(world)
        const { gp, shift } = stage
        const body = { kind: 'give', shiftId: shift(0).id, toPractitionerId: gp(2).id }
        expect((await stage.ask(gp(1).caller, body)).status).toBe(404)
        const elsewhere = await makeGp(world, await makeCommunity(world, '92063'), '92063')
        const other = await world.key('coordinator', { communityIds: [elsewhere.communityId] })
        expect((await stage.ask(other, body)).status).toBe(404)
        const id = await asked(stage.ask(stage.coordinator, body))
        expect((await eventsOf(world, id))[0]).toMatchObject({
          type: 'swap.asked',
          practitionerId: gp(2).id,
          data: { onBehalfOf: gp(0).id, fromPractitionerId: gp(0).id, toPractitionerId: gp(2).id },
        })
        expect((await stage.coordinator.get(`/swaps/${id}`)).body.askedBy).toMatch(/^coordinator:akey_/)
      },
    )

    rule('[SWAP-3] only a published rota changes so, and only before the shift begins', async (world) => {
      const stage = await published(world)
      const { gp, shift } = stage
      const body = { kind: 'give', shiftId: shift(0).id, toPractitionerId: gp(1).id }
      const id = await asked(stage.ask(gp(0).caller, body))
      world.clock.set('2027-01-04T20:00:00+01:00')
      expect((await stage.ask(gp(0).caller, body)).body).toMatchObject({ status: 409, code: 'swap_closed' })
      expect((await gp(1).caller.post(`/swaps/${id}/accept`, {})).body.code).toBe('swap_closed')
      const draft = await makeRota(stage, { from: '2027-02-01', to: '2027-02-07' })
      const [first] = await shiftsOf(stage.coordinator, draft)
      await stage.coordinator.put(`/shifts/${first!.id}/places/1`, { practitionerId: gp(0).id })
      expect((await stage.ask(gp(0).caller, { ...body, shiftId: first!.id })).body).toMatchObject({
        status: 409,
        code: 'invalid_transition',
      })
    })

    rule(
      '[SWAP-4] hard rules are judged when it is asked for, and again when it is accepted',
      async (world) => {
        const stage = await published(world)
        const { gp, shift } = stage
        const body = { kind: 'give', shiftId: shift(0).id, toPractitionerId: gp(1).id }
        const id = await asked(stage.ask(gp(0).caller, body))
        await absence(stage, gp(1).id, '2027-01-04')
        const refused = await gp(1).caller.post(`/swaps/${id}/accept`, {})
        expect(refused.body).toMatchObject({ status: 422, code: 'rule_broken', rules: ['absence'] })
        expect((await stage.ask(stage.coordinator, body)).body).toMatchObject({ rules: ['absence'] })
        expect(await stage.doers(0)).toEqual([gp(0).id])
        // Their own evening: two places at once.
        const twice = await stage.ask(gp(0).caller, {
          kind: 'swap',
          shiftId: shift(0).id,
          withShiftId: shift(4).id,
          withPlace: 1,
        })
        expect(twice.body).toMatchObject({ status: 422, code: 'rule_broken' })
      },
    )

    rule('[SWAP-4] an exchange is judged for both, without the places that they leave', async (world) => {
      const stage = await published(world)
      const { gp, shift } = stage
      await stage.coordinator.patch(`/sectors/${stage.sectorId}`, { restHours: 36 })
      const id = await asked(
        stage.ask(gp(0).caller, {
          kind: 'swap',
          shiftId: shift(0).id,
          withShiftId: shift(1).id,
          withPlace: 1,
        }),
      )
      expect(id).toMatch(/^swap_/)
      await absence(stage, gp(0).id, '2027-01-05')
      const answer = await gp(1).caller.post(`/swaps/${id}/accept`, {})
      expect(answer.status).toBe(422)
    })

    rule(
      '[SWAP-5] why a colleague cannot is told to who manages the sector, not to who asks',
      async (world) => {
        const stage = await published(world)
        const { gp, shift } = stage
        await absence(stage, gp(1).id, '2027-01-04')
        const body = { kind: 'give', shiftId: shift(0).id, toPractitionerId: gp(1).id }
        const told = await stage.ask(gp(0).caller, body)
        expect(told.body).toMatchObject({ status: 422, code: 'rule_broken', rules: [] })
        expect(told.text).not.toMatch(/absen/)
        expect((await stage.ask(stage.coordinator, body)).body.rules).toEqual(['absence'])
      },
    )

    rule('[SWAP-6] an open call is the first’s who takes it, however many try at once', async (world) => {
      const stage = await published(world, 6)
      const { gp, shift } = stage
      const id = await asked(stage.ask(gp(0).caller, { kind: 'open', shiftId: shift(0).id }))
      expect((await gp(0).caller.post(`/swaps/${id}/accept`, {})).status).toBe(404)
      const answers = await Promise.all(
        [1, 2, 3, 4, 5].map((index) => gp(index).caller.post(`/swaps/${id}/accept`, {})),
      )
      const won = answers.flatMap(({ status }, index) => (status === 200 ? [index + 1] : []))
      expect(won).toHaveLength(1)
      expect(answers.filter(({ body }) => body.code === 'swap_closed')).toHaveLength(4)
      expect(await stage.doers(0)).toEqual([gp(won[0]!).id])
      expect((await eventsOf(world, id)).map(({ type }) => type)).toEqual(['swap.asked', 'swap.done'])
      const stranger = await makeGp(world, stage.communityId)
      expect((await stranger.caller.get(`/swaps/${id}`)).status).toBe(404)
    })

    rule('[SWAP-7] an open call for a shift that has begun is taken until its end', async (world) => {
      const stage = await published(world)
      const { gp, shift } = stage
      world.clock.set('2027-01-04T21:00:00+01:00')
      const id = await asked(stage.ask(gp(0).caller, { kind: 'open', shiftId: shift(0).id }))
      const late = await asked(stage.ask(gp(0).caller, { kind: 'open', shiftId: shift(0).id }))
      world.clock.set('2027-01-04T23:59:00+01:00')
      expect((await gp(2).caller.post(`/swaps/${id}/accept`, {})).body.state).toBe('done')
      expect(await stage.doers(0)).toEqual([gp(2).id])
      world.clock.set('2027-01-05T00:00:00+01:00')
      expect((await gp(3).caller.post(`/swaps/${late}/accept`, {})).body.code).toBe('swap_closed')
      expect((await stage.ask(gp(2).caller, { kind: 'open', shiftId: shift(0).id })).body.code).toBe(
        'swap_closed',
      )
    })

    rule('[SWAP-8] a colleague off the list or somebody from outside stands in', async (world) => {
      const stage = await published(world)
      const { gp, shift } = stage
      const stranger = await makeGp(world, await makeCommunity(world, '92063'), '92063')
      const body = { shiftId: shift(0).id, toPractitionerId: stranger.id }
      expect((await stage.ask(gp(0).caller, { ...body, kind: 'give' })).body).toMatchObject({
        code: 'rule_broken',
        rules: ['membership'],
      })
      const id = await asked(stage.ask(gp(0).caller, { ...body, kind: 'replacement' }))
      expect((await stranger.caller.post(`/swaps/${id}/accept`, {})).body.state).toBe('done')
      expect(await stage.doers(0)).toEqual([stranger.id])

      const outside = { name: 'Dr Remplaçant Fictif', rpps: rppsOf(777), phone: '01 99 00 00 77' }
      const stand = { kind: 'replacement', shiftId: shift(1).id }
      const wrong = { ...outside, rpps: '10001234567' }
      expect((await stage.ask(gp(1).caller, { ...stand, outside: wrong })).body).toMatchObject({
        status: 422,
        code: 'invalid_rpps',
      })
      const done = await stage.ask(gp(1).caller, { ...stand, outside })
      expect(done.body).toMatchObject({ state: 'done', outside: { phone: '+33199000077' } })
      const place = (await shiftsOf(stage.coordinator, stage.rotaId))[1]!.places[0]!
      expect(place).toMatchObject({
        titulaireId: gp(1).id,
        outside: { name: outside.name, rpps: outside.rpps },
        phone: '+33199000077',
      })
      const events = await eventsOf(world, done.body.id)
      expect(events.map(({ type }) => type)).toEqual(['swap.done'])
      expect(JSON.stringify(events)).not.toContain('Remplaçant')
    })

    rule('[SWAP-9] where the sector wants it, what was accepted waits for approval', async (world) => {
      const stage = await published(world, 4, { sector: { approvalForSwaps: true } })
      const { gp, shift } = stage
      const body = { kind: 'give', shiftId: shift(0).id, toPractitionerId: gp(1).id }
      const id = await asked(stage.ask(gp(0).caller, body))
      expect((await stage.coordinator.post(`/swaps/${id}/approve`, {})).body.code).toBe('invalid_transition')
      expect((await gp(1).caller.post(`/swaps/${id}/accept`, {})).body.state).toBe('accepted')
      expect(await stage.doers(0)).toEqual([gp(0).id])
      expect((await gp(1).caller.post(`/swaps/${id}/approve`, {})).status).toBe(403)
      await absence(stage, gp(1).id, '2027-01-04')
      expect((await stage.coordinator.post(`/swaps/${id}/approve`, {})).body.code).toBe('rule_broken')
      const refusedId = await asked(stage.ask(gp(0).caller, { ...body, toPractitionerId: gp(2).id }))
      await gp(2).caller.post(`/swaps/${refusedId}/accept`, {})
      expect((await stage.coordinator.post(`/swaps/${refusedId}/approve`, {})).body.state).toBe('done')
      expect(await stage.doers(0)).toEqual([gp(2).id])
      // Asked for twice: the place has changed hands.
      expect((await stage.coordinator.post(`/swaps/${id}/approve`, {})).body).toMatchObject({
        status: 409,
        code: 'swap_closed',
      })
    })

    rule(
      '[SWAP-10] a change that nobody settles in a week, or before its shift, has expired',
      async (world) => {
        const stage = await published(world)
        const { gp, shift } = stage
        const body = { kind: 'give', shiftId: shift(0).id, toPractitionerId: gp(1).id }
        const id = await asked(stage.ask(gp(0).caller, body))
        const read = async () => (await gp(0).caller.get(`/swaps/${id}`)).body.state as string
        const inState = async (state: string) =>
          (await gp(0).caller.get(`/swaps?state=${state}`)).body.items.length
        world.clock.set('2026-12-27T08:59:59+01:00')
        expect([await read(), await inState('asked'), await inState('expired')]).toEqual(['asked', 1, 0])
        world.clock.set('2026-12-27T09:00:00+01:00')
        expect([await read(), await inState('asked'), await inState('expired')]).toEqual(['expired', 0, 1])
        expect((await gp(1).caller.post(`/swaps/${id}/accept`, {})).body.code).toBe('swap_closed')
        expect(await world.tick()).toEqual([])
        await world.tick()
        expect((await eventsOf(world, id)).map(({ type }) => type)).toEqual(['swap.asked', 'swap.expired'])
        world.clock.set('2027-01-03T09:00:00+01:00')
        expect((await stage.ask(gp(0).caller, body)).body.expiresAt).toBe('2027-01-04T20:00:00+01:00')
      },
    )

    rule('[SWAP-11] a change about a place that has changed hands is closed', async (world) => {
      const stage = await published(world)
      const { gp, shift } = stage
      const body = { kind: 'give', shiftId: shift(0).id, toPractitionerId: gp(1).id }
      const id = await asked(stage.ask(gp(0).caller, body))
      await stage.coordinator.put(`/shifts/${shift(0).id}/places/1`, { practitionerId: gp(2).id })
      expect((await gp(1).caller.post(`/swaps/${id}/accept`, {})).body).toMatchObject({
        status: 409,
        code: 'swap_closed',
      })
      await stage.coordinator.put(`/shifts/${shift(0).id}/places/1`, { practitionerId: null })
      expect((await stage.ask(stage.coordinator, body)).body.code).toBe('swap_closed')
    })

    rule(
      '[SWAP-12] it is taken back by who asked, declined by who was asked, seen by those concerned',
      async (world) => {
        const stage = await published(world)
        const { gp, shift } = stage
        const body = { kind: 'give', shiftId: shift(0).id, toPractitionerId: gp(1).id }
        const first = await asked(stage.ask(gp(0).caller, body))
        expect((await gp(2).caller.get(`/swaps/${first}`)).status).toBe(404)
        expect((await gp(1).caller.post(`/swaps/${first}/cancel`, {})).status).toBe(404)
        expect((await gp(0).caller.post(`/swaps/${first}/decline`, {})).status).toBe(404)
        expect((await gp(0).caller.post(`/swaps/${first}/accept`, {})).status).toBe(404)
        expect((await gp(1).caller.post(`/swaps/${first}/decline`, {})).body.state).toBe('declined')
        expect((await gp(0).caller.post(`/swaps/${first}/cancel`, {})).body.code).toBe('swap_closed')
        world.clock.advance(1000)
        const second = await asked(stage.ask(gp(0).caller, body))
        expect((await gp(0).caller.post(`/swaps/${second}/cancel`, {})).body.state).toBe('cancelled')
        world.clock.advance(1000)
        const call = await asked(stage.ask(gp(3).caller, { kind: 'open', shiftId: shift(3).id }))
        expect((await gp(2).caller.post(`/swaps/${call}/decline`, {})).body.code).toBe('invalid_transition')
        const idsOf = async (caller: Caller) =>
          (await everyPage(caller, `/swaps?sector=${stage.sectorId}`, 1)).map((swap) => swap.id as string)
        expect(await idsOf(stage.coordinator)).toEqual([first, second, call])
        expect(await idsOf(gp(1).caller)).toEqual([first, second, call])
        expect(await idsOf(gp(2).caller)).toEqual([call])
      },
    )

    rule('[SWAP-13] a body says what its kind needs, and no more', async (world) => {
      const stage = await published(world)
      const { gp, shift } = stage
      const outside = { name: 'Dr Fictif', rpps: rppsOf(777), phone: '0199000077' }
      const to = gp(1).id
      for (const body of [
        { kind: 'swap' },
        { kind: 'swap', withShiftId: shift(1).id, outside },
        { kind: 'swap', withShiftId: shift(0).id, withPlace: 1 },
        { kind: 'give' },
        { kind: 'give', toPractitionerId: to, withPlace: 1 },
        { kind: 'give', toPractitionerId: to, outside },
        { kind: 'open', toPractitionerId: to },
        { kind: 'replacement' },
        { kind: 'replacement', toPractitionerId: to, outside },
      ]) {
        const answer = await stage.ask(gp(0).caller, { shiftId: shift(0).id, ...body })
        expect([JSON.stringify(body), answer.body.code]).toEqual([JSON.stringify(body), 'invalid_request'])
      }
    })

    rule('[SWAP-13] whose place an exchange is against need not be said by number', async (world) => {
      const stage = await published(world)
      const { gp, shift } = stage
      const ask = (body: object) =>
        stage.ask(gp(0).caller, { kind: 'swap', shiftId: shift(0).id, withShiftId: shift(5).id, ...body })
      for (const body of [{}, { toPractitionerId: gp(1).id }, { toPractitionerId: gp(1).id, withPlace: 1 }]) {
        const answer = await ask(body)
        expect(answer.body).toMatchObject({ state: 'asked', withPlace: 1, toPractitionerId: gp(1).id })
      }
      // Somebody else does that place, or none of that garde.
      expect((await ask({ toPractitionerId: gp(2).id, withPlace: 1 })).body.code).toBe('swap_closed')
      expect((await ask({ toPractitionerId: gp(2).id })).body.code).toBe('not_found')
    })

    rule('[SWAP-14] every state is reached by the table, and only open ones are left', async () => {
      const reached = new Set(Object.values(SWAP_TRANSITIONS).map(({ to }) => to))
      expect(reached).toEqual(new Set(SWAP_STATES))
      const left = Object.values(SWAP_TRANSITIONS).flatMap(({ from }) => [...from])
      expect(new Set(left)).toEqual(new Set(['none', 'asked', 'accepted']))
    })
  })

  describe('slots of people on duty', () => {
    const bookable = (world: World, sector: Record<string, unknown> = PLACE) =>
      published(world, 4, { types: [{ slotTemplate: TEMPLATE }], sector })

    rule('[DUTY-1] publication makes slots of who is on duty, at the sector’s place', async (world) => {
      const stage = await bookable(world)
      const { gp, shift } = stage
      const slots = await slotsOf(stage.coordinator, shift(0).id)
      expect(slots).toHaveLength(8)
      expect(slots[0]).toMatchObject({
        practitionerId: gp(0).id,
        start: '2027-01-04T20:00:00+01:00',
        end: '2027-01-04T20:30:00+01:00',
        origin: 'shift',
        audiences: ['SNP'],
        capacity: 1,
        communityIds: [stage.communityId],
      })
      const { sites } = (await world.admin.get(`/practitioners/${gp(0).id}`)).body
      expect(sites.map((site: { name: string }) => site.name)).toEqual(['Cabinet', PLACE.siteName])
      expect(slots.every((slot) => slot.siteId === sites[1].id)).toBe(true)
      expect((await everyPage(stage.coordinator, '/slots', 200)).length).toBe(8 * 14)
    })

    rule('[DUTY-2] what shares time with a slot of their own is left out', async (world) => {
      const stage = await rotaStage(world, 1, { types: [{ slotTemplate: TEMPLATE }], sector: PLACE })
      world.clock.set('2026-12-20T09:00:00+01:00')
      const rotaId = await makeRota(stage, { to: '2027-01-04' })
      const [gp] = stage.gps
      const [shift] = await shiftsOf(stage.coordinator, rotaId)
      await gp!.caller.post('/slots', slotBody(gp!, '2027-01-04T20:40:00+01:00', '2027-01-04T21:10:00+01:00'))
      const override = 'vu avec lui'
      await stage.coordinator.put(`/shifts/${shift!.id}/places/1`, { practitionerId: gp!.id, override })
      await publish(stage.coordinator, rotaId)
      const starts = (await slotsOf(stage.coordinator, shift!.id)).map((slot) => slot.start.slice(11, 16))
      expect(starts).toEqual(['20:00', '21:30', '22:00', '22:30', '23:00', '23:30'])
    })

    rule(
      '[DUTY-3] after a change the slots are those of who is on duty now; what is booked stays',
      async (world) => {
        const stage = await bookable(world)
        const { gp, shift } = stage
        const regulator = await world.key('regulator')
        const [, second] = await slotsOf(stage.coordinator, shift(0).id)
        const booking = await regulator.post('/bookings', bookingBody(second.id))
        expect(booking.status).toBe(201)
        const id = await asked(
          stage.ask(gp(0).caller, { kind: 'give', shiftId: shift(0).id, toPractitionerId: gp(2).id }),
        )
        expect((await gp(2).caller.post(`/swaps/${id}/accept`, {})).status).toBe(200)
        const slots = await openSlotsOf(stage.coordinator, shift(0).id)
        expect(slots).toHaveLength(8)
        expect(slots.every((slot) => slot.practitionerId === gp(2).id)).toBe(true)
        expect(slots.map((slot) => slot.id)).toContain(second.id)
        const after = (await regulator.get(`/bookings/${String(booking.body.id)}`)).body
        expect(after).toMatchObject({
          slotId: second.id,
          practitionerId: gp(2).id,
          start: booking.body.start,
          siteId: slots[0].siteId,
        })
        expect(after.needsAttention).toBeUndefined()
        expect((await gp(2).caller.get(`/bookings/${String(booking.body.id)}`)).status).toBe(200)
        expect((await gp(0).caller.get(`/bookings/${String(booking.body.id)}`)).status).toBe(404)
      },
    )

    rule(
      '[DUTY-4] an emptied place gives up what is free and flags what is booked, until it is filled',
      async (world) => {
        const stage = await bookable(world)
        const { gp, shift } = stage
        const regulator = await world.key('regulator')
        const [first] = await slotsOf(stage.coordinator, shift(0).id)
        const booking = await regulator.post('/bookings', bookingBody(first.id))
        const read = async () => (await regulator.get(`/bookings/${String(booking.body.id)}`)).body
        const place = (practitionerId: string | null) =>
          stage.coordinator.put(`/shifts/${shift(0).id}/places/1`, { practitionerId })
        expect((await place(null)).status).toBe(200)
        expect((await read()).needsAttention).toEqual({ reason: 'shift_emptied' })
        expect((await openSlotsOf(stage.coordinator, shift(0).id)).map((slot) => slot.id)).toEqual([first.id])
        expect((await place(gp(2).id)).status).toBe(200)
        expect(await read()).toMatchObject({ practitionerId: gp(2).id, status: 'booked' })
        expect((await read()).needsAttention).toBeUndefined()
        expect(await openSlotsOf(stage.coordinator, shift(0).id)).toHaveLength(8)
      },
    )

    rule(
      '[DUTY-5] in a sector without a place people see patients at their own, and bookings are flagged',
      async (world) => {
        const stage = await bookable(world, {})
        const { gp, shift } = stage
        const regulator = await world.key('regulator')
        const slots = await slotsOf(stage.coordinator, shift(0).id)
        expect(slots[0].siteId).toBe(gp(0).siteId)
        const booking = await regulator.post('/bookings', bookingBody(slots[0].id))
        await stage.coordinator.put(`/shifts/${shift(0).id}/places/1`, { practitionerId: gp(2).id })
        expect((await regulator.get(`/bookings/${String(booking.body.id)}`)).body).toMatchObject({
          practitionerId: gp(0).id,
          siteId: gp(0).siteId,
          needsAttention: { reason: 'shift_changed' },
        })
        const open = await openSlotsOf(stage.coordinator, shift(0).id)
        expect(open.filter((slot) => slot.practitionerId === gp(2).id)).toHaveLength(7)
      },
    )

    rule(
      '[DUTY-6] what an outside person sees to stays in the name of whom they stand in for',
      async (world) => {
        const stage = await bookable(world)
        const { gp, shift } = stage
        const before = await slotsOf(stage.coordinator, shift(0).id)
        const outside = { name: 'Dr Fictif', rpps: rppsOf(777), phone: '0199000077' }
        await asked(stage.ask(gp(0).caller, { kind: 'replacement', shiftId: shift(0).id, outside }))
        expect(await slotsOf(stage.coordinator, shift(0).id)).toEqual(before)
      },
    )

    rule('[DUTY-7] what somebody on duty took back is not offered anew in their name', async (world) => {
      const stage = await bookable(world)
      const { gp, shift } = stage
      const [first] = await slotsOf(stage.coordinator, shift(0).id)
      await gp(0).caller.post(`/slots/${String(first.id)}/withdraw`, {})
      const give = async (from: number, to: number) => {
        const id = await asked(
          stage.ask(gp(from).caller, { kind: 'give', shiftId: shift(0).id, toPractitionerId: gp(to).id }),
        )
        expect((await gp(to).caller.post(`/swaps/${id}/accept`, {})).status).toBe(200)
        return openSlotsOf(stage.coordinator, shift(0).id)
      }
      expect(await give(0, 2)).toHaveLength(8)
      expect(await give(2, 0)).toHaveLength(7)
    })

    rule('[DUTY-3] two people who exchange their places exchange their slots', async (world) => {
      const stage = await bookable(world)
      const { gp, shift } = stage
      const regulator = await world.key('regulator')
      const [first] = await slotsOf(stage.coordinator, shift(0).id)
      expect((await regulator.post('/bookings', bookingBody(first.id))).status).toBe(201)
      const id = await asked(
        stage.ask(gp(0).caller, {
          kind: 'swap',
          shiftId: shift(0).id,
          withShiftId: shift(5).id,
          withPlace: 1,
        }),
      )
      expect((await gp(1).caller.post(`/swaps/${id}/accept`, {})).body.state).toBe('done')
      const owners = async (index: number) => [
        ...new Set(
          (await openSlotsOf(stage.coordinator, shift(index).id)).map((slot) => slot.practitionerId),
        ),
      ]
      expect([await owners(0), await owners(5)]).toEqual([[gp(1).id], [gp(0).id]])
      for (const index of [0, 5])
        expect(await openSlotsOf(stage.coordinator, shift(index).id)).toHaveLength(8)
      expect((await openSlotsOf(stage.coordinator, shift(0).id)).map((slot) => slot.id)).toContain(first.id)
    })

    rule(
      '[DUTY-4] while nobody is on duty, free seats of what is booked are nobody’s; then they are offered again',
      async (world) => {
        const stage = await published(world, 4, {
          types: [{ slotTemplate: { ...TEMPLATE, capacity: 3 } }],
          sector: PLACE,
        })
        const { gp, shift } = stage
        const regulator = await world.key('regulator')
        const [first, second] = await slotsOf(stage.coordinator, shift(0).id)
        const book = (slotId: string) => regulator.post('/bookings', bookingBody(slotId))
        const booking = await book(first.id)
        const cancelled = await book(second.id)
        const held = await regulator.post(`/slots/${String(second.id)}/holds`)
        expect([booking.status, cancelled.status, held.status]).toEqual([201, 201, 201])
        const place = async (practitionerId: string | null) => {
          const path = `/shifts/${shift(0).id}/places/1`
          expect((await stage.coordinator.put(path, { practitionerId })).status).toBe(200)
        }
        const offered = async () =>
          (await openSlotsOf(stage.coordinator, shift(0).id)).filter(({ status }) => status === 'open').length
        await place(null)
        expect(await offered()).toBe(0)
        expect((await book(first.id)).body).toMatchObject({ status: 409, code: 'slot_taken' })
        // Who held a seat may still come, and is told of.
        const late = await regulator.post('/bookings', {
          ...bookingBody(second.id),
          holdId: held.body.id,
        })
        expect(late.body).toMatchObject({ needsAttention: { reason: 'shift_emptied' } })
        // The same person again, and what was given back meanwhile is free again with the rest.
        for (const { body } of [cancelled, late])
          await regulator.post(`/bookings/${String(body.id)}/cancel`, { reason: 'patient' })
        await place(gp(0).id)
        expect(await offered()).toBe(8)
        expect((await book(first.id)).status).toBe(201)
        // Noted by the tick as withdrawn, such a slot is made anew.
        await place(null)
        for (const { id } of (await everyPage(regulator, '/bookings', 200)).filter(
          ({ status }) => status === 'booked',
        ))
          await regulator.post(`/bookings/${String(id)}/cancel`, { reason: 'patient' })
        expect(await world.tick()).toEqual([])
        await place(gp(2).id)
        expect(await offered()).toBe(8)
        await place(null)
        await place(gp(0).id)
        expect(await offered()).toBe(8)
      },
    )

    rule('[DUTY-8] generated again, a rota keeps its bookings where and when they are', async (world) => {
      const stage = await bookable(world)
      const { gp, shift } = stage
      const regulator = await world.key('regulator')
      const booked: { id: string; start: string; siteName: string }[] = []
      for (const index of [0, 1]) {
        const [slot] = await slotsOf(stage.coordinator, shift(index).id)
        const booking = await regulator.post('/bookings', bookingBody(slot.id))
        booked.push(booking.body)
      }
      expect((await absence(stage, gp(0).id, '2027-01-04')).status).toBe(201)
      const generated = await stage.coordinator.post(`/rotas/${stage.rotaId}/generate`, {})
      expect(generated.status).toBe(200)
      const [doer, other] = await stage.doers(0, 1)
      expect([doer === gp(0).id, other]).toEqual([false, gp(1).id])
      for (const [index, owner] of [doer, other].entries()) {
        const after = (await regulator.get(`/bookings/${booked[index]!.id}`)).body
        expect(after).toMatchObject({ practitionerId: owner, start: booked[index]!.start, status: 'booked' })
        expect(after.needsAttention).toBeUndefined()
        const slots = await openSlotsOf(stage.coordinator, shift(index).id)
        expect(slots).toHaveLength(8)
        expect(slots.every(({ practitionerId }) => practitionerId === owner)).toBe(true)
      }
    })

    rule(
      '[DUTY-9][ONCALL-9] the daytime ranges of a CPTS are a rota too, whose slots are those of who has them',
      async (world) => {
        const stage = await rotaStage(world, 2, {
          types: [
            {
              code: 'plage',
              label: 'Plage du matin',
              category: 'evening',
              localStart: '08:00',
              localEnd: '10:00',
              dayTypes: ['weekday'],
              slotTemplate: TEMPLATE,
            },
          ],
          sector: { ...PLACE, kind: 'snp' },
        })
        const rotaId = await makeRota(stage, { from: '2027-01-04', to: '2027-01-05', exceptional: false })
        const shifts = await shiftsOf(stage.coordinator, rotaId)
        const generated = await stage.coordinator.post(`/rotas/${rotaId}/generate`, {})
        expect(generated.body).toMatchObject({ filled: 2, unfilled: [] })
        for (const to of ['consultation', 'validated', 'published'])
          expect((await stage.coordinator.post(`/rotas/${rotaId}/transition`, { to })).status).toBe(200)
        const slots = await slotsOf(stage.coordinator, shifts[0]!.id)
        expect(slots.map(({ start }) => start.slice(11, 16))).toEqual(['08:00', '08:30', '09:00', '09:30'])
        const regulator = await world.key('regulator')
        expect((await regulator.post('/bookings', bookingBody(slots[0].id))).status).toBe(201)
        // Nobody is on call by it, unless it is asked for.
        const at = 'at=2027-01-04T08:15:00%2B01:00'
        expect((await world.admin.get(`/on-call?${at}`)).body.items).toEqual([])
        for (const asking of ['kind=snp', `sector=${stage.sectorId}`])
          expect((await world.admin.get(`/on-call?${at}&${asking}`)).body.items).toHaveLength(1)
      },
    )
  })
}
