import type { Ctx, Sync } from '../src/db/db.ts'
import { createRota } from '../src/gardes/rotas/actions.ts'
import { finishGeneration, prepareGeneration, think } from '../src/gardes/rotas/generation/actions.ts'
import { transitionRota } from '../src/gardes/rotas/life/actions.ts'
import { createSector } from '../src/gardes/sectors/actions.ts'
import { addAbsence, addRestriction, addWish } from '../src/gardes/sectors/notes/actions.ts'
import { setMembers } from '../src/gardes/sectors/people/actions.ts'
import { setShiftTypes, type ShiftTypeInput } from '../src/gardes/sectors/shift-types/actions.ts'
import { addDays, getLocalDate, toLocalDate, yearOf, type LocalDate } from '../src/kernel/civil.ts'
import { DEMO_COMMUNITIES } from './communes.ts'
import { diceOf, type Dice } from './dice.ts'

const SEED = 92_150

/** Who of the GPs of each commune takes part: CPTS of the three that share the house of the hôpital Foch. */
const TAKING_PART = { '92050': 10, '92063': 8, '92073': 6 }

/** A GP as far as a sector is concerned: who, and of which CPTS by its place in `DEMO_COMMUNITIES`. */
export interface SectorGp {
  readonly id: string
  readonly community: number | null
}

export interface SeededSector {
  readonly sectorId: string
  /** On its list, by CPTS in the order of `TAKING_PART`. */
  readonly memberIds: readonly string[]
}

const EVERY_DAY = ['weekday', 'saturday', 'sunday', 'holiday'] as const

const shift = (
  type: Omit<ShiftTypeInput, 'rrule' | 'role' | 'headcount' | 'validFrom'> & { readonly headcount?: number },
  validFrom: LocalDate,
): ShiftTypeInput => ({ rrule: 'FREQ=DAILY', role: 'effecteur', headcount: 1, validFrom, ...type })

/** By day the house of the hôpital Foch is open to whom the SAS sends: a patient each half-hour. */
const slotTemplate = { slotMinutes: 30, capacity: 1, audiences: ['SNP'] as const }

const morning = { localStart: '08:00', localEnd: '14:00', headcount: 2 } as const
const afternoon = { localStart: '14:00', localEnd: '20:00', headcount: 2 } as const

/** One post in the evening, at night and on Saturday afternoon, two by day on Sundays and holidays; bookable by day. */
const shiftTypes = (validFrom: LocalDate): ShiftTypeInput[] =>
  [
    {
      code: 'evening',
      label: 'Soirée',
      localStart: '20:00',
      localEnd: '24:00',
      dayTypes: EVERY_DAY,
      category: 'evening' as const,
    },
    {
      code: 'night',
      label: 'Nuit profonde',
      localStart: '00:00',
      localEnd: '08:00',
      dayTypes: EVERY_DAY,
      category: 'night' as const,
    },
    {
      code: 'saturday',
      label: 'Samedi après-midi',
      localStart: '12:00',
      localEnd: '20:00',
      dayTypes: ['saturday'] as const,
      category: 'saturday' as const,
      slotTemplate,
    },
    ...(['sunday', 'holiday'] as const).flatMap((day) => {
      const name = day === 'sunday' ? 'Dimanche' : 'Jour férié'
      const common = { dayTypes: [day], category: day, slotTemplate }
      return [
        { ...common, ...morning, code: `${day}-morning`, label: `${name} matin` },
        { ...common, ...afternoon, code: `${day}-afternoon`, label: `${name} après-midi` },
      ]
    }),
  ].map((type) => shift(type, validFrom))

const takersOf = (dice: Dice, gps: readonly SectorGp[]): string[] =>
  Object.entries(TAKING_PART).flatMap(([insee, count]) => {
    const community = DEMO_COMMUNITIES.findIndex(({ communes }) => communes.includes(insee))
    const members = gps.filter((gp) => gp.community === community).map(({ id }) => id)
    return dice.shuffle(members).slice(0, count)
  })

const pad = (number: number) => String(number).padStart(2, '0')

/** What some of the list have said: no nights after a decision of the CDOM, Christmas at home, a week away. */
const seedNotes = (ctx: Ctx, sectorId: string, memberIds: readonly string[], from: LocalDate): void => {
  const today = toLocalDate(ctx.now, ctx.territory.zone)
  const christmas = {
    from: getLocalDate(`${yearOf(today)}-12-24`),
    to: getLocalDate(`${yearOf(today)}-12-25`),
  }
  memberIds.forEach((practitionerId, index) => {
    if (index % 8 === 3)
      addRestriction(ctx, sectorId, {
        practitionerId,
        from,
        shiftTypes: ['night'],
        source: 'CDOM',
        class: 'age',
      })
    if (index % 6 === 1) addWish(ctx, sectorId, { practitionerId, ...christmas, want: 'avoid' })
    if (index % 6 === 4)
      addWish(ctx, sectorId, {
        practitionerId,
        from: today,
        to: addDays(today, 180),
        shiftTypes: ['saturday'],
        want: 'prefer',
      })
    if (index % 7 === 5) {
      const first = addDays(today, 20 + 7 * index)
      addAbsence(ctx, sectorId, { practitionerId, from: first, to: addDays(first, 6) })
    }
  })
}

/**
 * The sector of the hôpital Foch, which the CPTS of Nanterre, Rueil-Malmaison and Suresnes share, with its shift types
 * and its list, in force since the first day of the year before. Most of the list takes a full part.
 */
export const seedSector = (
  ctx: Ctx,
  communityIds: readonly string[],
  gps: readonly SectorGp[],
): SeededSector => {
  const dice = diceOf(SEED)
  const validFrom = getLocalDate(`${yearOf(toLocalDate(ctx.now, ctx.territory.zone)) - 1}-01-01`)
  const communes = Object.keys(TAKING_PART)
  const sector = createSector(ctx, {
    name: 'Secteur de l’hôpital Foch',
    communes,
    communityIds: communityIds.filter((_, index) =>
      DEMO_COMMUNITIES[index]?.communes.some((insee) => communes.includes(insee)),
    ),
    siteName: 'Maison médicale de garde de l’hôpital Foch',
    address: '40 rue Worth',
    postalCode: '92150',
    city: 'Suresnes',
    insee: '92073',
    lat: 48.8709,
    lon: 2.2246,
    phone: '+33199000010',
    validFrom,
  })
  setShiftTypes(ctx, sector.id, shiftTypes(validFrom), undefined)
  const memberIds = takersOf(dice, gps)
  setMembers(
    ctx,
    sector.id,
    memberIds.map((practitionerId, index) => ({
      practitionerId,
      share: dice.pick([100, 100, 100, 75, 50]),
      from: validFrom,
      phone: `+3363998${80 + Math.floor(index / 100)}${pad(index % 100)}`,
    })),
    undefined,
  )
  seedNotes(ctx, sector.id, memberIds, validFrom)
  return { sectorId: sector.id, memberIds }
}

/** Slices of search, a third of a second of them: as even as can be. */
const SLICES = 12

/** The quarter that begins with the month of a day. */
const quarterOf = (today: LocalDate): { from: LocalDate; to: LocalDate } => {
  const months = yearOf(today) * 12 + Number(today.slice(5, 7)) - 1
  const first = (month: number) => getLocalDate(`${Math.floor(month / 12)}-${pad((month % 12) + 1)}-01`)
  return { from: first(months), to: addDays(first(months + 3), -1) }
}

/**
 * The rota of the sector from the first day of this month on, generated as the API does and taken to where it says who
 * is on duty. It is too late for the delays of the code de la santé publique, and its history says so.
 */
export const seedRota = async (
  commit: <T>(fn: (ctx: Ctx) => Sync<T>) => Promise<T>,
  sectorId: string,
): Promise<void> => {
  const { rotaId, prepared } = await commit((ctx) => {
    const { id } = createRota(ctx, { sectorId, ...quarterOf(toLocalDate(ctx.now, ctx.territory.zone)) })
    return { rotaId: id, prepared: prepareGeneration(ctx, id, {}, undefined) }
  })
  let slices = 0
  // By slices, not by the clock: the same rota on every machine.
  const pause = () => Promise.resolve(++slices < SLICES ? prepared.startedAt : prepared.endsBy)
  const thought = await think(prepared, pause, () => undefined)
  await commit((ctx) => {
    if (!finishGeneration(ctx, rotaId, {}, thought)) throw new Error('nothing else was at work')
    for (const to of ['consultation', 'validated', 'sent_to_cdom', 'published', 'in_force'] as const)
      transitionRota(ctx, rotaId, to, 'Tableau de démonstration')
  })
}
