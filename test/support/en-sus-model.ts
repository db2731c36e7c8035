import fc from 'fast-check'
import { expect } from 'vitest'
import { closeEnSus, getEnSus, requestEnSus } from '../../src/bookings/en-sus/actions.ts'
import { acceptEnSus, declineEnSus } from '../../src/bookings/en-sus/answers/actions.ts'
import { bookEnSus } from '../../src/bookings/en-sus/booking/actions.ts'
import { setRules } from '../../src/bookings/en-sus/cascade/actions.ts'
import type { EnSusExpiry, EnSusState } from '../../src/bookings/en-sus/vocabulary.ts'
import type { Ctx } from '../../src/db/db.ts'
import { ctxOf } from '../../src/db/territory.ts'
import { listEvents } from '../../src/events/actions.ts'
import type { Actor } from '../../src/kernel/ctx.ts'
import { Refused } from '../../src/kernel/refusal.ts'
import { actorOf } from './attempt.ts'
import { bookingBody, makeCommunity, makeGp, type Member } from './members.ts'
import { SYSTEM, type World } from './world.ts'

const WAVE = 60_000
const HALF_HOUR = 30 * 60_000
const FIVE_MINUTES = 5 * 60_000
/** The own GP, two near, two further off: by their places in the list of GPs. */
const WAVES = [[0], [1, 2], [3, 4]] as const
const GPS = 5
const MOST_REQUESTS = 4

/** What a hundred lines believe of one request. It goes from wave to wave, where the product reckons with instants. */
interface Request {
  readonly id: string
  /** How many of the waves have been asked, and when the last of them ends, or the hour agreed comes. */
  waves: number
  ends: number
  state: EnSusState
  because?: EnSusExpiry
  taker?: number
  readonly declined: Set<number>
  /** When each GP was asked. */
  readonly askedAt: Map<number, number>
}

export class Model {
  now: number
  readonly requests: Request[] = []
  constructor(now: number) {
    this.now = now
  }

  askNext(request: Request, planted?: Planted) {
    const wave = WAVES[request.waves]
    // When nobody is left: they have all declined, or the last wave ran out.
    if (!wave) {
      request.state = 'expired'
      request.because = request.declined.size === GPS ? 'all_declined' : 'no_answer'
      request.ends = Math.min(request.ends, this.now)
      return
    }
    const from = planted === 'a wave begins late' ? this.now + 1 : Math.min(this.now, request.ends)
    for (const gp of wave) request.askedAt.set(gp, from)
    request.waves++
    request.ends = from + WAVE
  }

  pass(milliseconds: number, planted?: Planted) {
    this.now += milliseconds
    for (const request of this.requests) {
      while (request.state === 'asking' && request.ends <= this.now) this.askNext(request, planted)
      if (request.state === 'accepted' && request.ends <= this.now && planted !== 'accepted is for ever') {
        request.state = 'expired'
        request.because = 'not_booked'
      }
    }
  }
}

export interface Real {
  readonly gps: readonly Actor[]
  readonly regulator: Actor
  readonly members: readonly Member[]
  readonly mtRpps: string
  readonly now: () => number
  readonly act: <T>(actor: Actor, fn: (ctx: Ctx) => T) => Promise<T | string>
  readonly advance: (milliseconds: number) => void
  readonly tick: () => Promise<string[]>
}

/** Ways to believe what is not so, one at a time, so that the check is seen to fail. */
export type Planted =
  | 'a wave begins late'
  | 'a no changes nothing'
  | 'two may accept'
  | 'accepted is for ever'
  | 'a late tick shows'

type Step = fc.AsyncCommand<Model, Real>

const step = (name: string, run: (model: Model, real: Real) => Promise<void>): Step => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real)
    await compare(model, real)
  },
  toString: () => name,
})

/** The SAS and every GP look at every request. */
const compare = async (model: Model, real: Real) => {
  expect(real.now()).toBe(model.now)
  for (const request of model.requests) {
    const seen = await real.act(real.regulator, (ctx) => getEnSus(ctx, request.id))
    if (typeof seen === 'string') throw new Error(seen)
    expect({
      state: seen.state,
      because: seen.expiry,
      wave: seen.wave,
      asked: seen.asked,
      declined: seen.declined,
      ends: seen.request.expiresAt,
      hasText: seen.text !== undefined,
    }).toEqual({
      state: request.state,
      because: request.because,
      wave: request.waves,
      asked: request.askedAt.size,
      declined: request.declined.size,
      ends: request.ends + (request.state === 'asking' ? (WAVES.length - request.waves) * WAVE : 0),
      hasText: request.state === 'asking' || request.state === 'accepted',
    })
    for (const [gp, actor] of real.gps.entries()) {
      const shown = await real.act(actor, (ctx) => getEnSus(ctx, request.id))
      const isTaker = request.taker === gp
      expect(
        typeof shown === 'string'
          ? shown
          : { state: shown.state, knows: shown.isCallShown, hasText: shown.text !== undefined },
      ).toEqual(
        request.askedAt.has(gp)
          ? {
              state: request.state,
              knows: isTaker,
              hasText: isTaker && request.state === 'accepted',
            }
          : 'not_found',
      )
    }
  }
}

const gpIndex = fc.nat(GPS - 1)
const pick = fc.nat(MOST_REQUESTS)

/** One of the requests, most often the last. */
const chosen = (model: Model, which: number): Request | undefined =>
  model.requests[which] ?? model.requests.at(-1)

const { patient, operator } = bookingBody('')
const booking = { patient, operator } as unknown as Parameters<typeof bookEnSus>[2]

/** What a GP is told who may not do it any more, or undefined. */
const refusal = (request: Request, gp: number): string | undefined => {
  if (!request.askedAt.has(gp)) return 'not_found'
  if (request.state === 'asking') return undefined
  return request.state === 'accepted' || request.state === 'booked' ? 'already_taken' : 'en_sus_closed'
}

const decline = async (model: Model, real: Real, request: Request, gp: number, planted?: Planted) => {
  const answer = await real.act(real.gps[gp] ?? SYSTEM, (ctx) => declineEnSus(ctx, request.id))
  const refused = refusal(request, gp)
  if (refused !== undefined) {
    expect(answer).toBe(refused)
    return
  }
  expect(answer).not.toBeTypeOf('string')
  request.declined.add(gp)
  if (request.declined.size === request.askedAt.size && planted !== 'a no changes nothing')
    model.askNext(request)
}

/** Every step that callers and time can take; GPs answer more often than anything else happens. */
export const steps = (planted?: Planted) => {
  const all = everyStep(planted)
  return [...all, ...all.slice(1, 4), ...all.slice(2, 4)]
}

const everyStep = (planted?: Planted) => [
  fc.constant(
    step('request', async (model, real) => {
      if (model.requests.length === MOST_REQUESTS) return
      const made = await real.act(real.regulator, (ctx) =>
        requestEnSus(ctx, {
          commune: '92050',
          modality: 'AMB',
          motive: { code: 'fever', text: 'depuis hier' },
          requestedDelay: '48h',
          regulationRef: 'DRM-1',
          medecinTraitantRpps: real.mtRpps,
        }),
      )
      if (typeof made === 'string') throw new Error(made)
      const request: Request = {
        id: made.request.id,
        waves: 0,
        ends: model.now,
        state: 'asking',
        declined: new Set(),
        askedAt: new Map(),
      }
      model.askNext(request)
      model.requests.push(request)
    }),
  ),
  fc.record({ which: pick, gp: gpIndex }).map(({ which, gp }) =>
    step(`accept #${which} by ${gp}`, async (model, real) => {
      const request = chosen(model, which)
      if (!request) return
      const answer = await real.act(real.gps[gp] ?? SYSTEM, (ctx) => acceptEnSus(ctx, request.id, {}))
      if (request.state === 'accepted' && request.taker === gp) {
        expect(answer).toMatchObject({ state: 'accepted' })
        return
      }
      const refused =
        planted === 'two may accept' && request.state === 'accepted' ? undefined : refusal(request, gp)
      if (refused !== undefined) {
        expect(answer).toBe(refused)
        return
      }
      expect(answer).toMatchObject({ state: 'accepted' })
      request.state = 'accepted'
      request.taker = gp
      request.declined.delete(gp)
      request.ends = Math.ceil((model.now + HALF_HOUR) / FIVE_MINUTES) * FIVE_MINUTES
    }),
  ),
  fc.record({ which: pick, gp: gpIndex }).map(({ which, gp }) =>
    step(`decline #${which} by ${gp}`, async (model, real) => {
      const request = chosen(model, which)
      if (request) await decline(model, real, request, gp, planted)
    }),
  ),
  pick.map((which) =>
    step(`decline #${which} by all who are asked`, async (model, real) => {
      const request = chosen(model, which)
      for (const gp of [...(request?.askedAt.keys() ?? [])])
        if (request) await decline(model, real, request, gp, planted)
    }),
  ),
  pick.map((which) =>
    step(`close #${which}`, async (model, real) => {
      const request = chosen(model, which)
      if (!request) return
      const answer = await real.act(real.regulator, (ctx) => closeEnSus(ctx, request.id, 'not_needed'))
      if (request.state !== 'asking' && request.state !== 'accepted') {
        expect(answer).toBe('en_sus_closed')
        return
      }
      expect(answer).not.toBeTypeOf('string')
      request.state = 'closed'
      request.ends = model.now
    }),
  ),
  pick.map((which) =>
    step(`book #${which}`, async (model, real) => {
      const request = chosen(model, which)
      if (!request) return
      const answer = await real.act(real.regulator, (ctx) => bookEnSus(ctx, request.id, booking))
      if (request.state !== 'accepted') {
        expect(answer).toBe(request.state === 'asking' ? 'en_sus_not_accepted' : 'en_sus_closed')
        return
      }
      expect(answer).toMatchObject({ row: { practitionerId: real.members[request.taker ?? 0]?.id } })
      request.state = 'booked'
    }),
  ),
  fc.constant(
    step('tick', async (model, real) => {
      expect(await real.tick()).toEqual([])
      if (planted === 'a late tick shows')
        for (const request of model.requests.filter(({ state }) => state === 'expired')) request.waves++
    }),
  ),
  fc.constantFrom(1, 20_000, WAVE - 1, WAVE, 2 * WAVE + 1, HALF_HOUR + FIVE_MINUTES).map((milliseconds) =>
    step(`wait ${milliseconds}`, (model, real) => {
      real.advance(milliseconds)
      model.pass(milliseconds, planted)
      return Promise.resolve()
    }),
  ),
]

/** Once all is over and told: the journal says of each request what happened, once, and why it ended. */
export const judgeJournal = async (model: Model, real: Real) => {
  real.advance(HALF_HOUR * 3)
  model.pass(HALF_HOUR * 3)
  expect(await real.tick()).toEqual([])
  const placeOf = new Map(real.members.map(({ id }, place) => [id, place]))
  for (const request of model.requests) {
    const events = await real.act(SYSTEM, (ctx) =>
      listEvents(ctx, { after: 0, limit: 200, subject: request.id }),
    )
    if (typeof events === 'string') throw new Error(events)
    const ofType = (type: string) => events.filter((event) => event.type === type)
    expect(ofType('en_sus.accepted').length).toBe(request.taker === undefined ? 0 : 1)
    const ends = [...ofType('en_sus.closed'), ...ofType('en_sus.expired')]
    if (request.state === 'booked') expect(ends).toEqual([])
    else {
      expect(ends).toHaveLength(1)
      expect(ends[0]).toMatchObject(
        request.state === 'closed'
          ? { type: 'en_sus.closed', data: { reason: 'not_needed' } }
          : { type: 'en_sus.expired', data: { because: request.because } },
      )
    }
    const told = [...ofType('en_sus.requested'), ...ofType('en_sus.wave_started')].flatMap(({ at, data }) =>
      (data.practitionerIds as string[]).map((id) => ({ at, gp: placeOf.get(id) ?? -1 })),
    )
    expect(new Set(told.map(({ gp }) => gp)).size).toBe(told.length)
    for (const { at, gp } of told) expect(request.askedAt.get(gp)).toBeLessThanOrEqual(at)
  }
}

/** Five GPs who take patients en sus and the SAS; requests are made anew for each run. */
export const enSusStage = async (world: World) => {
  const cpts = await makeCommunity(world, '92050')
  const members: Member[] = []
  for (const insee of ['92002', '92050', '92050', '92063', '92063'])
    members.push(await makeGp(world, cpts, insee, { acceptsOverbooking: true }))
  await world.act((ctx) =>
    setRules(ctx, { waveSeconds: WAVE / 1_000, nearestCount: 2, radiusKm: 10 }, undefined),
  )
  const rppsOf = async ({ id }: Member) => (await world.admin.get(`/practitioners/${id}`)).body.rpps as string
  const act: Real['act'] = async (actor, fn) => {
    try {
      return await world.territory.commit(
        ({ db }) => fn(ctxOf(world.platform, world.territory.info, actor, db)) as never,
      )
    } catch (error) {
      if (error instanceof Refused) return error.refusal.code
      throw error
    }
  }
  const real: Real = {
    gps: members.map(({ caller }) => actorOf(world, caller)),
    regulator: actorOf(world, await world.key('regulator')),
    members,
    mtRpps: await rppsOf(members[0] ?? raise()),
    now: world.clock.now,
    act,
    advance: world.clock.advance,
    tick: world.tick,
  }
  return real
}

const raise = (): never => {
  throw new Error('no such GP')
}
