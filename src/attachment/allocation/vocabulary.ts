export const ALLOCATION_STATES = ['simulated', 'published', 'discarded'] as const
export type AllocationState = (typeof ALLOCATION_STATES)[number]

/** What asked for a simulation: a person, or the day and hour of the CPTS. */
export const ALLOCATION_ORIGINS = ['asked', 'weekly'] as const
export type AllocationOrigin = (typeof ALLOCATION_ORIGINS)[number]

/** Largest seed: 32 bits. */
export const LARGEST_SEED = 4_294_967_295

/** What keeps a practitioner and somebody apart, in the order of asking. */
export const CONSTRAINTS = [
  'no_intake',
  'closed',
  'absent',
  'batch_open',
  'excluded',
  'distance',
  'age',
  'home_visit',
  'wheelchair',
  'language',
  'doctor_sex',
  'no_places',
] as const

/** Why a practitioner is not somebody's: what keeps them apart, then what became of who is left. */
export const REASONS = [...CONSTRAINTS, 'saturated', 'block', 'locked', 'locked_out'] as const

/** What a practitioner was to somebody in an allocation. */
export const OUTCOMES = ['excluded', 'chosen', 'full', 'free'] as const
