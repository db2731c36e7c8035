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

/** How old somebody is, as it is told to a practitioner who has not accepted. */
export const AGE_BANDS = ['0-2', '3-17', '18-69', '70-79', '80+'] as const
export type AgeBand = (typeof AGE_BANDS)[number]
