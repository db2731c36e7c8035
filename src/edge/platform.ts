import type { Context } from 'hono'
import type { Territory } from '../db/territory.ts'
import type { KeyRing, Sources } from '../kernel/ctx.ts'

export interface Log {
  info(facts: Record<string, unknown>, message: string): void
  warn(facts: Record<string, unknown>, message: string): void
  error(facts: Record<string, unknown>, message: string): void
}

export interface Metrics {
  /** Starts a stopwatch for one request. */
  request(): (labels: { operation: string; method: string; status: number }) => void
  /** Counts a job of the tick that failed. */
  tickFailed(job: string): void
  /** Everything measured, in the text format of Prometheus. */
  text(): Promise<string>
}

export interface Readiness {
  readonly ready: boolean
  readonly territories: readonly Readonly<Record<string, unknown>>[]
}

/** Which territories know a professional: the one thing that crosses territories. */
export interface DirectoryPort {
  /** Notes that a territory knows these RPPS. May be called again with the same. */
  add(territory: string, rpps: readonly string[]): Promise<void>
}

/** What the app needs of the machine it runs on. */
export interface Platform {
  readonly sources: Sources
  readonly keyRing: KeyRing
  readonly log: Log
  readonly metrics: Metrics
  readonly directory: DirectoryPort
  findTerritory(code: string): Territory | undefined
  readiness(): Readiness
  /** The address that failed authentications are counted by. */
  clientAddress(c: Context): string
  /** The script of the page of documentation, from its package. */
  docsScript(): Promise<string>
}
