import type { Ctx } from './db/db.ts'
import { ctxOf, type Territory } from './db/territory.ts'
import { forgetAnswers } from './edge/answers.ts'
import type { Platform } from './edge/platform.ts'
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
  { name: 'forget-answers', batch: 500, run: forgetAnswers },
]

/** Commits that one tick may ask of each job; what is left waits for the next. */
const MOST_BATCHES = 50

/** Brings a territory up to the present. A failing job is logged and leaves the others their turn. */
export const tick = async (territory: Territory, platform: Platform): Promise<void> => {
  for (const job of JOBS) {
    try {
      for (let i = 0; i < MOST_BATCHES; i++) {
        const done = await territory.commit<number>(({ db }) =>
          job.run(ctxOf(platform, territory.info, { kind: 'system', name: 'tick' }, db), job.batch),
        )
        if (done < job.batch) break
      }
    } catch (error) {
      platform.log.error({ job: job.name, territory: territory.info.code, err: error }, 'tick job failed')
    }
  }
}
