import type { Ctx } from '../../../db/db.ts'
import { addDays, startOfDay } from '../../../kernel/civil.ts'
import { orAbsent } from '../../../kernel/refusal.ts'
import { sectorSnapshot } from '../../sectors/snapshot/actions.ts'
import { generate } from '../../solver/generate.ts'
import { GRANDE_FETE } from '../../vocabulary.ts'
import { carriedOver, type LedgerEntry } from '../ledger/rules.ts'
import { doerOf, isPublic, PUBLIC_STATES } from '../rules.ts'
import type { ShiftRule } from '../vocabulary.ts'
import { DAYS_AROUND, isOutsider, rulesAgainst, standingProblem, type Material } from './rules.ts'
import * as store from './store.ts'

/** What each person did beyond their part in the rotas of the sector that end before this one begins. */
const carriedInto = (ctx: Ctx, rota: store.RotaRow) => {
  const done = store.earlierDone(ctx.db, rota.sectorId, rota.from, PUBLIC_STATES).flatMap((row) => {
    const { rotaId, practitionerId, category } = row
    if (practitionerId === null) return []
    return [
      { rotaId, practitionerId, class: category, amount: row.done },
      { rotaId, practitionerId, class: GRANDE_FETE, amount: row.grandesFetes },
    ]
  })
  return carriedOver(store.earlierWeights(ctx.db, rota.sectorId, rota.from), done)
}

/**
 * Everything that a rota is made from and judged by. Asks for no right. `alsoId` is somebody who need be neither on the
 * sector's list nor in the rota.
 */
export const loadMaterial = (ctx: Ctx, rotaId: string, alsoId?: string): Material => {
  const { zone } = ctx.territory
  const rota = orAbsent(store.findRota(ctx.db, rotaId), 'Tableau')
  // A night that begins on the last day ends on the next.
  const during = { from: rota.from, to: addDays(rota.to, 1) }
  const { sector, members, restrictions, absences, wishes } = sectorSnapshot(ctx, rota.sectorId, during)
  const places = store.placesOf(ctx.db, rotaId)
  const ids = [
    ...new Set([
      ...members.map((one) => one.practitionerId),
      ...places.flatMap((place) => doerOf(place) ?? []),
      ...(alsoId === undefined ? [] : [alsoId]),
    ]),
  ].sort()
  const dayAt = (days: number, from = rota.from) => startOfDay(addDays(from, days), zone)
  const around = { start: dayAt(-DAYS_AROUND), end: dayAt(DAYS_AROUND + 2, rota.to) }
  return {
    zone,
    rota,
    sector,
    members,
    restrictions,
    absences,
    wishes,
    shifts: store.shiftsOf(ctx.db, rotaId),
    places,
    duties: store.doneBy(ctx.db, ids, around),
    busy: store.busyOf(ctx.db, ids, { start: dayAt(0), end: dayAt(2, rota.to) }),
    carried: carriedInto(ctx, rota),
  }
}

/** The hard rules that somebody would break by taking a shift, were they to leave these places for it. */
export const brokenRules = (
  ctx: Ctx,
  rotaId: string,
  shiftId: string,
  practitionerId: string,
  leaving: readonly { readonly shiftId: string; readonly place: number }[],
): ShiftRule[] => rulesAgainst(loadMaterial(ctx, rotaId, practitionerId), practitionerId, shiftId, leaving)

/** The ledger of a rota as it stands: what each has, and their part of it by the list of today. */
export const countLedger = (material: Material): LedgerEntry[] => {
  const next = generate(standingProblem(material)).next()
  if (next.done !== true) throw new Error('nothing is left to decide')
  return next.value.ledger
    .filter((line) => !isOutsider(line.personId))
    .map(({ personId, ...line }) => ({ ...line, practitionerId: personId }))
}

/**
 * The ledger of a rota. Once it is published, people's parts are those that were kept then, so that what is carried over
 * does not move with the list.
 */
export const ledgerOf = (ctx: Ctx, rotaId: string): LedgerEntry[] => {
  const rota = orAbsent(store.findRota(ctx.db, rotaId), 'Tableau')
  const material = loadMaterial(ctx, rotaId)
  const counted = countLedger(material)
  if (!isPublic(rota.state)) return counted
  const keyOf = (line: { practitionerId: string; class: string }) =>
    JSON.stringify([line.practitionerId, line.class])
  const kept = store.keptWeights(ctx.db, rotaId)
  const weights = new Map(kept.map((row) => [keyOf(row), row.weight]))
  const known = new Set(counted.map(keyOf))
  return [
    ...counted.map((line) => ({ ...line, weight: weights.get(keyOf(line)) ?? 0 })),
    // Who has left the list and did nothing still had a part.
    ...kept
      .filter((row) => !known.has(keyOf(row)))
      .map(({ practitionerId, class: name, weight }) => ({
        practitionerId,
        class: name,
        done: 0,
        carried: material.carried.get(practitionerId)?.[name] ?? 0,
        weight,
      })),
  ]
}
