import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { absent, Refused, refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import { practitionersAmong } from '../../../members/actions.ts'
import { syncDutySlots } from '../../duty-slots/actions.ts'
import { getSector } from '../../sectors/actions.ts'
import {
  getManagedShift,
  getPlace,
  recordVersion,
  setHolder,
  type PlaceRow,
  type RotaRow,
  type ShiftRow,
} from '../actions.ts'
import { textOfRules } from '../generation/rules.ts'
import { brokenRules } from '../problem/actions.ts'
import { doerOf, isPublic, PRIVATE_STATES } from '../rules.ts'
import type { ShiftRule } from '../vocabulary.ts'
import { refuseBroken, refusePlacing } from './rules.ts'

export interface PlaceInput {
  readonly practitionerId: string | null
  readonly locked?: boolean | undefined
  readonly override?: string | undefined
}

/** The rules that somebody would break by taking this place, which are none when they have it. */
const rulesOf = (ctx: Ctx, shift: ShiftRow, before: PlaceRow, practitionerId: string | null): ShiftRule[] => {
  if (practitionerId === null || practitionerId === doerOf(before)) return []
  if (practitionersAmong(ctx, [practitionerId]).length === 0) throw new Refused(absent('Praticien'))
  return brokenRules(ctx, shift.rotaId, shift.id, practitionerId, [])
}

/**
 * Who has the place from now on. A shift that has begun was planned as it was: what is corrected then is who did it, so
 * that the list of what was done has the titulaire beside them.
 */
const holdingOf = (
  ctx: Ctx,
  rota: RotaRow,
  shift: ShiftRow,
  before: PlaceRow,
  practitionerId: string | null,
) => {
  const outside = { outsideName: null, outsideRpps: null, outsidePhone: null }
  const isDone = isPublic(rota.state) && shift.start <= ctx.now
  if (isDone && practitionerId !== null && before.titulaireId !== null)
    return { ...outside, executantId: practitionerId === before.titulaireId ? null : practitionerId }
  return { ...outside, titulaireId: practitionerId, executantId: null }
}

/**
 * Puts somebody in a place by hand, or empties it. It is locked unless told otherwise, so that no generation moves it.
 * Of a published rota there is then a new version.
 */
export const setPlace = (
  ctx: Ctx,
  shiftId: string,
  place: number,
  { practitionerId, locked = practitionerId !== null, override }: PlaceInput,
  ifMatch: number | undefined,
): PlaceRow => {
  const { shift, rota } = getManagedShift(ctx, shiftId)
  const before = getPlace(ctx, shiftId, place)
  unlessRefused(refuseStale(before.version, ifMatch))
  unlessRefused(refusePlacing(rota.state))
  const rules = rulesOf(ctx, shift, before, practitionerId)
  const { restHours } = getSector(ctx, rota.sectorId)
  unlessRefused(refuseBroken(rules, textOfRules(rules, { restHours }), override))
  const [from, to] = [doerOf(before), practitionerId]
  const isSame = from === to && before.outsideName === null
  const holding = {
    ...holdingOf(ctx, rota, shift, before, practitionerId),
    overrideReason: rules.length > 0 ? (override ?? null) : null,
  }
  const after = setHolder(ctx, shiftId, place, { isLocked: locked, ...(isSame ? {} : holding) })
  if (isPublic(rota.state) && !isSame) {
    recordVersion(ctx, rota.id, 'place_changed')
    syncDutySlots(ctx, [shiftId])
  }
  const concerned = [...new Set([to, from])].filter((id) => id !== null)
  // Of a rota in the making nobody is told but its makers.
  const told = PRIVATE_STATES.includes(rota.state) ? [] : concerned
  append(ctx, {
    type: 'rota.changed',
    subject: rota.id,
    ...(told[0] === undefined ? {} : { practitionerId: told[0] }),
    data: {
      sectorId: rota.sectorId,
      state: rota.state,
      reason: 'place_changed',
      shiftId,
      place,
      from,
      to,
      ...(told[1] === undefined ? {} : { fromPractitionerId: told[1] }),
      practitionerIds: concerned,
      locked,
      overridden: rules,
    },
  })
  return after
}
