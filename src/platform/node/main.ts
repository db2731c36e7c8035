import { parseConfig, parseKeyRing } from './config.ts'
import { startServer } from './server.ts'

/** Production: refuses to start without its secrets, never seeds. */
const main = async () => {
  const config = parseConfig(process.env)
  if (config.keyRing === undefined)
    throw new Error('KEY_RING is not set; `npm run admin -- key-ring` prints a new one')
  const running = await startServer(config, parseKeyRing(config.keyRing))
  process.stdout.write(`${JSON.stringify({ listening: running.url })}\n`)
  const stop = () => {
    running.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed to start'}\n`)
  process.exit(1)
})
