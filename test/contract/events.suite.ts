import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { DEFAULT_RULES } from '../../src/attachment/grid/rules.ts'
import type { Db } from '../../src/db/db.ts'
import { append, CHAIN_START, listEvents, verifyNext } from '../../src/events/actions.ts'
import { GENESIS, hashOf } from '../../src/events/rules.ts'
import { EVENT_TYPES } from '../../src/events/vocabulary.ts'
import { intakeBody, makeRequest, OF_CLASS } from '../support/allocations.ts'
import { actorOf, dream, everyPage } from '../support/attempt.ts'
import { bookingBody, makeCommunity, makeGp, rppsOf, slotBody } from '../support/members.ts'
import { propose } from '../support/proposals.ts'
import type { Suite } from '../support/runtime.ts'
import { CENSUS, person, requestBody, rulesBody } from '../support/attachment.ts'
import { typeBody } from '../support/sectors.ts'
import { COMMUNES, SYSTEM, type Answered, type Caller, type World } from '../support/world.ts'

const on = (clock: string, day = '2026-11-24') => `${day}T${clock}:00+01:00`

interface Entry {
  readonly seq: number
  readonly id: string
  readonly type: string
  readonly at: string
  readonly actor: string
  readonly subject: string
  readonly practitionerId: string | null
  readonly data: Record<string, unknown>
  readonly prev: string
  readonly hash: string
}

const audit = (world: World): Promise<Entry[]> => everyPage(world.admin, '/audit', 200)

const nameOf = (world: World, caller: Caller) => {
  const actor = actorOf(world, caller)
  return actor.kind === 'key' ? `${actor.role}:${actor.keyId}` : `system:${actor.name}`
}

/** The events that a call adds. */
const during = async (world: World, call: () => Promise<unknown>): Promise<Entry[]> => {
  const before = (await audit(world)).length
  await call()
  return (await audit(world)).slice(before)
}

const verify = (db: Db) => {
  let state = { ...CHAIN_START, done: false }
  while (!state.done) state = verifyNext(db, state)
  return state
}

const TRIGGERS = ['events_no_update', 'events_no_delete', 'events_in_order']

/** Puts the guards away, as somebody with the file in hand would. */
const disarm = (db: Db) => {
  for (const trigger of TRIGGERS) db.run(sql.raw(`drop trigger ${trigger}`))
}

const site = {
  name: 'Cabinet',
  line: '1 rue de l’Exemple',
  postalCode: '92000',
  city: 'Nanterre',
  insee: '92050',
  lat: 48.9,
  lon: 2.2,
  phone: '+33199000001',
}

export const eventsSuite: Suite = (rule) => {
  describe('events', () => {
    rule(
      '[EVENT-1] each operation that succeeds writes one event, by its caller, on its object',
      async (world) => {
        const { admin } = world
        const seen = new Set((await audit(world)).map(({ type }) => type))
        const run = async (
          type: string,
          call: () => Promise<Answered>,
          subjectOf = (body: Answered['body']) => body.id as string,
          caller = admin,
        ) => {
          let answer: Answered | undefined
          const events = await during(world, async () => (answer = await call()))
          expect(answer!.status, `${type} ${answer!.text}`).toBeLessThan(300)
          expect(events.map((event) => event.type)).toEqual([type])
          expect(events[0]).toMatchObject({ actor: nameOf(world, caller), at: '2026-11-23T08:00:00+01:00' })
          expect(events[0]!.subject).toBe(subjectOf(answer!.body))
          seen.add(type)
          return answer!.body
        }
        const commune = { ...COMMUNES[0]!, population: 98_000 }
        await run(
          'communes.loaded',
          () => admin.put('/communes', { items: [commune] }),
          () => '92',
        )
        const cpts = await run('community.created', () =>
          admin.post('/communities', { name: 'CPTS', communes: ['92050'] }),
        )
        await run('community.updated', () =>
          admin.patch(`/communities/${cpts.id}`, { name: 'CPTS de Nanterre' }),
        )
        const coordinator = await world.key('coordinator', { communityIds: [cpts.id] })
        const gp = await run(
          'practitioner.created',
          () =>
            coordinator.post('/practitioners', {
              rpps: rppsOf(987_654_321),
              family: 'Fictif',
              given: 'Dominique',
              profession: 'GP',
              communityIds: [cpts.id],
              sites: [site],
            }),
          undefined,
          coordinator,
        )
        await run('practitioner.updated', () =>
          admin.patch(`/practitioners/${gp.id}`, { weeklyTargetMinutes: 60, acceptsOverbooking: true }),
        )
        await run('site.added', () => admin.post(`/practitioners/${gp.id}/sites`, site))
        const key = await run('key.created', () =>
          admin.post('/keys', { role: 'practitioner', label: 'GP', practitionerId: gp.id }),
        )
        await run('key.rotated', () => admin.post(`/keys/${key.id}/rotate`, {}))
        const practitioner = world.as(key.key)
        const body = (start: string, end: string) => ({
          practitionerId: gp.id,
          siteId: gp.sites[0].id,
          start,
          end,
        })
        const slot = await run(
          'slot.published',
          () => practitioner.post('/slots', body(on('10:00'), on('10:15'))),
          undefined,
          practitioner,
        )
        const batch = { slots: [body(on('11:00'), on('11:15')), body(on('12:00'), on('12:15'))] }
        await run(
          'slots.published',
          () => practitioner.post('/slots/batch', batch),
          ({ items }) => items[0].id,
          practitioner,
        )
        const release = { minutesBefore: 10_080, to: ['PRO'] }
        const widened = (await practitioner.post('/slots', { ...body(on('16:00'), on('16:15')), release }))
          .body
        const released = await during(world, () => world.tick())
        expect(released).toMatchObject([{ type: 'slot.released', actor: 'system:tick', subject: widened.id }])
        seen.add('slot.released')
        const series = await run(
          'series.created',
          () =>
            coordinator.post('/series', {
              practitionerId: gp.id,
              siteId: gp.sites[0].id,
              rrule: 'FREQ=DAILY',
              localStart: '2026-11-24T15:00',
              durationMinutes: 30,
              slotMinutes: 15,
            }),
          undefined,
          coordinator,
        )
        const regulator = await world.key('regulator')
        const booking = await run(
          'booking.created',
          () => regulator.post('/bookings', bookingBody(slot.id)),
          undefined,
          regulator,
        )
        await run(
          'slot.withdrawn',
          () => practitioner.post(`/slots/${slot.id}/withdraw`),
          undefined,
          practitioner,
        )
        await run(
          'booking.cancelled',
          () => regulator.post(`/bookings/${booking.id}/cancel`, { reason: 'patient' }),
          undefined,
          regulator,
        )
        const free = async (hour: string) =>
          String((await practitioner.post('/slots', body(on(`${hour}:00`), on(`${hour}:15`)))).body.id)
        const leased = await free('13')
        const lease = await run(
          'hold.created',
          () => regulator.post(`/slots/${leased}/holds`),
          undefined,
          regulator,
        )
        await run('hold.extended', () => regulator.post(`/holds/${lease.id}/extend`), undefined, regulator)
        await run(
          'hold.released',
          () => regulator.delete(`/holds/${lease.id}`),
          () => lease.id,
          regulator,
        )
        const moving = (await regulator.post('/bookings', bookingBody(leased))).body
        const elsewhere = await free('14')
        await run(
          'booking.moved',
          () => regulator.post(`/bookings/${moving.id}/move`, { slotId: elsewhere }),
          undefined,
          regulator,
        )
        await practitioner.post(`/slots/${elsewhere}/withdraw`)
        await run(
          'booking.acknowledged',
          () => practitioner.post(`/bookings/${moving.id}/acknowledge`),
          undefined,
          practitioner,
        )
        const [held] = await world.act(({ db }) =>
          db.all<{ id: string }>(sql`select identity_id as id from bookings where id = ${booking.id}`),
        )
        await run(
          'identity.erased',
          () => practitioner.post(`/bookings/${booking.id}/erase`, { requestedBy: 'patient' }),
          () => held!.id,
          practitioner,
        )
        world.clock.set('2026-11-24T08:00:00+01:00')
        const extended = await during(world, () => world.tick())
        expect(extended).toMatchObject([
          { type: 'series.extended', actor: 'system:tick', subject: series.id },
        ])
        seen.add('series.extended')
        world.clock.set('2026-11-23T08:00:00+01:00')
        await run(
          'series.edited',
          () =>
            coordinator.post(`/series/${series.id}/edit`, {
              scope: 'this',
              from: '2026-11-26',
              change: { capacity: 2 },
            }),
          () => series.id,
          coordinator,
        )
        await run(
          'series.ended',
          () => coordinator.post(`/series/${series.id}/end`, { from: '2026-12-01' }),
          undefined,
          coordinator,
        )
        await run(
          'coverage_plan.set',
          () => admin.put(`/communities/${cpts.id}/coverage-plan`, { wanted: [] }),
          () => cpts.id,
        )
        const sector = await run('sector.created', () =>
          admin.post('/sectors', { name: 'Secteur', communes: ['92050'], communityIds: [cpts.id] }),
        )
        const ofSector = () => sector.id as string
        const under = (what: string) => `/sectors/${sector.id}${what}`
        await run('sector.updated', () => admin.patch(under(''), { restHours: 12 }))
        await run(
          'shift_types.set',
          () => coordinator.put(under('/shift-types'), [typeBody()]),
          ofSector,
          coordinator,
        )
        const listed = [{ practitionerId: gp.id, share: 100, from: '2026-11-01' }]
        await run('sector_members.set', () => admin.put(under('/members'), listed), ofSector)
        const days = { practitionerId: gp.id, from: '2026-12-01', to: '2026-12-31' }
        const restriction = await run(
          'restriction.added',
          () => practitioner.post(under('/restrictions'), { ...days, source: 'self', class: 'age' }),
          undefined,
          practitioner,
        )
        await run('restriction.ended', () =>
          admin.post(under(`/restrictions/${restriction.id}/end`), { to: '2026-12-24' }),
        )
        const wish = await run('wish.added', () => admin.post(under('/wishes'), { ...days, want: 'avoid' }))
        await run(
          'wish.removed',
          () => practitioner.delete(under(`/wishes/${wish.id}`)),
          () => wish.id,
          practitioner,
        )
        const absence = await run('absence.added', () => admin.post(under('/absences'), days))
        await run(
          'absence.removed',
          () => admin.delete(under(`/absences/${absence.id}`)),
          () => absence.id,
        )
        const period = { sectorId: sector.id, from: '2027-01-04', to: '2027-01-10', exceptional: true }
        const draft = await run(
          'rota.created',
          () => coordinator.post('/rotas', period),
          undefined,
          coordinator,
        )
        await run(
          'rota.deleted',
          () => coordinator.delete(`/rotas/${draft.id}`),
          () => draft.id,
          coordinator,
        )
        const rota = await run('rota.created', () => admin.post('/rotas', period))
        const ofRota = () => rota.id as string
        await run('rota.generated', () => admin.post(`/rotas/${rota.id}/generate`), ofRota)
        const { items: shifts } = (await admin.get(`/rotas/${rota.id}/shifts`)).body
        await run(
          'rota.changed',
          () => admin.put(`/shifts/${shifts[0].id}/places/1`, { practitionerId: null }),
          ofRota,
        )
        await run(
          'rota.transitioned',
          () => admin.post(`/rotas/${rota.id}/transition`, { to: 'consultation' }),
          ofRota,
        )
        for (const to of ['validated', 'sent_to_cdom', 'published'])
          await run('rota.transitioned', () => admin.post(`/rotas/${rota.id}/transition`, { to }), ofRota)
        const call = { kind: 'open', shiftId: shifts[1].id, place: 1 }
        const swap = await run('swap.asked', () => practitioner.post('/swaps', call), undefined, practitioner)
        await run(
          'swap.cancelled',
          () => practitioner.post(`/swaps/${swap.id}/cancel`, {}),
          undefined,
          practitioner,
        )
        const declined = await run('swap.asked', () => admin.post('/swaps', call))
        await run('swap.declined', () => admin.post(`/swaps/${declined.id}/decline`, {}))
        await run('sector.updated', () => admin.patch(under(''), { approvalForSwaps: true }))
        const outside = { name: 'Fictif', rpps: rppsOf(123_456_789), phone: '+33199000005' }
        const accepted = await run(
          'swap.accepted',
          () => practitioner.post('/swaps', { ...call, kind: 'replacement', outside }),
          undefined,
          practitioner,
        )
        await run('swap.done', () => admin.post(`/swaps/${accepted.id}/approve`, {}))
        await run(
          'en_sus_rules.set',
          () => admin.put('/en-sus/rules', { waveSeconds: 60, nearestCount: 5, radiusKm: 10 }),
          () => '92',
        )
        const wanted = {
          commune: '92050',
          modality: 'AMB',
          motive: { code: 'fever' },
          requestedDelay: '24h',
          regulationRef: 'DRM-0002',
        }
        const askEnSus = () =>
          run('en_sus.requested', () => regulator.post('/en-sus', wanted), undefined, regulator)
        const [taken, refused] = [await askEnSus(), await askEnSus()]
        await run(
          'en_sus.accepted',
          () => practitioner.post(`/en-sus/${taken.id}/accept`),
          undefined,
          practitioner,
        )
        await run('en_sus.closed', () => regulator.post(`/en-sus/${taken.id}/close`), undefined, regulator)
        // The last to decline also ends it: two things have happened.
        const ended = await during(world, () => practitioner.post(`/en-sus/${refused.id}/decline`))
        expect(ended.map(({ type }) => type)).toEqual(['en_sus.declined', 'en_sus.expired'])
        for (const { type } of ended) seen.add(type)
        const hook = await run('webhook.created', () =>
          admin.post('/webhooks', { url: 'https://a.example/', types: ['coverage_plan.set'] }),
        )
        world.outgoing.answer = () => ({ status: 410 })
        await admin.put(`/communities/${cpts.id}/coverage-plan`, { wanted: [] })
        const failed = await during(world, () => world.tick())
        expect(failed).toMatchObject([
          { type: 'webhook.delivery_failed', actor: 'system:tick', subject: hook.id },
        ])
        seen.add('webhook.delivery_failed')
        await run(
          'webhook.replayed',
          () => admin.post(`/webhooks/${hook.id}/replay`),
          () => hook.id,
        )
        await run(
          'webhook.deleted',
          () => admin.delete(`/webhooks/${hook.id}`),
          () => hook.id,
        )
        await run(
          'notice_preferences.set',
          () => practitioner.put(`/practitioners/${gp.id}/notices`, { subjects: ['booking'] }),
          () => gp.id,
          practitioner,
        )
        const feed = await run(
          'feed.created',
          () => practitioner.post('/feeds', { kind: 'my-slots' }),
          undefined,
          practitioner,
        )
        await run(
          'feed.revoked',
          () => practitioner.delete(`/feeds/${feed.id}`),
          () => feed.id,
          practitioner,
        )
        const agenda =
          'BEGIN:VCALENDAR|BEGIN:VEVENT|DTSTART:20261129T170000Z|DURATION:PT15M|END:VEVENT|END:VCALENDAR'
        const imported = await during(world, () =>
          practitioner.post('/slots/import', {
            practitionerId: gp.id,
            siteId: gp.sites[0].id,
            calendar: agenda.replaceAll('|', '\r\n'),
            commit: true,
          }),
        )
        expect(imported).toMatchObject([
          {
            type: 'slots.imported',
            actor: nameOf(world, practitioner),
            practitionerId: gp.id,
            data: { slotIds: [imported[0]?.subject] },
          },
        ])
        seen.add('slots.imported')
        await run(
          'intake.set',
          () => practitioner.put(`/practitioners/${gp.id}/intake`, intakeBody()),
          () => gp.id,
          practitioner,
        )
        const waits = await makeRequest(world, cpts.id, { flags: [OF_CLASS[1]] })
        const simulate = () =>
          run(
            'allocation.simulated',
            () => coordinator.post('/allocations', { communityId: cpts.id }),
            undefined,
            coordinator,
          )
        const discarded = await simulate()
        await run('allocation.discarded', () => admin.post(`/allocations/${discarded.id}/discard`))
        const allocation = await simulate()
        await run('allocation.adjusted', () =>
          admin.post(`/allocations/${allocation.id}/adjust`, {
            requestId: waits,
            practitionerId: gp.id,
            lock: true,
            reason: 'essai',
          }),
        )
        // Each practitioner is told of what they are proposed, and all of the publication.
        const sent = await during(world, () => coordinator.post(`/allocations/${allocation.id}/publish`))
        expect(sent).toMatchObject([
          { type: 'proposal.sent', subject: allocation.id, practitionerId: gp.id },
          { type: 'allocation.published', actor: nameOf(world, coordinator), subject: allocation.id },
        ])
        for (const { type } of sent) seen.add(type)
        const ofProposal = async (
          verb: string,
          type: string,
          body: unknown = {},
          { caller = practitioner, isAccepted = true } = {},
        ) => {
          const id = await propose(world, cpts.id, await makeRequest(world, cpts.id), gp.id)
          if (isAccepted) await practitioner.post(`/proposals/${id}/accept`)
          await run(type, () => caller.post(`/proposals/${id}/${verb}`, body), undefined, caller)
        }
        const first = { isAccepted: false }
        await ofProposal('accept', 'proposal.accepted', {}, first)
        await ofProposal('refuse', 'proposal.refused', { reason: 'distance' }, first)
        await ofProposal('contact', 'proposal.contacted', { channel: 'phone', reached: false })
        await ofProposal('patient-declined', 'proposal.declined')
        await ofProposal('declare', 'proposal.declared', { at: '2026-11-23' })
        await ofProposal('withdraw', 'proposal.withdrawn', {}, { caller: coordinator })
        const request = (more?: Record<string, unknown>) =>
          run(
            'mt_request.created',
            () => coordinator.post('/mt-requests', requestBody(cpts.id, more)),
            undefined,
            coordinator,
          )
        const household = await request()
        const onRequest = (verb: string) => `/mt-requests/${household.id}${verb}`
        await run('mt_request.updated', () => admin.patch(onRequest(''), { maxKm: 5 }))
        const { consent } = requestBody(cpts.id)
        await run('mt_request.member_added', () =>
          admin.post(onRequest('/members'), { ...person({ given: 'Camille' }), consent }),
        )
        const gone = await during(world, () =>
          admin.post(onRequest('/members/1/leave'), { reason: 'deceased' }),
        )
        expect(gone.map(({ type }) => type)).toEqual(['identity.erased', 'mt_request.member_left'])
        seen.add('mt_request.member_left')
        const attempt = { channel: 'phone', reached: false }
        for (let i = 0; i < 2; i++)
          await run('mt_request.contacted', () => admin.post(onRequest('/contacts'), attempt))
        // The last attempt in vain also gives the household up: two things have happened.
        const lost = await during(world, () =>
          admin.post(onRequest('/contacts'), { ...attempt, channel: 'sms' }),
        )
        expect(lost.map(({ type }) => type)).toEqual(['mt_request.contacted', 'mt_request.unreachable'])
        seen.add('mt_request.unreachable')
        await run('mt_request.reopened', () => admin.patch(onRequest(''), { state: 'waiting' }))
        await run('mt_request.withdrawn', () => admin.post(onRequest('/withdraw'), { reason: 'moved' }))
        const forgotten = await during(world, () => admin.post(onRequest('/erase')))
        expect(forgotten.map(({ type }) => type)).toEqual(['identity.erased', 'mt_request.erased'])
        seen.add('mt_request.erased')
        const census = await during(world, () =>
          coordinator.post('/mt-requests/import', undefined, {
            raw: CENSUS,
            headers: { 'content-type': 'text/csv' },
          }),
        )
        expect(census).toMatchObject([
          { type: 'mt_request.created', actor: nameOf(world, coordinator) },
          { type: 'mt_requests.imported', actor: nameOf(world, coordinator), subject: cpts.id },
        ])
        seen.add('mt_requests.imported')
        await run(
          'allocation_rules.set',
          () =>
            coordinator.put(
              `/communities/${cpts.id}/allocation-rules`,
              rulesBody({ grid: DEFAULT_RULES.grid }),
            ),
          () => cpts.id,
          coordinator,
        )
        await run(
          'key.revoked',
          () => admin.delete(`/keys/${key.id}`),
          () => key.id,
        )
        // Told by time or by a new key alone: the suite of retention sees them.
        // So are holds that run out and outcomes, which the clock of this test does not reach.
        for (const type of [
          'access_log.purged',
          'key_ring.rotated',
          'hold.expired',
          'booking.outcome_recorded',
          'en_sus.wave_started',
          'rota.alarm',
          'swap.expired',
          // The suite of requests sees these: they are told by time, by other rules or by the last of many refusals.
          'mt_request.classed',
          'mt_request.reminded',
          'mt_request.escalated',
          // The suite of proposals sees these: they are told by time, or end what others expect as well.
          'proposal.reminded',
          'proposal.expired',
          'proposal.unreachable',
          'proposal.stale',
          'proposal.erased',
        ])
          seen.add(type)
        expect(seen).toEqual(new Set(EVENT_TYPES))
      },
    )

    rule(
      '[EVENT-2] reading, being refused, replaying and ticking for nothing write no event',
      async (world) => {
        const cpts = await makeCommunity(world, '92050')
        const gp = await makeGp(world, cpts)
        const stranger = await makeGp(world, await makeCommunity(world, '92063'), '92063')
        const regulator = await world.key('regulator')
        const slotOf = async (start: string, end: string) =>
          (await gp.caller.post('/slots', slotBody(gp, start, end))).body
        const [slot, withdrawn] = [
          await slotOf(on('10:00'), on('10:15')),
          await slotOf(on('11:00'), on('11:15')),
        ]
        await gp.caller.post(`/slots/${withdrawn.id}/withdraw`)
        const once = { idempotencyKey: 'once-and-only-once' }
        const booking = (await regulator.post('/bookings', bookingBody(slot.id), once)).body
        const series = (
          await gp.caller.post('/series', {
            practitionerId: gp.id,
            siteId: gp.siteId,
            rrule: 'FREQ=DAILY',
            localStart: '2026-11-24T15:00',
            durationMinutes: 30,
            slotMinutes: 15,
          })
        ).body
        await gp.caller.post(`/series/${series.id}/end`, { from: '2026-12-01' })
        const quiet: readonly (readonly [string, () => Promise<Answered | void>, number?])[] = [
          ['replay', () => regulator.post('/bookings', bookingBody(slot.id), once), 201],
          ['key reused', () => regulator.post('/bookings', bookingBody(withdrawn.id), once), 422],
          ['no key', () => regulator.post('/bookings', bookingBody(slot.id), { idempotencyKey: null }), 428],
          ['taken', () => regulator.post('/bookings', bookingBody(slot.id)), 409],
          ['withdrawn', () => regulator.post('/bookings', bookingBody(withdrawn.id)), 410],
          ['foreign slot', () => stranger.caller.post('/bookings', bookingBody(slot.id)), 404],
          ['malformed', () => regulator.post('/bookings', {}), 400],
          ['overlap', () => gp.caller.post('/slots', slotBody(gp, on('10:00'), on('10:15'))), 409],
          ['interval', () => gp.caller.post('/slots', slotBody(gp, on('10:00'), on('09:00'))), 422],
          ['forbidden', () => regulator.post('/slots', slotBody(gp, on('14:00'), on('14:15'))), 403],
          [
            'batch',
            () =>
              gp.caller.post('/slots/batch', {
                slots: [slotBody(gp, on('14:00'), on('14:15')), slotBody(gp, on('10:00'), on('10:15'))],
              }),
            409,
          ],
          ['withdraw twice', () => gp.caller.post(`/slots/${withdrawn.id}/withdraw`), 409],
          ['foreign withdraw', () => stranger.caller.post(`/slots/${slot.id}/withdraw`), 404],
          ['end twice', () => gp.caller.post(`/series/${series.id}/end`, { from: '2026-12-01' }), 409],
          [
            'foreign cancel',
            () => stranger.caller.post(`/bookings/${booking.id}/cancel`, { reason: 'patient' }),
            404,
          ],
          ['commune', () => world.admin.post('/communities', { name: 'Encore', communes: ['92050'] }), 409],
          [
            'stale',
            () =>
              world.admin.patch(`/communities/${cpts}`, { name: 'X' }, { headers: { 'if-match': '"9"' } }),
            412,
          ],
          ['read', () => gp.caller.get('/bookings'), 200],
          ['search', () => regulator.get('/availability?commune=92050'), 200],
          ['tick', () => world.tick().then(() => undefined)],
        ]
        for (const [what, call, status] of quiet) {
          const events = await during(world, async () => {
            const answer = await call()
            expect(answer?.status, what).toBe(status)
          })
          expect(events, what).toEqual([])
        }
      },
    )

    rule(
      '[EVENT-3] the chain has no hole, each event hashed over the one before, and verifies',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        const regulator = await world.key('regulator')
        const slot = await gp.caller.post('/slots', slotBody(gp, on('10:00'), on('11:00'), { capacity: 7 }))
        await Promise.all(
          Array.from({ length: 20 }, () => regulator.post('/bookings', bookingBody(slot.body.id))),
        )
        const entries = await audit(world)
        expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => i + 1))
        expect(entries.map(({ prev }) => prev)).toEqual([
          GENESIS,
          ...entries.slice(0, -1).map(({ hash }) => hash),
        ])
        expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length)
        expect(entries.filter(({ type }) => type === 'booking.created')).toHaveLength(7)
        for (const { hash } of entries) expect(hash).toMatch(/^[0-9a-f]{64}$/)
        const verified = (await world.admin.get('/audit/verify')).body
        expect(verified).toEqual({ ok: true, count: entries.length, head: entries.at(-1)!.hash })
      },
    )

    rule('[EVENT-3] a chain longer than one stretch of the check verifies to its end', async (world) => {
      const outcome = await dream(world, (as) => {
        const ctx = as(SYSTEM)
        for (let i = 0; i < 2_100; i++)
          append(ctx, { type: 'communes.loaded', subject: '92', data: { count: i } })
        const whole = verify(ctx.db)
        disarm(ctx.db)
        ctx.db.run(sql`update events set subject = '93' where seq = 2050`)
        return { whole, broken: verify(ctx.db), last: listEvents(ctx, { after: whole.count - 1, limit: 2 }) }
      })
      expect(outcome.whole.count).toBeGreaterThan(2_100)
      expect(outcome.whole.brokenAt).toBeUndefined()
      expect(outcome.last).toHaveLength(1)
      expect(outcome.whole.head).toBe(outcome.last[0]!.hash)
      expect(outcome.broken.brokenAt).toBe(2050)
    })

    rule('[EVENT-4] whatever is changed in whatever event is found at its place', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      const regulator = await world.key('regulator')
      const slot = await gp.caller.post('/slots', slotBody(gp, on('10:00'), on('11:00'), { capacity: 5 }))
      for (let i = 0; i < 4; i++) await regulator.post('/bookings', bookingBody(slot.body.id))
      const count = (await audit(world)).length
      expect(count).toBeGreaterThan(8)
      const place = fc.integer({ min: 1, max: count })
      const flipped = (hex: string) => `${hex.slice(0, 10)}${hex[10] === '0' ? '1' : '0'}${hex.slice(11)}`
      const set = (column: string, change: (old: never) => unknown) => ({ column, change })
      const edits = fc.constantFrom(
        set('id', (old: string) => `${old}x`),
        set('type', (old: string) => (old === 'key.created' ? 'key.revoked' : 'key.created')),
        set('at', (old: number) => old + 1),
        set('actor', (old: string) => `${old} `),
        set('subject', (old: string) => old.slice(1)),
        set('practitioner_id', (old: string | null) => (old === null ? 'prac_x' : null)),
        set('data', (old: string) => JSON.stringify({ ...(JSON.parse(old) as object), added: null })),
        set('data', (old: string) => (old === '{}' ? '[]' : '{}')),
        set('prev', (old: string) => flipped(old)),
        set('hash', (old: string) => flipped(old)),
        set('seq', () => count + 7),
      )
      interface Tampering {
        readonly brokenAt: number
        readonly run: (db: Db) => void
      }
      const edited = fc.tuple(place, edits).map(([seq, { column, change }]): Tampering => ({
        brokenAt: seq,
        run: (db) => {
          const name = sql.identifier(column)
          const [row] = db.all<{ old: never }>(sql`select ${name} as old from events where seq = ${seq}`)
          db.run(sql`update events set ${name} = ${change(row!.old)} where seq = ${seq}`)
        },
      }))
      const deleted = fc.integer({ min: 1, max: count - 1 }).map((seq): Tampering => ({
        brokenAt: seq,
        run: (db) => {
          db.run(sql`delete from events where seq = ${seq}`)
        },
      }))
      const closedUp = fc.integer({ min: 1, max: count - 1 }).map((seq): Tampering => ({
        brokenAt: seq,
        run: (db) => {
          db.run(sql`delete from events where seq = ${seq}`)
          for (let later = seq + 1; later <= count; later++)
            db.run(sql`update events set seq = ${later - 1} where seq = ${later}`)
        },
      }))
      const reordered = fc
        .uniqueArray(place, { minLength: 2, maxLength: 2 })
        .map((pair) => [Math.min(...pair), Math.max(...pair)] as const)
        .map(([a, b]): Tampering => ({
          brokenAt: a,
          run: (db) => {
            db.run(sql`update events set seq = ${-a} where seq = ${a}`)
            db.run(sql`update events set seq = ${a} where seq = ${b}`)
            db.run(sql`update events set seq = ${b} where seq = ${-a}`)
          },
        }))
      // Somebody who knows how the hash is made has to make all that follow again.
      const rehashed = fc.integer({ min: 1, max: count - 1 }).map((seq): Tampering => ({
        brokenAt: seq + 1,
        run: (db) => {
          db.run(sql`update events set actor = 'nobody' where seq = ${seq}`)
          const [row] = db.all<Record<string, string>>(sql`select * from events where seq = ${seq}`)
          const { practitioner_id, data, at, ...rest } = row!
          const event = {
            ...rest,
            at: Number(at),
            practitionerId: practitioner_id ?? null,
            data: JSON.parse(data!),
          }
          db.run(sql`update events set hash = ${hashOf({ ...event, seq } as never)} where seq = ${seq}`)
        },
      }))
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(edited, deleted, closedUp, reordered, rehashed),
          async ({ brokenAt, run }) => {
            const outcome = await dream(world, (as) => {
              const { db } = as(SYSTEM)
              disarm(db)
              const before = verify(db)
              run(db)
              return { before, after: verify(db) }
            })
            expect(outcome.before).toMatchObject({ count, done: true })
            expect(outcome.before.brokenAt).toBeUndefined()
            expect(outcome.after.brokenAt).toBe(brokenAt)
            expect(outcome.after.count).toBe(brokenAt - 1)
          },
        ),
        { seed: 71, numRuns: 150 },
      )
    })

    rule('[EVENT-4] a broken chain is told by the operation, with the place', async (world) => {
      await makeCommunity(world, '92050')
      const whole = (await world.admin.get('/audit/verify')).body
      await world.act(({ db }) => {
        disarm(db)
        db.run(sql`update events set data = '{}' where seq = 2`)
      })
      const broken = (await world.admin.get('/audit/verify')).body
      expect(broken).toMatchObject({ ok: false, count: 1, brokenAt: 2 })
      expect(broken.head).not.toBe(whole.head)
    })

    rule('[EVENT-5] what is cut off the end shows against a count and head kept elsewhere', async (world) => {
      await makeCommunity(world, '92050')
      const whole = (await world.admin.get('/audit/verify')).body
      const cut = await dream(world, (as) => {
        const { db } = as(SYSTEM)
        disarm(db)
        db.run(sql`delete from events where seq = ${whole.count}`)
        return verify(db)
      })
      expect(cut.brokenAt).toBeUndefined()
      expect([cut.count, cut.head]).not.toEqual([whole.count, whole.head])
      expect(cut.count).toBe(whole.count - 1)
    })

    rule('[EVENT-6] the database refuses to change, delete or misplace an event', async (world) => {
      const before = await audit(world)
      const row = (
        seq: number,
      ) => sql`insert into events (seq, id, type, at, actor, subject, data, prev, hash)
        values (${seq}, 'evnt_x', 'key.created', 1, 'a', 's', '{}', 'p', 'h')`
      for (const statement of [
        sql`update events set actor = 'nobody' where seq = 1`,
        sql`update events set seq = 1000 where seq = 1`,
        sql`delete from events where seq = 1`,
        sql`delete from events`,
        row(before.length + 2),
        row(0),
        row(1),
        sql`insert or replace into events (seq, id, type, at, actor, subject, data, prev, hash)
          values (1, 'evnt_x', 'key.created', 1, 'a', 's', '{}', 'p', 'h')`,
      ])
        await expect(
          world.act(({ db }) => {
            db.run(statement)
          }),
        ).rejects.toThrow()
      expect(await audit(world)).toEqual(before)
      const next = await dream(world, (as) => {
        const { db } = as(SYSTEM)
        db.run(row(before.length + 1))
        return verify(db)
      })
      // The trigger holds the order; the hash is what holds the content.
      expect(next.brokenAt).toBe(before.length + 1)
    })

    rule('[EVENT-7] the feed is read from any place on, in order, page by page', async (world) => {
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      for (let i = 0; i < 9; i++) await gp.caller.post('/slots', slotBody(gp, on(`1${i}:00`), on(`1${i}:15`)))
      const whole = (await world.admin.get('/events?limit=200')).body
      expect(whole.next).toBeNull()
      for (const size of [1, 2, 5, whole.items.length, 200])
        expect(await everyPage(world.admin, '/events', size)).toEqual(whole.items)
      const last = whole.items.at(-1)
      expect(Object.keys(last).sort()).toEqual(['actor', 'at', 'data', 'id', 'seq', 'subject', 'type'])
      expect((await world.admin.get(`/events?after=${last.seq}`)).body).toEqual({ items: [], next: null })
      const { body: more } = await world.admin.get(`/events?after=${last.seq - 2}&limit=1`)
      expect(more).toEqual({ items: [whole.items.at(-2)], next: String(last.seq - 1) })
      // What happens meanwhile comes after, where a reader that waits at the end finds it.
      await gp.caller.post('/slots', slotBody(gp, on('19:00'), on('19:15')))
      expect((await world.admin.get(`/events?after=${last.seq}`)).body.items).toMatchObject([
        { seq: Number(last.seq) + 1 },
      ])
    })

    rule(
      '[EVENT-8] the audit shows the whole chain or the life of one object, to the admin alone',
      async (world) => {
        const gp = await makeGp(world, await makeCommunity(world, '92050'))
        const regulator = await world.key('regulator')
        const slot = (await gp.caller.post('/slots', slotBody(gp, on('10:00'), on('10:15')))).body
        const booking = (await regulator.post('/bookings', bookingBody(slot.id))).body
        await gp.caller.post(`/bookings/${booking.id}/cancel`, { reason: 'practitioner' })
        const life = await everyPage(world.admin, `/audit?subject=${booking.id}`, 1)
        expect(life).toMatchObject([
          { type: 'booking.created', actor: nameOf(world, regulator), practitionerId: gp.id },
          { type: 'booking.cancelled', actor: nameOf(world, gp.caller), practitionerId: gp.id },
        ])
        const whole = await audit(world)
        expect(whole.filter(({ subject }) => subject === booking.id)).toEqual(life)
        expect((await world.admin.get('/audit?subject=book_nothing')).body).toEqual({ items: [], next: null })
        const coordinator = await world.key('coordinator', { communityIds: [gp.communityId] })
        const auditor = await world.key('auditor')
        for (const caller of [gp.caller, regulator, coordinator, auditor])
          for (const path of ['/audit', '/audit/verify']) expect((await caller.get(path)).status).toBe(403)
      },
    )
  })
}
