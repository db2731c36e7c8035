import type { Ctx } from '../../../db/db.ts'
import { rulesOf } from '../../grid/actions.ts'
import { intakesIn } from '../../intake/actions.ts'
import { burdenOf, exclusionsIn, takenMembers } from '../../proposals/burden/actions.ts'
import { waitingIn } from '../../requests/actions.ts'
import type { Material } from './rules.ts'

const NOTHING = { open: 0, month: 0, sinceIntake: 0, load: 0 }

/** Everything that an allocation of a CPTS is made from, and by which version of its rules. Asks for no right. */
export const loadMaterial = (
  ctx: Ctx,
  communityId: string,
): { readonly material: Material; readonly rulesVersion: number } => {
  const { version, rules } = rulesOf(ctx, communityId)
  const members = intakesIn(ctx, communityId)
  const burdens = burdenOf(
    ctx,
    members.map(({ practitionerId }) => practitionerId),
  )
  return {
    rulesVersion: version,
    material: {
      now: ctx.now,
      zone: ctx.territory.zone,
      rules,
      waiting: waitingIn(ctx, communityId),
      takers: members.map((member) => ({
        ...member,
        burden: burdens.get(member.practitionerId) ?? NOTHING,
      })),
      taken: takenMembers(ctx, communityId),
      excluded: exclusionsIn(ctx, communityId),
    },
  }
}
