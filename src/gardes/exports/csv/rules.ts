import { dateText } from '../../../kernel/civil.ts'
import { hoursText, type ExportLine } from '../rules.ts'

/** Without it spreadsheets take UTF-8 for a code page of their own. */
const BYTE_ORDER_MARK = '\ufeff'

const HEADERS = [
  'Date',
  'Jour',
  'Garde',
  'Début',
  'Fin',
  'Heures',
  'Poste',
  'Titulaire',
  'RPPS titulaire',
  'Exécutant',
  'RPPS exécutant',
  'Téléphone',
  'Secteur',
  'Catégorie',
]

/**
 * A cell of CSV (RFC 4180, with the `;` of French spreadsheets). What a spreadsheet would run as a formula is made text
 * by an apostrophe (OWASP, CSV injection): names are typed by people.
 */
export const cellOf = (text: string): string => {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[";\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** The table of the CDOM as CSV: UTF-8 with its mark, `;`, CRLF, dates and decimals as in France. */
export const csvOf = (sector: string, lines: readonly ExportLine[]): string =>
  BYTE_ORDER_MARK +
  [
    HEADERS,
    ...lines.map((line) => [
      dateText(line.date),
      line.weekday,
      line.label,
      line.startClock,
      line.endClock,
      hoursText(line.hours),
      line.post,
      line.titulaire.name,
      line.titulaire.rpps,
      line.executant.name,
      line.executant.rpps,
      line.phone,
      sector,
      line.category,
    ]),
  ]
    .map((cells) => `${cells.map(cellOf).join(';')}\r\n`)
    .join('')
