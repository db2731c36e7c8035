import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bookingBody } from '../support/members.ts'
import { dataFolder, httpCaller, inMinutes, KEY_RING, makeGpOver } from '../support/program.ts'
import { COMMUNES } from '../support/world.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

describe('a local workerd with state on disk', () => {
  let data: ReturnType<typeof dataFolder>
  let running: ChildProcess[]
  beforeEach(() => {
    data = dataFolder()
    running = []
    writeFileSync(
      join(data.folder, 'vars.env'),
      `JURISDICTION=\nBOOTSTRAP_SECRET=once-and-for-all\nKEY_RING='${KEY_RING}'\n`,
    )
  })
  const kill = async (child: ChildProcess) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    // wrangler and the workerd it started are one process group.
    process.kill(-child.pid, 'SIGKILL')
    await ended
  }
  afterEach(async () => {
    for (const child of running) await kill(child)
    data.remove()
  })

  const start = async (): Promise<{ url: string; child: ChildProcess }> => {
    const port = await freePort()
    const child = spawn(
      process.execPath,
      [
        join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js'),
        'dev',
        '--port',
        String(port),
        '--ip',
        '127.0.0.1',
        '--persist-to',
        join(data.folder, 'state'),
        '--env-file',
        join(data.folder, 'vars.env'),
        '--log-level',
        'error',
        '--show-interactive-dev-session=false',
      ],
      {
        cwd: root,
        detached: true,
        stdio: 'ignore',
        env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' },
      },
    )
    running.push(child)
    const url = `http://127.0.0.1:${port}`
    for (let i = 0; i < 240; i++) {
      const isUp = await fetch(`${url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      )
      if (isUp) return { url, child }
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    throw new Error('workerd did not start within a minute')
  }

  it('[CF-6] a booking survives killing workerd: it is there, and its request replays byte for byte', async () => {
    const first = await start()
    const made = await fetch(`${first.url}/bootstrap`, {
      method: 'POST',
      headers: { authorization: 'Bearer once-and-for-all', 'content-type': 'application/json' },
      body: JSON.stringify({ territory: '92', name: 'Hauts-de-Seine' }),
    })
    expect(made.status).toBe(201)
    const { key } = (await made.json()) as { key: string }
    const loaded = await fetch(`${first.url}/92/v1/communes`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ items: COMMUNES }),
    })
    expect(loaded.status).toBe(204)
    const gp = await makeGpOver(first.url, key)
    const slot = await httpCaller(first.url, key).post('/slots', {
      practitionerId: gp.practitionerId,
      siteId: gp.siteId,
      start: inMinutes(60),
      end: inMinutes(75),
    })
    expect(slot.status).toBe(201)
    const booked = await httpCaller(first.url, gp.regulatorKey).post(
      '/bookings',
      bookingBody(slot.body.id),
      'before-the-kill',
    )
    expect(booked.status).toBe(201)
    await kill(first.child)

    const second = await start()
    const regulator = httpCaller(second.url, gp.regulatorKey)
    const again = await regulator.post('/bookings', bookingBody(slot.body.id), 'before-the-kill')
    expect(again.text).toBe(booked.text)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect((await regulator.post('/bookings', bookingBody(slot.body.id))).status).toBe(409)
    expect((await httpCaller(second.url, key).get('/audit/verify')).body).toMatchObject({ ok: true })
  })
})
