import { HOUR, plus, type Instant } from '../../kernel/time.ts'
import type { EventType } from '../vocabulary.ts'
import type { NoticeSubject } from './vocabulary.ts'

/** A practitioner to be told to log in, and of what. */
export interface Notice {
  readonly practitionerId: string
  readonly subject: NoticeSubject
}

interface Happened {
  readonly type: EventType
  readonly practitionerId: string | null
  readonly data: Readonly<Record<string, unknown>>
}

const idsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

/**
 * Who is to be told of an event, and of what: of a booking the practitioner who has it, of one that left them the
 * practitioner who had it, of bookings that a change upset the practitioner whose they are, of an en sus request
 * those whom it asks, of patients who are proposed, and when an answer is still missing, the practitioner who is to
 * answer. Nobody is told of what they did themselves. `by` is the practitioner who acted, if one did.
 */
export const noticesOf = ({ type, practitionerId, data }: Happened, by: string | null): Notice[] => {
  const tell = (subject: NoticeSubject, ids: readonly (string | null)[]): Notice[] =>
    [...new Set(ids)].flatMap((id) => (id === null || id === by ? [] : [{ practitionerId: id, subject }]))
  switch (type) {
    case 'booking.created':
      return tell('booking', [practitionerId])
    case 'booking.moved': {
      const former = typeof data.fromPractitionerId === 'string' ? data.fromPractitionerId : null
      return [
        ...tell('booking', [practitionerId]),
        ...tell('cancellation', former === practitionerId ? [] : [former]),
      ]
    }
    case 'booking.cancelled':
      return tell('cancellation', [practitionerId])
    case 'slot.withdrawn':
    case 'series.edited':
      return tell('attention', idsOf(data.needsAttention).length > 0 ? [practitionerId] : [])
    case 'en_sus.requested':
    case 'en_sus.wave_started':
      return tell('en_sus', idsOf(data.practitionerIds))
    case 'proposal.sent':
    case 'proposal.reminded':
      return tell('proposal', [practitionerId])
    default:
      return []
  }
}

/** Older news is not announced: whoever was to hurry could not any more. */
const NEWS_FOR = HOUR

export const isStale = (at: Instant, now: Instant): boolean => plus(at, NEWS_FOR) <= now

/** How long a message is tried before it is given up: a late "log in" is of no use. */
export const TRIED_FOR = 4 * HOUR

/** Whether a message waits for longer than it is tried for, as while nothing could be sent at all. */
export const isTooLate = (createdAt: Instant, now: Instant): boolean =>
  plus(createdAt, TRIED_FOR + NEWS_FOR) <= now

const MESSAGES: Readonly<Record<NoticeSubject, readonly [subject: string, text: string]>> = {
  booking: ['Nouveau rendez-vous', 'Vous avez un nouveau rendez-vous d’urgence du jour.'],
  cancellation: ['Rendez-vous annulé', 'Un de vos rendez-vous d’urgence du jour a été annulé ou déplacé.'],
  attention: ['Rendez-vous à revoir', 'Un changement touche un de vos rendez-vous d’urgence du jour.'],
  en_sus: ['Demande en sus', 'La régulation cherche un médecin pour un patient en sus.'],
  proposal: ['Proposition de patients', 'Des patients sans médecin traitant attendent votre réponse.'],
}

/** The words of a message. They depend on its subject alone, so that nothing of anybody can come into them. */
export const messageOf = (subject: NoticeSubject, publicUrl: string | undefined) => {
  const [title, text] = MESSAGES[subject]
  const where = publicUrl === undefined ? '' : `\n${publicUrl}`
  return { subject: title, text: `${text} Connectez-vous pour le voir.${where}` }
}
