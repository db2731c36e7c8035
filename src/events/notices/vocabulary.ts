/** How a practitioner is told to log in. */
export const NOTICE_CHANNELS = ['email', 'sms'] as const
export type NoticeChannel = (typeof NOTICE_CHANNELS)[number]

/** What a practitioner may be told of; the words never say of whom. */
export const NOTICE_SUBJECTS = ['booking', 'cancellation', 'attention', 'en_sus', 'proposal'] as const
export type NoticeSubject = (typeof NOTICE_SUBJECTS)[number]
