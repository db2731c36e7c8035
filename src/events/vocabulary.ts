/** What can happen, as `subject.verb` in the past. Only ever append: readers keep them for ever. */
export const EVENT_TYPES = [
  'territory.created',
  'communes.loaded',
  'community.created',
  'community.updated',
  'practitioner.created',
  'practitioner.updated',
  'site.added',
  'key.created',
  'key.rotated',
  'key.revoked',
  'slot.published',
  'slots.published',
  'slot.withdrawn',
  'series.created',
  'series.extended',
  'series.ended',
  'booking.created',
  'booking.cancelled',
  'hold.created',
  'hold.extended',
  'hold.released',
  'hold.expired',
  'booking.moved',
  'booking.outcome_recorded',
  'booking.acknowledged',
  'coverage_plan.set',
  'series.edited',
  'identity.erased',
  'access_log.purged',
  'key_ring.rotated',
  'slot.released',
  'en_sus_rules.set',
  'en_sus.requested',
  'en_sus.wave_started',
  'en_sus.declined',
  'en_sus.accepted',
  'en_sus.closed',
  'en_sus.expired',
  'webhook.created',
  'webhook.deleted',
  'webhook.delivery_failed',
  'webhook.replayed',
  'notice_preferences.set',
  'feed.created',
  'feed.revoked',
  'slots.imported',
  'sector.created',
  'sector.updated',
  'shift_types.set',
  'sector_members.set',
  'restriction.added',
  'restriction.ended',
  'wish.added',
  'wish.removed',
  'absence.added',
  'absence.removed',
  'rota.created',
  'rota.generated',
  'rota.transitioned',
  'rota.changed',
  'rota.alarm',
  'swap.asked',
  'swap.accepted',
  'swap.done',
  'swap.declined',
  'swap.cancelled',
  'swap.expired',
  'rota.deleted',
  'allocation_rules.set',
  'mt_request.created',
  'mt_request.updated',
  'mt_request.member_added',
  'mt_request.member_left',
  'mt_requests.imported',
  'mt_request.classed',
  'mt_request.reminded',
  'mt_request.escalated',
  'mt_request.contacted',
  'mt_request.unreachable',
  'mt_request.reopened',
  'mt_request.withdrawn',
  'mt_request.erased',
  'intake.set',
  'allocation.simulated',
  'allocation.adjusted',
  'allocation.published',
  'allocation.discarded',
  'proposal.sent',
  'proposal.reminded',
  'proposal.stale',
  'proposal.accepted',
  'proposal.refused',
  'proposal.expired',
  'proposal.contacted',
  'proposal.declined',
  'proposal.unreachable',
  'proposal.declared',
  'proposal.withdrawn',
  'proposal.erased',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

const ofFamilies = (...families: readonly string[]): readonly EventType[] =>
  EVENT_TYPES.filter((type) => families.some((family) => type.startsWith(`${family}.`)))

/** What regulation is told whoever it is about: what can be booked, who is asked en sus, and who works where. */
export const REGULATION_TYPES = ofFamilies(
  'slot',
  'slots',
  'series',
  'en_sus',
  'practitioner',
  'site',
  'community',
)

/** What regulation is told when it is its own: of bookings and holds by the SAS, not of a GP's for their own patient. */
export const BOOKING_TYPES = ofFamilies('booking')
export const HOLD_TYPES = ofFamilies('hold')

/** Those that name in `practitionerIds` whom they ask. */
export const ASKING_TYPES: readonly EventType[] = ['en_sus.requested', 'en_sus.wave_started']

/** What is told by the sector that it is of, to who manages it, and by the person whom it concerns. */
export const GARDE_TYPES = ofFamilies(
  'sector',
  'shift_types',
  'sector_members',
  'restriction',
  'wish',
  'absence',
  'rota',
  'swap',
)

/** What of a sector is told to everybody on its list; of changes, those that were offered to all of it. */
export const LIST_TYPES: readonly EventType[] = [
  'sector.created',
  'sector.updated',
  'shift_types.set',
  'sector_members.set',
  'rota.transitioned',
  'rota.changed',
  ...ofFamilies('swap'),
]

/** What coordinators are told by the CPTS that `data.communityId` names, whoever the practitioner is that it concerns. */
export const OF_COMMUNITY_TYPES = ofFamilies(
  'allocation_rules',
  'mt_request',
  'mt_requests',
  'allocation',
  'proposal',
)

/** Every type that a webhook may be told of. */
export const ALL_TYPES = '*'

/** What a webhook may be told of: not of webhooks and keys, which are how its owner comes in. */
export const WEBHOOK_TYPES = [
  ALL_TYPES,
  ...EVENT_TYPES.filter((type) => !/^(?:webhook|key)\./.test(type)),
] as const satisfies readonly (EventType | typeof ALL_TYPES)[]
export type WebhookType = (typeof WEBHOOK_TYPES)[number]
