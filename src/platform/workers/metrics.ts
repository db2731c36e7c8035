import type { Metrics } from '../../edge/platform.ts'

const FAMILIES = {
  http_requests_total: ['counter', 'Requests by operation, method and status'],
  http_request_seconds_total: ['counter', 'Time taken to answer, by operation, method and status'],
  tick_job_failures_total: ['counter', 'Jobs of the tick that failed and will be tried again'],
  event_streams: ['gauge', 'Streams of events that are open'],
} as const

const escaped = (value: string) => value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))

/**
 * Figures of one object, in the text format of Prometheus. prom-client needs parts of Node that a Worker has not, and
 * the platform has its own histograms.
 */
export const objectMetrics = (now: () => number, territory: string): Metrics => {
  const figures = new Map<keyof typeof FAMILIES, Map<string, number>>()
  const add = (name: keyof typeof FAMILIES, labels: Record<string, string>, amount: number) => {
    const series = Object.entries({ ...labels, territory })
      .map(([label, value]) => `${label}="${escaped(value)}"`)
      .join(',')
    const samples = figures.get(name) ?? new Map<string, number>()
    figures.set(name, samples.set(series, (samples.get(series) ?? 0) + amount))
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
    stream: () => {
      add('event_streams', {}, 1)
      return () => add('event_streams', {}, -1)
    },
    tickFailed: (job) => {
      add('tick_job_failures_total', { job }, 1)
    },
    text: () =>
      Promise.resolve(
        [...figures]
          .map(([name, samples]) =>
            [
              `# HELP ${name} ${FAMILIES[name][1]}`,
              `# TYPE ${name} ${FAMILIES[name][0]}`,
              ...[...samples].map(([series, value]) => `${name}{${series}} ${value}`),
              '',
            ].join('\n'),
          )
          .join('\n'),
      ),
  }
}
