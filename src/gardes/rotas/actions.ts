import type { Ctx } from '../../db/db.ts'
import { actorName, append } from '../../events/actions.ts'
import { dateOf, toLocalDate, type LocalDate } from '../../kernel/civil.ts'
import { absent, orAbsent, Refused, unlessRefused } from '../../kernel/refusal.ts'
import type { Instant } from '../../kernel/time.ts'
import { getManagedSector, getSector } from '../sectors/actions.ts'
import { calendarOptionsOf } from '../sectors/days/rules.ts'
import { isListed } from '../sectors/people/actions.ts'
import { mayManageSector } from '../sectors/rules.ts'
import { typesOf } from '../sectors/shift-types/actions.ts'
import { planShifts, refuseSize } from './planning/rules.ts'
import {
  changesBetween,
  doerOf,
  isRotaShown,
  PRIVATE_STATES,
  PUBLIC_STATES,
  refuseDeletion,
  refuseOutside,
  refusePeriod,
  refuseRotaOverlap,
  RUNNING_STATES,
  type PlaceChange,
  type Standing,
} from './rules.ts'
import * as store from './store.ts'
import type { RotaState, RotaWarning, VersionReason } from './vocabulary.ts'

export type { PlaceChange } from './rules.ts'
export type { PlaceRow, RotaFilter, RotaRow, ShiftRow } from './store.ts'

const today = (ctx: Ctx): LocalDate => toLocalDate(ctx.now, ctx.territory.zone)

// Who sees what

const standingOf = (ctx: Ctx, sectorId: string): Standing => {
  const { actor } = ctx
  return {
    isManager: mayManageSector(actor, getSector(ctx, sectorId).communityIds),
    isMember:
      actor.kind === 'key' && actor.practitionerId !== null && isListed(ctx, sectorId, actor.practitionerId),
  }
}

/** A rota with how the actor stands to its sector; one that they are not shown is absent. */
export const getShownRota = (ctx: Ctx, id: string): { rota: store.RotaRow; standing: Standing } => {
  const rota = orAbsent(store.findRota(ctx.db, id), 'Tableau')
  const standing = standingOf(ctx, rota.sectorId)
  if (!isRotaShown(ctx.actor, standing, rota, today(ctx))) throw new Refused(absent('Tableau'))
  return { rota, standing }
}

/** A rota of a sector that is the actor's to manage; another is absent. */
export const getManagedRota = (ctx: Ctx, id: string): store.RotaRow => {
  const rota = orAbsent(store.findRota(ctx.db, id), 'Tableau')
  if (!standingOf(ctx, rota.sectorId).isManager) throw new Refused(absent('Tableau'))
  return rota
}

export interface RotaView extends store.RotaRow {
  readonly shifts: number
  readonly places: number
  readonly empty: number
}

const rotaViews = (ctx: Ctx, rows: readonly store.RotaRow[]): RotaView[] => {
  const counts = new Map(
    store
      .countsOf(
        ctx.db,
        rows.map((row) => row.id),
      )
      .map((count) => [count.rotaId, count]),
  )
  return rows.map((row) => {
    const { shifts = 0, places = 0, empty = 0 } = counts.get(row.id) ?? {}
    return { ...row, shifts, places, empty }
  })
}

export const viewOf = (ctx: Ctx, row: store.RotaRow): RotaView =>
  orAbsent(rotaViews(ctx, [row])[0], 'Tableau')

export const getRota = (ctx: Ctx, id: string) => {
  const { rota, standing } = getShownRota(ctx, id)
  return {
    rota: viewOf(ctx, rota),
    /** Who took which step and what they noted is for those whom the sector concerns. */
    history: standing.isManager || standing.isMember ? store.transitionsOf(ctx.db, id) : undefined,
  }
}

export const listRotas = (
  ctx: Ctx,
  filter: store.RotaFilter,
  after: string | undefined,
  limit: number,
): RotaView[] => {
  const { actor } = ctx
  const isAll = actor.kind === 'system' || actor.role === 'admin'
  const isRegulator = actor.kind === 'key' && actor.role === 'regulator'
  const rows = store.listRotas(
    ctx.db,
    {
      managedCommunityIds: isAll ? null : actor.role === 'coordinator' ? actor.communityIds : [],
      practitionerId: isAll ? null : actor.practitionerId,
    },
    {
      toAll: isRegulator ? RUNNING_STATES : PUBLIC_STATES,
      notBefore: isRegulator ? today(ctx) : null,
      notToMembers: PRIVATE_STATES,
      today: today(ctx),
    },
    filter,
    after ?? '',
    limit + 1,
  )
  return rotaViews(ctx, rows)
}

// Making and throwing away

export interface RotaInput {
  readonly sectorId: string
  readonly from: LocalDate
  readonly to: LocalDate
  readonly exceptional?: boolean | undefined
}

/** Makes a rota with the shifts that the sector's types give, all places empty. */
export const createRota = (ctx: Ctx, input: RotaInput): RotaView => {
  const { sectorId, from, to, exceptional = false } = input
  const sector = getManagedSector(ctx, sectorId)
  unlessRefused(refusePeriod(sector.kind, from, to, exceptional))
  unlessRefused(refuseOutside(sector, from, to))
  unlessRefused(refuseRotaOverlap(store.findCovering(ctx.db, sectorId, from, to)))
  const options = calendarOptionsOf(sector)
  const planned = planShifts(typesOf(ctx, sectorId), from, to, ctx.territory.zone, ctx.territory, options)
  unlessRefused(refuseSize(planned))
  const id = ctx.newId('rota')
  store.insertRota(ctx.db, {
    id,
    sectorId,
    kind: sector.kind,
    from,
    to,
    isExceptional: exceptional,
    state: 'draft',
    version: 1,
    createdAt: ctx.now,
  })
  for (const { type, ...shift } of planned)
    store.insertShift(ctx.db, {
      ...shift,
      id: ctx.newId('shift'),
      rotaId: id,
      sectorId,
      code: type.code,
      label: type.label,
      category: type.category,
      role: type.role,
      headcount: type.headcount,
      slotTemplate: type.slotTemplate,
    })
  append(ctx, {
    type: 'rota.created',
    subject: id,
    data: { sectorId, from, to, shifts: planned.length },
  })
  return viewOf(ctx, orAbsent(store.findRota(ctx.db, id), 'Tableau'))
}

/** Throws away a draft: a rota made by mistake, or before the sector's shift types were right. */
export const deleteRota = (ctx: Ctx, id: string): void => {
  const rota = getManagedRota(ctx, id)
  unlessRefused(refuseDeletion(rota.state))
  store.deleteRota(ctx.db, id)
  append(ctx, {
    type: 'rota.deleted',
    subject: id,
    data: { sectorId: rota.sectorId, from: rota.from, to: rota.to },
  })
}

// Shifts

export interface PlaceView extends store.PlaceRow {
  /** Of who does it, on that day; shown to those who may have to call. */
  readonly phone: string | null
}

export interface ShiftView extends store.ShiftRow {
  readonly places: readonly PlaceView[]
}

/** Telephones are for the sector and the regulation, not for whoever may read a published rota. */
const seesPhones = (ctx: Ctx, { isManager, isMember }: Standing): boolean =>
  isManager || isMember || (ctx.actor.kind === 'key' && ctx.actor.role === 'regulator')

export interface ShiftsView {
  readonly shifts: readonly ShiftView[]
  /** Why a rule was set aside is for those who decide it. */
  readonly isManager: boolean
}

const FIRST = { start: -8.64e15 as Instant, id: '' }

/** Shifts of a rota in order of start, with who does them. */
export const listShifts = (
  ctx: Ctx,
  rotaId: string,
  after: { readonly start: Instant; readonly id: string } | undefined,
  limit: number,
): ShiftsView => {
  const { rota, standing } = getShownRota(ctx, rotaId)
  const rows = store.listShifts(ctx.db, rotaId, after ?? FIRST, limit + 1)
  const places = store.placesOf(
    ctx.db,
    rows.map((row) => row.id),
  )
  const phones = seesPhones(ctx, standing) ? store.phonesOf(ctx.db, rota.sectorId) : []
  const phoneOf = (shift: store.ShiftRow, place: store.PlaceRow): string | null => {
    if (place.outsideName !== null) return seesPhones(ctx, standing) ? place.outsidePhone : null
    const [doer, date] = [doerOf(place), dateOf(shift.localStart)]
    const listed = phones.find(
      (one) => one.practitionerId === doer && one.from <= date && (one.to === null || date <= one.to),
    )
    return listed?.phone ?? null
  }
  return {
    isManager: standing.isManager,
    shifts: rows.map((shift) => ({
      ...shift,
      places: places
        .filter((place) => place.shiftId === shift.id)
        .map((place) => ({ ...place, phone: phoneOf(shift, place) })),
    })),
  }
}

/** A shift with its rota, if the actor may change it; another is absent. */
export const getManagedShift = (
  ctx: Ctx,
  shiftId: string,
): { shift: store.ShiftRow; rota: store.RotaRow } => {
  const found = getStandingShift(ctx, shiftId)
  if (!standingOf(ctx, found.rota.sectorId).isManager) throw new Refused(absent('Garde'))
  return found
}

/** A shift with its rota, for an action that judges by other means who may ask. */
export const getStandingShift = (
  ctx: Ctx,
  shiftId: string,
): { shift: store.ShiftRow; rota: store.RotaRow } => {
  const shift = orAbsent(store.findShift(ctx.db, shiftId), 'Garde')
  return { shift, rota: orAbsent(store.findRota(ctx.db, shift.rotaId), 'Garde') }
}

/** Places of a shift by number. */
export const getPlaces = (ctx: Ctx, shiftId: string): store.PlaceRow[] => store.placesOf(ctx.db, [shiftId])

export const getPlace = (ctx: Ctx, shiftId: string, place: number): store.PlaceRow =>
  orAbsent(store.findPlace(ctx.db, shiftId, place), 'Place')

/** Writes whom a generation gave a place to. Asks for no right and tells nobody. */
export const setTitulaire = (ctx: Ctx, change: PlaceChange): void =>
  store.setTitulaire(ctx.db, change.shiftId, change.place, change.to)

/** Writes who has a place. Asks for no right, judges no rule and tells nobody: those who call do. */
export const setHolder = (
  ctx: Ctx,
  shiftId: string,
  place: number,
  change: Partial<Omit<store.PlaceRow, 'shiftId' | 'place' | 'version'>>,
): store.PlaceRow => store.updatePlace(ctx.db, shiftId, place, change)

/** Takes a rota to a state and writes it down, without a word to anybody. */
export const moveRota = (
  ctx: Ctx,
  rota: store.RotaRow,
  to: RotaState,
  told: { readonly note?: string | undefined; readonly warnings?: readonly RotaWarning[] } = {},
): store.RotaRow => {
  store.insertTransition(ctx.db, {
    rotaId: rota.id,
    from: rota.state,
    to,
    at: ctx.now,
    actor: actorName(ctx.actor),
    note: told.note ?? null,
    warnings: [...(told.warnings ?? [])],
  })
  return store.updateRota(ctx.db, rota.id, { state: to })
}

// Versions

/** Keeps what a rota says now as its next version; returns its number. */
export const recordVersion = (ctx: Ctx, rotaId: string, reason: VersionReason): number => {
  const number = store.lastVersion(ctx.db, rotaId) + 1
  const places = store.keptPlaces(ctx.db, rotaId)
  const before = store.findVersion(ctx.db, rotaId, number - 1)
  if (before) store.insertPlaceChanges(ctx.db, changesBetween(before.places, places), ctx.now)
  store.insertVersion(ctx.db, { rotaId, number, at: ctx.now, actor: actorName(ctx.actor), reason, places })
  return number
}

export const listVersions = (ctx: Ctx, rotaId: string, after: number, limit: number) => {
  getShownRota(ctx, rotaId)
  return store.listVersions(ctx.db, rotaId, after, limit + 1)
}

/** A version and how it differs from the one before; the first differs in nothing. */
export const getVersion = (ctx: Ctx, rotaId: string, number: number) => {
  getShownRota(ctx, rotaId)
  const version = orAbsent(store.findVersion(ctx.db, rotaId, number), 'Version')
  const before = store.findVersion(ctx.db, rotaId, number - 1)
  const changes: PlaceChange[] = before ? changesBetween(before.places, version.places) : []
  return { ...version, changes }
}
