/**
 * How a practitioner’s answer left patients where they were: refused at once, or accepted and then ended, because the
 * patients did not want it, could not be reached, or were taken back.
 */
export const REGISTER_KINDS = ['refused', 'declined', 'unreachable', 'withdrawn'] as const
export type RegisterKind = (typeof REGISTER_KINDS)[number]
