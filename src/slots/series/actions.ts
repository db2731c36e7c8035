import { append } from '../../events/actions.ts'
import type { Ctx } from '../../db/db.ts'
import {
  addDays,
  addMinutes,
  atMinute,
  dateOf,
  startOfDay,
  toInstant,
  toLocal,
  toLocalDate,
  type LocalDate,
  type LocalDateTime,
} from '../../kernel/civil.ts'
import { formatRule } from '../../kernel/recurrence.ts'
import { absent, orAbsent, Refused, unlessRefused } from '../../kernel/refusal.ts'
import { DAY, MINUTE, plus, type Interval } from '../../kernel/time.ts'
import { getManagedPractitioner, getSiteOf, managesPractitioner } from '../../members/actions.ts'
import {
  busyWithin,
  closeSlot,
  completeOffer,
  getStandingSlot,
  giveUpSlots,
  placeSlot,
  slotsOfSeries,
  withdrawSeriesSlots,
  type OfferInput,
} from '../actions.ts'
import { refuseInterval, refuseOverlap } from '../rules.ts'
import type { Offer, Release } from '../vocabulary.ts'
import {
  atClock,
  countOccurrences,
  findNext,
  firstNotStarted,
  HORIZON_DAYS,
  isGivenUp,
  piecesOf,
  planOccurrences,
  PREVIEW_DAYS,
  readRule,
  refuseAges,
  refusePieces,
  refuseTooMany,
  restOfRule,
  sortSlots,
  type Occurrence,
  type Pattern,
  type Piece,
  type Sorted,
} from './rules.ts'
import * as store from './store.ts'
import type { EditScope } from './vocabulary.ts'

export type { SeriesRow } from './store.ts'
export type { Occurrence } from './rules.ts'

export interface SeriesInput extends OfferInput {
  readonly practitionerId: string
  readonly siteId: string
  readonly rrule: string
  readonly localStart: LocalDateTime
  readonly durationMinutes: number
  readonly slotMinutes: number
  readonly exdates?: readonly LocalDate[] | undefined
  readonly skipHolidays?: boolean | undefined
}

type PatternInput = Pick<
  SeriesInput,
  'rrule' | 'localStart' | 'durationMinutes' | 'slotMinutes' | 'exdates' | 'skipHolidays'
>

const getPattern = (ctx: Ctx, input: PatternInput): Pattern => {
  const read = readRule(input.rrule, ctx.territory.zone, input.localStart)
  if ('refusal' in read) throw new Refused(read.refusal)
  return {
    rule: read.rule,
    localStart: input.localStart,
    durationMinutes: input.durationMinutes,
    slotMinutes: input.slotMinutes,
    exdates: input.exdates ?? [],
    skipHolidays: input.skipHolidays ?? true,
  }
}

/** The first minute of civil time that has not begun, so that no slot is made in the past. */
const nextMinute = (ctx: Ctx): LocalDateTime => addMinutes(toLocal(ctx.now, ctx.territory.zone), 1)

const latest = (a: LocalDateTime, b: LocalDateTime): LocalDateTime => (a > b ? a : b)
const earliest = (a: LocalDateTime, b: LocalDateTime): LocalDateTime => (a < b ? a : b)

const horizonOf = (ctx: Ctx): LocalDateTime =>
  atMinute(addDays(toLocalDate(ctx.now, ctx.territory.zone), HORIZON_DAYS), 0)

const plan = (
  ctx: Ctx,
  practitionerId: string,
  pattern: Pattern,
  window: { from: LocalDateTime; to: LocalDateTime },
  ignored: ReadonlySet<string> = new Set(),
): Occurrence[] => {
  const { zone } = ctx.territory
  const busy = busyWithin(ctx, practitionerId, {
    start: startOfDay(dateOf(window.from), zone),
    end: plus(startOfDay(dateOf(window.to), zone), 2 * DAY),
  }).filter(({ id }) => !ignored.has(id))
  return planOccurrences(pattern, window, { zone, territory: ctx.territory }, busy).filter(
    // In the hour that clocks repeat, a wall time still to come may be an instant that has passed.
    ({ interval }) => interval === undefined || interval.start > ctx.now,
  )
}

const placePieces = (ctx: Ctx, row: store.SeriesRow, pieces: readonly Piece[]): number => {
  for (const { start, end, occurrence } of pieces)
    placeSlot(ctx, row, {
      practitionerId: row.practitionerId,
      siteId: row.siteId,
      start,
      end,
      origin: 'series',
      seriesId: row.id,
      occurrence,
    })
  return pieces.length
}

/** Makes the slots of what a plan found, and returns how many. */
const place = (ctx: Ctx, row: store.SeriesRow, occurrences: readonly Occurrence[]): number =>
  placePieces(ctx, row, piecesOf(occurrences, row.slotMinutes, []))

export const createSeries = (ctx: Ctx, input: SeriesInput) => {
  const practitioner = getManagedPractitioner(ctx, input.practitionerId)
  getSiteOf(ctx, input.practitionerId, input.siteId)
  const pattern = getPattern(ctx, input)
  const offer = completeOffer(ctx, practitioner.communityIds, input)
  const horizon = horizonOf(ctx)
  const from = latest(input.localStart, nextMinute(ctx))
  // Judged over its own first eight weeks, which may begin after the horizon.
  const first = plan(ctx, input.practitionerId, pattern, {
    from,
    to: addMinutes(from, HORIZON_DAYS * 24 * 60),
  })
  unlessRefused(refuseTooMany(first.reduce((total, one) => total + one.slots, 0)))
  const occurrences = first.filter(({ localStart }) => localStart < horizon)
  const row: store.SeriesRow = {
    id: ctx.newId('series'),
    practitionerId: input.practitionerId,
    siteId: input.siteId,
    rrule: formatRule(pattern.rule),
    localStart: input.localStart,
    durationMinutes: input.durationMinutes,
    slotMinutes: input.slotMinutes,
    ...offer,
    audiences: [...offer.audiences],
    communityIds: [...offer.communityIds],
    modalities: [...offer.modalities],
    motives: [...offer.motives],
    exdates: [...pattern.exdates],
    skipHolidays: pattern.skipHolidays,
    materialisedTo: horizon,
    follows: null,
    endedFrom: null,
    version: 1,
    createdAt: ctx.now,
  }
  store.insertSeries(ctx.db, row)
  const slots = place(ctx, row, occurrences)
  const counts = countOccurrences(occurrences)
  append(ctx, {
    type: 'series.created',
    subject: row.id,
    practitionerId: row.practitionerId,
    data: { rrule: row.rrule, slots, ...counts },
  })
  return { row, occurrences: counts }
}

/** The occurrences that a series would have over a year from its start, made or skipped; changes nothing. */
export const previewSeries = (ctx: Ctx, input: SeriesInput): Occurrence[] => {
  getManagedPractitioner(ctx, input.practitionerId)
  getSiteOf(ctx, input.practitionerId, input.siteId)
  const pattern = getPattern(ctx, input)
  const from = latest(input.localStart, nextMinute(ctx))
  return plan(ctx, input.practitionerId, pattern, { from, to: addMinutes(from, PREVIEW_DAYS * 24 * 60) })
}

const getManagedSeries = (ctx: Ctx, id: string): store.SeriesRow => {
  const row = orAbsent(store.findSeries(ctx.db, id), 'Série')
  if (!managesPractitioner(ctx, row.practitionerId)) throw new Refused(absent('Série'))
  return row
}

export const getSeries = (ctx: Ctx, id: string): store.SeriesRow => getManagedSeries(ctx, id)

export const listSeries = (
  ctx: Ctx,
  practitioner: string | undefined,
  after: string | undefined,
  limit: number,
): store.SeriesRow[] => {
  const { actor } = ctx
  const scope =
    actor.kind === 'key' && actor.role === 'coordinator'
      ? { communityIds: actor.communityIds }
      : actor.kind === 'key' && actor.practitionerId !== null
        ? { practitionerId: actor.practitionerId }
        : {}
  if (practitioner !== undefined) {
    getManagedPractitioner(ctx, practitioner)
    return store.listSeries(ctx.db, { ...scope, practitionerId: practitioner }, after ?? '', limit + 1)
  }
  return store.listSeries(ctx.db, scope, after ?? '', limit + 1)
}

/** Ends a series from a civil date on. Free slots from there are withdrawn; booked ones stay as they are. */
export const endSeries = (ctx: Ctx, id: string, from: LocalDate) => {
  const row = getManagedSeries(ctx, id)
  if (row.endedFrom !== null && row.endedFrom <= from)
    throw new Refused({
      code: 'series_ended',
      detail: `Cette série est terminée depuis le ${row.endedFrom}.`,
    })
  const ended = withdrawSeriesSlots(ctx, id, from)
  const after = store.updateSeries(ctx.db, id, { endedFrom: from })
  append(ctx, {
    type: 'series.ended',
    subject: id,
    practitionerId: row.practitionerId,
    data: { from, ...ended },
  })
  return { row: after, ...ended }
}

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
  readonly next: store.SeriesRow
}

const seriesEnded = (detail: string): Refused => new Refused({ code: 'series_ended', detail })

const unlessEnded = (row: store.SeriesRow, from: LocalDate): void => {
  if (row.endedFrom !== null && row.endedFrom <= from)
    throw seriesEnded(`Cette série est terminée depuis le ${row.endedFrom}.`)
}

/** A series with what a change says of place, lengths and terms. */
const changed = (ctx: Ctx, row: store.SeriesRow, change: SeriesChange): store.SeriesRow => {
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
const slotsOfLineage = (ctx: Ctx, row: store.SeriesRow, from: LocalDate) => {
  const lineage = [row.id]
  for (let before = row.follows; before !== null;) {
    lineage.push(before)
    before = store.findSeries(ctx.db, before)?.follows ?? null
  }
  // An occurrence of the day before may still last.
  return slotsOfSeries(ctx, lineage, plus(startOfDay(from, ctx.territory.zone), -2 * DAY))
}

/** What an edit of the occurrence of one date comes to: it leaves the series, and goes on as slots of their own. */
const planThis = (ctx: Ctx, row: store.SeriesRow, from: LocalDate, change: SeriesChange): EditPlan => {
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
      detail: `Cette série n’a pas d’occurrence le ${from}.`,
      path: ['from'],
    })
  if (occurrence.interval.start <= ctx.now)
    throw new Refused({ code: 'slot_started', detail: `L’occurrence du ${from} a déjà commencé.` })
  const next = changed(ctx, row, change)
  if (change.cancelled) return { from, sorted, pieces: [], next }
  const localStart = atClock(from, change.localStart ?? row.localStart)
  const start = toInstant(localStart, zone, 'refuse')
  if (start === undefined)
    throw new Refused({
      code: 'invalid_interval',
      detail: `L’heure ${localStart.slice(11)} n’existe pas le ${from}.`,
      path: ['change', 'localStart'],
    })
  const interval: Interval = { start, end: plus(start, next.durationMinutes * MINUTE) }
  unlessRefused(refuseInterval(interval.start, interval.end, ctx.now))
  const own = new Set(slots.map(({ id }) => id))
  unlessRefused(refuseOverlap(busyWithin(ctx, row.practitionerId, interval).find(({ id }) => !own.has(id))))
  const pieces = piecesOf([{ localStart, interval, slots: 0 }], next.slotMinutes, sorted.blocked)
  return { from, sorted, pieces, next }
}

/** What an edit from a date on comes to: the series ends there, and another goes on from it. */
const planRest = (
  ctx: Ctx,
  row: store.SeriesRow,
  asked: LocalDate | undefined,
  change: SeriesChange,
): EditPlan => {
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
  const next: store.SeriesRow = {
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
    row.practitionerId,
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
const applyThis = (ctx: Ctx, row: store.SeriesRow, { from, pieces, next }: EditPlan): string => {
  store.updateSeries(ctx.db, row.id, { exdates: [...row.exdates, from].sort() })
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
const applyRest = (ctx: Ctx, row: store.SeriesRow, { from, pieces, next }: EditPlan): string => {
  store.updateSeries(ctx.db, row.id, { endedFrom: from })
  const made = { ...next, id: ctx.newId('series') }
  store.insertSeries(ctx.db, made)
  placePieces(ctx, made, pieces)
  return made.id
}

/**
 * Edits the occurrence of one date, those from a date on, or all that are still to come. Slots that have started or
 * that somebody has a seat of stay as they are, and their bookings are flagged; free ones give way to new ones. What
 * was withdrawn or removed before is not offered anew. A dry run tells the same and writes nothing.
 */
export const editSeries = (ctx: Ctx, id: string, edit: SeriesEdit) => {
  const row = getManagedSeries(ctx, id)
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

/**
 * Makes the slots that have come within the horizon, for at most `limit` series; returns how many it dealt with.
 * What was once dealt with is never made again, so a withdrawn slot does not come back.
 */
export const extendSeries = (ctx: Ctx, limit: number): number => {
  const horizon = horizonOf(ctx)
  const due = store.listToExtend(ctx.db, horizon, limit)
  for (const row of due) {
    const to = row.endedFrom === null ? horizon : earliest(horizon, atMinute(row.endedFrom, 0))
    const from = latest(latest(row.materialisedTo, row.localStart), nextMinute(ctx))
    if (from < to) {
      const occurrences = plan(ctx, row.practitionerId, getPattern(ctx, row), { from, to })
      const slots = place(ctx, row, occurrences)
      if (slots > 0)
        append(ctx, {
          type: 'series.extended',
          subject: row.id,
          practitionerId: row.practitionerId,
          data: { to, slots },
        })
    }
    store.setMaterialised(ctx.db, row.id, to)
  }
  return due.length
}

/**
 * Closes a slot whose last seat has just come free when its GP gave that time up by ending or editing the series: the
 * slot was kept for the patient who had it, and nobody else is to be sent there. A slot that has begun stays as it was.
 */
export const closeIfGivenUp = (ctx: Ctx, slotId: string): void => {
  const slot = getStandingSlot(ctx, slotId)
  if (slot.status !== 'open' || slot.taken > 0 || slot.seriesId === null || slot.occurrence === null) return
  const series = orAbsent(store.findSeries(ctx.db, slot.seriesId), 'Série')
  if (isGivenUp(series, slot.occurrence)) closeSlot(ctx, slot, 'series_ended')
}
