import { sql } from 'drizzle-orm'
import { describe, expect } from 'vitest'
import type { Messenger } from '../../src/edge/platform.ts'
import { append } from '../../src/events/actions.ts'
import { queueNotices } from '../../src/events/notices/actions.ts'
import { NOTICE_SUBJECTS } from '../../src/events/notices/vocabulary.ts'
import { HOUR, MINUTE, SECOND } from '../../src/kernel/time.ts'
import { nextOutward } from '../../src/outward.ts'
import { goOutward } from '../../src/tick.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { SYSTEM, type Caller, type World } from '../support/world.ts'

const EMAIL = { channels: ['email'] } as const
const BOTH = { channels: ['email', 'sms'] } as const

const send = async (world: World) => expect(await goOutward(world.territory, world.platform)).toEqual([])

const prefer = async (gp: Member, wanted: Record<string, unknown>) => {
  const set = await gp.caller.put(`/practitioners/${gp.id}/notices`, wanted)
  if (set.status !== 200) throw new Error(set.text)
  return set.body
}

/** A GP who wants to be told of everything by e-mail, and a messenger that has come to the end of the journal. */
const stage = async (world: World) => {
  const communityId = await makeCommunity(world, '92050')
  const gp = await makeGp(world, communityId)
  const other = await makeGp(world, communityId)
  await prefer(gp, { email: 'gp@cabinet.example', subjects: NOTICE_SUBJECTS })
  await send(world)
  return { gp, other, regulator: await world.key('regulator') }
}

let slots = 0
const publish = async (gp: Member, more: Record<string, unknown> = {}): Promise<string> => {
  const start = new Date(Date.parse('2027-01-04T09:00:00Z') + 15 * MINUTE * slots++)
  const end = new Date(start.getTime() + 15 * MINUTE)
  const made = await gp.caller.post('/slots', slotBody(gp, start.toISOString(), end.toISOString(), more))
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id
}

const book = async (gp: Member, by: Caller, more: Record<string, unknown> = {}): Promise<string> => {
  const made = await by.post('/bookings', bookingBody(await publish(gp, more)))
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id
}

const subjects = (world: World) => world.messages.map(({ subject }) => subject)

/** Messages fail until told otherwise. */
const failing = (world: World) => {
  let isDown = true
  const { messenger } = world.platform
  const tries: string[] = []
  const port: Messenger = {
    channels: messenger!.channels,
    send: (message) => {
      tries.push(message.to)
      return isDown ? Promise.reject(new Error('421 busy')) : messenger!.send(message)
    },
  }
  Object.assign(world.platform, { messenger: port })
  return {
    tries,
    mend: () => {
      isDown = false
    },
  }
}

export const noticesSuite: Suite = (rule) => {
  describe('notices', () => {
    rule(
      '[NOTICE-1] a practitioner who did not ask is not told',
      async (world) => {
        const { other, regulator } = await stage(world)
        await book(other, regulator)
        await prefer(other, { email: 'b@cabinet.example', subjects: [] })
        await book(other, regulator)
        await prefer(other, { subjects: NOTICE_SUBJECTS })
        await book(other, regulator)
        await prefer(other, { email: 'b@cabinet.example', subjects: ['cancellation'] })
        await book(other, regulator)
        await send(world)
        expect(world.messages).toEqual([])
        await prefer(other, { email: 'b@cabinet.example', subjects: ['booking'] })
        await book(other, regulator)
        await send(world)
        expect(world.messages).toMatchObject([{ channel: 'email', to: 'b@cabinet.example' }])
      },
      EMAIL,
    )

    rule('[NOTICE-1] without a messenger nothing is sent nor queued', async (world) => {
      const { gp, regulator } = await stage(world)
      await book(gp, regulator)
      await world.tick()
      const left = await world.act(({ db }) => [
        ...db.all(sql`select 1 from notices`),
        ...db.all(sql`select 1 from cursors where reader = 'notices'`),
      ])
      expect(left).toEqual([])
      expect(nextOutward(world.territory, world.platform)).toBeUndefined()
    })

    rule(
      '[NOTICE-1] preferences are the practitioner’s and an admin’s, and say what was set',
      async (world) => {
        const { gp, other, regulator } = await stage(world)
        const path = `/practitioners/${other.id}/notices`
        const nothing = { email: null, phone: null, subjects: [], lastFailureAt: null, version: 0 }
        expect((await other.caller.get(path)).body).toEqual(nothing)
        const wanted = { phone: '06 39 98 00 07', subjects: ['en_sus', 'booking', 'booking'] }
        const set = await other.caller.put(path, wanted)
        const shown = { ...nothing, phone: '+33639980007', subjects: ['booking', 'en_sus'], version: 1 }
        expect(set.body).toEqual(shown)
        expect(set.headers.get('etag')).toBe('"1"')
        expect((await world.admin.get(path)).body).toEqual(shown)
        const stale = await other.caller.put(path, wanted, { headers: { 'if-match': '"0"' } })
        expect(stale.body).toMatchObject({ status: 412, version: 1 })
        expect((await world.admin.put(path, { email: 'x@y.example', subjects: [] })).body).toEqual({
          ...nothing,
          email: 'x@y.example',
          version: 2,
        })
        for (const answer of [await gp.caller.get(path), await gp.caller.put(path, wanted)])
          expect(answer.body).toMatchObject({ status: 404, code: 'not_found' })
        const coordinator = await world.key('coordinator', { communityIds: [other.communityId] })
        for (const caller of [regulator, coordinator]) expect((await caller.get(path)).status).toBe(403)
        for (const bad of [
          {},
          { subjects: ['weather'] },
          { subjects: [], email: 'nobody' },
          { subjects: [], email: 'a@b.example\r\nBcc: c@d.example' },
          { subjects: [], phone: '12' },
        ])
          expect((await other.caller.put(path, bad)).status).toBe(400)
        const journal = (await world.admin.get('/audit?limit=200')).text
        for (const address of ['y.example', '639980007', 'cabinet.example'])
          expect(journal).not.toContain(address)
      },
      EMAIL,
    )

    rule(
      '[NOTICE-2] bookings, their end and what upset them are told to whose they are',
      async (world) => {
        const { gp, other, regulator } = await stage(world)
        await prefer(other, { email: 'other@cabinet.example', subjects: NOTICE_SUBJECTS })
        const id = await book(gp, regulator)
        await send(world)
        expect(world.messages.map(({ to, subject }) => [to, subject])).toEqual([
          ['gp@cabinet.example', 'Nouveau rendez-vous'],
        ])
        const move = await regulator.post(`/bookings/${id}/move`, { slotId: await publish(other) })
        expect(move.status).toBe(200)
        await send(world)
        expect(world.messages.slice(1).map(({ to, subject }) => [to, subject])).toEqual([
          ['other@cabinet.example', 'Nouveau rendez-vous'],
          ['gp@cabinet.example', 'Rendez-vous annulé'],
        ])
        const slotId = (await regulator.get(`/bookings/${id}`)).body.slotId as string
        await world.admin.post(`/slots/${slotId}/withdraw`)
        await regulator.post(`/bookings/${id}/cancel`, { reason: 'patient' })
        await send(world)
        expect(world.messages.slice(3).map(({ to, subject }) => [to, subject])).toEqual([
          ['other@cabinet.example', 'Rendez-vous à revoir'],
          ['other@cabinet.example', 'Rendez-vous annulé'],
        ])
      },
      EMAIL,
    )

    rule(
      '[NOTICE-2] nobody is told of what they did themselves, by whichever of their keys',
      async (world) => {
        const { gp, other } = await stage(world)
        await prefer(other, { email: 'other@cabinet.example', subjects: NOTICE_SUBJECTS })
        const second = await world.key('practitioner', { practitionerId: gp.id })
        const offered = { audiences: ['PRO'] }
        const own = await book(gp, gp.caller, offered)
        await second.post(`/bookings/${own}/cancel`, { reason: 'practitioner' })
        const slotId = await publish(gp, offered)
        await other.caller.post('/bookings', bookingBody(slotId))
        await second.post(`/slots/${slotId}/withdraw`)
        await send(world)
        expect(world.messages.map(({ to, subject }) => [to, subject])).toEqual([
          ['gp@cabinet.example', 'Nouveau rendez-vous'],
        ])
      },
      EMAIL,
    )

    rule(
      '[NOTICE-2] those asked en sus are each told',
      async (world) => {
        const { gp, other } = await stage(world)
        await prefer(other, { phone: '+33639980009', subjects: ['en_sus'] })
        await world.act((ctx) => {
          append(ctx, {
            type: 'en_sus.wave_started',
            subject: 'enus_x',
            data: { wave: 2, practitionerIds: [gp.id, other.id] },
          })
        })
        await send(world)
        expect(world.messages.map(({ channel, to }) => [channel, to]).sort()).toEqual([
          ['email', 'gp@cabinet.example'],
          ['sms', '+33639980009'],
        ])
        expect(new Set(subjects(world))).toEqual(new Set(['Demande en sus']))
      },
      BOTH,
    )

    rule(
      '[NOTICE-3] a message says to log in, where, and nothing of anybody',
      async (world) => {
        const { gp, regulator } = await stage(world)
        await prefer(gp, { email: 'gp@cabinet.example', phone: '+33639980008', subjects: NOTICE_SUBJECTS })
        const id = await book(gp, regulator)
        await regulator.post(`/bookings/${id}/cancel`, { reason: 'patient', note: 'Alix est guérie' })
        await send(world)
        expect(world.messages).toHaveLength(4)
        const words = new Set(world.messages.map(({ subject, text }) => `${subject}\n${text}`))
        expect([...words].sort()).toEqual([
          'Nouveau rendez-vous\nVous avez un nouveau rendez-vous d’urgence du jour. Connectez-vous pour le voir.\nhttps://udj.example',
          'Rendez-vous annulé\nUn de vos rendez-vous d’urgence du jour a été annulé ou déplacé. Connectez-vous pour le voir.\nhttps://udj.example',
        ])
        const logged = JSON.stringify(world.logged)
        for (const address of ['gp@cabinet.example', '639980008']) expect(logged).not.toContain(address)
      },
      { ...BOTH, publicUrl: 'https://udj.example' },
    )

    rule(
      '[NOTICE-4] the past is not announced, nor what was read an hour late',
      async (world) => {
        const communityId = await makeCommunity(world, '92050')
        const gp = await makeGp(world, communityId)
        const regulator = await world.key('regulator')
        await prefer(gp, { email: 'gp@cabinet.example', subjects: NOTICE_SUBJECTS })
        await book(gp, regulator)
        await send(world)
        await book(gp, regulator)
        world.clock.advance(HOUR)
        await book(gp, regulator)
        world.clock.advance(HOUR - 1)
        await send(world)
        expect(world.messages).toHaveLength(1)
      },
      EMAIL,
    )

    rule(
      '[NOTICE-4] a message is tried for four hours, then given up, which the practitioner sees',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const { tries, mend } = failing(world)
        await book(gp, regulator)
        await send(world)
        expect(tries).toHaveLength(1)
        world.clock.advance(4 * SECOND)
        await send(world)
        expect(tries).toHaveLength(1)
        for (let i = 0; i < 20; i++) {
          const next = nextOutward(world.territory, world.platform)
          if (next === undefined) break
          world.clock.advance(next - world.clock.now())
          await send(world)
        }
        expect(tries.length).toBeGreaterThan(6)
        const path = `/practitioners/${gp.id}/notices`
        expect((await gp.caller.get(path)).body).toMatchObject({ lastFailureAt: '2026-11-23T12:00:00+01:00' })
        expect(JSON.stringify(world.logged)).not.toContain('cabinet.example')
        mend()
        await book(gp, regulator)
        await send(world)
        expect(world.messages).toHaveLength(1)
        expect((await gp.caller.get(path)).body).toMatchObject({ lastFailureAt: null })
        expect(await world.act(({ db }) => db.all(sql`select 1 from notices`))).toEqual([])
      },
      EMAIL,
    )

    rule(
      '[NOTICE-4] it goes where the practitioner wants it now, or nowhere',
      async (world) => {
        const { gp, regulator } = await stage(world)
        const { tries, mend } = failing(world)
        await book(gp, regulator)
        await send(world)
        await prefer(gp, { email: 'new@cabinet.example', subjects: ['booking'] })
        world.clock.advance(10 * SECOND)
        await send(world)
        expect(tries).toEqual(['gp@cabinet.example', 'new@cabinet.example'])
        await prefer(gp, { email: null, subjects: ['booking'] })
        mend()
        world.clock.advance(MINUTE)
        await send(world)
        expect(world.messages).toEqual([])
        expect(nextOutward(world.territory, world.platform)).toBeUndefined()
      },
      EMAIL,
    )

    rule(
      '[NOTICE-5] what was read twice is sent once, by each channel',
      async (world) => {
        const { gp, regulator } = await stage(world)
        await prefer(gp, { email: 'gp@cabinet.example', phone: '+33639980008', subjects: NOTICE_SUBJECTS })
        await book(gp, regulator)
        const place = () =>
          world.act(({ db }) =>
            db.all<{ seq: number }>(sql`select seq from cursors where reader = 'notices'`),
          )
        const [before] = await place()
        for (let i = 0; i < 3; i++) {
          await world.act((ctx) => queueNotices(ctx, ['email', 'sms']), SYSTEM)
          await world.act(({ db }) => {
            db.run(sql`update cursors set seq = ${before!.seq} where reader = 'notices'`)
          })
        }
        await world.act((ctx) => queueNotices(ctx, ['email', 'sms']), SYSTEM)
        await send(world)
        await send(world)
        expect(world.messages.map(({ channel, to }) => [channel, to]).sort()).toEqual([
          ['email', 'gp@cabinet.example'],
          ['sms', '+33639980008'],
        ])
      },
      BOTH,
    )
  })
}
