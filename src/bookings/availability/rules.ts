import type { Refusal } from '../../kernel/refusal.ts'
import { HOUR, WEEK, type Instant } from '../../kernel/time.ts'

/** The aim of unscheduled care: the patient is seen within 48 h of the call. */
export const DEFAULT_WINDOW = 48 * HOUR

/** The national platform looks 72 h ahead (SAS, INT_R01). */
export const LONGEST_WINDOW = 72 * HOUR

export const DEFAULT_RADIUS_KM = 10

/**
 * Bookings are weighed over the four weeks that end with the search (`docs/balanced-search.md`): what is booked ahead
 * counts as what was done.
 */
export const BALANCE_WINDOW = 4 * WEEK

/** Refuses a search that ends before it starts or looks more than 72 h ahead. */
export const refuseWindow = (from: Instant, to: Instant): Refusal | null =>
  to > from && to - from <= LONGEST_WINDOW
    ? null
    : { code: 'invalid_interval', detail: 'La recherche porte sur 72 heures au plus.', path: ['to'] }

/**
 * A practitioner's load: bookings of the four weeks for each minute a week that they aim to open, which is their share.
 * Null for who has no share: nobody is owed by them, so that no number of bookings is their part.
 */
export const loadOf = (bookings: number, weeklyTargetMinutes: number): number | null =>
  weeklyTargetMinutes > 0 ? bookings / weeklyTargetMinutes : null

/** Place of a load in an order: the lowest first, who has no share after everybody who has. */
export const rankOf = (load: number | null): number => load ?? Number.MAX_SAFE_INTEGER
