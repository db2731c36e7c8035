/** Who asked that a patient be forgotten: the person, or who answers for them (a parent, a guardian). */
export const ERASURE_REQUESTERS = ['patient', 'guardian'] as const
export type ErasureRequester = (typeof ERASURE_REQUESTERS)[number]
