import BetterSqlite3 from 'better-sqlite3'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { admin, dataFolder, makeTerritory } from '../support/program.ts'

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
