/** A record of a CSV text, and the line of the text at which it begins, from 1. */
export interface CsvRecord {
  readonly line: number
  readonly cells: readonly string[]
  /**
   * Why it cannot be trusted: text after a closing quote, more cells than anybody writes, or a quote that is never closed,
   * which swallows all that follows.
   */
  readonly fault?: 'stray_text' | 'too_many_cells' | 'open_quote'
}

/** Cells kept of one record: a table has some dozens. */
const MOST_CELLS = 200

/** Windows-1252 from 0x80 to 0x9f, where it is not Latin 1 (WHATWG Encoding); Node 20 decodes these as if it were. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

/** The text of a file: UTF-8, with its mark or without, or else Windows-1252, in which every byte is something. */
export const decodeText = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    return Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\u0080-\u009f]/g, (found) => WINDOWS_1252[found.charCodeAt(0) - 0x80] ?? found)
  }
}

/**
 * The records of a CSV text (RFC 4180), one at a time, empty lines left out: cells between `separator`, in quotes where they
 * hold one, a quote or a line break; lines end by CRLF, LF or CR. A quote within a cell that does not begin with one is text.
 */
export function* readCsv(text: string, separator: ';' | ','): Generator<CsvRecord> {
  let [at, line] = [0, 1]
  while (at < text.length) {
    const begin = line
    const cells: string[] = []
    let fault: CsvRecord['fault']
    for (let isOver = false; !isOver;) {
      let cell: string
      if (text[at] === '"') {
        const quoted = readQuoted(text, at + 1)
        if (quoted.end === undefined) {
          yield { line: begin, cells, fault: 'open_quote' }
          return
        }
        cell = quoted.cell
        line += quoted.breaks
        at = quoted.end
        const rest = endOfPlain(text, at, separator)
        if (rest > at) fault ??= 'stray_text'
        at = rest
      } else {
        const end = endOfPlain(text, at, separator)
        cell = text.slice(at, end)
        at = end
      }
      if (cells.length < MOST_CELLS) cells.push(cell)
      else fault ??= 'too_many_cells'
      if (text[at] === separator) at++
      else isOver = true
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++
    at++
    line++
    if (cells.length > 1 || cells[0] !== '') yield { line: begin, cells, ...(fault ? { fault } : {}) }
  }
}

const endOfPlain = (text: string, from: number, separator: string): number => {
  let at = from
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at++
  return at
}

/** A cell in quotes from behind the first; `end` is behind the last, undefined when there is none. */
const readQuoted = (
  text: string,
  from: number,
): { cell: string; end: number | undefined; breaks: number } => {
  const parts: string[] = []
  let at = from
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) return { cell: '', end: undefined, breaks: 0 }
    parts.push(text.slice(at, quote))
    if (text[quote + 1] !== '"') {
      const cell = parts.join('"')
      return { cell, end: quote + 1, breaks: (cell.match(/\r\n|\r|\n/g) ?? []).length }
    }
    at = quote + 2
  }
}

/** What separates the cells of a text, by its first line: whichever it holds more of, and `;` where neither. */
export const separatorOf = (text: string): ';' | ',' => {
  const first = text.slice(0, endOfPlain(text, 0, '\n'))
  const count = (separator: string) => first.split(separator).length
  return count(',') > count(';') ? ',' : ';'
}
