import ICAL from 'ical.js'
import type { Answered, World } from './world.ts'

/** Reads a feed as a calendar does: by its address alone. */
export const read = (world: World, url: string, headers: Record<string, string> = {}): Promise<Answered> =>
  world.as('').get(url.replace(/^\/92\/v1/, ''), { headers })

/** What another program makes of a VEVENT. */
export interface Seen {
  readonly uid: string
  readonly sequence: number
  readonly status: string
  readonly summary: string
  readonly description?: string
  readonly location: string
  readonly start: string
  readonly end: string
  readonly modified: string
  readonly transparency: string
}

export const calendarOf = (text: string) =>
  new ICAL.Component(ICAL.parse(text) as [string, unknown[], unknown[]])

export const seenIn = (text: string): Seen[] =>
  calendarOf(text)
    .getAllSubcomponents('vevent')
    .map((event) => {
      const value = (name: string) => String(event.getFirstPropertyValue(name))
      return {
        uid: value('uid'),
        sequence: Number(value('sequence')),
        status: value('status'),
        summary: value('summary'),
        ...(event.hasProperty('description') ? { description: value('description') } : {}),
        location: value('location'),
        start: value('dtstart'),
        end: value('dtend'),
        modified: value('last-modified'),
        transparency: value('transp'),
      }
    })

/** What is wrong with the lines of a calendar by RFC 5545 §3.1. */
export const faultsOfLines = (text: string): string[] => {
  const lines = text.split('\r\n')
  return [
    ...(lines.at(-1) === '' ? [] : ['the last line has no end']),
    ...lines
      .filter((line) => new TextEncoder().encode(line).length > 75)
      .map((line) => `over 75 octets: ${line}`),
    ...lines.filter((line) => /[\r\n]/.test(line)).map((line) => `a bare end of line: ${line}`),
  ]
}
