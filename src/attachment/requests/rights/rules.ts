import { createHash } from 'node:crypto'
import { dateText, type LocalDate } from '../../../kernel/civil.ts'
import { escapeHtml } from '../../../kernel/html.ts'
import { phoneText } from '../../../kernel/phone.ts'
import { weeksToClass1, type AllocationRules, type Lack } from '../../grid/rules.ts'
import type { GridRule, PointsLine, PriorityClass, RequestState } from '../../vocabulary.ts'
import { isClosed } from '../rules.ts'

/** What a person is told of their request. */
export interface ToldRequest {
  readonly community: string
  /** Of the CPTS; null: none is known. */
  readonly phone: string | null
  readonly names: readonly string[]
  /** The person of the household for whom the page is, and their number: what is known of the others is not told. */
  readonly reader: string
  readonly member: number
  readonly askedOn: LocalDate
  readonly consentOn: LocalDate
  readonly state: RequestState
  readonly class: PriorityClass | null
  readonly total: number
  readonly points: readonly PointsLine[]
  readonly lacking: readonly Lack[]
  readonly weeks: number
  readonly contacts: number
  readonly proposals: number
  readonly rules: AllocationRules
  readonly rulesVersion: number
}

export interface RightsSection {
  readonly title: string
  readonly lines: readonly string[]
}

const CLASS_WORDS: Readonly<Record<PriorityClass, string>> = {
  1: 'la plus élevée',
  2: 'élevée',
  3: 'intermédiaire',
  4: 'modérée',
  5: 'ordinaire',
}

const RULE_WORDS: Readonly<Record<GridRule, string>> = {
  ald: 'affection de longue durée',
  c2s: 'complémentaire santé solidaire ou aide médicale de l’État',
  pregnancy: 'grossesse',
  disability: 'handicap',
  dependence: 'perte d’autonomie',
  discharge30d: 'sortie d’hospitalisation depuis moins de 30 jours',
  palliative: 'soins palliatifs',
  mtRetiring: 'départ du médecin traitant',
  isolation: 'isolement',
  age70: '70 ans et plus',
  age80: '80 ans et plus',
  childUnder3: 'enfant de moins de 3 ans',
  weeksWaiting: 'temps d’attente',
}

/** What a practitioner is shown of a household before accepting it (ADR 0006). */
const SHOWN_BEFORE =
  'la classe de la demande, les tranches d’âge, la commune, la distance, les besoins (visite à domicile, fauteuil, langue, médecin femme ou homme), le nombre de personnes du foyer, s’il peut être réparti entre plusieurs médecins, et combien ont une affection de longue durée'

const STATE_WORDS: Readonly<Record<RequestState, string>> = {
  to_qualify: 'Des renseignements manquent encore pour la classer.',
  waiting: 'Elle attend la prochaine répartition.',
  escalated:
    'Elle attend depuis longtemps ou a été refusée plusieurs fois : le coordinateur l’examine lui-même.',
  proposed: 'Elle est proposée à un médecin, qui n’a pas encore répondu.',
  accepted: 'Un médecin l’a acceptée ; il reste à le rencontrer et à le déclarer.',
  placed: 'Elle est close : un médecin traitant a été déclaré.',
  withdrawn: 'Elle est close : elle a été retirée.',
  unreachable: 'Elle est suspendue : vous n’avez pas pu être joint.',
}

/** Ends of the bands of waiting, in weeks. */
const BANDS = [4, 8, 12, 26, 52] as const

/** How long somebody has waited, as a band: the day tells less than it seems to. */
export const waitingBand = (weeks: number): string => {
  const place = BANDS.findIndex((end) => weeks < end)
  const [from, to] = [BANDS[place - 1], BANDS[place]]
  if (to === undefined) return 'plus d’un an'
  return from === undefined ? `moins de ${to} semaines` : `entre ${from} et ${to} semaines`
}

const points = (count: number): string => `${count} point${count > 1 ? 's' : ''}`

const times = (count: number, one: string, several: string): string =>
  count === 0 ? `Aucune ${one}` : `${count} ${count === 1 ? one : several}`

const isShared = (told: ToldRequest): boolean => told.names.length > 1

/** Whether a line is of the reader, or of the whole household. */
const isOwn = (told: ToldRequest, member: number | undefined): boolean =>
  member === undefined || member === told.member

/** What is of others of the household, in one line for each of them, by number. */
const ofOthers = <T extends { readonly member?: number }>(
  told: ToldRequest,
  lines: readonly T[],
  say: (own: readonly T[]) => string,
): string[] => {
  const others = [...new Set(lines.map(({ member }) => member))].filter((member) => !isOwn(told, member))
  return others.map(
    (other) => `autre personne du foyer : ${say(lines.filter(({ member }) => member === other))}`,
  )
}

const priorityLines = (told: ToldRequest): string[] => {
  const { class: found, lacking } = told
  if (isClosed(told))
    return [
      found === null
        ? 'Elle n’était pas classée quand elle a été close.'
        : `Quand elle a été close : priorité ${CLASS_WORDS[found]}, classe ${found} sur 5, la première étant la plus urgente.`,
    ]
  if (found !== null)
    return [`Priorité ${CLASS_WORDS[found]} : classe ${found} sur 5, la première étant la plus urgente.`]
  return [
    'Elle n’est pas encore classée : ce qui n’est pas connu n’est jamais compté comme un « non ».',
    ...(lacking.length === 0 ? ['Elle va l’être.'] : ['Dès que vous répondez, elle l’est. Il manque :']),
    ...lacking
      .filter(({ member }) => isOwn(told, member))
      .map(({ flag }) => `${RULE_WORDS[flag]} : oui ou non ?`),
    ...ofOthers(told, lacking, ({ length }) => `${length} réponse${length > 1 ? 's' : ''}`),
  ]
}

const reasonLines = (told: ToldRequest): string[] => {
  const lines = [
    ...told.points
      .filter(({ member }) => isOwn(told, member))
      .map(({ rule, points: count }) => `${RULE_WORDS[rule]} : ${points(count)}`),
    ...ofOthers(told, told.points, (own) => points(own.reduce((sum, line) => sum + line.points, 0))),
  ]
  const isOver = isClosed(told)
  const weeks = weeksToClass1(told.rules)
  return [
    ...(lines.length > 0
      ? lines
      : [isOver ? 'Rien ne donnait de points.' : 'Rien ne donne de points aujourd’hui.']),
    told.rules.householdRank === 'mean' && isShared(told)
      ? `Moyenne du foyer, avec l’attente : ${points(told.total)}.`
      : `Total : ${points(told.total)}.`,
    `Les classes 1 à 4 commencent à ${told.rules.classThresholds.join(', ')} points. Des soins palliatifs placent toujours en classe 1.`,
    ...(weeks === null || isOver
      ? []
      : [
          `L’attente compte chaque semaine : au plus tard ${weeks} semaines après la demande, toute demande est en classe 1.`,
        ]),
    told.rulesVersion === 0
      ? 'Ces points sont ceux de la grille par défaut.'
      : `Ces points sont ceux de la grille de la CPTS, version ${told.rulesVersion}.`,
  ]
}

const requestLines = (told: ToldRequest): string[] => [
  `Pour ${told.names.join(', ')}.`,
  ...(isShared(told)
    ? [`Cette page est pour ${told.reader} : ce qui est connu des autres personnes du foyer n’y figure pas.`]
    : []),
  `Demande d’un médecin traitant du ${dateText(told.askedOn)} (${told.community}), avec votre accord du ${dateText(told.consentOn)}.`,
  STATE_WORDS[told.state],
]

const waitingLines = (told: ToldRequest): string[] =>
  isClosed(told)
    ? [`Vous avez attendu ${waitingBand(told.weeks)}.`]
    : [
        `Durée de votre attente : ${waitingBand(told.weeks)}.`,
        'Votre ancienneté ne change jamais, quelles que soient les réponses.',
      ]

const rightsLines = (told: ToldRequest): string[] => {
  const isOver = isClosed(told)
  const where = told.phone === null ? 'coordinateur' : `coordinateur (téléphone ${phoneText(told.phone)})`
  return [
    isOver
      ? `Corriger un nom ou vos coordonnées : dites au ${where} ce qui a changé.`
      : `Compléter ou corriger : dites au ${where} ce qui a changé ; votre demande est reclassée aussitôt et garde son ancienneté.`,
    `Demander une explication, contester le classement ou vous opposer : adressez-vous au ${where}, qui l’examine lui-même.`,
    isOver
      ? 'Retirer votre accord : à tout moment ; votre identité est effacée aussitôt.'
      : 'Retirer votre accord : à tout moment ; la demande est retirée et votre identité effacée aussitôt.',
    'Être effacé : à tout moment, sur demande ; sinon un an après la fin de la demande.',
    'Savoir qui a vu vos données : chaque consultation est inscrite dans un journal gardé un an.',
    'Si la réponse ne vous convient pas, vous pouvez saisir la CNIL (www.cnil.fr).',
  ]
}

/**
 * The page of a request for one of the people whom it is about (RGPD articles 13, 15, 21 and 22), in French. Of the others
 * of the household it says who they are and how much they count, not what for.
 */
export const rightsOf = (told: ToldRequest): RightsSection[] => [
  { title: 'Votre demande', lines: requestLines(told) },
  { title: 'Votre priorité', lines: priorityLines(told) },
  { title: 'Pourquoi', lines: reasonLines(told) },
  { title: 'Votre attente', lines: waitingLines(told) },
  {
    title: 'Ce qui a été fait',
    lines: [
      `${times(told.proposals, 'proposition faite à un médecin', 'propositions faites à des médecins')}, ${times(told.contacts, 'tentative de vous joindre', 'tentatives de vous joindre').toLowerCase()}.`,
    ],
  },
  {
    title: 'Qui décide',
    lines: [
      'Un programme calcule des propositions. Une personne, le coordinateur de la CPTS, les relit, les modifie s’il le faut et les publie ; rien n’est décidé par la machine seule (RGPD, article 22).',
      'Le médecin accepte ou refuse, pour un motif admis et enregistré. Vous êtes libre de votre choix : un médecin n’est le vôtre que si vous êtes d’accord et le déclarez.',
      `Avant son accord, un médecin ne sait ni votre nom ni votre adresse. Il voit ${SHOWN_BEFORE}.`,
      'Après son accord, il voit les noms, dates de naissance et coordonnées de ceux qu’il a acceptés, et ce qui compte pour leur priorité.',
    ],
  },
  { title: 'Vos droits', lines: rightsLines(told) },
]

const STYLE = `
@page { size: A4; margin: 18mm 20mm }
* { box-sizing: border-box }
body { font: 11pt/1.45 system-ui, 'Liberation Sans', Arial, sans-serif; color: #111; margin: 0 auto; max-width: 170mm }
h1 { font-size: 16pt; margin: 0 0 4mm }
h2 { font-size: 12pt; margin: 6mm 0 1.5mm; break-after: avoid }
ul { margin: 0; padding-left: 5mm }
li { margin: 0 0 1mm; break-inside: avoid }
footer { margin-top: 8mm; font-size: 9pt; color: #444 }
@media screen { body { padding: 6mm } }
`

/** Nothing but its own style: no script, nothing from elsewhere. */
export const RIGHTS_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** The same as a page to print on A4. */
export const rightsPage = (
  sections: readonly RightsSection[],
  community: string,
  printedOn: LocalDate,
): string => {
  const title = 'Votre demande de médecin traitant'
  const body = sections
    .map(
      ({ title: head, lines }) =>
        `<h2>${escapeHtml(head)}</h2>\n<ul>\n${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('\n')}\n</ul>`,
    )
    .join('\n')
  return `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
${body}
<footer>${escapeHtml(community)} · édité le ${dateText(printedOn)}</footer>
</body>
</html>
`
}
