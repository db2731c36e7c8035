import type { Actor } from '../kernel/ctx.ts'
import type { Refusal } from '../kernel/refusal.ts'
import { DAY, type Instant } from '../kernel/time.ts'
import type { Audience, Offer, SlotStatus } from './vocabulary.ts'

/** Refuses an interval that is empty, reversed, longer than 24 h, or that starts before now. */
export const refuseInterval = (start: Instant, end: Instant, now: Instant): Refusal | null => {
  if (end <= start) return invalidInterval('La fin doit suivre le début.', 'end')
  if (end - start > DAY) return invalidInterval('Un créneau dure 24 heures au plus.', 'end')
  if (start < now) return invalidInterval('Le début est passé.', 'start')
  return null
}

const invalidInterval = (detail: string, member: string): Refusal => ({
  code: 'invalid_interval',
  detail,
  path: [member],
})

/** Refuses a slot that would share time with another of the same practitioner. */
export const refuseOverlap = (other: { readonly id: string } | undefined): Refusal | null =>
  other
    ? {
        code: 'slot_overlap',
        detail: `Ce praticien a déjà le créneau ${other.id} à cette heure.`,
        facts: { slotId: other.id },
      }
    : null

export interface SlotState {
  readonly start: Instant
  readonly capacity: number
  readonly withdrawnAt: Instant | null
}

/** A slot's status: withdrawn for good; else past once it has started; else full when every seat is taken. */
export const statusOf = (slot: SlotState, taken: number, now: Instant): SlotStatus => {
  if (slot.withdrawnAt !== null) return 'withdrawn'
  if (slot.start <= now) return 'past'
  return taken >= slot.capacity ? 'full' : 'open'
}

/** What happens to a slot, from which status to which; `none` is no row. The code and the diagram read this table. */
export const SLOT_TRANSITIONS = {
  publish: { from: ['none'], to: 'open' },
  fill: { from: ['open'], to: 'full' },
  free: { from: ['full'], to: 'open' },
  begin: { from: ['open', 'full'], to: 'past' },
  withdraw: { from: ['open', 'full', 'past'], to: 'withdrawn' },
} as const satisfies Record<string, { from: readonly (SlotStatus | 'none')[]; to: SlotStatus }>

/** A slot is withdrawn once. */
export const refuseWithdrawal = (status: SlotStatus): Refusal | null =>
  (SLOT_TRANSITIONS.withdraw.from as readonly string[]).includes(status)
    ? null
    : { code: 'already_withdrawn', detail: 'Ce créneau est déjà retiré.' }

/** Audiences that include an actor whatever the slot's CPTS; `CPTS` depends on the slot and is judged apart. */
export const audiencesOf = (actor: Actor): readonly Audience[] => {
  if (actor.kind === 'system' || actor.role === 'admin') return ['PUBLIC', 'PRO', 'SNP', 'CPTS']
  switch (actor.role) {
    // A régulateur is a professional too; the CPTS audience is its members' own.
    case 'regulator':
      return ['PUBLIC', 'PRO', 'SNP']
    case 'practitioner':
      return ['PUBLIC', 'PRO']
    default:
      return []
  }
}

/** The CPTS through whose audience an actor sees slots. */
export const communitiesSeenBy = (actor: Actor): readonly string[] =>
  actor.kind === 'key' && actor.role === 'practitioner' ? actor.communityIds : []

/** Whether the offer is open to the actor (ANS TRE_R314: codes add up, `CPTS` means the CPTS named on the slot). */
export const isOfferedTo = (actor: Actor, offer: Pick<Offer, 'audiences' | 'communityIds'>): boolean =>
  offer.audiences.some((audience) => audiencesOf(actor).includes(audience)) ||
  (offer.audiences.includes('CPTS') && offer.communityIds.some((id) => communitiesSeenBy(actor).includes(id)))
