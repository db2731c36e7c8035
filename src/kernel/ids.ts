import { TypeID } from 'typeid-js'
import { v7 } from 'uuid'
import type { Instant } from './time.ts'

/** What an id names; the prefix of its text form (TypeID 0.3: prefix, `_`, UUIDv7 in Crockford base 32). */
export const ID_PREFIXES = {
  slot: 'slot',
  booking: 'book',
  hold: 'hold',
  practitioner: 'prac',
  community: 'cpts',
  site: 'site',
  series: 'seri',
  key: 'akey',
  event: 'evnt',
  identity: 'iden',
  enSus: 'enus',
  webhook: 'hook',
  notice: 'ntce',
  feed: 'feed',
  sector: 'sect',
  restriction: 'rstr',
  wish: 'wish',
  absence: 'absn',
  rota: 'rota',
  shift: 'shft',
  swap: 'swap',
  mtRequest: 'mtrq',
  allocation: 'allo',
  proposal: 'prop',
} as const

export type IdKind = keyof typeof ID_PREFIXES

/** Fills with `length` random bytes; cryptographic in production, seeded in tests. */
export type RandomBytes = (length: number) => Uint8Array

/** What the text of an id of this kind looks like, as an anchored regular expression. */
export const idPattern = (kind: IdKind): RegExp =>
  new RegExp(`^${ID_PREFIXES[kind]}_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$`)

/** A new id: ordered by `now` to the millisecond, then random (74 bits). Ids made later sort later as text. */
export const typeId = (kind: IdKind, now: Instant, random: RandomBytes): string =>
  TypeID.fromUUIDBytes(
    ID_PREFIXES[kind],
    v7({ msecs: now, random: random(16) }, new Uint8Array(16)),
  ).toString()
