import type { Ctx } from '../../db/db.ts'
import { advance, append, findPlace, forgetPlaces } from '../../events/actions.ts'

/** Looks at the rows of a table after a given one and seals again those that need it. */
export type Walk = (
  ctx: Ctx,
  after: number,
  limit: number,
) => { readonly seen: number; readonly last: number; readonly resealed: number }

const PLACES = 'reseal/'

/**
 * Seals again, up to `limit` rows of each table at a time, what an older key of the ring sealed, so that the older key
 * can be retired. Each row is looked at once for each key that becomes the current one, whenever that is. Says so when
 * the last row was reached and something had been sealed again. Returns how many rows the longest step looked at.
 */
export const turnKeys = (ctx: Ctx, limit: number, walks: Readonly<Record<string, Walk>>): number => {
  const { current } = ctx.keyRing
  const turned = `${PLACES}${current}`
  let untold = findPlace(ctx, turned)
  if (untold === undefined) {
    // The places of the key before are of no use, and would be wrong if it became the current one again.
    forgetPlaces(ctx, PLACES)
    advance(ctx, turned, (untold = 0))
  }
  let longest = 0
  let resealed = 0
  for (const [table, walk] of Object.entries(walks)) {
    const place = `${turned}/${table}`
    const step = walk(ctx, findPlace(ctx, place) ?? 0, limit)
    if (step.seen > 0) advance(ctx, place, step.last)
    longest = Math.max(longest, step.seen)
    resealed += step.resealed
  }
  const isDone = longest < limit
  const toTell = untold + resealed
  if (isDone && toTell > 0)
    append(ctx, {
      type: 'key_ring.rotated',
      subject: ctx.territory.code,
      data: { keyId: current, resealed: toTell },
    })
  const left = isDone ? 0 : toTell
  if (left !== untold) advance(ctx, turned, left)
  return longest
}
