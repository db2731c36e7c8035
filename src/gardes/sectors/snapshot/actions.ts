import type { Ctx } from '../../../db/db.ts'
import type { LocalDate } from '../../../kernel/civil.ts'
import { getSector, type SectorView } from '../actions.ts'
import { notesOf, type AbsenceRow, type RestrictionRow, type WishRow } from '../notes/actions.ts'
import { membersOf, type SectorMemberRow } from '../people/actions.ts'
import { typesOf, type ShiftTypeRow } from '../shift-types/actions.ts'

export interface SectorSnapshot {
  readonly sector: SectorView
  readonly communes: readonly string[]
  readonly communityIds: readonly string[]
  readonly types: readonly ShiftTypeRow[]
  readonly members: readonly SectorMemberRow[]
  readonly restrictions: readonly RestrictionRow[]
  readonly wishes: readonly WishRow[]
  readonly absences: readonly AbsenceRow[]
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
    types: typesOf(ctx, sectorId),
    members: membersOf(ctx, sectorId),
    ...notesOf(ctx, sectorId, during),
  }
}
