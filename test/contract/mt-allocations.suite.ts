import { sql } from 'drizzle-orm'
import { describe, expect } from 'vitest'
import { forgetAllocations } from '../../src/attachment/allocation/actions.ts'
import {
  finishPublication,
  preparePublication,
  think,
} from '../../src/attachment/allocation/publication/actions.ts'
import { eraseDueRequests } from '../../src/attachment/requests/closing/actions.ts'
import { Refused } from '../../src/kernel/refusal.ts'
import { DAY, HOUR, MINUTE } from '../../src/kernel/time.ts'
import {
  allocationStage,
  makeRequest,
  OF_CLASS,
  openIntake,
  pairsOf,
  published,
  setRulesOf,
  simulated,
  type AllocationStage,
} from '../support/allocations.ts'
import { everyPage, refusalOf } from '../support/attempt.ts'
import { makeCommunity, makeGp } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import type { Answered, World } from '../support/world.ts'

type Body = Answered['body']

/** Rows of every table but those that a simulation may write, as text. */
const everythingElse = (world: World): string =>
  world.territory.read((db) => {
    const own = [
      'allocations',
      'allocation_parts',
      'allocation_adjustments',
      'events',
      'answers',
      'key_secrets',
    ]
    const tables = db.all<{ name: string }>(
      sql`select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like '\_%' escape '\\' order by name`,
    )
    const rows = tables
      .filter(({ name }) => !own.includes(name))
      .map(({ name }) => [name, db.all(sql`select * from ${sql.identifier(name)}`)])
    return JSON.stringify(rows) as never
  })

const events = async (world: World, type: string): Promise<Body[]> =>
  (await everyPage(world.admin, '/audit', 200)).filter((event) => event.type === type)

const adjust = (
  stage: AllocationStage,
  allocation: Body,
  requestId: string,
  practitionerId: string | null,
  lock = true,
) =>
  stage.coordinator.post(`/allocations/${allocation.id}/adjust`, {
    requestId,
    practitionerId,
    lock,
    reason: 'Suivi par ce cabinet',
  })

const publish = (stage: AllocationStage, allocation: Body) =>
  stage.coordinator.post(`/allocations/${allocation.id}/publish`, {})

const unplacedOf = (allocation: Body, requestId: string): Body =>
  (allocation.unplaced as Body[]).find((one) => one.requestId === requestId)

const reasonsOf = (allocation: Body, requestId: string): Record<string, number> =>
  Object.fromEntries(
    (unplacedOf(allocation, requestId).because as Body[]).map((one) => [one.constraint, one.practitioners]),
  )

/** What a detail of an allocation is apart from who made it and when. */
const outcomeOf = ({ id: _, createdAt: __, version: ___, locks: ____, ...outcome }: Body): Body => outcome

export const mtAllocationsSuite: Suite = (rule) => {
  describe('simulating', () => {
    rule('[ALLOC-40] a simulation proposes, says why and why not, and has no other effect', async (world) => {
      const stage = await allocationStage(world, 2, { perRun: 1 })
      await setRulesOf(world, stage.communityId, { reservedForClass1: 0 })
      const requests: string[] = []
      for (const flags of [OF_CLASS[5], OF_CLASS[3], OF_CLASS[1]])
        requests.push(await makeRequest(world, stage.communityId, { flags: [flags] }))
      const before = everythingElse(world)
      const made = await stage.coordinator.post('/allocations', { communityId: stage.communityId })
      expect(made.status).toBe(201)
      expect(everythingElse(world)).toBe(before)
      expect(made.body).toMatchObject({
        communityId: stage.communityId,
        state: 'simulated',
        origin: 'asked',
        seed: 0,
        optimal: true,
        rulesVersion: 1,
        toQualify: 0,
        createdAt: '2026-11-23T08:00:00+01:00',
        version: 1,
        locks: [],
        totals: { people: 3, placed: 2, proposals: 2, unplaced: 1, practitioners: 2, km: 0 },
      })
      expect(made.body.inputHash).toMatch(/^[0-9a-f]{64}$/)
      expect(made.headers.get('etag')).toBe('"1"')
      // In order of rank.
      expect(made.body.proposals[0]).toMatchObject({
        requestId: requests[2],
        class: 1,
        members: [0],
        km: 0,
        why: { rank: 1, weeks: 0, locked: false, candidates: 2, nearer: 0 },
      })
      expect(made.body.totals.byClass).toEqual([
        { class: 1, people: 1, placed: 1 },
        { class: 2, people: 0, placed: 0 },
        { class: 3, people: 1, placed: 1 },
        { class: 4, people: 0, placed: 0 },
        { class: 5, people: 1, placed: 0 },
      ])
      expect(unplacedOf(made.body, requests[0]!)).toMatchObject({ class: 5, members: [0], rank: 3 })
      expect((await stage.coordinator.get(`/allocations/${made.body.id}`)).body).toEqual(made.body)
      expect(await events(world, 'allocation.simulated')).toMatchObject([
        {
          subject: made.body.id,
          data: {
            communityId: stage.communityId,
            origin: 'asked',
            placed: 2,
            inputHash: made.body.inputHash,
          },
        },
      ])
    })

    rule('[ALLOC-40] a household is proposed whole, or each of it where they may be split', async (world) => {
      const stage = await allocationStage(world, 2, { perRun: 2 })
      await setRulesOf(world, stage.communityId, { reservedForClass1: 0 })
      const family = [OF_CLASS[1], {}, {}]
      const together = await makeRequest(world, stage.communityId, { flags: family })
      const split = await makeRequest(world, stage.communityId, { flags: family, household: 'may_split' })
      const made = await simulated(stage)
      expect(reasonsOf(made, together)).toEqual({ no_places: 2 })
      expect(unplacedOf(made, together)).toMatchObject({
        members: [0, 1, 2],
        text: '2 médecins : 2 sans assez de places pour cette demande.',
        because: [
          { constraint: 'no_places', practitioners: 2, text: '2 sans assez de places pour cette demande' },
        ],
      })
      const parts = (made.proposals as Body[]).filter(({ requestId }) => requestId === split)
      expect(parts.flatMap(({ members }) => members as number[]).sort()).toEqual([0, 1, 2])
      expect(new Set(parts.map(({ practitionerId }) => practitionerId)).size).toBe(2)
    })

    rule(
      '[ALLOC-41] the same state gives the same answer, an hour later too, until a week is full',
      async (world) => {
        const stage = await allocationStage(world, 3, { perRun: 2 })
        for (const flags of Object.values(OF_CLASS)) {
          await makeRequest(world, stage.communityId, { flags: [flags] })
          await makeRequest(world, stage.communityId, { flags: [flags, {}], household: 'may_split' })
        }
        const first = await simulated(stage)
        world.clock.advance(HOUR)
        const second = await simulated(stage)
        const shown = ({ totals: { kept: _, ...totals }, ...outcome }: Body) => ({ ...outcome, totals })
        expect(shown(outcomeOf(second))).toEqual(shown(outcomeOf(first)))
        expect(second.id).not.toBe(first.id)
        // Another seed breaks ties otherwise, and is told apart; nothing else has changed, so it stays near to nothing either.
        expect((await simulated(stage, { seed: 7 })).inputHash).not.toBe(first.inputHash)
        expect((await simulated(stage)).inputHash).toBe(first.inputHash)
        world.clock.advance(7 * DAY)
        expect((await simulated(stage)).inputHash).not.toBe(first.inputHash)
      },
    )

    rule('[ALLOC-42] a run, a month and a patientèle have only so many places', async (world) => {
      const stage = await allocationStage(world, 3)
      const [run, month, ceiling] = stage.gps.map(({ id }) => id)
      await setRulesOf(world, stage.communityId, { reservedForClass1: 0, equityKm: 0 })
      await openIntake(world, run!, { perRun: 1 })
      await openIntake(world, month!, { perRun: 9, perMonth: 2 })
      await openIntake(world, ceiling!, { perRun: 9, patientele: 1_197, patienteleCeiling: 1_200 })
      for (let i = 0; i < 9; i++) await makeRequest(world, stage.communityId)
      const made = await published(stage)
      const counts = (allocation: Body) =>
        [run, month, ceiling].map(
          (id) => (allocation.proposals as Body[]).filter((one) => one.practitionerId === id).length,
        )
      expect(counts(made)).toEqual([1, 2, 3])
      // What is open still counts for the month and the patientèle; a run is each run's own.
      expect(counts(await simulated(stage))).toEqual([1, 0, 0])
    })

    rule('[ALLOC-58] who said nothing, is closed, absent or yet to answer takes no part', async (world) => {
      const stage = await allocationStage(world, 4)
      await makeGp(world, stage.communityId)
      const [closed, absent, leaving, waits] = stage.gps.map(({ id }) => id)
      await openIntake(world, closed!, { open: false })
      await openIntake(world, absent!, { absentUntil: '2026-11-23' as never })
      await openIntake(world, leaving!, { leavingOn: '2026-12-31' as never })
      await setRulesOf(world, stage.communityId, { batchWaits: true })
      const first = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      expect(pairsOf(await published(stage))).toEqual({ [first]: waits })
      const second = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const made = await simulated(stage)
      expect(reasonsOf(made, second)).toEqual({ no_intake: 1, closed: 1, absent: 2, batch_open: 1 })
      expect(unplacedOf(made, second).text).toBe(
        '5 médecins : 1 n’a pas dit ce qu’il accueille, 1 n’accueille personne en ce moment, 2 absents ou sur le départ, 1 n’a pas encore répondu à ses propositions.',
      )
    })

    rule('[ALLOC-57] a new simulation stays near to the last where something changed', async (world) => {
      const stage = await allocationStage(world, 4, { perRun: 3 })
      for (let i = 0; i < 8; i++) await makeRequest(world, stage.communityId, { flags: [OF_CLASS[3]] })
      const first = await simulated(stage)
      await makeRequest(world, stage.communityId, { flags: [OF_CLASS[5]] })
      const second = await simulated(stage)
      const [before, after] = [pairsOf(first), pairsOf(second)]
      expect(Object.keys(before)).toHaveLength(8)
      expect(after).toMatchObject(before)
      expect(second.totals.kept).toBe(8)
    })

    rule('[ALLOC-55] allocations are those of one’s own CPTS, the last first', async (world) => {
      const stage = await allocationStage(world)
      const elsewhere = await makeCommunity(world, '92063')
      const other = await world.key('coordinator', { communityIds: [elsewhere] })
      const ids: string[] = []
      for (let i = 0; i < 3; i++) {
        ids.unshift((await simulated(stage)).id)
        world.clock.advance(MINUTE)
      }
      const foreign = await simulated({ coordinator: other, communityId: elsewhere })
      expect((await everyPage(stage.coordinator, '/allocations', 2)).map(({ id }) => id)).toEqual(ids)
      expect((await everyPage(world.admin, '/allocations', 2)).map(({ id }) => id)).toEqual([
        foreign.id,
        ...ids,
      ])
      const only = await world.admin.get(`/allocations?community=${elsewhere}&state=simulated`)
      expect(only.body.items).toHaveLength(1)
      expect(only.body.items[0]).not.toHaveProperty('proposals')
      expect((await world.admin.get('/allocations?state=published')).body.items).toEqual([])
      expect((await other.get(`/allocations/${ids[0]}`)).status).toBe(404)
      expect((await other.post('/allocations', { communityId: stage.communityId })).body.code).toBe(
        'not_found',
      )
      expect(
        (await other.post('/allocations', { communityId: elsewhere, keepLocksOf: ids[0] })).body.code,
      ).toBe('not_found')
    })

    rule('[ALLOC-56] how far a simulation is can be seen, and then that there is none', async (world) => {
      const stage = await allocationStage(world, 3)
      for (let i = 0; i < 60; i++) await makeRequest(world, stage.communityId)
      const path = `/communities/${stage.communityId}/allocation-progress`
      expect((await stage.coordinator.get(path)).body).toEqual({ state: 'idle', done: 0, of: 0 })
      const answering = stage.coordinator.post('/allocations', { communityId: stage.communityId })
      const seen: Body[] = []
      const over = answering.then(() => 'over')
      const soon = () => new Promise<string>((resume) => setTimeout(() => resume('soon'), 0))
      while ((await Promise.race([over, soon()])) !== 'over')
        seen.push((await stage.coordinator.get(path)).body)
      expect((await answering).status).toBe(201)
      const running = seen.filter(({ state }) => state === 'running')
      expect(running.length).toBeGreaterThan(0)
      expect(running[0].startedAt).toBe('2026-11-23T08:00:00+01:00')
      const done = running.map((one) => one.done as number)
      expect(done).toEqual([...done].sort((a, b) => a - b))
      expect((await stage.coordinator.get(path)).body.state).toBe('idle')
    })
  })

  describe('adjusting', () => {
    rule('[ALLOC-44] a choice is kept with its reason and all else is solved around it', async (world) => {
      const stage = await allocationStage(world, 2, { perRun: 1 })
      await setRulesOf(world, stage.communityId, { reservedForClass1: 0 })
      const first = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[2]] })
      const second = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[3]] })
      const last = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[5]] })
      const made = await simulated(stage)
      const before = pairsOf(made)
      expect(Object.keys(before)).toEqual([first, second])
      const to = before[first]!
      const adjusted = await adjust(stage, made, last, to)
      expect(adjusted.status, adjusted.text).toBe(200)
      expect(adjusted.body).toMatchObject({
        id: made.id,
        state: 'simulated',
        version: 2,
        locks: [{ requestId: last, practitionerId: to, reason: 'Suivi par ce cabinet', at: made.createdAt }],
      })
      expect(pairsOf(adjusted.body)).toEqual({ [last]: to, [first]: before[second] })
      expect(reasonsOf(adjusted.body, second)).toEqual({ saturated: 2 })
      expect(adjusted.body.inputHash).not.toBe(made.inputHash)
      // Put aside: nobody in this run.
      const aside = (await adjust(stage, made, last, null)).body
      expect(pairsOf(aside)).toEqual(before)
      expect(unplacedOf(aside, last)).toMatchObject({
        because: [{ constraint: 'locked_out' }],
        text: 'Mis de côté dans cette répartition par la coordination.',
      })
      expect(aside.locks).toMatchObject([{ requestId: last, practitionerId: null }])
      // Given back: as if nothing had been.
      const back = (await adjust(stage, made, last, null, false)).body
      expect(outcomeOf(back)).toEqual(outcomeOf(made))
      expect(back).toMatchObject({ version: 4, locks: [] })
      const told = await events(world, 'allocation.adjusted')
      expect(told.map(({ data }) => [data.requestId, data.lock, data.to])).toEqual([
        [last, true, to],
        [last, true, undefined],
        [last, false, undefined],
      ])
      expect(JSON.stringify(told)).not.toContain('cabinet')
      expect(told.map((one) => one.practitionerId ?? null)).toEqual([null, null, null])
    })

    rule(
      '[ALLOC-44] it is solved on the present state, and only by who saw the present version',
      async (world) => {
        const stage = await allocationStage(world, 1)
        const first = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
        const made = await simulated(stage)
        const second = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
        const path = `/allocations/${made.id}/adjust`
        const body = { requestId: first, practitionerId: stage.gps[0]!.id, lock: true, reason: 'Suivi' }
        const stale = await stage.coordinator.post(path, body, { headers: { 'if-match': '"2"' } })
        expect(stale.body).toMatchObject({ status: 412, code: 'stale_version', version: 1 })
        const adjusted = await stage.coordinator.post(path, body, { headers: { 'if-match': '"1"' } })
        expect(Object.keys(pairsOf(adjusted.body)).sort()).toEqual([first, second].sort())
        expect((await publish(stage, made)).status).toBe(200)
      },
    )

    rule('[ALLOC-45] what a hard rule forbids is refused to the coordinator as well', async (world) => {
      const stage = await allocationStage(world, 2, { perRun: 1 })
      const [near, far] = stage.gps
      await setRulesOf(world, stage.communityId, { reservedForClass1: 0.5 })
      await openIntake(world, far!.id, { minAge: 70 })
      const first = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const second = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[2]] })
      const made = await simulated(stage)
      const refused = async (requestId: string, practitionerId: string) =>
        (await adjust(stage, made, requestId, practitionerId)).body
      expect(await refused(first, far!.id)).toMatchObject({
        status: 422,
        code: 'lock_refused',
        constraint: 'age',
        requestId: first,
        practitionerId: far!.id,
        detail: 'La règle ne permet pas ce choix : ce médecin n’accueille pas cet âge.',
      })
      // The one place is reserved to class 1.
      expect(await refused(second, near!.id)).toMatchObject({ code: 'lock_refused', constraint: 'no_places' })
      // Nothing of a refused choice is left.
      expect((await stage.coordinator.get(`/allocations/${made.id}`)).body).toEqual(made)
      expect((await adjust(stage, made, first, near!.id)).status).toBe(200)
      const third = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      expect(await refused(third, near!.id)).toMatchObject({ code: 'lock_refused', constraint: 'no_places' })
      expect(await refused(first, 'prac_7zzzzzzzzzzzzzzzzzzzzzzzzz')).toMatchObject({ code: 'not_found' })
      expect(await refused('mtrq_7zzzzzzzzzzzzzzzzzzzzzzzzz', near!.id)).toMatchObject({ code: 'not_found' })
    })

    rule('[ALLOC-44] another simulation can take over the choices made on one', async (world) => {
      const stage = await allocationStage(world, 2)
      const [, far] = stage.gps
      const request = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const first = await simulated(stage)
      await adjust(stage, first, request, far!.id)
      const second = await simulated(stage, { keepLocksOf: first.id })
      expect(pairsOf(second)).toEqual({ [request]: far!.id })
      expect(second.locks).toMatchObject([{ requestId: request, reason: 'Suivi par ce cabinet' }])
      expect((await simulated(stage)).locks).toEqual([])
    })
  })

  describe('explaining', () => {
    const ask = (stage: AllocationStage, path: string) => stage.coordinator.get(path)
    const explain = async (stage: AllocationStage, allocation: Body, requestId: string): Promise<Body> => {
      const answer = await ask(stage, `/allocations/${allocation.id}/explain?request=${requestId}`)
      if (answer.status !== 200) throw new Error(answer.text)
      return answer.body
    }

    rule(
      '[ALLOC-50] who is placed is told why there, and what each other practitioner was',
      async (world) => {
        const stage = await allocationStage(world, 3, { perRun: 1 })
        await setRulesOf(world, stage.communityId, { reservedForClass1: 0 })
        const [one, old, women] = stage.gps.map(({ id }) => id)
        await openIntake(world, old!, { perRun: 1, minAge: 70 })
        await openIntake(world, women!, { perRun: 1, sex: 'female' })
        const request = await makeRequest(world, stage.communityId, {
          flags: [OF_CLASS[1]],
          needs: { doctorSex: 'male' },
        })
        await openIntake(world, one!, { perRun: 1, sex: 'male' })
        const silent = await makeGp(world, stage.communityId)
        const made = await simulated(stage)
        const told = await explain(stage, made, request)
        expect(told).toMatchObject({ requestId: request, class: 1, rank: 1, weeks: 0 })
        const byId = Object.fromEntries(
          (told.candidates as Body[]).map((each) => [each.practitionerId, each]),
        )
        expect(byId[one!]).toMatchObject({
          outcome: 'chosen',
          constraint: null,
          members: [0],
          text: 'proposé',
        })
        // All that keeps them apart, the first that is asked before the others.
        expect(byId[old!]).toMatchObject({
          outcome: 'excluded',
          constraint: 'age',
          constraints: ['age', 'doctor_sex'],
          text: 'n’accueille pas cet âge, n’est pas du sexe demandé ou ne l’a pas dit',
        })
        // Of who said nothing no more is said.
        expect(byId[silent.id]).toMatchObject({
          constraints: ['no_intake'],
          text: 'n’a pas dit ce qu’il accueille',
        })
        expect(byId[women!]).toMatchObject({
          constraint: 'doctor_sex',
          name: expect.stringContaining('Fictif'),
        })
        expect(told.parties).toMatchObject([
          {
            members: [0],
            practitionerId: one,
            fitting: 1,
            funnel: [
              { constraint: 'no_intake', practitioners: 1 },
              { constraint: 'age', practitioners: 1 },
              { constraint: 'doctor_sex', practitioners: 1 },
            ],
            lifting: [{ constraint: 'doctor_sex', practitioners: 1 }],
            saturation: null,
          },
        ])
        expect(told.text).toBe(
          'Classe 1, moins d’une semaine d’attente, rang 1. Seul médecin possible, à 0,0 km.',
        )
      },
    )

    rule('[ALLOC-51] who is not placed is told who passes before, and what would help', async (world) => {
      const stage = await allocationStage(world, 2, { perRun: 1 })
      await setRulesOf(world, stage.communityId, { reservedForClass1: 0 })
      const closed = await makeGp(world, stage.communityId)
      await openIntake(world, closed.id, { open: false })
      const [first, second, third, fourth] = [
        await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] }),
        await makeRequest(world, stage.communityId, { flags: [OF_CLASS[2]] }),
        await makeRequest(world, stage.communityId, { flags: [OF_CLASS[3]] }),
        await makeRequest(world, stage.communityId, { flags: [OF_CLASS[4]] }),
      ]
      const made = await simulated(stage)
      expect(Object.keys(pairsOf(made))).toEqual([first, second])
      const told = await explain(stage, made, third)
      const [party] = told.parties as Body[]
      expect(party).toMatchObject({
        practitionerId: null,
        fitting: 2,
        lifting: [
          {
            constraint: 'closed',
            practitioners: 1,
            text: '1 médecin de plus en ouvrant son accueil',
          },
        ],
        saturation: { occupants: 2, locked: 0, lastRank: 2 },
      })
      expect(party.saturation.practitioners.sort()).toEqual(stage.gps.map(({ id }) => id).sort())
      expect(told.text).toBe(
        '3 médecins : 1 n’accueille personne en ce moment, 2 possibles mais complets : leurs places vont à des personnes qui passent avant. 2 médecins pourraient servir, directement ou en déplaçant d’autres personnes : tous sont complets, et les 2 personnes qui y sont passent avant. 1 médecin de plus en ouvrant son accueil.',
      )
      // One place more anywhere is for the first who has none.
      expect((party.helps as Body[]).map(({ requestId }) => requestId)).toEqual([third, third])
      expect(party.helps[0].text).toMatch(/^Une place de plus chez .* serait pour cette personne\.$/)
      const [after] = (await explain(stage, made, fourth)).parties as Body[]
      expect(after.helps[0]).toMatchObject({ requestId: third, text: expect.stringContaining('passe avant') })
    })

    rule('[ALLOC-51] it tells what the simulation saw, not what is now', async (world) => {
      const stage = await allocationStage(world, 1)
      const request = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const made = await simulated(stage)
      const before = await explain(stage, made, request)
      await openIntake(world, stage.gps[0]!.id, { open: false })
      expect(await explain(stage, made, request)).toEqual(before)
      // Adjusting looks at the present, and what is told then is of that.
      await adjust(stage, made, request, null)
      expect((await explain(stage, made, request)).text).toBe(
        'Mis de côté dans cette répartition par la coordination.',
      )
    })

    rule(
      '[ALLOC-51] a household is told how many of it each could take; who may be split, one by one',
      async (world) => {
        const stage = await allocationStage(world, 1, { perRun: 2 })
        await setRulesOf(world, stage.communityId, { reservedForClass1: 0 })
        const one = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
        const couple = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[2], {}] })
        const made = await simulated(stage)
        expect(Object.keys(pairsOf(made))).toEqual([one])
        const [party] = (await explain(stage, made, couple)).parties as Body[]
        expect(party).toMatchObject({
          members: [0, 1],
          partly: [{ practitionerId: stage.gps[0]!.id, people: 1 }],
        })
        const split = await makeRequest(world, stage.communityId, {
          flags: [OF_CLASS[2], {}],
          household: 'may_split',
        })
        const told = await explain(stage, await simulated(stage), split)
        expect((told.parties as Body[]).map(({ members }) => members)).toEqual([[0], [1]])
        expect((told.candidates as Body[]).map(({ members }) => members)).toEqual([[0], [1]])
      },
    )

    rule('[ALLOC-51] what if: who would move or lose their place, and nothing does', async (world) => {
      const stage = await allocationStage(world, 2, { perRun: 1 })
      await setRulesOf(world, stage.communityId, { reservedForClass1: 0 })
      const first = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const second = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[2]] })
      const last = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[5]] })
      const made = await simulated(stage)
      const pairs = pairsOf(made)
      const whatIf = async (requestId: string, practitionerId: string): Promise<Body> =>
        (
          await ask(
            stage,
            `/allocations/${made.id}/what-if?request=${requestId}&practitioner=${practitionerId}`,
          )
        ).body
      expect(await whatIf(first, pairs[second]!)).toMatchObject({
        forbidden: null,
        moved: [
          { requestId: first, from: pairs[first], to: pairs[second] },
          { requestId: second, from: pairs[second], to: pairs[first] },
        ],
        placed: [],
        unplaced: [],
        text: 'Pour les autres : 1 personne change de médecin ; +0,0 km en tout.',
      })
      const forced = await whatIf(last, pairs[first]!)
      expect(forced).toMatchObject({
        forbidden: null,
        placed: [{ requestId: last, practitionerId: pairs[first] }],
        unplaced: [{ requestId: second }],
        text: 'Pour les autres : 1 personne change de médecin, 1 personne perd sa place ; +0,0 km en tout.',
      })
      // As the coordinator would find it.
      const adjusted = (await adjust(stage, made, last, pairs[first]!)).body
      expect(pairsOf(adjusted)).toEqual({ [last]: pairs[first], [first]: pairs[second] })
      const compared = (
        await ask(stage, `/allocations/${(await simulated(stage)).id}/compare?with=${made.id}`)
      ).body
      expect(compared.placed).toMatchObject([{ requestId: second }])
      expect(compared.unplaced).toMatchObject([{ requestId: last }])
      await openIntake(world, pairs[first]!, { minAge: 99 })
      const fresh = await simulated(stage)
      const forbidden = await ask(
        stage,
        `/allocations/${fresh.id}/what-if?request=${first}&practitioner=${pairs[first]}`,
      )
      expect(forbidden.body).toMatchObject({
        forbidden: 'age',
        moved: [],
        text: 'Impossible : ce médecin n’accueille pas cet âge.',
      })
      for (const path of ['explain?request=', `what-if?practitioner=${pairs[first]}&request=`])
        expect(
          (await ask(stage, `/allocations/${made.id}/${path}mtrq_7zzzzzzzzzzzzzzzzzzzzzzzzz`)).body.code,
        ).toBe('not_found')
    })

    rule(
      '[ALLOC-52] two allocations are compared: who moves, who is placed or no longer, and the totals',
      async (world) => {
        const stage = await allocationStage(world, 2, { perRun: 2 })
        const request = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
        const before = await simulated(stage)
        const compare = async (id: string, other: string): Promise<Answered> =>
          ask(stage, `/allocations/${id}/compare?with=${other}`)
        expect((await compare(before.id, before.id)).body).toMatchObject({
          moved: [],
          placed: [],
          unplaced: [],
          km: 0,
          text: 'Rien ne change.',
        })
        const more = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
        await openIntake(world, pairsOf(before)[request]!, { open: false })
        const after = await simulated(stage)
        const [other] = stage.gps.filter(({ id }) => id !== pairsOf(before)[request])
        expect((await compare(after.id, before.id)).body).toMatchObject({
          moved: [{ requestId: request, member: 0, from: pairsOf(before)[request], to: other!.id, km: 0 }],
          placed: [{ requestId: more, practitionerId: other!.id }],
          unplaced: [],
          before: { people: 1, placed: 1 },
          after: { people: 2, placed: 2 },
          text: '1 personne change de médecin, 1 personne trouve une place ; +0,0 km en tout.',
        })
        const back = (await compare(before.id, after.id)).body
        expect(back).toMatchObject({ unplaced: [{ requestId: more }], before: { people: 2 } })
        const elsewhere = await makeCommunity(world, '92063')
        const foreign = await simulated({ coordinator: world.admin, communityId: elsewhere })
        expect((await world.admin.get(`/allocations/${after.id}/compare?with=${foreign.id}`)).status).toBe(
          404,
        )
        // What is thrown away explains nothing any more.
        await stage.coordinator.post(`/allocations/${before.id}/discard`, {})
        expect((await compare(after.id, before.id)).body.code).toBe('allocation_closed')
        expect((await ask(stage, `/allocations/${before.id}/explain?request=${request}`)).body.code).toBe(
          'allocation_closed',
        )
      },
    )
  })

  describe('publishing', () => {
    rule(
      '[ALLOC-46] publishing sends the proposals, once, and tells of it without the patients',
      async (world) => {
        const stage = await allocationStage(world, 2)
        const requests = [
          await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] }),
          await makeRequest(world, stage.communityId, { flags: [OF_CLASS[3]] }),
        ]
        const made = await simulated(stage)
        const answer = await publish(stage, made)
        expect(answer.status, answer.text).toBe(200)
        expect(answer.body).toMatchObject({
          id: made.id,
          state: 'published',
          publishedAt: made.createdAt,
          proposals: made.proposals,
          version: 2,
        })
        expect((await publish(stage, made)).body).toMatchObject({
          status: 409,
          code: 'allocation_closed',
          state: 'published',
        })
        expect((await adjust(stage, made, requests[0]!, null)).body.code).toBe('allocation_closed')
        expect((await stage.coordinator.post(`/allocations/${made.id}/discard`, {})).body.code).toBe(
          'allocation_closed',
        )
        const sent = await everyPage(stage.coordinator, `/proposals?allocation=${made.id}`, 50)
        expect(sent.map((one) => [one.requestId, one.practitionerId, one.km, one.class]).sort()).toEqual(
          (made.proposals as Body[])
            .map((one) => [one.requestId, one.practitionerId, one.km, one.class])
            .sort(),
        )
        expect(await events(world, 'allocation.published')).toMatchObject([
          {
            subject: made.id,
            data: {
              communityId: stage.communityId,
              proposals: 2,
              people: 2,
              inputHash: made.inputHash,
              rulesVersion: 0,
            },
          },
        ])
      },
    )

    const CHANGES: Readonly<
      Record<string, (world: World, stage: AllocationStage, request: string) => Promise<unknown>>
    > = {
      'another request': (world, stage) => makeRequest(world, stage.communityId, { flags: [OF_CLASS[5]] }),
      'an intake': (world, stage) => openIntake(world, stage.gps[0]!.id, { perRun: 4 }),
      'a new practitioner': (world, stage) => makeGp(world, stage.communityId),
      'the rules': (world, stage) => setRulesOf(world, stage.communityId, { answerDays: 10 }),
      'another publication': async (world, stage) => publish(stage, await simulated(stage)),
    }
    for (const [what, change] of Object.entries(CHANGES))
      rule(`[ALLOC-47] what was made before ${what} is not published any more`, async (world) => {
        const stage = await allocationStage(world, 2)
        const request = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
        const made = await simulated(stage)
        await change(world, stage, request)
        const sent = (await events(world, 'proposal.sent')).length
        expect((await publish(stage, made)).body).toMatchObject({ status: 409, code: 'stale_simulation' })
        expect(await events(world, 'proposal.sent')).toHaveLength(sent)
        expect((await stage.coordinator.get(`/allocations/${made.id}`)).body.state).toBe('simulated')
      })

    for (const [at, status] of [
      ['2026-11-24T23:59:00+01:00', 200],
      ['2026-11-25T00:00:00+01:00', 409],
    ] as const)
      rule(
        `[ALLOC-47] that somebody is back on a day is a change: at ${at} it is ${status}`,
        async (world) => {
          const stage = await allocationStage(world, 2)
          await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
          await openIntake(world, stage.gps[0]!.id, { absentUntil: '2026-11-24' as never })
          const made = await simulated(stage)
          world.clock.set(at)
          expect((await publish(stage, made)).status).toBe(status)
        },
      )

    for (const [what, later] of [
      ['an hour', HOUR],
      ['a week', 7 * DAY],
    ] as const)
      rule(`[ALLOC-47] ${what} later nothing has changed`, async (world) => {
        const stage = await allocationStage(world, 2)
        const request = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
        const made = await simulated(stage)
        world.clock.advance(later)
        const sent = await publish(stage, made)
        expect(sent.status).toBe(200)
        expect(sent.body.proposals).toMatchObject([{ requestId: request, why: made.proposals[0].why }])
      })

    rule('[ALLOC-47] what changes while a simulation is checked counts', async (world) => {
      const stage = await allocationStage(world, 2)
      const request = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const made = await simulated(stage)
      const checked = async () =>
        think(await world.act((ctx) => preparePublication(ctx, made.id, undefined)), () => Promise.resolve())
      const finish = (thought: Awaited<ReturnType<typeof checked>>) =>
        world.act((ctx) => ({
          code: refusalOf(() => {
            const view = finishPublication(ctx, made.id, undefined, thought)
            if (!view) throw new Refused({ code: 'stale_version', detail: 'To be thought again.' })
          }),
        }))
      // Another answer than the one that was checked: that one is to be checked.
      const first = await checked()
      expect((await adjust(stage, made, request, null)).status).toBe(200)
      expect(await finish(first)).toEqual({ code: 'stale_version' })
      // Another state than the one that it was made from.
      const second = await checked()
      await openIntake(world, stage.gps[0]!.id, { perRun: 4 })
      expect(await finish(second)).toEqual({ code: 'stale_simulation' })
      expect(await events(world, 'allocation.published')).toEqual([])
    })

    rule('[ALLOC-48] what the checker finds at fault is not published', async (world) => {
      const stage = await allocationStage(world, 2, { perRun: 1 })
      const [one, two] = stage.gps.map(({ id }) => id)
      await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const made = await simulated(stage)
      // Both with the same practitioner, who has one place.
      await world.act((ctx) => {
        ctx.db.run(
          sql`update allocation_parts set body = replace(body, ${`"practitionerId":"${one}","km"`}, ${`"practitionerId":"${two}","km"`}) where kind = 'solution' and allocation_id = ${made.id}`,
        )
      })
      const refused = await publish(stage, made)
      expect(refused.body).toMatchObject({ status: 409, code: 'unproven' })
      expect(refused.body.faults).toEqual([`${two}: more than its places`])
      expect(await events(world, 'proposal.sent')).toEqual([])
    })

    rule('[ALLOC-49] time alone publishes nothing, and discards what nobody published', async (world) => {
      const stage = await allocationStage(world, 2)
      await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const made = await simulated(stage)
      const asTick = { kind: 'system', name: 'tick' } as const
      expect(
        await world.act(
          (ctx) => refusalOf(() => preparePublication(ctx, made.id, undefined)) ?? null,
          asTick,
        ),
      ).toBe('not_found')
      for (let week = 0; week < 14; week++) {
        expect(await world.tick()).toEqual([])
        world.clock.advance(7 * DAY)
      }
      await world.tick()
      expect(await events(world, 'allocation.published')).toEqual([])
      expect(await events(world, 'proposal.sent')).toEqual([])
      const now = (await stage.coordinator.get(`/allocations/${made.id}`)).body
      expect(now).toMatchObject({ state: 'discarded', inputHash: made.inputHash, totals: made.totals })
      expect(now).not.toHaveProperty('proposals')
    })
  })

  describe('throwing away', () => {
    const parts = (world: World): number =>
      world.territory.read((db) => db.all(sql`select 1 from allocation_parts`).length as never)

    rule(
      '[ALLOC-54] a discarded simulation keeps its hash and loses what it was made from',
      async (world) => {
        const stage = await allocationStage(world)
        await makeRequest(world, stage.communityId)
        const made = await simulated(stage)
        const answer = await stage.coordinator.post(`/allocations/${made.id}/discard`, {})
        expect(answer.body).toMatchObject({
          id: made.id,
          state: 'discarded',
          inputHash: made.inputHash,
          version: 2,
        })
        expect(parts(world)).toBe(0)
        expect((await publish(stage, made)).body.code).toBe('allocation_closed')
        expect(await events(world, 'allocation.discarded')).toMatchObject([
          { subject: made.id, data: { communityId: stage.communityId, reason: 'asked' } },
        ])
      },
    )

    rule('[ALLOC-54] a draft is kept 90 days, the detail of what was published a year', async (world) => {
      const stage = await allocationStage(world)
      await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const sent = await published(stage)
      world.clock.advance(MINUTE)
      const draft = await simulated(stage)
      const forget = () => world.act((ctx) => forgetAllocations(ctx, 20))
      world.clock.set('2027-02-21T08:00:59+01:00')
      expect(await forget()).toBe(0)
      world.clock.set('2027-02-21T08:01:00+01:00')
      expect(await forget()).toBe(1)
      expect(await forget()).toBe(0)
      expect((await stage.coordinator.get(`/allocations/${draft.id}`)).body.state).toBe('discarded')
      expect((await stage.coordinator.get(`/allocations/${sent.id}`)).body.proposals).toHaveLength(1)
      world.clock.set('2027-11-23T08:00:00+01:00')
      expect(await forget()).toBe(1)
      expect(parts(world)).toBe(0)
      const old = (await stage.coordinator.get(`/allocations/${sent.id}`)).body
      expect(old).toMatchObject({ state: 'published', inputHash: sent.inputHash })
      expect(old).not.toHaveProperty('proposals')
      expect(await forget()).toBe(0)
    })
  })

  describe('forgetting', () => {
    const parts = (world: World): string =>
      world.territory.read((db) => JSON.stringify(db.all(sql`select body from allocation_parts`)) as never)

    rule('[ALLOC-66] who is forgotten is taken out of allocations; of others, all stays', async (world) => {
      const stage = await allocationStage(world, 1, { perRun: 2 })
      await setRulesOf(world, stage.communityId, { reservedForClass1: 0 })
      const gone = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const stays = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[2]] })
      const left = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[3]] })
      const sent = await published(stage)
      const draft = await simulated(stage)
      await adjust(stage, draft, left, null)
      const path = `/allocations/${sent.id}`
      const explain = (id: string) => stage.coordinator.get(`${path}/explain?request=${id}`)
      expect((await explain(gone)).status).toBe(200)
      for (const secret of ['Fictif', 'Alix', '3998', '1980-02']) expect(parts(world)).not.toContain(secret)
      expect(parts(world)).toContain(gone)
      const erase = (id: string) =>
        stage.coordinator.post(`/mt-requests/${id}/erase`, { requestedBy: 'patient' })
      expect((await erase(gone)).status).toBe(200)
      expect(parts(world)).not.toContain(gone)
      const now = (await stage.coordinator.get(path)).body
      expect(pairsOf(now)).toEqual({ [stays]: stage.gps[0]!.id })
      expect(now.proposals).toEqual(sent.proposals.filter((one: Body) => one.requestId === stays))
      expect(now).toMatchObject({
        inputHash: sent.inputHash,
        totals: sent.totals,
        unplaced: [{ requestId: left }],
        version: Number(sent.version) + 1,
      })
      // Who was answered from memory a moment ago is not any more; nor is anybody else from what is gone.
      for (const id of [gone, left])
        expect((await explain(id)).body).toMatchObject({ status: 409, code: 'allocation_closed' })
      expect((await stage.coordinator.get(`${path}/compare?with=${draft.id}`)).status).toBe(200)
      // The draft said nothing of them, and goes on; what the coordinator wrote of somebody goes with them.
      const locksNow = async () => (await stage.coordinator.get(`/allocations/${draft.id}`)).body.locks
      expect(await locksNow()).toMatchObject([{ requestId: left, reason: 'Suivi par ce cabinet' }])
      await erase(left)
      expect(await locksNow()).toMatchObject([{ requestId: left, reason: '' }])
    })

    rule('[ALLOC-66] a draft that somebody was in is stale, and whole again once adjusted', async (world) => {
      const stage = await allocationStage(world, 1, { perRun: 2 })
      const gone = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const stays = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const draft = await simulated(stage)
      await stage.coordinator.post(`/mt-requests/${gone}/withdraw`, { reason: 'consent_revoked' })
      expect(parts(world)).not.toContain(gone)
      expect((await publish(stage, draft)).body).toMatchObject({ status: 409, code: 'stale_simulation' })
      const adjusted = (await adjust(stage, draft, stays, stage.gps[0]!.id)).body
      expect(pairsOf(adjusted)).toEqual({ [stays]: stage.gps[0]!.id })
      expect((await publish(stage, adjusted)).status).toBe(200)
    })

    rule('[ALLOC-66] where time is up, what was made later is not looked through', async (world) => {
      const stage = await allocationStage(world, 1, { perRun: 2 })
      const gone = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      await stage.coordinator.post(`/mt-requests/${gone}/withdraw`, { reason: 'found_mt' })
      world.clock.advance(366 * DAY)
      const later = await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
      const draft = await simulated(stage)
      expect(await world.act((ctx) => eraseDueRequests(ctx, 10))).toBe(1)
      expect((await stage.coordinator.get(`/allocations/${draft.id}`)).body).toEqual(draft)
      expect(parts(world)).toContain(later)
    })
  })

  describe('each week', () => {
    const weekly = (world: World) => events(world, 'allocation.simulated')

    rule(
      '[ALLOC-53] a simulation is ready at the day and hour of the CPTS, and none is published',
      async (world) => {
        const stage = await allocationStage(world)
        await makeRequest(world, stage.communityId, { flags: [OF_CLASS[1]] })
        // Monday 23 November at eight: the next is on Tuesday at six.
        await setRulesOf(world, stage.communityId, { weeklyRun: { weekday: 2, at: '06:00' } })
        await world.tick()
        world.clock.set('2026-11-24T05:59:00+01:00')
        await world.tick()
        expect(await weekly(world)).toEqual([])
        world.clock.set('2026-11-24T06:00:00+01:00')
        expect(await world.tick()).toEqual([])
        expect(await world.tick()).toEqual([])
        const [made] = await weekly(world)
        expect(await weekly(world)).toMatchObject([
          { actor: 'system:tick', data: { communityId: stage.communityId, origin: 'weekly', proposals: 1 } },
        ])
        const shown = (await stage.coordinator.get(`/allocations/${made.subject}`)).body
        expect(shown).toMatchObject({ origin: 'weekly', state: 'simulated', optimal: true })
        expect(await events(world, 'proposal.sent')).toEqual([])
        // A person may publish it.
        expect((await publish(stage, shown)).status).toBe(200)
      },
    )

    rule('[ALLOC-53] ticks that come late make one run, not those that were missed', async (world) => {
      const stage = await allocationStage(world)
      await setRulesOf(world, stage.communityId, { weeklyRun: { weekday: 2, at: '06:00' } })
      // No tick at all for five weeks.
      world.clock.set('2026-12-30T12:00:00+01:00')
      await world.tick()
      await world.tick()
      expect(await weekly(world)).toHaveLength(1)
      world.clock.set('2027-01-05T05:59:59+01:00')
      await world.tick()
      expect(await weekly(world)).toHaveLength(1)
      world.clock.set('2027-01-05T06:00:00+01:00')
      await world.tick()
      expect(await weekly(world)).toHaveLength(2)
    })

    rule('[ALLOC-53] another hour holds from when it is set, and none ends it', async (world) => {
      const stage = await allocationStage(world)
      await setRulesOf(world, stage.communityId, { weeklyRun: { weekday: 2, at: '06:00' } })
      await world.tick()
      await setRulesOf(world, stage.communityId, { weeklyRun: { weekday: 1, at: '09:00' } })
      world.clock.set('2026-11-23T09:00:30+01:00')
      await world.tick()
      expect(await weekly(world)).toHaveLength(1)
      world.clock.set('2026-11-24T06:00:00+01:00')
      await world.tick()
      expect(await weekly(world)).toHaveLength(1)
      await setRulesOf(world, stage.communityId, { weeklyRun: null })
      world.clock.set('2026-12-07T09:00:00+01:00')
      await world.tick()
      expect(await weekly(world)).toHaveLength(1)
    })
  })
}
