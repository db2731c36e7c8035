import type { Ctx } from '../../db/db.ts'
import { addDays, startOfDay, toLocalDate, type LocalDate } from '../../kernel/civil.ts'
import { unlessRefused } from '../../kernel/refusal.ts'
import { plus, type Instant } from '../../kernel/time.ts'
import { getCommune } from '../../members/actions.ts'
import { getSector } from '../sectors/actions.ts'
import type { RotaKind } from '../vocabulary.ts'
import { LONGEST_SHIFT, refuseHolesPeriod, refuseMoment } from './rules.ts'
import * as store from './store.ts'

type Found = ReturnType<typeof store.shiftsWithin>[number]
type Doer = ReturnType<typeof store.peopleOf>[number]

/** What somebody on duty is called. */
export const nameOf = (person: Doer): string =>
  person.outsideName ?? `${person.given ?? ''} ${person.family ?? ''}`.trim()

/** By which somebody on duty is called: the number of the sector's list, else that of their practice. */
export const phoneOf = (person: Doer): string | null =>
  person.outsideName === null ? (person.listPhone ?? person.ownPhone) : person.outsidePhone

export interface OnDuty extends Found {
  readonly people: readonly Doer[]
  /** Telephones stay within the sector; the regulation sees them (ADR 0006). */
  readonly showsPhones: boolean
}

/** Whether the actor sees the telephones of a sector, for all sectors at once. */
const seenPhones = ({ db, actor, now, territory }: Ctx): ((sectorId: string) => boolean) => {
  if (actor.kind === 'system' || actor.role === 'admin' || actor.role === 'regulator') return () => true
  const own = new Set(
    store.ownSectorIds(
      db,
      actor.role === 'coordinator' ? actor.communityIds : [],
      actor.practitionerId,
      toLocalDate(now, territory.zone),
    ),
  )
  return (sectorId) => own.has(sectorId)
}

const windowOf = (after: Instant, before: Instant): store.Window => ({
  earliest: plus(after, -LONGEST_SHIFT),
  after,
  before,
})

/**
 * Who is on duty at an instant: the one answer that the API, a page, a feed and the regulator share. Half-open, as every
 * interval: at the instant of a hand-over it is the next who answers. A shift without anybody is there, without people.
 */
export const onDuty = (
  ctx: Ctx,
  asked: {
    readonly at?: Instant | undefined
    readonly commune?: string | undefined
    readonly sector?: string | undefined
    /** Gardes, unless the daytime ranges of CPTS are asked for, or a sector that has them. */
    readonly kind?: RotaKind | undefined
  },
): { at: Instant; items: OnDuty[] } => {
  const at = asked.at ?? ctx.now
  unlessRefused(refuseMoment(ctx.actor, at, ctx.now))
  const commune = asked.commune === undefined ? undefined : getCommune(ctx, asked.commune).insee
  const sector = asked.sector === undefined ? undefined : getSector(ctx, asked.sector)
  const sectors = store
    .sectorIds(ctx.db, asked.kind ?? sector?.kind ?? 'garde', commune)
    .filter((id) => sector === undefined || id === sector.id)
  const shifts = store.shiftsWithin(ctx.db, sectors, windowOf(at, plus(at, 1)))
  const people = store.peopleOf(
    ctx.db,
    shifts.map(({ shift }) => shift.id),
  )
  const showsPhones = seenPhones(ctx)
  const items = shifts.map((found) => ({
    ...found,
    people: people.filter((person) => person.shiftId === found.shift.id),
    showsPhones: showsPhones(found.sector.id),
  }))
  return { at, items }
}

/** Who does each place of these shifts, with the telephone to call them by. Asks for no right: those who call do. */
export const peopleOn = (ctx: Ctx, shiftIds: readonly string[]) =>
  store.peopleOf(ctx.db, shiftIds).map((person) => ({
    shiftId: person.shiftId,
    place: person.place,
    name: nameOf(person),
    phone: phoneOf(person),
  }))

/** Shifts of a sector, from a day to another included, that have not all their people. */
export const listHoles = (ctx: Ctx, sectorId: string, from: LocalDate, to: LocalDate) => {
  const sector = getSector(ctx, sectorId)
  const { zone } = ctx.territory
  const [after, before] = [startOfDay(from, zone), startOfDay(addDays(to, 1), zone)]
  unlessRefused(refuseHolesPeriod(after, before))
  return store.holesWithin(ctx.db, sector.id, windowOf(after, before))
}
