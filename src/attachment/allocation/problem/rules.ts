import { createHash } from 'node:crypto'
import { addDays, toLocalDate, type LocalDate, type Zone } from '../../../kernel/civil.ts'
import type { Position } from '../../../kernel/geo.ts'
import type { Instant } from '../../../kernel/time.ts'
import { weeksBetween, type AllocationRules } from '../../grid/rules.ts'
import type { Intake } from '../../intake/rules.ts'
import type { DoctorSex, HouseholdMode, PriorityClass } from '../../vocabulary.ts'
import type { Doctor, Household, Member, Problem } from '../solver/model.ts'
import { byId, byText } from '../solver/order.ts'

/** A household that waits, as far as an allocation has to know. */
export interface Waiting {
  readonly id: string
  readonly position: Position
  readonly household: HouseholdMode
  readonly needs: {
    readonly homeVisit: boolean
    readonly wheelchair: boolean
    readonly language: string | null
    readonly doctorSex: DoctorSex | null
  }
  /** In kilometres; null: as far as the rules allow. */
  readonly maxKm: number | null
  /** Null: to be qualified. */
  readonly class: PriorityClass | null
  readonly total: number
  readonly waitingSince: Instant
  readonly members: readonly Member[]
}

/** What a practitioner has on their hands already, in people but for `load`. */
export interface Burden {
  /** In proposals that are not answered. */
  readonly open: number
  /** Proposed or accepted in the present civil month. */
  readonly month: number
  /** Accepted since the practitioner said how many patients they have. */
  readonly sinceIntake: number
  /** Points accepted in the last twelve months. */
  readonly load: number
}

/** A GP of the CPTS. */
export interface Taker {
  readonly practitionerId: string
  readonly sites: readonly (Position & { readonly wheelchair: boolean })[]
  /** Null: they have said nothing. */
  readonly intake: Intake | null
  readonly burden: Burden
}

export interface Lock {
  /** Null: with nobody in this run. */
  readonly practitionerId: string | null
}

/** Everything that an allocation is made from, as it is now. */
export interface Material {
  readonly now: Instant
  readonly zone: Zone
  readonly rules: Pick<
    AllocationRules,
    'reservedForClass1' | 'maxKm' | 'batchWaits' | 'equityKm' | 'stabilityKm' | 'togetherKm'
  >
  readonly waiting: readonly Waiting[]
  readonly takers: readonly Taker[]
  /** People who are being proposed to somebody, or have found: the rest of their household may still wait. */
  readonly taken: readonly {
    readonly requestId: string
    readonly member: number
    readonly practitionerId: string
  }[]
  /** Pairs that are not proposed again. */
  readonly excluded: readonly { readonly requestId: string; readonly practitionerId: string }[]
}

/** With whom somebody was, by household. */
export type Last = ReadonlyMap<string, Household['last']>

export interface Asked {
  readonly seed: number
  /** By household. */
  readonly locks: ReadonlyMap<string, Lock>
  readonly last: Last
}

/** Days before leaving from which nobody new is proposed to a practitioner (product decision): a proposal may take as long. */
const LEAVING_DAYS = 90

/**
 * Why a practitioner takes no part in a run, if they do not: they said nothing, they are closed, away today or about to leave,
 * or they have yet to answer what they were proposed and the rules let them (DOMAIN §4).
 */
export const closedFor = (
  intake: Intake | null,
  burden: Pick<Burden, 'open'>,
  { today, batchWaits }: { readonly today: LocalDate; readonly batchWaits: boolean },
): Doctor['closed'] => {
  if (intake === null) return 'no_intake'
  if (!intake.open) return 'closed'
  if (intake.absentUntil !== null && intake.absentUntil >= today) return 'absent'
  if (intake.leavingOn !== null && intake.leavingOn <= addDays(today, LEAVING_DAYS)) return 'absent'
  return batchWaits && burden.open > 0 ? 'batch_open' : null
}

/** People that may be proposed to a practitioner now: the least of what the run, the month and the patientèle leave. */
export const placesOf = (intake: Intake, { open, month, sinceIntake }: Burden): number =>
  Math.max(
    0,
    Math.min(
      intake.perRun,
      intake.perMonth - month,
      intake.patienteleCeiling - intake.patientele - sinceIntake - open,
    ),
  )

/**
 * Of these places, those kept for class 1: the nearest whole number, and of two the larger. So the share holds over all
 * practitioners, and a fifth does not close to everybody else whoever has one place.
 */
export const reservedOf = (places: number, reservedForClass1: number): number =>
  // Half of a place is half of one, also for doubles.
  Math.floor(places * reservedForClass1 + 0.5 + 1e-9)

const doctorOf = ({ practitionerId, sites, intake, burden }: Taker, material: Material): Doctor => {
  const { rules, now, zone } = material
  const today = toLocalDate(now, zone)
  const places = intake === null ? 0 : placesOf(intake, burden)
  return {
    id: practitionerId,
    closed: closedFor(intake, burden, { today, batchWaits: rules.batchWaits }),
    sites: sites
      .map(({ lat, lon, wheelchair }) => ({ at: { lat, lon }, wheelchair }))
      .sort(
        (a, b) => a.at.lat - b.at.lat || a.at.lon - b.at.lon || Number(a.wheelchair) - Number(b.wheelchair),
      ),
    maxKm: intake?.maxKm ?? null,
    places,
    reserved: reservedOf(places, rules.reservedForClass1),
    maxAld: intake?.maxAldPerRun ?? null,
    maxHomeVisits: intake?.maxHomeVisitsPerRun ?? null,
    minAge: intake?.minAge ?? null,
    maxAge: intake?.maxAge ?? null,
    homeVisits: intake?.homeVisits ?? false,
    wheelchair: intake?.wheelchair ?? false,
    languages: [...(intake?.languages ?? [])].sort(byText),
    sex: intake?.sex ?? null,
    share: intake?.share ?? 100,
    load: burden.load,
  }
}

/** About a hundred metres: as near as a distance has to be, and no address in what is kept of an allocation. */
const rounded = (degrees: number): number => Math.round(degrees * 1_000) / 1_000

/** Nobody says of their languages that French is one. */
const spokenByAll = (language: string | null): boolean => language === 'fr'

const byKey = <T extends { readonly requestId: string }, V>(rows: readonly T[], valueOf: (row: T) => V) => {
  const grouped = new Map<string, V[]>()
  for (const row of rows) grouped.set(row.requestId, [...(grouped.get(row.requestId) ?? []), valueOf(row)])
  return grouped
}

/**
 * What the solver is given. There is no clock in it: waiting counts in whole weeks of civil days, so that the same state
 * is the same problem until a week is full. Who is to be qualified is not in it, and ranks nowhere.
 */
export const problemOf = (material: Material, { seed, locks, last }: Asked): Problem => {
  const { rules, now, zone } = material
  const today = toLocalDate(now, zone)
  const taken = byKey(material.taken, ({ member }) => member)
  const excluded = byKey(material.excluded, ({ practitionerId }) => practitionerId)
  const holders = byKey(material.taken, ({ practitionerId }) => practitionerId)
  /** Whoever joined a household that stays together goes where the others are asked for or expected, or nowhere. */
  const othersThan = (own: readonly string[] | undefined): string[] =>
    own === undefined
      ? []
      : material.takers.map(({ practitionerId }) => practitionerId).filter((id) => !own.includes(id))
  const households = material.waiting.flatMap((one): Household[] => {
    const members = one.members
      .filter(({ number }) => taken.get(one.id)?.includes(number) !== true)
      .map(({ number, age, ald }) => ({ number, age, ald }))
      .sort((a, b) => a.number - b.number)
    if (one.class === null || members.length === 0) return []
    const { homeVisit, wheelchair, language, doctorSex } = one.needs
    const lock = locks.get(one.id)
    return [
      {
        id: one.id,
        urgency: one.class,
        weeks: weeksBetween(toLocalDate(one.waitingSince, zone), today),
        points: one.total,
        members,
        together: one.household === 'together',
        at: { lat: rounded(one.position.lat), lon: rounded(one.position.lon) },
        maxKm: Math.min(rules.maxKm, one.maxKm ?? Infinity),
        needs: { homeVisit, wheelchair, language: spokenByAll(language) ? null : language, doctorSex },
        excluded: [
          ...new Set([
            ...(excluded.get(one.id) ?? []),
            ...(one.household === 'together' ? othersThan(holders.get(one.id)) : []),
          ]),
        ].sort(byText),
        lock: lock ? { practitionerId: lock.practitionerId } : null,
        last: lastIn(last, one.id),
      },
    ]
  })
  return {
    seed,
    households: households.sort(byId),
    doctors: material.takers
      .filter(({ sites }) => sites.length > 0)
      .map((taker) => doctorOf(taker, material))
      .sort(byId),
    weights: {
      equityKm: rules.equityKm,
      stabilityKm: rules.stabilityKm,
      togetherKm: rules.togetherKm,
    },
  }
}

const hashOf = (problem: Problem): string =>
  createHash('sha256').update(JSON.stringify(problem)).digest('hex')

/** What changes when anything that an allocation is made from does. */
export const inputHash = (problem: Problem): string => hashOf(problem)

/** Whether two problems differ in nothing but what was asked: seed, locks and what was there before. */
export const isSameState = (a: Problem, b: Problem): boolean => stateHash(a) === stateHash(b)

const stateHash = (problem: Problem): string =>
  hashOf({
    ...problem,
    seed: 0,
    households: problem.households.map((household) => ({ ...household, lock: null, last: [] })),
  })

/**
 * The same with the weeks waited of another, and the points that these alone gave since: those of who is in both. Days that
 * pass are not a change of what an allocation was made from; what they bring about is (a class, an absence, a new month).
 */
export const waitedAsIn = (problem: Problem, { households }: Problem, weekPoints: number): Problem => {
  const made = new Map(households.map((household) => [household.id, household]))
  return {
    ...problem,
    households: problem.households.map((household) => {
      const { weeks, points } = made.get(household.id) ?? household
      return {
        ...household,
        weeks,
        points:
          household.points - (household.weeks - weeks) * weekPoints === points ? points : household.points,
      }
    }),
  }
}

/** The same, near to other drafts. */
export const withLast = (problem: Problem, last: Last): Problem => ({
  ...problem,
  households: problem.households.map((household) => ({ ...household, last: lastIn(last, household.id) })),
})

const lastIn = (last: Last, id: string): Household['last'] =>
  (last.get(id) ?? [])
    .map(({ member, practitionerId }) => ({ member, practitionerId }))
    .sort((a, b) => a.member - b.member)

/** With whom each was in the drafts that a problem was made to stay near to. */
export const lastOf = (problem: Problem): Last =>
  new Map(problem.households.map(({ id, last }) => [id, last] as const))
