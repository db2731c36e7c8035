import ICAL from 'ical.js'
import { SECOND } from './time.ts'

/** The lines of each event and of each zone of a file. */
export interface Blocks {
  readonly events: readonly (readonly string[])[]
  readonly zones: readonly (readonly string[])[]
}

/** Properties that say when; and two that say which, read for the match and given to nobody. */
const READ = new Set([
  'UID',
  'DTSTART',
  'DTEND',
  'DURATION',
  'RRULE',
  'EXRULE',
  'RDATE',
  'EXDATE',
  'RECURRENCE-ID',
  'STATUS',
  'TRANSP',
  'SUMMARY',
  'CATEGORIES',
])

/** The name of a property, in capitals, of its line. */
export const nameOf = (line: string): string => (/^[^:;]*/.exec(line)?.[0] ?? '').toUpperCase()

/** Logical lines (RFC 5545 §3.1), whatever ends them. */
const unfold = (text: string): string[] => {
  const lines: string[] = []
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/))
    if (/^[ \t]/.test(line) && lines.length > 0) lines.push((lines.pop() ?? '') + line.slice(1))
    else if (line !== '') lines.push(line)
  return lines
}

/** The events and zones of whole calendars, each as its lines; undefined for anything else, or one that breaks off. */
export const blocksOf = (text: string): Blocks | undefined => {
  const events: string[][] = []
  const zones: string[][] = []
  const open: string[] = []
  for (const line of unfold(text)) {
    const name = nameOf(line)
    const value = line
      .slice(name.length + 1)
      .trim()
      .toUpperCase()
    if (name === 'BEGIN') {
      if ((value === 'VCALENDAR') !== (open.length === 0)) return undefined
      if (open.length === 1 && value === 'VEVENT') events.push([])
      if (open.length === 1 && value === 'VTIMEZONE') zones.push([])
      open.push(value)
    }
    const [, component] = open
    if (open.length === 0) return undefined
    if (component === 'VTIMEZONE') zones.at(-1)?.push(line)
    else if (component === 'VEVENT' && open.length === 2 && READ.has(name)) events.at(-1)?.push(line)
    if (name === 'END' && open.pop() !== value) return undefined
  }
  return open.length === 0 && (events.length > 0 || /VCALENDAR/i.test(text)) ? { events, zones } : undefined
}

/** RFC 7265: name, parameters, type, values. */
export type Property = readonly [string, Readonly<Record<string, unknown>>, string, ...unknown[]]
/** Name, properties, parts. */
export type Component = readonly [string, readonly Property[], readonly Component[]]

/** Characters of one event that ical.js is given: it takes time by their square, and 2,000 exceptions fit. */
const MOST_CHARACTERS = 32_768

/** A component by ical.js, or undefined when it cannot. Its words are not repeated: they may quote the file. */
export const parse = (name: string, lines: readonly string[]): Component | undefined => {
  if (lines.reduce((length, line) => length + line.length, 0) > MOST_CHARACTERS) return undefined
  try {
    return ICAL.parse([`BEGIN:${name}`, ...lines, `END:${name}`].join('\r\n')) as Component
  } catch {
    return undefined
  }
}

/** The properties of a component that have a name. */
export const all = ([, properties]: Component, name: string): Property[] =>
  properties.filter((property) => property[0] === name)

/** The first of them. */
export const one = (component: Component, name: string): Property | undefined => all(component, name)[0]

/** The text that a property is; undefined for another type. */
export const textOf = (property: Property | undefined): string | undefined => {
  const value = property?.[3]
  return typeof value === 'string' ? value : undefined
}

/** The length of a duration (RFC 5545 §3.3.6), days being 24 hours; undefined for what is not one, or is longer than years. */
export const millisecondsOf = (duration: string): number | undefined => {
  if (
    !/^[+-]?P(?=[\dT])(?:\d{1,4}W)?(?:\d{1,4}D)?(?:T(?:\d{1,5}H)?(?:\d{1,5}M)?(?:\d{1,5}S)?)?$/.test(duration)
  )
    return undefined
  return ICAL.Duration.fromString(duration).toSeconds() * SECOND
}
