import type { Actor } from '../../kernel/ctx.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import { DAY, HOUR, plus, type Instant } from '../../kernel/time.ts'

/** No shift is longer than a day, nor than the hour by which an autumn night grows. */
export const LONGEST_SHIFT = DAY + HOUR

/** How far from now the SAS sees who is on duty: the shift of the moment and those next to it (DOMAIN §6). */
const REGULATOR_SEES = 2 * DAY

/** Refuses the SAS a moment that is neither of the current shifts nor of those next to them. */
export const refuseMoment = (actor: Actor, at: Instant, now: Instant): Refusal | null =>
  actor.kind === 'key' &&
  actor.role === 'regulator' &&
  (at < plus(now, -REGULATOR_SEES) || at > plus(now, REGULATOR_SEES))
    ? {
        code: 'invalid_interval',
        detail: 'La régulation voit qui est de garde deux jours avant et après maintenant.',
        path: ['at'],
      }
    : null

/** Most days of one list of holes, as of a rota. */
const MOST_DAYS = 400

/** Refuses a period that is empty, reversed or of more than 400 days. */
export const refuseHolesPeriod = (from: Instant, to: Instant): Refusal | null =>
  to > from && to - from <= MOST_DAYS * DAY + HOUR
    ? null
    : { code: 'invalid_interval', detail: 'La période va de 1 à 400 jours.', path: ['to'] }
