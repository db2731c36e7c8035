import { createServer, type Server } from 'node:https'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer as createPlainServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { selfSigned } from '../support/certificate.ts'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { newSigningSecret, signedHeaders } from '../../src/events/webhooks/rules.ts'
import { instant } from '../../src/kernel/time.ts'
import { nodeOutgoing, type OutgoingOptions } from '../../src/platform/node/outgoing.ts'

let certificate: { private: string; cert: string }
let servers: { close(): unknown }[] = []

beforeAll(async () => {
  certificate = await selfSigned()
})

afterEach(() => {
  for (const server of servers) server.close()
  servers = []
})

interface Received {
  readonly request: IncomingMessage
  readonly body: string
}

/** A real https server on this machine, and what reached it. */
const serve = async (answer: RequestListener) => {
  const received: Received[] = []
  const server: Server = createServer(
    { key: certificate.private, cert: certificate.cert },
    (request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        received.push({ request, body })
        answer(request, response)
      })
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push({
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  })
  const { port } = server.address() as AddressInfo
  return { received, port, url: `https://localhost:${port}/hook?x=1` }
}

const isThisMachine = (address: string) => address === '127.0.0.1' || address === '::1'

const post = (url: string, options: OutgoingOptions = {}, timeoutMs = 5_000, body = '{"é":1}') =>
  nodeOutgoing(options).post({ url, headers: { 'content-type': 'application/json' }, body, timeoutMs })

const trusting = (): OutgoingOptions => ({ ca: certificate.cert, allowAddress: isThisMachine })

describe('requests to addresses of somebody else’s', () => {
  it('[HOOK-4] arrive whole and signed, by https, with the status handed back', async () => {
    const { received, url } = await serve((_, response) => response.writeHead(204).end())
    const secret = newSigningSecret((length) => new Uint8Array(length).fill(9))
    const body = JSON.stringify({ data: 'été 🌡', filler: 'x'.repeat(50_000) })
    const headers = signedHeaders(secret, 'evnt_1', instant(Date.now()), body)
    const sent = await nodeOutgoing(trusting()).post({ url, headers, body, timeoutMs: 5_000 })
    expect(sent).toEqual({ status: 204 })
    expect(received).toHaveLength(1)
    const { request } = received[0]!
    expect([request.method, request.url]).toEqual(['POST', '/hook?x=1'])
    expect(new Webhook(secret).verify(received[0]!.body, request.headers as Record<string, string>)).toEqual(
      JSON.parse(body),
    )
  })

  it('[HOOK-5] a redirection is an answer, and is not followed', async () => {
    const elsewhere = await serve((_, response) => response.end())
    const { url } = await serve((_, response) => response.writeHead(307, { location: elsewhere.url }).end())
    expect(await post(url, trusting())).toEqual({ status: 307 })
    expect(elsewhere.received).toEqual([])
  })

  it('[HOOK-3] this machine is not reached by name, by address, or by any other writing of it', async () => {
    const { received, port } = await serve((_, response) => response.end())
    const options = { ca: certificate.cert }
    for (const host of [
      'localhost',
      '127.0.0.1',
      '127.1',
      '2130706433',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0.0.0.0',
    ])
      expect([host, await post(`https://${host}:${port}/`, options)]).toEqual([
        host,
        { error: 'private_address' },
      ])
    expect(received).toEqual([])
    // Negative control: with the address allowed, the same request arrives.
    expect(await post(`https://localhost:${port}/`, trusting())).toEqual({ status: 200 })
    expect(received).toHaveLength(1)
  })

  it('[HOOK-3] one private address among those of a name is enough to refuse it', async () => {
    const { received, port } = await serve((_, response) => response.end())
    let asked = 0
    const allowAddress = () => asked++ > 0
    const refused = await post(`https://localhost:${port}/`, { ca: certificate.cert, allowAddress })
    expect(refused).toEqual({ error: 'private_address' })
    expect(received).toEqual([])
  })

  it('[HOOK-5] a certificate that nobody vouches for, and no certificate, are no connection', async () => {
    const { received, url } = await serve((_, response) => response.end())
    expect(await post(url, { allowAddress: isThisMachine })).toEqual({ error: 'tls' })
    const other = await selfSigned('other.example')
    expect(await post(url, { allowAddress: isThisMachine, ca: other.cert })).toEqual({ error: 'tls' })
    const plain = createPlainServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    servers.push(plain)
    const { port: plainPort } = plain.address() as AddressInfo
    expect(await post(`https://localhost:${plainPort}/`, trusting())).toEqual({ error: 'tls' })
    expect(received).toEqual([])
  })

  it('[HOOK-5] who does not answer in time has not answered', async () => {
    const { received, url } = await serve(() => undefined)
    const started = Date.now()
    expect(await post(url, trusting(), 300)).toEqual({ error: 'timeout' })
    expect(Date.now() - started).toBeLessThan(3_000)
    expect(received).toHaveLength(1)
    const silent = createPlainServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    servers.push(silent)
    const { port } = silent.address() as AddressInfo
    expect(await post(`https://localhost:${port}/`, trusting(), 300)).toEqual({ error: 'timeout' })
  })

  it('[HOOK-5] an endless answer is cut off', async () => {
    let written = 0
    let isClosed = false
    const { url } = await serve((_, response) => {
      response.writeHead(200)
      const chunk = Buffer.alloc(16_384)
      const more = () => {
        while (!isClosed && response.write(chunk)) written += chunk.length
      }
      response.on('drain', more)
      response.on('close', () => (isClosed = true))
      more()
    })
    expect(await post(url, trusting())).toEqual({ status: 200 })
    await expect.poll(() => isClosed, { timeout: 4_000 }).toBe(true)
    expect(written).toBeLessThan(64 * 1024 * 1024)
  })

  it('[HOOK-5] a closed port, an unknown name and a broken connection have their codes', async () => {
    const { port } = await serve((_, response) => response.end())
    for (const server of servers) server.close()
    servers = []
    expect(await post(`https://127.0.0.1:${port}/`, trusting())).toEqual({ error: 'refused' })
    expect(await post('https://does-not-exist.invalid/', trusting())).toEqual({ error: 'dns' })
    const broken = await serve((request) => request.socket.destroy())
    expect(await post(broken.url, trusting())).toEqual({ error: 'network' })
  })

  it('[HOOK-10] a server that stops waits for nobody', async () => {
    const { url } = await serve(() => undefined)
    const stopping = new AbortController()
    const sent = post(url, { ...trusting(), stopping: stopping.signal }, 60_000)
    setTimeout(() => stopping.abort(), 100)
    expect(await sent).toEqual({ error: 'network' })
  })
})
