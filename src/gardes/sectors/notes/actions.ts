import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import type { LocalDate } from '../../../kernel/civil.ts'
import { sorted } from '../../../kernel/given.ts'
import { absent, orAbsent, Refused, unlessRefused } from '../../../kernel/refusal.ts'
import { getManagedSector, getSector } from '../actions.ts'
import { membersOf } from '../people/actions.ts'
import { refuseNotListed } from '../people/rules.ts'
import { refuseDates } from '../rules.ts'
import { typesOf } from '../shift-types/actions.ts'
import { refuseShiftCodes } from '../shift-types/rules.ts'
import type { RestrictionClass, RestrictionSource, Want } from '../vocabulary.ts'
import { refuseEnd, refuseSource } from './rules.ts'
import * as store from './store.ts'

export type { AbsenceRow, NoteFilter, RestrictionRow, WishRow } from './store.ts'

/** Whose the notes of a sector are that the actor reads: everybody's, or their own. */
const readerOf = (ctx: Ctx, sectorId: string): { isManaged: boolean; practitionerId?: string } => {
  const { actor } = ctx
  if (actor.kind === 'key' && actor.role === 'practitioner') {
    getSector(ctx, sectorId)
    if (actor.practitionerId === null) throw new Error('the key of a practitioner names one')
    return { isManaged: false, practitionerId: actor.practitionerId }
  }
  getManagedSector(ctx, sectorId)
  return { isManaged: true }
}

/** The filter as far as the actor may look: a practitioner sees what is their own, and nobody else's. */
const withinReach = (ctx: Ctx, sectorId: string, filter: store.NoteFilter): store.NoteFilter | undefined => {
  const { practitionerId } = readerOf(ctx, sectorId)
  if (practitionerId === undefined) return filter
  const isOthers = filter.practitionerId !== undefined && filter.practitionerId !== practitionerId
  return isOthers ? undefined : { ...filter, practitionerId }
}

interface NoteInput {
  readonly practitionerId: string
  readonly from: LocalDate
  readonly to?: LocalDate | undefined
  readonly shiftTypes?: readonly string[] | undefined
}

/**
 * What restrictions, wishes and absences have in common when they are written down: by the person or by who manages the
 * sector, of somebody on its list, in order, of shift types that it has. An empty list of types is every type.
 */
const noteOf = (ctx: Ctx, sectorId: string, input: NoteInput) => {
  const reader = readerOf(ctx, sectorId)
  if (!reader.isManaged && reader.practitionerId !== input.practitionerId)
    throw new Refused(absent('Praticien'))
  const to = input.to ?? null
  const shiftTypes = input.shiftTypes && input.shiftTypes.length > 0 ? sorted(input.shiftTypes) : null
  unlessRefused(refuseDates(input.from, to))
  const members = membersOf(ctx, sectorId)
  unlessRefused(refuseNotListed(members, input.practitionerId, { from: input.from, to }))
  unlessRefused(refuseShiftCodes(input.shiftTypes ?? [], typesOf(ctx, sectorId)))
  return {
    isManaged: reader.isManaged,
    note: {
      sectorId,
      practitionerId: input.practitionerId,
      from: input.from,
      shiftTypes,
      createdAt: ctx.now,
    },
  }
}

/** A note of a sector that the actor may change; another's is absent. */
const getReached = <T extends { readonly practitionerId: string }>(
  ctx: Ctx,
  sectorId: string,
  find: () => T | undefined,
  what: string,
): { isManaged: boolean; note: T } => {
  const { isManaged, practitionerId } = readerOf(ctx, sectorId)
  const note = orAbsent(find(), what)
  if (!isManaged && note.practitionerId !== practitionerId) throw new Refused(absent(what))
  return { isManaged, note }
}

export interface RestrictionInput extends NoteInput {
  readonly source: RestrictionSource
  readonly class: RestrictionClass
}

export const listRestrictions = (
  ctx: Ctx,
  sectorId: string,
  asked: store.NoteFilter,
  after: string | undefined,
  limit: number,
): store.RestrictionRow[] => {
  const filter = withinReach(ctx, sectorId, asked)
  return filter ? store.listRestrictions(ctx.db, sectorId, filter, after, limit + 1) : []
}

/** From then on, somebody takes no shift of these types. Nothing says why beyond its class, the journal not even that. */
export const addRestriction = (ctx: Ctx, sectorId: string, input: RestrictionInput): store.RestrictionRow => {
  const { isManaged, note } = noteOf(ctx, sectorId, input)
  unlessRefused(refuseSource(isManaged, input.source))
  const row: store.RestrictionRow = {
    ...note,
    id: ctx.newId('restriction'),
    to: input.to ?? null,
    source: input.source,
    class: input.class,
  }
  store.insertRestriction(ctx.db, row)
  append(ctx, {
    type: 'restriction.added',
    subject: row.id,
    practitionerId: row.practitionerId,
    data: { sectorId },
  })
  return row
}

/** Gives a restriction a last day, or an earlier one. It stays on record. */
export const endRestriction = (
  ctx: Ctx,
  sectorId: string,
  restrictionId: string,
  to: LocalDate,
): store.RestrictionRow => {
  const find = () => store.findRestriction(ctx.db, sectorId, restrictionId)
  const { isManaged, note } = getReached(ctx, sectorId, find, 'Restriction')
  unlessRefused(refuseSource(isManaged, note.source))
  unlessRefused(refuseEnd(note, to))
  const row = store.endRestriction(ctx.db, restrictionId, to)
  append(ctx, {
    type: 'restriction.ended',
    subject: row.id,
    practitionerId: row.practitionerId,
    data: { sectorId, to },
  })
  return row
}

export interface WishInput extends NoteInput {
  readonly to: LocalDate
  readonly want: Want
}

export const listWishes = (
  ctx: Ctx,
  sectorId: string,
  asked: store.NoteFilter,
  after: string | undefined,
  limit: number,
): store.WishRow[] => {
  const filter = withinReach(ctx, sectorId, asked)
  return filter ? store.listWishes(ctx.db, sectorId, filter, after, limit + 1) : []
}

/** What somebody would rather do or not: followed where nothing of more weight is against it. */
export const addWish = (ctx: Ctx, sectorId: string, input: WishInput): store.WishRow => {
  const { note } = noteOf(ctx, sectorId, input)
  const row: store.WishRow = { ...note, id: ctx.newId('wish'), to: input.to, want: input.want }
  store.insertWish(ctx.db, row)
  append(ctx, {
    type: 'wish.added',
    subject: row.id,
    practitionerId: row.practitionerId,
    data: { sectorId, want: row.want },
  })
  return row
}

export const removeWish = (ctx: Ctx, sectorId: string, wishId: string): void => {
  const { note } = getReached(ctx, sectorId, () => store.findWish(ctx.db, sectorId, wishId), 'Souhait')
  store.deleteWish(ctx.db, wishId)
  append(ctx, {
    type: 'wish.removed',
    subject: wishId,
    practitionerId: note.practitionerId,
    data: { sectorId },
  })
}

export interface AbsenceInput extends NoteInput {
  readonly to: LocalDate
}

export const listAbsences = (
  ctx: Ctx,
  sectorId: string,
  asked: store.NoteFilter,
  after: string | undefined,
  limit: number,
): store.AbsenceRow[] => {
  const filter = withinReach(ctx, sectorId, asked)
  return filter ? store.listAbsences(ctx.db, sectorId, filter, after, limit + 1) : []
}

/** Days on which somebody takes no shift, or none of some types. */
export const addAbsence = (ctx: Ctx, sectorId: string, input: AbsenceInput): store.AbsenceRow => {
  const { note } = noteOf(ctx, sectorId, input)
  const row: store.AbsenceRow = { ...note, id: ctx.newId('absence'), to: input.to }
  store.insertAbsence(ctx.db, row)
  append(ctx, {
    type: 'absence.added',
    subject: row.id,
    practitionerId: row.practitionerId,
    data: { sectorId, from: row.from, to: row.to },
  })
  return row
}

export const removeAbsence = (ctx: Ctx, sectorId: string, absenceId: string): void => {
  const find = () => store.findAbsence(ctx.db, sectorId, absenceId)
  const { note } = getReached(ctx, sectorId, find, 'Absence')
  store.deleteAbsence(ctx.db, absenceId)
  append(ctx, {
    type: 'absence.removed',
    subject: absenceId,
    practitionerId: note.practitionerId,
    data: { sectorId },
  })
}

/** All that was written down for a sector, of the days given or of all time. Asks for no right. */
export const notesOf = (ctx: Ctx, sectorId: string, during: store.NoteFilter) => ({
  restrictions: store.listRestrictions(ctx.db, sectorId, during),
  wishes: store.listWishes(ctx.db, sectorId, during),
  absences: store.listAbsences(ctx.db, sectorId, during),
})
