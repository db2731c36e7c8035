import fc from 'fast-check'
import ICAL from 'ical.js'
import { describe, expect, it } from 'vitest'
import { writeCalendar, type CalendarEvent } from './ical-writer.ts'
import { instant } from './time.ts'

const EVENT: CalendarEvent = {
  uid: 'slot_1@92.urgence-du-jour',
  createdAt: instant(Date.parse('2026-11-23T07:00:00Z')),
  changedAt: instant(Date.parse('2026-11-23T08:00:00.999Z')),
  sequence: 3,
  status: 'CONFIRMED',
  start: instant(Date.parse('2026-11-24T08:00:00Z')),
  end: instant(Date.parse('2026-11-24T08:15:00Z')),
  summary: 'Urgence du jour · libre',
  location: 'Cabinet',
  categories: ['Urgence du jour'],
}

const eventIn = (text: string) =>
  new ICAL.Component(ICAL.parse(text) as [string, unknown[], unknown[]]).getFirstSubcomponent('vevent')!

describe('the writer of calendars', () => {
  it('[FEED-10] folds at 75 octets between characters, and another program reads the text that was written', () => {
    const texts = fc.string({
      unit: fc.oneof(
        fc.constantFrom(',', ';', '\\', ':', '"', 'é', '€', '👩‍⚕️', '\u{1F691}', ' ', 'n', '\n'),
        fc
          .string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
          .filter((one) => !/\p{Cc}|\p{Cs}/u.test(one)),
      ),
      maxLength: 150,
      size: 'max',
    })
    let folded = 0
    fc.assert(
      fc.property(
        texts,
        texts,
        // ical.js takes a comma after an escaped backslash for an escaped comma.
        fc.array(
          texts.map((text) => text.replaceAll('\\', '')),
          { minLength: 1, maxLength: 3 },
        ),
        (summary, location, categories) => {
          const text = writeCalendar({ name: summary, events: [{ ...EVENT, summary, location, categories }] })
          const lines = text.split('\r\n')
          expect(lines.pop()).toBe('')
          for (const line of lines) {
            expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
            expect(line).not.toMatch(/[\r\n]|^$/)
            if (line.startsWith(' ')) folded++
          }
          const event = eventIn(text)
          expect(event.getFirstPropertyValue('summary')).toBe(summary)
          expect(event.getFirstPropertyValue('location')).toBe(location)
          expect(event.getFirstProperty('categories')!.getValues()).toEqual(categories)
        },
      ),
      { seed: 20261123, numRuns: 300 },
    )
    expect(folded).toBeGreaterThan(300)
  })

  it('[FEED-10] writes what a TEXT cannot hold as a space or U+FFFD', () => {
    const text = writeCalendar({
      name: 'x',
      events: [{ ...EVENT, summary: 'a\u0000b\tc\u0085d\ud83d', location: 'a\r\nb\rc' }],
    })
    expect(text).toContain('SUMMARY:a b c d\ufffd\r\n')
    expect(text).toContain(String.raw`LOCATION:a\nb\nc`)
  })

  it('[FEED-5] writes instants in UTC, and what is cancelled as free time', () => {
    expect(writeCalendar({ name: 'x', events: [EVENT] })).toContain(
      [
        'DTSTAMP:20261123T080000Z',
        'CREATED:20261123T070000Z',
        'LAST-MODIFIED:20261123T080000Z',
        'SEQUENCE:3',
        '',
      ].join('\r\n'),
    )
    for (const [status, transparency] of [
      ['CONFIRMED', 'OPAQUE'],
      ['CANCELLED', 'TRANSPARENT'],
    ] as const)
      expect(writeCalendar({ name: 'x', events: [{ ...EVENT, status }] })).toContain(
        `TRANSP:${transparency}\r\n`,
      )
  })
})
