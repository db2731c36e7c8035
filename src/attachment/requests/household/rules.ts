import type { Refusal } from '../../../kernel/refusal.ts'
import type { ProposalState } from '../../proposals/vocabulary.ts'
import { MOST_MEMBERS, MOST_NUMBERS } from '../vocabulary.ts'

/** Refuses one person more than a household may have, or a number beyond the last (product decision). */
export const refuseFull = (members: number, number: number): Refusal | null =>
  members < MOST_MEMBERS && number < MOST_NUMBERS
    ? null
    : {
        code: 'too_many_members',
        detail: `Un foyer compte ${MOST_MEMBERS} personnes au plus.`,
        facts: { most: MOST_MEMBERS },
      }

/** Refuses that the last of a household leaves: then nobody waits any more. */
export const refuseLast = (members: number): Refusal | null =>
  members > 1
    ? null
    : {
        code: 'invalid_transition',
        detail: 'C’est la dernière personne du foyer : retirer la demande.',
      }

const HELD: Readonly<Partial<Record<ProposalState, string>>> = {
  open: 'Cette personne est proposée à un médecin : attendre sa réponse ou reprendre d’abord la proposition.',
  accepted:
    'Un médecin a accepté cette personne : noter d’abord la suite (déclaration ou refus du patient), ou reprendre la proposition.',
  declared: 'Le médecin traitant de cette personne est déclaré : elle a trouvé.',
}

/**
 * Refuses that somebody leaves whom a practitioner is asked for, expects or has: what they were told would no longer be so.
 * The proposal is answered or taken back first.
 */
export const refuseHeld = (
  proposal: { readonly id: string; readonly state: ProposalState } | undefined,
): Refusal | null => {
  const detail = proposal && HELD[proposal.state]
  return detail === undefined
    ? null
    : {
        code: 'invalid_transition',
        detail,
        facts: { proposalId: proposal?.id, proposalState: proposal?.state },
      }
}
