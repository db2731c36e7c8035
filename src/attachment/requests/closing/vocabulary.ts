/** Who asked that a household be forgotten: one of them, or who answers for them (a parent, a guardian). */
export const REQUEST_ERASERS = ['patient', 'guardian'] as const
export type RequestEraser = (typeof REQUEST_ERASERS)[number]
