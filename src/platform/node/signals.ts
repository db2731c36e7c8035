import type { Running } from './server.ts'

/** Stops the server cleanly on the first SIGTERM or SIGINT, and ends the process. */
export const untilStopped = (running: Running): void => {
  let isStopping = false
  const stop = () => {
    if (isStopping) return
    isStopping = true
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : 'failed to stop'}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}
