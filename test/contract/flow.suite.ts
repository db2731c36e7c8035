import { describe, expect } from 'vitest'
import { bookingBody, makeCommunity, makeGp, slotBody } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'

export const flowSuite: Suite = (rule) => {
  describe('the main job', () => {
    rule(
      '[BOOK-1] a slot is found, booked once, seen by its GP and gone for everybody else',
      async (world) => {
        const nanterre = await makeCommunity(world, '92050')
        const gp = await makeGp(world, nanterre)
        const regulator = await world.key('regulator')
        const slot = await gp.caller.post(
          '/slots',
          slotBody(gp, '2026-11-23T17:00:00+01:00', '2026-11-23T17:15:00+01:00'),
        )
        expect(slot.status).toBe(201)
        expect(slot.body).toMatchObject({ status: 'open', capacity: 1, taken: 0 })
        const series = await gp.caller.post('/series', {
          practitionerId: gp.id,
          siteId: gp.siteId,
          rrule: 'FREQ=WEEKLY;BYDAY=MO,TH',
          localStart: '2026-11-23T18:00',
          durationMinutes: 60,
          slotMinutes: 15,
        })
        expect(series.body).toMatchObject({ occurrences: { created: 16 } })

        const found = await regulator.get('/availability?commune=92050')
        expect(found.body.items).toHaveLength(5)
        const booking = await regulator.post('/bookings', bookingBody(slot.body.id))
        expect(booking.status).toBe(201)
        expect(booking.body).toMatchObject({ status: 'booked', patient: { family: 'Fictive' } })

        const again = await regulator.post('/bookings', bookingBody(slot.body.id))
        expect(again.status).toBe(409)
        expect(again.body).toMatchObject({ code: 'slot_taken' })
        expect(again.body.alternatives).toHaveLength(4)
        const left = await regulator.get('/availability?commune=92050')
        expect(left.body.items).toHaveLength(4)

        const seen = await gp.caller.get('/bookings')
        expect(seen.body.items[0].patient).toMatchObject({ family: 'Fictive', phone: '+33639980001' })
        const verified = await world.admin.get('/audit/verify')
        expect(verified.body).toMatchObject({ ok: true })
        expect(world.logged.filter(({ level }) => level === 'error')).toEqual([])
      },
    )
  })
}
