/** Which occurrences an edit is about: that of one date, those from a date on, or all that are still to come. */
export const EDIT_SCOPES = ['this', 'following', 'all'] as const
export type EditScope = (typeof EDIT_SCOPES)[number]
