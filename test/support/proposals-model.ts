import fc from 'fast-check'
import { expect } from 'vitest'
import {
  acceptProposal,
  getProposal,
  refuseProposal,
  sendProposals,
} from '../../src/attachment/proposals/actions.ts'
import { burdenOf, exclusionsIn, takenMembers } from '../../src/attachment/proposals/burden/actions.ts'
import {
  contactHousehold,
  declareProposal,
  noteDeclined,
  withdrawProposal,
} from '../../src/attachment/proposals/follow-up/actions.ts'
import type { ProposalState } from '../../src/attachment/proposals/vocabulary.ts'
import { censusIn, getRequest } from '../../src/attachment/requests/actions.ts'
import { updateRequest } from '../../src/attachment/requests/changes/actions.ts'
import { withdrawRequest } from '../../src/attachment/requests/closing/actions.ts'
import { addMember, takeOutMember } from '../../src/attachment/requests/household/actions.ts'
import type { RequestState } from '../../src/attachment/vocabulary.ts'
import type { Ctx } from '../../src/db/db.ts'
import { ctxOf } from '../../src/db/territory.ts'
import { getLocalDate, toLocalDate } from '../../src/kernel/civil.ts'
import type { Actor } from '../../src/kernel/ctx.ts'
import { Refused } from '../../src/kernel/refusal.ts'
import { DAY, MINUTE } from '../../src/kernel/time.ts'
import { createCommunity, createPractitioner } from '../../src/members/actions.ts'
import { makeRequest, NO_FLAGS, setRulesOf } from './allocations.ts'
import { rppsOf } from './members.ts'
import { bareAllocation, newProposal, TIMES } from './proposals.ts'
import { SYSTEM, type World } from './world.ts'

const GPS = 3
const MOST_REQUESTS = 3
const MOST_REFUSALS = 2
const MOST_PEOPLE = 4

/** What a hundred lines believe of a household and of those who are asked for it. */
interface Request {
  readonly id: string
  /** Numbers of those who are there, and the first that nobody had. */
  people: number[]
  next: number
  since: number
  state: RequestState
  refusals: number
  isEscalated: boolean
  /** GPs who are out of the question. */
  readonly excluded: Set<number>
  readonly attempts: { of: Proposal; channel: string; reached: boolean }[]
}

interface Proposal {
  readonly id: string
  readonly request: Request
  readonly gp: number
  readonly members: readonly number[]
  readonly ends: number
  /** As it was noted: one that lapsed is open here until somebody notes it. */
  state: ProposalState
}

/** Ways to believe what is not so, one at a time, so that the check is seen to fail. */
export type Planted =
  | 'a silent GP keeps the patient'
  | 'a silence is no refusal'
  | 'a pair may be proposed again'
  | 'a refusal costs the seniority'
  | 'the patient’s no is a refusal'
  | 'two vain attempts are enough'
  | 'a proposal taken back is never made again'
  | 'a declaration frees'
  | 'who left is waited for'
  | 'one GP’s vain attempts are everybody’s'
  | 'a change leaves what was proposed'

export class Model {
  now: number
  readonly planted: Planted | undefined
  readonly requests: Request[] = []
  readonly proposals: Proposal[] = []
  constructor(now: number, planted: Planted | undefined) {
    this.now = now
    this.planted = planted
  }

  stateOf({ state, ends }: Proposal): ProposalState {
    if (this.planted === 'a silent GP keeps the patient') return state
    return state === 'open' && ends <= this.now ? 'expired' : state
  }

  holds(proposal: Proposal): boolean {
    const state = this.stateOf(proposal)
    if (state === 'declared') return this.planted !== 'a declaration frees'
    return state === 'open' || state === 'accepted'
  }

  of(request: Request): Proposal[] {
    return this.proposals.filter((one) => one.request === request)
  }

  free(request: Request): number[] {
    const held = this.of(request).flatMap((one) => (this.holds(one) ? one.members : []))
    return request.people.filter((one) => !held.includes(one))
  }

  /** Where a request stands, told by what was noted of its people. */
  settle(request: Request) {
    const people = (state: ProposalState) =>
      this.of(request).reduce((sum, one) => sum + (one.state === state ? one.members.length : 0), 0)
    const next = (): RequestState => {
      if (people('declared') === request.people.length) return 'placed'
      if (request.state === 'unreachable' || request.state === 'withdrawn') return request.state
      if (people('open') > 0) return 'proposed'
      if (people('accepted') > 0) return 'accepted'
      return request.isEscalated ? 'escalated' : 'waiting'
    }
    this.move(request, next())
  }

  move(request: Request, state: RequestState) {
    if (request.state === state) return
    request.state = state
  }

  refuse(request: Request) {
    // Nobody looks at what is over.
    if (request.state === 'withdrawn') return
    request.refusals++
    if (request.refusals >= MOST_REFUSALS) request.isEscalated = true
    if (this.planted === 'a refusal costs the seniority') request.since = this.now
  }

  exclude({ request, gp }: Proposal) {
    if (this.planted !== 'a pair may be proposed again') request.excluded.add(gp)
  }

  /** Silences that are noted: by the tick, or because something is sent. */
  noteLapsed(of?: Request) {
    for (const one of this.proposals) {
      if (of && one.request !== of) continue
      if (this.stateOf(one) !== 'expired' || one.state === 'expired') continue
      one.state = 'expired'
      if (this.planted !== 'a silence is no refusal') this.refuse(one.request)
      this.exclude(one)
      this.settle(one.request)
    }
  }
}

export interface Real {
  readonly communityId: string
  readonly gps: readonly string[]
  readonly as: (gp: number) => Actor
  readonly coordinator: Actor
  readonly world: World
  readonly act: <T>(actor: Actor, fn: (ctx: Ctx) => T) => Promise<T | string>
}

const seen = async <T>(real: Real, fn: (ctx: Ctx) => T): Promise<T> => {
  const found = await real.act(SYSTEM, fn)
  if (typeof found === 'string') throw new Error(found)
  return found
}

const byText = (a: string, b: string) => (a < b ? -1 : Number(a > b))

/** Everything that can be seen, held against the model: nobody lost, nobody twice, seniority where it was. */
const compare = async (model: Model, real: Real) => {
  expect(real.world.clock.now()).toBe(model.now)
  const found = await seen(real, (ctx) => ({
    taken: takenMembers(ctx, real.communityId),
    excluded: exclusionsIn(ctx, real.communityId),
    waiting: censusIn(ctx, real.communityId).waiting,
    burden: burdenOf(ctx, real.gps),
    requests: model.requests.map(({ id }) => getRequest(ctx, id)),
    states: model.proposals.map(({ id }) => getProposal(ctx, id).state),
  }))
  expect(found.states).toEqual(model.proposals.map((one) => model.stateOf(one)))
  expect(found.requests.map((row) => [row.state, row.waitingSince, row.refusals])).toEqual(
    model.requests.map(({ state, since, refusals }) => [state, since, refusals]),
  )
  const held = model.proposals.flatMap((one) =>
    model.holds(one) ? one.members.map((member) => `${one.request.id} ${member}`) : [],
  )
  // Nobody is in two proposals, in the model or in truth.
  expect(new Set(held).size).toBe(held.length)
  expect(found.taken.map(({ requestId, member }) => `${requestId} ${member}`)).toEqual(held.sort(byText))
  const excluded = model.requests.flatMap(({ id, excluded: gps }) =>
    [...gps].map((gp) => `${id} ${real.gps[gp]}`),
  )
  const lapsed = model.proposals
    .filter((one) => one.state === 'open' && model.stateOf(one) === 'expired')
    .map(({ request, gp }) => `${request.id} ${real.gps[gp]}`)
  expect(
    found.excluded.map(({ requestId, practitionerId }) => `${requestId} ${practitionerId}`).sort(byText),
  ).toEqual([...new Set([...excluded, ...lapsed])].sort(byText))
  // Whoever is free and can be reached is in what the next allocation is made from.
  const allocable = model.requests.filter(
    ({ state }) => !['placed', 'withdrawn', 'unreachable'].includes(state),
  )
  expect(
    found.waiting
      .map(({ id, members }) => `${id} ${members.map(({ number }) => number).join()}`)
      .sort(byText),
  ).toEqual(allocable.map(({ id, people }) => `${id} ${people.join()}`).sort(byText))
  for (const [gp, id] of real.gps.entries()) {
    const open = model.proposals.filter((one) => one.gp === gp && model.stateOf(one) === 'open')
    expect(found.burden.get(id)?.open).toBe(open.reduce((sum, { members }) => sum + members.length, 0))
  }
}

type Step = fc.AsyncCommand<Model, Real>

const step = (name: string, run: (model: Model, real: Real) => Promise<void>): Step => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real)
    await compare(model, real)
  },
  toString: () => name,
})

/** The newest is the likeliest to have something left to happen. */
const chosen = <T>(all: readonly T[], which: number): T | undefined =>
  all.at(-1 - (which % Math.max(1, all.length)))

/** What is told to whoever takes a step that the state of a proposal does not allow; undefined when it does. */
const refusalOf = (state: ProposalState, from: readonly ProposalState[]): string | undefined => {
  if (from.includes(state)) return undefined
  if (!from.includes('open') && ['open', 'refused', 'expired'].includes(state)) return 'proposal_not_accepted'
  return state === 'expired' ? 'proposal_expired' : 'proposal_closed'
}

/** A step on a proposal: what it comes to when it is allowed is `then`. */
const onProposal = (
  name: string,
  from: readonly ProposalState[],
  run: (ctx: Ctx, proposal: Proposal) => unknown,
  by: (real: Real, proposal: Proposal) => Actor,
  then: (model: Model, proposal: Proposal) => void,
) =>
  fc.nat(5).map((which) =>
    step(`${name} #${which}`, async (model, real) => {
      const proposal = chosen(model.proposals, which)
      if (!proposal) return
      const answer = await real.act(by(real, proposal), (ctx) => run(ctx, proposal))
      const refused = refusalOf(model.stateOf(proposal), from)
      if (refused !== undefined) {
        expect(answer).toBe(refused)
        return
      }
      expect(answer).not.toBeTypeOf('string')
      then(model, proposal)
    }),
  )

const byGp = (real: Real, { gp }: Proposal) => real.as(gp)
const byCoordinator = (real: Real) => real.coordinator

const ended = (model: Model, proposal: Proposal, state: ProposalState) => {
  proposal.state = state
  model.settle(proposal.request)
}

/** A household of so many people comes to wait. */
export const bring = async (model: Model, real: Real, members: number) => {
  const id = await makeRequest(real.world, real.communityId, {
    flags: Array.from({ length: members }, () => ({})),
    household: 'may_split',
  })
  model.requests.push({
    id,
    people: Array.from({ length: members }, (_, number) => number),
    next: members,
    since: model.now,
    state: 'waiting',
    refusals: 0,
    isEscalated: false,
    excluded: new Set(),
    attempts: [],
  })
}

const request = fc.integer({ min: 1, max: 3 }).map((members) =>
  step(`request of ${members}`, async (model, real) => {
    if (model.requests.length < MOST_REQUESTS) await bring(model, real, members)
  }),
)

/** Proposes free people of requests to GPs who are not out of the question, as an allocation does. */
const send = fc
  .array(fc.tuple(fc.nat(2), fc.nat(GPS - 1), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 4 })
  .map((wanted) =>
    step(`send ${JSON.stringify(wanted)}`, async (model, real) => {
      const batch: Omit<Proposal, 'id' | 'ends' | 'state'>[] = []
      for (const [which, gp, people] of wanted) {
        const asked = model.requests[which]
        if (!asked || ['placed', 'withdrawn', 'unreachable'].includes(asked.state)) continue
        const silent = model.of(asked).some((one) => one.gp === gp && model.stateOf(one) === 'expired')
        if ((silent && model.planted === undefined) || asked.excluded.has(gp)) continue
        const taken = batch.filter((one) => one.request === asked)
        if (taken.some((one) => one.gp === gp)) continue
        const members = model
          .free(asked)
          .filter((member) => !taken.some((one) => one.members.includes(member)))
          .slice(0, people)
        if (members.length > 0) batch.push({ request: asked, gp, members })
      }
      const ids = await real.act(SYSTEM, (ctx) =>
        sendProposals(ctx, {
          allocationId: bareAllocation(ctx, real.communityId),
          batch: batch.map((one) =>
            newProposal(one.request.id, real.gps[one.gp] ?? '', { members: one.members }),
          ),
          rules: TIMES,
        }),
      )
      if (typeof ids === 'string') throw new Error(ids)
      if (batch.length > 0) model.noteLapsed()
      for (const [place, one] of batch.entries())
        model.proposals.push({ ...one, id: ids[place] ?? '', ends: model.now + 7 * DAY, state: 'open' })
      for (const asked of new Set(batch.map((one) => one.request))) model.settle(asked)
    }),
  )

const call = async (
  model: Model,
  real: Real,
  proposal: Proposal,
  channel: 'phone' | 'sms',
  reached: boolean,
) => {
  const answer = await real.act(byGp(real, proposal), (ctx) =>
    contactHousehold(ctx, proposal.id, { channel, reached }),
  )
  const refused = refusalOf(model.stateOf(proposal), ['accepted'])
  if (refused !== undefined) {
    expect(answer).toBe(refused)
    return
  }
  const { request: asked } = proposal
  asked.attempts.push({ of: proposal, channel, reached })
  const since = asked.attempts.map((one) => one.reached).lastIndexOf(true) + 1
  const vain = asked.attempts.slice(since).filter((one) => one.of === proposal)
  const enough = model.planted === 'two vain attempts are enough' ? 2 : 3
  if (vain.length < enough || new Set(vain.map((one) => one.channel)).size < 2) return
  const expected = model
    .of(asked)
    .some(({ gp, state }) => gp !== proposal.gp && (state === 'accepted' || state === 'declared'))
  if (expected && model.planted !== 'one GP’s vain attempts are everybody’s') {
    ended(model, proposal, 'unreachable')
    return
  }
  for (const one of model.of(asked))
    if (['open', 'accepted'].includes(model.stateOf(one))) one.state = 'unreachable'
  model.move(asked, 'unreachable')
}

const contact = fc
  .record({
    which: fc.nat(2),
    channel: fc.constantFrom('phone' as const, 'sms' as const),
    reached: fc.nat(4).map((n) => n === 0),
  })
  .map(({ which, channel, reached }) =>
    step(`contact #${which} by ${channel}: ${reached}`, async (model, real) => {
      const proposal = chosen(model.proposals, which)
      if (proposal) await call(model, real, proposal, channel, reached)
    }),
  )

/** Somebody who gives up: three calls by two ways, of a GP who expects patients. */
const vainCalls = fc.nat(2).map((which) =>
  step(`three vain calls #${which}`, async (model, real) => {
    const expecting = model.proposals.filter((one) => one.state === 'accepted')
    const proposal = chosen(expecting, which)
    if (!proposal) return
    for (const channel of ['phone', 'sms', 'phone'] as const)
      await call(model, real, proposal, channel, false)
  }),
)

const withdrawing = fc.nat(MOST_REQUESTS - 1).map((which) =>
  step(`withdraw request #${which}`, async (model, real) => {
    const asked = model.requests[which]
    if (!asked) return
    const answer = await real.act(real.coordinator, (ctx) =>
      withdrawRequest(ctx, asked.id, 'found_mt', undefined),
    )
    if (asked.state === 'placed' || asked.state === 'withdrawn') {
      expect(answer).toBe('request_closed')
      return
    }
    expect(answer).not.toBeTypeOf('string')
    for (const one of model.of(asked)) {
      if (one.state === 'accepted') model.exclude(one)
      if (['open', 'accepted'].includes(model.stateOf(one))) one.state = 'withdrawn'
    }
    model.move(asked, 'withdrawn')
  }),
)

const isOver = ({ state }: Request) => state === 'placed' || state === 'withdrawn'

/** Somebody joins a household. */
const join = fc.nat(MOST_REQUESTS - 1).map((which) =>
  step(`join request #${which}`, async (model, real) => {
    const asked = model.requests[which]
    if (!asked || asked.people.length >= MOST_PEOPLE) return
    const answer = await real.act(real.coordinator, (ctx) =>
      addMember(
        ctx,
        asked.id,
        {
          family: 'Fictif',
          given: 'Camille',
          birthDate: getLocalDate('1990-01-01'),
          sex: 'male',
          flags: NO_FLAGS,
          consent: { at: ctx.now, by: 'Camille', means: 'oral' },
        },
        undefined,
      ),
    )
    if (isOver(asked)) {
      expect(answer).toBe('request_closed')
      return
    }
    expect(answer).not.toBeTypeOf('string')
    asked.people.push(asked.next++)
    model.settle(asked)
  }),
)

/** Somebody leaves one, unless they are the last, or a GP is asked for them, expects or has them. */
const leave = fc.tuple(fc.nat(MOST_REQUESTS - 1), fc.nat(MOST_PEOPLE - 1)).map(([which, whom]) =>
  step(`leave request #${which}: #${whom}`, async (model, real) => {
    const asked = model.requests[which]
    const number = asked?.people[whom % asked.people.length]
    if (!asked || number === undefined) return
    const answer = await real.act(real.coordinator, (ctx) =>
      takeOutMember(ctx, asked.id, number, 'moved', undefined),
    )
    const isFree = model.free(asked).includes(number)
    if (isOver(asked) || asked.people.length === 1 || !isFree) {
      expect(answer).toBe(isOver(asked) ? 'request_closed' : 'invalid_transition')
      return
    }
    expect(answer).not.toBeTypeOf('string')
    model.noteLapsed(asked)
    if (model.planted !== 'who left is waited for')
      asked.people = asked.people.filter((one) => one !== number)
    model.settle(asked)
  }),
)

let moves = 0

/** The household moves: whoever has not answered was asked about another one. */
const change = fc.nat(MOST_REQUESTS - 1).map((which) =>
  step(`change request #${which}`, async (model, real) => {
    const asked = model.requests[which]
    if (!asked) return
    const place = { lat: 48.8 + (++moves % 1_000) / 10_000, lon: 2.2 }
    const answer = await real.act(real.coordinator, (ctx) => updateRequest(ctx, asked.id, place, undefined))
    if (isOver(asked)) {
      expect(answer).toBe('request_closed')
      return
    }
    expect(answer).not.toBeTypeOf('string')
    if (model.planted === 'a change leaves what was proposed') return
    const open = model.of(asked).filter((one) => model.stateOf(one) === 'open')
    for (const one of open) one.state = 'withdrawn'
    if (open.length > 0) model.settle(asked)
  }),
)

const reopen = fc.nat(MOST_REQUESTS - 1).map((which) =>
  step(`reopen #${which}`, async (model, real) => {
    const asked = model.requests[which]
    if (asked?.state !== 'unreachable') return
    const answer = await real.act(real.coordinator, (ctx) =>
      updateRequest(ctx, asked.id, { state: 'waiting' }, undefined),
    )
    expect(answer).not.toBeTypeOf('string')
    model.move(asked, asked.isEscalated ? 'escalated' : 'waiting')
  }),
)

const tick = fc.constant(
  step('tick', async (model, real) => {
    expect(await real.world.tick()).toEqual([])
    model.noteLapsed()
  }),
)

const wait = fc.constantFrom(MINUTE, DAY, 3 * DAY, 7 * DAY - 1, 7 * DAY).map((milliseconds) =>
  step(`wait ${milliseconds}`, (model, real) => {
    real.world.clock.advance(milliseconds)
    model.now += milliseconds
    return Promise.resolve()
  }),
)

const accept = onProposal(
  'accept',
  ['open'],
  (ctx, { id }) => acceptProposal(ctx, id, undefined),
  byGp,
  (model, one) => ended(model, one, 'accepted'),
)

const refuse = onProposal(
  'refuse',
  ['open'],
  (ctx, { id }) => refuseProposal(ctx, id, 'capacity', undefined),
  byGp,
  (model, one) => {
    model.refuse(one.request)
    model.exclude(one)
    ended(model, one, 'refused')
  },
)

const decline = onProposal(
  'patient declines',
  ['open', 'accepted'],
  (ctx, { id }) => noteDeclined(ctx, id, undefined),
  byCoordinator,
  (model, one) => {
    if (model.planted === 'the patient’s no is a refusal') model.refuse(one.request)
    model.exclude(one)
    ended(model, one, 'declined')
  },
)

const declare = onProposal(
  'declare',
  ['accepted'],
  (ctx, { id }) => declareProposal(ctx, id, toLocalDate(ctx.now, ctx.territory.zone), undefined),
  byGp,
  (model, one) => ended(model, one, 'declared'),
)

const withdraw = onProposal(
  'withdraw',
  ['open', 'accepted'],
  (ctx, { id }) => withdrawProposal(ctx, id, undefined),
  byCoordinator,
  (model, one) => {
    if (one.state === 'accepted' || model.planted === 'a proposal taken back is never made again')
      model.exclude(one)
    ended(model, one, 'withdrawn')
  },
)

/** Every step that people and time can take; sending, answering and calling happen more often than the rest. */
export const steps = [
  request,
  ...[send, send, send, accept, accept, accept, accept],
  ...[contact, contact, contact, contact, vainCalls, vainCalls, vainCalls],
  ...[refuse, decline, declare, withdraw, withdrawing, change, reopen, join, leave, tick, wait, wait],
]

/** A CPTS with three GPs and nobody who waits, in the same territory each time. */
export const proposalsStage = async (world: World): Promise<Real> => {
  const { communityId, gps } = await world.act((ctx) => {
    const { id } = createCommunity(ctx, { name: 'CPTS', communes: [] })
    const made = Array.from({ length: GPS }, () => {
      const number = Buffer.from(ctx.random(4)).readUInt32BE() % 1_000_000_000
      const body = { family: 'Fictif', given: 'Camille', profession: 'GP', communityIds: [id], sites: [] }
      return createPractitioner(ctx, { ...body, rpps: rppsOf(number) }).id
    })
    return { communityId: id, gps: made }
  })
  // What long waiting alone does is another story.
  await setRulesOf(world, communityId, { escalationDays: 36_500, maxRefusals: MOST_REFUSALS })
  const key = { kind: 'key', keyId: 'akey_model' } as const
  return {
    communityId,
    gps,
    world,
    as: (gp) => ({ ...key, role: 'practitioner', communityIds: [], practitionerId: gps[gp] ?? '' }),
    coordinator: { ...key, role: 'coordinator', communityIds: [communityId], practitionerId: null },
    act: async (actor, fn) => {
      try {
        return await world.territory.commit(
          ({ db }) => fn(ctxOf(world.platform, world.territory.info, actor, db)) as never,
        )
      } catch (error) {
        if (error instanceof Refused) return error.refusal.code
        throw error
      }
    },
  }
}
