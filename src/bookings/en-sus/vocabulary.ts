/** `asking`: a wave is being asked · `accepted`: one took it, the SAS completes the booking · the others are ends. */
export const EN_SUS_STATES = ['asking', 'accepted', 'booked', 'closed', 'expired'] as const
export type EnSusState = (typeof EN_SUS_STATES)[number]

export const EN_SUS_ANSWERS = ['accepted', 'declined'] as const
export type EnSusAnswer = (typeof EN_SUS_ANSWERS)[number]

/** Why the SAS closes a request. */
export const EN_SUS_CLOSINGS = ['not_needed', 'found_elsewhere', 'other'] as const
export type EnSusClosing = (typeof EN_SUS_CLOSINGS)[number]

/**
 * Why time ended a request: there was nobody to ask · all who were asked declined · the last wave ran out · a GP took
 * the patient, and the hour agreed came before the booking was made.
 */
export const EN_SUS_EXPIRIES = ['nobody_to_ask', 'all_declined', 'no_answer', 'not_booked'] as const
export type EnSusExpiry = (typeof EN_SUS_EXPIRIES)[number]

/** Whether the patient's own GP was asked first. */
export const MT_ANSWERS = ['asked', 'not_opted_in', 'unknown'] as const
export type MtAnswer = (typeof MT_ANSWERS)[number]
