import { describe, expect } from 'vitest'
import { DAY, HOUR } from '../../src/kernel/time.ts'
import {
  allocationStage,
  intakeBody,
  makeRequest,
  NO_FLAGS,
  OF_CLASS,
  openIntake,
  pairsOf,
  published,
  setRulesOf,
  simulated,
  type AllocationStage,
} from '../support/allocations.ts'
import { everyPage } from '../support/attempt.ts'
import { created } from '../support/sectors.ts'
import type { Suite } from '../support/runtime.ts'
import type { Answered, Caller, World } from '../support/world.ts'

type Body = Answered['body']

const ok = async (answering: Promise<Answered>): Promise<Body> => {
  const answer = await answering
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}

let people = 0

/** A household as a coordinator types it. */
const requestBody = (
  communityId: string,
  flags: Record<string, unknown>,
  more: Record<string, unknown> = {},
) => ({
  communityId,
  source: 'clic',
  commune: '92050',
  contact: { phone: '+33639980002' },
  members: [{ family: `Flot${++people}`, given: 'Alix', birthDate: '1980-02-29', sex: 'male', flags }],
  needs: {},
  household: 'together',
  consent: { at: '2026-11-23T07:30:00+01:00', by: 'Alix Flot', means: 'oral' },
  ...more,
})

const RULES = {
  grid: [
    { rule: 'ald', points: 30 },
    { rule: 'discharge30d', points: 30 },
    { rule: 'isolation', points: 10 },
    { rule: 'weeksWaiting', points: 2 },
  ],
  classThresholds: [60, 40, 25, 10],
  reservedForClass1: 0,
  answerDays: 7,
  reminderDays: 4,
  maxRefusals: 3,
  maxKm: 30,
}

const inboxOf = (gp: Caller): Promise<Body[]> => everyPage(gp, '/proposals?practitioner=me', 50)

const openOf = async (gp: Caller): Promise<Body> => {
  const [open, ...others] = (await inboxOf(gp)).filter(({ state }) => state === 'open')
  if (!open || others.length > 0) throw new Error('one open proposal was expected')
  return open
}

const stateOf = async ({ coordinator }: AllocationStage, requestId: string): Promise<string> =>
  (await ok(coordinator.get(`/mt-requests/${requestId}`))).state

const gpOf = (stage: AllocationStage, id: string | undefined): Caller => {
  const gp = stage.gps.find((one) => one.id === id)
  if (!gp) throw new Error('not a GP of the stage')
  return gp.caller
}

const simulate = (world: World, stage: AllocationStage) => {
  // Ids of a millisecond have no order.
  world.clock.advance(HOUR)
  return simulated(stage)
}

export const mtFlowSuite: Suite = (rule) => {
  describe('from census to declaration', () => {
    rule('[ALLOC-65] the whole way, over HTTP', async (world) => {
      const stage = await allocationStage(world, 3)
      const { communityId, coordinator, gps } = stage
      await ok(coordinator.put(`/communities/${communityId}/allocation-rules`, RULES))
      for (const gp of gps)
        await ok(gp.caller.put(`/practitioners/${gp.id}/intake`, intakeBody({ perRun: 1 })))

      // The census: three who wait, in order of class, one of whom something is not known.
      const known = (flags: Record<string, unknown>) => requestBody(communityId, { ...NO_FLAGS, ...flags })
      const [first, second, third] = [
        await created(coordinator.post('/mt-requests', known({ ald: true, discharge30d: true }))),
        await created(coordinator.post('/mt-requests', known({ ald: true }))),
        await created(coordinator.post('/mt-requests', known({}))),
      ]
      const unknown = await created(coordinator.post('/mt-requests', requestBody(communityId, { ald: true })))
      expect(await stateOf(stage, unknown)).toBe('to_qualify')

      // Simulated, adjusted, published.
      const draft = await simulated(stage)
      expect(draft).toMatchObject({ toQualify: 1, optimal: true, totals: { people: 3, placed: 3 } })
      const [, , last] = gps
      const adjusted = await ok(
        coordinator.post(`/allocations/${draft.id}/adjust`, {
          requestId: third,
          practitionerId: last!.id,
          lock: true,
          reason: 'Suivi par ce cabinet',
        }),
      )
      const pairs = pairsOf(adjusted)
      expect(pairs[third]).toBe(last!.id)
      await ok(coordinator.post(`/allocations/${draft.id}/publish`, {}))
      expect(await stateOf(stage, first)).toBe('proposed')

      // One accepts, one refuses, one says nothing.
      const [accepts, refuses, silent] = [first, second, third].map((id) => gpOf(stage, pairs[id]))
      const asked = await openOf(accepts!)
      expect(asked).not.toHaveProperty('patients')
      await ok(accepts!.post(`/proposals/${asked.id}/accept`, {}))
      expect((await ok(accepts!.get(`/proposals/${asked.id}`))).patients.members).toMatchObject([
        { given: 'Alix' },
      ])
      const turnedDown = await openOf(refuses!)
      await ok(refuses!.post(`/proposals/${turnedDown.id}/refuse`, { reason: 'capacity' }))
      const unanswered = await openOf(silent!)
      world.clock.advance(8 * DAY)
      expect(await world.tick()).toEqual([])
      expect((await silent!.post(`/proposals/${unanswered.id}/accept`, {})).body.code).toBe(
        'proposal_expired',
      )
      expect(await Promise.all([first, second, third].map((id) => stateOf(stage, id)))).toEqual([
        'accepted',
        'waiting',
        'waiting',
      ])

      // The next run: whoever came back is proposed to somebody else, with the weeks they waited.
      const next = await published(stage)
      const again = pairsOf(next)
      expect(Object.keys(again).sort()).toEqual([second, third].sort())
      expect(again[second]).not.toBe(pairs[second])
      expect(again[third]).not.toBe(pairs[third])
      expect((next.proposals as Body[]).map(({ why }) => why.weeks)).toEqual([1, 1])

      // The patient is reached, seen and declared.
      await ok(accepts!.post(`/proposals/${asked.id}/contact`, { channel: 'phone', reached: true }))
      await ok(accepts!.post(`/proposals/${asked.id}/declare`, { at: '2026-12-01' }))
      expect(await stateOf(stage, first)).toBe('placed')
      for (const id of [second, third]) {
        const gp = gpOf(stage, again[id])
        const { id: proposalId } = await openOf(gp)
        await ok(gp.post(`/proposals/${proposalId}/accept`, {}))
        await ok(gp.post(`/proposals/${proposalId}/declare`, { at: '2026-12-01' }))
        expect(await stateOf(stage, id)).toBe('placed')
      }
      const over = await simulate(world, stage)
      expect(over).toMatchObject({ toQualify: 1, totals: { people: 0, proposals: 0, unplaced: 0 } })

      // Nothing of what the journal tells says who they are.
      const journal = JSON.stringify(await everyPage(world.admin, '/audit', 200))
      for (const secret of ['Flot', 'Alix', '1980-02', '3998', 'cabinet'])
        expect(journal).not.toContain(secret)
    })
  })

  // DOMAIN §4: what went wrong elsewhere.
  describe('what cannot happen here', () => {
    rule(
      '[ALLOC-60] somebody of whom something is unknown never ranks low: they rank nowhere, and are counted',
      async (world) => {
        const stage = await allocationStage(world, 1)
        const { coordinator, communityId } = stage
        // Nothing is said of them: by default they would be the last class of all.
        const unknown = await created(coordinator.post('/mt-requests', requestBody(communityId, {})))
        const low = await makeRequest(world, communityId, { flags: [OF_CLASS[5]] })
        const made = await simulated(stage)
        expect(made.toQualify).toBe(1)
        expect(JSON.stringify([made.proposals, made.unplaced])).not.toContain(unknown)
        expect(JSON.stringify([made.proposals, made.unplaced])).toContain(low)
        const queue = await ok(coordinator.get(`/mt-requests?class=to_qualify&community=${communityId}`))
        expect((queue.items as Body[]).map(({ id }) => id)).toEqual([unknown])
        // Once it is known they rank, from when they asked.
        world.clock.advance(14 * DAY)
        await ok(coordinator.patch(`/mt-requests/${unknown}`, { members: [{ number: 0, flags: NO_FLAGS }] }))
        const after = await simulated(stage)
        expect(after.toQualify).toBe(0)
        expect((after.proposals as Body[]).find(({ requestId }) => requestId === unknown)?.why.weeks).toBe(2)
      },
    )

    rule(
      '[ALLOC-61] a GP who does not answer frees the patient, who keeps their rank, even if no tick comes',
      async (world) => {
        const stage = await allocationStage(world, 2)
        // Only what is proposed changes: no points for waiting.
        await setRulesOf(world, stage.communityId, { grid: RULES.grid.slice(0, 3) as never })
        const request = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
        const [first] = Object.values(pairsOf(await published(stage)))
        expect((await simulate(world, stage)).totals.people).toBe(0)
        world.clock.advance(8 * DAY)
        const again = await simulate(world, stage)
        const [other] = stage.gps.filter(({ id }) => id !== first)
        expect(pairsOf(again)).toEqual({ [request]: other!.id })
        expect(again.proposals[0].why).toMatchObject({ weeks: 1, candidates: 1 })
        await world.tick()
        // What the tick notes was so already.
        expect((await simulate(world, stage)).inputHash).toBe(again.inputHash)
        expect((await ok(stage.coordinator.post(`/allocations/${again.id}/publish`, {}))).state).toBe(
          'published',
        )
      },
    )

    rule(
      '[ALLOC-62] nobody is placed beyond the distance of the rules, the household or the GP',
      async (world) => {
        const stage = await allocationStage(world, 1, { perRun: 20 })
        const [gp] = stage.gps
        // Antony is 17 km from Nanterre.
        const antony = (maxKm?: number) =>
          makeRequest(world, stage.communityId, {
            commune: '92002',
            flags: [OF_CLASS[1]],
            ...(maxKm === undefined ? {} : { maxKm }),
          })
        const [whatever, far] = [await antony(), await antony(140)]
        // Who asked for somebody within 16 km has nobody.
        await antony(16)
        const placed = async () => Object.keys(pairsOf(await simulate(world, stage))).sort()
        expect(await placed()).toEqual([whatever, far].sort())
        await openIntake(world, gp!.id, { perRun: 20, maxKm: 16 })
        expect(await placed()).toEqual([])
        await openIntake(world, gp!.id, { perRun: 20, maxKm: 140 })
        await setRulesOf(world, stage.communityId, { maxKm: 15 })
        const made = await simulate(world, stage)
        expect(pairsOf(made)).toEqual({})
        for (const one of made.unplaced as Body[])
          expect(one).toMatchObject({
            text: '1 médecin : 1 trop loin.',
            because: [{ constraint: 'distance' }],
          })
        // The coordinator cannot either.
        const locked = await stage.coordinator.post(`/allocations/${made.id}/adjust`, {
          requestId: far,
          practitionerId: gp!.id,
          lock: true,
          reason: 'Essai',
        })
        expect(locked.body).toMatchObject({ code: 'lock_refused', constraint: 'distance' })
      },
    )

    rule('[ALLOC-63] places kept for class 1 stay empty rather than go to light cases', async (world) => {
      const stage = await allocationStage(world, 2, { perRun: 4 })
      await setRulesOf(world, stage.communityId, { reservedForClass1: 0.5 })
      for (let i = 0; i < 12; i++) await makeRequest(world, stage.communityId, { flags: [OF_CLASS[5]] })
      const light = await simulate(world, stage)
      expect(light.totals).toMatchObject({ people: 12, placed: 4 })
      for (let i = 0; i < 12; i++) await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const both = await simulate(world, stage)
      expect(both.totals.byClass[0]).toEqual({ class: 1, people: 12, placed: 8 })
      expect(both.totals.byClass[4]).toEqual({ class: 5, people: 12, placed: 0 })
    })

    rule(
      '[ALLOC-64] a refusal without a lawful reason is impossible, and each lawful one is kept',
      async (world) => {
        const stage = await allocationStage(world, 1)
        const request = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
        await published(stage)
        const gp = stage.gps[0]!.caller
        const { id } = await openOf(gp)
        for (const reason of ['too_ill', 'c2s', 'nationality', 'pathology', '', 'x'.repeat(1_000)])
          expect((await gp.post(`/proposals/${id}/refuse`, { reason })).body).toMatchObject({
            status: 422,
            code: 'unlawful_reason',
          })
        for (const body of [{}, { reason: 7 }, { reason: null }])
          expect((await gp.post(`/proposals/${id}/refuse`, body)).status).toBe(400)
        expect((await openOf(gp)).id).toBe(id)
        await ok(gp.post(`/proposals/${id}/refuse`, { reason: 'competence' }))
        const register = await ok(stage.coordinator.get(`/communities/${stage.communityId}/refusals`))
        expect(register.items).toMatchObject([{ proposalId: id, requestId: request, reason: 'competence' }])
        // Nobody is asked twice.
        const made = await simulate(world, stage)
        expect(made.unplaced[0]).toMatchObject({ because: [{ constraint: 'excluded', practitioners: 1 }] })
      },
    )

    rule('[ALLOC-64] who looks at patients and then lets them go leaves a trace', async (world) => {
      const stage = await allocationStage(world, 1)
      const request = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      await published(stage)
      const gp = stage.gps[0]!.caller
      const { id } = await openOf(gp)
      await ok(gp.post(`/proposals/${id}/accept`))
      expect((await ok(gp.get(`/proposals/${id}`))).patients.members).toHaveLength(1)
      await ok(gp.post(`/proposals/${id}/patient-declined`, {}))
      const { communityId } = stage
      const register = await ok(stage.coordinator.get(`/communities/${communityId}/refusals`))
      expect(register.items).toMatchObject([
        { proposalId: id, requestId: request, kind: 'declined', class: 1 },
      ])
      expect(register.items[0].reason).toBeUndefined()
      const shares = await ok(stage.coordinator.get(`/communities/${communityId}/priority-shares`))
      expect(shares.byPractitioner).toMatchObject([
        {
          practitionerId: stage.gps[0]!.id,
          proposed: { people: 1, priority: 1 },
          accepted: { people: 0, priority: 0 },
          ended: { people: 1, priority: 1 },
        },
      ])
      const made = await simulate(world, stage)
      expect(made.unplaced[0]).toMatchObject({ because: [{ constraint: 'excluded', practitioners: 1 }] })
    })
  })
}
