import type { Ctx } from '../../db/db.ts'
import { communitiesOfPractitioner, siteOfPlace } from '../../members/actions.ts'
import {
  busyWithin,
  completeOffer,
  giveUpSlots,
  handOverSlot,
  placeSlot,
  reopenSlots,
  slotsOfShifts,
} from '../../slots/actions.ts'
import { isPublic } from '../rotas/rules.ts'
import { getSector } from '../sectors/actions.ts'
import { dutyPieces, ownerOf, sortDutySlots } from './rules.ts'
import * as store from './store.ts'
import { SHIFT_CHANGED, SHIFT_EMPTIED } from './vocabulary.ts'

type Sector = ReturnType<typeof getSector>

/** Where patients of a sector are seen, when it has a place of which everything is known. */
const placeOf = (sector: Sector) => {
  const { siteName: name, address: line, postalCode, city, insee, lat, lon, phone } = sector
  return name === null ||
    line === null ||
    postalCode === null ||
    city === null ||
    insee === null ||
    lat === null ||
    lon === null ||
    phone === null
    ? undefined
    : { name, line, postalCode, city, insee, lat, lon, phone }
}

/** What does not change from one place of a sector to the next. */
const deskOf = (ctx: Ctx) => {
  const sectors = new Map<string, Sector>()
  const sites = new Map<string, string | undefined>()
  const sectorOf = (id: string): Sector => {
    const sector = sectors.get(id) ?? getSector(ctx, id)
    sectors.set(id, sector)
    return sector
  }
  return {
    sectorOf,
    /** The practitioner's own site that stands for the sector's place, or else the first that they have. */
    siteOf: (practitionerId: string, sectorId: string): string | undefined => {
      const key = `${practitionerId}/${sectorId}`
      if (!sites.has(key)) sites.set(key, siteOfPlace(ctx, practitionerId, placeOf(sectorOf(sectorId))))
      return sites.get(key)
    },
  }
}

/**
 * Makes the bookable slots of these shifts be those of who is on duty. What is free of somebody else is withdrawn and
 * offered anew by who does the place now; what is booked stays where and when it is and passes to them, unless that
 * would be elsewhere or is time that they have given away: then, as when nobody is on duty any more, it is flagged, and
 * its free seats are nobody’s. Asks
 * for no right: whoever changed who is on duty had it.
 */
export const syncDutySlots = (ctx: Ctx, shiftIds: readonly string[]): void => {
  const desk = deskOf(ctx)
  const slots = slotsOfShifts(ctx, shiftIds)
  const work = store
    .bookablePlaces(ctx.db, shiftIds, ctx.now)
    .filter(({ state }) => isPublic(state))
    .map(({ shift, place }) => {
      const own = slots.filter((slot) => slot.shiftId === shift.id && slot.shiftPlace === place.place)
      const ownerId = ownerOf(place, own)
      return { shift, place, ownerId, ...sortDutySlots(own, ownerId) }
    })
  // Each step for all places before the next: two people who exchange places make room for each other.
  for (const { free } of work) giveUpSlots(ctx, { free: free.map(({ id }) => id), kept: [] }, SHIFT_CHANGED)
  for (const { reopened } of work)
    reopenSlots(
      ctx,
      reopened.map(({ id }) => id),
    )
  for (const { shift, ownerId, booked } of work)
    for (const slot of booked) {
      const isAtPlace = placeOf(desk.sectorOf(shift.sectorId)) !== undefined
      if (ownerId === null) giveUpSlots(ctx, { free: [], kept: [slot.id] }, SHIFT_EMPTIED)
      else if (slot.practitionerId === ownerId) handOverSlot(ctx, slot.id, ownerId, slot.siteId)
      else {
        const siteId = desk.siteOf(ownerId, shift.sectorId)
        const isFree = busyWithin(ctx, ownerId, slot).length === 0
        if (isAtPlace && isFree && siteId !== undefined) {
          reopenSlots(ctx, [slot.id])
          handOverSlot(ctx, slot.id, ownerId, siteId)
        } else giveUpSlots(ctx, { free: [], kept: [slot.id] }, SHIFT_CHANGED)
      }
    }
  for (const { shift, place, ownerId, blocked } of work) {
    const template = shift.slotTemplate
    const siteId = ownerId === null ? undefined : desk.siteOf(ownerId, shift.sectorId)
    if (template === null || ownerId === null || siteId === undefined) continue
    const { communityIds } = desk.sectorOf(shift.sectorId)
    const offer = completeOffer(ctx, communitiesOfPractitioner(ctx, ownerId), {
      capacity: template.capacity,
      audiences: template.audiences,
      communityIds,
    })
    const walls = [...blocked, ...busyWithin(ctx, ownerId, shift)]
    for (const { start, end } of dutyPieces(shift, template.slotMinutes, walls, ctx.now))
      placeSlot(ctx, offer, {
        practitionerId: ownerId,
        siteId,
        start,
        end,
        origin: 'shift',
        seriesId: null,
        occurrence: null,
        shiftId: shift.id,
        shiftPlace: place.place,
      })
  }
}
