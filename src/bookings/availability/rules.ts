import type { Refusal } from '../../kernel/refusal.ts'
import { HOUR, WEEK, type Instant } from '../../kernel/time.ts'

/** The aim of unscheduled care: the patient is seen within 48 h of the call. */
export const DEFAULT_WINDOW = 48 * HOUR

/** The national platform looks 72 h ahead (SAS, INT_R01). */
export const LONGEST_WINDOW = 72 * HOUR

export const DEFAULT_RADIUS_KM = 10

/** Bookings are weighed over the rolling four weeks before the end of the search. */
export const BALANCE_WINDOW = 4 * WEEK

/** Refuses a search that ends before it starts or looks more than 72 h ahead. */
export const refuseWindow = (from: Instant, to: Instant): Refusal | null =>
  to > from && to - from <= LONGEST_WINDOW
    ? null
    : { code: 'invalid_interval', detail: 'La recherche porte sur 72 heures au plus.', path: ['to'] }

/** A practitioner's load: bookings of the four weeks for each minute a week they aim to open. Lower comes first. */
export const loadOf = (bookings: number, weeklyTargetMinutes: number): number =>
  bookings / Math.max(1, weeklyTargetMinutes)
