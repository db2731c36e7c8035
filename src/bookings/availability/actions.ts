import type { Ctx } from '../../db/db.ts'
import type { Position } from '../../kernel/geo.ts'
import { unlessRefused } from '../../kernel/refusal.ts'
import { plus, type Instant } from '../../kernel/time.ts'
import {
  getCommune,
  membershipsOf,
  practitionersAmong,
  sitesNear,
  type SiteNearby,
  type SiteRow,
} from '../../members/actions.ts'
import { viewOf, type SlotView } from '../../slots/actions.ts'
import { audiencesOf, communitiesSeenBy } from '../../slots/rules.ts'
import type { AppointmentType, Modality } from '../../slots/vocabulary.ts'
import { refuseBooking } from '../rules.ts'
import { BALANCE_WINDOW, DEFAULT_RADIUS_KM, DEFAULT_WINDOW, loadOf, rankOf, refuseWindow } from './rules.ts'
import * as store from './store.ts'
import type { Sort } from './vocabulary.ts'

export interface Search {
  readonly near: Position | { readonly commune: string }
  readonly radiusKm?: number | undefined
  readonly from?: Instant | undefined
  readonly to?: Instant | undefined
  readonly modality?: Modality | undefined
  readonly appointmentType?: AppointmentType | undefined
  readonly age?: number | undefined
  readonly community?: string | undefined
  readonly wheelchair?: boolean | undefined
  readonly sort?: Sort | undefined
  readonly limit?: number | undefined
  readonly except?: string | undefined
  /** Leaves out what others hold for a moment. */
  readonly freeOnly?: boolean | undefined
}

export interface Available {
  readonly slot: SlotView
  readonly practitioner: { readonly id: string; readonly rpps: string; readonly name: string }
  readonly site: SiteRow
  readonly distanceKm: number
  /** Every seat left is somebody's for a moment: shown, so that it can be waited for. */
  readonly heldByOthers: boolean
}

const DEFAULT_LIMIT = 20

const centreOf = (ctx: Ctx, near: Search['near']): Position =>
  'commune' in near ? getCommune(ctx, near.commune) : near

const inCommunity = (ctx: Ctx, nearby: readonly SiteNearby[], community: string): SiteNearby[] => {
  const members = new Set(
    membershipsOf(ctx, [...new Set(nearby.map(({ site }) => site.practitionerId))])
      .filter((one) => one.communityId === community)
      .map((one) => one.practitionerId),
  )
  return nearby.filter(({ site }) => members.has(site.practitionerId))
}

const ranksByLoad = (ctx: Ctx, practitionerIds: readonly string[], to: Instant): Map<string, number> => {
  const counts = store.countBookings(ctx.db, practitionerIds, plus(to, -BALANCE_WINDOW), to)
  return new Map(
    practitionersAmong(ctx, practitionerIds).map((practitioner) => [
      practitioner.id,
      rankOf(loadOf(counts.get(practitioner.id) ?? 0, practitioner.weeklyTargetMinutes)),
    ]),
  )
}

const ranked = (ctx: Ctx, nearby: readonly SiteNearby[], sort: Sort, to: Instant): store.RankedSite[] => {
  const byLoad =
    sort === 'balanced'
      ? ranksByLoad(ctx, [...new Set(nearby.map(({ site }) => site.practitionerId))], to)
      : undefined
  return nearby.map(({ site, km }) => ({
    id: site.id,
    km,
    rank: sort === 'nearest' ? km : (byLoad?.get(site.practitionerId) ?? 0),
  }))
}

/**
 * What this actor could book now, in the order asked, and what others hold for a moment, said so. Nothing else is ever
 * shown as free.
 */
export const searchAvailability = (ctx: Ctx, search: Search): Available[] => {
  const asked = search.from ?? ctx.now
  const to = search.to ?? plus(asked, DEFAULT_WINDOW)
  unlessRefused(refuseWindow(asked, to))
  const from = asked > ctx.now ? asked : ctx.now
  const around = sitesNear(ctx, centreOf(ctx, search.near), search.radiusKm ?? DEFAULT_RADIUS_KM).filter(
    ({ site }) => !search.wheelchair || site.wheelchair,
  )
  const nearby = search.community === undefined ? around : inCommunity(ctx, around, search.community)
  const free = store
    .listFree(ctx.db, {
      sites: ranked(ctx, nearby, search.sort ?? 'soonest', to),
      from,
      to,
      now: ctx.now,
      keyId: ctx.actor.kind === 'key' ? ctx.actor.keyId : '',
      audiences: audiencesOf(ctx.actor),
      communityIds: communitiesSeenBy(ctx.actor),
      modality: search.modality,
      appointmentType: search.appointmentType,
      age: search.age,
      freeOnly: search.freeOnly ?? false,
      except: search.except,
      limit: search.limit ?? DEFAULT_LIMIT,
    })
    .filter(({ slot, booked, taken, heldByOthers }) => {
      const isHolder = booked + heldByOthers < taken
      return refuseBooking(ctx.actor, slot, { taken: booked, isHolder }, ctx.now) === null
    })
  return describe(ctx, free, nearby)
}

const describe = (ctx: Ctx, free: readonly store.FreeSlot[], nearby: readonly SiteNearby[]): Available[] => {
  const sites = new Map(nearby.map(({ site }) => [site.id, site]))
  const practitioners = new Map(
    practitionersAmong(ctx, [...new Set(free.map(({ slot }) => slot.practitionerId))]).map((one) => [
      one.id,
      one,
    ]),
  )
  return free.flatMap(({ slot, booked, heldByOthers, taken, km }) => {
    const site = sites.get(slot.siteId)
    const practitioner = practitioners.get(slot.practitionerId)
    if (!site || !practitioner) return []
    return [
      {
        slot: viewOf(ctx, { slot, taken }),
        practitioner: {
          id: practitioner.id,
          rpps: practitioner.rpps,
          name: `${practitioner.given} ${practitioner.family}`,
        },
        site,
        distanceKm: km,
        heldByOthers: booked + heldByOthers >= slot.capacity,
      },
    ]
  })
}

const MOST_ALTERNATIVES = 5

/** What to offer instead of a slot that is gone: the soonest around the same place, seen the same way. */
export const findAlternatives = (
  ctx: Ctx,
  slot: SlotView,
  site: SiteRow,
  modality: Modality | undefined,
): Available[] =>
  searchAvailability(ctx, {
    near: site,
    modality,
    sort: 'soonest',
    limit: MOST_ALTERNATIVES,
    except: slot.id,
    freeOnly: true,
  })
