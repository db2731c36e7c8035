/** What a calendar feed of a practitioner’s own shows: their slots, or the gardes that they do. */
export const OWN_FEED_KINDS = ['my-slots', 'my-shifts'] as const
export type OwnFeedKind = (typeof OWN_FEED_KINDS)[number]

/** What a calendar feed shows: `sector` is who is on duty in one. */
export const FEED_KINDS = [...OWN_FEED_KINDS, 'sector'] as const
export type FeedKind = (typeof FEED_KINDS)[number]
