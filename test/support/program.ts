import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newKeyRing } from '../../src/platform/shared/key-ring.ts'

const dist = (name: string) => fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url))

/** One ring for all: what a test seals, its restarted server opens. */
export const KEY_RING = newKeyRing((length) => new Uint8Array(length).fill(5))

/** A folder of data of its own, with a space in its name, and how to remove it. */
export const dataFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'udj data '))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line with more in its environment and waits for it. */
export const adminWith = (
  folder: string,
  environment: { readonly KEY_RING?: string },
  ...args: string[]
): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [dist('admin'), ...args],
      { env: { ...process.env, KEY_RING: undefined, DATA_DIR: folder, ...environment } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })

/** Runs the command line, without a key ring, and waits for it. */
export const admin = (folder: string, ...args: string[]): Promise<Ended> => adminWith(folder, {}, ...args)

export interface Server {
  readonly url: string
  readonly process: ChildProcess
  /** Sends a signal and waits for the end: the exit code, or null when the signal ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

const exitOf = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('exit', (code) => resolve(code)))

/** Starts the built server on a free port; rejects with what it wrote when it ends before listening. */
export const startProgram = (folder: string, environment: Record<string, string> = {}): Promise<Server> => {
  const child = spawn(process.execPath, [dist('main')], {
    env: { ...process.env, DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent', KEY_RING, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let out = ''
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      const url = /"listening":"([^"]+)"/.exec(out)?.[1]
      if (url !== undefined)
        resolve({
          url,
          process: child,
          end: (signal) => {
            child.kill(signal)
            return exitOf(child)
          },
        })
    })
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${err}`)))
  })
}

export interface Reply {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  // Tests look into answers freely.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any
}

let calls = 0

/** A caller of a running server's territory 92. */
export const httpCaller = (url: string, secret: string) => {
  const call = async (method: string, path: string, body?: unknown, key?: string): Promise<Reply> => {
    const response = await fetch(`${url}/92/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': key ?? `call-${process.pid}-${++calls}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      text,
      headers: response.headers,
      body: text.startsWith('{') ? JSON.parse(text) : undefined,
    }
  }
  return {
    get: (path: string) => call('GET', path),
    post: (path: string, body: unknown, key?: string) => call('POST', path, body, key),
  }
}

/** Instants ahead of the real clock, on the minute. */
export const inMinutes = (minutes: number): string =>
  new Date(Math.ceil(Date.now() / 60_000) * 60_000 + minutes * 60_000).toISOString().replace('.000', '')

/** A territory 92 made by the command line, and one GP of its only CPTS. */
export const makeTerritory = async (folder: string) => {
  const communes = fileURLToPath(new URL('./communes.csv', import.meta.url))
  const made = await admin(
    folder,
    'territory',
    'create',
    '92',
    '--name',
    'Hauts-de-Seine',
    '--communes',
    communes,
  )
  if (made.code !== 0) throw new Error(made.stderr)
  return (JSON.parse(made.stdout) as { key: string }).key
}

export const makeGpOver = async (url: string, adminKey: string) => {
  const byAdmin = httpCaller(url, adminKey)
  const community = await byAdmin.post('/communities', { name: 'CPTS de Nanterre', communes: ['92050'] })
  const gp = await byAdmin.post('/practitioners', {
    rpps: '10000000017',
    family: 'Fictif',
    given: 'Camille',
    profession: 'GP',
    communityIds: [community.body.id],
    sites: [
      {
        name: 'Cabinet',
        line: '1 rue de l’Exemple',
        postalCode: '92000',
        city: 'Nanterre',
        insee: '92050',
        lat: 48.896,
        lon: 2.207,
        phone: '+33199000001',
      },
    ],
  })
  const regulator = await byAdmin.post('/keys', { role: 'regulator', label: 'régulation' })
  return {
    practitionerId: String(gp.body.id),
    siteId: String(gp.body.sites[0].id),
    regulatorKey: String(regulator.body.key),
  }
}

/** Raises the rate of the territory's keys: load is what these tests are for. Only while no server runs. */
export const liftRate = async (folder: string): Promise<void> => {
  const { openDatabase } = await import('../../src/platform/node/database.ts')
  const database = openDatabase(join(folder, '92.sqlite'))
  database.connection.exec('update territories set rate_per_second = 1000000, rate_burst = 1000000')
  database.close()
}
