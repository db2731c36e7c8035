import type { Ctx } from '../../../db/db.ts'
import { rulesOf } from '../../grid/actions.ts'
import { pointsPerWeek } from '../../grid/rules.ts'
import { intakesIn } from '../../intake/actions.ts'
import { burdenOf, exclusionsIn, takenMembers } from '../../proposals/burden/actions.ts'
import { censusIn } from '../../requests/actions.ts'
import type { Material } from './rules.ts'

const NOTHING = { open: 0, month: 0, sinceIntake: 0, load: 0 }

export interface Loaded {
  readonly material: Material
  readonly rulesVersion: number
  /** Points of a week of waiting. */
  readonly weekPoints: number
  /** Requests that take no part until somebody says what is not known of them. */
  readonly toQualify: number
}

/** Everything that an allocation of a CPTS is made from, and by which version of its rules. Asks for no right. */
export const loadMaterial = (ctx: Ctx, communityId: string): Loaded => {
  const { version, rules } = rulesOf(ctx, communityId)
  const { waiting, toQualify } = censusIn(ctx, communityId)
  const members = intakesIn(ctx, communityId)
  const burdens = burdenOf(
    ctx,
    members.map(({ practitionerId }) => practitionerId),
  )
  return {
    rulesVersion: version,
    weekPoints: pointsPerWeek(rules),
    toQualify,
    material: {
      now: ctx.now,
      zone: ctx.territory.zone,
      rules,
      waiting,
      takers: members.map((member) => ({
        ...member,
        burden: burdens.get(member.practitionerId) ?? NOTHING,
      })),
      taken: takenMembers(ctx, communityId),
      excluded: exclusionsIn(ctx, communityId),
    },
  }
}
