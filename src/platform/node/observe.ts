import { pino } from 'pino'
import { collectDefaultMetrics, Gauge, Histogram } from 'prom-client'
import type { Log, Metrics } from '../../edge/platform.ts'
import { describeError } from '../shared/describe-error.ts'
import { sharedMetrics } from '../shared/metrics.ts'

export interface NodeMetrics extends Metrics {
  readonly batch: (batch: { size: number }) => void
  /** Registers a figure read when the metrics are asked for. */
  gauge(name: string, help: string, read: () => number): void
}

export const nodeMetrics = (): NodeMetrics => {
  const shared = sharedMetrics(() => performance.now())
  const { registry } = shared
  collectDefaultMetrics({ register: registry })
  const batches = new Histogram({
    name: 'commit_batch_size',
    help: 'Callers that shared one transaction',
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers: [registry],
  })
  return {
    ...shared,
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
