/** A rota's life (code de la santé publique R6315-2 and R6315-4). */
export const ROTA_STATES = [
  'draft',
  'generated',
  'consultation',
  'validated',
  'sent_to_cdom',
  'published',
  'in_force',
  'performed',
  'closed',
] as const
export type RotaState = (typeof ROTA_STATES)[number]

/** States to which somebody may take a rota by hand. */
export const TARGET_STATES = [
  'consultation',
  'validated',
  'sent_to_cdom',
  'published',
  'in_force',
  'performed',
  'closed',
  'draft',
] as const
export type TargetState = (typeof TARGET_STATES)[number]

export const ROTA_WARNINGS = ['late_cdom', 'late_publication', 'late_closing', 'incomplete'] as const
export type RotaWarning = (typeof ROTA_WARNINGS)[number]

/** Days before the start, or after the end, at which somebody is reminded of what is not done. */
export const ROTA_ALARMS = ['start_minus_60', 'start_minus_45', 'start_minus_10', 'end_plus_30'] as const
export type RotaAlarm = (typeof ROTA_ALARMS)[number]

export const EXPORT_KINDS = ['planned', 'performed'] as const
export type ExportKind = (typeof EXPORT_KINDS)[number]

export const EXPORT_FORMATS = ['csv', 'html', 'ics'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** `running` is told of one that thinks, never stored. */
export const GENERATION_STATES = ['running', 'done', 'stopped'] as const
export type GenerationState = (typeof GENERATION_STATES)[number]

/** What keeps somebody from a shift: the hard rules of DOMAIN §3, by the names that the solver gives them. */
export const SHIFT_RULES = [
  'role',
  'membership',
  'restriction',
  'absence',
  'busy',
  'one_place',
  'rest',
  'consecutive',
  'max_7_days',
  'max_28_days',
  'personal_cap',
] as const
export type ShiftRule = (typeof SHIFT_RULES)[number]

/** What alone would fill an empty place, by the names that the solver gives them. */
export const RELIEFS = [
  'rest_9_hours',
  'max_7_days_plus_1',
  'max_28_days_plus_1',
  'personal_cap_plus_1',
  'one_more_member',
  'headcount_minus_1',
] as const
export type Relief = (typeof RELIEFS)[number]

/** The levels by which a rota is judged, in their order. */
export const LEVELS = ['fill', 'equity', 'wishes', 'spacing', 'changes'] as const

/** Why there is a new version of a rota. */
export const VERSION_REASONS = ['published', 'regenerated', 'place_changed', 'swap'] as const
export type VersionReason = (typeof VERSION_REASONS)[number]
