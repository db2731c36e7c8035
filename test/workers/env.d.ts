declare namespace Cloudflare {
  // The tests' environment is the Worker's own.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface Env extends import('../../src/platform/workers/env.ts').Env {}
}
