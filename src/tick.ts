import type { Ctx, Db } from './db/db.ts'
import { ctxOf, type Territory } from './db/territory.ts'
import { forgetAllocations } from './attachment/allocation/actions.ts'
import { dueRuns, finishRun, planRuns, prepareRun, thinkRun } from './attachment/allocation/weekly/actions.ts'
import { expireProposals, remindProposals, withdrawLeavers } from './attachment/proposals/actions.ts'
import { tellStale } from './attachment/proposals/follow-up/actions.ts'
import { reclassDue, remindRequests } from './attachment/requests/classes/actions.ts'
import { eraseDueRequests } from './attachment/requests/closing/actions.ts'
import { nextEnSus, resealEnSus, settleEnSus } from './bookings/en-sus/actions.ts'
import { eraseDue } from './bookings/erasure/actions.ts'
import { sweepHolds } from './bookings/holds/actions.ts'
import { forgetAnswers, resealAnswers } from './edge/answers.ts'
import { eraseAnswers } from './edge/erasure.ts'
import type { Platform } from './edge/platform.ts'
import { advance, readNext } from './events/actions.ts'
import { forgetFailures, resealWebhooks } from './events/webhooks/actions.ts'
import { moveDueRotas, raiseAlarms } from './gardes/rotas/life/actions.ts'
import { expireSwaps } from './gardes/swaps/actions.ts'
import { purgeAccessLog, resealIdentities } from './identities/actions.ts'
import { turnKeys } from './identities/rotation/actions.ts'
import type { Actor } from './kernel/ctx.ts'
import type { Instant } from './kernel/time.ts'
import { practitionersAmong } from './members/actions.ts'
import { nextOutward, OUTWARD_JOBS } from './outward.ts'
import { releaseSlots } from './slots/release/actions.ts'
import { extendSeries } from './slots/series/actions.ts'

interface Job {
  readonly name: string
  /** Items dealt with at a time: a commit that requests can wait for. */
  readonly batch: number
  readonly run: (ctx: Ctx, batch: number) => number
}

const EN_SUS: Job = { name: 'en-sus', batch: 100, run: settleEnSus }

/** Everything that time alone does. Each job may run at any moment and any number of times. */
const JOBS: readonly Job[] = [
  { name: 'extend-series', batch: 20, run: extendSeries },
  { name: 'sweep-holds', batch: 100, run: sweepHolds },
  { name: 'release-slots', batch: 100, run: releaseSlots },
  EN_SUS,
  { name: 'forget-answers', batch: 500, run: forgetAnswers },
  { name: 'erase-identities', batch: 100, run: (ctx, batch) => eraseDue(ctx, batch, eraseAnswers) },
  { name: 'purge-access-log', batch: 500, run: purgeAccessLog },
  { name: 'forget-failures', batch: 200, run: forgetFailures },
  { name: 'rota-states', batch: 50, run: moveDueRotas },
  { name: 'rota-alarms', batch: 50, run: raiseAlarms },
  { name: 'expire-swaps', batch: 100, run: expireSwaps },
  // Before the reminders: nobody is reminded of what is over.
  { name: 'expire-proposals', batch: 100, run: expireProposals },
  { name: 'withdraw-leavers', batch: 100, run: withdrawLeavers },
  { name: 'remind-proposals', batch: 100, run: remindProposals },
  { name: 'tell-stale-proposals', batch: 100, run: tellStale },
  { name: 'reclass-requests', batch: 200, run: reclassDue },
  { name: 'remind-requests', batch: 100, run: remindRequests },
  { name: 'erase-requests', batch: 50, run: eraseDueRequests },
  { name: 'forget-allocations', batch: 20, run: forgetAllocations },
  {
    name: 'turn-keys',
    batch: 200,
    run: (ctx, batch) =>
      turnKeys(ctx, batch, {
        identities: resealIdentities,
        answers: resealAnswers,
        enSus: resealEnSus,
        webhooks: resealWebhooks,
      }),
  },
]

const TICK: Actor = { kind: 'system', name: 'tick' }

/** Commits that one tick may ask of each job; what is left waits for the next. */
const MOST_BATCHES = 50

const READER = 'directory'
const EVENTS_AT_A_TIME = 500

const nextMembers = (ctx: Ctx) => {
  const events = readNext(ctx, READER, EVENTS_AT_A_TIME)
  const made = events.filter((event) => event.type === 'practitioner.created').map((event) => event.subject)
  return {
    rpps: practitionersAmong(ctx, made).map((practitioner) => practitioner.rpps),
    last: events.at(-1)?.seq,
    isEnd: events.length < EVENTS_AT_A_TIME,
  }
}

/** Tells the directory of the practitioners made since last time. */
const feedDirectory = async (territory: Territory, platform: Platform): Promise<void> => {
  const ctxWith = (db: Db): Ctx => ctxOf(platform, territory.info, TICK, db)
  for (let i = 0; i < MOST_BATCHES; i++) {
    const { rpps, last, isEnd } = territory.read((db) => nextMembers(ctxWith(db)))
    if (last === undefined) return
    if (rpps.length > 0) await platform.directory.add(territory.info.code, rpps)
    await territory.commit(({ db }) => {
      advance(ctxWith(db), READER, last)
    })
    if (isEnd) return
  }
}

const pause = () => new Promise((resume) => setTimeout(resume, 0))

/** Makes the simulations that are due this week, one CPTS after the other; one that fails leaves the others their turn. */
const runWeekly = async (territory: Territory, platform: Platform): Promise<void> => {
  const ctxWith = (db: Db): Ctx => ctxOf(platform, territory.info, TICK, db)
  await territory.commit(({ db }) => {
    planRuns(ctxWith(db))
  })
  const failures: unknown[] = []
  for (const communityId of territory.read((db) => dueRuns(ctxWith(db))))
    try {
      const { prepared } = territory.read((db) => ({ prepared: prepareRun(ctxWith(db), communityId) }))
      const thought = await thinkRun(prepared, pause)
      await territory.commit(({ db }) => {
        finishRun(ctxWith(db), thought)
      })
    } catch (error) {
      failures.push(error)
    }
  if (failures.length > 0) throw failures[0]
}

/** Runs a job's commits until it has nothing left, or as many as one tick may ask. */
const runJob = async (job: Job, territory: Territory, platform: Platform): Promise<void> => {
  for (let i = 0; i < MOST_BATCHES; i++) {
    const done = await territory.commit<number>(({ db }) =>
      job.run(ctxOf(platform, territory.info, TICK, db), job.batch),
    )
    if (done < job.batch) return
  }
}

interface Named {
  readonly name: string
  readonly run: (territory: Territory, platform: Platform) => Promise<void>
}

/** A failing job is logged and counted, and leaves the others their turn. Returns the names of those that failed. */
const attempt = async (
  jobs: readonly Named[],
  territory: Territory,
  platform: Platform,
): Promise<string[]> => {
  const failed: string[] = []
  for (const { name, run } of jobs) {
    try {
      await run(territory, platform)
    } catch (error) {
      platform.log.error({ job: name, territory: territory.info.code, err: error }, 'tick job failed')
      platform.metrics.tickFailed(name)
      failed.push(name)
    }
  }
  return failed
}

/** Sends what is to be sent now, without waiting for the tick. Returns the names of the jobs that failed. */
export const goOutward = (territory: Territory, platform: Platform): Promise<string[]> =>
  attempt(OUTWARD_JOBS, territory, platform)

const named = (job: Job): Named => ({
  name: job.name,
  run: (territory, platform) => runJob(job, territory, platform),
})

/** When something is next to be done that does not wait for the tick: a wave of an en-sus request, something to send. */
export const nextSoon = (territory: Territory, platform: Platform): Instant | undefined => {
  const asks = territory.read<Instant | undefined>((db) =>
    nextEnSus(ctxOf(platform, territory.info, TICK, db)),
  )
  const sends = nextOutward(territory, platform)
  return asks === undefined || (sends !== undefined && sends < asks) ? sends : asks
}

/** Does what does not wait for the tick. Returns the names of the jobs that failed. */
export const goSoon = (territory: Territory, platform: Platform): Promise<string[]> =>
  attempt([named(EN_SUS), ...OUTWARD_JOBS], territory, platform)

const ALL_JOBS: readonly Named[] = [
  ...JOBS.map(named),
  { name: 'feed-directory', run: feedDirectory },
  { name: 'weekly-allocations', run: runWeekly },
  ...OUTWARD_JOBS,
]

/** Brings a territory up to the present. Returns the names of the jobs that failed. */
export const tick = (territory: Territory, platform: Platform): Promise<string[]> =>
  attempt(ALL_JOBS, territory, platform)
