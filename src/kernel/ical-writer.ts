import type { Instant } from './time.ts'

/** One appointment as other programs' calendars show it. Text only of what whoever reads the calendar may know. */
export interface CalendarEvent {
  /** The same for ever, whatever changes. */
  readonly uid: string
  readonly createdAt: Instant
  /** When anything shown of it last changed. */
  readonly changedAt: Instant
  /** Rises with each change of anything shown: RFC 5545 §3.8.7.4. */
  readonly sequence: number
  readonly status: 'CONFIRMED' | 'TENTATIVE' | 'CANCELLED'
  readonly start: Instant
  readonly end: Instant
  readonly summary: string
  readonly description?: string
  readonly location: string
  readonly categories: readonly string[]
}

export interface Calendar {
  readonly name: string
  readonly events: readonly CalendarEvent[]
}

/** Longest line in octets, without its end (RFC 5545 §3.1). */
const LINE_OCTETS = 75

const PRODUCT = '-//urgence-du-jour//urgence-du-jour//FR'

/** How often a reader need ask again: RFC 7986 §5.7, and the older name that Outlook reads. */
const REFRESH = 'PT1H'

/** UTF-8 octets of one character; a lone surrogate is written as U+FFFD, which has three as well. */
const octetsOf = (char: string): number => {
  const point = char.codePointAt(0) ?? 0
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
}

/** One content line, folded between characters so that no line is over 75 octets, and never within a character. */
const contentLine = (line: string): string => {
  if (Buffer.byteLength(line) <= LINE_OCTETS) return `${line}\r\n`
  let folded = ''
  let octets = 0
  for (const char of line) {
    const size = octetsOf(char)
    if (octets + size > LINE_OCTETS) {
      folded += '\r\n '
      octets = 1
    }
    folded += char
    octets += size
  }
  return `${folded}\r\n`
}

/** A TEXT value (RFC 5545 §3.3.11); control characters have no place in one and become spaces. */
const textValue = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/[\\;,]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\p{Cs}/gu, '�')

const utcValue = (at: Instant): string => `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`

const eventLines = (event: CalendarEvent): string[] => [
  'BEGIN:VEVENT',
  `UID:${textValue(event.uid)}`,
  `DTSTAMP:${utcValue(event.changedAt)}`,
  `CREATED:${utcValue(event.createdAt)}`,
  `LAST-MODIFIED:${utcValue(event.changedAt)}`,
  `SEQUENCE:${event.sequence}`,
  `DTSTART:${utcValue(event.start)}`,
  `DTEND:${utcValue(event.end)}`,
  `STATUS:${event.status}`,
  `SUMMARY:${textValue(event.summary)}`,
  ...(event.description === undefined ? [] : [`DESCRIPTION:${textValue(event.description)}`]),
  `LOCATION:${textValue(event.location)}`,
  `CATEGORIES:${event.categories.map(textValue).join(',')}`,
  'CLASS:PRIVATE',
  // A program that shows what was cancelled all the same does not keep its time busy.
  `TRANSP:${event.status === 'CANCELLED' ? 'TRANSPARENT' : 'OPAQUE'}`,
  'END:VEVENT',
]

/**
 * A calendar as iCalendar text (RFC 5545, METHOD:PUBLISH), of one VEVENT for each event, in UTC, without recurrence.
 * The same calendar is the same bytes. Refuses nothing: what TEXT cannot hold is replaced.
 */
export const writeCalendar = ({ name, events }: Calendar): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    `PRODID:${PRODUCT}`,
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${textValue(name)}`,
    `REFRESH-INTERVAL;VALUE=DURATION:${REFRESH}`,
    `X-PUBLISHED-TTL:${REFRESH}`,
    ...events.flatMap(eventLines),
    'END:VCALENDAR',
  ]
    .map(contentLine)
    .join('')
