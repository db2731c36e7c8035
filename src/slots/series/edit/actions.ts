import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import {
  addDays,
  addMinutes,
  atMinute,
  dateOf,
  dateText,
  startOfDay,
  toInstant,
  toLocalDate,
  type LocalDate,
  type LocalDateTime,
} from '../../../kernel/civil.ts'
import { formatRule } from '../../../kernel/recurrence.ts'
import { Refused, unlessRefused } from '../../../kernel/refusal.ts'
import { DAY, MINUTE, plus, type Interval } from '../../../kernel/time.ts'
import { getSiteOf } from '../../../members/actions.ts'
import {
  busyWithin,
  completeOffer,
  giveUpSlots,
  placeSlot,
  slotsOfSeries,
  type OfferInput,
} from '../../actions.ts'
import { refuseInterval, refuseOverlap, refuseRelease } from '../../rules.ts'
import type { Offer, Release } from '../../vocabulary.ts'
import {
  addSeries,
  changeSeries,
  getPattern,
  getSeries,
  horizonOf,
  latest,
  lineageOf,
  nextMinute,
  plan,
  type SeriesRow,
} from '../actions.ts'
import { HORIZON_DAYS, piecesOf, planOccurrences, readRule, refuseTooMany, type Piece } from '../rules.ts'
import {
  atClock,
  findNext,
  firstNotStarted,
  refuseAges,
  refusePieces,
  restOfRule,
  sortSlots,
  type Sorted,
} from './rules.ts'
import type { EditScope } from './vocabulary.ts'

/** What an edit says otherwise; the rest stays. Null takes a term away. */
export interface SeriesChange extends Omit<OfferInput, 'minAge' | 'maxAge' | 'release'> {
  readonly minAge?: number | null | undefined
  readonly maxAge?: number | null | undefined
  readonly release?: Release | null | undefined
  readonly siteId?: string | undefined
  /** A minute of the clock; the dates are the rule's. */
  readonly localStart?: LocalDateTime | undefined
  readonly durationMinutes?: number | undefined
  readonly slotMinutes?: number | undefined
  readonly rrule?: string | undefined
  /** More dates to leave out. */
  readonly exdates?: readonly LocalDate[] | undefined
  readonly skipHolidays?: boolean | undefined
  /** The occurrence is dropped. */
  readonly cancelled?: true | undefined
}

export interface SeriesEdit {
  readonly scope: EditScope
  readonly from?: LocalDate | undefined
  readonly change: SeriesChange
  readonly dryRun?: boolean | undefined
}

/** What an edit would do, found out by reading alone. */
interface EditPlan {
  readonly from: LocalDate
  readonly sorted: Sorted
  readonly pieces: readonly Piece[]
  /** The series as it would be; its own terms for the occurrence of one date. */
  readonly next: SeriesRow
}

const seriesEnded = (detail: string): Refused => new Refused({ code: 'series_ended', detail })

const unlessEnded = (row: SeriesRow, from: LocalDate): void => {
  if (row.endedFrom !== null && row.endedFrom <= from)
    throw seriesEnded(`Cette série est terminée depuis le ${dateText(row.endedFrom)}.`)
}

/** A series with what a change says of place, lengths and terms. */
const changed = (ctx: Ctx, row: SeriesRow, change: SeriesChange): SeriesRow => {
  const siteId = change.siteId ?? row.siteId
  if (change.siteId !== undefined) getSiteOf(ctx, row.practitionerId, siteId)
  const kept = <T>(said: T | null | undefined, was: T | null): T | undefined =>
    (said === undefined ? was : said) ?? undefined
  const offer: Offer = completeOffer(ctx, row.communityIds, {
    capacity: change.capacity ?? row.capacity,
    audiences: change.audiences ?? row.audiences,
    communityIds: change.communityIds ?? row.communityIds,
    modalities: change.modalities ?? row.modalities,
    appointmentType: change.appointmentType ?? row.appointmentType,
    motives: change.motives ?? row.motives,
    minAge: kept(change.minAge, row.minAge),
    maxAge: kept(change.maxAge, row.maxAge),
    release: kept(change.release, row.release),
  })
  const durationMinutes = change.durationMinutes ?? row.durationMinutes
  const slotMinutes = change.slotMinutes ?? row.slotMinutes
  unlessRefused(refusePieces(durationMinutes, slotMinutes))
  unlessRefused(refuseAges(offer.minAge, offer.maxAge))
  return {
    ...row,
    siteId,
    durationMinutes,
    slotMinutes,
    ...offer,
    audiences: [...offer.audiences],
    communityIds: [...offer.communityIds],
    modalities: [...offer.modalities],
    motives: [...offer.motives],
  }
}

/** The slots, from a date on, of a series and of all those that it goes on from. */
const slotsOfLineage = (ctx: Ctx, row: SeriesRow, from: LocalDate) => {
  // An occurrence of the day before may still last.
  return slotsOfSeries(ctx, lineageOf(ctx, row), plus(startOfDay(from, ctx.territory.zone), -2 * DAY))
}

/** What an edit of the occurrence of one date comes to: it leaves the series, and goes on as slots of their own. */
const planThis = (ctx: Ctx, row: SeriesRow, from: LocalDate, change: SeriesChange): EditPlan => {
  unlessEnded(row, from)
  const { zone } = ctx.territory
  const day = { from: atMinute(from, 0), to: atMinute(addDays(from, 1), 0) }
  const slots = slotsOfLineage(ctx, row, from)
  const sorted = sortSlots(slots, row.id, (date) => date === from)
  const pattern = getPattern(ctx, row)
  const [occurrence] = planOccurrences(pattern, day, { zone, territory: ctx.territory }, [])
  if (
    occurrence?.interval === undefined ||
    occurrence.skipped !== undefined ||
    sorted.removedDates.includes(from)
  )
    throw new Refused({
      code: 'no_occurrence',
      detail: `Cette série n’a pas d’occurrence le ${dateText(from)}.`,
      path: ['from'],
    })
  if (occurrence.interval.start <= ctx.now)
    throw new Refused({ code: 'slot_started', detail: `L’occurrence du ${dateText(from)} a déjà commencé.` })
  const next = changed(ctx, row, change)
  if (change.cancelled) return { from, sorted, pieces: [], next }
  const localStart = atClock(from, change.localStart ?? row.localStart)
  const start = toInstant(localStart, zone, 'refuse')
  if (start === undefined)
    throw new Refused({
      code: 'invalid_interval',
      detail: `L’heure ${localStart.slice(11)} n’existe pas le ${dateText(from)}.`,
      path: ['change', 'localStart'],
    })
  const interval: Interval = { start, end: plus(start, next.durationMinutes * MINUTE) }
  unlessRefused(refuseInterval(interval.start, interval.end, ctx.now))
  unlessRefused(refuseRelease({ start, release: next.release }, ctx.now))
  const own = new Set(slots.map(({ id }) => id))
  unlessRefused(refuseOverlap(busyWithin(ctx, row.practitionerId, interval).find(({ id }) => !own.has(id))))
  const pieces = piecesOf([{ localStart, interval, slots: 0 }], next.slotMinutes, sorted.blocked)
  return { from, sorted, pieces, next }
}

/** What an edit from a date on comes to: the series ends there, and another goes on from it. */
const planRest = (ctx: Ctx, row: SeriesRow, asked: LocalDate | undefined, change: SeriesChange): EditPlan => {
  const { zone } = ctx.territory
  const earliestFrom = [
    firstNotStarted(row.localStart, ctx.now, zone),
    dateOf(row.localStart),
    ...(asked === undefined ? [] : [asked]),
  ].reduce((a, b) => (a > b ? a : b))
  unlessEnded(row, earliestFrom)
  const pattern = getPattern(ctx, row)
  const first = findNext(pattern, earliestFrom)
  if (first === undefined) throw seriesEnded('Cette série n’a plus d’occurrence.')
  unlessEnded(row, dateOf(first))
  const clock = change.localStart ?? row.localStart
  const localStart = atClock(change.rrule === undefined ? dateOf(first) : earliestFrom, clock)
  const read =
    change.rrule === undefined
      ? { rule: restOfRule(pattern, first) }
      : readRule(change.rrule, zone, localStart)
  if ('refusal' in read) throw new Refused({ ...read.refusal, path: ['change', 'rrule'] })
  const slots = slotsOfLineage(ctx, row, earliestFrom)
  const sorted = sortSlots(slots, row.id, (date) => date >= earliestFrom)
  const horizon = horizonOf(ctx)
  const next: SeriesRow = {
    ...changed(ctx, row, change),
    rrule: formatRule(read.rule),
    localStart,
    exdates: [...new Set([...row.exdates, ...(change.exdates ?? []), ...sorted.removedDates])]
      .filter((date) => date >= dateOf(localStart))
      .sort(),
    skipHolidays: change.skipHolidays ?? row.skipHolidays,
    materialisedTo: horizon,
    follows: row.id,
    version: 1,
    createdAt: ctx.now,
  }
  const from = latest(localStart, nextMinute(ctx))
  const planned = plan(
    ctx,
    next,
    { ...pattern, ...next, rule: read.rule },
    { from, to: addMinutes(from, HORIZON_DAYS * 24 * 60) },
    new Set(slots.map(({ id }) => id)),
  ).filter((one) => next.endedFrom === null || dateOf(one.localStart) < next.endedFrom)
  unlessRefused(refuseTooMany(planned.reduce((total, one) => total + one.slots, 0)))
  const pieces = piecesOf(
    planned.filter((one) => one.localStart < horizon),
    next.slotMinutes,
    sorted.blocked,
  )
  return { from: earliestFrom, sorted, pieces, next }
}

/** Writes what an edit of one date came to; the series that goes on is the same. */
const applyThis = (ctx: Ctx, row: SeriesRow, { from, pieces, next }: EditPlan): string => {
  changeSeries(ctx, row.id, { exdates: [...row.exdates, from].sort() })
  for (const { start, end } of pieces)
    placeSlot(ctx, next, {
      practitionerId: next.practitionerId,
      siteId: next.siteId,
      start,
      end,
      origin: 'single',
      seriesId: null,
      occurrence: null,
    })
  return row.id
}

/** Writes what an edit from a date on came to; a new series goes on. */
const applyRest = (ctx: Ctx, row: SeriesRow, { from, pieces, next }: EditPlan): string => {
  changeSeries(ctx, row.id, { endedFrom: from })
  const made = { ...next, id: ctx.newId('series') }
  addSeries(ctx, made, pieces)
  return made.id
}

/**
 * Edits the occurrence of one date, those from a date on, or all that are still to come. Slots that have started or
 * that somebody has a seat of stay as they are, and their bookings are flagged; free ones give way to new ones. What
 * was withdrawn or removed before is not offered anew. A dry run tells the same and writes nothing.
 */
export const editSeries = (ctx: Ctx, id: string, edit: SeriesEdit) => {
  const row = getSeries(ctx, id)
  const planned =
    edit.scope === 'this'
      ? planThis(ctx, row, edit.from ?? toLocalDate(ctx.now, ctx.territory.zone), edit.change)
      : planRest(ctx, row, edit.scope === 'following' ? edit.from : undefined, edit.change)
  const { sorted, pieces } = planned
  const counts = { created: pieces.length, removed: sorted.free.length }
  const isThis = edit.scope === 'this'
  if (edit.dryRun) return { seriesId: isThis ? row.id : null, ...counts, keptBooked: sorted.kept }
  const needsAttention = giveUpSlots(ctx, sorted)
  const seriesId = isThis ? applyThis(ctx, row, planned) : applyRest(ctx, row, planned)
  append(ctx, {
    type: 'series.edited',
    subject: id,
    practitionerId: row.practitionerId,
    data: { scope: edit.scope, from: planned.from, seriesId, ...counts, needsAttention },
  })
  return { seriesId, ...counts, keptBooked: sorted.kept }
}
