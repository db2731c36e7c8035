/** Who brought a request in. */
export const REQUEST_SOURCES = ['cpts', 'professional', 'cpam', 'clic', 'social', 'patient'] as const
export type RequestSource = (typeof REQUEST_SOURCES)[number]

/** How somebody agreed that what the request says is shared. */
export const CONSENT_MEANS = ['oral', 'written', 'online'] as const
export type ConsentMeans = (typeof CONSENT_MEANS)[number]

export const WITHDRAWAL_REASONS = [
  'found_mt',
  'moved',
  'deceased',
  'consent_revoked',
  'duplicate',
  'other',
  'unreachable',
] as const
export type WithdrawalReason = (typeof WITHDRAWAL_REASONS)[number]

/** Why somebody is no longer of a household that waits: they found one themselves, moved away, died, or never belonged. */
export const LEAVING_REASONS = ['found_mt', 'moved', 'deceased', 'consent_revoked', 'error'] as const
export type LeavingReason = (typeof LEAVING_REASONS)[number]

/** By which way somebody was tried to be reached. */
export const CONTACT_CHANNELS = ['phone', 'sms', 'email', 'letter', 'visit'] as const
export type ContactChannel = (typeof CONTACT_CHANNELS)[number]

/**
 * What is told of a request, and blocks nothing: the same person may be in another, somebody is in palliative care, or they
 * live far from the commune that they live in.
 */
export const REQUEST_WARNINGS = ['possible_duplicate', 'palliative_review', 'far_position'] as const
export type RequestWarning = (typeof REQUEST_WARNINGS)[number]

export const PATIENT_SEXES = ['female', 'male', 'other', 'unknown'] as const
export type PatientSex = (typeof PATIENT_SEXES)[number]

/** People of one request at most, at a time. */
export const MOST_MEMBERS = 12

/** Above any number of a member: those who left keep theirs. */
export const MOST_NUMBERS = 1_000
