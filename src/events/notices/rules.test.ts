import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR, instant } from '../../kernel/time.ts'
import { EVENT_TYPES } from '../vocabulary.ts'
import { isStale, isTooLate, messageOf, noticesOf, TRIED_FOR } from './rules.ts'
import { NOTICE_SUBJECTS } from './vocabulary.ts'

const event = (type: (typeof EVENT_TYPES)[number], data: Record<string, unknown> = {}) => ({
  type,
  practitionerId: 'prac_a',
  data,
})
const to = (practitionerId: string, subject: string) => ({ practitionerId, subject })

describe('who is told of what', () => {
  it('[NOTICE-2] a booking, its end, what upset one and a request, each to whom it concerns', () => {
    expect(noticesOf(event('booking.created'), null)).toEqual([to('prac_a', 'booking')])
    expect(noticesOf(event('booking.cancelled'), null)).toEqual([to('prac_a', 'cancellation')])
    const moved = (fromPractitionerId: string) => event('booking.moved', { fromPractitionerId })
    expect(noticesOf(moved('prac_a'), null)).toEqual([to('prac_a', 'booking')])
    expect(noticesOf(moved('prac_b'), null)).toEqual([to('prac_a', 'booking'), to('prac_b', 'cancellation')])
    for (const type of ['slot.withdrawn', 'series.edited'] as const) {
      expect(noticesOf(event(type, { needsAttention: ['book_1'] }), null)).toEqual([
        to('prac_a', 'attention'),
      ])
      for (const data of [{ needsAttention: [] }, {}, { needsAttention: 'book_1' }])
        expect(noticesOf(event(type, data), null)).toEqual([])
    }
    for (const type of ['en_sus.requested', 'en_sus.wave_started'] as const) {
      const asked = event(type, { practitionerIds: ['prac_b', 'prac_c', 'prac_b'] })
      expect(noticesOf(asked, null)).toEqual([to('prac_b', 'en_sus'), to('prac_c', 'en_sus')])
      expect(noticesOf(event(type), null)).toEqual([])
    }
    for (const type of ['proposal.sent', 'proposal.reminded'] as const)
      expect(noticesOf(event(type), null)).toEqual([to('prac_a', 'proposal')])
  })

  it('[NOTICE-2] nobody of what they did themselves, and nobody of anything else', () => {
    const full = {
      fromPractitionerId: 'prac_b',
      needsAttention: ['book_1'],
      practitionerIds: ['prac_a', 'prac_c'],
    }
    for (const type of EVENT_TYPES) {
      const all = noticesOf(event(type, full), null)
      for (const by of ['prac_a', 'prac_b', 'prac_c'])
        expect(noticesOf(event(type, full), by)).toEqual(
          all.filter(({ practitionerId }) => practitionerId !== by),
        )
      expect(noticesOf({ ...event(type), practitionerId: null }, null)).toEqual([])
    }
    expect(EVENT_TYPES.filter((type) => noticesOf(event(type, full), null).length > 0).sort()).toEqual([
      'booking.cancelled',
      'booking.created',
      'booking.moved',
      'en_sus.requested',
      'en_sus.wave_started',
      'proposal.reminded',
      'proposal.sent',
      'series.edited',
      'slot.withdrawn',
    ])
  })
})

describe('the words', () => {
  it('[NOTICE-3] are those of the subject and the address of the service, and of nothing else', () => {
    const texts = NOTICE_SUBJECTS.map((subject) => messageOf(subject, undefined))
    expect(texts).toEqual([
      {
        subject: 'Nouveau rendez-vous',
        text: 'Vous avez un nouveau rendez-vous d’urgence du jour. Connectez-vous pour le voir.',
      },
      {
        subject: 'Rendez-vous annulé',
        text: 'Un de vos rendez-vous d’urgence du jour a été annulé ou déplacé. Connectez-vous pour le voir.',
      },
      {
        subject: 'Rendez-vous à revoir',
        text: 'Un changement touche un de vos rendez-vous d’urgence du jour. Connectez-vous pour le voir.',
      },
      {
        subject: 'Demande en sus',
        text: 'La régulation cherche un médecin pour un patient en sus. Connectez-vous pour le voir.',
      },
      {
        subject: 'Proposition de patients',
        text: 'Des patients sans médecin traitant attendent votre réponse. Connectez-vous pour le voir.',
      },
    ])
    const url = 'https://udj.example'
    for (const [i, subject] of NOTICE_SUBJECTS.entries())
      expect(messageOf(subject, url)).toEqual({ ...texts[i], text: `${texts[i]!.text}\n${url}` })
    // Nothing else can come in: there is no other parameter, and no digit, id or place in any of them.
    expect(messageOf.length).toBe(2)
    for (const { subject, text } of texts) expect(subject + text).not.toMatch(/[\d_@:/]/)
  })
})

describe('when it is too late', () => {
  it('[NOTICE-4] news of an hour ago is old, and a message is tried for four', () => {
    const first = instant(0)
    fc.assert(
      fc.property(fc.nat(10 * HOUR), (ago) => {
        expect(isStale(first, instant(ago))).toBe(ago >= HOUR)
        expect(isTooLate(first, instant(ago))).toBe(ago >= TRIED_FOR + HOUR)
      }),
      { seed: 5 },
    )
    expect(isStale(first, instant(HOUR - 1))).toBe(false)
    expect(isStale(first, instant(HOUR))).toBe(true)
    expect(TRIED_FOR).toBe(4 * HOUR)
  })
})
