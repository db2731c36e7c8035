/** What a form asks of each person, in codes: no diagnosis. True, false, or not known. */
export const FLAGS = [
  'ald',
  'c2s',
  'pregnancy',
  'disability',
  'dependence',
  'discharge30d',
  'palliative',
  'mtRetiring',
  'isolation',
] as const
export type Flag = (typeof FLAGS)[number]

/** What is known of a person: absent and null are both not known. */
export type Flags = Readonly<Partial<Record<Flag, boolean | null | undefined>>>

/** What gives points: the flags, and what is computed. */
export const GRID_RULES = [...FLAGS, 'age70', 'age80', 'childUnder3', 'weeksWaiting'] as const
export type GridRule = (typeof GRID_RULES)[number]

/** Points that count, and what for. */
export interface PointsLine {
  readonly rule: GridRule
  readonly points: number
  /** Number of the member, when it is of one of several. */
  readonly member?: number
}

/** 1 is the most urgent. */
export const PRIORITY_CLASSES = [1, 2, 3, 4, 5] as const
export type PriorityClass = (typeof PRIORITY_CLASSES)[number]

/** The class of those of whom something is not known that could change it. */
export const TO_QUALIFY = 'to_qualify'

export const REQUEST_STATES = [
  'to_qualify',
  'waiting',
  'proposed',
  'accepted',
  'placed',
  'withdrawn',
  'unreachable',
  'escalated',
] as const
export type RequestState = (typeof REQUEST_STATES)[number]

export const HOUSEHOLD_MODES = ['together', 'may_split'] as const
export type HouseholdMode = (typeof HOUSEHOLD_MODES)[number]

export const DOCTOR_SEXES = ['female', 'male'] as const
export type DoctorSex = (typeof DOCTOR_SEXES)[number]
