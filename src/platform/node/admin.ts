import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { createKey, listKeys } from '../../access/actions.ts'
import { eraseBookingPatient } from '../../bookings/erasure/actions.ts'
import { ERASURE_REQUESTERS } from '../../bookings/erasure/vocabulary.ts'
import type { Ctx } from '../../db/db.ts'
import { ctxOf } from '../../db/territory.ts'
import { eraseAnswers } from '../../edge/erasure.ts'
import { CHAIN_START, verifyNext } from '../../events/actions.ts'
import { formatInstant, zoneOfTerritory } from '../../kernel/civil.ts'
import { ROLES, type Actor, type KeyRing, type TerritoryInfo } from '../../kernel/ctx.ts'
import { idPattern } from '../../kernel/ids.ts'
import { Refused } from '../../kernel/refusal.ts'
import { createTerritory, DEFAULT_RATE, loadCommunes } from '../../members/actions.ts'
import { newKeyRing, parseKeyRing, turnedKeyRing } from '../shared/key-ring.ts'
import { parseConfig, type Config } from './config.ts'
import { openDatabase } from './database.ts'
import { systemSources } from './server.ts'
import { databaseFile, territoryOver } from './territories.ts'

const HELP = `npm run admin -- COMMAND

  key-ring                             print a new key ring, to be kept as KEY_RING
  rotate-key-ring                      print KEY_RING with a fresh current key; the older keys still open, and
                                       the server seals again what they sealed, until they can be taken out
  territory create CODE --name NAME [--communes FILE.csv]
                                       make a territory and its first admin key
  territory list                       the territories of DATA_DIR
  communes load CODE FILE.csv          add or correct communes
                                       (columns insee,name,postal_code,population,lat,lon)
  key create CODE --role ROLE --label TEXT [--community ID]… [--practitioner ID]
                                       make a key; it is printed this once
  key list CODE                        keys, without their secrets
  audit verify CODE                    follow the hash chain of events
  erase CODE BOOKING_ID [--requested-by patient|guardian]
                                       erase the patient of a booking that is over or cancelled, at once
                                       (needs the server's KEY_RING, to seal what replaces stored answers)
  help                                 this text

DATA_DIR says where the territories are (default ./data).
Exit codes: 0 done, 1 refused or failed, 2 not understood.
`

const DONE = 0
const FAILED = 1
const NOT_UNDERSTOOD = 2

const CLI: Actor = { kind: 'system', name: 'cli' }

/** Most commands seal nothing: an empty ring makes sure of it. */
const NO_RING: KeyRing = { current: '', secrets: new Map(), index: new Uint8Array() }

class Usage extends Error {}

const print = (line: string) => process.stdout.write(`${line}\n`)

const CommuneLine = z.tuple([
  z.string().regex(/^(?:\d{5}|2[AB]\d{3})$/),
  z.string().min(1),
  z.string().regex(/^\d{5}$/),
  z.string().regex(/^\d+$/).transform(Number),
  z.string().transform(Number).pipe(z.number().min(-90).max(90)),
  z.string().transform(Number).pipe(z.number().min(-180).max(180)),
])

const COMMUNE_HEADER = 'insee,name,postal_code,population,lat,lon'

const readCommunes = (file: string) => {
  const [header, ...lines] = readFileSync(file, 'utf8')
    .replace(/^\uFEFF/, '')
    .trim()
    .split(/\r?\n/)
  if (header !== COMMUNE_HEADER) throw new Usage(`the first line of ${file} is not ${COMMUNE_HEADER}`)
  return lines.map((line, i) => {
    const parsed = CommuneLine.safeParse(line.split(','))
    if (!parsed.success) throw new Usage(`${file}, line ${i + 2}: not a commune`)
    const [insee, name, postalCode, population, lat, lon] = parsed.data
    return { insee, name, postalCode, population, lat, lon }
  })
}

const fileOf = (dataDir: string, code: string): string => {
  if (zoneOfTerritory(code) === undefined) throw new Usage(`${code} is not the code of a département`)
  return databaseFile(dataDir, code)
}

/** Runs `fn` on a territory that exists, in one transaction; a server may be serving it meanwhile. */
const inTerritory = async <T>(
  dataDir: string,
  code: string | undefined,
  fn: (ctx: Ctx) => T,
  keyRing: KeyRing = NO_RING,
): Promise<T> => {
  if (code === undefined) throw new Usage('which territory?')
  const file = fileOf(dataDir, code)
  if (!existsSync(file)) throw new Error(`there is no territory ${code} in ${dataDir}`)
  const database = openDatabase(file)
  try {
    const territory = territoryOver(database)
    if (!territory) throw new Error(`${file} holds no territory`)
    return await territory.commit<T>(
      ({ db }) => fn(ctxOf({ sources: systemSources, keyRing }, territory.info, CLI, db)) as never,
    )
  } finally {
    database.close()
  }
}

const createTerritoryFile = (
  dataDir: string,
  code: string | undefined,
  name: string | undefined,
  communes?: string,
) => {
  if (code === undefined || name === undefined) throw new Usage('a territory has a code and a --name')
  const file = fileOf(dataDir, code)
  const zone = zoneOfTerritory(code)
  if (zone === undefined) throw new Usage(`${code} is not the code of a département`)
  const rows = communes === undefined ? [] : readCommunes(communes)
  if (existsSync(file)) throw new Error(`territory ${code} exists`)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const database = openDatabase(file)
  try {
    const info: TerritoryInfo = { code, name, zone, rate: DEFAULT_RATE }
    const key = database.transaction(() => {
      const ctx = ctxOf({ sources: systemSources, keyRing: NO_RING }, info, CLI, database.db)
      createTerritory(ctx, info)
      if (rows.length > 0) loadCommunes(ctx, rows)
      return createKey(ctx, { role: 'admin', label: 'première clé' })
    })
    print(JSON.stringify({ territory: code, zone, communes: rows.length, ...key }))
  } finally {
    database.close()
  }
}

const verify = async (dataDir: string, code: string | undefined): Promise<number> => {
  let state = { ...CHAIN_START, done: false }
  while (!state.done) state = await inTerritory(dataDir, code, ({ db }) => verifyNext(db, state))
  const { count, head, brokenAt } = state
  print(
    JSON.stringify({
      ok: brokenAt === undefined,
      count,
      head,
      ...(brokenAt === undefined ? {} : { brokenAt }),
    }),
  )
  return brokenAt === undefined ? DONE : FAILED
}

const keyRingText = (keyRing: string | undefined): string => {
  if (keyRing === undefined) throw new Error('this command needs KEY_RING, the one that the server runs with')
  return keyRing
}

const erase = async (
  { dataDir, keyRing }: Config,
  code: string | undefined,
  bookingId: string | undefined,
  requested = 'patient',
): Promise<number> => {
  const requestedBy = ERASURE_REQUESTERS.find((one) => one === requested)
  if (!requestedBy) throw new Usage(`--requested-by is one of: ${ERASURE_REQUESTERS.join(', ')}`)
  if (bookingId === undefined || !idPattern('booking').test(bookingId))
    throw new Usage('which booking? Its id begins with book_')
  const ring = parseKeyRing(keyRingText(keyRing))
  const version = await inTerritory(
    dataDir,
    code,
    (ctx) => eraseBookingPatient(ctx, bookingId, requestedBy, eraseAnswers).row.version,
    ring,
  )
  print(JSON.stringify({ booking: bookingId, erased: true, version }))
  return DONE
}

const run = async (args: string[]): Promise<number> => {
  const config = parseConfig(process.env)
  const { dataDir } = config
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      communes: { type: 'string' },
      role: { type: 'string' },
      label: { type: 'string' },
      community: { type: 'string', multiple: true },
      practitioner: { type: 'string' },
      'requested-by': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [subject, verb, code, file] = positionals
  const command =
    subject === 'erase' ? subject : [subject, verb].filter((word) => word !== undefined).join(' ')
  switch (values.help ? 'help' : command) {
    case 'help':
      process.stdout.write(HELP)
      return DONE
    case 'key-ring':
      print(newKeyRing(systemSources.random))
      return DONE
    case 'rotate-key-ring':
      print(turnedKeyRing(keyRingText(config.keyRing), systemSources.random))
      return DONE
    case 'erase':
      return erase(config, verb, code, values['requested-by'])
    case 'territory create':
      createTerritoryFile(dataDir, code, values.name, values.communes)
      return DONE
    case 'territory list':
      for (const name of existsSync(dataDir) ? readdirSync(dataDir).sort() : [])
        if (/^[0-9AB]{2,3}\.sqlite$/.test(name)) print(name.replace('.sqlite', ''))
      return DONE
    case 'communes load': {
      if (file === undefined) throw new Usage('which file?')
      const rows = readCommunes(file)
      await inTerritory(dataDir, code, (ctx) => loadCommunes(ctx, rows))
      print(JSON.stringify({ communes: rows.length }))
      return DONE
    }
    case 'key create': {
      const role = ROLES.find((one) => one === values.role)
      const { label } = values
      if (!role || label === undefined)
        throw new Usage(`a key has a --label and a --role: ${ROLES.join(', ')}`)
      const made = await inTerritory(dataDir, code, (ctx) =>
        createKey(ctx, { role, label, communityIds: values.community, practitionerId: values.practitioner }),
      )
      print(JSON.stringify(made))
      return DONE
    }
    case 'key list': {
      let after: string | undefined
      do {
        const page = await inTerritory(dataDir, code, (ctx) =>
          listKeys(ctx, after, 200).map((key) => ({
            id: key.id,
            role: key.role,
            label: key.label,
            createdAt: formatInstant(key.createdAt, ctx.territory.zone),
            isRevoked: key.revokedAt !== null,
          })),
        )
        page.slice(0, 200).forEach((key) => print(JSON.stringify(key)))
        after = page.length > 200 ? page[199]?.id : undefined
      } while (after !== undefined)
      return DONE
    }
    case 'audit verify':
      return verify(dataDir, code)
    default:
      throw new Usage(positionals.length === 0 ? 'no command' : `unknown command: ${positionals.join(' ')}`)
  }
}

const isUsage = (error: unknown) =>
  error instanceof Usage ||
  (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))

// What it stores is its owner's alone.
process.umask(0o077)

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const message =
      error instanceof Refused ? error.refusal.detail : error instanceof Error ? error.message : 'failed'
    process.stderr.write(`${message}\n`)
    if (isUsage(error)) process.stderr.write(`\n${HELP}`)
    process.exitCode = isUsage(error) ? NOT_UNDERSTOOD : FAILED
  },
)
