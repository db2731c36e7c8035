// Bookings per second and time to the first answer, on Node and on a local workerd, side by side in one run. Both do
// the whole job: key, roles, rate, schema, idempotency, seal, event, and a commit on disk. Quote the ratio: the load
// generator shares the cores. `npm run bench:runtimes`.
import { spawn, execFileSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bookingBody } from '../test/support/members.ts'
import {
  httpCaller,
  inMinutes,
  KEY_RING,
  liftRate,
  makeGpOver,
  makeTerritory,
  startProgram,
} from '../test/support/program.ts'
import { COMMUNES } from '../test/support/world.ts'

const ROUNDS = 5
const BOOKINGS = 300
const CONNECTIONS = 16
const root = fileURLToPath(new URL('..', import.meta.url))

interface Side {
  readonly name: string
  readonly firstAnswerMs: number
  readonly url: string
  readonly adminKey: string
  readonly gp: Awaited<ReturnType<typeof makeGpOver>>
  readonly stop: () => void
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

const node = async (folder: string): Promise<Side> => {
  const adminKey = await makeTerritory(folder)
  await liftRate(folder)
  const started = performance.now()
  const server = await startProgram(folder)
  await fetch(`${server.url}/92/v1/communes`, { headers: { authorization: `Bearer ${adminKey}` } })
  const firstAnswerMs = performance.now() - started
  return {
    name: 'node',
    firstAnswerMs,
    url: server.url,
    adminKey,
    gp: await makeGpOver(server.url, adminKey),
    stop: () => server.process.kill('SIGKILL'),
  }
}

const workerd = async (folder: string): Promise<Side> => {
  const vars = join(folder, 'vars.env')
  writeFileSync(vars, `JURISDICTION=\nBOOTSTRAP_SECRET=bench\nKEY_RING='${KEY_RING}'\n`)
  const launch = async (): Promise<{ url: string; child: ChildProcess }> => {
    const port = String(await freePort())
    const child = spawn(
      process.execPath,
      [
        join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js'),
        ...[
          'dev',
          '--port',
          port,
          '--ip',
          '127.0.0.1',
          '--persist-to',
          join(folder, 'state'),
          '--env-file',
          vars,
        ],
        ...['--log-level', 'none', '--show-interactive-dev-session=false'],
      ],
      { cwd: root, detached: true, stdio: 'ignore', env: { ...process.env, WRANGLER_SEND_METRICS: 'false' } },
    )
    const url = `http://127.0.0.1:${port}`
    while (
      !(await fetch(`${url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ))
    )
      await new Promise((wake) => setTimeout(wake, 100))
    return { url, child }
  }
  const { url, child } = await launch()
  const started = performance.now()
  const made = await fetch(`${url}/bootstrap`, {
    method: 'POST',
    headers: { authorization: 'Bearer bench', 'content-type': 'application/json' },
    body: JSON.stringify({ territory: '92', name: 'Hauts-de-Seine' }),
  })
  const firstAnswerMs = performance.now() - started
  const { key } = (await made.json()) as { key: string }
  await fetch(`${url}/92/v1/communes`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ items: COMMUNES }),
  })
  return {
    name: 'workerd',
    firstAnswerMs,
    url,
    adminKey: key,
    gp: await makeGpOver(url, key),
    stop: () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'),
  }
}

let published = 0
const publish = async (side: Side): Promise<string[]> => {
  const from = published * 5
  published += BOOKINGS
  const slots = Array.from({ length: BOOKINGS }, (_, i) => ({
    practitionerId: side.gp.practitionerId,
    siteId: side.gp.siteId,
    start: inMinutes(600 + from + i * 5),
    end: inMinutes(605 + from + i * 5),
  }))
  const ids: string[] = []
  for (let i = 0; i < slots.length; i += 150) {
    const made = await httpCaller(side.url, side.adminKey).post('/slots/batch', {
      slots: slots.slice(i, i + 150),
    })
    if (made.status !== 201) throw new Error(made.text)
    const { items } = made.body as { items: { id: string }[] }
    ids.push(...items.map((slot) => slot.id))
  }
  return ids
}

/** A key's own rate would be what is measured: each round books with as many keys as it has connections. */
const keysOf = async (side: Side): Promise<string[]> => {
  const keys: string[] = []
  for (let i = 0; i < CONNECTIONS; i++) {
    const made = await httpCaller(side.url, side.adminKey).post('/keys', {
      role: 'regulator',
      label: `bench ${i}`,
    })
    keys.push((made.body as { key: string }).key)
  }
  return keys
}

const round = async (side: Side, keys: readonly string[]): Promise<number> => {
  const ids = await publish(side)
  const started = performance.now()
  await Promise.all(
    keys.map(async (key) => {
      const caller = httpCaller(side.url, key)
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        const { status, text } = await caller.post('/bookings', bookingBody(id))
        if (status !== 201) throw new Error(text)
      }
    }),
  )
  return BOOKINGS / ((performance.now() - started) / 1000)
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')])
const folder = mkdtempSync(join(tmpdir(), 'udj bench '))
const sides = [await node(folder), await workerd(folder)]
try {
  const rates = new Map<string, number[]>()
  const keys = new Map<string, string[]>()
  for (const side of sides) keys.set(side.name, await keysOf(side))
  for (let i = 0; i <= ROUNDS; i++)
    for (const side of sides) {
      const rate = await round(side, keys.get(side.name) ?? [])
      // The first round warms both up.
      if (i > 0) rates.set(side.name, [...(rates.get(side.name) ?? []), rate])
    }
  for (const side of sides)
    console.log(
      `${side.name.padEnd(8)} ${median(rates.get(side.name) ?? [])
        .toFixed(0)
        .padStart(
          6,
        )} bookings/s (median of ${ROUNDS} rounds)   first answer ${side.firstAnswerMs.toFixed(0)} ms`,
    )
  const ratio = median(rates.get('workerd') ?? []) / median(rates.get('node') ?? [1])
  console.log(`workerd ÷ node  ${ratio.toFixed(2)}`)
} finally {
  sides.forEach((side) => side.stop())
  rmSync(folder, { recursive: true, force: true })
}
