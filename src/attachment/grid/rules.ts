import {
  addDays,
  daysBetween,
  startOfDay,
  toLocalDate,
  type LocalDate,
  type Zone,
} from '../../kernel/civil.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import type { Instant } from '../../kernel/time.ts'
import {
  FLAGS,
  PRIORITY_CLASSES,
  type Flag,
  type Flags,
  type GridRule,
  type PointsLine,
  type PriorityClass,
} from '../vocabulary.ts'
import type { AllocationRules } from './tables.ts'

export type { AllocationRules } from './tables.ts'

/**
 * How a CPTS ranks and shares out until it says otherwise. DOMAIN §4 names what gives points; how many each gives is a
 * product decision that each CPTS is to set for itself. With these, somebody of whom nothing else counts is of class 1
 * after 30 weeks.
 */
export const DEFAULT_RULES: AllocationRules = {
  grid: [
    { rule: 'palliative', points: 100 },
    { rule: 'ald', points: 30 },
    { rule: 'discharge30d', points: 30 },
    { rule: 'dependence', points: 25 },
    { rule: 'pregnancy', points: 25 },
    { rule: 'disability', points: 20 },
    { rule: 'childUnder3', points: 20 },
    { rule: 'age70', points: 15 },
    { rule: 'age80', points: 15 },
    { rule: 'c2s', points: 15 },
    { rule: 'mtRetiring', points: 10 },
    { rule: 'isolation', points: 10 },
    { rule: 'weeksWaiting', points: 2 },
  ],
  classThresholds: [60, 40, 25, 10],
  reservedForClass1: 0.2,
  answerDays: 7,
  reminderDays: 4,
  maxRefusals: 3,
  maxKm: 30,
  escalationDays: 180,
  qualifyReminderDays: 14,
  batchWaits: false,
  householdRank: 'most_urgent',
  equityKm: 1,
  stabilityKm: 0.5,
  togetherKm: 1,
  weeklyRun: null,
}

type Required =
  'grid' | 'classThresholds' | 'reservedForClass1' | 'answerDays' | 'reminderDays' | 'maxRefusals' | 'maxKm'

/** What a CPTS has to say of its rules, and what it may. */
export type RulesInput = Pick<AllocationRules, Required> & {
  readonly [K in Exclude<keyof AllocationRules, Required>]?: AllocationRules[K] | undefined
}

/** Rules with the defaults for what is left out. */
export const completed = (input: RulesInput): AllocationRules => ({
  ...DEFAULT_RULES,
  ...(Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  ) as unknown as AllocationRules),
})

const invalid = (detail: string, ...path: readonly (string | number)[]): Refusal => ({
  code: 'invalid_rules',
  detail,
  path,
})

/**
 * Refuses rules that contradict themselves: a rule of the grid twice, thresholds that do not fall from class 1 to class
 * 4, or a reminder that comes no sooner than the end of the time to answer.
 */
export const refuseRules = ({
  grid,
  classThresholds,
  reminderDays,
  answerDays,
}: Pick<AllocationRules, 'grid' | 'classThresholds' | 'reminderDays' | 'answerDays'>): Refusal | null => {
  const twice = grid.findIndex((line, index) => grid.findIndex(({ rule }) => rule === line.rule) < index)
  if (twice >= 0) return invalid('Un critère ne figure qu’une fois dans la grille.', 'grid', twice)
  const rising = classThresholds.findIndex(
    (least, index) => least >= (classThresholds[index - 1] ?? Infinity),
  )
  if (rising >= 0)
    return invalid(
      'Les seuils décroissent strictement de la classe 1 à la classe 4.',
      'classThresholds',
      rising,
    )
  return reminderDays < answerDays
    ? null
    : invalid('Le rappel précède la fin du délai de réponse.', 'reminderDays')
}

/** Somebody of a household, as far as the grid has to know. */
export interface GridMember {
  readonly number: number
  /** First day of the month of birth. */
  readonly bornIn: LocalDate
  /** Whether a pregnancy is not out of the question; otherwise not knowing of one is knowing that there is none. */
  readonly mayBePregnant: boolean
  readonly flags: Flags
}

export interface GridHousehold {
  /** At least one. */
  readonly members: readonly GridMember[]
  readonly waitingSince: Instant
}

/** What is not known of somebody, and would count. */
export interface Lack {
  readonly member: number
  readonly flag: Flag
}

export interface Classification {
  /** Null: something is not known that would count. */
  readonly class: PriorityClass | null
  /** Of what is known. `points` adds up to it, unless the household ranks by the mean. */
  readonly total: number
  readonly points: PointsLine[]
  readonly lacking: Lack[]
  /** When waiting or age will next change the points; null: never. */
  readonly dueAt: Instant | null
}

const yearsAfter = (date: LocalDate, years: number): LocalDate =>
  // The first of a month is there every year.
  `${String(Number(date.slice(0, 4)) + years).padStart(4, '0')}${date.slice(4)}` as LocalDate

/** Age in whole years on a date, by the month of birth: one is a year older from the first of that month on. */
export const ageIn = (bornIn: LocalDate, today: LocalDate): number => {
  const years = Number(today.slice(0, 4)) - Number(bornIn.slice(0, 4))
  return Math.max(0, today.slice(5, 7) < bornIn.slice(5, 7) ? years - 1 : years)
}

/** Whole weeks waited, by civil days, so that they change at midnight and for nobody in between. */
export const weeksBetween = (since: LocalDate, today: LocalDate): number =>
  Math.max(0, Math.floor(daysBetween(since, today) / 7))

const SENIORITY: readonly (readonly [rule: GridRule, years: number])[] = [
  ['age70', 70],
  ['age80', 80],
]

/** Whether a rule of the grid is true of somebody; null: not known. Months of birth are read in the person's favour. */
const isTrueOf = (
  rule: GridRule,
  { bornIn, mayBePregnant, flags }: GridMember,
  since: LocalDate,
  today: LocalDate,
): boolean | null => {
  switch (rule) {
    case 'weeksWaiting':
      return false
    case 'age70':
      return yearsAfter(bornIn, 70) <= today
    case 'age80':
      return yearsAfter(bornIn, 80) <= today
    case 'childUnder3':
      // On the day of the request: nobody loses points by waiting. Born on the last day of the month, if need be.
      return yearsAfter(bornIn, 3).slice(0, 7) >= since.slice(0, 7)
    case 'pregnancy':
      return mayBePregnant ? (flags.pregnancy ?? null) : (flags.pregnancy ?? false)
    default:
      return flags[rule] ?? null
  }
}

const classOf = (total: number, thresholds: AllocationRules['classThresholds']): PriorityClass =>
  PRIORITY_CLASSES.find((_, index) => total >= (thresholds[index] ?? -Infinity)) ?? 5

const pointsOf = (
  rules: AllocationRules,
  member: GridMember,
  isOneOfSeveral: boolean,
  since: LocalDate,
  today: LocalDate,
): { readonly lines: readonly PointsLine[]; readonly sum: number; readonly lacking: readonly Lack[] } => {
  const lines: PointsLine[] = []
  const unknown = new Set<GridRule>()
  for (const { rule, points } of rules.grid) {
    const isTrue = points > 0 && isTrueOf(rule, member, since, today)
    if (isTrue === null) unknown.add(rule)
    if (isTrue) lines.push({ rule, points, ...(isOneOfSeveral ? { member: member.number } : {}) })
  }
  if (typeof member.flags.palliative !== 'boolean') unknown.add('palliative')
  return {
    lines,
    sum: lines.reduce((sum, { points }) => sum + points, 0),
    lacking:
      unknown.size === 0
        ? []
        : FLAGS.filter((flag) => unknown.has(flag)).map((flag) => ({ member: member.number, flag })),
  }
}

/**
 * The class of a household on the civil day of `now`, with every point that makes it (DOMAIN §4). It ranks by its most
 * urgent member, whose points are those shown, or by the mean of all, rounded up. Palliative care is class 1 whatever the
 * grid says. What is not known and would count never counts as false: there is no class until it is known, unless what is
 * known makes it class 1. Time alone only adds points.
 */
export const classify = (
  rules: AllocationRules,
  household: GridHousehold,
  now: Instant,
  zone: Zone,
): Classification => {
  const [since, today] = [toLocalDate(household.waitingSince, zone), toLocalDate(now, zone)]
  const { members } = household
  const each = members.map((member) => pointsOf(rules, member, members.length > 1, since, today))
  const isMean = rules.householdRank === 'mean'
  const sums = each.map(({ sum }) => sum)
  const rank = isMean ? Math.ceil(sums.reduce((all, sum) => all + sum, 0) / sums.length) : Math.max(...sums)
  const counted = isMean ? each : each.filter(({ sum }) => sum === rank).slice(0, 1)

  const weeks = weeksBetween(since, today)
  const perWeek = pointsPerWeek(rules)
  const waited = weeks * perWeek
  const total = rank + waited
  const isPalliative = members.some(({ flags }) => flags.palliative === true)
  const known = isPalliative ? 1 : classOf(total, rules.classThresholds)
  const lacking = each.flatMap((one) => one.lacking)
  return {
    class: known === 1 || lacking.length === 0 ? known : null,
    total,
    points: [
      ...counted.flatMap(({ lines }) => lines),
      ...(waited > 0 ? [{ rule: 'weeksWaiting' as const, points: waited }] : []),
    ],
    lacking,
    dueAt: dueOf(rules, household, { since, today, weeks, zone }),
  }
}

/** Points that each whole week of waiting gives. */
export const pointsPerWeek = ({ grid }: Pick<AllocationRules, 'grid'>): number =>
  grid.find(({ rule }) => rule === 'weeksWaiting')?.points ?? 0

/** The next midnight at which the points change: of a week more, or of an age. */
const dueOf = (
  rules: AllocationRules,
  { members }: GridHousehold,
  { since, today, weeks, zone }: { since: LocalDate; today: LocalDate; weeks: number; zone: Zone },
): Instant | null => {
  let next: LocalDate | undefined = pointsPerWeek(rules) > 0 ? addDays(since, (weeks + 1) * 7) : undefined
  for (const [rule, years] of SENIORITY) {
    if (!rules.grid.some((line) => line.rule === rule && line.points > 0)) continue
    for (const { bornIn } of members) {
      const birthday = yearsAfter(bornIn, years)
      if (birthday > today && (next === undefined || birthday < next)) next = birthday
    }
  }
  return next === undefined ? null : startOfDay(next, zone)
}

/**
 * Whole weeks after which everybody is of class 1, whatever else counts for them; null: by waiting alone, never.
 */
export const weeksToClass1 = (rules: AllocationRules): number | null => {
  const [least] = rules.classThresholds
  const perWeek = pointsPerWeek(rules)
  if (least <= 0) return 0
  return perWeek === 0 ? null : Math.ceil(least / perWeek)
}
