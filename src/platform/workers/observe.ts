import type { Log } from '../../edge/platform.ts'

const LEVELS = { info: 30, warn: 40, error: 50 } as const

const shown = (value: unknown): unknown =>
  value instanceof Error
    ? { name: value.name, message: value.message, stack: value.stack, cause: value.cause instanceof Error ? String(value.cause) : '' }
    : value

/** The same JSON lines as on Node, to the runtime's log. */
export const workerLog: Log = (() => {
  const at = (level: keyof typeof LEVELS) => (facts: Record<string, unknown>, message: string) => {
    const line = Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, shown(value)]))
    // The runtime collects what is written to its console; it is the only output a Worker has.
    // eslint-disable-next-line no-console
    console.log(JSON.stringify({ level: LEVELS[level], ...line, msg: message }))
  }
  return { info: at('info'), warn: at('warn'), error: at('error') }
})()
