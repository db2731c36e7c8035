// Garde rotas: what the solver makes of sectors of real size, checked by the checker of the tests, which shares nothing
// with it, and how long HiGHS takes to find a rota as good. `npm run bench:rota`. Quote the counts, which are the same on
// every machine, and the ratio; the times are this machine's.
import { generate, type Rota } from '../src/gardes/solver/generate.ts'
import type { Problem } from '../src/gardes/solver/model.ts'
import { checkAccount, checkRota } from '../test/gardes/rota-checker.ts'
import { isReachedByMip } from '../test/gardes/rota-oracles.ts'
import { busySector, plainSector } from '../test/gardes/sectors.ts'

const HIGHS_SECONDS = 120
const ROUNDS = 3

const solve = (problem: Problem): Rota => {
  const slices = generate(problem)
  for (;;) {
    const slice = slices.next()
    if (slice.done) return slice.value
  }
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const timed = (problem: Problem): { rota: Rota; seconds: number } => {
  const times: number[] = []
  let rota = solve(problem)
  for (let i = 0; i < ROUNDS; i++) {
    const started = performance.now()
    rota = solve(problem)
    times.push((performance.now() - started) / 1000)
  }
  return { rota, seconds: median(times) }
}

const inShifts = (thousandths: number) => (thousandths / 1000).toFixed(2)

const sectors: [string, Problem][] = [
  ['10 people, 3 months', plainSector(10, '2026-12-01', 91)],
  ['24 people, 3 months', plainSector(24, '2026-12-01', 91)],
  ['24 people, 3 months, restricted', busySector(24, '2026-12-01', 91)],
  ['40 people, 1 year', plainSector(40, '2027-01-01', 365)],
  ['40 people, 1 year, restricted', busySector(40, '2027-01-01', 365)],
  ['60 people, 1 year', plainSector(60, '2027-01-01', 365)],
  ['60 people, 1 year, restricted', busySector(60, '2027-01-01', 365)],
]

const print = (line: string) => process.stdout.write(`${line}\n`)

print(
  'Restricted: three absences of two weeks, a fifth on half shares, a seventh without nights, evenings carried over.',
)
for (const [name, problem] of sectors) {
  const { rota, seconds } = timed(problem)
  const places = problem.shifts.reduce((sum, { headcount }) => sum + headcount, 0)
  const broken = checkRota(problem, rota.cells).length
  const untrue = checkAccount(problem, rota).length
  const proven = rota.levels.filter(({ value, bound }) => value === bound).map((level) => level.name)
  print(`\n${name}: ${places} places, ${seconds.toFixed(2)} s, ${rota.steps} steps of ${rota.planned}`)
  print(`  empty ${rota.unfilled.length}, broken rules ${broken}, untrue statements ${untrue}`)
  print(
    `  spread in shifts / bound: ${rota.spreads.map((one) => `${one.class} ${inShifts(one.value)}/${inShifts(one.bound)}`).join(', ')}`,
  )
  print(`  levels / bound: ${rota.levels.map((one) => `${one.name} ${one.value}/${one.bound}`).join(', ')}`)
  print(`  proven: ${proven.join(', ')}${rota.isOptimal ? ' (nothing could be better)' : ''}`)
}

print(
  `\nHiGHS on 24 people, 3 months, told to find any rota as full and as fair by category, at most ${HIGHS_SECONDS} s:`,
)
for (const [name, problem] of sectors.slice(1, 3)) {
  const { rota, seconds } = timed(problem)
  const spreads = new Map(rota.spreads.map((one) => [one.class, one.value]))
  const started = performance.now()
  const isReached = await isReachedByMip(problem, rota.unfilled.length, spreads, HIGHS_SECONDS)
  const theirs = (performance.now() - started) / 1000
  const ratio = (theirs / seconds).toFixed(0)
  print(
    isReached
      ? `  ${name}: ${theirs.toFixed(1)} s, ${ratio} times ours, which goes on to wishes and week-ends`
      : `  ${name}: not found in ${theirs.toFixed(0)} s, more than ${ratio} times ours`,
  )
}
