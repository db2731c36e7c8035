// The package's main file reaches for cluster, http and the process, which a Worker has not.
import Counter from 'prom-client/lib/counter.js'
import Histogram from 'prom-client/lib/histogram.js'
import Registry from 'prom-client/lib/registry.js'
import type { Metrics } from '../../edge/platform.ts'

export interface SharedMetrics extends Metrics {
  readonly registry: Registry
}

/** What is measured of requests and ticks, the same on both runtimes; `labels` tell several sources apart. */
export const sharedMetrics = (now: () => number, labels: Record<string, string> = {}): SharedMetrics => {
  const registry = new Registry()
  registry.setDefaultLabels(labels)
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests by operation, method and status',
    labelNames: ['operation', 'method', 'status'],
    registers: [registry],
  })
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer, by operation',
    labelNames: ['operation'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  })
  const failures = new Counter({
    name: 'tick_job_failures_total',
    help: 'Jobs of the tick that failed and will be tried again',
    labelNames: ['job'],
    registers: [registry],
  })
  return {
    registry,
    request: () => {
      const started = now()
      return ({ operation, method, status }) => {
        duration.observe({ operation }, (now() - started) / 1000)
        requests.inc({ operation, method, status })
      }
    },
    tickFailed: (job) => failures.inc({ job }),
    text: () => registry.metrics(),
  }
}
