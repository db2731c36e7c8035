import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { DAY, instant, MINUTE, SECOND } from '../../kernel/time.ts'
import { EVENT_TYPES, WEBHOOK_TYPES } from '../vocabulary.ts'
import {
  isDelivered,
  isGone,
  isSubscribed,
  newSigningSecret,
  nextAttempt,
  refuseTooMany,
  refuseUrl,
  signedHeaders,
  TRIED_FOR,
} from './rules.ts'

const zeros = (length: number) => new Uint8Array(length)
const highest = (length: number) => new Uint8Array(length).fill(255)

describe('addresses of webhooks', () => {
  it.each([
    'https://agenda.example',
    'https://agenda.example/urgences?cabinet=3',
    'https://agenda.example:8443/x',
    'https://AGENDA.example./x',
    'https://xn--cabinet-mdical-ihb.example/',
    'https://cabinet-médical.example/',
    'https://93.184.216.34/x',
    'https://[2a01:e0a::1]/x',
    'https://localhost.example/',
    'https://internal.agenda.example/',
  ])('[HOOK-2] %s is taken', (url) => {
    expect(refuseUrl(url)).toBeNull()
  })

  it.each([
    'http://agenda.example/',
    'ftp://agenda.example/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'agenda.example',
    '//agenda.example/x',
    '',
    'https://',
    'https://user@agenda.example/',
    'https://user:secret@agenda.example/',
    'https://:secret@agenda.example/',
    'https://agenda.example/#part',
    'https://agenda.example/#',
    ' https://agenda.example/',
    'https://agenda.example/\n',
    'https://agen\tda.example/',
    'https://agenda.example:22/',
    'https://agenda.example:80/',
    'https://agenda.example:1023/',
    'https://agenda.example:0/',
    'https://agenda.example:99999/',
  ])('[HOOK-2] %j is refused', (url) => {
    expect(refuseUrl(url)).toMatchObject({ code: 'invalid_url', path: ['url'] })
  })

  it.each([
    'https://localhost/',
    'https://LOCALHOST./',
    'https://api.localhost/',
    'https://printer.local/',
    'https://vault.internal/',
    'https://router.home.arpa/',
    'https://intranet/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://0177.0.0.1/',
    'https://0/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://192.168.1.1./',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[fc00::1]/',
    'https://[fe80::1]/',
    'https://[ff02::1]/',
    'https://[2001:db8::1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://①②⑦.0.0.1/',
  ])('[HOOK-3] %s is of no public host', (url) => {
    expect(refuseUrl(url)?.detail).toMatch(/n’est pas publi(?:c|que)/)
  })

  it('[HOOK-2] a key has ten webhooks at most', () => {
    expect(refuseTooMany(9)).toBeNull()
    expect(refuseTooMany(10)).toMatchObject({ code: 'too_many_webhooks' })
  })
})

describe('what a webhook is told of', () => {
  it('[HOOK-1] the types that it names, or all but those of webhooks and keys', () => {
    for (const type of EVENT_TYPES) {
      expect([type, isSubscribed(['*'], type)]).toEqual([type, !/^(webhook|key)\./.test(type)])
      expect(isSubscribed(['booking.created', 'slot.withdrawn'], type)).toBe(
        type === 'booking.created' || type === 'slot.withdrawn',
      )
    }
    expect(WEBHOOK_TYPES).not.toContain('key.created')
    expect(isSubscribed(['*'], 'key_ring.rotated')).toBe(true)
  })
})

describe('signatures', () => {
  const bytes = fc.uint8Array({ minLength: 24, maxLength: 24 })
  const id = fc.stringMatching(/^evnt_[0-9a-z]{26}$/)

  it('[HOOK-4] a secret is whsec_ and 24 random bytes in base64', () => {
    expect(newSigningSecret(zeros)).toBe(`whsec_${'A'.repeat(32)}`)
    expect(Buffer.from(newSigningSecret(highest).slice(6), 'base64')).toEqual(Buffer.alloc(24, 255))
  })

  it('[HOOK-4] the receiver’s own library takes what is signed, and nothing that was changed', () => {
    fc.assert(
      fc.property(
        bytes,
        id,
        fc.json(),
        fc.oneof(fc.nat(290), fc.integer({ min: 310, max: 600 })),
        (random, eventId, body, ago) => {
          const secret = newSigningSecret(() => random)
          // The library reads the clock of the machine and takes no other: what it is to judge is dated by the same.
          const now = instant(Date.now() - ago * SECOND + 100)
          const headers = signedHeaders(secret, eventId, now, body)
          const isTaken = (with_: string, text: string, given: Record<string, string>) => {
            try {
              new Webhook(with_).verify(text, given)
              return true
            } catch {
              return false
            }
          }
          // The library takes what is younger than five minutes.
          expect(isTaken(secret, body, headers)).toBe(ago < 300)
          const fresh = signedHeaders(secret, eventId, instant(Date.now()), body)
          expect(isTaken(secret, body, fresh)).toBe(true)
          const other = newSigningSecret(() => random.map((byte, i) => (i === 3 ? byte ^ 1 : byte)))
          expect(isTaken(other, body, fresh)).toBe(false)
          expect(isTaken(secret, `${body} `, fresh)).toBe(false)
          expect(isTaken(secret, body, { ...fresh, 'webhook-id': `${eventId}x` })).toBe(false)
          const later = String(Number(fresh['webhook-timestamp']) + 1)
          expect(isTaken(secret, body, { ...fresh, 'webhook-timestamp': later })).toBe(false)
        },
      ),
      { seed: 41, numRuns: 200 },
    )
  })

  it('[HOOK-4] is the published vector: id, seconds and body joined by dots', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    const headers = signedHeaders(
      secret,
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      instant(1_614_265_330_999),
      '{"test": 2432232314}',
    )
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
    // Negative control: the text of the secret is not the key.
    const wrong = createHmac('sha256', secret).update('x').digest('base64')
    expect(headers['webhook-signature']).not.toContain(wrong)
  })
})

describe('trying again', () => {
  const first = instant(1_000_000)

  it('[HOOK-6] pauses grow to four hours and end with the day', () => {
    const pauses: number[] = []
    let now = first
    for (let attempts = 1; ; attempts++) {
      const next = nextAttempt(attempts, first, TRIED_FOR, now, zeros)
      if (next === undefined) break
      pauses.push((next - now) / SECOND)
      now = next
    }
    expect(pauses).toEqual([5, 30, 120, 600, 1800, 3600, 7200, 14400, 14400, 14400, 14400, 14400, 1045])
    expect(now - first).toBe(DAY)
  })

  it('[HOOK-6] what failed together is spread by up to a tenth, never beyond the day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(2 * DAY), fc.nat(255), (attempts, ago, byte) => {
        const now = instant(first + ago)
        const at = (random: number) =>
          nextAttempt(attempts, first, TRIED_FOR, now, (length) => new Uint8Array(length).fill(random))
        const [early, next] = [at(0), at(byte)]
        expect(next === undefined).toBe(ago >= DAY)
        if (next === undefined || early === undefined) return
        expect(next).toBeGreaterThanOrEqual(early)
        expect(next - now).toBeLessThanOrEqual((early - now) * 1.1)
        expect(next).toBeGreaterThan(now)
        expect(next - first).toBeLessThanOrEqual(DAY)
      }),
      { seed: 42 },
    )
    expect(nextAttempt(2, first, 4 * MINUTE, first, highest)! - first).toBeGreaterThan(30 * SECOND)
  })

  it('[HOOK-5] 2xx is received, 410 is gone, a redirection is neither', () => {
    const statuses = [199, 200, 204, 299, 300, 302, 404, 410, 500]
    expect(statuses.filter((status) => isDelivered({ status }))).toEqual([200, 204, 299])
    expect(statuses.filter((status) => isGone({ status }))).toEqual([410])
    expect(isDelivered({ error: 'timeout' })).toBe(false)
  })
})
