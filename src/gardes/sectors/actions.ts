import type { Ctx } from '../../db/db.ts'
import { append } from '../../events/actions.ts'
import type { LocalDate } from '../../kernel/civil.ts'
import { given, sorted, type Change, type Emptied } from '../../kernel/given.ts'
import { absent, orAbsent, Refused, refuseStale, unlessRefused } from '../../kernel/refusal.ts'
import { assertCommunities, getCommunes } from '../../members/actions.ts'
import type { RotaKind } from '../vocabulary.ts'
import { mayManageSector, mayShareSector, refuseDates } from './rules.ts'
import * as store from './store.ts'

export type { SectorFilter, SectorRow } from './store.ts'

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

// Its lists

/** What is a list of the sector's, and the version of the sector that it is of. */
export interface Versioned<T> {
  readonly items: readonly T[]
  readonly version: number
}

/** Counts the version of a sector on, for a list of it that was replaced. Asks for no right. */
export const touchSector = (ctx: Ctx, id: string): void => store.updateSector(ctx.db, id, {})
