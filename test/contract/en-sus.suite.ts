import { sql } from 'drizzle-orm'
import { describe, expect } from 'vitest'
import type { KeyRing } from '../../src/kernel/ctx.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/kernel/time.ts'
import { goSoon, nextSoon, tick } from '../../src/tick.ts'
import { everyPage } from '../support/attempt.ts'
import { bookingBody, makeCommunity, makeGp, rppsOf, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { testKeyRing, type Answered, type Caller, type World } from '../support/world.ts'

const TEXT = 'Mme Zyxwingham, chute'
const WAVE = 180 * SECOND

const asked = (more: Record<string, unknown> = {}) => ({
  commune: '92050',
  modality: 'AMB',
  motive: { code: 'trauma', text: TEXT },
  requestedDelay: 'same_day',
  regulationRef: 'DRM-7007',
  ...more,
})

const { slotId: _, motive: __, regulationRef: ___, requestedDelay: ____, ...CALL } = bookingBody('')

const rppsOfGp = async (world: World, gp: Member): Promise<string> =>
  (await world.admin.get(`/practitioners/${gp.id}`)).body.rpps

/** An MT in Antony, out of the radius; two GPs in Nanterre, one in Rueil; one who takes nobody en sus. */
const stage = async (world: World) => {
  const cpts = await makeCommunity(world, '92050')
  const willing = (insee: string) => makeGp(world, cpts, insee, { acceptsOverbooking: true })
  const mt = await willing('92002')
  const near = [await willing('92050'), await willing('92050')] as const
  const far = await willing('92063')
  const unwilling = await makeGp(world, cpts)
  await world.admin.put('/en-sus/rules', { waveSeconds: 180, nearestCount: 2, radiusKm: 10 })
  return {
    cpts,
    mt,
    near,
    far,
    unwilling,
    regulator: await world.key('regulator'),
    mtRpps: await rppsOfGp(world, mt),
  }
}

const requested = async (
  regulator: Caller,
  more: Record<string, unknown> = {},
): Promise<Answered['body']> => {
  const answer = await regulator.post('/en-sus', asked(more))
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

const sees = async (gp: Member, id: string): Promise<boolean> => {
  const { status } = await gp.caller.get(`/en-sus/${id}`)
  const { items } = (await gp.caller.get('/en-sus')).body
  const isListed = items.some((one: { id: string }) => one.id === id)
  expect(isListed).toBe(status === 200)
  return isListed
}

/** Who of these sees the request. */
const seers = async (gps: readonly Member[], id: string): Promise<Member[]> => {
  const seen: Member[] = []
  for (const gp of gps) if (await sees(gp, id)) seen.push(gp)
  return seen
}

const accept = (gp: Member, id: string, body: Record<string, unknown> = {}) =>
  gp.caller.post(`/en-sus/${id}/accept`, body)
const decline = (gp: Member, id: string) => gp.caller.post(`/en-sus/${id}/decline`)
const close = (caller: Caller, id: string, reason?: string) =>
  caller.post(`/en-sus/${id}/close`, reason === undefined ? {} : { reason })
const book = (caller: Caller, id: string, more: Record<string, unknown> = {}) =>
  caller.post(`/en-sus/${id}/book`, { ...CALL, ...more })

interface Told {
  readonly type: string
  readonly actor: string
  readonly practitionerId: string | null
  readonly data: Record<string, unknown>
}

const eventsOf = async (world: World, id: string): Promise<Told[]> =>
  (await world.admin.get(`/audit?subject=${id}&limit=200`)).body.items

const typesOf = async (world: World, id: string) => (await eventsOf(world, id)).map(({ type }) => type)

const accessLog = (world: World) =>
  world.act(({ db }) =>
    db.all<{ actor: string; subject: string; practitioner_id: string | null }>(
      sql`select actor, subject, practitioner_id from access_log order by seq`,
    ),
  )

const sealedOf = (world: World) =>
  world.act(({ db }) =>
    db
      .all<{ id: string; key: string | null }>(
        sql`select id, seal_key_id as key from en_sus_requests where sealed is not null order by id`,
      )
      .map(({ key }) => key),
  )

export const enSusSuite: Suite = (rule) => {
  describe('en sus: how a territory asks', () => {
    rule(
      '[ENSUS-1] three minutes, five GPs, ten kilometres, until an admin says otherwise',
      async (world) => {
        const regulator = await world.key('regulator')
        const first = await regulator.get('/en-sus/rules')
        expect(first.body).toEqual({ waveSeconds: 180, nearestCount: 5, radiusKm: 10, version: 0 })
        expect(first.headers.get('etag')).toBe('"0"')
        const set = await world.admin.put('/en-sus/rules', {
          waveSeconds: 60,
          nearestCount: 1,
          radiusKm: 4.5,
        })
        expect(set.body).toEqual({ waveSeconds: 60, nearestCount: 1, radiusKm: 4.5, version: 1 })
        expect((await regulator.get('/en-sus/rules')).text).toBe(set.text)
        const events = await eventsOf(world, '92')
        expect(events.at(-1)).toMatchObject({ type: 'en_sus_rules.set', data: { waveSeconds: 60 } })
        expect((await regulator.put('/en-sus/rules', set.body)).status).toBe(403)
      },
    )

    rule(
      '[ENSUS-1] out of bounds is a 400, and a version that is no more the present one a 412',
      async (world) => {
        const rules = { waveSeconds: 60, nearestCount: 1, radiusKm: 5 }
        for (const wrong of [
          { waveSeconds: 29 },
          { waveSeconds: 3601 },
          { nearestCount: 0 },
          { nearestCount: 51 },
          { radiusKm: 0.9 },
          { radiusKm: 101 },
          { waveSeconds: 90.5 },
          { other: 1 },
        ])
          expect((await world.admin.put('/en-sus/rules', { ...rules, ...wrong })).status).toBe(400)
        const when = (version: string) =>
          world.admin.put('/en-sus/rules', rules, { headers: { 'if-match': version } })
        expect((await when('"1"')).body).toMatchObject({ status: 412, code: 'stale_version', version: 0 })
        expect((await when('"0"')).status).toBe(200)
        expect((await when('"0"')).body).toMatchObject({ status: 412, version: 1 })
      },
    )
  })

  describe('en sus: the cascade', () => {
    rule(
      '[ENSUS-2] the own GP first, then the nearest, then all within the radius, each once',
      async (world) => {
        const { mt, near, far, unwilling, regulator, mtRpps } = await stage(world)
        const everybody = [mt, ...near, far, unwilling]
        const made = await requested(regulator, { medecinTraitantRpps: mtRpps })
        expect(made).toEqual({
          id: made.id,
          state: 'asking',
          commune: '92050',
          communeName: 'Nanterre',
          modality: 'AMB',
          motive: { code: 'trauma' },
          requestedDelay: 'same_day',
          wave: 1,
          expiresAt: '2026-11-23T08:09:00+01:00',
          createdAt: '2026-11-23T08:00:00+01:00',
          asked: 1,
          declined: 0,
          nextWaveAt: '2026-11-23T08:03:00+01:00',
          medecinTraitant: 'asked',
          regulationRef: 'DRM-7007',
          version: 1,
        })
        expect(await seers(everybody, made.id)).toEqual([mt])
        world.clock.advance(WAVE - 1)
        expect(await seers(everybody, made.id)).toEqual([mt])
        world.clock.advance(1)
        expect(await seers(everybody, made.id)).toEqual([mt, ...near])
        expect((await regulator.get(`/en-sus/${made.id}`)).body).toMatchObject({
          wave: 2,
          asked: 3,
          nextWaveAt: '2026-11-23T08:06:00+01:00',
        })
        world.clock.advance(WAVE)
        expect(await seers(everybody, made.id)).toEqual([mt, ...near, far])
        const last = (await regulator.get(`/en-sus/${made.id}`)).body
        expect([last.wave, last.asked, last.nextWaveAt]).toEqual([3, 4, undefined])
      },
    )

    rule('[ENSUS-2] a wave with nobody in it takes no time', async (world) => {
      const { near, far, regulator } = await stage(world)
      const made = await requested(regulator)
      expect(made).toMatchObject({ wave: 2, asked: 2, expiresAt: '2026-11-23T08:06:00+01:00' })
      expect(made.medecinTraitant).toBeUndefined()
      expect(await seers([...near, far], made.id)).toEqual([...near])
      // From Antony the others are too far: its own GP is the nearest.
      const elsewhere = await requested(regulator, { commune: '92002' })
      expect(elsewhere).toMatchObject({ wave: 2, asked: 1, expiresAt: '2026-11-23T08:03:00+01:00' })
    })

    rule(
      '[ENSUS-2] who does not take patients en sus is not asked, be it the own GP, nor who is no GP',
      async (world) => {
        const { cpts, unwilling, near, regulator } = await stage(world)
        const nurse = (
          await world.admin.post('/practitioners', {
            rpps: rppsOf(777_001),
            family: 'Fictive',
            given: 'Sacha',
            profession: 'nurse',
            communityIds: [cpts],
            acceptsOverbooking: true,
            sites: [
              {
                name: 'Cabinet',
                line: '1 rue de l’Exemple',
                postalCode: '92000',
                city: 'Nanterre',
                insee: '92050',
                lat: 48.896,
                lon: 2.207,
                phone: '+33199000001',
              },
            ],
          })
        ).body
        const nurseKey = await world.key('practitioner', { practitionerId: nurse.id })
        const refusing = await requested(regulator, {
          medecinTraitantRpps: await rppsOfGp(world, unwilling),
        })
        expect(refusing).toMatchObject({ wave: 2, medecinTraitant: 'not_opted_in' })
        const unknown = await requested(regulator, { medecinTraitantRpps: rppsOf(888_001) })
        expect(unknown).toMatchObject({ wave: 2, medecinTraitant: 'unknown' })
        world.clock.advance(2 * WAVE - 1)
        expect(await seers([unwilling, near[0]], unknown.id)).toEqual([near[0]])
        expect((await nurseKey.get('/en-sus')).body.items).toEqual([])
      },
    )

    rule('[ENSUS-2] an own GP who is among the nearest is asked once', async (world) => {
      const { near, regulator } = await stage(world)
      const made = await requested(regulator, { medecinTraitantRpps: await rppsOfGp(world, near[0]) })
      expect(made).toMatchObject({ wave: 1, asked: 1, expiresAt: '2026-11-23T08:06:00+01:00' })
      world.clock.advance(WAVE)
      expect((await regulator.get(`/en-sus/${made.id}`)).body).toMatchObject({ wave: 2, asked: 3 })
    })

    rule('[ENSUS-2] rules set later change nothing of what is being asked', async (world) => {
      const { regulator } = await stage(world)
      const made = await requested(regulator)
      await world.admin.put('/en-sus/rules', { waveSeconds: 30, nearestCount: 50, radiusKm: 100 })
      expect((await regulator.get(`/en-sus/${made.id}`)).body.expiresAt).toBe(made.expiresAt)
      const next = await requested(regulator)
      expect(next).toMatchObject({ asked: 4, expiresAt: '2026-11-23T08:00:30+01:00' })
    })

    rule(
      '[ENSUS-2] a commune that is not of the territory and a number that is no RPPS are refused',
      async (world) => {
        const { regulator } = await stage(world)
        const refused = async (more: Record<string, unknown>) =>
          (await regulator.post('/en-sus', asked(more))).body
        expect(await refused({ commune: '75056' })).toMatchObject({ status: 422, code: 'unknown_commune' })
        expect(await refused({ medecinTraitantRpps: '12345678901' })).toMatchObject({
          status: 422,
          code: 'invalid_rpps',
          errors: [{ path: 'medecinTraitantRpps' }],
        })
        expect((await refused({ nir: '1' })).status).toBe(400)
        expect((await regulator.get('/en-sus')).body.items).toEqual([])
      },
    )

    rule('[ENSUS-5] with nobody to ask, the SAS is told at once', async (world) => {
      const regulator = await world.key('regulator')
      const made = await requested(regulator)
      expect(made).toMatchObject({
        state: 'expired',
        expired: 'nobody_to_ask',
        wave: 0,
        asked: 0,
        expiresAt: made.createdAt,
      })
      expect(await eventsOf(world, made.id)).toMatchObject([
        { type: 'en_sus.expired', data: { because: 'nobody_to_ask', asked: 0, practitionerIds: [] } },
      ])
      expect(await sealedOf(world)).toEqual([])
      await world.tick()
      expect(await typesOf(world, made.id)).toHaveLength(1)
    })
  })

  describe('en sus: time', () => {
    rule('[ENSUS-3] at the instant of its end it is over, ticked or not', async (world) => {
      const { near, far, regulator } = await stage(world)
      const made = await requested(regulator)
      world.clock.advance(2 * WAVE - 1)
      expect((await regulator.get(`/en-sus/${made.id}`)).body.state).toBe('asking')
      world.clock.advance(1)
      const over = await regulator.get(`/en-sus/${made.id}`)
      expect(over.body).toMatchObject({ state: 'expired', expired: 'no_answer', motive: { code: 'trauma' } })
      expect(over.body.motive.text).toBeUndefined()
      for (const gp of [...near, far])
        for (const answer of [await accept(gp, made.id), await decline(gp, made.id)])
          expect(answer.body).toMatchObject({ status: 409, code: 'en_sus_closed' })
      for (const answer of [await close(regulator, made.id), await book(regulator, made.id)])
        expect(answer.body).toMatchObject({ status: 409, code: 'en_sus_closed' })
      expect(await typesOf(world, made.id)).toEqual(['en_sus.requested'])
    })

    rule('[ENSUS-3] a late tick changes nothing that anybody is shown', async (world) => {
      const { near, far, mt, regulator, mtRpps } = await stage(world)
      const one = await requested(regulator, { medecinTraitantRpps: mtRpps })
      const two = await requested(regulator)
      await accept(near[0], two.id)
      const shown = async () => {
        const texts: string[] = []
        for (const caller of [regulator, world.admin, mt.caller, near[0].caller, near[1].caller, far.caller])
          for (const path of [
            '/en-sus',
            '/en-sus?state=asking',
            '/en-sus?state=accepted',
            '/en-sus?state=expired',
            `/en-sus/${one.id}`,
            `/en-sus/${two.id}`,
          ]) {
            texts.push((await caller.get(path)).text)
          }
        return texts
      }
      for (let i = 0; i < 14; i++) {
        world.clock.advance(WAVE)
        const before = await shown()
        await world.tick()
        expect(await shown()).toEqual(before)
      }
      expect(await typesOf(world, one.id)).toEqual([
        'en_sus.requested',
        'en_sus.wave_started',
        'en_sus.wave_started',
        'en_sus.expired',
      ])
    })

    rule(
      '[ENSUS-3] the tick tells once of each wave that began, to whom, and once of the end',
      async (world) => {
        const { mt, near, far, regulator, mtRpps } = await stage(world)
        const made = await requested(regulator, { medecinTraitantRpps: mtRpps })
        const ids = (...gps: Member[]) => gps.map(({ id }) => id)
        await world.tick()
        expect(await typesOf(world, made.id)).toEqual(['en_sus.requested'])
        world.clock.advance(WAVE)
        await world.tick()
        await world.tick()
        world.clock.advance(2 * WAVE)
        await world.tick()
        await world.tick()
        const events = await eventsOf(world, made.id)
        expect(events).toMatchObject([
          { type: 'en_sus.requested', data: { wave: 1, practitionerIds: ids(mt) } },
          { type: 'en_sus.wave_started', actor: 'system:tick', data: { wave: 2 } },
          { type: 'en_sus.expired', actor: 'system:tick', data: { because: 'no_answer', asked: 4 } },
        ])
        expect(new Set(events[1]!.data.practitionerIds as string[])).toEqual(new Set(ids(...near)))
        // Nobody is called any more for a wave that is over.
        expect(JSON.stringify(events)).not.toContain(far.id)
      },
    )

    rule(
      '[ENSUS-16] a wave does not wait for the tick: what is due is known, and done by itself',
      async (world) => {
        const { near, regulator, mtRpps } = await stage(world)
        const next = () => nextSoon(world.territory, world.platform)
        const go = () => goSoon(world.territory, world.platform)
        expect(next()).toBeUndefined()
        const start = world.clock.now()
        const made = await requested(regulator, { medecinTraitantRpps: mtRpps })
        const other = await requested(regulator)
        await close(regulator, other.id)
        expect(next()).toBe(start + WAVE)
        world.clock.advance(WAVE)
        expect(await go()).toEqual([])
        expect(await typesOf(world, made.id)).toEqual(['en_sus.requested', 'en_sus.wave_started'])
        expect(next()).toBe(start + 2 * WAVE)
        // Accepted, it is next of interest when the agreed hour comes.
        const { expiresAt: agreed } = (await accept(near[0], made.id)).body
        expect(next()).toBe(Date.parse(agreed))
        world.clock.set(agreed)
        expect(await go()).toEqual([])
        expect(await typesOf(world, made.id)).toContain('en_sus.expired')
        expect(next()).toBeUndefined()
      },
    )

    rule('[ENSUS-3] many that ran out at once are dealt with in steps', async (world) => {
      const { regulator } = await stage(world)
      for (let i = 0; i < 230; i++) await requested(regulator)
      world.clock.advance(2 * WAVE)
      expect(await world.tick()).toEqual([])
      const expired = (await everyPage(regulator, '/en-sus?state=expired', 100)).length
      expect(expired).toBe(230)
      expect(await sealedOf(world)).toEqual([])
      const events = await everyPage(world.admin, '/audit', 200)
      expect(events.filter(({ type }) => type === 'en_sus.expired')).toHaveLength(230)
    })

    rule('[ENSUS-4] when all who were asked have declined, the next wave begins at once', async (world) => {
      const { mt, near, far, regulator, mtRpps } = await stage(world)
      const made = await requested(regulator, { medecinTraitantRpps: mtRpps })
      world.clock.advance(60 * SECOND)
      expect((await decline(mt, made.id)).body).toMatchObject({
        state: 'asking',
        answer: 'declined',
        wave: 2,
      })
      expect((await regulator.get(`/en-sus/${made.id}`)).body).toMatchObject({
        wave: 2,
        asked: 3,
        declined: 1,
        nextWaveAt: '2026-11-23T08:04:00+01:00',
        expiresAt: '2026-11-23T08:07:00+01:00',
      })
      expect(await seers([...near, far], made.id)).toEqual([...near])
      await decline(near[0], made.id)
      expect(await sees(far, made.id)).toBe(false)
      await decline(near[1], made.id)
      expect(await sees(far, made.id)).toBe(true)
      expect(await typesOf(world, made.id)).toEqual([
        'en_sus.requested',
        'en_sus.declined',
        'en_sus.wave_started',
        'en_sus.declined',
        'en_sus.declined',
        'en_sus.wave_started',
      ])
      // Those who said no may still change their mind.
      expect((await accept(mt, made.id)).body).toMatchObject({ state: 'accepted', answer: 'accepted' })
    })

    rule('[ENSUS-4] one who has not answered keeps the next wave waiting', async (world) => {
      const { mt, near, far, regulator, mtRpps } = await stage(world)
      const made = await requested(regulator, { medecinTraitantRpps: mtRpps })
      world.clock.advance(WAVE)
      for (const gp of near) await decline(gp, made.id)
      expect(await sees(far, made.id)).toBe(false)
      await decline(mt, made.id)
      expect(await sees(far, made.id)).toBe(true)
    })

    rule(
      '[ENSUS-4] when the last have declined it is over at once, and the SAS is told why',
      async (world) => {
        const { near, far, regulator } = await stage(world)
        const made = await requested(regulator)
        for (const gp of [...near, far]) expect((await decline(gp, made.id)).status).toBe(200)
        const over = (await regulator.get(`/en-sus/${made.id}`)).body
        expect(over).toMatchObject({ state: 'expired', expired: 'all_declined', declined: 3 })
        expect((await eventsOf(world, made.id)).at(-1)).toMatchObject({
          type: 'en_sus.expired',
          data: { because: 'all_declined', asked: 3 },
        })
        expect(await sealedOf(world)).toEqual([])
        expect((await accept(near[0], made.id)).body.code).toBe('en_sus_closed')
      },
    )

    rule('[ENSUS-4] said twice, no is one no', async (world) => {
      const { near, regulator } = await stage(world)
      const made = await requested(regulator)
      const first = await decline(near[0], made.id)
      const second = await decline(near[0], made.id)
      expect(second.text).toBe(first.text)
      expect(await typesOf(world, made.id)).toEqual(['en_sus.requested', 'en_sus.declined'])
    })
  })

  describe('en sus: who sees what', () => {
    rule(
      '[ENSUS-7] a GP who is asked learns where, why in a code and how soon, and nothing else',
      async (world) => {
        const { far, near, regulator } = await stage(world)
        const made = await requested(regulator)
        world.clock.advance(WAVE)
        const seen = await far.caller.get(`/en-sus/${made.id}`)
        expect(seen.body).toEqual({
          id: made.id,
          state: 'asking',
          commune: '92050',
          communeName: 'Nanterre',
          modality: 'AMB',
          motive: { code: 'trauma' },
          requestedDelay: 'same_day',
          wave: 3,
          expiresAt: '2026-11-23T08:06:00+01:00',
          createdAt: '2026-11-23T08:00:00+01:00',
          km: 3.72,
          version: 1,
        })
        expect((await far.caller.get('/en-sus')).body.items).toEqual([seen.body])
        await accept(near[0], made.id)
        const taken = await far.caller.get(`/en-sus/${made.id}`)
        const { expiresAt: _, ...known } = seen.body
        expect(taken.body).toEqual({ ...known, state: 'accepted', version: 2 })
        expect(taken.text).not.toContain(near[0].id)
      },
    )

    rule(
      '[ENSUS-7] until their wave it is absent to a GP, and for ever to who is not asked',
      async (world) => {
        const { mt, far, unwilling, regulator, mtRpps } = await stage(world)
        const made = await requested(regulator, { medecinTraitantRpps: mtRpps })
        const absent = 'enus_7zzzzzzzzzzzzzzzzzzzzzzzzz'
        for (const gp of [far, unwilling]) {
          const shown = (await gp.caller.get(`/en-sus/${made.id}`)).text
          expect(shown).toBe((await gp.caller.get(`/en-sus/${absent}`)).text)
          for (const answer of [await accept(gp, made.id), await decline(gp, made.id)])
            expect(answer.text).toBe((await accept(gp, absent)).text)
        }
        // Who was not asked before it was taken never is.
        await accept(mt, made.id)
        world.clock.advance(2 * WAVE)
        expect(await sees(far, made.id)).toBe(false)
        for (const role of ['coordinator', 'auditor'] as const) {
          const caller = await world.key(
            role,
            role === 'coordinator' ? { communityIds: [mt.communityId] } : {},
          )
          expect((await caller.get(`/en-sus/${made.id}`)).status).toBe(403)
          expect((await caller.get('/en-sus')).status).toBe(403)
        }
      },
    )

    rule(
      '[ENSUS-7] the words of the call are the SAS’s, and of the GP who took it; each showing is logged',
      async (world) => {
        const { near, regulator } = await stage(world)
        const colleague = await world.key('regulator')
        const made = await requested(regulator)
        const textFor = async (caller: Caller) =>
          (await caller.get(`/en-sus/${made.id}`)).body.motive.text as unknown
        expect(await textFor(colleague)).toBe(TEXT)
        expect(await textFor(near[0].caller)).toBeUndefined()
        expect(await textFor(world.admin)).toBeUndefined()
        expect((await world.admin.get(`/en-sus/${made.id}`)).body.regulationRef).toBeUndefined()
        const accepted = await accept(near[0], made.id)
        expect(accepted.body).toMatchObject({ regulationRef: 'DRM-7007', motive: { code: 'trauma' } })
        expect(await textFor(near[0].caller)).toBe(TEXT)
        expect(await textFor(near[1].caller)).toBeUndefined()
        // Answers that are kept for repetition never have them, nor lists.
        for (const answer of [accepted, await regulator.get('/en-sus'), await near[0].caller.get('/en-sus')])
          expect(answer.text).not.toContain('Zyxwingham')
        expect(await accessLog(world)).toMatchObject([
          { actor: expect.stringMatching(/^regulator:/), subject: made.id, practitioner_id: null },
          { actor: expect.stringMatching(/^practitioner:/), subject: made.id, practitioner_id: near[0].id },
        ])
        world.clock.advance(8 * DAY)
        expect((await regulator.get(`/en-sus/${made.id}`)).body.regulationRef).toBeUndefined()
      },
    )

    rule('[ENSUS-7] no event says more than where, why in a code, and who is asked', async (world) => {
      const { near, regulator } = await stage(world)
      const made = await requested(regulator)
      await accept(near[0], made.id)
      await book(regulator, made.id)
      const journal = JSON.stringify(await everyPage(world.admin, '/audit', 200))
      for (const secret of ['Zyxwingham', 'DRM-7007', 'Fictive', '1980-02-29', '639980001'])
        expect(journal).not.toContain(secret)
    })

    rule('[ENSUS-7] the words are sealed, and gone when the request ends, whichever way', async (world) => {
      const { near, far, regulator } = await stage(world)
      const ends: Record<string, (id: string) => Promise<unknown>> = {
        booked: async (id) => {
          await accept(near[0], id)
          return book(regulator, id)
        },
        closed: (id) => close(regulator, id),
        'closed though accepted': async (id) => {
          await accept(near[0], id)
          return close(regulator, id, 'found_elsewhere')
        },
        declined: async (id) => {
          for (const gp of [...near, far]) await decline(gp, id)
        },
        expired: async () => {
          world.clock.advance(2 * WAVE)
          await world.tick()
        },
        'expired though accepted': async (id) => {
          await accept(near[0], id)
          world.clock.advance(HOUR)
          await world.tick()
        },
      }
      for (const [way, end] of Object.entries(ends)) {
        const made = await requested(regulator)
        expect(await sealedOf(world), way).toEqual(['k1'])
        const rows = await world.act(({ db }) =>
          db.all<Record<string, unknown>>(sql`select * from en_sus_requests`),
        )
        const clear = rows.map((row) =>
          Object.values(row)
            .map((cell) =>
              typeof cell === 'object' && cell !== null
                ? new TextDecoder().decode(cell as Uint8Array)
                : String(cell),
            )
            .join(),
        )
        expect(clear.join()).not.toContain('Zyxwingham')
        await end(made.id)
        expect(await sealedOf(world), way).toEqual([])
        expect((await regulator.get(`/en-sus/${made.id}`)).body.motive, way).toEqual({ code: 'trauma' })
      }
    })

    rule(
      '[ENSUS-7] lists go from the newest, by state, page by page; a GP’s goes back 48 hours',
      async (world) => {
        const { near, regulator } = await stage(world)
        const ids: string[] = []
        for (let i = 0; i < 5; i++) {
          ids.unshift((await requested(regulator)).id)
          world.clock.advance(SECOND)
        }
        await accept(near[0], ids[0]!)
        await close(regulator, ids[1]!)
        const idsOf = async (caller: Caller, query = '') =>
          (await everyPage(caller, `/en-sus${query}`, 2)).map(({ id }) => id as string)
        expect(await idsOf(regulator)).toEqual(ids)
        expect(await idsOf(world.admin)).toEqual(ids)
        expect(await idsOf(near[0].caller)).toEqual(ids)
        expect(await idsOf(regulator, '?state=accepted')).toEqual([ids[0]])
        expect(await idsOf(near[1].caller, '?state=closed')).toEqual([ids[1]])
        expect(await idsOf(regulator, '?state=asking')).toEqual(ids.slice(2))
        expect(await idsOf(regulator, '?state=booked')).toEqual([])
        world.clock.advance(2 * DAY)
        expect(await idsOf(near[0].caller)).toEqual([ids[0]])
        expect(await idsOf(near[1].caller)).toEqual([])
        expect(await idsOf(regulator, '?state=expired')).toEqual([ids[0], ...ids.slice(2)])
      },
    )
  })

  describe('en sus: one takes the patient', () => {
    rule(
      '[ENSUS-8] by default in half an hour, at the nearest practice, for a quarter of an hour',
      async (world) => {
        const { near, regulator } = await stage(world)
        world.clock.advance(61 * SECOND)
        const made = await requested(regulator)
        const accepted = await accept(near[0], made.id)
        expect(accepted.status).toBe(200)
        expect(accepted.body).toMatchObject({
          state: 'accepted',
          accepted: {
            practitionerId: near[0].id,
            siteId: near[0].siteId,
            start: '2026-11-23T08:35:00+01:00',
            end: '2026-11-23T08:50:00+01:00',
            at: '2026-11-23T08:01:01+01:00',
          },
          expiresAt: '2026-11-23T08:35:00+01:00',
        })
        expect((await regulator.get(`/en-sus/${made.id}`)).body.accepted).toEqual(accepted.body.accepted)
        expect((await eventsOf(world, made.id)).at(-1)).toMatchObject({
          type: 'en_sus.accepted',
          practitionerId: near[0].id,
          data: { wave: 2, siteId: near[0].siteId },
        })
      },
    )

    rule(
      '[ENSUS-8] the GP says where, when and for how long; the nearest of several practices else',
      async (world) => {
        const { mt, regulator, mtRpps } = await stage(world)
        const second = (
          await mt.caller.post(`/practitioners/${mt.id}/sites`, {
            name: 'Annexe',
            line: '2 rue de l’Exemple',
            postalCode: '92000',
            city: 'Nanterre',
            insee: '92050',
            lat: 48.9,
            lon: 2.2,
            phone: '+33199000002',
          })
        ).body.id as string
        const own = { medecinTraitantRpps: mtRpps }
        const [one, two] = [await requested(regulator, own), await requested(regulator, own)]
        const start = '2026-11-23T19:10:00+01:00'
        const said = await accept(mt, one.id, { siteId: mt.siteId, start, durationMinutes: 40 })
        expect(said.body.accepted).toMatchObject({
          siteId: mt.siteId,
          start,
          end: '2026-11-23T19:50:00+01:00',
        })
        expect((await accept(mt, two.id)).body.accepted.siteId).toBe(second)
      },
    )

    rule(
      '[ENSUS-8] another’s practice is absent, and times that have passed or come too late are refused',
      async (world) => {
        const { near, regulator } = await stage(world)
        const made = await requested(regulator)
        const tried = async (body: Record<string, unknown>) => (await accept(near[0], made.id, body)).body
        expect((await tried({ siteId: near[1].siteId })).code).toBe('not_found')
        for (const start of ['2026-11-23T08:00:00+01:00', '2026-11-24T00:00:00+01:00'])
          expect(await tried({ start })).toMatchObject({ status: 422, code: 'invalid_interval' })
        for (const durationMinutes of [4, 121, 7.5])
          expect((await tried({ durationMinutes })).status).toBe(400)
        expect((await regulator.get(`/en-sus/${made.id}`)).body.state).toBe('asking')
        expect((await tried({ start: '2026-11-23T23:59:00+01:00' })).state).toBe('accepted')
        for (const [requestedDelay, last, late] of [
          ['24h', '2026-11-24T08:00:00+01:00', '2026-11-24T08:00:01+01:00'],
          ['48h', '2026-11-25T08:00:00+01:00', '2026-11-25T08:00:01+01:00'],
        ]) {
          const { id } = await requested(regulator, { requestedDelay })
          expect((await accept(near[0], id, { start: late })).body.code).toBe('invalid_interval')
          expect((await accept(near[0], id, { start: last })).status).toBe(200)
        }
      },
    )

    rule(
      '[ENSUS-8] late in the evening the same day goes on for four hours',
      async (world) => {
        const { near, regulator } = await stage(world)
        const made = await requested(regulator)
        expect((await accept(near[0], made.id)).body.accepted.start).toBe('2026-11-24T00:20:00+01:00')
        const { id } = await requested(regulator)
        const start = '2026-11-24T03:50:01+01:00'
        expect((await accept(near[0], id, { start })).body.code).toBe('invalid_interval')
      },
      { now: '2026-11-23T23:50:00+01:00' },
    )

    rule('[ENSUS-9] of twenty who accept at once one has the patient', async (world) => {
      const cpts = await makeCommunity(world, '92050')
      const gps: Member[] = []
      for (let i = 0; i < 20; i++) gps.push(await makeGp(world, cpts, '92050', { acceptsOverbooking: true }))
      await world.admin.put('/en-sus/rules', { waveSeconds: 180, nearestCount: 20, radiusKm: 10 })
      const regulator = await world.key('regulator')
      const made = await requested(regulator)
      const answers = await Promise.all(gps.map((gp) => accept(gp, made.id)))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      const others = answers.filter(({ body }) => body.code === 'already_taken')
      expect(others).toHaveLength(19)
      expect(new Set(others.map(({ status }) => status))).toEqual(new Set([409]))
      const winner = answers.findIndex(({ status }) => status === 200)
      expect((await regulator.get(`/en-sus/${made.id}`)).body.accepted.practitionerId).toBe(gps[winner]!.id)
      expect((await typesOf(world, made.id)).filter((type) => type === 'en_sus.accepted')).toHaveLength(1)
    })

    rule('[ENSUS-9] said again by who has the patient it changes nothing', async (world) => {
      const { near, regulator } = await stage(world)
      const made = await requested(regulator)
      const first = await accept(near[0], made.id)
      world.clock.advance(MINUTE)
      const second = await accept(near[0], made.id, { durationMinutes: 60 })
      expect([second.status, second.text]).toEqual([200, first.text])
      expect(await typesOf(world, made.id)).toEqual(['en_sus.requested', 'en_sus.accepted'])
      expect((await decline(near[0], made.id)).body.code).toBe('already_taken')
      expect((await decline(near[1], made.id)).body.code).toBe('already_taken')
      await book(regulator, made.id)
      expect((await accept(near[1], made.id)).body.code).toBe('already_taken')
    })

    rule(
      '[ENSUS-6] the SAS closes what is asked or accepted, once; who had accepted is told',
      async (world) => {
        const { near, far, regulator } = await stage(world)
        const [one, two] = [await requested(regulator), await requested(regulator)]
        expect((await close(regulator, one.id)).body).toMatchObject({ state: 'closed' })
        expect((await close(regulator, one.id)).body).toMatchObject({ status: 409, code: 'en_sus_closed' })
        expect((await accept(near[0], one.id)).body.code).toBe('en_sus_closed')
        world.clock.advance(WAVE)
        expect(await sees(far, one.id)).toBe(false)
        await accept(far, two.id)
        await close(await world.key('regulator'), two.id, 'found_elsewhere')
        expect((await eventsOf(world, one.id)).at(-1)).toMatchObject({
          type: 'en_sus.closed',
          practitionerId: null,
          data: { reason: 'other', before: 'asking' },
        })
        expect((await eventsOf(world, two.id)).at(-1)).toMatchObject({
          type: 'en_sus.closed',
          practitionerId: far.id,
          data: { reason: 'found_elsewhere', before: 'accepted' },
        })
        expect((await far.caller.get(`/en-sus/${two.id}`)).body).toMatchObject({
          state: 'closed',
          answer: 'accepted',
        })
        expect((await close(far.caller, two.id)).status).toBe(403)
      },
    )

    rule(
      '[ENSUS-6] what a GP took and the SAS never completed is over at the hour agreed, loudly',
      async (world) => {
        const { near, regulator } = await stage(world)
        const made = await requested(regulator)
        const { start } = (await accept(near[0], made.id)).body.accepted
        world.clock.set(start)
        for (const caller of [regulator, near[0].caller])
          expect((await caller.get(`/en-sus/${made.id}`)).body).toMatchObject({
            state: 'expired',
            expired: 'not_booked',
          })
        expect((await book(regulator, made.id)).body).toMatchObject({ status: 409, code: 'en_sus_closed' })
        await world.tick()
        expect((await eventsOf(world, made.id)).at(-1)).toMatchObject({
          type: 'en_sus.expired',
          practitionerId: near[0].id,
          data: { because: 'not_booked' },
        })
      },
    )
  })

  describe('en sus: the booking', () => {
    rule('[ENSUS-10] the SAS completes what was accepted: the slot comes with its booking', async (world) => {
      const { near, regulator } = await stage(world)
      const made = await requested(regulator)
      await accept(near[0], made.id)
      const booked = await book(regulator, made.id)
      expect(booked.status, booked.text).toBe(201)
      expect(booked.body).toMatchObject({
        practitionerId: near[0].id,
        siteId: near[0].siteId,
        start: '2026-11-23T08:30:00+01:00',
        end: '2026-11-23T08:45:00+01:00',
        modality: 'AMB',
        status: 'booked',
        regulationRef: 'DRM-7007',
        motive: { code: 'trauma', text: TEXT },
        requestedDelay: 'same_day',
        patient: { family: 'Fictive', phone: '+33639980001' },
      })
      expect((await regulator.get(`/en-sus/${made.id}`)).body).toMatchObject({
        state: 'booked',
        bookingId: booked.body.id,
      })
      expect((await near[0].caller.get(`/slots/${booked.body.slotId}`)).body).toMatchObject({
        origin: 'en_sus',
        status: 'full',
        capacity: 1,
        taken: 1,
        audiences: ['SNP'],
        modalities: ['AMB'],
        appointmentType: 'ROUTINE',
      })
      expect((await near[0].caller.get(`/bookings/${booked.body.id}`)).body.patient.family).toBe('Fictive')
      expect(await eventsOf(world, booked.body.id)).toMatchObject([
        { type: 'booking.created', data: { origin: 'en_sus', enSusId: made.id } },
      ])
      expect(await typesOf(world, made.id)).toEqual(['en_sus.requested', 'en_sus.accepted'])
      expect((await book(regulator, made.id)).body).toMatchObject({ status: 409, code: 'en_sus_closed' })
      expect((await close(regulator, made.id)).body.code).toBe('en_sus_closed')
    })

    rule(
      '[ENSUS-10] not before a GP has accepted; with the refusals and warnings of any booking',
      async (world) => {
        const { near, regulator } = await stage(world)
        const made = await requested(regulator, { modality: 'HH' })
        expect((await book(regulator, made.id)).body).toMatchObject({
          status: 409,
          code: 'en_sus_not_accepted',
        })
        await accept(near[0], made.id)
        const { patient } = CALL
        expect((await book(regulator, made.id)).body.code).toBe('address_required')
        const born = { ...patient, address: '3 rue de l’Exemple', birthDate: '2026-11-24' }
        expect((await book(regulator, made.id, { patient: born })).body.code).toBe('invalid_birth_date')
        const at = { ...patient, address: '3 rue de l’Exemple' }
        const motive = { code: 'fever' }
        const booked = await book(regulator, made.id, { patient: at, motive })
        expect(booked.body).toMatchObject({ modality: 'HH', motive: { code: 'fever' } })
        expect(booked.body.motive.text).toBeUndefined()
        expect(booked.body.warnings).toBeUndefined()
        const again = await requested(regulator)
        await accept(near[1], again.id)
        expect((await book(regulator, again.id)).body.warnings).toEqual(['possible_duplicate'])
        expect((await book(near[1].caller, again.id)).status).toBe(403)
      },
    )

    rule(
      '[ENSUS-11] it may stand on other slots of the GP, which may be published over it',
      async (world) => {
        const { near, regulator } = await stage(world)
        const body = (start: string, end: string) => slotBody(near[0], start, end)
        const at = (clock: string) => `2026-11-23T${clock}:00+01:00`
        const before = await near[0].caller.post('/slots', body(at('08:20'), at('08:40')))
        const made = await requested(regulator)
        await accept(near[0], made.id)
        expect((await book(regulator, made.id)).status).toBe(201)
        const after = await near[0].caller.post('/slots', body(at('08:40'), at('08:50')))
        expect([before.status, after.status]).toEqual([201, 201])
        expect((await near[0].caller.post('/slots', body(at('08:45'), at('09:00')))).body.code).toBe(
          'slot_overlap',
        )
        const series = await near[0].caller.post('/series', {
          practitionerId: near[0].id,
          siteId: near[0].siteId,
          rrule: 'FREQ=DAILY;COUNT=2',
          localStart: '2026-11-23T09:00',
          durationMinutes: 15,
          slotMinutes: 15,
        })
        expect(series.body.occurrences).toMatchObject({ created: 2, overlapping: 0 })
      },
    )

    rule('[ENSUS-12] such a booking is the SAS’s and counts as a regulated act', async (world) => {
      const { near, regulator } = await stage(world)
      const made = await requested(regulator)
      await accept(near[0], made.id)
      const booked = (await book(regulator, made.id)).body
      const colleague = await world.key('regulator')
      expect((await colleague.get(`/bookings/${booked.id}`)).body.patient.family).toBe('Fictive')
      expect((await colleague.get('/bookings')).body.items).toMatchObject([{ id: booked.id }])
      expect((await near[1].caller.get(`/bookings/${booked.id}`)).status).toBe(404)
      const counters = await near[0].caller.get(`/practitioners/${near[0].id}/counters?week=2026-W48`)
      expect(counters.body.regulatedActs).toBe(1)
      world.clock.advance(8 * DAY)
      expect((await colleague.get(`/bookings/${booked.id}`)).body.patient).toBeUndefined()
    })

    rule(
      '[ENSUS-13] a patient taken en sus who cancels or moves leaves no free slot behind',
      async (world) => {
        const { near, regulator } = await stage(world)
        const free = (
          await near[1].caller.post(
            '/slots',
            slotBody(near[1], '2026-11-23T10:00:00+01:00', '2026-11-23T10:15:00+01:00'),
          )
        ).body.id as string
        const leave: ((id: string) => Promise<Answered>)[] = [
          (id) => regulator.post(`/bookings/${id}/cancel`, { reason: 'patient' }),
          (id) => regulator.post(`/bookings/${id}/move`, { slotId: free }),
        ]
        for (const go of leave) {
          const made = await requested(regulator)
          await accept(near[0], made.id)
          const booked = (await book(regulator, made.id)).body
          expect((await go(booked.id)).status).toBe(200)
          expect((await near[0].caller.get(`/slots/${booked.slotId}`)).body).toMatchObject({
            status: 'withdrawn',
            taken: 0,
          })
          for (const [status, isThere] of [
            ['open', false],
            ['full', false],
            ['withdrawn', true],
          ] as const)
            for (const caller of [regulator, near[0].caller])
              expect((await caller.get(`/slots?status=${status}`)).text.includes(booked.slotId)).toBe(isThere)
          const found = (await regulator.get('/availability?commune=92050&limit=200')).body.items
          expect(found.map((one: { slot: { id: string } }) => one.slot.id)).not.toContain(booked.slotId)
          expect((await regulator.post('/bookings', bookingBody(booked.slotId))).body.code).toBe(
            'slot_withdrawn',
          )
          expect((await regulator.post(`/slots/${booked.slotId}/holds`)).body.code).toBe('slot_withdrawn')
          await world.tick()
          expect((await near[0].caller.get(`/slots/${booked.slotId}`)).body.status).toBe('withdrawn')
        }
      },
    )

    rule('[ENSUS-13] nobody is moved into such a slot; its GP withdraws it as any other', async (world) => {
      const { near, regulator } = await stage(world)
      const other = (
        await near[0].caller.post(
          '/slots',
          slotBody(near[0], '2026-11-23T10:00:00+01:00', '2026-11-23T10:15:00+01:00'),
        )
      ).body.id as string
      const made = await requested(regulator)
      await accept(near[0], made.id)
      const booked = (await book(regulator, made.id)).body
      const moving = (await regulator.post('/bookings', bookingBody(other))).body.id as string
      expect((await regulator.post(`/bookings/${moving}/move`, { slotId: booked.slotId })).body.code).toBe(
        'slot_taken',
      )
      await near[0].caller.post(`/slots/${booked.slotId}/withdraw`)
      expect((await regulator.get(`/bookings/${booked.id}`)).body.needsAttention).toEqual({
        reason: 'slot_withdrawn',
      })
    })

    rule(
      '[ENSUS-14] after the key ring turned, what was said is sealed again and still opens',
      async (world) => {
        const { regulator } = await stage(world)
        const [one] = [await requested(regulator), await requested(regulator)]
        await requested(regulator, { motive: { code: 'fever' } })
        expect(await sealedOf(world)).toEqual(['k1', 'k1'])
        const { index, secrets } = testKeyRing()
        const k2 = new Uint8Array(32).fill(8)
        const turned: KeyRing = { index, current: 'k2', secrets: new Map([...secrets, ['k2', k2]]) }
        expect(await tick(world.territory, { ...world.platform, keyRing: turned })).toEqual([])
        expect(await sealedOf(world)).toEqual(['k2', 'k2'])
        // The world still has the ring before: what is sealed anew does not open with it.
        expect((await regulator.get(`/en-sus/${one.id}`)).status).toBe(500)
        expect(await tick(world.territory, world.platform)).toEqual(['turn-keys'])
        const back: KeyRing = { ...turned, current: 'k1' }
        expect(await tick(world.territory, { ...world.platform, keyRing: back })).toEqual([])
        expect((await regulator.get(`/en-sus/${one.id}`)).body.motive.text).toBe(TEXT)
      },
    )
  })
}
