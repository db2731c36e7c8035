import { toLocalDate } from '../../../kernel/civil.ts'
import { decodeText, readCsv, separatorOf, type CsvRecord } from '../../../kernel/csv.ts'
import type { Refusal } from '../../../kernel/refusal.ts'
import { MOST_MEMBERS } from '../vocabulary.ts'
import {
  cleaned,
  communeBook,
  FLAG_COLUMNS,
  householdOf,
  personOf,
  plain,
  unless,
  Unreadable,
  type CommuneBook,
  type ImportedHousehold,
  type ImportSetting,
  type Row,
} from './cells/rules.ts'
import { HOUSEHOLD_COLUMNS, MOST_LINES, PERSON_COLUMNS, REQUIRED_COLUMNS } from './vocabulary.ts'

export type { ImportedHousehold, ImportedPerson } from './cells/rules.ts'

/** Every column that a file may have. `reference` is for whoever keeps the file: it is not read. */
export const COLUMNS: readonly string[] = [
  'reference',
  'foyer',
  ...PERSON_COLUMNS,
  ...Object.keys(FLAG_COLUMNS),
  ...HOUSEHOLD_COLUMNS,
]

/** A line that is not taken over, and why, without repeating what it says: it names patients. */
export interface RejectedLine {
  readonly line: number
  readonly reason: string
}

export interface ImportPlan {
  readonly households: readonly ImportedHousehold[]
  /** In order of line. */
  readonly rejected: readonly RejectedLine[]
}

/** A file is for one CPTS: whoever has several, or all, says which. */
export const NO_COMMUNITY: Refusal = {
  code: 'not_found',
  detail: 'CPTS introuvable : préciser pour laquelle est le fichier (community).',
}

const invalidFile = (detail: string, facts: Record<string, unknown> = {}): Refusal => ({
  code: 'invalid_csv',
  detail,
  facts,
})

/** The places of the columns, by their name. Refuses a header that says too little, or what is not read. */
const columnsOf = (header: CsvRecord | undefined): Map<string, number> | Refusal => {
  const typed = (header?.cells ?? []).map(plain)
  // Spreadsheets may leave empty columns behind the last.
  const names = typed.slice(0, typed.findLastIndex((name) => name !== '') + 1)
  const missing = REQUIRED_COLUMNS.filter((name) => !names.includes(name))
  if (missing.length > 0)
    return invalidFile('La première ligne doit nommer les colonnes ; il en manque.', { missing })
  // By their number: where there is no header these are a patient's data.
  const columns = names.flatMap((name, place) =>
    COLUMNS.includes(name) && names.indexOf(name) === place ? [] : [place + 1],
  )
  if (columns.length > 0)
    return invalidFile('Des colonnes sont inconnues ou figurent deux fois.', { columns })
  return new Map(names.map((name, place) => [name, place]))
}

interface Line {
  readonly line: number
  readonly row: Row
  /** Why nothing of it can be trusted. */
  readonly fault: string | undefined
}

const FAULTS: Readonly<Record<Exclude<NonNullable<CsvRecord['fault']>, 'open_quote'>, string>> = {
  stray_text: 'guillemets : du texte suit une cellule entre guillemets',
  too_many_cells: 'trop de colonnes',
}

/** What is read of a household, or why not, of the line that says so. */
const readHousehold = (
  lines: readonly Line[],
  setting: ImportSetting,
  book: CommuneBook,
): ImportedHousehold | RejectedLine[] => {
  const [first] = lines
  if (!first) return []
  const today = toLocalDate(setting.now, setting.zone)
  const faults: RejectedLine[] = []
  const attempt = <T>(line: number, read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      faults.push({ line, reason: error.message })
      return undefined
    }
  }
  const people = lines.flatMap(({ line, row, fault }) => {
    const found = attempt(line, () => {
      unless(fault === undefined, fault ?? '')
      const other = HOUSEHOLD_COLUMNS.find(
        (column) =>
          row !== first.row &&
          row(column) !== '' &&
          row(column).toLowerCase() !== first.row(column).toLowerCase(),
      )
      unless(other === undefined, `${other ?? ''} : diffère de la première ligne du foyer`)
      return personOf(line, row, today)
    })
    return found ? [found] : []
  })
  const household = attempt(first.line, () => {
    unless(lines.length <= MOST_MEMBERS, `foyer : ${MOST_MEMBERS} personnes au plus`)
    return householdOf(first.row, people, setting, book)
  })
  if (household && faults.length === 0) return household
  const reasons = new Map<number, string>()
  for (const { line, reason } of faults)
    reasons.set(line, reasons.has(line) ? `${reasons.get(line) ?? ''} ; ${reason}` : reason)
  return lines.map(({ line }) => ({
    line,
    reason: reasons.get(line) ?? `foyer non repris : voir la ligne ${Math.min(...reasons.keys())}`,
  }))
}

/**
 * The households of a CSV file, and the lines that are not taken over with the reason. A household is taken over whole or
 * not at all: half of one would be given to a practitioner without the other. Refuses a file without its columns, with more
 * lines than one import may have, or with a quote that is never closed: what follows it cannot be told apart.
 */
export const planImport = (bytes: Uint8Array, setting: ImportSetting): ImportPlan | Refusal => {
  const text = decodeText(bytes)
  const records = readCsv(text, separatorOf(text))
  const first = records.next()
  const columns = columnsOf(first.done ? undefined : first.value)
  if (!(columns instanceof Map)) return columns

  const groups = new Map<string, Line[]>()
  let lines = 0
  for (const { line, cells, fault } of records) {
    if (fault === 'open_quote')
      return invalidFile('Une cellule entre guillemets n’est jamais fermée.', { line })
    if (cells.every((cell) => cell.trim() === '')) continue
    if (++lines > MOST_LINES)
      return invalidFile(`Un fichier a ${MOST_LINES} lignes au plus.`, { most: MOST_LINES })
    const isTooLong = cells.slice(columns.size).some((cell) => cell !== '')
    const row: Row = (column) => cleaned(cells[columns.get(column) ?? -1] ?? '')
    const household = row('foyer')
    const key = household === '' ? `line ${line}` : `household ${household}`
    const read = { line, row, fault: fault ? FAULTS[fault] : isTooLong ? FAULTS.too_many_cells : undefined }
    const group = groups.get(key)
    if (group) group.push(read)
    else groups.set(key, [read])
  }

  const book = communeBook(setting.communes)
  const rejected: RejectedLine[] = []
  const households: ImportedHousehold[] = []
  for (const group of groups.values()) {
    const read = readHousehold(group, setting, book)
    if ('people' in read) households.push(read)
    else rejected.push(...read)
  }
  return { households, rejected: rejected.sort((a, b) => a.line - b.line) }
}
