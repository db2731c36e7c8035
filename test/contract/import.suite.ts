import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { formatInstant } from '../../src/kernel/civil.ts'
import { DAY, HOUR, MINUTE, plus } from '../../src/kernel/time.ts'
import { bookingBody, makeCommunity, makeGp, slotBody, type Member } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import { at, type Answered, type Caller, type World } from '../support/world.ts'

const stage = async (world: World) => {
  const community = await makeCommunity(world, '92050')
  return { community, gp: await makeGp(world, community) }
}

const file = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//FR', ...lines, 'END:VCALENDAR', ''].join('\r\n')

const event = (...lines: string[]) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']

const body = (gp: Member, calendar: string, more: Record<string, unknown> = {}) => ({
  practitionerId: gp.id,
  siteId: gp.siteId,
  calendar,
  ...more,
})

const send = (gp: Member, calendar: string, more: Record<string, unknown> = {}, caller: Caller = gp.caller) =>
  caller.post('/slots/import', body(gp, calendar, more))

interface Slot {
  readonly start: string
  readonly end: string
}

/** The slots of a GP as `11-24 09:00–09:15`. */
const slotsOf = async (gp: Member): Promise<string[]> => {
  const items: Slot[] = []
  let after: string | null = ''
  while (after !== null) {
    const page: Answered = await gp.caller.get(`/slots?limit=200${after === '' ? '' : `&after=${after}`}`)
    items.push(...(page.body.items as Slot[]))
    after = page.body.next as string | null
  }
  return items.map(({ start, end }) => `${start.slice(5, 16).replace('T', ' ')}–${end.slice(11, 16)}`)
}

interface Item {
  readonly index: number
  readonly start: string | null
  readonly end: string | null
  readonly slots: number
  readonly skipped?: string
}

const itemsOf = (answer: Answered): string[] => {
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return (answer.body.items as Item[]).map(
    ({ index, start, end, slots, skipped }) =>
      `${index} ${start?.slice(5, 16).replace('T', ' ') ?? '?'}–${end?.slice(11, 16) ?? '?'} ${slots}${skipped ? ` ${skipped}` : ''}`,
  )
}

/** As Google Calendar exports: its own VTIMEZONE, a weekly rule, a cancelled and a moved occurrence. */
const GOOGLE = [
  'BEGIN:VCALENDAR',
  'PRODID:-//Google Inc//Google Calendar 70.9054//EN',
  'VERSION:2.0',
  'CALSCALE:GREGORIAN',
  'METHOD:PUBLISH',
  'X-WR-CALNAME:Cabinet',
  'X-WR-TIMEZONE:Europe/Paris',
  'BEGIN:VTIMEZONE',
  'TZID:Europe/Paris',
  'X-LIC-LOCATION:Europe/Paris',
  'BEGIN:DAYLIGHT',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'TZNAME:CEST',
  'DTSTART:19700329T020000',
  'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
  'END:DAYLIGHT',
  'BEGIN:STANDARD',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'TZNAME:CET',
  'DTSTART:19701025T030000',
  'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
  'END:STANDARD',
  'END:VTIMEZONE',
  'BEGIN:VEVENT',
  'DTSTART;TZID=Europe/Paris:20240105T140000',
  'DTEND;TZID=Europe/Paris:20240105T150000',
  'RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20261218T225959Z;BYDAY=FR',
  'EXDATE;TZID=Europe/Paris:20261204T140000',
  'DTSTAMP:20261120T101500Z',
  'UID:7kukuqrfedlm2f9t@google.com',
  'CREATED:20231220T090000Z',
  'DESCRIPTION:Réservé au SAS. Mme Zzpatiente rappelle\\, tél. 06 39 98 00 01\\nvoir',
  '  dossier',
  'LAST-MODIFIED:20260901T080000Z',
  'SEQUENCE:2',
  'STATUS:CONFIRMED',
  'SUMMARY:SNP régulation',
  'TRANSP:OPAQUE',
  'BEGIN:VALARM',
  'ACTION:DISPLAY',
  'TRIGGER:-P0DT0H10M0S',
  'END:VALARM',
  'END:VEVENT',
  'BEGIN:VEVENT',
  'DTSTART;TZID=Europe/Paris:20261211T160000',
  'DTEND;TZID=Europe/Paris:20261211T163000',
  'UID:7kukuqrfedlm2f9t@google.com',
  'RECURRENCE-ID;TZID=Europe/Paris:20261211T140000',
  'STATUS:CONFIRMED',
  'SUMMARY:SNP régulation',
  'END:VEVENT',
  'BEGIN:VEVENT',
  'DTSTART:20261127T083000Z',
  'DTEND:20261127T084500Z',
  'UID:patient1@google.com',
  'SUMMARY:Zzpatient Jean - renouvellement',
  'END:VEVENT',
  'END:VCALENDAR',
  '',
].join('\r\n')

/** As Outlook exports: Windows names, an embedded zone of 1601, busy status of its own. */
const OUTLOOK = [
  'BEGIN:VCALENDAR',
  'PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN',
  'VERSION:2.0',
  'METHOD:PUBLISH',
  'X-MS-OLK-FORCEINSPECTOROPEN:TRUE',
  'BEGIN:VTIMEZONE',
  'TZID:Romance Standard Time',
  'BEGIN:STANDARD',
  'DTSTART:16011028T030000',
  'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'END:STANDARD',
  'BEGIN:DAYLIGHT',
  'DTSTART:16010325T020000',
  'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'END:DAYLIGHT',
  'END:VTIMEZONE',
  'BEGIN:VEVENT',
  'CATEGORIES:SNP,Cabinet',
  'CLASS:PUBLIC',
  'CREATED:20261120T101500Z',
  'DTEND;TZID="Romance Standard Time":20261124T121500',
  'DTSTAMP:20261120T101500Z',
  'DTSTART;TZID="Romance Standard Time":20261124T120000',
  'LAST-MODIFIED:20261120T101500Z',
  'PRIORITY:5',
  'RRULE:FREQ=WEEKLY;COUNT=2;INTERVAL=1;BYDAY=TU,TH;WKST=MO',
  'SEQUENCE:0',
  'SUMMARY;LANGUAGE=fr:Urgences',
  'TRANSP:TRANSPARENT',
  'UID:040000008200E00074C5B7101A82E00800000000A0',
  'X-MICROSOFT-CDO-BUSYSTATUS:FREE',
  'END:VEVENT',
  'BEGIN:VEVENT',
  'DTSTART;VALUE=DATE:20261201',
  'DTEND;VALUE=DATE:20261205',
  'SUMMARY;LANGUAGE=fr:Congés',
  'CATEGORIES:SNP',
  'UID:040000008200E00074C5B7101A82E00800000000B0',
  'END:VEVENT',
  'END:VCALENDAR',
  '',
].join('\r\n')

/** As Apple's calendar exports: bare line ends, a duration, a rule by month. */
const APPLE = [
  'BEGIN:VCALENDAR',
  'CALSCALE:GREGORIAN',
  'PRODID:-//Apple Inc.//macOS 15.1//EN',
  'VERSION:2.0',
  'X-APPLE-CALENDAR-COLOR:#1BADF8',
  'BEGIN:VEVENT',
  'DTSTART;TZID=Europe/Paris:20260930T190000',
  'DURATION:PT45M',
  'RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1',
  'UID:4F1C3A2E-8B7D-4E55-9F63-0A1B2C3D4E5F',
  'SUMMARY:Créneaux SNP',
  'X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC',
  'END:VEVENT',
  'END:VCALENDAR',
  '',
].join('\n')

/** As an appointment book exports: one VEVENT for each appointment, patients by name, openings among them. */
const BOOK = file(
  ...event(
    'UID:rdv-1@agenda.example',
    'DTSTAMP:20261122T180000Z',
    'DTSTART:20261124T080000Z',
    'DTEND:20261124T081500Z',
    'SUMMARY:ZZDUPONT Marie (née ZZMARTIN) - Consultation',
    'DESCRIPTION:Motif : Zzdouleur\\nTél : 06 39 98 00 02',
    'CATEGORIES:RDV',
  ),
  ...event(
    'UID:ouv-1@agenda.example',
    'DTSTAMP:20261122T180000Z',
    'DTSTART:20261124T081500Z',
    'DTEND:20261124T090000Z',
    'SUMMARY:Plage SAS',
    'CATEGORIES:OUVERTURE',
  ),
  ...event(
    'UID:ouv-2@agenda.example',
    'DTSTAMP:20261122T180000Z',
    'DTSTART:20261124T090000Z',
    'DTEND:20261124T093000Z',
    'SUMMARY:Plage SAS',
    'STATUS:CANCELLED',
    'CATEGORIES:OUVERTURE',
  ),
)

export const importSuite: Suite = (rule) => {
  describe('import of agendas', () => {
    rule('[IMPORT-1] tells what it would make and writes nothing, then makes just that', async (world) => {
      const { gp } = await stage(world)
      const before = (await world.admin.get('/audit?limit=200')).body.items.length as number
      const more = { match: { summary: 'snp' }, slotMinutes: 15 }
      const preview = await send(gp, GOOGLE, more)
      expect(itemsOf(preview)).toEqual([
        '0 11-27 14:00–15:00 4',
        '1 12-11 16:00–16:30 2',
        '0 12-18 14:00–15:00 4',
      ])
      expect(preview.body).toMatchObject({
        committed: false,
        slots: 10,
        tooManySlots: false,
        events: 3,
        unmatched: 1,
        outside: 0,
        truncated: false,
      })
      expect(await slotsOf(gp)).toEqual([])
      expect((await world.admin.get('/audit?limit=200')).body.items).toHaveLength(before)

      const done = await send(gp, GOOGLE, { ...more, commit: true, capacity: 2, audiences: ['PRO', 'SNP'] })
      expect(done.body).toEqual({ ...preview.body, committed: true })
      expect(await slotsOf(gp)).toEqual([
        '11-27 14:00–14:15',
        '11-27 14:15–14:30',
        '11-27 14:30–14:45',
        '11-27 14:45–15:00',
        '12-11 16:00–16:15',
        '12-11 16:15–16:30',
        '12-18 14:00–14:15',
        '12-18 14:15–14:30',
        '12-18 14:30–14:45',
        '12-18 14:45–15:00',
      ])
      const made = (await gp.caller.get('/slots')).body.items as Record<string, unknown>[]
      for (const slot of made)
        expect(slot).toMatchObject({
          practitionerId: gp.id,
          siteId: gp.siteId,
          status: 'open',
          origin: 'single',
          capacity: 2,
          audiences: ['PRO', 'SNP'],
          communityIds: [gp.communityId],
        })
      const events = (await world.admin.get('/audit?limit=200')).body.items.slice(before)
      expect(events).toMatchObject([
        {
          type: 'slots.imported',
          subject: made[0]!.id,
          practitionerId: gp.id,
          data: { slotIds: made.map(({ id }) => id) },
        },
      ])
    })

    rule(
      '[IMPORT-1] the same agenda again makes nothing, and what came since is in the way',
      async (world) => {
        const { gp } = await stage(world)
        const more = { match: { summary: 'snp' }, slotMinutes: 30, commit: true }
        expect((await send(gp, GOOGLE, more)).body.slots).toBe(5)
        const slots = await slotsOf(gp)
        const again = await send(gp, GOOGLE, more)
        expect(itemsOf(again)).toEqual([
          '0 11-27 14:00–15:00 0 overlap',
          '1 12-11 16:00–16:30 0 overlap',
          '0 12-18 14:00–15:00 0 overlap',
        ])
        expect(again.body).toMatchObject({ committed: true, slots: 0 })
        expect(await slotsOf(gp)).toEqual(slots)
        // A withdrawn slot no longer fills its time; a piece that does is left out alone.
        const [first] = (await gp.caller.get('/slots?limit=1')).body.items as { id: string }[]
        await gp.caller.post(`/slots/${first!.id}/withdraw`)
        expect(itemsOf(await send(gp, GOOGLE, { ...more, commit: false })).at(0)).toBe(
          '0 11-27 14:00–15:00 1 overlap',
        )
      },
    )

    rule(
      '[IMPORT-2] Outlook, Apple and an appointment book are read as their users mean them',
      async (world) => {
        const { gp } = await stage(world)
        expect(itemsOf(await send(gp, OUTLOOK))).toEqual([
          '0 11-24 12:00–12:15 0 transparent',
          '0 11-26 12:00–12:15 0 transparent',
          '1 12-01 00:00–00:00 0 all_day',
        ])
        // What is shown as free is taken when it is asked for by name.
        expect(itemsOf(await send(gp, OUTLOOK, { match: { categories: ['snp'] } }))).toEqual([
          '0 11-24 12:00–12:15 1',
          '0 11-26 12:00–12:15 1',
          '1 12-01 00:00–00:00 0 all_day',
        ])
        expect(itemsOf(await send(gp, APPLE, { slotMinutes: 20 }))).toEqual([
          '0 11-30 19:00–19:45 2',
          '0 12-31 19:00–19:45 2',
        ])
        const book = await send(gp, BOOK, { match: { categories: ['Ouverture'] }, slotMinutes: 15 })
        expect(itemsOf(book)).toEqual(['1 11-24 09:15–10:00 3', '2 11-24 10:00–10:30 0 cancelled'])
        expect(book.body.unmatched).toBe(1)
      },
    )

    rule('[IMPORT-6] no text of an agenda is answered, kept, logged or told', async (world) => {
      const { gp } = await stage(world)
      const texts = [
        ...GOOGLE.matchAll(/Zz\w+/gi),
        ...BOOK.matchAll(/Zz\w+/gi),
        ...['SNP régulation', 'Plage SAS', 'OUVERTURE', 'google.com', 'agenda.example', '39 98'].map(
          (text) => [text],
        ),
      ].map(([text]) => text!)
      expect(texts.length).toBeGreaterThan(8)
      const answers: string[] = []
      for (const calendar of [GOOGLE, BOOK])
        for (const more of [{}, { commit: true }, { slotMinutes: 5, match: { summary: 'zz' } }])
          answers.push((await send(gp, calendar, more)).text)
      // What no program wrote, and what breaks in the middle of a name.
      for (const calendar of [
        'Zzpatient',
        GOOGLE.slice(0, -30),
        BOOK.replace('DTSTART:', 'Zzpatient'),
        BOOK.replace('END:VEVENT', 'Zzpatient'),
      ])
        answers.push((await send(gp, calendar)).text)
      const audit = await world.admin.get('/audit?limit=200')
      const stored = await world.act(({ db }) =>
        ['slots', 'answers', 'events'].map((table) =>
          JSON.stringify(
            db
              .all<Record<string, unknown>>(`select * from ${table}`)
              .map((row) =>
                Object.values(row).map((value) =>
                  value instanceof Uint8Array || value instanceof ArrayBuffer
                    ? Buffer.from(new Uint8Array(value)).toString('latin1')
                    : value,
                ),
              ),
          ),
        ),
      )
      const seen = [...answers, ...stored, audit.text, JSON.stringify(world.logged)]
      for (const text of texts)
        for (const place of seen) expect(place.toLowerCase()).not.toContain(text.toLowerCase())
      expect(seen.join()).toContain(gp.id)
    })

    rule('[IMPORT-5] what is not a whole iCalendar file is refused in words for a person', async (world) => {
      const { gp } = await stage(world)
      for (const calendar of ['bonjour', '<html></html>', GOOGLE.slice(0, -30), '\u0000', 'BEGIN:VCALENDAR'])
        expect((await send(gp, calendar, { commit: true })).body).toMatchObject({
          status: 422,
          code: 'invalid_calendar',
          title: 'Agenda illisible',
          detail: expect.stringContaining('BEGIN:VCALENDAR') as string,
          errors: [{ path: 'calendar' }],
        })
      for (const wrong of [
        { calendar: '' },
        { calendar: 7 },
        { match: {} },
        { match: { summary: '' } },
        { match: { categories: [] } },
        { slotMinutes: 4 },
        { slotMinutes: 241 },
        { from: '2026-02-30' },
        { commit: 'true' },
        { minAge: 9, maxAge: 3 },
        { url: 'https://agenda.example/x.ics' },
      ])
        expect([wrong, (await send(gp, BOOK, wrong)).status]).toEqual([wrong, 400])
      expect((await send(gp, 'x'.repeat(5 * 1024 * 1024))).status).toBe(413)
      const big = BOOK.replace(
        'END:VCALENDAR',
        `${event('DTSTART:20150101T090000').join('\r\n')}\r\n`.repeat(20_000) + 'END:VCALENDAR',
      )
      expect((await send(gp, big, { match: { summary: 'plage' } })).body).toMatchObject({
        slots: 1,
        events: 20_003,
        outside: 20_000,
        truncated: false,
      })
      expect(await slotsOf(gp)).toEqual([])
    })

    rule(
      '[IMPORT-7] eight weeks from today or from a date, in the civil days of the territory',
      async (world) => {
        const { gp } = await stage(world)
        const daily = file(
          ...event(
            'UID:d',
            'DTSTART;TZID=Europe/Paris:20200101T000000',
            'DURATION:PT15M',
            'RRULE:FREQ=DAILY',
          ),
          ...event(
            'UID:e',
            'DTSTART;TZID=Europe/Paris:20200101T234500',
            'DURATION:PT30M',
            'RRULE:FREQ=DAILY',
          ),
        )
        const days = async (more: Record<string, unknown>) => {
          const answer = await send(gp, daily, more)
          const items = itemsOf(answer)
          return [items.length, items.at(0), items.at(-1)]
        }
        // Midnight of today has passed.
        expect(await days({})).toEqual([112, '0 11-23 00:00–00:15 0 past', '1 01-17 23:45–00:15 1'])
        expect(await days({ from: '2027-03-01', to: '2027-03-01' })).toEqual([
          2,
          '0 03-01 00:00–00:15 1',
          '1 03-01 23:45–00:15 1',
        ])
        expect((await days({ from: '2027-03-01' }))[0]).toBe(112)
        expect((await send(gp, daily, { from: '2026-11-20', to: '2026-11-21' })).body.slots).toBe(0)
        for (const wrong of [
          { from: '2026-12-02', to: '2026-12-01' },
          { to: '2026-11-22' },
          { to: '2027-01-18' },
          { from: '2027-01-01', to: '2027-12-31' },
        ])
          expect((await send(gp, daily, wrong)).body).toMatchObject({
            status: 422,
            code: 'invalid_interval',
            errors: [{ path: 'to' }],
          })
      },
    )

    rule('[IMPORT-7] what has begun, lasts too long or too short makes no slot', async (world) => {
      const { gp } = await stage(world)
      const at = (start: string, length: string) => event(`UID:${start}${length}`, `DTSTART:${start}`, length)
      const calendar = file(
        ...at('20261123T075900', 'DURATION:PT30M'),
        ...at('20261123T080000', 'DURATION:PT30M'),
        ...at('20261124T090000', 'DURATION:P1D'),
        ...at('20261126T090000', 'DURATION:PT24H1M'),
        ...at('20261128T090000', 'DURATION:PT10M'),
        ...at('20261128T100000', 'DURATION:PT0S'),
      )
      expect(itemsOf(await send(gp, calendar))).toEqual([
        '0 11-23 07:59–08:29 0 past',
        '1 11-23 08:00–08:30 1',
        '2 11-24 09:00–09:00 1',
        '3 11-26 09:00–09:01 0 too_long',
        '4 11-28 09:00–09:10 1',
        '5 11-28 10:00–10:00 0 too_short',
      ])
      // Cut in quarters, the one that began has one left, and the next loses the quarter that it shares with it.
      expect(itemsOf(await send(gp, calendar, { slotMinutes: 15 }))).toEqual([
        '0 11-23 07:59–08:29 1 past',
        '1 11-23 08:00–08:30 0 overlap',
        '2 11-24 09:00–09:00 96',
        '3 11-26 09:00–09:01 0 too_long',
        '4 11-28 09:00–09:10 0 too_short',
        '5 11-28 10:00–10:00 0 too_short',
      ])
    })

    rule(
      '[IMPORT-7] hours of the days when the clock changes are read as the wall shows them',
      async (world) => {
        const { gp } = await stage(world)
        const nightly = file(
          ...event(
            'UID:n',
            'DTSTART;TZID=Europe/Paris:20270327T023000',
            'DURATION:PT30M',
            'RRULE:FREQ=DAILY;COUNT=3',
          ),
        )
        expect(itemsOf(await send(gp, nightly, { from: '2027-03-22' }))).toEqual([
          '0 03-27 02:30–03:00 1',
          '0 03-29 02:30–03:00 1',
          '0 ?–? 0 dst_gap',
        ])
        const autumn = nightly.replace('20270327', '20271030')
        expect((await send(gp, autumn, { from: '2027-10-25' })).body.items).toMatchObject([
          { start: '2027-10-30T02:30:00+02:00' },
          { start: '2027-10-31T02:30:00+02:00', end: '2027-10-31T02:00:00+01:00' },
          { start: '2027-11-01T02:30:00+01:00' },
        ])
      },
    )

    rule(
      '[IMPORT-8] more than 500 slots are said by the preview and refused to be made, all of them',
      async (world) => {
        const { gp } = await stage(world)
        const long = file(
          ...event('UID:l', 'DTSTART:20261124T080000', 'DTEND:20261124T180000', 'RRULE:FREQ=DAILY;COUNT=5'),
        )
        const more = { slotMinutes: 5 }
        const preview = await send(gp, long, more)
        expect(preview.body).toMatchObject({ slots: 600, tooManySlots: true })
        expect((await send(gp, long, { ...more, commit: true })).body).toMatchObject({
          status: 422,
          code: 'too_many_slots',
          slots: 600,
          most: 500,
        })
        expect(await slotsOf(gp)).toEqual([])
        const done = await send(gp, long, { ...more, commit: true, to: '2026-11-27' })
        expect(done.body).toMatchObject({ committed: true, slots: 480, tooManySlots: false })
        expect(await slotsOf(gp)).toHaveLength(480)
      },
    )

    rule(
      '[IMPORT-9] a practitioner for itself, a coordinator for its members, an admin for all',
      async (world) => {
        const { gp, community } = await stage(world)
        const coordinator = await world.key('coordinator', { communityIds: [community] })
        const other = await makeGp(world, await makeCommunity(world, '92063'), '92063')
        const elsewhere = await world.key('coordinator', { communityIds: [other.communityId] })
        for (const caller of [gp.caller, coordinator, world.admin])
          expect((await send(gp, BOOK, {}, caller)).status).toBe(200)
        for (const caller of [other.caller, elsewhere])
          expect((await send(gp, BOOK, {}, caller)).status).toBe(404)
        expect((await send(gp, BOOK, {}, await world.key('regulator'))).status).toBe(403)
        expect((await send({ ...gp, siteId: other.siteId }, BOOK)).status).toBe(404)
        // Two agendas of two GPs do not meet.
        expect((await send(gp, BOOK, { commit: true })).body.slots).toBe(2)
        expect((await send(other, BOOK, { commit: true })).body.slots).toBe(2)
      },
    )

    rule(
      '[IMPORT-1] slots of an agenda are booked as any other, and repeat with their key',
      async (world) => {
        const { gp } = await stage(world)
        const more = { commit: true, match: { summary: 'Plage' } }
        const once = await gp.caller.post('/slots/import', body(gp, BOOK, more), {
          idempotencyKey: 'import-0001',
        })
        const twice = await gp.caller.post('/slots/import', body(gp, BOOK, more), {
          idempotencyKey: 'import-0001',
        })
        expect([once.status, twice.text, twice.headers.get('idempotent-replayed')]).toEqual([
          200,
          once.text,
          'true',
        ])
        const [slot] = (await gp.caller.get('/slots')).body.items as { id: string }[]
        const regulator = await world.key('regulator')
        expect((await regulator.post('/bookings', bookingBody(slot!.id))).status).toBe(201)
      },
    )

    rule(
      '[IMPORT-1] whatever the agenda, preview and making agree, and once made it makes nothing',
      async (world) => {
        const { community } = await stage(world)
        const monday = at('2026-11-23T00:00:00+01:00')
        const oneEvent = fc.record({
          day: fc.nat(60),
          quarter: fc.nat(95),
          minutes: fc.constantFrom(0, 5, 15, 20, 45, 60, 180, 1_441),
          rule: fc.constantFrom(
            '',
            'FREQ=DAILY;COUNT=4',
            'FREQ=WEEKLY;BYDAY=MO,TH',
            'FREQ=MONTHLY',
            'FREQ=HOURLY',
          ),
          title: fc.constantFrom('SNP', 'Autre'),
          isFree: fc.boolean(),
          isUtc: fc.boolean(),
        })
        const terms = fc.record(
          {
            match: fc.constantFrom({ summary: 'snp' }),
            slotMinutes: fc.constantFrom(5, 15, 20),
            release: fc.constantFrom({ minutesBefore: 1_440, to: 'practitioner' }),
          },
          { requiredKeys: [] },
        )
        let made = 0
        await fc.assert(
          fc.asyncProperty(
            fc.array(oneEvent, { minLength: 1, maxLength: 8 }),
            terms,
            fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 0, max: 23 })), { maxLength: 4 }),
            async (events, more, own) => {
              const gp = await makeGp(world, community)
              for (const [day, hour] of own) {
                const start = plus(monday, day * DAY + hour * HOUR + 10 * MINUTE)
                const text = (instant: typeof start) => formatInstant(instant, 'Europe/Paris')
                await gp.caller.post('/slots', slotBody(gp, text(start), text(plus(start, 25 * MINUTE))))
              }
              const calendar = file(
                ...events.flatMap(({ day, quarter, minutes, rule: recurrence, title, isFree, isUtc }, i) => {
                  const start = plus(monday, day * DAY + quarter * 15 * MINUTE)
                  const digits = new Date(start).toISOString().slice(0, 19).replace(/[-:]/g, '')
                  return event(
                    `UID:${i}`,
                    `SUMMARY:${title}`,
                    isUtc ? `DTSTART:${digits}Z` : `DTSTART;TZID=Europe/Paris:${digits}`,
                    `DURATION:PT${minutes}M`,
                    ...(recurrence ? [`RRULE:${recurrence}`] : []),
                    ...(isFree ? ['TRANSP:TRANSPARENT'] : []),
                  )
                }),
              )
              const before = await slotsOf(gp)
              const preview = await send(gp, calendar, more)
              expect([preview.status, preview.text]).toEqual([200, preview.text])
              expect(await slotsOf(gp)).toEqual(before)
              const done = await send(gp, calendar, { ...more, commit: true })
              if (preview.body.tooManySlots) {
                expect(done.body.code).toBe('too_many_slots')
                return
              }
              expect(done.body).toEqual({ ...preview.body, committed: true })
              const items = preview.body.items as Item[]
              const total = items.reduce((sum, { slots }) => sum + slots, 0)
              expect([(await slotsOf(gp)).length - before.length, preview.body.slots]).toEqual([total, total])
              for (const { slots, skipped } of items) expect(slots > 0 || skipped !== undefined).toBe(true)
              made += total
              const again = await send(gp, calendar, { ...more, commit: true })
              expect(again.body.slots).toBe(0)
            },
          ),
          { seed: 20261123, numRuns: 16 },
        )
        expect(made).toBeGreaterThan(100)
      },
    )
  })
}
