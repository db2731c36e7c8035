/** Halves of a day: before 13:00 and from 13:00 on, in civil time. */
export const HALVES = ['am', 'pm'] as const
export type Half = (typeof HALVES)[number]
