import { authenticate } from '../src/access/actions.ts'
import type { AllocationView } from '../src/attachment/allocation/actions.ts'
import {
  finishSimulation,
  prepareSimulation,
  think,
} from '../src/attachment/allocation/simulation/actions.ts'
import * as publication from '../src/attachment/allocation/publication/actions.ts'
import { setRules } from '../src/attachment/grid/changes/actions.ts'
import { DEFAULT_RULES } from '../src/attachment/grid/rules.ts'
import { setIntake } from '../src/attachment/intake/actions.ts'
import {
  acceptProposal,
  listProposals,
  refuseProposal,
  remindProposals,
} from '../src/attachment/proposals/actions.ts'
import { contactHousehold, declareProposal } from '../src/attachment/proposals/follow-up/actions.ts'
import { createRequest } from '../src/attachment/requests/arrival/actions.ts'
import { reclassDue, remindRequests } from '../src/attachment/requests/classes/actions.ts'
import { withdrawRequest } from '../src/attachment/requests/closing/actions.ts'
import type { Ctx, Sync } from '../src/db/db.ts'
import { ctxOf, type Territory } from '../src/db/territory.ts'
import { toLocalDate, yearOf } from '../src/kernel/civil.ts'
import type { Actor, KeyRing, Sources } from '../src/kernel/ctx.ts'
import { DAY, HOUR, MINUTE, plus, type Instant } from '../src/kernel/time.ts'
import { diceOf, type Dice } from './dice.ts'
import { intakeOf, waitingHouseholds, type WaitingHousehold } from './households.ts'

const SEED = 92_200

/** The allocation that was published lies so far back: proposals are answered, and some still wait for their answer. */
const PUBLISHED = 5 * DAY

/** A GP as far as attachment is concerned. */
export interface AttachmentGp {
  readonly id: string
  readonly community: number | null
  readonly key: string
}

interface World {
  readonly sources: Sources
  readonly keyRing: KeyRing
}

/** What becomes of a proposal, in hundredths; the rest is not answered yet. */
const ANSWERS = { accept: 55, refuse: 15 }
const REASONS = ['capacity', 'capacity', 'distance', 'competence', 'leaving'] as const

const SEED_ACTOR: Actor = { kind: 'system', name: 'seed' }

/** A territory whose clock can be put back: what is seeded happened over the last months. */
const stageOf = (territory: Territory, world: World) => {
  const ctxAt = (at: Instant, actor: Actor, db: Ctx['db']): Ctx =>
    ctxOf(
      { keyRing: world.keyRing, sources: { ...world.sources, clock: () => at } },
      territory.info,
      actor,
      db,
    )
  return {
    read: <T>(at: Instant, actor: Actor, fn: (ctx: Ctx) => T): T =>
      territory.read<{ value: T }>((db) => ({ value: fn(ctxAt(at, actor, db)) })).value,
    /** Several moments in one commit: each has a context of its own. */
    commit: <T>(actor: Actor, fn: (at: (instant: Instant, as?: Actor) => Ctx) => Sync<T>): Promise<T> =>
      territory.commit<T>(({ db }) => fn((instant, as = actor) => ctxAt(instant, as, db))),
    actorOf: (secret: string): Actor => {
      const now = world.sources.clock()
      const found = territory.read<{ actor: Actor } | undefined>((db) =>
        authenticate(db, territory.info, secret, now),
      )
      if (!found) throw new Error('a key that was just made opens')
      return found.actor
    },
  }
}
type Stage = ReturnType<typeof stageOf>

const seedIntakes = (ctx: Ctx, gps: readonly AttachmentGp[]): void => {
  const dice = diceOf(SEED)
  const today = toLocalDate(ctx.now, ctx.territory.zone)
  for (const gp of gps) {
    const intake = intakeOf(dice, today)
    if (gp.community !== null && intake !== null) setIntake(ctx, gp.id, intake, undefined)
  }
}

const seedRequest = (ctx: Ctx, communityId: string, { withdrawn, ...household }: WaitingHousehold): void => {
  const { row } = createRequest(ctx, {
    ...household.input,
    communityId,
    consent: { at: plus(ctx.now, -10 * MINUTE), by: household.consentBy, means: household.means },
  })
  if (withdrawn !== undefined) withdrawRequest(ctx, row.id, withdrawn, undefined)
}

/** Brings classes and reminders up to a moment, as the tick would have. */
const settle = (ctx: Ctx): void => {
  const batch = 500
  for (const job of [reclassDue, remindRequests, remindProposals]) while (job(ctx, batch) === batch);
}

const goOn = () => Promise.resolve()

const simulate = async (
  stage: Stage,
  at: Instant,
  actor: Actor,
  communityId: string,
): Promise<AllocationView> => {
  const prepared = stage.read(at, actor, (ctx) => prepareSimulation(ctx, { communityId }))
  const thought = await think(prepared, goOn, () => undefined)
  return stage
    .commit<{ view: AllocationView }>(actor, (ctxAt) => ({
      view: finishSimulation(ctxAt(at), thought, { origin: 'asked' }),
    }))
    .then(({ view }) => view)
}

const publish = async (stage: Stage, at: Instant, actor: Actor, id: string): Promise<void> => {
  const prepared = stage.read(at, actor, (ctx) => publication.preparePublication(ctx, id, undefined))
  const thought = await publication.think(prepared, goOn)
  await stage.commit<void>(actor, (ctxAt) => {
    publication.finishPublication(ctxAt(at), id, undefined, thought)
  })
}

/** A day and an hour at which somebody sees to their proposals, some days after they came. */
const later = (dice: Dice, from: Instant, days: number): Instant =>
  plus(from, dice.below(days * 24) * HOUR + dice.below(60) * MINUTE)

/** What practitioners have done with what they were proposed: most said yes, and some of these have declared by now. */
const seedAnswers = (
  ctxAt: (at: Instant, as?: Actor) => Ctx,
  sentAt: Instant,
  actorOf: (practitionerId: string) => Actor,
): void => {
  const dice = diceOf(SEED + 1)
  const sent = listProposals(ctxAt(plus(sentAt, 1)), { state: 'open' }, undefined, 5_000)
  for (const { show } of sent) {
    const { row } = show()
    const actor = actorOf(row.practitionerId)
    const answeredAt = later(dice, plus(sentAt, 2 * HOUR), 3)
    const throwOf = dice.below(100)
    const reason = dice.pick(REASONS)
    const isDeclared = dice.chance(0.4)
    if (throwOf < ANSWERS.accept) {
      acceptProposal(ctxAt(answeredAt, actor), row.id, undefined)
      const reachedAt = plus(answeredAt, 3 * HOUR)
      contactHousehold(ctxAt(reachedAt, actor), row.id, { channel: 'phone', reached: dice.chance(0.8) })
      if (!isDeclared) continue
      const declaredAt = plus(answeredAt, 36 * HOUR)
      const at = toLocalDate(declaredAt, ctxAt(declaredAt).territory.zone)
      declareProposal(ctxAt(declaredAt, actor), row.id, at, undefined)
    } else if (throwOf < ANSWERS.accept + ANSWERS.refuse)
      refuseProposal(ctxAt(answeredAt, actor), row.id, reason, undefined)
  }
}

/** Requests seeded in one commit. */
const CHUNK = 100

/**
 * The patients without a médecin traitant of the demo: about 600 households over the six CPTS, asked for over the last
 * months, what the GPs can take, an allocation of each CPTS published some days ago with its answers, and one simulated
 * now. Everything goes through the actions, at the moment at which it happened.
 */
export const seedAttachment = async (
  territory: Territory,
  world: World,
  communityIds: readonly string[],
  gps: readonly AttachmentGp[],
  coordinatorKeys: Readonly<Record<string, string>>,
): Promise<void> => {
  const stage = stageOf(territory, world)
  const now = world.sources.clock()
  const sentAt = plus(now, -PUBLISHED)
  const households = waitingHouseholds(diceOf(SEED + 2), yearOf(toLocalDate(now, territory.info.zone)))
  const seedFrom = async (isWanted: (age: number) => boolean): Promise<void> => {
    const wanted = households.filter(({ age }) => isWanted(age))
    for (let i = 0; i < wanted.length; i += CHUNK)
      await stage.commit<void>(SEED_ACTOR, (ctxAt) => {
        for (const household of wanted.slice(i, i + CHUNK))
          seedRequest(ctxAt(plus(now, -household.age)), communityIds[household.community] ?? '', household)
      })
  }
  const coordinators = communityIds.map((id) => stage.actorOf(coordinatorKeys[id] ?? ''))
  const practitioners = new Map<string, Actor>()
  const actorOf = (id: string): Actor => {
    const key = gps.find((gp) => gp.id === id)?.key ?? ''
    const actor = practitioners.get(id) ?? stage.actorOf(key)
    practitioners.set(id, actor)
    return actor
  }

  await stage.commit<void>(SEED_ACTOR, (ctxAt) => {
    seedIntakes(ctxAt(plus(now, -60 * DAY)), gps)
  })
  await seedFrom((age) => age > PUBLISHED)
  await stage.commit<void>(SEED_ACTOR, (ctxAt) => {
    settle(ctxAt(sentAt))
  })
  for (const [index, communityId] of communityIds.entries()) {
    const coordinator = coordinators[index] ?? SEED_ACTOR
    const { id } = await simulate(stage, sentAt, coordinator, communityId)
    await publish(stage, sentAt, coordinator, id)
  }
  const actors = new Map(gps.map(({ id }) => [id, actorOf(id)]))
  await stage.commit<void>(SEED_ACTOR, (ctxAt) => {
    seedAnswers(ctxAt, sentAt, (id) => actors.get(id) ?? SEED_ACTOR)
  })
  await seedFrom((age) => age <= PUBLISHED)
  await stage.commit<void>(SEED_ACTOR, (ctxAt) => {
    for (const communityId of communityIds)
      setRules(ctxAt(now), communityId, { ...DEFAULT_RULES, weeklyRun: { weekday: 1, at: '06:00' } })
    settle(ctxAt(now))
  })
  for (const [index, communityId] of communityIds.entries())
    await simulate(stage, now, coordinators[index] ?? SEED_ACTOR, communityId)
}
