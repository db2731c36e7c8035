import type { IntakeInput } from '../src/attachment/intake/actions.ts'
import type { MemberInput, RequestInput } from '../src/attachment/requests/arrival/actions.ts'
import type { ConsentMeans, RequestSource, WithdrawalReason } from '../src/attachment/requests/vocabulary.ts'
import { FLAGS, type Flags } from '../src/attachment/vocabulary.ts'
import { addDays, getLocalDate, type LocalDate } from '../src/kernel/civil.ts'
import { DAY, HOUR, MINUTE } from '../src/kernel/time.ts'
import { communeOf, DEMO_COMMUNITIES } from './communes.ts'
import type { Dice } from './dice.ts'
import { waitingName } from './names.ts'

/** A household that waits in the demo, the longest first. */
export interface WaitingHousehold {
  /** Place of the CPTS in `DEMO_COMMUNITIES`. */
  readonly community: number
  /** Milliseconds before the seed at which it asked. */
  readonly age: number
  readonly input: Omit<RequestInput, 'communityId' | 'consent'>
  readonly consentBy: string
  readonly means: ConsentMeans
  /** Set when it was taken back. */
  readonly withdrawn?: WithdrawalReason
}

const HOUSEHOLDS = 600

/** Codes with their parts in hundredths. */
type Shares<T> = readonly (readonly [part: number, what: T])[]

const drawn = <T>(dice: Dice, shares: Shares<T>): T => {
  let left = dice.below(shares.reduce((sum, [part]) => sum + part, 0))
  for (const [part, what] of shares) {
    if (left < part) return what
    left -= part
  }
  throw new RangeError('nothing to draw')
}

const SOURCES: Shares<RequestSource> = [
  [35, 'cpts'],
  [20, 'professional'],
  [20, 'cpam'],
  [8, 'clic'],
  [7, 'social'],
  [10, 'patient'],
]
const SIZES: Shares<number> = [
  [70, 1],
  [15, 2],
  [9, 3],
  [5, 4],
  [1, 5],
]
const LANGUAGES: Shares<string | undefined> = [
  [95, undefined],
  [2, 'pt'],
  [2, 'ar'],
  [1, 'en'],
]
const DOCTOR_SEXES: Shares<'female' | 'male' | undefined> = [
  [96, undefined],
  [3, 'female'],
  [1, 'male'],
]
const MEANS: Shares<ConsentMeans> = [
  [60, 'oral'],
  [25, 'written'],
  [15, 'online'],
]
const LEAVING: Shares<WithdrawalReason | undefined> = [
  [97, undefined],
  [2, 'found_mt'],
  [1, 'moved'],
]

/** What is true of somebody of this age and sex, from shares of the population without a médecin traitant. */
const flagsOf = (dice: Dice, age: number, sex: 'female' | 'male'): Flags => {
  const old = age >= 75
  const parts: Record<(typeof FLAGS)[number], number> = {
    ald: age < 18 ? 0.02 : old ? 0.35 : 0.09,
    c2s: 0.1,
    pregnancy: sex === 'female' && age >= 18 && age <= 42 ? 0.06 : 0,
    disability: 0.04,
    dependence: old ? 0.2 : 0.02,
    discharge30d: 0.02,
    palliative: old ? 0.02 : 0.002,
    mtRetiring: 0.2,
    isolation: age < 18 ? 0 : 0.06,
  }
  const flags = Object.fromEntries(FLAGS.map((flag) => [flag, dice.chance(parts[flag])])) as Record<
    (typeof FLAGS)[number],
    boolean | null
  >
  // Not asked, or not answered: such a request is to be qualified first.
  if (dice.chance(0.07)) flags[dice.pick(FLAGS)] = null
  return flags
}

const two = (number: number) => String(number).padStart(2, '0')

const memberOf = (dice: Dice, index: number, place: number, year: number): MemberInput => {
  const age = place >= 2 ? dice.below(17) : 18 + dice.below(dice.chance(0.25) ? 75 : 47)
  const sex = dice.chance(0.55) ? 'female' : 'male'
  return {
    ...waitingName(index),
    birthDate: getLocalDate(`${year - age - 2}-${two(1 + dice.below(12))}-${two(1 + dice.below(28))}`),
    sex,
    flags: flagsOf(dice, age, sex),
  }
}

/** A commune of a CPTS, as likely as it is populous. */
const communeIn = (dice: Dice, community: number): string =>
  drawn(
    dice,
    (DEMO_COMMUNITIES[community]?.communes ?? []).map(
      (insee) => [communeOf(insee).population, insee] as const,
    ),
  )

const populationOf = (communes: readonly string[]): number =>
  communes.reduce((sum, insee) => sum + communeOf(insee).population, 0)

const phone = (index: number) => `+3363998${String(2_000 + index)}`

/** About a kilometre and a half at these latitudes. */
const AROUND = 0.014

const positionIn = (dice: Dice, insee: string) => {
  const { lat, lon } = communeOf(insee)
  const near = (degrees: number) =>
    Math.round((degrees + ((dice.below(2_001) - 1_000) / 1_000) * AROUND) * 1e5) / 1e5
  return dice.chance(0.6) ? { lat: near(lat), lon: near(lon) } : {}
}

/** How long ago somebody asked: most within some months, some much longer; by the minute, so that no two are alike. */
const ageOf = (dice: Dice, index: number): number => {
  const days = dice.chance(0.08)
    ? 182 + dice.below(100)
    : Math.floor(182 * (dice.below(1_000) / 1_000) ** 1.3)
  return (days + 1 / 24) * DAY + (index % 8) * HOUR + Math.floor(index / 8) * (MINUTE / 2)
}

/** Those who wait in the demo in a year, over its CPTS by population, in order of arrival; the same at each run. */
export const waitingHouseholds = (dice: Dice, year: number): WaitingHousehold[] => {
  const communities: Shares<number> = DEMO_COMMUNITIES.map(
    ({ communes }, index) => [populationOf(communes), index] as const,
  )
  let people = 0
  return Array.from({ length: HOUSEHOLDS }, (_, index): WaitingHousehold => {
    const community = drawn(dice, communities)
    const commune = communeIn(dice, community)
    const size = drawn(dice, SIZES)
    const members = Array.from({ length: size }, (__, place) => memberOf(dice, people++, place, year))
    const [first] = members
    const isFrail = members.some(({ flags }) => flags.dependence === true)
    const withdrawn = drawn(dice, LEAVING)
    return {
      community,
      age: ageOf(dice, index),
      consentBy: `${first?.given ?? ''} ${first?.family ?? ''}`,
      means: drawn(dice, MEANS),
      ...(withdrawn === undefined ? {} : { withdrawn }),
      input: {
        source: drawn(dice, SOURCES),
        commune,
        ...positionIn(dice, commune),
        contact: { phone: phone(index) },
        members,
        needs: {
          homeVisit: isFrail && dice.chance(0.5),
          wheelchair: dice.chance(0.03),
          language: drawn(dice, LANGUAGES),
          doctorSex: drawn(dice, DOCTOR_SEXES),
        },
        household: size === 1 || dice.chance(0.7) ? 'together' : 'may_split',
        ...(dice.chance(0.15) ? { maxKm: 3 + dice.below(8) } : {}),
      },
    }
  }).sort((a, b) => b.age - a.age)
}

/** What a GP of the demo takes; null: they have not said. */
export const intakeOf = (dice: Dice, today: LocalDate): IntakeInput | null => {
  const patientele = 700 + dice.below(600)
  const intake: IntakeInput = {
    open: dice.chance(0.85),
    perRun: 1 + dice.below(4),
    perMonth: 6 + dice.below(6),
    patientele,
    patienteleCeiling: patientele + 10 + dice.below(120),
    homeVisits: dice.chance(0.5),
    languages: [
      ...(dice.chance(0.3) ? ['en'] : []),
      ...(dice.chance(0.12) ? ['pt'] : []),
      ...(dice.chance(0.1) ? ['ar'] : []),
    ],
    wheelchair: dice.chance(0.7),
    maxKm: dice.chance(0.3) ? 5 + dice.below(10) : null,
    ...(dice.chance(0.15) ? { minAge: 16 } : {}),
    ...(dice.chance(0.2) ? { maxAldPerRun: 1 } : {}),
    ...(dice.chance(0.2) ? { maxHomeVisitsPerRun: 1 } : {}),
    sex: dice.chance(0.5) ? 'female' : 'male',
    share: dice.pick([100, 100, 100, 80, 50]),
    ...(dice.chance(0.05) ? { absentUntil: addDays(today, 120) } : {}),
    ...(dice.chance(0.04) ? { leavingOn: addDays(today, 100) } : {}),
  }
  return dice.chance(0.8) ? intake : null
}
