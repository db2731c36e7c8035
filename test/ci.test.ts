import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/**
 * Stands for npm: a suite writes the report that REPORT_<script> says, a step ends with STATUS_<script>; the name is
 * the npm script's, `_` for what is no letter. Without either all is well.
 */
const NPM = `#!/usr/bin/env bash
name="$1"; [ "$1" = run ] && name="$2"; name="\${name//[^a-z]/_}"
for argument in "$@"; do
  case "$argument" in --outputFile.json=*) report="REPORT_$name"
    printf '%s' "\${!report-{\\"numPassedTests\\": 10\\}}" > "\${argument#*=}" ;;
  esac
done
status="STATUS_$name"
exit "\${!status-0}"
`

/** Stands for node, but for the counting. */
const NODE = `#!/usr/bin/env bash
case "$1" in *count.mjs) exec "$REAL_NODE" "$@" ;; esac
exit "\${STATUS_node-0}"
`

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'udj ci '))
  cpSync(fileURLToPath(new URL('../.ci', import.meta.url)), join(folder, '.ci'), { recursive: true })
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin', 'npm'), NPM, { mode: 0o755 })
  writeFileSync(join(folder, 'bin', 'node'), NODE, { mode: 0o755 })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (settings: Record<string, string> = {}) => {
  const { status, stdout } = spawnSync(join(folder, '.ci', 'run'), {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}`,
      REAL_NODE: process.execPath,
      ...settings,
    },
  })
  const lines = stdout.trimEnd().split('\n')
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(lines.at(-1) ?? '') ?? []
  return { status, passed: Number(passed), failed: Number(failed), lines }
}

describe('.ci/run', () => {
  let well: ReturnType<typeof run>

  beforeAll(() => {
    well = run()
  })

  it('[ARCH-8] all is well: it counts tests and steps, and ends with 0', () => {
    expect(well).toMatchObject({ status: 0, failed: 0 })
    expect(well.passed).toBeGreaterThan(10 * 4)
  })

  it('[ARCH-8] one failed step is counted once, the others still run', () => {
    const { status, passed, failed, lines } = run({ STATUS_lint: '1' })
    expect({ status, passed, failed }).toEqual({ status: 1, passed: well.passed - 1, failed: 1 })
    expect(lines).toContain('failed: lint')
    expect(lines.filter((line) => line.startsWith('==='))).toEqual(
      well.lines.filter((line) => line.startsWith('===')),
    )
  })

  it.each([
    ['failed tests', '{"numPassedTests": 8, "numFailedTests": 2}', '1', { passed: 8, failed: 2 }],
    ['a skipped test', '{"numPassedTests": 9, "numPendingTests": 1}', '0', { passed: 9, failed: 1 }],
    ['a test to do', '{"numPassedTests": 9, "numTodoTests": 1}', '0', { passed: 9, failed: 1 }],
    ['a file that does not load', '{"numPassedTests": 10}', '1', { passed: 10, failed: 1 }],
    ['no test at all', '{}', '0', { passed: 0, failed: 1 }],
  ])('[ARCH-8] %s of a suite: counted, not ending with 0', (_what, report, status, counted) => {
    const ill = run({ REPORT_test_reliability: report, STATUS_test_reliability: status })
    expect(ill.status).toBe(1)
    expect({ passed: ill.passed, failed: ill.failed }).toEqual({
      passed: well.passed - 10 + counted.passed,
      failed: counted.failed,
    })
  })

  it('[ARCH-8] what is for information does not count', () => {
    expect(run({ STATUS_audit: '1' }).status).toBe(0)
  })
})
