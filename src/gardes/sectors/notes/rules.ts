import { dateText, type LocalDate } from '../../../kernel/civil.ts'
import type { Refusal } from '../../../kernel/refusal.ts'
import { refuseDates, type Dates } from '../rules.ts'
import type { RestrictionSource } from '../vocabulary.ts'

/** What is asked of oneself is one's own to say and to end; what the CDOM or the sector decided is the coordination's. */
export const refuseSource = (isManaged: boolean, source: RestrictionSource): Refusal | null =>
  isManaged || source === 'self'
    ? null
    : {
        code: 'invalid_source',
        detail: 'Seule la coordination enregistre ou termine une restriction du CDOM ou du secteur.',
        path: ['source'],
      }

/** A restriction is shortened, never lengthened: what comes after is another. It keeps its first day at least. */
export const refuseEnd = (restriction: Dates, to: LocalDate): Refusal | null => {
  if (to < restriction.from) return refuseDates(restriction.from, to)
  return restriction.to !== null && restriction.to <= to
    ? {
        code: 'invalid_interval',
        detail: `Cette restriction prend déjà fin le ${dateText(restriction.to)}.`,
        path: ['to'],
      }
    : null
}
