export const PROPOSAL_STATES = [
  'open',
  'accepted',
  'declared',
  'refused',
  'expired',
  'declined',
  'unreachable',
  'withdrawn',
] as const
export type ProposalState = (typeof PROPOSAL_STATES)[number]

/** The only reasons for which a practitioner may refuse a patient (code de la santé publique, R4127-47 and L1110-3). */
export const REFUSAL_REASONS = ['capacity', 'distance', 'competence', 'conflict', 'leaving'] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]
