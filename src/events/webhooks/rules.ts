import { createHmac } from 'node:crypto'
import { isPublicAddress } from '../../kernel/addresses.ts'
import type { RandomBytes } from '../../kernel/ids.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import { DAY, HOUR, MINUTE, plus, SECOND, type Instant } from '../../kernel/time.ts'
import { ALL_TYPES, type EventType, WEBHOOK_TYPES, type WebhookType } from '../vocabulary.ts'

/** Webhooks that one key may have, so that one commit is not told a thousand times. */
export const MOST_WEBHOOKS = 10

export const refuseTooMany = (owned: number): Refusal | null =>
  owned >= MOST_WEBHOOKS
    ? { code: 'too_many_webhooks', detail: `Une clé a ${MOST_WEBHOOKS} webhooks au plus.` }
    : null

/** Names that no public resolver should answer (RFC 6761, RFC 8375, RFC 7686, `.internal` by ICANN). */
const PRIVATE_NAMES = /(?:^|\.)(?:localhost|local|internal|home\.arpa|onion|test|invalid)$/

const findUrl = (text: string): URL | undefined => {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

const fault = (text: string): string | undefined => {
  // A URL parser drops tabs and line ends and trims spaces: what is stored would not be what was read.
  const url = /[\s\p{Cc}]/u.test(text) ? undefined : findUrl(text)
  if (!url) return 'Une adresse absolue est attendue.'
  if (url.protocol !== 'https:') return 'Seul https est accepté.'
  if (url.username !== '' || url.password !== '') return 'L’adresse porte un identifiant ou un mot de passe.'
  if (text.includes('#')) return 'L’adresse porte un fragment.'
  if (url.port !== '' && Number(url.port) < 1024) return 'Le port est 443, ou 1024 et au-delà.'
  const host = url.hostname.replace(/\.$/, '')
  // The parser has turned decimal, octal and hexadecimal writings of an IPv4 address into four decimals.
  if (host.startsWith('[') || /^[\d.]+$/.test(host))
    return isPublicAddress(host.replace(/^\[(.*)\]$/, '$1'))
      ? undefined
      : 'Cette adresse IP n’est pas publique.'
  if (!host.includes('.') || PRIVATE_NAMES.test(host)) return 'Ce nom d’hôte n’est pas public.'
  return undefined
}

/**
 * Refuses an address that is not https on the public Internet, or that carries credentials or a fragment. Names are
 * judged again when they are resolved, by whoever sends. Source: OWASP API7:2023.
 */
export const refuseUrl = (text: string): Refusal | null => {
  const detail = fault(text)
  return detail === undefined ? null : { code: 'invalid_url', detail, path: ['url'] }
}

/** Whether a webhook of these types is told of an event of this type. */
export const isSubscribed = (types: readonly WebhookType[], type: EventType): boolean =>
  types.includes(ALL_TYPES) ? (WEBHOOK_TYPES as readonly string[]).includes(type) : types.includes(type)

const SECRET_PREFIX = 'whsec_'
const SECRET_BYTES = 24

/** A new signing secret: 192 random bits in base64 after `whsec_`. Source: Standard Webhooks 1.0. */
export const newSigningSecret = (random: RandomBytes): string =>
  SECRET_PREFIX + Buffer.from(random(SECRET_BYTES)).toString('base64')

/**
 * The headers by which a receiver knows who sent a body, when and that it is whole: `v1,` and the HMAC-SHA256 in
 * base64 of id, time in seconds and body, joined by dots. Source: Standard Webhooks 1.0.
 */
export const signedHeaders = (
  secret: string,
  id: string,
  at: Instant,
  body: string,
): Readonly<Record<string, string>> => {
  const timestamp = String(Math.floor(at / SECOND))
  const signature = createHmac('sha256', Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

/** What came of sending: the status of an answer, or a code for why there is none. */
export type Sent = { readonly status: number } | { readonly error: string }

export const isDelivered = (sent: Sent): boolean =>
  'status' in sent && sent.status >= 200 && sent.status < 300

/** 410: who owned the address says that it is gone for good. */
export const isGone = (sent: Sent): boolean => 'status' in sent && sent.status === 410

/** Pauses after the first attempt, the second, … ; the last is that after all others. */
const PAUSES = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR]

/** How long a webhook is tried before its owner has to ask. */
export const TRIED_FOR = DAY

/**
 * When to try again after `attempts` failures: pauses that grow, each up to a tenth longer by `random` so that what
 * failed together does not come back together, the last one at the end of the time for which it is tried (ms).
 * Undefined when that is over.
 */
export const nextAttempt = (
  attempts: number,
  firstAt: Instant,
  triedFor: number,
  now: Instant,
  random: RandomBytes,
): Instant | undefined => {
  const end = plus(firstAt, triedFor)
  if (now >= end) return undefined
  const pause = PAUSES[Math.min(attempts, PAUSES.length) - 1] ?? SECOND
  const next = plus(now, pause + Math.floor((pause / 10) * ((random(1)[0] ?? 0) / 256)))
  return next < end ? next : end
}
