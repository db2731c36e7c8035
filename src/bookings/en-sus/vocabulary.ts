/** `asking`: a wave is being asked · `accepted`: one took it, the SAS completes the booking · the others are ends. */
export const EN_SUS_STATES = ['asking', 'accepted', 'booked', 'closed', 'expired'] as const
export type EnSusState = (typeof EN_SUS_STATES)[number]

export const EN_SUS_ANSWERS = ['accepted', 'declined'] as const
export type EnSusAnswer = (typeof EN_SUS_ANSWERS)[number]
