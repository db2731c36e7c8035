import { sql } from 'drizzle-orm'
import { describe, expect } from 'vitest'
import { intakesIn } from '../../src/attachment/intake/actions.ts'
import { burdenOf } from '../../src/attachment/proposals/burden/actions.ts'
import { DAY } from '../../src/kernel/time.ts'
import { createPractitioner } from '../../src/members/actions.ts'
import { intakeBody, makeRequest } from '../support/allocations.ts'
import { everyPage } from '../support/attempt.ts'
import { makeCommunity, makeGp, rppsOf } from '../support/members.ts'
import { propose } from '../support/proposals.ts'
import type { Suite } from '../support/runtime.ts'
import type { Answered, World } from '../support/world.ts'

const stage = async (world: World) => {
  const communityId = await makeCommunity(world, '92050')
  const gp = await makeGp(world, communityId)
  const coordinator = await world.key('coordinator', { communityIds: [communityId] })
  return { communityId, gp, coordinator, path: `/practitioners/${gp.id}/intake` }
}

const events = async (world: World): Promise<Answered['body'][]> =>
  (await everyPage(world.admin, '/audit', 200)).filter(({ type }) => type === 'intake.set')

export const mtIntakeSuite: Suite = (rule) => {
  describe('what a GP can take', () => {
    rule('[INTAKE-1] each change is a version, all are kept, and the last is in force', async (world) => {
      const { gp, path } = await stage(world)
      expect((await gp.caller.get(path)).status).toBe(404)
      const first = await gp.caller.put(path, intakeBody({ languages: ['en', 'ar'], maxKm: 8 }))
      expect(first.status).toBe(200)
      expect(first.headers.get('etag')).toBe('"1"')
      expect(first.body).toMatchObject({
        practitionerId: gp.id,
        ...intakeBody({ languages: ['en', 'ar'], maxKm: 8 }),
        share: 100,
        setAt: '2026-11-23T08:00:00+01:00',
        version: 1,
      })
      world.clock.set('2026-11-24T08:00:00+01:00')
      const more = {
        minAge: 18,
        maxAge: 70,
        maxAldPerRun: 2,
        maxHomeVisitsPerRun: 0,
        sex: 'female',
        share: 50,
      }
      const all = {
        ...intakeBody({ open: false }),
        ...more,
        absentUntil: '2026-12-24',
        leavingOn: '2027-06-30',
      }
      const second = await gp.caller.put(path, all)
      expect(second.body).toMatchObject({ ...all, version: 2, setAt: '2026-11-24T08:00:00+01:00' })
      expect((await gp.caller.get(path)).text).toBe(second.text)
      const third = await gp.caller.put(path, intakeBody())
      expect(third.body).not.toHaveProperty('minAge')
      expect(third.body).not.toHaveProperty('absentUntil')
      expect(await everyPage(gp.caller, `${path}/history`, 1)).toEqual([third.body, second.body, first.body])
      expect((await gp.caller.get(`${path}/history?after=2`)).body).toEqual({
        items: [first.body],
        next: null,
      })
    })

    rule('[INTAKE-1] said again word for word, it is no new version and no event', async (world) => {
      const { gp, path } = await stage(world)
      const first = await gp.caller.put(path, intakeBody())
      world.clock.set('2026-11-24T08:00:00+01:00')
      const again = await gp.caller.put(path, { ...intakeBody(), share: 100, minAge: null })
      expect(again.text).toBe(first.text)
      expect(await events(world)).toHaveLength(1)
      expect((await gp.caller.put(path, intakeBody({ languages: ['en'] }))).body.version).toBe(2)
    })

    rule('[INTAKE-1] the event says what changed, from what to what', async (world) => {
      const { gp, path, communityId, coordinator } = await stage(world)
      await gp.caller.put(path, intakeBody())
      await coordinator.put(path, intakeBody({ open: false, perRun: 3 }))
      const [first, second] = await events(world)
      expect(first).toMatchObject({ subject: gp.id, practitionerId: gp.id, data: { version: 1 } })
      expect(Object.keys(first.data.changed)).toContain('patienteleCeiling')
      expect(second.data).toEqual({
        version: 2,
        communityIds: [communityId],
        changed: { open: { before: true, after: false }, perRun: { before: 5, after: 3 } },
      })
      expect(second.actor).toMatch(/^coordinator:/)
    })

    rule('[INTAKE-1] a change of a version that was replaced is refused', async (world) => {
      const { gp, path } = await stage(world)
      const when = (version: number) => ({ headers: { 'if-match': `"${version}"` } })
      expect((await gp.caller.put(path, intakeBody(), when(1))).body).toMatchObject({ code: 'stale_version' })
      expect((await gp.caller.put(path, intakeBody(), when(0))).status).toBe(200)
      expect((await gp.caller.put(path, intakeBody({ perRun: 2 }), when(1))).status).toBe(200)
      const stale = await gp.caller.put(path, intakeBody({ perRun: 1 }), when(1))
      expect([stale.status, stale.body.version]).toEqual([412, 2])
    })

    rule('[INTAKE-2] no filter but the lawful ones can be said', async (world) => {
      const { gp, path } = await stage(world)
      for (const smuggled of [
        { nationality: 'FR' },
        { c2s: false },
        { acceptsC2s: false },
        { ame: false },
        { maxPathologies: 1 },
        { sexOfPatient: 'female' },
        { patientSex: 'female' },
        { religion: 'none' },
        { disability: false },
        { maxC2sPerRun: 0 },
        { excludedFlags: ['ald'] },
        { minClass: 4 },
        { communes: ['92050'] },
      ])
        expect(
          (await gp.caller.put(path, { ...intakeBody(), ...smuggled })).status,
          JSON.stringify(smuggled),
        ).toBe(400)
      expect((await gp.caller.get(path)).status).toBe(404)
      // The same without: what was refused is what was smuggled.
      expect((await gp.caller.put(path, intakeBody())).status).toBe(200)
    })

    rule('[INTAKE-3] only a GP says what they can take', async (world) => {
      const { communityId } = await stage(world)
      const nurse = await world.act((ctx) =>
        createPractitioner(ctx, {
          rpps: rppsOf(777_000_001),
          family: 'Fictive',
          given: 'Camille',
          profession: 'nurse',
          communityIds: [communityId],
          sites: [],
        }),
      )
      const refused = await world.admin.put(`/practitioners/${nurse.id}/intake`, intakeBody())
      expect([refused.status, refused.body.code]).toEqual([422, 'not_a_gp'])
    })

    rule(
      '[INTAKE-4] the GP, a coordinator of one of their CPTS and an admin say it; others find nobody',
      async (world) => {
        const { gp, path, coordinator } = await stage(world)
        const elsewhere = await makeCommunity(world, '92063')
        const stranger = await makeGp(world, elsewhere, '92063')
        const foreign = await world.key('coordinator', { communityIds: [elsewhere] })
        let perRun = 1
        for (const caller of [gp.caller, coordinator, world.admin]) {
          expect((await caller.put(path, intakeBody({ perRun: perRun++ }))).status).toBe(200)
          expect((await caller.get(`${path}/history`)).body.items).toHaveLength(perRun - 1)
        }
        for (const caller of [stranger.caller, foreign]) {
          expect((await caller.put(path, intakeBody())).status).toBe(404)
          expect((await caller.get(path)).status).toBe(404)
          expect((await caller.get(`${path}/history`)).status).toBe(404)
        }
        for (const role of ['regulator', 'auditor'] as const)
          expect((await (await world.key(role)).get(path)).status).toBe(403)
      },
    )

    rule('[INTAKE-5] figures are whole, within bounds, and the ages in order', async (world) => {
      const { gp, path } = await stage(world)
      for (const wrong of [
        { share: 0 },
        { share: 101 },
        { perRun: -1 },
        { perRun: 1.5 },
        { perMonth: 1_001 },
        { patientele: '800' },
        { patienteleCeiling: -1 },
        { maxKm: 0 },
        { maxKm: 201 },
        { minAge: 18, maxAge: 17 },
        { minAge: 121 },
        { maxAldPerRun: -1 },
        // To take nobody with an ALD is to choose by health.
        { maxAldPerRun: 0 },
        { languages: ['anglais'] },
        { sex: 'other' },
        { absentUntil: '2026-02-30' },
        { open: undefined },
        { maxKm: undefined },
      ])
        expect((await gp.caller.put(path, { ...intakeBody(), ...wrong })).status, JSON.stringify(wrong)).toBe(
          400,
        )
      for (const right of [
        { share: 1 },
        { perRun: 0 },
        { maxKm: 0.5 },
        { minAge: 18, maxAge: 18 },
        { minAge: 18 },
        { maxAge: 17 },
        // Full, and over: no place, but no lie either.
        { patientele: 1_201, patienteleCeiling: 1_200 },
        { absentUntil: '2020-01-01' },
      ])
        expect((await gp.caller.put(path, { ...intakeBody(), ...right })).status, JSON.stringify(right)).toBe(
          200,
        )
    })

    rule(
      '[INTAKE-6] of a CPTS every GP is known, with what they can take or that they did not say',
      async (world) => {
        const { communityId, gp, path } = await stage(world)
        const silent = await makeGp(world, communityId)
        await makeGp(world, await makeCommunity(world, '92063'), '92063')
        await world.act((ctx) =>
          createPractitioner(ctx, {
            rpps: rppsOf(777_000_002),
            family: 'Fictive',
            given: 'Camille',
            profession: 'nurse',
            communityIds: [communityId],
            sites: [],
          }),
        )
        await gp.caller.put(path, intakeBody({ perRun: 1 }))
        await gp.caller.put(path, intakeBody({ perRun: 2 }))
        const found = await world.act((ctx) => intakesIn(ctx, communityId))
        expect(found.map(({ practitionerId }) => practitionerId)).toEqual([gp.id, silent.id].sort())
        const of = (id: string) => found.find(({ practitionerId }) => practitionerId === id)
        expect(of(gp.id)?.intake?.perRun).toBe(2)
        expect(of(gp.id)?.sites.map(({ id }) => id)).toEqual([gp.siteId])
        expect(of(silent.id)?.intake).toBeNull()
      },
    )

    rule('[INTAKE-7] the patientèle counts from when it was last said otherwise', async (world) => {
      const { gp, path } = await stage(world)
      const since = () =>
        world.territory.read(
          (db) =>
            db.all<{ since: number }>(
              sql`select patientele_since as since from intakes where practitioner_id = ${gp.id} order by version`,
            ) as never,
        ) as { since: number }[]
      await gp.caller.put(path, intakeBody())
      const start = world.clock.now()
      world.clock.set('2026-12-01T08:00:00+01:00')
      await gp.caller.put(path, intakeBody({ open: false }))
      expect(since().map((row) => row.since)).toEqual([start, start])
      await gp.caller.put(path, intakeBody({ patientele: 810 }))
      expect(since().map((row) => row.since)).toEqual([start, start, world.clock.now()])
    })

    rule('[INTAKE-7] said again after an acceptance, the patientèle is confirmed', async (world) => {
      const { gp, path, communityId } = await stage(world)
      const full = intakeBody({ patientele: 999, patienteleCeiling: 1_000 })
      await gp.caller.put(path, full)
      const requestId = await makeRequest(world, communityId)
      const proposalId = await propose(world, communityId, requestId, gp.id)
      const sinceIntake = () => world.act((ctx) => burdenOf(ctx, [gp.id]).get(gp.id)?.sinceIntake)
      const versions = async () => (await gp.caller.get(`${path}/history`)).body.items.length
      world.clock.advance(DAY)
      // Somebody who is asked for is nobody yet.
      await gp.caller.put(path, full)
      expect(await versions()).toBe(1)
      await gp.caller.post(`/proposals/${proposalId}/accept`)
      expect(await sinceIntake()).toBe(1)
      world.clock.advance(DAY)
      // As many left, the GP says: 999 are all there are.
      const again = await gp.caller.put(path, full)
      expect(again.body).toMatchObject({ version: 2, patientele: 999 })
      expect(await sinceIntake()).toBe(0)
      expect((await events(world)).at(-1)).toMatchObject({
        type: 'intake.set',
        data: { version: 2, changed: {} },
      })
      // Twice said it is once confirmed.
      world.clock.advance(DAY)
      expect((await gp.caller.put(path, full)).body.version).toBe(2)
      expect(await versions()).toBe(2)
    })
  })
}
