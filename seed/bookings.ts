import { authenticate } from '../src/access/actions.ts'
import { book, cancelBooking, type BookingInput } from '../src/bookings/actions.ts'
import type { Ctx } from '../src/db/db.ts'
import { getLocalDate, toLocalDate } from '../src/kernel/civil.ts'
import type { Actor } from '../src/kernel/ctx.ts'
import { DAY, HOUR, MINUTE, plus, type Instant } from '../src/kernel/time.ts'
import type { SiteRow } from '../src/members/actions.ts'
import { listSlots, withdrawSlot, type SlotView } from '../src/slots/actions.ts'
import { diceOf, type Dice } from './dice.ts'
import { patientName, streetLine } from './names.ts'

const SEED = 9_248

/** What is booked in each CPTS, in the order of `DEMO_COMMUNITIES`: the more inhabitants, the more calls. */
const BOOKED = [8, 6, 10, 5, 5, 6]
const CANCELLED = [1, 1, 1, 0, 0, 1]

/** Slots booked lie between these two from now. */
const EARLIEST = 40 * MINUTE
const LATEST = 47 * HOUR
const MOST_PER_GP = 2

/** A GP as seeded. */
export interface SeededGp {
  readonly id: string
  readonly community: number | null
  readonly sites: readonly SiteRow[]
  readonly key: string
}

type CareCase = Pick<BookingInput, 'motive'> & { readonly ages: readonly [youngest: number, oldest: number] }

const CASES: readonly CareCase[] = [
  { motive: { code: 'fever', text: 'Fièvre depuis hier soir' }, ages: [18, 80] },
  { motive: { code: 'respiratory', text: 'Toux et gêne respiratoire légère' }, ages: [20, 90] },
  { motive: { code: 'ent', text: 'Douleur d’oreille' }, ages: [16, 70] },
  { motive: { code: 'digestive', text: 'Vomissements sans signe de gravité' }, ages: [18, 75] },
  { motive: { code: 'urinary', text: 'Brûlures urinaires' }, ages: [18, 85] },
  { motive: { code: 'skin', text: 'Éruption sur le bras' }, ages: [16, 65] },
  { motive: { code: 'trauma', text: 'Entorse de cheville, appui possible' }, ages: [16, 55] },
  { motive: { code: 'pain', text: 'Mal de dos' }, ages: [25, 80] },
  { motive: { code: 'paediatric', text: 'Enfant grognon, fièvre bien tolérée' }, ages: [1, 12] },
  { motive: { code: 'mental_health', text: 'Anxiété, souhaite parler à un médecin' }, ages: [18, 70] },
  { motive: { code: 'chronic', text: 'Tension à contrôler' }, ages: [50, 92] },
  { motive: { code: 'administrative' }, ages: [20, 60] },
  { motive: { code: 'other', text: 'Avis demandé par l’infirmière' }, ages: [30, 90] },
]

const OPERATORS = [
  { id: 'demo-op-1', name: 'Opératrice Fictive' },
  { id: 'demo-op-2', name: 'Opérateur Imaginaire' },
  { id: 'demo-op-3', name: 'Régulateur Exemple' },
]

const two = (number: number) => String(number).padStart(2, '0')

const birthDateOf = (ctx: Ctx, dice: Dice, age: number) => {
  const year = Number(toLocalDate(ctx.now, ctx.territory.zone).slice(0, 4)) - age - 1
  return getLocalDate(`${year}-${two(1 + dice.below(12))}-${two(1 + dice.below(28))}`)
}

/** The shortest delay that the slot meets. */
const delayOf = (ctx: Ctx, start: Instant): BookingInput['requestedDelay'] => {
  const { zone } = ctx.territory
  if (toLocalDate(start, zone) === toLocalDate(ctx.now, zone)) return 'same_day'
  return start - ctx.now <= DAY ? '24h' : '48h'
}

const bookingOf = (ctx: Ctx, dice: Dice, index: number, slot: SlotView, site: SiteRow): BookingInput => {
  const { motive, ages } = dice.pick(
    CASES.filter(({ ages: [youngest] }) => slot.minAge === null || youngest >= slot.minAge),
  )
  const age = ages[0] + dice.below(ages[1] - ages[0])
  return {
    slotId: slot.id,
    patient: {
      ...patientName(index),
      birthDate: birthDateOf(ctx, dice, age),
      phone: `+3363998${String(1 + index).padStart(4, '0')}`,
      sex: dice.pick(['female', 'male', 'unknown']),
      ...(slot.modalities.includes('HH')
        ? { address: `${streetLine(1 + dice.below(90), index)}, ${site.postalCode} ${site.city}` }
        : {}),
    },
    motive,
    regulationRef: `DRM-DEMO-${String(1 + index).padStart(4, '0')}`,
    requestedDelay: delayOf(ctx, slot.start),
    calledAt: plus(ctx.now, -(3 + dice.below(40)) * MINUTE),
    operator: dice.pick(OPERATORS),
  }
}

interface Candidate {
  readonly gp: SeededGp
  readonly slot: SlotView
}

/** Free slots of a CPTS in a random order, few of each GP, so that most stay free and loads differ. */
const candidatesOf = (ctx: Ctx, dice: Dice, gps: readonly SeededGp[], most: number): Candidate[] => {
  const free = gps.flatMap((gp) =>
    listSlots(
      ctx,
      { practitioner: gp.id, from: plus(ctx.now, EARLIEST), to: plus(ctx.now, LATEST), status: 'open' },
      undefined,
      100,
    ).map((slot) => ({ gp, slot })),
  )
  const perGp = new Map<string, number>()
  const spread = dice.shuffle(free).filter(({ gp }) => {
    const count = (perGp.get(gp.id) ?? 0) + 1
    perGp.set(gp.id, count)
    return count <= MOST_PER_GP
  })
  return spread.slice(0, Math.min(most, Math.floor(free.length / 3)))
}

/** The holder of a key that the seed has just made. */
const actorOf = (ctx: Ctx, secret: string): Actor => {
  const found = authenticate(ctx.db, ctx.territory, secret, ctx.now)
  if (!found) throw new Error('a key of the seed does not open')
  return found.actor
}

const CANCELLATIONS = [
  { reason: 'patient', note: 'A rappelé : va mieux' },
  { reason: 'regulation' },
  { reason: 'duplicate' },
  { reason: 'patient' },
] as const

/**
 * What the SAS has done before anybody looks: bookings of the next two days, a few cancelled since, and one whose
 * GP has withdrawn the slot, for the coordinator to move.
 */
export const seedBookings = (ctx: Ctx, gps: readonly SeededGp[], regulator: string): void => {
  const dice = diceOf(SEED)
  const bySas: Ctx = { ...ctx, actor: actorOf(ctx, regulator) }
  let index = 0
  const bookIt = ({ gp, slot }: Candidate): string => {
    const site = gp.sites.find(({ id }) => id === slot.siteId)
    if (!site) throw new Error('a slot is at a site of its GP')
    return book(bySas, bookingOf(ctx, dice, index++, slot, site)).row.id
  }
  let isWithdrawn = false
  let cancelled = 0
  BOOKED.forEach((booked, community) => {
    const toCancel = CANCELLED[community] ?? 0
    const members = gps.filter((gp) => gp.community === community)
    const [first, ...others] = candidatesOf(ctx, dice, members, booked + toCancel)
    if (!first) return
    const ids = [first, ...others].map(bookIt)
    for (const id of ids.slice(ids.length - toCancel)) {
      const how = CANCELLATIONS[cancelled++ % CANCELLATIONS.length] ?? CANCELLATIONS[0]
      cancelBooking(bySas, id, how)
    }
    if (isWithdrawn) return
    isWithdrawn = true
    const byGp: Ctx = { ...ctx, actor: actorOf(ctx, first.gp.key) }
    withdrawSlot(byGp, first.slot.id, 'Absence imprévue')
  })
}
