import { describe, expect } from 'vitest'
import { keepRequest } from '../../src/attachment/requests/arrival/actions.ts'
import { rulesOf } from '../../src/attachment/grid/actions.ts'
import { mtRequests } from '../../src/attachment/requests/tables.ts'
import { getLocalDate } from '../../src/kernel/civil.ts'
import { WEEK } from '../../src/kernel/time.ts'
import {
  allocationStage,
  makeRequest,
  NO_FLAGS,
  OF_CLASS,
  pairsOf,
  simulated,
} from '../support/allocations.ts'
import { rulesBody } from '../support/attachment.ts'
import type { AllocationStage } from '../support/allocations.ts'
import type { Suite } from '../support/runtime.ts'
import type { World } from '../support/world.ts'

/** Open requests of a CPTS by the version of the rules that classed them. */
const byVersion = (world: World): Record<number, number> => {
  const found: Record<number, number> = {}
  for (const { rulesVersion } of world.territory.read<{ rulesVersion: number }[]>((db) =>
    db.select({ rulesVersion: mtRequests.rulesVersion }).from(mtRequests).all(),
  ))
    found[rulesVersion] = (found[rulesVersion] ?? 0) + 1
  return found
}

const setRules = async ({ coordinator, communityId }: AllocationStage, more: object) => {
  const answer = await coordinator.put(`/communities/${communityId}/allocation-rules`, rulesBody({ ...more }))
  if (answer.status !== 200) throw new Error(answer.text)
}

const publish = ({ coordinator }: AllocationStage, id: string) =>
  coordinator.post(`/allocations/${id}/publish`, {})

/** Brings in many people at once, of whom it is known that they are isolated. */
const bringMany = (world: World, communityId: string, count: number) =>
  world.act((ctx) => {
    const rules = rulesOf(ctx, communityId)
    for (let i = 0; i < count; i++)
      keepRequest(
        ctx,
        {
          communityId,
          source: 'cpts',
          commune: '92050',
          contact: { phone: '+33639980001' },
          members: [
            {
              family: `Fictif${i}`,
              given: 'Alix',
              birthDate: getLocalDate('1980-02-29'),
              sex: 'male',
              flags: { ...NO_FLAGS, isolation: true },
            },
          ],
          needs: {},
          household: 'together',
          consent: { at: ctx.now, by: 'Alix Fictif', means: 'oral' },
        },
        rules,
      )
  })

export const mtClassesSuite: Suite = (rule) => {
  describe('classes of the moment', () => {
    rule(
      '[ALLOC-43] however many there are, all are classed by the rules in force when it is simulated and published',
      async (world) => {
        const stage = await allocationStage(world, 1)
        await bringMany(world, stage.communityId, 2_030)
        await setRules(stage, { grid: [{ rule: 'isolation', points: 45 }] })
        // As many as one commit takes; the tick has not come to the others.
        expect(byVersion(world)).toEqual({ 0: 30, 1: 2_000 })
        const made = await simulated(stage)
        expect(made.rulesVersion).toBe(1)
        expect(new Set(made.unplaced.map((one: { class: number }) => one.class))).toEqual(new Set([2]))
        expect(made.unplaced).toHaveLength(2_026)
        expect(byVersion(world)).toEqual({ 0: 30, 1: 2_000 })
        expect((await publish(stage, made.id)).status).toBe(200)
        expect(byVersion(world)).toEqual({ 1: 2_030 })
      },
    )

    rule('[ALLOC-43] a tick that is late costs nobody their place', async (world) => {
      const stage = await allocationStage(world, 1, { perRun: 1 })
      await setRules(stage, {
        grid: [
          { rule: 'ald', points: 40 },
          { rule: 'weeksWaiting', points: 20 },
        ],
      })
      const patient = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[5]] })
      world.clock.advance(3 * WEEK)
      const newcomer = await makeRequest(world, stage.communityId, { flags: [{ ald: true }] })
      const made = await simulated(stage)
      expect(pairsOf(made)).toEqual({ [patient]: stage.gps[0]!.id })
      expect(made.proposals).toMatchObject([{ class: 1 }])
      expect(made.unplaced).toMatchObject([{ requestId: newcomer, class: 2 }])
      // What the tick notes is what was computed: the simulation holds.
      await world.tick()
      expect((await publish(stage, made.id)).status).toBe(200)
    })

    rule('[ALLOC-43] who is of class 1 by waiting alone needs no tick to be proposed', async (world) => {
      const stage = await allocationStage(world, 1)
      const unknown = await makeRequest(world, stage.communityId, { flags: [{ ald: null }] })
      expect(await simulated(stage)).toMatchObject({ proposals: [], toQualify: 1 })
      world.clock.advance(30 * WEEK)
      const made = await simulated(stage)
      expect(made).toMatchObject({ proposals: [{ requestId: unknown, class: 1 }], toQualify: 0 })
      expect((await publish(stage, made.id)).status).toBe(200)
      expect((await stage.coordinator.get(`/mt-requests/${unknown}`)).body).toMatchObject({
        state: 'proposed',
        class: 1,
      })
    })

    rule('[ALLOC-43] who lacks something by the rules in force is counted, not proposed', async (world) => {
      const stage = await allocationStage(world, 1)
      await setRules(stage, { grid: [] })
      const id = await makeRequest(world, stage.communityId, { flags: [{ isolation: null }] })
      await setRules(stage, { grid: [{ rule: 'isolation', points: 30 }] })
      // As it is when the tick has not come to it.
      await world.act((ctx) => {
        ctx.db
          .update(mtRequests)
          .set({ class: 5, state: 'waiting', rulesVersion: 1, classDueAt: ctx.now })
          .run()
      })
      const made = await simulated(stage)
      expect(made.toQualify).toBe(1)
      expect(JSON.stringify(made)).not.toContain(id)
    })

    rule('[ALLOC-47] a week more is no change, whether or not the tick has come', async (world) => {
      const stage = await allocationStage(world, 1)
      await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const made = await simulated(stage)
      world.clock.advance(WEEK)
      await world.tick()
      expect((await publish(stage, made.id)).status).toBe(200)
    })

    rule('[ALLOC-47] points that something else than time gave are a change', async (world) => {
      const stage = await allocationStage(world, 1)
      const id = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const made = await simulated(stage)
      world.clock.advance(WEEK)
      await stage.coordinator.patch(`/mt-requests/${id}`, {
        members: [{ number: 0, flags: { isolation: true } }],
      })
      expect((await publish(stage, made.id)).body).toMatchObject({ code: 'stale_simulation' })
    })
  })
}
