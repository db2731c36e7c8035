import type { Ctx } from '../../db/db.ts'
import { actorName } from '../../events/actions.ts'
import { orAbsent } from '../../kernel/refusal.ts'
import type { Instant } from '../../kernel/time.ts'
import { DEFAULT_RULES, type AllocationRules } from './rules.ts'
import * as store from './store.ts'

/** The rules of a CPTS as of one version; version 0 is what holds for those that have set none. */
export interface RulesView {
  readonly version: number
  readonly rules: AllocationRules
  /** Null: the defaults. */
  readonly setAt: Instant | null
}

const DEFAULTS: RulesView = { version: 0, rules: DEFAULT_RULES, setAt: null }

const viewOf = ({ version, rules, createdAt }: store.RulesRow): RulesView => ({
  version,
  // A version of before a rule was thought of has what holds for those that have set none.
  rules: { ...DEFAULT_RULES, ...rules },
  setAt: createdAt,
})

/** The rules in force in a CPTS. Asks for no right. */
export const rulesOf = (ctx: Ctx, communityId: string): RulesView => {
  const row = store.findLastRules(ctx.db, communityId)
  return row ? viewOf(row) : DEFAULTS
}

/** The rules in force in each CPTS, each read once. Asks for no right. */
export const rulesByCommunity = (ctx: Ctx): ((communityId: string) => RulesView) => {
  const read = new Map<string, RulesView>()
  return (communityId) => {
    let found = read.get(communityId)
    if (!found) read.set(communityId, (found = rulesOf(ctx, communityId)))
    return found
  }
}

/** The rules of a CPTS as they were. Asks for no right. */
export const rulesAt = (ctx: Ctx, communityId: string, version: number): RulesView =>
  version === 0
    ? DEFAULTS
    : viewOf(orAbsent(store.findRules(ctx.db, communityId, version), 'Version des règles'))

/** Adds a version, which is in force at once. Asks for no right, judges nothing. */
export const keepRules = (ctx: Ctx, communityId: string, rules: AllocationRules): RulesView => {
  const row: store.RulesRow = {
    communityId,
    version: rulesOf(ctx, communityId).version + 1,
    rules,
    actor: actorName(ctx.actor),
    createdAt: ctx.now,
  }
  store.insertRules(ctx.db, row)
  return viewOf(row)
}
