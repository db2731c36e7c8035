import { append } from '../events/actions.ts'
import type { Ctx } from '../db/db.ts'
import type { TerritoryInfo } from '../kernel/ctx.ts'
import { given, type Change } from '../kernel/given.ts'
import { boxAround, distanceKm, type Position } from '../kernel/geo.ts'
import { absent, orAbsent, Refused, refuseStale, unlessRefused, type Refusal } from '../kernel/refusal.ts'
import { communitySize, mayChangeCommunities, mayManage, refuseCommunes, refuseRpps } from './rules.ts'
import * as store from './store.ts'

export type { CommuneRow, PractitionerFilter, SiteRow } from './store.ts'
export { findTerritory } from './store.ts'

// Territory and communes

/** Requests per second and burst that each key of a new territory may make (LIMIT-1). */
export const DEFAULT_RATE = { perSecond: 50, burst: 200 }

export const createTerritory = (ctx: Ctx, info: TerritoryInfo): void => {
  store.insertTerritory(ctx.db, info, ctx.now)
  append(ctx, { type: 'territory.created', subject: info.code, data: { name: info.name, zone: info.zone } })
}

/** Adds communes to the territory, or corrects them; none is ever taken away. */
export const loadCommunes = (ctx: Ctx, rows: readonly store.CommuneRow[]): void => {
  store.upsertCommunes(ctx.db, rows)
  append(ctx, { type: 'communes.loaded', subject: ctx.territory.code, data: { count: rows.length } })
}

export const listCommunes = (ctx: Ctx, after: string | undefined, limit: number) =>
  store.listCommunes(ctx.db, after ?? '', limit + 1)

export const getCommune = (ctx: Ctx, insee: string): store.CommuneRow => {
  const commune = store.findCommune(ctx.db, insee)
  if (!commune) throw new Refused(unknownCommune(insee))
  return commune
}

const unknownCommune = (insee: string): Refusal => ({
  code: 'unknown_commune',
  detail: `La commune ${insee} n’est pas de ce territoire.`,
  facts: { commune: insee },
})

// Communities

export interface CommunityView extends store.CommunityRow {
  readonly size: 1 | 2 | 3 | 4
  readonly communes: readonly string[]
}

export interface CommunityInput {
  readonly name: string
  readonly finess?: string | undefined
  readonly communes: readonly string[]
  readonly population?: number | undefined
  readonly phone?: string | undefined
  readonly contractStart?: string | undefined
}

/** Null empties what a CPTS need not have. */
export type CommunityChange = Change<Omit<CommunityInput, 'finess' | 'phone' | 'contractStart'>> & {
  readonly finess?: string | null | undefined
  readonly phone?: string | null | undefined
  readonly contractStart?: string | null | undefined
}

const communityViews = (ctx: Ctx, rows: readonly store.CommunityRow[]): CommunityView[] => {
  const held = store.communesOfCommunities(
    ctx.db,
    rows.map((row) => row.id),
  )
  return rows.map((row) => ({
    ...row,
    size: communitySize(row.population),
    communes: held.filter((one) => one.communityId === row.id).map((one) => one.insee),
  }))
}

/** The communes that the codes of `communes` in a request name. Refuses a code that is not of the territory. */
export const getCommunes = (ctx: Ctx, inseeCodes: readonly string[]): store.CommuneRow[] => {
  const found = store.communesAmong(ctx.db, inseeCodes)
  const unknown = inseeCodes.find((insee) => !found.some((commune) => commune.insee === insee))
  if (unknown !== undefined) throw new Refused({ ...unknownCommune(unknown), path: ['communes'] })
  return found
}

/** The same; refuses a commune that another CPTS holds, too. */
const getFreeCommunes = (
  ctx: Ctx,
  inseeCodes: readonly string[],
  self: string | null,
): store.CommuneRow[] => {
  const found = getCommunes(ctx, inseeCodes)
  unlessRefused(refuseCommunes(store.holdersOf(ctx.db, inseeCodes), self))
  return found
}

const assertFinessFree = (ctx: Ctx, finess: string | null | undefined, self: string | null) => {
  const holder =
    finess === null || finess === undefined ? undefined : store.findCommunityByFiness(ctx.db, finess)
  if (holder && holder.id !== self)
    throw new Refused({
      code: 'finess_taken',
      detail: `Ce FINESS est celui de ${holder.name}.`,
      facts: { communityId: holder.id },
      path: ['finess'],
    })
}

export const createCommunity = (ctx: Ctx, input: CommunityInput): CommunityView => {
  const inseeCodes = [...new Set(input.communes)]
  const communes = getFreeCommunes(ctx, inseeCodes, null)
  assertFinessFree(ctx, input.finess, null)
  const id = ctx.newId('community')
  store.insertCommunity(ctx.db, {
    id,
    name: input.name,
    finess: input.finess ?? null,
    phone: input.phone ?? null,
    population: input.population ?? communes.reduce((total, commune) => total + commune.population, 0),
    contractStart: input.contractStart ?? null,
    version: 1,
    createdAt: ctx.now,
  })
  store.setCommunes(ctx.db, id, inseeCodes)
  append(ctx, { type: 'community.created', subject: id, data: { communes: inseeCodes } })
  return getCommunity(ctx, id)
}

export const getCommunity = (ctx: Ctx, id: string): CommunityView => {
  const [view] = communityViews(ctx, [orAbsent(store.findCommunity(ctx.db, id), 'CPTS')])
  return orAbsent(view, 'CPTS')
}

export const listCommunities = (ctx: Ctx, after: string | undefined, limit: number): CommunityView[] =>
  communityViews(ctx, store.listCommunities(ctx.db, after ?? '', limit + 1))

/** The population that follows a change of communes: their sum, unless a figure of its own was given before. */
const populationAfter = (ctx: Ctx, before: CommunityView, communes: readonly string[]): number => {
  const sumOf = (inseeCodes: readonly string[]) =>
    store.communesAmong(ctx.db, inseeCodes).reduce((total, commune) => total + commune.population, 0)
  return before.population === sumOf(before.communes) ? sumOf(communes) : before.population
}

export const updateCommunity = (
  ctx: Ctx,
  id: string,
  change: CommunityChange,
  ifMatch: number | undefined,
): CommunityView => {
  const before = getCommunity(ctx, id)
  unlessRefused(refuseStale(before.version, ifMatch))
  const { communes, ...columns } = given(change)
  const population = columns.population ?? (communes && populationAfter(ctx, before, communes))
  if (communes) {
    const inseeCodes = [...new Set(communes)]
    getFreeCommunes(ctx, inseeCodes, id)
    store.setCommunes(ctx.db, id, inseeCodes)
  }
  assertFinessFree(ctx, columns.finess, id)
  store.updateCommunity(ctx.db, id, { ...columns, ...(population === undefined ? {} : { population }) })
  append(ctx, { type: 'community.updated', subject: id, data: { changed: Object.keys(given(change)) } })
  return getCommunity(ctx, id)
}

/** Refuses, as absent, an id that is no CPTS of the territory. */
export const assertCommunities = (ctx: Ctx, communityIds: readonly string[]): void => {
  if (communityIds.length === 0) return
  const found = store.communitiesAmong(ctx.db, communityIds)
  if (communityIds.some((id) => !found.includes(id))) throw new Refused(absent('CPTS'))
}

// Practitioners and sites

export interface PractitionerView extends store.PractitionerRow {
  readonly communityIds: readonly string[]
  readonly sites: readonly store.SiteRow[]
}

export interface SiteInput {
  readonly name: string
  readonly line: string
  readonly postalCode: string
  readonly city: string
  readonly insee: string
  readonly lat: number
  readonly lon: number
  readonly phone: string
  readonly finess?: string | undefined
  readonly siret?: string | undefined
  readonly wheelchair?: boolean | undefined
}

export interface PractitionerInput {
  readonly rpps: string
  readonly family: string
  readonly given: string
  readonly profession: string
  readonly communityIds: readonly string[]
  readonly specialties?: readonly string[] | undefined
  readonly sites: readonly SiteInput[]
  readonly acceptsOverbooking?: boolean | undefined
  readonly weeklyTargetMinutes?: number | undefined
}

/** Open time per GP and week that a territory aims at unless told otherwise (MEMBER-13). */
export const DEFAULT_WEEKLY_TARGET_MINUTES = 120

const practitionerViews = (ctx: Ctx, rows: readonly store.PractitionerRow[]): PractitionerView[] => {
  const ids = rows.map((row) => row.id)
  const memberships = store.membershipsOf(ctx.db, ids)
  const sites = store.sitesOf(ctx.db, ids)
  return rows.map((row) => ({
    ...row,
    communityIds: memberships.filter((one) => one.practitionerId === row.id).map((one) => one.communityId),
    sites: sites.filter((site) => site.practitionerId === row.id),
  }))
}

const insertSite = (ctx: Ctx, practitionerId: string, input: SiteInput): string => {
  const id = ctx.newId('site')
  store.insertSite(ctx.db, {
    ...input,
    id,
    practitionerId,
    finess: input.finess ?? null,
    siret: input.siret ?? null,
    wheelchair: input.wheelchair ?? false,
    createdAt: ctx.now,
  })
  return id
}

export const createPractitioner = (ctx: Ctx, input: PractitionerInput): PractitionerView => {
  const communityIds = [...new Set(input.communityIds)]
  assertCommunities(ctx, communityIds)
  const id = ctx.newId('practitioner')
  if (
    !mayManage(ctx.actor, { practitionerId: id, communityIds }) ||
    !mayChangeCommunities(ctx.actor, [], communityIds)
  )
    throw new Refused(absent('CPTS'))
  unlessRefused(refuseRpps(input.rpps))
  const holder = store.findPractitionerByRpps(ctx.db, input.rpps)
  if (holder)
    throw new Refused({
      code: 'rpps_taken',
      detail: 'Un praticien porte déjà ce numéro RPPS.',
      facts: { practitionerId: holder.id },
      path: ['rpps'],
    })
  store.insertPractitioner(
    ctx.db,
    {
      id,
      rpps: input.rpps,
      family: input.family,
      given: input.given,
      profession: input.profession,
      specialties: [...(input.specialties ?? [])],
      acceptsOverbooking: input.acceptsOverbooking ?? false,
      weeklyTargetMinutes: input.weeklyTargetMinutes ?? DEFAULT_WEEKLY_TARGET_MINUTES,
      version: 1,
      createdAt: ctx.now,
    },
    communityIds,
  )
  for (const site of input.sites) insertSite(ctx, id, site)
  append(ctx, { type: 'practitioner.created', subject: id, practitionerId: id, data: { communityIds } })
  return getPractitioner(ctx, id)
}

export const getPractitioner = (ctx: Ctx, id: string): PractitionerView => {
  const [view] = practitionerViews(ctx, [orAbsent(store.findPractitioner(ctx.db, id), 'Praticien')])
  return orAbsent(view, 'Praticien')
}

export const listPractitioners = (
  ctx: Ctx,
  filter: store.PractitionerFilter,
  after: string | undefined,
  limit: number,
): PractitionerView[] =>
  practitionerViews(ctx, store.listPractitioners(ctx.db, filter, after ?? '', limit + 1))

/** Whether what belongs to a practitioner, who exists, is the actor's to manage. */
export const managesPractitioner = (ctx: Ctx, practitionerId: string): boolean =>
  mayManage(ctx.actor, {
    practitionerId,
    communityIds: store.communitiesOfPractitioner(ctx.db, practitionerId),
  })

/** The practitioner if its affairs are the actor's to manage; otherwise the refusal of an absent one. */
export const getManagedPractitioner = (
  ctx: Ctx,
  id: string,
): store.PractitionerRow & { communityIds: string[] } => {
  const row = orAbsent(store.findPractitioner(ctx.db, id), 'Praticien')
  const communityIds = store.communitiesOfPractitioner(ctx.db, id)
  if (!mayManage(ctx.actor, { practitionerId: id, communityIds })) throw new Refused(absent('Praticien'))
  return { ...row, communityIds }
}

export type PractitionerChange = Change<Omit<PractitionerInput, 'rpps' | 'sites'>>

export const updatePractitioner = (
  ctx: Ctx,
  id: string,
  change: PractitionerChange,
  ifMatch: number | undefined,
): PractitionerView => {
  const before = getManagedPractitioner(ctx, id)
  unlessRefused(refuseStale(before.version, ifMatch))
  const { communityIds, specialties, ...columns } = given(change)
  if (communityIds) {
    assertCommunities(ctx, communityIds)
    if (!mayChangeCommunities(ctx.actor, before.communityIds, communityIds)) throw new Refused(absent('CPTS'))
    store.setMemberships(ctx.db, id, [...new Set(communityIds)])
  }
  store.updatePractitioner(ctx.db, id, {
    ...columns,
    ...(specialties ? { specialties: [...specialties] } : {}),
  })
  append(ctx, {
    type: 'practitioner.updated',
    subject: id,
    practitionerId: id,
    data: { changed: Object.keys(given(change)) },
  })
  return getPractitioner(ctx, id)
}

export const addSite = (ctx: Ctx, practitionerId: string, input: SiteInput): store.SiteRow => {
  getManagedPractitioner(ctx, practitionerId)
  const id = insertSite(ctx, practitionerId, input)
  store.updatePractitioner(ctx.db, practitionerId, {})
  append(ctx, { type: 'site.added', subject: id, practitionerId, data: { insee: input.insee } })
  return orAbsent(store.findSite(ctx.db, id), 'Cabinet')
}

/**
 * The practitioner's own site that stands for a place where several see patients, added when they have none; without such
 * a place, or in a commune that is unknown here, the first that they have. Asks for no right.
 */
export const siteOfPlace = (
  ctx: Ctx,
  practitionerId: string,
  place: SiteInput | undefined,
): string | undefined => {
  const sites = store.sitesOf(ctx.db, [practitionerId])
  if (place === undefined || !store.findCommune(ctx.db, place.insee)) return sites[0]?.id
  const found = sites.find((site) => site.name === place.name && site.line === place.line)
  if (found) return found.id
  const id = insertSite(ctx, practitionerId, place)
  store.updatePractitioner(ctx.db, practitionerId, {})
  append(ctx, { type: 'site.added', subject: id, practitionerId, data: { insee: place.insee } })
  return id
}

/** A site of this practitioner; another's is absent. */
export const getSiteOf = (ctx: Ctx, practitionerId: string, siteId: string): store.SiteRow => {
  const site = orAbsent(store.findSite(ctx.db, siteId), 'Cabinet')
  if (site.practitionerId !== practitionerId) throw new Refused(absent('Cabinet'))
  return site
}

/** CPTS of a practitioner whom the actor is known to be allowed to see. */
export const communitiesOfPractitioner = (ctx: Ctx, practitionerId: string): string[] =>
  store.communitiesOfPractitioner(ctx.db, practitionerId)

export interface SiteNearby {
  readonly site: store.SiteRow
  readonly km: number
}

/** Sites within `radiusKm` of a position, with their distance. */
export const sitesNear = (ctx: Ctx, centre: Position, radiusKm: number): SiteNearby[] =>
  store
    .sitesIn(ctx.db, boxAround(centre, radiusKm))
    .map((site) => ({ site, km: distanceKm(centre, site) }))
    .filter(({ km }) => km <= radiusKm)

/** The practitioner of an RPPS number, if the territory has one. */
export const findPractitionerByRpps = (ctx: Ctx, rpps: string): PractitionerView | undefined => {
  const row = store.findPractitionerByRpps(ctx.db, rpps)
  return row && practitionerViews(ctx, [row])[0]
}

export const practitionersAmong = (ctx: Ctx, ids: readonly string[]): store.PractitionerRow[] =>
  store.practitionersAmong(ctx.db, ids)

export const membershipsOf = (ctx: Ctx, practitionerIds: readonly string[]) =>
  store.membershipsOf(ctx.db, practitionerIds)
