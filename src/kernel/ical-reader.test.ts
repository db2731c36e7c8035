import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatInstant, getLocalDate, startOfDay, type Zone } from './civil.ts'
import {
  MOST_FILE_EVENTS,
  MOST_OCCURRENCES,
  readCalendar,
  type ReadCalendar,
  type Wanted,
} from './ical-reader.ts'

const PARIS: Zone = 'Europe/Paris'

const windowOf = (from: string, to: string, zone: Zone = PARIS) => ({
  start: startOfDay(getLocalDate(from), zone),
  end: startOfDay(getLocalDate(to), zone),
})

/** From a Monday for eight weeks. */
const WINDOW = windowOf('2026-11-23', '2027-01-18')

const file = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//FR', ...lines, 'END:VCALENDAR', ''].join('\r\n')

const event = (...lines: string[]) => [
  'BEGIN:VEVENT',
  'UID:one',
  'SUMMARY:Créneau SNP',
  ...lines,
  'END:VEVENT',
]

const read = (text: string, wanted?: Wanted, window = WINDOW, zone: Zone = PARIS): ReadCalendar => {
  const found = readCalendar(text, window, zone, wanted)
  if (!found) throw new Error('not a calendar')
  return found
}

/** Each time as the clock of Paris shows it, `11-24 09:00–10:00`, or why it is none. */
const timesOf = ({ occurrences }: ReadCalendar): string[] =>
  occurrences.map(({ start, end, skipped }) => {
    const at = (one: typeof start) =>
      one === undefined ? '?' : formatInstant(one, PARIS).slice(5, 16).replace('T', ' ')
    const time = `${at(start)}–${at(end).slice(-5)}`
    return skipped ? `${time} ${skipped}` : time
  })

const NINE = ['DTSTART;TZID=Europe/Paris:20261124T090000', 'DTEND;TZID=Europe/Paris:20261124T100000']

describe('a calendar file', () => {
  it('[IMPORT-3] is read by wall times, in UTC, without a zone, by IANA, Windows and display names', () => {
    for (const [start, expected] of [
      ['DTSTART:20261124T080000Z', '11-24 09:00–10:00'],
      ['DTSTART:20261124T090000', '11-24 09:00–10:00'],
      ['DTSTART;TZID=Europe/Paris:20261124T090000', '11-24 09:00–10:00'],
      ['DTSTART;TZID="Romance Standard Time":20261124T090000', '11-24 09:00–10:00'],
      ['DTSTART;TZID=W. Europe Standard Time:20261124T090000', '11-24 09:00–10:00'],
      ['DTSTART;TZID=Central European Standard Time:20261124T090000', '11-24 09:00–10:00'],
      [
        'DTSTART;TZID="(UTC+01:00) Bruxelles, Copenhague, Madrid, Paris":20261124T090000',
        '11-24 09:00–10:00',
      ],
      ['DTSTART;TZID=/mozilla.org/20070129_1/Europe/Paris:20261124T090000', '11-24 09:00–10:00'],
      ['DTSTART;TZID=UTC:20261124T080000', '11-24 09:00–10:00'],
      ['DTSTART;TZID=Mauritius Standard Time:20261124T120000', '11-24 09:00–10:00'],
      ['DTSTART;TZID=Indian/Reunion:20261124T120000', '11-24 09:00–10:00'],
      ['DTSTART;TZID=SA Western Standard Time:20261124T040000', '11-24 09:00–10:00'],
      ['DTSTART;TZID=Hawaiian Standard Time:20261123T220000', '11-24 09:00–10:00'],
      ['DTSTART;TZID=Nowhere Standard Time:20261124T090000', '?–? unreadable'],
    ] as const)
      expect([start, timesOf(read(file(...event(start, 'DURATION:PT1H'))))]).toEqual([start, [expected]])
    const reunion = windowOf('2026-11-23', '2027-01-18', 'Indian/Reunion')
    expect(
      timesOf(
        read(
          file(...event('DTSTART:20261124T120000', 'DURATION:PT1H')),
          undefined,
          reunion,
          'Indian/Reunion',
        ),
      ),
    ).toEqual(['11-24 09:00–10:00'])
  })

  const VTIMEZONE = [
    'BEGIN:VTIMEZONE',
    'TZID:Heure de la maison\\, à Berne',
    'BEGIN:STANDARD',
    'DTSTART:16010101T030000',
    'TZOFFSETFROM:+0200',
    'TZOFFSETTO:+0100',
    'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10',
    'END:STANDARD',
    'BEGIN:DAYLIGHT',
    'DTSTART:16010101T020000',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+0200',
    'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3',
    'END:DAYLIGHT',
    'END:VTIMEZONE',
  ]

  it('[IMPORT-3] is read by the zone that it embeds when nobody knows its name', () => {
    const window = windowOf('2027-03-22', '2027-04-30')
    const at = (start: string) =>
      timesOf(
        read(
          file(
            ...VTIMEZONE,
            ...event(`DTSTART;TZID="Heure de la maison, à Berne":${start}`, 'DURATION:PT30M'),
          ),
          undefined,
          window,
        ),
      )
    // The same zone as Paris under another name: both sides of the change of hour.
    expect(at('20270327T090000')).toEqual(['03-27 09:00–09:30'])
    expect(at('20270328T010000')).toEqual(['03-28 01:00–01:30'])
    expect(at('20270328T040000')).toEqual(['03-28 04:00–04:30'])
    expect(at('20270415T090000')).toEqual(['04-15 09:00–09:30'])
    for (const hostile of [
      ['RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3', 'RRULE:FREQ=SECONDLY'],
      ['TZOFFSETTO:+0200', 'TZOFFSETTO:garbage'],
      ['DTSTART:16010101T020000', 'DTSTART:'],
    ] as const) {
      const zone = VTIMEZONE.join('\r\n').replace(hostile[0], hostile[1])
      expect(
        timesOf(
          read(
            file(
              zone,
              ...event('DTSTART;TZID="Heure de la maison, à Berne":20270415T090000', 'DURATION:PT30M'),
            ),
            undefined,
            window,
          ),
        ),
      ).toEqual(['?–? unreadable'])
    }
  })

  it('[IMPORT-3] lasts as its end or its duration says, whatever the clock does meanwhile', () => {
    const window = windowOf('2026-10-19', '2026-11-02')
    const one = (...lines: string[]) => timesOf(read(file(...event(...lines)), undefined, window))
    expect(one('DTSTART;TZID=Europe/Paris:20261020T090000', 'DTEND:20261020T083000Z')).toEqual([
      '10-20 09:00–10:30',
    ])
    // Three hours of the clock, four of time: the hour from two to three comes twice.
    expect(
      one('DTSTART;TZID=Europe/Paris:20261025T010000', 'DTEND;TZID=Europe/Paris:20261025T040000'),
    ).toEqual(['10-25 01:00–04:00'])
    expect(one('DTSTART;TZID=Europe/Paris:20261025T010000', 'DURATION:PT3H')).toEqual(['10-25 01:00–03:00'])
    expect(one('DTSTART:20261020T090000', 'DURATION:P1DT2H30M')).toEqual(['10-20 09:00–11:30'])
    expect(one('DTSTART:20261020T090000')).toEqual(['10-20 09:00–09:00'])
    expect(one('DTSTART:20261020T090000', 'DTEND:20261020T080000')).toEqual(['10-20 09:00–09:00'])
    expect(one('DTSTART:20261020T090000', 'DURATION:demain')).toEqual(['?–? unreadable'])
    expect(one('DTSTART:20261020T090000', 'DTEND;TZID=Nulle part:20261020T100000')).toEqual([
      '?–? unreadable',
    ])
    const spring = windowOf('2027-03-22', '2027-04-05')
    expect(
      timesOf(
        read(
          file(
            ...event('DTSTART;TZID=Europe/Paris:20270328T023000', 'DTEND;TZID=Europe/Paris:20270328T033000'),
          ),
          undefined,
          spring,
        ),
      ),
    ).toEqual(['?–? dst_gap'])
  })

  it('[IMPORT-4] repeats but for its exceptions, and with those that were added, moved or cancelled', () => {
    const found = read(
      file(
        ...event(
          ...NINE,
          'RRULE:FREQ=WEEKLY;UNTIL=20261215T080000Z;BYDAY=TU,TH;WKST=SU',
          'EXDATE;TZID=Europe/Paris:20261126T090000',
          'EXDATE;VALUE=DATE:20261201',
          'RDATE;TZID=Europe/Paris:20261128T140000,20261124T090000',
        ),
        ...event(
          'RECURRENCE-ID;TZID=Europe/Paris:20261203T090000',
          'DTSTART;TZID=Europe/Paris:20261204T110000',
          'DTEND;TZID=Europe/Paris:20261204T113000',
        ),
        ...event(
          'RECURRENCE-ID:20261208T080000Z',
          'STATUS:CANCELLED',
          ...NINE.map((line) => line.replace('1124', '1208')),
        ),
      ),
    )
    expect(timesOf(found)).toEqual([
      '11-24 09:00–10:00',
      '11-28 14:00–15:00',
      '12-04 11:00–11:30',
      '12-08 09:00–10:00 cancelled',
      '12-10 09:00–10:00',
      // UNTIL is this very instant, and included.
      '12-15 09:00–10:00',
    ])
    expect(found).toMatchObject({ events: 3, outside: 0, unmatched: 0, isTruncated: false })
  })

  it('[IMPORT-4] ends with UNTIL as an instant, a wall time or a day, or with COUNT', () => {
    const days = (rule: string) => read(file(...event(...NINE, `RRULE:${rule}`))).occurrences.length
    expect(days('FREQ=DAILY;UNTIL=20261126T080000Z')).toBe(3)
    expect(days('FREQ=DAILY;UNTIL=20261126T075959Z')).toBe(2)
    expect(days('FREQ=DAILY;UNTIL=20261126T090000')).toBe(3)
    expect(days('FREQ=DAILY;UNTIL=20261126')).toBe(3)
    expect(days('FREQ=DAILY;COUNT=3')).toBe(3)
    expect(days('FREQ=DAILY')).toBe(55)
    expect(days('FREQ=DAILY;UNTIL=20261001')).toBe(0)
  })

  it('[IMPORT-4] of many years ago is read in its window alone', () => {
    const old = (rule: string) =>
      read(file(...event('DTSTART;TZID=Europe/Paris:20100104T090000', 'DURATION:PT15M', `RRULE:${rule}`)))
    expect(old('FREQ=DAILY').occurrences).toHaveLength(56)
    expect(old('FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR').occurrences).toHaveLength(40)
    expect(old('FREQ=DAILY;COUNT=6200').occurrences).toHaveLength(33)
    expect(timesOf(old('FREQ=DAILY')).at(0)).toBe('11-23 09:00–09:15')
  })

  it('[IMPORT-2] whole days, cancelled and free ones offer nothing; free ones asked for by name do', () => {
    const one = (...lines: string[]) => timesOf(read(file(...event(...lines))))
    expect(one('DTSTART;VALUE=DATE:20261124', 'DTEND;VALUE=DATE:20261125')).toEqual([
      '11-24 00:00–00:00 all_day',
    ])
    expect(one('DTSTART:20261124')).toEqual(['11-24 00:00–00:00 all_day'])
    expect(one(...NINE, 'STATUS:CANCELLED')).toEqual(['11-24 09:00–10:00 cancelled'])
    expect(one(...NINE, 'STATUS:TENTATIVE')).toEqual(['11-24 09:00–10:00'])
    expect(one(...NINE, 'TRANSP:TRANSPARENT')).toEqual(['11-24 09:00–10:00 transparent'])
    expect(timesOf(read(file(...event(...NINE, 'TRANSP:TRANSPARENT')), { summary: 'snp' }))).toEqual([
      '11-24 09:00–10:00',
    ])
  })

  it('[IMPORT-2] is matched by a part of the title and by categories, whatever case and accents', () => {
    const lines = event(...NINE, 'CATEGORIES:Régulation,Autre', 'CATEGORIES:CPTS')
    const matches = (wanted: Wanted) => {
      const found = read(file(...lines), wanted)
      expect(found.unmatched).toBe(1 - found.occurrences.length)
      return found.occurrences.length === 1
    }
    expect(matches({ summary: 'creneau SN' })).toBe(true)
    expect(matches({ summary: 'CRÉNEAU' })).toBe(true)
    expect(matches({ summary: 'garde' })).toBe(false)
    expect(matches({ categories: ['regulation'] })).toBe(true)
    expect(matches({ categories: ['x', 'cpts'] })).toBe(true)
    expect(matches({ categories: ['reg'] })).toBe(false)
    expect(matches({ summary: 'snp', categories: ['cpts'] })).toBe(true)
    expect(matches({ summary: 'snp', categories: ['x'] })).toBe(false)
  })

  it('[IMPORT-2] an occurrence renamed to something else is no longer meant', () => {
    const found = read(
      file(
        ...event(...NINE, 'RRULE:FREQ=DAILY;COUNT=3'),
        'BEGIN:VEVENT',
        'UID:one',
        'SUMMARY:Congé',
        'RECURRENCE-ID;TZID=Europe/Paris:20261125T090000',
        ...NINE.map((line) => line.replace('1124', '1125')),
        'END:VEVENT',
      ),
      { summary: 'SNP' },
    )
    expect(timesOf(found)).toEqual(['11-24 09:00–10:00', '11-26 09:00–10:00'])
    expect(found.unmatched).toBe(1)
  })

  it('[IMPORT-4] an occurrence changed in a way that cannot be read is not made as it was', () => {
    const found = read(
      file(
        ...event(...NINE, 'RRULE:FREQ=DAILY;COUNT=3'),
        ...event('RECURRENCE-ID;TZID=Europe/Paris:20261125T090000', 'DTSTART:plus tard'),
      ),
    )
    expect(timesOf(found)).toEqual(['11-24 09:00–10:00', '11-26 09:00–10:00', '?–? unreadable'])
  })

  it('[IMPORT-5] that is not whole is none', () => {
    const whole = file(...event(...NINE))
    for (const text of [
      '',
      ' ',
      'bonjour',
      '<html></html>',
      '{"events":[]}',
      'BEGIN:VCARD\r\nEND:VCARD\r\n',
      'END:VCALENDAR',
      'BEGIN:VCALENDAR',
      whole.slice(0, -20),
      whole.replace('END:VEVENT\r\n', ''),
      whole.replace('BEGIN:VEVENT\r\n', ''),
      `${whole}bonjour`,
      whole.replace('BEGIN:VCALENDAR\r\n', ''),
      file('BEGIN:VCALENDAR', 'END:VCALENDAR'),
      event(...NINE).join('\r\n'),
    ])
      expect([text, readCalendar(text, WINDOW, PARIS)]).toEqual([text, undefined])
    for (const text of [
      whole,
      whole.replaceAll('\r\n', '\n'),
      whole.replaceAll('\r\n', '\r'),
      `\uFEFF${whole}`,
      `\r\n${whole}\r\n\r\n`,
      whole.toLowerCase().replaceAll('europe/paris', 'Europe/Paris'),
      whole.replace('DTSTART;TZID=', 'DTST\r\n ART;TZ\r\n\tID='),
      whole
        .replace(/T(\d{6})/g, 'T$1')
        .replace('BEGIN:VEVENT', 'BEGIN:VTODO\r\nDTSTART:x\r\nEND:VTODO\r\nBEGIN:VEVENT'),
    ])
      expect([text, timesOf(read(text))]).toEqual([text, ['11-24 09:00–10:00']])
    expect(read(file())).toMatchObject({ events: 0, occurrences: [] })
  })

  it('[IMPORT-5] with one event that cannot be read is read for the rest', () => {
    const good = event(...NINE)
    for (const lines of [
      event('DTSTART:demain'),
      event('DTSTART:20261399T990000'),
      event('DTSTART:20260230T090000'),
      event(...NINE, 'RRULE:FREQ=SECONDLY'),
      event(...NINE, 'RRULE:FREQ=FORTNIGHTLY'),
      event(...NINE, 'RRULE:'),
      event(...NINE, 'RRULE:FREQ=DAILY', 'RRULE:FREQ=WEEKLY'),
      event(...NINE, 'EXRULE:FREQ=DAILY'),
      event(...NINE, 'EXDATE:hier'),
      event(...NINE, 'RDATE;VALUE=PERIOD:20261124T090000Z/PT1H'),
      event(...NINE, 'RECURRENCE-ID;RANGE=THISANDFUTURE:20261125T080000Z'),
      event(...NINE, 'DTSTART'),
      ['BEGIN:VEVENT', 'END:VEVENT'],
    ]) {
      const found = read(file(...lines, ...good))
      expect([lines, timesOf(found), found.occurrences.map(({ index }) => index)]).toEqual([
        lines,
        ['11-24 09:00–10:00', '?–? unreadable'],
        [1, 0],
      ])
    }
    // What is not needed is not looked at, however broken.
    expect(
      timesOf(
        read(
          file(
            ...event(
              ...NINE,
              'DESCRIPTION:Madame X\r\nne vient pas',
              'ATTENDEE;CN="',
              'BEGIN:VALARM',
              'TRIGGER:jamais',
              'END:VALARM',
            ),
          ),
        ),
      ),
    ).toEqual(['11-24 09:00–10:00'])
  })

  it('[IMPORT-5] bounds the work of hostile files, and says that it did', () => {
    const rules = [
      'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=DAILY;INTERVAL=7;BYDAY=SU',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6',
    ]
    for (const rule of rules)
      expect(read(file(...event(...NINE, `RRULE:${rule}`)))).toMatchObject({ outside: 1, isTruncated: false })
    const many = (count: number, lines: (i: number) => string[]) =>
      file(...Array.from({ length: count }, (_, i) => lines(i)).flat())
    const daily = read(many(30, () => event(...NINE, 'RRULE:FREQ=DAILY')))
    expect([daily.occurrences.length, daily.isTruncated]).toEqual([MOST_OCCURRENCES, true])
    const crowd = read(many(MOST_FILE_EVENTS + 1, () => event(...NINE)))
    expect([crowd.events, crowd.isTruncated]).toEqual([MOST_FILE_EVENTS + 1, true])
    // Of an agenda of many years only what is near is looked into.
    const old = read(
      many(3 * MOST_FILE_EVENTS, (i) =>
        event(i === 5_000 ? NINE[0]! : 'DTSTART:20150101T090000', 'DURATION:PT1H'),
      ),
    )
    expect([timesOf(old), old.outside, old.isTruncated]).toEqual([['11-24 09:00–10:00'], 5_999, false])
    const counted = read(
      many(200, () =>
        event('DTSTART:19500101T090000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;INTERVAL=50;COUNT=90000'),
      ),
    )
    expect(counted.isTruncated).toBe(true)
    const ranked = read(
      many(500, () =>
        event('DTSTART:19500101T090000', 'RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=90000'),
      ),
    )
    expect(ranked.isTruncated).toBe(true)
    // Over each of these ical.js alone would take minutes.
    for (const long of [
      [`DTSTART${';X=1'.repeat(1_000_000)}:20261124T090000`],
      [...NINE, `EXDATE:${'20261124T090000,'.repeat(200_000)}20261124T090000Z`],
    ])
      expect(timesOf(read(file(...event(...long))))).toEqual(['?–? unreadable'])
    for (const date of ['19000101', '18990101', '99991231', '00010101', '20260229'])
      for (const line of [
        `DTSTART:${date}T090000`,
        `DTSTART;VALUE=DATE:${date}`,
        `EXDATE;VALUE=DATE:${date}`,
      ])
        expect(() => read(file(...event(...NINE, 'RRULE:FREQ=DAILY', line)))).not.toThrow()
    const zoned = file(
      ...VTIMEZONE,
      ...event('DTSTART;TZID="Heure de la maison, à Berne":19000101T000000', 'RRULE:FREQ=DAILY'),
    )
    expect(read(zoned).occurrences).toHaveLength(56)
  })

  it('[IMPORT-5] damaged in any way is read, in part or not at all, and nothing breaks', () => {
    const whole = file(
      ...VTIMEZONE,
      ...event(
        'DTSTART;TZID="Heure de la maison, à Berne":20261124T090000',
        'DTEND;TZID=Romance Standard Time:20261124T100000',
        'RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=MO,-1TU;BYSETPOS=1,-1;WKST=MO;UNTIL=20270101T000000Z',
        'EXDATE;TZID=Europe/Paris:20261126T090000,20261127T090000',
        'RDATE:20261128T090000Z',
        'CATEGORIES:A\\,B,C',
      ),
      ...event(
        'RECURRENCE-ID;TZID=Europe/Paris:20261126T090000',
        'DTSTART;VALUE=DATE:20261126',
        'DURATION:P1DT1H',
        'RRULE:FREQ=WEEKLY;COUNT=9;BYHOUR=0',
      ),
    )
    const words = whole.split(/(\r\n|[:;=,])/)
    const swap = fc.tuple(
      fc.nat(words.length - 1),
      fc.constantFrom(...words),
      fc.string({ maxLength: 6 }),
      fc.nat(4),
    )
    let readable = 0
    fc.assert(
      fc.property(fc.array(swap, { minLength: 1, maxLength: 4 }), fc.boolean(), (swaps, isMatched) => {
        const damaged = [...words]
        for (const [place, word, noise, how] of swaps)
          damaged[place] = [word, noise, `${damaged[place]!}${noise}`, '', `${word}${damaged[place]!}`][how]!
        const found = readCalendar(
          damaged.join(''),
          WINDOW,
          PARIS,
          isMatched ? { summary: 'snp' } : undefined,
        )
        for (const { start, end, skipped } of found?.occurrences ?? []) {
          readable++
          if (start === undefined) expect(['unreadable', 'dst_gap', 'cancelled']).toContain(skipped)
          else expect(end).toBeGreaterThanOrEqual(start)
        }
      }),
      { seed: 20261123, numRuns: 600 },
    )
    expect(readable).toBeGreaterThan(400)
  })
})
