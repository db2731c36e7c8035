/** What a calendar feed shows. */
export const FEED_KINDS = ['my-slots'] as const
export type FeedKind = (typeof FEED_KINDS)[number]
