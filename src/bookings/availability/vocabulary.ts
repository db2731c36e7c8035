/** Orders of a search: the earliest, the nearest, or the least loaded practitioner first. */
export const SORTS = ['soonest', 'nearest', 'balanced'] as const
export type Sort = (typeof SORTS)[number]
