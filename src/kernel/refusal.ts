/** Every reason for which a rule may refuse. Stable: clients branch on them. `edge/problems` gives each its status. */
export const REFUSAL_CODES = [
  'address_required',
  'already_taken',
  'already_withdrawn',
  'booking_active',
  'commune_taken',
  'en_sus_closed',
  'en_sus_not_accepted',
  'erased',
  'finess_taken',
  'generation_running',
  'hold_invalid',
  'idempotency_key_reused',
  'invalid_birth_date',
  'invalid_calendar',
  'invalid_interval',
  'invalid_key_scope',
  'invalid_rpps',
  'invalid_rrule',
  'invalid_transition',
  'invalid_url',
  'key_revoked',
  'modality_not_offered',
  'no_occurrence',
  'not_a_member',
  'not_active',
  'not_found',
  'rota_overlap',
  'rota_too_short',
  'rpps_taken',
  'rule_broken',
  'series_ended',
  'outcome_final',
  'same_slot',
  'slot_not_for_caller',
  'slot_overlap',
  'slot_started',
  'slot_taken',
  'slot_withdrawn',
  'stale_version',
  'swap_closed',
  'too_early',
  'too_many_feeds',
  'too_many_holds',
  'too_many_slots',
  'too_many_webhooks',
  'unknown_commune',
  'unknown_shift_type',
  'invalid_source',
  'consent_required',
  'request_closed',
  'invalid_csv',
  'invalid_rules',
  'unlawful_reason',
  'proposal_expired',
  'proposal_closed',
  'proposal_not_accepted',
  'allocation_closed',
  'stale_simulation',
  'unproven',
  'lock_refused',
  'not_a_gp',
  'too_many_members',
  'invalid_asked_on',
] as const

export type RefusalCode = (typeof REFUSAL_CODES)[number]

/** A refusal is data: what was refused, in words for a person (French), and facts for a program. */
export interface Refusal {
  readonly code: RefusalCode
  readonly detail: string
  /** Members added to the problem, such as `alternatives` or the id of what is in the way. No patient data. */
  readonly facts?: Readonly<Record<string, unknown>>
  /** Where in the request body, as a path of keys and indexes. */
  readonly path?: readonly (string | number)[]
}

/** Thrown by an action to leave its transaction: the edge turns it into a problem, everything it wrote is undone. */
export class Refused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.code)
    this.name = 'Refused'
    this.refusal = refusal
  }
}

/** Throws `Refused` when a rule refused. */
export const unlessRefused = (refusal: Refusal | null): void => {
  if (refusal) throw new Refused(refusal)
}

/** Refuses a change by who last saw another version of what it changes (RFC 9110 §13.1.1), and tells the present one. */
export const refuseStale = (version: number, ifMatch: number | undefined): Refusal | null =>
  ifMatch === undefined || ifMatch === version
    ? null
    : { code: 'stale_version', detail: `La version actuelle est ${version}.`, facts: { version } }

/** The same answer for an absent object and for somebody else's: nobody learns that it exists. */
export const absent = (what: string): Refusal => ({ code: 'not_found', detail: `${what} introuvable.` })

/** `found`, or throws the refusal of an absent object. */
export const orAbsent = <T>(found: T | undefined, what: string): T => {
  if (found === undefined) throw new Refused(absent(what))
  return found
}
