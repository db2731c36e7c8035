import type { Constraint } from '../solver/model.ts'
import type { Shown, ShownProposal, ShownUnplaced } from '../outcome/rules.ts'
import type { Reason } from '../solver/solution.ts'

export type ReasonCode = Reason['constraint']

/** What a practitioner is said to be that a reason takes away: one, and several. */
const REASON_TEXTS: Record<ReasonCode, readonly [one: string, several: string]> = {
  no_intake: ['n’a pas dit ce qu’il accueille', 'n’ont pas dit ce qu’ils accueillent'],
  closed: ['n’accueille personne en ce moment', 'n’accueillent personne en ce moment'],
  absent: ['absent ou sur le départ', 'absents ou sur le départ'],
  batch_open: ['n’a pas encore répondu à ses propositions', 'n’ont pas encore répondu à leurs propositions'],
  excluded: [
    'déjà sollicité sans suite pour cette demande, ou autre que le médecin du reste du foyer',
    'déjà sollicités sans suite pour cette demande, ou autres que le médecin du reste du foyer',
  ],
  distance: ['trop loin', 'trop loin'],
  age: ['n’accueille pas cet âge', 'n’accueillent pas cet âge'],
  home_visit: ['ne fait pas de visites à domicile', 'ne font pas de visites à domicile'],
  wheelchair: ['sans accès en fauteuil roulant', 'sans accès en fauteuil roulant'],
  language: ['ne parle pas la langue demandée', 'ne parlent pas la langue demandée'],
  doctor_sex: [
    'n’est pas du sexe demandé ou ne l’a pas dit',
    'ne sont pas du sexe demandé ou ne l’ont pas dit',
  ],
  no_places: ['sans assez de places pour cette demande', 'sans assez de places pour cette demande'],
  saturated: [
    'possible mais complet : ses places vont à des personnes qui passent avant',
    'possibles mais complets : leurs places vont à des personnes qui passent avant',
  ],
  block: [
    'possible mais sans assez de places pour tout le foyer',
    'possibles mais sans assez de places pour tout le foyer',
  ],
  locked: ['choisi par la coordination', 'choisis par la coordination'],
  locked_out: ['mis de côté par la coordination', 'mis de côté par la coordination'],
}

/** Why a practitioner is out of the question, in the words of a coordinator. */
export const textOfConstraint = (constraint: ReasonCode): string => REASON_TEXTS[constraint][0]

/** A reason with its count: « 92 trop loin ». */
export const textOfReason = ({ constraint, practitioners }: Reason): string => {
  const [one, several] = REASON_TEXTS[constraint]
  if (constraint === 'locked_out') return one
  return `${practitioners} ${practitioners > 1 ? several : one}`
}

export const practitionersText = (count: number): string =>
  count > 1 ? `${count} médecins` : `${count} médecin`

const LOCKS: readonly ReasonCode[] = ['locked', 'locked_out']

/** Why somebody is proposed to nobody, in one sentence. */
export const textOfUnplaced = (because: readonly Reason[]): string => {
  const [first, second] = because
  if (first === undefined) return 'La CPTS n’a aucun médecin généraliste.'
  if (first.constraint === 'locked_out') return 'Mis de côté dans cette répartition par la coordination.'
  if (first.constraint === 'locked')
    return `Le médecin choisi par la coordination ne convient pas : ${textOfConstraint(second?.constraint ?? 'no_places')}.`
  const reasons = because.filter(({ constraint }) => !LOCKS.includes(constraint))
  const all = reasons.reduce((sum, { practitioners }) => sum + practitioners, 0)
  return `${practitionersText(all)} : ${reasons.map(textOfReason).join(', ')}.`
}

/** One decimal, with the comma. */
export const kmText = (km: number): string => `${km.toFixed(1).replace('.', ',')} km`

export const weeksText = (weeks: number): string =>
  weeks === 0 ? 'moins d’une semaine d’attente' : `${weeks} semaine${weeks > 1 ? 's' : ''} d’attente`

/** Why this practitioner, in a sentence or two. */
export const textOfPlaced = ({ why, km, ...one }: Pick<ShownProposal, 'why' | 'km' | 'class'>): string => {
  const who = `Classe ${one.class}, ${weeksText(why.weeks)}, rang ${why.rank}.`
  if (why.locked) return `${who} Choix de la coordination, à ${kmText(km)}.`
  const among =
    why.candidates > 1
      ? why.nearer === 0
        ? `Le plus proche des ${why.candidates} médecins possibles`
        : `${why.nearer + 1}e plus proche des ${why.candidates} médecins possibles, les places plus proches servant mieux d’autres personnes ou l’équité`
      : 'Seul médecin possible'
  return `${who} ${among}, à ${kmText(km)}.`
}

/** What keeps one practitioner apart, said of them: « ce médecin est trop loin ». */
export const textOfMisfit = (constraint: Constraint): string => {
  const text = textOfConstraint(constraint)
  return `ce médecin ${/^(n’|ne )/u.test(text) ? '' : 'est '}${text}`
}

/** Why a lock is refused: what forbids it. */
export const textOfLockRefused = (constraint: Constraint): string =>
  `La règle ne permet pas ce choix : ${textOfMisfit(constraint)}.`

export interface WordedReason extends Reason {
  readonly text: string
}

export interface WordedProposal extends Omit<ShownProposal, 'points' | 'why'> {
  readonly why: ShownProposal['why'] & { readonly text?: string }
}

export interface WordedUnplaced extends Omit<ShownUnplaced, 'because'> {
  readonly because: readonly (Reason & { readonly text?: string })[]
  readonly text?: string
}

export interface Worded {
  readonly proposals: readonly WordedProposal[]
  readonly unplaced: readonly WordedUnplaced[]
}

/**
 * How many of either list are told in sentences in one answer, the first in rank; the others in codes. An answer is kept to
 * be repeated, and compressed has to stay well below what either engine holds in a row, with 6,000 requests as well.
 */
export const MOST_WORDED = 500

export const wordedReasons = (because: readonly Reason[]): WordedReason[] =>
  because.map((reason) => ({ ...reason, text: textOfReason(reason) }))

/** What is shown of an allocation, with the sentences. */
export const wordedOf = ({ proposals, unplaced }: Shown): Worded => ({
  proposals: proposals.map(({ points: _, why, ...one }, index) => ({
    ...one,
    why: index < MOST_WORDED ? { ...why, text: textOfPlaced({ ...one, why }) } : why,
  })),
  unplaced: unplaced.map((one, index) =>
    index < MOST_WORDED
      ? { ...one, because: wordedReasons(one.because), text: textOfUnplaced(one.because) }
      : one,
  ),
})

const LIFTING_TEXTS: Record<Constraint, string> = {
  no_intake: 'en disant ce qu’il accueille',
  closed: 'en ouvrant son accueil',
  absent: 'à son retour',
  batch_open: 'en répondant à ses propositions',
  excluded: 'si la paire n’était pas exclue',
  distance: 'si la distance admise était plus grande',
  age: 'en accueillant cet âge',
  home_visit: 'en faisant des visites à domicile',
  wheelchair: 'avec un accès en fauteuil roulant',
  language: 'si la langue n’était pas demandée',
  doctor_sex: 'si le sexe du médecin n’était pas demandé',
  no_places: 'avec assez de places',
}

/** How many a constraint alone keeps apart. */
export interface Lifting {
  readonly constraint: Constraint
  readonly practitioners: number
}

/** What lifting one constraint alone would open: « 12 médecins de plus si la distance admise était plus grande ». */
export const textOfLifting = ({ constraint, practitioners }: Lifting): string =>
  `${practitionersText(practitioners)} de plus ${LIFTING_TEXTS[constraint]}`
