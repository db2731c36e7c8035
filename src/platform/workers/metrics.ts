import type { Metrics } from '../../edge/platform.ts'

const HELP = {
  http_requests_total: 'Requests by operation, method and status',
  http_request_seconds_total: 'Time taken to answer, by operation, method and status',
  tick_job_failures_total: 'Jobs of the tick that failed and will be tried again',
} as const

const escaped = (value: string) => value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))

/**
 * Counters of one object, in the text format of Prometheus. prom-client needs parts of Node that a Worker has not, and
 * the platform has its own histograms.
 */
export const objectMetrics = (now: () => number, territory: string): Metrics => {
  const counters = new Map<keyof typeof HELP, Map<string, number>>()
  const add = (name: keyof typeof HELP, labels: Record<string, string>, amount: number) => {
    const series = Object.entries({ ...labels, territory })
      .map(([label, value]) => `${label}="${escaped(value)}"`)
      .join(',')
    const samples = counters.get(name) ?? new Map<string, number>()
    counters.set(name, samples.set(series, (samples.get(series) ?? 0) + amount))
  }
  return {
    request: () => {
      const started = now()
      return ({ status, ...labels }) => {
        const shown = { ...labels, status: String(status) }
        add('http_requests_total', shown, 1)
        add('http_request_seconds_total', shown, (now() - started) / 1000)
      }
    },
    tickFailed: (job) => {
      add('tick_job_failures_total', { job }, 1)
    },
    text: () =>
      Promise.resolve(
        [...counters]
          .map(([name, samples]) =>
            [
              `# HELP ${name} ${HELP[name]}`,
              `# TYPE ${name} counter`,
              ...[...samples].map(([series, value]) => `${name}{${series}} ${value}`),
              '',
            ].join('\n'),
          )
          .join('\n'),
      ),
  }
}
