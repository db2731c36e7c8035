import type { Ctx } from '../../db/db.ts'
import { append } from '../../events/actions.ts'
import { toLocalDate, type LocalDate } from '../../kernel/civil.ts'
import { readCalendar, type Wanted } from '../../kernel/ical-reader.ts'
import { Refused, unlessRefused } from '../../kernel/refusal.ts'
import { DAY, plus } from '../../kernel/time.ts'
import { getManagedPractitioner, getSiteOf } from '../../members/actions.ts'
import { busyWithin, completeOffer, placeSlot, type OfferInput } from '../actions.ts'
import {
  importWindow,
  INVALID_CALENDAR,
  planImport,
  refuseTooMany,
  refuseWindow,
  windowInterval,
  type ImportItem,
} from './rules.ts'

export type { ImportItem } from './rules.ts'

export interface ImportInput extends OfferInput {
  readonly practitionerId: string
  readonly siteId: string
  /** Text of an iCalendar file. It may name patients: it is read, and neither kept nor told of. */
  readonly calendar: string
  readonly commit?: boolean | undefined
  readonly match?: Wanted | undefined
  readonly from?: LocalDate | undefined
  readonly to?: LocalDate | undefined
  readonly slotMinutes?: number | undefined
}

export interface Imported {
  readonly committed: boolean
  /** Slots made, or that would be. */
  readonly slots: number
  /** Whether they are more than one import may make. */
  readonly isTooMany: boolean
  readonly events: number
  readonly unmatched: number
  readonly outside: number
  readonly items: readonly ImportItem[]
  readonly isTruncated: boolean
}

/**
 * Makes slots of the times of another agenda, all or none, or tells which it would make and why not the others. Slots
 * made are single ones; the agenda is not followed.
 */
export const importSlots = (ctx: Ctx, input: ImportInput): Imported => {
  const { practitionerId, siteId } = input
  const practitioner = getManagedPractitioner(ctx, practitionerId)
  getSiteOf(ctx, practitionerId, siteId)
  const offer = completeOffer(ctx, practitioner.communityIds, input)
  const { zone } = ctx.territory
  const days = importWindow({ from: input.from, to: input.to }, toLocalDate(ctx.now, zone))
  unlessRefused(refuseWindow(days))
  const window = windowInterval(days, zone)
  const read = readCalendar(input.calendar, window, zone, input.match)
  if (!read) throw new Refused(INVALID_CALENDAR)
  const items = planImport(
    read.occurrences,
    { slotMinutes: input.slotMinutes, release: offer.release },
    busyWithin(ctx, practitionerId, { start: window.start, end: plus(window.end, DAY) }),
    ctx.now,
  )
  const pieces = items.flatMap((item) => item.slots)
  const tooMany = refuseTooMany(pieces.length)
  const committed = input.commit === true
  if (committed) {
    unlessRefused(tooMany)
    const slotIds = pieces.map(({ start, end }) =>
      placeSlot(ctx, offer, {
        practitionerId,
        siteId,
        start,
        end,
        origin: 'single',
        seriesId: null,
        occurrence: null,
      }),
    )
    const [first] = slotIds
    if (first !== undefined)
      append(ctx, { type: 'slots.imported', subject: first, practitionerId, data: { slotIds } })
  }
  const { events, unmatched, outside, isTruncated } = read
  return {
    committed,
    slots: pieces.length,
    isTooMany: tooMany !== null,
    events,
    unmatched,
    outside,
    items,
    isTruncated,
  }
}
