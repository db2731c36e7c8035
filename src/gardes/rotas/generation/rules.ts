import type { Refusal } from '../../../kernel/refusal.ts'
import type { Rota } from '../../solver/generate.ts'
import type { EquityClass } from '../../vocabulary.ts'
import { asClass, byClass, inShifts, linesOf, type LedgerLine } from '../ledger/rules.ts'
import { isOutsider } from '../problem/rules.ts'
import { ROTA_TRANSITIONS, RUNNING_STATES } from '../rules.ts'
import type { LEVELS, Relief, RotaState, ShiftRule } from '../vocabulary.ts'

/**
 * A rota is generated until the sector validates it; once published it may be generated anew for what is to come, which
 * keeps what was published but where a rule needs otherwise. What has been validated and not yet published goes back to
 * the draft first.
 */
export const refuseGeneration = (rota: { readonly state: RotaState }): Refusal | null => {
  const allowed: readonly RotaState[] = [...ROTA_TRANSITIONS.generate.from, ...RUNNING_STATES]
  return allowed.includes(rota.state)
    ? null
    : {
        code: 'invalid_transition',
        detail: `Un tableau « ${rota.state} » ne se génère pas.`,
        facts: { state: rota.state, to: 'generated' },
      }
}

export const GENERATION_RUNNING: Refusal = {
  code: 'generation_running',
  detail: 'Une génération de ce tableau est en cours.',
}

/** Each hard rule as a coordinator would say that it keeps somebody from a shift. */
const RULE_TEXTS: Record<ShiftRule, (limits: TextLimits) => string> = {
  role: () => 'ne tient pas ce rôle',
  membership: () => 'pas sur la liste du secteur à cette date',
  restriction: () => 'dispensé de ce type de garde',
  absence: () => 'absent',
  busy: () => 'a des créneaux de consultation à cette heure',
  one_place: () => 'déjà de garde à cette heure',
  rest: ({ restHours }) => `repos de ${restHours} h non respecté`,
  consecutive: () => 'plus de 12 h de garde d’affilée',
  max_7_days: () => 'maximum de gardes sur 7 jours atteint',
  max_28_days: () => 'maximum de gardes sur 28 jours atteint',
  personal_cap: () => 'plafond personnel atteint',
}

const RELIEF_TEXTS: Record<Relief, string> = {
  rest_9_hours: 'un repos ramené à 9 h',
  max_7_days_plus_1: 'une garde de plus permise sur 7 jours',
  max_28_days_plus_1: 'une garde de plus permise sur 28 jours',
  personal_cap_plus_1: 'un plafond personnel relevé d’une garde',
  one_more_member: 'un praticien de plus sur la liste',
  headcount_minus_1: 'une place de moins sur cette garde',
}

interface TextLimits {
  readonly restHours: number
}

/** What keeps somebody from a shift, in words. Nobody is kept by nothing: they serve better elsewhere. */
export const textOfRules = (rules: readonly ShiftRule[], limits: TextLimits): string =>
  rules.length === 0
    ? 'disponible, mais pris ailleurs'
    : rules.map((rule) => RULE_TEXTS[rule](limits)).join(', ')

/** Why nobody takes a place: how many each rule keeps from it, the commonest first; a person counts for each. */
export const textOfPlace = (
  because: readonly { readonly rules: readonly ShiftRule[] }[],
  limits: TextLimits,
): string => {
  if (because.length === 0) return 'Personne n’est sur la liste du secteur.'
  const counts = new Map<string, number>()
  for (const { rules } of because)
    for (const text of rules.length === 0
      ? [textOfRules([], limits)]
      : rules.map((rule) => RULE_TEXTS[rule](limits)))
      counts.set(text, (counts.get(text) ?? 0) + 1)
  const reasons = [...counts]
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([text, count]) => `${text} (${count})`)
  const nobody =
    because.length === 1 ? 'Le seul praticien ne peut pas' : `Aucun des ${because.length} praticiens`
  return `${nobody} : ${reasons.join(' ; ')}.`
}

/** What would fill a place, in words. */
export const textOfReliefs = (reliefs: readonly Relief[]): string | null =>
  reliefs.length === 0 ? null : `Aiderait : ${reliefs.map((relief) => RELIEF_TEXTS[relief]).join(' ; ')}.`

/** People named with their reasons in one answer: beyond, places are counted and summed up only. */
export const MOST_REASONS = 2_000

/** What is shown of a generation. Figures of equity are in shifts. */
export interface GenerationView {
  readonly filled: number
  readonly unfilled: {
    readonly shiftId: string
    readonly place: number
    readonly text: string
    readonly helps: Relief[]
    readonly helpsText: string | null
    readonly because: {
      readonly practitionerId: string
      readonly name: string
      readonly rules: ShiftRule[]
      readonly text: string
    }[]
  }[]
  readonly ledger: LedgerLine[]
  readonly spread: {
    readonly category: EquityClass
    readonly value: number
    readonly bound: number
  }[]
  readonly optimal: boolean
  readonly bound: number
  readonly levels: {
    readonly name: (typeof LEVELS)[number]
    readonly value: number
    readonly bound: number
    readonly optimal: boolean
  }[]
  readonly stopped: boolean
}

/** What the solver found, as it is shown. */
export const viewOfRota = (
  rota: Rota,
  { isStopped, ...limits }: TextLimits & { readonly isStopped: boolean },
  nameOf: (practitionerId: string) => string,
): GenerationView => {
  let room = MOST_REASONS
  const equity = rota.levels.find(({ name }) => name === 'equity')
  // Places that outsiders hold, and those held by hand, are filled like others.
  return {
    filled: rota.cells.length,
    unfilled: rota.unfilled.map(({ shiftId, place, because, helps }) => {
      const shown = because.length <= room ? because : []
      room -= shown.length
      return {
        shiftId,
        place,
        text: textOfPlace(because, limits),
        helps: [...helps],
        helpsText: textOfReliefs(helps),
        because: shown.map(({ personId, rules }) => ({
          practitionerId: personId,
          name: nameOf(personId),
          rules: [...rules],
          text: textOfRules(rules, limits),
        })),
      }
    }),
    ledger: linesOf(
      rota.ledger
        .filter((line) => !isOutsider(line.personId))
        .map(({ personId, ...line }) => ({ ...line, practitionerId: personId })),
    ),
    spread: byClass(
      rota.spreads.map((one) => ({
        category: asClass(one.class),
        value: inShifts(one.value),
        bound: inShifts(one.bound),
      })),
    ),
    optimal: rota.isOptimal,
    bound: inShifts(equity?.bound ?? 0),
    levels: rota.levels.map(({ name, value, bound }) => {
      const unit = name === 'equity' ? inShifts : (number: number) => number
      return { name, value: unit(value), bound: unit(bound), optimal: value === bound }
    }),
    stopped: isStopped,
  }
}
