import type { Ctx } from '../../../db/db.ts'
import { append } from '../../../events/actions.ts'
import { absent, Refused, refuseStale, unlessRefused } from '../../../kernel/refusal.ts'
import { assertCommunities } from '../../../members/actions.ts'
import { reclassCommunity } from '../../requests/classes/actions.ts'
import { mayCoordinate } from '../../requests/rules.ts'
import { keepRules, rulesAt, rulesOf, type RulesView } from '../actions.ts'
import { completed, refuseRules, weeksToClass1, type RulesInput } from '../rules.ts'

export interface RulesShown extends RulesView {
  readonly weeksToClass1: number | null
}

const shown = (view: RulesView): RulesShown => ({ ...view, weeksToClass1: weeksToClass1(view.rules) })

const assertCoordinated = (ctx: Ctx, communityId: string): void => {
  if (!mayCoordinate(ctx.actor, communityId)) throw new Refused(absent('CPTS'))
  assertCommunities(ctx, [communityId])
}

/** The rules of a CPTS in force, or as they were. */
export const getRules = (ctx: Ctx, communityId: string, version: number | undefined): RulesShown => {
  assertCoordinated(ctx, communityId)
  return shown(version === undefined ? rulesOf(ctx, communityId) : rulesAt(ctx, communityId, version))
}

/** Sets how a CPTS ranks and shares out, from now on. Open requests are classed anew in the same breath. */
export const setRules = (ctx: Ctx, communityId: string, input: RulesInput, ifMatch?: number): RulesShown => {
  assertCoordinated(ctx, communityId)
  unlessRefused(refuseStale(rulesOf(ctx, communityId).version, ifMatch))
  const rules = completed(input)
  unlessRefused(refuseRules(rules))
  const view = keepRules(ctx, communityId, rules)
  append(ctx, {
    type: 'allocation_rules.set',
    subject: communityId,
    data: { communityId, version: view.version, rules },
  })
  reclassCommunity(ctx, communityId)
  return shown(view)
}
