import type { IdKind, RandomBytes } from './ids.ts'
import type { Clock, Instant } from './time.ts'
import type { Zone } from './civil.ts'

export const ROLES = ['admin', 'coordinator', 'practitioner', 'regulator', 'auditor'] as const
export type Role = (typeof ROLES)[number]

/** Who acts: the holder of a key, whoever reads by a secret link, or the territory's own tick and command line. */
export type Actor =
  | {
      readonly kind: 'key'
      readonly keyId: string
      readonly role: Role
      readonly communityIds: readonly string[]
      readonly practitionerId: string | null
    }
  | { readonly kind: 'system'; readonly name: 'tick' | 'cli' | 'seed' | 'link' }

/** One SAS: its code is the département's (`92`, `2A`, `974`). */
export interface TerritoryInfo {
  readonly code: string
  readonly name: string
  readonly zone: Zone
  /** Requests per second and burst that each key may make. */
  readonly rate: { readonly perSecond: number; readonly burst: number }
}

/** Keys of the vault by id; `current` seals, all open. Each secret is 32 bytes. */
export interface KeyRing {
  /** 32 bytes that never rotate: keyed hashes made with it must stay comparable. */
  readonly index: Uint8Array
  readonly current: string
  readonly secrets: ReadonlyMap<string, Uint8Array>
}

/** The only way by which time and chance come in. */
export interface Sources {
  readonly clock: Clock
  readonly random: RandomBytes
}

/** What an action may know of the world. `now` is read once per request and does not move within it. */
export interface Ctx<Database> {
  readonly db: Database
  readonly now: Instant
  readonly newId: (kind: IdKind) => string
  readonly random: RandomBytes
  readonly actor: Actor
  readonly territory: TerritoryInfo
  readonly keyRing: KeyRing
}
