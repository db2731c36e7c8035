import { createHash } from 'node:crypto'
import { dateText, type LocalDate } from '../../../kernel/civil.ts'
import { escapeHtml } from '../../../gardes/exports/page/rules.ts'
import { weeksToClass1, type AllocationRules, type Lack } from '../../grid/rules.ts'
import type { GridRule, PointsLine, PriorityClass, RequestState } from '../../vocabulary.ts'

/** What a person is told of their request. */
export interface ToldRequest {
  readonly community: string
  readonly names: readonly string[]
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

const personOf = (told: ToldRequest, member: number | undefined): string =>
  member === undefined || told.names.length < 2 ? '' : ` (${told.names[member] ?? ''})`

const priorityLines = (told: ToldRequest): string[] => {
  if (told.class !== null)
    return [
      `Priorité ${CLASS_WORDS[told.class]} : classe ${told.class} sur 5, la première étant la plus urgente.`,
    ]
  return [
    'Elle n’est pas encore classée : ce qui n’est pas connu n’est jamais compté comme un « non ».',
    'Dès que vous répondez, elle l’est. Il manque :',
    ...told.lacking.map(({ member, flag }) => `${RULE_WORDS[flag]}${personOf(told, member)} : oui ou non ?`),
  ]
}

const reasonLines = (told: ToldRequest): string[] => {
  const lines = told.points.map(
    ({ rule, points: count, member }) => `${RULE_WORDS[rule]}${personOf(told, member)} : ${points(count)}`,
  )
  const weeks = weeksToClass1(told.rules)
  return [
    ...(lines.length === 0 ? ['Rien ne donne de points aujourd’hui.'] : lines),
    told.rules.householdRank === 'mean' && told.names.length > 1
      ? `Moyenne du foyer, avec l’attente : ${points(told.total)}.`
      : `Total : ${points(told.total)}.`,
    `Les classes 1 à 4 commencent à ${told.rules.classThresholds.join(', ')} points. Des soins palliatifs placent toujours en classe 1.`,
    ...(weeks === null
      ? []
      : [
          `L’attente compte chaque semaine : au plus tard ${weeks} semaines après la demande, toute demande est en classe 1.`,
        ]),
    told.rulesVersion === 0
      ? 'Ces points sont ceux de la grille par défaut.'
      : `Ces points sont ceux de la grille de la CPTS, version ${told.rulesVersion}.`,
  ]
}

/** The page of a request for the person whom it is about (RGPD articles 13, 15, 21 and 22), in French. */
export const rightsOf = (told: ToldRequest): RightsSection[] => [
  {
    title: 'Votre demande',
    lines: [
      `Pour ${told.names.join(', ')}.`,
      `Demande d’un médecin traitant reçue le ${dateText(told.askedOn)} (${told.community}), avec votre accord du ${dateText(told.consentOn)}.`,
      STATE_WORDS[told.state],
    ],
  },
  { title: 'Votre priorité', lines: priorityLines(told) },
  { title: 'Pourquoi', lines: reasonLines(told) },
  {
    title: 'Votre attente',
    lines: [
      `Vous attendez depuis ${waitingBand(told.weeks)}.`,
      'Votre ancienneté ne change jamais, quelles que soient les réponses.',
    ],
  },
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
      'Avant son accord, un médecin ne sait pas qui vous êtes : il voit une tranche d’âge, une commune et des besoins.',
    ],
  },
  {
    title: 'Vos droits',
    lines: [
      'Compléter ou corriger : dites au coordinateur ce qui a changé ; votre demande est reclassée aussitôt et garde son ancienneté.',
      'Demander une explication, contester le classement ou vous opposer : adressez-vous au coordinateur, qui l’examine lui-même.',
      'Retirer votre accord : à tout moment ; la demande est retirée et votre identité effacée aussitôt.',
      'Être effacé : à tout moment, sur demande ; sinon un an après la fin de la demande.',
      'Savoir qui a vu vos données : chaque consultation est inscrite dans un journal gardé un an.',
      'Si la réponse ne vous convient pas, vous pouvez saisir la CNIL (www.cnil.fr).',
    ],
  },
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
