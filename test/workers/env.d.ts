type WorkerEnv = import('../../src/platform/workers/env.ts').Env

declare namespace Cloudflare {
  interface Env extends WorkerEnv {
    // What the tests' configuration always sets.
    readonly BOOTSTRAP_SECRET: string
  }
}

declare module '*?raw' {
  const text: string
  export default text
}
