export const ALLOCATION_STATES = ['simulated', 'published', 'discarded'] as const
export type AllocationState = (typeof ALLOCATION_STATES)[number]

/** What asked for a simulation: a person, or the day and hour of the CPTS. */
export const ALLOCATION_ORIGINS = ['asked', 'weekly'] as const
export type AllocationOrigin = (typeof ALLOCATION_ORIGINS)[number]
