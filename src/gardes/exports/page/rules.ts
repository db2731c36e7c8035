import { createHash } from 'node:crypto'
import {
  addDays,
  dateOf,
  dateText,
  minuteOfDay,
  type LocalDate,
  type LocalDateTime,
} from '../../../kernel/civil.ts'
import type { ExportKind, RotaState } from '../../rotas/vocabulary.ts'
import { clockOf } from '../../sectors/shift-types/rules.ts'
import { hoursText, weekdayName, type ExportLine, type Professional } from '../rules.ts'
import { escapeHtml } from '../../../kernel/html.ts'

const STYLE = `
@page { size: A4 landscape; margin: 12mm 10mm }
* { box-sizing: border-box }
body { font: 9pt/1.3 system-ui, 'Liberation Sans', Arial, sans-serif; color: #111; margin: 0 auto; max-width: 277mm }
h1 { font-size: 14pt; margin: 0 0 1mm }
h2 { font-size: 11pt; margin: 6mm 0 1.5mm; break-after: avoid }
p { margin: 0 0 1mm }
table { width: 100%; border-collapse: collapse }
thead { display: table-header-group }
tr { break-inside: avoid }
th, td { border: 0.2mm solid #999; padding: 0.8mm 1.2mm; text-align: left; vertical-align: top }
th { background: #eee }
td.hours { text-align: right }
td.hours, td.clock, td.post, td.phone { white-space: nowrap }
tr.off td { background: #f5f5f5 }
tr.empty td { font-weight: bold }
small { color: #444 }
@media screen { body { padding: 6mm } }
@media print { th, tr.off td { print-color-adjust: exact } }
`

/** Nothing but its own style: no script, nothing from elsewhere. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

const MONTHS = [
  'janvier',
  'février',
  'mars',
  'avril',
  'mai',
  'juin',
  'juillet',
  'août',
  'septembre',
  'octobre',
  'novembre',
  'décembre',
] as const

const monthName = (date: LocalDate): string => MONTHS[Number(date.slice(5, 7)) - 1] ?? ''

const dayNumber = (date: LocalDate): string => (date.endsWith('-01') ? '1er' : String(Number(date.slice(8))))

/** `sam. 13`, with the month where it is another than that of the page's part. */
const shortDay = (date: LocalDate, month: string): string =>
  `${weekdayName(date).slice(0, 3)}. ${dayNumber(date)}${monthName(date) === month ? '' : ` ${monthName(date)}`}`

/** A day, or a night by both its days: « nuit du sam. 13 au dim. 14 ». */
export const dayText = ({ date, isNight, startClock }: ExportLine): string => {
  const month = monthName(date)
  if (!isNight) return shortDay(date, month)
  // What begins in the small hours is of the night that began the evening before.
  const evening = startClock < '12:00' ? addDays(date, -1) : date
  return `nuit du ${shortDay(evening, month)} au ${shortDay(addDays(evening, 1), month)}`
}

const STATE_NAMES: Readonly<Record<RotaState, string>> = {
  draft: 'brouillon',
  generated: 'proposition calculée',
  consultation: 'en consultation',
  validated: 'validé par le secteur',
  sent_to_cdom: 'transmis au conseil de l’ordre',
  published: 'publié',
  in_force: 'en vigueur',
  performed: 'période achevée',
  closed: 'clos',
}

export interface PageHead {
  readonly sector: string
  readonly place: string
  readonly kind: ExportKind
  readonly from: LocalDate
  readonly to: LocalDate
  readonly state: RotaState
  readonly printedAt: LocalDateTime
}

const personHtml = ({ name, rpps }: Professional): string =>
  name === '' ? '' : `${escapeHtml(name)}${rpps === '' ? '' : ` <small>${escapeHtml(rpps)}</small>`}`

const rowHtml = (line: ExportLine): string => {
  const isOff = line.holiday !== '' || line.weekday === 'dimanche'
  const isEmpty = line.titulaire.name === '' && line.executant.name === ''
  const classes = [...(isOff ? ['off'] : []), ...(isEmpty ? ['empty'] : [])]
  const holiday = line.holiday === '' ? '' : ` <small>${escapeHtml(line.holiday)}</small>`
  return `<tr${classes.length === 0 ? '' : ` class="${classes.join(' ')}"`}><td>${escapeHtml(dayText(line))}${holiday}</td><td>${escapeHtml(line.label)}</td><td class="clock">${line.startClock} – ${line.endClock}</td><td class="hours">${hoursText(line.hours)} h</td><td class="post">${escapeHtml(line.post)}</td><td>${isEmpty ? 'À pourvoir' : personHtml(line.titulaire)}</td><td>${personHtml(line.executant)}</td><td class="phone">${escapeHtml(line.phone)}</td></tr>`
}

const COLUMNS = [
  'Jour',
  'Garde',
  'Horaires',
  'Durée',
  'Poste',
  'Titulaire (RPPS)',
  'Exécutant (RPPS)',
  'Téléphone',
]

const monthHtml = (lines: readonly ExportLine[]): string => {
  const [first] = lines
  if (!first) return ''
  const name = `${monthName(first.date)} ${first.date.slice(0, 4)}`
  const heads = COLUMNS.map((column) => `<th scope="col">${column}</th>`).join('')
  return `<h2>${name}</h2>
<table><thead><tr>${heads}</tr></thead>
<tbody>
${lines.map(rowHtml).join('\n')}
</tbody></table>
`
}

const KIND_TITLES: Readonly<Record<ExportKind, string>> = {
  planned: 'Tableau de garde prévu',
  performed: 'Gardes effectuées',
}

/** The table of the CDOM as a page to print on A4, month by month. */
export const pageOf = (head: PageHead, lines: readonly ExportLine[]): string => {
  const title = `${KIND_TITLES[head.kind]} · ${head.sector}`
  const months = [...new Set(lines.map(({ date }) => date.slice(0, 7)))]
  const printed = `${dateText(dateOf(head.printedAt))} à ${clockOf(minuteOfDay(head.printedAt))}`
  const body = months.map((month) => monthHtml(lines.filter(({ date }) => date.startsWith(month)))).join('')
  return `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${head.place === '' ? '' : `<p>${escapeHtml(head.place)}</p>\n`}<p>Du ${dateText(head.from)} au ${dateText(head.to)} · ${STATE_NAMES[head.state]} · édité le ${printed}</p>
${body === '' ? '<p>Aucune garde.</p>\n' : body}</body>
</html>
`
}
