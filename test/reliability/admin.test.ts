import BetterSqlite3 from 'better-sqlite3'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  admin,
  adminWith,
  dataFolder,
  httpCaller,
  inMinutes,
  KEY_RING,
  makeGpOver,
  makeTerritory,
  startProgram,
} from '../support/program.ts'

describe('the command line', () => {
  let data: ReturnType<typeof dataFolder>
  beforeEach(() => {
    data = dataFolder()
  })
  afterEach(() => data.remove())

  it('[RUN-5] makes a territory with its first admin key, once', async () => {
    expect(await makeTerritory(data.folder)).toMatch(/^udj_92_/)
    const again = await admin(data.folder, 'territory', 'create', '92', '--name', 'Encore')
    expect(again).toMatchObject({ code: 1, stderr: 'territory 92 exists\n' })
    expect((await admin(data.folder, 'territory', 'list')).stdout).toBe('92\n')
  })

  it('[RUN-5] lists keys without their secrets and makes others', async () => {
    const first = await makeTerritory(data.folder)
    const made = await admin(
      data.folder,
      'key',
      'create',
      '92',
      '--role',
      'regulator',
      '--label',
      'régulation',
    )
    expect(made.code).toBe(0)
    const listed = await admin(data.folder, 'key', 'list', '92')
    const keys = listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { role: string })
    expect(keys.map(({ role }) => role).sort()).toEqual(['admin', 'regulator'])
    expect(listed.stdout).not.toContain(first)
    expect(listed.stdout).not.toContain('udj_')
  })

  it('[RUN-5] refuses a key whose scope makes no sense, in words', async () => {
    await makeTerritory(data.folder)
    const refused = await admin(
      data.folder,
      'key',
      'create',
      '92',
      '--role',
      'coordinator',
      '--label',
      'sans CPTS',
    )
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('CPTS')
  })

  it('[EVENT-4][RUN-5] verifies the audit chain, and fails on one that was changed', async () => {
    await makeTerritory(data.folder)
    const whole = await admin(data.folder, 'audit', 'verify', '92')
    expect(whole.code).toBe(0)
    expect(JSON.parse(whole.stdout)).toMatchObject({ ok: true, count: 3 })
    const connection = new BetterSqlite3(join(data.folder, '92.sqlite'))
    connection.exec("drop trigger events_no_update; update events set actor = 'system:tick' where seq = 2")
    connection.close()
    const broken = await admin(data.folder, 'audit', 'verify', '92')
    expect(broken.code).toBe(1)
    expect(JSON.parse(broken.stdout)).toMatchObject({ ok: false, brokenAt: 2 })
  })

  it('[IDENT-12][RUN-5] erases the patient of a cancelled booking while the server runs, with its key ring', async () => {
    const adminKey = await makeTerritory(data.folder)
    const server = await startProgram(data.folder)
    try {
      const { practitionerId, siteId, regulatorKey } = await makeGpOver(server.url, adminKey)
      const [byAdmin, byRegulator] = [adminKey, regulatorKey].map((key) => httpCaller(server.url, key))
      const slot = await byAdmin!.post('/slots', {
        practitionerId,
        siteId,
        start: inMinutes(60),
        end: inMinutes(75),
      })
      const body = {
        slotId: slot.body.id,
        patient: { family: 'Fictive', given: 'Alix', birthDate: '1980-02-29', phone: '+33639980001' },
        motive: { code: 'fever' },
        regulationRef: 'DRM-0001',
        requestedDelay: 'same_day',
        operator: { id: 'op-1', name: 'Opérateur Un' },
      }
      const booking = await byRegulator!.post('/bookings', body, 'booking-key')
      expect(booking.status, booking.text).toBe(201)
      const id = String(booking.body.id)
      const erase = (keyRing?: string) =>
        adminWith(data.folder, keyRing === undefined ? {} : { KEY_RING: keyRing }, 'erase', '92', id)
      expect(await erase(KEY_RING)).toMatchObject({ code: 1, stdout: '' })
      expect((await byRegulator!.get(`/bookings/${id}`)).body.patient).toMatchObject({ family: 'Fictive' })
      await byRegulator!.post(`/bookings/${id}/cancel`, { reason: 'patient' })
      const without = await erase()
      expect(without.code).toBe(1)
      expect(without.stderr).toContain('KEY_RING')
      expect((await erase('{}')).code).toBe(1)
      expect((await byRegulator!.get(`/bookings/${id}`)).body).toHaveProperty('patient')
      const done = await erase(KEY_RING)
      expect(done.code, done.stderr).toBe(0)
      expect(JSON.parse(done.stdout)).toEqual({ booking: id, erased: true, version: 3 })
      expect((await byRegulator!.get(`/bookings/${id}`)).body).not.toHaveProperty('patient')
      expect(await byRegulator!.post('/bookings', body, 'booking-key')).toMatchObject({
        status: 410,
        body: { code: 'erased' },
      })
      expect((await erase(KEY_RING)).code).toBe(1)
      for (const args of [
        ['erase', '92'],
        ['erase', '92', 'slot_x'],
        ['erase', '92', id, '--requested-by', 'x'],
      ])
        expect((await adminWith(data.folder, { KEY_RING }, ...args)).code).toBe(2)
    } finally {
      await server.end('SIGTERM')
    }
  })

  it('[IDENT-16][RUN-6] turns the key ring: a fresh current key, the older ones and the index kept', async () => {
    interface Ring {
      readonly current: string
      readonly keys: Record<string, string>
      readonly index: string
    }
    const turn = async (ring: string) => {
      const { code, stdout } = await adminWith(data.folder, { KEY_RING: ring }, 'rotate-key-ring')
      expect(code).toBe(0)
      return JSON.parse(stdout) as Ring
    }
    const first = JSON.parse(KEY_RING) as Ring
    const second = await turn(KEY_RING)
    expect(second).toMatchObject({ current: 'k2', index: first.index, keys: first.keys })
    expect(second.keys.k2).not.toBe(first.keys.k1)
    expect(Buffer.from(second.keys.k2!, 'base64')).toHaveLength(32)
    const third = await turn(JSON.stringify({ ...second, keys: { k2: second.keys.k2 } }))
    expect(Object.keys(third.keys)).toEqual(['k2', 'k3'])
    expect(third).toMatchObject({ current: 'k3', index: first.index })
    const without = await admin(data.folder, 'rotate-key-ring')
    expect(without).toMatchObject({ code: 1, stdout: '' })
    const bad = await adminWith(data.folder, { KEY_RING: '{"current":"k1"}' }, 'rotate-key-ring')
    expect(bad).toMatchObject({ code: 1, stdout: '' })
  })

  it('[RUN-6] what it does not understand ends with 2 and the help, help with 0', async () => {
    for (const args of [
      [],
      ['nonsense'],
      ['territory', 'create', '20', '--name', 'x'],
      ['key', 'list', '--nope'],
    ]) {
      const ended = await admin(data.folder, ...args)
      expect(ended.code).toBe(2)
      expect(ended.stderr).toContain('npm run admin')
    }
    expect(await admin(data.folder, 'help')).toMatchObject({ code: 0 })
    expect((await admin(data.folder, 'key', 'list', '93')).code).toBe(1)
  })
})
