import type { PractitionerInput, SiteInput } from '../src/members/actions.ts'
import type { OfferInput } from '../src/slots/actions.ts'
import { communeOf, DEMO_COMMUNITIES, type DemoCommune } from './communes.ts'
import { diceOf, type Dice } from './dice.ts'
import { plantName, practitionerName, starName, streetLine } from './names.ts'

/** What a practitioner opens every week. */
export interface DemoSeries {
  readonly offer: OfferInput
  readonly days: readonly DayCode[]
  /** Wall time of the start, in minutes of the day. */
  readonly at: number
  readonly slotMinutes: number
  readonly slots: number
  readonly site: number
  /** Open on public holidays too. */
  readonly onHolidays?: boolean
}

/**
 * What a practitioner opens once, around the day of the seed: `relay` some on each of the next days, Sundays and
 * holidays included, so that a CPTS always has something free; `extra` a few on the next working days.
 */
export type DemoSingles =
  | {
      readonly kind: 'relay'
      /** Place among the relays of the CPTS, from 0. */
      readonly number: number
    }
  | { readonly kind: 'extra' }
  | null

export interface DemoGp {
  /** Place of the CPTS in `DEMO_COMMUNITIES`, or null outside of any. */
  readonly community: number | null
  readonly input: Omit<PractitionerInput, 'communityIds'>
  readonly series: readonly DemoSeries[]
  readonly singles: DemoSingles
}

export const DAY_CODES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
export type DayCode = (typeof DAY_CODES)[number]
const WORKING_DAYS = DAY_CODES.slice(0, 5)

const SEED = 92
const MEMBERS = 140
const RELAYS = 3

/** GPs of no CPTS, by commune. */
const INDEPENDENT = { '92026': 3, '92062': 2, '92025': 3, '92012': 1, '92004': 1 }

/** A Luhn key makes any ten digits an RPPS; no real one starts with 99. */
const rppsOf = (index: number): string => {
  const digits = `9992${String(index).padStart(6, '0')}`
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}

/** `total` shared by weight, in whole numbers (largest remainders). */
const shares = (total: number, weights: readonly number[]): number[] => {
  const sum = weights.reduce((a, b) => a + b, 0)
  const exact = weights.map((weight) => (total * weight) / sum)
  const whole = exact.map(Math.floor)
  const left = total - whole.reduce((a, b) => a + b, 0)
  const byRemainder = exact
    .map((share, index) => ({ index, rest: share % 1 }))
    .sort((a, b) => b.rest - a.rest)
  const luckier = new Set(byRemainder.slice(0, left).map(({ index }) => index))
  return whole.map((share, index) => share + (luckier.has(index) ? 1 : 0))
}

interface Seat {
  readonly community: number | null
  readonly commune: DemoCommune
  /** Place among the GPs of the same commune. */
  readonly rank: number
  /** How many they are. */
  readonly count: number
}

const seatsOf = (community: number | null, insee: string, count: number): Seat[] =>
  Array.from({ length: count }, (_, rank) => ({ community, commune: communeOf(insee), rank, count }))

const allSeats = (): Seat[] => {
  const populations = DEMO_COMMUNITIES.map(
    ({ population, communes }) =>
      population ?? communes.reduce((total, insee) => total + communeOf(insee).population, 0),
  )
  const members = shares(MEMBERS, populations).flatMap((count, community) => {
    const { communes = [] } = DEMO_COMMUNITIES[community] ?? {}
    const counts = shares(
      count,
      communes.map((insee) => communeOf(insee).population),
    )
    return communes.flatMap((insee, index) => seatsOf(community, insee, counts[index] ?? 0))
  })
  return [...members, ...Object.entries(INDEPENDENT).flatMap(([insee, count]) => seatsOf(null, insee, count))]
}

/** Phones of practices follow those of the CPTS in the range reserved for fiction. */
const phoneBook = () => {
  let given = 100
  return () => `+3319900${String(given++).padStart(4, '0')}`
}

const KM_PER_DEGREE = 111.2
const rounded = (degrees: number) => Math.round(degrees * 1e5) / 1e5

/** A point within 900 m of a commune's centre. */
const around = (dice: Dice, { lat, lon }: DemoCommune) => {
  const km = 0.1 + dice.below(80) / 100
  const angle = (dice.below(360) * Math.PI) / 180
  return {
    lat: rounded(lat + (km * Math.sin(angle)) / KM_PER_DEGREE),
    lon: rounded(lon + (km * Math.cos(angle)) / (KM_PER_DEGREE * Math.cos((lat * Math.PI) / 180))),
  }
}

const HOUSE_EVERY = 8
const HOUSE_SIZE = 3

/** Of eight GPs of a commune, the first three share a maison de santé; nobody has one alone. */
const isHoused = (rank: number, count: number): boolean => {
  const place = rank % HOUSE_EVERY
  return place < HOUSE_SIZE && rank - place + 1 < count
}

const siteMaker = (dice: Dice) => {
  const nextPhone = phoneBook()
  const shared = new Map<string, SiteInput>()
  const place = (commune: DemoCommune, name: string, wheelchair: boolean): SiteInput => ({
    name,
    line: streetLine(1 + dice.below(60), dice.below(8)),
    postalCode: commune.postalCode,
    city: commune.name,
    insee: commune.insee,
    ...around(dice, commune),
    phone: nextPhone(),
    wheelchair,
  })
  const housed = (commune: DemoCommune, group: number): SiteInput => {
    const key = `${commune.insee}/${group}`
    const known = shared.get(key)
    if (known) return known
    const number = shared.size
    const house = {
      ...place(commune, `Maison de santé fictive ${plantName(number * 7)}`, true),
      finess: `9299991${String(number).padStart(2, '0')}`,
    }
    shared.set(key, house)
    return house
  }
  return {
    main: ({ commune, rank, count }: Seat): SiteInput =>
      isHoused(rank, count)
        ? housed(commune, Math.floor(rank / HOUSE_EVERY))
        : place(commune, `Cabinet de démonstration ${starName(dice.below(1_000))}`, dice.chance(0.45)),
    second: (commune: DemoCommune): SiteInput =>
      place(commune, `Cabinet secondaire fictif ${starName(dice.below(1_000))}`, dice.chance(0.3)),
  }
}

const HOUR = 60

/** Where a weekday series starts: early, at lunch or, twice as often, in the evening. */
interface Band {
  readonly from: number
  readonly choices: number
}

const EVENING: Band = { from: 17 * HOUR + 30, choices: 4 }
const WEEKDAY_BANDS: readonly Band[] = [
  { from: 8 * HOUR, choices: 2 },
  { from: 12 * HOUR, choices: 3 },
  EVENING,
  EVENING,
]
const STEP = 15

const someDays = (dice: Dice): DayCode[] => {
  const chosen = dice.shuffle(WORKING_DAYS).slice(0, 1 + dice.below(2))
  return WORKING_DAYS.filter((day) => chosen.includes(day))
}

const someAudiences = (dice: Dice, isMember: boolean): Pick<OfferInput, 'audiences'> => {
  const throwOf100 = dice.below(100)
  if (throwOf100 < 70) return { audiences: ['SNP'] }
  if (throwOf100 < 85) return { audiences: isMember ? ['SNP', 'CPTS'] : ['SNP', 'PRO'] }
  return { audiences: throwOf100 < 92 ? ['PRO'] : ['PUBLIC', 'SNP'] }
}

const someOffer = (dice: Dice, isMember: boolean): OfferInput => ({
  ...someAudiences(dice, isMember),
  ...(dice.chance(0.12) ? { minAge: dice.pick([2, 6, 16]) } : {}),
})

/** Mostly at the practice; some by video too or only, and some without an appointment. */
const someVisits = (dice: Dice, isMember: boolean): Pick<DemoSeries, 'slotMinutes' | 'slots' | 'offer'> => {
  const offer = someOffer(dice, isMember)
  const pieces = { slotMinutes: dice.pick([15, 15, 20]), slots: 2 + dice.below(2) }
  const throwOf100 = dice.below(100)
  if (throwOf100 < 8) return { ...pieces, offer: { ...offer, modalities: ['VR'] } }
  if (throwOf100 < 14) return { ...pieces, offer: { ...offer, modalities: ['AMB', 'VR'] } }
  if (throwOf100 < 21)
    return {
      slotMinutes: 60,
      slots: 1,
      offer: { ...offer, appointmentType: 'WALKIN', capacity: 3 + dice.below(3) },
    }
  return { ...pieces, offer }
}

const weekdaySeries = (dice: Dice, isMember: boolean, band: Band, site: number): DemoSeries => ({
  ...someVisits(dice, isMember),
  days: someDays(dice),
  at: band.from + STEP * dice.below(band.choices),
  site,
})

const saturdaySeries = (dice: Dice, isMember: boolean): DemoSeries => ({
  offer: someOffer(dice, isMember),
  days: ['SA'],
  at: 9 * HOUR + 30 * dice.below(2),
  slotMinutes: dice.pick([15, 20]),
  slots: 4 + dice.below(3),
  site: 0,
})

const homeVisits = (dice: Dice, isMember: boolean): DemoSeries => ({
  offer: { ...someAudiences(dice, isMember), modalities: ['HH'] },
  days: someDays(dice),
  at: 14 * HOUR,
  slotMinutes: 30,
  slots: 2,
  site: 0,
})

/** One or two series, at different hours so that none hides the other; the second at the last of the sites. */
const ordinarySeries = (dice: Dice, isMember: boolean, sites: number): DemoSeries[] => {
  const band = dice.pick(WEEKDAY_BANDS)
  const other = dice.pick(WEEKDAY_BANDS.filter((one) => one.from !== band.from))
  const throwOf100 = dice.below(100)
  const first =
    throwOf100 < 18
      ? saturdaySeries(dice, isMember)
      : throwOf100 < 26
        ? homeVisits(dice, isMember)
        : weekdaySeries(dice, isMember, band, 0)
  return dice.chance(0.5) ? [first, weekdaySeries(dice, isMember, other, sites - 1)] : [first]
}

/** Members who keep the week-ends and the holidays of their CPTS, in the weeks after the seed too. */
const KEPT = { offer: { audiences: ['SNP'] }, site: 0, onHolidays: true } as const
const STANDING: readonly DemoSeries[] = [
  { ...KEPT, days: ['SA', 'SU'], at: 10 * HOUR, slotMinutes: 15, slots: 8 },
  { ...KEPT, days: DAY_CODES, at: 19 * HOUR, slotMinutes: 20, slots: 3 },
]

type Agenda = Pick<DemoGp, 'series' | 'singles'> & { readonly weeklyTargetMinutes: number }

/** What those of a CPTS aim at who open at any time. */
const ALWAYS_OPEN_MINUTES = 240

/** The part that a member has in keeping its CPTS open at any time, if it has one. */
const findDuty = ({ community, commune, rank }: Seat): Agenda | undefined => {
  if (community === null) return undefined
  const communes = DEMO_COMMUNITIES[community]?.communes ?? []
  const relays = Math.ceil(RELAYS / communes.length)
  const place = communes.indexOf(commune.insee)
  const weeklyTargetMinutes = ALWAYS_OPEN_MINUTES
  if (rank < relays)
    return { series: [], singles: { kind: 'relay', number: place * relays + rank }, weeklyTargetMinutes }
  const standing = place === 0 ? STANDING[rank - relays] : undefined
  return standing && { series: [standing], singles: null, weeklyTargetMinutes }
}

const ordinaryAgenda = (dice: Dice, seat: Seat, sites: number): Agenda => {
  const series = ordinarySeries(dice, seat.community !== null, sites)
  const hasSeries = dice.chance(0.93)
  return {
    series: hasSeries ? series : [],
    singles: dice.chance(0.25) || !hasSeries ? { kind: 'extra' } : null,
    weeklyTargetMinutes: dice.pick([60, 90, 120, 120, 120, 150, 180, 240]),
  }
}

const MORE_SPECIALTIES = [
  'Pédiatrie de ville',
  'Gynécologie médicale de ville',
  'Gériatrie',
  'Médecine du sport',
  'Petite traumatologie et sutures',
  'Médecine vasculaire',
]

const otherCommune = (dice: Dice, { community, commune }: Seat): DemoCommune =>
  communeOf(dice.pick(community === null ? [commune.insee] : (DEMO_COMMUNITIES[community]?.communes ?? [])))

/** The GPs of the demo, the same at each call. */
export const demoRoster = (): DemoGp[] => {
  const dice = diceOf(SEED)
  const makeSite = siteMaker(dice)
  return allSeats().map((seat, index): DemoGp => {
    const main = makeSite.main(seat)
    const sites = dice.chance(0.16) ? [main, makeSite.second(otherCommune(dice, seat))] : [main]
    const specialties = ['Médecine générale', ...(dice.chance(0.25) ? [dice.pick(MORE_SPECIALTIES)] : [])]
    const ordinary = ordinaryAgenda(dice, seat, sites.length)
    const { weeklyTargetMinutes, ...agenda } = findDuty(seat) ?? ordinary
    return {
      community: seat.community,
      input: {
        ...practitionerName(index),
        rpps: rppsOf(index + 1),
        profession: 'GP',
        specialties,
        sites,
        acceptsOverbooking: dice.chance(0.2),
        weeklyTargetMinutes,
      },
      ...agenda,
    }
  })
}
