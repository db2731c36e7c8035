import type { Env } from '../../src/platform/workers/env.ts'
import type * as worker from '../../src/platform/workers/worker.ts'

type WorkerEnv = Env

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {
      // What the tests' configuration always sets.
      readonly BOOTSTRAP_SECRET: string
    }
    interface GlobalProps {
      mainModule: typeof worker
    }
  }
}
