import { describe, expect } from 'vitest'
import { actorOf, dream, everyPage, refusalOf } from '../support/attempt.ts'
import { book, type BookingInput } from '../../src/bookings/actions.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import type { Answered, Caller, World } from '../support/world.ts'

const ABSENT = '01kakq0t5ae3vshb4ka6e0x0m1'

/** The day after the clock's, unless told otherwise. */
const on = (clock: string, day = '2026-11-24') => `${day}T${clock}:00+01:00`

const PATIENT = { family: 'Fictive', given: 'Alix', birthDate: '1980-02-29', phone: '+33639980001' }

const team = async (world: World) => {
  const cpts = await makeCommunity(world, '92050')
  const elsewhere = await makeCommunity(world, '92063')
  return {
    cpts,
    gp: await makeGp(world, cpts),
    colleague: await makeGp(world, cpts),
    stranger: await makeGp(world, elsewhere, '92063'),
    coordinator: await world.key('coordinator', { communityIds: [cpts] }),
    outsider: await world.key('coordinator', { communityIds: [elsewhere] }),
    regulator: await world.key('regulator'),
  }
}

const published = async (gp: Member, start: string, end: string, more: Record<string, unknown> = {}) => {
  const answer = await gp.caller.post('/slots', slotBody(gp, start, end, more))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

const booked = async (caller: Caller, slotId: string, more: Record<string, unknown> = {}) => {
  const answer = await caller.post('/bookings', bookingBody(slotId, more))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

const outcome = (answer: Answered) => [answer.status, answer.body.code]

const idsOf = (items: readonly { id: string }[]) => items.map(({ id }) => id)

const listed = async (caller: Caller, query = '') => idsOf((await caller.get(`/bookings${query}`)).body.items)

/** The parts of a booking that only the care team of the appointment sees. */
const seenOf = (booking: Answered['body']) =>
  ['patient', 'motive', 'regulationRef'].filter((field) => field in booking)

const EVERYTHING = ['patient', 'motive', 'regulationRef']

export const bookingsSuite: Suite = (rule) => {
  describe('bookings', () => {
    rule(
      '[BOOK-3] a booking shows the slot, the patient as stored, the call and who took it',
      async (world) => {
        const { gp, regulator } = await team(world)
        const slot = await published(gp, on('10:00'), on('10:15'), { modalities: ['AMB', 'HH', 'VR'] })
        const answer = await regulator.post(
          '/bookings',
          bookingBody(slot.id, {
            modality: 'HH',
            patient: {
              ...PATIENT,
              phone: '06 39 98 00 01',
              sex: 'female',
              address: '  3 allée de l’Exemple  ',
            },
            calledAt: '2026-11-23T06:55:00Z',
          }),
        )
        expect(answer.status).toBe(201)
        expect(answer.headers.get('etag')).toBe('"1"')
        const { id, ...booking } = answer.body
        expect(id).toMatch(/^book_[0-9a-z]{26}$/)
        expect(booking).toEqual({
          slotId: slot.id,
          practitionerId: gp.id,
          siteId: gp.siteId,
          start: on('10:00'),
          end: on('10:15'),
          modality: 'HH',
          status: 'booked',
          regulationRef: 'DRM-0001',
          motive: { code: 'fever', text: 'depuis hier' },
          requestedDelay: 'same_day',
          calledAt: '2026-11-23T07:55:00+01:00',
          operator: { id: 'op-1', name: 'Opérateur Un' },
          createdAt: '2026-11-23T08:00:00+01:00',
          patient: { ...PATIENT, sex: 'female', address: '3 allée de l’Exemple' },
          version: 1,
        })
        for (const caller of [regulator, gp.caller])
          expect((await caller.get(`/bookings/${id}`)).body).toEqual(answer.body)
      },
    )

    rule(
      '[BOOK-1] of fifty who book one place at once, one has it and the others are offered what is left',
      async (world) => {
        const { gp, colleague } = await team(world)
        const regulators = await Promise.all(Array.from({ length: 5 }, () => world.key('regulator')))
        const slot = await published(gp, on('10:00'), on('10:15'))
        const others: string[] = []
        for (let i = 0; i < 7; i++)
          others.push((await published(i % 2 ? gp : colleague, on(`1${i + 1}:00`), on(`1${i + 1}:15`))).id)
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, i) => regulators[i % 5]!.post('/bookings', bookingBody(slot.id))),
        )
        expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
        const refused = answers.filter(({ status }) => status !== 201)
        for (const answer of refused) {
          expect(outcome(answer)).toEqual([409, 'slot_taken'])
          const offered = answer.body.alternatives.map((found: { slot: { id: string } }) => found.slot.id)
          expect(offered).toEqual(others.slice(0, 5))
        }
        expect(await listed(world.admin)).toHaveLength(1)
        for (const id of others.slice(0, 5)) await booked(regulators[0]!, id)
      },
    )

    rule('[BOOK-1] a slot of three places is given to three', async (world) => {
      const { gp, regulator } = await team(world)
      const slot = await published(gp, on('10:00'), on('11:00'), { capacity: 3 })
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => regulator.post('/bookings', bookingBody(slot.id))),
      )
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
      expect(answers.filter(({ body }) => body.code === 'slot_taken')).toHaveLength(17)
      expect((await gp.caller.get(`/slots/${slot.id}`)).body).toMatchObject({ taken: 3, status: 'full' })
    })

    rule(
      '[BOOK-12] alternatives are what the caller would find, the same way of being seen, not the slot itself',
      async (world) => {
        const { gp, colleague, stranger, regulator } = await team(world)
        const slot = await published(gp, on('10:00'), on('10:15'), {
          modalities: ['AMB', 'VR'],
          audiences: ['PRO'],
        })
        await booked(regulator, slot.id)
        const video = await published(gp, on('11:00'), on('11:15'), {
          modalities: ['VR'],
          audiences: ['SNP', 'PRO'],
        })
        const practice = await published(colleague, on('12:00'), on('12:15'), { audiences: ['SNP'] })
        const offered = async (caller: Caller, more: Record<string, unknown>) => {
          const answer = await caller.post('/bookings', bookingBody(slot.id, more))
          expect(outcome(answer)).toEqual([409, 'slot_taken'])
          return answer.body.alternatives.map((found: { slot: { id: string } }) => found.slot.id)
        }
        expect(await offered(regulator, { modality: 'VR' })).toEqual([video.id])
        expect(await offered(regulator, { modality: 'AMB' })).toEqual([practice.id])
        expect(await offered(regulator, {})).toEqual([practice.id])
        expect(await offered(stranger.caller, { modality: 'VR' })).toEqual([video.id])
        expect(await offered(stranger.caller, {})).toEqual([])
      },
    )

    rule('[BOOK-4] withdrawn is 410, started 422, any hold 409, absent 404', async (world) => {
      const { gp, regulator } = await team(world)
      const open = await published(gp, on('10:00'), on('10:15'))
      const withdrawn = await published(gp, on('11:00'), on('11:15'))
      await gp.caller.post(`/slots/${withdrawn.id}/withdraw`)
      const attempt = (slotId: string, more = {}) => regulator.post('/bookings', bookingBody(slotId, more))
      expect(outcome(await attempt(withdrawn.id))).toEqual([410, 'slot_withdrawn'])
      expect(outcome(await attempt(`slot_${ABSENT}`))).toEqual([404, 'not_found'])
      expect(outcome(await attempt(open.id, { holdId: `hold_${ABSENT}` }))).toEqual([409, 'hold_invalid'])
      expect((await attempt(open.id, { holdId: 'hold_x' })).status).toBe(400)
      world.clock.set('2026-11-24T09:59:59+01:00')
      expect(await dreamtRefusal(world, regulator, open.id)).toBeUndefined()
      world.clock.set(on('10:00'))
      expect(outcome(await attempt(open.id))).toEqual([422, 'slot_started'])
      expect(await listed(world.admin)).toEqual([])
    })

    rule(
      '[BOOK-4] a modality that is not offered, or a visit without an address, is refused',
      async (world) => {
        const { gp, regulator } = await team(world)
        const practice = await published(gp, on('10:00'), on('10:15'))
        const visit = await published(gp, on('11:00'), on('11:15'), { modalities: ['HH'] })
        const either = await published(gp, on('12:00'), on('12:15'), {
          modalities: ['HH', 'AMB'],
          capacity: 2,
        })
        const attempt = (slotId: string, more = {}) => regulator.post('/bookings', bookingBody(slotId, more))
        expect(outcome(await attempt(practice.id, { modality: 'VR' }))).toEqual([422, 'modality_not_offered'])
        for (const answer of [await attempt(visit.id), await attempt(either.id, { modality: 'HH' })]) {
          expect(outcome(answer)).toEqual([422, 'address_required'])
          expect(answer.body.errors[0].path).toBe('patient.address')
        }
        const address = { patient: { ...PATIENT, address: '3 allée de l’Exemple' } }
        expect(await booked(regulator, visit.id, address)).toMatchObject({ modality: 'HH' })
        expect(await booked(regulator, either.id)).toMatchObject({ modality: 'AMB' })
        expect(await booked(regulator, either.id, { ...address, modality: 'HH' })).toMatchObject({
          modality: 'HH',
        })
      },
    )

    rule('[BOOK-5] the same person within 48 h is a warning, however the name is written', async (world) => {
      const { gp, colleague, regulator } = await team(world)
      const first = await published(gp, on('10:00', '2026-11-26'), on('10:15', '2026-11-26'))
      const person = (family: string, given: string, birthDate = '1980-02-29') => ({
        patient: { ...PATIENT, family, given, birthDate },
      })
      expect(await booked(regulator, first.id, person('Le-Goff', 'Élodie Anne'))).not.toHaveProperty(
        'warnings',
      )
      let minute = 0
      const warningsAt = async (start: string, more: Record<string, unknown>, member = colleague) => {
        const end = new Date(Date.parse(start) + 60_000).toISOString()
        const slot = await published(member, start, end)
        const booking = await booked(regulator, slot.id, more)
        await regulator.post(`/bookings/${booking.id}/cancel`, { reason: 'duplicate' })
        await member.caller.post(`/slots/${slot.id}/withdraw`)
        return booking.warnings
      }
      const soon = () => `2026-11-26T11:${String(minute++).padStart(2, '0')}:00+01:00`
      for (const [family, given] of [
        ['Le-Goff', 'Élodie Anne'],
        ['LE GOFF', 'ELODIE ANNE'],
        ['le goff', 'élodie-anne'],
        ['Le Goff', 'E\u0301lodie-Anne'],
        ['Legoff', 'Elodieanne'],
      ] as const) {
        expect(await warningsAt(soon(), person(family, given)), `${family} ${given}`).toEqual([
          'possible_duplicate',
        ])
        expect(await warningsAt(soon(), person(family, given), gp)).toEqual(['possible_duplicate'])
      }
      for (const other of [
        person('Le Goff', 'Élodie Anne', '1980-02-28'),
        person('Le Goff', 'Élodie'),
        person('Goff', 'Élodie Anne'),
        person('Élodie Anne', 'Le Goff'),
      ])
        expect(await warningsAt(soon(), other)).toBeUndefined()
      const same = person('Le Goff', 'Élodie Anne')
      expect(await warningsAt('2026-11-24T10:01:00+01:00', same)).toEqual(['possible_duplicate'])
      expect(await warningsAt('2026-11-24T10:00:00+01:00', same)).toBeUndefined()
      expect(await warningsAt('2026-11-28T09:59:00+01:00', same)).toEqual(['possible_duplicate'])
      expect(await warningsAt('2026-11-28T10:00:00+01:00', same)).toBeUndefined()
    })

    rule('[BOOK-5] a cancelled booking is no duplicate, and the warning is told once', async (world) => {
      const { gp, regulator } = await team(world)
      const slot = await published(gp, on('10:00'), on('11:00'), { capacity: 3 })
      const first = await booked(regulator, slot.id)
      const second = await booked(regulator, slot.id)
      expect(second.warnings).toEqual(['possible_duplicate'])
      expect((await regulator.get(`/bookings/${second.id}`)).body).not.toHaveProperty('warnings')
      for (const { id } of [first, second])
        await regulator.post(`/bookings/${id}/cancel`, { reason: 'duplicate' })
      expect(await booked(regulator, slot.id)).not.toHaveProperty('warnings')
    })

    rule(
      '[BOOK-6] an age that the slot is not for is a warning: age on the day of the appointment',
      async (world) => {
        const { gp, regulator } = await team(world)
        const slot = await published(gp, on('10:00'), on('11:00'), { capacity: 9, minAge: 3, maxAge: 15 })
        const warnings = async (birthDate: string) =>
          (await booked(regulator, slot.id, { patient: { ...PATIENT, birthDate } })).warnings
        expect(await warnings('2010-11-25')).toBeUndefined()
        expect(await warnings('2010-11-24')).toEqual(['age_out_of_range'])
        expect(await warnings('2023-11-24')).toBeUndefined()
        expect(await warnings('2023-11-25')).toEqual(['age_out_of_range'])
        expect(await warnings('2023-11-25')).toEqual(['possible_duplicate', 'age_out_of_range'])
      },
    )

    rule(
      '[BOOK-7] a GP books for a patient of theirs what is open to professionals, and then sees no patient',
      async (world) => {
        const { gp, colleague, stranger, regulator } = await team(world)
        const slot = await published(gp, on('10:00'), on('10:15'), { audiences: ['PRO'] })
        const booking = await booked(stranger.caller, slot.id)
        expect(seenOf(booking)).toEqual([])
        expect(await listed(stranger.caller)).toEqual([booking.id])
        expect((await stranger.caller.get(`/bookings/${booking.id}`)).body).toEqual(booking)
        expect(seenOf((await gp.caller.get(`/bookings/${booking.id}`)).body)).toEqual(EVERYTHING)
        // Not the SAS's: it did not send this patient.
        for (const caller of [regulator, colleague.caller]) {
          expect((await caller.get(`/bookings/${booking.id}`)).status).toBe(404)
          expect(await listed(caller)).toEqual([])
        }
        const community = await published(gp, on('11:00'), on('11:15'), { audiences: ['CPTS'] })
        expect((await stranger.caller.post('/bookings', bookingBody(community.id))).status).toBe(404)
        await booked(colleague.caller, community.id)
        const own = await published(gp, on('12:00'), on('12:15'), { audiences: ['PUBLIC'] })
        expect(seenOf(await booked(gp.caller, own.id))).toEqual(EVERYTHING)
      },
    )

    rule('[BOOK-7] a slot kept for the SAS is absent for other GPs and not for its own', async (world) => {
      const { gp, colleague, coordinator } = await team(world)
      const auditor = await world.key('auditor')
      const slot = await published(gp, on('10:00'), on('10:15'))
      const absent = await colleague.caller.post('/bookings', bookingBody(`slot_${ABSENT}`))
      const foreign = await colleague.caller.post('/bookings', bookingBody(slot.id))
      expect([foreign.status, foreign.text]).toEqual([404, absent.text])
      expect(outcome(await gp.caller.post('/bookings', bookingBody(slot.id)))).toEqual([
        422,
        'slot_not_for_caller',
      ])
      for (const caller of [coordinator, auditor])
        expect(outcome(await caller.post('/bookings', bookingBody(slot.id)))).toEqual([403, 'forbidden'])
      const community = await published(gp, on('11:00'), on('11:15'), { audiences: ['CPTS'] })
      const regulator = await world.key('regulator')
      expect((await regulator.post('/bookings', bookingBody(community.id))).status).toBe(404)
      expect(await listed(world.admin)).toEqual([])
    })

    rule('[BOOK-8] whoever the booking exists for may cancel it; the seat is free at once', async (world) => {
      const { gp, stranger, coordinator, regulator } = await team(world)
      const slot = await published(gp, on('10:00'), on('10:15'), { audiences: ['SNP', 'PRO'] })
      const cases = [
        [regulator, regulator, 'regulator', true],
        [regulator, gp.caller, 'practitioner', true],
        [regulator, coordinator, 'coordinator', false],
        [regulator, world.admin, 'admin', false],
        [stranger.caller, stranger.caller, 'practitioner', false],
      ] as const
      for (const [maker, caller, by, seesNote] of cases) {
        const booking = await booked(maker, slot.id)
        const cancelled = await caller.post(`/bookings/${booking.id}/cancel`, {
          reason: 'patient',
          note: 'va mieux',
        })
        expect(cancelled.status).toBe(200)
        expect(cancelled.body).toMatchObject({
          id: booking.id,
          status: 'cancelled',
          cancelled: { at: '2026-11-23T08:00:00+01:00', reason: 'patient', by },
          version: 2,
        })
        expect(cancelled.body.cancelled.note).toBe(seesNote ? 'va mieux' : undefined)
        expect((await gp.caller.get(`/bookings/${booking.id}`)).body.cancelled.note).toBe('va mieux')
        expect((await gp.caller.get(`/slots/${slot.id}`)).body).toMatchObject({ taken: 0, status: 'open' })
        const again = await caller.post(`/bookings/${booking.id}/cancel`, { reason: 'duplicate' })
        expect(outcome(again)).toEqual([409, 'not_active'])
      }
      expect(await listed(world.admin, '?status=cancelled')).toHaveLength(cases.length)
    })

    rule(
      '[BOOK-8] a foreign booking is cancelled like an absent one, and a note is free text of 280',
      async (world) => {
        const { gp, colleague, stranger, outsider, regulator } = await team(world)
        const slot = await published(gp, on('10:00'), on('10:15'))
        const booking = await booked(regulator, slot.id)
        const absent = await regulator.post(`/bookings/book_${ABSENT}/cancel`, { reason: 'patient' })
        expect(outcome(absent)).toEqual([404, 'not_found'])
        for (const caller of [colleague.caller, stranger.caller, outsider]) {
          const answer = await caller.post(`/bookings/${booking.id}/cancel`, { reason: 'patient' })
          expect([answer.status, answer.text]).toEqual([404, absent.text])
        }
        for (const body of [
          {},
          { reason: 'weather' },
          { reason: 'patient', note: 'x'.repeat(281) },
          { reason: 'patient', by: 'me' },
        ])
          expect((await regulator.post(`/bookings/${booking.id}/cancel`, body)).status).toBe(400)
        expect((await regulator.get(`/bookings/${booking.id}`)).body).toMatchObject({
          status: 'booked',
          version: 1,
        })
      },
    )

    rule(
      '[BOOK-8] of twenty who cancel at once one does, and of twenty who then book one has the seat',
      async (world) => {
        const { gp, regulator } = await team(world)
        const slot = await published(gp, on('10:00'), on('10:15'))
        const booking = await booked(regulator, slot.id)
        const twenty = <T>(call: () => Promise<T>) => Promise.all(Array.from({ length: 20 }, call))
        const cancels = await twenty(() =>
          regulator.post(`/bookings/${booking.id}/cancel`, { reason: 'patient' }),
        )
        expect(cancels.map(({ status }) => status).sort()).toEqual([
          200,
          ...Array.from({ length: 19 }, () => 409),
        ])
        const again = await twenty(() => regulator.post('/bookings', bookingBody(slot.id)))
        expect(again.filter(({ status }) => status === 201)).toHaveLength(1)
      },
    )

    rule(
      '[BOOK-9] lists go by start, filter by time, status and practitioner, and page without loss',
      async (world) => {
        const { gp, colleague, regulator } = await team(world)
        const made: string[] = []
        for (let i = 0; i < 4; i++)
          for (const member of [gp, colleague]) {
            const slot = await published(member, on(`1${i}:00`), on(`1${i}:15`), { capacity: 2 })
            for (let seat = 0; seat < 2; seat++) made.push((await booked(regulator, slot.id)).id)
          }
        const whole = (await regulator.get('/bookings?limit=200')).body
        expect(whole.next).toBeNull()
        expect(new Set(idsOf(whole.items))).toEqual(new Set(made))
        expect(whole.items.map(({ start }: { start: string }) => start)).toEqual(
          [0, 1, 2, 3].flatMap((i) => Array.from({ length: 4 }, () => on(`1${i}:00`))),
        )
        for (const size of [1, 3, 4, 15, 16, 17])
          expect(idsOf(await everyPage(regulator, '/bookings', size)), `pages of ${size}`).toEqual(
            idsOf(whole.items),
          )
        const [first, second] = whole.items
        await regulator.post(`/bookings/${first.id}/cancel`, { reason: 'patient' })
        const text = (instant: string) => encodeURIComponent(instant)
        expect(await listed(regulator, '?status=cancelled')).toEqual([first.id])
        expect(await listed(regulator, '?status=booked')).toHaveLength(15)
        expect(await listed(regulator, '?status=fulfilled')).toEqual([])
        expect(await listed(regulator, `?practitioner=${gp.id}`)).toHaveLength(8)
        expect(await listed(regulator, `?from=${text(on('12:00'))}`)).toHaveLength(8)
        expect(await listed(regulator, `?to=${text(on('11:00'))}`)).toHaveLength(4)
        expect(await listed(regulator, `?from=${text(on('10:01'))}&to=${text(on('12:00'))}`)).toHaveLength(4)
        expect(
          await listed(
            regulator,
            `?to=${text(on('11:00'))}&status=booked&practitioner=${second.practitionerId}`,
          ),
        ).toContain(second.id)
        for (const bad of ['?status=held', '?from=2026-11-24', '?limit=201', '?patient=Fictive'])
          expect((await regulator.get(`/bookings${bad}`)).status, bad).toBe(400)
      },
    )

    rule('[BOOK-9] each role lists its own bookings, and reads no other', async (world) => {
      const { gp, stranger, coordinator, outsider, regulator } = await team(world)
      const auditor = await world.key('auditor')
      const ofGp = await booked(regulator, (await published(gp, on('10:00'), on('10:15'))).id)
      const ofStranger = await booked(regulator, (await published(stranger, on('11:00'), on('11:15'))).id)
      const absent = await regulator.get(`/bookings/book_${ABSENT}`)
      expect(outcome(absent)).toEqual([404, 'not_found'])
      const scopes = [
        [world.admin, [ofGp.id, ofStranger.id]],
        [regulator, [ofGp.id, ofStranger.id]],
        [coordinator, [ofGp.id]],
        [outsider, [ofStranger.id]],
        [gp.caller, [ofGp.id]],
        [stranger.caller, [ofStranger.id]],
      ] as const
      for (const [caller, ids] of scopes) {
        expect(await listed(caller)).toEqual(ids)
        for (const { id } of [ofGp, ofStranger]) {
          const answer = await caller.get(`/bookings/${id}`)
          expect(answer.status).toBe(ids.includes(id) ? 200 : 404)
          if (answer.status === 404) expect(answer.text).toBe(absent.text)
        }
      }
      expect((await auditor.get('/bookings')).status).toBe(403)
      expect((await auditor.get(`/bookings/${ofGp.id}`)).status).toBe(403)
    })

    rule(
      '[BOOK-10] the patient, motive and file are for the GP of the slot and for the SAS that sent them',
      async (world) => {
        const { gp, coordinator, regulator } = await team(world)
        const another = await world.key('regulator')
        const slot = await published(gp, on('10:00'), on('10:15'))
        const { id } = await booked(regulator, slot.id)
        const sees: readonly (readonly [Caller, string[]])[] = [
          [regulator, EVERYTHING],
          [another, EVERYTHING],
          [gp.caller, EVERYTHING],
          [coordinator, []],
          [world.admin, []],
        ]
        for (const [caller, fields] of sees) {
          expect(seenOf((await caller.get(`/bookings/${id}`)).body)).toEqual(fields)
          expect(seenOf((await caller.get('/bookings')).body.items[0])).toEqual(fields)
        }
        const byAdmin = await published(gp, on('11:00'), on('11:15'))
        expect(seenOf(await booked(world.admin, byAdmin.id))).toEqual([])
        for (const [caller] of sees.slice(3)) {
          const answer = await caller.get('/bookings')
          for (const word of [
            'Fictive',
            'Alix',
            '1980-02-29',
            '639980001',
            'fever',
            'depuis hier',
            'DRM-0001',
          ])
            expect(answer.text).not.toContain(word)
        }
      },
    )

    rule(
      '[BOOK-10] the SAS sees its patient until seven days after the end, the GP from then on alone',
      async (world) => {
        const { gp, regulator } = await team(world)
        const slot = await published(gp, on('10:00'), on('10:15'))
        const { id } = await booked(regulator, slot.id)
        world.clock.set('2026-12-01T10:15:00+01:00')
        expect(seenOf((await regulator.get(`/bookings/${id}`)).body)).toEqual(EVERYTHING)
        world.clock.advance(1)
        const late = await regulator.get(`/bookings/${id}`)
        expect([late.status, seenOf(late.body)]).toEqual([200, []])
        expect(seenOf((await regulator.get('/bookings')).body.items[0])).toEqual([])
        expect(seenOf((await gp.caller.get(`/bookings/${id}`)).body)).toEqual(EVERYTHING)
      },
    )

    rule(
      '[BOOK-11] a body out of the contract is a 400 that says where, and repeats nothing',
      async (world) => {
        const { gp, regulator } = await team(world)
        const slot = await published(gp, on('10:00'), on('10:15'))
        const good = bookingBody(slot.id)
        const patient = (more: Record<string, unknown>) => ({ ...good, patient: { ...PATIENT, ...more } })
        const bad: readonly (readonly [Record<string, unknown>, string])[] = [
          [patient({ nir: '280029999999999' }), 'patient'],
          [patient({ family: '' }), 'patient.family'],
          [patient({ family: '   ' }), 'patient.family'],
          [patient({ family: 'x'.repeat(81) }), 'patient.family'],
          [patient({ given: 'a\nb' }), 'patient.given'],
          [patient({ given: undefined }), 'patient.given'],
          [patient({ birthDate: '1980-02-30' }), 'patient.birthDate'],
          [patient({ birthDate: '29/02/1980' }), 'patient.birthDate'],
          [patient({ phone: '0639' }), 'patient.phone'],
          [patient({ phone: '+0639980001' }), 'patient.phone'],
          [patient({ sex: 'F' }), 'patient.sex'],
          [{ ...good, motive: { code: 'cancer' } }, 'motive.code'],
          [{ ...good, motive: { code: 'fever', text: 'x'.repeat(141) } }, 'motive.text'],
          [{ ...good, regulationRef: undefined }, 'regulationRef'],
          [{ ...good, regulationRef: 'x'.repeat(65) }, 'regulationRef'],
          [{ ...good, requestedDelay: '72h' }, 'requestedDelay'],
          [{ ...good, calledAt: '2026-11-23T08:00:00' }, 'calledAt'],
          [{ ...good, operator: { id: 'op-1' } }, 'operator.name'],
          [{ ...good, operator: undefined }, 'operator'],
          [{ ...good, modality: 'XX' }, 'modality'],
          [{ ...good, slotId: gp.id }, 'slotId'],
          [{ ...good, status: 'fulfilled' }, ''],
        ]
        for (const [body, path] of bad) {
          const answer = await regulator.post('/bookings', body)
          expect(outcome(answer), JSON.stringify(body)).toEqual([400, 'invalid_request'])
          expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(path)
          for (const word of ['280029999999999', 'Fictive', 'Alix', '1980-02-30', '29/02/1980', 'cancer'])
            expect(answer.text).not.toContain(word)
        }
        expect(
          (await regulator.post('/bookings', { ...good, motive: { code: 'fever', text: 'x'.repeat(140) } }))
            .status,
        ).toBe(201)
      },
    )

    rule('[BOOK-13] a patient born after today is refused, one born today is not', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      const regulator = await world.key('regulator')
      const slot = await gp.caller.post(
        '/slots',
        slotBody(gp, '2026-11-23T17:00:00+01:00', '2026-11-23T17:15:00+01:00'),
      )
      const born = (birthDate: string) =>
        regulator.post(
          '/bookings',
          bookingBody(slot.body.id, {
            patient: { family: 'Fictive', given: 'Alix', birthDate, phone: '+33639980001' },
          }),
        )
      expect((await born('2026-11-24')).body).toMatchObject({ status: 422, code: 'invalid_birth_date' })
      expect((await born('2026-11-23')).status).toBe(201)
    })
  })
}

/** Why a booking by this caller would be refused, without making it. */
const dreamtRefusal = (world: World, caller: Caller, slotId: string) => {
  const actor = actorOf(world, caller)
  return dream(world, (as) =>
    refusalOf(() => book(as(actor), bookingBody(slotId) as unknown as BookingInput)),
  )
}
