import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { toLocalDate, type LocalDate } from '../../../kernel/civil.ts'
import { sorted } from '../../../kernel/given.ts'
import { absent, Refused, refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import { practitionersAmong } from '../../../members/actions.ts'
import type { ShiftRole } from '../../vocabulary.ts'
import { getManagedSector, getSector, touchSector, type SectorView, type Versioned } from '../actions.ts'
import { mayManageSector } from '../rules.ts'
import { isStillListed, refuseMembers } from './rules.ts'
import * as store from './store.ts'

export type { SectorMemberRow } from './store.ts'

const today = (ctx: Ctx): LocalDate => toLocalDate(ctx.now, ctx.territory.zone)

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

/** The list of a sector as it is. Asks for no right. */
export const membersOf = (ctx: Ctx, sectorId: string): store.SectorMemberRow[] =>
  store.membersOf(ctx.db, sectorId)

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
  touchSector(ctx, sectorId)
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
