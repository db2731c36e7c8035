import { pino } from 'pino'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Log, Metrics } from '../../edge/platform.ts'
import { describeError } from '../shared/describe-error.ts'

export interface NodeMetrics extends Metrics {
  readonly batch: (batch: { size: number }) => void
  /** Registers a figure read when the metrics are asked for. */
  gauge(name: string, help: string, read: () => number): void
}

export const nodeMetrics = (): NodeMetrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
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
  const streams = new Gauge({
    name: 'event_streams',
    help: 'Streams of events that are open',
    registers: [registry],
  })
  const failures = new Counter({
    name: 'tick_job_failures_total',
    help: 'Jobs of the tick that failed and will be tried again',
    labelNames: ['job'],
    registers: [registry],
  })
  const batches = new Histogram({
    name: 'commit_batch_size',
    help: 'Callers that shared one transaction',
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers: [registry],
  })
  return {
    request: () => {
      const stop = duration.startTimer()
      return ({ operation, method, status }) => {
        stop({ operation })
        requests.inc({ operation, method, status })
      }
    },
    stream: () => {
      streams.inc()
      return () => streams.dec()
    },
    tickFailed: (job) => {
      failures.inc({ job })
    },
    text: () => registry.metrics(),
    batch: ({ size }) => batches.observe(size),
    gauge: (name, help, read) => {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read())
        },
      })
    },
  }
}

/** JSON lines on standard output. Callers pass ids, codes and counts; an error is reduced to what locates it. */
export const nodeLog = (level: string): Log => {
  const logger = pino({
    level,
    base: null,
    serializers: { err: describeError },
  })
  return {
    info: (facts, message) => logger.info(facts, message),
    warn: (facts, message) => logger.warn(facts, message),
    error: (facts, message) => logger.error(facts, message),
  }
}
