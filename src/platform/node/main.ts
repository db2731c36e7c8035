import { parseKeyRing } from '../shared/key-ring.ts'
import { parseConfig } from './config.ts'
import { startServer } from './server.ts'
import { untilStopped } from './signals.ts'

/** Production: refuses to start without its secrets, never seeds. */
const main = async () => {
  // What it stores is its owner's alone.
  process.umask(0o077)
  const config = parseConfig(process.env)
  if (config.keyRing === undefined)
    throw new Error('KEY_RING is not set; `npm run admin -- key-ring` prints a new one')
  const running = await startServer(config, parseKeyRing(config.keyRing))
  process.stdout.write(`${JSON.stringify({ listening: running.url })}\n`)
  untilStopped(running)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed to start'}\n`)
  process.exit(1)
})
