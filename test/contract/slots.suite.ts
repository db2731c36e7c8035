import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { book, type BookingInput } from '../../src/bookings/actions.ts'
import { plus } from '../../src/kernel/time.ts'
import { publishSlot, publishSlots } from '../../src/slots/actions.ts'
import { AUDIENCES } from '../../src/slots/vocabulary.ts'
import { actorOf, dream, everyPage, refusalOf } from '../support/attempt.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { at, SYSTEM, type Caller, type World } from '../support/world.ts'

const ABSENT = '01kakq0t5ae3vshb4ka6e0x0m1'
const MINUTE = 60_000

/** An instant of the day after the clock's, or of another. */
const on = (clock: string, day = '2026-11-24') => `${day}T${clock}:00+01:00`

const team = async (world: World) => {
  const cpts = await makeCommunity(world, '92050')
  const neighbours = await makeCommunity(world, '92063')
  return {
    cpts,
    neighbours,
    gp: await makeGp(world, cpts),
    colleague: await makeGp(world, cpts),
    stranger: await makeGp(world, neighbours, '92063'),
    coordinator: await world.key('coordinator', { communityIds: [cpts] }),
    regulator: await world.key('regulator'),
  }
}

const published = async (gp: Member, start: string, end: string, more: Record<string, unknown> = {}) => {
  const answer = await gp.caller.post('/slots', slotBody(gp, start, end, more))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

const idsOf = (items: readonly { id: string }[]) => items.map(({ id }) => id)

const listed = async (caller: Caller, query = '') => idsOf((await caller.get(`/slots${query}`)).body.items)

export const slotsSuite: Suite = (rule) => {
  describe('slots', () => {
    rule(
      '[SLOT-1] a practitioner publishes for itself, a coordinator for a member, an admin for anybody',
      async (world) => {
        const { gp, coordinator } = await team(world)
        const callers = [gp.caller, coordinator, world.admin]
        for (const [hour, caller] of callers.entries()) {
          const answer = await caller.post('/slots', slotBody(gp, on(`1${hour}:00`), on(`1${hour}:15`)))
          expect(answer.status).toBe(201)
          expect(answer.headers.get('etag')).toBe('"1"')
          expect(answer.body).toMatchObject({ practitionerId: gp.id, start: on(`1${hour}:00`) })
          expect((await caller.get(`/slots/${answer.body.id}`)).body).toEqual(answer.body)
        }
        const regulator = await world.key('regulator')
        const refused = await regulator.post('/slots', slotBody(gp, on('14:00'), on('14:15')))
        expect([refused.status, refused.body.code]).toEqual([403, 'forbidden'])
      },
    )

    rule(
      '[SLOT-1] a foreign practitioner or site is answered word for word like an absent one',
      async (world) => {
        const { gp, colleague, stranger, coordinator } = await team(world)
        const [start, end] = [on('10:00'), on('10:15')]
        const absentGp = await gp.caller.post('/slots', {
          practitionerId: `prac_${ABSENT}`,
          siteId: gp.siteId,
          start,
          end,
        })
        const absentSite = await gp.caller.post('/slots', {
          practitionerId: gp.id,
          siteId: `site_${ABSENT}`,
          start,
          end,
        })
        expect([absentGp.status, absentSite.status]).toEqual([404, 404])
        const foreign = [
          [await gp.caller.post('/slots', slotBody(colleague, start, end)), absentGp],
          [await coordinator.post('/slots', slotBody(stranger, start, end)), absentGp],
          [
            await gp.caller.post('/slots', { ...slotBody(gp, start, end), siteId: colleague.siteId }),
            absentSite,
          ],
          [
            await world.admin.post('/slots', { ...slotBody(gp, start, end), siteId: colleague.siteId }),
            absentSite,
          ],
        ] as const
        for (const [answer, absent] of foreign)
          expect([answer.status, answer.text]).toEqual([404, absent.text])
        expect(await listed(world.admin)).toEqual([])
      },
    )

    rule(
      '[SLOT-1] a slot names CPTS of the territory, a neighbouring one too, and no absent one',
      async (world) => {
        const { gp, cpts, neighbours } = await team(world)
        const slot = await published(gp, on('10:00'), on('10:15'), {
          audiences: ['CPTS'],
          communityIds: [cpts, neighbours, cpts],
        })
        expect(slot.communityIds).toEqual([cpts, neighbours])
        const absent = await gp.caller.post(
          '/slots',
          slotBody(gp, on('11:00'), on('11:15'), { communityIds: [cpts, `cpts_${ABSENT}`] }),
        )
        expect([absent.status, absent.body.code]).toEqual([404, 'not_found'])
      },
    )

    rule('[SLOT-2] what the publisher leaves out has its default', async (world) => {
      const { gp, cpts } = await team(world)
      const slot = await published(gp, on('10:00'), on('10:15'))
      const { id, ...rest } = slot
      expect(id).toMatch(/^slot_[0-9a-z]{26}$/)
      expect(rest).toEqual({
        practitionerId: gp.id,
        siteId: gp.siteId,
        start: on('10:00'),
        end: on('10:15'),
        status: 'open',
        capacity: 1,
        taken: 0,
        audiences: ['SNP'],
        communityIds: [cpts],
        modalities: ['AMB'],
        appointmentType: 'ROUTINE',
        motives: [],
        origin: 'single',
        version: 1,
      })
    })

    rule('[SLOT-2] what the publisher says is kept, each code once', async (world) => {
      const { gp, cpts } = await team(world)
      const terms = {
        capacity: 3,
        communityIds: [cpts],
        appointmentType: 'WALKIN',
        motives: ['otite', 'fièvre de l’enfant'],
        minAge: 0,
        maxAge: 15,
        release: { minutesBefore: 120, to: ['PRO', 'PUBLIC'] },
      }
      const slot = await published(gp, on('10:00'), on('12:00'), {
        ...terms,
        audiences: ['PRO', 'SNP', 'PRO'],
        modalities: ['VR', 'AMB', 'VR'],
      })
      expect(slot).toMatchObject({ ...terms, audiences: ['PRO', 'SNP'], modalities: ['AMB', 'VR'] })
      const back = await published(gp, on('14:00'), on('15:00'), {
        release: { minutesBefore: 0, to: 'practitioner' },
      })
      expect(back.release).toEqual({ minutesBefore: 0, to: 'practitioner' })
      expect((await gp.caller.get(`/slots/${slot.id}`)).body).toEqual(slot)
    })

    rule('[SLOT-2] instants come in with any offset and go out with that of the territory', async (world) => {
      const { gp } = await team(world)
      const slot = await published(gp, '2026-11-24T09:00Z', '2026-11-24T04:15:00-05:00')
      expect([slot.start, slot.end]).toEqual([on('10:00'), on('10:15')])
      const summer = await published(gp, '2027-07-01T10:00:00+02:00', '2027-07-01T08:15Z')
      expect([summer.start, summer.end]).toEqual(['2027-07-01T10:00:00+02:00', '2027-07-01T10:15:00+02:00'])
    })

    rule(
      '[SLOT-3] an interval reversed, empty, past or longer than 24 h is refused; 24 h is not',
      async (world) => {
        const { gp } = await team(world)
        const refused = [
          [on('11:00'), on('10:00')],
          [on('11:00'), on('11:00')],
          ['2026-11-23T07:59:59+01:00', '2026-11-23T09:00:00+01:00'],
          ['2025-11-23T10:00:00+01:00', '2025-11-23T11:00:00+01:00'],
          [on('10:00'), '2026-11-25T10:00:01+01:00'],
          [on('10:00'), '2027-11-25T10:00:00+01:00'],
        ] as const
        for (const [start, end] of refused) {
          const answer = await gp.caller.post('/slots', slotBody(gp, start, end))
          expect([answer.status, answer.body.code], `${start} ${end}`).toEqual([422, 'invalid_interval'])
          expect(answer.headers.get('content-type')).toBe('application/problem+json')
        }
        await published(gp, on('10:00'), on('10:00', '2026-11-25'))
        // 24 hours of elapsed time, over the night of 25 hours.
        await published(gp, '2027-10-30T12:00:00+02:00', '2027-10-31T11:00:00+01:00')
        const civilDay = await gp.caller.post(
          '/slots',
          slotBody(gp, '2028-10-28T12:00:00+02:00', '2028-10-29T12:00:00+01:00'),
        )
        expect(civilDay.body.code).toBe('invalid_interval')
      },
    )

    rule(
      '[SLOT-4] two slots of a practitioner that share time: 409 with the id of the other',
      async (world) => {
        const { gp } = await team(world)
        const other = await published(gp, on('10:00'), on('11:00'))
        for (const [start, end] of [
          ['10:00', '11:00'],
          ['09:30', '10:01'],
          ['10:59', '11:30'],
          ['10:15', '10:30'],
          ['09:00', '12:00'],
        ] as const) {
          const answer = await gp.caller.post('/slots', slotBody(gp, on(start), on(end)))
          expect([answer.status, answer.body.code, answer.body.slotId]).toEqual([
            409,
            'slot_overlap',
            other.id,
          ])
        }
        // Publication looks back over a whole day for a slot that is still going on.
        const long = await published(gp, on('12:00'), on('12:00', '2026-11-25'))
        const late = await gp.caller.post(
          '/slots',
          slotBody(gp, on('11:59', '2026-11-25'), on('12:30', '2026-11-25')),
        )
        expect(late.body.slotId).toBe(long.id)
      },
    )

    rule(
      '[SLOT-4][SLOT-5] a slot is refused exactly when it shares a minute with one kept before',
      async (world) => {
        const { gp } = await team(world)
        const span = fc
          .tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 120 }))
          .map(([start, length]) => ({ start, end: start + length }))
        await fc.assert(
          fc.asyncProperty(fc.array(span, { minLength: 2, maxLength: 12 }), async (spans) => {
            const day = at(on('08:00'))
            const outcome = await dream(world, (as) =>
              spans.map(({ start, end }) =>
                refusalOf(() =>
                  publishSlot(as(SYSTEM), {
                    practitionerId: gp.id,
                    siteId: gp.siteId,
                    start: plus(day, start * MINUTE),
                    end: plus(day, end * MINUTE),
                  }),
                ),
              ),
            )
            const kept: { start: number; end: number }[] = []
            const expected = spans.map((span) => {
              if (kept.some((one) => one.start < span.end && span.start < one.end)) return 'slot_overlap'
              kept.push(span)
              return undefined
            })
            expect(outcome).toEqual(expected)
          }),
          { seed: 41, numRuns: 80 },
        )
      },
    )

    rule(
      '[SLOT-5] slots may touch, stand beside those of others, and take the time of one withdrawn',
      async (world) => {
        const { gp, colleague } = await team(world)
        const middle = await published(gp, on('10:00'), on('11:00'))
        await published(gp, on('09:00'), on('10:00'))
        await published(gp, on('11:00'), on('12:00'))
        await published(colleague, on('10:00'), on('11:00'))
        expect((await gp.caller.post(`/slots/${middle.id}/withdraw`)).status).toBe(200)
        await published(gp, on('10:30'), on('10:45'))
      },
    )

    rule('[SLOT-6] a batch is published whole, in the order given', async (world) => {
      const { gp, colleague, coordinator } = await team(world)
      const slots = [
        slotBody(gp, on('11:00'), on('11:15')),
        slotBody(colleague, on('11:00'), on('11:15'), { capacity: 2 }),
        slotBody(gp, on('10:00'), on('10:15'), { audiences: ['PUBLIC'] }),
      ]
      const answer = await coordinator.post('/slots/batch', { slots })
      expect(answer.status).toBe(201)
      expect(answer.body.items).toMatchObject(slots)
      expect(new Set(await listed(coordinator))).toEqual(new Set(idsOf(answer.body.items)))
    })

    rule(
      '[SLOT-6] one refused slot refuses the batch, names its index, and leaves nothing behind',
      async (world) => {
        const { gp, colleague, cpts } = await team(world)
        const before = await published(gp, on('15:00'), on('16:00'))
        const good = slotBody(gp, on('10:00'), on('10:15'))
        const more = slotBody(gp, on('10:15'), on('10:30'))
        const cases = [
          [slotBody(gp, on('12:00'), on('11:00')), 422, 'invalid_interval'],
          [slotBody(gp, on('10:20'), on('10:40')), 409, 'slot_overlap'],
          [slotBody(gp, on('15:30'), on('15:45')), 409, 'slot_overlap'],
          [slotBody(colleague, on('10:00'), on('10:15')), 404, 'not_found'],
          [
            slotBody(gp, on('11:00'), on('11:15'), { communityIds: [cpts, `cpts_${ABSENT}`] }),
            404,
            'not_found',
          ],
        ] as const
        for (const [bad, status, code] of cases) {
          const answer = await gp.caller.post('/slots/batch', { slots: [good, more, bad] })
          expect(answer.body).toMatchObject({ status, code, index: 2 })
          expect(answer.status).toBe(status)
          expect(await listed(gp.caller)).toEqual([before.id])
        }
        const malformed = await gp.caller.post('/slots/batch', { slots: [good, { ...more, capacity: 0 }] })
        expect(malformed.status).toBe(400)
        expect(malformed.body.errors[0].path).toBe('slots.1.capacity')
        expect((await gp.caller.post('/slots/batch', { slots: [] })).status).toBe(400)
      },
    )

    rule('[SLOT-6] a batch holds 500 slots', async (world) => {
      const { gp } = await team(world)
      const first = at(on('00:00'))
      const slots = Array.from({ length: 500 }, (_, i) => ({
        practitionerId: gp.id,
        siteId: gp.siteId,
        start: plus(first, i * 5 * MINUTE),
        end: plus(first, (i + 1) * 5 * MINUTE),
      }))
      const made = await world.act((ctx) => publishSlots(ctx, slots))
      expect(made.map(({ start }) => start)).toEqual(slots.map(({ start }) => start))
      const last = { ...slots[499]!, start: slots[498]!.start }
      expect(
        await dream(world, (as) => refusalOf(() => publishSlots(as(SYSTEM), [...slots.slice(0, 499), last]))),
      ).toBe('slot_overlap')
    })

    rule('[SLOT-7] a free slot is withdrawn once, by who manages it', async (world) => {
      const { gp, colleague, stranger, coordinator, regulator } = await team(world)
      const slot = await published(gp, on('10:00'), on('10:15'))
      const path = `/slots/${slot.id}/withdraw`
      const absent = await gp.caller.post(`/slots/slot_${ABSENT}/withdraw`)
      expect([absent.status, absent.body.code]).toEqual([404, 'not_found'])
      const outsider = await world.key('coordinator', { communityIds: [stranger.communityId] })
      for (const caller of [colleague.caller, stranger.caller, outsider])
        expect((await caller.post(path)).text).toBe(absent.text)
      expect((await regulator.post(path)).status).toBe(403)
      const withdrawn = await coordinator.post(path, { reason: 'formation' })
      expect(withdrawn.status).toBe(200)
      expect(withdrawn.body).toEqual({ ...slot, status: 'withdrawn', version: 2 })
      const again = await gp.caller.post(path)
      expect([again.status, again.body.code]).toEqual([409, 'already_withdrawn'])
    })

    rule('[SLOT-7] a withdrawn slot keeps the bookings it has, flagged for someone to act', async (world) => {
      const { gp, regulator } = await team(world)
      const slot = await published(gp, on('10:00'), on('11:00'), { capacity: 3 })
      const kept = await regulator.post('/bookings', bookingBody(slot.id))
      const given = await regulator.post('/bookings', bookingBody(slot.id))
      await regulator.post(`/bookings/${given.body.id}/cancel`, { reason: 'patient' })
      const withdrawn = await gp.caller.post(`/slots/${slot.id}/withdraw`)
      expect(withdrawn.body).toMatchObject({ status: 'withdrawn', taken: 1 })
      const seen = await gp.caller.get(`/bookings/${kept.body.id}`)
      expect(seen.body).toMatchObject({
        status: 'booked',
        needsAttention: { reason: 'slot_withdrawn' },
        version: 2,
      })
      expect((await gp.caller.get(`/bookings/${given.body.id}`)).body).not.toHaveProperty('needsAttention')
      const late = await regulator.post('/bookings', bookingBody(slot.id))
      expect([late.status, late.body.code]).toEqual([410, 'slot_withdrawn'])
      const moved = await gp.caller.post(`/bookings/${kept.body.id}/cancel`, { reason: 'practitioner' })
      expect(moved.body).not.toHaveProperty('needsAttention')
    })

    rule('[SLOT-8] a slot is open, full, past or withdrawn', async (world) => {
      const { gp, regulator } = await team(world)
      const slot = await published(gp, on('10:00'), on('10:15'), { capacity: 2 })
      const status = async () => (await gp.caller.get(`/slots/${slot.id}`)).body.status
      const booking = await regulator.post('/bookings', bookingBody(slot.id))
      expect(await status()).toBe('open')
      await regulator.post('/bookings', bookingBody(slot.id))
      expect(await status()).toBe('full')
      await regulator.post(`/bookings/${booking.body.id}/cancel`, { reason: 'patient' })
      expect(await status()).toBe('open')
      world.clock.set('2026-11-24T09:59:59.999+01:00')
      expect(await status()).toBe('open')
      world.clock.set(on('10:00'))
      expect(await status()).toBe('past')
      await gp.caller.post(`/slots/${slot.id}/withdraw`)
      expect(await status()).toBe('withdrawn')
    })

    rule('[SLOT-8][SLOT-9] each status lists exactly the slots that show it', async (world) => {
      const { gp, regulator } = await team(world)
      const past = await published(gp, '2026-11-23T08:30:00+01:00', '2026-11-23T08:45:00+01:00')
      const pastWithdrawn = await published(gp, '2026-11-23T08:45:00+01:00', '2026-11-23T09:00:00+01:00')
      const full = await published(gp, on('10:00'), on('10:15'))
      const half = await published(gp, on('10:15'), on('10:30'), { capacity: 2 })
      const open = await published(gp, on('10:30'), on('10:45'))
      const withdrawn = await published(gp, on('10:45'), on('11:00'))
      for (const slot of [full, half, withdrawn]) await regulator.post('/bookings', bookingBody(slot.id))
      for (const slot of [withdrawn, pastWithdrawn]) await gp.caller.post(`/slots/${slot.id}/withdraw`)
      world.clock.set('2026-11-23T09:30:00+01:00')
      expect(await listed(gp.caller, '?status=past')).toEqual([past.id])
      expect(await listed(gp.caller, '?status=full')).toEqual([full.id])
      expect(await listed(gp.caller, '?status=open')).toEqual([half.id, open.id])
      expect(await listed(gp.caller, '?status=withdrawn')).toEqual([pastWithdrawn.id, withdrawn.id])
      for (const shown of (await gp.caller.get('/slots')).body.items)
        expect(await listed(gp.caller, `?status=${shown.status}`)).toContain(shown.id)
      expect((await gp.caller.get('/slots?status=busy')).status).toBe(400)
    })

    rule(
      '[SLOT-9] lists go by start, from included, to excluded, for one practitioner if asked',
      async (world) => {
        const { gp, colleague } = await team(world)
        const late = await published(gp, on('12:00'), on('12:15'))
        const early = await published(gp, on('10:00'), on('10:15'))
        const middle = await published(colleague, on('11:00'), on('11:15'))
        const inText = (instant: string) => encodeURIComponent(instant)
        expect(await listed(world.admin)).toEqual([early.id, middle.id, late.id])
        expect(await listed(world.admin, `?practitioner=${gp.id}`)).toEqual([early.id, late.id])
        expect(await listed(world.admin, `?from=${inText(on('11:00'))}`)).toEqual([middle.id, late.id])
        expect(await listed(world.admin, `?to=${inText(on('12:00'))}`)).toEqual([early.id, middle.id])
        expect(await listed(world.admin, `?from=${inText(on('10:01'))}&to=${inText(on('12:00'))}`)).toEqual([
          middle.id,
        ])
        for (const bad of [
          '?from=2026-11-24',
          '?limit=0',
          '?limit=201',
          '?limit=',
          '?practitioner=x',
          '?sort=start',
        ])
          expect((await world.admin.get(`/slots${bad}`)).status, bad).toBe(400)
      },
    )

    rule('[SLOT-9] paging visits every slot exactly once, whatever the page size', async (world) => {
      const { cpts } = await team(world)
      const gps = [await makeGp(world, cpts), await makeGp(world, cpts), await makeGp(world, cpts)]
      // Several slots start at the same instant: only the id tells them apart in the cursor.
      for (const gp of gps)
        await world.act((ctx) =>
          publishSlots(
            ctx,
            Array.from({ length: 7 }, (_, i) => ({
              practitionerId: gp.id,
              siteId: gp.siteId,
              start: plus(at(on('10:00')), i * 15 * MINUTE),
              end: plus(at(on('10:15')), i * 15 * MINUTE),
            })),
          ),
        )
      const whole = (await world.admin.get('/slots?limit=200')).body
      expect(whole.next).toBeNull()
      expect(whole.items).toHaveLength(21)
      for (const size of [1, 2, 4, 7, 20, 21, 22])
        expect(idsOf(await everyPage(world.admin, '/slots', size)), `pages of ${size}`).toEqual(
          idsOf(whole.items),
        )
      const mine = await everyPage(world.admin, `/slots?practitioner=${gps[1]!.id}&status=open`, 3)
      expect(mine).toHaveLength(7)
    })

    rule(
      '[SLOT-10] each role lists its own: admin all, coordinator its members, GP itself, SAS what is offered',
      async (world) => {
        const { gp, colleague, stranger, coordinator, regulator } = await team(world)
        const mine = await published(gp, on('10:00'), on('10:15'))
        const members = await published(colleague, on('10:15'), on('10:30'), { audiences: ['CPTS'] })
        const foreign = await published(stranger, on('10:30'), on('10:45'), { audiences: ['PUBLIC', 'CPTS'] })
        expect(await listed(world.admin)).toEqual([mine.id, members.id, foreign.id])
        expect(await listed(coordinator)).toEqual([mine.id, members.id])
        expect(await listed(gp.caller)).toEqual([mine.id])
        expect(await listed(regulator)).toEqual([mine.id, foreign.id])
        expect(await listed(gp.caller, `?practitioner=${stranger.id}`)).toEqual([])
        expect(await listed(coordinator, `?practitioner=${stranger.id}`)).toEqual([])
        const auditor = await world.key('auditor')
        expect((await auditor.get('/slots')).status).toBe(403)
        expect((await auditor.get(`/slots/${mine.id}`)).status).toBe(403)
      },
    )

    rule(
      '[SLOT-11] a slot is seen by those whom its audiences name, and by those who manage it',
      async (world) => {
        const { gp, colleague, stranger, coordinator, regulator, cpts } = await team(world)
        const absent = await regulator.get(`/slots/slot_${ABSENT}`)
        const outsider = await world.key('coordinator', { communityIds: [stranger.communityId] })
        const subsets = Array.from({ length: 15 }, (_, bits) =>
          AUDIENCES.filter((_, bit) => ((bits + 1) >> bit) & 1),
        )
        for (const [i, audiences] of subsets.entries()) {
          const start = plus(at(on('08:00')), i * 15 * MINUTE)
          const slot = await world.act((ctx) =>
            publishSlot(ctx, {
              practitionerId: gp.id,
              siteId: gp.siteId,
              start,
              end: plus(start, 15 * MINUTE),
              audiences,
              communityIds: [cpts],
            }),
          )
          const has = (...codes: string[]) => audiences.some((audience) => codes.includes(audience))
          const expected = [
            [regulator, has('PUBLIC', 'PRO', 'SNP')],
            [colleague.caller, has('PUBLIC', 'PRO', 'CPTS')],
            [stranger.caller, has('PUBLIC', 'PRO')],
            [outsider, false],
            [gp.caller, true],
            [coordinator, true],
            [world.admin, true],
          ] as const
          for (const [caller, sees] of expected) {
            const answer = await caller.get(`/slots/${slot.id}`)
            expect(answer.status, audiences.join()).toBe(sees ? 200 : 404)
            if (!sees) expect(answer.text).toBe(absent.text)
          }
        }
      },
    )

    rule('[SLOT-12] an unknown field or a value out of its list is a 400 that says where', async (world) => {
      const { gp } = await team(world)
      const good = slotBody(gp, on('10:00'), on('10:15'))
      const bad: readonly (readonly [Record<string, unknown>, string])[] = [
        [{ ...good, status: 'open' }, ''],
        [{ ...good, taken: 0 }, ''],
        [{ ...good, capacity: 0 }, 'capacity'],
        [{ ...good, capacity: 101 }, 'capacity'],
        [{ ...good, capacity: 1.5 }, 'capacity'],
        [{ ...good, capacity: '2' }, 'capacity'],
        [{ ...good, audiences: [] }, 'audiences'],
        [{ ...good, audiences: ['ALL'] }, 'audiences.0'],
        [{ ...good, modalities: ['XX'] }, 'modalities.0'],
        [{ ...good, appointmentType: 'EMERGENCY' }, 'appointmentType'],
        [{ ...good, minAge: 16, maxAge: 15 }, 'minAge'],
        [{ ...good, minAge: -1 }, 'minAge'],
        [{ ...good, maxAge: 131 }, 'maxAge'],
        [{ ...good, motives: [''] }, 'motives.0'],
        [{ ...good, motives: ['a\u0000b'] }, 'motives.0'],
        [{ ...good, release: { minutesBefore: -1, to: ['PRO'] } }, 'release.minutesBefore'],
        [{ ...good, release: { minutesBefore: 5, to: ['PRO'], at: 1 } }, 'release'],
        [{ ...good, start: '2026-11-24T10:00:00' }, 'start'],
        [{ ...good, start: '2026-02-30T10:00:00Z' }, 'start'],
        [{ ...good, end: 1_764_000_000_000 }, 'end'],
        [{ ...good, practitionerId: 'prac_x' }, 'practitionerId'],
        [{ ...good, practitionerId: gp.siteId }, 'practitionerId'],
        [{ ...good, siteId: null }, 'siteId'],
        [{ practitionerId: gp.id, siteId: gp.siteId, start: good.start }, 'end'],
      ]
      for (const [body, path] of bad) {
        const answer = await gp.caller.post('/slots', body)
        expect([answer.status, answer.body.code], JSON.stringify(body)).toEqual([400, 'invalid_request'])
        expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(path)
      }
      expect(await listed(gp.caller)).toEqual([])
      await published(gp, on('10:00'), on('10:15'), { minAge: 15, maxAge: 15 })
    })

    rule('[SLOT-8] what is taken is what the bookings say, however they come and go', async (world) => {
      const { gp, regulator } = await team(world)
      const slot = await published(gp, on('10:00'), on('11:00'), { capacity: 4 })
      const actor = actorOf(world, regulator)
      const input = bookingBody(slot.id) as unknown as BookingInput
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 6 }), async (tries) => {
          const outcome = await dream(world, (as) =>
            Array.from({ length: tries }, () => refusalOf(() => book(as(actor), input))),
          )
          expect(outcome).toEqual(Array.from({ length: tries }, (_, i) => (i < 4 ? undefined : 'slot_taken')))
        }),
        { seed: 42, numRuns: 10 },
      )
    })

    rule(
      '[SLOT-6][HTTP-4] a batch of 500 slots passes, every member filled in, and one of a megabyte does not',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        const start = Date.parse('2026-11-24T00:00:00Z')
        const iso = (minutes: number) => new Date(start + minutes * 60_000).toISOString()
        const slots = Array.from({ length: 500 }, (_, i) => ({
          ...slotBody(gp, iso(i * 10), iso(i * 10 + 10)),
          capacity: 1,
          audiences: ['PUBLIC', 'PRO', 'SNP', 'CPTS'],
          communityIds: [gp.communityId],
          modalities: ['AMB', 'HH', 'VR'],
          appointmentType: 'ROUTINE',
          motives: ['Petite urgence', 'Renouvellement'],
          minAge: 6,
          maxAge: 90,
          release: { minutesBefore: 120, to: ['PRO'] },
        }))
        expect((await gp.caller.post('/slots/batch', { slots })).body.items).toHaveLength(500)
        const raw = JSON.stringify({ slots, padding: 'a'.repeat(1024 * 1024) })
        expect((await gp.caller.post('/slots/batch', {}, { raw })).status).toBe(413)
      },
    )
  })
}
