import type { Ctx } from '../../../db/db.ts'
import { absent, Refused } from '../../../kernel/refusal.ts'
import type { EquityClass } from '../../vocabulary.ts'
import { getShownRota } from '../actions.ts'
import { ledgerOf } from '../problem/actions.ts'
import { asClass, byClass, inShifts, linesOf, spreadsOf, type LedgerLine } from './rules.ts'

export interface LedgerView {
  readonly items: LedgerLine[]
  readonly spread: { readonly category: EquityClass; readonly value: number }[]
}

/** Who has done how much of their part, for those among whom it is shared out. */
export const getLedger = (ctx: Ctx, rotaId: string): LedgerView => {
  const { standing } = getShownRota(ctx, rotaId)
  if (!standing.isManager && !standing.isMember) throw new Refused(absent('Tableau'))
  const entries = ledgerOf(ctx, rotaId)
  return {
    items: linesOf(entries),
    spread: byClass(
      spreadsOf(entries).map(({ class: name, value }) => ({
        category: asClass(name),
        value: inShifts(value),
      })),
    ),
  }
}
