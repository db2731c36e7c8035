import type { Refusal } from '../../../kernel/refusal.ts'
import type { PriorityClass } from '../../vocabulary.ts'
import type { Candidate, PartyExplanation } from '../solver/explain.ts'
import type { Household, Placement, Problem } from '../solver/model.ts'
import { byRank } from '../solver/order.ts'
import type { Comparison, Move } from '../solver/compare.ts'
import type { Reason, Solution } from '../solver/solution.ts'
import type { WhatIf } from '../solver/what-if.ts'
import {
  kmText,
  practitionersText,
  textOfConstraint,
  textOfLifting,
  textOfMisfit,
  textOfPlaced,
  textOfUnplaced,
  wordedReasons,
  type Lifting,
  type WordedReason,
} from '../wording/rules.ts'

/** The name of a practitioner, by id. */
export type NameOf = (practitionerId: string) => string

export interface CandidateView {
  readonly members: readonly number[]
  readonly practitionerId: string
  readonly name: string
  readonly km: number
  readonly outcome: Candidate['outcome']
  /** The first that is asked; null: none. */
  readonly constraint: Candidate['constraints'][number] | null
  readonly constraints: Candidate['constraints']
  readonly text: string
}

export interface HelpView {
  readonly practitionerId: string
  readonly name: string
  /** Who would be placed with one place more there. */
  readonly requestId: string
  readonly member: number
  readonly text: string
}

export interface PartyView {
  readonly members: readonly number[]
  readonly practitionerId: string | null
  readonly funnel: readonly WordedReason[]
  readonly fitting: number
  /** How many practitioners each constraint alone keeps apart. */
  readonly lifting: readonly (Lifting & { readonly text: string })[]
  readonly saturation: {
    readonly practitioners: readonly string[]
    readonly occupants: number
    readonly locked: number
    readonly lastRank: number | null
    readonly text: string
  } | null
  readonly helps: readonly HelpView[]
  readonly partly: readonly {
    readonly practitionerId: string
    readonly name: string
    readonly people: number
  }[]
  readonly text: string
}

export interface ExplanationView {
  readonly requestId: string
  readonly class: PriorityClass
  readonly rank: number
  readonly weeks: number
  readonly points: number
  readonly candidates: readonly CandidateView[]
  readonly parties: readonly PartyView[]
  readonly text: string
}

/** Of who said nothing, nothing else is known that would keep them apart. */
const knownConstraints = ({ constraints }: Candidate): Candidate['constraints'] =>
  constraints[0] === 'no_intake' ? ['no_intake'] : constraints

const OUTCOME_TEXTS: Record<Exclude<Candidate['outcome'], 'excluded'>, string> = {
  chosen: 'proposé',
  full: 'possible mais complet',
  free: 'possible, mais un autre est plus proche ou moins chargé',
}

const textOfCandidate = (candidate: Candidate): string =>
  candidate.outcome === 'excluded'
    ? knownConstraints(candidate).map(textOfConstraint).join(', ')
    : OUTCOME_TEXTS[candidate.outcome]

const ranksOf = (problem: Problem): ReadonlyMap<string, number> =>
  new Map([...problem.households].sort(byRank).map(({ id }, index) => [id, index + 1]))

const textOfSaturation = (practitioners: number, occupants: number, locked: number): string =>
  `${practitionersText(practitioners)} ${practitioners > 1 ? 'pourraient' : 'pourrait'} servir, directement ou en déplaçant d’autres personnes : ${
    practitioners > 1 ? 'tous sont complets' : 'il est complet'
  }, et ${
    occupants > 1 ? `les ${occupants} personnes qui y sont passent` : 'la personne qui y est passe'
  } avant${locked > 0 ? `, dont ${locked} par choix de la coordination` : ''}.`

const helpsOf = (party: PartyExplanation, nameOf: NameOf): HelpView[] =>
  party.helps.map(({ practitionerId, householdId, member }) => {
    const name = nameOf(practitionerId)
    const isOwn = householdId === party.householdId && party.members.includes(member)
    return {
      practitionerId,
      name,
      requestId: householdId,
      member,
      text: isOwn
        ? `Une place de plus chez ${name} serait pour cette personne.`
        : `Une place de plus chez ${name} irait d’abord à une personne qui passe avant.`,
    }
  })

const saturationOf = (
  { saturation }: PartyExplanation,
  ranks: ReadonlyMap<string, number>,
): PartyView['saturation'] => {
  if (saturation === null) return null
  const { practitioners, occupants, locked, last } = saturation
  return {
    practitioners,
    occupants,
    locked,
    lastRank: last === null ? null : (ranks.get(last.householdId) ?? null),
    text: textOfSaturation(practitioners.length, occupants, locked),
  }
}

/** Why the one who was chosen; undefined when nobody was. */
const textOfChosen = (
  { candidates }: PartyExplanation,
  { urgency, weeks, lock }: Household,
  rank: number,
): string | undefined => {
  const chosen = candidates.find(({ outcome }) => outcome === 'chosen')
  if (!chosen) return undefined
  const fitting = candidates.filter(({ constraints }) => constraints.length === 0)
  return textOfPlaced({
    class: urgency,
    km: chosen.km,
    why: {
      rank,
      weeks,
      candidates: fitting.length,
      nearer: fitting.filter(({ km }) => km < chosen.km).length,
      locked: lock?.practitionerId === chosen.practitionerId,
    },
  })
}

const partyView = (
  party: PartyExplanation,
  household: Household,
  because: readonly Reason[],
  ranks: ReadonlyMap<string, number>,
  nameOf: NameOf,
): PartyView => {
  const saturation = saturationOf(party, ranks)
  const lifting = party.lifting.map((one) => ({ ...one, text: textOfLifting(one) }))
  const [best] = lifting
  const text =
    textOfChosen(party, household, ranks.get(household.id) ?? 0) ??
    [
      textOfUnplaced(because),
      ...(saturation ? [saturation.text] : []),
      ...(best && household.lock === null ? [`${best.text}.`] : []),
    ].join(' ')
  return {
    members: party.members,
    practitionerId: party.practitionerId,
    funnel: wordedReasons(party.funnel),
    fitting: party.fitting,
    lifting,
    saturation,
    helps: helpsOf(party, nameOf),
    partly: party.partly.map((one) => ({ ...one, name: nameOf(one.practitionerId) })),
    text,
  }
}

/** Why a household is where it is, or nowhere: against every practitioner, as data and in sentences. */
export const explanationOf = (
  problem: Problem,
  solution: Solution,
  parties: readonly PartyExplanation[],
  nameOf: NameOf,
): ExplanationView => {
  const [first] = parties
  const household = problem.households.find(({ id }) => id === first?.householdId)
  if (!household) throw new Error('a household of the problem')
  const ranks = ranksOf(problem)
  const because = new Map(
    solution.unplaced
      .filter(({ householdId }) => householdId === household.id)
      .map(({ member, because: reasons }) => [member, reasons]),
  )
  const views = parties.map((party) =>
    partyView(party, household, because.get(party.members[0] ?? 0) ?? [], ranks, nameOf),
  )
  return {
    requestId: household.id,
    class: household.urgency,
    rank: ranks.get(household.id) ?? 0,
    weeks: household.weeks,
    points: household.points,
    candidates: parties.flatMap(({ members, candidates }) =>
      candidates.map((one) => ({
        members,
        practitionerId: one.practitionerId,
        name: nameOf(one.practitionerId),
        km: one.km,
        outcome: one.outcome,
        constraint: one.constraints[0] ?? null,
        constraints: knownConstraints(one),
        text: textOfCandidate(one),
      })),
    ),
    parties: views,
    text: [...new Set(views.map(({ text }) => text))].join(' '),
  }
}

export interface MoveView extends Omit<Move, 'householdId'> {
  readonly requestId: string
}

export interface PlacementView extends Omit<Placement, 'householdId'> {
  readonly requestId: string
}

export interface ComparisonView {
  readonly moved: readonly MoveView[]
  readonly placed: readonly PlacementView[]
  readonly unplaced: readonly PlacementView[]
  readonly km: number
}

const asRequest = <T extends { readonly householdId: string }>({ householdId, ...one }: T) => ({
  requestId: householdId,
  ...one,
})

/** A comparison with the ids of requests. */
export const comparisonOf = ({ moved, placed, unplaced, km }: Comparison): ComparisonView => ({
  moved: moved.map(asRequest),
  placed: placed.map(asRequest),
  unplaced: unplaced.map(asRequest),
  km,
})

const peopleText = (count: number, one: string, several: string): string =>
  count > 1 ? `${count} personnes ${several}` : `${count} personne ${one}`

const signedKm = (km: number): string => (km < 0 ? `−${kmText(-km)}` : `+${kmText(km)}`)

/** What a comparison comes to, in one sentence. */
export const textOfComparison = ({ moved, placed, unplaced, km }: ComparisonView): string => {
  const parts = [
    moved.length > 0 ? peopleText(moved.length, 'change de médecin', 'changent de médecin') : '',
    placed.length > 0 ? peopleText(placed.length, 'trouve une place', 'trouvent une place') : '',
    unplaced.length > 0 ? peopleText(unplaced.length, 'perd sa place', 'perdent leur place') : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'Rien ne change.' : `${parts.join(', ')} ; ${signedKm(km)} en tout.`
}

export interface WhatIfView extends ComparisonView {
  readonly forbidden: WhatIf['forbidden']
  readonly text: string
}

/** What would change if a household were with a practitioner, in words that tell the household from the others. */
export const whatIfOf = (requestId: string, found: WhatIf): WhatIfView => {
  const comparison = comparisonOf(found)
  const isOther = (one: { readonly requestId: string }) => one.requestId !== requestId
  const others = {
    moved: comparison.moved.filter(isOther),
    placed: comparison.placed.filter(isOther),
    unplaced: comparison.unplaced.filter(isOther),
    km: comparison.km,
  }
  const isQuiet = others.moved.length + others.placed.length + others.unplaced.length === 0
  return {
    ...comparison,
    forbidden: found.forbidden,
    text:
      found.forbidden !== null
        ? `Impossible : ${textOfMisfit(found.forbidden)}.`
        : isQuiet
          ? `Personne d’autre ne changerait ; ${signedKm(comparison.km)} en tout.`
          : `Pour les autres : ${textOfComparison(others)}`,
  }
}

/** Refuses to compare what is not of one CPTS: as if the other were not there. */
export const refuseOther = (a: { communityId: string }, b: { communityId: string }): Refusal | null =>
  a.communityId === b.communityId ? null : { code: 'not_found', detail: 'Répartition introuvable.' }
