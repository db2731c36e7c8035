/** Why a time of an agenda, or a part of it, makes no slot. */
export const IMPORT_SKIPS = [
  'all_day',
  'cancelled',
  'transparent',
  'dst_gap',
  'unreadable',
  'too_long',
  'too_short',
  'past',
  'overlap',
] as const
export type ImportSkip = (typeof IMPORT_SKIPS)[number]
