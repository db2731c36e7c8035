import type { Ctx, Db } from './db/db.ts'
import { ctxOf, type Territory } from './db/territory.ts'
import { eraseDue } from './bookings/erasure/actions.ts'
import { sweepHolds } from './bookings/seats/actions.ts'
import { forgetAnswers, resealAnswers } from './edge/answers.ts'
import { eraseAnswers } from './edge/erasure.ts'
import type { Platform } from './edge/platform.ts'
import { advance, readNext } from './events/actions.ts'
import { moveDueRotas, raiseAlarms } from './gardes/rotas/actions.ts'
import { expireSwaps } from './gardes/swaps/actions.ts'
import { purgeAccessLog, resealIdentities } from './identities/actions.ts'
import { turnKeys } from './identities/rotation/actions.ts'
import type { Actor } from './kernel/ctx.ts'
import { practitionersAmong } from './members/actions.ts'
import { extendSeries } from './slots/series/actions.ts'

interface Job {
  readonly name: string
  /** Items dealt with at a time: a commit that requests can wait for. */
  readonly batch: number
  readonly run: (ctx: Ctx, batch: number) => number
}

/** Everything that time alone does. Each job may run at any moment and any number of times. */
const JOBS: readonly Job[] = [
  { name: 'extend-series', batch: 20, run: extendSeries },
  { name: 'sweep-holds', batch: 100, run: sweepHolds },
  { name: 'forget-answers', batch: 500, run: forgetAnswers },
  { name: 'erase-identities', batch: 100, run: (ctx, batch) => eraseDue(ctx, batch, eraseAnswers) },
  { name: 'purge-access-log', batch: 500, run: purgeAccessLog },
  { name: 'rota-states', batch: 50, run: moveDueRotas },
  { name: 'rota-alarms', batch: 50, run: raiseAlarms },
  { name: 'expire-swaps', batch: 100, run: expireSwaps },
  {
    name: 'turn-keys',
    batch: 200,
    run: (ctx, batch) => turnKeys(ctx, batch, { identities: resealIdentities, answers: resealAnswers }),
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

/** Runs a job's commits until it has nothing left, or as many as one tick may ask. */
const runJob = async (job: Job, territory: Territory, platform: Platform): Promise<void> => {
  for (let i = 0; i < MOST_BATCHES; i++) {
    const done = await territory.commit<number>(({ db }) =>
      job.run(ctxOf(platform, territory.info, TICK, db), job.batch),
    )
    if (done < job.batch) return
  }
}

/**
 * Brings a territory up to the present. A failing job is logged and counted, and leaves the others their turn.
 * Returns the names of those that failed.
 */
export const tick = async (territory: Territory, platform: Platform): Promise<string[]> => {
  const failed: string[] = []
  const attempt = async (name: string, run: () => Promise<void>) => {
    try {
      await run()
    } catch (error) {
      platform.log.error({ job: name, territory: territory.info.code, err: error }, 'tick job failed')
      platform.metrics.tickFailed(name)
      failed.push(name)
    }
  }
  for (const job of JOBS) await attempt(job.name, () => runJob(job, territory, platform))
  await attempt('feed-directory', () => feedDirectory(territory, platform))
  return failed
}
