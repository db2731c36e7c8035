import { cloudflareTest } from '@cloudflare/vitest-pool-workers'
import { Response } from 'miniflare'
import { defineConfig } from 'vitest/config'

/** The second runtime: the same contract, inside a real workerd. Its own step, so that `npm test` needs only Node. */
export default defineConfig({
  plugins: [
    {
      name: 'sql-as-text',
      transform: (code, id) =>
        id.endsWith('.sql') ? { code: `export default ${JSON.stringify(code)}` } : undefined,
    },
    cloudflareTest({
      wrangler: { configPath: './wrangler.toml' },
      miniflare: {
        // The Internet of the tests: https://status-204.example answers 204.
        outboundService: (request: { readonly url: string }) =>
          new Response(null, { status: Number(/^https:\/\/status-(\d{3})\./.exec(request.url)?.[1] ?? 404) }),
        bindings: {
          JURISDICTION: '',
          DEMO: '',
          BOOTSTRAP_SECRET: 'bootstrap-of-the-tests',
          KEY_RING: JSON.stringify({
            current: 'k1',
            keys: { k1: Buffer.alloc(32, 7).toString('base64') },
            index: Buffer.alloc(32, 9).toString('base64'),
          }),
        },
      },
    }),
  ],
  test: {
    name: 'workers',
    include: ['test/workers/**/*.test.ts'],
    testTimeout: 60_000,
    silent: 'passed-only',
  },
})
