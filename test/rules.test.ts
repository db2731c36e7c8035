import { describe, expect, it } from 'vitest'
import { findMissingPaths, pathsIn } from '../scripts/check-doc-paths.mjs'
import { checkRules, findForgottenSuites, idsOfRules, idsOfTitle, titlesOf } from '../scripts/check-rules.mjs'

const RULES = `# Rules

| id | rule | source |
| --- | --- | --- |
| AREA-1 | One. | practice |
| \`AREA-2\` | Two. | practice |

AREA-3 is only named in prose.
`

const TESTS = `
it('[AREA-1] one', () => {})
rule(\`[AREA-2] two of \${many}\`, async (world) => {})
`

const check = (rules: string, tests: string) =>
  checkRules({ rules: { 'rules.md': rules }, tests: { 'a.test.ts': tests } }).problems

describe('rules and tests', () => {
  it('[ARCH-6] each rule with a test and each test with a rule is no problem', () => {
    expect(checkRules({ rules: { 'rules.md': RULES }, tests: { 'a.test.ts': TESTS } })).toEqual({
      problems: [],
      rules: 2,
    })
  })

  it('[ARCH-6] a rule that no test quotes is reported', () => {
    expect(
      check(`${RULES}| AREA-4 | Four. | practice |\n`.replace('AREA-3 is', '\nAREA-3 is'), TESTS),
    ).toEqual(['rule without a test: AREA-4 of rules.md'])
    expect(check(RULES, TESTS.replace("'[AREA-1] one'", "'one, not [AREA-1]'"))).toEqual([
      'test without an id: a.test.ts: one, not [AREA-1]',
      'rule without a test: AREA-1 of rules.md',
    ])
  })

  it('[ARCH-6] an id that is no rule is reported, also beside one that is', () => {
    expect(check(RULES, `${TESTS}\ntest('[AREA-1][AREA-9] nine', () => {})`)).toEqual([
      'id without a rule: AREA-9 in a.test.ts: [AREA-1][AREA-9] nine',
    ])
    expect(check(RULES, `${TESTS}\nit('[area-1] lower case', () => {})`)).toHaveLength(1)
  })

  it('[ARCH-6] an id given twice is reported, in one file or two', () => {
    expect(check(`${RULES}\n| AREA-1 | Again. | practice |`, TESTS)).toEqual([
      'duplicate id: AREA-1 in rules.md and rules.md',
    ])
    expect(
      checkRules({ rules: { 'a.md': RULES, 'b.md': '| AREA-2 | Again. | x |' }, tests: { t: TESTS } })
        .problems,
    ).toEqual(['duplicate id: AREA-2 in a.md and b.md'])
  })

  it('[ARCH-6] a test without an id is reported', () => {
    expect(check(RULES, `${TESTS}\nit('does something', () => {})`)).toEqual([
      'test without an id: a.test.ts: does something',
    ])
  })

  it('[ARCH-6] a suite that the list of suites does not name is reported', () => {
    const list = "import { flowSuite } from './flow.suite.ts'"
    expect(findForgottenSuites(['flow.suite.ts', 'suites.ts', 'node.test.ts'], list)).toEqual([])
    expect(findForgottenSuites(['flow.suite.ts', 'slots.suite.ts'], list)).toEqual(['slots.suite.ts'])
  })

  it('[ARCH-6] ids are read from first columns of tables only', () => {
    expect(
      idsOfRules('| A-1 | see A-2 | A-3 |\n|B-1|x|\n| [C-1] | x |\ntext A-4 | A-5 |\n| id | rule |'),
    ).toEqual(['A-1', 'B-1', 'C-1'])
  })

  it('[ARCH-6] titles are read from every way to declare a test, and from nothing else', () => {
    const code = `
      it('a', f); test("b", f); rule(\`c\`, f); it.each([[1, 'x(']])('d %s', f); it.each\`x\`('e', f)
      it.concurrent.each(list)(\`f \${x}\`, f); it(title, f); describe('no', () => { it('g', f) })
      exit('no'); world.rule; // it('no', f)
      const text = "it('no', f)"
    `
    expect(titlesOf(code)).toEqual(['a', 'b', 'c', 'd %s', 'e', 'f ', 'g'])
  })

  it('[ARCH-6] ids of a title are those in brackets at its start', () => {
    expect(idsOfTitle('[A-1][B-2] x [C-3]')).toEqual(['A-1', 'B-2'])
    expect(idsOfTitle('[A-1] [B-2] x')).toEqual(['A-1', 'B-2'])
    expect(idsOfTitle('x')).toEqual([])
  })
})

describe('paths in documents', () => {
  const isThere = (path: string) =>
    ['src/app.ts', 'src/', 'docs/adr', 'docs/adr/0001.md', 'LICENSE'].includes(path)

  it('[ARCH-7] a path that is there is no problem', () => {
    const text =
      'See `src/app.ts`, src/*.ts, docs/adr. [one](0001.md#why) [two](https://x.example/src/no.ts) /src/no'
    expect(findMissingPaths({ 'docs/adr/0002.md': text }, isThere)).toEqual([])
  })

  it('[ARCH-7] a path that is not there is reported, as code, as a word, in a block, as a link', () => {
    const text =
      '`src/gone.ts` and docs/gone.md.\n```\nnode scripts/gone.mjs\n```\n[x](gone.md) [y](../LICENSE)'
    expect(findMissingPaths({ 'docs/a.md': text }, isThere)).toEqual([
      'docs/a.md: src/gone.ts',
      'docs/a.md: docs/gone.md',
      'docs/a.md: scripts/gone.mjs',
    ])
    expect(findMissingPaths({ 'README.md': '[x](gone.md) [y](LICENSE)' }, isThere)).toEqual([
      'README.md: gone.md',
    ])
  })

  it('[ARCH-7] what stands for a name is not looked for, its folder is', () => {
    expect(pathsIn('src/{slots,bookings}/rules.ts test/<area>.test.ts seed/x/*.csv', 'README.md')).toEqual([
      'src/',
      'test/',
      'seed/x/',
    ])
  })
})
