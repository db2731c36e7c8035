import type { Ctx } from '../../db/db.ts'
import { writeCalendar, type CalendarEvent } from '../../kernel/ical-writer.ts'
import type { Instant } from '../../kernel/time.ts'
import { peopleOn } from '../on-call/actions.ts'
import { isPublic, MOST_PLACES } from '../rotas/rules.ts'
import type { RotaRow, ShiftView } from '../rotas/actions.ts'
import { getSector } from '../sectors/actions.ts'
import { isListed } from '../sectors/people/actions.ts'
import { eventOf, maySeeSector, statesShown, type CalendarPlace } from './rules.ts'
import * as store from './store.ts'

type Found = ReturnType<typeof store.placesDoneBy>[number]

const placeOf = (
  { shift, place, changes, changedAt, shownAt }: Found,
  status: CalendarEvent['status'],
): CalendarPlace => ({ ...shift, place, changes, changedAt, shownAt, status })

const keyOf = ({ shiftId, place }: { readonly shiftId: string; readonly place: number }) =>
  `${shiftId}/${place}`

/** What each place is called, where it is, and by whom: one sector at a time, each read once. */
const eventsIn = (ctx: Ctx) => {
  const sectors = new Map<string, ReturnType<typeof getSector>>()
  return (place: CalendarPlace, sectorId: string): CalendarEvent => {
    const sector = sectors.get(sectorId) ?? getSector(ctx, sectorId)
    sectors.set(sectorId, sector)
    return eventOf(place, sector, ctx.territory.code)
  }
}

/**
 * The gardes that a practitioner does, of every sector, and those of late that they do no more, as cancelled. Asks for no
 * right: the link that is read is one.
 */
export const ownCalendar = (ctx: Ctx, practitionerId: string, since: Instant, limit: number): string => {
  const event = eventsIn(ctx)
  const done = store.placesDoneBy(ctx.db, practitionerId, since, limit)
  const left = store.placesLeftBy(ctx.db, practitionerId, since, limit)
  const events = [
    ...done.map((found) => event(placeOf(found, 'CONFIRMED'), found.shift.sectorId)),
    ...left.map((found) => event(placeOf(found, 'CANCELLED'), found.shift.sectorId)),
  ]
  return writeCalendar({
    name: 'Mes gardes',
    events: events.sort((a, b) => a.start - b.start || (a.uid < b.uid ? -1 : 1)).slice(0, limit),
  })
}

/** Whether the actor may follow the gardes of a sector, now. */
export const isSectorFollowed = (ctx: Ctx, sectorId: string): boolean => {
  const { actor } = ctx
  const isMember =
    actor.kind === 'key' &&
    actor.role === 'practitioner' &&
    actor.practitionerId !== null &&
    isListed(ctx, sectorId, actor.practitionerId)
  return maySeeSector(actor, getSector(ctx, sectorId).communityIds, isMember)
}

/** Who is on duty in a sector, place by place, those that nobody does included; for whom `isSectorFollowed` lets. */
export const sectorCalendar = (ctx: Ctx, sectorId: string, since: Instant, limit: number): string => {
  const sector = getSector(ctx, sectorId)
  const found = store.placesOfSector(ctx.db, sectorId, statesShown(ctx.actor), since, limit)
  const ids = [...new Set(found.map(({ shift }) => shift.shiftId))]
  const people = new Map(peopleOn(ctx, ids).map((person) => [keyOf(person), person]))
  return writeCalendar({
    name: `Gardes · ${sector.name}`,
    events: found.map((row) => {
      const place = placeOf(row, 'CONFIRMED')
      return eventOf({ ...place, person: people.get(keyOf(place)) ?? null }, sector, ctx.territory.code)
    }),
  })
}

/**
 * The places of these shifts of a rota that somebody does, as a calendar to keep: what is not published yet is tentative.
 * Asks for no right, and tells the telephones that it is given.
 */
export const rotaCalendar = (ctx: Ctx, rota: RotaRow, shifts: readonly ShiftView[]): string => {
  const sector = getSector(ctx, rota.sectorId)
  const ids = shifts.map(({ id }) => id)
  const names = new Map(peopleOn(ctx, ids).map((person) => [keyOf(person), person.name]))
  const phones = new Map(
    shifts.flatMap(({ places }) => places).map((place) => [keyOf(place), place.phone] as const),
  )
  const status = isPublic(rota.state) ? 'CONFIRMED' : 'TENTATIVE'
  return writeCalendar({
    name: `Gardes · ${sector.name}`,
    events: store.placesOfRota(ctx.db, rota.id, MOST_PLACES).flatMap((row) => {
      const place = placeOf(row, status)
      const [name, phone] = [names.get(keyOf(place)), phones.get(keyOf(place))]
      if (name === undefined || phone === undefined) return []
      return [eventOf({ ...place, person: { name, phone } }, sector, ctx.territory.code)]
    }),
  })
}
