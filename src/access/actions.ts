import { append } from '../events/actions.ts'
import type { Ctx, Db } from '../db/db.ts'
import type { Actor, Role, TerritoryInfo } from '../kernel/ctx.ts'
import { orAbsent, Refused, unlessRefused } from '../kernel/refusal.ts'
import { MINUTE, plus, type Instant } from '../kernel/time.ts'
import { assertCommunities, getManagedPractitioner } from '../members/actions.ts'
import { isSecretOf, isUsable, newSecret, overlapEnd, refuseScope, secretHash } from './rules.ts'
import * as store from './store.ts'

export interface Authenticated {
  readonly actor: Actor & { kind: 'key' }
  readonly lastUsedAt: Instant | null
}

/** Who holds this secret, or undefined: unknown, expired, revoked and foreign are one answer. */
export const authenticate = (
  db: Db,
  territory: TerritoryInfo,
  secret: string,
  now: Instant,
): Authenticated | undefined => {
  if (!isSecretOf(territory.code, secret)) return undefined
  const found = store.findBySecret(db, secretHash(secret))
  if (!found || !isUsable(found.key, found.secret, now)) return undefined
  const { id, role, practitionerId, lastUsedAt } = found.key
  return {
    actor: {
      kind: 'key',
      keyId: id,
      role,
      communityIds: store.communitiesOf(db, found.key),
      practitionerId,
    },
    lastUsedAt,
  }
}

/**
 * Who the holder of a key is now, for what is done in their name without their asking; undefined once the key is
 * revoked or past its end.
 */
export const findHolder = (ctx: Ctx, keyId: string): Actor | undefined => {
  const key = store.findKey(ctx.db, keyId)
  // A rotation replaces secrets, never the holder.
  if (!key || !isUsable(key, { expiresAt: null }, ctx.now)) return undefined
  return {
    kind: 'key',
    keyId,
    role: key.role,
    communityIds: store.communitiesOf(ctx.db, key),
    practitionerId: key.practitionerId,
  }
}

/** The practitioner whose key this is or was; null for other keys. */
export const practitionerOfKey = (ctx: Ctx, keyId: string): string | null =>
  store.findKey(ctx.db, keyId)?.practitionerId ?? null

/** How exact the time of last use is: writing it at each request would double the writes. */
const USE_PRECISION = MINUTE

/** Whether the time of last use of a key is too old to leave as it is. */
export const isUseStale = (caller: Authenticated, now: Instant): boolean =>
  caller.lastUsedAt === null || caller.lastUsedAt < plus(now, -USE_PRECISION)

/** Notes that a key was used now; nothing when another request has just noted it. */
export const noteUse = (db: Db, caller: Authenticated, now: Instant): void =>
  store.touchKey(db, caller.actor.keyId, now, plus(now, -USE_PRECISION))

export interface NewKey {
  readonly role: Role
  readonly label: string
  readonly communityIds?: readonly string[] | undefined
  readonly practitionerId?: string | undefined
  readonly expiresAt?: Instant | undefined
}

const addSecret = (ctx: Ctx, keyId: string): string => {
  const secret = newSecret(ctx.territory.code, ctx.random)
  store.insertSecret(ctx.db, { sha256: secretHash(secret), keyId, createdAt: ctx.now, expiresAt: null })
  return secret
}

/** Makes a key and returns its secret, which is not stored. */
export const createKey = (ctx: Ctx, input: NewKey): { id: string; key: string } => {
  const communityIds = [...new Set(input.communityIds ?? [])]
  const practitionerId = input.practitionerId ?? null
  unlessRefused(refuseScope({ role: input.role, communityIds, practitionerId }))
  if (input.expiresAt !== undefined && input.expiresAt <= ctx.now)
    throw new Refused({
      code: 'invalid_key_scope',
      detail: 'La fin de validité est passée.',
      path: ['expiresAt'],
    })
  assertCommunities(ctx, communityIds)
  if (practitionerId !== null) getManagedPractitioner(ctx, practitionerId)
  const id = ctx.newId('key')
  store.insertKey(
    ctx.db,
    {
      id,
      role: input.role,
      label: input.label,
      practitionerId,
      createdAt: ctx.now,
      expiresAt: input.expiresAt ?? null,
      revokedAt: null,
      lastUsedAt: null,
      version: 1,
    },
    communityIds,
  )
  const key = addSecret(ctx, id)
  append(ctx, { type: 'key.created', subject: id, data: { role: input.role, communityIds, practitionerId } })
  return { id, key }
}

export interface KeyView extends store.KeyRow {
  readonly communityIds: readonly string[]
}

/** Keys in order of making, one more than `limit` when there are more; never a secret. */
export const listKeys = (ctx: Ctx, after: string | undefined, limit: number): KeyView[] => {
  const rows = store.listKeys(ctx.db, after ?? '', limit + 1)
  const named = store.namedCommunities(
    ctx.db,
    rows.map((row) => row.id),
  )
  return rows.map((row) => ({
    ...row,
    communityIds: named.filter((one) => one.keyId === row.id).map((one) => one.communityId),
  }))
}

/** A day for the holder's systems to change over. */
export const DEFAULT_OVERLAP_HOURS = 24

/** Gives a key a second secret; those before it open until the overlap ends. */
export const rotateKey = (ctx: Ctx, id: string, overlapHours: number): { id: string; key: string } => {
  const found = orAbsent(store.findKey(ctx.db, id), 'Clé')
  if (found.revokedAt !== null)
    throw new Refused({ code: 'key_revoked', detail: 'Une clé révoquée ne se renouvelle pas.' })
  for (const secret of store.listSecrets(ctx.db, id))
    store.expireSecret(ctx.db, secret.sha256, overlapEnd(secret, overlapHours, ctx.now))
  const key = addSecret(ctx, id)
  store.updateKey(ctx.db, id, {})
  append(ctx, { type: 'key.rotated', subject: id, data: { overlapHours } })
  return { id, key }
}

/** Closes a key for good, from the next request on. Closing it again changes nothing. */
export const revokeKey = (ctx: Ctx, id: string): void => {
  const found = orAbsent(store.findKey(ctx.db, id), 'Clé')
  if (found.revokedAt !== null) return
  store.updateKey(ctx.db, id, { revokedAt: ctx.now })
  append(ctx, { type: 'key.revoked', subject: id })
}
