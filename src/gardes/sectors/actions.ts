import type { Ctx } from '../../db/db.ts'
import { append } from '../../events/actions.ts'
import { toLocalDate, type LocalDate } from '../../kernel/civil.ts'
import { absent, orAbsent, Refused, refuseStale, unlessRefused } from '../../kernel/refusal.ts'
import { assertCommunities, getCommunes, practitionersAmong } from '../../members/actions.ts'
import type { Audience } from '../../slots/vocabulary.ts'
import type { Category, RotaKind, ShiftDayType, ShiftRole } from '../vocabulary.ts'
import {
  calendarDays,
  calendarOptionsOf,
  isStillListed,
  mayManageSector,
  mayShareSector,
  minutesBetween,
  minutesOf,
  refuseCalendarPeriod,
  refuseDates,
  refuseEnd,
  refuseMembers,
  refuseNotListed,
  refuseShiftCodes,
  refuseShiftTypes,
  refuseSource,
  type CalendarDay,
} from './rules.ts'
import * as store from './store.ts'
import type { RestrictionClass, RestrictionSource, Want } from './vocabulary.ts'

export { calendarOptionsOf, clockOf, endClockOf } from './rules.ts'
export type { CalendarDay } from './rules.ts'
export type {
  AbsenceRow,
  NoteFilter,
  RestrictionRow,
  SectorFilter,
  SectorMemberRow,
  SectorRow,
  ShiftTypeRow,
  WishRow,
} from './store.ts'

type Change<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** What a body need not say, and null to empty it. */
type Emptied<T> = { readonly [K in keyof T]?: T[K] | null | undefined }

/** What the caller left out stays as it is; `undefined` never overwrites. */
const given = <T extends object>(change: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as never

const sorted = <T extends string>(codes: readonly T[]): T[] => [...new Set(codes)].sort()

const today = (ctx: Ctx): LocalDate => toLocalDate(ctx.now, ctx.territory.zone)

// Sectors

export interface SectorView extends store.SectorRow {
  readonly communes: readonly string[]
  readonly communityIds: readonly string[]
}

const sectorViews = (ctx: Ctx, rows: readonly store.SectorRow[]): SectorView[] => {
  const ids = rows.map((row) => row.id)
  const communes = store.communesOf(ctx.db, ids)
  const communities = store.communitiesOf(ctx.db, ids)
  return rows.map((row) => ({
    ...row,
    communes: communes.filter((one) => one.sectorId === row.id).map((one) => one.insee),
    communityIds: communities.filter((one) => one.sectorId === row.id).map((one) => one.communityId),
  }))
}

/** A sector is organisation, not patient data: whoever has a key of the territory may read it. */
export const getSector = (ctx: Ctx, id: string): SectorView => {
  const [view] = sectorViews(ctx, [orAbsent(store.findSector(ctx.db, id), 'Secteur')])
  return orAbsent(view, 'Secteur')
}

/** The sector if it is the actor's to manage; otherwise the refusal of an absent one. */
export const getManagedSector = (ctx: Ctx, id: string): SectorView => {
  const sector = getSector(ctx, id)
  if (!mayManageSector(ctx.actor, sector.communityIds)) throw new Refused(absent('Secteur'))
  return sector
}

/** Whether a practitioner is on a sector's list, now or later. */
export const isListed = (ctx: Ctx, sectorId: string, practitionerId: string): boolean =>
  isStillListed(store.membersOf(ctx.db, sectorId), practitionerId, today(ctx))

/** The sector if it is the actor's to manage or the actor is on its list; otherwise the refusal of an absent one. */
export const getListedSector = (ctx: Ctx, id: string): SectorView => {
  const sector = getSector(ctx, id)
  const { actor } = ctx
  const isOnList =
    actor.kind === 'key' &&
    actor.role === 'practitioner' &&
    actor.practitionerId !== null &&
    isListed(ctx, id, actor.practitionerId)
  if (!isOnList && !mayManageSector(actor, sector.communityIds)) throw new Refused(absent('Secteur'))
  return sector
}

export const listSectors = (
  ctx: Ctx,
  filter: store.SectorFilter,
  after: string | undefined,
  limit: number,
): SectorView[] => sectorViews(ctx, store.listSectors(ctx.db, filter, after ?? '', limit + 1))

/** Where gardes of the sector are done, when they have one place. */
interface Place {
  readonly siteName: string
  readonly address: string
  readonly postalCode: string
  readonly city: string
  readonly insee: string
  readonly lat: number
  readonly lon: number
  readonly phone: string
}

/** What a sector need not decide. */
interface Choices extends Place {
  readonly goodFridayIsHoliday: boolean
  readonly maxShiftsPer7Days: number
  readonly maxShiftsPer28Days: number
  readonly validFrom: LocalDate
  readonly validTo: LocalDate
}

interface Terms {
  readonly name: string
  readonly communes: readonly string[]
  readonly communityIds: readonly string[]
}

interface Decided {
  readonly pontDays: Change<{ mondayBefore: boolean; fridayAfter: boolean; saturdayAfter: boolean }>
  readonly extraHolidays: readonly LocalDate[]
  readonly restHours: number
  readonly approvalForSwaps: boolean
}

export type SectorInput = Terms & Change<Choices> & Change<Decided> & { readonly kind?: RotaKind | undefined }

/** Null empties what a sector need not decide. */
export type SectorChange = Change<Terms> & Emptied<Choices> & Change<Decided>

/** Hours between two shifts of a person, unless the sector says otherwise (code du travail L3131-1, by analogy). */
export const DEFAULT_REST_HOURS = 11

const pontColumns = (pontDays: Decided['pontDays'] = {}) =>
  given({
    pontMondayBefore: pontDays.mondayBefore,
    pontFridayAfter: pontDays.fridayAfter,
    pontSaturdayAfter: pontDays.saturdayAfter,
  })

export const createSector = (ctx: Ctx, input: SectorInput): SectorView => {
  const communityIds = sorted(input.communityIds)
  assertCommunities(ctx, communityIds)
  if (!mayShareSector(ctx.actor, [], communityIds)) throw new Refused(absent('CPTS'))
  const communes = sorted(input.communes)
  getCommunes(ctx, communes)
  const validFrom = input.validFrom ?? null
  const validTo = input.validTo ?? null
  unlessRefused(refuseDates(validFrom, validTo, ['validTo']))
  const id = ctx.newId('sector')
  store.insertSector(ctx.db, {
    id,
    kind: input.kind ?? 'garde',
    name: input.name,
    siteName: input.siteName ?? null,
    address: input.address ?? null,
    postalCode: input.postalCode ?? null,
    city: input.city ?? null,
    insee: input.insee ?? null,
    lat: input.lat ?? null,
    lon: input.lon ?? null,
    phone: input.phone ?? null,
    goodFridayIsHoliday: input.goodFridayIsHoliday ?? null,
    pontMondayBefore: false,
    pontFridayAfter: false,
    pontSaturdayAfter: false,
    ...pontColumns(input.pontDays),
    extraHolidays: sorted(input.extraHolidays ?? []),
    restHours: input.restHours ?? DEFAULT_REST_HOURS,
    maxShiftsPer7Days: input.maxShiftsPer7Days ?? null,
    maxShiftsPer28Days: input.maxShiftsPer28Days ?? null,
    approvalForSwaps: input.approvalForSwaps ?? false,
    validFrom,
    validTo,
    version: 1,
    createdAt: ctx.now,
  })
  store.setCommunes(ctx.db, id, communes)
  store.setCommunities(ctx.db, id, communityIds)
  append(ctx, { type: 'sector.created', subject: id, data: { communes, communityIds } })
  return getSector(ctx, id)
}

export const updateSector = (
  ctx: Ctx,
  id: string,
  change: SectorChange,
  ifMatch: number | undefined,
): SectorView => {
  const before = getManagedSector(ctx, id)
  unlessRefused(refuseStale(before.version, ifMatch))
  const { communes, communityIds, pontDays, extraHolidays, ...columns } = given(change)
  if (communityIds) {
    const after = sorted(communityIds)
    assertCommunities(ctx, after)
    if (!mayShareSector(ctx.actor, before.communityIds, after)) throw new Refused(absent('CPTS'))
    store.setCommunities(ctx.db, id, after)
  }
  if (communes) {
    getCommunes(ctx, communes)
    store.setCommunes(ctx.db, id, sorted(communes))
  }
  const { validFrom = before.validFrom, validTo = before.validTo } = columns
  unlessRefused(refuseDates(validFrom, validTo, ['validTo']))
  store.updateSector(ctx.db, id, {
    ...columns,
    ...pontColumns(pontDays),
    ...(extraHolidays ? { extraHolidays: sorted(extraHolidays) } : {}),
  })
  append(ctx, { type: 'sector.updated', subject: id, data: { changed: Object.keys(given(change)) } })
  return getSector(ctx, id)
}

// Shift types

export interface ShiftTypeInput {
  readonly code: string
  readonly label: string
  readonly rrule: string
  /** `HH:mm` */
  readonly localStart: string
  /** One of the two: minutes on the clock, or `HH:mm` up to `24:00`, of the next day when not after the start. */
  readonly durationMinutes?: number | undefined
  readonly localEnd?: string | undefined
  readonly dayTypes: readonly ShiftDayType[]
  readonly category: Category
  readonly headcount: number
  readonly role: ShiftRole
  readonly slotTemplate?:
    | { readonly slotMinutes: number; readonly capacity: number; readonly audiences: readonly Audience[] }
    | undefined
  readonly validFrom: LocalDate
  readonly validTo?: LocalDate | undefined
}

const durationOf = (input: ShiftTypeInput): number => {
  if (input.durationMinutes !== undefined) return input.durationMinutes
  if (input.localEnd === undefined) throw new Error('a shift has a duration or an end')
  return minutesBetween(minutesOf(input.localStart), minutesOf(input.localEnd))
}

/** What is a list of the sector's, and the version of the sector that it is of. */
export interface Versioned<T> {
  readonly items: readonly T[]
  readonly version: number
}

export const listShiftTypes = (ctx: Ctx, sectorId: string): Versioned<store.ShiftTypeRow> => {
  const { version } = getSector(ctx, sectorId)
  return { items: store.typesOf(ctx.db, sectorId), version }
}

/** Replaces the shift types of a sector whole. Shifts that were made of the old ones stay as they are. */
export const setShiftTypes = (
  ctx: Ctx,
  sectorId: string,
  inputs: readonly ShiftTypeInput[],
  ifMatch: number | undefined,
): Versioned<store.ShiftTypeRow> => {
  const sector = getManagedSector(ctx, sectorId)
  unlessRefused(refuseStale(sector.version, ifMatch))
  const rows = inputs.map((input, position): store.ShiftTypeRow => ({
    sectorId,
    code: input.code,
    validFrom: input.validFrom,
    validTo: input.validTo ?? null,
    position,
    label: input.label,
    rrule: input.rrule,
    startMinute: minutesOf(input.localStart),
    durationMinutes: durationOf(input),
    dayTypes: [...input.dayTypes],
    category: input.category,
    headcount: input.headcount,
    role: input.role,
    slotTemplate: input.slotTemplate ?? null,
  }))
  unlessRefused(refuseShiftTypes(rows, ctx.territory.zone))
  store.setTypes(ctx.db, sectorId, rows)
  store.updateSector(ctx.db, sectorId, {})
  append(ctx, {
    type: 'shift_types.set',
    subject: sectorId,
    data: { codes: sorted(rows.map(({ code }) => code)) },
  })
  return listShiftTypes(ctx, sectorId)
}

// Members

export interface SectorMemberInput {
  readonly practitionerId: string
  readonly share: number
  readonly from: LocalDate
  readonly to?: LocalDate | undefined
  readonly roles?: readonly ShiftRole[] | undefined
  readonly phone?: string | undefined
  readonly maxPer7Days?: number | undefined
  readonly maxPer28Days?: number | undefined
  readonly maxPerRota?: number | undefined
}

/** The list of a sector, for who manages it and who is on it. */
export const listMembers = (ctx: Ctx, sectorId: string): Versioned<store.SectorMemberRow> => {
  const { version } = getListedSector(ctx, sectorId)
  return { items: store.membersOf(ctx.db, sectorId), version }
}

/** Replaces the list of a sector whole. Whoever practises in the territory may be on it: a sector is not a CPTS. */
export const setMembers = (
  ctx: Ctx,
  sectorId: string,
  inputs: readonly SectorMemberInput[],
  ifMatch: number | undefined,
): Versioned<store.SectorMemberRow> => {
  const sector = getManagedSector(ctx, sectorId)
  unlessRefused(refuseStale(sector.version, ifMatch))
  const ids = sorted(inputs.map(({ practitionerId }) => practitionerId))
  const found = new Set(practitionersAmong(ctx, ids).map((one) => one.id))
  const unknown = inputs.findIndex(({ practitionerId }) => !found.has(practitionerId))
  if (unknown >= 0) throw new Refused({ ...absent('Praticien'), path: [unknown, 'practitionerId'] })
  const rows = inputs.map((input): store.SectorMemberRow => ({
    sectorId,
    practitionerId: input.practitionerId,
    from: input.from,
    to: input.to ?? null,
    share: input.share,
    roles: [...new Set(input.roles ?? (['effecteur'] as const))],
    phone: input.phone ?? null,
    maxPer7Days: input.maxPer7Days ?? null,
    maxPer28Days: input.maxPer28Days ?? null,
    maxPerRota: input.maxPerRota ?? null,
  }))
  unlessRefused(refuseMembers(rows))
  const before = new Set(store.membersOf(ctx.db, sectorId).map((one) => one.practitionerId))
  store.setMembers(ctx.db, sectorId, rows)
  store.updateSector(ctx.db, sectorId, {})
  append(ctx, {
    type: 'sector_members.set',
    subject: sectorId,
    data: {
      members: ids.length,
      added: ids.filter((one) => !before.has(one)),
      removed: [...before].filter((one) => !found.has(one)),
    },
  })
  return listMembers(ctx, sectorId)
}

// Restrictions, wishes and absences

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
  const members = store.membersOf(ctx.db, sectorId)
  unlessRefused(refuseNotListed(members, input.practitionerId, { from: input.from, to }))
  unlessRefused(refuseShiftCodes(input.shiftTypes ?? [], store.typesOf(ctx.db, sectorId)))
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

export interface AbsenceInput {
  readonly practitionerId: string
  readonly from: LocalDate
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

/** Days on which somebody takes no shift. */
export const addAbsence = (ctx: Ctx, sectorId: string, input: AbsenceInput): store.AbsenceRow => {
  const { shiftTypes: _every, ...note } = noteOf(ctx, sectorId, input).note
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

// For rotas and the calendar

export interface SectorSnapshot {
  readonly sector: SectorView
  readonly communes: readonly string[]
  readonly communityIds: readonly string[]
  readonly types: readonly store.ShiftTypeRow[]
  readonly members: readonly store.SectorMemberRow[]
  readonly restrictions: readonly store.RestrictionRow[]
  readonly wishes: readonly store.WishRow[]
  readonly absences: readonly store.AbsenceRow[]
}

/**
 * All that a rota of a sector is made from: what people asked is that of the days given, or of all time. Asks for no
 * right: whoever calls has asked `getManagedSector` or `getListedSector` before.
 */
export const sectorSnapshot = (
  ctx: Ctx,
  sectorId: string,
  during: { readonly from?: LocalDate; readonly to?: LocalDate } = {},
): SectorSnapshot => {
  const sector = getSector(ctx, sectorId)
  return {
    sector,
    communes: sector.communes,
    communityIds: sector.communityIds,
    types: store.typesOf(ctx.db, sectorId),
    members: store.membersOf(ctx.db, sectorId),
    restrictions: store.listRestrictions(ctx.db, sectorId, during),
    wishes: store.listWishes(ctx.db, sectorId, during),
    absences: store.listAbsences(ctx.db, sectorId, during),
  }
}

/** What each day of a period is, for the territory or as a sector has decided it. */
export const listCalendarDays = (
  ctx: Ctx,
  { from, to, sector }: { from: LocalDate; to: LocalDate; sector?: string | undefined },
): CalendarDay[] => {
  const options = sector === undefined ? undefined : calendarOptionsOf(getSector(ctx, sector))
  unlessRefused(refuseCalendarPeriod(from, to))
  return calendarDays({ from, to }, ctx.territory.zone, ctx.territory, options)
}
