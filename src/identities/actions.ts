import type { Ctx } from '../db/db.ts'
import { actorName } from '../events/actions.ts'
import type { Instant } from '../kernel/time.ts'
import { keyedHash, open, seal } from '../kernel/sealing.ts'
import { normalisedPerson, type Person } from './rules.ts'
import * as store from './store.ts'

/** What the vault keeps of a patient. `note` and `motiveText` are free text, so they may name the patient. */
export interface Identity extends Person {
  readonly phone: string
  readonly sex?: 'female' | 'male' | 'other' | 'unknown' | undefined
  readonly address?: string | undefined
  readonly motiveText?: string | undefined
  readonly cancelNote?: string | undefined
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
  seen: { subject: string; practitionerId: string },
): Identity | undefined => {
  const identity = read(ctx, id)
  if (identity)
    store.insertAccess(ctx.db, { at: ctx.now, actor: actorName(ctx.actor), identityId: id, ...seen })
  return identity
}

/** Adds to a kept identity; nothing once erased. */
export const amendIdentity = (ctx: Ctx, id: string, added: Partial<Identity>): void => {
  const identity = read(ctx, id)
  if (!identity) return
  const { keyId, sealed } = seal(ctx.keyRing, ctx.random, id, JSON.stringify({ ...identity, ...added }))
  store.updateSealed(ctx.db, id, keyId, sealed)
}
