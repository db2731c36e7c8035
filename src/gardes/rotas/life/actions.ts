import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { addDays, toLocalDate, type LocalDate } from '../../../kernel/civil.ts'
import { unlessRefused } from '../../../kernel/refusal.ts'
import { syncDutySlots } from '../../duty-slots/actions.ts'
import { getManagedRota, moveRota, recordVersion, viewOf, type RotaRow } from '../actions.ts'
import { countLedger, loadMaterial } from '../problem/actions.ts'
import { alarmsDue, FIRST_ALARM_DAYS, lateness, refuseRotaTransition } from '../rules.ts'
import type { RotaAlarm, RotaWarning, TargetState } from '../vocabulary.ts'
import * as store from './store.ts'

const today = (ctx: Ctx): LocalDate => toLocalDate(ctx.now, ctx.territory.zone)

/** What publication fixes: the first version, each person's part, from which later rotas carry over, and what is bookable. */
const publish = (ctx: Ctx, rota: RotaRow): void => {
  const material = loadMaterial(ctx, rota.id)
  const lines = countLedger(material)
  store.setWeights(
    ctx.db,
    rota.id,
    lines.filter(({ weight }) => weight > 0),
  )
  recordVersion(ctx, rota.id, 'published')
  syncDutySlots(
    ctx,
    material.shifts.map((shift) => shift.id),
  )
}

/** What else is done on the way to a state. */
const ON_THE_WAY: Partial<Record<TargetState, (ctx: Ctx, rota: RotaRow) => void>> = {
  published: publish,
}

/** Steps of which it matters that a place is empty. */
const COMPLETE_BY: readonly TargetState[] = ['validated', 'sent_to_cdom', 'published', 'in_force', 'closed']

const advance = (ctx: Ctx, rota: RotaRow, to: TargetState, note?: string) => {
  unlessRefused(refuseRotaTransition(rota, to, today(ctx)))
  const warnings: RotaWarning[] = [
    ...lateness(rota, to, today(ctx)),
    ...(COMPLETE_BY.includes(to) && viewOf(ctx, rota).empty > 0 ? (['incomplete'] as const) : []),
  ]
  const moved = moveRota(ctx, rota, to, { note, warnings })
  ON_THE_WAY[to]?.(ctx, moved)
  append(ctx, {
    type: 'rota.transitioned',
    subject: rota.id,
    data: { sectorId: rota.sectorId, from: rota.state, to, warnings },
  })
  return { rota: viewOf(ctx, moved), warnings }
}

/** Takes a rota a step further, or back to the draft. Being late is told, never refused. */
export const transitionRota = (ctx: Ctx, id: string, to: TargetState, note: string | undefined) =>
  advance(ctx, getManagedRota(ctx, id), to, note)

/** Begins the rotas whose first day has come and ends those whose last is past; returns how many, up to `limit`. */
export const moveDueRotas = (ctx: Ctx, limit: number): number => {
  const due = store.rotasToMove(ctx.db, today(ctx), limit)
  for (const rota of due) {
    const begun = rota.state === 'published' ? advance(ctx, rota, 'in_force').rota : rota
    if (begun.to < today(ctx)) advance(ctx, begun, 'performed')
  }
  return due.length
}

/** Reminds of what should be done by now and is not, each time once; returns how many reminders, up to `limit`. */
export const raiseAlarms = (ctx: Ctx, limit: number): number => {
  const open = store.openRotas(ctx.db, addDays(today(ctx), FIRST_ALARM_DAYS))
  const given = store.alarmsOf(
    ctx.db,
    open.map((rota) => rota.id),
  )
  const due = open.flatMap((rota) =>
    alarmsDue(rota, today(ctx))
      .filter((alarm) => !given.some((one) => one.rotaId === rota.id && one.alarm === alarm))
      .map((alarm): { rota: RotaRow; alarm: RotaAlarm } => ({ rota, alarm })),
  )
  for (const { rota, alarm } of due.slice(0, limit)) {
    store.insertAlarm(ctx.db, { rotaId: rota.id, alarm, at: ctx.now })
    append(ctx, {
      type: 'rota.alarm',
      subject: rota.id,
      data: { sectorId: rota.sectorId, alarm, state: rota.state },
    })
  }
  return Math.min(due.length, limit)
}
