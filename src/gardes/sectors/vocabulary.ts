/** Who asked for a restriction. */
export const RESTRICTION_SOURCES = ['CDOM', 'self', 'local'] as const
export type RestrictionSource = (typeof RESTRICTION_SOURCES)[number]

/** Why, as far as anybody but the CDOM needs to know: never a medical reason. */
export const RESTRICTION_CLASSES = ['age', 'health', 'practice', 'other'] as const
export type RestrictionClass = (typeof RESTRICTION_CLASSES)[number]

export const WANTS = ['avoid', 'prefer'] as const
export type Want = (typeof WANTS)[number]
