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
] as const
export type EventType = (typeof EVENT_TYPES)[number]
