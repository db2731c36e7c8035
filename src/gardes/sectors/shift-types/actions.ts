import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import type { LocalDate } from '../../../kernel/civil.ts'
import { sorted } from '../../../kernel/given.ts'
import { refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import type { Audience } from '../../../slots/vocabulary.ts'
import type { Category, ShiftDayType, ShiftRole } from '../../vocabulary.ts'
import { getManagedSector, getSector, touchSector, type Versioned } from '../actions.ts'
import { minutesBetween, minutesOf, refuseShiftTypes } from './rules.ts'
import * as store from './store.ts'

export { clockOf, endClockOf } from './rules.ts'
export type { ShiftTypeRow } from './store.ts'

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
  touchSector(ctx, sectorId)
  append(ctx, {
    type: 'shift_types.set',
    subject: sectorId,
    data: { codes: sorted(rows.map(({ code }) => code)) },
  })
  return listShiftTypes(ctx, sectorId)
}

/** The shift types of a sector as they are. Asks for no right. */
export const typesOf = (ctx: Ctx, sectorId: string): store.ShiftTypeRow[] => store.typesOf(ctx.db, sectorId)
