import { randomBytes } from 'node:crypto'
import type { Sources } from '../../kernel/ctx.ts'
import { instant } from '../../kernel/time.ts'

/** The runtime's clock and randomness. */
export const workerSources: Sources = {
  clock: () => instant(Date.now()),
  random: (length) => new Uint8Array(randomBytes(length)),
}
