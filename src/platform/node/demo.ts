import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEMO_TERRITORY, seedDemo, type DemoKeys } from '../../../seed/demo.ts'
import { ctxOf } from '../../db/territory.ts'
import type { KeyRing } from '../../kernel/ctx.ts'
import { createTerritory } from '../../members/actions.ts'
import { newKeyRing, parseKeyRing } from '../shared/key-ring.ts'
import { parseConfig } from './config.ts'
import { openDatabase } from './database.ts'
import { startServer, systemSources } from './server.ts'
import { untilStopped } from './signals.ts'
import { databaseFile, territoryOver } from './territories.ts'

/** Files that hold secrets are the owner's alone. */
const OWNER_ONLY = 0o600

const writeSecret = (file: string, text: string) => {
  writeFileSync(file, text, { mode: OWNER_ONLY })
  // The mode above only applies to a file that was not there.
  chmodSync(file, OWNER_ONLY)
}

const demoKeyRing = (dataDir: string): KeyRing => {
  const file = join(dataDir, 'demo-key-ring.json')
  if (!existsSync(file)) writeSecret(file, newKeyRing(systemSources.random))
  return parseKeyRing(readFileSync(file, 'utf8'))
}

/** Seeds beside the final file and renames it last, its keys kept before, so that an interrupted start leaves nothing half done. */
const seedInto = async (dataDir: string, keyRing: KeyRing, keep: (keys: DemoKeys) => void): Promise<void> => {
  const unfinished = join(dataDir, 'seeding.sqlite')
  for (const suffix of ['', '-wal', '-shm']) rmSync(unfinished + suffix, { force: true })
  const database = openDatabase(unfinished)
  const world = { sources: systemSources, keyRing }
  database.transaction(() =>
    createTerritory(
      ctxOf(world, DEMO_TERRITORY, { kind: 'system', name: 'seed' }, database.db),
      DEMO_TERRITORY,
    ),
  )
  const territory = territoryOver(database)
  if (!territory) throw new Error('the demo territory was not made')
  keep(await seedDemo(territory, world))
  database.close()
  renameSync(unfinished, databaseFile(dataDir, DEMO_TERRITORY.code))
}

const main = async () => {
  // What it stores is its owner's alone.
  process.umask(0o077)
  const config = parseConfig({ LOG_LEVEL: 'warn', ...process.env })
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const keyRing = demoKeyRing(config.dataDir)
  const credentials = join(config.dataDir, 'demo-credentials.json')
  const { code } = DEMO_TERRITORY
  const writeCredentials = (keys: DemoKeys, baseUrl: string | null) =>
    writeSecret(credentials, `${JSON.stringify({ baseUrl, territory: code, keys }, null, 2)}\n`)
  if (!existsSync(databaseFile(config.dataDir, code)))
    await seedInto(config.dataDir, keyRing, (keys) => writeCredentials(keys, null))
  if (!existsSync(credentials))
    throw new Error(`${credentials} is missing: remove ${config.dataDir} to start the demo afresh`)
  const { keys } = JSON.parse(readFileSync(credentials, 'utf8')) as { keys: DemoKeys }
  const running = await startServer(config, keyRing)
  writeCredentials(keys, running.url)
  process.stdout.write(
    [
      `urgence-du-jour, demo of territory ${code}`,
      `  API            ${running.url}/${code}/v1`,
      `  documentation  ${running.url}/docs`,
      `  health         ${running.url}/readyz`,
      `  keys           ${credentials}`,
      '',
    ].join('\n'),
  )
  untilStopped(running)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed to start'}\n`)
  process.exit(1)
})
