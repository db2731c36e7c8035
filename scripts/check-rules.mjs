// Ties docs/rules.md to the tests: every rule has a test, every id that a test quotes is a rule, no id is given twice.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'

const ID = /^[A-Z][A-Z0-9]*-[1-9]\d*$/

/** Ids in the first column of a Markdown text's tables, in order, each as often as it is there. */
export const idsOfRules = (markdown) =>
  markdown
    .split('\n')
    .map((line) => /^\|\s*`?\[?([^\s|`\]]+)\]?`?\s*\|/.exec(line)?.[1] ?? '')
    .filter((cell) => ID.test(cell))

const DECLARERS = ['it', 'test', 'rule']

/** The name at the root of `it`, `it.each(…)`, `it.concurrent.each(…)`. */
const rootName = (expression) => {
  if (ts.isIdentifier(expression)) return expression.text
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression))
    return rootName(expression.expression)
  return ts.isTaggedTemplateExpression(expression) ? rootName(expression.tag) : undefined
}

/** The text of a title, or its constant beginning; undefined when the title is given by a name. */
const titleOf = (argument) => {
  if (argument === undefined) return undefined
  if (ts.isStringLiteralLike(argument)) return argument.text
  return ts.isTemplateExpression(argument) ? argument.head.text : undefined
}

/** Titles of the tests that a TypeScript text declares by `it`, `test` or `rule`. */
export const titlesOf = (code) => {
  const titles = []
  const visit = (node) => {
    if (ts.isCallExpression(node) && DECLARERS.includes(rootName(node.expression))) {
      const title = titleOf(node.arguments[0])
      if (title !== undefined) titles.push(title)
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('tests.ts', code, ts.ScriptTarget.Latest))
  return titles
}

/** Ids in brackets at the start of a title: `[SLOT-3][BOOK-1] …`. */
export const idsOfTitle = (title) => {
  const [brackets] = /^(?:\[[^\]]*\]\s*)*/.exec(title) ?? ['']
  return [...brackets.matchAll(/\[([^\]]*)\]/g)].map(([, id]) => id)
}

/**
 * What does not hold, one line each. `rules` and `tests` are texts by file name.
 * @param {{ rules: Record<string, string>, tests: Record<string, string> }} texts
 */
export const checkRules = ({ rules, tests }) => {
  const problems = []
  const ruleFile = new Map()
  for (const [file, text] of Object.entries(rules)) {
    for (const id of idsOfRules(text)) {
      const first = ruleFile.get(id)
      if (first === undefined) ruleFile.set(id, file)
      else problems.push(`duplicate id: ${id} in ${first} and ${file}`)
    }
  }
  const tested = new Set()
  for (const [file, text] of Object.entries(tests)) {
    for (const title of titlesOf(text)) {
      const ids = idsOfTitle(title)
      if (ids.length === 0) problems.push(`test without an id: ${file}: ${title}`)
      for (const id of ids) {
        tested.add(id)
        if (!ruleFile.has(id)) problems.push(`id without a rule: ${id} in ${file}: ${title}`)
      }
    }
  }
  for (const [id, file] of ruleFile)
    if (!tested.has(id)) problems.push(`rule without a test: ${id} of ${file}`)
  return { problems, rules: ruleFile.size }
}

/** Suites of the contract that no runtime runs, as the list of suites does not name them. */
export const findForgottenSuites = (files, list) =>
  files.filter((file) => file.endsWith('.suite.ts') && !list.includes(`'./${file}'`))

const root = fileURLToPath(new URL('..', import.meta.url))

const read = (folder, isWanted) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isWanted(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
    .map((file) => [relative(root, file), readFileSync(file, 'utf8')])

const main = () => {
  const rules = read('docs', (name) => name === 'rules.md')
  const tests = [
    ...read('src', (name) => name.endsWith('.test.ts')),
    ...read('test', (name) => name.endsWith('.ts')),
  ]
  const checked = checkRules({ rules: Object.fromEntries(rules), tests: Object.fromEntries(tests) })
  const contract = join(root, 'test/contract')
  const forgotten = findForgottenSuites(
    readdirSync(contract),
    readFileSync(join(contract, 'suites.ts'), 'utf8'),
  )
  const problems = [...checked.problems, ...forgotten.map((file) => `suite that nothing runs: ${file}`)]
  for (const line of problems) process.stdout.write(`${line}\n`)
  process.stdout.write(`${checked.rules} rules, ${problems.length} problems\n`)
  // No rule at all means that the files were not found.
  if (problems.length > 0 || checked.rules === 0) process.exitCode = 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main()
