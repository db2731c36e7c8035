import { append } from '../../events/actions.ts'
import type { Ctx } from '../../db/db.ts'
import {
  addDays,
  addMinutes,
  atMinute,
  dateOf,
  dateText,
  startOfDay,
  toLocal,
  toLocalDate,
  type LocalDate,
  type LocalDateTime,
} from '../../kernel/civil.ts'
import { formatRule } from '../../kernel/recurrence.ts'
import { absent, orAbsent, Refused, unlessRefused } from '../../kernel/refusal.ts'
import { DAY, plus } from '../../kernel/time.ts'
import { getManagedPractitioner, getSiteOf, managesPractitioner } from '../../members/actions.ts'
import { busyWithin, completeOffer, endSlots, placeSlot, type OfferInput } from '../actions.ts'
import { isGivenBack } from '../rules.ts'
import type { Release } from '../vocabulary.ts'
import {
  countOccurrences,
  HORIZON_DAYS,
  piecesOf,
  planOccurrences,
  PREVIEW_DAYS,
  readRule,
  refuseTooMany,
  type Occurrence,
  type Pattern,
  type Piece,
} from './rules.ts'
import * as store from './store.ts'

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

/** The pattern of what was typed or stored; refuses a rule that cannot be read. */
export const getPattern = (ctx: Ctx, input: PatternInput): Pattern => {
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
export const nextMinute = (ctx: Ctx): LocalDateTime => addMinutes(toLocal(ctx.now, ctx.territory.zone), 1)

export const latest = (a: LocalDateTime, b: LocalDateTime): LocalDateTime => (a > b ? a : b)
const earliest = (a: LocalDateTime, b: LocalDateTime): LocalDateTime => (a < b ? a : b)

/** Up to where slots are made. */
export const horizonOf = (ctx: Ctx): LocalDateTime =>
  atMinute(addDays(toLocalDate(ctx.now, ctx.territory.zone), HORIZON_DAYS), 0)

/**
 * The occurrences of a pattern within a window, but those of the past, around the time of the practitioner that is taken;
 * `ignored` are slots that are not in the way.
 */
export const plan = (
  ctx: Ctx,
  {
    practitionerId,
    release,
  }: { readonly practitionerId: string; readonly release?: Release | null | undefined },
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
    // In the hour that clocks repeat, a wall time still to come may be an instant that has passed. What would be given
    // back at once is no more made than what has started.
    ({ interval }) =>
      interval === undefined ||
      (interval.start > ctx.now &&
        !isGivenBack({ start: interval.start, release: release ?? null }, ctx.now)),
  )
}

/** Makes the slots of a series, and returns how many. */
export const placePieces = (ctx: Ctx, row: store.SeriesRow, pieces: readonly Piece[]): number => {
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
  const first = plan(ctx, input, pattern, {
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
  return plan(ctx, input, pattern, { from, to: addMinutes(from, PREVIEW_DAYS * 24 * 60) })
}

/** A series that the actor manages; somebody else's is absent. */
export const getSeries = (ctx: Ctx, id: string): store.SeriesRow => {
  const row = orAbsent(store.findSeries(ctx.db, id), 'Série')
  if (!managesPractitioner(ctx, row.practitionerId)) throw new Refused(absent('Série'))
  return row
}

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

/**
 * Ends a series from a civil date on. Free slots from there are withdrawn; booked ones stay for their patients alone, and
 * the bookings are flagged.
 */
export const endSeries = (ctx: Ctx, id: string, from: LocalDate) => {
  const row = getSeries(ctx, id)
  if (row.endedFrom !== null && row.endedFrom <= from)
    throw new Refused({
      code: 'series_ended',
      detail: `Cette série est terminée depuis le ${dateText(row.endedFrom)}.`,
    })
  const { removed, keptBooked, needsAttention } = endSlots(ctx, id, from)
  const after = store.updateSeries(ctx.db, id, { endedFrom: from })
  append(ctx, {
    type: 'series.ended',
    subject: id,
    practitionerId: row.practitionerId,
    data: { from, removed, keptBooked, needsAttention },
  })
  return { row: after, removed, keptBooked }
}

/** A series and all those that it goes on from, by id, the last first. */
export const lineageOf = (ctx: Ctx, row: store.SeriesRow): string[] => {
  const lineage = [row.id]
  for (let before = row.follows; before !== null;) {
    lineage.push(before)
    before = store.findSeries(ctx.db, before)?.follows ?? null
  }
  return lineage
}

/** Writes what an edit has judged of a series: where it ends, or a date that it leaves out. */
export const changeSeries = (
  ctx: Ctx,
  id: string,
  change: Pick<store.SeriesRow, 'endedFrom'> | Pick<store.SeriesRow, 'exdates'>,
): store.SeriesRow => store.updateSeries(ctx.db, id, change)

/** Writes a series whose terms were judged before, and makes its first slots. */
export const addSeries = (ctx: Ctx, row: store.SeriesRow, pieces: readonly Piece[]): number => {
  store.insertSeries(ctx.db, row)
  return placePieces(ctx, row, pieces)
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
      const occurrences = plan(ctx, row, getPattern(ctx, row), { from, to })
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
