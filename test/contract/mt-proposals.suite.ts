import { sql } from 'drizzle-orm'
import { describe, expect } from 'vitest'
import {
  expireProposals,
  remindProposals,
  withdrawLeavers,
  withdrawOf,
} from '../../src/attachment/proposals/actions.ts'
import {
  burdenOf,
  exclusionsIn,
  takenMembers,
  type Burden,
} from '../../src/attachment/proposals/burden/actions.ts'
import { tellStale } from '../../src/attachment/proposals/follow-up/actions.ts'
import { DAY, HOUR, MINUTE } from '../../src/kernel/time.ts'
import {
  allocationStage,
  intakeBody,
  makeRequest,
  openIntake,
  type AllocationStage,
  type Wanted,
} from '../support/allocations.ts'
import { everyPage } from '../support/attempt.ts'
import { makeCommunity, makeGp, type Member } from '../support/members.ts'
import { newProposal, propose, requestOf, send, stateOf, TIMES } from '../support/proposals.ts'
import type { Suite } from '../support/runtime.ts'
import type { Answered, Caller, World } from '../support/world.ts'

type Body = Answered['body']

interface Stage extends AllocationStage {
  readonly gp: Member
  readonly other: Member
  /** A request of one person, or as told, that is proposed to the first GP. */
  proposed(wanted?: Wanted): Promise<{ id: string; requestId: string }>
}

const makeStage = async (world: World): Promise<Stage> => {
  const stage = await allocationStage(world, 2)
  const [gp, other] = stage.gps as [Member, Member]
  return {
    ...stage,
    gp,
    other,
    proposed: async (wanted = {}) => {
      const requestId = await makeRequest(world, stage.communityId, wanted)
      const members = (wanted.flags ?? [{}]).map((_, number) => number)
      return { id: await propose(world, stage.communityId, requestId, gp.id, { members }), requestId }
    },
  }
}

const path = (id: string, verb?: string) => `/proposals/${id}${verb === undefined ? '' : `/${verb}`}`

const told = async (world: World, family = 'proposal'): Promise<Body[]> =>
  (await everyPage(world.admin, '/audit', 200)).filter(({ type }) => type.startsWith(`${family}.`))

const typesOf = (events: readonly Body[]): string[] => events.map(({ type }) => type)

/** A reading of an identity, by whom and of what. */
interface Access {
  readonly actor: string
  readonly subject: string
  readonly practitioner: string
}

const accesses = (world: World): Access[] =>
  world.territory.read<Access[]>((db) =>
    db.all<Access>(
      sql`select actor, subject, practitioner_id as practitioner from access_log order by rowid`,
    ),
  )

const refusalOf = ({ status, body }: Answered): [number, string] => [status, body.code]

/** Everything of the vault that a person of a request could be known by. */
const NAMES = /Fictif|Alix|639980001|1980-02/

export const mtProposalsSuite: Suite = (rule) => {
  describe('before anybody accepted', () => {
    rule(
      '[PROP-1] a proposal tells age bands, commune, coded needs and class, and nobody’s name',
      async (world) => {
        const { proposed, gp, coordinator, communityId } = await makeStage(world)
        const { id, requestId } = await proposed({
          flags: [{ ald: true }, {}],
          needs: { homeVisit: true, language: 'ar' },
          household: 'may_split',
        })
        const read = await gp.caller.get(path(id))
        expect(read.body).toEqual({
          id,
          allocationId: expect.stringMatching(/^allo_/),
          requestId,
          communityId,
          practitionerId: gp.id,
          state: 'open',
          class: 2,
          km: 1.5,
          people: 2,
          ageBands: ['18-69', '18-69'],
          aldCount: 1,
          commune: { insee: '92050', name: 'Nanterre' },
          needs: { homeVisit: true, wheelchair: false, language: 'ar' },
          household: 'may_split',
          householdSize: 2,
          sentAt: '2026-11-23T08:00:00+01:00',
          answerBy: '2026-11-30T08:00:00+01:00',
          contacts: [],
          version: 1,
        })
        for (const caller of [gp.caller, coordinator, world.admin])
          for (const one of [path(id), '/proposals', '/proposals?practitioner=me'])
            expect((await caller.get(one)).text).not.toMatch(NAMES)
        expect(accesses(world)).toEqual([])
      },
    )

    rule('[PROP-1] ages are told in bands', async (world) => {
      const { proposed, gp } = await makeStage(world)
      for (const [birthDate, band] of [
        ['2026-01-15', '0-2'],
        ['2023-12-01', '0-2'],
        ['2023-10-31', '3-17'],
        ['2008-11-30', '18-69'],
        ['1956-12-31', '18-69'],
        ['1956-11-01', '70-79'],
        ['1946-12-01', '70-79'],
        ['1946-11-30', '80+'],
      ] as const) {
        const { id } = await proposed({ birthDate })
        expect((await gp.caller.get(path(id))).body.ageBands, birthDate).toEqual([band])
      }
    })

    rule('[PROP-2] each sees their own, and somebody else’s is absent', async (world) => {
      const { proposed, gp, other, coordinator, communityId } = await makeStage(world)
      const elsewhere = await makeCommunity(world, '92063')
      // A GP of two CPTS: what one proposes is not the other's.
      await world.admin.patch(`/practitioners/${gp.id}`, { communityIds: [communityId, elsewhere] })
      const foreign = await world.key('coordinator', { communityIds: [elsewhere] })
      const [first, second] = [await proposed(), await proposed()]
      const idsOf = async (caller: typeof gp.caller, query = '') =>
        (await everyPage(caller, `/proposals${query}`, 1)).map(({ id }) => id)
      for (const caller of [gp.caller, coordinator, world.admin])
        expect(await idsOf(caller)).toEqual([first.id, second.id].sort())
      for (const caller of [other.caller, foreign]) {
        expect(await idsOf(caller)).toEqual([])
        expect((await caller.get(path(first.id))).status).toBe(404)
      }
      expect(await idsOf(gp.caller, '?practitioner=me')).toHaveLength(2)
      expect(await idsOf(coordinator, `?practitioner=${gp.id}`)).toHaveLength(2)
      expect(await idsOf(coordinator, `?practitioner=${other.id}`)).toEqual([])
      expect(await idsOf(other.caller, `?practitioner=${gp.id}`)).toEqual([])
      expect(await idsOf(coordinator, '?practitioner=me')).toEqual([])
      expect(await idsOf(coordinator, `?request=${second.requestId}`)).toEqual([second.id])
      await gp.caller.post(path(first.id, 'accept'))
      expect(await idsOf(gp.caller, '?state=open')).toEqual([second.id])
      expect(await idsOf(coordinator, '?state=accepted')).toEqual([first.id])
      const { allocationId } = (await coordinator.get(path(second.id))).body
      expect(await idsOf(coordinator, `?allocation=${allocationId}`)).toEqual([second.id])
      for (const [verb, body] of [
        ['accept', {}],
        ['refuse', { reason: 'capacity' }],
        ['contact', { channel: 'phone', reached: true }],
        ['patient-declined', {}],
        ['declare', { at: '2026-11-23' }],
      ] as const)
        expect((await other.caller.post(path(second.id, verb), body)).status, verb).toBe(404)
      expect((await foreign.post(path(second.id, 'withdraw'))).status).toBe(404)
      for (const role of ['regulator', 'auditor'] as const)
        expect((await (await world.key(role)).get('/proposals')).status).toBe(403)
    })
  })

  describe('accepting', () => {
    rule(
      '[PROP-3] who the patients are is shown to the GP who accepted, by a reading of its own, each in the access log',
      async (world) => {
        const { proposed, gp, coordinator } = await makeStage(world)
        const { id, requestId } = await proposed({
          flags: [{ ald: true, isolation: true }, {}],
          contact: { phone: '+33639980001', email: 'a@example.org' },
        })
        const once = { idempotencyKey: 'accepting-once' }
        const accepted = await gp.caller.post(path(id, 'accept'), {}, once)
        expect(accepted.body).toMatchObject({
          state: 'accepted',
          answeredAt: '2026-11-23T08:00:00+01:00',
          version: 2,
        })
        expect(accepted.text).not.toMatch(NAMES)
        expect(requestOf(world, requestId).state).toBe('accepted')
        expect(accesses(world)).toEqual([])

        const { patients } = (await gp.caller.get(path(id))).body
        expect(patients).toEqual({
          contact: { phone: '+33639980001', email: 'a@example.org' },
          members: [
            expect.objectContaining({
              number: 0,
              given: 'Alix',
              birthDate: '1980-02-29',
              sex: 'male',
              flags: ['ald', 'isolation'],
            }),
            expect.objectContaining({ number: 1, flags: [] }),
          ],
        })
        const [reading] = accesses(world)
        expect(accesses(world)).toHaveLength(2)
        expect(reading).toMatchObject({ subject: id, practitioner: gp.id })
        expect(reading?.actor).toMatch(/^practitioner:/)
        const listed = (await gp.caller.get('/proposals?practitioner=me')).body.items
        expect(listed[0].patients).toEqual(patients)
        expect(accesses(world)).toHaveLength(4)

        for (const caller of [coordinator, world.admin])
          for (const one of [path(id), '/proposals']) expect((await caller.get(one)).text).not.toMatch(NAMES)
        const replayed = await gp.caller.post(path(id, 'accept'), {}, once)
        expect(replayed.headers.get('idempotent-replayed')).toBe('true')
        expect(replayed.text).toBe(accepted.text)
        expect(accesses(world)).toHaveLength(4)
        expect(JSON.stringify(await told(world))).not.toMatch(NAMES)
      },
    )

    rule(
      '[PROP-3] of a household that was split, each GP is shown the people whom they accepted',
      async (world) => {
        const { gp, other, communityId } = await makeStage(world)
        const requestId = await makeRequest(world, communityId, { flags: [{}, {}], household: 'may_split' })
        const [first, second] = await send(world, communityId, [
          newProposal(requestId, gp.id, { members: [1] }),
          newProposal(requestId, other.id, { members: [0] }),
        ])
        await gp.caller.post(path(first!, 'accept'))
        const seen = (await gp.caller.get(path(first!))).body
        expect(seen.patients.members.map(({ number }: Body) => number)).toEqual([1])
        expect([seen.people, seen.householdSize]).toEqual([1, 2])
        expect((await other.caller.get(path(second!))).body.patients).toBeUndefined()
        expect(requestOf(world, requestId).state).toBe('proposed')
        await other.caller.post(path(second!, 'accept'))
        expect(requestOf(world, requestId).state).toBe('accepted')
      },
    )

    rule('[PROP-3] once it is over, nobody is shown by it any more', async (world) => {
      const { proposed, gp, coordinator } = await makeStage(world)
      const [lost, back] = [await proposed(), await proposed()]
      for (const { id } of [lost, back]) await gp.caller.post(path(id, 'accept'))
      expect((await gp.caller.get(path(lost.id))).body.patients).toBeDefined()
      await gp.caller.post(path(lost.id, 'patient-declined'))
      await coordinator.post(path(back.id, 'withdraw'))
      for (const { id } of [lost, back]) expect((await gp.caller.get(path(id))).body.patients).toBeUndefined()
    })

    rule('[PROP-3] nor once they are forgotten', async (world) => {
      const { proposed, gp, coordinator } = await makeStage(world)
      const [declared, expected] = [await proposed(), await proposed()]
      for (const { id } of [declared, expected]) await gp.caller.post(path(id, 'accept'))
      await gp.caller.post(path(declared.id, 'declare'), { at: '2026-11-23' })
      for (const { requestId } of [declared, expected]) {
        const erased = await coordinator.post(`/mt-requests/${requestId}/erase`, { requestedBy: 'patient' })
        expect(erased.status, erased.text).toBe(200)
      }
      const states: unknown[] = []
      for (const { id } of [declared, expected]) {
        const { body } = await gp.caller.get(path(id))
        states.push([body.state, body.patients, body.ageBands, body.people])
      }
      expect(states).toEqual([
        ['declared', undefined, [], 1],
        ['withdrawn', undefined, [], 1],
      ])
    })

    rule('[PROP-4] a proposal is answered once', async (world) => {
      const { proposed, gp, coordinator } = await makeStage(world)
      const { id } = await proposed()
      expect(stateOf(await gp.caller.post(path(id, 'accept')))).toBe('accepted')
      expect(refusalOf(await gp.caller.post(path(id, 'accept')))).toEqual([409, 'proposal_closed'])
      expect(refusalOf(await gp.caller.post(path(id, 'refuse'), { reason: 'capacity' }))).toEqual([
        409,
        'proposal_closed',
      ])
      for (const caller of [coordinator, world.admin])
        expect((await caller.post(path(id, 'accept'))).status).toBe(403)
    })

    rule('[PROP-21] a GP who has left the CPTS accepts nobody of it any more', async (world) => {
      const { proposed, gp, coordinator, communityId } = await makeStage(world)
      const [accepted, open, refused] = [await proposed(), await proposed(), await proposed()]
      await gp.caller.post(path(accepted.id, 'accept'))
      await world.admin.patch(`/practitioners/${gp.id}`, {
        communityIds: [await makeCommunity(world, '92063')],
      })
      const late = await gp.caller.post(path(open.id, 'accept'))
      expect(refusalOf(late)).toEqual([409, 'proposal_closed'])
      expect(late.body.detail).toBe('Vous n’êtes plus membre de la CPTS qui vous a fait cette proposition.')
      expect((await gp.caller.get(path(open.id))).body.patients).toBeUndefined()
      // A no is still a no, with its reason.
      expect(stateOf(await gp.caller.post(path(refused.id, 'refuse'), { reason: 'leaving' }))).toBe('refused')
      // Whom they accepted before is theirs until the coordinator says otherwise.
      await world.tick()
      expect((await gp.caller.get(path(accepted.id))).body.patients.members).toHaveLength(1)
      const { body } = await coordinator.get('/proposals?state=accepted')
      expect(body.items).toMatchObject([{ id: accepted.id, communityId }])
      expect(stateOf(await coordinator.post(path(accepted.id, 'withdraw')))).toBe('withdrawn')
    })

    rule('[PROP-21] the tick frees who was proposed to a GP who left, in pieces', async (world) => {
      const { gp, other, communityId } = await makeStage(world)
      const requests: string[] = []
      for (let i = 0; i < 4; i++) requests.push(await makeRequest(world, communityId))
      const { since } = requestOf(world, requests[0]!)
      const ids = await send(
        world,
        communityId,
        requests.map((requestId, place) => newProposal(requestId, place === 3 ? other.id : gp.id)),
      )
      expect(await world.act((ctx) => withdrawLeavers(ctx, 2))).toBe(0)
      const elsewhere = await makeCommunity(world, '92063')
      // Of two CPTS they are still a member of this one.
      await world.admin.patch(`/practitioners/${gp.id}`, { communityIds: [communityId, elsewhere] })
      expect(await world.act((ctx) => withdrawLeavers(ctx, 2))).toBe(0)
      await world.admin.patch(`/practitioners/${gp.id}`, { communityIds: [elsewhere] })
      expect(await world.act((ctx) => withdrawLeavers(ctx, 2))).toBe(2)
      for (let i = 0; i < 2; i++) expect(await world.tick()).toEqual([])
      const states = await Promise.all(ids.map(async (id) => (await world.admin.get(path(id))).body.state))
      expect(states).toEqual(['withdrawn', 'withdrawn', 'withdrawn', 'open'])
      expect(requestOf(world, requests[0]!)).toEqual({
        state: 'waiting',
        since,
        refusals: 0,
        escalated: null,
      })
      expect(await world.act((ctx) => takenMembers(ctx, communityId))).toHaveLength(1)
      // Nobody said no: who comes back may be asked again.
      expect(await world.act((ctx) => exclusionsIn(ctx, communityId))).toEqual([])
      const ended = (await told(world)).filter(({ type }) => type === 'proposal.withdrawn')
      expect(ended.map(({ practitionerId }) => practitionerId)).toEqual([gp.id, gp.id, gp.id])
    })

    rule('[PROP-4] an answer to a version that has changed is refused', async (world) => {
      const { proposed, gp, coordinator } = await makeStage(world)
      const { id } = await proposed()
      const stale = { headers: { 'if-match': '"7"' } }
      for (const verb of ['accept', 'patient-declined'])
        expect(refusalOf(await gp.caller.post(path(id, verb), {}, stale))).toEqual([412, 'stale_version'])
      expect(refusalOf(await coordinator.post(path(id, 'withdraw'), {}, stale))).toEqual([
        412,
        'stale_version',
      ])
      expect(stateOf(await gp.caller.post(path(id, 'accept'), {}, { headers: { 'if-match': '"1"' } }))).toBe(
        'accepted',
      )
    })
  })

  describe('refusing', () => {
    rule('[PROP-5] only a reason of the closed list is one', async (world) => {
      const { proposed, gp } = await makeStage(world)
      const { id, requestId } = await proposed()
      const others = [
        'c2s',
        'too_sick',
        'other',
        'nationality',
        'CAPACITY',
        ' capacity',
        '',
        'x'.repeat(1_000),
      ]
      for (const reason of others)
        expect(refusalOf(await gp.caller.post(path(id, 'refuse'), { reason })), reason).toEqual([
          422,
          'unlawful_reason',
        ])
      for (const body of [
        {},
        { reason: null },
        { reason: 'x'.repeat(1_001) },
        { reason: 'capacity', note: 'difficile' },
      ])
        expect((await gp.caller.post(path(id, 'refuse'), body)).status).toBe(400)
      expect(requestOf(world, requestId).state).toBe('proposed')
      expect(typesOf(await told(world))).toEqual(['proposal.sent'])
      const refused = await gp.caller.post(path(id, 'refuse'), { reason: 'competence' })
      expect(refused.body).toMatchObject({ state: 'refused', refusalReason: 'competence', version: 2 })
    })

    rule(
      '[PROP-6] who is refused waits on with their seniority, and is not proposed to that GP again',
      async (world) => {
        const { proposed, gp, communityId } = await makeStage(world)
        const { id, requestId } = await proposed({ flags: [{}, {}] })
        const { since } = requestOf(world, requestId)
        world.clock.advance(2 * DAY)
        await gp.caller.post(path(id, 'refuse'), { reason: 'distance' })
        expect(requestOf(world, requestId)).toEqual({ state: 'waiting', since, refusals: 1, escalated: null })
        await world.act((ctx) => {
          expect(takenMembers(ctx, communityId)).toEqual([])
          expect(exclusionsIn(ctx, communityId)).toEqual([{ requestId, practitionerId: gp.id }])
        })
        const last = (await told(world)).at(-1)
        expect(last).toMatchObject({
          type: 'proposal.refused',
          subject: id,
          practitionerId: gp.id,
          data: { communityId, requestId, class: 2, people: 2, reason: 'distance' },
        })
      },
    )

    rule('[PROP-6] after three refusals a person looks at the request', async (world) => {
      const { gp, other, communityId } = await makeStage(world)
      const third = await makeGp(world, communityId)
      const requestId = await makeRequest(world, communityId)
      for (const one of [gp, other]) {
        const id = await propose(world, communityId, requestId, one.id)
        await one.caller.post(path(id, 'refuse'), { reason: 'capacity' })
      }
      expect(requestOf(world, requestId)).toMatchObject({ state: 'waiting', refusals: 2 })
      // Somebody who does not answer has turned them down too.
      await propose(world, communityId, requestId, third.id)
      world.clock.advance(7 * DAY)
      await world.tick()
      expect(requestOf(world, requestId)).toMatchObject({ state: 'escalated', refusals: 3 })
      expect(typesOf(await told(world, 'mt_request'))).toContain('mt_request.escalated')
    })
  })

  describe('not answering', () => {
    rule('[PROP-7] a silence is over to the instant, whether or not the tick has come', async (world) => {
      const { proposed, gp, coordinator, communityId } = await makeStage(world)
      const { id, requestId } = await proposed()
      world.clock.advance(7 * DAY - 1)
      expect((await gp.caller.get(path(id))).body.state).toBe('open')
      expect(await world.act((ctx) => takenMembers(ctx, communityId))).toHaveLength(1)
      world.clock.advance(1)
      const seen = (await gp.caller.get(path(id))).body
      expect(seen).toMatchObject({ state: 'expired', closedAt: '2026-11-30T08:00:00+01:00', version: 1 })
      const count = async (state: string) =>
        (await coordinator.get(`/proposals?state=${state}`)).body.items.length
      expect([await count('open'), await count('expired')]).toEqual([0, 1])
      for (const [verb, body] of [
        ['accept', {}],
        ['refuse', { reason: 'capacity' }],
      ] as const)
        expect(refusalOf(await gp.caller.post(path(id, verb), body))).toEqual([409, 'proposal_expired'])
      for (const verb of ['withdraw', 'patient-declined'])
        expect(refusalOf(await coordinator.post(path(id, verb)))).toEqual([409, 'proposal_expired'])
      await world.act((ctx) => {
        expect(takenMembers(ctx, communityId)).toEqual([])
        expect(exclusionsIn(ctx, communityId)).toEqual([{ requestId, practitionerId: gp.id }])
        expect(burdenOf(ctx, [gp.id]).get(gp.id)?.open).toBe(0)
      })
    })

    rule('[PROP-7] the tick notes it once: a silent GP never keeps a patient', async (world) => {
      const { proposed, gp, communityId } = await makeStage(world)
      const { id, requestId } = await proposed()
      const { since } = requestOf(world, requestId)
      world.clock.advance(9 * DAY)
      for (let i = 0; i < 2; i++) expect(await world.tick()).toEqual([])
      expect((await gp.caller.get(path(id))).body).toMatchObject({
        state: 'expired',
        closedAt: '2026-11-30T08:00:00+01:00',
        version: 2,
      })
      expect(requestOf(world, requestId)).toEqual({ state: 'waiting', since, refusals: 1, escalated: null })
      expect(typesOf(await told(world))).toEqual(['proposal.sent', 'proposal.expired'])
      expect((await told(world)).at(-1)).toMatchObject({ actor: 'system:tick', practitionerId: gp.id })
      expect(await world.act((ctx) => exclusionsIn(ctx, communityId))).toEqual([
        { requestId, practitionerId: gp.id },
      ])
    })

    rule('[PROP-7] a request is proposed again before the tick has noted a silence', async (world) => {
      const { proposed, other, communityId } = await makeStage(world)
      const { id, requestId } = await proposed()
      world.clock.advance(7 * DAY)
      const next = await propose(world, communityId, requestId, other.id)
      expect((await other.caller.get(path(next))).body.state).toBe('open')
      expect(requestOf(world, requestId)).toMatchObject({ state: 'proposed', refusals: 1 })
      await world.tick()
      expect(typesOf(await told(world))).toEqual(['proposal.sent', 'proposal.expired', 'proposal.sent'])
      expect((await world.admin.get(path(id))).body.state).toBe('expired')
      expect((await world.admin.get(path(next))).body.state).toBe('open')
    })

    rule('[PROP-7] who does not answer is reminded once, and only while an answer counts', async (world) => {
      const { proposed, gp } = await makeStage(world)
      const [silent, answered] = [await proposed(), await proposed()]
      await gp.caller.post(path(answered.id, 'accept'))
      world.clock.advance(4 * DAY - 1)
      await world.tick()
      expect(typesOf(await told(world))).not.toContain('proposal.reminded')
      world.clock.advance(1)
      for (let i = 0; i < 2; i++) await world.tick()
      const reminders = (await told(world)).filter(({ type }) => type === 'proposal.reminded')
      expect(reminders).toMatchObject([{ practitionerId: gp.id, data: { proposalIds: [silent.id] } }])
      expect((await gp.caller.get(path(silent.id))).body.remindedAt).toBe('2026-11-27T08:00:00+01:00')
      // A tick that comes too late for both notes the silence, and reminds nobody of it.
      const late = await proposed()
      world.clock.advance(30 * DAY)
      expect(await world.act((ctx) => remindProposals(ctx, 5))).toBe(0)
      await world.tick()
      const [last] = (await told(world)).slice(-1)
      expect(last).toMatchObject({ type: 'proposal.expired', subject: late.id })
    })

    rule('[PROP-7] the days to answer are days on the clock, also when the hour changes', async (world) => {
      world.clock.set('2027-03-25T09:30:00+01:00')
      const { proposed, gp } = await makeStage(world)
      const { id } = await proposed()
      expect((await gp.caller.get(path(id))).body.answerBy).toBe('2027-04-01T09:30:00+02:00')
    })

    rule('[PROP-7] many that lapsed together are noted in pieces', async (world) => {
      const { gp, communityId } = await makeStage(world)
      const requests: string[] = []
      for (let i = 0; i < 7; i++) requests.push(await makeRequest(world, communityId))
      await send(
        world,
        communityId,
        requests.map((requestId) => newProposal(requestId, gp.id)),
      )
      world.clock.advance(4 * DAY)
      expect(await world.act((ctx) => remindProposals(ctx, 5))).toBe(5)
      expect(await world.act((ctx) => remindProposals(ctx, 5))).toBe(2)
      expect(await world.act((ctx) => remindProposals(ctx, 5))).toBe(0)
      // A GP is told once of all that is theirs, not once of each.
      const reminders = (await told(world)).filter(({ type }) => type === 'proposal.reminded')
      expect(reminders.map(({ data }) => data.proposalIds.length)).toEqual([5, 2])
      world.clock.advance(3 * DAY)
      expect(await world.act((ctx) => expireProposals(ctx, 5))).toBe(5)
      expect(await world.act((ctx) => expireProposals(ctx, 5))).toBe(2)
      expect(await world.act((ctx) => expireProposals(ctx, 5))).toBe(0)
      expect(await world.act((ctx) => takenMembers(ctx, communityId))).toEqual([])
    })
  })

  describe('what follows', () => {
    const attempt = (stage: Stage, id: string, channel: string, reached = false, by = stage.gp.caller) =>
      by.post(path(id, 'contact'), { channel, reached })

    rule(
      '[PROP-8] attempts to reach the patients are kept; a GP makes them once they accepted',
      async (world) => {
        const stage = await makeStage(world)
        const { id, requestId } = await stage.proposed()
        expect(refusalOf(await attempt(stage, id, 'phone'))).toEqual([409, 'proposal_not_accepted'])
        await stage.gp.caller.post(path(id, 'accept'))
        world.clock.advance(HOUR)
        expect((await attempt(stage, id, 'fax')).status).toBe(400)
        await attempt(stage, id, 'phone')
        const last = await attempt(stage, id, 'sms', true, stage.coordinator)
        expect(last.body.contacts).toEqual([
          { at: '2026-11-23T09:00:00+01:00', channel: 'phone', reached: false },
          { at: '2026-11-23T09:00:00+01:00', channel: 'sms', reached: true },
        ])
        expect(last.body.state).toBe('accepted')
        expect(requestOf(world, requestId).state).toBe('accepted')
        expect((await told(world)).at(-1)).toMatchObject({
          type: 'proposal.contacted',
          subject: id,
          data: { channel: 'sms', reached: true, vainAttempts: 0 },
        })
      },
    )

    rule('[PROP-8] three vain attempts by two ways, and the people are free', async (world) => {
      const stage = await makeStage(world)
      const { id, requestId } = await stage.proposed({ flags: [{}, {}] })
      await stage.gp.caller.post(path(id, 'accept'))
      // Three by one way are not enough, nor are three of which one reached somebody.
      for (const channel of ['phone', 'phone', 'phone'])
        expect(stateOf(await attempt(stage, id, channel))).toBe('accepted')
      await attempt(stage, id, 'phone', true)
      for (const channel of ['phone', 'sms'])
        expect(stateOf(await attempt(stage, id, channel))).toBe('accepted')
      const last = await attempt(stage, id, 'letter')
      expect(last.body).toMatchObject({ state: 'unreachable', people: 2 })
      expect(requestOf(world, requestId).state).toBe('unreachable')
      await world.act((ctx) => {
        expect(takenMembers(ctx, stage.communityId)).toEqual([])
        // Nobody said no.
        expect(exclusionsIn(ctx, stage.communityId)).toEqual([])
      })
      expect(typesOf(await told(world)).slice(-2)).toEqual(['proposal.contacted', 'proposal.unreachable'])
      expect(refusalOf(await attempt(stage, id, 'phone'))).toEqual([409, 'proposal_closed'])
      // Found again, they are proposed again, with their seniority, and to the same GP if it fits.
      const { since } = requestOf(world, requestId)
      await stage.coordinator.patch(`/mt-requests/${requestId}`, { state: 'waiting' })
      const again = await propose(world, stage.communityId, requestId, stage.gp.id, { members: [0, 1] })
      expect((await stage.gp.caller.get(path(again))).body.state).toBe('open')
      expect(requestOf(world, requestId)).toMatchObject({ state: 'proposed', since })
    })

    rule('[PROP-8] a household out of reach is so for every GP who expects somebody of it', async (world) => {
      const stage = await makeStage(world)
      const { gp, other, communityId } = stage
      const requestId = await makeRequest(world, communityId, { flags: [{}, {}, {}], household: 'may_split' })
      const [first, second] = await send(world, communityId, [
        newProposal(requestId, gp.id, { members: [0] }),
        newProposal(requestId, other.id, { members: [1] }),
      ])
      await gp.caller.post(path(first!, 'accept'))
      for (const channel of ['phone', 'sms', 'phone']) await attempt(stage, first!, channel)
      for (const id of [first!, second!])
        expect((await world.admin.get(path(id))).body.state).toBe('unreachable')
      expect(await world.act((ctx) => takenMembers(ctx, communityId))).toEqual([])
      const ended = (await told(world)).filter(({ type }) => type === 'proposal.unreachable')
      expect(ended.map(({ practitionerId }) => practitionerId).sort()).toEqual([gp.id, other.id].sort())
    })

    rule(
      '[PROP-8] a GP who reaches nobody loses their own patients, not those of a GP who accepted others',
      async (world) => {
        const stage = await makeStage(world)
        const { gp, other, communityId } = stage
        const requestId = await makeRequest(world, communityId, { flags: [{}, {}], household: 'may_split' })
        const { since } = requestOf(world, requestId)
        const [first, second] = await send(world, communityId, [
          newProposal(requestId, gp.id, { members: [0] }),
          newProposal(requestId, other.id, { members: [1] }),
        ])
        for (const [by, id] of [
          [gp, first!],
          [other, second!],
        ] as const)
          await by.caller.post(path(id, 'accept'))
        await attempt(stage, second!, 'phone', true, other.caller)
        world.clock.advance(HOUR)
        const states: string[] = []
        for (const channel of ['phone', 'sms', 'phone'])
          states.push(stateOf(await attempt(stage, first!, channel)))
        expect(states).toEqual(['accepted', 'accepted', 'unreachable'])
        expect((await other.caller.get(path(second!))).body).toMatchObject({ state: 'accepted', people: 1 })
        expect(requestOf(world, requestId)).toMatchObject({ state: 'accepted', since, refusals: 0 })
        expect(await world.act((ctx) => takenMembers(ctx, communityId))).toMatchObject([
          { requestId, member: 1 },
        ])
        expect(typesOf(await told(world, 'mt_request'))).not.toContain('mt_request.unreachable')
        const ended = (await told(world)).filter(({ type }) => type === 'proposal.unreachable')
        expect(ended.map(({ practitionerId }) => practitionerId)).toEqual([gp.id])
        // The last who expects somebody of it finds out for the household.
        for (const channel of ['phone', 'sms', 'phone'])
          await attempt(stage, second!, channel, false, other.caller)
        expect((await other.caller.get(path(second!))).body.state).toBe('unreachable')
        expect(requestOf(world, requestId).state).toBe('unreachable')
      },
    )

    rule('[PROP-8] somebody who is declared elsewhere is not lost either', async (world) => {
      const stage = await makeStage(world)
      const { gp, other, communityId } = stage
      const requestId = await makeRequest(world, communityId, { flags: [{}, {}], household: 'may_split' })
      const [first, second] = await send(world, communityId, [
        newProposal(requestId, gp.id, { members: [0] }),
        newProposal(requestId, other.id, { members: [1] }),
      ])
      await gp.caller.post(path(first!, 'accept'))
      await other.caller.post(path(second!, 'accept'))
      await other.caller.post(path(second!, 'declare'), { at: '2026-11-23' })
      for (const channel of ['phone', 'sms', 'phone']) await attempt(stage, first!, channel)
      expect(requestOf(world, requestId).state).toBe('waiting')
      expect((await other.caller.get(path(second!))).body.state).toBe('declared')
    })

    rule(
      '[PROP-8] attempts count by proposal since its acceptance, whatever else moves the request',
      async (world) => {
        const stage = await makeStage(world)
        const { gp, other, coordinator, communityId } = stage
        const requestId = await makeRequest(world, communityId, { flags: [{}, {}], household: 'may_split' })
        // Calls of before, by the coordinator, are not the GP’s.
        for (const channel of ['phone', 'sms'])
          await coordinator.post(`/mt-requests/${requestId}/contacts`, { channel, reached: false })
        const first = await propose(world, communityId, requestId, gp.id)
        await gp.caller.post(path(first, 'accept'))
        for (const channel of ['phone', 'sms'])
          expect(stateOf(await attempt(stage, first, channel))).toBe('accepted')
        // Somebody else of the household is proposed: the request moves, the vain attempts stay.
        world.clock.advance(HOUR)
        const second = await propose(world, communityId, requestId, other.id, { members: [1] })
        expect(requestOf(world, requestId).state).toBe('proposed')
        expect(stateOf(await attempt(stage, first, 'letter'))).toBe('unreachable')
        expect(requestOf(world, requestId).state).toBe('unreachable')
        expect((await world.admin.get(path(second))).body.state).toBe('unreachable')
      },
    )

    rule('[PROP-8] whoever reached the household, it was reached', async (world) => {
      const stage = await makeStage(world)
      const { id, requestId } = await stage.proposed()
      await stage.gp.caller.post(path(id, 'accept'))
      for (const channel of ['phone', 'sms']) await attempt(stage, id, channel)
      const called = { channel: 'phone', reached: true }
      await stage.coordinator.post(`/mt-requests/${requestId}/contacts`, called)
      expect(stateOf(await attempt(stage, id, 'letter'))).toBe('accepted')
    })

    rule('[PROP-9] patients may say no to a GP who accepted, and wait on', async (world) => {
      const stage = await makeStage(world)
      const { id, requestId } = await stage.proposed()
      // A GP who does not know them cannot have heard it: that would be a refusal without its reason.
      expect(refusalOf(await stage.gp.caller.post(path(id, 'patient-declined')))).toEqual([
        409,
        'proposal_not_accepted',
      ])
      await stage.gp.caller.post(path(id, 'accept'))
      expect(stateOf(await stage.gp.caller.post(path(id, 'patient-declined')))).toBe('declined')
      expect(requestOf(world, requestId)).toMatchObject({ state: 'waiting', refusals: 0 })
      expect(await world.act((ctx) => exclusionsIn(ctx, stage.communityId))).toEqual([
        { requestId, practitionerId: stage.gp.id },
      ])
      // The coordinator may have heard it before.
      const early = await stage.proposed()
      expect(stateOf(await stage.coordinator.post(path(early.id, 'patient-declined')))).toBe('declined')
      expect(refusalOf(await stage.coordinator.post(path(early.id, 'patient-declined')))).toEqual([
        409,
        'proposal_closed',
      ])
    })

    rule('[PROP-10] only who was accepted is declared, on a day since the proposal', async (world) => {
      const stage = await makeStage(world)
      const { gp } = stage
      const { id, requestId } = await stage.proposed()
      const declare = (day: string) => gp.caller.post(path(id, 'declare'), { at: day })
      expect(refusalOf(await declare('2026-11-23'))).toEqual([409, 'proposal_not_accepted'])
      world.clock.advance(2 * DAY)
      await gp.caller.post(path(id, 'accept'))
      world.clock.advance(10 * DAY)
      for (const day of ['2026-11-22', '2026-12-06'])
        expect(refusalOf(await declare(day)), day).toEqual([422, 'invalid_interval'])
      // A sentence has no date of a machine.
      expect((await declare('2026-11-22')).body.detail).toBe(
        'La déclaration est datée entre le 23/11/2026, jour de la proposition, et aujourd’hui.',
      )
      expect((await declare('2026-12-05T10:00')).status).toBe(400)
      const declared = await declare('2026-11-23')
      expect(declared.body).toMatchObject({ state: 'declared', declaredOn: '2026-11-23' })
      expect(declared.text).not.toMatch(NAMES)
      expect(requestOf(world, requestId).state).toBe('placed')
      expect(refusalOf(await declare('2026-11-24'))).toEqual([409, 'proposal_closed'])
      expect((await gp.caller.get(path(id))).body.patients.members).toHaveLength(1)
      expect((await told(world)).at(-1)).toMatchObject({
        type: 'proposal.declared',
        data: { declaredOn: '2026-11-23', people: 1 },
      })
    })

    rule('[PROP-10] a request is placed when the last of its people is', async (world) => {
      const { gp, other, communityId, coordinator } = await makeStage(world)
      const requestId = await makeRequest(world, communityId, { flags: [{}, {}], household: 'may_split' })
      const [first, second] = await send(world, communityId, [
        newProposal(requestId, gp.id, { members: [0] }),
        newProposal(requestId, other.id, { members: [1] }),
      ])
      for (const [caller, id] of [
        [gp.caller, first!],
        [other.caller, second!],
      ] as const)
        await caller.post(path(id, 'accept'))
      await gp.caller.post(path(first!, 'declare'), { at: '2026-11-23' })
      expect(requestOf(world, requestId).state).toBe('accepted')
      // The coordinator may have the paper.
      await coordinator.post(path(second!, 'declare'), { at: '2026-11-23' })
      expect(requestOf(world, requestId).state).toBe('placed')
      expect(await world.act((ctx) => takenMembers(ctx, communityId))).toHaveLength(2)
    })

    rule(
      '[PROP-11] the coordinator takes a proposal back; one that was accepted is not made again',
      async (world) => {
        const { proposed, gp, coordinator, communityId } = await makeStage(world)
        const [open, accepted] = [await proposed(), await proposed()]
        await gp.caller.post(path(accepted.id, 'accept'))
        expect((await gp.caller.post(path(open.id, 'withdraw'))).status).toBe(403)
        for (const { id } of [open, accepted])
          expect(stateOf(await coordinator.post(path(id, 'withdraw')))).toBe('withdrawn')
        for (const { requestId } of [open, accepted])
          expect(requestOf(world, requestId)).toMatchObject({ state: 'waiting', refusals: 0 })
        expect(await world.act((ctx) => exclusionsIn(ctx, communityId))).toEqual([
          { requestId: accepted.requestId, practitionerId: gp.id },
        ])
        expect(refusalOf(await gp.caller.post(path(open.id, 'accept')))).toEqual([409, 'proposal_closed'])
        expect(refusalOf(await coordinator.post(path(open.id, 'withdraw')))).toEqual([409, 'proposal_closed'])
      },
    )

    rule('[PROP-11] with a request, what is open or accepted of it is taken back', async (world) => {
      const { gp, other, communityId } = await makeStage(world)
      const third = await makeGp(world, communityId)
      const requestId = await makeRequest(world, communityId, {
        flags: [{}, {}, {}],
        household: 'may_split',
      })
      const ids = await send(world, communityId, [
        newProposal(requestId, gp.id, { members: [0] }),
        newProposal(requestId, other.id, { members: [1] }),
        newProposal(requestId, third.id, { members: [2] }),
      ])
      for (const [place, { caller }] of [gp, other].entries()) await caller.post(path(ids[place]!, 'accept'))
      await gp.caller.post(path(ids[0]!, 'declare'), { at: '2026-11-23' })
      await world.act((ctx) => withdrawOf(ctx, requestId))
      const states = await Promise.all(ids.map(async (id) => (await world.admin.get(path(id))).body.state))
      expect(states).toEqual(['declared', 'withdrawn', 'withdrawn'])
    })

    rule('[PROP-12] who was accepted and never declared is brought to the coordinator', async (world) => {
      const { proposed, gp, coordinator } = await makeStage(world)
      const [first, second] = [await proposed(), await proposed()]
      for (const { id } of [first, second]) await gp.caller.post(path(id, 'accept'))
      await gp.caller.post(path(second.id, 'declare'), { at: '2026-11-23' })
      const stale = async () =>
        (await coordinator.get('/proposals?stale=true')).body.items.map((item: Body) => [item.id, item.stale])
      world.clock.advance(60 * DAY - 1)
      expect(await stale()).toEqual([])
      world.clock.advance(1)
      expect(await stale()).toEqual([[first.id, true]])
      expect((await coordinator.get('/proposals?stale=false')).body.items).toHaveLength(2)
    })

    rule('[PROP-12] the coordinator and the GP are told of it once, by the tick', async (world) => {
      const { proposed, gp, coordinator, communityId } = await makeStage(world)
      const [first, second] = [await proposed(), await proposed()]
      for (const { id } of [first, second]) await gp.caller.post(path(id, 'accept'))
      await gp.caller.post(path(second.id, 'patient-declined'))
      const stale = async (caller: Caller) =>
        (await everyPage(caller, '/events', 200)).filter(({ type }) => type === 'proposal.stale')
      world.clock.advance(60 * DAY - 1)
      expect(await world.tick()).toEqual([])
      expect(await stale(coordinator)).toEqual([])
      world.clock.advance(1)
      expect(await world.tick()).toEqual([])
      world.clock.advance(30 * DAY)
      expect(await world.tick()).toEqual([])
      for (const caller of [coordinator, gp.caller])
        expect(await stale(caller)).toMatchObject([
          {
            subject: first.id,
            data: { communityId, requestId: first.requestId, class: 2, people: 1 },
          },
        ])
      expect(stateOf(await gp.caller.get(path(first.id)))).toBe('accepted')
    })

    rule('[PROP-12] more of them than a batch are told, the first to wait first', async (world) => {
      const { gp, communityId } = await makeStage(world)
      const requests = await Promise.all(Array.from({ length: 5 }, () => makeRequest(world, communityId)))
      const ids = await send(
        world,
        communityId,
        requests.map((requestId) => newProposal(requestId, gp.id)),
      )
      for (const id of [...ids].reverse()) {
        await gp.caller.post(path(id, 'accept'))
        world.clock.advance(1_000)
      }
      world.clock.advance(60 * DAY)
      const batches = [2, 2, 2, 2]
      const counts: number[] = []
      for (const limit of batches) counts.push(await world.act((ctx) => tellStale(ctx, limit)))
      expect(counts).toEqual([2, 2, 1, 0])
      const events = (await told(world)).filter(({ type }) => type === 'proposal.stale')
      expect(events.map(({ subject }) => subject)).toEqual([...ids].reverse())
    })

    rule('[PROP-19] whoever accepted people is told when they are forgotten here', async (world) => {
      const { proposed, gp, coordinator } = await makeStage(world)
      const [accepted, declared] = [await proposed(), await proposed()]
      for (const { id } of [accepted, declared]) await gp.caller.post(path(id, 'accept'))
      await gp.caller.post(path(declared.id, 'declare'), { at: '2026-11-23' })
      for (const { requestId } of [accepted, declared])
        expect((await coordinator.post(`/mt-requests/${requestId}/erase`)).status).toBe(200)
      const heard = (await everyPage(gp.caller, '/events', 200)).slice(-2)
      expect(heard.map(({ type, subject }) => [type, subject])).toEqual([
        ['proposal.withdrawn', accepted.id],
        ['proposal.erased', declared.id],
      ])
      expect(JSON.stringify(heard)).not.toMatch(NAMES)
      for (const { id } of [accepted, declared])
        expect((await gp.caller.get(path(id))).body.patients).toBeUndefined()
    })
  })

  describe('places that are taken', () => {
    rule(
      '[PROP-13] what a GP has already is counted in people, by month, by patientèle and in points',
      async (world) => {
        const { gp, other, communityId } = await makeStage(world)
        const many = { flags: [{}, {}] }
        const members = [0, 1]
        const next = async () => {
          const requestId = await makeRequest(world, communityId, many)
          return propose(world, communityId, requestId, gp.id, { members, points: 10 })
        }
        const burden = async (): Promise<Burden | undefined> =>
          world.act((ctx) => burdenOf(ctx, [gp.id, other.id]).get(gp.id))
        expect(await burden()).toEqual({ open: 0, month: 0, sinceIntake: 0, load: 0 })
        world.clock.advance(MINUTE)
        const [refused, accepted] = [await next(), await next(), await next()]
        expect(await burden()).toEqual({ open: 6, month: 6, sinceIntake: 0, load: 0 })
        await gp.caller.post(path(refused, 'refuse'), { reason: 'capacity' })
        await gp.caller.post(path(accepted, 'accept'))
        expect(await burden()).toEqual({ open: 2, month: 4, sinceIntake: 2, load: 10 })
        await gp.caller.post(path(accepted, 'declare'), { at: '2026-11-23' })
        expect(await burden()).toEqual({ open: 2, month: 4, sinceIntake: 2, load: 10 })
        expect(await world.act((ctx) => burdenOf(ctx, [gp.id, other.id]).get(other.id))).toEqual({
          open: 0,
          month: 0,
          sinceIntake: 0,
          load: 0,
        })
        // The month turns, the third is never answered, the patientèle is said anew, and a year goes by.
        world.clock.set('2026-12-01T00:00:00+01:00')
        expect(await burden()).toEqual({ open: 0, month: 0, sinceIntake: 2, load: 10 })
        await openIntake(world, gp.id, { open: false })
        expect((await burden())?.sinceIntake).toBe(2)
        await openIntake(world, gp.id, { patientele: 802 })
        expect((await burden())?.sinceIntake).toBe(0)
        world.clock.set('2027-11-23T23:59:00+01:00')
        expect((await burden())?.load).toBe(10)
        world.clock.set('2027-11-24T00:00:00+01:00')
        expect((await burden())?.load).toBe(0)
      },
    )

    rule('[PROP-14] sending tells each GP once of what is theirs, and holds the people', async (world) => {
      const { gp, other, communityId } = await makeStage(world)
      const requests = [
        await makeRequest(world, communityId, { flags: [{}, {}] }),
        await makeRequest(world, communityId),
        await makeRequest(world, communityId),
      ]
      const ids = await send(world, communityId, [
        newProposal(requests[0]!, gp.id, { members: [0, 1] }),
        newProposal(requests[1]!, other.id),
        newProposal(requests[2]!, gp.id),
      ])
      const sent = await told(world)
      expect(sent.map(({ practitionerId }) => practitionerId)).toEqual([gp.id, other.id].sort())
      const of = (id: string) => sent.find(({ practitionerId }) => practitionerId === id)
      const { allocationId } = (await gp.caller.get(path(ids[0]!))).body
      expect(of(gp.id)).toMatchObject({
        type: 'proposal.sent',
        subject: allocationId,
        data: { communityId, proposalIds: [ids[0], ids[2]] },
      })
      expect(of(other.id)).toMatchObject({ data: { proposalIds: [ids[1]] } })
      expect(await world.act((ctx) => takenMembers(ctx, communityId))).toEqual(
        [
          { requestId: requests[0], member: 0, practitionerId: gp.id },
          { requestId: requests[0], member: 1, practitionerId: gp.id },
          { requestId: requests[1], member: 0, practitionerId: other.id },
          { requestId: requests[2], member: 0, practitionerId: gp.id },
        ].sort((a, b) => (a.requestId! < b.requestId! ? -1 : a.requestId === b.requestId ? 0 : 1)),
      )
      for (const id of requests) expect(requestOf(world, id).state).toBe('proposed')
      // Somebody who is held is not proposed to anybody else.
      await expect(propose(world, communityId, requests[1]!, gp.id)).rejects.toThrow()
      expect(await told(world)).toHaveLength(2)
    })

    rule('[PROP-14] hundreds are sent at once', async (world) => {
      const { gp, other, communityId } = await makeStage(world)
      const requests: string[] = []
      for (let i = 0; i < 120; i++) requests.push(await makeRequest(world, communityId))
      const ids = await send(
        world,
        communityId,
        requests.map((id, place) => newProposal(id, place % 2 === 0 ? gp.id : other.id)),
        { ...TIMES, answerDays: 10 },
      )
      expect(await everyPage(gp.caller, '/proposals?practitioner=me', 50)).toHaveLength(60)
      expect(new Set(ids).size).toBe(120)
    })
  })

  describe('against skimming', () => {
    rule(
      '[PROP-15] every refusal is in the register, with its reason, for the coordinator',
      async (world) => {
        const { proposed, gp, other, coordinator, communityId } = await makeStage(world)
        const register = (query = '') => coordinator.get(`/communities/${communityId}/refusals${query}`)
        const first = await proposed({ flags: [{}, {}] })
        await gp.caller.post(path(first.id, 'refuse'), { reason: 'distance' })
        world.clock.set('2026-11-25T23:59:59+01:00')
        const second = await proposed()
        await gp.caller.post(path(second.id, 'refuse'), { reason: 'leaving' })
        const accepted = await proposed()
        await gp.caller.post(path(accepted.id, 'accept'))
        expect((await register()).body).toEqual({
          items: [
            {
              proposalId: first.id,
              requestId: first.requestId,
              practitionerId: gp.id,
              kind: 'refused',
              at: '2026-11-23T08:00:00+01:00',
              reason: 'distance',
              class: 2,
              people: 2,
            },
            {
              proposalId: second.id,
              requestId: second.requestId,
              practitionerId: gp.id,
              kind: 'refused',
              at: '2026-11-25T23:59:59+01:00',
              reason: 'leaving',
              class: 2,
              people: 1,
            },
          ],
          next: null,
        })
        expect(await everyPage(coordinator, `/communities/${communityId}/refusals`, 1)).toHaveLength(2)
        const idsOf = async (query: string) =>
          (await register(query)).body.items.map((item: Body) => item.proposalId)
        expect(await idsOf('?from=2026-11-24')).toEqual([second.id])
        expect(await idsOf('?to=2026-11-24')).toEqual([first.id])
        expect(await idsOf('?from=2026-11-25&to=2026-11-25')).toEqual([second.id])
        expect(refusalOf(await register('?from=2026-11-25&to=2026-11-24'))).toEqual([422, 'invalid_interval'])
        const elsewhere = await makeCommunity(world, '92063')
        for (const one of ['refusals', 'priority-shares']) {
          expect((await coordinator.get(`/communities/${elsewhere}/${one}`)).status).toBe(404)
          expect((await other.caller.get(`/communities/${communityId}/${one}`)).status).toBe(403)
          expect((await (await world.key('auditor')).get(`/communities/${communityId}/${one}`)).status).toBe(
            403,
          )
        }
      },
    )

    rule('[PROP-15] what ends after an acceptance is in the register, and told apart', async (world) => {
      const { proposed, gp, coordinator, communityId } = await makeStage(world)
      const register = `/communities/${communityId}/refusals`
      const { id: byGp, requestId } = await proposed()
      const next = async () => (await proposed()).id
      const [byCoordinator, lost, back] = [await next(), await next(), await next()]
      const [kept, early] = [await next(), await next()]
      // Nobody answered this one: nothing ended that a GP had begun.
      await coordinator.post(path(early, 'patient-declined'))
      for (const id of [byGp, byCoordinator, lost, back, kept]) await gp.caller.post(path(id, 'accept'))
      world.clock.advance(DAY)
      await gp.caller.post(path(byGp, 'patient-declined'))
      await coordinator.post(path(byCoordinator, 'patient-declined'))
      for (const channel of ['phone', 'sms', 'phone'])
        await gp.caller.post(path(lost, 'contact'), { channel, reached: false })
      await coordinator.post(path(back, 'withdraw'))
      const { items } = (await coordinator.get(register)).body
      expect(Object.fromEntries(items.map((item: Body) => [item.proposalId, item.kind]))).toEqual({
        [byGp]: 'declined',
        [byCoordinator]: 'declined',
        [lost]: 'unreachable',
        [back]: 'withdrawn',
      })
      expect(items.find((item: Body) => item.proposalId === byGp)).toEqual({
        proposalId: byGp,
        requestId,
        practitionerId: gp.id,
        kind: 'declined',
        at: '2026-11-24T08:00:00+01:00',
        class: 2,
        people: 1,
      })
      expect(JSON.stringify(items)).not.toMatch(NAMES)
      expect((await everyPage(coordinator, register, 1)).map((item) => item.proposalId)).toEqual(
        items.map((item: Body) => item.proposalId),
      )
      expect((await coordinator.get(`${register}?to=2026-11-23`)).body.items).toEqual([])
    })

    rule(
      '[PROP-15] the part of urgent patients each GP is proposed and accepts is beside the CPTS’s',
      async (world) => {
        const { gp, other, coordinator, communityId } = await makeStage(world)
        const next = async (practitionerId: string, priority: 1 | 2 | 3 | 5, people = 1) => {
          const requestId = await makeRequest(world, communityId, {
            flags: Array(people).fill({}) as object[],
          })
          const members = Array.from({ length: people }, (_, number) => number)
          return propose(world, communityId, requestId, practitionerId, { members, class: priority })
        }
        const answer = async (by: Member, id: string, verb: 'accept' | 'refuse') =>
          stateOf(await by.caller.post(path(id, verb), verb === 'refuse' ? { reason: 'capacity' } : {}))
        // The first takes the light ones alone; the second all but one, of which one changes their mind.
        await answer(gp, await next(gp.id, 1, 2), 'refuse')
        await next(gp.id, 2)
        await answer(gp, await next(gp.id, 5, 3), 'accept')
        const left = await next(other.id, 1)
        await answer(other, left, 'accept')
        await other.caller.post(path(left, 'patient-declined'))
        await answer(other, await next(other.id, 3), 'accept')
        world.clock.advance(7 * DAY)
        const { body } = await coordinator.get(`/communities/${communityId}/priority-shares`)
        const none = { people: 0, priority: 0, share: null }
        const expected = {
          [gp.id]: {
            practitionerId: gp.id,
            proposed: { people: 6, priority: 3, share: 0.5 },
            accepted: { people: 3, priority: 0, share: 0 },
            ended: none,
            refused: { people: 2, priority: 2, share: 1 },
            unanswered: { people: 1, priority: 1, share: 1 },
          },
          [other.id]: {
            practitionerId: other.id,
            proposed: { people: 2, priority: 1, share: 0.5 },
            accepted: { people: 1, priority: 0, share: 0 },
            ended: { people: 1, priority: 1, share: 1 },
            refused: none,
            unanswered: none,
          },
        }
        expect(body).toEqual({
          byPractitioner: [gp.id, other.id].sort().map((id) => expected[id]),
          community: {
            proposed: { people: 8, priority: 4, share: 0.5 },
            accepted: { people: 4, priority: 0, share: 0 },
            ended: { people: 1, priority: 1, share: 1 },
            refused: { people: 2, priority: 2, share: 1 },
            unanswered: { people: 1, priority: 1, share: 1 },
          },
        })
        await world.tick()
        expect((await coordinator.get(`/communities/${communityId}/priority-shares`)).body).toEqual(body)
        const nothing = (await coordinator.get(`/communities/${communityId}/priority-shares?to=2026-11-22`))
          .body
        expect(nothing).toEqual({
          byPractitioner: [],
          community: { proposed: none, accepted: none, ended: none, refused: none, unanswered: none },
        })
      },
    )
  })

  describe('a request that changes', () => {
    const BORN = { members: [{ number: 0, birthDate: '1930-05-02' }] }

    rule(
      '[PROP-20] what nobody answered yet is taken back when what it was made from changes',
      async (world) => {
        const { proposed, gp, coordinator, communityId } = await makeStage(world)
        for (const change of [
          { commune: '92002' },
          { lat: 48.9, lon: 2.2 },
          { needs: { homeVisit: true } },
          { needs: { wheelchair: true } },
          { needs: { language: 'ar' } },
          { needs: { doctorSex: 'female' } },
          { household: 'may_split' },
          { maxKm: 5 },
          BORN,
          { members: [{ number: 0, flags: { ald: true } }] },
        ]) {
          const { id, requestId } = await proposed()
          const { since } = requestOf(world, requestId)
          world.clock.advance(HOUR)
          const changed = await coordinator.patch(`/mt-requests/${requestId}`, change)
          expect(changed.status, changed.text).toBe(200)
          const tried = JSON.stringify(change)
          expect(changed.body.state, tried).toBe('waiting')
          expect(requestOf(world, requestId), tried).toMatchObject({ state: 'waiting', since, refusals: 0 })
          expect((await gp.caller.get(path(id))).body.state, tried).toBe('withdrawn')
          const ifMatch = { headers: { 'if-match': '"1"' } }
          expect((await gp.caller.post(path(id, 'accept'), {}, ifMatch)).status).toBe(412)
          expect(refusalOf(await gp.caller.post(path(id, 'accept')))).toEqual([409, 'proposal_closed'])
          expect((await told(world)).at(-1)).toMatchObject({
            type: 'proposal.withdrawn',
            subject: id,
            practitionerId: gp.id,
          })
          // The version that is answered is the one that a next change has to match.
          const next = { headers: { 'if-match': `"${changed.body.version}"` } }
          const again = await coordinator.patch(`/mt-requests/${requestId}`, { source: 'cpam' }, next)
          expect(again.status, again.text).toBe(200)
        }
        await world.act((ctx) => {
          expect(exclusionsIn(ctx, communityId)).toEqual([])
          expect(takenMembers(ctx, communityId)).toEqual([])
        })
      },
    )

    rule(
      '[PROP-20] names, contact, other flags and what is said again leave a proposal as it is',
      async (world) => {
        const { proposed, gp, coordinator } = await makeStage(world)
        const { id, requestId } = await proposed({ needs: { homeVisit: true } })
        for (const change of [
          { contact: { phone: '+33639980002', email: 'b@example.org' } },
          { members: [{ number: 0, family: 'Fictif', given: 'Camille', sex: 'female' }] },
          { members: [{ number: 0, flags: { isolation: true, ald: false } }] },
          { source: 'cpam' },
          { alreadySeenBy: null },
          {
            commune: '92050',
            needs: { homeVisit: true, language: null },
            household: 'together',
            maxKm: null,
          },
          { members: [{ number: 0, birthDate: '1980-02-29' }] },
        ]) {
          const changed = await coordinator.patch(`/mt-requests/${requestId}`, change)
          expect(changed.status, changed.text).toBe(200)
          expect((await gp.caller.get(path(id))).body, JSON.stringify(change)).toMatchObject({
            state: 'open',
            version: 1,
          })
        }
        expect(requestOf(world, requestId).state).toBe('proposed')
      },
    )

    rule('[PROP-20] who was accepted stays with the GP who did', async (world) => {
      const { gp, other, coordinator, communityId } = await makeStage(world)
      const requestId = await makeRequest(world, communityId, { flags: [{}, {}], household: 'may_split' })
      const [first, second] = await send(world, communityId, [
        newProposal(requestId, gp.id, { members: [0] }),
        newProposal(requestId, other.id, { members: [1] }),
      ])
      await gp.caller.post(path(first!, 'accept'))
      await coordinator.patch(`/mt-requests/${requestId}`, BORN)
      expect((await gp.caller.get(path(first!))).body.state).toBe('accepted')
      expect((await gp.caller.get(path(second!))).status).toBe(404)
      expect((await other.caller.get(path(second!))).body.state).toBe('withdrawn')
      expect(requestOf(world, requestId).state).toBe('accepted')
    })

    rule('[PROP-20] one that is to be qualified after it is not proposed', async (world) => {
      const { proposed, gp, coordinator } = await makeStage(world)
      const { id, requestId } = await proposed()
      const change = { maxKm: 4, members: [{ number: 0, flags: { ald: null } }] }
      const changed = await coordinator.patch(`/mt-requests/${requestId}`, change)
      expect(changed.body).toMatchObject({ state: 'to_qualify', class: 'to_qualify' })
      expect((await gp.caller.get(path(id))).body.state).toBe('withdrawn')
    })
  })

  describe('who is told', () => {
    rule(
      '[PROP-18] a GP who wants it is told to log in, once for all that is proposed to them, in words that say nothing of anybody',
      async (world) => {
        const { gp, communityId } = await makeStage(world)
        await gp.caller.put(`/practitioners/${gp.id}/notices`, {
          email: 'gp@cabinet.example',
          subjects: ['proposal'],
        })
        await world.tick()
        const requests = [await makeRequest(world, communityId), await makeRequest(world, communityId)]
        await send(
          world,
          communityId,
          requests.map((requestId) => newProposal(requestId, gp.id)),
        )
        await world.tick()
        const message = {
          channel: 'email',
          to: 'gp@cabinet.example',
          subject: 'Proposition de patients',
          text: 'Des patients sans médecin traitant attendent votre réponse. Connectez-vous pour le voir.',
        }
        expect(world.messages).toEqual([message])
        world.clock.advance(4 * DAY)
        for (let i = 0; i < 2; i++) await world.tick()
        expect(world.messages).toEqual([message, message])
      },
      { channels: ['email'] },
    )

    rule(
      '[PROP-16] the GP and the CPTS of the request are told, and no other CPTS of the GP',
      async (world) => {
        const { proposed, gp, other, coordinator, communityId } = await makeStage(world)
        const elsewhere = await makeCommunity(world, '92063')
        await world.admin.patch(`/practitioners/${gp.id}`, { communityIds: [communityId, elsewhere] })
        const foreign = await world.key('coordinator', { communityIds: [elsewhere] })
        const { id } = await proposed()
        await gp.caller.post(path(id, 'refuse'), { reason: 'capacity' })
        await gp.caller.put(`/practitioners/${gp.id}/intake`, intakeBody({ open: false }))
        const seen = async (caller: typeof foreign) =>
          typesOf(await everyPage(caller, '/events', 200)).filter((type) =>
            /^(?:proposal|intake)\./.test(type),
          )
        const all = ['intake.set', 'proposal.sent', 'proposal.refused', 'intake.set']
        expect(await seen(gp.caller)).toEqual(all)
        expect((await seen(coordinator)).filter((type) => type.startsWith('proposal'))).toEqual(
          all.slice(1, 3),
        )
        // What the GP can take is their affair in both; what the other CPTS proposed to them is not.
        expect(await seen(foreign)).toEqual(['intake.set', 'intake.set'])
        expect(await seen(other.caller)).toEqual(['intake.set'])
        expect(await seen(await world.key('regulator'))).toEqual([])
      },
    )
  })
}
