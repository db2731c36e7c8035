import tseslint from 'typescript-eslint'

// --- Who may import whom -------------------------------------------------------------------------------------------
// The table of docs/adr/0002-file-roles-and-imports.md. Each role lists what it may import; all else is refused, so a
// new package or folder is refused everywhere until it is given a place here.

const UP = String.raw`(?:\./|(?:\.\./)+)`
const inFolder = (folder, name = String.raw`[\w-]+`) => String.raw`${UP}${folder}/${name}\.ts`
/** A file of a role in any feature or sub-feature, one's own included. */
const ofFeature = (name) =>
  String.raw`\.{1,2}/(?:\.\./)*(?!(?:kernel|db|edge|platform|ui)/)(?:[\w-]+/)*${name}\.ts`
const own = (name) => String.raw`\./${name}\.ts`
const ownOrBelow = (name) => String.raw`\./(?:[\w-]+/)*${name}\.ts`
const ownOrAbove = (name) => String.raw`\.{1,2}/${name}\.ts`

const KERNEL = inFolder('kernel')
const VOCABULARY = ofFeature('vocabulary')
const DRIZZLE = String.raw`drizzle-orm(?:/sqlite-core)?`
const EDGE = inFolder('edge', String.raw`(?!answers\.ts|tables\.ts)[\w-]+`)
const SOLVER = inFolder('solver')
const COLUMNS = String.raw`(?:[\w-]+-)?columns`

/** Every file below src/ has exactly one of these roles: the last whose globs match. `typesOf` may be imported as types only. */
const ROLES = {
  kernel: { files: ['src/kernel/*.ts'], may: [own(String.raw`[\w-]+`)] },
  'kernel/civil': { files: ['src/kernel/civil.ts'], may: [own(String.raw`[\w-]+`), 'luxon'] },
  'kernel/recurrence': { files: ['src/kernel/recurrence.ts'], may: [own(String.raw`[\w-]+`), 'rrule'] },
  'kernel/ical-components': {
    files: ['src/kernel/ical-components.ts'],
    may: [own(String.raw`[\w-]+`), 'ical.js'],
  },
  'kernel/ids': { files: ['src/kernel/ids.ts'], may: [own(String.raw`[\w-]+`), 'typeid-js', 'uuid'] },
  'kernel/sealing': {
    files: ['src/kernel/sealing.ts'],
    may: [own(String.raw`[\w-]+`), 'node:crypto', 'node:zlib'],
  },
  vocabulary: { files: ['src/*/**/vocabulary.ts'], may: [KERNEL] },
  tables: {
    files: ['src/*/**/tables.ts', 'src/*/**/*-columns.ts'],
    may: [DRIZZLE, inFolder('db', 'columns'), ofFeature('tables'), ofFeature(COLUMNS), VOCABULARY],
    typesOf: [KERNEL],
  },
  rules: {
    files: ['src/*/**/rules.ts'],
    may: [KERNEL, ofFeature('rules'), VOCABULARY, SOLVER, 'node:crypto'],
    typesOf: [ownOrAbove('tables')],
  },
  store: {
    files: ['src/*/**/store.ts'],
    may: [DRIZZLE, inFolder('db', '(?:db|columns)'), ofFeature('tables'), VOCABULARY, KERNEL],
  },
  actions: {
    files: ['src/*/**/actions.ts'],
    may: [KERNEL, own('store'), ofFeature('rules'), ofFeature('actions'), VOCABULARY, SOLVER],
    typesOf: [inFolder('db', '(?:db|territory)')],
  },
  contract: {
    files: ['src/*/**/contract.ts'],
    may: [
      '@hono/zod-openapi',
      inFolder('edge', '(?:operation|schemas)'),
      ofFeature('contract'),
      VOCABULARY,
      KERNEL,
    ],
  },
  routes: {
    files: ['src/*/**/routes.ts'],
    may: [own('actions'), own('contract'), ofFeature('routes'), VOCABULARY, EDGE, KERNEL],
    typesOf: [inFolder('db', 'db'), ownOrBelow('actions')],
  },
  ui: {
    files: ['src/ui/**/*.{ts,tsx}'],
    may: [
      String.raw`hono(?:/jsx(?:/[\w-]+)*)?`,
      String.raw`\.{1,2}/(?:[\w.-]+/)*[\w-]+\.tsx`,
      ofFeature('actions'),
      VOCABULARY,
      EDGE,
      KERNEL,
    ],
    typesOf: [inFolder('db', 'db')],
  },
  db: { files: ['src/db/*.ts'], may: [DRIZZLE, own('(?:db|columns)'), KERNEL, 'node:crypto'] },
  // A database of its own, beside the territories': schema, migrations and statements of two tables.
  directory: {
    files: ['src/directory/directory.ts'],
    may: [DRIZZLE, inFolder('db', '(?:db|migrate)'), own('tables')],
  },
  'db/tables': { files: ['src/db/tables.ts'], may: [ofFeature('tables'), inFolder('edge', 'tables')] },
  // Pure functions of a snapshot: no clock, no chance but a seed, no database.
  solver: { files: ['src/*/**/solver/*.ts'], may: [KERNEL, own(String.raw`[\w-]+`)] },
  edge: {
    files: ['src/edge/*.ts'],
    may: [
      String.raw`hono(?:/[\w-]+)?`,
      '@hono/zod-openapi',
      own(String.raw`[\w-]+`),
      inFolder('db', '(?:db|territory)'),
      inFolder('access', 'actions'),
      KERNEL,
    ],
  },
  'edge/answers': {
    files: ['src/edge/answers.ts'],
    may: [DRIZZLE, inFolder('db', 'db'), own('tables'), KERNEL],
  },
  'edge/tables': {
    files: ['src/edge/tables.ts'],
    may: [DRIZZLE, inFolder('db', 'columns')],
    typesOf: [KERNEL],
  },
  app: {
    files: ['src/app.ts'],
    may: [String.raw`hono(?:/[\w-]+)?`, '@hono/zod-openapi', ofFeature('routes'), EDGE, KERNEL],
  },
  tick: {
    files: ['src/tick.ts', 'src/outward.ts'],
    may: [
      inFolder('db', 'territory'),
      inFolder('edge', '(?:answers|erasure)'),
      ofFeature('actions'),
      own('outward'),
      KERNEL,
    ],
    typesOf: [inFolder('db', 'db'), inFolder('edge', 'platform')],
  },
}

const anyOf = (patterns) => `(?:${patterns.join('|')})`

const importRule = (role, { may, typesOf = [] }) => {
  const advice = `Not something that ${role} may import: docs/adr/0002-file-roles-and-imports.md.`
  return [
    'error',
    {
      paths: [
        {
          name: 'node:crypto',
          importNames: ['randomBytes', 'randomUUID', 'randomInt', 'webcrypto', 'getRandomValues', 'default'],
          message: 'Chance comes in by ctx.random and ctx.newId only.',
        },
      ],
      patterns: [
        { regex: `^(?!${anyOf([...may, ...typesOf])}$)`, message: advice },
        ...(typesOf.length === 0
          ? []
          : [
              {
                // Most paths that are open as types only are closed otherwise; one that `may` opens stays open.
                regex: `^(?!${anyOf(may)}$)${anyOf(typesOf)}$`,
                allowTypeImports: true,
                message: `Types only. ${advice}`,
              },
            ]),
      ],
    },
  ]
}

// --- What is never called ------------------------------------------------------------------------------------------

const TIME = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Time is ctx.now.' },
  { selector: 'CallExpression[callee.name="Date"]', message: 'Time is ctx.now.' },
  {
    selector: 'MemberExpression[object.name="Date"][property.name="now"]',
    message: 'Time is ctx.now; the clock itself lives in src/platform.',
  },
  {
    selector: 'MemberExpression[object.name="performance"][property.name="now"]',
    message: 'Stopwatches live in src/platform and bench.',
  },
]

const CHANCE = [
  {
    selector: 'MemberExpression[object.name="Math"][property.name="random"]',
    message: 'Chance is ctx.random or ctx.newId, and seeded in tests.',
  },
]

const TRAPS = [
  {
    selector: 'MemberExpression[object.name="DateTime"][property.name=/^(?:now|local|fromISO|fromObject)$/]',
    message: 'Depends on today or on the zone of the process: src/kernel/civil.ts converts.',
  },
  {
    selector: 'Identifier[name="rrulestr"]',
    message: 'RRULE text is read by parseRule of src/kernel/recurrence.ts.',
  },
  {
    selector: 'MemberExpression[object.name="z"][property.name="coerce"]',
    message: 'z.coerce takes "" for 0 and null for "null": use src/edge/schemas.ts.',
  },
  {
    selector:
      'MemberExpression[property.name="changes"][object.type="CallExpression"][object.callee.property.name="run"]',
    message: 'Undefined on a Durable Object: use .returning().',
  },
  {
    selector:
      'VariableDeclarator[init.callee.property.name="run"] > ObjectPattern > Property[key.name="changes"]',
    message: 'Undefined on a Durable Object: use .returning().',
  },
  ...['ArrowFunctionExpression', 'FunctionExpression'].flatMap((fn) =>
    ['callee.name', 'callee.property.name'].map((callee) => ({
      selector: `CallExpression[${callee}=/^(?:commit|read|savepoint)$/] > ${fn}[async=true]`,
      message: 'A transaction callback is synchronous: what follows an await runs outside of it.',
    })),
  ),
]

const OWN_TRANSACTION = [
  {
    selector: 'CallExpression[callee.property.name="transaction"][callee.object.type!="ThisExpression"]',
    message: 'Writes go through territory.commit; transactions live in src/platform.',
  },
]

const DYNAMIC_IMPORT = [
  {
    selector: 'ImportExpression',
    message: 'A dynamic import escapes the import table; it lives in src/platform.',
  },
]

const NO_ROLE = [
  {
    selector: 'Program',
    message:
      'This file name has no role. A feature holds tables, rules, store, actions, contract, routes, vocabulary; split into sub-features, not into helpers (docs/adr/0002-file-roles-and-imports.md).',
  },
]

const EXCLUSIVE = [
  {
    selector:
      'MemberExpression[object.name=/^(?:it|test|describe|suite|rule|bench)$/][property.name=/^(?:only|skip|todo|skipIf|runIf|fails)$/]',
    message: 'Every test runs, always.',
  },
  {
    selector:
      'MemberExpression[object.object.name=/^(?:it|test|describe|suite|rule|bench)$/][property.name=/^(?:only|skip|todo|skipIf|runIf|fails)$/]',
    message: 'Every test runs, always.',
  },
  {
    selector:
      'CallExpression > ObjectExpression > Property[key.name=/^(?:only|skip|todo|fails)$/][value.value=true]',
    message: 'Every test runs, always.',
  },
]

const banned = (...lists) => ['error', ...lists.flat()]

/** Names that only src/platform may say. */
const MACHINE_GLOBALS = [
  'error',
  { name: 'process', message: 'The process and its environment live in src/platform.' },
  { name: 'crypto', message: 'Chance comes in by ctx.random and ctx.newId only.' },
]

/** Statements that write, in a store, on a table that another feature declares. */
const ownTablesOnly = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      foreign:
        '`{{name}}` is another feature’s table: read it in a join, write it by that feature’s actions.',
    },
  },
  create: (context) => {
    const foreign = new Set()
    return {
      ImportDeclaration: (node) => {
        // A sub-feature writes the tables of the feature that it is a part of.
        const isOwn =
          /^\.\/tables\.ts$/.test(node.source.value) || isParent(context.filename, node.source.value)
        if (!isOwn && /\/tables\.ts$/.test(node.source.value))
          for (const specifier of node.specifiers) foreign.add(specifier.local.name)
      },
      'CallExpression[callee.property.name=/^(?:insert|update|delete)$/]': (node) => {
        const [table] = node.arguments
        const name = table?.type === 'Identifier' ? table.name : table?.object?.name
        if (foreign.has(name)) context.report({ node, messageId: 'foreign', data: { name } })
      },
    }
  },
}

const isParent = (filename, source) =>
  source === '../tables.ts' && /src[\\/][\w-]+[\\/][\w-]+(?:[\\/][\w-]+)?[\\/]store\.ts$/.test(filename)

const roleConfigs = Object.entries(ROLES).map(([role, { files, ...imports }]) => ({
  name: `role/${role}`,
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': importRule(role, imports),
    'no-restricted-syntax': banned(TIME, CHANCE, TRAPS, OWN_TRANSACTION, DYNAMIC_IMPORT),
    'no-restricted-globals': MACHINE_GLOBALS,
  },
}))

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'data/', 'coverage/', 'drizzle/', '.wrangler/'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { udj: { rules: { 'own-tables-only': ownTablesOnly } } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-misused-spread': ['error', { allow: [{ from: 'lib', name: 'string' }] }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    name: 'the other runtime has types of its own',
    files: ['src/platform/workers/**/*.ts', 'test/workers/**/*.ts', 'vitest.workers.config.ts'],
    languageOptions: { parserOptions: { projectService: false, project: './tsconfig.workers.json' } },
  },
  {
    name: 'src/no-role',
    files: ['src/**/*.{ts,tsx}'],
    rules: { 'no-restricted-syntax': banned(NO_ROLE) },
  },
  ...roleConfigs,
  {
    name: 'solver',
    files: ['src/*/**/solver/*.ts'],
    // Dense arrays, read by indexes that were made from their own lengths.
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { name: 'store/own-tables', files: ['src/*/**/store.ts'], rules: { 'udj/own-tables-only': 'error' } },
  {
    name: 'platform',
    files: ['src/platform/**/*.ts'],
    rules: { 'no-restricted-syntax': banned(CHANCE, TRAPS) },
  },
  {
    name: 'seed',
    files: ['seed/**/*.ts'],
    rules: {
      'no-restricted-syntax': banned(TIME, CHANCE, TRAPS, OWN_TRANSACTION),
      'no-restricted-globals': MACHINE_GLOBALS,
    },
  },
  {
    name: 'bench and scripts',
    files: ['bench/**/*.ts', 'scripts/**/*.ts'],
    rules: { 'no-restricted-syntax': banned(CHANCE, TRAPS), 'no-console': 'off' },
  },
  {
    name: 'tests',
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: {
      'no-restricted-syntax': banned(CHANCE, TRAPS, EXCLUSIVE),
      'no-restricted-globals': 'off',
      '@typescript-eslint/no-restricted-imports': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Answers are looked into freely; the contract holds their shape on the way out.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    name: 'plain JavaScript',
    files: ['**/*.{js,mjs}'],
    rules: { 'no-unused-vars': 'error', eqeqeq: 'error' },
  },
)
