/** `held` is a lease that is not yet a booking. Those but `cancelled` occupy their seat. */
export const SEAT_STATUSES = ['held', 'booked', 'fulfilled', 'noshow', 'cancelled'] as const
export type SeatStatus = (typeof SEAT_STATUSES)[number]

export const BOOKING_STATUSES = ['booked', 'fulfilled', 'noshow', 'cancelled'] as const
export type BookingStatus = (typeof BOOKING_STATUSES)[number]

export const OUTCOMES = ['fulfilled', 'noshow'] as const
export type Outcome = (typeof OUTCOMES)[number]

export const REQUESTED_DELAYS = ['same_day', '24h', '48h'] as const
export type RequestedDelay = (typeof REQUESTED_DELAYS)[number]

export const CANCEL_REASONS = ['patient', 'practitioner', 'regulation', 'duplicate'] as const
export type CancelReason = (typeof CANCEL_REASONS)[number]

/** Who booked: the SAS, a professional for a patient of their own, or the SAS with one who took the patient en sus. */
export const BOOKING_ORIGINS = ['regulation', 'practitioner', 'en_sus'] as const
export type BookingOrigin = (typeof BOOKING_ORIGINS)[number]

/**
 * Motive classes of a regulated call: a closed list, coarse on purpose (no diagnosis). Practice of call centres;
 * it grows at its end.
 */
export const MOTIVES = [
  'fever',
  'respiratory',
  'ent',
  'digestive',
  'urinary',
  'skin',
  'trauma',
  'pain',
  'paediatric',
  'gynaecological',
  'mental_health',
  'chronic',
  'administrative',
  'other',
] as const
export type Motive = (typeof MOTIVES)[number]

export const ATTENTION_REASONS = [
  'slot_withdrawn',
  'series_edited',
  'series_ended',
  'shift_emptied',
  'shift_changed',
] as const
export type AttentionReason = (typeof ATTENTION_REASONS)[number]

/** Those that end by themselves when somebody is on duty there again. */
export const DUTY_REASONS = ['shift_emptied', 'shift_changed'] as const satisfies AttentionReason[]

export const BOOKING_WARNINGS = ['possible_duplicate', 'age_out_of_range'] as const
export type BookingWarning = (typeof BOOKING_WARNINGS)[number]
