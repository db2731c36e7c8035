// What a rota must be, said a second time from DOMAIN §3 and by other means than the solver's: minute by minute, day by
// day, pair by pair, slowly. Nothing but types is shared with src/gardes/solver.
import type { Rota } from '../../src/gardes/solver/generate.ts'
import type { Cell, HardRule, Person, Problem, Shift, ShiftTime } from '../../src/gardes/solver/model.ts'

export type CheckedRule = HardRule | 'headcount' | 'by_hand' | 'unknown'

export interface Violation {
  readonly rule: CheckedRule
  readonly personId: string
  readonly shiftIds: readonly string[]
}

const MINUTE = 60_000
const NOBODY = ''

/** A shift that somebody does; `cell` is undefined when it is done elsewhere. */
interface Duty {
  readonly time: ShiftTime
  readonly id: string
  readonly cell: Cell | undefined
}

const isFree = (duty: Duty) => duty.cell !== undefined && !duty.cell.locked
const idsOf = (duties: readonly Duty[]) => duties.flatMap(({ cell, id }) => (cell ? [id] : []))

const minutesOf = (time: ShiftTime): number[] => {
  const minutes: number[] = []
  for (let at: number = time.start; at < time.end; at += MINUTE) minutes.push(at)
  return minutes
}

const holds = (interval: { readonly start: number; readonly end: number }, at: number) =>
  interval.start <= at && at < interval.end

// --- What keeps a person from a shift by itself --------------------------------------------------------------------------

export const rulesOfPair = (person: Person, shift: Shift): HardRule[] => {
  const minutes = minutesOf(shift)
  const isKeptBy = (intervals: readonly { readonly start: number; readonly end: number }[]) =>
    minutes.some((at) => intervals.some((interval) => holds(interval, at)))
  const rules: [HardRule, boolean][] = [
    ['role', !new Set(person.roles).has(shift.role)],
    ['membership', !minutes.every((at) => person.member.some((interval) => holds(interval, at)))],
    [
      'restriction',
      person.restrictions
        .filter(({ codes }) => (codes ?? [shift.code]).includes(shift.code))
        .some(({ during }) => holds(during, shift.start)),
    ],
    ['absence', isKeptBy(person.absences.filter(({ codes = [shift.code] }) => codes.includes(shift.code)))],
    ['busy', isKeptBy(person.busy)],
  ]
  return rules.flatMap(([rule, isBroken]) => (isBroken ? [rule] : []))
}

// --- What a person's duties break together -------------------------------------------------------------------------------

type Broken = [HardRule, readonly Duty[]]

const overlapping = (duties: readonly Duty[]): Broken[] =>
  duties.flatMap((a, i) =>
    duties
      .slice(i + 1)
      .filter((b) => Math.max(a.time.start, b.time.start) < Math.min(a.time.end, b.time.end))
      .map((b): Broken => ['one_place', [a, b]]),
  )

/** Runs of worked minutes, as indexes from the first minute of all. */
const runsOf = (duties: readonly Duty[]) => {
  const first = Math.min(...duties.map(({ time }) => time.start))
  const last = Math.max(...duties.map(({ time }) => time.end))
  const worked = new Uint8Array((last - first) / MINUTE + 1)
  for (const { time } of duties) worked.fill(1, (time.start - first) / MINUTE, (time.end - first) / MINUTE)
  const runs: { from: number; to: number; duties: Duty[] }[] = []
  for (let i = 0; i < worked.length; i++) {
    if (worked[i] === 0) continue
    const from = i
    while (worked[i] === 1) i++
    const [start, end] = [first + from * MINUTE, first + i * MINUTE]
    runs.push({
      from: start,
      to: end,
      duties: duties.filter(({ time }) => holds({ start, end }, time.start)),
    })
  }
  return runs
}

const tiring = (duties: readonly Duty[], restMs: number, maxConsecutiveMs: number): Broken[] => {
  const runs = runsOf(duties)
  return runs.flatMap((run, i): Broken[] => {
    const next = runs[i + 1]
    return [
      ...(run.to - run.from > maxConsecutiveMs ? [['consecutive', run.duties] as Broken] : []),
      ...(next && next.from - run.to < restMs ? [['rest', [...run.duties, ...next.duties]] as Broken] : []),
    ]
  })
}

const crowding = (
  duties: readonly Duty[],
  rule: 'max_7_days' | 'max_28_days',
  width: number,
  limits: readonly (number | null)[],
): Broken[] => {
  const max = Math.min(...limits.map((limit) => limit ?? Infinity))
  const days = duties.map(({ time }) => time.day)
  const broken: Broken[] = []
  for (let day = Math.min(...days) - width; day <= Math.max(...days); day++) {
    const within = duties.filter(({ time }) => time.day >= day && time.day < day + width)
    if (within.length > max) broken.push([rule, within])
  }
  return broken
}

/** What the duties of a person break together; what is all elsewhere or by hand is nobody's fault. */
const rulesOfDuties = (person: Person, { limits }: Problem, duties: readonly Duty[]): Broken[] => {
  if (duties.length === 0) return []
  const inPeriod = duties.filter(({ cell }) => cell !== undefined)
  const isOver = person.maxTotal !== null && inPeriod.length > person.maxTotal
  const broken: Broken[] = [
    ...overlapping(duties),
    ...tiring(duties, limits.restMs, limits.maxConsecutiveMs),
    ...crowding(duties, 'max_7_days', 7, [limits.maxPer7Days, person.maxPer7Days]),
    ...crowding(duties, 'max_28_days', 28, [limits.maxPer28Days, person.maxPer28Days]),
    ...(isOver ? [['personal_cap', inPeriod] as Broken] : []),
  ]
  return broken.filter(([, involved]) => involved.some(isFree))
}

/** Whether a person may do those shifts of the period, whatever others do. */
export const mayDo = (problem: Problem, person: Person, shifts: readonly Shift[]): boolean =>
  shifts.every((shift) => rulesOfPair(person, shift).length === 0) &&
  dutiesBreak(
    problem,
    person,
    shifts.map(({ id }) => ({ shiftId: id, place: 1, personId: person.id, locked: false })),
  ).length === 0

const dutiesBreak = (problem: Problem, person: Person, cells: readonly Cell[]): Broken[] => {
  const shiftOf = new Map(problem.shifts.map((shift) => [shift.id, shift]))
  const duties = [
    ...person.elsewhere.map((time): Duty => ({ time, id: NOBODY, cell: undefined })),
    ...cells.flatMap((cell): Duty[] => {
      const time = shiftOf.get(cell.shiftId)
      return time && cell.personId === person.id ? [{ time, id: time.id, cell }] : []
    }),
  ]
  return rulesOfDuties(person, problem, duties)
}

// --- A whole rota --------------------------------------------------------------------------------------------------------

/** The cells of a problem placed by hand that there is somebody and something for, one for a place. */
export const lockedCells = (problem: Problem): Cell[] => {
  const people = new Set(problem.people.map(({ id }) => id))
  const shifts = new Set(problem.shifts.map(({ id }) => id))
  const known = problem.cells.filter(
    ({ locked, personId, shiftId }) => locked && people.has(personId) && shifts.has(shiftId),
  )
  return known.filter(
    (cell) =>
      !known.some(
        (other) =>
          other.shiftId === cell.shiftId && other.place === cell.place && other.personId < cell.personId,
      ) &&
      known.findIndex(
        ({ shiftId, place, personId }) =>
          shiftId === cell.shiftId && place === cell.place && personId === cell.personId,
      ) === known.indexOf(cell),
  )
}

/** Places of a shift: its headcount, or more when more are held by hand. */
const placesOf = (problem: Problem, shift: Shift, locked: readonly Cell[]) =>
  Math.max(shift.headcount, locked.filter(({ shiftId }) => shiftId === shift.id).length)

/** Every hard rule that the cells break, and every place that is not as it was asked for. */
export const checkRota = (problem: Problem, cells: readonly Cell[]): Violation[] => {
  const locked = lockedCells(problem)
  const isByHand = (cell: Cell) =>
    locked.some(
      ({ shiftId, place, personId }) =>
        shiftId === cell.shiftId && place === cell.place && personId === cell.personId,
    )
  const violations: Violation[] = []
  const add = (rule: CheckedRule, personId: string, ...shiftIds: readonly string[]) =>
    violations.push({ rule, personId, shiftIds })

  for (const cell of cells) {
    const person = problem.people.find(({ id }) => id === cell.personId)
    const shift = problem.shifts.find(({ id }) => id === cell.shiftId)
    if (!person || !shift) add('unknown', cell.personId, cell.shiftId)
    else if (cell.locked !== isByHand(cell)) add('by_hand', person.id, shift.id)
    else if (!cell.locked) {
      if (person.share === 0) add('by_hand', person.id, shift.id)
      for (const rule of rulesOfPair(person, shift)) add(rule, person.id, shift.id)
    }
  }
  for (const cell of locked)
    if (
      !cells.some(
        (one) => one.shiftId === cell.shiftId && one.place === cell.place && one.personId === cell.personId,
      )
    )
      add('by_hand', cell.personId, cell.shiftId)
  for (const shift of problem.shifts) {
    const own = cells.filter(({ shiftId }) => shiftId === shift.id)
    const numbers = own.filter((cell) => !cell.locked).map(({ place }) => place)
    const isCounted = own.length <= placesOf(problem, shift, locked)
    if (!isCounted || new Set(own.map(({ place }) => place)).size < own.length || numbers.some((n) => n < 1))
      add('headcount', NOBODY, shift.id)
  }
  for (const person of problem.people)
    for (const [rule, involved] of dutiesBreak(problem, person, cells))
      add(rule, person.id, ...idsOf(involved))
  return violations
}

// --- What is said of it --------------------------------------------------------------------------------------------------

export const unfilledOf = (problem: Problem, cells: readonly Cell[]): Map<string, number> => {
  const locked = lockedCells(problem)
  return new Map(
    problem.shifts.flatMap((shift): [string, number][] => {
      const missing =
        placesOf(problem, shift, locked) - cells.filter(({ shiftId }) => shiftId === shift.id).length
      return missing > 0 ? [[shift.id, missing]] : []
    }),
  )
}

export interface LedgerEntry {
  readonly done: number
  readonly carried: number
  readonly weight: number
  readonly ratio: number
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

/** Each person's part of a set of shifts: their share times the part of the shifts that nothing standing keeps them from. */
const weightsOf = (problem: Problem, shifts: readonly Shift[]): number[] =>
  problem.people.map((person) =>
    shifts.length === 0
      ? 0
      : (person.share / 100) *
        (shifts.filter((shift) => rulesOfPair(person, shift).length === 0).length / shifts.length),
  )

/** The ledger by class and person, from the cells alone. */
export const ledgerOf = (problem: Problem, cells: readonly Cell[]): Map<string, Map<string, LedgerEntry>> => {
  const { people, shifts } = problem
  const shiftOf = new Map(shifts.map((shift) => [shift.id, shift]))
  const locked = lockedCells(problem)
  const categories = [...new Set(shifts.map(({ classes }) => classes[0] ?? 'total'))]
  const categoryWeights = categories.map((category) => {
    const own = shifts.filter(({ classes }) => (classes[0] ?? 'total') === category)
    return {
      weights: weightsOf(problem, own),
      places: sum(own.map((shift) => placesOf(problem, shift, locked))),
    }
  })
  const plain = weightsOf(problem, shifts)
  const parts = people.map((_, p) =>
    sum(
      categoryWeights.map(({ weights, places }) =>
        sum(weights) === 0 ? 0 : (places * weights[p]!) / sum(weights),
      ),
    ),
  )
  const inAll = sum(parts) === 0 ? plain : parts.map((part) => (part / sum(parts)) * sum(plain))
  const classes = new Set(['total', ...shifts.flatMap((shift) => shift.classes)])
  return new Map(
    [...classes].map((name) => {
      const isOf = (shift: Shift | undefined) => name === 'total' || shift?.classes.includes(name) === true
      const weights = name === 'total' ? inAll : weightsOf(problem, shifts.filter(isOf))
      const lines = people.map((person, p): [string, LedgerEntry] => {
        const done = cells.filter(
          ({ personId, shiftId }) => personId === person.id && isOf(shiftOf.get(shiftId)),
        ).length
        const carried =
          person.carried[name] ??
          (name === 'total' ? sum(categories.map((category) => person.carried[category] ?? 0)) : 0)
        const weight = weights[p]!
        return [
          person.id,
          { done, carried, weight, ratio: weight > 0 ? (carried + 1000 * done) / weight : 0 },
        ]
      })
      return [name, new Map(lines)]
    }),
  )
}

/** Max − min of the ratios of those who have a part in a class. */
export const spreadsOf = (problem: Problem, cells: readonly Cell[]): Map<string, number> =>
  new Map(
    [...ledgerOf(problem, cells)].map(([name, lines]) => {
      const ratios = [...lines.values()].filter(({ weight }) => weight > 0).map(({ ratio }) => ratio)
      return [name, ratios.length === 0 ? 0 : Math.max(...ratios) - Math.min(...ratios)]
    }),
  )

/** Wishes not granted: each shift of an avoided time, each preferred time without a shift. */
export const regretsOf = ({ wishes, shifts, people }: Problem, cells: readonly Cell[]): number =>
  sum(
    wishes
      .filter(({ personId }) => people.some(({ id }) => id === personId))
      .map(({ personId, want, during, codes }) => {
        const granted = cells.filter((cell) => {
          const shift = shifts.find(({ id }) => id === cell.shiftId)!
          return (
            cell.personId === personId &&
            minutesOf(shift).some((at) => holds(during, at)) &&
            (codes === null || codes.includes(shift.code))
          )
        }).length
        return want === 'avoid' ? granted : granted === 0 ? 1 : 0
      }),
  )

/** Saturday's number of each week-end of two in a row of which the rota has a part. */
export const weekendsInARow = ({ people, shifts }: Problem, cells: readonly Cell[]): number => {
  const saturdayOf = (day: number) => {
    // 1970-01-01, day 0, was a Thursday.
    const weekday = new Date(day * 86_400_000).getUTCDay()
    return weekday === 6 ? day : weekday === 0 ? day - 1 : undefined
  }
  return sum(
    people.map((person) => {
      const elsewhere = new Set(person.elsewhere.map(({ day }) => saturdayOf(day)))
      const own = new Set(
        cells
          .filter(({ personId }) => personId === person.id)
          .map(({ shiftId }) => saturdayOf(shifts.find(({ id }) => id === shiftId)!.day)),
      )
      const all = new Set([...own, ...elsewhere])
      return [...all].filter(
        (saturday) =>
          saturday !== undefined &&
          all.has(saturday + 7) &&
          !(elsewhere.has(saturday) && elsewhere.has(saturday + 7)),
      ).length
    }),
  )
}

/** People of published shifts who are no longer on them. */
export const changesOf = ({ published, shifts }: Problem, cells: readonly Cell[]): number =>
  new Set(
    published
      .filter(
        ({ shiftId, personId }) =>
          shifts.some(({ id }) => id === shiftId) &&
          !cells.some((cell) => cell.shiftId === shiftId && cell.personId === personId),
      )
      .map(({ shiftId, personId }) => JSON.stringify([shiftId, personId])),
  ).size

/** Everything that a rota says of itself and that its cells do not bear out, one line each. */
export const checkAccount = (problem: Problem, rota: Rota): string[] => {
  const problems: string[] = []
  const hold = (isTrue: boolean, what: string) => {
    if (!isTrue) problems.push(what)
  }
  const unfilled = unfilledOf(problem, rota.cells)
  const stated = new Map<string, number>()
  for (const { shiftId } of rota.unfilled) stated.set(shiftId, (stated.get(shiftId) ?? 0) + 1)
  hold(
    stated.size === unfilled.size && [...unfilled].every(([id, n]) => stated.get(id) === n),
    'unfilled places',
  )
  for (const { shiftId, because } of rota.unfilled) {
    const shift = problem.shifts.find(({ id }) => id === shiftId)!
    for (const { personId, rules } of because) {
      const person = problem.people.find(({ id }) => id === personId)!
      const added = { shiftId, place: NaN, personId, locked: false }
      const own = [
        ...rulesOfPair(person, shift),
        ...dutiesBreak(problem, person, [...rota.cells, added]).map(([rule]) => rule),
      ]
      hold(
        rules.length > 0 && String([...new Set(own)].sort()) === String([...rules].sort()),
        `${shiftId} is kept from ${personId} by ${String(own)}, not by ${String(rules)}`,
      )
    }
  }
  const ledger = ledgerOf(problem, rota.cells)
  for (const [name, lines] of ledger)
    for (const [personId, line] of lines) {
      const said = rota.ledger.find((one) => one.class === name && one.personId === personId)
      const isLeftOut = said === undefined && line.done === 0 && line.weight === 0
      hold(
        isLeftOut ||
          (said?.done === line.done &&
            said.carried === line.carried &&
            Math.abs(said.weight - line.weight) < 1e-9 &&
            Math.abs(said.ratio - line.ratio) <= 1),
        `ledger of ${personId}, ${name}`,
      )
    }
  const spreads = spreadsOf(problem, rota.cells)
  hold(rota.spreads.length === spreads.size, 'classes')
  for (const { class: name, value, bound } of rota.spreads) {
    hold(Math.abs(value - (spreads.get(name) ?? NaN)) <= 1, `spread of ${name}`)
    hold(bound <= value, `bound of the spread of ${name}`)
  }
  const levels = new Map(rota.levels.map((level) => [level.name, level]))
  hold(levels.get('fill')?.value === sum([...unfilled.values()]), 'level of fill')
  hold(levels.get('wishes')?.value === regretsOf(problem, rota.cells), 'level of wishes')
  hold(levels.get('spacing')?.value === weekendsInARow(problem, rota.cells), 'level of spacing')
  hold(levels.get('changes')?.value === changesOf(problem, rota.cells), 'level of changes')
  for (const { name, value, bound } of rota.levels) hold(bound <= value, `bound of ${name}`)
  hold(rota.isOptimal === rota.levels.every(({ value, bound }) => value === bound), 'optimality')
  return problems
}
