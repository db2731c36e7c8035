/** Who may see and book a slot (ANS TRE_R314-TypeCreneau). Stored as bits in this order: only ever append. */
export const AUDIENCES = ['PUBLIC', 'PRO', 'SNP', 'CPTS'] as const
export type Audience = (typeof AUDIENCES)[number]

/** How the patient is seen (HL7 v3 ActCode): at the practice, at home, by video. Stored as bits in this order. */
export const MODALITIES = ['AMB', 'HH', 'VR'] as const
export type Modality = (typeof MODALITIES)[number]

/** HL7 v2 table 0276: a given time, or come within the range. */
export const APPOINTMENT_TYPES = ['ROUTINE', 'WALKIN'] as const
export type AppointmentType = (typeof APPOINTMENT_TYPES)[number]

/** When still free `minutesBefore` the start: widen to these audiences, or give back to the practitioner. */
export interface Release {
  readonly minutesBefore: number
  readonly to: readonly Audience[] | 'practitioner'
}

export const SLOT_STATUSES = ['open', 'full', 'withdrawn', 'past'] as const
export type SlotStatus = (typeof SLOT_STATUSES)[number]

/** How a slot came to be; `en_sus` is one made for a patient whom its practitioner took on top of their agenda. */
export const SLOT_ORIGINS = ['single', 'series', 'shift', 'en_sus'] as const
export type SlotOrigin = (typeof SLOT_ORIGINS)[number]

/** The terms of an offer: the same for a slot and for the series that makes slots. */
export interface Offer {
  readonly capacity: number
  readonly audiences: readonly Audience[]
  readonly communityIds: readonly string[]
  readonly modalities: readonly Modality[]
  readonly appointmentType: AppointmentType
  readonly motives: readonly string[]
  readonly minAge: number | null
  readonly maxAge: number | null
  readonly release: Release | null
}

/** Why a slot was withdrawn, and a booking needs attention: its series was edited over it. */
export const SERIES_EDITED = 'series_edited'

/**
 * Why a slot was withdrawn, and a booking needs attention: its series ended before it. On a slot that stands it says that
 * the GP gave it up and that it is only kept for the patients it has.
 */
export const SERIES_ENDED = 'series_ended'

/** Why a slot was withdrawn: still free at the instant of its release, it went back to the practitioner. */
export const RELEASED = 'released'
