import { fileURLToPath } from 'node:url'
import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import { beforeAll, describe, expect, it, vi } from 'vitest'

// The first look at a file loads ESLint's parser, and with types the whole project.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const root = fileURLToPath(new URL('..', import.meta.url))

/** Text is linted as if it were that file; without types, as most of the files named here do not exist. */
const plain = new ESLint({
  cwd: root,
  overrideConfig: [
    { files: ['**/*.ts', '**/*.tsx'], ...tseslint.configs.disableTypeChecked },
    { languageOptions: { parserOptions: { projectService: false, program: null, project: false } } },
  ],
})
const typed = new ESLint({ cwd: root })

const lint = async (eslint: ESLint, filePath: string, text: string) => {
  const [result] = await eslint.lintText(`${text}\n`, { filePath: `${root}${filePath}` })
  return (result?.messages ?? []).map(({ ruleId, message, line }) => ({ rule: ruleId ?? message, line }))
}

const reports = async (eslint: ESLint, filePath: string, text: string) =>
  (await lint(eslint, filePath, text)).map(({ rule }) => rule)

/** Each statement with what is reported of it, linted as lines of one file. */
const reportsByLine = async (filePath: string, statements: readonly string[]) => {
  const found = await lint(plain, filePath, statements.join('\n'))
  return statements.map((statement, i) => [
    statement,
    found.filter(({ line }) => line === i + 1).map(({ rule }) => rule),
  ])
}

const eachWith = (statements: readonly string[], rules: readonly string[]) =>
  statements.map((statement) => [statement, [...rules]])

const IMPORTS = '@typescript-eslint/no-restricted-imports'
const SYNTAX = 'no-restricted-syntax'
const GLOBALS = 'no-restricted-globals'
const OWN_TABLES = 'udj/own-tables-only'

/** One row of the table of docs/adr/0002: `types` are refused as values and welcome as types. */
interface Row {
  readonly file: string
  readonly may: readonly string[]
  readonly types?: readonly string[]
  readonly never: readonly string[]
}

const NOBODY = [
  'better-sqlite3',
  'node:fs',
  'node:child_process',
  'fs',
  'cloudflare:workers',
  'pino',
  'lodash',
  '../platform/node/database.ts',
  '../../seed/demo.ts',
]

const ROWS: Readonly<Record<string, Row>> = {
  kernel: {
    file: 'src/kernel/calendar.ts',
    may: ['./time.ts'],
    never: [
      'luxon',
      'rrule',
      'ical.js',
      'typeid-js',
      'uuid',
      'node:crypto',
      'drizzle-orm',
      'hono',
      'zod',
      '../slots/rules.ts',
      '../db/db.ts',
      '../edge/http.ts',
    ],
  },
  'kernel, the one file with luxon': {
    file: 'src/kernel/civil.ts',
    may: ['luxon', './time.ts'],
    never: ['rrule', 'node:crypto'],
  },
  'kernel, the one file with rrule': {
    file: 'src/kernel/recurrence.ts',
    may: ['rrule', './civil.ts'],
    never: ['luxon', 'uuid'],
  },
  'kernel, the one file with ical.js': {
    file: 'src/kernel/ical-components.ts',
    may: ['ical.js', './civil.ts', './ical-rule.ts'],
    never: ['luxon', 'rrule'],
  },
  'kernel, the one file with ids': {
    file: 'src/kernel/ids.ts',
    may: ['typeid-js', 'uuid'],
    never: ['luxon', 'node:crypto'],
  },
  'kernel, the one file with ciphers': {
    file: 'src/kernel/sealing.ts',
    may: ['node:crypto', './ctx.ts'],
    never: ['uuid', 'rrule'],
  },
  vocabulary: {
    file: 'src/slots/vocabulary.ts',
    may: ['../kernel/time.ts'],
    never: ['zod', 'drizzle-orm', '../bookings/vocabulary.ts', './tables.ts', '../db/columns.ts'],
  },
  tables: {
    file: 'src/bookings/tables.ts',
    may: [
      'drizzle-orm',
      'drizzle-orm/sqlite-core',
      '../db/columns.ts',
      '../slots/tables.ts',
      './vocabulary.ts',
      '../slots/offer-columns.ts',
    ],
    types: ['../kernel/ctx.ts'],
    never: ['./rules.ts', './store.ts', '../db/db.ts', 'zod', 'hono', 'drizzle-orm/better-sqlite3'],
  },
  rules: {
    file: 'src/slots/series/rules.ts',
    may: [
      '../../kernel/time.ts',
      '../rules.ts',
      '../../members/rules.ts',
      '../vocabulary.ts',
      '../solver/model.ts',
      'node:crypto',
    ],
    types: ['./tables.ts', '../tables.ts'],
    never: [
      'drizzle-orm',
      'hono',
      'zod',
      '@hono/zod-openapi',
      './store.ts',
      './actions.ts',
      '../../members/tables.ts',
      '../../db/db.ts',
      '../../edge/schemas.ts',
    ],
  },
  store: {
    file: 'src/bookings/availability/store.ts',
    may: [
      'drizzle-orm',
      '../../db/db.ts',
      '../../db/columns.ts',
      '../tables.ts',
      '../../slots/tables.ts',
      '../../slots/vocabulary.ts',
      '../../kernel/time.ts',
    ],
    never: [
      'hono',
      'zod',
      './rules.ts',
      '../store.ts',
      '../../slots/store.ts',
      '../../slots/actions.ts',
      './actions.ts',
      '../../db/territory.ts',
      '../../edge/paging.ts',
    ],
  },
  actions: {
    file: 'src/bookings/actions.ts',
    may: [
      './rules.ts',
      './store.ts',
      '../kernel/refusal.ts',
      '../slots/actions.ts',
      '../slots/rules.ts',
      './seats/actions.ts',
      '../slots/vocabulary.ts',
      './solver/generate.ts',
    ],
    types: ['../db/db.ts', '../db/territory.ts'],
    never: [
      'hono',
      'zod',
      'drizzle-orm',
      './tables.ts',
      './seats/store.ts',
      '../slots/store.ts',
      './contract.ts',
      './routes.ts',
      '../edge/http.ts',
    ],
  },
  contract: {
    file: 'src/bookings/contract.ts',
    may: [
      '@hono/zod-openapi',
      '../edge/operation.ts',
      '../edge/schemas.ts',
      '../slots/contract.ts',
      './vocabulary.ts',
      '../kernel/ctx.ts',
    ],
    never: [
      'zod',
      'hono',
      './store.ts',
      './actions.ts',
      './tables.ts',
      './rules.ts',
      '../db/db.ts',
      '../edge/http.ts',
    ],
  },
  routes: {
    file: 'src/bookings/routes.ts',
    may: [
      './actions.ts',
      './contract.ts',
      '../slots/routes.ts',
      './availability/routes.ts',
      '../edge/http.ts',
      '../edge/paging.ts',
      '../kernel/civil.ts',
      './vocabulary.ts',
    ],
    types: ['../db/db.ts', './availability/actions.ts'],
    never: [
      'drizzle-orm',
      'hono',
      './store.ts',
      './tables.ts',
      './rules.ts',
      '../slots/actions.ts',
      '../slots/contract.ts',
      '../edge/answers.ts',
      '../edge/tables.ts',
    ],
  },
  ui: {
    file: 'src/ui/pages/regulator/search.tsx',
    may: [
      'hono/jsx',
      '../../../slots/actions.ts',
      '../../../edge/http.ts',
      '../../../kernel/civil.ts',
      '../../layout.tsx',
      '../../../slots/vocabulary.ts',
    ],
    types: ['../../../db/db.ts'],
    never: [
      'drizzle-orm',
      'zod',
      '../../../slots/store.ts',
      '../../../slots/tables.ts',
      '../../../slots/rules.ts',
      '../../../edge/answers.ts',
    ],
  },
  db: {
    file: 'src/db/migrate.ts',
    may: ['drizzle-orm', './db.ts', '../kernel/ctx.ts', 'node:crypto'],
    never: ['hono', 'zod', '../slots/tables.ts', '../edge/http.ts', 'drizzle-orm/better-sqlite3'],
  },
  'the list of all tables': {
    file: 'src/db/tables.ts',
    may: ['../slots/tables.ts', '../edge/tables.ts'],
    never: ['../slots/store.ts', './db.ts'],
  },
  edge: {
    file: 'src/edge/http.ts',
    may: [
      'hono',
      'hono/body-limit',
      '@hono/zod-openapi',
      './answers.ts',
      '../db/territory.ts',
      '../access/actions.ts',
      '../kernel/time.ts',
    ],
    never: ['drizzle-orm', '../slots/actions.ts', '../access/store.ts', '../access/rules.ts'],
  },
  'edge, idempotency': {
    file: 'src/edge/answers.ts',
    may: ['drizzle-orm', './tables.ts', '../db/db.ts', '../kernel/sealing.ts'],
    never: ['hono', './http.ts', '../access/actions.ts', '../slots/tables.ts'],
  },
  'edge, its table': {
    file: 'src/edge/tables.ts',
    may: ['drizzle-orm/sqlite-core', '../db/columns.ts'],
    types: ['../kernel/time.ts'],
    never: ['./http.ts', '../slots/tables.ts'],
  },
  directory: {
    file: 'src/directory/directory.ts',
    may: ['drizzle-orm', '../db/db.ts', '../db/migrate.ts', './tables.ts'],
    never: [
      'hono',
      'zod',
      '../members/tables.ts',
      '../members/actions.ts',
      '../edge/platform.ts',
      '../db/territory.ts',
    ],
  },
  app: {
    file: 'src/app.ts',
    may: ['hono/secure-headers', './slots/routes.ts', './edge/http.ts'],
    never: ['drizzle-orm', './slots/actions.ts', './slots/store.ts', './edge/answers.ts'],
  },
  tick: {
    file: 'src/tick.ts',
    may: ['./db/territory.ts', './edge/answers.ts', './slots/series/actions.ts', './kernel/time.ts'],
    types: ['./db/db.ts', './edge/platform.ts'],
    never: ['hono', 'drizzle-orm', './slots/store.ts', './slots/routes.ts', './edge/http.ts'],
  },
}

/** A banned call: where, what is reported, what may stand in its place. */
interface Ban {
  readonly where?: string
  readonly bad: string
  readonly good: string
  readonly rule?: string
}

const BANS: Readonly<Record<string, Ban>> = {
  'new Date()': { bad: 'export const x = new Date()', good: 'export const x = new Date(0)' },
  'Date()': { bad: 'export const x = Date()', good: 'export const x = Date.UTC(2026, 0)' },
  'Date.now()': { bad: 'export const x = Date.now()', good: 'export const x = Date.parse("2026-01-01")' },
  'Date.now, kept for later': {
    bad: 'export const clock = Date.now',
    good: 'export const parse = Date.parse',
  },
  'performance.now()': {
    bad: 'export const x = performance.now()',
    good: 'export const x = performance.timeOrigin',
  },
  'DateTime.now': {
    bad: 'export const f = (DateTime: never) => DateTime.now()',
    good: 'export const f = (DateTime: never) => DateTime.fromMillis(0)',
  },
  'DateTime.local': {
    bad: 'export const f = (DateTime: never) => DateTime.local()',
    good: 'export const f = (DateTime: never) => DateTime.utc(2026)',
  },
  'DateTime.fromISO': {
    bad: 'export const f = (DateTime: never) => DateTime.fromISO("2026")',
    good: 'export const f = (X: never) => X.fromISO("2026")',
  },
  'DateTime.fromObject': {
    bad: 'export const f = (DateTime: never) => DateTime.fromObject({})',
    good: 'export const f = (X: never) => X.fromObject({})',
  },
  'Math.random': { bad: 'export const x = Math.random()', good: 'export const x = Math.max(1, 2)' },
  '.transaction(': {
    bad: 'export const f = (db: never) => db.transaction(() => 1)',
    good: 'export const f = (transaction: never) => transaction(() => 1)',
  },
  '.transaction( of a database held by a class': {
    bad: 'export const f = (self: never) => self.db.transaction(() => 1)',
    good: 'export class X {\n  f = () => this.transaction(() => 1)\n}',
  },
  'z.coerce': {
    bad: 'export const f = (z: never) => z.coerce.number()',
    good: 'export const f = (z: never) => z.number()',
  },
  'rrule’s own reader of text': {
    bad: 'export const f = (lib: never) => lib.rrulestr("")',
    good: 'export const f = (lib: never) => lib.parseRule("")',
  },
  '.run().changes': {
    bad: 'export const f = (q: never) => q.run().changes',
    good: 'export const f = (q: never) => q.returning().changes',
  },
  '{ changes } of .run()': {
    bad: 'export const f = (q: never) => {\n  const { changes } = q.run()\n  return changes\n}',
    good: 'export const f = (q: never) => {\n  const { changes } = q.all()\n  return changes\n}',
  },
  'an async callback of commit': {
    bad: 'export const f = (t: never) => t.commit(async () => 1)',
    good: 'export const f = (t: never) => t.commit(() => 1)',
  },
  'an async callback of read': {
    bad: 'export const f = (t: never) => t.read(async () => 1)',
    good: 'export const f = async (t: never) => t.read(() => 1)',
  },
  'an async callback of savepoint': {
    bad: 'export const f = (t: never) => t.savepoint(async function () { return 1 })',
    good: 'export const f = (t: never) => t.savepoint(() => 1)',
  },
  'an async callback of a commit taken apart': {
    bad: 'export const f = (commit: never) => commit(async () => 1)',
    good: 'export const f = (other: never) => other(async () => 1)',
  },
  'a dynamic import': {
    bad: 'export const f = () => import("./store.ts")',
    good: 'export const f = () => "./store.ts"',
  },
  'the environment': {
    bad: 'export const x = process.env.PORT',
    good: 'export const x = (process: never) => process.env',
    rule: GLOBALS,
  },
  'chance of the machine': {
    bad: 'export const x = crypto.randomUUID()',
    good: 'export const x = (crypto: never) => crypto.randomUUID()',
    rule: GLOBALS,
  },
  'chance of node:crypto': {
    where: 'src/access/rules.ts',
    bad: "import { randomBytes } from 'node:crypto'\nexport const f = randomBytes",
    good: "import { createHash } from 'node:crypto'\nexport const f = createHash",
    rule: IMPORTS,
  },
  printing: {
    bad: 'console.log(1)',
    good: 'export const f = (log: never) => log.info(1)',
    rule: 'no-console',
  },
  'writing another feature’s table': {
    where: 'src/slots/store.ts',
    bad: "import { bookings } from '../bookings/tables.ts'\nexport const f = (db: never) => db.delete(bookings)",
    good: "import { bookings } from '../bookings/tables.ts'\nexport const f = (db: never) => db.select().from(bookings)",
    rule: OWN_TABLES,
  },
  'writing another feature’s table from a sub-feature': {
    where: 'src/bookings/seats/store.ts',
    bad: "import { slots } from '../../slots/tables.ts'\nexport const f = (db: never) => db.update(slots)",
    good: "import { bookings } from '../tables.ts'\nexport const f = (db: never) => db.update(bookings)",
    rule: OWN_TABLES,
  },
  'writing another feature’s table from a part of a sub-feature': {
    where: 'src/gardes/rotas/generation/store.ts',
    bad: "import { slots } from '../../../slots/tables.ts'\nexport const f = (db: never) => db.update(slots)",
    good: "import { rotas } from '../tables.ts'\nexport const f = (db: never) => db.update(rotas)",
    rule: OWN_TABLES,
  },
  'writing by a namespace': {
    where: 'src/slots/store.ts',
    bad: "import * as theirs from '../bookings/tables.ts'\nexport const f = (db: never) => db.insert(theirs.bookings)",
    good: "import * as ours from './tables.ts'\nexport const f = (db: never) => db.insert(ours.slots)",
    rule: OWN_TABLES,
  },
  'a time in seed': {
    where: 'seed/demo.ts',
    bad: 'export const x = Date.now()',
    good: 'export const f = (now: number) => now',
  },
  'chance in a test': {
    where: 'test/x.test.ts',
    bad: 'export const x = Math.random()',
    good: 'export const x = Date.now()',
  },
  'it.only': { where: 'test/x.test.ts', bad: 'it.only("x", () => 1)', good: 'it("x", () => 1)' },
  'describe.skip': {
    where: 'src/kernel/x.test.ts',
    bad: 'describe.skip("x", () => 1)',
    good: 'describe("x", () => 1)',
  },
  'it.todo': { where: 'test/contract/x.suite.ts', bad: 'it.todo("x")', good: 'it.each([1])("x", () => 1)' },
  'it.concurrent.only': {
    where: 'test/x.test.ts',
    bad: 'it.concurrent.only("x", () => 1)',
    good: 'it.concurrent("x", () => 1)',
  },
  'it.skipIf': {
    where: 'test/x.test.ts',
    bad: 'it.skipIf(true)("x", () => 1)',
    good: 'it("x", { timeout: 1 }, () => 1)',
  },
  '{ skip: true }': {
    where: 'test/x.test.ts',
    bad: 'it("x", { skip: true }, () => 1)',
    good: 'it("x", { skip: false }, () => 1)',
  },
}

/** Rules that need types; linted as a file that exists, with other text. */
const TYPED: Readonly<Record<string, { bad: string; good: string; rule: string }>> = {
  'a promise that nobody waits for': {
    bad: 'export const f = (go: () => Promise<void>) => {\n  go()\n}',
    good: 'export const f = async (go: () => Promise<void>) => {\n  await go()\n}',
    rule: '@typescript-eslint/no-floating-promises',
  },
  'throwing what is no error': {
    bad: "export const f = () => {\n  throw 'x'\n}",
    good: "export const f = () => {\n  throw new Error('x')\n}",
    rule: '@typescript-eslint/only-throw-error',
  },
  'a type imported as a value': {
    bad: "import { Instant } from './time.ts'\nexport const f = (at: Instant) => at",
    good: "import type { Instant } from './time.ts'\nexport const f = (at: Instant) => at",
    rule: '@typescript-eslint/consistent-type-imports',
  },
  'a name never used': {
    bad: 'const unused = 1\nexport const used = 2',
    good: 'const kept = 1\nexport const used = kept',
    rule: '@typescript-eslint/no-unused-vars',
  },
}

describe('the import table', () => {
  for (const [role, row] of Object.entries(ROWS)) {
    it(`[ARCH-1] ${role}: what is in its row passes, all else is reported`, async () => {
      const values = (names: readonly string[]) => names.map((from) => `export { x } from '${from}'`)
      const types = (row.types ?? []).map((from) => `export type { X } from '${from}'`)
      const welcome = [...values(row.may), ...types]
      const refused = values([...row.never, ...NOBODY, ...(row.types ?? [])])
      expect(await reportsByLine(row.file, welcome)).toEqual(eachWith(welcome, []))
      expect(await reportsByLine(row.file, refused)).toEqual(eachWith(refused, [IMPORTS]))
    })
  }

  it('[ARCH-1] every form of import is seen', async () => {
    for (const text of [
      "import x from 'pino'\nexport const y = x",
      "import * as x from 'pino'\nexport const y = x",
      "import { x } from 'pino'\nexport const y = x",
      "import type { X } from 'pino'\nexport type Y = X",
      "import 'pino'",
      "export * from 'pino'",
      "export type { X } from 'pino'",
    ])
      expect([text, await reports(plain, 'src/slots/rules.ts', text)]).toEqual([text, [IMPORTS]])
  })

  it('[ARCH-2] a file name without a role is refused in a feature, and below src', async () => {
    for (const file of [
      'src/slots/utils.ts',
      'src/slots/series/helpers.ts',
      'src/common.ts',
      'src/slots/x.tsx',
    ])
      expect([file, await reports(plain, file, 'export const x = 1')]).toEqual([file, [SYNTAX]])
    for (const file of [
      'src/slots/rules.ts',
      'src/slots/series/vocabulary.ts',
      'src/kernel/x.ts',
      'src/slots/x.test.ts',
    ])
      expect([file, await reports(plain, file, 'export const x = 1')]).toEqual([file, []])
  })
})

describe('banned calls', () => {
  for (const [name, { where = 'src/slots/actions.ts', bad, good, rule = SYNTAX }] of Object.entries(BANS)) {
    it(`[ARCH-3] ${name}`, async () => {
      expect(await reports(plain, where, bad)).toEqual([rule])
      expect(await reports(plain, where, good)).toEqual([])
    })
  }

  it('[ARCH-4] only the platform knows the clock, the environment and the driver', async () => {
    const machine = [
      'export const now = Date.now()',
      'export const port = process.env.PORT',
      "export { x } from 'better-sqlite3'",
      "export { x } from 'node:fs'",
      'export const f = (db: never) => db.transaction(() => 1)',
    ]
    const folders = [
      'kernel/geo.ts',
      'db/db.ts',
      'edge/http.ts',
      'slots/actions.ts',
      'ui/layout.tsx',
      'app.ts',
      'tick.ts',
    ]
    for (const text of machine) {
      expect([text, await reports(plain, 'src/platform/node/database.ts', text)]).toEqual([text, []])
      for (const folder of folders)
        expect([text, folder, (await reports(plain, `src/${folder}`, text)).length]).toEqual([
          text,
          folder,
          1,
        ])
    }
  })
})

describe('rules that need types', () => {
  beforeAll(() => reports(typed, 'src/kernel/geo.ts', ''))

  for (const [name, { bad, good, rule }] of Object.entries(TYPED)) {
    it(`[ARCH-5] ${name}`, async () => {
      expect(await reports(typed, 'src/kernel/geo.ts', bad)).toEqual([rule])
      expect(await reports(typed, 'src/kernel/geo.ts', good)).toEqual([])
    })
  }
})
