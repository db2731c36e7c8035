import type { Log } from '../../edge/platform.ts'
import { describeError } from '../shared/describe-error.ts'

const LEVELS = { info: 30, warn: 40, error: 50 } as const

/** The same JSON lines as on Node, to the runtime's log. */
export const workerLog: Log = (() => {
  const at = (level: keyof typeof LEVELS) => (facts: Record<string, unknown>, message: string) => {
    const line = 'err' in facts ? { ...facts, err: describeError(facts.err) } : facts
    // The runtime collects what is written to its console; it is the only output a Worker has.
    // eslint-disable-next-line no-console
    console.log(JSON.stringify({ level: LEVELS[level], ...line, msg: message }))
  }
  return { info: at('info'), warn: at('warn'), error: at('error') }
})()
