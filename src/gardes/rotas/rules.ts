import { addDays, dateText, daysBetween, getLocalDate, type LocalDate } from '../../kernel/civil.ts'
import type { Actor } from '../../kernel/ctx.ts'
import type { Refusal } from '../../kernel/refusal.ts'
import { GRANDE_FETE, type Category, type RotaKind } from '../vocabulary.ts'
import type { RotaAlarm, RotaState, RotaWarning, TargetState } from './vocabulary.ts'

/** What a rota may become by hand or by time. `generate` is what the solver does. The code and the diagram read this table. */
export const ROTA_TRANSITIONS = {
  generate: { from: ['draft', 'generated', 'consultation'], to: 'generated' },
  consult: { from: ['draft', 'generated'], to: 'consultation' },
  validate: { from: ['consultation'], to: 'validated' },
  send: { from: ['validated'], to: 'sent_to_cdom' },
  publish: { from: ['sent_to_cdom'], to: 'published' },
  begin: { from: ['published'], to: 'in_force' },
  perform: { from: ['in_force'], to: 'performed' },
  close: { from: ['performed'], to: 'closed' },
  reopen: { from: ['generated', 'consultation', 'validated', 'sent_to_cdom'], to: 'draft' },
} as const satisfies Record<string, { from: readonly RotaState[]; to: RotaState }>

/** A daytime rota of a CPTS concerns no conseil de l’ordre: it is published once validated. */
const fromStates = (kind: RotaKind, to: TargetState): readonly RotaState[] => {
  if (kind === 'snp' && to === 'published') return ['validated']
  if (kind === 'snp' && to === 'sent_to_cdom') return []
  return Object.values(ROTA_TRANSITIONS)
    .filter((transition) => transition.to === to)
    .flatMap((transition) => [...transition.from])
}

/** States in which a rota says who is on duty. */
export const PUBLIC_STATES: readonly RotaState[] = ['published', 'in_force', 'performed', 'closed']

/** States in which only those who make a rota see it. */
export const PRIVATE_STATES: readonly RotaState[] = ['draft', 'generated']

/** Published rotas that are still to be worked: what a regulator has a use for. */
export const RUNNING_STATES: readonly RotaState[] = ['published', 'in_force']

export const isPublic = (state: RotaState): boolean => PUBLIC_STATES.includes(state)

/** How somebody stands to a sector: manages it, or is on its list. */
export interface Standing {
  readonly isManager: boolean
  readonly isMember: boolean
}

/**
 * Whether a rota is shown: one in the making to who manages its sector, to the sector's members from consultation on, and
 * to everybody once it is published; to a regulator as long as it is to be worked (product decision, ADR 0006).
 */
export const isRotaShown = (
  actor: Actor,
  { isManager, isMember }: Standing,
  rota: { readonly state: RotaState; readonly to: LocalDate },
  today: LocalDate,
): boolean => {
  if (isManager) return true
  if (isMember && !PRIVATE_STATES.includes(rota.state)) return true
  if (actor.kind === 'key' && actor.role === 'regulator')
    return RUNNING_STATES.includes(rota.state) && rota.to >= today
  return isPublic(rota.state)
}

export interface RotaPeriod {
  readonly kind: RotaKind
  readonly state: RotaState
  readonly from: LocalDate
  readonly to: LocalDate
}

/** Refuses a step out of order, or one that waits for a day which has not come. */
export const refuseRotaTransition = (rota: RotaPeriod, to: TargetState, today: LocalDate): Refusal | null => {
  const invalid = (detail: string): Refusal => ({
    code: 'invalid_transition',
    detail,
    facts: { state: rota.state, to },
  })
  if (!fromStates(rota.kind, to).includes(rota.state))
    return invalid(`Un tableau « ${rota.state} » ne devient pas « ${to} ».`)
  if (to === 'in_force' && today < rota.from) return invalid('La période du tableau n’a pas commencé.')
  if (to === 'performed' && today <= rota.to) return invalid('La période du tableau n’est pas finie.')
  return null
}

/** The first reminder, product decision: two weeks of slack before the CDOM's deadline. */
export const FIRST_ALARM_DAYS = 60
/** The table goes to the CDOM 45 days or more before it starts (R6315-2). */
const CDOM_DAYS = 45
/** It is published 10 days or more before it starts (R6315-2). */
const PUBLICATION_DAYS = 10
/** The list of who did the shifts is closed one month at most after the end (R6315-4), counted as 30 days. */
const CLOSING_DAYS = 30

/** What is late when the step is taken today: told, never refused, for a late table is better than none. */
export const lateness = (rota: RotaPeriod, to: TargetState, today: LocalDate): RotaWarning[] => {
  const left = daysBetween(today, rota.from)
  if (to === 'sent_to_cdom' && left < CDOM_DAYS) return ['late_cdom']
  if (to === 'published' && left < PUBLICATION_DAYS) return ['late_publication']
  if (to === 'closed' && daysBetween(rota.to, today) > CLOSING_DAYS) return ['late_closing']
  return []
}

const NOT_SENT: readonly RotaState[] = ['draft', 'generated', 'consultation', 'validated']

/** The reminders that are due today: what should be done by then is not. */
export const alarmsDue = (rota: RotaPeriod, today: LocalDate): RotaAlarm[] => {
  const left = daysBetween(today, rota.from)
  const alarms: RotaAlarm[] = []
  const isNotSent = NOT_SENT.includes(rota.state)
  const isNotPublished = isNotSent || rota.state === 'sent_to_cdom'
  if (left <= FIRST_ALARM_DAYS && isNotSent && rota.state !== 'validated') alarms.push('start_minus_60')
  if (left <= CDOM_DAYS && isNotSent && rota.kind === 'garde') alarms.push('start_minus_45')
  if (left <= PUBLICATION_DAYS && isNotPublished) alarms.push('start_minus_10')
  if (daysBetween(rota.to, today) >= CLOSING_DAYS && rota.state !== 'closed') alarms.push('end_plus_30')
  return alarms
}

/** Three calendar months on, kept within the month: 30 November and three months is 28 February. */
const addMonths = (date: LocalDate, months: number): LocalDate => {
  const month = Number(date.slice(5, 7)) - 1 + months
  const year = Number(date.slice(0, 4)) + Math.floor(month / 12)
  const first = getLocalDate(`${year}-${String((month % 12) + 1).padStart(2, '0')}-01`)
  const next = addDays(first, 31)
  const length = daysBetween(first, getLocalDate(`${next.slice(0, 7)}-01`))
  return addDays(first, Math.min(Number(date.slice(8)), length) - 1)
}

/** A year and a little: what is planned further ahead is not known. */
const MOST_DAYS = 400

/** A table of gardes covers three months or more (R6315-2), unless it is said to be exceptional; 400 days at most. */
export const refusePeriod = (
  kind: RotaKind,
  from: LocalDate,
  to: LocalDate,
  isExceptional: boolean,
): Refusal | null => {
  if (to < from) return { code: 'invalid_interval', detail: 'La fin précède le début.', path: ['to'] }
  if (daysBetween(from, to) >= MOST_DAYS)
    return { code: 'invalid_interval', detail: 'Un tableau couvre 400 jours au plus.', path: ['to'] }
  if (kind === 'garde' && !isExceptional && addDays(to, 1) < addMonths(from, 3))
    return {
      code: 'rota_too_short',
      detail: 'Un tableau de garde couvre trois mois ou plus.',
      path: ['to'],
    }
  return null
}

/** A sector has one rota for a day. Says which is in the way. */
export const refuseRotaOverlap = (
  other: { readonly id: string; readonly from: LocalDate; readonly to: LocalDate } | undefined,
): Refusal | null =>
  other
    ? {
        code: 'rota_overlap',
        detail: `Un tableau du secteur couvre déjà du ${dateText(other.from)} au ${dateText(other.to)}.`,
        facts: { rotaId: other.id },
        path: ['from'],
      }
    : null

/** What one commit can write and one page of history hold. A sector of four posts has some 2,000 places a year. */
export const MOST_PLACES = 5_000

/** Refuses a period that is not within the dates of the sector. */
export const refuseOutside = (
  sector: { readonly validFrom: LocalDate | null; readonly validTo: LocalDate | null },
  from: LocalDate,
  to: LocalDate,
): Refusal | null =>
  (sector.validFrom !== null && from < sector.validFrom) || (sector.validTo !== null && to > sector.validTo)
    ? {
        code: 'invalid_interval',
        detail: 'Le secteur n’existe pas pendant toute la période.',
        path: ['from'],
      }
    : null

/** Only a rota that nobody was shown is thrown away. */
export const refuseDeletion = (state: RotaState): Refusal | null =>
  state === 'draft'
    ? null
    : {
        code: 'invalid_transition',
        detail: 'Seul un tableau à l’état de brouillon se supprime.',
        facts: { state },
      }

/** What a shift counts for: its category, and the four days beside it. */
export const classesOfShift = (shift: {
  readonly category: Category
  readonly isGrandeFete: boolean
}): string[] => (shift.isGrandeFete ? [shift.category, GRANDE_FETE] : [shift.category])

/** Who has a place: planned, and who does it in their stead, of the territory or from outside. */
export interface Holding {
  readonly titulaireId: string | null
  readonly executantId: string | null
  readonly outsideName: string | null
}

/** Who does a place and gets the credit: whoever does it in the titulaire's stead, who may be from outside, or the titulaire. */
export const doerOf = (place: Holding): string | null =>
  place.executantId ?? (place.outsideName === null ? place.titulaireId : null)

/** Whether nobody is to do a place. */
export const isEmpty = (place: Holding): boolean => doerOf(place) === null && place.outsideName === null

/** A place as a version keeps it. */
export interface KeptPlace {
  readonly shiftId: string
  readonly place: number
  readonly titulaireId: string | null
  /** Who does it when not the titulaire: an id, or a name from outside. */
  readonly executant: string | null
}

export interface PlaceChange {
  readonly shiftId: string
  readonly place: number
  readonly from: string | null
  readonly to: string | null
}

/** Places that somebody else does in the later of two versions, by who does them. */
export const changesBetween = (before: readonly KeptPlace[], after: readonly KeptPlace[]): PlaceChange[] => {
  const doer = (place: KeptPlace) => place.executant ?? place.titulaireId
  const keyOf = ({ shiftId, place }: KeptPlace) => `${shiftId}/${place}`
  const was = new Map(before.map((place) => [keyOf(place), doer(place)]))
  return after.flatMap((place) => {
    const from = was.get(keyOf(place)) ?? null
    const to = doer(place)
    return from === to ? [] : [{ shiftId: place.shiftId, place: place.place, from, to }]
  })
}
