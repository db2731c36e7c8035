/** Base types of a civil day, and `pont` beside them. Stored as bits in this order: only ever append. */
export const DAY_TYPES = ['weekday', 'saturday', 'sunday', 'holiday', 'pont'] as const
export type ShiftDayType = (typeof DAY_TYPES)[number]

/** What a shift counts for when the load is shared out (DOMAIN §3). */
export const CATEGORIES = ['evening', 'night', 'saturday', 'sunday', 'holiday', 'pont'] as const
export type Category = (typeof CATEGORIES)[number]

/** Counted beside the category on 24–25 December and 31 December–1 January. */
export const GRANDE_FETE = 'grande_fete'

/** What the load is compared by: the categories, the four days, and all shifts together. */
export const EQUITY_CLASSES = [...CATEGORIES, GRANDE_FETE, 'total'] as const
export type EquityClass = (typeof EQUITY_CLASSES)[number]

/** What somebody on duty does: receives on site, goes to patients, or regulates calls. */
export const SHIFT_ROLES = ['effecteur', 'mobile', 'regulateur'] as const
export type ShiftRole = (typeof SHIFT_ROLES)[number]

/** `garde`: permanence des soins, outside office hours. `snp`: daytime ranges set aside for unscheduled care. */
export const ROTA_KINDS = ['garde', 'snp'] as const
export type RotaKind = (typeof ROTA_KINDS)[number]
