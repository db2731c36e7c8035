export const ALLOCATION_STATES = ['simulated', 'published', 'discarded'] as const
export type AllocationState = (typeof ALLOCATION_STATES)[number]

/** What asked for a simulation: a person, or the day and hour of the CPTS. */
export const ALLOCATION_ORIGINS = ['asked', 'weekly'] as const
export type AllocationOrigin = (typeof ALLOCATION_ORIGINS)[number]

/** Largest seed: 32 bits. */
export const LARGEST_SEED = 4_294_967_295

/** Why a practitioner is not somebody's: what keeps them apart, in the order of asking, then what became of who is left. */
export const REASONS = [
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
  'saturated',
  'block',
  'locked',
  'locked_out',
] as const
