import type { Ctx } from '../db/db.ts'
import { actorName, append } from '../events/actions.ts'
import { plus, type Instant } from '../kernel/time.ts'
import { keyedHash, open, seal } from '../kernel/sealing.ts'
import { ACCESS_LOG_KEPT, normalisedPerson, type Person } from './rules.ts'
import * as store from './store.ts'

/** What the vault keeps of a patient. `note` and `motiveText` are free text, so they may name the patient. */
export interface Identity extends Person {
  readonly phone: string
  readonly sex?: 'female' | 'male' | 'other' | 'unknown' | undefined
  readonly address?: string | undefined
  readonly motiveText?: string | undefined
  readonly cancelNote?: string | undefined
  readonly email?: string | undefined
  /** Who agreed in this person's name that it is shared: it may name somebody. */
  readonly consentBy?: string | undefined
}

/** Keyed hash by which the same person is found again; the same for every writing of the name. */
export const blindIndexOf = (ctx: Ctx, person: Person): Uint8Array =>
  keyedHash(ctx.keyRing, 'person', normalisedPerson(person))

/** Stores an identity and returns its id. */
export const keepIdentity = (ctx: Ctx, identity: Identity, eraseAfter: Instant): string => {
  const id = ctx.newId('identity')
  store.insertIdentity(ctx.db, {
    id,
    ...seal(ctx.keyRing, ctx.random, id, JSON.stringify(identity)),
    blindIndex: blindIndexOf(ctx, identity),
    eraseAfter,
    createdAt: ctx.now,
  })
  return id
}

const read = (ctx: Ctx, id: string): Identity | undefined => {
  const row = store.findIdentity(ctx.db, id)
  return row && (JSON.parse(open(ctx.keyRing, id, row)) as Identity)
}

/** Shows an identity to the actor, who is known to be allowed it, and writes that in the access log. Undefined once erased. */
export const reveal = (
  ctx: Ctx,
  id: string,
  seen: { subject: string; practitionerId: string | null },
): Identity | undefined => {
  const identity = read(ctx, id)
  if (identity)
    store.insertAccess(ctx.db, { at: ctx.now, actor: actorName(ctx.actor), identityId: id, ...seen })
  return identity
}

/** Writes in the access log that the actor is shown what may tell who somebody is and no identity keeps yet. */
export const noteShown = (ctx: Ctx, subject: string, practitionerId: string | null): void =>
  store.insertAccess(ctx.db, {
    at: ctx.now,
    actor: actorName(ctx.actor),
    identityId: subject,
    subject,
    practitionerId,
  })

/** What is kept of a person, for what is computed or copied of it; to show it is to `reveal` it. Undefined once erased. */
export const recall = (ctx: Ctx, id: string): Identity | undefined => read(ctx, id)

/** Whether an identity would be another with this added; never once erased. Shows nothing of it. */
export const isAmendedBy = (ctx: Ctx, id: string, added: Partial<Identity>): boolean => {
  const identity = read(ctx, id)
  return (
    identity !== undefined &&
    (Object.keys(added) as (keyof Identity)[]).some((key) => added[key] !== identity[key])
  )
}

/**
 * Adds to a kept identity or corrects it; nothing once erased. Gives what it now is, for what is computed of it: to show it
 * is to `reveal` it.
 */
export const amendIdentity = (ctx: Ctx, id: string, added: Partial<Identity>): Identity | undefined => {
  const identity = read(ctx, id)
  if (!identity) return undefined
  const amended = { ...identity, ...added }
  const { keyId, sealed } = seal(ctx.keyRing, ctx.random, id, JSON.stringify(amended))
  store.updateSealed(ctx.db, id, keyId, sealed)
  if (normalisedPerson(amended) !== normalisedPerson(identity))
    store.updateBlindIndex(ctx.db, id, blindIndexOf(ctx, amended))
  return amended
}

/** Keeps an identity until another instant, when what it is for has moved. */
export const keepIdentityUntil = (ctx: Ctx, id: string, eraseAfter: Instant): void =>
  store.updateEraseAfter(ctx.db, id, eraseAfter)

export const isErased = (ctx: Ctx, id: string): boolean => store.findIdentity(ctx.db, id) === undefined

/** Identities whose time is over, up to `limit`. */
export const dueIdentities = (ctx: Ctx, limit: number): string[] => store.listDue(ctx.db, ctx.now, limit)

export interface Erasure {
  readonly reason: 'retention' | 'request'
  readonly requestedBy?: string | undefined
  /** Bookings that were this person's: by these, whoever was told of them knows what to forget (RGPD article 19). */
  readonly bookings: readonly string[]
  readonly practitionerId?: string | undefined
}

/** Erases a person: the row, and with it the blind index. What refers to it stays, pseudonymous. */
export const eraseIdentity = (ctx: Ctx, id: string, erasure: Erasure): void => {
  const { reason, requestedBy, bookings, practitionerId } = erasure
  store.deleteIdentity(ctx.db, id)
  append(ctx, {
    type: 'identity.erased',
    subject: id,
    ...(practitionerId === undefined ? {} : { practitionerId }),
    data: { reason, ...(requestedBy === undefined ? {} : { requestedBy }), bookings: [...bookings] },
  })
}

/** Forgets up to `limit` rows of the access log past their time; returns how many. */
export const purgeAccessLog = (ctx: Ctx, limit: number): number => {
  const count = store.deleteAccesses(ctx.db, plus(ctx.now, -ACCESS_LOG_KEPT), limit)
  if (count > 0) append(ctx, { type: 'access_log.purged', subject: ctx.territory.code, data: { count } })
  return count
}

/** Seals again those of the next `limit` identities that another key than the current one sealed. */
export const resealIdentities = (ctx: Ctx, after: number, limit: number) => {
  const rows = store.listSealed(ctx.db, after, limit)
  const old = rows.filter(({ keyId }) => keyId !== ctx.keyRing.current)
  for (const row of old) {
    const { keyId, sealed } = seal(ctx.keyRing, ctx.random, row.id, open(ctx.keyRing, row.id, row))
    store.updateSealed(ctx.db, row.id, keyId, sealed)
  }
  return { seen: rows.length, last: rows.at(-1)?.rowid ?? after, resealed: old.length }
}
