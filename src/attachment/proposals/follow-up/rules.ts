import type { Actor } from '../../../kernel/ctx.ts'
import type { Refusal } from '../../../kernel/refusal.ts'
import { refuseUnaccepted } from '../rules.ts'
import type { ProposalState } from '../vocabulary.ts'

/**
 * Refuses a practitioner who says that the patients do not want them before knowing who they are: that would be a
 * refusal without its reason. The coordinator may have heard it from the patients.
 */
export const refuseEarlyNo = (actor: Actor, state: ProposalState): Refusal | null =>
  actor.kind === 'key' && actor.role === 'practitioner' ? refuseUnaccepted(state) : null
