/** `swap` one's place for another's · `give` it to somebody · `open` to whoever takes it · `replacement` by an outside person or a colleague. */
export const SWAP_KINDS = ['swap', 'give', 'open', 'replacement'] as const
export type SwapKind = (typeof SWAP_KINDS)[number]

export const SWAP_STATES = ['asked', 'accepted', 'done', 'declined', 'cancelled', 'expired'] as const
export type SwapState = (typeof SWAP_STATES)[number]
