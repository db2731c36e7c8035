/** How long a generation may take, in milliseconds. */
export const TIME_LIMIT = { least: 1_000, most: 300_000, usual: 60_000 } as const

/** Largest seed: 32 bits. */
export const LARGEST_SEED = 4_294_967_295
