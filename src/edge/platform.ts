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
  /** Counts a stream as open until the returned function is called. */
  stream(): () => void
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

/** Why a request to an address of somebody else's was not answered. */
export const OUTGOING_ERRORS = ['dns', 'network', 'private_address', 'refused', 'timeout', 'tls'] as const
export type OutgoingError = (typeof OUTGOING_ERRORS)[number]

/** Requests to addresses that callers gave us. */
export interface OutgoingPort {
  /**
   * Posts to an https address on the public Internet and gives the status of the answer, or why there is none. Never
   * follows a redirection, nor connects to an address of a private network, whatever name leads there. Never rejects.
   */
  post(request: {
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
    readonly timeoutMs: number
  }): Promise<{ readonly status: number } | { readonly error: OutgoingError }>
}

/** Short messages to practitioners. Rejects when one could not be handed over. */
export interface Messenger {
  readonly channels: readonly ('email' | 'sms')[]
  send(message: {
    readonly channel: 'email' | 'sms'
    readonly to: string
    readonly subject: string
    readonly text: string
  }): Promise<void>
}

/** What the app needs of the machine it runs on. */
export interface Platform {
  readonly sources: Sources
  readonly keyRing: KeyRing
  readonly log: Log
  readonly metrics: Metrics
  readonly directory: DirectoryPort
  readonly outgoing: OutgoingPort
  /** None: nobody is sent a message, and none is queued. */
  readonly messenger?: Messenger | undefined
  /** Where people find this service, for messages that ask them to log in. */
  readonly publicUrl?: string | undefined
  findTerritory(code: string): Territory | undefined
  readiness(): Readiness
  /** The address that failed authentications are counted by. */
  clientAddress(c: Context): string
  /** The script of the page of documentation, from its package. */
  docsScript(): Promise<string>
  /** Tells that the machine stops, where it does: streams end. */
  readonly stopping?: AbortSignal
  /** Milliseconds of silence on a stream until a heartbeat, where they are not 15 s. */
  readonly silence?: number
}
