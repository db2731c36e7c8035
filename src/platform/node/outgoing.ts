import { lookup as resolve } from 'node:dns'
import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { OutgoingError, OutgoingPort } from '../../edge/platform.ts'
import { isPublicAddress } from '../../kernel/addresses.ts'

class PrivateAddress extends Error {}

/** Bytes of an answer that are read before it is cut off: nobody looks at them. */
const MOST_READ = 64 * 1024

const CODES: Readonly<Record<string, OutgoingError>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
  ETIMEDOUT: 'timeout',
  EPROTO: 'tls',
}

const isOfTls = (code: string) => /^(?:ERR_TLS|ERR_SSL|CERT_|SELF_SIGNED|UNABLE_TO|DEPTH_ZERO)/.test(code)

const errorOf = (error: unknown): OutgoingError => {
  if (error instanceof PrivateAddress) return 'private_address'
  if (!(error instanceof Error)) return 'network'
  const code = 'code' in error ? String(error.code) : ''
  return CODES[code] ?? (isOfTls(code) ? 'tls' : 'network')
}

export interface OutgoingOptions {
  /** Given by tests: the authority of a server on this machine, and the addresses that count as public besides. */
  readonly ca?: string
  readonly allowAddress?: (address: string) => boolean
  /** Ends every request under way. */
  readonly stopping?: AbortSignal
}

/** Requests by https to the public Internet: the address that is judged is the one that is connected to. */
export const nodeOutgoing = ({ ca, allowAddress, stopping }: OutgoingOptions = {}): OutgoingPort => {
  const isAllowed = (address: string) => isPublicAddress(address) || (allowAddress?.(address) ?? false)

  const lookup: LookupFunction = (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) done(error, [])
      // One private address among them is enough: which of them is connected to is not ours to choose.
      else if (!found.every(({ address }) => isAllowed(address))) done(new PrivateAddress(), [])
      else if (options.all) done(null, found)
      else done(null, found[0]?.address ?? '', found[0]?.family)
    })
  }

  return {
    post: ({ url, headers, body, timeoutMs }) =>
      new Promise((settle) => {
        const { hostname } = new URL(url)
        const literal = hostname.replace(/^\[(.*)\]$/, '$1')
        // A literal address is connected to without being looked up.
        if ((hostname.startsWith('[') || /^[\d.]+$/.test(hostname)) && !isAllowed(literal)) {
          settle({ error: 'private_address' })
          return
        }
        const timeout = AbortSignal.timeout(timeoutMs)
        const asked = request(url, {
          method: 'POST',
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          lookup,
          // A connection of its own: one kept open was judged at another time.
          agent: false,
          signal: stopping ? AbortSignal.any([timeout, stopping]) : timeout,
          ...(ca === undefined ? {} : { ca }),
        })
        asked.once('response', (response) => {
          settle({ status: response.statusCode ?? 0 })
          let read = 0
          response.on('data', (chunk: Buffer) => {
            read += chunk.length
            if (read > MOST_READ) response.destroy()
          })
          response.on('error', () => undefined)
        })
        // Not once: what goes wrong after the answer is nobody's concern, but must be listened to.
        asked.on('error', (error) => settle({ error: timeout.aborted ? 'timeout' : errorOf(error) }))
        asked.end(body)
      }),
  }
}
