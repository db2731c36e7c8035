// The weekly allocation: what the engine makes of problems of real size, checked by the checker, against HiGHS on the same
// instance, and the same bundle in a local workerd. `npm run bench:allocation`. Quote the counts, which are the same on every
// machine, and the ratios, which are of one run; the times are this machine's.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import loadHighs from 'highs'
import { Miniflare } from 'miniflare'
import type { check, checking } from '../src/attachment/allocation/solver/certificate.ts'
import type { indexProblem } from '../src/attachment/allocation/solver/instance.ts'
import type { Problem } from '../src/attachment/allocation/solver/model.ts'
import type { open } from '../src/attachment/allocation/solver/session.ts'
import type { solve, solveAll } from '../src/attachment/allocation/solver/solve.ts'
import { checkWho, linearProgram } from '../test/attachment/oracles.ts'
import { chanceOf, drawProblem, PLAIN_SIZE, RICH_SIZE, type Size } from '../test/attachment/problems.ts'

const ROUNDS = 7
const HIGHS_SECONDS = 600
const UNIT = 4096
const root = fileURLToPath(new URL('..', import.meta.url))

const DEPARTEMENT: Size = { ...PLAIN_SIZE, households: 5000, doctors: 150, side: 70, places: 24, maxKm: 22 }
const REGION: Size = { ...DEPARTEMENT, households: 20_000, doctors: 1200, side: 160, places: 13, maxKm: 24 }
/** As many people, two in five of them in a household of several, which stays together. */
const FAMILIES: Size = { ...DEPARTEMENT, households: 3620, several: 0.19, together: 1 }

/** For an oracle that takes its time. */
const SMALL: Size = { ...RICH_SIZE, households: 250, doctors: 30, places: 5, side: 40 }

const print = (line: string) => process.stdout.write(`${line}\n`)

const quantile = (values: readonly number[], part: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0

const inMs = (ms: number) => `${ms.toFixed(0)} ms`

// The engine as it is shipped: one bundle, for both runtimes.
const folder = mkdtempSync(join(tmpdir(), 'udj-allocation-'))
const entry = (lines: readonly string[]) =>
  build({
    stdin: { contents: lines.join('\n'), resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    write: false,
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? '')
const solver = './src/attachment/allocation/solver'
const engineText = await entry([
  `export { indexProblem } from '${solver}/instance.ts'`,
  `export { solveAll, solve } from '${solver}/solve.ts'`,
  `export { open } from '${solver}/session.ts'`,
  `export { check, checking } from '${solver}/certificate.ts'`,
])
const engineFile = join(folder, 'engine.mjs')
writeFileSync(engineFile, engineText)
interface Engine {
  readonly indexProblem: typeof indexProblem
  readonly solve: typeof solve
  readonly solveAll: typeof solveAll
  readonly open: typeof open
  readonly check: typeof check
  readonly checking: typeof checking
}
const engine = (await import(pathToFileURL(engineFile).href)) as Engine

const toEnd = <T>(slices: Generator<unknown, T, void>): { value: T; longest: number } => {
  let longest = 0
  for (;;) {
    const started = performance.now()
    const slice = slices.next()
    longest = Math.max(longest, performance.now() - started)
    if (slice.done) return { value: slice.value, longest }
  }
}

/** Milliseconds of processor: what else the machine does counts less than on a clock. */
const processorMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const once = (problem: Problem): number => {
  const started = processorMs()
  engine.solveAll(problem)
  return processorMs() - started
}

/** Problems side by side, round after round, so that what else the machine does weighs on all of them. */
const side = (problems: readonly Problem[]): number[] => {
  const times = problems.map((): number[] => [])
  for (let i = 0; i <= ROUNDS; i++)
    problems.forEach((problem, p) => {
      const ms = once(problem)
      // The first round warms up.
      if (i > 0) times[p]?.push(ms)
    })
  return times.map((list) => quantile(list, 0.5))
}

const describeOne = (name: string, problem: Problem) => {
  const pairs = toEnd(engine.indexProblem(problem)).value.costAt.length
  const { value: solution, longest } = toEnd(engine.solve(problem))
  const started = performance.now()
  const proof = toEnd(engine.checking(problem, solution))
  const checked = performance.now() - started
  const [urgent] = solution.totals.byUrgency
  print(
    `${name}: ${solution.totals.people} people, ${problem.doctors.length} GPs, ${pairs} pairs; placed ${solution.totals.placed}, of urgency 1 ${urgent?.placed ?? 0}/${urgent?.people ?? 0}; longest slice ${inMs(longest)}; certificate in ${inMs(checked)}, longest slice ${inMs(proof.longest)}, faults ${proof.value.length}`,
  )
  return solution
}

const inMb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`

/**
 * Bytes that are alive beside the problem: most of all after any slice of solving, and of a session. In a process of its
 * own, which collects before each look.
 */
const memoryOf = async (size: Size): Promise<{ most: number; held: number }> => {
  const file = join(folder, 'memory.mjs')
  writeFileSync(
    file,
    await entry([
      `import { solve } from '${solver}/solve.ts'`,
      `import { open } from '${solver}/session.ts'`,
      "import { drawProblem } from './test/attachment/problems.ts'",
      `const problem = drawProblem(5, ${JSON.stringify(size)})`,
      'const live = () => {',
      '  gc()',
      '  const { heapUsed, arrayBuffers } = process.memoryUsage()',
      '  return heapUsed + arrayBuffers',
      '}',
      'const before = live()',
      'let most = 0',
      'let slices = solve(problem)',
      'let slice = slices.next()',
      'for (; !slice.done; slice = slices.next()) most = Math.max(most, live() - before)',
      'const solution = slice.value',
      'slices = slice = null',
      'const session = open(problem, solution)',
      'const held = live() - before',
      'session.explain(problem.households[0].id)',
      'console.log(JSON.stringify({ most, held }))',
    ]),
  )
  return JSON.parse(execFileSync(process.execPath, ['--expose-gc', file], { encoding: 'utf8' })) as {
    most: number
    held: number
  }
}

try {
  const departement = drawProblem(5, DEPARTEMENT)
  const families = drawProblem(5, FAMILIES)
  const region = drawProblem(5, REGION)
  const [own = 0, together = 0, large = 0] = side([departement, families, region])

  const solution = describeOne('département', departement)
  const blocks = describeOne('département, 40 % in households together', families)
  describeOne('région', region)

  const program = linearProgram(departement, solution)
  const highs = await loadHighs()
  const started = processorMs()
  const answer = highs.solve(program, { time_limit: HIGHS_SECONDS })
  const theirs = processorMs() - started
  const isSame =
    answer.Status === 'Optimal' && Math.round(answer.ObjectiveValue * UNIT) === solution.certificate.cost
  print(
    `S1  ${inMs(own)} end to end, HiGHS ${inMs(theirs)} to place the same people (${isSame ? 'same cost' : `not the same cost: ${answer.Status}`}): ${(theirs / own).toFixed(0)} times (goal ≥ 20)`,
  )
  print(`S2  région ÷ département: ${inMs(large)} ÷ ${inMs(own)} = ${(large / own).toFixed(1)} (goal ≤ 8)`)
  print(
    `S3  households ÷ individuals: ${inMs(together)} ÷ ${inMs(own)} = ${(together / own).toFixed(1)} (goal ≤ 2.5)`,
  )

  const session = engine.open(departement, solution)
  const saturated = solution.unplaced.filter(({ because }) => because.at(-1)?.constraint === 'saturated')
  const held = saturated.filter(
    ({ householdId }) => session.explain(householdId)?.[0]?.saturation?.holds === true,
  )
  print(
    `S4  certificate gap 0: ${engine.check(departement, solution).length === 0 && engine.check(families, blocks).length === 0 ? 'yes' : 'NO'}; saturated with proof at 5,000 × 150: ${held.length} of ${saturated.length}`,
  )
  const small = Array.from({ length: 8 }, (_, seed) => drawProblem(seed, SMALL))
  const wrong = small.flatMap((problem) => checkWho(problem, engine.solveAll(problem)))
  const asked = small.reduce((sum, { households }) => sum + households.length, 0)
  print(
    `S4  placed or not, by augmenting paths without costs: ${wrong.length} wrong of ${asked} households with all there is (goal 0)`,
  )

  const chance = chanceOf(7)
  const times = Array.from({ length: 400 }, () => {
    const { id } = chance.one(departement.households)
    // A practitioner within reach: one out of reach is answered at once.
    const near =
      session.explain(id)?.[0]?.candidates.filter(({ constraints }) => constraints.length === 0) ?? []
    if (near.length === 0) return 0
    const doctor = chance.one(near).practitionerId
    const asked = performance.now()
    session.whatIf(id, doctor)
    return performance.now() - asked
  }).filter((ms) => ms > 0)
  print(
    `S6  what-if at 5,000 × 150: median ${quantile(times, 0.5).toFixed(1)} ms, p95 ${quantile(times, 0.95).toFixed(1)} ms of ${times.length} (goal ≤ 50)`,
  )

  const memory = [await memoryOf(DEPARTEMENT), await memoryOf(REGION)].map(
    ({ most, held }) => `${inMb(most)} at most while it is made, ${inMb(held)} while it answers questions`,
  )
  print(`S6  live memory beside the problem: ${memory[0]} (goal < 64); région: ${memory[1]}`)

  // A local workerd: its clock stands still within a request, so that requests are timed from here, less an empty one.
  const worker = await entry([
    `import { solveAll } from '${solver}/solve.ts'`,
    `import { drawProblem } from './test/attachment/problems.ts'`,
    `const problem = drawProblem(5, ${JSON.stringify(DEPARTEMENT)})`,
    'export default { async fetch(request) {',
    "  if (new URL(request.url).pathname !== '/solve') return new Response('')",
    "  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(solveAll(problem))))",
    "  return new Response([...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, '0')).join(''))",
    '} }',
  ])
  const miniflare = new Miniflare({ modules: true, script: worker, compatibilityDate: '2026-04-01' })
  try {
    const hashHere = async () => {
      const bytes = new TextEncoder().encode(JSON.stringify(engine.solveAll(departement)))
      const digest = await globalThis.crypto.subtle.digest('SHA-256', bytes)
      return Buffer.from(digest).toString('hex')
    }
    const there: number[] = []
    const here: number[] = []
    const hashes = new Set<string>()
    for (let i = 0; i <= ROUNDS; i++) {
      let from = performance.now()
      hashes.add(await (await miniflare.dispatchFetch('http://localhost/solve')).text())
      const ms = performance.now() - from
      from = performance.now()
      await (await miniflare.dispatchFetch('http://localhost/')).text()
      const idle = performance.now() - from
      from = performance.now()
      hashes.add(await hashHere())
      if (i === 0) continue
      there.push(ms - idle)
      here.push(performance.now() - from)
    }
    print(
      `S6  workerd ÷ Node: ${inMs(quantile(there, 0.5))} ÷ ${inMs(quantile(here, 0.5))} = ${(quantile(there, 0.5) / quantile(here, 0.5)).toFixed(2)} (goal ≤ 2)`,
    )
    print(`S4  same bytes on both runtimes: ${hashes.size === 1 ? 'yes' : 'NO'}`)
  } finally {
    await miniflare.dispose()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
